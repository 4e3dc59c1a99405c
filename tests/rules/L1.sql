-- CREATE INDEX without CONCURRENTLY

--# bad nobody knows how large the table is
CREATE INDEX ON orders (customer_id);
--# finds L1 high 1:17
--# says writes to orders stop until the index is built

--# bad a large table: one step worse
--# table public.orders rows 52000000 bytes 12000000000
CREATE INDEX orders_customer ON public.orders (customer_id);
--# finds L1 block 1:33
--# says about 52,000,000 rows

--# bad a small table: one step less
--# table public.orders rows 52 bytes 8192
CREATE UNIQUE INDEX ON orders (customer_id);
--# finds L1 medium 1:24

--# good concurrently
--# transaction each
CREATE INDEX CONCURRENTLY ON orders (customer_id);

--# good nothing but a low note on a table that is new
CREATE TABLE orders (customer_id bigint);
CREATE INDEX ON orders (customer_id);
--# finds L1 low 2:17

--# good the table is new and renamed: said, at the lowest
CREATE TABLE orders_new (id bigint PRIMARY KEY, customer_id bigint);
ALTER TABLE orders_new RENAME TO orders_fresh;
ALTER TABLE orders_fresh SET SCHEMA app;
CREATE INDEX ON app.orders_fresh (customer_id);
--# finds L1 low 4:17

--# bad the names of a new table and an old one are swapped
--# table public.orders rows 5000000 bytes 1200000000
CREATE TABLE orders_new (id bigint PRIMARY KEY, customer_id bigint);
ALTER TABLE orders RENAME TO orders_old;
ALTER TABLE orders_new RENAME TO orders;
CREATE INDEX ON orders_old (customer_id);
CREATE INDEX ON orders (customer_id);
--# finds L1 high 4:17
--# finds L1 low 5:17
--# says writes to orders_old (about 5,000,000 rows

--# good a temporary table is nobody else's business
CREATE TEMP TABLE scratch (id bigint, at timestamp);
CREATE INDEX ON scratch (id);
CREATE INDEX ON pg_temp.scratch (at);
ALTER TABLE scratch ADD COLUMN note json;

--# bad the way out is the statement itself, concurrently
CREATE UNIQUE INDEX "By Customer"
    ON app.orders (customer_id) -- and no more
    WHERE note <> 'index';
--# finds L1 high 2:8
--# says CREATE UNIQUE INDEX CONCURRENTLY "By Customer" ON app.orders (customer_id) WHERE note <> 'index';

--# bad no index of a partitioned table can be built concurrently
--# table public.orders partitioned rows 5000000 bytes 1200000000
CREATE INDEX ON orders (customer_id);
--# finds L1 high 1:17

--# bad a table of the same name as a temporary one that COMMIT dropped
--# transaction file
BEGIN;
CREATE TEMP TABLE orders (id bigint) ON COMMIT DROP;
COMMIT;
CREATE INDEX ON orders (id);
--# finds L1 high 4:17

--# bad in a block, guarded by a look at the catalog
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_indexes WHERE indexname = 'orders_day') THEN
        CREATE INDEX orders_day ON orders (day);
    END IF;
END $$;
--# finds L1 high 3:36

--# bad comments between the words, a quoted name, ONLY
CREATE /* now */ UNIQUE INDEX -- a day
    "Day" ON ONLY app."Orders" (day);
--# finds L1 high 2:19

--# good a name in quotes is another table
CREATE TABLE "Orders" (id bigint PRIMARY KEY);
CREATE INDEX ON "Orders" (id);
--# finds L1 low 2:17

--# good the path that set_config sets decides which table is meant
SELECT pg_catalog.set_config('search_path', 'app', false);
CREATE TABLE notes (id bigint PRIMARY KEY);
CREATE INDEX ON app.notes (id);
--# finds L1 low 3:17
