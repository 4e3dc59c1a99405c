-- 038 as it was handed in. The policy has something to say about it: its name, what stands beside
-- it, and that whoever sells waits until the index is built.

create index idx_sales_category on public.sales (category);
