-- UPDATE or DELETE of every row

--# bad no WHERE
UPDATE orders SET note = '';
--# finds D4 high 1:8
--# says it has no WHERE

--# bad a WHERE that is always true
DELETE FROM orders WHERE 1 = 1;
--# finds D4 high 1:13
--# says its WHERE is always true

--# good some rows
UPDATE orders SET note = '' WHERE id < 1000;

--# good a new table
CREATE TABLE orders (id bigint PRIMARY KEY, note text);
UPDATE orders SET note = '';
