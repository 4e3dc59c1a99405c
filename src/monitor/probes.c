/* SPDX-License-Identifier: PostgreSQL */
/*
 * The builtin probes: one table, three queries, and their answers as samples.
 *
 * MONITOR_QUERY_SAMPLE reads the statistics of the current database and one pass over
 * pg_stat_activity: no table of the user is touched, no lock beyond the catalog's is
 * taken. What the role may not see (pg_stat_activity hides the sessions of others
 * from whoever is not in pg_read_all_stats) comes back as NULL, not as a smaller
 * number. Lock waits are then counted in pg_locks, which hides nothing.
 */
#include "monitor.h"

#include <math.h>

/*
 * word, title, unit: for plan and screen. kind, query: see the header. cell: column of
 * the query. other_cell: second counter of a ratio.
 */
const struct monitor_builtin_row monitor_builtins[PLAN_GAUGE__COUNT] = {
    [PLAN_GAUGE_UNSAID] = {"", "", "", MONITOR_GAUGE, MONITOR_QUERY_NONE, NULL, NULL},
    [PLAN_GAUGE_CONNECTIONS] = {"connections", "connections", "", MONITOR_GAUGE,
                                MONITOR_QUERY_SAMPLE, "connections", NULL},
    [PLAN_GAUGE_ACTIVE] = {"active", "active sessions", "", MONITOR_GAUGE, MONITOR_QUERY_SAMPLE,
                           "active", NULL},
    [PLAN_GAUGE_IDLE_IN_TRANSACTION] = {"idle_in_transaction", "idle in transaction", "",
                                        MONITOR_GAUGE, MONITOR_QUERY_SAMPLE,
                                        "idle_in_transaction", NULL},
    [PLAN_GAUGE_COMMITS] = {"commits", "commits", "/s", MONITOR_RATE, MONITOR_QUERY_SAMPLE,
                            "commits", NULL},
    [PLAN_GAUGE_ROLLBACKS] = {"rollbacks", "rollbacks", "/s", MONITOR_RATE,
                              MONITOR_QUERY_SAMPLE, "rollbacks", NULL},
    [PLAN_GAUGE_DEADLOCKS] = {"deadlocks", "deadlocks", "/s", MONITOR_RATE,
                              MONITOR_QUERY_SAMPLE, "deadlocks", NULL},
    [PLAN_GAUGE_CACHE_HIT] = {"cache_hit", "cache hit", "", MONITOR_RATIO, MONITOR_QUERY_SAMPLE,
                              "blocks_hit", "blocks_read"},
    [PLAN_GAUGE_TEMP_BYTES] = {"temp_bytes", "temporary files", "B/s", MONITOR_RATE,
                               MONITOR_QUERY_SAMPLE, "temp_bytes", NULL},
    [PLAN_GAUGE_OLDEST_TRANSACTION] = {"oldest_transaction", "oldest transaction", "s",
                                       MONITOR_GAUGE, MONITOR_QUERY_SAMPLE,
                                       "oldest_transaction", NULL},
    [PLAN_GAUGE_LOCK_WAITS] = {"lock_waits", "waiting on locks", "", MONITOR_GAUGE,
                               MONITOR_QUERY_SAMPLE, "lock_waits", NULL},
    [PLAN_GAUGE_SLOW_STATEMENTS] = {"slow_statements", "slow statements", "", MONITOR_GAUGE,
                                    MONITOR_QUERY_SLOW, NULL, NULL},
    [PLAN_GAUGE_DATABASE_SIZE] = {"database_size", "database size", "B", MONITOR_GAUGE,
                                  MONITOR_QUERY_SIZE, "bytes", NULL},
    [PLAN_GAUGE_REPLICATION_LAG] = {"replication_lag", "replication lag", "s", MONITOR_GAUGE,
                                    MONITOR_QUERY_SAMPLE, "replication_lag", NULL},
    [PLAN_GAUGE_HOST_CPU] = {"host_cpu", "host CPU", "", MONITOR_GAUGE, MONITOR_QUERY_HOST,
                             NULL, NULL},
    [PLAN_GAUGE_HOST_MEMORY] = {"host_memory", "host memory", "", MONITOR_GAUGE,
                                MONITOR_QUERY_HOST, NULL, NULL},
    [PLAN_GAUGE_HOST_DISK] = {"host_disk", "host disk", "", MONITOR_GAUGE, MONITOR_QUERY_HOST,
                              NULL, NULL},
};

enum plan_gauge monitor_builtin_find(struct str word)
{
    for (int i = PLAN_GAUGE_UNSAID + 1; i < PLAN_GAUGE__COUNT; i++) {
        if (str_eq(word, monitor_builtins[i].word)) {
            return (enum plan_gauge)i;
        }
    }
    return PLAN_GAUGE_UNSAID;
}

/*
 * Replication lag: on a standby the age of the last replayed commit unless all that was
 * received is replayed; on a primary the greatest replay_lag, NULL without a standby (there
 * is nothing to measure) and where the role may not see it. An idle caught-up standby
 * reports NULL as replay_lag while its state is visible: that is 0.
 * hidden: sessions that our role may not look into; figures that need them are NULL then.
 */
static const char sample_query[] =
    "with a as materialized ("
    "select state, xact_start, wait_event_type, backend_type, "
    "query = '<insufficient privilege>' and usesysid is not null as hidden "
    "from pg_catalog.pg_stat_activity "
    "where datname = pg_catalog.current_database() and pid <> pg_catalog.pg_backend_pid()), "
    "s as materialized ("
    "select pg_catalog.count(*) filter (where hidden) as hidden, "
    "pg_catalog.count(*) filter (where state = 'active' and backend_type = 'client backend') "
    "as active, "
    "pg_catalog.count(*) filter (where state like 'idle in transaction%') as idle_in_tx, "
    "pg_catalog.count(*) filter (where wait_event_type = 'Lock') as waiting, "
    "coalesce(pg_catalog.max(extract(epoch from pg_catalog.clock_timestamp() - xact_start)) "
    "filter (where backend_type = 'client backend'), 0) as oldest from a) "
    "select (extract(epoch from pg_catalog.clock_timestamp()) * 1000000)::bigint as clock_us, "
    "(extract(epoch from greatest(d.stats_reset, pg_catalog.pg_postmaster_start_time())) "
    "* 1000000)::bigint as generation_us, "
    "s.hidden, d.numbackends as connections, "
    "case when s.hidden = 0 then s.active end as active, "
    "case when s.hidden = 0 then s.idle_in_tx end as idle_in_transaction, "
    "case when s.hidden = 0 then s.oldest end as oldest_transaction, "
    "case when s.hidden = 0 then s.waiting else (select pg_catalog.count(distinct l.pid) "
    "from pg_catalog.pg_locks l where not l.granted) end as lock_waits, "
    "d.xact_commit as commits, d.xact_rollback as rollbacks, d.deadlocks, "
    "d.blks_hit as blocks_hit, d.blks_read as blocks_read, d.temp_bytes, "
    "case when pg_catalog.pg_is_in_recovery() then "
    "case when pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn() "
    "then 0 else extract(epoch from pg_catalog.clock_timestamp() "
    "- pg_catalog.pg_last_xact_replay_timestamp()) end "
    "else (select case when pg_catalog.bool_and(r.state is not null) then "
    "pg_catalog.max(coalesce(extract(epoch from r.replay_lag), 0)) end "
    "from pg_catalog.pg_stat_replication r) end as replication_lag "
    "from s, pg_catalog.pg_stat_database d where d.datname = pg_catalog.current_database()";

static const char size_query[] =
    "select pg_catalog.pg_database_size(pg_catalog.current_database()) as bytes";

/*
 * Where the view is, if it can be used: our role may read it, the library was preloaded (only
 * then its setting exists), and it is not a relic of before 13, whose column was mean_time.
 */
static const char slow_schema_query[] =
    "select n.nspname, exists (select from pg_catalog.pg_class i where i.relnamespace = n.oid "
    "and i.relname = 'pg_stat_statements_info') from pg_catalog.pg_extension e "
    "join pg_catalog.pg_namespace n on n.oid = e.extnamespace "
    "join pg_catalog.pg_class v on v.relnamespace = n.oid and v.relname = 'pg_stat_statements' "
    "join pg_catalog.pg_attribute m on m.attrelid = v.oid and m.attname = 'mean_exec_time' "
    "where e.extname = 'pg_stat_statements' "
    "and pg_catalog.current_setting('pg_stat_statements.max', true) is not null "
    "and pg_catalog.has_schema_privilege(n.oid, 'USAGE') "
    "and pg_catalog.has_table_privilege(v.oid, 'SELECT')";

const char *monitor_query_text(enum monitor_query query, int server_version_num)
{
    (void)server_version_num; /* 13 to 18 understand the same texts, so far */
    switch (query) {
    case MONITOR_QUERY_SAMPLE:
        return sample_query;
    case MONITOR_QUERY_SIZE:
        return size_query;
    case MONITOR_QUERY_SLOW:
        return slow_schema_query;
    case MONITOR_QUERY_NONE:
    case MONITOR_QUERY_HOST:
        break;
    }
    return NULL;
}

static size_t column_named(const struct rows *rows, const char *name)
{
    for (size_t i = 0; i < rows->column_count; i++) {
        if (str_eq(rows->names[i], name)) {
            return i;
        }
    }
    return rows->column_count; /* rows_cell() answers NULL there */
}

static bool number_in(const struct rows *rows, const char *column, double *number)
{
    struct cell cell = rows_cell(rows, 0, column_named(rows, column));
    return !cell.is_null && str_to_double(cell.text, number);
}

static struct monitor_sample measured(int64_t at_us, double value)
{
    return (struct monitor_sample){.at_us = at_us, .value = value, .outcome = MONITOR_OK};
}

static struct monitor_sample not_measured(int64_t at_us)
{
    return (struct monitor_sample){.at_us = at_us, .outcome = MONITOR_UNKNOWN};
}

/* The value of a counter's growth; what went backwards was reset behind our back. */
static struct monitor_sample growth(const struct monitor_builtin_row *row, double grown,
                                    double other, double seconds, int64_t at_us)
{
    if (grown < 0 || other < 0 || !(seconds > 0)) {
        return not_measured(at_us);
    }
    if (row->kind == MONITOR_RATE) {
        return measured(at_us, grown / seconds);
    }
    /* nothing was asked for: nothing was missed */
    return measured(at_us, grown + other > 0 ? grown / (grown + other) : 1);
}

static struct monitor_sample counter_sample(struct monitor_sampler *sampler,
                                            const struct rows *rows, int gauge, bool known,
                                            double seconds, int64_t at_us)
{
    const struct monitor_builtin_row *row = &monitor_builtins[gauge];
    double counter = 0;
    double other = 0;
    if (!number_in(rows, row->cell, &counter) ||
        (row->other_cell && !number_in(rows, row->other_cell, &other))) {
        sampler->counters[gauge] = NAN;
        return not_measured(at_us);
    }
    double grown = counter - sampler->counters[gauge];
    double other_grown = other - sampler->others[gauge];
    sampler->counters[gauge] = counter;
    sampler->others[gauge] = other;
    if (!known || isnan(grown)) {
        struct monitor_sample sample = not_measured(at_us);
        sample.begins = true;
        return sample;
    }
    return growth(row, grown, other_grown, seconds, at_us);
}

void monitor_sampler_take(struct monitor_sampler *sampler, const struct rows *rows,
                          int64_t at_us, struct monitor_sample samples[PLAN_GAUGE__COUNT])
{
    if (rows->row_count != 1) {
        monitor_sampler_lost(sampler, at_us, samples);
        return;
    }
    int64_t clock_us = rows_i64(rows, 0, column_named(rows, "clock_us"), 0);
    int64_t generation_us = rows_i64(rows, 0, column_named(rows, "generation_us"), 0);
    bool known = sampler->has_last && sampler->generation_us == generation_us;
    double seconds = (double)(clock_us - sampler->clock_us) / (double)US_PER_SECOND;
    for (int i = 0; i < PLAN_GAUGE__COUNT; i++) {
        const struct monitor_builtin_row *row = &monitor_builtins[i];
        double value = 0;
        if (row->query != MONITOR_QUERY_SAMPLE) {
            continue;
        }
        if (row->kind != MONITOR_GAUGE) {
            samples[i] = counter_sample(sampler, rows, i, known, seconds, at_us);
        } else if (number_in(rows, row->cell, &value)) {
            samples[i] = measured(at_us, value);
        } else {
            samples[i] = not_measured(at_us);
        }
    }
    sampler->has_last = true;
    sampler->clock_us = clock_us;
    sampler->generation_us = generation_us;
}

void monitor_sampler_lost(struct monitor_sampler *sampler, int64_t at_us,
                          struct monitor_sample samples[PLAN_GAUGE__COUNT])
{
    /* Rates over the gap would be true on average and hide what happened in it. */
    sampler->has_last = false;
    for (int i = 0; i < PLAN_GAUGE__COUNT; i++) {
        if (monitor_builtins[i].query == MONITOR_QUERY_SAMPLE) {
            samples[i] = not_measured(at_us);
        }
    }
}

struct str monitor_sampler_remark(struct arena *arena, const struct rows *rows)
{
    int64_t hidden = rows_i64(rows, 0, column_named(rows, "hidden"), 0);
    if (hidden <= 0) {
        return (struct str){0};
    }
    return str_format(arena,
                      "%lld sessions may not be seen by this role: grant it pg_monitor, or "
                      "active sessions and the oldest transaction stay unknown.",
                      (long long)hidden);
}

struct monitor_sample monitor_size_take(const struct rows *rows, int64_t at_us)
{
    double bytes = 0;
    return number_in(rows, "bytes", &bytes) ? measured(at_us, bytes) : not_measured(at_us);
}
