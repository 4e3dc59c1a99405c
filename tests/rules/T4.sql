-- a second run fails

--# bad a policy, each by itself
--# transaction each
CREATE POLICY own ON orders USING (true);
--# finds T4 medium 1:1
--# says at CREATE POLICY

--# bad rows again
--# transaction each
INSERT INTO orders VALUES (1);
ALTER TABLE orders ADD COLUMN note text;
--# finds T4 medium 1:1
--# says and at 1 more

--# good guarded
--# transaction each
ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;

--# good dropped right before, in one transaction
DROP POLICY IF EXISTS own ON orders;
CREATE POLICY own ON orders USING (true);

--# good one transaction: said, a step lower
CREATE POLICY own ON orders USING (true);
--# finds T4 low 1:1
--# says a run that failed leaves nothing

--# good a temporary table goes with the session
CREATE TEMP TABLE scratch (id bigint);
INSERT INTO scratch VALUES (1);

--# bad a table that is dropped and made again: what came between the runs goes
DROP TABLE IF EXISTS orders;
CREATE TABLE orders (id bigint PRIMARY KEY);
--# finds T4 low 2:1
--# says loses what came since

--# bad a sequence that starts over
--# transaction each
DROP SEQUENCE IF EXISTS numbers;
CREATE SEQUENCE numbers;
--# finds T4 medium 2:1

--# bad a schema that goes with all that is in it
DROP SCHEMA IF EXISTS app CASCADE;
CREATE SCHEMA app;
CREATE TABLE app.notes (id bigint PRIMARY KEY);
--# finds T4 low 2:1

--# good a view is made of its text alone
DROP VIEW IF EXISTS open_orders;
CREATE VIEW open_orders AS SELECT 1;

--# good an index dropped by its own name
DROP INDEX IF EXISTS orders_day;
CREATE INDEX orders_day ON orders (day);

--# bad what stands on a table that is made anew has no second run of its own
DROP TABLE IF EXISTS orders;
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY);
INSERT INTO orders VALUES (1);
--# finds T4 low 2:1

--# bad a temporary table that COMMIT drops is no longer there
--# transaction file
BEGIN;
CREATE TEMP TABLE scratch (id bigint) ON COMMIT DROP;
INSERT INTO scratch VALUES (1);
COMMIT;
INSERT INTO scratch VALUES (1);
--# finds T4 medium 5:1

--# bad DISCARD TEMP takes the temporary tables away
--# transaction each
CREATE TEMP TABLE scratch (id bigint);
DISCARD TEMP;
INSERT INTO scratch VALUES (1);
--# finds T4 medium 3:1

--# bad DISCARD ALL does, too
--# transaction each
CREATE TEMP TABLE scratch (id bigint);
DISCARD ALL;
INSERT INTO scratch VALUES (1);
--# finds T4 medium 3:1

--# good COMMIT leaves an ordinary temporary table
--# transaction file
BEGIN;
CREATE TEMP TABLE scratch (id bigint) ON COMMIT DELETE ROWS;
COMMIT;
INSERT INTO scratch VALUES (1);
