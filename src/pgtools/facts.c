/* SPDX-License-Identifier: PostgreSQL */
/*
 * The questions that a source and its restored copy are both asked: how many rows has
 * each table, where stands each sequence, what is each object.
 *
 * A definition is compared by a hash of its text without type casts, parentheses and
 * white space: the server writes `x in ('a', 'b')` on a varchar column with its casts
 * in other places after each restore, and a difference that is none would teach people
 * to wave differences through. Left out because a restore makes them anew: rows of
 * materialized views, invalid indexes, everything that belongs to an extension.
 */
#include "pgtools.h"

enum {
    DEFAULT_CHUNK = 100,
    TABLE_SCHEMA = 0, /* columns of pgtools_tables_query() */
    TABLE_NAME,
    TABLE_BYTES,
    TABLE_ROWS,
};

#define OURS(schema)                                                                           \
    " " schema ".nspname <> 'information_schema' and " schema ".nspname !~ '^pg_' "
#define NO_MEMBER(catalog, oid)                                                                \
    " not exists (select from pg_catalog.pg_depend x where x.classid = 'pg_catalog." catalog   \
    "'::pg_catalog.regclass and x.objid = " oid " and x.deptype = 'e') "
#define NORMAL(text)                                                                           \
    "pg_catalog.md5(pg_catalog.regexp_replace(pg_catalog.regexp_replace(" text                 \
    ", '::(\"[^\"]*\"|[a-z_0-9. ])+([(][0-9,]+[)])?([[][]])*', '', 'g'), "                     \
    "'[()[:space:]]', '', 'g'))"
/* Privileges in an order of their own; a default that is written out equals one that is not. */
#define ACL(acl, kind, owner)                                                                  \
    "(select pg_catalog.md5(coalesce(pg_catalog.string_agg(case p.grantee when 0 "             \
    "then 'public' else pg_catalog.pg_get_userbyid(p.grantee) end || p.privilege_type "        \
    "|| p.is_grantable, ',' order by 1), '')) from (select distinct grantee, "                 \
    "privilege_type, is_grantable from pg_catalog.aclexplode(coalesce(" acl                    \
    ", pg_catalog.acldefault('" kind "', " owner ")))) p)"

const char *pgtools_facts_settings(void)
{
    return "select pg_catalog.set_config('row_security', 'off', false), "
           "pg_catalog.set_config('search_path', '', false)";
}

const char *pgtools_tables_query(void)
{
    return "select n.nspname, c.relname, pg_catalog.pg_table_size(c.oid), "
           "greatest(c.reltuples, 0)::bigint "
           "from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = "
           "c.relnamespace where c.relkind = 'r' and c.relpersistence <> 't' and" OURS(
               "n") "and" NO_MEMBER("pg_class", "c.oid") "order by n.nspname, c.relname";
}

const char *pgtools_sequences_query(void)
{
    return "select 'sequence', s.schemaname || '.' || s.sequencename, "
           "coalesce(s.last_value::pg_catalog.text, '-') || ' by ' "
           "|| s.increment_by::pg_catalog.text from pg_catalog.pg_sequences s";
}

/* kind, name, value; one part of the union for each kind of object */
#define FACTS_OF_TABLES                                                                                                                                                                                                               \
    "select 'schema', n.nspname::pg_catalog.text, pg_catalog.pg_get_userbyid(n.nspowner) "                                                                                                                                            \
    "|| ' ' || " ACL("n.nspacl", "n",                                                                                                                                                                                                 \
                     "n.nspowner") " from pg_catalog.pg_namespace n "                                                                                                                                                                 \
                                   "where" OURS("n") "and" NO_MEMBER(                                                                                                                                                                 \
                                       "pg_namespace",                                                                                                                                                                                \
                                       "n.oid") "union all select case c.relkind when 'v' "                                                                                                                                           \
                                                "then 'view' when 'm' then 'materialized "                                                                                                                                            \
                                                "view' "                                                                                                                                                                              \
                                                "when 'S' then 'sequence definition' when "                                                                                                                                           \
                                                "'f' then 'foreign table' else 'table' end, "                                                                                                                                         \
                                                "n.nspname || '.' || c.relname, c.relkind || "                                                                                                                                        \
                                                "c.relpersistence "                                                                                                                                                                   \
                                                "|| c.relrowsecurity || "                                                                                                                                                             \
                                                "c.relforcerowsecurity || c.relispartition "                                                                                                                                          \
                                                "|| ' ' "                                                                                                                                                                             \
                                                "|| pg_catalog.pg_get_userbyid(c.relowner) "                                                                                                                                          \
                                                "|| ' ' || " ACL(                                                                                                                                                                     \
                                                    "c.relacl",                                                                                                                                                                       \
                                                    "r", "c.relowner") " || ' ' || "                                                                                                                                                  \
                                                                       "coalesce(case "                                                                                                                                               \
                                                                       "when c.relkind in "                                                                                                                                           \
                                                                       "('v', 'm') "                                                                                                                                                  \
                                                                       "then " NORMAL(                                                                                                                                                \
                                                                           "pg_catalog.pg_"                                                                                                                                           \
                                                                           "get_viewdef(c."                                                                                                                                           \
                                                                           "oid)") " when "                                                                                                                                           \
                                                                                   "c."                                                                                                                                               \
                                                                                   "relkind "                                                                                                                                         \
                                                                                   "= 'S' "                                                                                                                                           \
                                                                                   "then "                                                                                                                                            \
                                                                                   "(select "                                                                                                                                         \
                                                                                   "q."                                                                                                                                               \
                                                                                   "seqincrem"                                                                                                                                        \
                                                                                   "ent::pg_"                                                                                                                                         \
                                                                                   "catalog."                                                                                                                                         \
                                                                                   "text || "                                                                                                                                         \
                                                                                   "' ' "                                                                                                                                             \
                                                                                   "|| "                                                                                                                                              \
                                                                                   "q.seqmin "                                                                                                                                        \
                                                                                   "|| ' ' "                                                                                                                                          \
                                                                                   "|| "                                                                                                                                              \
                                                                                   "q.seqmax "                                                                                                                                        \
                                                                                   "|| ' ' "                                                                                                                                          \
                                                                                   "|| "                                                                                                                                              \
                                                                                   "q."                                                                                                                                               \
                                                                                   "seqstart "                                                                                                                                        \
                                                                                   "|| ' ' "                                                                                                                                          \
                                                                                   "|| "                                                                                                                                              \
                                                                                   "q."                                                                                                                                               \
                                                                                   "seqcycle "                                                                                                                                        \
                                                                                   "from "                                                                                                                                            \
                                                                                   "pg_"                                                                                                                                              \
                                                                                   "catalog."                                                                                                                                         \
                                                                                   "pg_"                                                                                                                                              \
                                                                                   "sequence "                                                                                                                                        \
                                                                                   "q where "                                                                                                                                         \
                                                                                   "q."                                                                                                                                               \
                                                                                   "seqrelid "                                                                                                                                        \
                                                                                   "= c.oid) "                                                                                                                                        \
                                                                                   "end, "                                                                                                                                            \
                                                                                   "'-') "                                                                                                                                            \
                                                                                   "from "                                                                                                                                            \
                                                                                   "pg_"                                                                                                                                              \
                                                                                   "catalog."                                                                                                                                         \
                                                                                   "pg_class "                                                                                                                                        \
                                                                                   "c join "                                                                                                                                          \
                                                                                   "pg_"                                                                                                                                              \
                                                                                   "catalog."                                                                                                                                         \
                                                                                   "pg_"                                                                                                                                              \
                                                                                   "namespace"                                                                                                                                        \
                                                                                   " n on "                                                                                                                                           \
                                                                                   "n.oid = "                                                                                                                                         \
                                                                                   "c."                                                                                                                                               \
                                                                                   "relnamesp"                                                                                                                                        \
                                                                                   "ace "                                                                                                                                             \
                                                                                   "where "                                                                                                                                           \
                                                                                   "c."                                                                                                                                               \
                                                                                   "relkind "                                                                                                                                         \
                                                                                   "in ('r', "                                                                                                                                        \
                                                                                   "'p', "                                                                                                                                            \
                                                                                   "'v', "                                                                                                                                            \
                                                                                   "'m', "                                                                                                                                            \
                                                                                   "'S', "                                                                                                                                            \
                                                                                   "'f') and "                                                                                                                                        \
                                                                                   "c."                                                                                                                                               \
                                                                                   "relpersis"                                                                                                                                        \
                                                                                   "tence <> "                                                                                                                                        \
                                                                                   "'t' "                                                                                                                                             \
                                                                                   "and" OURS("n") "and" NO_MEMBER(                                                                                                                   \
                                                                                       "pg_"                                                                                                                                          \
                                                                                       "clas"                                                                                                                                         \
                                                                                       "s",                                                                                                                                           \
                                                                                       "c."                                                                                                                                           \
                                                                                       "oid") "union all select 'column', n.nspname || '.' || c.relname || '.' || t.attname, "                                                        \
                                                                                              "pg_catalog.row_number() over (partition by c.oid order by t.attnum) || ' ' "                                                           \
                                                                                              "|| pg_catalog.format_type(t.atttypid, t.atttypmod) || ' ' || t.attnotnull || ' ' "                                                     \
                                                                                              "|| t.attidentity || t.attgenerated || ' ' "                                                                                            \
                                                                                              "|| coalesce(" NORMAL(                                                                                                                  \
                                                                                                  "pg_catalog.pg_get_expr(d.adbin, d.adrelid)") ", '-') || ' ' "                                                                      \
                                                                                                                                                "|| coalesce(t.attacl::pg_catalog.text, '') "                                         \
                                                                                                                                                "from pg_catalog.pg_attribute t join pg_catalog.pg_class c on c.oid = t.attrelid "    \
                                                                                                                                                "join pg_catalog.pg_namespace n on n.oid = c.relnamespace "                           \
                                                                                                                                                "left join pg_catalog.pg_attrdef d on d.adrelid = t.attrelid and d.adnum = t.attnum " \
                                                                                                                                                "where t.attnum > 0 and not t.attisdropped and c.relkind in ('r', 'p', 'f') "         \
                                                                                                                                                "and c.relpersistence <> 't' and" OURS(                                               \
                                                                                                                                                    "n") "and" NO_MEMBER("pg_class",                                                  \
                                                                                                                                                                         "c.oid")

#define FACTS_OF_PARTS                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                     \
    "union all select 'constraint', n.nspname || '.' || c.relname || '.' || o.conname, "                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                   \
    "o.contype || ' ' || o.convalidated || ' ' || " NORMAL(                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                \
        "pg_catalog.pg_get_constraintdef(o.oid)") " from pg_catalog.pg_constraint o join "                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 \
                                                  "pg_catalog.pg_class c on c.oid = "                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      \
                                                  "o.conrelid "                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                            \
                                                  "join pg_catalog.pg_namespace n on n.oid = "                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                             \
                                                  "c.relnamespace "                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        \
                                                  "where o.contype <> 't' and" OURS("n") "an"                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                              \
                                                                                         "d" NO_MEMBER(                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                    \
                                                                                             "pg_class",                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                   \
                                                                                             "c.oid") "union all select 'index', n.nspname || '.' || c.relname, " NORMAL("pg_catalog.pg_get_indexdef(i.indexrelid)") " from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid "                                                                                                                                                                                                                                                                                                                                                                                                                     \
                                                                                                                                                                                                                     "join pg_catalog.pg_namespace n on n.oid = c.relnamespace where i.indisvalid and" OURS("n") "and" NO_MEMBER("pg_class",                                                                                                                                                                                                                                                                                                                                                                               \
                                                                                                                                                                                                                                                                                                                                 "i.indrelid") "union all select 'policy', n.nspname || '.' || c.relname || '.' || p.polname, "                                                                                                                                                                                                                                                                                            \
                                                                                                                                                                                                                                                                                                                                               "p.polcmd || p.polpermissive || ' ' || (select pg_catalog.string_agg(case r.role "                                                                                                                                                                                                                                                                                          \
                                                                                                                                                                                                                                                                                                                                               "when 0 then 'public' else pg_catalog.pg_get_userbyid(r.role) end, ',' order by "                                                                                                                                                                                                                                                                                           \
                                                                                                                                                                                                                                                                                                                                               "case r.role when 0 then 'public' else pg_catalog.pg_get_userbyid(r.role) end) "                                                                                                                                                                                                                                                                                            \
                                                                                                                                                                                                                                                                                                                                               "from pg_catalog.unnest(p.polroles) as r(role)) || ' ' "                                                                                                                                                                                                                                                                                                                    \
                                                                                                                                                                                                                                                                                                                                               "|| coalesce(" NORMAL(                                                                                                                                                                                                                                                                                                                                                      \
                                                                                                                                                                                                                                                                                                                                                   "pg_catalog.pg_get_expr(p.polqual, p.polrelid)") ", '-') || ' ' "                                                                                                                                                                                                                                                                                                       \
                                                                                                                                                                                                                                                                                                                                                                                                    "|| coalesce(" NORMAL(                                                                                                                                                                                                                                                                                                 \
                                                                                                                                                                                                                                                                                                                                                                                                        "pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)") ", '-') "                                                                                                                                                                                                                                                    \
                                                                                                                                                                                                                                                                                                                                                                                                                                                              "from pg_catalog.pg_policy p join pg_catalog.pg_class c on c.oid = p.polrelid "                                                                                                                                                                              \
                                                                                                                                                                                                                                                                                                                                                                                                                                                              "join pg_catalog.pg_namespace n on n.oid = c.relnamespace where" OURS("n") "union all select 'trigger', n.nspname || '.' || c.relname || '.' || t.tgname, "                                                                                                  \
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                         "t.tgenabled || ' ' || " NORMAL(                                                                                                                                                  \
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                             "pg_catalog.pg_get_triggerdef(t.oid)") " from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid "                                                       \
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                    "join pg_catalog.pg_namespace n on n.oid = c.relnamespace where not t.tgisinternal and" OURS("n") "and" NO_MEMBER(                     \
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        "pg_class",                                                                                                                        \
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        "c.oid") "union all select 'rule', n.nspname || '.' || c.relname || '.' || r.rulename, "                                           \
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 "r.ev_enabled || ' ' || " NORMAL(                                                                                         \
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                     "pg_catalog.pg_get_ruledef(r.oid)") " from pg_catalog.pg_rewrite r join pg_catalog.pg_class c on c.oid = r.ev_class " \
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                         "join pg_catalog.pg_namespace n on n.oid = c.relnamespace "                       \
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                         "where r.rulename <> '_RETURN' and" OURS(                                         \
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                             "n") "and" NO_MEMBER("pg_class",                                              \
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  "c.oid")

#define FACTS_OF_THE_REST                                                                                                                                                                 \
    "union all select 'function', n.nspname || '.' || p.proname || '(' "                                                                                                                  \
    "|| pg_catalog.pg_get_function_identity_arguments(p.oid) || ')', p.prokind || ' ' "                                                                                                   \
    "|| pg_catalog.pg_get_userbyid(p.proowner) || ' ' || " ACL("p.proacl", "f", "p.proowner") " || ' ' || coalesce(case when p.prokind <> 'a' then " NORMAL(                              \
        "pg_catalog.pg_get_functiondef(p.oid)") " end, '-') "                                                                                                                             \
                                                "from pg_catalog.pg_proc p join "                                                                                                         \
                                                "pg_catalog.pg_namespace n on n.oid = "                                                                                                   \
                                                "p.pronamespace "                                                                                                                         \
                                                "where" OURS("n") "and" NO_MEMBER(                                                                                                        \
                                                    "pg_proc",                                                                                                                            \
                                                    "p.oid") "union all select 'type', "                                                                                                  \
                                                             "n.nspname || '.' || t.typname, "                                                                                            \
                                                             "t.typtype || ' ' "                                                                                                          \
                                                             "|| "                                                                                                                        \
                                                             "pg_catalog.pg_get_userbyid(t."                                                                                              \
                                                             "typowner) || ' ' || "                                                                                                       \
                                                             "coalesce((select "                                                                                                          \
                                                             "pg_catalog.string_agg(pg_"                                                                                                  \
                                                             "catalog.quote_literal(e."                                                                                                   \
                                                             "enumlabel), ',' "                                                                                                           \
                                                             "order by e.enumsortorder) from "                                                                                            \
                                                             "pg_catalog.pg_enum e where "                                                                                                \
                                                             "e.enumtypid = t.oid), "                                                                                                     \
                                                             "case when t.typtype = 'd' then "                                                                                            \
                                                             "pg_catalog.format_type(t."                                                                                                  \
                                                             "typbasetype, t.typtypmod) "                                                                                                 \
                                                             "end, '-') from "                                                                                                            \
                                                             "pg_catalog.pg_type t "                                                                                                      \
                                                             "join pg_catalog.pg_namespace n "                                                                                            \
                                                             "on n.oid = t.typnamespace "                                                                                                 \
                                                             "where t.typtype in ('e', 'd', "                                                                                             \
                                                             "'r') and" OURS(                                                                                                             \
                                                                 "n") "and" NO_MEMBER("pg_"                                                                                               \
                                                                                      "type",                                                                                             \
                                                                                      "t.oid") "union all select 'extension', e.extname::pg_catalog.text, n.nspname::pg_catalog.text "    \
                                                                                               "from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace " \
                                                                                               "where e.extname <> 'plpgsql'"

const char *pgtools_objects_query(int server_version_num)
{
    (void)server_version_num; /* all these columns are there from 13 to 18 */
    return FACTS_OF_TABLES FACTS_OF_PARTS FACTS_OF_THE_REST;
}

static struct pgtools_fact *add_fact(struct pgtools_facts *facts)
{
    return ARRAY_PUSH(facts->items, facts->count, facts->capacity);
}

void pgtools_facts_take(struct pgtools_facts *facts, const struct rows *rows)
{
    for (size_t i = 0; i < rows->row_count; i++) {
        struct pgtools_fact *fact = add_fact(facts);
        fact->kind = str_dup(facts->arena, rows_text(rows, i, 0));
        fact->name = str_dup(facts->arena, rows_text(rows, i, 1));
        fact->value = str_dup(facts->arena, rows_text(rows, i, 2));
        fact->exact = true;
    }
}

static struct str table_name(struct arena *arena, const struct rows *tables, size_t row)
{
    return str_format(arena, "%.*s.%.*s", STR_ARG(rows_text(tables, row, TABLE_SCHEMA)),
                      STR_ARG(rows_text(tables, row, TABLE_NAME)));
}

static void add_count(struct strbuf *out, const struct rows *tables, size_t row)
{
    struct strbuf name = {0};
    strbuf_add(&name, rows_text(tables, row, TABLE_SCHEMA));
    strbuf_byte(&name, '.');
    strbuf_add(&name, rows_text(tables, row, TABLE_NAME));
    strbuf_text(out, out->len > 0 ? " union all select 'rows', " : "select 'rows', ");
    pgtools_quote_literal(out, strbuf_str(&name));
    strbuf_text(out, ", pg_catalog.count(*)::pg_catalog.text from only ");
    pgtools_quote_name(out, rows_text(tables, row, TABLE_SCHEMA));
    strbuf_byte(out, '.');
    pgtools_quote_name(out, rows_text(tables, row, TABLE_NAME));
    strbuf_release(&name);
}

const char **pgtools_count_statements(struct arena *arena, const struct rows *tables,
                                      int64_t exact_below, size_t chunk,
                                      struct pgtools_facts *facts)
{
    size_t size = chunk > 0 ? chunk : DEFAULT_CHUNK;
    const char **list = arena_array(arena, tables->row_count / size + 2, sizeof(*list));
    struct strbuf text = {0};
    size_t in_chunk = 0;
    size_t count = 0;
    for (size_t i = 0; i < tables->row_count; i++) {
        if (exact_below != PLAN_UNSAID && rows_i64(tables, i, TABLE_BYTES, 0) > exact_below) {
            struct pgtools_fact *fact = add_fact(facts);
            fact->kind = STR("rows");
            fact->name = table_name(facts->arena, tables, i);
            fact->value = str_dup(facts->arena, rows_text(tables, i, TABLE_ROWS));
            continue;
        }
        add_count(&text, tables, i);
        if (++in_chunk == size) {
            list[count++] = str_text(arena, strbuf_str(&text));
            strbuf_clear(&text);
            in_chunk = 0;
        }
    }
    if (in_chunk > 0) {
        list[count++] = str_text(arena, strbuf_str(&text));
    }
    list[count] = NULL;
    strbuf_release(&text);
    return list;
}
