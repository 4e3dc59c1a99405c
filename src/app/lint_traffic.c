/* SPDX-License-Identifier: PostgreSQL */
/*
 * Live statements, read: which relations each uses, by the grammar; which of their columns it
 * names, by its words, because a word too many is better than a column that somebody reads
 * and nobody warned of.
 */
#include "app_lint_world.h"

#include <stdlib.h>

struct reading {
    struct app_lint_world *world;
    const struct catalog_lint_traffic *statement;
    struct app_lint_names words; /* of the statement */
    bool every_column;           /* it asks for "*" */
    struct lint_traffic *items;
    size_t count;
    size_t capacity;
};

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

static bool ends_with_word(struct str text, const char *word)
{
    size_t length = strlen(word);
    if (text.len < length) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if ((text.ptr[text.len - length + i] | ' ') != word[i]) {
            return false;
        }
    }
    return true;
}

/* A "*" that is neither a product nor the one of count(*). */
static bool asks_for_every_column(struct str text)
{
    static const char *const before[] = {"select", "distinct", "all", "returning"};
    for (size_t at = 0; (at = str_find_byte(text, '*', at)) < text.len; at++) {
        struct str front = str_slice(text, 0, at);
        while (front.len > 0 && is_space(front.ptr[front.len - 1])) {
            front.len--;
        }
        char last = front.len > 0 ? front.ptr[front.len - 1] : ' ';
        bool every = last == ',' || last == '.';
        for (size_t i = 0; i < COUNT_OF(before) && !every; i++) {
            every = ends_with_word(front, before[i]);
        }
        if (every) {
            return true;
        }
    }
    return false;
}

static bool has_word(const struct app_lint_names *words, struct str name)
{
    for (size_t i = 0; i < words->count; i++) {
        if (str_is(words->items[i], name)) {
            return true;
        }
    }
    return false;
}

/* One row for a relation and a statement, however often it is named. */
static struct lint_traffic *row_of(struct reading *reading, size_t first,
                                   const struct lint_relation *relation)
{
    for (size_t i = first; i < reading->count; i++) {
        if (sql_name_is(reading->items[i].relation, relation->name)) {
            return &reading->items[i];
        }
    }
    struct lint_traffic *row = ARRAY_PUSH(reading->items, reading->count, reading->capacity);
    *row = (struct lint_traffic){.relation = relation->name,
                                 .all_columns = reading->every_column,
                                 .calls_per_second = reading->statement->calls_per_second,
                                 .text = reading->statement->text};
    struct str *columns =
        arena_array(&reading->world->arena, relation->column_count, sizeof *columns);
    for (size_t i = 0; i < relation->column_count; i++) {
        if (has_word(&reading->words, relation->columns[i].name)) {
            columns[row->column_count++] = relation->columns[i].name;
        }
    }
    row->columns = columns;
    return row;
}

static bool is_on_path(const struct lint_context *context, struct str schema)
{
    for (size_t i = 0; i < context->search_path_count; i++) {
        if (str_is(context->search_path[i], schema)) {
            return true;
        }
    }
    return false;
}

/*
 * Whose search_path it was is not known: a name without a schema is the relation on our own
 * path, or else every one of that name.
 */
static void use_object(struct reading *reading, size_t first, const struct sql_object *object,
                       const char *tag)
{
    const struct lint_context *context = &reading->world->context;
    bool on_path = false;
    for (int round = 0; round < 2 && !on_path; round++) {
        for (size_t i = 0; i < context->relation_count; i++) {
            const struct lint_relation *relation = &context->relations[i];
            bool fits = object->schema.len > 0
                            ? str_is(relation->name.schema, object->schema)
                            : round > 0 || is_on_path(context, relation->name.schema);
            if (!str_is(relation->name.name, object->name) || !fits) {
                continue;
            }
            struct lint_traffic *row = row_of(reading, first, relation);
            bool writes = object->use == SQL_USE_WRITE;
            row->writes = row->writes || writes;
            /* INSERT without a list fills the columns in their order. */
            row->all_columns = row->all_columns ||
                               (writes && row->column_count == 0 && strcmp(tag, "INSERT") == 0);
            on_path = true;
        }
    }
}

static bool is_traffic(const struct sql_object *object)
{
    return object->use == SQL_USE_READ || object->use == SQL_USE_WRITE;
}

static void read_statement(struct reading *reading, struct sql_watch *watch)
{
    struct app_lint_world *world = reading->world;
    struct str text = reading->statement->text;
    struct arena scratch = {0};
    struct sql_script script = {0};
    struct sql_trouble trouble;
    bool read = text.len > 0 && sql_cut(text, NULL, &scratch, &script, &trouble);
    script.watch = watch;
    if (read) {
        sql_describe(&script, &scratch);
    }
    app_lint_names_add(&reading->words, text);
    reading->every_column = asks_for_every_column(text);
    for (size_t i = 0; read && i < script.count; i++) {
        const struct sql_statement *statement = &script.statements[i];
        size_t first = reading->count;
        read = statement->judgement == SQL_PARSED;
        for (size_t k = 0; k < statement->object_count; k++) {
            if (is_traffic(&statement->objects[k])) {
                use_object(reading, first, &statement->objects[k], statement->tag);
            }
        }
    }
    world->unread += read ? 0 : 1;
    app_lint_names_release(&reading->words);
    arena_release(&scratch);
}

void app_lint_traffic(struct app_lint_world *world, struct sql_watch *watch)
{
    struct reading reading = {.world = world};
    world->unread = 0;
    for (size_t i = 0; i < world->statement_count && watch; i++) {
        reading.statement = &world->statements[i];
        read_statement(&reading, watch);
    }
    struct lint_traffic *kept = arena_array(&world->arena, reading.count, sizeof *kept);
    if (reading.count > 0) {
        memcpy(kept, reading.items, reading.count * sizeof *kept);
    }
    world->context.traffic = kept;
    world->context.traffic_count = reading.count;
    if (!watch && world->statement_count > 0) {
        world->context.knows &= ~(unsigned)LINT_NEEDS_TRAFFIC;
    }
    free(reading.items);
}
