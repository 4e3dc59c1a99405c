-- row level security hides the rows

--# bad forced, and the role is under the policies
--# role app_owner
--# table public.orders rows 5000 bytes 900000 rls forced owner app_owner
UPDATE orders SET note = '' WHERE id = 1;
--# finds D7 block 1:8
--# says may match no row at all

--# bad somebody else's table
--# role migrator
--# table public.orders rows 5000 bytes 900000 rls owner app_owner
DELETE FROM orders WHERE id = 1;
--# finds D7 block 1:13

--# good the role bypasses them
--# role app_owner bypassrls
--# table public.orders rows 5000 bytes 900000 rls forced owner app_owner
UPDATE orders SET note = '' WHERE id = 1;

--# good the owner, not forced
--# role app_owner
--# table public.orders rows 5000 bytes 900000 rls owner app_owner
UPDATE orders SET note = '' WHERE id = 1;

--# good an error instead of silence
--# role app_owner
--# table public.orders rows 5000 bytes 900000 rls forced owner app_owner
SET LOCAL row_security = off;
UPDATE orders SET note = '' WHERE id = 1;
