-- Q02: trust scores that have no workspace, or another one than their agent.
-- Filled is not enough, it must be filled with the right value. Expected: 0.
select count(*) as scores_astray
from public.agent_trust_scores s
left join public.agents a on a.id = s.agent_id
where s.workspace_id is null
   or s.workspace_id is distinct from a.workspace_id;
