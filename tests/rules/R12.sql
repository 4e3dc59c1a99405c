-- open to people who never signed in

--# bad anon may write
CREATE POLICY add ON orders FOR INSERT TO anon WITH CHECK (state = 'new');
--# finds R12 medium 1:22

--# bad files can be listed
CREATE POLICY look ON storage.objects FOR SELECT USING (bucket_id = 'public');
--# finds R12 medium 1:23

--# good those who signed in
CREATE POLICY add ON orders FOR INSERT TO authenticated WITH CHECK (state = 'new');

--# good anon may read
CREATE POLICY look ON orders FOR SELECT TO anon USING (state = 'public');
