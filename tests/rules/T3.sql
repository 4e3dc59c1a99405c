-- statement that cannot run in a transaction

--# bad VACUUM
VACUUM orders;
--# finds T3 block 1:1
--# says VACUUM cannot run

--# bad a database
CREATE DATABASE other;
--# finds T3 block 1:1

--# good each by itself
--# transaction each
VACUUM orders;

--# good ANALYZE may
ANALYZE orders;

--# bad in a block
--# transaction each
DO $$ BEGIN VACUUM orders; END $$;
--# finds T3 block 1:20

--# bad a database made by a block
DO $$ BEGIN EXECUTE 'CREATE DATABASE other'; END $$;
--# finds T3 block 1:21
