-- rows that are there may break it

--# bad duplicates
ALTER TABLE orders ADD CONSTRAINT number_key UNIQUE (number);
--# finds K8 medium 1:24
--# says HAVING count(*) > 1

--# bad orphans
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers (id);
--# finds K8 medium 1:24
--# says parent.id = child.customer_id

--# good an empty table
--# table public.orders rows 0 bytes 0
ALTER TABLE orders ADD CONSTRAINT number_key UNIQUE (number);

--# good not valid
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;

--# bad a key of several columns
ALTER TABLE orders ADD FOREIGN KEY (customer_id, shop) REFERENCES customers (id, shop);
--# finds K8 medium 1:24

--# bad what the key points at is known from the server
--# table public.orders rows 500 bytes 81920
--# table public.customers rows 500 bytes 81920
--# constraint public.customers customers_pkey p number
ALTER TABLE orders ADD FOREIGN KEY (customer) REFERENCES customers;
--# finds K8 medium 1:24
--# says parent.number = child.customer
