-- Undo of 007. Assessments that were stored since are lost. No CASCADE: if something has come
-- to depend on the table by now, this stops and names it.

drop table if exists public.weekly_performance_history;
