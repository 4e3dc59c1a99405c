/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the statements cost, from literals: two answers subtracted, resets, restarts and
 * statements that were forgotten; when something is slow, slower, or not known.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "monitor.h"

#define SECOND US_PER_SECOND

/* One answer of the server: ends with a row of calls 0. */
struct counted {
    const char *query, *user, *calls, *ms;
};

static struct monitor_workload answer(struct arena *arena, int64_t at_seconds,
                                      const char *generation, const char *evicted,
                                      const struct counted *list)
{
    struct monitor_workload workload;
    struct rows clock;
    struct rows rows;
    rows_init(&clock, arena, 3);
    struct cell *cells = rows_add(&clock);
    cells[0].text = str_format(arena, "%lld", (long long)(at_seconds * SECOND));
    cells[1].text = str_from(generation);
    cells[2] = (struct cell){.text = str_from(evicted), .is_null = evicted == NULL};
    rows_init(&rows, arena, 4);
    for (; list->calls; list++) {
        cells = rows_add(&rows);
        cells[0] = (struct cell){.text = str_from(list->query), .is_null = !list->query};
        cells[1].text = str_from(list->user);
        cells[2].text = str_from(list->calls);
        cells[3].text = str_from(list->ms);
    }
    assert_true(monitor_workload_begin(&workload, arena, &clock));
    assert_true(monitor_workload_read(&workload, arena, &rows));
    return workload;
}

static const struct counted before[] = {{"7", "10", "100", "20000"}, /* 200 ms a call */
                                        {"-8", "10", "1000", "50"},  /* 0.05 ms */
                                        {"9", "10", "4", "8000"}, /* 2 s: it was slow before */
                                        {0}};

static const struct monitor_load *find(const struct monitor_interval *interval, int64_t query)
{
    for (size_t i = 0; i < interval->count; i++) {
        if (interval->items[i].query_id == query) {
            return &interval->items[i];
        }
    }
    return NULL;
}

static void growth_is_held_against_what_was_before(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct monitor_interval interval;
    struct monitor_workload base = answer(&arena, 1000, "a", "0", before);
    struct monitor_workload last = answer(&arena, 2000, "a", "0", before);
    static const struct counted then[] = {
        {"7", "10", "103", "25400"},   /* 3 calls of 1.8 s */
        {"-8", "10", "31000", "4550"}, /* 30,000 calls of 0.15 ms: 4.5 s of 30 */
        {"9", "10", "5", "10100"},     /* slow as ever */
        {"11", "12", "2", "3000"},     /* nobody knew it */
        {"12", "12", "50", "5"},       /* nor this one, and it is quick */
        {0}};
    struct monitor_workload now = answer(&arena, 2030, "a", "0", then);
    monitor_workload_between(&interval, &arena, &base, &last, &now, SECOND);
    assert_true(interval.us == 30 * SECOND);
    assert_int_equal(interval.count, 5);
    assert_int_equal(interval.items[0].query_id, 7); /* most time first */
    assert_true(fabs(interval.total_ms - (5400 + 4500 + 2100 + 3000 + 5)) < 1e-6);
    assert_int_equal(find(&interval, 7)->news, MONITOR_SLOW);
    assert_int_equal(find(&interval, 7)->calls, 3);
    assert_int_equal(find(&interval, 7)->us, 1800000);
    assert_int_equal(find(&interval, 7)->was_us, 200000);
    assert_int_equal(find(&interval, -8)->news, MONITOR_SLOWER); /* felt by its load alone */
    assert_int_equal(find(&interval, 9)->news, MONITOR_AS_EVER);
    assert_int_equal(find(&interval, 11)->news, MONITOR_SLOW);
    assert_int_equal(find(&interval, 11)->was_us, 0); /* never seen */
    assert_int_equal(find(&interval, 12)->news, MONITOR_AS_EVER);
    arena_release(&arena);
}

/* Twice as long, but who would feel it? */
static void a_trifle_is_no_news(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct monitor_interval interval;
    static const struct counted was[] = {{"1", "1", "10", "1"}, {"2", "1", "10", "1000"}, {0}};
    static const struct counted then[] = {
        {"1", "1", "20", "4"},    /* 0.1 ms, now 0.3 ms, ten times */
        {"2", "1", "11", "1220"}, /* 100 ms, now 220 ms, once */
        {0}};
    struct monitor_workload base = answer(&arena, 1000, "a", "0", was);
    struct monitor_workload now = answer(&arena, 1030, "a", "0", then);
    monitor_workload_between(&interval, &arena, &base, &base, &now, SECOND);
    assert_int_equal(find(&interval, 1)->news, MONITOR_AS_EVER);
    assert_int_equal(find(&interval, 2)->news, MONITOR_AS_EVER);
    assert_int_equal(find(&interval, 2)->was_us, 100000);
    arena_release(&arena);
}

/* Nothing is made up: no interval after a reset, a restart, or a clock that stands. */
static void what_began_anew_is_not_known(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct monitor_interval interval;
    struct monitor_workload last = answer(&arena, 2000, "start 1 reset 1", "0", before);
    static const struct counted then[] = {{"7", "10", "3", "5400"}, {0}};
    struct monitor_workload reset = answer(&arena, 2030, "start 1 reset 2", "0", then);
    monitor_workload_between(&interval, &arena, NULL, &last, &reset, SECOND);
    assert_true(interval.us == 0 && interval.count == 0 && interval.why != NULL);
    monitor_workload_between(&interval, &arena, NULL, NULL, &reset, SECOND);
    assert_true(interval.us == 0 && interval.why != NULL);
    struct monitor_workload still = answer(&arena, 2000, "start 1 reset 1", "0", before);
    monitor_workload_between(&interval, &arena, NULL, &last, &still, SECOND);
    assert_true(interval.us == 0 && interval.why != NULL);
    arena_release(&arena);
}

/* One statement was forgotten and came back, or was reset alone: its growth is not known. */
static void a_counter_that_went_back_is_left_out(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct monitor_interval interval;
    struct monitor_workload last = answer(&arena, 2000, "a", "3", before);
    static const struct counted then[] = {{"7", "10", "3", "5400"},   /* fewer calls */
                                          {"-8", "10", "1002", "40"}, /* less time */
                                          {"9", "10", "5", "10000"},
                                          {0}};
    struct monitor_workload now = answer(&arena, 2030, "a", "4", then);
    monitor_workload_between(&interval, &arena, NULL, &last, &now, SECOND);
    assert_int_equal(interval.count, 1);
    assert_int_equal(interval.items[0].query_id, 9);
    assert_int_equal(interval.items[0].us, 2000000);
    assert_int_equal(interval.items[0].was_us, -1); /* no baseline at all */
    assert_int_equal(interval.items[0].news, MONITOR_SLOW);
    arena_release(&arena);
}

/* Where the server forgot statements, or hides some, nobody can call one new. */
static void new_is_said_only_when_all_are_known(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct monitor_workload whole = answer(&arena, 1000, "a", "0", before);
    struct monitor_workload evicted = answer(&arena, 1000, "a", "5", before);
    struct monitor_workload old = answer(&arena, 1000, "a", NULL, before); /* before 14 */
    static const struct counted part[] = {{"7", "10", "1", "1"}, {NULL, "11", "1", "1"}, {0}};
    struct monitor_workload hidden = answer(&arena, 1000, "a", "0", part);
    assert_true(hidden.hidden && !hidden.whole && hidden.count == 1);
    assert_true(monitor_workload_was(&whole, 99, 10) == 0);
    assert_true(monitor_workload_was(&whole, 7, 99) == 0); /* of another role */
    assert_true(monitor_workload_was(&evicted, 99, 10) == -1);
    assert_true(monitor_workload_was(&old, 99, 10) == -1);
    assert_true(monitor_workload_was(&hidden, 99, 10) == -1);
    assert_true(monitor_workload_was(NULL, 7, 10) == -1);
    /* And a statement that appears is not counted when it may have been there unseen. */
    struct monitor_interval interval;
    static const struct counted then[] = {
        {"7", "10", "1", "1"}, {"8", "10", "500", "900000"}, {0}};
    struct monitor_workload now = answer(&arena, 1030, "a", "0", then);
    monitor_workload_between(&interval, &arena, NULL, &hidden, &now, SECOND);
    assert_int_equal(interval.count, 0);
    arena_release(&arena);
}

static void the_baseline_outlives_the_program(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct strbuf text = {0};
    struct err err = {0};
    struct monitor_workload again;
    struct monitor_workload base = answer(&arena, 1000, "start \"1\"", "0", before);
    monitor_workload_write(&text, &base);
    assert_true(monitor_workload_load(&again, &arena, strbuf_str(&text), &err));
    assert_int_equal(again.count, 3);
    assert_true(again.whole && !again.hidden && again.clock_us == base.clock_us);
    assert_true(str_is(again.generation, base.generation));
    for (size_t i = 0; i < again.count; i++) {
        assert_memory_equal(&again.items[i], &base.items[i], sizeof(again.items[i]));
    }
    assert_false(monitor_workload_load(&again, &arena, STR("{\"clock_us\":1}"), &err));
    assert_false(monitor_workload_load(&again, &arena, STR("no JSON"), &err));
    strbuf_release(&text);
    arena_release(&arena);
}

/* Thousands of statements leave with the few that matter, whatever is news among them. */
static void an_interval_is_bounded_and_keeps_the_news(void **state)
{
    (void)state;
    enum {
        MANY = 3000
    };
    struct arena arena = {0};
    struct monitor_interval interval;
    struct counted *list = arena_array(&arena, MANY + 2, sizeof(*list));
    struct monitor_workload base = answer(&arena, 1000, "a", "0", before);
    for (int i = 0; i < MANY; i++) {
        list[i] =
            (struct counted){str_format(&arena, "%d", i + 100).ptr, "10", "100000", "9000"};
    }
    list[MANY] = (struct counted){"7", "10", "101", "21500"}; /* one call of 1.5 s */
    struct monitor_workload now = answer(&arena, 1060, "a", "0", list);
    monitor_workload_between(&interval, &arena, &base, &base, &now, SECOND);
    assert_true(interval.count <= MONITOR_LOADS_MAX);
    assert_non_null(find(&interval, 7));
    assert_int_equal(find(&interval, 7)->news, MONITOR_SLOW);
    arena_release(&arena);
}

static void texts_become_one_line(void **state)
{
    (void)state;
    struct strbuf out = {0};
    monitor_statement_line(&out, STR("  select *\n\tfrom  a\r\n where b = $1 "));
    assert_string_equal(out.ptr, "select * from a where b = $1");
    assert_true(monitor_is_housekeeping(STR("select * from pg_catalog.pg_locks")));
    assert_true(monitor_is_housekeeping(STR(" SET search_path = public")));
    assert_false(monitor_is_housekeeping(STR("select settings from offset")));
    assert_false(monitor_is_housekeeping(
        STR("SELECT $2 FROM ONLY \"public\".\"p\" x WHERE \"id\" OPERATOR(pg_catalog.=) $1 FOR "
            "KEY SHARE OF x")));
    assert_false(monitor_is_housekeeping(STR("select a::pg_catalog.int8 from orders")));
    strbuf_clear(&out);
    monitor_log_kind(&out, STR("2024-01-31 10:38 [4711] relation \"q7\" does not exist"));
    assert_string_equal(out.ptr, "#-#-# #:# [#] relation \"q#\" does not exist");
    strbuf_release(&out);
}

/* A name with a quote in it is one name. */
static void questions_quote_the_schema(void **state)
{
    (void)state;
    struct strbuf out = {0};
    monitor_workload_query(&out, STR("odd \"one"));
    assert_non_null(strstr(out.ptr, "\"odd \"\"one\".pg_stat_statements(false)"));
    strbuf_clear(&out);
    monitor_load_text_query(&out, STR("odd \"one"));
    assert_non_null(strstr(out.ptr, "\"odd \"\"one\".pg_stat_statements s"));
    strbuf_clear(&out);
    monitor_workload_clock_query(&out, STR("x"), false);
    assert_null(strstr(out.ptr, "pg_stat_statements_info"));
    strbuf_release(&out);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(growth_is_held_against_what_was_before),
        cmocka_unit_test(a_trifle_is_no_news),
        cmocka_unit_test(what_began_anew_is_not_known),
        cmocka_unit_test(a_counter_that_went_back_is_left_out),
        cmocka_unit_test(new_is_said_only_when_all_are_known),
        cmocka_unit_test(the_baseline_outlives_the_program),
        cmocka_unit_test(an_interval_is_bounded_and_keeps_the_news),
        cmocka_unit_test(texts_become_one_line),
        cmocka_unit_test(questions_quote_the_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
