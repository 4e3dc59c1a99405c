-- cached plans of SELECT *

--# bad somebody selects all columns
--# traffic public.orders 4 all : select * from orders where id = $1
ALTER TABLE orders ADD COLUMN note text;
--# finds C19 medium 1:31
--# says select * from orders

--# good nobody does
--# traffic public.orders 4 columns id : select id from orders
ALTER TABLE orders ADD COLUMN note text;

--# good no column changes
--# traffic public.orders 4 all : select * from orders where id = $1
CREATE INDEX ON orders (note);
