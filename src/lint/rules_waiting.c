/* SPDX-License-Identifier: PostgreSQL */
/*
 * L10 to L16: who waits for whom, and for how long: timeouts, and locks that a transaction
 * gathers while it works.
 */
#include "lint_private.h"

/* A lock that stops the application, on something that it may be using. */
static bool stops_others(const struct step *step)
{
    return !step->is_new && step->action->lock >= SQL_LOCK_SHARE &&
           step->action->object.name.len > 0;
}

/* LOCAL means nothing outside of a transaction. */
static struct str set_timeout(struct lint *lint, const char *what)
{
    return str_format(lint->arena, "SET %s%s;", lint->in_transaction ? "LOCAL " : "", what);
}

/* Of a file that is read by itself nobody knows how it will be run: a run of ours sets both. */
static void say_unset(const struct lint *lint, struct lint_finding *finding, int64_t timeout)
{
    if (timeout >= 0) {
        return;
    }
    finding->unknown = STR("whether the role or the database sets one");
    if (lint->file->alone) {
        finding->unknown = STR("whether the run, the role or the database sets one");
        finding->severity--;
    }
}

static void no_lock_timeout(struct lint *lint, const struct step *step)
{
    int64_t timeout = history_timeout_us(lint, LINT_SETTING_LOCK_TIMEOUT);
    if (!stops_others(step) || timeout > 0 || report_said_in_file(lint, "L10")) {
        return;
    }
    struct str name = report_name(lint, step->action);
    struct lint_finding *finding = report_finding(
        lint, step, "L10",
        "no lock_timeout: if a session holds %.*s, this waits without end, and all later "
        "sessions wait behind it",
        STR_ARG(name));
    finding->safer = set_timeout(lint, "lock_timeout = '2s'");
    say_unset(lint, finding, timeout);
}

/* The server's own tables; a schema of that name is nobody else's, and a name without a
 * schema is looked for there first. */
static bool is_of_catalog(struct sql_name name)
{
    return str_eq(name.schema, "pg_catalog") || str_eq(name.schema, "information_schema") ||
           (name.schema.len == 0 && str_starts(name.name, "pg_"));
}

/* A query of constants, or of the catalogs, cannot; nor a DO block by itself, when what stands
 * in it is judged piece by piece. */
static bool can_run_away(const struct step *step)
{
    const struct sql_action *action = step->action;
    if (action->form == SQL_FORM_DO) {
        return step->facts->opaque_count > 0;
    }
    if (action->change && action->change->written_out) {
        return false; /* a few rows that stand in the text */
    }
    if (action->form != SQL_FORM_SELECT || step->work == SQL_WORK_UNKNOWN || !action->change) {
        return true;
    }
    for (size_t i = 0; i < action->change->read_count; i++) {
        if (!is_of_catalog(action->change->reads[i])) {
            return true;
        }
    }
    return false;
}

static void no_statement_timeout(struct lint *lint, const struct step *step)
{
    int64_t timeout = history_timeout_us(lint, LINT_SETTING_STATEMENT_TIMEOUT);
    bool works = step->work != SQL_WORK_NONE && !step->is_new && can_run_away(step);
    if (!works || timeout > 0 || report_said_in_file(lint, "L11")) {
        return;
    }
    struct lint_finding *finding =
        report_finding(lint, step, "L11",
                       "no statement_timeout: a plan gone wrong here eats the whole window");
    finding->safer = set_timeout(lint, "statement_timeout = '5min'");
    say_unset(lint, finding, timeout);
}

static bool is_timeout(struct str name)
{
    return str_eq(name, "lock_timeout") || str_eq(name, "statement_timeout") ||
           str_eq(name, "idle_in_transaction_session_timeout");
}

static void setting_lost_in_a_pooler(struct lint *lint, const struct step *step)
{
    const struct sql_setting *setting = step->action->setting;
    if (!setting || setting->local || !is_timeout(setting->name) || !lint->context->pooler) {
        return;
    }
    struct lint_finding *finding = report_finding(
        lint, step, "L12",
        "through this pooler SET %.*s holds for a server session that the next statement may "
        "not get, and stays for whoever gets it",
        STR_ARG(setting->name));
    if (!setting->reset) {
        struct strbuf value = {0};
        sql_quote_literal(&value, setting->value);
        finding->safer = str_format(lint->arena, "SET LOCAL %.*s = %.*s;",
                                    STR_ARG(setting->name), STR_ARG(strbuf_str(&value)));
        strbuf_release(&value);
    }
}

/* The strongest lock that earlier statements of this transaction took; NULL: none that hurts.
 */
static const struct held *strongest_held(const struct lint *lint, size_t before)
{
    const struct held *strongest = NULL;
    bool some = history_holds(lint, SQL_LOCK_SHARE_ROW_EXCLUSIVE);
    for (size_t i = 0; some && i < lint->held_before; i++) {
        const struct held *held = &lint->held[i];
        if (held->lock >= SQL_LOCK_SHARE_ROW_EXCLUSIVE && held->statement < before &&
            (!strongest || held->lock > strongest->lock)) {
            strongest = held;
        }
    }
    return strongest;
}

/* A new table is filled from one that others have filled. */
static bool reads_old(const struct lint *lint, const struct sql_change *change)
{
    for (size_t i = 0; change && i < change->read_count; i++) {
        if (!is_of_catalog(change->reads[i]) &&
            !history_is_new(lint, world_resolve(lint, change->reads[i]))) {
            return true;
        }
    }
    return false;
}

static bool is_slow(const struct lint *lint, const struct step *step)
{
    enum sql_work work = step->work;
    const struct sql_change *change = step->action->change;
    return work != SQL_WORK_NONE && work != SQL_WORK_UNKNOWN &&
           step->action->form != SQL_FORM_SELECT && !(change && change->written_out) &&
           (!step->is_new || reads_old(lint, change));
}

/* On the table that is locked: rows are D5's, a validation K4's or K5's. */
static bool is_said_elsewhere(enum sql_form form)
{
    return form == SQL_FORM_VALIDATE_CONSTRAINT || form == SQL_FORM_INSERT ||
           form == SQL_FORM_UPDATE || form == SQL_FORM_DELETE || form == SQL_FORM_MERGE ||
           form == SQL_FORM_COPY_FROM;
}

static void lock_held_through_slow_work(struct lint *lint, const struct step *step)
{
    const struct held *held =
        is_slow(lint, step) && lint->in_transaction && !report_said_in_transaction(lint, "L13")
            ? strongest_held(lint, step->index)
            : NULL;
    if (!held) {
        return;
    }
    if (sql_name_is(held->relation, step->object) && is_said_elsewhere(step->action->form)) {
        return;
    }
    struct str name = report_shown(lint, held->relation);
    struct lint_finding *finding = report_finding(
        lint, step, "L13",
        "statement %zu holds %s on %.*s; this one works on every row, and the lock stays until "
        "COMMIT",
        held->statement + 1, sql_lock_words(held->lock), STR_ARG(name));
    if (!step->is_new) { /* of a new table the size tells nothing about what it is filled from
                          */
        report_by_size(lint, finding, step);
    }
}

static void second_table_in_a_transaction(struct lint *lint, const struct step *step)
{
    struct sql_name table = history_locked_table(lint, step);
    if (!stops_others(step) || !lint->in_transaction || table.name.len == 0 ||
        report_said_in_transaction(lint, "L14") || !history_holds(lint, SQL_LOCK_SHARE) ||
        history_lock_on(lint, table) >= SQL_LOCK_SHARE) {
        return;
    }
    const struct held *first = NULL;
    for (size_t i = 0; i < lint->held_before && !first; i++) {
        bool strong = lint->held[i].lock >= SQL_LOCK_SHARE && !lint->held[i].of_index;
        first = strong && lint->held[i].statement < step->index ? &lint->held[i] : NULL;
    }
    if (!first) {
        return;
    }
    struct str name = report_shown(lint, first->relation);
    struct str second = report_name(lint, step->action);
    report_finding(lint, step, "L14",
                   "the transaction holds %.*s (statement %zu) while it waits for %.*s: who "
                   "locks them the other way round is a deadlock",
                   STR_ARG(name), first->statement + 1, STR_ARG(second));
}

static void lock_by_hand(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (action->form != SQL_FORM_LOCK_TABLE || !stops_others(step)) {
        return;
    }
    struct str name = report_name(lint, action);
    struct lint_finding *finding = report_finding(
        lint, step, "L15", "LOCK TABLE in %s mode %s of %.*s until the transaction ends",
        sql_lock_words(action->lock), sql_lock_stops(action->lock), STR_ARG(name));
    finding->safer = str_format(lint->arena, "LOCK TABLE %.*s IN %s MODE NOWAIT;",
                                STR_ARG(name), sql_lock_words(action->lock));
}

static bool is_alter_table(const struct sql_statement *statement)
{
    return strcmp(statement->tag, "ALTER TABLE") == 0;
}

/* The statement right before altered the same table. */
static void one_alter_after_another(struct lint *lint, const struct step *step)
{
    if (!is_alter_table(step->statement) || step->facts->action_count == 0 ||
        step->index == 0 || report_said_in_file(lint, "L16")) {
        return;
    }
    const struct sql_action *action = &step->facts->actions[0];
    if (history_stands_alone(action->form)) {
        return;
    }
    struct sql_name object = world_resolve(lint, action->object);
    bool works = !lint->in_transaction; /* each waits for the lock anew */
    for (size_t i = 0; i < step->facts->action_count; i++) {
        works |= step->facts->actions[i].work != SQL_WORK_NONE;
    }
    if (history_was_altered(lint, object, step->index - 1, &works) && works &&
        !history_is_new(lint, object)) {
        struct str name = report_name(lint, action);
        report_finding(
            lint, step, "L16",
            "%.*s is altered by statement %zu and again here: each waits for its lock "
            "and may read the table anew",
            STR_ARG(name), step->index);
    }
}

static const struct rule_row rows[] = {
    {
        .rule =
            {"L10", "no lock_timeout", LINT_HIGH, LINT_NEEDS_ROLE,
             "A statement takes a lock that stops others while lock_timeout is off.",
             "A lock request that waits stands in a queue, and every later request that "
             "conflicts with it waits behind it, readers included: one idle transaction and "
             "one ALTER TABLE stop an application.",
             "Set a short lock_timeout for each migration, and try again after a pause.",
             "SET LOCAL lock_timeout = '2s';",
             "The table is new in this plan, or the plan's own lock_timeout is in force."},
        .on_action = no_lock_timeout,
    },
    {
        .rule = {"L11", "no statement_timeout", LINT_MEDIUM, LINT_NEEDS_ROLE,
                 "A statement reads or writes rows while statement_timeout is off.",
                 "A statement that takes a thousand times longer than in the rehearsal should "
                 "end by itself while there is still time to turn back.",
                 "Set it for each step, from the time that the rehearsal took.",
                 "SET LOCAL statement_timeout = '5min';",
                 "The plan's own statement_timeout is in force, or the statement reads nothing "
                 "but constants and the catalogs."},
        .on_action = no_statement_timeout,
    },
    {
        .rule = {"L12", "SET of a timeout through a pooler", LINT_HIGH, LINT_NEEDS_ACTIVITY,
                 "SET of a timeout, without LOCAL, while a transaction pooler stands between.",
                 "The pooler may give the next transaction to another server session: the "
                 "timeout is not there, and it leaks to whoever gets this one.",
                 "Use SET LOCAL inside of the transaction, or ALTER ROLE ... SET, or connect "
                 "past the pooler.",
                 "SET LOCAL lock_timeout = '2s';",
                 "The connection goes straight to the server."},
        .on_action = setting_lost_in_a_pooler,
    },
    {
        .rule =
            {"L13", "strong lock held through slow work", LINT_HIGH, LINT_NEEDS_TABLES,
             "A transaction that already holds a lock that stops writes goes on to read or "
             "write rows.",
             "Locks are kept until COMMIT. What was a millisecond of ACCESS EXCLUSIVE lasts "
             "as long as the slowest statement behind it.",
             "Split the file: slow work first or in another transaction, the short strong "
             "lock last.",
             "", "All tables are new in this plan, or small."},
        .on_action = lock_held_through_slow_work,
    },
    {
        .rule = {"L14", "several tables locked in one transaction", LINT_MEDIUM,
                 LINT_NEEDS_ACTIVITY,
                 "A transaction that holds a lock that stops writes on one table takes such a "
                 "lock on another.",
                 "While it waits for the second, the first stays locked; and an application "
                 "that uses them in the other order makes a deadlock.",
                 "One table for each transaction, or always the same order, with a short "
                 "lock_timeout and a retry.",
                 "", "The tables are new in this plan, or the application is stopped."},
        .on_action = second_table_in_a_transaction,
    },
    {
        .rule = {"L15", "LOCK TABLE in a strong mode", LINT_MEDIUM, LINT_NEEDS_TRAFFIC,
                 "LOCK TABLE in SHARE mode or stronger.",
                 "The lock stays until the transaction ends; others wait from the moment on in "
                 "which it is asked for.",
                 "Ask with NOWAIT and try again after a pause, and keep the transaction short.",
                 "LOCK TABLE table_name IN SHARE ROW EXCLUSIVE MODE NOWAIT;",
                 "The table is new, or a lock_timeout bounds the wait."},
        .on_action = lock_by_hand,
    },
    {
        .rule = {"L16", "several ALTER TABLE on one table", LINT_LOW, LINT_NEEDS_TABLES,
                 "Two ALTER TABLE of the same table follow each other.",
                 "Each of them waits for its lock; and where each reads or writes the whole "
                 "table, that work is done once for each.",
                 "Write the actions into one ALTER TABLE, separated by commas.",
                 "ALTER TABLE table_name\n    ADD COLUMN a integer,\n    ADD COLUMN b integer;",
                 "They stand in one transaction and only change the catalog: then the second "
                 "costs nothing."},
        .on_statement = one_alter_after_another,
    },
};

const struct rule_table rules_of_waiting = {rows, COUNT_OF(rows)};
