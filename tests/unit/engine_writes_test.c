/* SPDX-License-Identifier: PostgreSQL */
/*
 * Of the rows that a restore would lose, those that this run's own files wrote are named,
 * as far as the server's answers tell; where a count began anew none is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine.h"
#include "plan_fixture.h"

static void hear(struct run *run, bool anew, int64_t at_us)
{
    static const struct event_item items[] = {
        {.name = {"public.a", 8}, .value = 12},
        {.name = {"public.b", 8}, .value = 4}, /* the counters are late */
        {.name = {"other.a", 7}, .value = 3},
        {.name = {"public.c", 8}, .value = -1},
    };
    struct effects effects = {0};
    struct err err = {0};
    struct event event = {.kind = EVENT_WRITES,
                          .outcome = OUTCOME_OK,
                          .at_us = at_us,
                          .script = -1,
                          .flag = anew,
                          .items = items,
                          .item_count = COUNT_OF(items)};
    assert_true(engine_step(run, &event, &effects, &err));
    effects_release(&effects);
}

static void assert_own(const struct run *run, size_t index, const char *words)
{
    struct strbuf text = {0};
    add_own_writes(&text, run, &run->writes[index]);
    assert_string_equal(text.ptr ? text.ptr : "", words);
    strbuf_release(&text);
}

static void what_the_run_wrote_is_named(void **state)
{
    struct plan_fixture *fixture = plan_fixture_make(PLAN_FIXTURE_WIDE);
    struct arena arena = {0};
    struct run run;
    (void)state;
    run_init(&run, &fixture->setup, &fixture->arena);
    plan_fixture_commit_writes(&run, &fixture->arena);
    hear(&run, false, 3 * US_PER_SECOND);
    assert_own(&run, 0, " (at least 5 by this run)");
    assert_own(&run, 1, " (at least 4 by this run)");
    assert_own(&run, 2, "");
    assert_own(&run, 3, "");
    assert_int_equal(run_own_rows(&run), 14);
    struct str text = way_loss_text(&run, &run.options[1], &arena);
    assert_non_null(strstr(text.ptr, "public.a 12 (at least 5 by this run), public.b 4"));
    run.scripts[0].state = SCRIPT_ROLLED_BACK;
    assert_own(&run, 0, "");
    run.scripts[0].state = SCRIPT_COMMITTED;
    hear(&run, true, 4 * US_PER_SECOND);
    assert_own(&run, 0, "");
    assert_int_equal(run_own_rows(&run), 14);
    arena_release(&arena);
    run_release(&run);
    plan_fixture_free(fixture);
}

static void hear_nothing(struct run *run)
{
    struct effects effects = {0};
    struct err err = {0};
    struct event event = {
        .kind = EVENT_WRITES, .outcome = OUTCOME_OK, .at_us = 3 * US_PER_SECOND, .script = -1};
    assert_true(engine_step(run, &event, &effects, &err));
    effects_release(&effects);
}

/* The work session tells the server's statistics late, or only with its next command. */
static void late_counters_do_not_say_that_nothing_was_written(void **state)
{
    struct plan_fixture *fixture = plan_fixture_make(PLAN_FIXTURE_WIDE);
    struct arena arena = {0};
    struct run run;
    bool more = false;
    (void)state;
    run_init(&run, &fixture->setup, &fixture->arena);
    hear_nothing(&run);
    assert_int_equal(run_rows_written(&run, &more), 0);
    assert_false(more);
    plan_fixture_commit_writes(&run, &fixture->arena);
    assert_int_equal(run_rows_written(&run, &more), 14);
    assert_true(more);
    struct str text = way_loss_text(&run, &run.options[1], &arena);
    assert_true(str_starts(text, "loses at least 14 rows written since "));
    assert_true(str_ends(
        text, ", all by this run; the switch at its end closes every session of the database"));
    arena_release(&arena);
    run_release(&run);
    plan_fixture_free(fixture);
}

/* Its rows are not lost: it was not there when the dump was taken. */
static void what_the_file_makes_itself_is_not_counted(void **state)
{
    struct arena arena = {0};
    struct sql_script sql;
    struct sql_trouble trouble = {0};
    struct run_statement answers[] = {
        {.outcome = OUTCOME_OK, .tag = STR("CREATE TABLE")},
        {.outcome = OUTCOME_OK, .tag = STR("INSERT 0 7"), .rows = 7},
        {.outcome = OUTCOME_OK, .tag = STR("UPDATE 3"), .rows = 3},
        {.outcome = OUTCOME_FAILED, .tag = STR("DELETE 2"), .rows = 2},
    };
    (void)state;
    assert_true(sql_cut(STR("CREATE TEMP TABLE t AS SELECT 1 AS id;\nINSERT INTO t SELECT 1;\n"
                            "UPDATE a SET x = 1;\nDELETE FROM a;\n"),
                        NULL, &arena, &sql, &trouble));
    sql_describe(&sql, &arena);
    assert_int_equal(sql.count, COUNT_OF(answers));
    struct run_script script = {.sql = &sql, .last = sql.count, .statements = answers};
    assert_int_equal(script_rows_answered(&script), 3);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_run_wrote_is_named),
        cmocka_unit_test(late_counters_do_not_say_that_nothing_was_written),
        cmocka_unit_test(what_the_file_makes_itself_is_not_counted),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
