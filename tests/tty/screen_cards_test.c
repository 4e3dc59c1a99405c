/* SPDX-License-Identifier: PostgreSQL */
/*
 * The emergency cards of plans/policy, with the ways back: behind Tab on a small terminal,
 * beside them on a large one, at plain prompts by a word. Reading a card decides nothing.
 */
#include "base.h"
#include "operator.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void open_a_card(struct operator* me)
{
    operator_press(me, "j");
    operator_press(me, "\r");
    SEE(me, "pg_amcheck");
    SEE(me, "Stop the application");
    SEE(me, "anna");
    operator_press(me, "\033");
    SEE_GONE(me, "pg_amcheck");
}

static void leave(struct operator* me)
{
    operator_press(me, "q");
    FILL(me, "which? a word, or the arrows", "leave");
    assert_int_equal(operator_exit(me), 6);
}

static void a_card_on_a_small_terminal(void **state)
{
    struct operator* me = * state;
    operator_demo_plan(me, "policy", NULL, 80, 24);
    operator_press(me, "b");
    SEE(me, "3 emergency cards behind Tab");
    operator_press_for(me, "\t", "EMERGENCY");
    open_a_card(me);
    leave(me);
}

static void a_card_on_a_large_terminal(void **state)
{
    struct operator* me = * state;
    operator_demo_plan(me, "policy", NULL, 120, 40);
    operator_press(me, "b");
    SEE(me, "EMERGENCY");
    SEE(me, "Everything is slow");
    assert_false(operator_sees(me, "behind Tab"));
    leave(me);
}

static void cards_at_plain_prompts(void **state)
{
    struct operator* me = * state;
    const char *arguments[] = {"demo", "--plan", "policy", "--plain", NULL};
    operator_start(me, arguments, 80, 50);
    operator_see(me, "gonogo>", LATER);
    operator_press(me, "emergency\r");
    SEE(me, "Stop the application");
    SEE(me, "call  ben");
    operator_press(me, "quit\r");
    SEE(me, "type leave");
    operator_press(me, "leave\r");
    assert_int_equal(operator_exit(me), 6);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, operator_set_up, operator_tear_down)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TEST(a_card_on_a_small_terminal),
        TEST(a_card_on_a_large_terminal),
        TEST(cards_at_plain_prompts),
    };
    cmocka_set_test_filter(getenv("GONOGO_TEST")); /* one of them, by its name */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
