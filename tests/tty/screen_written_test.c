/* SPDX-License-Identifier: PostgreSQL */
/*
 * A table that the plan drops, and that somebody still writes to: the review and the overview
 * show it while people decide, and a run that was left for it still knows it.
 */
#include "base.h"
#include "operator.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char preparation[] = "create table notifications (id int); "
                                  "create table quests (id int); "
                                  "insert into notifications select generate_series(1, 100)";
static const char migration[] = "drop table quests;\n"
                                "drop table notifications;\n";

/* A session that ends reports what it wrote. */
static void somebody_writes(const struct operator* me)
{
    operator_session_end(operator_session(me, "delete from notifications where id <= 12"));
}

static void who_still_writes_is_seen(struct operator* me, int columns, int rows)
{
    operator_run(me, preparation, migration, columns, rows);
    operator_press_for(me, "v", "PLAN REVIEW");
    SEE(me, "writes, "); /* looked at twice: known, and quiet */
    SEE(me, "0  -");
    SEE_GONE(me, "still written");
    somebody_writes(me);
    SEE(me, "▲ 1 still written");
    SEE(me, "▲ 12  -");
    operator_press_for(me, "0", "\"notifications\" is still written");
}

static void a_written_table_is_seen_on_a_small_screen(void **state)
{
    who_still_writes_is_seen(*state, 80, 24);
}

static void a_written_table_is_seen_on_a_large_screen(void **state)
{
    struct operator* me = * state;
    who_still_writes_is_seen(me, 120, 40);
    SEE(me, "is still written: 12 rows in ");
}

/* Whoever takes the run up again sees what was seen before. */
static void a_run_that_is_taken_up_again_knows_it(void **state)
{
    struct operator* me = * state;
    who_still_writes_is_seen(me, 80, 24);
    operator_press(me, "q");
    SEE(me, "A run is open");
    operator_press_for(me, "j", "►  leave");
    operator_press(me, "\r");
    FILL(me, "type leave to stop at the next safe point; it can be resumed", "leave");
    assert_int_equal(operator_exit(me), 6);
    operator_start(me, (const char *const[]){"resume", NULL}, 80, 24);
    operator_see(me, " NEXT  Ready?", LATER);
    operator_press_for(me, "v", "PLAN REVIEW");
    SEE(me, "▲ 12  -");
    operator_press_for(me, "0", "\"notifications\" is still written");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_written_table_is_seen_on_a_small_screen,
                                        operator_set_up, operator_tear_down),
        cmocka_unit_test_setup_teardown(a_written_table_is_seen_on_a_large_screen,
                                        operator_set_up, operator_tear_down),
        cmocka_unit_test_setup_teardown(a_run_that_is_taken_up_again_knows_it, operator_set_up,
                                        operator_tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
