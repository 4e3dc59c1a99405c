-- VALIDATE while we hold a strong lock

--# bad the table was altered before
ALTER TABLE orders ADD COLUMN note text;
ALTER TABLE orders VALIDATE CONSTRAINT positive;
--# finds K5 high 2:13

--# good alone
ALTER TABLE orders VALIDATE CONSTRAINT positive;

--# good another table was altered
ALTER TABLE items ADD COLUMN note text;
ALTER TABLE orders VALIDATE CONSTRAINT positive;
