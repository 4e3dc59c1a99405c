-- type that people regret

--# bad a serial
CREATE TABLE orders (id serial PRIMARY KEY);
--# finds C15 low 1:22
--# says an identity column has not

--# bad a time without a zone
ALTER TABLE orders ADD COLUMN created timestamp;
--# finds C15 low 1:31
--# says timestamptz

--# bad a key that ends
CREATE TABLE orders (id integer PRIMARY KEY);
--# finds C15 low 1:22
--# says 2,147,483,647

--# good an integer that is no key
CREATE TABLE orders (id bigint PRIMARY KEY, amount integer);

--# good the good ones
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, created timestamptz);

--# bad a name that must be quoted
ALTER TABLE app.orders ADD COLUMN "At" timestamp;
--# finds C15 low 1:35
--# says ALTER TABLE app.orders ADD COLUMN "At" timestamptz;

--# bad the key stands behind the columns
CREATE TABLE orders (id int, PRIMARY KEY (id));
--# finds C15 low 1:22

--# good a key of several columns grows with all of them
CREATE TABLE lines (a int, b int, PRIMARY KEY (a, b));
