-- view of the account table

--# bad auth.users
CREATE VIEW people AS SELECT id, email FROM auth.users;
--# finds R10 block 1:13

--# good another table
CREATE VIEW people AS SELECT id FROM public.users;

--# good a key to it
CREATE TABLE people (id uuid PRIMARY KEY REFERENCES auth.users (id));
