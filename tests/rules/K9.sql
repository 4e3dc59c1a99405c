-- exclusion constraint

--# bad on a table in use
ALTER TABLE bookings ADD EXCLUDE USING gist (during WITH &&);
--# finds K9 high 1:26

--# good in a new table
CREATE TABLE bookings (during tsrange, EXCLUDE USING gist (during WITH &&));

--# good a unique constraint
ALTER TABLE bookings ADD UNIQUE (id);
