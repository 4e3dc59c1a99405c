/* SPDX-License-Identifier: PostgreSQL */
/*
 * The turn-back deadline: the end of the window less the way back, for which the longer of
 * what the plan grants and what was measured counts. Before a way is chosen the fastest one
 * counts that brings back everything and is not known to be impossible.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine.h"
#include "plan_fixture.h"

#define CLOSES_US (INT64_C(1706688000000000) + 4 * US_PER_HOUR)

enum {
    HAND, /* 10 minutes by the plan */
    DUMP, /* 10 minutes by the plan, and it can be measured */
};

struct window {
    struct plan_fixture *fixture;
    struct run run;
};

static int open_window(void **state)
{
    struct window *window = mem_zero(1, sizeof(*window));
    window->fixture = plan_fixture_make(PLAN_FIXTURE_WIDE);
    run_init(&window->run, &window->fixture->setup, &window->fixture->arena);
    window->run.closes_us = CLOSES_US;
    for (size_t i = 0; i < window->run.option_count; i++) {
        struct run_option *option = &window->run.options[i];
        option->estimate_us = option->option->takes_us; /* nothing is measured yet */
    }
    *state = window;
    return 0;
}

static int close_window(void **state)
{
    struct window *window = *state;
    run_release(&window->run);
    plan_fixture_free(window->fixture);
    free(window);
    return 0;
}

static void measure(struct run *run, int64_t us)
{
    run->options[DUMP].measured = true;
    run->options[DUMP].estimate_us = us;
}

static void what_the_plan_grants_is_kept(void **state)
{
    struct run *run = &((struct window *)*state)->run;
    assert_int_equal(run_turn_back_us(run), CLOSES_US - 10 * US_PER_MINUTE);
    run->option = DUMP;
    measure(run, 5 * US_PER_SECOND);
    assert_int_equal(run_turn_back_us(run), CLOSES_US - 10 * US_PER_MINUTE);
}

static void a_longer_measurement_moves_it_ahead(void **state)
{
    struct run *run = &((struct window *)*state)->run;
    run->option = DUMP;
    measure(run, 25 * US_PER_MINUTE);
    assert_int_equal(run_turn_back_us(run), CLOSES_US - 25 * US_PER_MINUTE);
    run->option = HAND; /* another way was chosen: its own time counts */
    assert_int_equal(run_turn_back_us(run), CLOSES_US - 10 * US_PER_MINUTE);
}

static void the_fastest_possible_way_counts_until_one_is_chosen(void **state)
{
    struct run *run = &((struct window *)*state)->run;
    measure(run, 25 * US_PER_MINUTE);
    assert_ptr_equal(run_turn_back_option(run), &run->options[HAND]);
    assert_int_equal(run_option_us(&run->options[DUMP]), 25 * US_PER_MINUTE);
    run->options[HAND].why_not = STR("nobody has the key");
    /* agreed, 20 minutes: the dump takes longer, the others have no time */
    assert_int_equal(run_turn_back_us(run), CLOSES_US - 20 * US_PER_MINUTE);
}

static void without_a_window_or_a_time_there_is_none(void **state)
{
    struct run *run = &((struct window *)*state)->run;
    run->closes_us = 0;
    assert_int_equal(run_turn_back_us(run), 0);
    run->closes_us = CLOSES_US;
    for (size_t i = 0; i < run->option_count; i++) {
        run->options[i].why_not = STR("not now");
    }
    assert_null(run_turn_back_option(run));
    assert_int_equal(run_turn_back_us(run), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_the_plan_grants_is_kept, open_window,
                                        close_window),
        cmocka_unit_test_setup_teardown(a_longer_measurement_moves_it_ahead, open_window,
                                        close_window),
        cmocka_unit_test_setup_teardown(the_fastest_possible_way_counts_until_one_is_chosen,
                                        open_window, close_window),
        cmocka_unit_test_setup_teardown(without_a_window_or_a_time_there_is_none, open_window,
                                        close_window),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
