/* SPDX-License-Identifier: PostgreSQL */
/*
 * What came before: objects that earlier statements of the plan made, changed and dropped.
 */
#include "lint_private.h"

#include <stdlib.h>

uint32_t chain_key(struct sql_name object, struct str part)
{
    return chain_hash(object.schema, object.name, part);
}

/* Rows that come and go are not remembered: nothing asks for them, and they are many. */
static bool is_worth_remembering(const struct sql_action *action)
{
    enum sql_work work = action->work;
    return action->object.name.len > 0 &&
           (work != SQL_WORK_ROWS || action->form == SQL_FORM_CREATE_TABLE_AS ||
            action->form == SQL_FORM_CREATE_MATERIALIZED_VIEW);
}

static const struct past_policy *keep_policy(struct lint *lint, const struct sql_policy *policy)
{
    if (!policy) {
        return NULL;
    }
    struct past_policy *kept = arena_alloc(lint->arena, sizeof *kept);
    struct str *roles = arena_array(lint->arena, policy->role_count, sizeof *roles);
    for (size_t i = 0; i < policy->role_count; i++) {
        roles[i] = str_dup(lint->arena, policy->roles[i]);
    }
    *kept =
        (struct past_policy){policy->command, policy->permissive, roles, policy->role_count};
    return kept;
}

/* What an index, or a constraint that has one, begins with. */
static struct str first_column(const struct sql_action *action)
{
    const struct sql_constraint *constraint = action->constraint;
    if (action->index && action->index->column_count > 0) {
        /* A foreign key asks for no nulls: an index without them does for it. */
        struct str first = action->index->columns[0];
        bool full =
            !action->index->where.present || str_is(action->index->where.not_null_of, first);
        return full ? first : STR("");
    }
    if (constraint && constraint->column_count > 0 &&
        (constraint->kind == SQL_CONSTRAINT_UNIQUE ||
         constraint->kind == SQL_CONSTRAINT_PRIMARY_KEY)) {
        return constraint->columns[0];
    }
    bool key = action->column && (action->column->primary_key || action->column->unique);
    return key ? action->column->name : STR("");
}

/* "btree a, b", "unique btree a": of an index over plain columns of all rows. */
static struct str index_shape(struct arena *arena, const struct sql_index *index)
{
    if (!index || index->where.present) {
        return STR("");
    }
    for (size_t i = 0; i < index->column_count; i++) {
        if (index->columns[i].len == 0) {
            return STR("");
        }
    }
    struct strbuf text = {0};
    strbuf_format(&text, "%s%.*s", index->unique ? "unique " : "", STR_ARG(index->method));
    for (size_t i = 0; i < index->column_count; i++) {
        strbuf_text(&text, i == 0 ? " " : ", ");
        sql_quote_ident(&text, index->columns[i]);
    }
    struct str shape = str_dup(arena, strbuf_str(&text));
    strbuf_release(&text);
    return shape;
}

static bool gives_key(const struct sql_action *action)
{
    const struct sql_constraint *constraint = action->constraint;
    return action->form == SQL_FORM_CREATE_LIKE ||
           (action->column && action->column->primary_key) ||
           (constraint && constraint->kind == SQL_CONSTRAINT_PRIMARY_KEY);
}

static bool makes_relation(enum sql_form form)
{
    return form == SQL_FORM_CREATE_TABLE || form == SQL_FORM_CREATE_PARTITION ||
           form == SQL_FORM_CREATE_INHERITED || form == SQL_FORM_CREATE_TABLE_AS ||
           form == SQL_FORM_CREATE_FOREIGN_TABLE || form == SQL_FORM_CREATE_VIEW ||
           form == SQL_FORM_CREATE_MATERIALIZED_VIEW || form == SQL_FORM_CREATE_SEQUENCE;
}

static bool drops_relation(enum sql_form form)
{
    return form == SQL_FORM_DROP_TABLE || form == SQL_FORM_DROP_FOREIGN_TABLE ||
           form == SQL_FORM_DROP_VIEW || form == SQL_FORM_DROP_MATERIALIZED_VIEW ||
           form == SQL_FORM_DROP_SEQUENCE;
}

static struct str form_id(enum sql_form form)
{
    return str_from(sql_form_row(form)->id);
}

static bool makes_index(const struct past *past)
{
    return past->part.len > 0 && (past->form == SQL_FORM_CREATE_INDEX ||
                                  past->form == SQL_FORM_CREATE_INDEX_CONCURRENTLY);
}

static bool is_for(const struct past_policy *policy, struct str role)
{
    for (size_t i = 0; i < policy->role_count; i++) {
        if (str_is(policy->roles[i], role)) {
            return true;
        }
    }
    return false;
}

/*
 * Under each role that a policy lets pass, and under no role: who asks there asks the newest
 * policy of that name. What was made before under its name stands there already.
 */
static void index_roles(struct lint *lint, const struct past *past, const struct past *before)
{
    const struct past_policy *policy = past->more->policy;
    if (past->form != SQL_FORM_CREATE_POLICY || !policy || !policy->permissive) {
        return;
    }
    const struct past_policy *old =
        before && before->more->policy->permissive ? before->more->policy : NULL;
    size_t item = (size_t)(past - lint->past);
    if (!old) {
        chain_add(&lint->pasts.by_role, chain_key(*past->object, STR("")), item);
    }
    for (size_t i = 0; i < policy->role_count; i++) {
        if (!old || !is_for(old, policy->roles[i])) {
            chain_add(&lint->pasts.by_role, chain_key(*past->object, policy->roles[i]), item);
        }
    }
}

/* Each thing can be asked for in several ways; a plan may do twenty thousand of them to one
 * table, so that no way walks through all of them. */
static void index_past(struct lint *lint, const struct past *past)
{
    size_t item = (size_t)(past - lint->past);
    const struct past *before = past->more->policy ? history_last(lint, SQL_FORM_CREATE_POLICY,
                                                                  *past->object, past->part)
                                                   : NULL;
    chain_add(&lint->pasts.by_object, chain_key(*past->object, STR("")), item);
    chain_add(&lint->pasts.by_form, chain_key(*past->object, form_id(past->form)), item);
    if (past->part.len > 0) {
        chain_add(&lint->pasts.by_part, chain_key(*past->object, past->part), item);
    }
    if (past->more->first_column.len > 0) {
        chain_add(&lint->pasts.by_column, chain_key(*past->object, past->more->first_column),
                  item);
    }
    if (past->more->shape.len > 0) {
        chain_add(&lint->pasts.by_shape, chain_key(*past->object, past->more->shape), item);
    }
    if (makes_index(past)) {
        struct sql_name index = {past->object->schema, past->part};
        chain_add(&lint->pasts.indexes, chain_key(index, STR("")), item);
    }
    index_roles(lint, past, before);
    if (past->guarded) {
        chain_add(&lint->pasts.guarded, chain_key(*past->object, past->part), item);
    }
    if (makes_relation(past->form) || drops_relation(past->form)) {
        chain_add(&lint->pasts.relations, chain_key(*past->object, STR("")), item);
    }
}

/* The next link of a chain that is about the object; chains may meet by their hashes. */
static ptrdiff_t about(const struct lint *lint, const struct chains *chains, ptrdiff_t link,
                       struct sql_name object)
{
    while (link != NAMES_NONE &&
           !sql_name_is(*lint->past[chains->links[link].item].object, object)) {
        link = chain_next(chains, link);
    }
    return link;
}

/* The name as the past has it already, or a copy: many things happen to one object. */
static const struct sql_name *known_name(struct lint *lint, struct sql_name name)
{
    const struct chains *chains = &lint->pasts.by_object;
    ptrdiff_t link = about(lint, chains, chain_first(chains, chain_key(name, STR(""))), name);
    if (link != NAMES_NONE) {
        return lint->past[chains->links[link].item].object;
    }
    struct sql_name *copy = arena_alloc(lint->arena, sizeof *copy);
    *copy = history_keep_name(lint, name);
    return copy;
}

static const struct past_more *more_of(struct lint *lint, const struct sql_action *action)
{
    static const struct past_more nothing = {
        .first_column = {"", 0}, .proves = {"", 0}, .shape = {"", 0}};
    struct str column = first_column(action);
    struct str proves = action->constraint ? action->constraint->check.not_null_of : STR("");
    if (column.len == 0 && proves.len == 0 && !action->index && !action->policy) {
        return &nothing;
    }
    struct past_more *more = arena_alloc(lint->arena, sizeof *more);
    *more = (struct past_more){.first_column = str_dup(lint->arena, column),
                               .proves = str_dup(lint->arena, proves),
                               .shape = index_shape(lint->arena, action->index),
                               .policy = keep_policy(lint, action->policy)};
    return more;
}

struct lint_place past_place(const struct past *past)
{
    return (struct lint_place){past->file, past->statement, past->place};
}

void past_remember(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (!is_worth_remembering(action)) {
        return;
    }
    struct lint_place at = report_place(lint, step, action->offset);
    struct past *past = ARRAY_PUSH(lint->past, lint->past_count, lint->past_capacity);
    *past = (struct past){
        .object = known_name(lint, step->object),
        .part = str_dup(lint->arena, step->part),
        .more = more_of(lint, action),
        .place = at.place,
        .file = (uint32_t)at.file,
        .statement = (uint32_t)at.statement,
        .transaction = (uint32_t)lint->transaction,
        .form = action->form,
        .temporary = step->is_temporary,
        .unlogged = action->unlogged,
        .commit_drops = step->is_temporary && action->ends_temporary,
        .gives_key = gives_key(action),
        .guarded = action->guarded,
        .alters_table = strcmp(step->statement->tag, "ALTER TABLE") == 0 &&
                        !history_stands_alone(action->form),
        .is_undo = lint->file->is_undo,
        .works = step->work != SQL_WORK_NONE,
    };
    index_past(lint, past);
    lint->has_temporary |= step->is_temporary;
    lint->plan_secures |= action->form == SQL_FORM_ENABLE_RLS;
    if (action->form == SQL_FORM_ADD_ENUM_VALUE) {
        lint->enum_value = (ptrdiff_t)lint->past_count - 1;
    }
}

static const struct past *past_of(const struct lint *lint, const struct chains *chains,
                                  ptrdiff_t link)
{
    return &lint->past[chains->links[link].item];
}

const struct past *history_last(const struct lint *lint, enum sql_form form,
                                struct sql_name object, struct str part)
{
    const struct chains *chains = part.len > 0 ? &lint->pasts.by_part : &lint->pasts.by_form;
    uint32_t key = chain_key(object, part.len > 0 ? part : form_id(form));
    for (ptrdiff_t i = about(lint, chains, chain_first(chains, key), object); i != NAMES_NONE;
         i = about(lint, chains, chain_next(chains, i), object)) {
        const struct past *past = past_of(lint, chains, i);
        bool same_file = past->file == lint->file_index;
        if (past->form == form && (part.len == 0 || str_is(past->part, part)) &&
            (!past->is_undo || same_file)) {
            return past;
        }
    }
    return NULL;
}

/* The policy of that name as it stands by now; NULL: it was dropped. */
static const struct past *standing(const struct lint *lint, const struct past *policy)
{
    const struct past *made =
        history_last(lint, SQL_FORM_CREATE_POLICY, *policy->object, policy->part);
    const struct past *gone =
        history_last(lint, SQL_FORM_DROP_POLICY, *policy->object, policy->part);
    return made && (!gone || gone < made) ? made : NULL;
}

const struct past *history_policy_for(const struct lint *lint, const struct step *step,
                                      struct str role, past_test *meets)
{
    const struct chains *chains = &lint->pasts.by_role;
    ptrdiff_t link = chain_first(chains, chain_key(step->object, role));
    for (ptrdiff_t i = about(lint, chains, link, step->object); i != NAMES_NONE;
         i = about(lint, chains, chain_next(chains, i), step->object)) {
        const struct past *past = standing(lint, past_of(lint, chains, i));
        if (past && past->more->policy->permissive &&
            (role.len == 0 || is_for(past->more->policy, role)) && meets(lint, step, past)) {
            return past;
        }
    }
    return NULL;
}

const struct past *history_standing_policy(const struct lint *lint, struct sql_name table)
{
    const struct past *policy = history_last(lint, SQL_FORM_CREATE_POLICY, table, STR(""));
    while (policy && !standing(lint, policy)) {
        policy = history_before_that(lint, policy);
    }
    return policy;
}

bool history_has_key(const struct lint *lint, struct sql_name table)
{
    const struct chains *chains = &lint->pasts.by_object;
    struct str dropped = STR("");
    uint32_t key = chain_key(table, STR(""));
    for (ptrdiff_t i = about(lint, chains, chain_first(chains, key), table); i != NAMES_NONE;
         i = about(lint, chains, chain_next(chains, i), table)) {
        const struct past *past = past_of(lint, chains, i);
        dropped = past->form == SQL_FORM_DROP_CONSTRAINT ? past->part : dropped;
        bool unnamed = past->part.len == 0 || past->form == SQL_FORM_ADD_COLUMN;
        if (past->gives_key && (dropped.len == 0 || (unnamed ? !str_ends(dropped, "_pkey")
                                                             : !str_is(dropped, past->part)))) {
            return true;
        }
        if (makes_relation(past->form)) {
            break; /* what is older was of another table of that name */
        }
    }
    return false;
}

const struct past *history_same_index(const struct lint *lint, const struct step *step)
{
    const struct chains *chains = &lint->pasts.by_shape;
    struct arena scratch = {0};
    struct str shape = index_shape(&scratch, step->action->index);
    const struct past *same = NULL;
    ptrdiff_t i =
        shape.len > 0 ? chain_first(chains, chain_key(step->object, shape)) : NAMES_NONE;
    for (i = about(lint, chains, i, step->object); i != NAMES_NONE && !same;
         i = about(lint, chains, chain_next(chains, i), step->object)) {
        const struct past *past = past_of(lint, chains, i);
        struct sql_name name = {past->object->schema, past->part};
        const struct past *gone = history_last(lint, SQL_FORM_DROP_INDEX, name, STR(""));
        bool stands = !gone || gone < past;
        bool apart = past->is_undo && past->file != lint->file_index;
        same = stands && !apart && str_is(past->more->shape, shape) ? past : NULL;
    }
    arena_release(&scratch);
    return same;
}

bool history_stands_alone(enum sql_form form)
{
    return form == SQL_FORM_RENAME_COLUMN || form == SQL_FORM_RENAME_TABLE ||
           form == SQL_FORM_RENAME_CONSTRAINT || form == SQL_FORM_SET_TABLE_SCHEMA ||
           form == SQL_FORM_ATTACH_PARTITION || form == SQL_FORM_DETACH_PARTITION ||
           form == SQL_FORM_DETACH_PARTITION_CONCURRENTLY ||
           form == SQL_FORM_DETACH_PARTITION_FINALIZE || form == SQL_FORM_VALIDATE_CONSTRAINT;
}

bool history_is_new(const struct lint *lint, struct sql_name relation)
{
    const struct chains *chains = &lint->pasts.relations;
    uint32_t key = chain_key(relation, STR(""));
    for (ptrdiff_t i = about(lint, chains, chain_first(chains, key), relation); i != NAMES_NONE;
         i = about(lint, chains, chain_next(chains, i), relation)) {
        const struct past *past = past_of(lint, chains, i);
        /* When an undo file runs, what the others made has been used for a while. */
        bool apart = past->is_undo || lint->file->is_undo || past->temporary;
        bool counts = !apart || past->file == lint->file_index;
        if (counts && drops_relation(past->form)) {
            return false;
        }
        /* IF NOT EXISTS made nothing where the server has it already. */
        if (counts && makes_relation(past->form)) {
            return !past->guarded || world_relation(lint, relation) == NULL;
        }
    }
    return false;
}

bool history_was_altered(const struct lint *lint, struct sql_name object, size_t statement,
                         bool *works)
{
    bool altered = false;
    const struct chains *chains = &lint->pasts.by_object;
    uint32_t key = chain_key(object, STR(""));
    for (ptrdiff_t i = about(lint, chains, chain_first(chains, key), object); i != NAMES_NONE;
         i = about(lint, chains, chain_next(chains, i), object)) {
        const struct past *past = past_of(lint, chains, i);
        if (past->file != lint->file_index || past->statement < statement) {
            break;
        }
        if (past->statement == statement) {
            altered |= past->alters_table;
            *works |= past->works;
        }
    }
    return altered;
}

static bool drops(enum sql_form form)
{
    return str_starts(str_from(sql_form_row(form)->id), "DROP_");
}

const struct past *history_guarded_here(const struct lint *lint, struct sql_name object,
                                        struct str part, const struct past *before)
{
    const struct chains *chains = &lint->pasts.guarded;
    ptrdiff_t link = chain_first(chains, chain_key(object, part));
    for (ptrdiff_t i = about(lint, chains, link, object); i != NAMES_NONE;
         i = about(lint, chains, chain_next(chains, i), object)) {
        const struct past *past = past_of(lint, chains, i);
        if (past->transaction != lint->transaction) {
            return NULL;
        }
        if ((!before || past < before) && str_is(past->part, part)) {
            return past;
        }
    }
    return NULL;
}

const struct past *history_dropped_here(const struct lint *lint, struct sql_name object,
                                        struct str part)
{
    const struct past *past = history_guarded_here(lint, object, part, NULL);
    while (past && !drops(past->form)) {
        past = history_guarded_here(lint, object, part, past);
    }
    return past;
}

const struct past *history_enum_value(const struct lint *lint)
{
    return lint->enum_value < 0 ? NULL : &lint->past[lint->enum_value];
}

const struct past *history_index(const struct lint *lint, struct sql_name name)
{
    const struct chains *chains = &lint->pasts.indexes;
    for (ptrdiff_t i = chain_first(chains, chain_key(name, STR(""))); i != NAMES_NONE;
         i = chain_next(chains, i)) {
        const struct past *past = past_of(lint, chains, i);
        bool same_file = past->file == lint->file_index;
        if (str_is(past->part, name.name) && str_is(past->object->schema, name.schema) &&
            (!past->is_undo || same_file)) {
            return past;
        }
    }
    return NULL;
}

bool history_indexes(const struct lint *lint, struct sql_name table, struct str column)
{
    const struct chains *chains = &lint->pasts.by_column;
    ptrdiff_t link =
        column.len > 0 ? chain_first(chains, chain_key(table, column)) : NAMES_NONE;
    for (ptrdiff_t i = about(lint, chains, link, table); i != NAMES_NONE;
         i = about(lint, chains, chain_next(chains, i), table)) {
        if (str_is(past_of(lint, chains, i)->more->first_column, column)) {
            return true;
        }
    }
    return false;
}

void history_wait_for_index(struct lint *lint, const struct step *step)
{
    struct waiting_key *key =
        ARRAY_PUSH(lint->waiting_keys, lint->waiting_count, lint->waiting_capacity);
    *key = (struct waiting_key){
        .table = history_keep_name(lint, step->object),
        .column = str_dup(lint->arena, step->action->constraint->columns[0]),
        .columns = report_columns(lint, step->action->constraint->columns,
                                  step->action->constraint->column_count),
        .is_new = step->is_new || step->action->inside,
        .partitioned = step->relation && step->relation->kind == LINT_PARTITIONED,
        .at = report_place(lint, step, step->action->offset),
        .object = report_name(lint, step->action),
    };
}

const struct past *history_before_that(const struct lint *lint, const struct past *past)
{
    /* Everything hangs in this chain: the link of an item has its number. */
    const struct chains *chains = &lint->pasts.by_form;
    ptrdiff_t link = past - lint->past;
    do {
        link = about(lint, chains, chain_next(chains, link), *past->object);
    } while (link != NAMES_NONE && past_of(lint, chains, link)->form != past->form);
    return link == NAMES_NONE ? NULL : past_of(lint, chains, link);
}

/* NULL behind the last one. */
static struct chains *each_chain(struct lint *lint, size_t index)
{
    struct chains *all[] = {
        &lint->pasts.by_object, &lint->pasts.by_form, &lint->pasts.by_part,
        &lint->pasts.by_column, &lint->pasts.guarded, &lint->pasts.relations,
        &lint->pasts.by_role,   &lint->pasts.indexes, &lint->pasts.by_shape};
    return index < COUNT_OF(all) ? all[index] : NULL;
}

void past_end_temporary(struct lint *lint, size_t from, bool all)
{
    for (size_t i = from, end = lint->past_count; i < end; i++) {
        struct past made = lint->past[i];
        bool ends = all ? made.temporary && makes_relation(made.form) : made.commit_drops;
        if (ends && history_is_new(lint, *made.object)) {
            made.form = SQL_FORM_DROP_TABLE;
            *ARRAY_PUSH(lint->past, lint->past_count, lint->past_capacity) = made;
            index_past(lint, &lint->past[lint->past_count - 1]);
        }
    }
}

void history_each_of_file(struct lint *lint, enum sql_form form, visit_past *visit)
{
    size_t end = lint->past_count;
    for (size_t i = lint->file_begins; i < end; i++) {
        if (lint->past[i].form == form) {
            visit(lint, &lint->past[i]);
        }
    }
}

void past_cut(struct lint *lint, size_t count)
{
    for (size_t i = 0; each_chain(lint, i); i++) {
        chains_cut(each_chain(lint, i), count);
    }
    lint->past_count = count;
}

void history_forget(struct lint *lint)
{
    for (size_t i = 0; each_chain(lint, i); i++) {
        chains_release(each_chain(lint, i));
    }
    free(lint->past);
    lint->past = NULL;
    lint->past_count = lint->past_capacity = 0;
}
