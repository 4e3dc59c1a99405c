/* SPDX-License-Identifier: PostgreSQL */
/*
 * Answers of queries, programs and files as samples; the lock tree from rows as the
 * server gives them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <math.h>

#include "monitor.h"

static const char *const sample_names[] = {
    "clock_us",   "generation_us",      "hidden",          "connections",
    "active",     "oldest_transaction", "lock_waits",      "commits",
    "blocks_hit", "blocks_read",        "replication_lag",
};

/* One row from texts; NULL is NULL. */
static void add_row(struct rows *rows, const char *const *texts)
{
    struct cell *cells = rows_add(rows);
    for (size_t i = 0; i < rows->column_count; i++) {
        cells[i] = (struct cell){.text = str_from(texts[i]), .is_null = !texts[i]};
    }
}

static void sample_rows(struct rows *rows, struct arena *arena, const char *const *texts)
{
    rows_init(rows, arena, COUNT_OF(sample_names));
    for (size_t i = 0; i < COUNT_OF(sample_names); i++) {
        rows->names[i] = str_from(sample_names[i]);
    }
    add_row(rows, texts);
}

static void builtins_have_the_words_of_the_plan(void **state)
{
    (void)state;
    for (int i = PLAN_GAUGE_UNSAID + 1; i < PLAN_GAUGE__COUNT; i++) {
        assert_string_equal(monitor_builtins[i].word, plan_gauge_word((enum plan_gauge)i));
        assert_int_equal(monitor_builtin_find(str_from(monitor_builtins[i].word)), i);
        assert_true(monitor_builtins[i].query != MONITOR_QUERY_NONE);
    }
    assert_int_equal(monitor_builtin_find(STR("nonsense")), PLAN_GAUGE_UNSAID);
    assert_int_equal(monitor_builtin_find(STR("")), PLAN_GAUGE_UNSAID);
}

static void counters_become_rates_of_the_servers_clock(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct rows rows;
    struct monitor_sampler sampler = {0};
    struct monitor_sample samples[PLAN_GAUGE__COUNT] = {0};
    sample_rows(
        &rows, &arena,
        (const char *[]){"1000000", "5", "0", "7", "1", "0.5", "2", "100", "90", "10", NULL});
    monitor_sampler_take(&sampler, &rows, 42, samples);
    assert_int_equal(samples[PLAN_GAUGE_COMMITS].outcome, MONITOR_UNKNOWN);
    assert_int_equal(samples[PLAN_GAUGE_CONNECTIONS].outcome, MONITOR_OK);
    assert_true(samples[PLAN_GAUGE_CONNECTIONS].value == 7);
    assert_true(samples[PLAN_GAUGE_CONNECTIONS].at_us == 42);
    assert_int_equal(samples[PLAN_GAUGE_REPLICATION_LAG].outcome, MONITOR_UNKNOWN);
    sample_rows(&rows, &arena,
                (const char *[]){"11000000", "5", "0", "7", "1", "0.5", "2", "150", "180", "20",
                                 "1.5"});
    monitor_sampler_take(&sampler, &rows, 43, samples);
    assert_true(samples[PLAN_GAUGE_COMMITS].value == 5);
    assert_true(fabs(samples[PLAN_GAUGE_CACHE_HIT].value - 0.9) < 1e-9);
    assert_true(samples[PLAN_GAUGE_REPLICATION_LAG].value == 1.5);
    /* nothing read: nothing missed */
    sample_rows(&rows, &arena,
                (const char *[]){"21000000", "5", "0", "7", "1", "0.5", "2", "150", "180", "20",
                                 "1.5"});
    monitor_sampler_take(&sampler, &rows, 44, samples);
    assert_true(samples[PLAN_GAUGE_CACHE_HIT].value == 1);
    assert_true(samples[PLAN_GAUGE_COMMITS].value == 0);
    arena_release(&arena);
}

static void fault_F40_reset_restart_and_loss_are_gaps(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct rows rows;
    struct monitor_sampler sampler = {0};
    struct monitor_sample samples[PLAN_GAUGE__COUNT] = {0};
    static const char *const rounds[][11] = {
        {"1000000", "5", "0", "7", "1", "0", "0", "100", "90", "10", NULL},
        {"2000000", "5", "0", "7", "1", "0", "0", "40", "90", "10", NULL},  /* backwards */
        {"3000000", "5", "0", "7", "1", "0", "0", "41", "90", "10", NULL},  /* goes on */
        {"4000000", "9", "0", "7", "1", "0", "0", "900", "90", "10", NULL}, /* reset, grown */
        {"5000000", "9", "0", "7", "1", "0", "0", "901", "90", "10", NULL},
    };
    static const enum monitor_outcome expected[] = {
        MONITOR_UNKNOWN, MONITOR_UNKNOWN, MONITOR_OK, MONITOR_UNKNOWN, MONITOR_OK,
    };
    for (size_t i = 0; i < COUNT_OF(rounds); i++) {
        sample_rows(&rows, &arena, rounds[i]);
        monitor_sampler_take(&sampler, &rows, 0, samples);
        assert_int_equal(samples[PLAN_GAUGE_COMMITS].outcome, expected[i]);
        assert_int_equal(samples[PLAN_GAUGE_COMMITS].begins, i == 0 || i == 3);
    }
    monitor_sampler_lost(&sampler, 77, samples);
    assert_int_equal(samples[PLAN_GAUGE_CONNECTIONS].outcome, MONITOR_UNKNOWN);
    assert_true(samples[PLAN_GAUGE_CONNECTIONS].at_us == 77);
    assert_false(samples[PLAN_GAUGE_COMMITS].begins); /* nobody answered */
    sample_rows(
        &rows, &arena,
        (const char *[]){"9000000", "9", "0", "7", "1", "0", "0", "999", "90", "10", NULL});
    monitor_sampler_take(&sampler, &rows, 0, samples);
    assert_int_equal(samples[PLAN_GAUGE_COMMITS].outcome, MONITOR_UNKNOWN);
    assert_true(samples[PLAN_GAUGE_COMMITS].begins);
    arena_release(&arena);
}

static void hidden_sessions_make_figures_unknown(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct rows rows;
    struct monitor_sampler sampler = {0};
    struct monitor_sample samples[PLAN_GAUGE__COUNT] = {0};
    sample_rows(&rows, &arena,
                (const char *[]){"1", "5", "3", "7", NULL, NULL, "2", "1", "1", "1", NULL});
    monitor_sampler_take(&sampler, &rows, 0, samples);
    assert_int_equal(samples[PLAN_GAUGE_ACTIVE].outcome, MONITOR_UNKNOWN);
    assert_int_equal(samples[PLAN_GAUGE_OLDEST_TRANSACTION].outcome, MONITOR_UNKNOWN);
    assert_int_equal(samples[PLAN_GAUGE_LOCK_WAITS].outcome, MONITOR_OK);
    struct str remark = monitor_sampler_remark(&arena, &rows);
    assert_true(str_starts(remark, "3 sessions may not be seen"));
    arena_release(&arena);
}

static void http_argv_is_exact(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct monitor_http http = {.curl = "/usr/bin/curl",
                                .url = STR("http://localhost/health"),
                                .socket = STR("/tmp/app.sock"),
                                .timeout_us = 2500000};
    static const char *const expected[] = {
        "/usr/bin/curl",
        "-q",
        "--noproxy",
        "*",
        "-sS",
        "--globoff",
        "--proto",
        "=http,https",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code} %{time_total}",
        "--max-time",
        "2.500",
        "--unix-socket",
        "/tmp/app.sock",
        "--url",
        "http://localhost/health",
    };
    const char **argv = monitor_http_argv(&arena, &http);
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_string_equal(argv[i], expected[i]);
    }
    assert_null(argv[COUNT_OF(expected)]);
    arena_release(&arena);
}

static void http_answers_are_told_apart(void **state)
{
    (void)state;
    struct monitor_answer answer = monitor_http_answer(STR("200 0.021417"), 0, 9);
    assert_int_equal(answer.sample.outcome, MONITOR_OK);
    assert_true(answer.sample.value == 200 && answer.sample.at_us == 9);
    assert_true(answer.took_us == 21417);
    answer = monitor_http_answer(STR("503 0.001"), 0, 9);
    assert_int_equal(answer.sample.outcome, MONITOR_OK);
    assert_true(answer.sample.value == 503);
    answer = monitor_http_answer(STR("000 0.000"), 7, 9);
    assert_int_equal(answer.sample.outcome, MONITOR_FAILED);
    assert_string_equal(answer.reason, "connection refused");
    assert_int_equal(monitor_http_answer(STR("000 2.0"), 28, 9).sample.outcome, MONITOR_FAILED);
    assert_int_equal(monitor_http_answer(STR(""), -1, 9).sample.outcome, MONITOR_FAILED);
    assert_int_equal(monitor_http_answer(STR("000 0.1"), 0, 9).sample.outcome, MONITOR_FAILED);
    assert_int_equal(monitor_http_answer(STR(""), 0, 9).sample.outcome, MONITOR_FAILED);
    assert_int_equal(monitor_http_answer(STR("200"), 0, 9).sample.outcome, MONITOR_FAILED);
    assert_true(monitor_run_answer(3, 9).sample.value == 3);
    assert_int_equal(monitor_run_answer(-1, 9).sample.outcome, MONITOR_FAILED);
}

static void log_lines_count_when_they_are_whole(void **state)
{
    (void)state;
    struct err err = {0};
    struct monitor_log *log = monitor_log_new(STR("[Ee]rror"), &err);
    assert_non_null(log);
    struct monitor_matches matches = monitor_log_feed(log, STR("fine\nan Err"));
    assert_int_equal(matches.lines, 1);
    assert_int_equal(matches.matches, 0);
    matches = monitor_log_feed(log, STR("or here\nno\nerror two\n"));
    assert_int_equal(matches.lines, 3);
    assert_int_equal(matches.matches, 2);
    assert_true(str_eq(matches.last, "error two"));
    matches = monitor_log_feed(log, STR("nul\0error\nerr"));
    assert_int_equal(matches.matches, 1);
    monitor_log_restart(log); /* rotated: "err" and "or" are of two files */
    assert_int_equal(monitor_log_feed(log, STR("or\n")).matches, 0);
    monitor_log_free(log);
    assert_null(monitor_log_new(STR("(unclosed"), &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_true(monitor_text_answer(STR("^ready$"), STR("ready"), 1).sample.value == 1);
    assert_true(monitor_text_answer(STR("^ready$"), STR("no"), 1).sample.value == 0);
    assert_int_equal(monitor_text_answer(STR("("), STR("no"), 1).sample.outcome,
                     MONITOR_UNKNOWN);
}

static void a_long_log_line_is_bounded(void **state)
{
    (void)state;
    struct err err = {0};
    struct monitor_log *log = monitor_log_new(STR("^x+$"), &err);
    char block[4096];
    memset(block, 'x', sizeof(block));
    for (int i = 0; i < 100; i++) {
        monitor_log_feed(log, (struct str){block, sizeof(block)});
    }
    struct monitor_matches matches = monitor_log_feed(log, STR("\n"));
    assert_int_equal(matches.matches, 1);
    assert_true(matches.last.len <= 8192);
    monitor_log_free(log);
}

static void host_figures_are_shares(void **state)
{
    (void)state;
    struct monitor_host host = {0};
    struct str first = STR("cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1 1 1 1\n");
    struct str second = STR("cpu  150 0 150 750 150 0 0 0 0 0\n");
    assert_int_equal(monitor_host_cpu(&host, first, 1).outcome, MONITOR_UNKNOWN);
    assert_true(fabs(monitor_host_cpu(&host, second, 1).value - 0.5) < 1e-9);
    assert_int_equal(monitor_host_cpu(&host, STR("junk"), 1).outcome, MONITOR_UNKNOWN);
    struct str memory = STR("MemTotal:  1000 kB\nMemFree: 1 kB\nMemAvailable:  250 kB\n");
    assert_true(fabs(monitor_host_memory(memory, 1).value - 0.75) < 1e-9);
    assert_int_equal(monitor_host_memory(STR("MemTotal: 5 kB\n"), 1).outcome, MONITOR_UNKNOWN);
    assert_true(monitor_host_disk(30, 40, 1).value == 0.75);
    assert_int_equal(monitor_host_disk(1, 0, 1).outcome, MONITOR_UNKNOWN);
}

static void row_B6_writes_are_growth(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct rows before;
    struct rows after;
    size_t count = 0;
    rows_init(&before, &arena, 7);
    rows_init(&after, &arena, 7);
    add_row(&before, (const char *[]){"public", "a", "10", "5", "1", "77", "1"});
    add_row(&before, (const char *[]){"public", "b", "10", "5", "1", "77", "2"});
    add_row(&before, (const char *[]){"public", "c", "10", "5", "1", "77", "3"});
    add_row(&after, (const char *[]){"public", "a", "13", "5", "2", "77", "1"});
    add_row(&after, (const char *[]){"public", "b", "99", "5", "1", "78", "2"}); /* reset */
    add_row(&after, (const char *[]){"public", "c", "99", "5", "1", "77", "4"}); /* made anew */
    struct monitor_writes *writes = monitor_writes_between(&arena, &before, &after, &count);
    assert_int_equal(count, 3);
    assert_true(writes[0].known && writes[0].inserted == 3 && writes[0].deleted == 1);
    assert_false(writes[1].known);
    assert_false(writes[2].known);
    struct strbuf text = {0};
    struct monitor_table tables[] = {{STR("public"), STR("a,b")}, {STR("x"), STR("\"q\\")}};
    monitor_array(&text, tables, 2, false);
    assert_string_equal(text.ptr, "{\"a,b\",\"\\\"q\\\\\"}");
    strbuf_release(&text);
    arena_release(&arena);
}

/* ------------------------------------------------------------------ lock tree */

static void add_edge(struct rows *rows, const char *pid, const char *blocker, const char *gid,
                     const char *held)
{
    add_row(rows, (const char *[]){"edge", pid, blocker, gid, NULL, NULL, NULL, NULL, NULL,
                                   "public.quests", "AccessExclusiveLock", held, NULL, NULL});
}

static void add_node(struct rows *rows, const char *pid, const char *user, const char *query)
{
    add_row(rows, (const char *[]){"node", pid, NULL, NULL, "1700000000000000", user, "psql",
                                   "active", query, NULL, NULL, NULL, "3000000", "1000000"});
}

static void tree_leaves_out_what_is_implied(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct rows rows;
    struct lock_tree tree;
    rows_init(&rows, &arena, 14);
    add_edge(&rows, "20", "10", NULL, "AccessShareLock"); /* us behind the holder */
    add_edge(&rows, "30", "10", NULL, "AccessShareLock"); /* one behind both */
    add_edge(&rows, "30", "20", NULL, NULL);
    add_edge(&rows, "40", "20", NULL, NULL);
    add_node(&rows, "10", "holder", "select 1");
    add_node(&rows, "20", "dba", "drop table quests");
    add_node(&rows, "30", "other", "x\x1b[2J");
    add_node(&rows, "40", "reader", "select");
    lock_tree_build(&tree, &arena, &rows, 20);
    assert_int_equal(tree.count, 4);
    assert_int_equal(tree.us, 1);
    assert_int_equal(tree.waiting, 3);
    assert_int_equal(tree.behind_us, 2);
    assert_int_equal(tree.ahead_of_us, 1);
    assert_int_equal(tree.nodes[0].pid, 10);
    assert_int_equal(tree.nodes[0].behind, 3);
    assert_true(str_eq(tree.nodes[0].held_mode, "AccessShareLock"));
    assert_int_equal(tree.nodes[2].parent, 1);
    assert_int_equal(tree.nodes[2].depth, 2);
    assert_int_equal(tree.nodes[3].depth, 2);
    struct strbuf text = {0};
    lock_tree_text(&text, &tree, true);
    assert_non_null(strstr(text.ptr, "`- 20 us/psql  waits for public.quests"));
    assert_non_null(strstr(text.ptr, "   `- 40 reader/psql"));
    assert_null(strchr(text.ptr, '\x1b'));
    strbuf_release(&text);
    arena_release(&arena);
}

static void tree_repeats_a_waiter_with_two_blockers(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct rows rows;
    struct lock_tree tree;
    rows_init(&rows, &arena, 14);
    add_edge(&rows, "20", "10", NULL, "AccessShareLock");
    add_edge(&rows, "20", "0", "tx one", "RowExclusiveLock");
    add_node(&rows, "10", "holder", "select 1");
    add_node(&rows, "20", "dba", "drop table quests");
    lock_tree_build(&tree, &arena, &rows, 20);
    assert_int_equal(tree.count, 4);
    assert_false(tree.nodes[1].repeated);
    assert_int_equal(tree.nodes[2].pid, 0);
    assert_true(str_eq(tree.nodes[2].gid, "tx one"));
    assert_true(tree.nodes[3].repeated);
    assert_int_equal(tree.ahead_of_us, 2);
    arena_release(&arena);
}

static void tree_survives_cycles_and_nonsense(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct rows rows;
    struct lock_tree tree;
    rows_init(&rows, &arena, 14);
    lock_tree_build(&tree, &arena, &rows, 1);
    assert_int_equal(tree.count, 0);
    assert_int_equal(tree.us, -1);
    add_edge(&rows, "1", "2", NULL, NULL);
    add_edge(&rows, "2", "1", NULL, NULL);
    add_edge(&rows, "3", "3", NULL, NULL);
    add_edge(&rows, NULL, NULL, NULL, NULL);
    lock_tree_build(&tree, &arena, &rows, 1);
    assert_true(tree.count >= 2);
    arena_clear(&arena);
    rows_init(&rows, &arena, 14);
    char pids[2 * LOCK_NODES_MAX][16];
    for (int i = 0; i < 2 * LOCK_NODES_MAX; i++) {
        snprintf(pids[i], sizeof(pids[i]), "%d", i + 10);
        add_edge(&rows, pids[i], i > 0 ? pids[i - 1] : "9", NULL, NULL);
    }
    lock_tree_build(&tree, &arena, &rows, 0);
    assert_true(tree.cut);
    assert_int_equal(tree.count, LOCK_NODES_MAX);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builtins_have_the_words_of_the_plan),
        cmocka_unit_test(counters_become_rates_of_the_servers_clock),
        cmocka_unit_test(fault_F40_reset_restart_and_loss_are_gaps),
        cmocka_unit_test(hidden_sessions_make_figures_unknown),
        cmocka_unit_test(http_argv_is_exact),
        cmocka_unit_test(http_answers_are_told_apart),
        cmocka_unit_test(log_lines_count_when_they_are_whole),
        cmocka_unit_test(a_long_log_line_is_bounded),
        cmocka_unit_test(host_figures_are_shares),
        cmocka_unit_test(row_B6_writes_are_growth),
        cmocka_unit_test(tree_leaves_out_what_is_implied),
        cmocka_unit_test(tree_repeats_a_waiter_with_two_blockers),
        cmocka_unit_test(tree_survives_cycles_and_nonsense),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
