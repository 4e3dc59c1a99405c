-- Q03: competitors in its one agreed shape: website is text, both keys exist
-- and were checked, and both read policies are active. Expected: 1.
select count(*) as competitors_as_agreed
from pg_catalog.pg_class t
where t.oid = to_regclass('public.competitors')
  and t.relrowsecurity
  and exists (select from pg_catalog.pg_attribute a
              where a.attrelid = t.oid and a.attname = 'website'
                and a.atttypid = 'text'::regtype and not a.attisdropped)
  and 2 = (select count(*) from pg_catalog.pg_constraint k
           where k.conrelid = t.oid and k.contype = 'f' and k.convalidated
             and k.conname in ('competitors_workspace_id_fkey', 'competitors_created_by_fkey'))
  and 2 = (select count(*) from pg_catalog.pg_policy p
           where p.polrelid = t.oid and p.polname in ('members read', 'workspace read'));
