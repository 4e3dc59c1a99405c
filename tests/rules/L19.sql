-- CREATE TABLE ... PARTITION OF

--# bad a parent in use
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
--# finds L19 medium 1:14
--# says all of events

--# good a new parent
CREATE TABLE events (day date) PARTITION BY RANGE (day);
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');

--# good a table by itself
CREATE TABLE events_2026 (LIKE events);
