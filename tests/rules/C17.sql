-- name without a schema

--# bad nothing pins it
UPDATE orders SET note = '' WHERE id = 1;
DELETE FROM customers WHERE id = 1;
--# finds C17 medium 1:8
--# says which orders is meant

--# good qualified
UPDATE app.orders SET note = '' WHERE id = 1;

--# good pinned by the file
SET LOCAL search_path = app, pg_temp;
UPDATE orders SET note = '' WHERE id = 1;

--# good known from the target
--# search_path app,public
UPDATE orders SET note = '' WHERE id = 1;

--# bad the transaction that pinned it has ended
--# transaction file
BEGIN;
SET LOCAL search_path = app, pg_temp;
UPDATE orders SET note = '' WHERE id = 1;
COMMIT;
UPDATE orders SET note = '' WHERE id = 1;
--# finds C17 medium 5:8

--# bad RESET takes the pin out
SET LOCAL search_path = app, pg_temp;
RESET search_path;
UPDATE orders SET note = '' WHERE id = 1;
--# finds C17 medium 3:8

--# good a temporary table is found before all others
CREATE TEMP TABLE scratch AS SELECT 1 AS id;
UPDATE scratch SET id = 2 WHERE id = 1;
DROP TABLE scratch;
