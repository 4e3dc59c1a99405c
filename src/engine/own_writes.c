/* SPDX-License-Identifier: PostgreSQL */
/*
 * Which of the rows that were written since the backup this run wrote itself. The server's
 * counters do not say who wrote. What the run's files wrote is known as far as the server's
 * answers to INSERT, UPDATE, DELETE, MERGE and COPY tell it, so it is named as "at least",
 * and never subtracted: the counters are late (a session tells what it did when it has been
 * idle for a while, up to version 14 with its next command), and a late number less another
 * would hide what others wrote. For the same reason no total is less than the answers say.
 */
#include "engine_private.h"

static bool counts_rows(struct str tag)
{
    static const char *const tags[] = {"INSERT", "UPDATE", "DELETE", "MERGE", "COPY"};
    for (size_t i = 0; i < COUNT_OF(tags); i++) {
        if (str_starts(tag, tags[i])) {
            return true;
        }
    }
    return false;
}

/* The one object that a statement writes into; NULL when it names none, or several. */
static const struct sql_object *written(const struct sql_statement *statement)
{
    const struct sql_object *found = NULL;
    for (size_t i = 0; i < statement->object_count; i++) {
        if (statement->objects[i].use == SQL_USE_WRITE) {
            if (found) {
                return NULL;
            }
            found = &statement->objects[i];
        }
    }
    return found;
}

static bool is_table(const struct run *run, const struct sql_object *object, struct str table)
{
    const struct plan_texts *path = &run->plan->search_path;
    struct str home = path->count > 0 ? path->items[0] : STR("public");
    struct str schema = object->schema.len > 0 ? object->schema : home;
    return table.len == schema.len + 1 + object->name.len &&
           str_is(str_slice(table, 0, schema.len), schema) && table.ptr[schema.len] == '.' &&
           str_is(str_slice(table, schema.len + 1, table.len), object->name);
}

static int64_t script_writes(const struct run *run, const struct run_script *script,
                             struct str table)
{
    int64_t rows = 0;
    for (size_t i = script->first; i < script->last; i++) {
        const struct run_statement *answer = &script->statements[i];
        const struct sql_object *object = written(&script->sql->statements[i]);
        if (answer->outcome == OUTCOME_OK && answer->rows > 0 && counts_rows(answer->tag) &&
            object && is_table(run, object, table)) {
            rows += answer->rows;
        }
    }
    return rows;
}

/* ------------------------------------------------------------------- of a script */

static uint32_t hash_of(const struct sql_object *object)
{
    return chain_hash(object->name, (struct str){0}, (struct str){0});
}

/* What the file makes itself, such as a temporary table, held no row when the dump was taken.
 * By its name alone, and by that's hash: who is taken for it makes the "at least" smaller. */
static void add_made(struct chains *made, const struct sql_statement *statement, size_t index)
{
    for (size_t i = 0; i < statement->object_count; i++) {
        if (statement->objects[i].use == SQL_USE_CREATE) {
            chain_add(made, hash_of(&statement->objects[i]), index);
        }
    }
}

int64_t script_rows_answered(const struct run_script *script)
{
    struct chains made = {0};
    int64_t rows = 0;
    for (size_t i = script->first; script->sql && i < script->last; i++) {
        const struct run_statement *answer = &script->statements[i];
        const struct sql_object *object = written(&script->sql->statements[i]);
        if (answer->outcome == OUTCOME_OK && answer->rows > 0 && counts_rows(answer->tag) &&
            object && chain_first(&made, hash_of(object)) == CHAIN_NONE) {
            rows += answer->rows;
        }
        add_made(&made, &script->sql->statements[i], i);
    }
    chains_release(&made);
    return rows;
}

int64_t run_own_writes(const struct run *run, const struct event_item *table)
{
    int64_t rows = 0;
    for (size_t i = 0; !run->writes_in_part && i < run->script_count; i++) {
        const struct run_script *script = &run->scripts[i];
        bool counts = script->state == SCRIPT_COMMITTED && script->sql;
        rows += counts ? script_writes(run, script, table->name) : 0;
    }
    return rows < table->value ? rows : table->value; /* the counters are late by a moment */
}

int64_t run_own_rows(const struct run *run)
{
    int64_t rows = 0;
    for (size_t i = 0; i < run->script_count; i++) {
        rows += run->scripts[i].state == SCRIPT_COMMITTED ? run->scripts[i].wrote : 0;
    }
    return rows;
}
