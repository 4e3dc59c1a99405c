-- 036: users keep their preferences, and a closed account is not shown any more.

alter table public.users
    add column if not exists preferences jsonb not null default '{}'::jsonb;

alter policy users_select_own on public.users
    using (id = (select public.current_seller()) and closed_at is null);
