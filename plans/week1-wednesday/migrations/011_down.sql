-- Undo of 011: the catalog as it was before, column for column.
--
-- What it does not bring back:
--   * outcomes recorded after 011: outcome_status and outcome_quality_score go
--     with their columns. decision and rating were never touched.
--   * the gaps in agent_trust_scores.workspace_id: values that 011 filled in
--     stay. The old release does not read the column.
-- It stops, and changes nothing, if a website longer than 120 characters has
-- been stored since: shorten it by hand, nobody else can decide how.
--
-- One transaction, opened by whoever runs the file. Safe to run again.

drop policy if exists "workspace read" on public.competitors;

-- No USING here on purpose: an explicit cast would cut long values silently.
alter table public.competitors
    drop constraint if exists competitors_created_by_fkey,
    drop constraint if exists competitors_workspace_id_fkey,
    alter column website type varchar(120);

alter table public.agent_trust_scores disable row level security;

drop policy if exists "workspace read" on public.agent_trust_scores;

drop index if exists public.agent_trust_scores_workspace_id_idx;

alter table public.agent_trust_scores
    drop constraint if exists agent_trust_scores_agent_id_fkey,
    drop constraint if exists agent_trust_scores_workspace_id_fkey,
    alter column workspace_id drop not null;

alter table public.agent_recommendations disable row level security;

drop policy if exists "workspace read" on public.agent_recommendations;

drop index if exists public.agent_recommendations_workspace_id_idx;

alter table public.agent_recommendations
    drop constraint if exists agent_recommendations_campaign_id_fkey,
    drop constraint if exists agent_recommendations_agent_id_fkey,
    drop constraint if exists agent_recommendations_workspace_id_fkey;

-- The keys first, the columns then: the other way round a column takes its key
-- with it, and the DROP CONSTRAINT above would hide that.
alter table public.agent_recommendations
    drop column if exists outcome_quality_score,
    drop column if exists outcome_status,
    drop column if exists workspace_id;
