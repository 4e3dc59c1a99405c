-- How many columns plan_progress has: six before, ten after.
select count(*)
from pg_catalog.pg_attribute
where attrelid = 'public.plan_progress'::pg_catalog.regclass and attnum > 0 and not attisdropped
