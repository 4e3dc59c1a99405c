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

/*
 * `deps`: the object, and what it depends on: a relation (r) or one of its columns, or a
 * function (p). The row type of a table is the table. Before 15 a generated column depends on
 * its sources in the automatic way. Constraints matter where they call a function; foreign
 * keys come from pg_constraint.
 */
#define DEPS                                                                                   \
    "picked as materialized ("                                                                 \
    "select d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid "          \
    "from pg_catalog.pg_depend d where d.objid >= " OF_PEOPLE " and d.refobjid >= " OF_PEOPLE  \
    " and (d.deptype = 'n' or (d.deptype = 'a' and d.classid = " CLASS                         \
    " and d.objsubid > 0)) and (d.classid in (" REWRITE ", " POLICY ", " TRIGGER ", " PROC     \
    ", " DEFAULT ", " CLASS ") or (d.classid = " CONSTRAIN " and d.refclassid = " PROC ")) "   \
    "and d.refclassid in (" CLASS ", " PROC ", " TYPE ")), "                                   \
    "deps as materialized ("                                                                   \
    "select p.classid, p.objid, p.objsubid, "                                                  \
    "case p.refclassid when " PROC " then 'p' else 'r' end as on_class, "                      \
    "case p.refclassid when " TYPE " then coalesce(nullif(t.typrelid, 0), e.typrelid) "        \
    "else p.refobjid end as on_oid, p.refobjsubid as on_sub "                                  \
    "from picked p left join pg_catalog.pg_type t on p.refclassid = " TYPE                     \
    " and t.oid = p.refobjid left join pg_catalog.pg_type e on e.oid = t.typelem "             \
    "and t.typelem <> 0)"

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
    "where k.contype = 'f' and k.conparentid = 0"
#define BY_PARTITION                                                                           \
    "select 'r', c.oid, 0, 'partition', 0, c.relname, 'r', h.inhparent, 0 "                    \
    "from pg_catalog.pg_inherits h join pg_catalog.pg_class c on c.oid = h.inhrelid "          \
    "where c.relispartition and c.relkind in ('r', 'p', 'f')"
#define AND_ALSO " union all "

/* A schema is that of the table that the object stands on, or else the object's own. */
const char *catalog_dependents_query(void)
{
    return "with " DEPS ", edges (class, oid, sub, kind, belongs, name, on_class, on_oid, "
           "on_sub) as (" BY_RULE AND_ALSO BY_POLICY AND_ALSO BY_TRIGGER AND_ALSO BY_DEFAULT
               AND_ALSO BY_COLUMN AND_ALSO BY_RELATION AND_ALSO BY_CONSTRAINT AND_ALSO
                   BY_FUNCTION AND_ALSO BY_KEY AND_ALSO BY_PARTITION
           ") select e.class, e.oid, e.sub, e.kind, e.belongs, coalesce(n.nspname, f.nspname)"
           "::text, coalesce(c.relname::text, ''), e.name::text, e.on_class, e.on_oid, "
           "e.on_sub from edges e "
           "left join pg_catalog.pg_class c on c.oid = e.belongs and e.belongs <> 0 "
           "left join pg_catalog.pg_class o on e.belongs = 0 and e.class = 'r' "
           "and o.oid = e.oid "
           "left join pg_catalog.pg_namespace n "
           "on n.oid = coalesce(c.relnamespace, o.relnamespace) "
           "left join pg_catalog.pg_proc p on e.class = 'p' and p.oid = e.oid "
           "left join pg_catalog.pg_namespace f on f.oid = p.pronamespace "
           "where e.on_oid <> 0";
}
