-- strong lock held through slow work

--# bad an UPDATE behind an ALTER TABLE
ALTER TABLE orders ADD COLUMN note text;
UPDATE customers SET name = upper(name);
--# finds L13 high 2:8
--# says statement 1 holds ACCESS EXCLUSIVE on public.orders

--# bad an index behind a trigger
CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION f();
CREATE INDEX ON customers (name);
--# finds L13 high 2:17

--# good the slow work first
UPDATE customers SET name = upper(name);
ALTER TABLE orders ADD COLUMN note text;

--# good each by itself
--# transaction each
ALTER TABLE orders ADD COLUMN note text;
UPDATE customers SET name = upper(name);

--# good what is locked is new
CREATE TABLE orders (id bigint);
ALTER TABLE orders ADD COLUMN note text;
UPDATE customers SET name = upper(name);

--# good a look at the rows
ALTER TABLE orders ADD COLUMN note text;
SELECT count(*) FROM customers;

--# bad the table got another name meanwhile
ALTER TABLE orders RENAME TO purchases;
UPDATE customers SET name = upper(name);
--# finds L13 high 2:8
--# says statement 1 holds ACCESS EXCLUSIVE on public.purchases

--# bad and another schema
ALTER TABLE orders ADD COLUMN note text;
ALTER TABLE orders SET SCHEMA archive;
ALTER SCHEMA archive RENAME TO attic;
UPDATE customers SET name = upper(name);
--# finds L13 high 4:8
--# says holds ACCESS EXCLUSIVE on attic.orders

--# good what is locked is new, and renamed
CREATE TABLE orders_new (id bigint);
ALTER TABLE orders_new RENAME TO orders_fresh;
ALTER TABLE orders_fresh ADD COLUMN note text;
UPDATE customers SET name = upper(name);

--# good the rows of the locked table itself are D5's, its validation K4's
ALTER TABLE orders ADD CONSTRAINT ok CHECK (note <> '') NOT VALID;
UPDATE orders SET note = 'x' WHERE id = 1;
ALTER TABLE orders VALIDATE CONSTRAINT ok;
--# finds D5 high 2:8
--# finds K4 high 3:13

--# bad a new table is filled from the one that is locked
ALTER TABLE orders ADD COLUMN note text;
CREATE TABLE copies (id bigint PRIMARY KEY);
INSERT INTO copies SELECT id FROM orders;
--# finds L13 high 3:13

--# good rows that are written out
ALTER TABLE orders ADD COLUMN note text;
INSERT INTO kinds VALUES (1);

--# good emptied, not refreshed
ALTER TABLE orders ADD COLUMN note text;
REFRESH MATERIALIZED VIEW daily WITH NO DATA;
