-- ADD COLUMN with a volatile default

--# bad random for each row
--# table public.orders rows 5000000 bytes 900000000
ALTER TABLE orders ADD COLUMN key uuid DEFAULT gen_random_uuid();
--# finds C2 high 1:31
--# says gen_random_uuid() is volatile

--# bad a function that nobody knows
--# table public.orders rows 5000000 bytes 900000000
ALTER TABLE orders ADD COLUMN key text DEFAULT app.new_key();
--# finds C2 medium 1:31
--# says whether the function is volatile

--# good now() is stored once
ALTER TABLE orders ADD COLUMN created timestamptz DEFAULT now();

--# good now() in a time zone, as a call, is stored once, too
ALTER TABLE orders ADD COLUMN created timestamp DEFAULT timezone('utc'::text, now()) NOT NULL;

--# bad what changes in a time zone
--# table public.orders rows 5000000 bytes 900000000
ALTER TABLE orders ADD COLUMN created timestamp DEFAULT timezone('utc', clock_timestamp());
--# finds C2 high 1:31
--# says clock_timestamp() is volatile

--# good a constant
ALTER TABLE orders ADD COLUMN state text DEFAULT 'new';

--# good for new rows only
ALTER TABLE orders ALTER COLUMN key SET DEFAULT gen_random_uuid();
