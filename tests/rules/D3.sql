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

--# good the plan names it: said, a step lower
--# names orders
TRUNCATE orders;
--# finds D3 high 1:10

--# bad the plan names another one
--# names app.orders
TRUNCATE orders;
--# finds D3 block 1:10

--# good the plan names all that is emptied: said, a step lower
--# table public.orders rows 500 bytes 81920
--# table public.items rows 500 bytes 81920
--# referenced public.orders by public.items
--# names orders
--# names items
TRUNCATE orders CASCADE;
--# finds D3 high 1:10

--# bad what points at what points at it is not named
--# table public.orders rows 500 bytes 81920
--# table public.items rows 500 bytes 81920
--# table public.marks rows 500 bytes 81920
--# referenced public.orders by public.items
--# referenced public.items by public.marks
--# names orders
--# names items
TRUNCATE orders CASCADE;
--# finds D3 block 1:10
