-- Q08: what is wrong with the 43 tables that stay. One row per table that is
-- missing, has no primary key, or has an index that is not usable. Rows are
-- Q07's subject. Expected: no row.
with kept (table_name) as (
    values
        ('agent_recommendations'), ('agent_runs'), ('agent_trust_scores'), ('agents'), ('api_keys'),
        ('audit_events'), ('brand_assets'), ('campaign_channels'), ('campaign_metrics'),
        ('campaign_tags'), ('campaigns'), ('channels'), ('cohort_members'), ('cohorts'),
        ('competitor_signals'), ('competitors'), ('content_pieces'), ('content_versions'),
        ('daily_activity'), ('experiment_variants'), ('experiments'), ('feature_flags'),
        ('integrations'), ('invoices'), ('move_assignments'), ('move_comments'), ('move_events'),
        ('move_templates'), ('moves'), ('outreach_messages'), ('personas'), ('plans'),
        ('positioning_statements'), ('saved_reports'), ('schema_migrations'), ('sprints'),
        ('subscriptions'), ('tags'), ('users'), ('webhook_deliveries'), ('workspace_invitations'),
        ('workspace_members'), ('workspaces')
)
select k.table_name,
       case when t.oid is null then 'missing'
            when not exists (select from pg_catalog.pg_index i
                             where i.indrelid = t.oid and i.indisprimary) then 'no primary key'
            else 'index not usable'
       end as finding
from kept k
left join pg_catalog.pg_class t
       on t.relname = k.table_name
      and t.relnamespace = 'public'::regnamespace
      and t.relkind in ('r', 'p')
where t.oid is null
   or not exists (select from pg_catalog.pg_index i
                  where i.indrelid = t.oid and i.indisprimary)
   or exists (select from pg_catalog.pg_index i
              where i.indrelid = t.oid
                and not (i.indisvalid and i.indisready and i.indislive))
order by k.table_name;
