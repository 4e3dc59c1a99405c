/* SPDX-License-Identifier: PostgreSQL */
/*
 * A script as JSON, one member of `files` of `gonogo explain --json`. What is not
 * known is absent, never false.
 */
#include "sql.h"

static const char *const use_names[SQL_USE__COUNT] = {
    [SQL_USE_CREATE] = "create", [SQL_USE_ALTER] = "alter", [SQL_USE_DROP] = "drop",
    [SQL_USE_WRITE] = "write",   [SQL_USE_READ] = "read",
};

static const char *const judgement_names[SQL_JUDGEMENT__COUNT] = {
    [SQL_NOT_DESCRIBED] = "not described", [SQL_PARSED] = "parsed",
    [SQL_CANNOT_JUDGE] = "cannot judge",   [SQL_MISTAKE] = "mistake",
    [SQL_NOT_ANALYSED] = "not analysed",
};

const char *sql_use_name(enum sql_use use)
{
    return use_names[use];
}

const char *sql_judgement_name(enum sql_judgement judgement)
{
    return judgement_names[judgement];
}

static void put_known(struct json *object, const char *key, struct str text)
{
    if (text.len > 0) {
        json_put_text(object, key, text);
    }
}

static void put_fact(struct json *object, const char *key, enum sql_fact fact)
{
    if (fact != SQL_UNKNOWN) {
        json_put_bool(object, key, fact == SQL_YES);
    }
}

static struct json *object_json(const struct sql_object *object)
{
    struct json *json = json_make_object();
    json_put_text(json, "use", str_from(sql_use_name(object->use)));
    json_put_text(json, "kind", str_from(object->kind));
    put_known(json, "schema", object->schema);
    json_put_text(json, "name", object->name);
    put_known(json, "on", object->on);
    json_put_text(json, "written", object->written);
    return json;
}

static void put_description(struct json *json, const struct sql_statement *statement)
{
    put_known(json, "tag", str_from(statement->tag));
    put_known(json, "control", str_from(sql_control_name(statement->control)));
    put_fact(json, "transactional", statement->transactional);
    if (statement->judgement == SQL_NOT_DESCRIBED) {
        return;
    }
    json_put_text(json, "judgement", str_from(sql_judgement_name(statement->judgement)));
    struct sql_misread misread = sql_statement_misread(statement);
    if (misread.message.len > 0) {
        struct json *message = json_make_object();
        json_put_text(message, "text", misread.message);
        if (misread.where.line > 0) {
            json_put_i64(message, "line", misread.where.line);
            json_put_i64(message, "column", misread.where.column);
            json_put_i64(message, "offset", (int64_t)misread.where.offset);
        }
        json_put_take(json, "message", message);
    }
    if (statement->judgement != SQL_PARSED) {
        return;
    }
    struct json *objects = json_make_array();
    for (size_t i = 0; i < statement->object_count; i++) {
        json_push_take(objects, object_json(&statement->objects[i]));
    }
    json_put_take(json, "objects", objects);
}

struct json *sql_statement_json(const struct sql_script *script, size_t index)
{
    const struct sql_statement *statement = &script->statements[index];
    struct json *json = json_make_object();
    json_put_i64(json, "n", (int64_t)index + 1);
    json_put_i64(json, "line", statement->line);
    json_put_i64(json, "column", statement->column);
    json_put_i64(json, "offset", (int64_t)statement->offset);
    json_put_i64(json, "length", (int64_t)statement->length);
    json_put_text(json, "sql", sql_statement_text(script, index));
    put_description(json, statement);
    if (statement->copy_from_stdin) {
        static const struct sql_copy_data none = {0};
        const struct sql_copy_data *place = statement->data ? statement->data : &none;
        struct json *data = json_make_object();
        json_put_i64(data, "line", place->line);
        json_put_i64(data, "offset", (int64_t)place->offset);
        json_put_i64(data, "length", (int64_t)place->length);
        json_put_take(json, "data", data);
    }
    return json;
}
