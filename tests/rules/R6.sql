-- policy calls a function for every row

--# bad bare
--# table public.orders rows 500000 bytes 90000000 rls
CREATE POLICY own ON orders FOR SELECT USING (owner = auth.uid());
--# finds R6 medium 1:22
--# says (SELECT auth.uid(...))

--# bad a setting
--# table public.orders rows 500000 bytes 90000000 rls
CREATE POLICY own ON orders FOR SELECT USING (tenant = current_setting('app.tenant')::int);
--# finds R6 medium 1:22

--# good once
CREATE POLICY own ON orders FOR SELECT USING (owner = (SELECT auth.uid()));

--# good no call
CREATE POLICY own ON orders FOR SELECT USING (open);
