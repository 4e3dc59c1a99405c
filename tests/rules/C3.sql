-- ADD COLUMN serial, identity or stored generated

--# bad an identity
--# table public.orders rows 5000000 bytes 900000000
ALTER TABLE orders ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;
--# finds C3 high 1:31

--# bad a stored generated column
--# table public.orders rows 5000000 bytes 900000000
ALTER TABLE orders ADD COLUMN total numeric GENERATED ALWAYS AS (price * amount) STORED;
--# finds C3 high 1:31

--# bad a serial
--# table public.orders rows 5000000 bytes 900000000
ALTER TABLE orders ADD COLUMN number bigserial;
--# finds C3 high 1:31

--# good a plain column
ALTER TABLE orders ADD COLUMN number bigint;

--# good in a new table
CREATE TABLE orders (number bigint GENERATED ALWAYS AS IDENTITY);
