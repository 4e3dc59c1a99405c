/* SPDX-License-Identifier: PostgreSQL */
/*
 * Waivers: whose findings they take away, and what is said of those that do not. The words of
 * the comment are tested by the cases of T12.
 */
#include "lint_room.h"

static const struct lint_finding *find(const struct room *room, const char *id, size_t skip)
{
    for (size_t i = 0; i < room->result->finding_count; i++) {
        if (strcmp(room->result->findings[i].rule->id, id) == 0 && skip-- == 0) {
            return &room->result->findings[i];
        }
    }
    return NULL;
}

static void test_a_waiver_names_who_and_why(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    room_study(&room, "SELECT 1;\n\n"
                      "-- a word about it\n"
                      "  -- gonogo: waive L1 until 2026-12-31 by Anna Bauer: rehearsed: 40 ms\n"
                      "CREATE INDEX ON orders (customer_id);\n"
                      "CREATE INDEX ON orders (placed_at);\n");
    const struct lint_file_result *file = room_end(&room);
    const struct lint_finding *first = find(&room, "L1", 0);
    const struct lint_finding *second = find(&room, "L1", 1);
    assert_true(first->waived);
    assert_words(first->waived_by, "Anna Bauer");
    assert_words(first->waived_why, "rehearsed: 40 ms");
    assert_false(second->waived);
    assert_null(find(&room, "T12", 0)); /* today is not known: it has not expired */
    size_t others = 0;
    for (size_t i = 0; i < room.result->finding_count; i++) {
        others += room.result->findings[i].at.statement == 1;
    }
    assert_int_equal(file->verdicts[1]->finding_count, others - 1);
    room_close(&room);
}

/* Waived findings count nowhere, and raise no risk. */
static void test_what_is_waived_does_not_count(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    room_study(&room, "-- gonogo: waive-file L1 by anna: the table is empty\n"
                      "-- gonogo: waive-file L10 by anna: nobody waits\n"
                      "CREATE INDEX ON orders (customer_id);\n");
    const struct lint_file_result *file = room_end(&room);
    size_t high = 0;
    for (size_t i = 0; i < room.result->finding_count; i++) {
        const struct lint_finding *finding = &room.result->findings[i];
        high += finding->severity == LINT_HIGH && !finding->waived;
    }
    assert_int_equal(room.result->by_severity[LINT_HIGH], high);
    assert_true(find(&room, "L1", 0)->waived);
    struct str why = file->risks[LINT_RISK_PERFORMANCE].why;
    assert_false(str_ends(why, "(L1)"));
    room_close(&room);
}

/* K10 is told when the plan has ended, since an index may still come. */
static void test_what_is_told_last_can_be_waived(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    room_study(&room,
               "-- gonogo: waive K10 by anna: nobody deletes orders\n"
               "CREATE TABLE lines (id bigint PRIMARY KEY, o bigint REFERENCES orders);\n");
    room_end(&room);
    assert_true(find(&room, "K10", 0)->waived);
    assert_null(find(&room, "T12", 0));
    room_close(&room);
}

static void test_place_of_a_bad_waiver(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    room_study(&room, "COPY orders FROM stdin;\n"
                      "1\t-- gonogo: waive L1\n"
                      "\\.\n"
                      "\n"
                      "/* -- gonogo: waive L1 */ SELECT '\n-- gonogo: waive L1\n';\n"
                      "SELECT 2; \xc3\xa4 -- gonogo: waive L2\n;\n"
                      "-- gonogo: waive L3");
    (void)room_end(&room);
    const struct lint_finding *last = find(&room, "T12", 0);
    assert_non_null(last); /* data, comments and literals of statements are no waivers */
    assert_int_equal(last->at.place.line, 10);
    assert_int_equal(last->at.place.column, 1);
    assert_words(last->object, "L3");
    assert_null(find(&room, "T12", 1));
    room_close(&room);
}

/* ---------------------------------------------------------------- the plan's waivers */

static void study_two_files(struct room *room)
{
    room_study(room, "CREATE INDEX ON orders (customer_id);\n");
    lint_end_file(room->lint);
    room->file.name = STR("002.sql");
    room_study(room, "CREATE INDEX ON orders (placed_at);\n");
    (void)room_end(room);
}

static void waive(struct room *room, const char *rule, const char *file, const char *by,
                  const char *reason, int64_t until_us)
{
    if (!room->lint) {
        room->lint = lint_new(&room->arena, &room->context);
    }
    lint_waive(room->lint, &(struct lint_waiver){.rule = str_from(rule),
                                                 .file = str_from(file),
                                                 .by = str_from(by),
                                                 .reason = str_from(reason),
                                                 .until_us = until_us});
}

static void test_waiver_of_the_plan(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    waive(&room, "l1", "002.sql", "anna", "the table is empty", 0);
    study_two_files(&room);
    assert_false(find(&room, "L1", 0)->waived);
    assert_true(find(&room, "L1", 1)->waived);
    assert_words(find(&room, "L1", 1)->waived_by, "anna");
    assert_null(find(&room, "T12", 0));
    room_close(&room);
}

static void test_waiver_of_one_statement(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    room.lint = lint_new(&room.arena, &room.context);
    lint_waive(room.lint, &(struct lint_waiver){.rule = STR("L1"),
                                                .file = STR("001.sql"),
                                                .statement = 2,
                                                .by = STR("anna"),
                                                .reason = STR("the table is empty")});
    room_study(&room, "CREATE INDEX ON orders (customer_id);\n"
                      "CREATE INDEX ON orders (placed_at);\n");
    (void)room_end(&room);
    assert_false(find(&room, "L1", 0)->waived);
    assert_true(find(&room, "L1", 1)->waived);
    assert_true(find(&room, "L1", 1)->waived_by_plan);
    assert_null(find(&room, "T12", 0));
    room_close(&room);
}

/* A plan whose files could not be read has waivers all the same. */
static void test_waiver_of_no_file(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    waive(&room, "L1", "", "anna", "the table is empty", 0);
    assert_int_equal(lint_finish(room.lint)->finding_count, 0);
    room_close(&room);
}

static void test_waiver_of_every_file(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    waive(&room, "L1", "", "anna", "the table is empty", 0);
    study_two_files(&room);
    assert_true(find(&room, "L1", 0)->waived);
    assert_true(find(&room, "L1", 1)->waived);
    room_close(&room);
}

static void test_waivers_of_the_plan_that_are_none(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    room.context.today_us = 2000 * US_PER_DAY;
    waive(&room, "L1", "", "anna", "", 0);
    waive(&room, "L1", "", "", "the table is empty", 0);
    waive(&room, "L1", "", "anna", "it was empty", 2000 * US_PER_DAY);
    waive(&room, "D1", "002.sql", "anna", "nothing to see", 2001 * US_PER_DAY);
    study_two_files(&room);
    assert_false(find(&room, "L1", 0)->waived);
    assert_false(find(&room, "L1", 1)->waived);
    size_t by_severity[LINT_SEVERITY__COUNT] = {0};
    for (size_t i = 0; i < 4; i++) {
        const struct lint_finding *finding = find(&room, "T12", i);
        assert_non_null(finding);
        by_severity[finding->severity]++;
        assert_int_equal(finding->at.place.line, 0); /* the plan's, not the file's */
        assert_int_equal(finding->at.file, finding->severity == LINT_LOW ? 1 : 0);
    }
    assert_int_equal(by_severity[LINT_BLOCK], 2);
    assert_int_equal(by_severity[LINT_MEDIUM], 1); /* expired at this very moment */
    assert_int_equal(by_severity[LINT_LOW], 1);    /* unused */
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_waiver_names_who_and_why),
        cmocka_unit_test(test_what_is_waived_does_not_count),
        cmocka_unit_test(test_what_is_told_last_can_be_waived),
        cmocka_unit_test(test_place_of_a_bad_waiver),
        cmocka_unit_test(test_waiver_of_the_plan),
        cmocka_unit_test(test_waiver_of_one_statement),
        cmocka_unit_test(test_waiver_of_no_file),
        cmocka_unit_test(test_waiver_of_every_file),
        cmocka_unit_test(test_waivers_of_the_plan_that_are_none),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
