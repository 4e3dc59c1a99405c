-- 038: an index for the filter by category, and the key of 037 proved for the old rows. Each
-- statement by itself (`transaction: each`): nobody waits while the table is read.

create index concurrently idx_sales_category on public.sales (category);

alter table public.sales validate constraint sales_category_fkey;
