-- UNIQUE or PRIMARY KEY that builds its index

--# bad UNIQUE
ALTER TABLE orders ADD CONSTRAINT number_key UNIQUE (number);
--# finds K6 high 1:24
--# says UNIQUE USING INDEX number_key;

--# bad PRIMARY KEY
ALTER TABLE orders ADD PRIMARY KEY (id);
--# finds K6 high 1:24

--# good USING INDEX
ALTER TABLE orders ADD CONSTRAINT number_key UNIQUE USING INDEX number_key;

--# good in a new table
CREATE TABLE orders (id bigint PRIMARY KEY, number bigint UNIQUE);

--# bad with a new column of a table that has rows
ALTER TABLE orders ADD COLUMN code text UNIQUE;
--# finds K6 high 1:41

--# good with a column of a new table
CREATE TABLE orders (id bigint);
ALTER TABLE orders ADD COLUMN code text UNIQUE;

--# bad columns that must be quoted, more of them included, deferrable
ALTER TABLE app.orders ADD CONSTRAINT once UNIQUE ("At", shop) INCLUDE (note) DEFERRABLE;
--# finds K6 high 1:28
--# says CREATE UNIQUE INDEX CONCURRENTLY once ON app.orders ("At", shop) INCLUDE (note);
--# says ALTER TABLE app.orders ADD CONSTRAINT once UNIQUE USING INDEX once DEFERRABLE;

--# bad without a name
ALTER TABLE orders ADD PRIMARY KEY (id);
--# finds K6 high 1:24
--# says CREATE UNIQUE INDEX CONCURRENTLY orders_pkey ON orders (id);
--# says ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX orders_pkey;
