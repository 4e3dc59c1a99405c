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

--# bad made again with another content
DROP POLICY IF EXISTS own ON orders;
CREATE POLICY own ON orders FOR SELECT USING (a = 1);
CREATE POLICY team ON orders FOR SELECT USING (b = 1);
--# finds R7 medium 3:23

--# bad the one that is made again meets the other
CREATE POLICY team ON orders FOR SELECT USING (b = 1);
DROP POLICY IF EXISTS own ON orders;
CREATE POLICY own ON orders USING (a = 1);
--# finds R7 medium 3:22

--# good made again for another command
CREATE POLICY own ON orders FOR SELECT USING (a = 1);
DROP POLICY own ON orders;
CREATE POLICY own ON orders FOR DELETE USING (a = 1);
CREATE POLICY team ON orders FOR SELECT USING (b = 1);

--# good made again for another role
CREATE POLICY own ON orders FOR SELECT TO web USING (a = 1);
DROP POLICY own ON orders;
CREATE POLICY own ON orders FOR SELECT TO jobs USING (a = 1);
CREATE POLICY team ON orders FOR SELECT TO web USING (b = 1);

--# good dropped
CREATE POLICY own ON orders FOR SELECT USING (a = 1);
DROP POLICY own ON orders;
CREATE POLICY team ON orders FOR SELECT USING (b = 1);

--# bad everybody, and one of them
CREATE POLICY own ON orders FOR SELECT USING (a = 1);
CREATE POLICY team ON orders FOR SELECT TO web USING (b = 1);
--# finds R7 medium 2:23

--# bad one of them, and everybody
CREATE POLICY own ON orders FOR SELECT TO web USING (a = 1);
CREATE POLICY team ON orders FOR SELECT USING (b = 1);
--# finds R7 medium 2:23

--# good a service, and everybody
CREATE POLICY service ON orders TO service_role USING (true);
CREATE POLICY team ON orders FOR SELECT USING (b = 1);
CREATE POLICY other ON orders FOR ALL TO service_role USING (true);
