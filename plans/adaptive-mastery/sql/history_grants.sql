-- Which of the platform's roles may read the new table, by grant: authenticated, and
-- service_role, to which the platform opens every table. Not anon.
select string_agg(name, ' ' order by name)
from unnest(array['anon', 'authenticated', 'service_role']) as name
where has_table_privilege(name, 'public.weekly_performance_history', 'select')
