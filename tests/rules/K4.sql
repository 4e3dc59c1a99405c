-- NOT VALID and VALIDATE in one transaction

--# bad both in one file
ALTER TABLE orders ADD CONSTRAINT positive CHECK (price > 0) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT positive;
--# finds K4 high 2:13
--# says by statement 1 of the same transaction

--# good each by itself
--# transaction each
ALTER TABLE orders ADD CONSTRAINT positive CHECK (price > 0) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT positive;

--# good another constraint
ALTER TABLE orders ADD CONSTRAINT positive CHECK (price > 0) NOT VALID;
ALTER TABLE items VALIDATE CONSTRAINT known;
