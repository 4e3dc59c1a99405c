/* SPDX-License-Identifier: PostgreSQL */
/* WAL archiving, by the server's own books (pg_stat_archiver, which everybody may read). */
#include "monitor.h"

const char *monitor_archiver_query(void)
{
    return "select pg_catalog.current_setting('archive_mode'), "
           "pg_catalog.current_setting('archive_command') not in ('', '(disabled)') or "
           "coalesce(pg_catalog.current_setting('archive_library', true), '') <> '', "
           "last_archived_wal, (extract(epoch from pg_catalog.clock_timestamp() - "
           "last_archived_time) * 1000000)::bigint, "
           "last_failed_wal, (extract(epoch from pg_catalog.clock_timestamp() - "
           "last_failed_time) * 1000000)::bigint, failed_count "
           "from pg_catalog.pg_stat_archiver";
}

struct monitor_archiver monitor_archiver_read(const struct rows *rows)
{
    enum {
        COLUMN_MODE,
        COLUMN_COMMANDED,
        COLUMN_ARCHIVED,
        COLUMN_ARCHIVED_AGE,
        COLUMN_FAILED,
        COLUMN_FAILED_AGE,
        COLUMN_FAILURES,
    };
    if (rows->row_count == 0) {
        return (struct monitor_archiver){.archived_us = -1, .failed_us = -1, .failures = -1};
    }
    return (struct monitor_archiver){
        .mode = rows_text(rows, 0, COLUMN_MODE),
        .commanded = rows_bool(rows, 0, COLUMN_COMMANDED),
        .archived = rows_text(rows, 0, COLUMN_ARCHIVED),
        .archived_us = rows_i64(rows, 0, COLUMN_ARCHIVED_AGE, -1),
        .failed = rows_text(rows, 0, COLUMN_FAILED),
        .failed_us = rows_i64(rows, 0, COLUMN_FAILED_AGE, -1),
        .failures = rows_i64(rows, 0, COLUMN_FAILURES, -1),
    };
}
