/* SPDX-License-Identifier: PostgreSQL */
/*
 * From the typed name to the first statement: the snapshot "before", the next script,
 * a clean work session, the checks before it, INTENT, BEGIN.
 */
#include "engine_private.h"

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
    run_enter(run, effects, STATE_READY);
}

void on_before_differs(struct run *run, const struct event *event, struct effects *effects)
{
    run->running_checks = 0;
    keep_counts(run, event);
    if (event->outcome != OUTCOME_OK) {
        run_hold(
            run, effects, STATE_BEFORE, STR("gonogo"),
            run_keep_format(run, "the catalog could not be read: %.*s", STR_ARG(event->text)));
        return;
    }
    const struct event_change *first = &event->changes[0];
    run_hold(run, effects, STATE_READY, STR("gonogo"),
             run_keep_format(
                 run, "the catalog changed since the review: %zu differences, first %.*s %.*s",
                 event->change_count, STR_ARG(first->what), STR_ARG(first->name)));
}

/* -------------------------------------------------------------------- getting ready */

void enter_ready(struct run *run, struct effects *effects)
{
    /* What is not known comes first: nothing new begins beside it. */
    if (!run->way_back && next_in_doubt(run)) {
        run_go(run, effects, STATE_IN_DOUBT);
        return;
    }
    int next = next_script(run);
    if (next < 0) {
        run->script = -1;
        run_enter(run, effects, run->way_back ? STATE_BACK_CHECK : STATE_VERIFY);
        return;
    }
    run->script = next;
    if (run->scripts[next].kind == SCRIPT_MANUAL) {
        run->scripts[next].started_us = run->now_us;
        run_go(run, effects, STATE_MANUAL);
        return;
    }
    run_go(run, effects, STATE_READY);
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
    run->connected[SESSION_WORK] = false;
    run_hold(run, effects, STATE_READY, STR("gonogo"),
             run_keep_format(run, "the work session cannot be connected: %.*s",
                             STR_ARG(event->text)));
}

struct run_slot *slot_of_script(const struct run *run, int script)
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
    script->ledger = (struct str){0};
    for (size_t i = 0; i < script->sql->count; i++) {
        script->statements[i] = (struct run_statement){.rows = -1};
    }
}

void send_statement(struct run *run, struct effects *effects, size_t index)
{
    struct run_script *script = at_work(run);
    uint64_t by = run->intent;
    if (script->transaction != PLAN_TRANSACTION_ONE) {
        struct effect *record = run_announce(run, effects, RECORD_STATEMENT);
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
    if (run->hold_wanted || !run->locked) {
        struct str lock = STR("the lock is gone with its session: nothing was sent");
        run_hold(run, effects, STATE_READY, run->hold_wanted ? run->hold_by : STR("gonogo"),
                 run->hold_wanted ? run->hold_reason : lock);
        return;
    }
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
    struct effect *record = run_announce(run, effects, RECORD_INTENT);
    record->attempt = script->attempts;
    record->pid = script->pid;
    record->backend_start_us = script->backend_start_us;
    run->intent = record->announced;
    if (script->transaction == PLAN_TRANSACTION_ONE) {
        run_go(run, effects, STATE_BEGIN);
        send_change(effects, QUERY_BEGIN, run->script, run->intent);
        return;
    }
    run_go(run, effects, STATE_RUNNING);
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
    script->failure = run_keep_format(run, "a check before %.*s failed: nothing was sent",
                                      STR_ARG(script->id));
    run->hold_reason = script->failure;
    run_go(run, effects, STATE_FAILED);
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
    run_remark(run, "note", STR("gonogo"), script->id,
               STR("the ledger has it already: it is not run again"), false);
    run_enter(run, effects, STATE_READY);
}

void on_not_ready(struct run *run, const struct event *event, struct effects *effects)
{
    if (str_eq(event->id, "identity")) {
        run->facts |= FACT_CONNECT;
    }
    if (str_eq(event->id, "changed")) {
        /* The failure was that of the other bytes; these were not tried. */
        run->file_changed = true;
        at_work(run)->failed = false;
    }
    run_hold(run, effects, STATE_READY, STR("gonogo"), event->text);
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
    run_go(run, effects, STATE_RUNNING);
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
    script->failure_state = run_keep(run, event->sqlstate);
    script_rolled_back(run, script, event->text);
    run->hold_reason = script->failure;
    run_go(run, effects, STATE_FAILED);
    drop_work(run, effects);
}
