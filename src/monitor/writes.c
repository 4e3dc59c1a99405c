/* SPDX-License-Identifier: PostgreSQL */
/*
 * Write activity of the tables that a migration touches: is the application still
 * writing there? Counters of pg_stat_user_tables, asked twice, subtracted.
 *
 * A table's counters begin anew when the statistics are reset; the generation in the
 * rows shows it, and growth is then not known rather than negative or small.
 */
#include "monitor.h"

enum {
    COLUMN_SCHEMA,
    COLUMN_TABLE,
    COLUMN_INSERTED,
    COLUMN_UPDATED,
    COLUMN_DELETED,
    COLUMN_GENERATION,
    COLUMN_OID,
};

const char *monitor_writes_query(void)
{
    return "select t.schemaname, t.relname, t.n_tup_ins, t.n_tup_upd, t.n_tup_del, "
           "(extract(epoch from greatest(d.stats_reset, "
           "pg_catalog.pg_postmaster_start_time())) * 1000000)::bigint, t.relid "
           "from pg_catalog.pg_stat_user_tables t "
           "join rows from (pg_catalog.unnest($1::pg_catalog.text[]), "
           "pg_catalog.unnest($2::pg_catalog.text[])) as w(nspname, relname) on w.nspname = "
           "t.schemaname and w.relname = t.relname "
           "join pg_catalog.pg_stat_database d on d.datname = pg_catalog.current_database() "
           "order by 1, 2";
}

void monitor_array(struct strbuf *out, const struct monitor_table *tables, size_t count,
                   bool schemas)
{
    strbuf_byte(out, '{');
    for (size_t i = 0; i < count; i++) {
        struct str text = schemas ? tables[i].schema : tables[i].name;
        strbuf_text(out, i > 0 ? ",\"" : "\"");
        for (size_t j = 0; j < text.len; j++) {
            if (text.ptr[j] == '"' || text.ptr[j] == '\\') {
                strbuf_byte(out, '\\');
            }
            strbuf_byte(out, text.ptr[j]);
        }
        strbuf_byte(out, '"');
    }
    strbuf_byte(out, '}');
}

/* The row of the same table (by oid: one that was dropped and made anew is another). */
static bool find_row(const struct rows *rows, struct str oid, size_t *row)
{
    for (size_t i = 0; i < rows->row_count; i++) {
        if (str_is(rows_text(rows, i, COLUMN_OID), oid)) {
            *row = i;
            return true;
        }
    }
    return false;
}

struct monitor_writes *monitor_writes_between(struct arena *arena, const struct rows *before,
                                              const struct rows *after, size_t *count)
{
    struct monitor_writes *writes = arena_array(arena, after->row_count, sizeof(*writes));
    for (size_t i = 0; i < after->row_count; i++) {
        struct monitor_writes *one = &writes[i];
        one->table.schema = str_dup(arena, rows_text(after, i, COLUMN_SCHEMA));
        one->table.name = str_dup(arena, rows_text(after, i, COLUMN_TABLE));
        size_t old = 0;
        if (!find_row(before, rows_text(after, i, COLUMN_OID), &old) ||
            !str_is(rows_text(before, old, COLUMN_GENERATION),
                    rows_text(after, i, COLUMN_GENERATION))) {
            continue;
        }
        one->inserted =
            rows_i64(after, i, COLUMN_INSERTED, 0) - rows_i64(before, old, COLUMN_INSERTED, 0);
        one->updated =
            rows_i64(after, i, COLUMN_UPDATED, 0) - rows_i64(before, old, COLUMN_UPDATED, 0);
        one->deleted =
            rows_i64(after, i, COLUMN_DELETED, 0) - rows_i64(before, old, COLUMN_DELETED, 0);
        one->known = one->inserted >= 0 && one->updated >= 0 && one->deleted >= 0;
    }
    *count = after->row_count;
    return writes;
}
