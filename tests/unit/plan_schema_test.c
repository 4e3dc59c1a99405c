/* SPDX-License-Identifier: PostgreSQL */
/*
 * What comes from the table of keys is in step with it: the committed JSON Schema,
 * the reference text, the page of every code.
 */
#include "plan_room.h"

#include "plan_table.h"

static void committed_schema_is_in_step(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct strbuf now = {0};
    struct strbuf committed = {0};
    plan_json_schema(&now);
    assert_true(
        test_read_file(tree_path(&arena, "plans/schema/plan-v1.schema.json"), 0, &committed));
    assert_int_equal(now.len, committed.len);
    assert_memory_equal(now.ptr, committed.ptr, now.len);
    strbuf_release(&now);
    strbuf_release(&committed);
    arena_release(&arena);
}

/* Every mapping of the schema refuses other keys, and each $ref leads somewhere. */
static void schema_is_closed(void **state)
{
    (void)state;
    struct strbuf text = {0};
    struct err err = {0};
    plan_json_schema(&text);
    struct json *schema = json_read(strbuf_str(&text), &err);
    assert_non_null(schema);
    assert_false(json_bool(json_find(schema, "additionalProperties"), true));
    const struct json *definitions = json_find(schema, "definitions");
    const struct json *definition = NULL;
    struct str name;
    void *cursor = NULL;
    size_t count = 0;
    while (json_next(definitions, &cursor, &name, &definition)) {
        assert_false(json_bool(json_find(definition, "additionalProperties"), true));
        count++;
    }
    assert_true(count > 20);
    struct str rest = strbuf_str(&text);
    struct str line;
    while (str_cut(&rest, '\n', &line)) {
        struct str trimmed = str_trim(line);
        if (str_starts(trimmed, "\"$ref\": \"#/definitions/")) {
            struct arena arena = {0};
            size_t begin = strlen("\"$ref\": \"#/definitions/");
            size_t end = str_find_byte(trimmed, '"', begin);
            assert_non_null(json_find(
                definitions, str_text(&arena, str_slice(trimmed, begin, end - begin))));
            arena_release(&arena);
        }
    }
    json_free(schema);
    strbuf_release(&text);
}

static void reference_tells_every_key(void **state)
{
    (void)state;
    struct strbuf text = {0};
    plan_reference(&text);
    assert_non_null(strstr(text.ptr, "**safety.lock_timeout** (duration, default 2s)\n: "));
    assert_non_null(strstr(text.ptr, "**steps[].checks[].as.set[].name** (text, required)"));
    assert_non_null(strstr(text.ptr, "**steps_from** (mapping)\n: Makes migration steps from a "
                                     "folder. Not built yet: `run` refuses"));
    assert_null(strstr(text.ptr, "(null)"));
    strbuf_release(&text);
}

/* Each sentence of the table is one: capital first, full stop last. */
static void keys_have_a_sentence(const struct plan_map *map)
{
    for (size_t i = 0; i < map->key_count; i++) {
        struct str text = str_from(map->keys[i].text);
        if (text.len < 4 || !str_ends(text, ".") || text.ptr[0] < 'A' || text.ptr[0] > 'Z') {
            fail_msg("%s.%s: \"%s\"", map->name, map->keys[i].name, map->keys[i].text);
        }
        if (map->keys[i].map != NULL) {
            keys_have_a_sentence(map->keys[i].map);
        }
    }
}

static void every_key_has_a_sentence(void **state)
{
    (void)state;
    keys_have_a_sentence(&plan_root);
    keys_have_a_sentence(&answers_root);
    keys_have_a_sentence(&policy_root);
}

/* Codes are found in the sources: each has its page, and no page is of a code that is gone. */
static void every_code_has_a_page(void **state)
{
    (void)state;
    static const char *const sources[] = {
        "answers",      "check",      "cyaml",       "judge",       "judge_checks",
        "judge_people", "judge_rest", "judge_state", "judge_steps", "judge_targets",
        "judge_time",   "policy",     "read",        "shape",       "texts",
        "tree",         "values",     "walk",
    };
    struct arena arena = {0};
    struct strbuf all = {0};
    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        struct str path = str_format(&arena, "src/plan/plan_%s.c", sources[i]);
        assert_true(test_read_file(tree_path(&arena, str_text(&arena, path)), 0, &all));
    }
    /* What needs this machine or the grammar of SQL: programs, files cut into statements. */
    static const char *const others[] = {"src/app/hook.c", "src/app/app_plan.c",
                                         "src/app/app_policy.c", "src/app/app_queries.c",
                                         "src/app/lint_plan.c"};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_true(test_read_file(tree_path(&arena, others[i]), 0, &all));
    }
    size_t count = 0;
    const struct plan_code *codes = plan_codes(&count);
    for (size_t i = 0; i < count; i++) {
        struct str quoted = str_format(&arena, "\"%s\"", codes[i].code);
        if (strstr(all.ptr, quoted.ptr) == NULL) {
            fail_msg("%s has a page and is told nowhere", codes[i].code);
        }
        assert_true(i == 0 || strcmp(codes[i - 1].code, codes[i].code) < 0);
    }
    for (const char *at = strstr(all.ptr, "\"Y"); at != NULL; at = strstr(at + 1, "\"Y")) {
        bool known = at[5] != '"';
        for (size_t i = 0; i < count && !known; i++) {
            known = strncmp(codes[i].code, at + 1, 4) == 0;
        }
        if (!known && at[2] >= '0' && at[2] <= '9') {
            fail_msg("%.6s is told and has no page", at);
        }
    }
    strbuf_release(&all);
    arena_release(&arena);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(committed_schema_is_in_step),
        cmocka_unit_test(schema_is_closed),
        cmocka_unit_test(reference_tells_every_key),
        cmocka_unit_test(every_key_has_a_sentence),
        cmocka_unit_test(every_code_has_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
