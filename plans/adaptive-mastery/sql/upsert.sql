-- What would make the application's upsert of progress fail: no unique key on user_id alone, or
-- a column that must not be empty, has no default, and is not among those it writes. Expected:
-- no row.
select 'no unique key on user_id' as why
where not exists (select
                  from pg_catalog.pg_index as i
                  join pg_catalog.pg_attribute as a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
                  where i.indrelid = 'public.plan_progress'::pg_catalog.regclass
                    and i.indisunique and i.indisvalid and i.indpred is null
                    and i.indnkeyatts = 1 and a.attname = 'user_id')
union all
select 'it does not write ' || attname
from pg_catalog.pg_attribute
where attrelid = 'public.plan_progress'::pg_catalog.regclass and attnum > 0 and not attisdropped
  and attnotnull and not atthasdef
  and attname not in ('user_id', 'current_week', 'current_phase', 'weekly_scores')
