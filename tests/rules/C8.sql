-- type change of a column with a CHECK

--# bad the CHECK names the column
--# table public.orders rows 5000000 bytes 900000000
--# column public.orders price integer
--# constraint public.orders price_positive c price
ALTER TABLE orders ALTER COLUMN price TYPE bigint;
--# finds C8 high 1:33
--# says price_positive

--# good the CHECK names another
--# table public.orders rows 5000000 bytes 900000000
--# column public.orders price integer
--# constraint public.orders amount_positive c amount
ALTER TABLE orders ALTER COLUMN price TYPE bigint;

--# good a key is no CHECK
--# table public.orders rows 5000000 bytes 900000000
--# column public.orders id integer
--# constraint public.orders orders_pkey p id
ALTER TABLE orders ALTER COLUMN id TYPE bigint;
