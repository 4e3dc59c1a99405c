/* SPDX-License-Identifier: PostgreSQL */
/*
 * Victims: what goes with a statement that drops, and whether the plan says that it will go.
 * A plan writes names as the counts do: unquoted, the table in front of what stands on it; a
 * schema where it is not found on the search path that the plan itself gives. What a file does
 * to search_path changes what the file means, not what the plan means.
 */
#include "outcome.h"

/* ---------------------------------------------------------------- what the plan names */

void victims_begin_file(struct lint *lint)
{
    const struct lint_file *file = lint->file;
    if (lint->named_from == file->named_victims &&
        lint->named.count == file->named_victim_count) {
        return; /* mostly each file has the same list: that of the plan */
    }
    names_clear(&lint->named);
    lint->named_from = file->named_victims;
    for (size_t i = 0; i < file->named_victim_count; i++) {
        names_add(&lint->named, (struct sql_name){STR(""), file->named_victims[i]});
    }
}

/* "orders", and "table orders" for those who want to be sure. */
static bool stands_there(const struct lint *lint, const char *kind, struct str text)
{
    struct arena scratch = {0};
    struct str whole = str_format(&scratch, "%s %.*s", kind, STR_ARG(text));
    bool there = names_first(&lint->named, (struct sql_name){STR(""), text}) != NAMES_NONE ||
                 names_first(&lint->named, (struct sql_name){STR(""), whole}) != NAMES_NONE;
    arena_release(&scratch);
    return there;
}

/* Both as the counts write names and as SQL must. */
static bool is_written(const struct lint *lint, const char *kind, struct sql_name object,
                       struct str part)
{
    struct arena scratch = {0};
    struct str quoted = sql_name_written(&scratch, object);
    struct strbuf plain = {0};
    strbuf_format(&plain, "%.*s%s%.*s", STR_ARG(object.schema),
                  object.schema.len > 0 ? "." : "", STR_ARG(object.name));
    if (part.len > 0) {
        strbuf_format(&plain, ".%.*s", STR_ARG(part));
        struct strbuf ident = {0};
        sql_quote_ident(&ident, part);
        quoted =
            str_format(&scratch, "%.*s.%.*s", STR_ARG(quoted), STR_ARG(strbuf_str(&ident)));
        strbuf_release(&ident);
    }
    bool written =
        stands_there(lint, kind, strbuf_str(&plain)) || stands_there(lint, kind, quoted);
    strbuf_release(&plain);
    arena_release(&scratch);
    return written;
}

bool victim_is_named(const struct lint *lint, const char *kind, struct sql_name object,
                     struct str part)
{
    if (lint->named.count == 0) {
        return false;
    }
    struct sql_name bare = {STR(""), object.name};
    struct sql_name meant = world_resolve_by(lint, lint->search_path, bare);
    return is_written(lint, kind, object, part) ||
           (sql_name_is(meant, object) && is_written(lint, kind, bare, part));
}

/* Counts name keys, constraints and indexes without their table, too. */
static bool is_named_bare(const struct lint *lint, const struct lint_dependent *dependent)
{
    size_t dot = str_find_byte(dependent->name, '.', 0);
    bool bare = strcmp(dependent->kind, "foreign key") == 0 ||
                strcmp(dependent->kind, "constraint") == 0 ||
                strcmp(dependent->kind, "index") == 0;
    return bare && dot < dependent->name.len &&
           stands_there(lint, dependent->kind,
                        str_slice(dependent->name, dot + 1, dependent->name.len));
}

/* Labels leave out the first schema of the path: both ways of writing it are meant. */
bool victim_hanging_is_named(const struct lint *lint, const struct lint_dependent *dependent)
{
    if (lint->named.count == 0) {
        return false;
    }
    struct arena scratch = {0};
    struct str home = world_home(lint);
    struct str whole =
        str_format(&scratch, "%.*s.%.*s", STR_ARG(home), STR_ARG(dependent->name));
    bool named = stands_there(lint, dependent->kind, dependent->name) ||
                 stands_there(lint, dependent->kind, whole) || is_named_bare(lint, dependent);
    arena_release(&scratch);
    return named;
}

/* ------------------------------------------------------------------------ what goes along */

/* The same thing may hang on several columns. */
static bool is_told(const struct lint_relation *relation, size_t index)
{
    const struct lint_dependent *dependent = &relation->dependents[index];
    for (size_t i = 0; i < index; i++) {
        if (str_is(relation->dependents[i].name, dependent->name) &&
            strcmp(relation->dependents[i].kind, dependent->kind) == 0) {
            return true;
        }
    }
    return false;
}

/* Does the constraint hold the column? A key that others point at takes theirs with it. */
static bool is_in_constraint(const struct lint_relation *relation, struct str constraint,
                             struct str column)
{
    for (size_t i = 0; i < relation->constraint_count; i++) {
        const struct lint_constraint *one = &relation->constraints[i];
        for (size_t k = 0; str_is(one->name, constraint) && k < one->column_count; k++) {
            if (str_is(one->columns[k], column)) {
                return true;
            }
        }
    }
    return false;
}

/* What goes with a column, with a constraint (keys of others, by its columns), with all. */
static bool goes_along(const struct step *step, size_t index)
{
    const struct lint_dependent *dependent = &step->relation->dependents[index];
    struct str part = step->part;
    if (!dependent->dropped_by_cascade) {
        return false;
    }
    if (step->action->form == SQL_FORM_DROP_CONSTRAINT) {
        return strcmp(dependent->kind, "foreign key") == 0 && !is_told(step->relation, index) &&
               is_in_constraint(step->relation, part, dependent->column);
    }
    return part.len == 0 ? !dependent->own && !is_told(step->relation, index)
                         : str_is(dependent->column, part);
}

static void put_hanging(struct strbuf *text, const struct step *step)
{
    for (size_t i = 0; step->relation && i < step->relation->dependent_count; i++) {
        const struct lint_dependent *dependent = &step->relation->dependents[i];
        if (goes_along(step, i)) {
            strbuf_format(text, "%s%s %.*s", text->len > 0 ? ", " : "", dependent->kind,
                          STR_ARG(dependent->name));
        }
    }
}

static void put_columns_of_type(struct strbuf *text, struct lint *lint, struct sql_name written)
{
    struct str type = world_type(lint, written);
    for (size_t i = 0; i < lint->context->relation_count; i++) {
        const struct lint_relation *relation = &lint->context->relations[i];
        for (size_t j = 0; j < relation->column_count; j++) {
            if (world_is_of_type(&relation->columns[j], type)) {
                struct str table = sql_name_written(lint->arena, relation->name);
                strbuf_format(text, "%scolumn %.*s.%.*s", text->len > 0 ? ", " : "",
                              STR_ARG(table), STR_ARG(relation->columns[j].name));
            }
        }
    }
}

static void put_relations_of_schema(struct strbuf *text, const struct lint *lint,
                                    struct str schema)
{
    enum {
        NAMED = 5
    };
    size_t count = 0;
    for (size_t i = 0; i < lint->context->relation_count; i++) {
        const struct lint_relation *relation = &lint->context->relations[i];
        bool inside = str_is(relation->name.schema, schema) && relation->kind != LINT_INDEX;
        if (inside && count++ < NAMED) {
            strbuf_format(text, "%s%.*s", count > 1 ? ", " : "", STR_ARG(relation->name.name));
        }
    }
    if (count > NAMED) {
        strbuf_format(text, " and %zu more", count - NAMED);
    }
}

struct str victims_words(struct lint *lint, const struct step *step)
{
    struct strbuf text = {0};
    enum sql_form form = step->action->form;
    if (form == SQL_FORM_DROP_TYPE || form == SQL_FORM_DROP_DOMAIN) {
        put_columns_of_type(&text, lint, step->action->object);
    } else if (form == SQL_FORM_DROP_SCHEMA) {
        put_relations_of_schema(&text, lint, step->action->object.name);
    } else {
        put_hanging(&text, step);
    }
    struct str kept = str_dup(lint->arena, strbuf_str(&text));
    strbuf_release(&text);
    return kept;
}

bool victims_hanging_are_named(const struct lint *lint, const struct step *step)
{
    for (size_t i = 0; step->relation && i < step->relation->dependent_count; i++) {
        if (goes_along(step, i) &&
            !victim_hanging_is_named(lint, &step->relation->dependents[i])) {
            return false;
        }
    }
    return step->relation != NULL;
}

/* TRUNCATE ... CASCADE empties what points here, and what points there. */
static bool emptied_are_named(const struct lint *lint, const struct lint_relation *relation,
                              size_t depth)
{
    enum {
        DEEP = 64 /* a ring of keys, or a chain that nobody names in full */
    };
    for (size_t i = 0; i < relation->referenced_by_count; i++) {
        struct sql_name other = relation->referenced_by[i];
        const struct lint_relation *next = world_relation(lint, other);
        if (sql_name_is(other, relation->name)) {
            continue;
        }
        if (depth >= DEEP || !next || !victim_is_named(lint, "table", other, STR("")) ||
            !emptied_are_named(lint, next, depth + 1)) {
            return false;
        }
    }
    return true;
}

bool victims_all_named(const struct lint *lint, const struct step *step, const char *kind)
{
    const struct sql_action *action = step->action;
    bool of_relation = action->form != SQL_FORM_DROP_SCHEMA &&
                       action->form != SQL_FORM_DROP_DATABASE &&
                       action->form != SQL_FORM_DROP_OWNED;
    struct sql_name object = of_relation ? step->object : action->object;
    struct str part = action->form == SQL_FORM_DROP_COLUMN ? step->part : STR("");
    if (!victim_is_named(lint, kind, object, part)) {
        return false;
    }
    if (!action->cascade) {
        return true;
    }
    return action->form == SQL_FORM_TRUNCATE
               ? step->relation && emptied_are_named(lint, step->relation, 0)
               : of_relation && victims_hanging_are_named(lint, step);
}
