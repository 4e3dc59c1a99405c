-- REINDEX without CONCURRENTLY

--# bad a table
--# transaction each
REINDEX TABLE orders;
--# finds L3 high 1:15

--# bad one index
REINDEX INDEX public.orders_customer;
--# finds L3 high 1:15

--# bad a whole schema
--# transaction each
REINDEX SCHEMA app;
--# finds L3 high 1:1

--# good concurrently
--# transaction each
REINDEX TABLE CONCURRENTLY orders;

--# good the concurrent form in brackets
--# transaction each
REINDEX (CONCURRENTLY) INDEX orders_customer;
