-- no lock_timeout

--# bad nothing sets one
ALTER TABLE orders ADD COLUMN note text;
ALTER TABLE customers ADD COLUMN note text;
--# finds L10 high 1:31
--# says whether the role or the database sets one
--# says SET LOCAL lock_timeout

--# bad the server says that there is none
--# lock_timeout 0
DROP TABLE orders;
--# finds L10 high 1:1

--# good the run sets one
--# timeouts 2000 0
ALTER TABLE orders ADD COLUMN note text;

--# good the file sets one
SET LOCAL lock_timeout = '2s';
ALTER TABLE orders ADD COLUMN note text;

--# good the table is new
CREATE TABLE orders (id bigint);
ALTER TABLE orders ADD COLUMN note text;

--# good rows only
INSERT INTO orders VALUES (1);

--# bad SET LOCAL ends with its transaction
--# transaction file
BEGIN;
SET LOCAL lock_timeout = '2s';
ALTER TABLE orders ADD COLUMN note text;
COMMIT;
ALTER TABLE customers ADD COLUMN note text;
--# finds L10 high 5:34

--# good SET of the session stays after COMMIT
--# transaction file
BEGIN;
SET LOCAL lock_timeout = 0;
SET lock_timeout = '2s';
COMMIT;
ALTER TABLE customers ADD COLUMN note text;

--# bad ROLLBACK takes SET back
--# transaction file
BEGIN;
SET lock_timeout = '2s';
ROLLBACK;
ALTER TABLE orders ADD COLUMN note text;
--# finds L10 high 4:31

--# bad so does ROLLBACK TO SAVEPOINT
SAVEPOINT before;
SET lock_timeout = '2s';
ROLLBACK TO SAVEPOINT before;
ALTER TABLE orders ADD COLUMN note text;
--# finds L10 high 4:31

--# good what stood in front of the savepoint stays
SET lock_timeout = '2s';
SAVEPOINT before;
SET lock_timeout = 0;
ROLLBACK TO before;
ALTER TABLE orders ADD COLUMN note text;

--# good a savepoint that is released keeps what came after it
SAVEPOINT before;
SET lock_timeout = '2s';
RELEASE before;
ROLLBACK TO before;
ALTER TABLE orders ADD COLUMN note text;

--# bad RESET takes back what the run has set
--# timeouts 2000 0
RESET lock_timeout;
ALTER TABLE orders ADD COLUMN note text;
--# finds L10 high 2:31

--# good the role has one, and RESET leads back to it
--# lock_timeout 2000
SET lock_timeout = 0;
RESET ALL;
ALTER TABLE orders ADD COLUMN note text;

--# bad DISCARD ALL
--# transaction each
SET lock_timeout = '2s';
DISCARD ALL;
ALTER TABLE orders ADD COLUMN note text;
--# finds L10 high 3:31

--# bad TO DEFAULT
SET LOCAL lock_timeout = '2s';
SET LOCAL lock_timeout TO DEFAULT;
ALTER TABLE orders ADD COLUMN note text;
--# finds L10 high 3:31

--# good RESET in the midst of the transaction, and a new value after it
SET LOCAL lock_timeout = '2s';
RESET lock_timeout;
SET LOCAL lock_timeout = '3s';
ALTER TABLE orders ADD COLUMN note text;

--# bad a setting for later sessions is none for this one
ALTER ROLE deploy SET lock_timeout = '2s';
ALTER SYSTEM SET lock_timeout = '2s';
ALTER TABLE orders ADD COLUMN note text;
--# finds L10 high 3:31

--# good read by itself: how it will be run is not known, so said a step lower
--# alone
ALTER TABLE orders ADD COLUMN note text;
--# finds L10 medium 1:31
--# says whether the run, the role or the database sets one

--# good set by set_config
SELECT set_config('lock_timeout', '2s', true);
ALTER TABLE orders ADD COLUMN note text;

--# good set by set_config in a block
DO $$ BEGIN
    PERFORM set_config('lock_timeout', '2s', false);
    ALTER TABLE orders ADD COLUMN note text;
END $$;

--# bad set_config to nothing
--# lock_timeout 2000
SELECT set_config('lock_timeout', '0', false);
ALTER TABLE orders ADD COLUMN note text;
--# finds L10 high 2:31

--# bad a local setting is gone with its transaction
--# transaction file
--# lock_timeout 0
BEGIN;
SELECT set_config('lock_timeout', '2s', true);
COMMIT;
ALTER TABLE orders ADD COLUMN note text;
--# finds L10 high 4:31

--# good local to a block by itself
--# transaction each
--# lock_timeout 0
DO $$ BEGIN
    SET LOCAL lock_timeout = '2s';
    ALTER TABLE orders ADD COLUMN note text;
END $$;

--# bad and gone behind it
--# transaction each
--# lock_timeout 0
DO $$ BEGIN
    SET LOCAL lock_timeout = '2s';
END $$;
ALTER TABLE orders ADD COLUMN note text;
--# finds L10 high 4:31
