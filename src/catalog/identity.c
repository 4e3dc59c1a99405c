/* SPDX-License-Identifier: PostgreSQL */
/*
 * Which server is this, who are we in it, and is the run's lock ours.
 *
 * The identity is one statement that an ordinary role may run on 13 to 18. What a
 * role may not see comes back empty and is told apart from "no": the start of the
 * checkpointer decides later whether a transaction id is proof of anything.
 *
 * The advisory lock has two keys: a constant of ours and the oid of the database
 * (locks are per database anyway; the oid makes pg_locks readable for people).
 */
#include "catalog.h"
#include "catalog_private.h"

/* "gono" in ASCII: the first key of the advisory lock. */
#define LOCK_SPACE "1735355247"
#define LOCK_KEY                                                                               \
    "(select d.oid::pg_catalog.int8::pg_catalog.bit(32)::pg_catalog.int4 "                     \
    "from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())"

enum {
    IDENTITY_SYSTEM,
    IDENTITY_DATABASE,
    IDENTITY_DATABASE_OID,
    IDENTITY_SESSION_USER,
    IDENTITY_CURRENT_USER,
    IDENTITY_VERSION_NUM,
    IDENTITY_VERSION,
    IDENTITY_IN_RECOVERY,
    IDENTITY_TIMELINE,
    IDENTITY_ADDRESS,
    IDENTITY_PORT,
    IDENTITY_SUPERUSER,
    IDENTITY_BYPASS_RLS,
    IDENTITY_PID,
    IDENTITY_BACKEND_START,
    IDENTITY_POSTMASTER_START,
    IDENTITY_CHECKPOINTER_START,
    IDENTITY_SERVER_TIME,
    IDENTITY_TIMEZONE,
    IDENTITY_READ_ONLY,
    IDENTITY_SSL,
    IDENTITY_REPLICAS,
    IDENTITY_COLUMNS
};

/*
 * The timeline of a primary comes from its WAL position, because the control file keeps
 * the old one from a promotion until the next checkpoint. Times are in UTC whatever the session
 * says, so that two readings compare as text.
 */
#define AS_UTC " at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"

const char *catalog_identity_query(void)
{
    return "select c.system_identifier::text, pg_catalog.current_database()::text, "
           "d.oid::int8, "
           "session_user::text, current_user::text, "
           "pg_catalog.current_setting('server_version_num')::int8, "
           "pg_catalog.current_setting('server_version'), pg_catalog.pg_is_in_recovery(), "
           "case when pg_catalog.pg_is_in_recovery() "
           "then (select k.timeline_id from pg_catalog.pg_control_checkpoint() k)::int8 "
           "else ('x' || pg_catalog.substr(pg_catalog.pg_walfile_name("
           "pg_catalog.pg_current_wal_lsn()), 1, 8))::pg_catalog.bit(32)::int8 end, "
           "pg_catalog.host(pg_catalog.inet_server_addr()), "
           "coalesce(pg_catalog.inet_server_port(), "
           "pg_catalog.current_setting('port')::pg_catalog.int4), "
           "r.rolsuper, r.rolbypassrls, pg_catalog.pg_backend_pid(), "
           "(select pg_catalog.to_char(a.backend_start" AS_UTC
           " from pg_catalog.pg_stat_activity a where a.pid = pg_catalog.pg_backend_pid()), "
           "pg_catalog.to_char(pg_catalog.pg_postmaster_start_time()" AS_UTC ", "
           "(select pg_catalog.to_char(a.backend_start" AS_UTC
           " from pg_catalog.pg_stat_activity a where a.backend_type = 'checkpointer'), "
           "pg_catalog.to_char(pg_catalog.clock_timestamp()" AS_UTC ", "
           "pg_catalog.current_setting('TimeZone'), "
           "pg_catalog.current_setting('default_transaction_read_only')::pg_catalog.bool, "
           "coalesce((select s.ssl from pg_catalog.pg_stat_ssl s "
           "where s.pid = pg_catalog.pg_backend_pid()), false), "
           "(select pg_catalog.count(*) from pg_catalog.pg_stat_replication) "
           "from pg_catalog.pg_control_system() c, pg_catalog.pg_database d, "
           "pg_catalog.pg_roles r "
           "where d.datname = pg_catalog.current_database() and r.rolname = current_user";
}

static void read_texts(const struct rows *rows, struct arena *arena,
                       struct catalog_identity *identity)
{
    identity->system_identifier = catalog_cell(arena, rows, 0, IDENTITY_SYSTEM);
    identity->database = catalog_cell(arena, rows, 0, IDENTITY_DATABASE);
    identity->session_user = catalog_cell(arena, rows, 0, IDENTITY_SESSION_USER);
    identity->current_user = catalog_cell(arena, rows, 0, IDENTITY_CURRENT_USER);
    identity->version = catalog_cell(arena, rows, 0, IDENTITY_VERSION);
    identity->address = catalog_cell(arena, rows, 0, IDENTITY_ADDRESS);
    identity->backend_start = catalog_cell(arena, rows, 0, IDENTITY_BACKEND_START);
    identity->postmaster_start = catalog_cell(arena, rows, 0, IDENTITY_POSTMASTER_START);
    identity->checkpointer_start = catalog_cell(arena, rows, 0, IDENTITY_CHECKPOINTER_START);
    identity->timezone = catalog_cell(arena, rows, 0, IDENTITY_TIMEZONE);
}

bool catalog_identity_read(const struct rows *rows, struct arena *arena,
                           struct catalog_identity *identity, struct err *err)
{
    enum {
        PER_MAJOR = 10000
    };
    *identity = (struct catalog_identity){0};
    if (!catalog_expect_columns(rows, IDENTITY_COLUMNS, "the server's identity", err)) {
        return false;
    }
    if (rows->row_count != 1 || rows_text(rows, 0, IDENTITY_SYSTEM).len == 0 ||
        !time_from_text(rows_text(rows, 0, IDENTITY_SERVER_TIME), &identity->server_time_us)) {
        err_set(err, ERR_CONNECT, "the server did not say which server it is");
        err_hint(err, "Nothing was done. The role needs to see itself in pg_roles and may not "
                      "have lost execute on pg_control_system().");
        return false;
    }
    read_texts(rows, arena, identity);
    identity->database_oid = rows_i64(rows, 0, IDENTITY_DATABASE_OID, 0);
    identity->version_num = rows_i64(rows, 0, IDENTITY_VERSION_NUM, 0);
    identity->major = identity->version_num / PER_MAJOR;
    identity->in_recovery = rows_bool(rows, 0, IDENTITY_IN_RECOVERY);
    identity->timeline = rows_i64(rows, 0, IDENTITY_TIMELINE, 0);
    identity->port = rows_i64(rows, 0, IDENTITY_PORT, 0);
    identity->superuser = rows_bool(rows, 0, IDENTITY_SUPERUSER);
    identity->bypass_rls = rows_bool(rows, 0, IDENTITY_BYPASS_RLS);
    identity->backend_pid = rows_i64(rows, 0, IDENTITY_PID, 0);
    identity->read_only = rows_bool(rows, 0, IDENTITY_READ_ONLY);
    identity->ssl = rows_bool(rows, 0, IDENTITY_SSL);
    identity->replicas = rows_i64(rows, 0, IDENTITY_REPLICAS, 0);
    return true;
}

const char *catalog_lock_query(void)
{
    return "select pg_catalog.pg_try_advisory_lock(" LOCK_SPACE ", " LOCK_KEY ")";
}

const char *catalog_unlock_query(void)
{
    return "select pg_catalog.pg_advisory_unlock(" LOCK_SPACE ", " LOCK_KEY ")";
}

/* objsubid 2 marks the form with two keys. */
const char *catalog_lock_holder_query(void)
{
    return "select l.pid, coalesce(a.usename::text, ''), coalesce(a.application_name, ''), "
           "coalesce(pg_catalog.host(a.client_addr), ''), "
           "pg_catalog.to_char(a.backend_start" AS_UTC " from pg_catalog.pg_locks l "
           "join pg_catalog.pg_database d on d.oid = l.database "
           "and d.datname = pg_catalog.current_database() "
           "left join pg_catalog.pg_stat_activity a on a.pid = l.pid "
           "where l.locktype = 'advisory' and l.classid = " LOCK_SPACE
           " and l.objid = d.oid and l.objsubid = 2 and l.granted";
}

bool catalog_holder_read(const struct rows *rows, struct arena *arena,
                         struct catalog_holder *holder)
{
    enum {
        HOLDER_PID,
        HOLDER_ROLE,
        HOLDER_APPLICATION,
        HOLDER_ADDRESS,
        HOLDER_START
    };
    *holder = (struct catalog_holder){0};
    if (rows->row_count == 0) {
        return false;
    }
    holder->pid = rows_i64(rows, 0, HOLDER_PID, 0);
    holder->role = catalog_cell(arena, rows, 0, HOLDER_ROLE);
    holder->application = catalog_cell(arena, rows, 0, HOLDER_APPLICATION);
    holder->address = catalog_cell(arena, rows, 0, HOLDER_ADDRESS);
    holder->backend_start = catalog_cell(arena, rows, 0, HOLDER_START);
    return true;
}

const char *catalog_pooler_set_query(void)
{
    return "select pg_catalog.pg_backend_pid(), "
           "pg_catalog.set_config('gonogo.probe', $1, false)";
}

const char *catalog_pooler_get_query(void)
{
    return "select pg_catalog.pg_backend_pid(), "
           "pg_catalog.current_setting('gonogo.probe', true)";
}

bool catalog_pooler_same(const struct rows *set, const struct rows *get)
{
    return set->row_count == 1 && get->row_count == 1 && !rows_cell(get, 0, 1).is_null &&
           rows_text(set, 0, 0).len > 0 && str_is(rows_text(set, 0, 0), rows_text(get, 0, 0)) &&
           str_is(rows_text(set, 0, 1), rows_text(get, 0, 1));
}
