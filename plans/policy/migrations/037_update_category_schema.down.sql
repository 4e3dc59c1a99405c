drop trigger if exists sales_touch on public.sales;

alter table public.sales drop constraint if exists sales_category_fkey;

drop table if exists public.categories;
