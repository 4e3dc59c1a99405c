-- SECURITY DEFINER without a search_path

--# bad no path
CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
--# finds R11 high 1:1
--# says SET search_path

--# good a fixed path
CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT 1';

--# good the caller's rights
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';

--# good the path is set behind it
CREATE FUNCTION f() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
ALTER FUNCTION f() SET search_path = pg_catalog, pg_temp;

--# bad the path is taken away
ALTER FUNCTION f() RESET search_path;
--# finds R11 medium 1:1
--# says whether it runs with its owner
