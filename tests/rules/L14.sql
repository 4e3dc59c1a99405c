-- several tables locked in one transaction

--# bad two tables
ALTER TABLE orders ADD COLUMN note text;
ALTER TABLE customers ADD COLUMN note text;
ALTER TABLE items ADD COLUMN note text;
--# finds L14 medium 2:34
--# says the transaction holds public.orders (statement 1) while it waits for customers

--# good one table twice
ALTER TABLE orders ADD COLUMN note text;
ALTER TABLE orders ADD COLUMN remark text;

--# good each by itself
--# transaction each
ALTER TABLE orders ADD COLUMN note text;
ALTER TABLE customers ADD COLUMN note text;

--# good one of them is new
CREATE TABLE orders (id bigint);
ALTER TABLE orders ADD COLUMN note text;
ALTER TABLE customers ADD COLUMN note text;

--# good one table under its new name
ALTER TABLE orders RENAME TO purchases;
ALTER TABLE purchases ADD COLUMN note text;

--# good ROLLBACK TO gives the lock back
SAVEPOINT first;
ALTER TABLE orders ADD COLUMN note text;
ROLLBACK TO first;
ALTER TABLE customers ADD COLUMN note text;

--# bad a lock from before the savepoint stays
LOCK TABLE orders IN SHARE MODE;
SAVEPOINT first;
ALTER TABLE orders ADD COLUMN note text;
ROLLBACK TO first;
ALTER TABLE customers ADD COLUMN note text;
--# finds L14 medium 5:34
--# says holds public.orders (statement 1)

--# good an index of which nobody knows the table
ALTER TABLE orders ADD COLUMN note text;
DROP INDEX orders_day;

--# good an index of the table that is locked already
--# table public.orders rows 5 bytes 8192
--# index public.orders orders_day day
ALTER TABLE orders ADD COLUMN note text;
DROP INDEX orders_day;

--# bad an index of another table
--# table public.lines rows 5 bytes 8192
--# index public.lines lines_day day
ALTER TABLE orders ADD COLUMN note text;
DROP INDEX lines_day;
--# finds L14 medium 2:1

--# good the index first
--# table public.orders rows 5 bytes 8192
--# index public.orders orders_day day
DROP INDEX orders_day;
ALTER TABLE orders ADD COLUMN note text;
