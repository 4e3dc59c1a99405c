/* SPDX-License-Identifier: PostgreSQL */
/*
 * How many rows were ever written to a table, by the server's statistics: a number that is
 * worth something only next to a later one of the same counter. Whose counter it is stands
 * beside it: the tables that it sums up (partitions and children go with their parent), and
 * since when the statistics are kept. Takes no lock: a table that others lock is asked, too.
 */
#include "monitor.h"

enum {
    COLUMN_TABLE,
    COLUMN_WRITTEN,
    COLUMN_IDENTITY,
    COLUMN_COUNTED,
};

const char *monitor_recent_query(void)
{
    return "with recursive asked as ("
           "select w.name, pg_catalog.parse_ident(w.name) as part "
           "from pg_catalog.unnest($1::pg_catalog.text[]) as w(name)), "
           "tree(name, root, relid) as ("
           "select a.name, r.oid, r.oid from asked a cross join lateral ("
           "select c.oid from pg_catalog.pg_class c "
           "join pg_catalog.pg_namespace n on n.oid = c.relnamespace "
           "where c.relkind in ('r', 'p', 'm') "
           "and c.relname = a.part[pg_catalog.array_length(a.part, 1)] "
           "and case when pg_catalog.array_length(a.part, 1) > 1 "
           "then n.nspname = a.part[pg_catalog.array_length(a.part, 1) - 1] "
           "else n.nspname = any ($2::pg_catalog.text[]) end "
           "order by pg_catalog.array_position($2::pg_catalog.text[], n.nspname::text) "
           "limit 1) as r "
           "union "
           "select t.name, t.root, i.inhrelid from tree t "
           "join pg_catalog.pg_inherits i on i.inhparent = t.relid) "
           "select t.name, sum(pg_catalog.pg_stat_get_tuples_inserted(t.relid) + "
           "pg_catalog.pg_stat_get_tuples_updated(t.relid) + "
           "pg_catalog.pg_stat_get_tuples_deleted(t.relid))::bigint, "
           "pg_catalog.concat_ws('/', t.root, count(*), sum(t.relid::bigint), "
           "(extract(epoch from greatest(d.stats_reset, "
           "pg_catalog.pg_postmaster_start_time())) * 1000000)::bigint), "
           "pg_catalog.current_setting('track_counts')::boolean "
           "from tree t join pg_catalog.pg_stat_database d "
           "on d.datname = pg_catalog.current_database() "
           "group by t.name, t.root, d.stats_reset order by 1";
}

struct monitor_counter *monitor_recent_read(const struct rows *rows, struct arena *arena)
{
    struct monitor_counter *counters =
        arena_array(arena, rows->row_count + 1, sizeof(*counters));
    for (size_t i = 0; i < rows->row_count; i++) {
        bool counted = rows_bool(rows, i, COLUMN_COUNTED);
        counters[i] = (struct monitor_counter){
            .table = str_dup(arena, rows_text(rows, i, COLUMN_TABLE)),
            .identity = str_dup(arena, rows_text(rows, i, COLUMN_IDENTITY)),
            .rows = counted ? rows_i64(rows, i, COLUMN_WRITTEN, -1) : -1,
        };
    }
    return counters;
}
