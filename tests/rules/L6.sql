-- REFRESH MATERIALIZED VIEW without CONCURRENTLY

--# bad nothing is known
REFRESH MATERIALIZED VIEW totals;
--# finds L6 medium 1:27
--# says whether it has a unique index

--# bad the view could be refreshed concurrently
--# table public.totals matview rows 300000 bytes 40000000
--# index public.totals totals_key day unique
REFRESH MATERIALIZED VIEW totals;
--# finds L6 medium 1:27
--# says REFRESH MATERIALIZED VIEW CONCURRENTLY totals;

--# good concurrently
REFRESH MATERIALIZED VIEW CONCURRENTLY totals;

--# good another statement
CREATE MATERIALIZED VIEW totals AS SELECT 1;

--# bad emptied: nobody can read it any more
REFRESH MATERIALIZED VIEW daily WITH NO DATA;
--# finds L6 medium 1:27
--# says is emptied
