-- rename

--# bad a column
ALTER TABLE orders RENAME COLUMN note TO remark;
--# finds C13 high 1:13
--# says code that says note fails

--# bad a table that is used
--# traffic public.orders 40 : select 1 from orders
ALTER TABLE orders RENAME TO purchases;
--# finds C13 high 1:13
--# says 40.0 calls a second

--# bad a schema
ALTER SCHEMA app RENAME TO application;
--# finds C13 high 1:1

--# good a new table
CREATE TABLE orders (note text);
ALTER TABLE orders RENAME COLUMN note TO remark;

--# good a constraint: nobody calls it
ALTER TABLE orders RENAME CONSTRAINT a TO b;

--# bad a function that is called by its name
ALTER FUNCTION total(bigint) RENAME TO sum_of;
--# finds C13 high 1:1

--# bad a function that moves
ALTER FUNCTION total(bigint) SET SCHEMA app;
--# finds C13 high 1:1

--# bad a type, a sequence, a view that moves
ALTER TYPE mood RENAME TO feeling;
ALTER SEQUENCE numbers RENAME TO order_numbers;
ALTER VIEW open_orders SET SCHEMA app;
--# finds C13 high 1:1
--# finds C13 high 2:16
--# finds C13 high 3:12

--# good an index and a constraint are seldom named
ALTER INDEX orders_day RENAME TO orders_by_day;
ALTER TABLE orders RENAME CONSTRAINT a TO b;
