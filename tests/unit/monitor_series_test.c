/* SPDX-License-Identifier: PostgreSQL */
/*
 * Rings, limits and sparklines, from literals.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "monitor.h"

#define SECOND US_PER_SECOND

static struct monitor_sample ok(int64_t at_seconds, double value)
{
    return (struct monitor_sample){.at_us = at_seconds * SECOND, .value = value};
}

static struct monitor_sample bad(int64_t at_seconds, enum monitor_outcome outcome)
{
    return (struct monitor_sample){.at_us = at_seconds * SECOND, .outcome = outcome};
}

static struct monitor_series *series_new(void)
{
    return mem_zero(1, sizeof(struct monitor_series));
}

static void ring_drops_the_oldest(void **state)
{
    (void)state;
    struct monitor_series *series = series_new();
    assert_int_equal(monitor_series_last(series).outcome, MONITOR_UNKNOWN);
    for (int i = 0; i < MONITOR_SERIES_MAX + 3; i++) {
        monitor_series_add(series, ok(i, i));
    }
    assert_int_equal(series->count, MONITOR_SERIES_MAX);
    assert_true(monitor_series_at(series, 0).at_us == 3 * SECOND);
    assert_true(monitor_series_last(series).at_us == (MONITOR_SERIES_MAX + 2) * SECOND);
    assert_int_equal(monitor_series_at(series, MONITOR_SERIES_MAX).outcome, MONITOR_UNKNOWN);
    free(series);
}

static void limits_are_read_in_the_units_of_samples(void **state)
{
    (void)state;
    struct plan_probe probe = {0};
    struct monitor_limit limit = {0};
    probe.at_most.kind = PLAN_VALUE_DURATION;
    probe.at_most.number = 60 * SECOND;
    assert_true(monitor_limit_of(&probe, &limit));
    assert_true(limit.has_at_most && limit.at_most == 60);
    assert_false(limit.has_at_least || limit.has_equals);
    probe = (struct plan_probe){0};
    probe.equals = (struct plan_value){.kind = PLAN_VALUE_NUMBER, .number = 200};
    probe.at_least = (struct plan_value){.kind = PLAN_VALUE_DECIMAL, .decimal = 0.97};
    assert_true(monitor_limit_of(&probe, &limit));
    assert_true(limit.equals == 200 && limit.at_least == 0.97);
    probe.matches = (struct plan_value){.kind = PLAN_VALUE_TEXT, .text = STR("ready")};
    assert_false(monitor_limit_of(&probe, &limit));
    assert_true(limit.has_equals && limit.equals == 1 && !limit.has_at_least);
}

static void judge_knows_four_verdicts(void **state)
{
    (void)state;
    struct monitor_limit most = {.has_at_most = true, .at_most = 5};
    struct monitor_limit least = {.has_at_least = true, .at_least = 5};
    struct monitor_limit equals = {.has_equals = true, .equals = 200};
    assert_int_equal(monitor_judge(&most, ok(0, 5)), MONITOR_GOOD);
    assert_int_equal(monitor_judge(&most, ok(0, 5.1)), MONITOR_BEYOND);
    assert_int_equal(monitor_judge(&least, ok(0, 5)), MONITOR_GOOD);
    assert_int_equal(monitor_judge(&least, ok(0, 4.9)), MONITOR_BEYOND);
    assert_int_equal(monitor_judge(&equals, ok(0, 200)), MONITOR_GOOD);
    assert_int_equal(monitor_judge(&equals, ok(0, 503)), MONITOR_BEYOND);
    assert_int_equal(monitor_judge(&equals, bad(0, MONITOR_FAILED)), MONITOR_NO_ANSWER);
    assert_int_equal(monitor_judge(&most, bad(0, MONITOR_UNKNOWN)), MONITOR_BLIND);
}

static void spark_is(const struct monitor_series *series, struct monitor_spark spark,
                     const char *expected)
{
    struct strbuf text = {0};
    monitor_sparkline(&text, series, &spark);
    assert_string_equal(text.ptr, expected);
    strbuf_release(&text);
}

static void sparkline_draws_gaps_as_gaps(void **state)
{
    (void)state;
    struct monitor_series *series = series_new();
    struct monitor_limit limit = {.has_at_most = true, .at_most = 6};
    struct monitor_spark spark = {.columns = 10, .until_us = 100 * SECOND};
    spark.every_us = 10 * SECOND;
    monitor_series_add(series, ok(20, 0));
    monitor_series_add(series, ok(30, 4));
    monitor_series_add(series, ok(40, 7));
    monitor_series_add(series, bad(50, MONITOR_FAILED));
    monitor_series_add(series, bad(60, MONITOR_UNKNOWN));
    monitor_series_add(series, ok(70, 7)); /* then the watch stops */
    spark_is(series, spark, "  ▁▅█x?█??");
    spark.ascii = true;
    spark_is(series, spark, "  _=#x?#??");
    spark.marks = &limit;
    spark_is(series, spark, "  ..xx?x??");
    spark.ascii = false;
    spark_is(series, spark, "  ••xx?x??");
    free(series);
}

static void sparkline_shows_the_worst_of_a_stretch(void **state)
{
    (void)state;
    struct monitor_series *series = series_new();
    struct monitor_spark spark = {.columns = 2, .until_us = 80 * SECOND, .ascii = true};
    spark.every_us = 10 * SECOND;
    for (int i = 0; i < 80; i += 10) {
        monitor_series_add(series, ok(i, i == 20 ? 100 : i == 50 ? 0 : 50));
    }
    spark_is(series, spark, "#=");
    spark.low_is_worst = true;
    spark_is(series, spark, "#_");
    /* columns narrower than the interval repeat what still holds; they are no gaps */
    spark.columns = 16;
    spark.low_is_worst = false;
    spark_is(series, spark, "====##====__====");
    free(series);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ring_drops_the_oldest),
        cmocka_unit_test(limits_are_read_in_the_units_of_samples),
        cmocka_unit_test(judge_knows_four_verdicts),
        cmocka_unit_test(sparkline_draws_gaps_as_gaps),
        cmocka_unit_test(sparkline_shows_the_worst_of_a_stretch),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
