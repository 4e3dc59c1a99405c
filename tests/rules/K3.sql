-- foreign key of a new table to one in use

--# bad the other table is in use
--# traffic public.customers 9 writes : update customers set name = $1
CREATE TABLE orders (customer_id bigint REFERENCES customers);
--# finds K3 low 1:41
--# says 9.0 writes a second

--# good both are new
CREATE TABLE customers (id bigint PRIMARY KEY);
CREATE TABLE orders (customer_id bigint REFERENCES customers);

--# good no key
CREATE TABLE orders (customer_id bigint);
