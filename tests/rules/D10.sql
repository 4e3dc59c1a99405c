-- rights or owner change

--# bad taken away
REVOKE SELECT ON orders FROM app_web;
--# finds D10 high 1:1

--# bad everything to everybody
GRANT ALL ON orders TO public;
--# finds D10 high 1:1
--# says everybody may do everything

--# bad another owner
ALTER TABLE orders OWNER TO app_owner;
--# finds D10 high 1:13

--# good a single right is said, two steps lower
GRANT SELECT ON orders TO app_web;
--# finds D10 low 1:1

--# good on a new table
CREATE TABLE orders (id bigint PRIMARY KEY);
GRANT SELECT ON orders TO app_web;

--# good taken away from a new table, which nobody had
CREATE TABLE orders (id bigint PRIMARY KEY);
REVOKE ALL ON orders FROM anon, public;

--# bad everything taken away is not everything given
REVOKE ALL ON orders FROM public;
--# finds D10 high 1:1
--# says somebody may lose access

--# bad the owner of something else is said with what it is
ALTER FUNCTION set_updated_at() OWNER TO app_owner;
--# finds D10 high 1:1
--# says function set_updated_at gets another owner, app_owner

--# bad everybody may write
GRANT SELECT, INSERT ON orders TO PUBLIC;
--# finds D10 high 1:1
--# says everybody may write

--# good reading is ordinary
GRANT SELECT ON orders TO PUBLIC;
--# finds D10 low 1:1
