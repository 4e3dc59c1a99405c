-- change of a published table

--# bad a column of a published table
--# table public.orders rows 5000 bytes 90000 published
ALTER TABLE orders ADD COLUMN note text;
--# finds K18 high 1:31

--# good it is not published
--# table public.orders rows 5000 bytes 90000
ALTER TABLE orders ADD COLUMN note text;

--# good an index is not replicated
--# table public.orders rows 5000 bytes 90000 published
CREATE INDEX ON orders (note);
