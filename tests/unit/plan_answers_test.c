/* SPDX-License-Identifier: PostgreSQL */
/*
 * The answers file: what it says arrives, what it says wrongly is told, and it is
 * held against the plan it answers.
 */
#include "plan_answers.h"
#include "plan_room.h"

#define GOOD                                                                                   \
    "version: 1\n"                                                                             \
    "as: { name: anna, role: dba }\n"                                                          \
    "checklist: [{ id: c8, answer: \"yes\", note: read-only banner is up }]\n"                 \
    "backup: [{ id: provider, name: snap-0800, taken: \"2024-01-31T08:00Z\" }]\n"              \
    "votes: [{ role: dba, vote: GO, name: anna }]\n"                                           \
    "database: app\n"                                                                          \
    "checkpoints: continue\n"                                                                  \
    "accept: [{ id: Q1, reason: the app may delete rows, by: ben }]\n"                         \
    "override: [{ id: c1, reason: rehearsed on another host, by: carla }]\n"                   \
    "on_failure: rollback:dump\n"                                                              \
    "sign_off: [{ role: dba, name: anna }]\n"

static const char *told_of(struct reading *reading, struct str text)
{
    *reading = (struct reading){.plan = NULL};
    struct answers *answers =
        answers_read(text, STR("answers.yaml"), &reading->arena, &reading->diagnostics);
    assert_int_equal(answers == NULL, reading->diagnostics.errors > 0);
    return told(&reading->arena, &reading->diagnostics);
}

static void answers_arrive(void **state)
{
    (void)state;
    struct reading reading = {.plan = NULL};
    struct answers *answers =
        answers_read(STR(GOOD), STR("answers.yaml"), &reading.arena, &reading.diagnostics);
    assert_string_equal(told(&reading.arena, &reading.diagnostics), "");
    assert_non_null(answers);
    assert_text(answers->as.role, "dba");
    assert_int_equal(answers->checklist.items[0].answer, ANSWER_YES);
    assert_int_equal(answers->backup.items[0].taken_us, INT64_C(1706688000) * US_PER_SECOND);
    assert_int_equal(answers->votes.items[0].vote, ANSWER_VOTE_GO);
    assert_text(answers->database, "app");
    assert_int_equal(answers->checkpoints, ANSWER_CHECKPOINTS_CONTINUE);
    assert_text(answers->accept.items[0].by, "ben");
    assert_text(answers->override.items[0].reason, "rehearsed on another host");
    assert_int_equal(answers->on_failure, ANSWER_FAILURE_ROLLBACK);
    assert_text(answers->rollback_option, "dump");
    assert_text(answers->sign_off.items[0].name, "anna");
    struct sha256_hex hash = sha256_of(STR(GOOD));
    assert_string_equal(answers->sha256.text, hash.text);
    reading_release(&reading);
}

static void every_key_is_optional(void **state)
{
    (void)state;
    struct reading reading = {.plan = NULL};
    struct answers *answers =
        answers_read(STR("version: 1\n"), STR("a"), &reading.arena, &reading.diagnostics);
    assert_non_null(answers);
    assert_int_equal(answers->on_failure, ANSWER_FAILURE_UNSAID);
    assert_int_equal(answers->checkpoints, ANSWER_CHECKPOINTS_UNSAID);
    assert_int_equal(answers->votes.count, 0);
    reading_release(&reading);
}

static void wrong_answers_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *told;
    } rows[] = {
        {"version: 1\nvotes: [{ role: dba, vote: go, name: anna }]\n",
         "answers.yaml:2:28: error[Y014] votes[0].vote: \"go\" is not known here; write GO, "
         "NO-GO or HOLD\n"},
        {"version: 1\nvotes: [{ role: dba, vote: HOLD, name: anna }]\n",
         "answers.yaml:2:9: error[Y810] votes[0]: a NO-GO or HOLD has a reason; add "
         "`reason:`\n"},
        {"version: 1\nvotes: [{ role: dba, vote: GO, name: a }, { role: dba, vote: GO, name: "
         "b }]\n",
         "answers.yaml:2:51: error[Y104] votes[1].role: \"dba\" is answered twice, first in "
         "line "
         "2; remove one\n"},
        {"version: 1\nbackup: [{ id: p, name: s, taken: yesterday }]\n",
         "answers.yaml:2:35: error[Y024] backup[0].taken: \"yesterday\" is not a point in "
         "time; "
         "write \"2024-01-31T08:00Z\"\n"},
        {"version: 1\non_failure: panic\n",
         "answers.yaml:2:13: error[Y014] on_failure: \"panic\" is not known here; write hold, "
         "rollback or rollback:OPTION\n"},
        {"version: 1\noverride: [{ id: a1, by: carla }]\n",
         "answers.yaml:2:12: error[Y005] override[0]: the key \"reason\" is missing\n"},
        {"version: 1\npassword: x\n",
         "answers.yaml:2:1: error[Y301] password: a plan holds no secrets; remove it, change "
         "it "
         "where it was in use, and let libpq find it in ~/.pgpass or a service file\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct reading reading;
        assert_string_equal(told_of(&reading, str_from(rows[i].text)), rows[i].told);
        reading_release(&reading);
    }
}

static void answers_fit_the_plan(void **state)
{
    (void)state;
    struct reading reading;
    read_file(&reading, "tests/plans/reference.yaml");
    struct plan_diagnostics diagnostics = {0};
    struct answers *answers =
        answers_read(STR(GOOD), STR("answers.yaml"), &reading.arena, &diagnostics);
    assert_true(answers_check(answers, reading.plan, &diagnostics));
    plan_diagnostics_release(&diagnostics);
    reading_release(&reading);
}

static void answers_to_nothing_are_told(void **state)
{
    (void)state;
    struct reading reading;
    read_file(&reading, "tests/plans/reference.yaml");
    struct plan_diagnostics diagnostics = {0};
    struct answers *answers = answers_read(STR("version: 1\n"
                                               "checklist: [{ id: c99, answer: \"no\" }]\n"
                                               "votes: [{ role: dba, vote: GO, name: mallory "
                                               "}, { role: cto, vote: GO, name: x }]\n"
                                               "on_failure: rollback:nowhere\n"),
                                           STR("answers.yaml"), &reading.arena, &diagnostics);
    assert_non_null(answers);
    assert_false(answers_check(answers, reading.plan, &diagnostics));
    assert_string_equal(
        told(&reading.arena, &diagnostics),
        "answers.yaml:2:19: error[Y801] checklist[0].id: the plan has no checklist item "
        "\"c99\"\n"
        "answers.yaml:3:38: error[Y802] votes[0].name: \"mallory\" is not among the people of "
        "the role \"dba\"\n"
        "answers.yaml:3:57: error[Y801] votes[1].role: the plan has no role \"cto\"\n"
        "answers.yaml:4:13: error[Y801] on_failure: the plan has no rollback option "
        "\"nowhere\"\n");
    plan_diagnostics_release(&diagnostics);
    reading_release(&reading);
}

static void demo_answers_fit_the_demo_plan(void **state)
{
    (void)state;
    struct reading reading;
    read_file(&reading, "plans/week1-wednesday/plan.yaml");
    assert_non_null(reading.plan);
    struct strbuf bytes = {0};
    struct plan_diagnostics diagnostics = {0};
    assert_true(test_read_file(tree_path(&reading.arena, "plans/week1-wednesday/answers.yaml"),
                               0, &bytes));
    struct answers *answers =
        answers_read(strbuf_str(&bytes), STR("answers.yaml"), &reading.arena, &diagnostics);
    assert_non_null(answers);
    assert_true(answers_check(answers, reading.plan, &diagnostics));
    strbuf_release(&bytes);
    plan_diagnostics_release(&diagnostics);
    reading_release(&reading);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_arrive),
        cmocka_unit_test(every_key_is_optional),
        cmocka_unit_test(wrong_answers_are_told),
        cmocka_unit_test(answers_fit_the_plan),
        cmocka_unit_test(answers_to_nothing_are_told),
        cmocka_unit_test(demo_answers_fit_the_demo_plan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
