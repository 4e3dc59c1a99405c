-- IF NOT EXISTS hides another shape

--# bad another type
--# table public.orders rows 5 bytes 8192
--# column public.orders note integer
ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;
--# finds T5 medium 1:45
--# says note is there as integer

--# bad a table without the column
--# table public.orders rows 5 bytes 8192
--# column public.orders id bigint
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, note text);
--# finds T5 medium 1:59
--# says without the column note

--# good the same
--# table public.orders rows 5 bytes 8192
--# column public.orders note text
ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;

--# good nothing there
--# table public.customers rows 5 bytes 8192
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, note text);
