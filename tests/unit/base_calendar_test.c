/* SPDX-License-Identifier: PostgreSQL */
/*
 * The calendar and numbers for people. The slots of a window, the age of evidence
 * and every line of the report depend on these; libc is the witness where it can be.
 */
#include "base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void known_days_have_their_weekday(void **state)
{
    (void)state;
    assert_int_equal(date_weekday(2024, 1, 29), 0);
    assert_int_equal(date_weekday(1970, 1, 1), 3);
    assert_int_equal(date_weekday(2000, 2, 29), 1);
    assert_int_equal(date_weekday(1900, 3, 1), 3);
    assert_int_equal(date_weekday(1, 1, 1), 0);
    assert_int_equal(date_weekday(9999, 12, 31), 4);
    assert_string_equal(weekday_names[0], "Monday");
    assert_string_equal(weekday_names[6], "Sunday");
}

static void leap_years_decide_which_dates_exist(void **state)
{
    (void)state;
    assert_true(date_is_valid(2024, 2, 29));
    assert_true(date_is_valid(2000, 2, 29));
    assert_false(date_is_valid(2023, 2, 29));
    assert_false(date_is_valid(1900, 2, 29));
    assert_false(date_is_valid(2024, 2, 30));
    assert_false(date_is_valid(2024, 4, 31));
    assert_false(date_is_valid(2024, 0, 1));
    assert_false(date_is_valid(2024, 13, 1));
    assert_false(date_is_valid(2024, 1, 0));
    assert_false(date_is_valid(0, 1, 1));
    assert_false(date_is_valid(10000, 1, 1));
    assert_true(date_is_valid(9999, 12, 31));
}

/* Every day of the calendar follows the one before it: no gap, no repetition. */
static void every_day_from_year_1_to_9999_comes_back(void **state)
{
    (void)state;
    struct calendar day = {.year = 1, .month = 1, .day = 1};
    int64_t time = calendar_to_us(&day);
    int weekday = 0;

    for (int year = 1; year <= 9999; year++) {
        for (int month = 1; month <= 12; month++) {
            for (int number = 1; date_is_valid(year, month, number); number++) {
                struct calendar back = calendar_from_us(time + US_PER_DAY - 1);
                if (back.year != year || back.month != month || back.day != number ||
                    back.weekday != weekday || back.hour != 23 || back.second != 59 ||
                    calendar_to_us(&back) != time + US_PER_DAY - US_PER_SECOND) {
                    fail_msg("%d-%d-%d reads as %d-%d-%d", year, month, number, back.year,
                             back.month, back.day);
                }
                time += US_PER_DAY;
                weekday = (weekday + 1) % 7;
            }
        }
    }
}

static void libc_agrees_about_the_epoch(void **state)
{
    (void)state;
    for (int64_t second = -62135596800; second < 253402300800; second += 86399 * 1009) {
        time_t moment = (time_t)second;
        struct tm tm;
        assert_non_null(gmtime_r(&moment, &tm));
        struct calendar ours = calendar_from_us(second * US_PER_SECOND);
        assert_int_equal(ours.year, tm.tm_year + 1900);
        assert_int_equal(ours.month, tm.tm_mon + 1);
        assert_int_equal(ours.day, tm.tm_mday);
        assert_int_equal(ours.hour, tm.tm_hour);
        assert_int_equal(ours.minute, tm.tm_min);
        assert_int_equal(ours.second, tm.tm_sec);
        assert_int_equal(ours.weekday, (tm.tm_wday + 6) % 7);
    }
}

static void time_is_read_in_all_its_forms(void **state)
{
    (void)state;
    /* text: as written; same: the same moment in our own form. */
    static const struct {
        const char *text;
        const char *same;
    } table[] = {
        {"2024-01-31T08:00:00.123456Z", "2024-01-31T08:00:00.123456Z"},
        {"2024-01-31 08:00:00+00", "2024-01-31T08:00:00.000000Z"},
        {"2024-01-31T08:00Z", "2024-01-31T08:00:00.000000Z"},
        {"2024-01-31 08:00:00.5+00", "2024-01-31T08:00:00.500000Z"},
        {"2024-01-31T08:00:00+02:00", "2024-01-31T06:00:00.000000Z"},
        {"2024-01-31T08:00:00-0330", "2024-01-31T11:30:00.000000Z"},
        {"2024-03-01 00:30:00+05:45", "2024-02-29T18:45:00.000000Z"},
        {"1890-01-01 00:00:00+00:53:28", "1889-12-31T23:06:32.000000Z"},
        {"2024-01-31T08:00:00.123456789Z", "2024-01-31T08:00:00.123456Z"},
        {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
        {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"},
        {"9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct strbuf out = {0};
        int64_t time = 0;
        print_message("# %s\n", table[i].text);
        assert_true(time_from_text(str_from(table[i].text), &time));
        time_to_text(&out, time);
        assert_string_equal(out.ptr, table[i].same);
        strbuf_release(&out);
    }
}

static void time_that_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "now",
        "2024-01-31",
        "2024-01-31T08:00:00",
        "2024-01-31T08:00:00 Z",
        "2024-02-30T08:00:00Z",
        "2023-02-29T08:00:00Z",
        "2024-1-31T08:00:00Z",
        "2024-01-31T24:00:00Z",
        "2024-01-31T08:60:00Z",
        "2024-01-31T08:00:60Z",
        "2024-01-31T08:00:00.Z",
        "2024-01-31T08:00:00.1234567890Z",
        "2024-01-31T08:00:00+",
        "2024-01-31T08:00:00+2",
        "2024-01-31T08:00:00+02:",
        "2024-01-31T08:00:00+02:60",
        "2024-01-31T08:00:00+16",
        "2024-01-31T08:00:00Zx",
        "2024-01-31T08:00:00+00 ",
        "+024-01-31T08:00:00Z",
        "2024-01-31T+8:00:00Z",
        "2024-01-31t08:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01",
        "9999-12-31T23:00:00-02",
        "10000-01-01T00:00:00Z",
        "2024/01/31T08:00:00Z",
        "infinity",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        int64_t time = 77;
        if (time_from_text(str_from(bad[i]), &time)) {
            fail_msg("\"%s\" was taken for a time", bad[i]);
        }
        assert_int_equal(time, 77);
    }
}

static void one_is_not_many(void **state)
{
    (void)state;
    assert_string_equal(plural(0), "s");
    assert_string_equal(plural(1), "");
    assert_string_equal(plural(2), "s");
}

static void durations_read_well(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *text;
    } table[] = {
        {0, "0 ms"},           {400, "0.4 ms"},         {49, "0.0 ms"},
        {50, "0.1 ms"},        {9940, "9.9 ms"},        {9960, "10 ms"},
        {234000, "234 ms"},    {999400, "999 ms"},      {999500, "1.0 s"},
        {3500000, "3.5 s"},    {59940000, "59.9 s"},    {59960000, "1m00s"},
        {60000000, "1m00s"},   {221000000, "3m41s"},    {3599400000, "59m59s"},
        {3599600000, "1h00m"}, {7500000000, "2h05m"},   {172740000000, "47h59m"},
        {172800000000, "2d"},  {194400000000, "2d06h"}, {604800000000, "7d"},
        {-3500000, "-3.5 s"},  {-400, "-0.4 ms"},       {INT64_MIN, "-106751991d04h"},
    };
    struct arena arena = {0};

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        assert_string_equal(duration_text(&arena, table[i].us).ptr, table[i].text);
    }
    arena_release(&arena);
}

static void sizes_read_as_in_psql_with_more_digits(void **state)
{
    (void)state;
    static const struct {
        int64_t bytes;
        const char *text;
    } table[] = {
        {0, "0 B"},
        {512, "512 B"},
        {1023, "1023 B"},
        {1024, "1 kB"},
        {4915, "4.8 kB"},
        {102348, "99.9 kB"},
        {102400, "100 kB"},
        {1048063, "1023 kB"},
        {1048064, "1 MB"},
        {67108864, "64 MB"},
        {1975684956, "1.84 GB"},
        {1932735283, "1.8 GB"},
        {-4915, "-4.8 kB"},
        {INT64_C(1) << 40, "1 TB"},
        {INT64_MAX, "8 EB"},
        {INT64_MIN, "-8 EB"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct strbuf out = {0};
        size_to_text(&out, table[i].bytes);
        assert_string_equal(out.ptr, table[i].text);
        strbuf_release(&out);
    }
}

static void numbers_are_grouped(void **state)
{
    (void)state;
    static const struct {
        int64_t number;
        const char *text;
    } table[] = {
        {0, "0"},
        {7, "7"},
        {999, "999"},
        {1000, "1,000"},
        {1234567, "1,234,567"},
        {-999, "-999"},
        {-1000, "-1,000"},
        {INT64_MIN, "-9,223,372,036,854,775,808"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct strbuf out = {0};
        number_to_text(&out, table[i].number);
        assert_string_equal(out.ptr, table[i].text);
        strbuf_release(&out);
    }
}

static void the_clock_shows_the_time_of_day(void **state)
{
    (void)state;
    struct strbuf out = {0};

    time_to_clock(&out, 8 * US_PER_HOUR + 5 * US_PER_MINUTE + 9 * US_PER_SECOND + 999999);
    time_to_clock(&out, -1);
    assert_string_equal(out.ptr, "08:05:0923:59:59");
    strbuf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_days_have_their_weekday),
        cmocka_unit_test(leap_years_decide_which_dates_exist),
        cmocka_unit_test(every_day_from_year_1_to_9999_comes_back),
        cmocka_unit_test(libc_agrees_about_the_epoch),
        cmocka_unit_test(time_is_read_in_all_its_forms),
        cmocka_unit_test(time_that_is_none_is_refused),
        cmocka_unit_test(durations_read_well),
        cmocka_unit_test(one_is_not_many),
        cmocka_unit_test(sizes_read_as_in_psql_with_more_digits),
        cmocka_unit_test(numbers_are_grouped),
        cmocka_unit_test(the_clock_shows_the_time_of_day),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
