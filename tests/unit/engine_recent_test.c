/* SPDX-License-Identifier: PostgreSQL */
/*
 * Who still writes to what the plan destroys: rows of the last five minutes, or since the
 * first look. What nobody can know is not known, and never none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine.h"
#include "plan_fixture.h"

#define A STR("public.a")
#define B STR("public.b")

struct table {
    struct plan_fixture *fixture;
    struct arena arena;
    struct run run;
};

static void open_table(struct table *table)
{
    *table = (struct table){.fixture = plan_fixture_make(PLAN_FIXTURE_WIDE)};
    run_init(&table->run, &table->fixture->setup, &table->fixture->arena);
    table->run.state = STATE_PREP;
}

static void close_table(struct table *table)
{
    run_release(&table->run);
    arena_release(&table->arena);
    plan_fixture_free(table->fixture);
}

static void step(struct table *table, struct event event, int64_t seconds)
{
    struct effects effects = {0};
    struct err err = {0};
    event.at_us = seconds * US_PER_SECOND;
    event.script = -1;
    assert_true(engine_step(&table->run, &event, &effects, &err));
    effects_release(&effects);
}

/* The counter of public.a, by whose statistics; value -2: no answer about it (as before). */
static void hear(struct table *table, int64_t seconds, const char *identity, int64_t value)
{
    struct event_item item = {.name = A, .kind = str_from(identity), .value = value};
    step(table,
         (struct event){.kind = EVENT_RECENT,
                        .outcome = OUTCOME_OK,
                        .items = &item,
                        .item_count = value == -2 ? 0 : 1},
         seconds);
}

static void expect(struct table *table, const char *words)
{
    struct recent_writes writes;
    struct strbuf text = {0};
    if (run_recent_writes(&table->run, A, &writes)) {
        recent_writes_text(&text, &writes);
    } else {
        strbuf_text(&text, "??");
    }
    assert_string_equal(text.ptr, words);
    strbuf_release(&text);
}

static void two_looks_make_a_number(void **state)
{
    struct table table;
    (void)state;
    open_table(&table);
    expect(&table, "??");
    hear(&table, 100, "1", 5000);
    expect(&table, "??"); /* since when is not known */
    hear(&table, 102, "1", 5000);
    expect(&table, "0 rows in 2 s");
    hear(&table, 112, "1", 5001);
    expect(&table, "1 row in 12 s");
    hear(&table, 140, "1", 5012);
    expect(&table, "12 rows in 40 s");
    hear(&table, 150, "", -2); /* nothing differs */
    expect(&table, "12 rows in 50 s");
    assert_int_equal(table.run.remark_count, 1); /* told once */
    assert_string_equal(table.run.remarks[0].text.ptr,
                        "1 row in 12 s, and the plan drops or empties it");
    close_table(&table);
}

static void only_the_last_minutes_count(void **state)
{
    struct table table;
    (void)state;
    open_table(&table);
    hear(&table, 1000, "1", 0);
    hear(&table, 1010, "1", 7);
    for (int at = 1020; at <= 1300; at += 10) {
        hear(&table, at, "1", 7);
    }
    expect(&table, "7 rows in 5 min");
    hear(&table, 1310, "1", 7);
    expect(&table, "0 rows in 5 min");
    hear(&table, 1320, "1", 9);
    expect(&table, "2 rows in 5 min");
    close_table(&table);
}

static void a_reset_is_not_known(void **state)
{
    struct table table;
    (void)state;
    open_table(&table);
    hear(&table, 100, "1", 5000);
    hear(&table, 110, "1", 5000);
    hear(&table, 120, "2", 3); /* fewer, by other statistics: nothing below zero */
    expect(&table, "??");
    hear(&table, 130, "2", 3);
    expect(&table, "??"); /* what was written before the reset nobody knows */
    hear(&table, 140, "2", 15);
    expect(&table, "at least 12 rows in 40 s"); /* and this much is known */
    for (int at = 150; at <= 450; at += 10) {
        hear(&table, at, "2", 15);
    }
    expect(&table, "0 rows in 5 min");
    hear(&table, 460, "2", 4); /* by the same, and yet fewer: it is not believed */
    expect(&table, "??");
    close_table(&table);
}

static void a_table_that_is_gone_or_not_counted_is_not_known(void **state)
{
    struct table table;
    (void)state;
    open_table(&table);
    hear(&table, 100, "1", 10);
    hear(&table, 110, "1", 10);
    hear(&table, 120, "", -1);
    expect(&table, "??");
    hear(&table, 130, "", -2);
    expect(&table, "??");
    hear(&table, 140, "8", 2); /* made anew: another one */
    expect(&table, "??");
    close_table(&table);
}

static void a_break_hides_when_it_was_written(void **state)
{
    struct table table;
    (void)state;
    open_table(&table);
    hear(&table, 100, "1", 10);
    hear(&table, 110, "1", 10);
    step(&table, (struct event){.kind = EVENT_RECENT, .outcome = OUTCOME_FAILED}, 120);
    expect(&table, "0 rows in 10 s");
    step(&table, (struct event){.kind = EVENT_SCRIBE, .who = STR("anna"), .text = STR("x")},
         175);
    expect(&table, "??"); /* older than a minute: not now */
    hear(&table, 1300, "1", 10);
    expect(&table, "0 rows in 5 min"); /* nothing in twenty minutes is nothing in five */
    hear(&table, 2500, "1", 30);
    expect(&table, "??"); /* something in twenty minutes may be nothing in five */
    hear(&table, 2510, "1", 31);
    expect(&table, "at least 1 row in 5 min");
    close_table(&table);
}

static void the_span_is_one_for_all_tables(void **state)
{
    struct table table;
    (void)state;
    open_table(&table);
    hear(&table, 100, "1", 10);
    hear(&table, 110, "1", 14);
    expect(&table, "4 rows in 10 s");
    struct event_item other = {.name = B, .kind = STR("2"), .value = 3};
    step(&table,
         (struct event){
             .kind = EVENT_RECENT, .outcome = OUTCOME_OK, .items = &other, .item_count = 1},
         120);
    expect(&table, "??");
    hear(&table, 130, "1", 15);
    expect(&table, "1 row in 10 s");
    close_table(&table);
}

/* What was known when the first file began stays on the record. */
static void the_number_stays_when_the_files_begin(void **state)
{
    struct table table;
    (void)state;
    open_table(&table);
    hear(&table, 100, "1", 10);
    hear(&table, 110, "1", 14);
    table.run.phase = PHASE_MIGRATE;
    table.run.now_us = 4000 * US_PER_SECOND;
    expect(&table, "4 rows in 10 s");
    close_table(&table);
}

/* ------------------------------------------------------------------------ asking */

static size_t asked(struct table *table, int64_t seconds)
{
    struct effects effects = {0};
    struct err err = {0};
    size_t count = 0;
    struct event tick = {.kind = EVENT_TICK, .at_us = seconds * US_PER_SECOND, .script = -1};
    assert_true(engine_step(&table->run, &tick, &effects, &err));
    for (size_t i = 0; i < effects.count; i++) {
        count += effects.items[i].query == QUERY_RECENT;
    }
    effects_release(&effects);
    return count;
}

static const struct lint_destroyed destroyed[] = {
    {.kind = "table", .name = {"public.a", 8}},
    {.kind = "column", .name = {"public.b.x", 10}},
    {.kind = "rows of", .name = {"public.b", 8}},
    {.at = {.file = 1}, .kind = "table", .name = {"public.undone", 13}},
};
static const struct lint_file_result files[] = {{.is_undo = false}, {.is_undo = true}};
static const struct lint_result judged = {.destroyed = destroyed,
                                          .destroyed_count = COUNT_OF(destroyed),
                                          .files = files,
                                          .file_count = COUNT_OF(files)};

static void it_is_asked_until_the_first_file(void **state)
{
    struct table table;
    struct str names[8];
    (void)state;
    open_table(&table);
    table.run.connected[SESSION_WATCH] = true;
    assert_int_equal(asked(&table, 100), 0); /* nothing is known that would go */
    table.fixture->setup.lint = &judged;
    assert_int_equal(run_recent_tables(&table.run, names, COUNT_OF(names)), 2);
    assert_true(str_is(names[0], A));
    assert_true(str_is(names[1], B));
    assert_int_equal(run_recent_tables(&table.run, names, 1), 1);
    assert_int_equal(asked(&table, 100), 1);
    assert_int_equal(asked(&table, 101), 0); /* it is out */
    hear(&table, 101, "1", 10);
    assert_int_equal(asked(&table, 102), 1); /* the second comes soon */
    hear(&table, 102, "1", 10);
    assert_int_equal(asked(&table, 111), 0);
    assert_int_equal(asked(&table, 112), 1);
    hear(&table, 112, "1", 10);
    table.run.connected[SESSION_WATCH] = false;
    assert_int_equal(asked(&table, 130), 0);
    table.run.connected[SESSION_WATCH] = true;
    table.run.phase = PHASE_MIGRATE;
    assert_int_equal(asked(&table, 130), 0);
    close_table(&table);
}

static void a_span_is_told_in_few_words(void **state)
{
    static const struct {
        int64_t seconds;
        const char *words;
    } spans[] = {{0, "1 s"}, {40, "40 s"}, {290, "4m50s"}, {300, "5 min"}, {4268, "1h11m"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(spans); i++) {
        struct strbuf text = {0};
        recent_span_text(&text, spans[i].seconds * US_PER_SECOND);
        assert_string_equal(text.ptr, spans[i].words);
        strbuf_release(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_span_is_told_in_few_words),
        cmocka_unit_test(two_looks_make_a_number),
        cmocka_unit_test(only_the_last_minutes_count),
        cmocka_unit_test(a_reset_is_not_known),
        cmocka_unit_test(a_table_that_is_gone_or_not_counted_is_not_known),
        cmocka_unit_test(a_break_hides_when_it_was_written),
        cmocka_unit_test(the_span_is_one_for_all_tables),
        cmocka_unit_test(the_number_stays_when_the_files_begin),
        cmocka_unit_test(it_is_asked_until_the_first_file),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
