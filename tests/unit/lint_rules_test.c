/* SPDX-License-Identifier: PostgreSQL */
/*
 * Every rule against its cases in tests/rules/: what must be found, and what must not. A
 * rule has at least one case that triggers it and two that do not; a finding of the rule at
 * LOW that the case names is no trigger.
 */
#include "lint_world.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct str read_file(struct arena *arena, const char *path)
{
    struct strbuf bytes = {0};
    FILE *file = fopen(path, "r");
    if (!file) {
        fail_msg("%s is not there", path);
        abort();
    }
    int byte;
    while ((byte = fgetc(file)) != EOF) {
        strbuf_byte(&bytes, (char)byte);
    }
    fclose(file);
    struct str text = str_dup(arena, strbuf_str(&bytes));
    strbuf_release(&bytes);
    return text;
}

/* Findings of the rule, and of the rules that the case names, one to a line. */
static bool is_wanted(const struct lint_case *one, const char *rule,
                      const struct lint_finding *finding)
{
    bool wanted = strcmp(finding->rule->id, rule) == 0;
    for (size_t i = 0; i < one->expected_count; i++) {
        struct str rest = one->expected[i];
        struct str id;
        (void)str_cut(&rest, ' ', &id);
        wanted = wanted || str_eq(id, finding->rule->id);
    }
    return wanted;
}

static void put_line(struct strbuf *out, struct str line)
{
    strbuf_text(out, "\n    ");
    strbuf_add(out, line);
}

static bool check_says(const struct lint_case *one, const char *rule,
                       const struct lint_result *result, const char *path)
{
    bool ok = true;
    for (size_t i = 0; i < one->say_count; i++) {
        bool said = false;
        struct arena arena = {0};
        const char *words = str_text(&arena, one->says[i]);
        for (size_t j = 0; j < result->finding_count; j++) {
            const struct lint_finding *finding = &result->findings[j];
            struct str all = str_format(&arena, "%.*s|%.*s|%.*s", STR_ARG(finding->message),
                                        STR_ARG(finding->safer), STR_ARG(finding->unknown));
            said = said || (is_wanted(one, rule, finding) &&
                            strstr(str_text(&arena, all), words) != NULL);
        }
        if (!said) {
            print_error("%s:%d: nothing says \"%s\"\n", path, one->line, words);
            for (size_t j = 0; j < result->finding_count; j++) {
                print_error("    %s: %.*s\n", result->findings[j].rule->id,
                            STR_ARG(result->findings[j].message));
            }
        }
        ok = ok && said;
        arena_release(&arena);
    }
    return ok;
}

/* What is proposed instead is SQL that the grammar takes. */
static bool check_safer(const struct lint_case *one, const struct lint_result *result,
                        const char *path)
{
    bool ok = true;
    for (size_t i = 0; i < result->finding_count; i++) {
        const struct lint_finding *finding = &result->findings[i];
        struct arena arena = {0};
        struct sql_script script = {0};
        struct sql_trouble trouble;
        bool good =
            finding->safer.len == 0 || sql_cut(finding->safer, NULL, &arena, &script, &trouble);
        sql_describe(&script, &arena);
        for (size_t j = 0; j < script.count; j++) {
            good = good && script.statements[j].judgement == SQL_PARSED;
        }
        if (!good) {
            print_error("%s:%d: %s proposes what is no SQL: %.*s\n", path, one->line,
                        finding->rule->id, STR_ARG(finding->safer));
        }
        ok = ok && good;
        arena_release(&arena);
    }
    return ok;
}

static bool check_case(const struct lint_case *one, const char *rule, const char *path)
{
    struct arena arena = {0};
    const struct lint_result *result = lint_case_judge(&arena, one);
    struct strbuf got = {0};
    struct strbuf wanted = {0};
    for (size_t i = 0; i < result->finding_count; i++) {
        if (is_wanted(one, rule, &result->findings[i])) {
            put_line(&got, lint_finding_words(&arena, &result->findings[i]));
        }
    }
    for (size_t i = 0; i < one->expected_count; i++) {
        put_line(&wanted, one->expected[i]);
    }
    bool ok = str_is(strbuf_str(&got), strbuf_str(&wanted));
    if (!ok) {
        print_error("%s:%d: %.*s\n  found:%.*s\n  wanted:%.*s\n", path, one->line,
                    STR_ARG(one->title), STR_ARG(strbuf_str(&got)),
                    STR_ARG(strbuf_str(&wanted)));
    }
    ok = check_says(one, rule, result, path) && ok;
    ok = check_safer(one, result, path) && ok;
    strbuf_release(&got);
    strbuf_release(&wanted);
    arena_release(&arena);
    return ok;
}

static bool check_rule(const char *directory, const char *rule)
{
    struct arena arena = {0};
    const char *path = str_text(&arena, str_format(&arena, "%s/%s.sql", directory, rule));
    size_t count;
    const struct lint_case *cases =
        lint_cases_read(&arena, path, read_file(&arena, path), &count);
    size_t bad = 0;
    bool ok = true;
    for (size_t i = 0; i < count; i++) {
        bad += cases[i].bad;
        if (cases[i].bad && cases[i].expected_count == 0) {
            print_error("%s:%d: a bad case that finds nothing\n", path, cases[i].line);
            ok = false;
        }
        ok = check_case(&cases[i], rule, path) && ok;
    }
    if (bad < 1 || count - bad < 2) {
        print_error("%s: %zu bad and %zu good cases; one and two are the least\n", path, bad,
                    count - bad);
        ok = false;
    }
    arena_release(&arena);
    return ok;
}

static const char *rules_directory(struct arena *arena)
{
    const char *root = getenv("GONOGO_ROOT");
    return str_text(arena, str_format(arena, "%s/tests/rules", root ? root : "."));
}

static void test_every_rule(void **state)
{
    (void)state;
    struct arena arena = {0};
    const char *directory = rules_directory(&arena);
    bool ok = true;
    for (size_t i = 0; i < lint_rule_count(); i++) {
        const struct lint_rule *rule = lint_rule_at(i);
        ok = (!lint_rule_is_judged(rule) || check_rule(directory, rule->id)) && ok;
    }
    arena_release(&arena);
    assert_true(ok);
}

/* A file of cases without a rule tests nothing. */
static void test_every_file_has_its_rule(void **state)
{
    (void)state;
    struct arena arena = {0};
    DIR *directory = opendir(rules_directory(&arena));
    assert_non_null(directory);
    const struct dirent *entry;
    while ((entry = readdir(directory)) != NULL) {
        struct str name = str_from(entry->d_name);
        if (str_ends(name, ".sql")) {
            struct str id = str_slice(name, 0, name.len - 4);
            if (!lint_rule_find(id)) {
                fail_msg("tests/rules/%s: there is no such rule", entry->d_name);
            }
        }
    }
    closedir(directory);
    arena_release(&arena);
}

/* Each page says what, why and the way out, in whole sentences. */
static void test_every_page_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < lint_rule_count(); i++) {
        const struct lint_rule *rule = lint_rule_at(i);
        const char *const texts[] = {rule->what, rule->why, rule->safe, rule->unless};
        for (size_t j = 0; j < COUNT_OF(texts); j++) {
            if (!texts[j] || !str_ends(str_from(texts[j]), ".")) {
                fail_msg("%s: text %zu of its page is no sentence", rule->id, j + 1);
            }
        }
        struct strbuf page = {0};
        lint_rule_page(rule, &page);
        assert_true(str_starts(strbuf_str(&page), rule->id));
        strbuf_release(&page);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule),
        cmocka_unit_test(test_every_file_has_its_rule),
        cmocka_unit_test(test_every_page_is_whole),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
