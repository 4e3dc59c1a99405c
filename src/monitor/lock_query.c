/* SPDX-License-Identifier: PostgreSQL */
/*
 * The questions about locks. pg_blocking_pids() is the server's own answer to "who
 * blocks whom": it knows queued waiters, parallel groups and prepared transactions
 * (pid 0), where a join of pg_locks with itself names innocents. It takes every lock
 * partition, so the cheap question comes first, and the dear one is asked only while
 * somebody waits, for at most a hundred waiters.
 *
 * lock_tree_query() answers with two kinds of rows: "edge" (pid waits on blocker, for
 * what, in which mode, and what the blocker holds there) and "node" (who a pid is).
 * Columns of both: kind, pid, blocker, gid, backend_start_us, user, application,
 * state, query, waits_for, wait_mode, held_mode, transaction_us, statement_us.
 */
#include "monitor.h"

/* clang-format off: SQL is laid out as SQL */

/* What makes a row of pg_locks the same lockable thing as another one. */
#define OBJECT(l)                                                                              \
    "(" l ".locktype, " l ".database, " l ".relation, " l ".page, " l ".tuple, " l             \
    ".virtualxid, " l ".transactionid, " l ".classid, " l ".objid, " l ".objsubid)"
#define MICROSECONDS(expression) "(extract(epoch from " expression ") * 1000000)::bigint"
#define AGE(column)              MICROSECONDS("pg_catalog.clock_timestamp() - " column)

/* One pass over pg_stat_activity; pg_locks only where some sessions may not be seen. */
static const char poll_query[] =
    "with s as materialized (select "
    "pg_catalog.count(*) filter (where wait_event_type = 'Lock') as waiters, "
    "pg_catalog.count(*) filter (where query = '<insufficient privilege>' "
    "and usesysid is not null and datid is not null) as hidden, "
    "coalesce(pg_catalog.bool_or(wait_event_type = 'Lock') filter (where pid = $1::integer), "
    "false) as us_waiting, "
    "pg_catalog.max(state) filter (where pid = $1::integer) as us_state "
    "from pg_catalog.pg_stat_activity) "
    "select case when s.hidden = 0 then s.waiters else (select pg_catalog.count(distinct "
    "l.pid) "
    "from pg_catalog.pg_locks l where not l.granted) end as waiters, "
    "s.us_waiting, s.us_state, s.hidden from s";

/*
 * l: all locks. a: all sessions. w: waiters, a parallel worker under its leader's pid.
 * b: who waits on whom. k: which mode conflicts with which. e: the edges; those on pid 0
 * become one edge for each prepared transaction that holds a conflicting lock there; a
 * prepared transaction is known by the lock on its own transaction id.
 */
static const char tree_query[] =
    "with l as materialized (select * from pg_catalog.pg_locks), "

    "a as materialized (select pid, leader_pid, backend_start, usename, application_name, "
    "state, query, xact_start, query_start from pg_catalog.pg_stat_activity), "

    "w as materialized (select coalesce(a.leader_pid, l.pid) as pid, l.locktype, l.database, "
    "l.relation, l.page, l.tuple, l.virtualxid, l.transactionid, l.classid, l.objid, "
    "l.objsubid, l.mode, case "
    "when l.locktype = 'transactionid' then 'transaction ' || l.transactionid::pg_catalog.text "
    "when l.locktype = 'virtualxid' then 'virtual transaction ' || l.virtualxid "
    "when l.locktype = 'advisory' then pg_catalog.concat_ws(' ', 'advisory lock', l.classid, "
    "l.objid) "
    "when l.relation is not null then case l.locktype when 'tuple' then 'a row of ' "
    "when 'page' then 'a page of ' when 'extend' then 'extension of ' else '' end "
    "|| coalesce(n.nspname || '.' || c.relname, 'relation ' "
    "|| l.relation::pg_catalog.text || ' of another database') "
    "else l.locktype end as waits_for "
    "from l left join a on a.pid = l.pid "
    "left join pg_catalog.pg_class c on c.oid = l.relation and l.database in (0, "
    "(select d.oid from pg_catalog.pg_database d "
    "where d.datname = pg_catalog.current_database())) "
    "left join pg_catalog.pg_namespace n on n.oid = c.relnamespace where not l.granted "
    "order by coalesce(a.leader_pid, l.pid) = $1::integer desc, a.query_start limit 100), "

    "b as materialized (select distinct p.pid, u.blocker from (select distinct pid from w) p, "
    "lateral pg_catalog.unnest(pg_catalog.pg_blocking_pids(p.pid)) as u(blocker) "
    "where u.blocker <> p.pid), "

    "k(strength, wanted, held) as materialized (values "
    "(1, 'AccessShareLock', '{AccessExclusiveLock}'::pg_catalog.text[]), "
    "(2, 'RowShareLock', '{ExclusiveLock,AccessExclusiveLock}'), "
    "(3, 'RowExclusiveLock', '{ShareLock,ShareRowExclusiveLock,ExclusiveLock,"
    "AccessExclusiveLock}'), "
    "(4, 'ShareUpdateExclusiveLock', '{ShareUpdateExclusiveLock,ShareLock,"
    "ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'), "
    "(5, 'ShareLock', '{RowExclusiveLock,ShareUpdateExclusiveLock,ShareRowExclusiveLock,"
    "ExclusiveLock,AccessExclusiveLock}'), "
    "(6, 'ShareRowExclusiveLock', '{RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,"
    "ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'), "
    "(7, 'ExclusiveLock', '{RowShareLock,RowExclusiveLock,ShareUpdateExclusiveLock,"
    "ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'), "
    "(8, 'AccessExclusiveLock', '{AccessShareLock,RowShareLock,RowExclusiveLock,"
    "ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,"
    "AccessExclusiveLock}')), "

    "e as materialized ("
    "select b.pid, b.blocker, null::pg_catalog.text as gid, w.waits_for, w.mode, h.mode as "
    "held "
    "from b join w on w.pid = b.pid left join lateral (select l.mode from l "
    "left join a on a.pid = l.pid join k on k.wanted = l.mode where l.granted "
    "and coalesce(a.leader_pid, l.pid) = b.blocker "
    "and " OBJECT("l") " is not distinct from " OBJECT(
        "w") " "
             "order by k.strength desc limit 1) h on true where b.blocker <> 0 "
             "union all "
             "select b.pid, 0, h.gid, w.waits_for, w.mode, h.mode "
             "from b join w on w.pid = b.pid left join lateral (select p.gid, l.mode from l "
             "join k on k.wanted = w.mode and l.mode = any (k.held) "
             "join l x on x.pid is null and x.granted and x.locktype = 'transactionid' "
             "and x.virtualtransaction = l.virtualtransaction "
             "join pg_catalog.pg_prepared_xacts p on p.transaction = x.transactionid "
             "where l.granted and l.pid is null "
             "and " OBJECT("l") " is not distinct from " OBJECT(
                 "w") ") h on true where b.blocker = 0) "

                      "select 'edge' as kind, e.pid, e.blocker, e.gid, null::bigint as "
                      "backend_start_us, "
                      "null::pg_catalog.name as usename, null::pg_catalog.text as application, "
                      "null::pg_catalog.text as state, null::pg_catalog.text as query, "
                      "e.waits_for, "
                      "e.mode as wait_mode, e.held as held_mode, null::bigint as "
                      "transaction_us, "
                      "null::bigint as statement_us from e "
                      "union all "
                      "select 'node', a.pid, null, null, " MICROSECONDS(
                          "a.backend_start") ", a.usename, "
                                             "a.application_name, a.state, a.query, null, "
                                             "null, null, " AGE("a.xact_start") ", " AGE(
                                                 "a.query_start") " from a where a.pid in "
                                                                  "(select pid from e union "
                                                                  "select blocker from e) "
                                                                  "union all "
                                                                  "select 'node', 0, null, "
                                                                  "p.gid, null, p.owner, null, "
                                                                  "'prepared', null, null, "
                                                                  "null, null, " AGE(
                                                                      "p.prepared") ", null "
                                                                                    "from "
                                                                                    "pg_"
                                                                                    "catalog."
                                                                                    "pg_"
                                                                                    "prepared_"
                                                                                    "xacts p "
                                                                                    "where "
                                                                                    "p.gid in "
                                                                                    "(select "
                                                                                    "gid from "
                                                                                    "e)";

#define BACKEND                                                                                \
    "from pg_catalog.pg_stat_activity where pid = $1::integer and " MICROSECONDS(              \
        "backend_start") " = $2::bigint"

/* clang-format on */

const char *lock_poll_query(void)
{
    return poll_query;
}

bool lock_poll_says_waiting(const struct rows *rows)
{
    return rows_i64(rows, 0, 0, 0) > 0 || rows_bool(rows, 0, 1);
}

const char *lock_tree_query(int server_version_num)
{
    (void)server_version_num; /* leader_pid is there since 13, the oldest we know */
    return tree_query;
}

const char *lock_cancel_query(void)
{
    return "select pg_catalog.pg_cancel_backend(pid) " BACKEND;
}

const char *lock_terminate_query(void)
{
    return "select pg_catalog.pg_terminate_backend(pid) " BACKEND;
}

const char *lock_backend_query(void)
{
    return "select true " BACKEND;
}
