-- Of the four new columns, every one that has another type or default than agreed, or refuses
-- NULL. Expected: no row.
with wanted (name, type, preset) as (
    values ('last_assessment_date', 'date', null),
           ('week_extensions', 'integer', '0'),
           ('assessment_history', 'jsonb', $$'[]'::jsonb$$),
           ('progression_decisions', 'jsonb', $$'[]'::jsonb$$)
)
select w.name, pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid) as preset
from wanted as w
left join pg_catalog.pg_attribute as a
       on a.attrelid = 'public.plan_progress'::pg_catalog.regclass and a.attname = w.name and not a.attisdropped
left join pg_catalog.pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attname is null
   or a.attnotnull
   or pg_catalog.format_type(a.atttypid, a.atttypmod) <> w.type
   or pg_catalog.pg_get_expr(d.adbin, d.adrelid) is distinct from w.preset
