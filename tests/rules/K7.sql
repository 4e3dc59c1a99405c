-- PRIMARY KEY over nullable columns

--# bad the column may be null
--# table public.orders rows 5000000 bytes 900000000
--# column public.orders id bigint
ALTER TABLE orders ADD PRIMARY KEY (id);
--# finds K7 medium 1:24

--# good it may not
--# table public.orders rows 5000000 bytes 900000000
--# column public.orders id bigint not_null
ALTER TABLE orders ADD PRIMARY KEY (id);

--# good a new table
CREATE TABLE orders (id bigint);
ALTER TABLE orders ADD PRIMARY KEY (id);
