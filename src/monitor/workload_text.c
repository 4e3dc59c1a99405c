/* SPDX-License-Identifier: PostgreSQL */
/*
 * The questions about what the statements cost, and the texts of statements and log lines.
 *
 * The counters are asked for without the texts: the function leaves the file alone then in
 * which the server keeps them. Texts are asked for by key, for the few that are shown.
 */
#include "monitor.h"

#define DATABASE_OF_1                                                                          \
    "(select d.oid from pg_catalog.pg_database d where d.datname = $1::pg_catalog.name)"

static void add_relation(struct strbuf *out, struct str schema, const char *name)
{
    strbuf_quoted(out, schema, '"', false);
    strbuf_text(out, name);
}

void monitor_workload_clock_query(struct strbuf *out, struct str schema, bool has_info)
{
    strbuf_text(out, "select (extract(epoch from pg_catalog.clock_timestamp()) * 1000000)"
                     "::pg_catalog.int8, pg_catalog.concat_ws(' ', "
                     "pg_catalog.pg_postmaster_start_time(), ");
    strbuf_text(out, has_info ? "i.stats_reset), i.dealloc from " : "''), null");
    if (has_info) {
        add_relation(out, schema, ".pg_stat_statements_info i");
    }
}

void monitor_workload_query(struct strbuf *out, struct str schema)
{
    strbuf_text(out, "select s.queryid, s.userid, pg_catalog.sum(s.calls)::pg_catalog.int8, "
                     "pg_catalog.sum(s.total_exec_time) from ");
    add_relation(out, schema, ".pg_stat_statements(false) s");
    strbuf_format(out,
                  " where s.dbid = " DATABASE_OF_1 " group by 1, 2 order by 4 desc limit %d",
                  MONITOR_COUNTED_MAX);
}

void monitor_load_text_query(struct strbuf *out, struct str schema)
{
    strbuf_format(out,
                  "select distinct on (s.queryid, s.userid) s.queryid, s.userid, "
                  "pg_catalog.pg_get_userbyid(s.userid), pg_catalog.left(s.query, %d) from ",
                  MONITOR_TEXT_MAX);
    add_relation(out, schema, ".pg_stat_statements s");
    strbuf_text(out, " join rows from (pg_catalog.unnest($2::pg_catalog.int8[]), "
                     "pg_catalog.unnest($3::pg_catalog.oid[])) as k(queryid, userid) "
                     "on k.queryid = s.queryid and k.userid = s.userid "
                     "where s.dbid = " DATABASE_OF_1 " order by 1, 2");
}

void monitor_load_array(struct strbuf *out, const struct monitor_load *loads, size_t count,
                        bool users)
{
    strbuf_byte(out, '{');
    for (size_t i = 0; i < count; i++) {
        strbuf_text(out, i > 0 ? "," : "");
        strbuf_i64(out, users ? loads[i].user_id : loads[i].query_id);
    }
    strbuf_byte(out, '}');
}

#define RUNNING(query_id)                                                                      \
    "select " query_id ", a.usesysid, a.usename, extract(epoch from "                          \
    "pg_catalog.clock_timestamp() - a.query_start) * 1000 as ms, a.pid, "                      \
    "pg_catalog.left(a.query, 400) from pg_catalog.pg_stat_activity a "                        \
    "where a.datname = $1::pg_catalog.name and a.state = 'active' "                            \
    "and a.backend_type = 'client backend' and a.application_name !~ '^gonogo' "               \
    "and a.query_start < pg_catalog.clock_timestamp() "                                        \
    "- $2::pg_catalog.float8 * interval '1 ms' order by 4 desc limit 8"

const char *monitor_running_query(int server_version_num)
{
    enum {
        HAS_QUERY_ID = 140000
    };
    return server_version_num >= HAS_QUERY_ID ? RUNNING("a.query_id") : RUNNING("null");
}

/* ------------------------------------------------------------------- texts */

static bool is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

void monitor_statement_line(struct strbuf *out, struct str text)
{
    bool gap = false;
    text = str_trim(text);
    for (size_t i = 0; i < text.len; i++) {
        if (is_space(text.ptr[i])) {
            gap = true;
            continue;
        }
        if (gap) {
            strbuf_byte(out, ' ');
        }
        gap = false;
        strbuf_byte(out, text.ptr[i]);
    }
}

/* The server's own checks of foreign keys, and casts, say it of operators and types. */
static bool is_of_the_catalog(struct str before)
{
    return !str_ends(before, "OPERATOR(") && !str_ends(before, "operator(") &&
           !str_ends(before, "::");
}

bool monitor_is_housekeeping(struct str text)
{
    static const char word[] = "pg_catalog.";
    text = str_trim(text);
    if (str_starts(text, "set ") || str_starts(text, "SET ")) {
        return true;
    }
    for (size_t i = 0; i + sizeof(word) - 1 <= text.len; i++) {
        if (str_starts(str_slice(text, i, text.len), word) &&
            is_of_the_catalog(str_slice(text, 0, i))) {
            return true;
        }
    }
    return false;
}

void monitor_log_kind(struct strbuf *out, struct str line)
{
    bool digits = false;
    for (size_t i = 0; i < line.len; i++) {
        bool digit = line.ptr[i] >= '0' && line.ptr[i] <= '9';
        if (!digit) {
            strbuf_byte(out, line.ptr[i]);
        } else if (!digits) {
            strbuf_byte(out, '#');
        }
        digits = digit;
    }
}
