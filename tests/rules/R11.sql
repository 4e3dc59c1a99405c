-- SECURITY DEFINER without a search_path

--# bad no path
CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
--# finds R11 high 1:1
--# says SET search_path

--# good a fixed path
CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT 1';

--# good the caller's rights
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
