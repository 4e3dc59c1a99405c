-- several ALTER TABLE on one table

--# bad twice
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
