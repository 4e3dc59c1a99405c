-- 007: a table for what each week's assessment found.
--
-- One row for each person and week, twelve weeks at most. It belongs to its account and goes
-- with it. Nothing that exists is altered, but the key into auth.users locks that table
-- against writes while it is made.

create table if not exists public.weekly_performance_history (
    id            uuid primary key default gen_random_uuid(),
    user_id       uuid not null references auth.users (id) on delete cascade,
    week_number   integer not null check (week_number between 1 and 12),
    assessed_at   timestamptz not null default now(),
    average_score numeric(5,2),
    scores        jsonb not null default '{}'::jsonb,
    decision      text,
    unique (user_id, week_number)
);

create index if not exists weekly_performance_history_user_id_idx
    on public.weekly_performance_history (user_id);
create index if not exists weekly_performance_history_week_number_idx
    on public.weekly_performance_history (week_number);
create index if not exists weekly_performance_history_assessed_at_idx
    on public.weekly_performance_history (assessed_at);

alter table public.weekly_performance_history enable row level security;

-- No IF NOT EXISTS for policies: a second run of this file fails here.
create policy "own weekly history" on public.weekly_performance_history
    for all using (auth.uid() = user_id) with check (auth.uid() = user_id);

-- The platform opens every new table to anon as well. A grant alone would not take that away.
revoke all on public.weekly_performance_history from anon;
grant select, insert, update, delete on public.weekly_performance_history to authenticated;
