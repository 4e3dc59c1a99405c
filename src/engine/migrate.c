/* SPDX-License-Identifier: PostgreSQL */
/*
 * MIGRATE: one script after another, statement by statement. The order is always
 * announce, sync, act, record: INTENT before BEGIN, COMMIT-SENT (with the marks by
 * which the transaction can be found again) before COMMIT. With `transaction: each`
 * or `file` a record precedes every statement.
 *
 * A script on the way back (down, sql) goes the same way as a migration.
 */
#include "engine_private.h"

static struct run_script *at_work(const struct run *run)
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

/* ---------------------------------------------------------------- the "before" */

bool is_before(const struct run *run, const struct event *event)
{
    (void)run;
    return event->moment == MOMENT_BEFORE;
}

bool before_is_same(const struct run *run, const struct event *event)
{
    return event->moment == MOMENT_BEFORE && event->outcome == OUTCOME_OK &&
           event->change_count == 0 && run->snapshots[MOMENT_REVIEW].taken;
}

void on_before(struct run *run, const struct event *event, struct effects *effects)
{
    run->running_checks = 0;
    keep_counts(run, event);
    enter(run, effects, STATE_READY);
}

void on_before_differs(struct run *run, const struct event *event, struct effects *effects)
{
    run->running_checks = 0;
    keep_counts(run, event);
    if (event->outcome != OUTCOME_OK) {
        hold(run, effects, STATE_BEFORE, STR("gonogo"),
             keep_format(run, "the catalog could not be read: %.*s", STR_ARG(event->text)));
        return;
    }
    const struct event_change *first = &event->changes[0];
    hold(run, effects, STATE_READY, STR("gonogo"),
         keep_format(run,
                     "the catalog changed since the review: %zu differences, first %.*s %.*s",
                     event->change_count, STR_ARG(first->what), STR_ARG(first->name)));
}

/* -------------------------------------------------------------------- getting ready */

void enter_ready(struct run *run, struct effects *effects)
{
    int next = next_script(run);
    if (next < 0) {
        run->script = -1;
        enter(run, effects, run->way_back ? STATE_BACK_CHECK : STATE_VERIFY);
        return;
    }
    run->script = next;
    if (run->scripts[next].kind == SCRIPT_MANUAL) {
        run->scripts[next].started_us = run->now_us;
        go(run, effects, STATE_MANUAL);
        return;
    }
    go(run, effects, STATE_READY);
    if (run->connected[SESSION_WORK]) {
        send_look(run, effects, LOOK_READY);
    } else {
        connect_session(effects, SESSION_WORK, 0);
    }
}

void on_work_connected(struct run *run, const struct event *event, struct effects *effects)
{
    run->connected[SESSION_WORK] = true;
    run->session_pid[SESSION_WORK] = event->pid;
    run->session_start_us[SESSION_WORK] = event->backend_start_us;
    send_look(run, effects, LOOK_READY);
}

void on_work_unreachable(struct run *run, const struct event *event, struct effects *effects)
{
    hold(run, effects, STATE_READY, STR("gonogo"),
         keep_format(run, "the work session cannot be connected: %.*s", STR_ARG(event->text)));
}

static struct run_slot *slot_of_script(const struct run *run, int script)
{
    for (size_t i = 0; i < run->slot_count; i++) {
        if (run->slots[i].script == script) {
            return &run->slots[i];
        }
    }
    return NULL;
}

static void forget_attempt(struct run_script *script)
{
    script->statement = -1;
    script->sql_us = 0;
    script->notices = 0;
    script->warnings = 0;
    script->xid = 0;
    script->commit_sent = false;
    script->partial = false;
    script->cancelled = false;
    script->failed = false;
    script->failure = (struct str){0};
    script->failure_state = (struct str){0};
    script->settled_by = (struct str){0};
    for (size_t i = 0; i < script->sql->count; i++) {
        script->statements[i] = (struct run_statement){.rows = -1};
    }
}

static void send_statement(struct run *run, struct effects *effects, size_t index)
{
    struct run_script *script = at_work(run);
    uint64_t by = run->intent;
    if (script->transaction != PLAN_TRANSACTION_ONE) {
        struct effect *record = announce(run, effects, RECORD_STATEMENT);
        record->index = (int)index;
        record->sync = run->mode == RUN_LIVE;
        by = record->announced;
    }
    script->statement = (int)index;
    script->statements[index].sent = true;
    script->statements[index].started_us = run->now_us;
    send_change(effects, QUERY_STATEMENT, run->script, by)->index = (int)index;
    run->waited_us = 0;
    run->blockers_due_us = run->now_us + US_PER_SECOND / 10;
}

/* INTENT, then the first thing that the server sees of this script. */
static void begin_script(struct run *run, struct effects *effects)
{
    struct run_script *script = at_work(run);
    forget_attempt(script);
    script->state = SCRIPT_OPEN;
    script->attempts++;
    script->started_us = run->now_us;
    script->ended_us = 0;
    script->pid = run->session_pid[SESSION_WORK];
    script->backend_start_us = run->session_start_us[SESSION_WORK];
    run->cancel_wanted = false;
    struct run_slot *slot = slot_of_script(run, run->script);
    if (slot && slot->started_us == 0) {
        slot->started_us = run->now_us;
    }
    struct effect *record = announce(run, effects, RECORD_INTENT);
    record->attempt = script->attempts;
    record->pid = script->pid;
    record->backend_start_us = script->backend_start_us;
    run->intent = record->announced;
    if (script->transaction == PLAN_TRANSACTION_ONE) {
        go(run, effects, STATE_BEGIN);
        send_change(effects, QUERY_BEGIN, run->script, run->intent);
        return;
    }
    go(run, effects, STATE_RUNNING);
    if (script->first < script->last) {
        send_statement(run, effects, script->first);
    } else {
        on_statements_over(run, effects);
    }
}

bool ready_ok(const struct run *run, const struct event *event)
{
    (void)run;
    return event->look == LOOK_READY && event->outcome == OUTCOME_OK;
}

void on_ready(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    struct run_script *script = at_work(run);
    if (script->before_count == 0) {
        begin_script(run, effects);
        return;
    }
    begin_checks(script->before, script->before_count);
    run->running_checks = 0;
    for (size_t i = 0; i < script->before_count; i++) {
        send_check(run, effects, &script->before[i], PLACE_BEFORE, run->script, (int)i, false);
    }
}

bool before_check(const struct run *run, const struct event *event)
{
    return event->place == PLACE_BEFORE && event->script == run->script && event->check >= 0 &&
           (size_t)event->check < run->scripts[run->script].before_count;
}

void on_before_checked(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_script *script = at_work(run);
    keep_check(run, &script->before[event->check], event);
    if (run->running_checks > 0) {
        return;
    }
    if (!checks_have_failed(script->before, script->before_count)) {
        begin_script(run, effects);
        return;
    }
    script->failure =
        keep_format(run, "a check before %.*s failed: nothing was sent", STR_ARG(script->id));
    run->hold_reason = script->failure;
    go(run, effects, STATE_FAILED);
}

bool ready_applied(const struct run *run, const struct event *event)
{
    (void)run;
    return event->look == LOOK_READY && event->outcome == OUTCOME_FAILED &&
           str_eq(event->id, "applied");
}

void on_applied(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_script *script = at_work(run);
    script->state = SCRIPT_APPLIED;
    script->applied_at_us = event->value;
    remark(run, "note", STR("gonogo"), script->id,
           STR("the ledger has it already: it is not run again"), false);
    enter(run, effects, STATE_READY);
}

void on_not_ready(struct run *run, const struct event *event, struct effects *effects)
{
    if (str_eq(event->id, "identity")) {
        run->facts |= FACT_CONNECT;
    }
    hold(run, effects, STATE_READY, STR("gonogo"), event->text);
}

bool done_begin_ok(const struct run *run, const struct event *event)
{
    (void)run;
    return event->query == QUERY_BEGIN && event->outcome == OUTCOME_OK;
}

bool done_begin_failed(const struct run *run, const struct event *event)
{
    (void)run;
    return event->query == QUERY_BEGIN && event->outcome == OUTCOME_FAILED;
}

void on_begun(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_script *script = at_work(run);
    script->sql_us += event->us;
    go(run, effects, STATE_RUNNING);
    if (script->first < script->last) {
        send_statement(run, effects, script->first);
    } else {
        on_statements_over(run, effects);
    }
}

void on_begin_failed(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_script *script = at_work(run);
    script->failed = true;
    script->failure_state = keep(run, event->sqlstate);
    script_rolled_back(run, script, event->text);
    run->hold_reason = script->failure;
    go(run, effects, STATE_FAILED);
}

/* ------------------------------------------------------------------- statements */

static void keep_statement(struct run *run, const struct event *event)
{
    struct run_script *script = &run->scripts[event->script];
    struct run_statement *statement = &script->statements[event->index];
    statement->sent = false;
    statement->outcome = event->outcome;
    statement->tag = keep(run, event->tag);
    statement->rows = event->rows;
    statement->us = event->us;
    script->sql_us += event->us;
    run->blocker_count = event->outcome == OUTCOME_OK ? 0 : run->blocker_count;
    if (event->outcome != OUTCOME_OK) {
        statement->sqlstate = keep(run, event->sqlstate);
        statement->text = keep(run, event->text);
        statement->detail = keep(run, event->detail);
        statement->hint = keep(run, event->hint);
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
    go(run, effects, STATE_LEDGER);
    send_change(effects, QUERY_LEDGER_WRITE, run->script, run->intent);
}

static void send_evidence(struct run *run, struct effects *effects)
{
    go(run, effects, STATE_EVIDENCE);
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
            enter(run, effects, STATE_STEP_CHECKS);
        }
        return;
    }
    bool inside = script->kind == SCRIPT_MIGRATION && script->check_count > 0 &&
                  run->plan->steps.items[script->step].verify == PLAN_VERIFY_INSIDE;
    if (!inside) {
        after_inside(run, effects);
        return;
    }
    go(run, effects, STATE_INSIDE);
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
    go(run, effects, STATE_UNDOING);
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
    script->failure_state = keep(run, event->sqlstate);
    script->partial =
        script->transaction != PLAN_TRANSACTION_ONE && (size_t)event->index > script->first;
    script->failure = keep_format(run, "%.*s:%d: %.*s", STR_ARG(script->file),
                                  statement->head.line, STR_ARG(event->text));
    if (event->item_count > 0) {
        script->failure = keep_format(run, "%.*s; held up by %.*s", STR_ARG(script->failure),
                                      STR_ARG(event->items[0].text));
    }
    undo_open(run, effects);
}

/* -------------------------------------------------- checks in the open transaction */

static bool inside_fits(const struct run *run, const struct event *event)
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
    script->failure =
        keep_format(run, "check %.*s failed before COMMIT: %.*s",
                    STR_ARG(script->checks[event->check].check->id), STR_ARG(event->detail));
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
    if (script->transaction == PLAN_TRANSACTION_ONE) {
        send_evidence(run, effects);
        return;
    }
    script_committed(run, script, (struct str){0});
    enter(run, effects, STATE_STEP_CHECKS);
}

void on_ledger_failed(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_script *script = at_work(run);
    script->failed = true;
    script->partial = script->transaction != PLAN_TRANSACTION_ONE;
    script->failure_state = keep(run, event->sqlstate);
    script->failure =
        keep_format(run, "the ledger row could not be written: %.*s", STR_ARG(event->text));
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
    struct effect *record = announce(run, effects, RECORD_COMMIT_SENT);
    record->xid = event->xid;
    record->pid = event->pid;
    record->backend_start_us = event->backend_start_us;
    uint64_t by = record->announced;
    go(run, effects, STATE_COMMIT);
    send_change(effects, QUERY_COMMIT, run->script, by);
}

void on_no_evidence(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_script *script = at_work(run);
    script->failed = true;
    script->failure = keep_format(run, "the transaction's marks could not be read: %.*s",
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

void script_committed(struct run *run, struct run_script *script, struct str settled_by)
{
    script->state = SCRIPT_COMMITTED;
    script->settled_by = keep(run, settled_by);
    script->failed = false;
    script->ended_us = run->now_us;
    run->changed = true;
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
    script->ended_us = run->now_us;
    if (script->failure.len == 0) {
        script->failure = keep(run, why);
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
    enter(run, effects, STATE_STEP_CHECKS);
}

void on_commit_failed(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_script *script = at_work(run);
    script->failed = true;
    script->failure_state = keep(run, event->sqlstate);
    script->failure = keep_format(run, "%.*s: COMMIT did not commit: %.*s",
                                  STR_ARG(script->file), STR_ARG(event->text));
    script_rolled_back(run, script, event->text);
    run->hold_reason = script->failure;
    go(run, effects, STATE_FAILED);
}

bool done_rollback_known(const struct run *run, const struct event *event)
{
    (void)run;
    return event->query == QUERY_ROLLBACK && event->outcome != OUTCOME_UNKNOWN;
}

/* The transaction is over for certain; what was committed before it (each, file) stays. */
void on_rolled_back(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    struct run_script *script = at_work(run);
    script_rolled_back(run, script, (struct str){0});
    if (script->partial) {
        script->state = SCRIPT_UNKNOWN;
        script->failure = keep_format(run, "%.*s; statements before it are committed and stay",
                                      STR_ARG(script->failure));
    }
    run->hold_reason = script->failure;
    go(run, effects, STATE_FAILED);
    /* A session that saw an error is not used again (decision 19 of the house). */
    effect_push(effects, EFFECT_DISCONNECT)->session = SESSION_WORK;
    run->connected[SESSION_WORK] = false;
}

/* ------------------------------------------------------------- checks of the step */

void begin_checks(struct run_check *checks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        checks[i].outcome = OUTCOME_NONE;
        checks[i].accepted = false;
        checks[i].running = false;
    }
}

void keep_check(struct run *run, struct run_check *check, const struct event *event)
{
    if (check->running && run->running_checks > 0) {
        run->running_checks--;
    }
    check->running = false;
    check->outcome = event->outcome;
    check->actual = keep(run, event->text);
    check->why = keep(run, event->detail);
    check->us = event->us;
    check->at_us = event->at_us;
    check->runs++;
}

bool checks_have_failed(const struct run_check *checks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (checks[i].outcome != OUTCOME_OK && checks[i].outcome != OUTCOME_NONE &&
            !checks[i].accepted) {
            return true;
        }
    }
    return false;
}

/* After its checks: on to the next, or the operator is asked. */
static void checkpoint(struct run *run, struct effects *effects)
{
    const struct run_script *script = at_work(run);
    go(run, effects, STATE_CHECKPOINT);
    if (checks_have_failed(script->checks, script->check_count)) {
        return;
    }
    if (run->hold_wanted) {
        hold(run, effects, STATE_CHECKPOINT, run->hold_by, run->hold_reason);
        return;
    }
    if (run->way_back || run->plan->safety.stop_after == PLAN_STOP_NEVER) {
        enter(run, effects, STATE_READY);
    }
}

void enter_step_checks(struct run *run, struct effects *effects)
{
    struct run_script *script = at_work(run);
    go(run, effects, STATE_STEP_CHECKS);
    bool inside = script->kind == SCRIPT_MIGRATION &&
                  run->plan->steps.items[script->step].verify == PLAN_VERIFY_INSIDE;
    bool judged =
        inside && script->check_count > 0 && script->checks[0].outcome != OUTCOME_NONE;
    if (script->check_count == 0 || judged) {
        checkpoint(run, effects);
        return;
    }
    begin_checks(script->checks, script->check_count);
    run->running_checks = 0;
    for (size_t i = 0; i < script->check_count; i++) {
        send_check(run, effects, &script->checks[i], PLACE_STEP, run->script, (int)i, false);
    }
}

bool step_check(const struct run *run, const struct event *event)
{
    return inside_fits(run, event);
}

bool step_check_last(const struct run *run, const struct event *event)
{
    return inside_fits(run, event) && run->running_checks <= 1;
}

void on_step_checked(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    keep_check(run, &at_work(run)->checks[event->check], event);
}

void on_step_checks_done(struct run *run, const struct event *event, struct effects *effects)
{
    on_step_checked(run, event, effects);
    checkpoint(run, effects);
}

bool checkpoint_is_clear(const struct run *run, const struct event *event)
{
    (void)event;
    const struct run_script *script = at_work(run);
    return !script || !checks_have_failed(script->checks, script->check_count);
}

void on_next_step(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    enter(run, effects, STATE_READY);
}

bool accept_is_step(const struct run *run, const struct event *event)
{
    const struct run_check *check = find_check(run, event->id);
    return check && check->outcome != OUTCOME_OK && event->text.len > 0 && event->who.len > 0;
}

void on_accept_step(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    struct run_check *check = find_check(run, event->id);
    check->accepted = true;
    check->accepted_by = keep(run, event->who);
    check->accepted_why = keep(run, event->text);
    remark(run, "accepted", event->who, event->id, event->text, event->flag);
}

bool rerun_is_step(const struct run *run, const struct event *event)
{
    (void)event;
    const struct run_script *script = at_work(run);
    return script && script->state == SCRIPT_COMMITTED && script->check_count > 0;
}

void on_rerun_step(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    struct run_script *script = at_work(run);
    begin_checks(script->checks, script->check_count);
    enter(run, effects, STATE_STEP_CHECKS);
}

void on_retry(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    enter(run, effects, STATE_READY);
}

bool manual_is_this(const struct run *run, const struct event *event)
{
    return str_is(event->id, run->scripts[run->script].id) && event->text.len > 0 &&
           event->who.len > 0;
}

void on_manual_done(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_script *script = at_work(run);
    script->state = SCRIPT_DONE;
    script->note = keep(run, event->text);
    script->settled_by = keep(run, event->who);
    script->ended_us = run->now_us;
    enter(run, effects, STATE_STEP_CHECKS);
}

/* --------------------------------------------------------- while a statement runs */

void on_notice(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    if (event->script >= 0) {
        run->scripts[event->script].notices++;
        run->scripts[event->script].warnings += str_eq(event->id, "WARNING") ? 1 : 0;
    }
}

void on_blockers(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    size_t count = event->item_count < BLOCKERS_MAX ? event->item_count : BLOCKERS_MAX;
    if (!run->blockers) {
        run->blockers = arena_array(run->arena, BLOCKERS_MAX, sizeof(*run->blockers));
    }
    for (size_t i = 0; i < count; i++) {
        run->blockers[i] = event->items[i];
        run->blockers[i].kind = keep(run, event->items[i].kind);
        run->blockers[i].name = keep(run, event->items[i].name);
        run->blockers[i].text = keep(run, event->items[i].text);
    }
    run->blocker_count = count;
    run->waited_us = event->value;
    run->blockers_out = false;
}

void on_cancel(struct run *run, const struct event *event, struct effects *effects)
{
    run->cancel_wanted = true;
    run->hold_wanted = true;
    run->hold_by = keep(run, event->who);
    run->hold_reason = keep_format(run, "cancelled by %.*s", STR_ARG(event->who));
    remark(run, "cancelled", event->who, at_work(run)->id, event->text, event->flag);
    uint64_t by = announce(run, effects, RECORD_SIGNAL)->announced;
    struct effect *effect = send_change(effects, QUERY_CANCEL, run->script, by);
    effect->session = SESSION_WATCH;
    effect->pid = run->session_pid[SESSION_WORK];
    effect->backend_start_us = run->session_start_us[SESSION_WORK];
}

/* Only a session that was seen to hold us up, with the start time that was seen. */
bool terminate_is_seen(const struct run *run, const struct event *event)
{
    for (size_t i = 0; i < run->blocker_count; i++) {
        if (run->blockers[i].value == event->pid && !run->blockers[i].flag &&
            run->blockers[i].at_us == event->backend_start_us && event->pid > 0) {
            return true;
        }
    }
    return false;
}

void on_terminate(struct run *run, const struct event *event, struct effects *effects)
{
    remark(run, event->flag ? "terminated" : "cancelled", event->who,
           keep_format(run, "%lld", (long long)event->pid), event->text, event->flag);
    uint64_t by = announce(run, effects, RECORD_SIGNAL)->announced;
    struct effect *effect = send_change(effects, QUERY_TERMINATE, run->script, by);
    effect->session = SESSION_WATCH;
    effect->pid = event->pid;
    effect->backend_start_us = event->backend_start_us;
    effect->flag = event->flag;
}

bool done_is_signal(const struct run *run, const struct event *event)
{
    (void)run;
    return event->query == QUERY_CANCEL || event->query == QUERY_TERMINATE;
}

void on_signal_done(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    if (event->outcome != OUTCOME_OK) {
        remark(run, "note", STR("gonogo"), (struct str){0}, event->text, false);
    }
}
