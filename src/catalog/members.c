/* SPDX-License-Identifier: PostgreSQL */
/*
 * The members behind the counts: one statement, one row per object, with a
 * definition that is the same text in two databases when the object is the same.
 *
 * Definitions come from the server's own deparsers. Under the pinned search_path
 * they print every foreign name with its schema. What is left out on purpose:
 * owners and grants (they differ between a restore and its source), the order of
 * columns (it rides apart in `position`), row counts and states of sequences.
 */
#include "catalog.h"
#include "catalog_private.h"

/* Relations of the plan's schemas; one that stands on a partition is the parent's matter. */
#define RELATIONS                                                                              \
    "rels as materialized ("                                                                   \
    "select c.oid, s.nspname, c.relname, c.relkind, c.relispartition, c.relrowsecurity, "      \
    "c.relforcerowsecurity, c.relpersistence, c.reloptions, c.relpartbound, c.relreplident "   \
    "from pg_catalog.pg_class c join spaces s on s.oid = c.relnamespace "                      \
    "where c.relkind in ('r', 'p', 'v', 'm', 'S') and c.relpersistence <> 't' "                \
    "and not exists (select from members m "                                                   \
    "where m.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and m.objid = c.oid))"

#define OPTIONS                                                                                \
    "coalesce(' with (' || pg_catalog.array_to_string(r.reloptions, ', ') || ')', '')"

#define TABLES                                                                                 \
    "select 'tables', r.nspname::text, '', r.relname::text, "                                  \
    "case r.relpersistence when 'u' then 'unlogged ' else '' end || "                          \
    "case r.relkind when 'p' then 'partitioned table by ' || "                                 \
    "pg_catalog.pg_get_partkeydef(r.oid) else 'table' end || " OPTIONS " || "                  \
    "case r.relreplident when 'd' then '' else ' replica identity ' || r.relreplident::text "  \
    "end || "                                                                                  \
    "coalesce((select ' inherits ' || "                                                        \
    "pg_catalog.string_agg(i.inhparent::pg_catalog.regclass::text, ', ' "                      \
    "order by i.inhseqno) from pg_catalog.pg_inherits i where i.inhrelid = r.oid), ''), 0 "    \
    "from rels r where r.relkind in ('r', 'p') and not r.relispartition"

#define PARTITIONS                                                                             \
    "select 'partitions', r.nspname::text, "                                                   \
    "coalesce((select p.relname::text from pg_catalog.pg_inherits i "                          \
    "join pg_catalog.pg_class p on p.oid = i.inhparent where i.inhrelid = r.oid), ''), "       \
    "r.relname::text, "                                                                        \
    "coalesce((select 'of ' || i.inhparent::pg_catalog.regclass::text || ' ' "                 \
    "from pg_catalog.pg_inherits i where i.inhrelid = r.oid), '') || "                         \
    "coalesce(pg_catalog.pg_get_expr(r.relpartbound, r.oid), '') || "                          \
    "case r.relkind when 'p' then ' partitioned by ' || "                                      \
    "pg_catalog.pg_get_partkeydef(r.oid) else '' end || " OPTIONS ", 0 "                       \
    "from rels r where r.relispartition"

#define TABLES_WITH_RLS                                                                        \
    "select 'tables_with_rls', r.nspname::text, '', r.relname::text, "                         \
    "case when r.relforcerowsecurity then 'enabled, forced' else 'enabled' end, 0 "            \
    "from rels r where r.relrowsecurity and not r.relispartition"

/* Keys that stand on a partition of their own (conparentid 0) count; its checks do not. */
#define CONSTRAINTS                                                                            \
    "select case k.contype when 'f' then 'foreign_keys' else 'constraints' end, "              \
    "r.nspname::text, r.relname::text, k.conname::text, "                                      \
    "pg_catalog.pg_get_constraintdef(k.oid), 0 "                                               \
    "from pg_catalog.pg_constraint k join rels r on r.oid = k.conrelid "                       \
    "where k.conparentid = 0 and (k.contype = 'f' "                                            \
    "or k.contype in ('c', 'p', 'u', 'x') and not r.relispartition)"

#define POLICIES                                                                               \
    "select 'rls_policies', r.nspname::text, r.relname::text, p.polname::text, "               \
    "case p.polpermissive when true then 'permissive' else 'restrictive' end || ' for ' || "   \
    "case p.polcmd when '*' then 'all' when 'r' then 'select' when 'a' then 'insert' "         \
    "when 'w' then 'update' when 'd' then 'delete' else p.polcmd::text end || ' to ' || "      \
    "coalesce((select pg_catalog.string_agg(pg_catalog.quote_ident(a.rolname), ', ' "          \
    "order by a.rolname::text collate \"C\") "                                                 \
    "from pg_catalog.pg_roles a where a.oid = any (p.polroles)), 'public') || "                \
    "coalesce(' using (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')', '') || "     \
    "coalesce(' with check (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')', "  \
    "'')"                                                                                      \
    ", 0 from pg_catalog.pg_policy p join rels r on r.oid = p.polrelid"

#define INDEXES                                                                                \
    "select 'indexes', r.nspname::text, r.relname::text, x.relname::text, "                    \
    "pg_catalog.pg_get_indexdef(i.indexrelid) || "                                             \
    "case when i.indisvalid then '' else ' not valid' end || "                                 \
    "case when i.indisready then '' else ' not ready' end || "                                 \
    "case when i.indislive then '' else ' not live' end, 0 "                                   \
    "from pg_catalog.pg_index i join rels r on r.oid = i.indrelid "                            \
    "join pg_catalog.pg_class x on x.oid = i.indexrelid where not r.relispartition"

#define VIEWS                                                                                  \
    "select case r.relkind when 'v' then 'views' else 'materialized_views' end, "              \
    "r.nspname::text, '', r.relname::text, pg_catalog.pg_get_viewdef(r.oid) || " OPTIONS       \
    ", 0 "                                                                                     \
    "from rels r where r.relkind in ('v', 'm')"

/* A body may be long and is not shown: its md5 stands for it. */
#define FUNCTIONS                                                                              \
    "select 'functions', s.nspname::text, '', "                                                \
    "p.proname::text || '(' || pg_catalog.oidvectortypes(p.proargtypes) || ')', "              \
    "case p.prokind when 'a' then 'aggregate ' || coalesce((select "                           \
    "pg_catalog.concat_ws(' ', a.aggkind, a.aggtransfn, a.aggfinalfn, a.aggcombinefn, "        \
    "pg_catalog.format_type(a.aggtranstype, null), a.agginitval) "                             \
    "from pg_catalog.pg_aggregate a where a.aggfnoid = p.oid), '') "                           \
    "else case p.prokind when 'p' then 'procedure' when 'w' then 'window function' "           \
    "else 'function' end || coalesce(' returns ' || "                                          \
    "pg_catalog.pg_get_function_result(p.oid), '') || ' body ' || "                            \
    "pg_catalog.md5(pg_catalog.pg_get_functiondef(p.oid)) end, 0 "                             \
    "from pg_catalog.pg_proc p join spaces s on s.oid = p.pronamespace "                       \
    "where not exists (select from members m "                                                 \
    "where m.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and m.objid = p.oid)"

#define TRIGGERS                                                                               \
    "select 'triggers', r.nspname::text, r.relname::text, t.tgname::text, "                    \
    "pg_catalog.pg_get_triggerdef(t.oid) || case t.tgenabled when 'O' then '' "                \
    "when 'D' then ' disabled' else ' enabled ' || t.tgenabled::text end, 0 "                  \
    "from pg_catalog.pg_trigger t join rels r on r.oid = t.tgrelid "                           \
    "where not t.tgisinternal and not r.relispartition"

#define ENUMS                                                                                  \
    "select 'enums', s.nspname::text, '', t.typname::text, "                                   \
    "coalesce((select pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ', ' "      \
    "order by e.enumsortorder) from pg_catalog.pg_enum e where e.enumtypid = t.oid), ''), 0 "  \
    "from pg_catalog.pg_type t join spaces s on s.oid = t.typnamespace "                       \
    "where t.typtype = 'e' and not exists (select from members m "                             \
    "where m.classid = 'pg_catalog.pg_type'::pg_catalog.regclass and m.objid = t.oid)"

/* The table of a sequence is the one whose column owns it: both go together. */
#define SEQUENCES                                                                              \
    "select 'sequences', r.nspname::text, "                                                    \
    "coalesce((select t.relname::text from pg_catalog.pg_depend d "                            \
    "join pg_catalog.pg_class t on t.oid = d.refobjid "                                        \
    "where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = r.oid "        \
    "and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass "                           \
    "and d.deptype in ('a', 'i') limit 1), ''), r.relname::text, "                             \
    "pg_catalog.format('%s start %s increment %s from %s to %s cache %s%s', "                  \
    "pg_catalog.format_type(q.seqtypid, null), q.seqstart, q.seqincrement, q.seqmin, "         \
    "q.seqmax, q.seqcache, case when q.seqcycle then ' cycle' else '' end), 0 "                \
    "from pg_catalog.pg_sequence q join rels r on r.oid = q.seqrelid"

#define COLUMNS                                                                                \
    "select 'columns', r.nspname::text, r.relname::text, a.attname::text, "                    \
    "pg_catalog.format_type(a.atttypid, a.atttypmod) || "                                      \
    "case when a.attnotnull then ' not null' else '' end || "                                  \
    "case when d.adbin is null then '' "                                                       \
    "else case when a.attgenerated = '' then ' default ' "                                     \
    "else ' generated ' || a.attgenerated::text || ' ' end || "                                \
    "pg_catalog.pg_get_expr(d.adbin, d.adrelid) end || "                                       \
    "case a.attidentity when '' then '' when 'a' then ' identity always' "                     \
    "else ' identity by default' end || "                                                      \
    "case when a.attcollation <> t.typcollation then ' collate ' || "                          \
    "a.attcollation::pg_catalog.regcollation::text else '' end, "                              \
    "pg_catalog.row_number() over (partition by a.attrelid order by a.attnum) "                \
    "from pg_catalog.pg_attribute a join rels r on r.oid = a.attrelid "                        \
    "join pg_catalog.pg_type t on t.oid = a.atttypid "                                         \
    "left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum "      \
    "where r.relkind in ('r', 'p') and not r.relispartition "                                  \
    "and a.attnum > 0 and not a.attisdropped"

#define AND_ALSO " union all "

const char *catalog_members_query(void)
{
    return "with " CATALOG_SCOPE ", " RELATIONS
           " select * from (" TABLES AND_ALSO PARTITIONS AND_ALSO CONSTRAINTS AND_ALSO POLICIES
               AND_ALSO TABLES_WITH_RLS AND_ALSO INDEXES AND_ALSO VIEWS AND_ALSO FUNCTIONS
                   AND_ALSO TRIGGERS AND_ALSO ENUMS AND_ALSO SEQUENCES AND_ALSO COLUMNS
           ") as found (kind, schema, \"table\", name, definition, position)";
}
