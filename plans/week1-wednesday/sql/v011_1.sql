-- The three columns that 011 adds. The schema is named: a table of the same
-- name elsewhere would otherwise count twice.
select count(*) as columns_present
from pg_catalog.pg_attribute
where attrelid = to_regclass('public.agent_recommendations')
  and attname in ('workspace_id', 'outcome_status', 'outcome_quality_score')
  and not attisdropped;
