-- ADD FOREIGN KEY that reads the table

--# bad proved at once
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers;
--# finds K2 high 1:24
--# says writes to it and to customers stop

--# good not valid
ALTER TABLE orders ADD CONSTRAINT k FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;

--# good in a new table
CREATE TABLE orders (customer_id bigint REFERENCES customers);

--# good a new table gets it: nothing but a low note
CREATE TABLE orders (customer_id bigint);
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers;

--# bad with a new column that has a default
ALTER TABLE orders ADD COLUMN shop_id bigint DEFAULT 1 REFERENCES shops (id);
--# finds K2 high 1:56

--# good with a new column of nulls
ALTER TABLE orders ADD COLUMN shop_id bigint REFERENCES shops (id);

--# bad the whole key is said again
ALTER TABLE orders ADD FOREIGN KEY (customer_id, "Shop") REFERENCES app.customers (id, shop) ON DELETE CASCADE DEFERRABLE;
--# finds K2 high 1:24
--# says ADD CONSTRAINT "orders_customer_id_Shop_fkey" FOREIGN KEY (customer_id, "Shop") REFERENCES app.customers (id, shop) ON DELETE CASCADE DEFERRABLE NOT VALID;
