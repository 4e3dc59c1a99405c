-- LOCK TABLE in a strong mode

--# bad without a mode it is the strongest
LOCK TABLE orders;
--# finds L15 medium 1:12
--# says ACCESS EXCLUSIVE mode stops reads and writes of orders
--# says NOWAIT;

--# good a weak mode
LOCK TABLE orders IN SHARE UPDATE EXCLUSIVE MODE;

--# good a new table
CREATE TABLE orders (id bigint);
LOCK TABLE orders;
