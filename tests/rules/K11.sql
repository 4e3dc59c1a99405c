-- DROP CONSTRAINT

--# bad a guarantee goes
ALTER TABLE orders DROP CONSTRAINT positive;
--# finds K11 medium 1:13

--# good a helper of the same plan
ALTER TABLE orders ADD CONSTRAINT filled CHECK (note IS NOT NULL) NOT VALID;
ALTER TABLE orders DROP CONSTRAINT filled;

--# good a column
ALTER TABLE orders DROP COLUMN positive;

--# good a helper of the same plan, renamed
ALTER TABLE orders ADD CONSTRAINT filled CHECK (note IS NOT NULL) NOT VALID;
ALTER TABLE orders RENAME CONSTRAINT filled TO note_filled;
ALTER TABLE orders DROP CONSTRAINT note_filled;

--# bad a guarantee of a domain
ALTER DOMAIN email DROP CONSTRAINT email_form;
--# finds K11 medium 1:1
