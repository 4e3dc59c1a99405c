/* SPDX-License-Identifier: PostgreSQL */
/*
 * Work that crashes is done again without what it crashed on; when nothing helps it is done
 * without any analysis.
 */
#include "app_guard.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>

#include <cmocka.h>

static bool is_skipped(const struct sql_watch *watch)
{
    for (size_t i = 0; i < watch->skip_count; i++) {
        if (watch->skips[i] == watch->statements) {
            return true;
        }
    }
    return false;
}

/* Ten statements, of which `context` points to those that kill the parser. */
static int deadly(void *context, struct sql_watch *watch)
{
    const bool *kills = context;
    int judged = 0;
    for (int i = 1; watch && i <= 10; i++) {
        watch->statements++;
        if (!is_skipped(watch)) {
            if (kills[i]) {
                raise(SIGKILL);
            }
            judged++;
        }
    }
    return watch ? judged : 99;
}

static void test_what_kills_is_left_out(void **state)
{
    (void)state;
    bool none[11] = {false};
    bool two[11] = {[3] = true, [7] = true};
    bool all[11] = {false};
    for (size_t i = 1; i < COUNT_OF(all); i++) {
        all[i] = true;
    }
    assert_int_equal(app_guarded(deadly, none), 10);
    assert_int_equal(app_guarded(deadly, two), 8);
    assert_int_equal(app_guarded(deadly, all), 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_kills_is_left_out)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
