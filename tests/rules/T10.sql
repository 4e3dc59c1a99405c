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

--# good there is one
--# has_undo
DROP TABLE orders;

--# good a statement takes it back
CREATE TABLE orders (id bigint PRIMARY KEY);

--# good there is no plan
--# alone
DROP TABLE orders;
