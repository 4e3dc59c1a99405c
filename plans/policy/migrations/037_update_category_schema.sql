-- 037: categories get a table of their own, and sales refer to it.
--
-- The key is made NOT VALID: new rows are checked from now on, old ones by 038, which holds no
-- lock that stops anybody while it reads them.

create table if not exists public.categories (
    slug  text primary key,
    title text not null
);
alter table public.categories enable row level security;
create policy categories_read on public.categories for select using (true);
grant select on public.categories to web;

insert into public.categories (slug, title)
select category, initcap(category)
from public.sales
group by category
on conflict do nothing;

alter table public.sales add constraint sales_category_fkey
    foreign key (category) references public.categories (slug) not valid;

create trigger sales_touch before update on public.sales
    for each row execute function public.touch();
