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
