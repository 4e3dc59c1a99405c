/* SPDX-License-Identifier: PostgreSQL */
/*
 * The window of plans/adaptive-mastery at its screens, by keys alone on a small terminal: the
 * claims that the SQL does not keep are seen before anybody votes, what people see agrees with
 * the catalog, and the way back leads to where it began.
 */
#include "base.h"
#include "operator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static const char new_columns_sql[] =
    "select count(*) from pg_attribute where attrelid = 'public.plan_progress'::regclass "
    "and attnum > 0 and not attisdropped";
static const char tables_sql[] = "select count(*) from pg_class where relkind = 'r' and "
                                 "relnamespace = 'public'::regnamespace";

static void answer(struct operator* me, const char *question, const char *prompt,
                   const char *word, const char *who)
{
    operator_ask(me, question);
    FILL(me, prompt, word, "who says so (name)", who);
    SEE_GONE(me, "who says so (name)");
}

static void to_the_last_step(struct operator* me)
{
    operator_demo_plan(me, "adaptive-mastery", NULL, 80, 24);
    operator_command(me, "goto review");
    SEE(me, "T11");
    operator_press(me, "0");
    answer(me, "Does the running release", "what is true now", "it reads named fields", "ben");
    SEE(me, " NEXT  The checklist of PREP is closed");
    operator_go_on(me, "The checklist of PREP is closed");
    operator_see(me, "The required backups are proven", LATER);
    operator_go_on(me, "The required backups are proven");
    answer(me, "Database Admin: GO", "GO, NO-GO or HOLD", "GO", "anna");
    answer(me, "Backend Lead: GO", "GO, NO-GO or HOLD", "GO", "ben");
    SEE(me, " NEXT  All say GO");
    operator_go_on(me, "All say GO");
    SEE(me, " NEXT  The point of no return");
    assert_int_equal(operator_number(me, new_columns_sql), 6);
    operator_ask(me, "point of no return");
    FILL(me, "name of the database", "app");
    SEE(me, " NEXT  Go on to 008?");
    assert_int_equal(operator_number(me, tables_sql), 8);
    operator_go_on(me, "Go on to 008?");
    SEE(me, " NEXT  All steps are done");
    assert_int_equal(operator_number(me, new_columns_sql), 10);
}

static void the_walk(void **state)
{
    struct operator* me = * state;
    to_the_last_step(me);
    operator_go_on(me, "All steps are done");
    SEE(me, " NEXT  Verified");
    operator_go_on(me, "Verified");
    operator_see(me, "The release is content", LATER);
    operator_ask(me, "The release is content");
    FILL(me, "yes or no", "yes", "what is true now", "two people trained", "who says so (name)",
         "ben");
    SEE_GONE(me, "who says so (name)");
    answer(me, "Database Admin: sign off", "type sign to sign off", "sign", "anna");
    answer(me, "Backend Lead: sign off", "type sign to sign off", "sign", "ben");
    SEE(me, " NEXT  Write the report");
    operator_go_on(me, "Write the report and close");
    SEE(me, "COMPLETED");
    SEE(me, "tables 7→8");
    operator_press(me, "q");
    assert_int_equal(operator_exit(me), 0);
    assert_int_equal(access(operator_path(me, "report/report.md"), R_OK), 0);
}

static void the_way_back(void **state)
{
    struct operator* me = * state;
    to_the_last_step(me);
    operator_command(me, "rollback");
    FILL(me, "reason", "seen enough");
    SEE_GONE(me, "reason:");
    operator_ask(me, "Undo 008 and 007");
    FILL(me, "type the option's id to choose it", "undo");
    SEE_GONE(me, "type the option's id");
    operator_ask(me, "Undo 008 and 007: type the name");
    FILL(me, "name of the database", "app");
    SEE_GONE(me, "name of the database");
    answer(me, "Database Admin: type ROLLBACK", "type ROLLBACK to confirm the way back",
           "ROLLBACK", "anna");
    SEE(me, "ROLLED BACK: EQUAL TO BEFORE");
    assert_int_equal(operator_number(me, new_columns_sql), 6);
    assert_int_equal(operator_number(me, tables_sql), 7);
    answer(me, "Database Admin: sign off", "type sign to sign off", "sign", "anna");
    answer(me, "Backend Lead: sign off", "type sign to sign off", "sign", "ben");
    SEE(me, " NEXT  Write the report");
    operator_go_on(me, "Write the report and close");
    SEE(me, "ROLLED BACK, EQUAL TO BEFORE");
    operator_press(me, "q");
    assert_int_equal(operator_exit(me), 8);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, operator_set_up, operator_tear_down)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TEST(the_walk),
        TEST(the_way_back),
    };
    cmocka_set_test_filter(getenv("GONOGO_TEST")); /* one of them, by its name */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
