-- SET of a timeout through a pooler

--# bad through a pooler
--# pooler
SET lock_timeout = '2s';
--# finds L12 high 1:1
--# says SET LOCAL lock_timeout = '2s';

--# good the local form
--# pooler
SET LOCAL lock_timeout = '2s';

--# good straight to the server
SET lock_timeout = '2s';

--# good another setting
--# pooler
SET work_mem = '64MB';
