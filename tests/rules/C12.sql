-- DROP NOT NULL or DROP DEFAULT

--# bad NOT NULL
ALTER TABLE orders ALTER COLUMN note DROP NOT NULL;
--# finds C12 low 1:13

--# bad a default
ALTER TABLE orders ALTER COLUMN note DROP DEFAULT;
--# finds C12 low 1:13

--# good the other way round
ALTER TABLE orders ALTER COLUMN note SET DEFAULT '';

--# good another action
ALTER TABLE orders DROP CONSTRAINT note_filled;
