-- 011: give three tables the shape that the application expects.
--
-- Two branches each wrote CREATE TABLE IF NOT EXISTS for the same names; the
-- branch that was deployed first won. This file adds what the other one meant:
--
--   agent_recommendations  + workspace_id, outcome_status, outcome_quality_score,
--                            3 keys, row-level security
--   agent_trust_scores     workspace_id filled and required, 2 keys,
--                            row-level security
--   competitors            website becomes text, 2 keys, a second read policy
--
-- In all 7 foreign keys, 3 policies, 2 indexes. Nothing is dropped.
--
-- One transaction, opened by whoever runs the file. Safe to run again: every
-- change is guarded, and a second run changes nothing. The tables hold some
-- thousands of rows, so keys are checked and columns filled in one go.


-- Say all that is wrong before anything is locked. Without this, the first
-- bad row would stop a key half way through, and name only itself.

do $$
declare
    no_agent    bigint;
    no_campaign bigint;
    no_author   bigint;
begin
    select count(*) into no_agent
    from (select agent_id from public.agent_recommendations
          union all
          select agent_id from public.agent_trust_scores) as s
    where not exists (select from public.agents a where a.id = s.agent_id);

    select count(*) into no_campaign
    from public.agent_recommendations r
    where r.campaign_id is not null
      and not exists (select from public.campaigns c where c.id = r.campaign_id);

    select count(*) into no_author
    from public.competitors k
    where not exists (select from public.users u where u.id = k.created_by)
       or not exists (select from public.workspaces w where w.id = k.workspace_id);

    if no_agent + no_campaign + no_author > 0 then
        raise exception '011 cannot add its keys: % rows without an agent, % without their campaign, % competitors without author or workspace',
            no_agent, no_campaign, no_author
            using hint = 'Repair or delete these rows, then run 011 again.';
    end if;
end
$$;


-- agent_recommendations ----------------------------------------------------

-- A constant default needs no rewrite.
alter table public.agent_recommendations
    add column if not exists workspace_id          bigint,
    add column if not exists outcome_status        text not null default 'pending',
    add column if not exists outcome_quality_score numeric(5,2);

-- decision and rating stay: the old release still reads them.
update public.agent_recommendations as r
set workspace_id          = a.workspace_id,
    outcome_status        = coalesce(r.decision, 'pending'),
    outcome_quality_score = r.rating * 20
from public.agents as a
where a.id = r.agent_id
  and r.workspace_id is null;

alter table public.agent_recommendations
    alter column workspace_id set not null;

create index if not exists agent_recommendations_workspace_id_idx
    on public.agent_recommendations (workspace_id);

do $$
begin
    if not exists (select from pg_catalog.pg_constraint
                   where conrelid = 'public.agent_recommendations'::regclass
                     and conname = 'agent_recommendations_workspace_id_fkey') then
        alter table public.agent_recommendations
            add constraint agent_recommendations_workspace_id_fkey
            foreign key (workspace_id) references public.workspaces (id) on delete cascade;
    end if;

    if not exists (select from pg_catalog.pg_constraint
                   where conrelid = 'public.agent_recommendations'::regclass
                     and conname = 'agent_recommendations_agent_id_fkey') then
        alter table public.agent_recommendations
            add constraint agent_recommendations_agent_id_fkey
            foreign key (agent_id) references public.agents (id) on delete cascade;
    end if;

    if not exists (select from pg_catalog.pg_constraint
                   where conrelid = 'public.agent_recommendations'::regclass
                     and conname = 'agent_recommendations_campaign_id_fkey') then
        alter table public.agent_recommendations
            add constraint agent_recommendations_campaign_id_fkey
            foreign key (campaign_id) references public.campaigns (id) on delete set null;
    end if;

    if not exists (select from pg_catalog.pg_policy
                   where polrelid = 'public.agent_recommendations'::regclass
                     and polname = 'workspace read') then
        create policy "workspace read" on public.agent_recommendations
            for select using (workspace_id = (select public.current_workspace_id()));
    end if;
end
$$;

-- The agents write as the tables' owner, whom policies do not bind; only
-- readers are narrowed.
alter table public.agent_recommendations enable row level security;


-- agent_trust_scores -------------------------------------------------------

update public.agent_trust_scores as s
set workspace_id = a.workspace_id
from public.agents as a
where a.id = s.agent_id
  and s.workspace_id is null;

alter table public.agent_trust_scores
    alter column workspace_id set not null;

create index if not exists agent_trust_scores_workspace_id_idx
    on public.agent_trust_scores (workspace_id);

do $$
begin
    if not exists (select from pg_catalog.pg_constraint
                   where conrelid = 'public.agent_trust_scores'::regclass
                     and conname = 'agent_trust_scores_workspace_id_fkey') then
        alter table public.agent_trust_scores
            add constraint agent_trust_scores_workspace_id_fkey
            foreign key (workspace_id) references public.workspaces (id) on delete cascade;
    end if;

    if not exists (select from pg_catalog.pg_constraint
                   where conrelid = 'public.agent_trust_scores'::regclass
                     and conname = 'agent_trust_scores_agent_id_fkey') then
        alter table public.agent_trust_scores
            add constraint agent_trust_scores_agent_id_fkey
            foreign key (agent_id) references public.agents (id) on delete cascade;
    end if;

    if not exists (select from pg_catalog.pg_policy
                   where polrelid = 'public.agent_trust_scores'::regclass
                     and polname = 'workspace read') then
        create policy "workspace read" on public.agent_trust_scores
            for select using (workspace_id = (select public.current_workspace_id()));
    end if;
end
$$;

alter table public.agent_trust_scores enable row level security;


-- competitors --------------------------------------------------------------

-- varchar(120) to text: no rewrite, the index list stays as it is.
alter table public.competitors
    alter column website type text;

-- Row-level security is on already, and "members read" stays: it serves
-- people, "workspace read" serves the importer, which knows its workspace but
-- is nobody's member. The two are OR-ed.
do $$
begin
    if not exists (select from pg_catalog.pg_constraint
                   where conrelid = 'public.competitors'::regclass
                     and conname = 'competitors_workspace_id_fkey') then
        alter table public.competitors
            add constraint competitors_workspace_id_fkey
            foreign key (workspace_id) references public.workspaces (id) on delete cascade;
    end if;

    if not exists (select from pg_catalog.pg_constraint
                   where conrelid = 'public.competitors'::regclass
                     and conname = 'competitors_created_by_fkey') then
        alter table public.competitors
            add constraint competitors_created_by_fkey
            foreign key (created_by) references public.users (id);
    end if;

    if not exists (select from pg_catalog.pg_policy
                   where polrelid = 'public.competitors'::regclass
                     and polname = 'workspace read') then
        create policy "workspace read" on public.competitors
            for select using (workspace_id = (select public.current_workspace_id()));
    end if;
end
$$;


-- Leave nothing half done: better an error here, while all can still be
-- rolled back, than a row that its own workspace cannot see.

do $$
declare
    strays bigint;
begin
    select (select count(*) from public.agent_recommendations r join public.agents a on a.id = r.agent_id
            where a.workspace_id <> r.workspace_id)
         + (select count(*) from public.agent_trust_scores s join public.agents a on a.id = s.agent_id
            where a.workspace_id <> s.workspace_id)
    into strays;

    if strays > 0 then
        raise exception '011: % rows carry another workspace than their agent', strays;
    end if;
end
$$;
