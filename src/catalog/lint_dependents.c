/* SPDX-License-Identifier: PostgreSQL */
/*
 * Who depends on whom: the edges of pg_depend that a CASCADE follows, and the walk along
 * them. The server gives the edges of the whole database in one scan, views as objects of
 * their own instead of their rules; the walk is done here, for every relation that is asked
 * for, so that its cost does not depend on how deep views stand on views.
 */
#include "catalog_lint.h"
#include "catalog_private.h"
#include "lint_rows.h"

#include <stdlib.h>

/* The first oid that is not the system's own. */
#define OF_PEOPLE "16384"
#define CLASS     "'pg_catalog.pg_class'::pg_catalog.regclass"
#define PROC      "'pg_catalog.pg_proc'::pg_catalog.regclass"
#define TYPE      "'pg_catalog.pg_type'::pg_catalog.regclass"
#define REWRITE   "'pg_catalog.pg_rewrite'::pg_catalog.regclass"
#define POLICY    "'pg_catalog.pg_policy'::pg_catalog.regclass"
#define TRIGGER   "'pg_catalog.pg_trigger'::pg_catalog.regclass"
#define DEFAULT   "'pg_catalog.pg_attrdef'::pg_catalog.regclass"
#define CONSTRAIN "'pg_catalog.pg_constraint'::pg_catalog.regclass"

/* Dependencies that a CASCADE follows. Before 15 a generated column depends on its sources in
 * the automatic way. */
#define FOLLOWED                                                                               \
    "d.objid >= " OF_PEOPLE " and (d.deptype = 'n' or (d.deptype = 'a' and d.classid = " CLASS \
    " and d.objsubid > 0)) and (d.classid in (" REWRITE ", " POLICY ", " TRIGGER ", " PROC     \
    ", " DEFAULT ", " CLASS ") or (d.classid = " CONSTRAIN " and d.refclassid = " PROC "))"
/* All of it is asked for, or more than can be told one by one. */
#define ALL "($1::pg_catalog.name[] = '{}' or '*' = any ($1::pg_catalog.name[]))"

/* From `reach` as f: what depends on it, by the three that it can be in pg_depend. */
#define DEPEND_ROW "d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid"
#define HANGS                                                                                  \
    "select " DEPEND_ROW " from pg_catalog.pg_depend d where f.class = 'r' and d.refclassid "  \
    "= " CLASS                                                                                 \
    " and d.refobjid = f.oid and (f.sub = 0 or d.refobjsubid = f.sub) and " FOLLOWED           \
    " union all select " DEPEND_ROW " from pg_catalog.pg_class c "                             \
    "join pg_catalog.pg_type t on t.oid = c.reltype, "                                         \
    "lateral (select t.oid union all select t.typarray) as y (oid) "                           \
    "join pg_catalog.pg_depend d on d.refclassid = " TYPE " and d.refobjid = y.oid "           \
    "where f.class = 'r' and f.sub = 0 and c.oid = f.oid and " FOLLOWED                        \
    " union all select " DEPEND_ROW " from pg_catalog.pg_depend d where f.class = 'p' and "    \
    "d.refclassid = " PROC " and d.refobjid = f.oid and " FOLLOWED

/*
 * `reach` (class, oid, sub): the relations that are asked for, and all that stands on them,
 * step by step along the index of pg_depend; a view instead of its rule, a generated column
 * instead of its expression. Nothing stands on the other kinds. What the walk asks for is in
 * it; what is in it besides costs little. Empty when all is asked for.
 */
#define REACH                                                                                  \
    "reach (class, oid, sub) as ("                                                             \
    "select 'r'::pg_catalog.text, w.oid, 0 from wanted w where not " ALL " union "             \
    "select o.class, o.oid, o.sub from reach f cross join lateral ("                           \
    "select case when h.classid = " PROC " then 'p' else 'r' end, "                            \
    "case h.classid when " REWRITE " then w.ev_class when " DEFAULT " then x.adrelid "         \
    "else h.objid end, "                                                                       \
    "case h.classid when " DEFAULT " then x.adnum::pg_catalog.int4 when " CLASS                \
    " then h.objsubid else 0 end from (" HANGS ") h "                                          \
    "left join pg_catalog.pg_rewrite w on h.classid = " REWRITE " and w.oid = h.objid "        \
    "and w.rulename = '_RETURN' "                                                              \
    "left join pg_catalog.pg_attrdef x on h.classid = " DEFAULT " and x.oid = h.objid "        \
    "where h.classid in (" PROC ", " CLASS ") or w.oid is not null or exists ("                \
    "select from pg_catalog.pg_attribute a where a.attrelid = x.adrelid "                      \
    "and a.attnum = x.adnum and a.attgenerated <> '') "                                        \
    "union all select 'r', i.inhrelid, 0 from pg_catalog.pg_inherits i "                       \
    "where f.class = 'r' and f.sub = 0 and i.inhparent = f.oid) o (class, oid, sub))"

/*
 * `deps`: the object, and what it depends on: a relation (r) or one of its columns, or a
 * function (p). The row type of a table is the table. Constraints matter where they call a
 * function; foreign keys come from pg_constraint.
 */
#define DEPS                                                                                   \
    "picked as materialized ("                                                                 \
    "select " DEPEND_ROW " from pg_catalog.pg_depend d where " ALL                             \
    " and d.refobjid >= " OF_PEOPLE " and d.refclassid in (" CLASS ", " PROC ", " TYPE         \
    ") and " FOLLOWED " union all select h.* from reach f cross join lateral (" HANGS ") h), " \
    "deps as materialized ("                                                                   \
    "select p.classid, p.objid, p.objsubid, "                                                  \
    "case p.refclassid when " PROC " then 'p' else 'r' end as on_class, "                      \
    "case p.refclassid when " TYPE " then (select case when t.typrelid <> 0 then t.typrelid "  \
    "else (select e.typrelid from pg_catalog.pg_type e where t.typelem <> 0 and e.oid = "      \
    "t.typelem) end from pg_catalog.pg_type t where t.oid = p.refobjid) "                      \
    "else p.refobjid end as on_oid, p.refobjsubid as on_sub from picked p)"

#define RELATION_KIND(of)                                                                      \
    "case " of ".relkind when 'v' then 'view' when 'm' then 'materialized view' "              \
    "when 'i' then 'index' when 'I' then 'index' when 'S' then 'sequence' "                    \
    "when 'f' then 'foreign table' when 'c' then 'type' else 'table' end"

/* (class, oid, sub, kind, relation that it stands on, name, on_class, on_oid, on_sub) */
#define BY_RULE                                                                                \
    "select case when w.rulename = '_RETURN' then 'r' else 'w' end, "                          \
    "case when w.rulename = '_RETURN' then w.ev_class else w.oid end, 0, "                     \
    "case when w.rulename = '_RETURN' then " RELATION_KIND(                                    \
        "c") " else 'rule' end, "                                                              \
             "case when w.rulename = '_RETURN' then 0 else w.ev_class end, "                   \
             "case when w.rulename = '_RETURN' then c.relname else w.rulename end, "           \
             "d.on_class, d.on_oid, d.on_sub from deps d "                                     \
             "join pg_catalog.pg_rewrite w on d.classid = " REWRITE " and w.oid = d.objid "    \
             "join pg_catalog.pg_class c on c.oid = w.ev_class "                               \
             "where d.on_class = 'p' or d.on_oid <> w.ev_class or (w.rulename <> '_RETURN' "   \
             "and d.on_sub <> 0)"
#define BY_POLICY                                                                              \
    "select 'y', p.oid, 0, 'policy', p.polrelid, p.polname, d.on_class, d.on_oid, d.on_sub "   \
    "from deps d join pg_catalog.pg_policy p on d.classid = " POLICY " and p.oid = d.objid"
#define BY_TRIGGER                                                                             \
    "select 't', t.oid, 0, 'trigger', t.tgrelid, t.tgname, d.on_class, d.on_oid, d.on_sub "    \
    "from deps d join pg_catalog.pg_trigger t on d.classid = " TRIGGER " and t.oid = d.objid " \
    "where not t.tgisinternal"
#define BY_DEFAULT                                                                             \
    "select case when a.attgenerated <> '' then 'r' else 'd' end, "                            \
    "case when a.attgenerated <> '' then a.attrelid else x.oid end, "                          \
    "case when a.attgenerated <> '' then a.attnum else 0 end, "                                \
    "case when a.attgenerated <> '' then 'generated column' else 'default' end, "              \
    "a.attrelid, a.attname, d.on_class, d.on_oid, d.on_sub from deps d "                       \
    "join pg_catalog.pg_attrdef x on d.classid = " DEFAULT " and x.oid = d.objid "             \
    "join pg_catalog.pg_attribute a on a.attrelid = x.adrelid and a.attnum = x.adnum "         \
    "where d.on_class = 'p' or d.on_oid <> a.attrelid or d.on_sub <> a.attnum"
#define BY_COLUMN                                                                              \
    "select 'r', a.attrelid, a.attnum, "                                                       \
    "case when a.attgenerated <> '' then 'generated column' else 'column' end, "               \
    "a.attrelid, a.attname, d.on_class, d.on_oid, d.on_sub from deps d "                       \
    "join pg_catalog.pg_attribute a on d.classid = " CLASS " and a.attrelid = d.objid "        \
    "and a.attnum = d.objsubid where d.objsubid > 0"
#define BY_RELATION                                                                            \
    "select 'r', c.oid, 0, " RELATION_KIND(                                                    \
        "c") ", coalesce(i.indrelid, 0), c.relname, "                                          \
             "d.on_class, d.on_oid, d.on_sub from deps d "                                     \
             "join pg_catalog.pg_class c on d.classid = " CLASS " and c.oid = d.objid "        \
             "left join pg_catalog.pg_index i on i.indexrelid = c.oid where d.objsubid = 0"
#define BY_CONSTRAINT                                                                          \
    "select 'k', k.oid, 0, 'constraint', k.conrelid, k.conname, d.on_class, d.on_oid, "        \
    "d.on_sub from deps d join pg_catalog.pg_constraint k on d.classid = " CONSTRAIN           \
    " and k.oid = d.objid where k.conrelid <> 0"
#define BY_FUNCTION                                                                            \
    "select 'p', p.oid, 0, case p.prokind when 'p' then 'procedure' when 'a' then "            \
    "'aggregate' else 'function' end, 0, p.proname::text || '(' || "                           \
    "pg_catalog.pg_get_function_identity_arguments(p.oid) || ')', "                            \
    "d.on_class, d.on_oid, d.on_sub from deps d "                                              \
    "join pg_catalog.pg_proc p on d.classid = " PROC " and p.oid = d.objid"
#define BY_KEY                                                                                 \
    "select 'k', k.oid, 0, 'foreign key', k.conrelid, k.conname, 'r', k.confrelid, u.n "       \
    "from pg_catalog.pg_constraint k, lateral pg_catalog.unnest(k.confkey) as u (n) "          \
    "where k.contype = 'f' and k.conparentid = 0 and (" ALL                                    \
    " or k.confrelid in (select f.oid from reach f where f.class = 'r'))"
#define BY_PARTITION                                                                           \
    "select 'r', c.oid, 0, 'partition', 0, c.relname, 'r', h.inhparent, 0 "                    \
    "from pg_catalog.pg_inherits h join pg_catalog.pg_class c on c.oid = h.inhrelid "          \
    "where c.relispartition and c.relkind in ('r', 'p', 'f') and (" ALL                        \
    " or h.inhparent in (select f.oid from reach f where f.class = 'r'))"
#define AND_ALSO " union all "

/* A schema is that of the table that the object stands on, or else the object's own. */
#define QUERY(which)                                                                           \
    "with recursive " which ", " REACH ", " DEPS                                               \
    ", edges (class, oid, sub, kind, belongs, name, on_class, on_oid, "                        \
    "on_sub) as (" BY_RULE AND_ALSO BY_POLICY AND_ALSO BY_TRIGGER AND_ALSO BY_DEFAULT AND_ALSO \
        BY_COLUMN AND_ALSO BY_RELATION AND_ALSO BY_CONSTRAINT AND_ALSO BY_FUNCTION AND_ALSO    \
            BY_KEY AND_ALSO BY_PARTITION                                                       \
    ") select e.class, e.oid, e.sub, e.kind, e.belongs, coalesce(n.nspname, f.nspname)"        \
    "::text, coalesce(case when e.belongs <> 0 then c.relname::text end, ''), "                \
    "e.name::text, e.on_class, e.on_oid, e.on_sub from edges e "                               \
    "left join pg_catalog.pg_class c on c.oid = case when e.belongs <> 0 then e.belongs "      \
    "when e.class = 'r' then e.oid end "                                                       \
    "left join pg_catalog.pg_namespace n on n.oid = c.relnamespace "                           \
    "left join pg_catalog.pg_proc p on e.class = 'p' and p.oid = e.oid "                       \
    "left join pg_catalog.pg_namespace f on f.oid = p.pronamespace "                           \
    "where e.on_oid <> 0"

const char *catalog_dependents_query(bool all)
{
    return all ? QUERY(LINT_WANTED_ALL) : QUERY(LINT_WANTED_NAMED);
}
