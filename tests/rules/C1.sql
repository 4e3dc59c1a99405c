-- ADD COLUMN NOT NULL without a default

--# bad nobody knows whether it holds rows
ALTER TABLE orders ADD COLUMN note text NOT NULL;
--# finds C1 block 1:31
--# says whether it holds rows

--# bad it holds rows
--# table public.orders rows 500 bytes 81920
ALTER TABLE orders ADD COLUMN note text NOT NULL;
--# finds C1 block 1:31

--# good with a default
ALTER TABLE orders ADD COLUMN note text NOT NULL DEFAULT '';

--# good it may be null
ALTER TABLE orders ADD COLUMN note text;

--# good the table is new
CREATE TABLE orders (id bigint);
ALTER TABLE orders ADD COLUMN note text NOT NULL;

--# bad a default that is none
ALTER TABLE orders ADD COLUMN note text NOT NULL DEFAULT NULL;
--# finds C1 block 1:31
