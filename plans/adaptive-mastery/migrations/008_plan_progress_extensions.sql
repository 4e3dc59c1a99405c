-- 008: four columns of plan_progress for the assessments.
--
-- Constant defaults: no row is written anew. The index and the constraint read the table, the
-- UPDATE finds nothing to do where the defaults have already arrived, and all of it happens
-- while the table is locked: good for hundreds of rows.

alter table public.plan_progress
    add column if not exists last_assessment_date  date,
    add column if not exists week_extensions       integer default 0,
    add column if not exists assessment_history    jsonb default '[]'::jsonb,
    add column if not exists progression_decisions jsonb default '[]'::jsonb;

-- No IF NOT EXISTS for constraints either.
alter table public.plan_progress
    add constraint plan_progress_week_extensions_check check (week_extensions between 0 and 5);

update public.plan_progress
set week_extensions       = coalesce(week_extensions, 0),
    assessment_history    = coalesce(assessment_history, '[]'::jsonb),
    progression_decisions = coalesce(progression_decisions, '[]'::jsonb)
where week_extensions is null or assessment_history is null or progression_decisions is null;

create index if not exists plan_progress_last_assessment_date_idx
    on public.plan_progress (last_assessment_date);
