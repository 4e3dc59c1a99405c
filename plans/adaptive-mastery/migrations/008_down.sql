-- Undo of 008: the columns go, and with them the index, the constraint and every assessment
-- that was stored since. The six columns of before keep their values.

alter table public.plan_progress
    drop column if exists progression_decisions,
    drop column if exists assessment_history,
    drop column if exists week_extensions,
    drop column if exists last_assessment_date;
