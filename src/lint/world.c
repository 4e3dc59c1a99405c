/* SPDX-License-Identifier: PostgreSQL */
/*
 * Looking things up in the context: which relation a name means, how large it is, who uses
 * it. What the plan itself made stands in front of what the server has.
 */
#include "lint_private.h"

bool world_knows(const struct lint *lint, enum lint_needs part)
{
    return (lint->context->knows & (unsigned)part) != 0;
}

int world_major(const struct lint *lint)
{
    return lint->context->version / 10000;
}

const struct lint_relation *world_relation(const struct lint *lint, struct sql_name name)
{
    ptrdiff_t at = names_first(&lint->relations, name);
    return at == NAMES_NONE ? NULL : &lint->context->relations[at];
}

/* The next schema of the search path in force, "" at its end. */
static struct str next_schema(struct str *rest)
{
    struct str piece;
    while (str_cut(rest, ',', &piece)) {
        piece = str_trim(piece);
        if (piece.len >= 2 && piece.ptr[0] == '"') {
            piece = str_slice(piece, 1, piece.len - 2);
        }
        if (piece.len > 0) {
            return piece;
        }
    }
    return STR("");
}

/* The first schema in which something could be made; "public" when the path has none. */
static struct str first_schema(struct str path)
{
    struct str schema;
    while ((schema = next_schema(&path)).len > 0) {
        if (!str_is(schema, STR("$user")) && !str_is(schema, STR("pg_catalog"))) {
            return schema;
        }
    }
    return STR("public");
}

struct sql_name world_resolve_by(const struct lint *lint, struct str path,
                                 struct sql_name written)
{
    struct str rest = path;
    struct str schema;
    while (written.schema.len == 0 && (schema = next_schema(&rest)).len > 0) {
        struct sql_name name = {schema, written.name};
        if (world_relation(lint, name)) {
            return name;
        }
    }
    return written.schema.len > 0 ? written
                                  : (struct sql_name){first_schema(path), written.name};
}

static bool is_there(const struct lint *lint, struct sql_name name)
{
    struct sql_name identity = renames_identity(lint, name);
    return world_relation(lint, identity) || history_is_new(lint, identity);
}

struct sql_name world_find(const struct lint *lint, struct sql_name written)
{
    if (written.schema.len > 0 || written.name.len == 0) {
        return written;
    }
    /* The server looks there first, whatever the path says. */
    struct sql_name temporary = {STR("pg_temp"), written.name};
    if (lint->has_temporary && history_is_new(lint, temporary)) {
        return temporary;
    }
    struct str path = history_setting(lint, LINT_SETTING_SEARCH_PATH);
    struct str rest = path;
    struct str schema;
    while ((schema = next_schema(&rest)).len > 0) {
        struct sql_name name = {schema, written.name};
        if (is_there(lint, name)) {
            return name;
        }
    }
    return (struct sql_name){first_schema(path), written.name};
}

struct sql_name world_resolve(const struct lint *lint, struct sql_name written)
{
    return renames_identity(lint, world_find(lint, written));
}

struct str world_home(const struct lint *lint)
{
    return first_schema(lint->search_path);
}

const struct lint_column *world_column(const struct lint_relation *relation, struct str name)
{
    for (size_t i = 0; relation && i < relation->column_count; i++) {
        if (str_is(relation->columns[i].name, name)) {
            return &relation->columns[i];
        }
    }
    return NULL;
}

bool world_is_of_type(const struct lint_column *column, struct str type)
{
    struct str of = column->type;
    while (str_ends(of, "[]")) {
        of = str_slice(of, 0, of.len - 2);
    }
    return str_is(of, type);
}

static bool has_type(const struct lint *lint, struct str type)
{
    for (size_t i = 0; i < lint->context->relation_count; i++) {
        const struct lint_relation *relation = &lint->context->relations[i];
        for (size_t j = 0; j < relation->column_count; j++) {
            if (world_is_of_type(&relation->columns[j], type)) {
                return true;
            }
        }
    }
    return false;
}

struct str world_type(const struct lint *lint, struct sql_name written)
{
    struct str rest = history_setting(lint, LINT_SETTING_SEARCH_PATH);
    struct str schema;
    while (written.schema.len == 0 && (schema = next_schema(&rest)).len > 0) {
        struct sql_name name = {schema, written.name};
        struct str type = sql_name_written(lint->arena, name);
        if (has_type(lint, type)) {
            return type;
        }
    }
    return sql_name_written(lint->arena, written);
}

struct str world_size(const struct lint *lint, const struct lint_relation *relation)
{
    if (!relation || (relation->rows < 0 && relation->bytes < 0)) {
        return STR("");
    }
    struct strbuf text = {0};
    if (relation->rows >= 0) {
        strbuf_text(&text, "about ");
        number_to_text(&text, relation->rows);
        strbuf_text(&text, relation->rows == 1 ? " row" : " rows");
    }
    if (relation->bytes >= 0) {
        strbuf_text(&text, relation->rows >= 0 ? ", " : "");
        size_to_text(&text, relation->bytes);
    }
    struct str kept = str_dup(lint->arena, strbuf_str(&text));
    strbuf_release(&text);
    return kept;
}

double world_calls(const struct lint *lint, struct sql_name relation, bool writes_only)
{
    if (!world_knows(lint, LINT_NEEDS_TRAFFIC)) {
        return -1;
    }
    double calls = 0;
    for (size_t i = 0; i < lint->context->traffic_count; i++) {
        const struct lint_traffic *traffic = &lint->context->traffic[i];
        if (sql_name_is(traffic->relation, relation) && (traffic->writes || !writes_only)) {
            if (traffic->calls_per_second < 0) {
                return -1; /* since when they are counted is not known */
            }
            calls += traffic->calls_per_second;
        }
    }
    return calls;
}

const struct lint_relation *world_table_of_index(const struct lint *lint, struct sql_name index)
{
    for (size_t i = 0; i < lint->context->relation_count; i++) {
        const struct lint_relation *relation = &lint->context->relations[i];
        for (size_t j = 0;
             str_is(relation->name.schema, index.schema) && j < relation->index_count; j++) {
            if (str_is(relation->indexes[j].name, index.name)) {
                return relation;
            }
        }
    }
    return NULL;
}
