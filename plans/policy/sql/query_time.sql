-- The filter that 038 is made for.
select count(*) from public.sales where category = 'books'
