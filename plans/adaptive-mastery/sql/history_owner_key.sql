-- The key of the new table into auth.users, with what happens when an account goes: c, CASCADE.
select confdeltype
from pg_catalog.pg_constraint
where conrelid = 'public.weekly_performance_history'::pg_catalog.regclass
  and confrelid = 'auth.users'::pg_catalog.regclass and contype = 'f' and convalidated
