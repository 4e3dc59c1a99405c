-- policies, and row level security off

--# bad off on the server
--# table public.orders rows 5 bytes 8192
CREATE POLICY own ON orders USING (owner = current_user);
--# finds R2 block 1:22

--# bad on a new table
CREATE TABLE orders (id bigint PRIMARY KEY);
CREATE POLICY own ON orders USING (id = 1);
--# finds R2 block 2:22

--# good on on the server
--# table public.orders rows 5 bytes 8192 rls
CREATE POLICY own ON orders USING (owner = current_user);

--# good enabled behind
--# table public.orders rows 5 bytes 8192
CREATE POLICY own ON orders USING (owner = current_user);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
