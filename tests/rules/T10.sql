-- no way back

--# bad a drop without an undo file
DROP TABLE orders;
--# finds T10 high 1:1
--# says no undo file

--# bad the plan says that there is none
--# undo_none
DROP TABLE orders;
--# finds T10 medium 1:1
--# says the plan says undo: none

--# bad what a comment said before is not known, and nothing is lost
COMMENT ON COLUMN orders.note IS 'by hand';
--# finds T10 low 1:1
--# says what COMMENT replaces is known only until it runs

--# bad what is lost is named, though a comment stands before it
COMMENT ON TABLE orders IS 'gone soon';
DROP TABLE orders;
--# finds T10 high 2:1
--# says no statement takes DROP TABLE back

--# good there is one
--# has_undo
DROP TABLE orders;

--# good a statement takes it back
CREATE TABLE orders (id bigint PRIMARY KEY);

--# good there is no plan
--# alone
DROP TABLE orders;
