-- not enough disk for a rewrite or build

--# bad less is free than the table takes
--# table public.orders rows 2000000 bytes 900000000
--# free 500000000
ALTER TABLE orders SET UNLOGGED;
--# finds L22 high 1:13
--# says 477 MB are free

--# good enough is free
--# table public.orders rows 2000000 bytes 900000000
--# free 5000000000
ALTER TABLE orders SET UNLOGGED;

--# good nothing is written anew
--# table public.orders rows 2000000 bytes 900000000
--# free 500000000
ALTER TABLE orders ADD COLUMN note text;
