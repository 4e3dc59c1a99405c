-- backfill of a large table in one statement

--# bad five million rows
--# table public.orders rows 5000000 bytes 900000000
UPDATE orders SET note = '' WHERE note IS NULL;
--# finds D6 high 1:8
--# says WAL, replica lag

--# good few rows
--# table public.orders rows 5000 bytes 900000
UPDATE orders SET note = '' WHERE note IS NULL;

--# good nobody knows
UPDATE orders SET note = '' WHERE note IS NULL;
