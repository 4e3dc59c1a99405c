-- VACUUM FULL or CLUSTER

--# bad VACUUM FULL of a table
--# transaction each
--# table public.orders rows 20000000 bytes 9000000000
VACUUM FULL orders;
--# finds L5 block 1:13
--# says about 20,000,000 rows

--# bad CLUSTER of every table
--# transaction each
CLUSTER;
--# finds L5 high 1:1
--# says every table

--# good VACUUM alone
--# transaction each
VACUUM orders;

--# good VACUUM with FULL switched off
--# transaction each
VACUUM (FULL false, ANALYZE) orders;
