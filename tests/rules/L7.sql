-- concurrent index build on 14.0 to 14.3

--# bad 14.2
--# transaction each
--# version 140002
CREATE INDEX CONCURRENTLY ON orders (customer_id);
--# finds L7 block 1:30
--# says this server is 14.2

--# good 14.4
--# transaction each
--# version 140004
CREATE INDEX CONCURRENTLY ON orders (customer_id);

--# good 13
--# transaction each
--# version 130014
REINDEX TABLE CONCURRENTLY orders;

--# good 14.2, but not concurrently
--# version 140002
CREATE INDEX ON orders (customer_id);
