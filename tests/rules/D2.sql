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
