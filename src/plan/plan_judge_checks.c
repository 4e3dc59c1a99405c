/* SPDX-License-Identifier: PostgreSQL */
/*
 * Checks: exactly one source, one comparator, and for a builtin the arguments it
 * has and no others. The table of builtins says which.
 */
#include "plan_judge.h"

#include "plan_values.h"

enum builtin_result {
    RESULT_NUMBER,
    RESULT_ROWS,
    RESULT_OBJECT,
};
enum builtin_argument {
    ARG_TABLE = 1,
    ARG_OBJECT = 2,
    ARG_COLUMN = 4,
    ARG_TYPE = 8,
    ARG_NULLABLE = 16,
    ARG_VALID = 32,
    ARG_POLICY = 64, /* command, roles, using, with_check */
    ARG_COUNT = 128,
};
/* result: what it gives; needs: arguments it must have; takes: others it may have */
static const struct builtin_rule {
    enum builtin_result result;
    unsigned needs;
    unsigned takes;
} builtin_rules[PLAN_BUILTIN__COUNT] = {
    [PLAN_BUILTIN_QUERY] = {RESULT_NUMBER, ARG_COUNT, 0},
    [PLAN_BUILTIN_ROWS_PER_KEPT_TABLE] = {RESULT_ROWS, 0, 0},
    [PLAN_BUILTIN_POLICIES_ON_TABLES_WITHOUT_RLS] = {RESULT_ROWS, 0, 0},
    [PLAN_BUILTIN_TABLE] = {RESULT_OBJECT, ARG_TABLE, 0},
    [PLAN_BUILTIN_COLUMN] = {RESULT_OBJECT, ARG_TABLE | ARG_COLUMN, ARG_TYPE | ARG_NULLABLE},
    [PLAN_BUILTIN_CONSTRAINT] = {RESULT_OBJECT, ARG_TABLE | ARG_OBJECT, ARG_VALID},
    [PLAN_BUILTIN_INDEX] = {RESULT_OBJECT, ARG_OBJECT, ARG_VALID},
    [PLAN_BUILTIN_POLICY] = {RESULT_OBJECT, ARG_TABLE | ARG_OBJECT, ARG_POLICY},
    [PLAN_BUILTIN_TRIGGER] = {RESULT_OBJECT, ARG_TABLE | ARG_OBJECT, 0},
    [PLAN_BUILTIN_FUNCTION] = {RESULT_OBJECT, ARG_OBJECT, 0},
    [PLAN_BUILTIN_VIEW] = {RESULT_OBJECT, ARG_OBJECT, 0},
    /* all others: a number without arguments */
};
static const struct argument_key {
    const char *key;
    unsigned bit;
} argument_keys[] = {
    {"table", ARG_TABLE},       {"object", ARG_OBJECT},     {"column", ARG_COLUMN},
    {"type", ARG_TYPE},         {"nullable", ARG_NULLABLE}, {"valid", ARG_VALID},
    {"command", ARG_POLICY},    {"roles", ARG_POLICY},      {"using", ARG_POLICY},
    {"with_check", ARG_POLICY}, {"count", ARG_COUNT},
};
static const char *const comparator_keys[] = {"equals",  "at_least", "at_most", "matches",
                                              "same_as", "empty",    "exists"};

static void judge_arguments(struct judge *judge, const struct plan_check *check)
{
    const struct builtin_rule *rule = &builtin_rules[check->builtin];
    const char *word = plan_builtin_word(check->builtin);
    for (size_t i = 0; i < COUNT_OF(argument_keys); i++) {
        const struct argument_key *argument = &argument_keys[i];
        bool said = plan_judge_says(check->mark, argument->key);
        if (check->builtin == PLAN_BUILTIN_UNSAID) {
            if (said) {
                JUDGE_ERROR(judge, plan_mark_of(check->mark, argument->key), "Y204",
                            "an argument of builtin checks; a query has its own words");
            }
        } else if (said && ((rule->needs | rule->takes) & argument->bit) == 0) {
            JUDGE_ERROR(judge, plan_mark_of(check->mark, argument->key), "Y204",
                        "builtin %s does not take this; remove it", word);
        } else if (!said && (rule->needs & argument->bit) != 0) {
            JUDGE_ERROR(judge, check->mark, "Y203", "builtin %s needs the key \"%s\"", word,
                        argument->key);
        }
    }
}

static void judge_source(struct judge *judge, struct plan_check *check)
{
    static const char *const sources[] = {"sql", "file", "builtin"};
    static const enum plan_source kinds[] = {PLAN_SOURCE_SQL, PLAN_SOURCE_FILE,
                                             PLAN_SOURCE_BUILTIN};
    const char *first = NULL;
    size_t said = plan_judge_says_of(check->mark, sources, COUNT_OF(sources), &first);
    if (said != 1) {
        JUDGE_ERROR(judge, check->mark, "Y201",
                    said == 0 ? "what is checked? write one of `sql:`, `file:`, `builtin:`"
                              : "a check has one source; keep one of `sql:`, `file:`, "
                                "`builtin:`");
    }
    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        if (first != NULL && strcmp(first, sources[i]) == 0) {
            check->source = kinds[i];
        }
    }
    if (check->builtin == PLAN_BUILTIN_CONFLICTS) {
        check->count_id = STR("conflicts");
        if (plan_name_line(&judge->counts, check->count_id) == 0) {
            JUDGE_ERROR(judge, plan_mark_of(check->mark, "builtin"), "Y105",
                        "builtin conflicts runs the query of state.count with `id: conflicts`, "
                        "and there is none");
        }
    } else if (check->builtin == PLAN_BUILTIN_QUERY) {
        plan_judge_reference(judge, &judge->counts, check->mark, "count", check->count_id,
                             "count in state.count named");
    } else if (check->builtin == PLAN_BUILTIN_REMOVED_TABLES_PRESENT &&
               judge->plan->state.removed_tables.count == 0) {
        JUDGE_ERROR(judge, plan_mark_of(check->mark, "builtin"), "Y205",
                    "builtin removed_tables_present counts the tables of state.removed_tables, "
                    "and there are none");
    }
}

/* `empty: false` would be a riddle; exists says it. */
static void judge_flag(struct judge *judge, struct plan_mark mapping, const char *key,
                       enum plan_tristate said, const char *other)
{
    if (said == PLAN_NO) {
        JUDGE_ERROR(judge, plan_mark_of(mapping, key), "Y202",
                    "only `%s: true` has a meaning; for the opposite write `%s: true`", key,
                    other);
    }
}

static void take_comparator(struct plan_check *check, const char *key)
{
    const struct {
        const char *key;
        enum plan_comparator comparator;
        struct plan_value value;
    } rows[] = {{"equals", PLAN_EQUALS, check->equals},
                {"at_least", PLAN_AT_LEAST, check->at_least},
                {"at_most", PLAN_AT_MOST, check->at_most},
                {"matches", PLAN_MATCHES, check->matches},
                {"same_as", PLAN_SAME_AS, check->same_as},
                {"empty", PLAN_EMPTY, {PLAN_VALUE_UNSAID, {0}, 0, 0}},
                {"exists", PLAN_EXISTS, {PLAN_VALUE_UNSAID, {0}, 0, 0}}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (strcmp(rows[i].key, key) == 0) {
            check->comparator = rows[i].comparator;
            check->expected = rows[i].value;
        }
    }
}

static void judge_expected(struct judge *judge, const struct plan_check *check, const char *key)
{
    struct plan_mark mark = plan_mark_of(check->mark, key);
    enum plan_value_kind kind = check->expected.kind;
    if (kind == PLAN_VALUE_UNSAID && check->comparator != PLAN_EMPTY &&
        check->comparator != PLAN_EXISTS) {
        return; /* its value was wrong and is told */
    }
    if (check->comparator == PLAN_SAME_AS && kind != PLAN_VALUE_BEFORE) {
        JUDGE_ERROR(judge, mark, "Y202",
                    "same_as compares with what was measured before; write `same_as: before`");
    }
    if ((check->comparator == PLAN_AT_LEAST || check->comparator == PLAN_AT_MOST) &&
        (kind == PLAN_VALUE_TEXT || kind == PLAN_VALUE_BOOL)) {
        JUDGE_ERROR(judge, mark, "Y202", "%s compares numbers; write a number or `before`",
                    key);
    }
    if (check->builtin == PLAN_BUILTIN_UNSAID) {
        return;
    }
    bool numeric = check->comparator == PLAN_EQUALS || check->comparator == PLAN_AT_LEAST ||
                   check->comparator == PLAN_AT_MOST || check->comparator == PLAN_SAME_AS;
    const char *word = plan_builtin_word(check->builtin);
    switch (builtin_rules[check->builtin].result) {
    case RESULT_NUMBER:
        if (!numeric || (kind != PLAN_VALUE_NUMBER && kind != PLAN_VALUE_BEFORE)) {
            JUDGE_ERROR(judge, mark, "Y202",
                        "builtin %s gives a number; write equals, at_least or at_most with a "
                        "number, or `same_as: before`",
                        word);
        }
        break;
    case RESULT_ROWS:
        if (check->builtin == PLAN_BUILTIN_ROWS_PER_KEPT_TABLE
                ? kind != PLAN_VALUE_BEFORE
                : check->comparator != PLAN_EMPTY) {
            JUDGE_ERROR(
                judge, mark, "Y202",
                check->builtin == PLAN_BUILTIN_ROWS_PER_KEPT_TABLE
                    ? "rows of tables are compared with before; write `at_least: before` "
                      "or `same_as: before`"
                    : "this lists what is wrong; write `empty: true`");
        }
        break;
    case RESULT_OBJECT:
        if (check->comparator != PLAN_EMPTY && check->comparator != PLAN_EXISTS) {
            JUDGE_ERROR(judge, mark, "Y202",
                        "builtin %s is there or not; write `exists: true` or `empty: true`",
                        word);
        }
        break;
    }
}

static void judge_comparator(struct judge *judge, struct plan_check *check)
{
    const char *first = NULL;
    size_t said =
        plan_judge_says_of(check->mark, comparator_keys, COUNT_OF(comparator_keys), &first);
    judge_flag(judge, check->mark, "empty", check->empty, "exists");
    judge_flag(judge, check->mark, "exists", check->exists, "empty");
    if (said > 1) {
        JUDGE_ERROR(judge, check->mark, "Y202",
                    "a check has one comparator; make two checks of it");
        return;
    }
    if (said == 1) {
        take_comparator(check, first);
        judge_expected(judge, check, first);
    } else if (check->builtin != PLAN_BUILTIN_UNSAID &&
               builtin_rules[check->builtin].result == RESULT_OBJECT) {
        check->comparator = PLAN_EXISTS;
    } else if (!plan_judge_says(check->mark, "within") && check->source != PLAN_SOURCE_UNSAID) {
        JUDGE_ERROR(judge, check->mark, "Y202",
                    "what is expected? write one of equals, at_least, at_most, empty, exists, "
                    "matches, same_as");
    }
}

void plan_judge_checks(struct judge *judge, struct plan_checks *checks)
{
    for (size_t i = 0; i < checks->count; i++) {
        struct plan_check *check = &checks->items[i];
        plan_judge_id(judge, &judge->checks, check->mark, check->id, "check");
        if (check->name.len == 0) {
            check->name = check->id;
        }
        judge_source(judge, check);
        judge_arguments(judge, check);
        judge_comparator(judge, check);
        if (check->as.mark.line != 0 && check->as.role.len == 0 && check->as.set.count == 0) {
            JUDGE_ERROR(judge, check->as.mark, "Y005",
                        "`as` names neither a role nor a setting");
        }
    }
}
