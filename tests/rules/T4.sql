-- a second run fails

--# bad a policy, each by itself
--# transaction each
CREATE POLICY own ON orders USING (true);
--# finds T4 medium 1:1
--# says at CREATE POLICY

--# bad rows again
--# transaction each
INSERT INTO orders VALUES (1);
ALTER TABLE orders ADD COLUMN note text;
--# finds T4 medium 1:1
--# says and at 1 more

--# good guarded
--# transaction each
ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;

--# good dropped right before, in one transaction
DROP POLICY IF EXISTS own ON orders;
CREATE POLICY own ON orders USING (true);

--# good one transaction: said, a step lower
CREATE POLICY own ON orders USING (true);
--# finds T4 low 1:1
--# says a run that failed leaves nothing

--# good a temporary table goes with the session
CREATE TEMP TABLE scratch (id bigint);
INSERT INTO scratch VALUES (1);
