/* SPDX-License-Identifier: PostgreSQL */
/*
 * What came before: objects that the plan made or dropped, locks that the transaction holds,
 * settings in force. Transactions open and end here as they will in the run: one for a file,
 * one for each statement, or as the file itself says.
 */
#include "lint_private.h"

#include <stdlib.h>

/* ------------------------------------------------------------------- settings */

static struct setting *find_setting(const struct lint *lint, struct str name)
{
    for (size_t i = lint->setting_count; i-- > 0;) {
        if (str_is(lint->settings[i].name, name)) {
            return &lint->settings[i];
        }
    }
    return NULL;
}

/* A local value hides the one of the session until the transaction ends. */
static void put_setting(struct lint *lint, struct setting setting)
{
    struct setting *old = find_setting(lint, setting.name);
    if (old && old->local == setting.local) {
        *old = setting;
    } else {
        *ARRAY_PUSH(lint->settings, lint->setting_count, lint->setting_capacity) = setting;
    }
}

static void drop_setting(struct lint *lint, struct str name)
{
    size_t kept = 0;
    for (size_t i = 0; i < lint->setting_count; i++) {
        if (!str_is(lint->settings[i].name, name)) {
            lint->settings[kept++] = lint->settings[i];
        }
    }
    lint->setting_count = kept;
}

static void drop_local_settings(struct lint *lint)
{
    size_t kept = 0;
    for (size_t i = 0; i < lint->setting_count; i++) {
        if (!lint->settings[i].local) {
            lint->settings[kept++] = lint->settings[i];
        }
    }
    lint->setting_count = kept;
}

static void add_setting(struct lint *lint, const struct sql_setting *setting)
{
    lint->search_path_set |= str_eq(setting->name, "search_path");
    if (setting->reset || setting->value.len == 0) {
        drop_setting(lint, setting->name);
        return;
    }
    put_setting(lint, (struct setting){
                          .name = str_dup(lint->arena, setting->name),
                          .value = str_dup(lint->arena, setting->value),
                          .local = setting->local,
                      });
}

static struct str joined_path(const struct lint *lint)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < lint->context->search_path_count; i++) {
        strbuf_text(&text, i > 0 ? ", " : "");
        strbuf_add(&text, lint->context->search_path[i]);
    }
    struct str path = str_dup(lint->arena, strbuf_str(&text));
    strbuf_release(&text);
    return path.len > 0 ? path : STR("public");
}

struct str history_setting(const struct lint *lint, const char *name)
{
    const struct setting *setting = find_setting(lint, str_from(name));
    if (setting) {
        return setting->value;
    }
    return strcmp(name, "search_path") == 0 ? lint->search_path : STR("");
}

/* "2s", "500ms", "1min", "1000": a timeout's value; its bare unit is the millisecond. */
static int64_t timeout_us(struct str value)
{
    static const struct {
        const char *unit;
        int64_t us;
    } units[] = {{"us", 1},      {"ms", 1000},      {"min", 60000000},
                 {"s", 1000000}, {"h", 3600000000}, {"d", 86400000000}};
    int64_t unit = 1000;
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (str_ends(value, units[i].unit)) {
            unit = units[i].us;
            value = str_trim(str_slice(value, 0, value.len - strlen(units[i].unit)));
            break;
        }
    }
    double number;
    return str_to_double(value, &number) ? (int64_t)(number * (double)unit) : -1;
}

int64_t history_timeout_us(const struct lint *lint, const char *name)
{
    bool lock = strcmp(name, "lock_timeout") == 0;
    const struct setting *setting = find_setting(lint, str_from(name));
    if (setting) {
        return timeout_us(setting->value);
    }
    int64_t by_run = lock ? lint->file->lock_timeout_us : lint->file->statement_timeout_us;
    if (by_run >= 0) {
        return by_run;
    }
    return lock ? lint->context->lock_timeout_us : lint->context->statement_timeout_us;
}

/* --------------------------------------------------------------- transactions */

static void next_transaction(struct lint *lint, bool open)
{
    lint->transaction++;
    lint->in_transaction = open;
    lint->held_count = 0;
    names_clear(&lint->held_names);
    drop_local_settings(lint);
}

void history_begin_file(struct lint *lint)
{
    if (lint->search_path.ptr == NULL) {
        lint->search_path = joined_path(lint);
    }
    lint->search_path_set = false;
    lint->file_begins = lint->past_count;
    lint->setting_count = 0; /* each file gets a clean session */
    memset(&lint->tally, 0, sizeof lint->tally);
    next_transaction(lint, lint->file->transaction == LINT_TRANSACTION_ONE);
}

void history_before(struct lint *lint, const struct sql_statement *statement)
{
    if (lint->file->transaction != LINT_TRANSACTION_ONE && !lint->in_transaction) {
        next_transaction(lint, statement->control == SQL_CONTROL_BEGIN);
    }
}

void history_after(struct lint *lint, const struct sql_statement *statement)
{
    bool ends = statement->control == SQL_CONTROL_COMMIT ||
                statement->control == SQL_CONTROL_ROLLBACK ||
                statement->control == SQL_CONTROL_PREPARE;
    if (ends && lint->file->transaction != LINT_TRANSACTION_ONE) {
        next_transaction(lint, statement->chain);
    }
}

/* --------------------------------------------------------------------- locks */

static struct sql_name keep_name(struct lint *lint, struct sql_name name)
{
    return (struct sql_name){str_dup(lint->arena, name.schema),
                             str_dup(lint->arena, name.name)};
}

static void hold(struct lint *lint, struct sql_name relation, enum sql_lock lock, size_t index)
{
    if (lock == SQL_LOCK_NONE || relation.name.len == 0) {
        return;
    }
    ptrdiff_t at = names_first(&lint->held_names, relation);
    if (at == NAMES_NONE) {
        *ARRAY_PUSH(lint->held, lint->held_count, lint->held_capacity) =
            (struct held){keep_name(lint, relation), lock, index};
        names_add(&lint->held_names, lint->held[lint->held_count - 1].relation);
    } else if (lint->held[at].lock < lock) {
        lint->held[at].lock = lock;
        lint->held[at].statement = index;
    }
}

enum sql_lock history_lock_on(const struct lint *lint, struct sql_name relation)
{
    ptrdiff_t at = names_first(&lint->held_names, relation);
    return at == NAMES_NONE ? SQL_LOCK_NONE : lint->held[at].lock;
}

/* ------------------------------------------------------------------- the past */

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
    if (action->index && action->index->column_count > 0 && !action->index->where.present) {
        return action->index->columns[0];
    }
    if (constraint && constraint->column_count > 0 &&
        (constraint->kind == SQL_CONSTRAINT_UNIQUE ||
         constraint->kind == SQL_CONSTRAINT_PRIMARY_KEY)) {
        return constraint->columns[0];
    }
    bool key = action->column && (action->column->primary_key || action->column->unique);
    return key ? action->column->name : STR("");
}

void history_remember(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (action->setting) {
        add_setting(lint, action->setting);
    }
    if (lint->in_transaction && !step->is_new) {
        hold(lint, step->object, action->lock, step->index);
        if (action->form == SQL_FORM_RENAME_TABLE) { /* one table, one lock, a second name */
            struct sql_name renamed = {step->object.schema, action->renamed};
            hold(lint, renamed, action->lock, step->index);
        }
        hold(lint, world_resolve(lint, action->other), action->other_lock, step->index);
    }
    if (!is_worth_remembering(action)) {
        return;
    }
    struct past *past = ARRAY_PUSH(lint->past, lint->past_count, lint->past_capacity);
    *past = (struct past){
        .form = action->form,
        .object = keep_name(lint, step->object),
        .part = str_dup(lint->arena, action->part),
        .first_column = str_dup(lint->arena, first_column(action)),
        .proves = action->constraint
                      ? str_dup(lint->arena, action->constraint->check.not_null_of)
                      : STR(""),
        .file = lint->file_index,
        .statement = step->index,
        .at = report_place(lint, step, action->offset),
        .transaction = lint->transaction,
        .policy = keep_policy(lint, action->policy),
        .temporary = action->temporary,
        .guarded = action->guarded,
        .alters_table = strcmp(step->statement->tag, "ALTER TABLE") == 0 &&
                        !history_stands_alone(action->form),
        .is_undo = lint->file->is_undo,
    };
    names_add(&lint->past_names, past->object);
    lint->plan_secures |= action->form == SQL_FORM_ENABLE_RLS;
    if (action->form == SQL_FORM_ADD_ENUM_VALUE) {
        lint->enum_value = (ptrdiff_t)lint->past_count - 1;
    }
}

const struct past *history_last(const struct lint *lint, enum sql_form form,
                                struct sql_name object, struct str part)
{
    for (ptrdiff_t i = names_first(&lint->past_names, object); i != NAMES_NONE;
         i = names_next(&lint->past_names, i)) {
        const struct past *past = &lint->past[i];
        bool same_file = past->file == lint->file_index;
        if ((form == SQL_FORM__COUNT || past->form == form) &&
            (part.len == 0 || str_is(past->part, part)) && (!past->is_undo || same_file)) {
            return past;
        }
    }
    return NULL;
}

bool history_stands_alone(enum sql_form form)
{
    return form == SQL_FORM_RENAME_COLUMN || form == SQL_FORM_RENAME_TABLE ||
           form == SQL_FORM_RENAME_CONSTRAINT || form == SQL_FORM_SET_TABLE_SCHEMA ||
           form == SQL_FORM_ATTACH_PARTITION || form == SQL_FORM_DETACH_PARTITION ||
           form == SQL_FORM_DETACH_PARTITION_CONCURRENTLY ||
           form == SQL_FORM_DETACH_PARTITION_FINALIZE || form == SQL_FORM_VALIDATE_CONSTRAINT;
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

bool history_is_new(const struct lint *lint, struct sql_name relation)
{
    for (ptrdiff_t i = names_first(&lint->past_names, relation); i != NAMES_NONE;
         i = names_next(&lint->past_names, i)) {
        const struct past *past = &lint->past[i];
        /* When an undo file runs, what the others made has been used for a while. */
        bool apart = past->is_undo || lint->file->is_undo;
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

bool history_was_altered(const struct lint *lint, struct sql_name object, size_t statement)
{
    for (ptrdiff_t i = names_first(&lint->past_names, object); i != NAMES_NONE;
         i = names_next(&lint->past_names, i)) {
        const struct past *past = &lint->past[i];
        if (past->file != lint->file_index || past->statement < statement) {
            return false;
        }
        if (past->statement == statement) {
            return past->alters_table;
        }
    }
    return false;
}

static bool drops(enum sql_form form)
{
    return str_starts(str_from(sql_form_row(form)->id), "DROP_");
}

const struct past *history_dropped_here(const struct lint *lint, struct sql_name object,
                                        struct str part)
{
    for (ptrdiff_t i = names_first(&lint->past_names, object); i != NAMES_NONE;
         i = names_next(&lint->past_names, i)) {
        const struct past *past = &lint->past[i];
        if (past->transaction != lint->transaction) {
            return NULL;
        }
        if (past->guarded && drops(past->form) && str_is(past->part, part)) {
            return past;
        }
    }
    return NULL;
}

const struct past *history_enum_value(const struct lint *lint)
{
    return lint->enum_value < 0 ? NULL : &lint->past[lint->enum_value];
}

bool history_indexes(const struct lint *lint, struct sql_name table, struct str column)
{
    for (ptrdiff_t i = names_first(&lint->past_names, table); i != NAMES_NONE;
         i = names_next(&lint->past_names, i)) {
        if (column.len > 0 && str_is(lint->past[i].first_column, column)) {
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
        .table = keep_name(lint, step->object),
        .column = str_dup(lint->arena, step->action->constraint->columns[0]),
        .at = report_place(lint, step, step->action->offset),
        .object = report_name(lint, step->action),
    };
}

const struct past *history_before_that(const struct lint *lint, const struct past *past)
{
    ptrdiff_t before = names_next(&lint->past_names, past - lint->past);
    return before == NAMES_NONE ? NULL : &lint->past[before];
}

void history_forget(struct lint *lint)
{
    names_release(&lint->past_names);
    free(lint->past);
    lint->past = NULL;
    lint->past_count = lint->past_capacity = 0;
}
