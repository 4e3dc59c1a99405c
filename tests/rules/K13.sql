-- enum value without a position

--# bad at the end
ALTER TYPE mood ADD VALUE 'calm';
--# finds K13 low 1:1

--# good with a position
ALTER TYPE mood ADD VALUE 'calm' BEFORE 'happy';

--# good renamed
ALTER TYPE mood RENAME VALUE 'calm' TO 'quiet';
