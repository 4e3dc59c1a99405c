-- 012: remove nine tables that nothing uses.
--
-- Gamification, the tech tree and half-built links were switched off; their
-- feature flags are off and no release reads the tables. With them go 3 foreign
-- keys (all among the nine), 14 indexes, and the policy on notifications.
--
-- The rows are gone for good: only a backup brings them back. Take one first.
-- 012_recreate.sql makes the tables again, empty.
--
-- No CASCADE anywhere: whatever else should turn out to depend on one of the
-- nine stops this file instead of disappearing. Children go before parents.
-- One transaction, opened by whoever runs the file. Safe to run again.


-- DROP TABLE would stop at the first foreign key from outside; this names all.

do $$
declare
    nine      constant text[] := array['quests', 'quest_moves', 'quest_milestones', 'capability_nodes',
                                       'maneuver_prerequisites', 'quick_wins', 'cohort_relations',
                                       'move_decisions', 'notifications'];
    outsiders text;
begin
    select string_agg(c.conname, ', ' order by c.conname) into outsiders
    from pg_catalog.pg_constraint c
    join pg_catalog.pg_class child  on child.oid  = c.conrelid
    join pg_catalog.pg_class parent on parent.oid = c.confrelid
    where c.contype = 'f'
      and parent.relnamespace = 'public'::regnamespace
      and parent.relname = any (nine)
      and not (child.relnamespace = 'public'::regnamespace and child.relname = any (nine));

    if outsiders is not null then
        raise exception '012: tables that stay still refer to the nine: %', outsiders
            using hint = 'Decide about these keys first; 012 removes nothing while they exist.';
    end if;
end
$$;


drop table if exists public.quest_moves;

drop table if exists public.quest_milestones;

drop table if exists public.quests;

drop table if exists public.maneuver_prerequisites;

drop table if exists public.capability_nodes;

drop table if exists public.quick_wins;

drop table if exists public.cohort_relations;

drop table if exists public.move_decisions;

drop table if exists public.notifications;


do $$
declare
    remaining bigint;
begin
    select count(*) into remaining
    from pg_catalog.pg_class
    where relnamespace = 'public'::regnamespace
      and relname in ('quests', 'quest_moves', 'quest_milestones', 'capability_nodes',
                      'maneuver_prerequisites', 'quick_wins', 'cohort_relations',
                      'move_decisions', 'notifications');

    if remaining > 0 then
        raise exception '012: % of the nine tables are still there', remaining;
    end if;
end
$$;
