-- IF NOT EXISTS on a concurrent index

--# bad nothing is known
--# transaction each
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_customer ON orders (customer_id);
--# finds L8 high 1:60
--# says whether an invalid index of that name is there

--# bad an invalid one is there
--# transaction each
--# table public.orders rows 20 bytes 8192
--# index public.orders orders_customer customer_id invalid
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_customer ON orders (customer_id);
--# finds L8 block 1:60
--# says is there and INVALID

--# good a valid one is there
--# transaction each
--# table public.orders rows 20 bytes 8192
--# index public.orders orders_customer customer_id
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_customer ON orders (customer_id);

--# good no guard
--# transaction each
CREATE INDEX CONCURRENTLY orders_customer ON orders (customer_id);
