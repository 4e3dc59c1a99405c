-- How many of the three tables still lack a part of the shape that the
-- application expects. One conflict is one table, however much is missing.
with wanted (table_name, part, name) as (
    values
        ('agent_recommendations', 'column', 'workspace_id bigint not null'),
        ('agent_recommendations', 'column', 'outcome_status text not null'),
        ('agent_recommendations', 'column', 'outcome_quality_score numeric(5,2)'),
        ('agent_recommendations', 'key',    'agent_recommendations_workspace_id_fkey'),
        ('agent_recommendations', 'key',    'agent_recommendations_agent_id_fkey'),
        ('agent_recommendations', 'key',    'agent_recommendations_campaign_id_fkey'),
        ('agent_recommendations', 'policy', 'workspace read'),
        ('agent_trust_scores',    'column', 'workspace_id bigint not null'),
        ('agent_trust_scores',    'key',    'agent_trust_scores_workspace_id_fkey'),
        ('agent_trust_scores',    'key',    'agent_trust_scores_agent_id_fkey'),
        ('agent_trust_scores',    'policy', 'workspace read'),
        ('competitors',           'column', 'website text'),
        ('competitors',           'key',    'competitors_workspace_id_fkey'),
        ('competitors',           'key',    'competitors_created_by_fkey'),
        ('competitors',           'policy', 'workspace read')
),
-- A key counts only when it has been checked, a policy only where row-level
-- security is on: otherwise it is decoration.
present (table_name, part, name) as (
    select t.relname::text, 'column',
           a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod)
               || case when a.attnotnull then ' not null' else '' end
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_class t on t.oid = a.attrelid
    where t.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped
    union all
    select t.relname::text, 'key', k.conname::text
    from pg_catalog.pg_constraint k
    join pg_catalog.pg_class t on t.oid = k.conrelid
    where t.relnamespace = 'public'::regnamespace and k.contype = 'f' and k.convalidated
    union all
    select t.relname::text, 'policy', p.polname::text
    from pg_catalog.pg_policy p
    join pg_catalog.pg_class t on t.oid = p.polrelid
    where t.relnamespace = 'public'::regnamespace and t.relrowsecurity
)
select count(distinct w.table_name) as conflicts
from wanted w
where not exists (select from present p
                  where p.table_name = w.table_name and p.part = w.part and p.name = w.name);
