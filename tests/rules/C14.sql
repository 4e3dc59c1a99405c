-- json column

--# bad in a new table
CREATE TABLE orders (id bigint PRIMARY KEY, extra json);
--# finds C14 medium 1:45
--# says jsonb has one

--# bad added
ALTER TABLE orders ADD COLUMN extra json;
--# finds C14 medium 1:31

--# good jsonb
CREATE TABLE orders (id bigint PRIMARY KEY, extra jsonb);

--# good an expression
SELECT '{}'::json;

--# bad a name that must be quoted
ALTER TABLE "Orders" ADD COLUMN "Extra" json;
--# finds C14 medium 1:33
--# says ALTER TABLE "Orders" ADD COLUMN "Extra" jsonb;

--# bad a column becomes one
ALTER TABLE orders ALTER COLUMN note TYPE json USING note::json;
--# finds C14 medium 1:33
