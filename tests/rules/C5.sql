-- SET NOT NULL

--# bad nothing is known
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;
--# finds C5 high 1:13
--# says CHECK (note IS NOT NULL) NOT VALID;

--# bad a large table
--# table public.orders rows 52000000 bytes 12000000000
--# column public.orders note text
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;
--# finds C5 block 1:13

--# good a valid CHECK proves it
--# table public.orders rows 52000000 bytes 12000000000
--# column public.orders note text
--# constraint public.orders note_filled c note proves note
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;

--# good a CHECK that this plan validates before
--# transaction each
ALTER TABLE orders ADD CONSTRAINT note_filled CHECK (note IS NOT NULL) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT note_filled;
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;

--# good it is so already
--# table public.orders rows 52000000 bytes 12000000000
--# column public.orders note text not_null
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;

--# bad the CHECK was never validated
--# table public.orders rows 5000000 bytes 900000000
--# column public.orders note text
--# constraint public.orders note_filled c note invalid proves note
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;
--# finds C5 high 1:13

--# bad a name that must be quoted
ALTER TABLE orders ALTER COLUMN "Select" SET NOT NULL;
--# finds C5 high 1:13
--# says ADD CONSTRAINT "Select_filled" CHECK ("Select" IS NOT NULL) NOT VALID;

--# good two CHECKs, the older one proves it
--# transaction each
ALTER TABLE orders ADD CONSTRAINT note_filled CHECK (note IS NOT NULL) NOT VALID;
ALTER TABLE orders ADD CONSTRAINT remark_filled CHECK (remark IS NOT NULL) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT note_filled;
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;

--# bad the CHECK that proved it was dropped before
--# table public.orders rows 5000000 bytes 900000000
--# column public.orders note text
--# constraint public.orders note_filled c note proves note
ALTER TABLE orders DROP CONSTRAINT note_filled;
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;
--# finds C5 high 2:13

--# bad it was required, and the plan took that back
--# table public.orders rows 5000000 bytes 900000000
--# column public.orders note text not_null
ALTER TABLE orders ALTER COLUMN note DROP NOT NULL;
UPDATE orders SET note = NULL WHERE note = '';
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;
--# finds C5 high 3:13

--# good the statement timeout has nothing to stop
--# table public.orders rows 52000000 bytes 12000000000
--# column public.orders note text
--# constraint public.orders note_filled c note proves note
--# timeouts 2000 0
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;
