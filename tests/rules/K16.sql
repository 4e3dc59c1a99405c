-- index that costs more than it gives

--# bad four columns
CREATE INDEX ON orders (a, b, c, d);
--# finds K16 low 1:17

--# bad there already
--# table public.orders rows 5000 bytes 90000
--# index public.orders orders_customer customer_id
CREATE INDEX orders_by_customer ON orders (customer_id);
--# finds K16 low 1:36
--# says orders_customer has the same columns

--# good a unique one over four
CREATE UNIQUE INDEX ON orders (a, b, c, d);

--# good only for some rows
--# table public.orders rows 5000 bytes 90000
--# index public.orders orders_customer customer_id
CREATE INDEX orders_open ON orders (customer_id) WHERE open;

--# bad twice in one plan
CREATE INDEX a ON orders (day);
CREATE INDEX b ON orders (day);
--# finds K16 low 2:19
--# says a has the same columns

--# good of another kind, or of some rows
CREATE INDEX a ON orders (day);
CREATE INDEX b ON orders USING brin (day);
CREATE INDEX c ON orders (day) WHERE open;
CREATE UNIQUE INDEX d ON orders (day);
CREATE INDEX e ON orders USING gin (a, b, c, d);

--# good the first is dropped
CREATE INDEX a ON orders (day);
DROP INDEX a;
CREATE INDEX b ON orders (day);
