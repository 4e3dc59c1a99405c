drop index if exists public.idx_sales_category;
