-- rows written after FORCE

--# bad in the same plan
ALTER TABLE orders FORCE ROW LEVEL SECURITY;
UPDATE orders SET note = '' WHERE id = 1;
--# finds R17 high 2:8
--# says whether the role has BYPASSRLS

--# good written first
UPDATE orders SET note = '' WHERE id = 1;
ALTER TABLE orders FORCE ROW LEVEL SECURITY;

--# good the role bypasses them
--# role app_owner bypassrls
ALTER TABLE orders FORCE ROW LEVEL SECURITY;
UPDATE orders SET note = '' WHERE id = 1;
