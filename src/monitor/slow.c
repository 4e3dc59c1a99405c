/* SPDX-License-Identifier: PostgreSQL */
/*
 * Slow statements. pg_stat_statements knows the mean time of every statement; where it
 * is missing, only what runs right now can be seen. The two numbers mean different
 * things, so the screen names the source beside the number.
 */
#include "monitor.h"

static const char from_statements[] =
    ".pg_stat_statements where mean_exec_time > $1::double precision and dbid = "
    "(select d.oid from pg_catalog.pg_database d "
    "where d.datname = pg_catalog.current_database())) "
    "select t.total, x.statement, x.ms, x.calls, x.query "
    "from (select pg_catalog.count(*) as total from slow) t "
    "left join (select * from slow order by ms desc limit 20) x on true order by x.ms desc";

static const char from_activity[] =
    "with seen as materialized ("
    "select pid, query, query = '<insufficient privilege>' and usesysid is not null as hidden, "
    "state, backend_type, "
    "extract(epoch from pg_catalog.clock_timestamp() - query_start) * 1000 as ms "
    "from pg_catalog.pg_stat_activity where datname = pg_catalog.current_database() "
    "and pid <> pg_catalog.pg_backend_pid()), "
    "slow as materialized (select pid as statement, ms, 1 as calls, query from seen "
    "where state = 'active' and backend_type = 'client backend' "
    "and ms > $1::double precision) "
    "select t.total, x.statement, x.ms, x.calls, x.query "
    "from (select case when coalesce((select pg_catalog.bool_or(hidden) from seen), false) "
    "then null else (select pg_catalog.count(*) from slow) end as total) t "
    "left join (select * from slow order by ms desc limit 20) x on true order by x.ms desc";

void monitor_slow_query(struct strbuf *out, struct str schema)
{
    if (schema.len == 0) {
        strbuf_text(out, from_activity);
        return;
    }
    strbuf_text(out, "with slow as materialized (select queryid as statement, "
                     "mean_exec_time as ms, calls, query from \"");
    for (size_t i = 0; i < schema.len; i++) {
        if (schema.ptr[i] == '"') {
            strbuf_byte(out, '"');
        }
        strbuf_byte(out, schema.ptr[i]);
    }
    strbuf_byte(out, '"');
    strbuf_text(out, from_statements);
}

const char *monitor_slow_source(struct str schema)
{
    return schema.len > 0 ? "mean time in pg_stat_statements"
                          : "running right now; pg_stat_statements cannot be read here";
}

struct monitor_sample monitor_slow_take(const struct rows *rows, int64_t at_us)
{
    struct cell total = rows_cell(rows, 0, 0);
    double value = 0;
    if (rows->row_count == 0 || total.is_null || !str_to_double(total.text, &value)) {
        return (struct monitor_sample){.at_us = at_us, .outcome = MONITOR_UNKNOWN};
    }
    return (struct monitor_sample){.at_us = at_us, .value = value, .outcome = MONITOR_OK};
}
