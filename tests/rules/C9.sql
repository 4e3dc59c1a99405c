-- type change of a column that others use

--# bad a view uses it
--# table public.orders rows 500 bytes 81920
--# dependent public.orders.state view v_open cascade
ALTER TABLE orders ALTER COLUMN state TYPE text;
--# finds C9 high 1:33
--# says view v_open uses state

--# good a view uses another column
--# table public.orders rows 500 bytes 81920
--# dependent public.orders.note view v_open cascade
ALTER TABLE orders ALTER COLUMN state TYPE text;

--# good nothing depends on it
--# table public.orders rows 500 bytes 81920
ALTER TABLE orders ALTER COLUMN state TYPE text;

--# good a key that points at it is made anew by the server
--# table public.orders rows 500 bytes 81920
--# dependent public.orders.state foreign~key lines.lines_state_fkey cascade
ALTER TABLE orders ALTER COLUMN state TYPE text;
