-- name over 63 bytes

--# bad 66 bytes
CREATE INDEX the_index_of_orders_by_customer_and_then_by_day_and_then_by_region ON orders (id);
--# finds C16 medium 1:1
--# says the server cuts the_index_of

--# good 63 bytes
CREATE INDEX the_index_of_orders_by_customer_and_then_by_day_and_then_by_reg ON orders (id);

--# good a long text is no name
SELECT 'the_index_of_orders_by_customer_and_then_by_day_and_then_by_region';
