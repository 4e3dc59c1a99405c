-- foreign key to a platform's own key

--# bad the address
CREATE TABLE people (id bigint PRIMARY KEY, email text REFERENCES auth.users (email));
--# finds R13 medium 1:56

--# good the primary key
CREATE TABLE people (id uuid PRIMARY KEY REFERENCES auth.users (id));

--# good a table of ours
CREATE TABLE people (id bigint PRIMARY KEY, email text REFERENCES accounts (email));
