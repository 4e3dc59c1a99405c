-- Of the six columns that were there, every one whose type or NOT NULL is another now. Expected:
-- no row.
with wanted (name, type, required) as (
    values ('id', 'uuid', true), ('user_id', 'uuid', true), ('current_week', 'integer', true),
           ('current_phase', 'text', true), ('weekly_scores', 'jsonb', true),
           ('updated_at', 'timestamp with time zone', true)
)
select w.name, pg_catalog.format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required
from wanted as w
left join pg_catalog.pg_attribute as a
       on a.attrelid = 'public.plan_progress'::pg_catalog.regclass and a.attname = w.name and not a.attisdropped
where a.attname is null
   or pg_catalog.format_type(a.atttypid, a.atttypmod) <> w.type
   or a.attnotnull <> w.required
