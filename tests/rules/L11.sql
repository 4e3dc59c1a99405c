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

--# good a query of constants
SELECT 1;

--# good a block that reads the catalog alone
DO $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'mood') THEN
        CREATE TYPE mood AS ENUM ('ok');
    END IF;
END $$;

--# good by its full name
SELECT relname FROM pg_catalog.pg_class;

--# bad a block that changes rows
DO $$ BEGIN
    UPDATE orders SET note = '' WHERE note IS NULL;
END $$;
--# finds L11 medium 2:12

--# bad a block that nobody can look into
DO $$ BEGIN EXECUTE current_setting('app.work'); END $$;
--# finds L11 medium 1:1

--# bad a function of somebody
SELECT app.fill_everything();
--# finds L11 medium 1:1

--# bad the catalog and a table
SELECT count(*) FROM pg_class, orders;
--# finds L11 medium 1:1

--# good rows that are written out
INSERT INTO orders VALUES (1), (2);

--# good and those that are there already are left
INSERT INTO orders (id, made) VALUES (1, now()) ON CONFLICT DO NOTHING;

--# good defaults
INSERT INTO orders DEFAULT VALUES;

--# bad rows of a query
INSERT INTO orders SELECT * FROM old_orders;
--# finds L11 medium 1:13

--# bad a query among the values
INSERT INTO orders VALUES ((SELECT max(id) FROM old_orders));
--# finds L11 medium 1:13

--# bad a function of somebody among the values
INSERT INTO orders VALUES (app.next_number());
--# finds L11 medium 1:13

--# good a column of an enum that the plan made
CREATE TYPE mood AS ENUM ('ok');
ALTER TABLE orders ADD COLUMN mood mood NOT NULL DEFAULT 'ok';

--# bad of a type of which nobody knows whether it is a domain
ALTER TABLE orders ADD COLUMN mood mood NOT NULL DEFAULT 'ok';
--# finds L11 medium 1:31
