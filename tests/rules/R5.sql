-- policy that lets everybody write

--# bad always true
CREATE POLICY all_of_it ON orders FOR ALL USING (true);
--# finds R5 high 1:28

--# good reading alone
CREATE POLICY look ON orders FOR SELECT USING (true);

--# good for the service
CREATE POLICY service ON orders FOR ALL TO service_role USING (true) WITH CHECK (true);

--# good it says which rows
CREATE POLICY own ON orders FOR INSERT WITH CHECK (owner = (SELECT auth.uid()));

--# bad an INSERT policy without WITH CHECK lets nobody in
CREATE POLICY own ON orders FOR INSERT TO web;
--# finds R5 low 1:22
--# says lets no row in

--# bad a policy that is opened
ALTER POLICY own ON orders USING (true);
--# finds R5 medium 1:21
--# says for which command

--# bad of this plan
CREATE POLICY own ON orders FOR UPDATE USING (owner = 1);
ALTER POLICY own ON orders USING (true);
--# finds R5 high 2:21

--# good of this plan, for reading
CREATE POLICY own ON orders FOR SELECT USING (owner = 1);
ALTER POLICY own ON orders USING (true);
