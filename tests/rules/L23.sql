-- somebody is in the way now

--# bad a dump
--# activity 4711 600 pg_dump
ALTER TABLE orders ADD COLUMN note text;
DROP TABLE customers;
--# finds L23 block 1:31
--# says process 4711 (pg_dump, for 10m00s) is in the way

--# bad a vacuum on that table
--# activity 4712 60 vacuum~against~wraparound on public.orders
ALTER TABLE orders ADD COLUMN note text;
--# finds L23 block 1:31

--# good a vacuum on another table
--# activity 4712 60 vacuum~against~wraparound on public.customers
ALTER TABLE orders ADD COLUMN note text;

--# good a lock that does not wait for readers
--# activity 4711 600 pg_dump
CREATE INDEX ON orders (note);

--# bad a prepared transaction has no process
--# table public.orders rows 500 bytes 81920
--# activity 0 600 prepared~transaction~left on public.orders
ALTER TABLE orders ADD COLUMN note text;
--# finds L23 block 1:31
--# says prepared transaction left, for 10m00s is in the way
