/* SPDX-License-Identifier: PostgreSQL */
/*
 * The table of builtins: what each asks of the server. Everything goes as a
 * parameter; names of the plan are compared as whole texts with what the catalog
 * holds, never parsed, so that dots, quotes and newlines in them mean themselves.
 *
 * A name without schema is looked for along the plan's search_path, as the server
 * would; "schema.name" wins over a table of the search_path that is really called so.
 */
#include "check_private.h"

#define SCOPE                                                                                  \
    "with spaces as materialized ("                                                            \
    "select n.oid, n.nspname from pg_catalog.pg_namespace n "                                  \
    "where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' "                         \
    "and ($1::pg_catalog.text[] = '{}' or n.nspname = any ($1::pg_catalog.text[]))) "

/* No object of an extension: those are the extension's matter. */
#define NOT_OF_EXTENSION(catalog, oid)                                                         \
    "not exists (select from pg_catalog.pg_depend d where d.classid = "                        \
    "'pg_catalog." catalog "'::pg_catalog.regclass and d.objid = " oid                         \
    " and d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and d.deptype = 'e') "

/* `rel`: the relation that $1 names, $2 = search_path. */
#define RELATION(kinds)                                                                        \
    "with rel as materialized (select c.oid, c.relrowsecurity, c.relkind "                     \
    "from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace "     \
    "left join pg_catalog.unnest($2::pg_catalog.text[]) with ordinality as s (name, place) "   \
    "on s.name = n.nspname "                                                                   \
    "where c.relkind in (" kinds ") and c.relpersistence <> 't' "                              \
    "and (n.nspname::text || '.' || c.relname::text = $1::pg_catalog.text "                    \
    "or c.relname::text = $1::pg_catalog.text and s.place is not null) "                       \
    "order by c.relname::text = $1::pg_catalog.text, s.place limit 1) "

#define REMOVED_PRESENT                                                                        \
    "select pg_catalog.count(*) from pg_catalog.unnest($1::pg_catalog.text[]) as r (name) "    \
    "where exists (select from pg_catalog.pg_class c "                                         \
    "join pg_catalog.pg_namespace n on n.oid = c.relnamespace "                                \
    "where c.relkind in ('r', 'p', 'f', 'v', 'm') and c.relpersistence <> 't' "                \
    "and (n.nspname::text || '.' || c.relname::text = r.name "                                 \
    "or c.relname::text = r.name and n.nspname = any ($2::pg_catalog.text[])))"

#define UNVALIDATED                                                                            \
    SCOPE "select pg_catalog.count(*) from pg_catalog.pg_constraint k "                        \
          "join spaces s on s.oid = k.connamespace where not k.convalidated "                  \
          "and k.conparentid = 0 and k.conrelid <> 0 "                                         \
          "and " NOT_OF_EXTENSION("pg_class", "k.conrelid")

#define POLICIES_WITHOUT_RLS                                                                   \
    SCOPE "select s.nspname::text || '.' || c.relname::text || '.' || p.polname::text "        \
          "from pg_catalog.pg_policy p join pg_catalog.pg_class c on c.oid = p.polrelid "      \
          "join spaces s on s.oid = c.relnamespace where not c.relrowsecurity "                \
          "and " NOT_OF_EXTENSION("pg_class", "c.oid") "order by 1"

#define NOTHING_MORE ", null, null, null, null"

#define TABLE                                                                                  \
    RELATION("'r', 'p', 'f'")                                                                  \
    "select case relkind when 'p' then 'partitioned table' when 'f' then 'foreign table' "     \
    "else 'table' end, null, null, null, null" NOTHING_MORE " from rel"

#define VIEW                                                                                   \
    RELATION("'v', 'm'")                                                                       \
    "select case relkind when 'm' then 'materialized view' else 'view' end, "                  \
    "null, null, null, null" NOTHING_MORE " from rel"

#define INDEX                                                                                  \
    RELATION("'i', 'I'")                                                                       \
    "select 'index', null, null, i.indisvalid and i.indisready and i.indislive, "              \
    "null" NOTHING_MORE " from rel join pg_catalog.pg_index i on i.indexrelid = rel.oid"

/* $3 = column, $4 = type. The type may also be a name of it ("int4"), or of the search_path's.
 */
#define COLUMN                                                                                 \
    RELATION("'r', 'p', 'f', 'v', 'm'")                                                        \
    "select t.name, case when $4::pg_catalog.text is null or $4::pg_catalog.text = '' "        \
    "then null else t.name = $4::pg_catalog.text "                                             \
    "or a.atttypmod = -1 and pg_catalog.to_regtype($4::pg_catalog.text) = a.atttypid "         \
    "or exists (select from pg_catalog.unnest($2::pg_catalog.text[]) as s (name) "             \
    "where pg_catalog.quote_ident(s.name) || '.' || $4::pg_catalog.text = t.name) end, "       \
    "not a.attnotnull, null, null" NOTHING_MORE                                                \
    " from rel join pg_catalog.pg_attribute a on a.attrelid = rel.oid, "                       \
    "lateral (select pg_catalog.format_type(a.atttypid, a.atttypmod)) as t (name) "            \
    "where a.attnum > 0 and not a.attisdropped and a.attname::text = $3::pg_catalog.text"

#define CONSTRAINT                                                                             \
    RELATION("'r', 'p', 'f'")                                                                  \
    "select pg_catalog.pg_get_constraintdef(k.oid), null, null, k.convalidated, "              \
    "null" NOTHING_MORE " from rel join pg_catalog.pg_constraint k on k.conrelid = rel.oid "   \
    "where k.conname::text = $3::pg_catalog.text"

/* $4 = roles. */
#define POLICY                                                                                 \
    RELATION("'r', 'p'")                                                                       \
    "select case p.polpermissive when true then 'permissive' else 'restrictive' end, "         \
    "null, null, rel.relrowsecurity, "                                                         \
    "case p.polcmd when '*' then 'ALL' when 'r' then 'SELECT' when 'a' then 'INSERT' "         \
    "when 'w' then 'UPDATE' when 'd' then 'DELETE' end, "                                      \
    "pg_catalog.array_to_string(r.names, ', '), "                                              \
    "r.names @> $4::pg_catalog.text[] and r.names <@ $4::pg_catalog.text[], "                  \
    "pg_catalog.pg_get_expr(p.polqual, p.polrelid), "                                          \
    "pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) "                                      \
    "from rel join pg_catalog.pg_policy p on p.polrelid = rel.oid, "                           \
    "lateral (select array(select coalesce((select a.rolname::text from pg_catalog.pg_roles "  \
    "a "                                                                                       \
    "where a.oid = o.oid), 'public') from pg_catalog.unnest(p.polroles) as o (oid) "           \
    "order by 1)) as r (names) where p.polname::text = $3::pg_catalog.text"

#define TRIGGER                                                                                \
    RELATION("'r', 'p', 'f', 'v'")                                                             \
    "select pg_catalog.pg_get_triggerdef(t.oid), null, null, t.tgenabled <> 'D', "             \
    "null" NOTHING_MORE " from rel join pg_catalog.pg_trigger t on t.tgrelid = rel.oid "       \
    "where not t.tgisinternal and t.tgname::text = $3::pg_catalog.text"

/* $1 = name, with or without arguments, with or without schema. */
#define FUNCTION                                                                               \
    "select case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' "               \
    "when 'w' then 'window function' else 'function' end, null, null, null, null" NOTHING_MORE \
    " from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace "     \
    "left join pg_catalog.unnest($2::pg_catalog.text[]) with ordinality as s (name, place) "   \
    "on s.name = n.nspname, "                                                                  \
    "lateral (select p.proname::text, p.proname::text || '(' || "                              \
    "pg_catalog.oidvectortypes(p.proargtypes) || ')') as f (bare, full_name) "                 \
    "where (s.place is not null and $1::pg_catalog.text in (f.bare, f.full_name)) "            \
    "or $1::pg_catalog.text in (n.nspname::text || '.' || f.bare, "                            \
    "n.nspname::text || '.' || f.full_name) order by s.place limit 1"

#define FILLS(...)                                                                             \
    (const enum check_fill[])                                                                  \
    {                                                                                          \
        __VA_ARGS__, FILL_END                                                                  \
    }
#define SCHEMAS FILLS(FILL_SCHEMAS)

#define COUNTED(name)                                                                          \
    [PLAN_BUILTIN_##name] = {PLAN_BUILTIN_##name, SHAPE_COUNT, COUNT_##name, NULL, SCHEMAS}
#define ASKED(name, shape, sql, ...)                                                           \
    [PLAN_BUILTIN_##name] = {PLAN_BUILTIN_##name, shape, COUNT__COUNT, sql, FILLS(__VA_ARGS__)}

/* Columns: see struct check_builtin. */
static const struct check_builtin builtins[PLAN_BUILTIN__COUNT] = {
    COUNTED(TABLES),
    COUNTED(PARTITIONS),
    COUNTED(FOREIGN_KEYS),
    COUNTED(RLS_POLICIES),
    COUNTED(TABLES_WITH_RLS),
    COUNTED(INDEXES),
    COUNTED(VIEWS),
    COUNTED(MATERIALIZED_VIEWS),
    COUNTED(FUNCTIONS),
    COUNTED(TRIGGERS),
    COUNTED(ENUMS),
    COUNTED(SEQUENCES),
    COUNTED(INVALID_INDEXES),
    ASKED(REMOVED_TABLES_PRESENT, SHAPE_NUMBER, REMOVED_PRESENT, FILL_REMOVED, FILL_SCHEMAS),
    ASKED(CONFLICTS, SHAPE_SQL, NULL, FILL_END),
    ASKED(QUERY, SHAPE_SQL, NULL, FILL_END),
    ASKED(ORPHANS, SHAPE_ORPHANS, NULL, FILL_SCHEMAS),
    ASKED(UNVALIDATED_CONSTRAINTS, SHAPE_NUMBER, UNVALIDATED, FILL_SCHEMAS),
    ASKED(ROWS_PER_KEPT_TABLE, SHAPE_TABLE_ROWS, NULL, FILL_SCHEMAS),
    ASKED(POLICIES_ON_TABLES_WITHOUT_RLS, SHAPE_LIST, POLICIES_WITHOUT_RLS, FILL_SCHEMAS),
    ASKED(TABLE, SHAPE_OBJECT, TABLE, FILL_TABLE, FILL_SEARCH_PATH),
    ASKED(COLUMN, SHAPE_OBJECT, COLUMN, FILL_TABLE, FILL_SEARCH_PATH, FILL_COLUMN, FILL_TYPE),
    ASKED(CONSTRAINT, SHAPE_OBJECT, CONSTRAINT, FILL_TABLE, FILL_SEARCH_PATH, FILL_OBJECT),
    ASKED(INDEX, SHAPE_OBJECT, INDEX, FILL_OBJECT, FILL_SEARCH_PATH),
    ASKED(POLICY, SHAPE_OBJECT, POLICY, FILL_TABLE, FILL_SEARCH_PATH, FILL_OBJECT, FILL_ROLES),
    ASKED(TRIGGER, SHAPE_OBJECT, TRIGGER, FILL_TABLE, FILL_SEARCH_PATH, FILL_OBJECT),
    ASKED(FUNCTION, SHAPE_OBJECT, FUNCTION, FILL_OBJECT, FILL_SEARCH_PATH),
    ASKED(VIEW, SHAPE_OBJECT, VIEW, FILL_OBJECT, FILL_SEARCH_PATH),
};

const struct check_builtin *check_builtin_of(enum plan_builtin builtin)
{
    return &builtins[builtin];
}

enum check_shape check_shape_of(const struct plan_check *check)
{
    return check->source == PLAN_SOURCE_BUILTIN ? builtins[check->builtin].shape : SHAPE_SQL;
}

bool check_count_kind(enum plan_what what, enum count_kind *kind)
{
    /* the plan's word for what is counted, and the catalog's */
    static const struct {
        bool counted;
        enum count_kind kind;
    } kinds[PLAN_WHAT__COUNT] = {
        [PLAN_WHAT_TABLES] = {true, COUNT_TABLES},
        [PLAN_WHAT_PARTITIONS] = {true, COUNT_PARTITIONS},
        [PLAN_WHAT_FOREIGN_KEYS] = {true, COUNT_FOREIGN_KEYS},
        [PLAN_WHAT_RLS_POLICIES] = {true, COUNT_RLS_POLICIES},
        [PLAN_WHAT_TABLES_WITH_RLS] = {true, COUNT_TABLES_WITH_RLS},
        [PLAN_WHAT_INDEXES] = {true, COUNT_INDEXES},
        [PLAN_WHAT_VIEWS] = {true, COUNT_VIEWS},
        [PLAN_WHAT_MATERIALIZED_VIEWS] = {true, COUNT_MATERIALIZED_VIEWS},
        [PLAN_WHAT_FUNCTIONS] = {true, COUNT_FUNCTIONS},
        [PLAN_WHAT_TRIGGERS] = {true, COUNT_TRIGGERS},
        [PLAN_WHAT_ENUMS] = {true, COUNT_ENUMS},
        [PLAN_WHAT_SEQUENCES] = {true, COUNT_SEQUENCES},
        [PLAN_WHAT_CONSTRAINTS] = {true, COUNT_CONSTRAINTS},
        [PLAN_WHAT_COLUMNS] = {true, COUNT_COLUMNS},
    };
    *kind = kinds[what].kind;
    return kinds[what].counted;
}
