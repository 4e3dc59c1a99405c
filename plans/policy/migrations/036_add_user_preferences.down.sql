alter policy users_select_own on public.users
    using (id = (select public.current_seller()));

alter table public.users drop column if exists preferences;
