-- a waiver without reason, expired or unused

--# bad no reason
-- gonogo: waive L1 by anna
CREATE INDEX ON orders (customer_id);
--# finds T12 block 1:1
--# finds L1 high 2:17
--# says the waiver of L1 is not in force: it gives no reason

--# bad no person
-- gonogo: waive L1: the table is empty
CREATE INDEX ON orders (customer_id);
--# finds T12 block 1:1
--# finds L1 high 2:17
--# says it names no person

--# bad no such rule
-- gonogo: waive L99 by anna: the table is empty
CREATE INDEX ON orders (customer_id);
--# finds T12 block 1:1
--# finds L1 high 2:17
--# says the waiver of L99 is not in force: there is no such rule

--# bad the day is over
--# today 2027-01-01
-- gonogo: waive L1 until 2026-12-31 by anna: the table is empty
CREATE INDEX ON orders (customer_id);
--# finds T12 medium 1:1
--# finds L1 high 2:17
--# says was good until 2026-12-31

--# bad nothing to waive
SELECT 1;
-- gonogo: waive L1 by anna: the table is empty
CREATE INDEX CONCURRENTLY ON orders (customer_id);
--# finds T12 low 2:1
--# says takes nothing away

--# bad a waiver of another statement does not reach this one
-- gonogo: waive L1 by anna: the table is empty
SELECT 1;
CREATE INDEX ON orders (customer_id);
--# finds T12 low 1:1
--# finds L1 high 3:17

--# bad words that nobody understands
-- gonogo: waive L1 because it is small
CREATE INDEX ON orders (customer_id);
--# finds T12 block 1:1
--# finds L1 high 2:17

--# bad a day that does not exist
-- gonogo: waive L1 until 2026-02-30 by anna: the table is empty
CREATE INDEX ON orders (customer_id);
--# finds T12 block 1:1
--# finds L1 high 2:17
--# says a date is written as 2026-12-31

--# bad waivers cannot be waived
-- gonogo: waive-file T12 by anna: we like them
SELECT 1;
--# finds T12 block 1:1

--# good on its last day
--# today 2026-12-31
-- gonogo: waive L1 until 2026-12-31 by anna: the table is empty
CREATE INDEX ON orders (customer_id);
--# finds L1 waived high 2:17

--# good behind the statement, on its line
BEGIN;
CREATE INDEX ON orders (customer_id); -- gonogo: waive L1 by anna: the table is empty
COMMIT;
--# transaction file
--# finds L1 waived high 2:17

--# good for the whole file, from wherever it stands
CREATE INDEX ON orders (customer_id);
CREATE INDEX ON orders (placed_at);
-- gonogo: waive-file l1 by anna: a rehearsal took 40 ms
--# finds L1 waived high 1:17
--# finds L1 waived high 2:17

--# good a comment about gonogo is no waiver
-- see what gonogo: says of it
CREATE INDEX CONCURRENTLY ON orders (customer_id);
