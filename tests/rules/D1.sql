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
