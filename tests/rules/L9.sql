-- concurrent index under a short lock_timeout

--# bad the run sets two seconds
--# transaction each
--# timeouts 2000 0
CREATE INDEX CONCURRENTLY ON orders (customer_id);
--# finds L9 high 1:30
--# says lock_timeout 2.0 s

--# bad the file sets it
--# transaction each
SET lock_timeout = '500ms';
CREATE INDEX CONCURRENTLY ON orders (customer_id);
--# finds L9 high 2:30

--# good a long one
--# transaction each
--# timeouts 2000 0
SET lock_timeout = '30min';
CREATE INDEX CONCURRENTLY ON orders (customer_id);

--# good none at all
--# transaction each
--# lock_timeout 0
CREATE INDEX CONCURRENTLY ON orders (customer_id);

--# good the run takes the timeouts off it
--# transaction each
--# timeouts 2000 60000
--# long_unbounded
CREATE INDEX CONCURRENTLY ON orders (customer_id);
