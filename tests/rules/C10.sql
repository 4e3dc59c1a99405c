-- DROP COLUMN

--# bad its values go
--# table public.orders rows 500 bytes 81920
ALTER TABLE orders DROP COLUMN note;
--# finds C10 block 1:13
--# says the values of note
--# says which live statements use it

--# bad live statements name it
--# table public.orders rows 500 bytes 81920
--# traffic public.orders 12.5 columns id,note : select id, note from orders
ALTER TABLE orders DROP COLUMN note;
--# finds C10 block 1:13
--# says 1 live statement (12.5 calls a second)

--# good the plan names it: said, a step lower
--# names orders.note
ALTER TABLE orders DROP COLUMN note;
--# finds C10 high 1:13

--# good it was added by the same plan
ALTER TABLE orders ADD COLUMN note text;
ALTER TABLE orders DROP COLUMN note;

--# good the table is new
CREATE TABLE orders (id bigint, note text);
ALTER TABLE orders DROP COLUMN note;

--# bad the plan names the column of another schema's table
--# names orders.note
ALTER TABLE app.orders DROP COLUMN note;
--# finds C10 block 1:13

--# good the plan names it with its schema: said, a step lower
--# names app.orders.note
ALTER TABLE app.orders DROP COLUMN note;
--# finds C10 high 1:13

--# good what goes with it is named as well: said, a step lower
--# table public.orders rows 500 bytes 81920
--# dependent public.orders.note view v_notes cascade
--# dependent public.orders.id view v_ids cascade
--# names orders.note
--# names v_notes
ALTER TABLE orders DROP COLUMN note CASCADE;
--# finds C10 high 1:13
--# finds D2 high 1:13

--# good it was added by the same plan, and renamed
ALTER TABLE orders ADD COLUMN note text;
ALTER TABLE orders RENAME COLUMN note TO remark;
ALTER TABLE orders DROP COLUMN remark;

--# bad it was renamed, and is the old one still
--# table public.orders rows 500 bytes 81920
--# traffic public.orders 12.5 columns id,note : select id, note from orders
ALTER TABLE orders RENAME COLUMN note TO remark;
ALTER TABLE orders DROP COLUMN remark;
--# finds C10 block 2:13
--# says 1 live statement

--# bad a new column took the name; the old one goes
ALTER TABLE orders RENAME COLUMN note TO remark;
ALTER TABLE orders ADD COLUMN note text;
ALTER TABLE orders DROP COLUMN note;
ALTER TABLE orders DROP COLUMN remark;
--# finds C10 block 4:13
