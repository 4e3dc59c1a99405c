-- policy that lets everybody write

--# bad always true
CREATE POLICY all_of_it ON orders FOR ALL USING (true);
--# finds R5 high 1:28

--# bad an insert without a check
CREATE POLICY add ON orders FOR INSERT TO authenticated;
--# finds R5 high 1:22
--# says without WITH CHECK

--# good reading alone
CREATE POLICY look ON orders FOR SELECT USING (true);

--# good for the service
CREATE POLICY service ON orders FOR ALL TO service_role USING (true) WITH CHECK (true);

--# good it says which rows
CREATE POLICY own ON orders FOR INSERT WITH CHECK (owner = (SELECT auth.uid()));
