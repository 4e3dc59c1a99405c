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

--# bad a key that refers to a bare name
ALTER TABLE app.orders ADD FOREIGN KEY (customer_id) REFERENCES customers;
--# finds C17 medium 1:28
--# says which customers is meant

--# bad RENAME
ALTER TABLE orders RENAME COLUMN note TO remark;
--# finds C17 medium 1:13

--# bad ATTACH PARTITION
ALTER TABLE app.orders ATTACH PARTITION orders_2026 FOR VALUES IN (2026);
--# finds C17 medium 1:41
--# says which orders_2026 is meant

--# bad SET NOT NULL
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;
--# finds C17 medium 1:13

--# bad a type, a sequence, a function, a grant, a comment
ALTER TYPE mood ADD VALUE 'calm' BEFORE 'happy';
--# finds C17 medium 1:1

--# bad LOCK TABLE
LOCK TABLE orders IN SHARE MODE;
--# finds C17 medium 1:12

--# bad DROP FUNCTION
DROP FUNCTION total(integer);
--# finds C17 medium 1:1

--# good what stands in no schema
CREATE SCHEMA app;
ALTER ROLE deploy SET lock_timeout = '2s';
CREATE EXTENSION IF NOT EXISTS pgcrypto;
ALTER DATABASE shop SET work_mem = '8MB';
GRANT deploy TO boss;
