-- DROP INDEX without CONCURRENTLY

--# bad nobody knows which table it belongs to
DROP INDEX orders_customer;
--# finds L2 medium 1:1
--# says waits for every reader of its table
--# says DROP INDEX CONCURRENTLY orders_customer;

--# bad the server knows its table
--# table public.orders rows 500000 bytes 90000000
--# index public.orders orders_customer customer_id
DROP INDEX IF EXISTS public.orders_customer;
--# finds L2 medium 1:1
--# says every reader of orders

--# good concurrently
--# transaction each
DROP INDEX CONCURRENTLY orders_customer;

--# good another kind of object
DROP TABLE orders_customer;

--# good it was built by the same plan
CREATE INDEX orders_customer ON orders (customer_id);
DROP INDEX orders_customer;

--# good it was built by the same plan, and renamed
CREATE INDEX orders_customer ON app.orders (customer_id);
ALTER INDEX app.orders_customer RENAME TO orders_by_customer;
DROP INDEX app.orders_by_customer;

--# bad an index of that name in another schema says nothing of this one
--# table app.orders rows 500000 bytes 90000000
--# index app.orders orders_customer customer_id
DROP INDEX public.orders_customer;
--# finds L2 medium 1:1
--# says waits for every reader of its table
