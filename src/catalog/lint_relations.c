/* SPDX-License-Identifier: PostgreSQL */
/*
 * Query texts for relations, columns, constraints, indexes. Plain rows with numbers for
 * columns, put together by the reader: the server neither sorts nor aggregates what can be
 * fifty thousand columns.
 *
 * Functions that lock a relation (pg_get_expr of later versions, pg_get_publication_tables,
 * pg_partition_tree, pg_relation_size) are left out or fenced: this must not wait behind the
 * very lock that the operator wants to hear of.
 */
#include "catalog_lint.h"
#include "catalog_private.h"
#include "lint_rows.h"

/*
 * Published is a table, its partitions and what it is a partition of: a publication may name
 * either. Schemas as members came with 15.
 */
#define PUBLISHED(schemas)                                                                     \
    "all_tables as materialized (select coalesce(pg_catalog.bool_or(p.puballtables), false) "  \
    "as yes from pg_catalog.pg_publication p), "                                               \
    "members as materialized ("                                                                \
    "select r.prrelid as oid from pg_catalog.pg_publication_rel r" schemas "), "               \
    "published as materialized ("                                                              \
    "select m.oid from members m "                                                             \
    "union select a.relid from members m join pg_catalog.pg_class c on c.oid = m.oid "         \
    "and c.relispartition, "                                                                   \
    "lateral pg_catalog.pg_partition_ancestors(c.oid) a (relid) "                              \
    "union select c.oid from wanted w join pg_catalog.pg_class c on c.oid = w.oid, "           \
    "lateral pg_catalog.pg_partition_ancestors(c.oid) a (relid) "                              \
    "where c.relispartition and c.relkind in ('r', 'p') "                                      \
    "and a.relid in (select m.oid from members m))"
#define PUBLISHED_SCHEMAS                                                                      \
    " union select c.oid from pg_catalog.pg_publication_namespace n "                          \
    "join pg_catalog.pg_class c on c.relnamespace = n.pnnspid and c.relkind in ('r', 'p')"

/*
 * Roles of an API: PUBLIC, and the two that PostgREST and its hosts use. A table without any
 * grant is nobody's but its owner's, which spares most tables the functions. Grants of columns
 * are sought in all of pg_attribute only when nothing but that will do.
 */
#define EXPOSED                                                                                \
    "api as materialized ("                                                                    \
    "select r.rolname, s.oid as space from spaces s, (select 'public'::pg_catalog.name "       \
    "union all select a.rolname from pg_catalog.pg_roles a "                                   \
    "where a.rolname in ('anon', 'authenticated')) r (rolname) "                               \
    "where pg_catalog.has_schema_privilege(r.rolname, s.oid, 'usage')), "                      \
    "column_grants as materialized (select distinct a.attrelid from wanted w "                 \
    "join pg_catalog.pg_class c on c.oid = w.oid "                                             \
    "and ($1::pg_catalog.name[] = '{}' or '*' <> all ($1::pg_catalog.name[]) "                 \
    "or c.relname = any ($1::pg_catalog.name[])) "                                             \
    "join pg_catalog.pg_attribute a on a.attrelid = w.oid where a.attacl is not null)"

/* Somebody holds them, or waits for them, so that even a look at their size would wait. */
#define LOCKED                                                                                 \
    "locked as materialized ("                                                                 \
    "select l.relation as oid from pg_catalog.pg_locks l "                                     \
    "where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock'), "                      \
    "locked_tables as materialized (select l.oid from locked l "                               \
    "union select i.indrelid from locked l "                                                   \
    "join pg_catalog.pg_index i on i.indexrelid = l.oid)"

/* Pages of its indexes, as VACUUM saw them. */
#define INDEXED                                                                                \
    "indexed as materialized ("                                                                \
    "select i.indrelid as oid, pg_catalog.sum(x.relpages)::pg_catalog.int8 as pages "          \
    "from wanted w join pg_catalog.pg_index i on i.indrelid = w.oid "                          \
    "join pg_catalog.pg_class x on x.oid = i.indexrelid group by i.indrelid)"

#define RELATIONS(which, schemas)                                                              \
    "with recursive " which ", " PUBLISHED(                                                    \
        schemas) ", " EXPOSED ", " LOCKED ", " INDEXED ", policies as materialized ("          \
                 "select p.polrelid, count(*) as n from pg_catalog.pg_policy p group by "      \
                 "p.polrelid), "                                                               \
                 "sized as (select c.*, n.nspname, $1::pg_catalog.name[] <> '{}' "             \
                 "and ('*' <> all ($1::pg_catalog.name[]) or c.relname = any "                 \
                 "($1::pg_catalog.name[])) "                                                   \
                 "and c.relkind in ('r', 'm') "                                                \
                 "and c.oid not in (select l.oid from locked_tables l) as measured, "          \
                 "nullif(c.relpages + coalesce(t.relpages, 0), 0) + coalesce(x.pages, 0) "     \
                 "as pages "                                                                   \
                 "from wanted w join pg_catalog.pg_class c on c.oid = w.oid "                  \
                 "join spaces n on n.oid = c.relnamespace "                                    \
                 "left join pg_catalog.pg_class t on t.oid = c.reltoastrelid "                 \
                 "left join indexed x on x.oid = c.oid "                                       \
                 "where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')) "                         \
                 "select c.oid, c.nspname::text, c.relname::text, c.relkind, " /* 13 says 0    \
                                                                                  for "never   \
                                                                                  analysed",   \
                                                                                  and 0 may be \
                                                                                  long ago:    \
                                                                                  only an      \
                                                                                  empty file   \
                                                                                  is empty. */ \
                 "case when c.reltuples > 0 then c.reltuples::pg_catalog.int8 "                \
                 "when c.measured and pg_catalog.pg_relation_size(c.oid) = 0 then 0 end, "     \
                 "case when c.measured then pg_catalog.pg_total_relation_size(c.oid) "         \
                 "when c.relkind in ('r', 'm') then c.pages * "                                \
                 "pg_catalog.current_setting('block_size')::pg_catalog.int8 end, "             \
                 "pg_catalog.pg_get_userbyid(c.relowner)::text, c.relrowsecurity, "            \
                 "c.relforcerowsecurity, "                                                     \
                 "c.relkind in ('r', 'p') and c.relpersistence = 'p' and ((select a.yes from " \
                 "all_tables a)"                                                               \
                 " or c.oid in (select p.oid from published p)), "                             \
                 "c.relreplident, "                                                            \
                 "(c.relacl is not null and exists (select from api a where a.space = "        \
                 "c.relnamespace "                                                             \
                 "and pg_catalog.has_table_privilege(a.rolname, c.oid, 'select, insert, "      \
                 "update, delete')))"                                                          \
                 " or (c.oid in (select g.attrelid from column_grants g) and exists ("         \
                 "select from api a where a.space = c.relnamespace "                           \
                 "and pg_catalog.has_any_column_privilege(a.rolname, c.oid, 'select, insert, " \
                 "update'))), "                                                                \
                 "coalesce(p.n, 0), "                                                          \
                 "(select h.inhparent from pg_catalog.pg_inherits h where h.inhrelid = c.oid " \
                 "and c.relispartition) "                                                      \
                 "from sized c left join policies p on p.polrelid = c.oid order by c.oid"

#define COLUMNS(which)                                                                         \
    "with recursive " which " "                                                                \
    "select a.attrelid, a.attnum, a.attname::text, "                                           \
    "pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, "                          \
    "a.atthasdef or a.attidentity <> '' "                                                      \
    "from wanted w join pg_catalog.pg_attribute a on a.attrelid = w.oid "                      \
    "where a.attnum > 0 and not a.attisdropped"
/*
 * Those of other relations whose type may go, or its schema: the server keeps who uses it.
 * The row types of tables, which are many, go with their tables (lint_dependents.c).
 */
#define COLUMNS_OF_TYPES                                                                       \
    " union select a.attrelid, a.attnum, a.attname::text, "                                    \
    "pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, "                          \
    "a.atthasdef or a.attidentity <> '' from ("                                                \
    "select pg_catalog.unnest(array[t.oid, t.typarray]) as oid from pg_catalog.pg_type t "     \
    "left join pg_catalog.pg_class c on c.oid = t.typrelid and t.typrelid <> 0 "               \
    "where (t.typname = any ($1::pg_catalog.name[]) or t.typnamespace in (select n.oid from "  \
    "pg_catalog.pg_namespace n where n.nspname = any ($1::pg_catalog.name[]))) "               \
    "and (t.typtype <> 'b' or t.typcategory <> 'A') and (t.typrelid = 0 or c.relkind = 'c')) " \
    "t "                                                                                       \
    "join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass " \
    "and d.refobjid = t.oid and d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass "       \
    "join pg_catalog.pg_attribute a on a.attrelid = d.objid and a.attnum = d.objsubid "        \
    "where a.attnum > 0 and not a.attisdropped"

/*
 * A CHECK that is one column IS NOT NULL, and nothing else, is known by its tree, which is
 * read as text: what IS NOT NULL means for a row type proves nothing (argisrow).
 */
#define CONSTRAINTS(which)                                                                     \
    "with recursive " which " "                                                                \
    "select k.conrelid, k.conname::text, k.contype, k.convalidated, k.conkey::text, "          \
    "coalesce(n.nspname::text, ''), coalesce(c.relname::text, ''), "                           \
    "k.contype = 'c' and pg_catalog.cardinality(k.conkey) = 1 "                                \
    "and k.conbin::text like '{NULLTEST :arg {VAR %' and k.conbin::text ~ "                    \
    "'^\\{NULLTEST :arg \\{VAR [^{}]*\\} :nulltesttype 1 :argisrow false :location "           \
    "-?[0-9]+\\}$' "                                                                           \
    "from wanted w join pg_catalog.pg_constraint k on k.conrelid = w.oid "                     \
    "left join pg_catalog.pg_class c on c.oid = k.confrelid and k.confrelid <> 0 "             \
    "left join pg_catalog.pg_namespace n on n.oid = c.relnamespace "                           \
    "where k.contype in ('c', 'f', 'p', 'u', 'x', 'n')"

#define INDEXES(which)                                                                         \
    "with recursive " which ", owned as materialized ("                                        \
    "select k.conindid as oid from wanted w "                                                  \
    "join pg_catalog.pg_constraint k on k.conrelid = w.oid "                                   \
    "where k.contype in ('p', 'u', 'x')) "                                                     \
    "select i.indrelid, c.relname::text, i.indisunique, "                                      \
    "i.indisvalid and i.indisready and i.indislive, i.indpred is not null, "                   \
    "i.indexrelid in (select o.oid from owned o), i.indkey::text, i.indnkeyatts, "             \
    "pg_catalog.pg_stat_get_numscans(i.indexrelid), i.indisprimary, i.indisreplident "         \
    "from wanted w join pg_catalog.pg_index i on i.indrelid = w.oid "                          \
    "join pg_catalog.pg_class c on c.oid = i.indexrelid"

static const char *relations_query(int major, bool all)
{
    enum {
        SCHEMAS_PUBLISHED_SINCE = 15
    };
    if (major < SCHEMAS_PUBLISHED_SINCE) {
        return all ? RELATIONS(LINT_WANTED_ALL, "") : RELATIONS(LINT_WANTED_NAMED, "");
    }
    return all ? RELATIONS(LINT_WANTED_ALL, PUBLISHED_SCHEMAS)
               : RELATIONS(LINT_WANTED_NAMED, PUBLISHED_SCHEMAS);
}

const char *catalog_lint_query(enum catalog_lint_question question, int major,
                               enum catalog_lint_breadth breadth)
{
    bool all = breadth == CATALOG_LINT_ALL;
    bool named = breadth == CATALOG_LINT_BY_NAME;
    switch (question) {
    case CATALOG_LINT_RELATIONS:
        return relations_query(major, !named);
    case CATALOG_LINT_COLUMNS:
        return all     ? COLUMNS(LINT_WANTED_ALL)
               : named ? COLUMNS(LINT_WANTED_NAMED)
                       : COLUMNS(LINT_WANTED_NAMED) COLUMNS_OF_TYPES;
    case CATALOG_LINT_CONSTRAINTS:
        return all ? CONSTRAINTS(LINT_WANTED_ALL) : CONSTRAINTS(LINT_WANTED_NAMED);
    case CATALOG_LINT_INDEXES:
        return all ? INDEXES(LINT_WANTED_ALL) : INDEXES(LINT_WANTED_NAMED);
    case CATALOG_LINT_DEPENDENTS:
        return catalog_dependents_query(!named);
    case CATALOG_LINT_QUESTION__COUNT:
        break;
    }
    return NULL;
}
