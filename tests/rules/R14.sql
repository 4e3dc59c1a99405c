-- policy work on a table in use

--# bad once for a file
CREATE POLICY own ON orders USING (a = 1);
CREATE POLICY team ON customers USING (a = 1);
--# finds R14 medium 1:22

--# bad a gap between two transactions
--# transaction each
DROP POLICY own ON orders;
CREATE POLICY own ON orders USING (a = 1);
--# finds R14 medium 1:1
--# finds R14 high 2:22
--# says is without it

--# good a new table
CREATE TABLE orders (id bigint PRIMARY KEY, a int);
CREATE POLICY own ON orders USING (a = 1);

--# good another kind of work
ALTER TABLE orders ADD COLUMN a int;
