-- DETACH PARTITION without CONCURRENTLY

--# bad the plain way
ALTER TABLE events DETACH PARTITION events_2024;
--# finds L17 high 1:37
--# says DETACH PARTITION events_2024 CONCURRENTLY;

--# bad 13 has no other way
--# version 130011
ALTER TABLE events DETACH PARTITION events_2024;
--# finds L17 high 1:37

--# good concurrently
--# transaction each
ALTER TABLE events DETACH PARTITION events_2024 CONCURRENTLY;

--# good a new parent
CREATE TABLE events (day date) PARTITION BY RANGE (day);
ALTER TABLE events DETACH PARTITION events_2024;
