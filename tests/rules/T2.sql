-- BEGIN without COMMIT

--# bad never ended
BEGIN;
UPDATE app.orders SET note = '' WHERE id = 1;
--# finds T2 block 1:1

--# good ended
BEGIN;
UPDATE app.orders SET note = '' WHERE id = 1;
COMMIT;

--# good none at all
UPDATE app.orders SET note = '' WHERE id = 1;
