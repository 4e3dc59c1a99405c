-- new enum value used in the same transaction

--# bad used right behind
ALTER TYPE mood ADD VALUE 'calm' BEFORE 'happy';
UPDATE people SET mood = 'calm' WHERE id = 1;
--# finds K14 block 2:1
--# says added by statement 1

--# good each by itself
--# transaction each
ALTER TYPE mood ADD VALUE 'calm' BEFORE 'happy';
UPDATE people SET mood = 'calm' WHERE id = 1;

--# good another value
ALTER TYPE mood ADD VALUE 'calm' BEFORE 'happy';
UPDATE people SET mood = 'happy' WHERE id = 1;

--# good the type is of the same transaction
CREATE TYPE mood AS ENUM ('happy');
ALTER TYPE mood ADD VALUE 'calm' BEFORE 'happy';
CREATE TABLE people (id bigint PRIMARY KEY, mood mood DEFAULT 'calm');

--# good the value was rolled back to a savepoint
SAVEPOINT a;
ALTER TYPE mood ADD VALUE 'calm' BEFORE 'happy';
ROLLBACK TO a;
INSERT INTO notes (mood) VALUES ('calm');

--# good the type is new, and renamed
CREATE TYPE mood AS ENUM ('sad');
ALTER TYPE mood RENAME TO temper;
ALTER TYPE temper ADD VALUE 'calm' BEFORE 'sad';
INSERT INTO notes (mood) VALUES ('calm');

--# bad a body in SQL is looked into when the function is made
ALTER TYPE mood ADD VALUE 'calm';
CREATE FUNCTION f() RETURNS mood LANGUAGE sql AS $$ SELECT 'calm'::mood $$;
--# finds K14 block 2:1

--# good a body in PL/pgSQL is not
ALTER TYPE mood ADD VALUE 'calm';
CREATE FUNCTION f() RETURNS mood LANGUAGE plpgsql AS $$ BEGIN RETURN 'calm'; END $$;
