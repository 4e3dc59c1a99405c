-- type change that writes the table anew

--# bad integer to bigint
--# table public.orders rows 5000000 bytes 900000000
--# column public.orders id integer not_null
ALTER TABLE orders ALTER COLUMN id TYPE bigint;
--# finds C6 high 1:33
--# says integer becomes bigint

--# bad nobody knows what it is now
ALTER TABLE orders ALTER COLUMN note TYPE text;
--# finds C6 high 1:33
--# says which type it has now

--# good a longer varchar
--# table public.orders rows 5000000 bytes 900000000
--# column public.orders note character~varying(40)
ALTER TABLE orders ALTER COLUMN note TYPE varchar(80);

--# good varchar to text
--# table public.orders rows 5000000 bytes 900000000
--# column public.orders note character~varying(40)
ALTER TABLE orders ALTER COLUMN note TYPE text;

--# good numeric with more digits of the same scale
--# table public.orders rows 5000000 bytes 900000000
--# column public.orders price numeric(10,2)
ALTER TABLE orders ALTER COLUMN price TYPE numeric(14,2);

--# good a timestamp with more digits
--# table public.orders rows 5000000 bytes 900000000
--# column public.orders at timestamp(3)~with~time~zone
ALTER TABLE orders ALTER COLUMN at TYPE timestamptz(6);

--# good a free change of a column that has another name now
--# table public.orders rows 5000000 bytes 900000000
--# column public.orders note character~varying(40)
ALTER TABLE orders RENAME COLUMN note TO remark;
ALTER TABLE orders ALTER COLUMN remark TYPE varchar(80);
