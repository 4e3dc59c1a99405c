/* SPDX-License-Identifier: PostgreSQL */
/*
 * A run is ended for good by who sits in it: at the screens and at plain prompts, with a
 * reason, a name and the typed word, and not by less.
 */
#include "base.h"
#include "operator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define WHO  "who says so (name)"
#define WORD "type abandon to end the run for good; it cannot be resumed"

static void abandoned_at_the_screens(void **state)
{
    struct operator* me = * state;
    operator_demo_plan(me, "policy", NULL, 80, 24);
    operator_see(me, " NEXT  Has the team been told?", LATER);
    operator_command(me, "abandon");
    FILL(me, "reason", "another week", WHO, "anna", WORD, "abandon");
    assert_int_equal(operator_exit(me), 6);
    assert_non_null(strstr(operator_bytes(me), "abandoned by anna at \"prep\": another week"));
}

static void abandoned_at_plain_prompts(void **state)
{
    struct operator* me = * state;
    const char *arguments[] = {"demo", "--plan", "policy", "--plain", NULL};
    operator_start(me, arguments, 100, 50);
    operator_see(me, "gonogo>", LATER);
    operator_press(me, "abandon\r");
    SEE(me, "nobody can resume it");
    operator_press(me, "another week\r");
    SEE(me, WHO);
    operator_press(me, "anna\r");
    SEE(me, WORD);
    operator_press(me, "yes\r");
    SEE(me, "type the word abandon");
    operator_press(me, "abandon\r");
    operator_see(me, "abandoned by anna at \"prep\": another week", LATER);
    assert_int_equal(operator_exit(me), 6);
    assert_null(strstr(operator_bytes(me), "to be resumed"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, operator_set_up, operator_tear_down)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TEST(abandoned_at_the_screens),
        TEST(abandoned_at_plain_prompts),
    };
    cmocka_set_test_filter(getenv("GONOGO_TEST")); /* one of them, by its name */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
