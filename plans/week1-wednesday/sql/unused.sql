-- How many of the nine unused tables exist.
select count(*) as unused_tables
from pg_catalog.pg_class
where relnamespace = 'public'::regnamespace
  and relkind in ('r', 'p')
  and relname in ('quests', 'quest_moves', 'quest_milestones', 'capability_nodes',
                  'maneuver_prerequisites', 'quick_wins', 'cohort_relations',
                  'move_decisions', 'notifications');
