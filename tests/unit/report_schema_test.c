/* SPDX-License-Identifier: PostgreSQL */
/*
 * report.json against its committed schema: required members, types, constants, words,
 * definitions, and that nothing is written that the schema does not know. The little
 * judge here knows the parts of JSON Schema that the file uses.
 */
#include "report_room.h"
#include "testing.h"

static struct json *schema;

static bool is_integer(const struct json *value)
{
    struct strbuf text = {0};
    json_write(&text, value, JSON_ONE_LINE);
    bool integer = text.len > 0 && strspn(text.ptr, "-0123456789") == text.len;
    strbuf_release(&text);
    return integer;
}

static bool is_number(const struct json *value)
{
    return json_double(value, -7.25) == json_double(value, 7.25) || is_integer(value);
}

static bool is_text(const struct json *value)
{
    struct strbuf text = {0};
    json_write(&text, value, JSON_ONE_LINE);
    bool quoted = text.len > 1 && text.ptr[0] == '"';
    strbuf_release(&text);
    return quoted;
}

static bool has_type(const struct json *value, struct str type)
{
    return (str_eq(type, "object") && json_is_object(value)) ||
           (str_eq(type, "array") && json_is_array(value)) ||
           (str_eq(type, "null") && json_is_null(value)) ||
           (str_eq(type, "string") && is_text(value)) ||
           (str_eq(type, "integer") && is_integer(value)) ||
           (str_eq(type, "number") && is_number(value)) ||
           (str_eq(type, "boolean") && json_bool(value, true) == json_bool(value, false));
}

static bool same_json(const struct json *a, const struct json *b)
{
    struct strbuf left = {0};
    struct strbuf right = {0};
    json_write(&left, a, JSON_ONE_LINE);
    json_write(&right, b, JSON_ONE_LINE);
    bool same = str_is(strbuf_str(&left), strbuf_str(&right));
    strbuf_release(&left);
    strbuf_release(&right);
    return same;
}

static bool one_of(const struct json *value, const struct json *words)
{
    for (size_t i = 0; i < json_count(words); i++) {
        if (same_json(value, json_at(words, i))) {
            return true;
        }
    }
    return false;
}

static void judge(const struct json *rule, const struct json *value, const char *path);

static void judge_type(const struct json *rule, const struct json *value, const char *path)
{
    const struct json *type = json_find(rule, "type");
    bool good = !type || has_type(value, json_text(type));
    for (size_t i = 0; i < json_count(type); i++) {
        good = good || has_type(value, json_text(json_at(type, i)));
    }
    if (!good) {
        fail_msg("%s is of another type than the schema says", path);
    }
    const struct json *words = json_find(rule, "enum");
    const struct json *constant = json_find(rule, "const");
    if ((words && !one_of(value, words)) || (constant && !same_json(value, constant))) {
        fail_msg("%s is none of the values that the schema allows", path);
    }
}

static void judge_members(const struct json *rule, const struct json *value, const char *path)
{
    const struct json *required = json_find(rule, "required");
    for (size_t i = 0; i < json_count(required); i++) {
        struct str name = json_text(json_at(required, i));
        char key[64];
        snprintf(key, sizeof(key), "%.*s", STR_ARG(name));
        if (!json_find(value, key)) {
            fail_msg("%s lacks %s", path, key);
        }
    }
    void *cursor = NULL;
    struct str name;
    const struct json *member;
    while (json_next(value, &cursor, &name, &member)) {
        char key[64];
        char below[256];
        snprintf(key, sizeof(key), "%.*s", STR_ARG(name));
        snprintf(below, sizeof(below), "%.180s.%s", path, key);
        const struct json *known = json_find(json_find(rule, "properties"), key);
        known = known ? known : json_find(rule, "additionalProperties");
        if (!known) {
            fail_msg("%s is not in the schema", below);
        }
        judge(known, member, below);
    }
}

static void judge(const struct json *rule, const struct json *value, const char *path)
{
    struct str reference = json_text(json_find(rule, "$ref"));
    if (reference.len > 0) {
        const char prefix[] = "#/definitions/";
        assert_true(str_starts(reference, prefix));
        char name[64];
        snprintf(name, sizeof(name), "%.*s",
                 STR_ARG(str_slice(reference, sizeof(prefix) - 1, reference.len)));
        rule = json_find(json_find(schema, "definitions"), name);
        assert_non_null(rule);
    }
    judge_type(rule, value, path);
    if (json_is_object(value)) {
        judge_members(rule, value, path);
    }
    for (size_t i = 0; json_is_array(value) && i < json_count(value); i++) {
        judge(json_find(rule, "items"), json_at(value, i), path);
    }
}

static void read_schema(void)
{
    struct strbuf path = {0};
    struct strbuf text = {0};
    struct err err = {0};
    strbuf_format(&path, "%s/plans/schema/report-v1.schema.json", test_root());
    assert_true(test_read_file(path.ptr, 0, &text));
    schema = json_read(strbuf_str(&text), &err);
    if (!schema) {
        fail_msg("the schema: %s", err.message);
    }
    strbuf_release(&path);
    strbuf_release(&text);
}

static void the_report_is_what_its_schema_says(void **state)
{
    (void)state;
    static void (*const endings[])(struct room *) = {room_completed, room_rolled_back,
                                                     room_failed, room_stopped};
    read_schema();
    for (size_t i = 0; i <= COUNT_OF(endings); i++) {
        struct room room;
        struct strbuf out = {0};
        struct err err = {0};
        room_open_with(&room, room_plan, STR("DROP TABLE c;\n"));
        if (i < COUNT_OF(endings)) {
            endings[i](&room);
        } else {
            room.context = (struct report_context){0}; /* a run of which nothing is known */
        }
        report_write(report_build(&room.run, &room.context, &room.arena), REPORT_JSON, &out);
        struct json *json = json_read(strbuf_str(&out), &err);
        assert_non_null(json);
        judge(schema, json, "report");
        json_free(json);
        strbuf_release(&out);
        room_close(&room);
    }
    json_free(schema);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_report_is_what_its_schema_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
