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
