-- rows changed behind DDL of the same table

--# bad filled right behind
ALTER TABLE orders ADD COLUMN note text;
UPDATE orders SET note = '' WHERE note IS NULL;
--# finds D5 high 2:8
--# says ACCESS EXCLUSIVE is held on orders

--# good each by itself
--# transaction each
ALTER TABLE orders ADD COLUMN note text;
UPDATE orders SET note = '' WHERE note IS NULL;

--# good another table
ALTER TABLE customers ADD COLUMN note text;
UPDATE orders SET note = '' WHERE note IS NULL;
