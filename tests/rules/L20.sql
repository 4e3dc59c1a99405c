-- table moved or rewritten in place

--# bad SET UNLOGGED
--# table public.orders rows 2000000 bytes 900000000
ALTER TABLE orders SET UNLOGGED;
--# finds L20 high 1:13

--# bad another tablespace
ALTER TABLE orders SET TABLESPACE fast;
--# finds L20 high 1:13

--# good a small one is said, a step lower
--# table public.orders rows 2000 bytes 90000
ALTER TABLE orders SET LOGGED;
--# finds L20 medium 1:13

--# good another way of SET
ALTER TABLE orders SET (fillfactor = 70);

--# bad an index is moved
ALTER INDEX orders_day SET TABLESPACE fast;
--# finds L20 high 1:13
--# says queries of its table
