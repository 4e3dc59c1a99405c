-- concurrent index operation in a transaction

--# bad the whole file is one transaction
CREATE INDEX CONCURRENTLY ON orders (customer_id);
--# finds L4 block 1:30
--# says CREATE INDEX CONCURRENTLY cannot run inside of a transaction

--# bad behind a BEGIN of the file's own
--# transaction file
BEGIN;
DROP INDEX CONCURRENTLY orders_customer;
COMMIT;
--# finds L4 block 2:1

--# good each statement by itself
--# transaction each
CREATE INDEX CONCURRENTLY ON orders (customer_id);
REINDEX INDEX CONCURRENTLY orders_customer;

--# good behind the COMMIT
--# transaction file
BEGIN;
SELECT 1;
COMMIT;
CREATE INDEX CONCURRENTLY ON orders (customer_id);

--# good a materialized view may be refreshed concurrently inside of one
REFRESH MATERIALIZED VIEW CONCURRENTLY totals;
