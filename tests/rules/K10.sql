-- foreign key without an index

--# bad a new table without one
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers);
--# finds K10 medium 1:64
--# says CREATE INDEX ON

--# bad an old one without one
--# table public.orders rows 5000 bytes 90000
--# index public.orders orders_pkey id unique
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;
--# finds K10 medium 1:24

--# good built right behind
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers);
CREATE INDEX ON orders (customer_id);

--# good there already
--# table public.orders rows 5000 bytes 90000
--# index public.orders orders_customer customer_id,day
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;

--# good nobody knows
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;

--# good nulls refer to nothing: an index without them does
CREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint REFERENCES orders);
CREATE INDEX ON lines (order_id) WHERE order_id IS NOT NULL;

--# bad an index of some rows
CREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint REFERENCES orders);
CREATE INDEX ON lines (order_id) WHERE open;
--# finds K10 medium 1:60
