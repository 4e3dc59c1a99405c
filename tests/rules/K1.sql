-- ADD CHECK that reads the table

--# bad proved at once
ALTER TABLE orders ADD CONSTRAINT positive CHECK (price > 0);
--# finds K1 high 1:24
--# says VALIDATE CONSTRAINT positive

--# bad a large table
--# table public.orders rows 52000000 bytes 12000000000
ALTER TABLE orders ADD CHECK (price > 0);
--# finds K1 block 1:24

--# good not valid
ALTER TABLE orders ADD CONSTRAINT positive CHECK (price > 0) NOT VALID;

--# good in a new table
CREATE TABLE orders (price numeric CHECK (price > 0));

--# bad a name that must be quoted
ALTER TABLE orders ADD CONSTRAINT "Is Positive" CHECK (price > 0);
--# finds K1 high 1:24
--# says VALIDATE CONSTRAINT "Is Positive";

--# bad with a new column of a table that has rows
ALTER TABLE orders ADD COLUMN weight integer CHECK (weight > 0);
--# finds K1 high 1:46
