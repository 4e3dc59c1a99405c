-- TRUNCATE

--# bad every row
--# table public.orders rows 500 bytes 81920
TRUNCATE orders;
--# finds D3 block 1:10
--# says about 500 rows

--# bad with those that point at it
--# table public.orders rows 500 bytes 81920
--# referenced public.orders by public.items
TRUNCATE orders CASCADE;
--# finds D3 block 1:10
--# says with CASCADE of public.items

--# good a new table
CREATE TABLE orders (id bigint PRIMARY KEY);
TRUNCATE orders;

--# good some rows
DELETE FROM orders WHERE id = 1;
