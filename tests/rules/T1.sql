-- stray transaction control

--# bad a COMMIT in the midst
BEGIN;
UPDATE app.orders SET note = '' WHERE id = 1;
COMMIT;
BEGIN;
UPDATE app.orders SET note = '' WHERE id = 2;
COMMIT;
--# finds T1 block 4:1

--# good one outer pair
BEGIN;
UPDATE app.orders SET note = '' WHERE id = 1;
COMMIT;

--# good the step says that the file has its own
--# transaction file
BEGIN;
UPDATE app.orders SET note = '' WHERE id = 1;
COMMIT;
BEGIN;
UPDATE app.orders SET note = '' WHERE id = 2;
COMMIT;

--# bad read by itself, each part in a transaction of its own
--# alone
--# transaction file
BEGIN;
ALTER TABLE orders ADD COLUMN a int;
COMMIT;
BEGIN;
ALTER TABLE lines ADD COLUMN a int;
COMMIT;
--# finds T1 block 4:1

--# bad a block that ends transactions
DO $$ BEGIN UPDATE orders SET a = 1 WHERE b; COMMIT; END $$;
--# finds T1 block 1:1
