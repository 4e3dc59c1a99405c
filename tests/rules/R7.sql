-- several permissive policies for one command

--# bad both for reading
CREATE POLICY own ON orders FOR SELECT USING (a = 1);
CREATE POLICY team ON orders FOR SELECT USING (b = 1);
--# finds R7 medium 2:23
--# says own and team

--# bad one of them for everything
CREATE POLICY own ON orders USING (a = 1);
CREATE POLICY team ON orders FOR UPDATE USING (b = 1);
--# finds R7 medium 2:23

--# good another command
CREATE POLICY own ON orders FOR SELECT USING (a = 1);
CREATE POLICY team ON orders FOR UPDATE USING (b = 1);

--# good another role
CREATE POLICY own ON orders FOR SELECT TO web USING (a = 1);
CREATE POLICY team ON orders FOR SELECT TO jobs USING (b = 1);

--# good restrictive
CREATE POLICY own ON orders FOR SELECT USING (a = 1);
CREATE POLICY team ON orders AS RESTRICTIVE FOR SELECT USING (b = 1);
