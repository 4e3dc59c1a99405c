-- row level security on, no policy

--# bad a new table
CREATE TABLE orders (id bigint PRIMARY KEY);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
--# finds R3 high 2:13

--# bad an old one without a policy
--# table public.orders rows 5 bytes 8192
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
--# finds R3 high 1:13

--# good with a policy
CREATE TABLE orders (id bigint PRIMARY KEY);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON orders USING (id = 1);

--# good there is one
--# table public.orders rows 5 bytes 8192
--# policies public.orders 2
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;

--# bad the only policy is dropped again
CREATE TABLE notes (id bigint PRIMARY KEY);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes USING (id = 1);
DROP POLICY own ON notes;
--# finds R3 high 2:13

--# good dropped, and made again
CREATE TABLE notes (id bigint PRIMARY KEY);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS own ON notes;
CREATE POLICY own ON notes USING (id = 1);

--# bad a table of which nothing is known
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
--# finds R3 medium 1:13
--# says whether it has policies
