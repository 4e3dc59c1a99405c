/* SPDX-License-Identifier: PostgreSQL */
/*
 * What a run destroys: what its statements name, and what CASCADE takes with it. Of what is
 * dropped by name only what holds rows is told (a view or a policy can be made again from its
 * text, and mostly is, two lines below); of what CASCADE takes everything, since nobody wrote
 * it down. What the plan itself made is nobody's loss, and undo files do not run.
 */
#include "outcome.h"

enum {
    REFERENCES_NAMED = 3,
};

/* ------------------------------------------------------------- who points at it */

struct pointing {
    struct strbuf text;
    size_t count;
};

static void add_pointer(struct pointing *pointing, const char *kind, struct str name, bool gone)
{
    if (pointing->count++ < REFERENCES_NAMED) {
        strbuf_format(&pointing->text, "%s%s%s%.*s%s", pointing->count > 1 ? ", " : "", kind,
                      kind[0] ? " " : "", STR_ARG(name), gone ? " (dropped first)" : "");
    }
}

static bool is_dropped_before(const struct lint *lint, struct sql_name relation)
{
    const struct past *past = history_last(lint, SQL_FORM_DROP_TABLE, relation, STR(""));
    return past && !past->is_undo;
}

static bool is_on(const struct lint_dependent *dependent, struct str column)
{
    return column.len == 0 || str_is(dependent->column, column);
}

/* Tables whose keys point here, and what depends on it; empty: nobody that is known. */
static struct str referenced_words(struct lint *lint, const struct lint_relation *relation,
                                   struct str column)
{
    struct pointing pointing = {0};
    for (size_t i = 0; column.len == 0 && i < relation->referenced_by_count; i++) {
        struct sql_name other = relation->referenced_by[i];
        if (!sql_name_is(other, relation->name)) {
            add_pointer(&pointing, "", sql_name_written(lint->arena, other),
                        is_dropped_before(lint, other));
        }
    }
    for (size_t i = 0; i < relation->dependent_count; i++) {
        const struct lint_dependent *dependent = &relation->dependents[i];
        bool key = strcmp(dependent->kind, "foreign key") == 0; /* its table stands there */
        if (is_on(dependent, column) && (!key || column.len > 0)) {
            add_pointer(&pointing, dependent->kind, dependent->name, false);
        }
    }
    if (pointing.count > REFERENCES_NAMED) {
        strbuf_format(&pointing.text, " and %zu more", pointing.count - REFERENCES_NAMED);
    }
    struct str kept = str_dup(lint->arena, strbuf_str(&pointing.text));
    strbuf_release(&pointing.text);
    return kept;
}

/* --------------------------------------------------------------------- the list */

/*
 * The new entry, to be filled; NULL when it stands there already. `name` is for people, `whole`
 * holds the schema, so that a thing is told from another of its name and known again.
 */
static struct lint_destroyed *add(struct lint *lint, const struct step *step, const char *kind,
                                  struct str name, struct str whole)
{
    struct outcome *outcome = lint->outcome;
    struct sql_name key = {str_from(kind), whole};
    if (names_first(&outcome->destroyed_names, key) != NAMES_NONE) {
        return NULL;
    }
    key.name = str_dup(lint->arena, whole);
    names_add(&outcome->destroyed_names, key);
    struct lint_destroyed *entry =
        ARRAY_PUSH(outcome->destroyed, outcome->destroyed_count, outcome->destroyed_capacity);
    *entry = (struct lint_destroyed){
        .at = {.file = lint->file_index,
               .statement = step->index,
               .place = step->statement->head},
        .kind = kind,
        .name = str_dup(lint->arena, name),
        .rows = -1,
        .bytes = -1,
        .recent_writes = -1,
        .referenced_by = STR(""),
    };
    return entry;
}

/* Whether the plan says that this one goes. */
static void name_it(const struct lint *lint, struct lint_destroyed *entry,
                    struct sql_name object, struct str part)
{
    if (entry) {
        entry->named_by_plan = victim_is_named(lint, entry->kind, object, part);
    }
}

static const char *kind_of(const struct lint_relation *relation)
{
    static const struct {
        enum lint_relation_kind kind;
        const char *word;
    } words[] = {
        {LINT_VIEW, "view"},
        {LINT_MATERIALIZED_VIEW, "materialized view"},
        {LINT_FOREIGN_TABLE, "foreign table"},
        {LINT_SEQUENCE, "sequence"},
        {LINT_INDEX, "index"},
    };
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (words[i].kind == relation->kind) {
            return words[i].word;
        }
    }
    return "table";
}

static void fill(struct lint *lint, struct lint_destroyed *entry,
                 const struct lint_relation *relation, struct str column)
{
    if (entry && relation) {
        entry->rows = relation->rows;
        entry->bytes = relation->bytes;
        entry->recent_writes = relation->recent_writes;
        entry->referenced_by = referenced_words(lint, relation, column);
    }
}

/* A relation that goes without being named. */
static void add_by_cascade(struct lint *lint, const struct step *step, const char *kind,
                           const struct lint_relation *relation)
{
    struct str name = sql_name_written(lint->arena, relation->name);
    struct lint_destroyed *entry = add(lint, step, kind, name, name);
    name_it(lint, entry, relation->name, STR(""));
    if (entry) {
        entry->by_cascade = true;
        fill(lint, entry, relation, STR(""));
    }
}

/* Names of dependents are for people: "v_unread", "app.v_unread". */
static const struct lint_relation *relation_of(const struct lint *lint, struct str name)
{
    size_t dot = str_find_byte(name, '.', 0);
    struct sql_name split = {STR(""), name};
    if (dot < name.len) {
        split.schema = str_slice(name, 0, dot);
        split.name = str_slice(name, dot + 1, name.len);
    }
    return world_relation(lint, world_resolve(lint, split));
}

/* NULL: it stands there already. */
static struct lint_destroyed *add_dependent(struct lint *lint, const struct step *step,
                                            const struct lint_dependent *dependent)
{
    struct lint_destroyed *entry =
        add(lint, step, dependent->kind, dependent->name, dependent->name);
    if (entry) {
        entry->by_cascade = true;
        entry->named_by_plan = victim_hanging_is_named(lint, dependent);
    }
    return entry;
}

/* CASCADE goes on from each view to what stands on it. */
static void add_dependents(struct lint *lint, const struct step *step,
                           const struct lint_relation *relation, struct str column)
{
    for (size_t i = 0; i < relation->dependent_count; i++) {
        const struct lint_dependent *dependent = &relation->dependents[i];
        bool anyway = dependent->own && column.len == 0;
        if (!dependent->dropped_by_cascade || anyway || !is_on(dependent, column)) {
            continue;
        }
        if (!add_dependent(lint, step, dependent)) {
            continue;
        }
        const struct lint_relation *next = relation_of(lint, dependent->name);
        if (next && (next->kind == LINT_VIEW || next->kind == LINT_MATERIALIZED_VIEW)) {
            add_dependents(lint, step, next, STR(""));
        }
    }
}

/* Labels of dependents leave out the schema of the plan. */
static bool has_key_of(const struct lint_relation *relation, struct sql_name table)
{
    for (size_t i = 0; i < relation->dependent_count; i++) {
        const struct lint_dependent *dependent = &relation->dependents[i];
        size_t dot = str_find_byte(dependent->name, '.', 0);
        struct str first = str_slice(dependent->name, 0, dot);
        size_t second = str_find_byte(dependent->name, '.', dot + 1);
        bool whole = second < dependent->name.len && str_is(first, table.schema);
        if (strcmp(dependent->kind, "foreign key") == 0 &&
            str_is(whole ? str_slice(dependent->name, dot + 1, second - dot - 1) : first,
                   table.name)) {
            return true;
        }
    }
    return false;
}

/* Keys that point at a table that goes, where the catalog told no name of theirs. */
static void add_keys(struct lint *lint, const struct step *step,
                     const struct lint_relation *relation)
{
    for (size_t i = 0; i < relation->referenced_by_count; i++) {
        struct sql_name other = relation->referenced_by[i];
        if (!sql_name_is(other, relation->name) && !has_key_of(relation, other) &&
            !is_dropped_before(lint, other)) {
            struct str name = sql_name_written(lint->arena, other);
            struct lint_destroyed *entry = add(lint, step, "foreign key of", name, name);
            name_it(lint, entry, other, STR(""));
            if (entry) {
                entry->by_cascade = true;
            }
        }
    }
}

/* TRUNCATE ... CASCADE empties every table whose keys point here, and so on. */
static void add_truncated(struct lint *lint, const struct step *step,
                          const struct lint_relation *relation)
{
    for (size_t i = 0; i < relation->referenced_by_count; i++) {
        const struct lint_relation *other = world_relation(lint, relation->referenced_by[i]);
        size_t before = lint->outcome->destroyed_count;
        if (!other) {
            continue;
        }
        add_by_cascade(lint, step, "rows of", other);
        if (lint->outcome->destroyed_count > before) {
            add_truncated(lint, step, other);
        }
    }
}

/* --------------------------------------------------------------- the statements */

/* The relation of the name, or that what is named stands on: "app.orders.mine". */
static const struct lint_relation *home_of(const struct lint *lint, struct str name)
{
    const struct lint_relation *relation = relation_of(lint, name);
    for (size_t end = name.len; !relation && end > 1; end--) {
        if (name.ptr[end - 1] == '.') {
            relation = relation_of(lint, str_slice(name, 0, end - 1));
        }
    }
    return relation;
}

static bool stands_in(const struct lint *lint, const struct lint_dependent *dependent,
                      struct str schema)
{
    size_t dot = str_find_byte(dependent->name, '.', 0);
    size_t arguments = str_find_byte(dependent->name, '(', 0);
    if (arguments < dependent->name.len) {
        return str_is(dot < arguments ? str_slice(dependent->name, 0, dot) : world_home(lint),
                      schema);
    }
    const struct lint_relation *relation = home_of(lint, dependent->name);
    return str_is(relation ? relation->name.schema : world_home(lint), schema);
}

static void add_column_of_type(struct lint *lint, const struct step *step,
                               const struct lint_relation *relation,
                               const struct lint_column *column)
{
    struct str table = sql_name_written(lint->arena, relation->name);
    struct str name =
        str_format(lint->arena, "%.*s.%.*s", STR_ARG(table), STR_ARG(column->name));
    struct lint_destroyed *entry = add(lint, step, "column", name, name);
    name_it(lint, entry, relation->name, column->name);
    if (entry) {
        entry->by_cascade = true;
        fill(lint, entry, relation, column->name);
    }
}

/* What stands elsewhere and goes with the schema: on its relations, or of its types. */
static void add_elsewhere(struct lint *lint, const struct step *step,
                          const struct lint_relation *relation, const char *types)
{
    struct str schema = step->action->object.name;
    bool inside = str_is(relation->name.schema, schema);
    for (size_t i = 0; inside && i < relation->dependent_count; i++) {
        const struct lint_dependent *dependent = &relation->dependents[i];
        if (dependent->dropped_by_cascade && !dependent->own &&
            !stands_in(lint, dependent, schema)) {
            (void)add_dependent(lint, step, dependent);
        }
    }
    for (size_t i = 0; !inside && i < relation->column_count; i++) {
        if (str_starts(relation->columns[i].type, types)) {
            add_column_of_type(lint, step, relation, &relation->columns[i]);
        }
    }
}

static void add_whole_schema(struct lint *lint, const struct step *step)
{
    struct strbuf types = {0};
    sql_quote_ident(&types, step->action->object.name);
    strbuf_byte(&types, '.');
    for (size_t i = 0; step->action->cascade && i < lint->context->relation_count; i++) {
        const struct lint_relation *relation = &lint->context->relations[i];
        if (str_is(relation->name.schema, step->action->object.name) &&
            relation->kind != LINT_INDEX) {
            add_by_cascade(lint, step, kind_of(relation), relation);
        }
    }
    for (size_t i = 0; step->action->cascade && i < lint->context->relation_count; i++) {
        add_elsewhere(lint, step, &lint->context->relations[i], types.ptr);
    }
    strbuf_release(&types);
}

static void add_all_owned(struct lint *lint, const struct step *step)
{
    for (size_t i = 0; i < lint->context->relation_count; i++) {
        const struct lint_relation *relation = &lint->context->relations[i];
        if (str_is(relation->owner, step->action->object.name) &&
            relation->kind != LINT_INDEX) {
            add_by_cascade(lint, step, kind_of(relation), relation);
        }
    }
}

/* DROP TYPE or DOMAIN ... CASCADE takes the columns of that type. */
static void add_columns_of_type(struct lint *lint, const struct step *step)
{
    struct str type = world_type(lint, step->action->object);
    for (size_t i = 0; step->action->cascade && i < lint->context->relation_count; i++) {
        const struct lint_relation *relation = &lint->context->relations[i];
        for (size_t j = 0; j < relation->column_count; j++) {
            if (world_is_of_type(&relation->columns[j], type)) {
                add_column_of_type(lint, step, relation, &relation->columns[j]);
            }
        }
    }
}

static void add_relation(struct lint *lint, const struct step *step, const char *kind)
{
    struct str name = sql_name_written(lint->arena, step->action->object);
    struct str whole = sql_name_written(lint->arena, step->object);
    struct lint_destroyed *entry = add(lint, step, kind, name, whole);
    name_it(lint, entry, step->object, STR(""));
    fill(lint, entry, step->relation, STR(""));
}

static void add_column(struct lint *lint, const struct step *step)
{
    struct arena *arena = lint->arena;
    struct str column = step->action->part;
    struct str table = sql_name_written(arena, step->action->object);
    struct str resolved = sql_name_written(arena, step->object);
    struct str name = str_format(arena, "%.*s.%.*s", STR_ARG(table), STR_ARG(column));
    struct str whole = str_format(arena, "%.*s.%.*s", STR_ARG(resolved), STR_ARG(column));
    struct lint_destroyed *entry = add(lint, step, "column", name, whole);
    name_it(lint, entry, step->object, column);
    fill(lint, entry, step->relation, column);
}

/* A database, a schema, a role: no relation, whatever else has its name. */
static void add_other(struct lint *lint, const struct step *step, const char *kind)
{
    struct str name = sql_name_written(lint->arena, step->action->object);
    name_it(lint, add(lint, step, kind, name, name), step->action->object, STR(""));
}

static void add_deleted(struct lint *lint, const struct step *step)
{
    const struct sql_change *change = step->action->change;
    bool some = change && change->where.present && !change->where.always_true;
    add_relation(lint, step, some ? "some rows of" : "rows of");
}

/* What the statement itself names. */
static void add_named(struct lint *lint, const struct step *step)
{
    enum sql_form form = step->action->form;
    if (form == SQL_FORM_DROP_TABLE) {
        add_relation(lint, step, "table");
    } else if (form == SQL_FORM_DROP_SEQUENCE) {
        add_relation(lint, step, "sequence");
    } else if (form == SQL_FORM_DROP_COLUMN) {
        add_column(lint, step);
    } else if (form == SQL_FORM_TRUNCATE) {
        add_relation(lint, step, "rows of");
    } else if (form == SQL_FORM_DELETE) {
        add_deleted(lint, step);
    } else if (form == SQL_FORM_DROP_DATABASE) {
        add_other(lint, step, "database");
    } else if (form == SQL_FORM_DROP_SCHEMA) {
        add_other(lint, step, "schema");
    } else if (form == SQL_FORM_DROP_OWNED) {
        add_other(lint, step, "all that is owned by");
    }
}

static void add_taken_along(struct lint *lint, const struct step *step)
{
    enum sql_form form = step->action->form;
    if (form == SQL_FORM_DROP_SCHEMA) {
        add_whole_schema(lint, step);
    } else if (form == SQL_FORM_DROP_OWNED) {
        add_all_owned(lint, step);
    } else if (form == SQL_FORM_DROP_TYPE || form == SQL_FORM_DROP_DOMAIN) {
        add_columns_of_type(lint, step);
    } else if (form == SQL_FORM_TRUNCATE && step->action->cascade && step->relation) {
        add_truncated(lint, step, step->relation);
    } else if (step->action->cascade && step->relation) {
        bool column = form == SQL_FORM_DROP_COLUMN;
        add_dependents(lint, step, step->relation, column ? step->part : STR(""));
        if (form == SQL_FORM_DROP_TABLE) {
            add_keys(lint, step, step->relation);
        }
    }
}

static bool drops(enum sql_form form)
{
    return str_starts(str_from(sql_form_row(form)->id), "DROP_") || form == SQL_FORM_TRUNCATE ||
           form == SQL_FORM_DELETE;
}

static bool is_own(const struct lint *lint, const struct step *step)
{
    enum sql_form form = step->action->form;
    if (form == SQL_FORM_DROP_SCHEMA) {
        return history_last(lint, SQL_FORM_CREATE_SCHEMA, step->object, STR("")) != NULL;
    }
    if (form == SQL_FORM_DROP_COLUMN) {
        const struct past *past =
            history_last(lint, SQL_FORM_ADD_COLUMN, step->object, step->part);
        return step->is_new || (past && !past->guarded);
    }
    return form != SQL_FORM_DROP_DATABASE && form != SQL_FORM_DROP_OWNED && step->is_new;
}

void destroyed_add(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    bool nobodys = is_own(lint, step) || action->temporary || lint->file->is_undo;
    /* IF EXISTS of what the server does not have */
    bool absent = action->guarded && !step->relation && world_knows(lint, LINT_NEEDS_TABLES) &&
                  (action->form == SQL_FORM_DROP_TABLE || action->form == SQL_FORM_DROP_COLUMN);
    if (!drops(action->form) || nobodys || absent) {
        return;
    }
    add_named(lint, step);
    add_taken_along(lint, step);
}
