-- column dropped and made again

--# bad dressed as a change of type
ALTER TABLE orders DROP COLUMN IF EXISTS total CASCADE;
ALTER TABLE orders ADD COLUMN total numeric;
--# finds C11 block 2:31
--# says dropped by statement 1

--# bad in one statement
ALTER TABLE orders DROP COLUMN total, ADD COLUMN total numeric;
--# finds C11 block 1:50

--# good another column
ALTER TABLE orders DROP COLUMN total;
ALTER TABLE orders ADD COLUMN sum numeric;

--# good the column of another table
ALTER TABLE orders DROP COLUMN total;
ALTER TABLE invoices ADD COLUMN total numeric;
