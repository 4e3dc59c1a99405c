-- several ALTER TABLE on one table

--# bad twice, each in a transaction of its own
--# transaction each
ALTER TABLE orders ADD COLUMN note text;
ALTER TABLE orders ADD COLUMN remark text;
--# finds L16 low 2:1
--# says orders is altered by statement 1 and again here

--# good two tables
ALTER TABLE orders ADD COLUMN note text;
ALTER TABLE customers ADD COLUMN note text;

--# good something stands between
ALTER TABLE orders ADD COLUMN note text;
UPDATE orders SET note = '';
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;

--# good in one statement
ALTER TABLE orders ADD COLUMN note text, ADD COLUMN remark text;

--# good a rename stands alone in its statement
ALTER TABLE orders RENAME COLUMN mail TO email;
ALTER TABLE orders RENAME TO purchases;

--# good one that follows a rename
ALTER TABLE orders RENAME COLUMN mail TO email;
ALTER TABLE orders ADD COLUMN note text;

--# good partitions are detached one by one
--# transaction each
ALTER TABLE events DETACH PARTITION events_2019;
ALTER TABLE events DETACH PARTITION events_2020;

--# good what was added NOT VALID is validated by itself
--# transaction each
ALTER TABLE orders ADD CONSTRAINT positive CHECK (price > 0) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT positive;

--# good both only touch the catalog, in one transaction
ALTER TABLE orders ADD COLUMN note text;
ALTER TABLE orders ADD COLUMN remark text;

--# bad each waits for its lock
--# transaction each
ALTER TABLE orders ADD COLUMN note text;
ALTER TABLE orders ADD COLUMN remark text;
--# finds L16 low 2:1

--# bad the second reads the table
ALTER TABLE orders ADD COLUMN note text;
ALTER TABLE orders ALTER COLUMN remark SET NOT NULL;
--# finds L16 low 2:1
