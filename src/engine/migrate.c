/* SPDX-License-Identifier: PostgreSQL */
/*
 * MIGRATE: one script after another, statement by statement. The order is always
 * announce, sync, act, record: INTENT before BEGIN, COMMIT-SENT (with the marks by
 * which the transaction can be found again) before COMMIT. With `transaction: each`
 * or `file` a record precedes every statement.
 *
 * A script on the way back (down, sql) goes the same way as a migration.
 */
#include "check.h"
#include "engine_private.h"

struct run_script *at_work(const struct run *run)
{
    return run->script >= 0 ? &run->scripts[run->script] : NULL;
}

bool script_fits(const struct run *run, const struct event *event)
{
    bool names_script = event->kind == EVENT_STATEMENT || event->kind == EVENT_COMMITTED ||
                        event->kind == EVENT_EVIDENCE;
    if (event->script < -1 || event->script >= (int)run->script_count ||
        (names_script && event->script < 0)) {
        return false;
    }
    if (event->kind == EVENT_STATEMENT) {
        const struct run_script *script = &run->scripts[event->script];
        return script->sql && event->index >= 0 && (size_t)event->index < script->sql->count;
    }
    return true;
}

bool script_is_open(const struct run *run)
{
    const struct run_script *script = at_work(run);
    return script && script->state == SCRIPT_OPEN;
}

/* In the range at work (the plan's steps, or the way back) the first that is not over. */
int next_script(const struct run *run)
{
    size_t first = run->way_back ? (size_t)run->way_first : 0;
    size_t last =
        run->way_back || run->way_first < 0 ? run->script_count : (size_t)run->way_first;
    for (size_t i = first; i < last; i++) {
        enum script_state state = run->scripts[i].state;
        if (state == SCRIPT_PENDING || state == SCRIPT_ROLLED_BACK) {
            return (int)i;
        }
    }
    return -1;
}

/* ------------------------------------------------------------------- statements */

/* Thousands of statements in a row answer alike: they share the text. */
static struct str keep_tag(struct run *run, const struct run_script *script,
                           const struct event *event)
{
    if (event->index > 0 && str_is(script->statements[event->index - 1].tag, event->tag)) {
        return script->statements[event->index - 1].tag;
    }
    return run_keep(run, event->tag);
}

static void keep_statement(struct run *run, const struct event *event)
{
    struct run_script *script = &run->scripts[event->script];
    struct run_statement *statement = &script->statements[event->index];
    statement->sent = false;
    statement->outcome = event->outcome;
    statement->tag = keep_tag(run, script, event);
    statement->rows = event->rows;
    statement->us = event->us;
    script->sql_us += event->us;
    run->blocker_count = event->outcome == OUTCOME_OK ? 0 : run->blocker_count;
    if (event->outcome != OUTCOME_OK) {
        statement->sqlstate = run_keep(run, event->sqlstate);
        statement->text = run_keep(run, event->text);
        statement->detail = run_keep(run, event->detail);
        statement->hint = run_keep(run, event->hint);
    }
}

bool statement_more(const struct run *run, const struct event *event)
{
    return event->outcome == OUTCOME_OK && event->script == run->script &&
           (size_t)event->index + 1 < run->scripts[event->script].last;
}

bool statement_last(const struct run *run, const struct event *event)
{
    return event->outcome == OUTCOME_OK && event->script == run->script &&
           (size_t)event->index + 1 == run->scripts[event->script].last;
}

bool statement_failed(const struct run *run, const struct event *event)
{
    return event->outcome == OUTCOME_FAILED && event->script == run->script;
}

void on_statement_next(struct run *run, const struct event *event, struct effects *effects)
{
    keep_statement(run, event);
    send_statement(run, effects, (size_t)event->index + 1);
}

static void send_ledger(struct run *run, struct effects *effects)
{
    run_go(run, effects, STATE_LEDGER);
    send_change(effects, QUERY_LEDGER_WRITE, run->script, run->intent);
}

static void send_evidence(struct run *run, struct effects *effects)
{
    run_go(run, effects, STATE_EVIDENCE);
    struct effect *effect = send_query(effects, QUERY_EVIDENCE);
    effect->session = SESSION_WORK;
    effect->script = run->script;
}

/* A script of a rollback option that is no undo file has no row of its own in the ledger. */
static bool keeps_ledger(const struct run *run)
{
    return run->plan->ledger.mark.line > 0 && at_work(run)->kind != SCRIPT_SQL;
}

static void after_inside(struct run *run, struct effects *effects)
{
    if (keeps_ledger(run)) {
        send_ledger(run, effects);
    } else {
        send_evidence(run, effects);
    }
}

void on_statements_over(struct run *run, struct effects *effects)
{
    struct run_script *script = at_work(run);
    if (script->transaction != PLAN_TRANSACTION_ONE) {
        if (keeps_ledger(run)) {
            send_ledger(run, effects);
        } else {
            script_committed(run, script, (struct str){0});
            run_enter(run, effects, STATE_STEP_CHECKS);
        }
        return;
    }
    bool inside = script->kind == SCRIPT_MIGRATION && script->check_count > 0 &&
                  run->plan->steps.items[script->step].verify == PLAN_VERIFY_INSIDE;
    if (!inside) {
        after_inside(run, effects);
        return;
    }
    run_go(run, effects, STATE_INSIDE);
    begin_checks(script->checks, script->check_count);
    run->running_checks = 0;
    send_check(run, effects, &script->checks[0], PLACE_STEP, run->script, 0, true);
}

void on_statement_last(struct run *run, const struct event *event, struct effects *effects)
{
    keep_statement(run, event);
    on_statements_over(run, effects);
}

/* ROLLBACK, always, whatever the transaction's state: the next look starts from a clean one. */
static void undo_open(struct run *run, struct effects *effects)
{
    run_go(run, effects, STATE_UNDOING);
    struct effect *effect = send_query(effects, QUERY_ROLLBACK);
    effect->session = SESSION_WORK;
    effect->script = run->script;
}

void on_statement_failed(struct run *run, const struct event *event, struct effects *effects)
{
    keep_statement(run, event);
    struct run_script *script = at_work(run);
    const struct sql_statement *statement = &script->sql->statements[event->index];
    script->failed = true;
    script->cancelled = run->cancel_wanted;
    script->failure_state = run_keep(run, event->sqlstate);
    /* The file's own COMMIT (flag), or statements that committed one by one before this one. */
    script->partial = event->flag || (script->transaction != PLAN_TRANSACTION_ONE &&
                                      (size_t)event->index > script->first);
    struct str place =
        event->id.len > 0
            ? event->id
            : run_keep_format(run, "%.*s:%d", STR_ARG(script->file), statement->head.line);
    script->failure = run_keep_format(run, "%.*s: %.*s", STR_ARG(place), STR_ARG(event->text));
    if (event->item_count > 0) {
        script->failure =
            run_keep_format(run, "%.*s; held up by %.*s %.*s", STR_ARG(script->failure),
                            STR_ARG(event->items[0].name), STR_ARG(event->items[0].text));
    }
    undo_open(run, effects);
}

/* -------------------------------------------------- checks in the open transaction */

bool inside_fits(const struct run *run, const struct event *event)
{
    return event->place == PLACE_STEP && event->script == run->script && event->check >= 0 &&
           (size_t)event->check < run->scripts[run->script].check_count;
}

bool inside_failed(const struct run *run, const struct event *event)
{
    return inside_fits(run, event) && event->outcome != OUTCOME_OK;
}

bool inside_more(const struct run *run, const struct event *event)
{
    return inside_fits(run, event) && event->outcome == OUTCOME_OK &&
           (size_t)event->check + 1 < run->scripts[run->script].check_count;
}

bool inside_last(const struct run *run, const struct event *event)
{
    return inside_fits(run, event) && event->outcome == OUTCOME_OK &&
           (size_t)event->check + 1 == run->scripts[run->script].check_count;
}

void on_inside_next(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_script *script = at_work(run);
    keep_check(run, &script->checks[event->check], event);
    send_check(run, effects, &script->checks[event->check + 1], PLACE_STEP, run->script,
               event->check + 1, true);
}

void on_inside_failed(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_script *script = at_work(run);
    keep_check(run, &script->checks[event->check], event);
    script->failed = true;
    script->failure = run_keep_format(run, "check %.*s failed before COMMIT: %.*s",
                                      STR_ARG(script->checks[event->check].check->id),
                                      STR_ARG(event->detail));
    undo_open(run, effects);
}

void on_inside_last(struct run *run, const struct event *event, struct effects *effects)
{
    keep_check(run, &at_work(run)->checks[event->check], event);
    after_inside(run, effects);
}

/* ---------------------------------------------------------------- ledger and COMMIT */

bool done_ledger_ok(const struct run *run, const struct event *event)
{
    (void)run;
    return event->query == QUERY_LEDGER_WRITE && event->outcome == OUTCOME_OK;
}

bool done_ledger_failed(const struct run *run, const struct event *event)
{
    (void)run;
    return event->query == QUERY_LEDGER_WRITE && event->outcome == OUTCOME_FAILED;
}

void on_ledger_written(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_script *script = at_work(run);
    script->sql_us += event->us;
    script->ledger = run_keep(run, event->name);
    if (script->transaction == PLAN_TRANSACTION_ONE) {
        send_evidence(run, effects);
        return;
    }
    script_committed(run, script, (struct str){0});
    run_enter(run, effects, STATE_STEP_CHECKS);
}

void on_ledger_failed(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_script *script = at_work(run);
    script->failed = true;
    script->partial = script->transaction != PLAN_TRANSACTION_ONE;
    script->failure_state = run_keep(run, event->sqlstate);
    script->failure =
        run_keep_format(run, "the ledger row could not be written: %.*s", STR_ARG(event->text));
    undo_open(run, effects);
}

bool evidence_ok(const struct run *run, const struct event *event)
{
    return event->script == run->script && event->outcome == OUTCOME_OK;
}

void on_evidence(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_script *script = at_work(run);
    script->xid = event->xid;
    script->pid = event->pid;
    script->backend_start_us = event->backend_start_us;
    script->commit_sent = true;
    struct effect *record = run_announce(run, effects, RECORD_COMMIT_SENT);
    record->xid = event->xid;
    record->pid = event->pid;
    record->backend_start_us = event->backend_start_us;
    uint64_t by = record->announced;
    run_go(run, effects, STATE_COMMIT);
    send_change(effects, QUERY_COMMIT, run->script, by);
}

void on_no_evidence(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_script *script = at_work(run);
    script->failed = true;
    script->failure = run_keep_format(run, "the transaction's marks could not be read: %.*s",
                                      STR_ARG(event->text));
    undo_open(run, effects);
}

bool committed_ok(const struct run *run, const struct event *event)
{
    return event->script == run->script && event->outcome == OUTCOME_OK;
}

bool committed_failed(const struct run *run, const struct event *event)
{
    return event->script == run->script && event->outcome == OUTCOME_FAILED;
}

/* A ledger that the plan does not list among its new tables is ours and not counted. */
static void keep_own_ledger(struct run *run, const struct run_script *script)
{
    size_t dot = str_find_byte(script->ledger, '.', 0);
    if (dot == script->ledger.len ||
        check_lists_new_table(run->plan, str_slice(script->ledger, 0, dot),
                              str_slice(script->ledger, dot + 1, script->ledger.len))) {
        return;
    }
    run->ledger_made = script->ledger;
    run_remark(run, "engine", STR("gonogo"), STR("ledger"),
               run_keep_format(run, "table %.*s is made by gonogo: it is not counted",
                               STR_ARG(script->ledger)),
               false);
}

void script_committed(struct run *run, struct run_script *script, struct str settled_by)
{
    script->state = SCRIPT_COMMITTED;
    script->settled_by = run_keep(run, settled_by);
    script->once_committed = false;
    script->failed = false;
    script->ended_us = run->now_us;
    script->wrote = script_rows_answered(script);
    run->changed = true;
    keep_own_ledger(run, script);
    for (size_t i = script->first; i < script->last; i++) {
        script->statements[i].sent = false;
    }
    struct run_slot *slot = slot_of_script(run, (int)(script - run->scripts));
    if (slot) {
        slot->ended_us = run->now_us;
    }
    run->blocker_count = 0;
}

void script_rolled_back(struct run *run, struct run_script *script, struct str why)
{
    script->state = SCRIPT_ROLLED_BACK;
    script->once_committed = false;
    script->ended_us = run->now_us;
    if (script->failure.len == 0) {
        script->failure = run_keep(run, why);
    }
    for (size_t i = script->first; i < script->last; i++) {
        script->statements[i].sent = false;
    }
}

void on_committed(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_script *script = at_work(run);
    script->sql_us += event->us;
    script_committed(run, script, (struct str){0});
    run_enter(run, effects, STATE_STEP_CHECKS);
}

void on_commit_failed(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_script *script = at_work(run);
    script->failed = true;
    script->failure_state = run_keep(run, event->sqlstate);
    script->failure = run_keep_format(run, "%.*s: COMMIT did not commit: %.*s",
                                      STR_ARG(script->file), STR_ARG(event->text));
    script_rolled_back(run, script, event->text);
    run->hold_reason = script->failure;
    run_go(run, effects, STATE_FAILED);
    drop_work(run, effects);
}

bool done_rollback_known(const struct run *run, const struct event *event)
{
    (void)run;
    return event->query == QUERY_ROLLBACK && event->outcome != OUTCOME_UNKNOWN;
}

/* A session that saw an error is not used again: what it left behind is not known. */
void drop_work(struct run *run, struct effects *effects)
{
    effect_push(effects, EFFECT_DISCONNECT)->session = SESSION_WORK;
    run->connected[SESSION_WORK] = false;
}

/* The transaction is over for certain; what was committed before it (each, file) stays. */
void on_rolled_back(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    struct run_script *script = at_work(run);
    script_rolled_back(run, script, (struct str){0});
    if (script->partial) {
        script->state = SCRIPT_UNKNOWN;
        script->failure = run_keep_format(
            run, "%.*s; statements before it are committed and stay", STR_ARG(script->failure));
    }
    run->hold_reason = script->failure;
    run_go(run, effects, script->partial ? STATE_IN_DOUBT : STATE_FAILED);
    drop_work(run, effects);
}
