-- new table without row level security

--# bad in an exposed schema
--# exposed public
CREATE TABLE orders (id bigint PRIMARY KEY);
--# finds R1 block 1:14
--# says ENABLE ROW LEVEL SECURITY

--# good enabled in the same file
--# exposed public
CREATE TABLE orders (id bigint PRIMARY KEY);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;

--# good a schema that nobody serves
--# exposed public
CREATE TABLE private.orders (id bigint PRIMARY KEY);

--# good nobody knows of an API
CREATE TABLE orders (id bigint PRIMARY KEY);
