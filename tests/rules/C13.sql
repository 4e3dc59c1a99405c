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
