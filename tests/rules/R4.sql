-- row level security taken away

--# bad switched off
ALTER TABLE orders DISABLE ROW LEVEL SECURITY;
--# finds R4 block 1:13

--# bad no longer forced
ALTER TABLE orders NO FORCE ROW LEVEL SECURITY;
--# finds R4 block 1:13

--# good a new table
CREATE TABLE orders (id bigint PRIMARY KEY);
ALTER TABLE orders DISABLE ROW LEVEL SECURITY;

--# good switched on
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
