-- UPDATE or DELETE of every row

--# bad no WHERE
UPDATE orders SET note = '';
--# finds D4 high 1:8
--# says this UPDATE has no WHERE: it writes every row

--# bad a WHERE that is always true
DELETE FROM orders WHERE 1 = 1;
--# finds D4 high 1:13
--# says has a WHERE that is always true

--# good some rows
UPDATE orders SET note = '' WHERE id < 1000;

--# good a new table
CREATE TABLE orders (id bigint PRIMARY KEY, note text);
UPDATE orders SET note = '';
