/* SPDX-License-Identifier: PostgreSQL */
/*
 * Who holds up one session, now, in words. Asked while one of our own questions waits:
 * afterwards nobody waits any more and the server no longer knows. The question reads no
 * catalog but functions, since the lock that is waited for may be on a catalog that the
 * lock tree would have to read.
 */
#include "monitor.h"

enum {
    QUERY_COLUMNS = 80, /* of a holder's query; its start says what it is */
};

enum column {
    COLUMN_PID,
    COLUMN_USER,
    COLUMN_APPLICATION,
    COLUMN_STATE,
    COLUMN_STATE_US,
    COLUMN_TRANSACTION_US,
    COLUMN_QUERY_AT,
    COLUMN_QUERY,
    COLUMN_BACKEND_START_US,
};

/* clang-format off: SQL is laid out as SQL */

#define MICROSECONDS(expression)                                                               \
    "(extract(epoch from " expression ") operator(pg_catalog.*) 1000000)::pg_catalog.int8"
#define AGE(column)                                                                            \
    MICROSECONDS("(pg_catalog.clock_timestamp() operator(pg_catalog.-) " column ")")

static const char query[] =
    "select b.pid, case when a.usesysid is null then '' "
    "else pg_catalog.pg_get_userbyid(a.usesysid)::pg_catalog.text end, "
    "a.application_name, a.state, " AGE("a.state_change") ", " AGE(
        "a.xact_start") ", "
                        "pg_catalog.to_char(pg_catalog.timezone('UTC', a.query_start), "
                        "'HH24:MI:SS'), a.query, " MICROSECONDS(
                            "a.backend_start") " "
                                               "from "
                                               "pg_catalog.pg_stat_get_activity($1::pg_catalog."
                                               "int4) w, "
                                               "lateral (select distinct u.pid from "
                                               "pg_catalog.unnest(pg_catalog.pg_blocking_pids("
                                               "w.pid)) as u(pid)) b "
                                               "left join lateral "
                                               "pg_catalog.pg_stat_get_activity(b.pid) a on "
                                               "true "
                                               "where w.wait_event_type operator(pg_catalog.=) "
                                               "'Lock' order by a.xact_start";

/* clang-format on */

const char *lock_holders_query(void)
{
    return query;
}

static void add_state(struct strbuf *out, const struct rows *rows, size_t row)
{
    struct str state = rows_text(rows, row, COLUMN_STATE);
    struct str asked = rows_text(rows, row, COLUMN_QUERY);
    int64_t transaction_us = rows_i64(rows, row, COLUMN_TRANSACTION_US, -1);
    if (state.len == 0) {
        strbuf_text(out, "what it does is hidden from this role");
        return;
    }
    strbuf_format(out, "%.*s for ", STR_ARG(state));
    duration_to_text(out, rows_i64(rows, row, COLUMN_STATE_US, 0));
    if (transaction_us >= 0) {
        strbuf_text(out, ", its transaction open for ");
        duration_to_text(out, transaction_us);
    }
    if (asked.len > 0) {
        struct strbuf clean = {0};
        sanitise(&clean, asked, SANITISE_LINE);
        struct str start = str_fit(strbuf_str(&clean), QUERY_COLUMNS);
        strbuf_format(out, ", its query since %.*s UTC: %.*s%s",
                      STR_ARG(rows_text(rows, row, COLUMN_QUERY_AT)), STR_ARG(start),
                      start.len < clean.len ? "…" : "");
        strbuf_release(&clean);
    }
}

size_t lock_holders_read(const struct rows *rows, struct arena *arena,
                         struct lock_holder **holders)
{
    struct lock_holder *list = arena_array(arena, rows->row_count + 1, sizeof(*list));
    for (size_t i = 0; i < rows->row_count; i++) {
        struct strbuf who = {0};
        struct strbuf what = {0};
        struct str application = rows_text(rows, i, COLUMN_APPLICATION);
        list[i].pid = rows_i64(rows, i, COLUMN_PID, 0);
        list[i].backend_start_us = rows_i64(rows, i, COLUMN_BACKEND_START_US, -1);
        if (list[i].pid == 0) {
            strbuf_text(&who, "a prepared transaction");
            strbuf_text(&what,
                        "it stands in pg_prepared_xacts until COMMIT or ROLLBACK PREPARED");
        } else {
            strbuf_add(&who, rows_text(rows, i, COLUMN_USER));
            strbuf_format(&who, "%s%.*s", who.len > 0 && application.len > 0 ? " / " : "",
                          STR_ARG(application));
            add_state(&what, rows, i);
        }
        list[i].who = sanitise_line(arena, strbuf_str(&who));
        list[i].what = sanitise_line(arena, strbuf_str(&what));
        strbuf_release(&who);
        strbuf_release(&what);
    }
    *holders = list;
    return rows->row_count;
}

void lock_holders_text(struct strbuf *out, const struct lock_holder *holders, size_t count)
{
    if (count == 0) {
        strbuf_text(out, "somebody who could not be seen");
        return;
    }
    if (holders[0].pid == 0) {
        strbuf_add(out, holders[0].who);
    } else {
        strbuf_format(out, "process %lld", (long long)holders[0].pid);
        if (holders[0].who.len > 0) {
            strbuf_format(out, " (%.*s)", STR_ARG(holders[0].who));
        }
    }
    strbuf_format(out, ", %.*s", STR_ARG(holders[0].what));
    if (count > 1) {
        strbuf_format(out, "; and %zu more", count - 1);
    }
}
