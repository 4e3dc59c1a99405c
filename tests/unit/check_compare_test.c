/* SPDX-License-Identifier: PostgreSQL */
/*
 * Every comparator and every verdict, from literals: what passes, what fails, and
 * above all what must not pass by accident.
 */
#include "check.h"

#include <setjmp.h>
#include <cmocka.h>

#include "check_private.h"

struct setting {
    struct arena arena;
    struct plan plan;
    struct plan_check check;
    struct check_work work;
    struct check_result result;
};

static struct plan_value value_of(const char *text)
{
    struct plan_value value = {.kind = PLAN_VALUE_TEXT, .text = str_from(text)};
    if (str_to_i64(value.text, &value.number)) {
        value.kind = PLAN_VALUE_NUMBER;
    } else if (str_to_double(value.text, &value.decimal)) {
        value.kind = PLAN_VALUE_DECIMAL;
    } else if (strcmp(text, "before") == 0) {
        value.kind = PLAN_VALUE_BEFORE;
    }
    return value;
}

static struct plan_check sql_check(enum plan_comparator comparator, const char *expected)
{
    return (struct plan_check){
        .id = STR("Q01"),
        .source = PLAN_SOURCE_SQL,
        .sql = STR("select 1"),
        .comparator = comparator,
        .expected = value_of(expected),
        .within_us = PLAN_UNSAID,
    };
}

/* Rows from one text: cells parted by '|', rows by '\n'; "~" is NULL, "" no row at all. */
static void fill_rows(struct rows *rows, struct arena *arena, const char *text)
{
    size_t columns = 1;
    for (const char *at = text; *at != '\0' && *at != '\n'; at++) {
        columns += *at == '|' ? 1 : 0;
    }
    rows_init(rows, arena, columns);
    struct str rest = str_from(text);
    struct str line;
    while (rest.len > 0 && str_cut(&rest, '\n', &line)) {
        struct cell *cells = rows_add(rows);
        for (size_t column = 0; column < columns; column++) {
            struct str cell = {0};
            (void)str_cut(&line, '|', &cell);
            cells[column].text = str_eq(cell, "~") ? (struct str){0} : cell;
            cells[column].is_null = str_eq(cell, "~");
        }
    }
}

static enum verdict judge(struct setting *setting, struct plan_check check, const char *answer,
                          const struct check_before *before)
{
    struct err err = {0};
    struct rows rows;
    setting->check = check;
    assert_true(check_begin(&setting->work, &setting->plan, &setting->check, STR(""),
                            &setting->arena, &err));
    assert_non_null(check_query(&setting->work));
    fill_rows(&rows, &setting->arena, answer);
    check_take(&setting->work, &rows, 1000);
    assert_null(check_query(&setting->work));
    check_judge(&setting->work, before, &setting->result);
    check_release(&setting->work);
    if (setting->result.verdict == VERDICT_PASS) {
        assert_int_equal(setting->result.why.len, 0);
    } else {
        assert_true(setting->result.why.len > 0);
    }
    return setting->result.verdict;
}

static void comparators(void **state)
{
    (void)state;
    static const struct {
        enum plan_comparator comparator;
        const char *expected;
        const char *answer;
        enum verdict verdict;
    } rows[] = {
        {PLAN_EQUALS, "43", "43\n", VERDICT_PASS},
        {PLAN_EQUALS, "43", "43.0\n", VERDICT_PASS},
        {PLAN_EQUALS, "43", "0043\n", VERDICT_PASS},
        {PLAN_EQUALS, "43", "42\n", VERDICT_FAIL},
        {PLAN_EQUALS, "43", "430\n", VERDICT_FAIL},
        {PLAN_EQUALS, "0", "-0.00\n", VERDICT_PASS},
        {PLAN_EQUALS, "0", "~\n", VERDICT_FAIL},
        {PLAN_EQUALS, "0", "", VERDICT_FAIL},
        {PLAN_EQUALS, "0", "0\n0\n", VERDICT_ERROR},
        {PLAN_EQUALS, "0", "0|0\n", VERDICT_ERROR},
        {PLAN_EQUALS, "0", "f\n", VERDICT_FAIL},
        {PLAN_EQUALS, "9007199254740993", "9007199254740992\n", VERDICT_FAIL},
        {PLAN_EQUALS, "0.1", "0.10\n", VERDICT_PASS},
        {PLAN_EQUALS, "0.1", "0.1000000000000000000001\n", VERDICT_FAIL},
        {PLAN_EQUALS, "open", "open\n", VERDICT_PASS},
        {PLAN_EQUALS, "open", "Open\n", VERDICT_FAIL},
        {PLAN_AT_LEAST, "4", "4\n", VERDICT_PASS},
        {PLAN_AT_LEAST, "4", "10\n", VERDICT_PASS},
        {PLAN_AT_LEAST, "4", "3.999\n", VERDICT_FAIL},
        {PLAN_AT_LEAST, "4", "-5\n", VERDICT_FAIL},
        {PLAN_AT_LEAST, "-5", "-4\n", VERDICT_PASS},
        {PLAN_AT_LEAST, "4", "many\n", VERDICT_ERROR},
        {PLAN_AT_LEAST, "4", "NaN\n", VERDICT_ERROR},
        {PLAN_AT_LEAST, "4", "~\n", VERDICT_FAIL},
        {PLAN_AT_LEAST, "0", "", VERDICT_FAIL},
        {PLAN_AT_MOST, "4", "4\n", VERDICT_PASS},
        {PLAN_AT_MOST, "4", "12345678901234567890123\n", VERDICT_FAIL},
        {PLAN_AT_MOST, "4", "-1\n", VERDICT_PASS},
        {PLAN_AT_MOST, "4", "", VERDICT_FAIL},
        {PLAN_AT_MOST, "4", "1\n1\n", VERDICT_ERROR},
        {PLAN_EMPTY, "", "", VERDICT_PASS},
        {PLAN_EMPTY, "", "0\n", VERDICT_FAIL},
        {PLAN_EMPTY, "", "~\n", VERDICT_FAIL},
        {PLAN_EXISTS, "", "x\n", VERDICT_PASS},
        {PLAN_EXISTS, "", "1|2\n3|4\n", VERDICT_PASS},
        {PLAN_EXISTS, "", "", VERDICT_FAIL},
        {PLAN_EXISTS, "", "f\n", VERDICT_ERROR},
        {PLAN_EXISTS, "", "0\n", VERDICT_ERROR},
        {PLAN_EXISTS, "", "~\n", VERDICT_ERROR},
        {PLAN_MATCHES, "^v[0-9]+$", "v15\n", VERDICT_PASS},
        {PLAN_MATCHES, "^v[0-9]+$", "v15x\n", VERDICT_FAIL},
        {PLAN_MATCHES, "([", "v15\n", VERDICT_ERROR},
        {PLAN_MATCHES, "", "~\n", VERDICT_FAIL},
        {PLAN_COMPARE_UNSAID, "", "1\n", VERDICT_ERROR},
        {PLAN_SAME_AS, "before", "1\n", VERDICT_ERROR},
        {PLAN_AT_LEAST, "before", "1\n", VERDICT_ERROR},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct setting setting = {0};
        enum verdict verdict = judge(&setting, sql_check(rows[i].comparator, rows[i].expected),
                                     rows[i].answer, NULL);
        if (verdict != rows[i].verdict) {
            fail_msg("row %zu: \"%s\" against \"%s\" is %s: %.*s", i, rows[i].answer,
                     rows[i].expected, verdict_words[verdict], STR_ARG(setting.result.why));
        }
        arena_release(&setting.arena);
    }
}

static void truth_values_are_equal_in_either_spelling(void **state)
{
    (void)state;
    struct setting setting = {0};
    struct plan_check check = sql_check(PLAN_EQUALS, "true");
    check.expected.kind = PLAN_VALUE_BOOL;
    check.expected.number = 1;
    assert_int_equal(judge(&setting, check, "t\n", NULL), VERDICT_PASS);
    assert_int_equal(judge(&setting, check, "f\n", NULL), VERDICT_FAIL);
    assert_int_equal(judge(&setting, check, "1\n", NULL), VERDICT_FAIL);
    arena_release(&setting.arena);
}

static void before_is_measured_and_compared(void **state)
{
    (void)state;
    struct setting setting = {0};
    struct check_before before = {.taken = true, .has_value = true, .value = STR("1200")};
    struct plan_check check = sql_check(PLAN_AT_LEAST, "before");
    assert_int_equal(judge(&setting, check, "1200\n", &before), VERDICT_PASS);
    assert_int_equal(judge(&setting, check, "1199\n", &before), VERDICT_FAIL);
    check.comparator = PLAN_SAME_AS;
    assert_int_equal(judge(&setting, check, "1200.0\n", &before), VERDICT_PASS);
    assert_int_equal(judge(&setting, check, "1201\n", &before), VERDICT_FAIL);
    before.taken = false;
    assert_int_equal(judge(&setting, check, "1200\n", &before), VERDICT_ERROR);
    arena_release(&setting.arena);
}

static void same_rows_in_another_order_are_the_same(void **state)
{
    (void)state;
    struct setting setting = {0};
    struct plan_check check = sql_check(PLAN_SAME_AS, "before");
    (void)judge(&setting, check, "a|1\nb|2\n", NULL);
    struct check_before before = {.taken = true, .hash = setting.result.hash};
    assert_int_equal(judge(&setting, check, "b|2\na|1\n", &before), VERDICT_PASS);
    assert_int_equal(judge(&setting, check, "b|2\na|2\n", &before), VERDICT_FAIL);
    assert_int_equal(judge(&setting, check, "a|1\n", &before), VERDICT_FAIL);
    assert_int_equal(judge(&setting, check, "a|1\nb|~\n", &before), VERDICT_FAIL);
    arena_release(&setting.arena);
}

static void row_E3_a_right_answer_may_come_too_late(void **state)
{
    (void)state;
    struct setting setting = {0};
    struct plan_check check = sql_check(PLAN_EQUALS, "1");
    check.within_us = 1000;
    assert_int_equal(judge(&setting, check, "1\n", NULL), VERDICT_PASS);
    check.within_us = 999;
    assert_int_equal(judge(&setting, check, "1\n", NULL), VERDICT_FAIL);
    assert_true(setting.result.late);
    check.comparator = PLAN_COMPARE_UNSAID; /* the time alone judges */
    assert_int_equal(judge(&setting, check, "1\n2\n", NULL), VERDICT_FAIL);
    check.within_us = 1000;
    assert_int_equal(judge(&setting, check, "1\n2\n", NULL), VERDICT_PASS);
    arena_release(&setting.arena);
}

static void row_values_are_not_shown_unless_the_plan_says_so(void **state)
{
    (void)state;
    struct setting setting = {0};
    struct plan_check check = sql_check(PLAN_EQUALS, "alice");
    (void)judge(&setting, check, "secret\n", NULL);
    assert_true(str_eq(setting.result.actual, "one value (not shown)"));
    check.show = true;
    (void)judge(&setting, check, "sec\x1b[2Jret\n", NULL);
    assert_true(str_eq(setting.result.actual, "sec\\x1b[2Jret"));
    (void)judge(&setting, sql_check(PLAN_EQUALS, "3"), "2\n", NULL);
    assert_true(str_eq(setting.result.actual, "2"));
    (void)judge(&setting, sql_check(PLAN_EMPTY, ""), "secret|x\n", NULL);
    assert_true(str_eq(setting.result.actual, "1 row"));
    arena_release(&setting.arena);
}

static void no_answer_is_unknown_and_a_refusal_is_an_error(void **state)
{
    (void)state;
    struct setting setting = {.check = sql_check(PLAN_EQUALS, "1")};
    struct err err = {0};
    assert_true(check_begin(&setting.work, &setting.plan, &setting.check, STR(""),
                            &setting.arena, &err));
    check_judge(&setting.work, NULL, &setting.result);
    assert_int_equal(setting.result.verdict, VERDICT_UNKNOWN);
    check_refused(&setting.work, "42P01", STR("relation \"x\" does not exist"), 5);
    assert_null(check_query(&setting.work));
    check_judge(&setting.work, NULL, &setting.result);
    assert_int_equal(setting.result.verdict, VERDICT_ERROR);
    assert_string_equal(setting.result.sqlstate, "42P01");
    check_release(&setting.work);
    assert_true(check_begin(&setting.work, &setting.plan, &setting.check, STR(""),
                            &setting.arena, &err));
    check_lost(&setting.work, STR("the connection broke"));
    check_judge(&setting.work, NULL, &setting.result);
    assert_int_equal(setting.result.verdict, VERDICT_UNKNOWN);
    check_release(&setting.work);
    arena_release(&setting.arena);
}

static void a_check_that_asks_nothing_is_refused(void **state)
{
    (void)state;
    struct setting setting = {.check = sql_check(PLAN_EQUALS, "1")};
    struct err err = {0};
    setting.check.source = PLAN_SOURCE_FILE;
    assert_false(check_begin(&setting.work, &setting.plan, &setting.check, STR(" \n"),
                             &setting.arena, &err));
    setting.check.source = PLAN_SOURCE_BUILTIN;
    setting.check.builtin = PLAN_BUILTIN_CONFLICTS;
    assert_false(check_begin(&setting.work, &setting.plan, &setting.check, STR("select 1"),
                             &setting.arena, &err));
    assert_non_null(strstr(err.message, "conflicts"));
    struct plan_count count = {
        .what = PLAN_WHAT_QUERY, .id = STR("conflicts"), .file = STR("sql/conflicts.sql")};
    setting.plan.state.count.items = &count;
    setting.plan.state.count.count = 1;
    assert_true(str_eq(check_file(&setting.plan, &setting.check), "sql/conflicts.sql"));
    assert_true(check_begin(&setting.work, &setting.plan, &setting.check, STR("select 7"),
                            &setting.arena, &err));
    assert_true(str_eq(check_query(&setting.work)->sql, "select 7"));
    check_release(&setting.work);
    arena_release(&setting.arena);
}

static bool can_share(struct plan_check check)
{
    struct setting setting = {.check = check};
    struct err err = {0};
    assert_true(check_begin(&setting.work, &setting.plan, &setting.check, STR(""),
                            &setting.arena, &err));
    bool can = check_can_share(&setting.work);
    check_release(&setting.work);
    arena_release(&setting.arena);
    return can;
}

static void one_plain_query_may_go_with_others(void **state)
{
    (void)state;
    struct plan_check check = sql_check(PLAN_EQUALS, "1");
    assert_true(can_share(check));
    check.within_us = 5;
    assert_false(can_share(check)); /* its time is judged */
    check.within_us = PLAN_UNSAID;
    check.sql = STR("copy t to stdout");
    assert_false(can_share(check));
    check.source = PLAN_SOURCE_BUILTIN;
    check.builtin = PLAN_BUILTIN_TABLES;
    assert_true(can_share(check));
    check.builtin = PLAN_BUILTIN_ROWS_PER_KEPT_TABLE; /* more than one query */
    assert_false(can_share(check));
    check.builtin = PLAN_BUILTIN_ORPHANS;
    assert_false(can_share(check));
}

/* A builtin without a row in the table would ask an empty text. */
static void every_builtin_has_its_row(void **state)
{
    (void)state;
    for (int builtin = 1; builtin < PLAN_BUILTIN__COUNT; builtin++) {
        const struct check_builtin *row = check_builtin_of((enum plan_builtin)builtin);
        assert_int_equal(row->builtin, builtin);
        assert_non_null(row->fill);
        assert_true(row->shape == SHAPE_OBJECT ? row->sql != NULL : true);
    }
    for (int what = 1; what < PLAN_WHAT__COUNT; what++) {
        enum count_kind kind;
        assert_int_equal(check_count_kind((enum plan_what)what, &kind),
                         what != PLAN_WHAT_QUERY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparators),
        cmocka_unit_test(truth_values_are_equal_in_either_spelling),
        cmocka_unit_test(before_is_measured_and_compared),
        cmocka_unit_test(same_rows_in_another_order_are_the_same),
        cmocka_unit_test(row_E3_a_right_answer_may_come_too_late),
        cmocka_unit_test(row_values_are_not_shown_unless_the_plan_says_so),
        cmocka_unit_test(no_answer_is_unknown_and_a_refusal_is_an_error),
        cmocka_unit_test(a_check_that_asks_nothing_is_refused),
        cmocka_unit_test(one_plain_query_may_go_with_others),
        cmocka_unit_test(every_builtin_has_its_row),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
