-- type change that can lose values

--# bad a shorter varchar
--# table public.orders rows 5000000 bytes 900000000
--# column public.orders note character~varying(80)
ALTER TABLE orders ALTER COLUMN note TYPE varchar(40);
--# finds C7 block 1:33
--# says a value that does not fit

--# bad a cast expression
ALTER TABLE orders ALTER COLUMN state TYPE integer USING length(state);
--# finds C7 block 1:33

--# bad a smaller integer
--# table public.orders rows 5000000 bytes 900000000
--# column public.orders id bigint
ALTER TABLE orders ALTER COLUMN id TYPE integer;
--# finds C7 block 1:33

--# good a wider one
--# table public.orders rows 5000000 bytes 900000000
--# column public.orders id integer
ALTER TABLE orders ALTER COLUMN id TYPE bigint;

--# good a new table
CREATE TABLE orders (state text);
ALTER TABLE orders ALTER COLUMN state TYPE integer USING length(state);

--# bad a cast of the column alone
ALTER TABLE orders ALTER COLUMN props TYPE jsonb USING props::jsonb;
--# finds C7 block 1:33
--# says a value that it refuses ends the file midway
