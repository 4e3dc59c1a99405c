-- copy of a table by CREATE TABLE AS

--# bad a copy
CREATE TABLE orders_copy AS SELECT * FROM orders;
--# finds D9 medium 1:14

--# bad by SELECT INTO
SELECT * INTO orders_copy FROM orders;
--# finds D9 medium 1:15

--# good with everything
CREATE TABLE orders_copy (LIKE orders INCLUDING ALL);

--# good a temporary one
CREATE TEMPORARY TABLE orders_copy AS SELECT * FROM orders;

--# good rows of no table
CREATE TABLE numbers AS SELECT generate_series(1, 10);

--# good rows that are written out
CREATE TABLE numbers AS VALUES (1);
