-- new enum type

--# bad an enum
CREATE TYPE mood AS ENUM ('happy', 'sad');
--# finds K15 low 1:1

--# good a composite type
CREATE TYPE place AS (x int, y int);

--# good a lookup table
CREATE TABLE mood (name text PRIMARY KEY);
