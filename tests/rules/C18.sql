-- column named twice

--# bad assigned twice
UPDATE orders SET note = 'a', note = 'b' WHERE id = 1;
--# finds C18 block 1:8

--# bad in the list of an INSERT
INSERT INTO orders (id, note, id) VALUES (1, '', 2);
--# finds C18 block 1:13

--# bad declared twice
CREATE TABLE orders (id bigint PRIMARY KEY, note text, note text);
--# finds C18 block 1:56

--# good each once
UPDATE orders SET note = 'a', state = 'b' WHERE id = 1;

--# good the same name in two statements
ALTER TABLE orders ADD COLUMN note text;
ALTER TABLE customers ADD COLUMN note text;

--# bad in a temporary table, too
CREATE TEMP TABLE scratch (id bigint, id text);
--# finds C18 block 1:39

--# bad behind ON CONFLICT
INSERT INTO orders (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = 'a', note = 'b';
--# finds C18 block 1:13

--# good the second is skipped
ALTER TABLE orders ADD COLUMN IF NOT EXISTS a int, ADD COLUMN IF NOT EXISTS a int;

--# good inserted, and set when it was there
INSERT INTO orders (id, note) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET note = 'a';
