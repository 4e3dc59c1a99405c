-- Q01: the three new columns of agent_recommendations, with the types that the
-- application reads. Expected: 3.
select count(*) as columns_as_agreed
from pg_catalog.pg_attribute
where attrelid = to_regclass('public.agent_recommendations')
  and not attisdropped
  and (attname, pg_catalog.format_type(atttypid, atttypmod), attnotnull) in (
        ('workspace_id',          'bigint',       true),
        ('outcome_status',        'text',         true),
        ('outcome_quality_score', 'numeric(5,2)', false));
