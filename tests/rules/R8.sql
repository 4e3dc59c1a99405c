-- policy trusts what users edit

--# bad user_metadata
CREATE POLICY admins ON orders FOR SELECT USING ((SELECT auth.jwt()) -> 'user_metadata' ->> 'role' = 'admin');
--# finds R8 block 1:25

--# good app_metadata
CREATE POLICY admins ON orders FOR SELECT USING ((SELECT auth.jwt()) -> 'app_metadata' ->> 'role' = 'admin');

--# good no claim
CREATE POLICY own ON orders FOR SELECT USING (a = 1);
