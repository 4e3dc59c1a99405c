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

--# bad in one block, which is a transaction wherever it stands
--# transaction each
DO $$ BEGIN
    ALTER TABLE orders ADD COLUMN note text;
    UPDATE orders SET note = 'a' WHERE day > '2026-01-01';
END $$;
--# finds D5 high 3:12

--# good behind a block that has ended
--# transaction each
DO $$ BEGIN ALTER TABLE orders ADD COLUMN note text; END $$;
UPDATE orders SET note = 'a' WHERE day > '2026-01-01';
