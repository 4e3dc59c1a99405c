-- ADD CHECK that reads the table

--# bad proved at once
ALTER TABLE orders ADD CONSTRAINT positive CHECK (price > 0);
--# finds K1 high 1:24
--# says VALIDATE CONSTRAINT positive

--# bad a large table
--# table public.orders rows 52000000 bytes 12000000000
ALTER TABLE orders ADD CHECK (price > 0);
--# finds K1 block 1:24

--# good not valid
ALTER TABLE orders ADD CONSTRAINT positive CHECK (price > 0) NOT VALID;

--# good in a new table
CREATE TABLE orders (price numeric CHECK (price > 0));

--# bad a name that must be quoted
ALTER TABLE orders ADD CONSTRAINT "Is Positive" CHECK (price > 0);
--# finds K1 high 1:24
--# says VALIDATE CONSTRAINT "Is Positive";

--# bad with a new column of a table that has rows
ALTER TABLE orders ADD COLUMN weight integer CHECK (weight > 0);
--# finds K1 high 1:46

--# bad the whole condition is said again, on one line
ALTER TABLE app.orders
    ADD CONSTRAINT "Price ok" CHECK (
        price > 0 -- no gifts, and no (
        AND note <> 'a, b;'
    ), ADD COLUMN other int;
--# finds K1 high 2:9
--# says ALTER TABLE app.orders ADD CONSTRAINT "Price ok" CHECK ( price > 0 AND note <> 'a, b;' ) NOT VALID;
--# says ALTER TABLE app.orders VALIDATE CONSTRAINT "Price ok";

--# bad a name that the server would make
ALTER TABLE orders ADD CHECK (price > 0);
--# finds K1 high 1:24
--# says ALTER TABLE orders ADD CONSTRAINT orders_price_check CHECK (price > 0) NOT VALID;
