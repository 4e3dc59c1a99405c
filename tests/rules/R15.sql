-- policy asks a column without an index

--# bad no index
--# table public.orders rows 500000 bytes 90000000 rls
--# column public.orders tenant bigint
CREATE POLICY own ON orders FOR SELECT USING (tenant = 1);
--# finds R15 medium 1:22

--# good indexed
--# table public.orders rows 500000 bytes 90000000 rls
--# column public.orders tenant bigint indexed
CREATE POLICY own ON orders FOR SELECT USING (tenant = 1);

--# good indexed by this plan
--# table public.orders rows 500000 bytes 90000000 rls
--# column public.orders tenant bigint
CREATE INDEX ON orders (tenant);
CREATE POLICY own ON orders FOR SELECT USING (tenant = 1);
