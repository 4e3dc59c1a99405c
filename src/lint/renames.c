/* SPDX-License-Identifier: PostgreSQL */
/*
 * Names that change under way. What the plan does to a thing is remembered, and looked up on
 * the server, by the name that it had when the plan began: its identity. A name that is
 * written after a RENAME or SET SCHEMA is led back to it; a name that was given up and is used
 * again means something new, whose identity carries the number of the rename behind a mark that
 * no name holds.
 */
#include "lint_private.h"

enum {
    FRESH = '\x1f'
};

/* A part's key: its table, and its name with its class in front, which no table's key looks
 * like. */
static struct sql_name part_key(struct arena *arena, struct sql_name table, char class,
                                struct str part)
{
    return (struct sql_name){
        str_format(arena, "%.*s%c%.*s", STR_ARG(table.schema), FRESH, STR_ARG(table.name)),
        str_format(arena, "%c %.*s", class, STR_ARG(part))};
}

static struct sql_name schema_key(struct str schema)
{
    return (struct sql_name){schema, STR("")};
}

static void add(struct lint *lint, struct sql_name from, struct sql_name now)
{
    names_add(&lint->renamed_from, history_keep_name(lint, from));
    names_add(&lint->renamed_to, history_keep_name(lint, now));
}

/* The newest rename before `end` of that key, NAMES_NONE when there is none. */
static ptrdiff_t newest(const struct names *names, struct sql_name key, ptrdiff_t end)
{
    ptrdiff_t at = names_first(names, key);
    while (at != NAMES_NONE && at >= end) {
        at = names_next(names, at);
    }
    return at;
}

static struct str fresh(const struct lint *lint, struct str name, ptrdiff_t number)
{
    return str_format(lint->arena, "%.*s%c%td", STR_ARG(name), FRESH, number);
}

static struct str without_mark(struct str name)
{
    return str_slice(name, 0, str_find_byte(name, FRESH, 0));
}

/* Renames of the thing itself and of its schema, from the newest back to the first. */
static struct sql_name identity_of(const struct lint *lint, struct sql_name name)
{
    ptrdiff_t end = (ptrdiff_t)lint->renamed_to.count;
    while (end > 0) {
        struct sql_name schema = schema_key(name.schema);
        ptrdiff_t to = newest(&lint->renamed_to, name, end);
        ptrdiff_t from = newest(&lint->renamed_from, name, end);
        ptrdiff_t schema_to = newest(&lint->renamed_to, schema, end);
        ptrdiff_t schema_from = newest(&lint->renamed_from, schema, end);
        ptrdiff_t best = to > from ? to : from;
        best = schema_to > best ? schema_to : best;
        best = schema_from > best ? schema_from : best;
        if (best == NAMES_NONE) {
            break;
        }
        if (best == to) {
            name = lint->renamed_from.keys[to];
        } else if (best == schema_to) {
            name.schema = lint->renamed_from.keys[schema_to].schema;
        } else if (best == from) {
            return (struct sql_name){name.schema, fresh(lint, name.name, from)};
        } else {
            return (struct sql_name){fresh(lint, name.schema, schema_from), name.name};
        }
        end = best;
    }
    return name;
}

struct sql_name renames_identity(const struct lint *lint, struct sql_name name)
{
    return lint->renamed_to.count == 0 ? name : identity_of(lint, name);
}

struct str renames_part_identity(const struct lint *lint, const struct sql_action *action,
                                 struct sql_name table)
{
    char class = renames_class(action->form);
    if (lint->renamed_to.count == 0 || action->part.len == 0 || class == '\0') {
        return action->part;
    }
    struct arena scratch = {0};
    struct sql_name key = part_key(&scratch, table, class, action->part);
    ptrdiff_t end = (ptrdiff_t)lint->renamed_to.count;
    struct str part = action->part;
    for (;;) {
        ptrdiff_t to = newest(&lint->renamed_to, key, end);
        ptrdiff_t from = newest(&lint->renamed_from, key, end);
        if (to == NAMES_NONE && from == NAMES_NONE) {
            break;
        }
        if (from > to) {
            part = fresh(lint, part, from);
            break;
        }
        key = lint->renamed_from.keys[to];
        part = str_slice(key.name, 2, key.name.len);
        end = to;
    }
    arena_release(&scratch);
    return part;
}

/* Forward again: what an identity is called by now. */
struct sql_name renames_shown(const struct lint *lint, struct sql_name identity)
{
    struct sql_name name = identity;
    size_t mark = str_find_byte(name.name, FRESH, 0);
    int64_t number;
    struct str behind =
        mark < name.name.len ? str_slice(name.name, mark + 1, name.name.len) : STR("");
    size_t begin = str_to_i64(behind, &number) ? (size_t)number + 1 : 0;
    name = (struct sql_name){without_mark(name.schema), without_mark(name.name)};
    for (size_t i = begin; i < lint->renamed_from.count; i++) {
        const struct sql_name *from = &lint->renamed_from.keys[i];
        if (sql_name_is(*from, name)) {
            name = lint->renamed_to.keys[i];
        } else if (sql_name_is(*from, schema_key(name.schema))) {
            name.schema = lint->renamed_to.keys[i].schema;
        }
    }
    return name;
}

/* ----------------------------------------------------------------------- what renames */

static const struct {
    enum sql_form form;
    char class;
} classes[] = {
    {SQL_FORM_ADD_COLUMN, 'c'},
    {SQL_FORM_DROP_COLUMN, 'c'},
    {SQL_FORM_ALTER_COLUMN_TYPE, 'c'},
    {SQL_FORM_SET_DEFAULT, 'c'},
    {SQL_FORM_DROP_DEFAULT, 'c'},
    {SQL_FORM_SET_NOT_NULL, 'c'},
    {SQL_FORM_DROP_NOT_NULL, 'c'},
    {SQL_FORM_DROP_EXPRESSION, 'c'},
    {SQL_FORM_ADD_IDENTITY, 'c'},
    {SQL_FORM_SET_IDENTITY, 'c'},
    {SQL_FORM_DROP_IDENTITY, 'c'},
    {SQL_FORM_RENAME_COLUMN, 'c'},
    {SQL_FORM_ADD_CHECK, 'k'},
    {SQL_FORM_ADD_CHECK_NOT_VALID, 'k'},
    {SQL_FORM_ADD_FOREIGN_KEY, 'k'},
    {SQL_FORM_ADD_FOREIGN_KEY_NOT_VALID, 'k'},
    {SQL_FORM_ADD_UNIQUE, 'k'},
    {SQL_FORM_ADD_PRIMARY_KEY, 'k'},
    {SQL_FORM_ADD_CONSTRAINT_USING_INDEX, 'k'},
    {SQL_FORM_ADD_EXCLUSION, 'k'},
    {SQL_FORM_VALIDATE_CONSTRAINT, 'k'},
    {SQL_FORM_ALTER_CONSTRAINT, 'k'},
    {SQL_FORM_DROP_CONSTRAINT, 'k'},
    {SQL_FORM_RENAME_CONSTRAINT, 'k'},
    {SQL_FORM_CREATE_POLICY, 'p'},
    {SQL_FORM_ALTER_POLICY, 'p'},
    {SQL_FORM_DROP_POLICY, 'p'},
    {SQL_FORM_RENAME_POLICY, 'p'},
    {SQL_FORM_CREATE_TRIGGER, 't'},
    {SQL_FORM_DROP_TRIGGER, 't'},
    {SQL_FORM_ENABLE_TRIGGER, 't'},
    {SQL_FORM_DISABLE_TRIGGER, 't'},
    {SQL_FORM_RENAME_TRIGGER, 't'},
    {SQL_FORM_CREATE_RULE, 'r'},
    {SQL_FORM_DROP_RULE, 'r'},
    {SQL_FORM_ENABLE_RULE, 'r'},
    {SQL_FORM_RENAME_RULE, 'r'},
};

char renames_class(enum sql_form form)
{
    for (size_t i = 0; i < COUNT_OF(classes); i++) {
        if (classes[i].form == form) {
            return classes[i].class;
        }
    }
    return '\0';
}

/* Relations, and types, which share their names with them. */
static bool is_of_relation(const struct sql_action *action)
{
    enum sql_form form = action->form;
    bool other = form == SQL_FORM_RENAME_OTHER || form == SQL_FORM_SET_SCHEMA_OTHER;
    return other ? strcmp(action->kind, "type") == 0 || strcmp(action->kind, "domain") == 0
                 : form == SQL_FORM_RENAME_TABLE || form == SQL_FORM_RENAME_VIEW ||
                       form == SQL_FORM_RENAME_SEQUENCE || form == SQL_FORM_RENAME_INDEX ||
                       form == SQL_FORM_SET_TABLE_SCHEMA || form == SQL_FORM_SET_VIEW_SCHEMA ||
                       form == SQL_FORM_SET_SEQUENCE_SCHEMA;
}

static bool moves_schema(enum sql_form form)
{
    return form == SQL_FORM_SET_TABLE_SCHEMA || form == SQL_FORM_SET_VIEW_SCHEMA ||
           form == SQL_FORM_SET_SEQUENCE_SCHEMA || form == SQL_FORM_SET_SCHEMA_OTHER;
}

static bool renames_part(enum sql_form form)
{
    return form == SQL_FORM_RENAME_COLUMN || form == SQL_FORM_RENAME_CONSTRAINT ||
           form == SQL_FORM_RENAME_POLICY || form == SQL_FORM_RENAME_TRIGGER ||
           form == SQL_FORM_RENAME_RULE;
}

void renames_remember(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (action->renamed.len == 0) {
        return;
    }
    if (action->form == SQL_FORM_RENAME_SCHEMA) {
        add(lint, schema_key(action->object.name), schema_key(action->renamed));
    } else if (is_of_relation(action)) {
        struct sql_name from = world_find(lint, action->object);
        struct sql_name now = moves_schema(action->form)
                                  ? (struct sql_name){action->renamed, from.name}
                                  : (struct sql_name){from.schema, action->renamed};
        add(lint, from, now);
    } else if (renames_part(action->form)) {
        struct arena scratch = {0};
        char class = renames_class(action->form);
        add(lint, part_key(&scratch, step->object, class, action->part),
            part_key(&scratch, step->object, class, action->renamed));
        arena_release(&scratch);
    }
}

void renames_cut(struct lint *lint, size_t count)
{
    names_cut(&lint->renamed_from, count);
    names_cut(&lint->renamed_to, count);
}
