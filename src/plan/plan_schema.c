/* SPDX-License-Identifier: PostgreSQL */
/*
 * What else comes from the table of keys: the JSON Schema that editors use while
 * a plan is written, and the reference text of gonogo-plan(5).
 */
#include "plan_policy.h"
#include "plan_table.h"

#include "plan_values.h"

/* JSON type, pattern, and the word of the reference for each type; NULL: none or special. */
static const struct type_text {
    const char *json;
    const char *pattern;
    const char *words;
} type_texts[TYPE__COUNT] = {
    [TYPE_MAP] = {"object", NULL, "mapping"},
    [TYPE_MAPS] = {"array", NULL, "list of mappings"},
    [TYPE_TEXT] = {"string", NULL, "text"},
    [TYPE_TEXTS] = {"array", NULL, "list of texts"},
    [TYPE_NAME] = {"string", "^[A-Za-z0-9_][A-Za-z0-9_.-]*$", "name"},
    [TYPE_NAMES] = {"array", "^[A-Za-z0-9_][A-Za-z0-9_.-]*$", "list of names"},
    [TYPE_ARGV] = {"array", NULL, "list: program and arguments"},
    [TYPE_WORD] = {"string", NULL, "word"},
    [TYPE_WORDS] = {"array", NULL, "list of words"},
    [TYPE_WORDTEXT] = {"string", NULL, "word"},
    [TYPE_BOOL] = {"boolean", NULL, "true or false"},
    [TYPE_TRISTATE] = {"boolean", NULL, "true or false"},
    [TYPE_INTEGER] = {"integer", NULL, "whole number"},
    [TYPE_DURATION] = {"string", "^([0-9]+(\\.[0-9]+)?(us|ms|s|m|h|d))+$", "duration"},
    [TYPE_SIZE] = {"string", "^([0-9]+(\\.[0-9]+)?(B|kB|MB|GB|TB))+$", "size"},
    [TYPE_CLOCK] = {"string", "^[0-2][0-9]:[0-5][0-9](:[0-5][0-9])?$", "time of day"},
    [TYPE_DATE] = {"string", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "date"},
    [TYPE_TIME] = {"string", NULL, "point in time"},
    [TYPE_SLOT] = {"string", "^[0-2][0-9]:[0-5][0-9] *\\+ *[0-9a-z.]+$", "slot"},
    [TYPE_VALUE] = {NULL, NULL, "value"},
    [TYPE_PATH] = {"string", "^[^/~]", "file beside the plan"},
    [TYPE_SHA256] = {"string", "^[0-9a-f]{64}$", "SHA-256"},
};

static struct json *text_of(const char *text)
{
    return json_make_text(str_from(text));
}

static struct json *words_json(const struct plan_wordlist *words)
{
    struct json *array = json_make_array();
    for (size_t i = 0; i < words->count; i++) {
        json_push_text(array, str_from(words->items[i].name));
    }
    return array;
}

static struct json *reference_to(const struct plan_map *map)
{
    struct json *reference = json_make_object();
    struct strbuf path = {0};
    strbuf_format(&path, "#/definitions/%s", map->name);
    json_put_text(reference, "$ref", strbuf_str(&path));
    strbuf_release(&path);
    return reference;
}

static void put_limits(struct json *object, const struct plan_key *key)
{
    if (key->type == TYPE_INTEGER) {
        json_put_i64(object, "minimum", key->minimum);
        if (key->maximum != INT64_MAX) {
            json_put_i64(object, "maximum", key->maximum);
        }
    }
    if (key->otherwise == NULL) {
        return;
    }
    if (key->type == TYPE_BOOL) {
        json_put_bool(object, "default", strcmp(key->otherwise, "true") == 0);
    } else if (key->type == TYPE_INTEGER) {
        int64_t number = 0;
        if (str_to_i64(str_from(key->otherwise), &number)) {
            json_put_i64(object, "default", number);
        }
    } else if (key->type == TYPE_TEXTS) {
        struct json *array = json_make_array();
        json_push_text(array, str_from(key->otherwise));
        json_put_take(object, "default", array);
    } else {
        json_put_text(object, "default", str_from(key->otherwise));
    }
}

/* The element of a list, or the value itself. */
static struct json *scalar_json(const struct plan_key *key, const char *type)
{
    struct json *object = json_make_object();
    json_put_text(object, "type", str_from(type));
    if (key->words != NULL) {
        json_put_take(object, "enum", words_json(key->words));
    } else if (type_texts[key->type].pattern != NULL) {
        json_put_text(object, "pattern", str_from(type_texts[key->type].pattern));
    }
    return object;
}

/* What this version does not do yet must not look as if it did, in an editor neither. */
static void add_unbuilt(struct strbuf *out, const struct plan_key *key)
{
    if ((key->flags & KEY_UNBUILT) != 0) {
        strbuf_text(out, (key->flags & KEY_TOLD) != 0
                             ? " Not built yet: it is checked and otherwise without effect."
                             : " Not built yet: `run` refuses a plan that uses it.");
    }
    for (size_t i = 0; key->words != NULL && i < key->words->count; i++) {
        if (key->words->items[i].unbuilt) {
            strbuf_format(out, " Not built yet: %s.", key->words->items[i].name);
        }
    }
}

static struct json *key_json(const struct plan_key *key)
{
    const char *type = type_texts[key->type].json;
    struct json *object = NULL;
    if (key->type == TYPE_MAP) {
        object = json_make_object();
        struct json *all = json_make_array();
        json_push_take(all, reference_to(key->map));
        json_put_take(object, "allOf", all);
    } else if (key->type == TYPE_VALUE) {
        object = json_make_object();
        struct json *types = json_make_array();
        json_push_take(types, text_of("string"));
        json_push_take(types, text_of("number"));
        json_push_take(types, text_of("boolean"));
        json_put_take(object, "type", types);
    } else if (strcmp(type, "array") == 0) {
        object = json_make_object();
        json_put_text(object, "type", str_from(type));
        json_put_take(object, "items",
                      key->map != NULL ? reference_to(key->map) : scalar_json(key, "string"));
    } else {
        object = scalar_json(key, type);
    }
    struct strbuf text = {0};
    strbuf_text(&text, key->text);
    add_unbuilt(&text, key);
    json_put_text(object, "description", strbuf_str(&text));
    strbuf_release(&text);
    put_limits(object, key);
    return object;
}

static void put_map(struct json *object, const struct plan_map *map)
{
    struct json *properties = json_make_object();
    struct json *required = json_make_array();
    for (size_t i = 0; i < map->key_count; i++) {
        const struct plan_key *key = &map->keys[i];
        json_put_take(properties, key->name, key_json(key));
        if ((key->flags & KEY_REQUIRED) != 0) {
            json_push_text(required, str_from(key->name));
        }
    }
    json_put_text(object, "type", STR("object"));
    json_put_bool(object, "additionalProperties", false);
    json_put_take(object, "properties", properties);
    if (json_count(required) > 0) {
        json_put_take(object, "required", required);
    } else {
        json_free(required);
    }
}

static void put_definitions(struct json *definitions, const struct plan_map *map)
{
    for (size_t i = 0; i < map->key_count; i++) {
        const struct plan_map *inner = map->keys[i].map;
        if (inner != NULL && json_find(definitions, inner->name) == NULL) {
            struct json *object = json_make_object();
            put_map(object, inner);
            json_put_take(definitions, inner->name, object);
            put_definitions(definitions, inner);
        }
    }
}

void plan_json_schema(struct strbuf *out)
{
    struct json *schema = json_make_object();
    struct json *definitions = json_make_object();
    json_put_text(schema, "$schema", STR("http://json-schema.org/draft-07/schema#"));
    json_put_text(schema, "title", STR("gonogo plan, version 1"));
    put_map(schema, &plan_root);
    put_definitions(definitions, &plan_root);
    json_put_take(schema, "definitions", definitions);
    json_write(out, schema, JSON_PRETTY);
    json_free(schema);
}

static void describe_key(struct strbuf *out, const char *path, const struct plan_key *key)
{
    strbuf_format(out, "**%s** (%s", path, type_texts[key->type].words);
    if ((key->flags & KEY_REQUIRED) != 0) {
        strbuf_text(out, ", required");
    }
    if (key->otherwise != NULL) {
        strbuf_format(out, ", default %s", key->otherwise);
    }
    strbuf_format(out, ")\n: %s", key->text);
    if (key->words != NULL) {
        strbuf_text(out, " One of ");
        plan_words_list(out, key->words);
        strbuf_byte(out, '.');
    }
    add_unbuilt(out, key);
    strbuf_text(out, "\n\n");
}

static void describe_map(struct strbuf *out, const char *path, const struct plan_map *map)
{
    for (size_t i = 0; i < map->key_count; i++) {
        const struct plan_key *key = &map->keys[i];
        struct strbuf name = {0};
        strbuf_format(&name, "%s%s%s", path, path[0] == '\0' ? "" : ".", key->name);
        describe_key(out, name.ptr, key);
        if (key->map != NULL) {
            if (key->type == TYPE_MAPS) {
                strbuf_text(&name, "[]");
            }
            describe_map(out, name.ptr, key->map);
        }
        strbuf_release(&name);
    }
}

void plan_reference(struct strbuf *out)
{
    describe_map(out, "", &plan_root);
}

void policy_reference(struct strbuf *out)
{
    describe_map(out, "", &policy_root);
}
