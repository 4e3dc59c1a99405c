/* SPDX-License-Identifier: PostgreSQL */
/*
 * After a script: its own checks, the checkpoint where the operator goes on, and what
 * people may do while a statement runs (cancel it, end the session that holds it up).
 */
#include "engine_private.h"

/* ------------------------------------------------------------- checks of the step */

/* What was found and whether it was accepted stay until the new answer is held against them. */
void begin_checks(struct run_check *checks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        checks[i].outcome = OUTCOME_NONE;
        checks[i].running = false;
    }
}

/* People are asked once about the same finding, and again about another one. */
static void review_acceptance(struct run *run, struct run_check *check,
                              const struct event *event)
{
    bool same = event->outcome != OUTCOME_OK && str_is(check->actual, event->text) &&
                str_is(check->why, event->detail);
    if (check->accepted && !same) {
        check->accepted = false;
        acceptance_over(run, check->check->id, check->accepted_by, check->accepted_us,
                        event->outcome == OUTCOME_OK);
    }
}

void keep_check(struct run *run, struct run_check *check, const struct event *event)
{
    review_acceptance(run, check, event);
    if (check->running && run->running_checks > 0) {
        run->running_checks--;
    }
    check->running = false;
    check->outcome = event->outcome;
    check->actual = run_keep(run, event->text);
    check->why = run_keep(run, event->detail);
    check->us = event->us;
    check->together = event->value;
    check->at_us = event->at_us;
    check->runs++;
}

struct str check_time_text(const struct run_check *check, struct arena *arena)
{
    struct str text = duration_text(arena, check->us);
    return check->together > 1 ? str_format(arena, "together %.*s", STR_ARG(text)) : text;
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
    run_go(run, effects, STATE_CHECKPOINT);
    if (checks_have_failed(script->checks, script->check_count)) {
        return;
    }
    if (run->hold_wanted) {
        run_hold(run, effects, STATE_CHECKPOINT, run->hold_by, run->hold_reason);
        return;
    }
    if (run->way_back || run->plan->safety.stop_after == PLAN_STOP_NEVER) {
        run_enter(run, effects, STATE_READY);
    }
}

/* The boards show what a file did as soon as it stands. False when nobody can be asked. */
static bool ask_counts(struct run *run, struct effects *effects)
{
    if (run->counts_out || !run->connected[SESSION_CHECK]) {
        return false;
    }
    run->counts_out = true;
    send_query(effects, QUERY_COUNTS)->session = SESSION_CHECK;
    return true;
}

void on_counted(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    run->counts_out = false;
    if (event->outcome == OUTCOME_OK) {
        keep_numbers(run, event, MOMENT_NOW);
    }
}

bool counts_last(const struct run *run, const struct event *event)
{
    (void)event;
    return run->running_checks == 0;
}

void on_counts_last(struct run *run, const struct event *event, struct effects *effects)
{
    on_counted(run, event, effects);
    checkpoint(run, effects);
}

/* Does the operator look at the board after this file? Then the numbers on it are new. */
static bool stops_here(const struct run *run)
{
    return !run->way_back && run->plan->safety.stop_after != PLAN_STOP_NEVER;
}

void enter_step_checks(struct run *run, struct effects *effects)
{
    struct run_script *script = at_work(run);
    run_go(run, effects, STATE_STEP_CHECKS);
    bool inside = script->kind == SCRIPT_MIGRATION &&
                  run->plan->steps.items[script->step].verify == PLAN_VERIFY_INSIDE;
    bool judged =
        inside && script->check_count > 0 && script->checks[0].outcome != OUTCOME_NONE;
    if (script->check_count == 0 || judged) {
        run->running_checks = 0;
        if (!ask_counts(run, effects) || !stops_here(run)) {
            checkpoint(run, effects);
        }
        return;
    }
    begin_checks(script->checks, script->check_count);
    run->running_checks = 0;
    (void)ask_counts(run, effects);
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
    run_enter(run, effects, STATE_READY);
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
    check->accepted_by = run_keep(run, event->who);
    check->accepted_why = run_keep(run, event->text);
    check->accepted_us = event->at_us;
    run_remark(run, "accepted", event->who, event->id, event->text, event->flag);
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
    run_enter(run, effects, STATE_STEP_CHECKS);
}

void on_retry(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    run->hold_wanted = false;
    forget_reason(run);
    run_enter(run, effects, STATE_READY);
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
    script->note = run_keep(run, event->text);
    script->settled_by = run_keep(run, event->who);
    script->ended_us = run->now_us;
    run_enter(run, effects, STATE_STEP_CHECKS);
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
        run->blockers[i].kind = run_keep(run, event->items[i].kind);
        run->blockers[i].name = run_keep(run, event->items[i].name);
        run->blockers[i].text = run_keep(run, event->items[i].text);
    }
    run->blocker_count = count;
    run->waited_us = event->value;
    run->blockers_at_us = event->at_us;
    run->blockers_out = false;
}

void on_cancel(struct run *run, const struct event *event, struct effects *effects)
{
    run->cancel_wanted = true;
    run->hold_wanted = true;
    run->hold_by = run_keep(run, event->who);
    run->hold_reason = run_keep_format(run, "cancelled by %.*s", STR_ARG(event->who));
    run_remark(run, "cancelled", event->who, at_work(run)->id, event->text, event->flag);
    uint64_t by = run_announce(run, effects, RECORD_SIGNAL)->announced;
    struct effect *effect = send_change(effects, QUERY_CANCEL, run->script, by);
    effect->session = SESSION_WATCH;
    effect->pid = run->session_pid[SESSION_WORK];
    effect->backend_start_us = run->session_start_us[SESSION_WORK];
}

/* The text begins with the state that pg_stat_activity says: "idle", "idle in transaction". */
bool blocker_can_be_signalled(const struct event_item *blocker, bool end)
{
    bool is_session = !blocker->flag && blocker->value > 0;
    return is_session && (end || !str_starts(blocker->text, "idle"));
}

/* Only a session that was seen to hold us up, with the start time that was seen. */
bool terminate_is_seen(const struct run *run, const struct event *event)
{
    for (size_t i = 0; i < run->blocker_count; i++) {
        const struct event_item *blocker = &run->blockers[i];
        if (blocker->value == event->pid && blocker->at_us == event->backend_start_us &&
            blocker_can_be_signalled(blocker, event->flag)) {
            return true;
        }
    }
    return false;
}

void on_terminate(struct run *run, const struct event *event, struct effects *effects)
{
    run_remark(run, event->flag ? "terminated" : "cancelled", event->who,
               run_keep_format(run, "%lld", (long long)event->pid), event->text, event->flag);
    uint64_t by = run_announce(run, effects, RECORD_SIGNAL)->announced;
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
        run_remark(run, "note", STR("gonogo"), (struct str){0}, event->text, false);
    }
}
