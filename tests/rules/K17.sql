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

--# good the key comes later, as in a dump
CREATE TABLE notes (id bigint NOT NULL);
ALTER TABLE ONLY notes ADD CONSTRAINT notes_pkey PRIMARY KEY (id);

--# good from an index
CREATE TABLE notes (id bigint NOT NULL);
CREATE UNIQUE INDEX notes_id ON notes (id);
ALTER TABLE notes ADD CONSTRAINT notes_pkey PRIMARY KEY USING INDEX notes_id;

--# good an unlogged table is never replicated
CREATE UNLOGGED TABLE notes (id bigint);

--# good gone again
CREATE TABLE notes (id bigint);
DROP TABLE notes;

--# bad the key is taken away
CREATE TABLE notes (id bigint);
ALTER TABLE notes ADD CONSTRAINT notes_pkey PRIMARY KEY (id);
ALTER TABLE notes DROP CONSTRAINT notes_pkey;
--# finds K17 medium 1:14
