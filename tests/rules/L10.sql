-- no lock_timeout

--# bad nothing sets one
ALTER TABLE orders ADD COLUMN note text;
ALTER TABLE customers ADD COLUMN note text;
--# finds L10 high 1:31
--# says whether the role or the database sets one
--# says SET LOCAL lock_timeout

--# bad the server says that there is none
--# lock_timeout 0
DROP TABLE orders;
--# finds L10 high 1:1

--# good the run sets one
--# timeouts 2000 0
ALTER TABLE orders ADD COLUMN note text;

--# good the file sets one
SET LOCAL lock_timeout = '2s';
ALTER TABLE orders ADD COLUMN note text;

--# good the table is new
CREATE TABLE orders (id bigint);
ALTER TABLE orders ADD COLUMN note text;

--# good rows only
INSERT INTO orders VALUES (1);
