-- no expectation how many rows

--# bad the plan says nothing
UPDATE orders SET note = '' WHERE id = 1;
DELETE FROM orders WHERE id = 2;
--# finds D8 medium 1:1
--# says at_least

--# good the plan says it
--# rows_expected
UPDATE orders SET note = '' WHERE id = 1;

--# good there is no plan
--# alone
UPDATE orders SET note = '' WHERE id = 1;
