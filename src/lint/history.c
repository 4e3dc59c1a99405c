/* SPDX-License-Identifier: PostgreSQL */
/*
 * What is in force: locks that the transaction holds, and settings. Transactions open and end
 * here as they will in the run: one for a file, one for each statement, or as the file itself
 * says.
 */
#include "lint_private.h"

#include <stdlib.h>

/* ------------------------------------------------------------------- settings */

static bool which_setting(struct str name, enum lint_setting *which)
{
    static const char *const names[] = {
        [LINT_SETTING_LOCK_TIMEOUT] = "lock_timeout",
        [LINT_SETTING_STATEMENT_TIMEOUT] = "statement_timeout",
        [LINT_SETTING_SEARCH_PATH] = "search_path",
        [LINT_SETTING_ROW_SECURITY] = "row_security",
        [LINT_SETTING_ALL] = "all",
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (str_eq(name, names[i])) {
            *which = (enum lint_setting)i;
            return true;
        }
    }
    return false;
}

/* RESET ALL hides all that is older. */
static const struct setting *find_setting(const struct lint *lint, enum lint_setting which)
{
    for (size_t i = lint->setting_count; i-- > 0;) {
        const struct setting *setting = &lint->settings[i];
        if (setting->which == which || setting->which == LINT_SETTING_ALL) {
            return setting;
        }
    }
    return NULL;
}

/* A value in front of the last mark stays: ROLLBACK leads back to it. */
static void put_setting(struct lint *lint, struct setting setting)
{
    size_t mark = lint->mark_count > 0 ? lint->marks[lint->mark_count - 1].setting_count : 0;
    for (size_t i = lint->setting_count; i-- > mark;) {
        struct setting *old = &lint->settings[i];
        if (old->which == setting.which && old->local == setting.local) {
            memmove(old, old + 1, (lint->setting_count - i - 1) * sizeof *old);
            lint->setting_count--;
            break;
        }
    }
    *ARRAY_PUSH(lint->settings, lint->setting_count, lint->setting_capacity) = setting;
}

/* Whether the session's own value of a later statement stands in front of it. */
static bool is_hidden(const struct lint *lint, size_t index, size_t from)
{
    const struct setting *old = &lint->settings[index];
    for (size_t i = index < from ? from : index + 1; i < lint->setting_count; i++) {
        const struct setting *newer = &lint->settings[i];
        if (!newer->local && (newer->which == old->which || newer->which == LINT_SETTING_ALL)) {
            return true;
        }
    }
    return false;
}

/* COMMIT: what was local goes, of the rest the newest of each name stays. */
static void keep_settings(struct lint *lint)
{
    size_t begin = lint->mark_count > 0 ? lint->marks[0].setting_count : 0;
    size_t kept = 0;
    for (size_t i = 0; begin < lint->setting_count && i < lint->setting_count; i++) {
        lint->settings[i].hidden = lint->settings[i].local || is_hidden(lint, i, begin);
    }
    for (size_t i = 0; i < lint->setting_count; i++) {
        if (!lint->settings[i].hidden) {
            lint->settings[kept++] = lint->settings[i];
        }
    }
    lint->setting_count = kept;
}

/* ALTER SYSTEM, ALTER ROLE ... SET and storage parameters are for others, or for later. */
static bool is_of_session(enum sql_form form)
{
    return form == SQL_FORM_SET || form == SQL_FORM_RESET || form == SQL_FORM_SESSION;
}

static void add_setting(struct lint *lint, const struct sql_action *action)
{
    const struct sql_setting *setting = action->setting;
    enum lint_setting which;
    if (setting && is_of_session(action->form) && (!setting->local || lint->in_transaction) &&
        which_setting(setting->name, &which)) {
        put_setting(lint, (struct setting){
                              .which = which,
                              .value = str_dup(lint->arena, setting->value),
                              .local = setting->local,
                              .reset = setting->reset,
                          });
    }
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

bool history_is_set(const struct lint *lint, enum lint_setting which)
{
    const struct setting *setting = find_setting(lint, which);
    return setting && !setting->reset;
}

struct str history_setting(const struct lint *lint, enum lint_setting which)
{
    const struct setting *setting = find_setting(lint, which);
    if (setting && !setting->reset) {
        return setting->value;
    }
    return which == LINT_SETTING_SEARCH_PATH ? lint->search_path : STR("");
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

int64_t history_timeout_us(const struct lint *lint, enum lint_setting which)
{
    bool lock = which == LINT_SETTING_LOCK_TIMEOUT;
    const struct setting *setting = find_setting(lint, which);
    if (setting && !setting->reset) {
        return timeout_us(setting->value);
    }
    int64_t by_run = lock ? lint->file->lock_timeout_us : lint->file->statement_timeout_us;
    if (by_run >= 0 && !setting) { /* RESET takes back what the run has set, too */
        return by_run;
    }
    return lock ? lint->context->lock_timeout_us : lint->context->statement_timeout_us;
}

/* --------------------------------------------------------------- transactions */

static void put_mark(struct lint *lint, struct str name)
{
    *ARRAY_PUSH(lint->marks, lint->mark_count, lint->mark_capacity) = (struct mark){
        .name = str_dup(lint->arena, name),
        .past_count = lint->past_count,
        .setting_count = lint->setting_count,
        .waiting_count = lint->waiting_count,
        .held_count = lint->held_count,
        .raised_count = lint->raised_count,
        .rename_count = lint->renamed_to.count,
        .enum_value = lint->enum_value,
        .plan_secures = lint->plan_secures,
    };
}

/*
 * What was done since is undone: objects, settings (those of the session as well), locks. What
 * rules have said of it stays said: it was tried, and waited for, all the same.
 */
static void go_back(struct lint *lint, const struct mark *mark)
{
    past_cut(lint, mark->past_count);
    renames_cut(lint, mark->rename_count);
    lint->setting_count = mark->setting_count;
    lint->waiting_count = mark->waiting_count;
    lint->enum_value = mark->enum_value;
    lint->plan_secures = mark->plan_secures;
    while (lint->raised_count > mark->raised_count) {
        const struct raised *raised = &lint->raised[--lint->raised_count];
        lint->held_at[lint->held[raised->held].lock]--;
        lint->held_at[raised->lock]++;
        lint->held[raised->held].lock = raised->lock;
        lint->held[raised->held].statement = raised->statement;
    }
    while (lint->held_count > mark->held_count) {
        lint->held_at[lint->held[--lint->held_count].lock]--;
    }
    names_cut(&lint->held_names, mark->held_count);
}

/* The newest savepoint of that name, as the server finds it; 0: there is none. */
static size_t find_mark(const struct lint *lint, struct str name)
{
    size_t at = lint->mark_count;
    while (at-- > 1 && !str_is(lint->marks[at].name, name)) {
    }
    return at > 0 && at < lint->mark_count ? at : 0;
}

static void next_transaction(struct lint *lint, bool open)
{
    if (lint->mark_count > 0) {
        past_end_temporary(lint, lint->marks[0].past_count, false);
    }
    lint->transaction++;
    lint->in_transaction = open;
    lint->held_count = 0;
    memset(lint->held_at, 0, sizeof lint->held_at);
    names_clear(&lint->held_names);
    lint->raised_count = 0;
    keep_settings(lint);
    lint->mark_count = 0;
    put_mark(lint, STR(""));
}

void history_begin_file(struct lint *lint)
{
    if (lint->search_path.ptr == NULL) {
        lint->search_path = joined_path(lint);
    }
    if (lint->file_index > 0 && lint->files[lint->file_index - 1].is_undo) {
        renames_cut(lint, lint->renamed_forward); /* each goes back from the plan's end */
    }
    lint->renamed_forward = lint->renamed_to.count;
    lint->file_begins = lint->past_count;
    lint->has_temporary = false; /* the session is cleaned between files */
    lint->setting_count = 0;     /* each file gets a clean session */
    memset(&lint->tally, 0, sizeof lint->tally);
    next_transaction(lint, lint->file->transaction == LINT_TRANSACTION_ONE);
}

void history_before(struct lint *lint, const struct sql_statement *statement)
{
    if (lint->file->transaction != LINT_TRANSACTION_ONE && !lint->in_transaction) {
        lint->in_block =
            strcmp(statement->tag, "DO") == 0 && statement->hides_control != SQL_YES;
        next_transaction(lint, lint->in_block || statement->control == SQL_CONTROL_BEGIN);
    }
}

static void end_transaction(struct lint *lint, const struct sql_statement *statement)
{
    if (statement->control == SQL_CONTROL_ROLLBACK) {
        go_back(lint, &lint->marks[0]);
    }
    next_transaction(lint, statement->chain);
}

void history_after(struct lint *lint, const struct sql_statement *statement,
                   struct str savepoint)
{
    bool goes_back = statement->control == SQL_CONTROL_ROLLBACK_TO ||
                     statement->control == SQL_CONTROL_RELEASE;
    size_t mark = goes_back ? find_mark(lint, savepoint) : 0;
    if (lint->in_block) {
        lint->in_block = false;
        next_transaction(lint, false);
        return;
    }
    switch ((int)statement->control) {
    case SQL_CONTROL_SAVEPOINT:
        put_mark(lint, savepoint);
        return;
    case SQL_CONTROL_ROLLBACK_TO:
        if (mark > 0) {
            go_back(lint, &lint->marks[mark]);
            lint->mark_count = mark + 1; /* it stays, and can be gone back to again */
        }
        return;
    case SQL_CONTROL_RELEASE:
        lint->mark_count = mark > 0 ? mark : lint->mark_count;
        return;
    case SQL_CONTROL_COMMIT:
    case SQL_CONTROL_ROLLBACK:
    case SQL_CONTROL_PREPARE:
        if (lint->file->transaction != LINT_TRANSACTION_ONE) {
            end_transaction(lint, statement);
        }
        return;
    default:
        return;
    }
}

/* --------------------------------------------------------------------- locks */

struct sql_name history_keep_name(struct lint *lint, struct sql_name name)
{
    return (struct sql_name){str_dup(lint->arena, name.schema),
                             str_dup(lint->arena, name.name)};
}

struct sql_name history_locked_table(const struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    bool named = strcmp(action->kind, "index") != 0 || action->index != NULL;
    if (named) {
        return step->object; /* CREATE INDEX says its table */
    }
    const struct past *made = history_index(lint, step->object);
    const struct lint_relation *table = world_table_of_index(lint, step->object);
    if (made) {
        return *made->object;
    }
    return table ? table->name : (struct sql_name){STR(""), STR("")};
}

static void hold(struct lint *lint, struct sql_name relation, enum sql_lock lock, size_t index,
                 bool of_index)
{
    if (lock == SQL_LOCK_NONE || relation.name.len == 0) {
        return;
    }
    ptrdiff_t at = names_first(&lint->held_names, relation);
    if (at == NAMES_NONE) {
        *ARRAY_PUSH(lint->held, lint->held_count, lint->held_capacity) =
            (struct held){history_keep_name(lint, relation), lock, index, of_index};
        names_add(&lint->held_names, lint->held[lint->held_count - 1].relation);
        lint->held_at[lock]++;
    } else if (lint->held[at].lock < lock) {
        *ARRAY_PUSH(lint->raised, lint->raised_count, lint->raised_capacity) =
            (struct raised){(size_t)at, lint->held[at].lock, lint->held[at].statement};
        lint->held_at[lint->held[at].lock]--;
        lint->held_at[lock]++;
        lint->held[at].lock = lock;
        lint->held[at].statement = index;
    }
}

bool history_holds(const struct lint *lint, enum sql_lock least)
{
    for (enum sql_lock lock = least; lock < SQL_LOCK__COUNT; lock++) {
        if (lint->held_at[lock] > 0) {
            return true;
        }
    }
    return false;
}

enum sql_lock history_lock_on(const struct lint *lint, struct sql_name relation)
{
    ptrdiff_t at = names_first(&lint->held_names, relation);
    return at == NAMES_NONE ? SQL_LOCK_NONE : lint->held[at].lock;
}

void history_remember(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    add_setting(lint, action);
    if (lint->in_transaction && !step->is_new) {
        struct sql_name table = history_locked_table(lint, step);
        bool known = table.name.len > 0;
        hold(lint, known ? table : step->object, action->lock, step->index, !known);
        bool again =
            strcmp(action->kind, "index") == 0 && !action->index; /* the index itself */
        if (!again) {
            hold(lint, world_resolve(lint, action->other), action->other_lock, step->index,
                 false);
        }
    }
    if (action->ends_temporary && action->form == SQL_FORM_SESSION) {
        past_end_temporary(lint, lint->file_begins, true);
    }
    past_remember(lint, step);
    probes_remember(lint, step);
    renames_remember(lint, step);
}
