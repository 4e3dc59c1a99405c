-- ATTACH PARTITION

--# bad a table that is full
--# table public.events_2025 rows 90000000 bytes 12000000000
ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
--# finds L18 high 1:37

--# bad nothing is known of it
ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
--# finds L18 medium 1:37

--# good a new one is said, and no more
CREATE TABLE events_2026 (day date);
ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
--# finds L18 low 2:37

--# good an index
ALTER INDEX events_day ATTACH PARTITION events_2026_day;
