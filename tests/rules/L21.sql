-- trigger created, enabled, disabled or dropped

--# bad disabled
ALTER TABLE orders DISABLE TRIGGER audit;
--# finds L21 medium 1:13
--# says unguarded

--# bad created
CREATE TRIGGER audit AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION audit();
--# finds L21 medium 1:38
--# says stops writes

--# bad dropped
DROP TRIGGER audit ON orders;
--# finds L21 medium 1:1
--# says stops reads and writes

--# good on a new table
CREATE TABLE orders (id bigint);
CREATE TRIGGER audit AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION audit();

--# good an event trigger locks no table
ALTER EVENT TRIGGER guard DISABLE;

--# good dropped and made again in one transaction
DROP TRIGGER IF EXISTS touch ON orders;
CREATE TRIGGER touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
--# finds L21 low 1:1
--# says statement 2 makes the trigger again

--# bad dropped and made again in two
--# transaction each
DROP TRIGGER touch ON orders;
CREATE TRIGGER touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
--# finds L21 medium 1:1
--# finds L21 medium 2:39
