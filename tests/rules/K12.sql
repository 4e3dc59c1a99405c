-- domain with a constraint

--# bad a constraint is added
ALTER DOMAIN email ADD CONSTRAINT short CHECK (length(VALUE) < 200);
--# finds K12 medium 1:1

--# bad a domain is made with one
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
--# finds K12 medium 1:1

--# good a domain without one
CREATE DOMAIN email AS text;

--# good a default
ALTER DOMAIN email SET DEFAULT '';

--# good what is there is not looked at
ALTER DOMAIN email ADD CONSTRAINT form CHECK (value LIKE '%@%') NOT VALID;

--# good nobody uses what is new
CREATE DOMAIN email AS text;
ALTER DOMAIN email ADD CONSTRAINT form CHECK (value LIKE '%@%');
