/* SPDX-License-Identifier: PostgreSQL */
/*
 * What surrounds the relations: the session that a plan would run in, who is in the way of
 * it, and what the server's own statistics say of live statements.
 */
#include "catalog_lint.h"
#include "catalog_private.h"

#include "sql.h"

#define DATABASE                                                                               \
    "(select d.oid from pg_catalog.pg_database d "                                             \
    "where d.datname = pg_catalog.current_database())"

/* ----------------------------------------------------------------- session */

/*
 * Our own sessions pin search_path, so that of a plain session is looked up where the server
 * would: for the role in the database, for the role, for the database, for all.
 */
#define PATH                                                                                   \
    "select pg_catalog.substr(s.item, pg_catalog.length('search_path=') + 1) "                 \
    "from pg_catalog.pg_db_role_setting r, lateral pg_catalog.unnest(r.setconfig) as s "       \
    "(item) "                                                                                  \
    "where s.item like 'search\\_path=%' and r.setdatabase in (0, " DATABASE ") "              \
    "and r.setrole in (0, me.oid) order by r.setrole = 0, r.setdatabase = 0 limit 1"
#define TIMEOUT(name)                                                                          \
    "(select s.setting::pg_catalog.int8 from pg_catalog.pg_settings s "                        \
    "where s.name = '" name "')"

const char *catalog_lint_session_query(void)
{
    return "select pg_catalog.current_setting('server_version_num')::pg_catalog.int8, "
           "me.rolname::text, me.rolsuper, me.rolbypassrls, " TIMEOUT(
               "lock_timeout") ", " TIMEOUT("statement_timeout") ", coalesce((" PATH "), "
                                                                 "(select s.boot_val from "
                                                                 "pg_catalog.pg_settings s "
                                                                 "where s.name = "
                                                                 "'search_path')), "
                                                                 "exists (select from "
                                                                 "pg_catalog.pg_namespace n "
                                                                 "where n.nspname = "
                                                                 "me.rolname), "
                                                                 "pg_catalog.pg_backend_pid(), "
                                                                 "me.rolsuper or "
                                                                 "pg_catalog.pg_has_role(me."
                                                                 "oid, 'pg_read_all_stats', "
                                                                 "'usage'), "
                                                                 "coalesce(n.nspname::text, "
                                                                 "''), "
                                                                 "coalesce(pg_catalog.string_"
                                                                 "to_array(x.extversion, "
                                                                 "'.')::pg_catalog.int4[] >= "
                                                                 "'{1,9}'::pg_catalog.int4[], "
                                                                 "false) "
                                                                 "from pg_catalog.pg_roles me "
                                                                 "left join "
                                                                 "pg_catalog.pg_extension x "
                                                                 "on x.extname = "
                                                                 "'pg_stat_statements' "
                                                                 "left join "
                                                                 "pg_catalog.pg_namespace n on "
                                                                 "n.oid = x.extnamespace "
                                                                 "where me.rolname = "
                                                                 "current_user";
}

/* The next name of a list as search_path has it, unquoted and folded; false at its end. */
static bool next_name(struct str *rest, struct strbuf *name)
{
    *rest = str_trim(*rest);
    strbuf_clear(name);
    bool quoted = rest->len > 0 && rest->ptr[0] == '"';
    size_t i = quoted ? 1 : 0;
    for (; i < rest->len; i++) {
        char byte = rest->ptr[i];
        bool doubled = quoted && byte == '"' && i + 1 < rest->len && rest->ptr[i + 1] == '"';
        if (doubled) {
            i++;
        } else if (byte == (quoted ? '"' : ',')) {
            break;
        }
        strbuf_byte(name,
                    !quoted && byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte);
    }
    bool found = rest->len > 0;
    size_t comma = quoted ? str_find_byte(*rest, ',', i) : i;
    *rest = str_slice(*rest, comma + 1, rest->len);
    return found;
}

/* "$user" is the role's own schema where there is one. */
static void read_path(struct str path, bool has_own, struct arena *arena,
                      struct lint_context *context)
{
    struct strbuf name = {0};
    struct str *schemas = arena_array(arena, path.len + 1, sizeof *schemas);
    size_t count = 0;
    while (next_name(&path, &name)) {
        struct str schema = str_trim(strbuf_str(&name));
        if (str_eq(schema, "$user")) {
            schema = has_own ? context->role : STR("");
        }
        if (schema.len > 0) {
            schemas[count++] = str_dup(arena, schema);
        }
    }
    strbuf_release(&name);
    context->search_path = schemas;
    context->search_path_count = count;
}

bool catalog_lint_session_read(const struct rows *rows, struct arena *arena,
                               struct lint_context *context,
                               struct catalog_lint_session *session, struct err *err)
{
    enum {
        VERSION,
        ROLE,
        SUPERUSER,
        BYPASS_RLS,
        LOCK_TIMEOUT,
        STATEMENT_TIMEOUT,
        PATH_TEXT,
        HAS_OWN,
        PID,
        SEES_SESSIONS,
        STATEMENTS,
        HAVE_INFO,
        SESSION_COLUMNS
    };
    if (!catalog_expect_columns(rows, SESSION_COLUMNS, "the session", err)) {
        return false;
    }
    if (rows->row_count != 1) {
        return err_set(err, ERR_CONNECT, "the server did not say which role this is");
    }
    context->version = (int)rows_i64(rows, 0, VERSION, 0);
    context->role = catalog_cell(arena, rows, 0, ROLE);
    context->role_superuser = rows_bool(rows, 0, SUPERUSER);
    context->role_bypass_rls = rows_bool(rows, 0, BYPASS_RLS);
    context->lock_timeout_us = rows_i64(rows, 0, LOCK_TIMEOUT, 0) * US_PER_MS;
    context->statement_timeout_us = rows_i64(rows, 0, STATEMENT_TIMEOUT, 0) * US_PER_MS;
    read_path(rows_text(rows, 0, PATH_TEXT), rows_bool(rows, 0, HAS_OWN), arena, context);
    context->knows |= LINT_NEEDS_VERSION | LINT_NEEDS_ROLE;
    *session =
        (struct catalog_lint_session){.backend_pid = (int)rows_i64(rows, 0, PID, 0),
                                      .sees_sessions = rows_bool(rows, 0, SEES_SESSIONS),
                                      .statements = catalog_cell(arena, rows, 0, STATEMENTS),
                                      .statements_have_info = rows_bool(rows, 0, HAVE_INFO)};
    return true;
}

/* ---------------------------------------------------------------- activity */

/*
 * `holds`: tables of people's that somebody has locked. A dump that has locked nothing yet
 * will lock everything. A prepared transaction has no process; its locks are known by the
 * lock on its own number.
 */
#define HOLDS                                                                                  \
    "holds as materialized ("                                                                  \
    "select distinct l.pid, l.virtualtransaction, n.nspname, c.relname, "                      \
    "$1::pg_catalog.name[] = '{}' or '*' = any ($1::pg_catalog.name[]) or c.relname = any "    \
    "($1::pg_catalog.name[]) as asked "                                                        \
    "from pg_catalog.pg_locks l join pg_catalog.pg_class c on c.oid = l.relation "             \
    "join pg_catalog.pg_namespace n on n.oid = c.relnamespace "                                \
    "where l.locktype = 'relation' and l.granted and l.database = " DATABASE                   \
    " and l.relation >= 16384 and c.relkind in ('r', 'p', 'm') "                               \
    "and l.pid is distinct from pg_catalog.pg_backend_pid()), "                                \
    "others as materialized ("                                                                 \
    "select a.pid, a.xact_start, a.application_name like 'pg\\_dump%' as dumps, "              \
    "a.backend_type = 'autovacuum worker' as vacuums, a.query from "                           \
    "pg_catalog.pg_stat_activity a where a.datname = pg_catalog.current_database() "           \
    "and a.pid <> pg_catalog.pg_backend_pid()), "                                              \
    "who as ("                                                                                 \
    "select o.pid, case when o.dumps then 'pg_dump' when o.vacuums "                           \
    "then 'anti-wraparound vacuum' else 'open transaction' end as kind, o.xact_start, "        \
    "o.dumps from others o where o.dumps "                                                     \
    "or (o.vacuums and o.query like '%(to prevent wraparound)') "                              \
    "or (not o.vacuums and o.xact_start < pg_catalog.clock_timestamp() "                       \
    "- $2::pg_catalog.float8 * '1 second'::pg_catalog.interval))"
/* Two columns: for how long, and since when: what stays the same from look to look. */
#define AGE_US(since)                                                                          \
    "(extract(epoch from pg_catalog.clock_timestamp() - " since ") * 1000000)"                 \
    "::pg_catalog.int8, (extract(epoch from " since ") * 1000000)::pg_catalog.int8"

#define BY_PROCESS                                                                             \
    "select w.pid, w.kind, " AGE_US(                                                           \
        "w.xact_start") ", h.nspname::text, h.relname::text "                                  \
                        "from who w join holds h on h.pid = w.pid and h.asked"
#define BY_DUMP                                                                                \
    "select w.pid, w.kind, " AGE_US(                                                           \
        "w.xact_start") ", '', '' from who w where w.dumps "                                   \
                        "and w.pid not in (select h.pid from holds h where h.pid is not null)"
#define PREPARED                                                                               \
    "select 0, 'prepared transaction ' || p.gid, " AGE_US(                                     \
        "p.prepared") ", h.nspname::text, "                                                    \
                      "h.relname::text from pg_catalog.pg_prepared_xacts p "                   \
                      "join pg_catalog.pg_locks l on l.locktype = 'transactionid' and l.pid "  \
                      "is null "                                                               \
                      "and l.transactionid = p.transaction "                                   \
                      "join holds h on h.pid is null and h.virtualtransaction = "              \
                      "l.virtualtransaction "                                                  \
                      "and h.asked where p.database = pg_catalog.current_database()"

const char *catalog_lint_activity_query(void)
{
    return "with " HOLDS " " BY_PROCESS " union all " BY_DUMP " union all " PREPARED
           " order by 3 desc, 1, 5, 6";
}

bool catalog_lint_activity_read(const struct rows *rows, struct arena *arena,
                                struct lint_context *context, struct err *err)
{
    enum {
        PID,
        KIND,
        AGE,
        SINCE,
        SCHEMA,
        NAME,
        ACTIVITY_COLUMNS
    };
    if (!catalog_expect_columns(rows, ACTIVITY_COLUMNS, "activity", err)) {
        return false;
    }
    struct lint_activity *items = arena_array(arena, rows->row_count + 1, sizeof *items);
    for (size_t row = 0; row < rows->row_count; row++) {
        items[row] = (struct lint_activity){.pid = (int)rows_i64(rows, row, PID, 0),
                                            .kind = str_text(arena, rows_text(rows, row, KIND)),
                                            .relation = {catalog_cell(arena, rows, row, SCHEMA),
                                                         catalog_cell(arena, rows, row, NAME)},
                                            .age_us = rows_i64(rows, row, AGE, -1),
                                            .since_us = rows_i64(rows, row, SINCE, 0)};
    }
    context->activity = items;
    context->activity_count = rows->row_count;
    return true;
}

/* ----------------------------------------------------------------- traffic */

void catalog_lint_traffic_query(struct strbuf *sql, const struct catalog_lint_session *session)
{
    strbuf_text(sql, "select s.query, pg_catalog.sum(s.calls)::pg_catalog.int8, ");
    if (session->statements_have_info) {
        strbuf_text(sql, "(select extract(epoch from pg_catalog.clock_timestamp() - "
                         "i.stats_reset)::pg_catalog.float8 from ");
        sql_quote_ident(sql, session->statements);
        strbuf_text(sql, ".pg_stat_statements_info i) ");
    } else {
        strbuf_text(sql, "null ");
    }
    strbuf_text(sql, "from ");
    sql_quote_ident(sql, session->statements);
    strbuf_text(sql, ".pg_stat_statements s where s.dbid = (select d.oid from "
                     "pg_catalog.pg_database d where d.datname = $2::pg_catalog.name) "
                     "group by s.query order by 2 desc, 1 limit $1::pg_catalog.int8");
}

bool catalog_lint_traffic_read(const struct rows *rows, struct arena *arena,
                               struct catalog_lint_traffic **statements, size_t *count,
                               struct err *err)
{
    enum {
        TEXT,
        CALLS,
        SECONDS,
        TRAFFIC_COLUMNS
    };
    if (!catalog_expect_columns(rows, TRAFFIC_COLUMNS, "pg_stat_statements", err)) {
        return false;
    }
    *statements = arena_array(arena, rows->row_count + 1, sizeof **statements);
    *count = rows->row_count;
    for (size_t row = 0; row < rows->row_count; row++) {
        struct str text = rows_text(rows, row, TEXT);
        double seconds = 0;
        bool known = str_to_double(rows_text(rows, row, SECONDS), &seconds) && seconds > 0;
        (*statements)[row] = (struct catalog_lint_traffic){
            .text = str_eq(text, "<insufficient privilege>") ? STR("") : str_dup(arena, text),
            .calls_per_second = known ? (double)rows_i64(rows, row, CALLS, 0) / seconds : -1};
    }
    return true;
}
