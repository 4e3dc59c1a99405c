/* SPDX-License-Identifier: PostgreSQL */
/*
 * What is in force: locks that the transaction holds, and settings. Transactions open and end
 * here as they will in the run: one for a file, one for each statement, or as the file itself
 * says.
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

struct sql_name history_keep_name(struct lint *lint, struct sql_name name)
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
            (struct held){history_keep_name(lint, relation), lock, index};
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
    past_remember(lint, step);
}
