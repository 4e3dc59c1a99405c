-- ADD COLUMN of a domain

--# bad a domain of the same plan
--# table public.orders rows 5000000 bytes 900000000
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
ALTER TABLE orders ADD COLUMN contact email;
--# finds C4 medium 2:31

--# good a plain type
ALTER TABLE orders ADD COLUMN contact text;

--# good in a new table
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
CREATE TABLE people (contact email);
