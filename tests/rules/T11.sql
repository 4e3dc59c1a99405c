-- a claim of the plan is contradicted

--# bad a second run fails, whatever the plan says
--# claims rerun_safe=yes
ALTER TABLE notes ADD COLUMN IF NOT EXISTS mood text;
CREATE POLICY own ON notes USING (true);
CREATE POLICY other ON notes USING (true);
--# finds T11 high 2:1
--# says the plan says `rerun_safe: true`, but a second run fails, or does its work twice: CREATE POLICY and 1 more

--# bad what holds others up is downtime
--# claims zero_downtime=yes
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;
--# finds T11 high 1:1
--# says others wait while every row is read or written: ALTER TABLE

--# bad a column that is dropped is data that is gone
--# claims destructive=no
ALTER TABLE orders DROP COLUMN note;
--# finds T11 high 1:1
--# says data is lost: ALTER TABLE

--# bad what cannot be judged proves no claim
--# claims rerun_safe=yes destructive=no
DO $$ DECLARE victim text := current_setting('app.victim'); BEGIN EXECUTE 'DROP TABLE ' || victim; END $$;
--# finds T11 low 1:1
--# finds T11 low 1:1

--# good the claims are true
--# claims rerun_safe=yes zero_downtime=yes destructive=no
CREATE TABLE IF NOT EXISTS notes (id bigint PRIMARY KEY);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;

--# good a pair in one transaction goes the second time as it went the first
--# claims rerun_safe=yes
DROP POLICY IF EXISTS own ON notes;
CREATE POLICY own ON notes USING (true);

--# good nothing is claimed
DROP TABLE orders;

--# good the server knows that there is nothing to read
--# claims zero_downtime=yes
--# table public.orders rows 52000000 bytes 12000000000
--# column public.orders note text not_null
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;

--# good a claim of the other kind is nobody's trouble
--# claims rerun_safe=no zero_downtime=no destructive=yes
ALTER TABLE notes ADD COLUMN IF NOT EXISTS mood text;

--# bad a column dropped and added again loses its values in every run
--# claims rerun_safe=yes
ALTER TABLE notes DROP COLUMN IF EXISTS mood;
ALTER TABLE notes ADD COLUMN mood text;
--# finds T11 high 2:1
--# says does its work twice: ALTER TABLE

--# bad in one statement, too, and with a guard on both
--# claims rerun_safe=yes
ALTER TABLE notes DROP COLUMN IF EXISTS mood, ADD COLUMN IF NOT EXISTS mood text;
--# finds T11 high 1:1

--# good a helper column that the same transaction takes away
--# claims rerun_safe=yes
ALTER TABLE notes ADD COLUMN IF NOT EXISTS mood text;
ALTER TABLE notes DROP COLUMN IF EXISTS mood;

--# bad a table that is made anew loses its rows in every run; its columns with it
--# claims rerun_safe=yes
DROP TABLE IF EXISTS notes;
CREATE TABLE notes (id bigint PRIMARY KEY);
ALTER TABLE notes DROP COLUMN IF EXISTS mood;
ALTER TABLE notes ADD COLUMN mood text;
--# finds T11 high 2:1
