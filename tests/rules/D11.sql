-- DROP of a view, function or extension in use

--# bad somebody uses it
--# table public.v_open view
--# dependent public.v_open view v_open_today cascade
DROP VIEW v_open;
--# finds D11 high 1:1
--# says view v_open_today

--# bad nobody knows
DROP FUNCTION total(bigint);
--# finds D11 high 1:1
--# says who uses it

--# good nothing depends on it
--# table public.v_open view
DROP VIEW v_open;

--# good made by the same plan
CREATE VIEW v_open AS SELECT 1;
DROP VIEW v_open;

--# good made again in the same transaction
DROP VIEW IF EXISTS open_orders;
CREATE VIEW open_orders AS SELECT 1;
--# finds D11 low 1:1
--# says rights that were granted on it

--# good a function, too
DROP FUNCTION total(bigint);
CREATE FUNCTION total(bigint) RETURNS int LANGUAGE sql AS 'SELECT 1';
--# finds D11 low 1:1

--# bad made again in another transaction
--# transaction each
DROP VIEW open_orders;
CREATE VIEW open_orders AS SELECT 1;
--# finds D11 high 1:1

--# bad a foreign table
DROP FOREIGN TABLE orders_of_others;
--# finds D11 high 1:1
