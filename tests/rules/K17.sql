-- table without a primary key

--# bad none
CREATE TABLE orders (id bigint);
--# finds K17 medium 1:14

--# good behind the column
CREATE TABLE orders (id bigint PRIMARY KEY);

--# good behind the columns
CREATE TABLE orders (a bigint, b bigint, PRIMARY KEY (a, b));

--# good temporary
CREATE TEMPORARY TABLE orders (id bigint);

--# good like another one
CREATE TABLE orders_copy (LIKE orders INCLUDING ALL);
