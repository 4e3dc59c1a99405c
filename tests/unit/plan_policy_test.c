/* SPDX-License-Identifier: PostgreSQL */
/*
 * The policy file: read strictly, and what a plan says against it, with the place.
 */
#include "plan_room.h"

#include "plan_policy.h"

#define PLAN_HEAD                                                                              \
    "version: 1\n"                                                                             \
    "name: Small\n"                                                                            \
    "ledger: { table: schema_migrations }\n"

/* What is told of the policy itself. */
static void expect_policy(const char *text, const char *wanted)
{
    struct arena arena = {0};
    struct plan_diagnostics diagnostics = {0};
    const struct policy *policy =
        policy_read(str_from(text), STR("policy.yaml"), &arena, &diagnostics);
    assert_string_equal(told(&arena, &diagnostics), wanted);
    assert_true((policy == NULL) == (diagnostics.errors > 0));
    plan_diagnostics_release(&diagnostics);
    arena_release(&arena);
}

/* What the policy finds in a plan, apart from what the plan's own judges say. */
static void expect_findings(const char *policy_text, const char *plan_text, const char *wanted)
{
    struct reading reading;
    read_text(&reading, str_from(plan_text));
    assert_non_null(reading.plan);
    struct plan_diagnostics found = {.arena = &reading.arena, .file = STR("plan.yaml")};
    const struct policy *policy =
        policy_read(str_from(policy_text), STR("policy.yaml"), &reading.arena, &found);
    assert_non_null(policy);
    found.file = STR("plan.yaml");
    policy_check(policy, reading.plan, &found);
    assert_string_equal(told(&reading.arena, &found), wanted);
    assert_int_equal(found.errors, 0);
    plan_diagnostics_release(&found);
    reading_release(&reading);
}

static void test_a_whole_policy(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct plan_diagnostics diagnostics = {0};
    const struct policy *policy =
        policy_read(STR("name_pattern: '^[0-9]{3}_[a-z0-9_]+[.]sql$'\n"
                        "require: [undo, checks, docs]\n"
                        "promotion: [development, preview, production]\n"
                        "recovery_max: 5m\n"
                        "index_concurrently: true\n"),
                    STR("policy.yaml"), &arena, &diagnostics);
    assert_non_null(policy);
    assert_true(str_eq(policy->name_pattern, "^[0-9]{3}_[a-z0-9_]+[.]sql$"));
    assert_true(policy_requires(policy, POLICY_UNDO));
    assert_true(policy_requires(policy, POLICY_CHECKS));
    assert_true(policy_requires(policy, POLICY_DOCS));
    assert_int_equal(policy->promotion.count, 3);
    assert_int_equal(policy->recovery_max_us, 5 * US_PER_MINUTE);
    assert_true(policy->index_concurrently);
    plan_diagnostics_release(&diagnostics);
    arena_release(&arena);
}

/* Nothing said is nothing asked. */
static void test_what_is_left_out(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct plan_diagnostics diagnostics = {0};
    const struct policy *policy =
        policy_read(STR("require: [checks]\n"), STR("policy.yaml"), &arena, &diagnostics);
    assert_non_null(policy);
    assert_null(policy->name_pattern.ptr);
    assert_false(policy_requires(policy, POLICY_UNDO));
    assert_int_equal(policy->recovery_max_us, PLAN_UNSAID);
    assert_false(policy->index_concurrently);
    plan_diagnostics_release(&diagnostics);
    arena_release(&arena);
}

static void test_mistakes_of_a_policy(void **state)
{
    (void)state;
    expect_policy("", "policy.yaml:1:1: error[Y009] the file is empty; a plan begins with "
                      "\"version: 1\"\n");
    expect_policy(
        "require: [undo, docz]\n",
        "policy.yaml:1:17: error[Y014] require[1]: \"docz\" is not known here; did you "
        "mean \"docs\"? (undo, checks or docs)\n");
    expect_policy("recovery_max: 5\n",
                  "policy.yaml:1:15: error[Y012] recovery_max: \"5\" has no unit; write 5ms, "
                  "5s, 2m or 1h\n");
    expect_policy("name_pattern: '^[0-9{3}_'\n",
                  "policy.yaml:1:15: error[E100] name_pattern: \"^[0-9{3}_\" is no POSIX "
                  "extended regular expression (Unmatched [, [^, [:, [., or [=); write it as "
                  "'^[0-9]{3}_[a-z0-9_]+[.]sql$'\n");
    expect_policy("promotion: [dev, dev]\n",
                  "policy.yaml:1:12: error[Y104] promotion: \"dev\" stands twice in the order; "
                  "remove one\n");
    expect_policy("index_concurently: true\n",
                  "policy.yaml:1:1: error[Y003] index_concurently: unknown key; did you mean "
                  "\"index_concurrently\"?\n");
}

#define STAGING                                                                                \
    "targets:\n"                                                                               \
    "  - { id: staging, expect_database: app }\n"

static void test_names_and_parts(void **state)
{
    (void)state;
    expect_findings(
        "name_pattern: '^[0-9]{3}_[a-z_]+[.]sql$'\nrequire: [undo, checks]\n",
        PLAN_HEAD STAGING
        "steps:\n"
        "  - { manual: Deploy }\n"
        "  - { migration: \"001\", file: sql/001_good.sql, undo: sql/001.undo.sql,\n"
        "      checks: [{ id: c1, sql: select 1, equals: 1 }] }\n"
        "  - { migration: \"002\", file: sql/002-Bad.sql, undo: none,\n"
        "      after: [{ id: c2, sql: select 1, equals: 1 }] }\n"
        "  - { migration: \"003\", file: sql/003_bare.sql }\n",
        "plan.yaml:10:31: warning[E101] steps[2].file: the policy wants names like "
        "^[0-9]{3}_[a-z_]+[.]sql$; rename 002-Bad.sql\n"
        "plan.yaml:10:54: warning[E104] steps[2].undo: the policy wants an undo file for each "
        "migration; write one for \"002\" and name it as `undo:`\n"
        "plan.yaml:12:5: warning[E104] steps[3]: the policy wants an undo file for each "
        "migration; write one for \"003\" and name it as `undo:`\n"
        "plan.yaml:12:5: warning[E105] steps[3]: the policy wants a check behind each "
        "migration; add `checks:` or `after:` to \"003\"\n");
}

static void test_numbers(void **state)
{
    (void)state;
    static const char policy[] = "index_concurrently: false\n";
    expect_findings(policy,
                    PLAN_HEAD "applied: [\"007\", \"008\"]\n" STAGING "steps:\n"
                              "  - { migration: \"010\", file: a.sql }\n"
                              "  - { migration: \"11\", file: b.sql }\n"
                              "  - { migration: \"011\", file: c.sql }\n"
                              "  - { migration: \"009\", file: d.sql }\n",
                    "plan.yaml:8:18: warning[E102] steps[0].migration: \"010\" follows "
                    "\"008\": what lies between is missing; number without "
                    "gaps\n"
                    "plan.yaml:10:18: warning[E103] steps[2].migration: \"11\" and \"011\" are "
                    "the same number; give one of the two the next\n"
                    "plan.yaml:11:18: warning[E102] steps[3].migration: \"009\" stands behind "
                    "\"011\"; put the lower number first\n");
    /* points in time, and words, have no gaps */
    expect_findings(policy,
                    PLAN_HEAD STAGING "steps:\n"
                                      "  - { migration: \"20240131080000\", file: a.sql }\n"
                                      "  - { migration: \"20240207080000\", file: b.sql }\n"
                                      "  - { migration: orders, file: c.sql }\n",
                    "");
}

static void test_promotion(void **state)
{
    (void)state;
    expect_findings(
        "promotion: [development, preview, production]\n",
        PLAN_HEAD "targets:\n"
                  "  - { id: dev, environment: development, expect_database: app }\n"
                  "  - { id: next, environment: preview, expect_database: app, "
                  "needs_rehearsal_on: dev }\n"
                  "  - { id: live, environment: production, expect_database: app }\n"
                  "  - { id: eu, environment: production, expect_database: app, "
                  "needs_rehearsal_on: dev }\n"
                  "  - { id: us, environment: production, expect_database: app, "
                  "needs_rehearsal_on: next }\n"
                  "  - { id: side, environment: scratch, expect_database: app }\n"
                  "steps:\n"
                  "  - { manual: Deploy }\n",
        "plan.yaml:7:5: warning[E107] targets[2]: production comes after preview; say "
        "`needs_rehearsal_on:` with a target whose environment is preview\n"
        "plan.yaml:8:82: warning[E107] targets[3].needs_rehearsal_on: production comes after "
        "preview; say `needs_rehearsal_on:` with a target whose environment is preview\n");
}

static void test_recovery(void **state)
{
    (void)state;
    static const char policy[] = "recovery_max: 5m\n";
    static const char steps[] = "steps:\n  - { manual: Deploy }\n";
    struct arena arena = {0};
    struct str plan = str_format(&arena, "%s%s%s", PLAN_HEAD STAGING, "", steps);
    expect_findings(
        policy, str_text(&arena, plan),
        "plan.yaml:1:1: warning[E108] the policy wants a way back within 5m00s; say "
        "`limits: { recovery: ... }`\n");
    plan =
        str_format(&arena, "%s%s%s", PLAN_HEAD STAGING, "limits: { recovery: 15m }\n", steps);
    expect_findings(
        policy, str_text(&arena, plan),
        "plan.yaml:6:21: warning[E108] limits.recovery: the policy wants a way back "
        "within 5m00s, the plan allows 15m00s\n");
    plan = str_format(&arena, "%s%s%s", PLAN_HEAD STAGING, "limits: { recovery: 5m }\n", steps);
    expect_findings(policy, str_text(&arena, plan), "");
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_whole_policy),
        cmocka_unit_test(test_what_is_left_out),
        cmocka_unit_test(test_mistakes_of_a_policy),
        cmocka_unit_test(test_names_and_parts),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_promotion),
        cmocka_unit_test(test_recovery),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
