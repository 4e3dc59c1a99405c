/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the role may do, asked before the window and not found out at step 7 of 9:
 * create in the schemas, alter the touched tables, see and signal other sessions,
 * make a database to restore into. And the settings that will be in effect.
 */
#include "catalog.h"
#include "catalog_private.h"

const char *catalog_settings_query(void)
{
    return "select s.name, s.setting || coalesce(' ' || s.unit, ''), s.source "
           "from pg_catalog.pg_settings s where s.name in ("
           "'search_path', 'role', 'lock_timeout', 'statement_timeout', "
           "'idle_in_transaction_session_timeout', 'idle_session_timeout', "
           "'transaction_timeout', 'synchronous_commit', 'default_transaction_isolation', "
           "'default_transaction_read_only', 'row_security', 'session_replication_role', "
           "'standard_conforming_strings', 'client_encoding', 'server_encoding', 'TimeZone', "
           "'maintenance_work_mem', 'default_tablespace', 'check_function_bodies', "
           "'client_connection_check_interval', 'max_locks_per_transaction') "
           "order by s.name";
}

/*
 * Predefined roles and what they are good for. A member holds the right only if he
 * inherits it: USAGE, not MEMBER.
 */
#define BY_ROLE                                                                                \
    "select w.word, '', me.rolsuper or pg_catalog.pg_has_role(current_user, w.role, "          \
    "'usage'), "                                                                               \
    "case when me.rolsuper then 'superuser' else 'member of ' || w.role::text end "            \
    "from me, (values ('monitor', 'pg_monitor'::pg_catalog.name), "                            \
    "('signal backends', 'pg_signal_backend'), "                                               \
    "('write server files', 'pg_write_server_files'), "                                        \
    "('execute server programs', 'pg_execute_server_program')) as w (word, role)"
#define BY_ATTRIBUTE                                                                           \
    "select w.word, '', w.held, 'attribute of the role' from me, lateral (values "             \
    "('create database', me.rolcreatedb or me.rolsuper), ('superuser', me.rolsuper), "         \
    "('bypass row security', me.rolbypassrls or me.rolsuper)) as w (word, held)"

const char *catalog_rights_query(void)
{
    return "with " CATALOG_SCOPE ", "
           "me as (select r.* from pg_catalog.pg_roles r where r.rolname = current_user), "
           "touched as (select t.name from pg_catalog.unnest($2::pg_catalog.text[]) "
           "as t (name)) "
           "select 'create in schema', s.nspname::text, "
           "pg_catalog.has_schema_privilege(s.oid, 'create'), "
           "case when pg_catalog.has_schema_privilege(s.oid, 'create') then 'granted' "
           "else 'no create on the schema' end from spaces s "
           "union all "
           "select 'owner of table', t.name, "
           "coalesce(pg_catalog.pg_has_role(current_user, c.relowner, 'usage'), false), "
           "case when c.oid is null then 'no such table' else 'owner is ' || "
           "pg_catalog.pg_get_userbyid(c.relowner)::text end "
           "from touched t left join (select c.oid, c.relowner, "
           "n.nspname::text || '.' || c.relname::text as name from pg_catalog.pg_class c "
           "join pg_catalog.pg_namespace n on n.oid = c.relnamespace "
           "where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')) c on c.name = t.name "
           "union all " BY_ROLE " union all " BY_ATTRIBUTE;
}

bool catalog_rights_read(const struct rows *rows, struct arena *arena,
                         struct catalog_rights *rights, struct err *err)
{
    enum {
        RIGHT_WORD,
        RIGHT_SUBJECT,
        RIGHT_HELD,
        RIGHT_WHY,
        RIGHT_COLUMNS
    };
    *rights = (struct catalog_rights){0};
    if (!catalog_expect_columns(rows, RIGHT_COLUMNS, "rights", err)) {
        return false;
    }
    rights->items = arena_array(arena, rows->row_count + 1, sizeof(*rights->items));
    rights->count = rows->row_count;
    for (size_t row = 0; row < rows->row_count; row++) {
        struct catalog_right *right = &rights->items[row];
        right->right = catalog_cell(arena, rows, row, RIGHT_WORD);
        right->subject = catalog_cell(arena, rows, row, RIGHT_SUBJECT);
        right->held = rows_bool(rows, row, RIGHT_HELD);
        right->why = catalog_cell(arena, rows, row, RIGHT_WHY);
    }
    return true;
}
