-- CREATE INDEX without CONCURRENTLY

--# bad nobody knows how large the table is
CREATE INDEX ON orders (customer_id);
--# finds L1 high 1:17
--# says writes to orders stop until the index is built

--# bad a large table: one step worse
--# table public.orders rows 52000000 bytes 12000000000
CREATE INDEX orders_customer ON public.orders (customer_id);
--# finds L1 block 1:33
--# says about 52,000,000 rows

--# bad a small table: one step less
--# table public.orders rows 52 bytes 8192
CREATE UNIQUE INDEX ON orders (customer_id);
--# finds L1 medium 1:24

--# good concurrently
--# transaction each
CREATE INDEX CONCURRENTLY ON orders (customer_id);

--# good nothing but a low note on a table that is new
CREATE TABLE orders (customer_id bigint);
CREATE INDEX ON orders (customer_id);
--# finds L1 low 2:17
