-- CASCADE

--# bad a view goes with it
--# table public.notifications rows 88310 bytes 9000000
--# dependent public.notifications view v_unread cascade
DROP TABLE notifications CASCADE;
--# finds D2 block 1:1
--# says CASCADE drops view v_unread as well

--# bad nobody knows
DROP TABLE notifications CASCADE;
--# finds D2 block 1:1
--# says what depends on it

--# good the plan names it: said, a step lower
--# table public.notifications rows 88310 bytes 9000000
--# dependent public.notifications view v_unread cascade
--# names v_unread
DROP TABLE notifications CASCADE;
--# finds D2 high 1:1

--# good nothing depends on it
--# table public.notifications rows 88310 bytes 9000000
DROP TABLE notifications CASCADE;

--# good no CASCADE
DROP TABLE notifications;

--# bad what hangs on two columns is told once, its own policy not at all
--# table public.notifications rows 88310 bytes 9000000
--# dependent public.notifications.id view v_unread cascade
--# dependent public.notifications.at view v_unread cascade
--# dependent public.notifications.at policy notifications.mine cascade own
DROP TABLE notifications CASCADE;
--# finds D2 block 1:1
--# says CASCADE drops view v_unread as well

--# bad its own policy goes with a column
--# table public.notifications rows 88310 bytes 9000000
--# dependent public.notifications.at policy notifications.mine cascade own
ALTER TABLE notifications DROP COLUMN at CASCADE;
--# finds D2 block 1:13
--# says CASCADE drops policy notifications.mine as well

--# bad keys of others go with the constraint that they point at
--# table public.notifications rows 88310 bytes 9000000
--# constraint public.notifications notifications_pkey p id
--# dependent public.notifications.id foreign~key marks.marks_fkey cascade
ALTER TABLE notifications DROP CONSTRAINT notifications_pkey CASCADE;
--# finds D2 block 1:13
--# says CASCADE drops foreign key marks.marks_fkey as well

--# good nothing goes with this constraint
--# table public.notifications rows 88310 bytes 9000000
--# constraint public.notifications notifications_at c at
--# dependent public.notifications.id foreign~key marks.marks_fkey cascade
ALTER TABLE notifications DROP CONSTRAINT notifications_at CASCADE;

--# bad the server tells the schema, the statement leaves it to the search path; arrays go, too
--# search_path app,public
--# table public.orders rows 500 bytes 81920
--# column public.orders temper app.mood
--# column public.orders tempers app.mood[]
--# column public.orders other public.mood
DROP TYPE mood CASCADE;
--# finds D2 block 1:1
--# says CASCADE drops column public.orders.temper, column public.orders.tempers as well

--# bad the columns of a type are known, functions are not
--# table public.orders rows 500 bytes 81920
--# column public.orders temper mood
DROP TYPE mood CASCADE;
--# finds D2 block 1:1
--# says CASCADE drops column public.orders.temper as well
--# says which functions use it

--# bad who calls a function is not known
--# knows tables
DROP FUNCTION total(integer) CASCADE;
--# finds D2 block 1:1
--# says CASCADE drops whatever depends on it
--# says what depends on it

--# bad what stands in a schema
--# table app.orders rows 500 bytes 81920
--# table app.items rows 500 bytes 81920
DROP SCHEMA app CASCADE;
--# finds D2 block 1:1
--# says CASCADE drops orders, items as well
--# says which functions and types stand in it

--# good nothing hangs on a plain index
--# table public.orders rows 500 bytes 81920
--# index public.orders orders_customer customer_id
DROP INDEX orders_customer CASCADE;
