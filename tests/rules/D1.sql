-- DROP TABLE, SCHEMA, DATABASE, TYPE, OWNED

--# bad a table
--# table public.quests rows 1204 bytes 262144
DROP TABLE quests;
--# finds D1 block 1:1
--# says about 1,204 rows

--# bad a schema that nobody knows
DROP SCHEMA app;
--# finds D1 block 1:1
--# says what depends on it

--# good the plan names it: said, a step lower
--# names quests
DROP TABLE quests;
--# finds D1 high 1:1

--# good it was made by the same plan
CREATE TABLE quests (id bigint PRIMARY KEY);
DROP TABLE quests;

--# good a view is code
DROP VIEW v_quests;

--# good an undo file takes back what the plan made: said, two steps lower
CREATE TABLE quests (id bigint PRIMARY KEY);
--# file 001.down.sql
--# undo
DROP TABLE quests;
--# finds D1 medium 2/1:1
--# says takes quests back

--# bad the plan names the table of another schema
--# names app.quests
DROP TABLE quests;
--# finds D1 block 1:1

--# bad the plan means the one on its search path, not this one
--# search_path public
--# names quests
DROP TABLE app.quests;
--# finds D1 block 1:1

--# bad the file looks elsewhere than the plan
--# search_path public
--# names quests
SET LOCAL search_path = app;
DROP TABLE quests;
--# finds D1 block 2:1

--# good the plan names it with its schema: said, a step lower
--# search_path public
--# names public.quests
DROP TABLE quests;
--# finds D1 high 1:1

--# good the plan's path leads to it: said, a step lower
--# search_path app,public
--# table app.other rows 5 bytes 8192
--# table public.quests rows 5 bytes 8192
--# names quests
DROP TABLE public.quests;
--# finds D1 high 1:1

--# good a name that must be quoted, as the counts write it: said, a step lower
--# names Old Quests
DROP TABLE "Old Quests";
--# finds D1 high 1:1

--# bad what CASCADE takes along is not named
--# table public.quests rows 5 bytes 8192
--# dependent public.quests view v_quests cascade
--# names quests
DROP TABLE quests CASCADE;
--# finds D1 block 1:1

--# good all that CASCADE takes along is named, too: said, a step lower
--# table public.quests rows 5 bytes 8192
--# dependent public.quests view v_quests cascade
--# dependent public.quests foreign~key moves.moves_quest_fkey cascade
--# names quests
--# names public.v_quests
--# names moves_quest_fkey
DROP TABLE quests CASCADE;
--# finds D1 high 1:1
--# finds D2 high 1:1

--# bad what made it was rolled back
--# transaction file
BEGIN;
CREATE TABLE quests (id bigint PRIMARY KEY);
ROLLBACK;
DROP TABLE quests;
--# finds D1 block 4:1

--# bad rolled back to a savepoint
SAVEPOINT a;
SAVEPOINT b;
CREATE TABLE quests (id bigint PRIMARY KEY);
ROLLBACK TO a;
DROP TABLE quests;
--# finds D1 block 5:1

--# good only what came after the second savepoint is undone
SAVEPOINT a;
CREATE TABLE quests (id bigint PRIMARY KEY);
SAVEPOINT b;
CREATE TABLE moves (id bigint PRIMARY KEY);
ROLLBACK TO b;
DROP TABLE quests;

--# bad a table that was renamed is the old one, with its rows
--# table public.quests rows 1204 bytes 262144
--# names quests
ALTER TABLE quests RENAME TO quests_old;
DROP TABLE quests_old;
--# finds D1 high 2:1
--# says about 1,204 rows

--# good the new one under the old name
--# table public.quests rows 1204 bytes 262144
ALTER TABLE quests RENAME TO quests_old;
CREATE TABLE quests (id bigint PRIMARY KEY);
DROP TABLE quests;

--# bad the new one was renamed away, and the old one back
--# table public.quests rows 1204 bytes 262144
ALTER TABLE quests RENAME TO quests_old;
CREATE TABLE quests (id bigint PRIMARY KEY);
ALTER TABLE quests RENAME TO quests_new;
ALTER TABLE quests_old RENAME TO quests;
DROP TABLE quests;
--# finds D1 block 5:1

--# bad a rename that was rolled back
--# table public.quests rows 1204 bytes 262144
CREATE TABLE quests_new (id bigint PRIMARY KEY);
SAVEPOINT a;
ALTER TABLE quests RENAME TO quests_old;
ALTER TABLE quests_new RENAME TO quests;
ROLLBACK TO a;
DROP TABLE quests;
DROP TABLE quests_new;
--# finds D1 block 6:1

--# good a schema of this plan, renamed
CREATE SCHEMA staging;
CREATE TABLE staging.quests (id bigint PRIMARY KEY);
ALTER SCHEMA staging RENAME TO archive;
DROP TABLE archive.quests;

--# good a temporary table
CREATE TEMPORARY TABLE quests (id bigint);
DROP TABLE quests;

--# bad the temporary table of the file before is gone with its session
CREATE TEMPORARY TABLE quests (id bigint);
--# file 002.sql
DROP TABLE quests;
--# finds D1 block 2/1:1

--# good an undo file under the new name, and another that was not renamed before it
CREATE TABLE quests (id bigint PRIMARY KEY);
ALTER TABLE quests RENAME TO tasks;
--# file 001.down.sql
--# undo
ALTER TABLE tasks RENAME TO quests;
DROP TABLE quests;
--# file 002.down.sql
--# undo
DROP TABLE tasks;
--# finds D1 medium 2/2:1
--# finds D1 medium 3/1:1
