-- no statement_timeout

--# bad nothing sets one
UPDATE orders SET note = '' WHERE note IS NULL;
--# finds L11 medium 1:8

--# good the run sets one
--# timeouts 0 60000
UPDATE orders SET note = '' WHERE note IS NULL;

--# good the role has one
--# statement_timeout 60000
UPDATE orders SET note = '' WHERE note IS NULL;

--# good catalogs only
ALTER TABLE orders ADD COLUMN note text;
