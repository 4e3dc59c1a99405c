/* SPDX-License-Identifier: PostgreSQL */
/*
 * CLOSE: the sign-offs and the report. Also what can happen anywhere: HOLD, leaving, a note
 * for the record, our own record failing.
 */
#include "engine_private.h"

/* ------------------------------------------------------------------- sign-offs */

bool sign_off_is_known(const struct run *run, const struct event *event)
{
    return event->who.len > 0 && plan_find_role(run->plan, event->id);
}

void on_sign_off(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    struct run_signature *entry =
        ARRAY_PUSH(run->signatures, run->signature_count, run->signature_capacity);
    *entry = (struct run_signature){.at_us = event->at_us, .claim = event->flag};
    entry->role = run_keep(run, event->id);
    entry->who = run_keep(run, event->who);
}

bool is_signed(const struct run *run, struct str role)
{
    for (size_t i = 0; i < run->signature_count; i++) {
        if (str_is(run->signatures[i].role, role)) {
            return true;
        }
    }
    return false;
}

/* Closing waits for every sign-off and every attested criterion; failures are on the record. */
bool close_is_ready(const struct run *run, const struct event *event)
{
    (void)event;
    for (size_t i = 0; i < run->plan->roles.count; i++) {
        const struct plan_role *role = &run->plan->roles.items[i];
        if (role->votes && !is_signed(run, role->id)) {
            return false;
        }
    }
    for (size_t i = 0; i < run->criterion_count; i++) {
        bool attested = run->criteria[i].criterion->kind == PLAN_CRITERION_ATTEST;
        if (attested && run->criteria[i].outcome == OUTCOME_NONE && !run->way_back) {
            return false;
        }
    }
    return gate_is_closed(run, PLAN_GATE_CLOSE);
}

void on_close_done(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    run_judge_criteria(run);
    run->ended_us = run->now_us;
    run->left = STATE_CLOSE; /* whoever takes it up again, for a way back, comes here */
    run_notify(run, effects, PLAN_WHEN_DONE,
               run_keep_format(run, "the run is over, exit code %d", engine_exit_code(run)));
    run_write_report(run, effects);
}

void on_reported(struct run *run, const struct event *event, struct effects *effects)
{
    run->report_folder = run_keep(run, event->text);
    run->report_hash = run_keep(run, event->hash);
    if (event->outcome != OUTCOME_OK) {
        run->facts |= FACT_RECORD;
    }
    run_finish(run, effects);
}

/* -------------------------------------------------------------- HOLD and leaving */

void on_hold(struct run *run, const struct event *event, struct effects *effects)
{
    run_hold(run, effects, run->state, event->who, event->text);
}

void on_hold_wanted(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    run->hold_wanted = true;
    run->hold_by = run_keep(run, event->who);
    run->hold_reason = run_keep(run, event->text);
    run_remark(run, "hold", event->who, (struct str){0}, event->text, event->flag);
}

void on_go_on_from_hold(struct run *run, const struct event *event, struct effects *effects)
{
    run_remark(run, "go on", event->who, (struct str){0}, event->text, event->flag);
    forget_reason(run);
    /* GO was an hour ago, perhaps: who is in the way is asked anew, and then the name. */
    run_enter(run, effects, run->back == STATE_NAME ? STATE_POLL : run->back);
}

/* The report of what was done until now; `notify`: the newest remark is news to the team. */
static void stop_here(struct run *run, const struct event *event, struct effects *effects,
                      bool notify)
{
    run->facts |= FACT_STOPPED;
    for (size_t i = 0; i < run->backup_count; i++) {
        if (run->backups[i].running) {
            on_cancel_task(run, event, effects);
            break;
        }
    }
    run_judge_criteria(run);
    run->ended_us = run->now_us;
    run_go(run, effects, STATE_LEAVING);
    if (notify) {
        run_notify(run, effects, PLAN_WHEN_HOLD, run->remarks[run->remark_count - 1].text);
    }
    run_write_report(run, effects);
}

void on_leave(struct run *run, const struct event *event, struct effects *effects)
{
    /* Whoever was told of a HOLD or a failure knows that it goes on later, if at all. */
    bool told =
        run->state == STATE_HOLD || run->state == STATE_FAILED || run->state == STATE_IN_DOUBT;
    run->left = run->state == STATE_HOLD ? run->back : run->state;
    run->leaving = true;
    run_remark(run, "left", event->who, (struct str){0},
               run_keep_format(run, "the run is left at \"%s\" and can be resumed",
                               state_words[run->state]),
               event->flag);
    stop_here(run, event, effects, !told);
}

/* ----------------------------------------------------------------- abandoning */

static bool is_anything_in_doubt(const struct run *run)
{
    bool found = run->state == STATE_IN_DOUBT || (run->facts & FACT_UNKNOWN) != 0;
    for (size_t i = 0; i < run->script_count; i++) {
        enum script_state state = run->scripts[i].state;
        found = found || state == SCRIPT_OPEN || state == SCRIPT_UNKNOWN;
    }
    return found;
}

/* Killed between that word and its report, an abandoned run is as over as one that has it. */
bool engine_is_over(const struct run *run)
{
    bool ended = run->state == STATE_END || (run->abandoned && run->state == STATE_LEAVING);
    return ended && !run->leaving;
}

/* Somebody left it at a safe point; nobody has taken it up again. */
static bool is_left(const struct run *run)
{
    return run->state == STATE_END && run->leaving;
}

const char *engine_abandon_trouble(const struct run *run)
{
    if (engine_in_transaction(run) || is_busy(run, NULL) || run->state == STATE_BACK_CHECK) {
        return "something of ours runs; a HOLD stops it at the next safe point";
    }
    if (is_anything_in_doubt(run)) {
        return "what became of a statement is not known; that is settled first";
    }
    if (run->state < STATE_REVIEW || run->state == STATE_REPORT ||
        run->state == STATE_LEAVING || engine_is_over(run)) {
        return "the run has not begun, or is over";
    }
    return NULL;
}

bool abandon_is_possible(const struct run *run, const struct event *event)
{
    return event->text.len > 0 && event->who.len > 0 && !engine_abandon_trouble(run);
}

void on_abandon(struct run *run, const struct event *event, struct effects *effects)
{
    run->hold_by = run_keep(run, event->who);
    run->hold_reason = run_keep_format(
        run, "abandoned by %.*s at \"%s\": %.*s", STR_ARG(event->who),
        state_words[is_left(run) ? run->left : run->state], STR_ARG(event->text));
    run->leaving = false;    /* a run that was left is over now */
    run->left = STATE_CLOSE; /* whoever opens its ways back comes here */
    run->abandoned = true;
    run_remark(run, "abandoned", event->who, (struct str){0}, run->hold_reason, event->flag);
    stop_here(run, event, effects, true);
}

void on_left(struct run *run, const struct event *event, struct effects *effects)
{
    on_reported(run, event, effects);
}

void on_scribe(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    run_remark(run, "scribe", event->who, (struct str){0}, event->text, event->flag);
}

/*
 * Our record cannot be written: nothing new may begin. An open transaction whose COMMIT
 * was not sent ends with its session; the report is tried, QUIT follows.
 */
void on_record_failed(struct run *run, const struct event *event, struct effects *effects)
{
    run->facts |= FACT_RECORD;
    run->hold_reason = run_keep_format(run, "the run's own record cannot be written: %.*s",
                                       STR_ARG(event->text));
    run->left = run->state;
    struct run_script *script = run->script >= 0 ? &run->scripts[run->script] : NULL;
    if (script && script->state == SCRIPT_OPEN) {
        bool unsent = !script->commit_sent || event->flag;
        bool safe = script->transaction == PLAN_TRANSACTION_ONE && unsent;
        script->state = safe ? SCRIPT_ROLLED_BACK : SCRIPT_UNKNOWN;
        script->failure = run->hold_reason;
        effect_push(effects, EFFECT_DISCONNECT)->session = SESSION_WORK;
        run->connected[SESSION_WORK] = false;
    }
    run_go(run, effects, STATE_END);
    run->ended_us = run->now_us;
    effect_push(effects, EFFECT_QUIT)->exit_code = engine_exit_code(run);
}

/* A snapshot that nobody waits for any more is kept all the same. */
void on_snapshot_kept(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    if (event->outcome == OUTCOME_OK) {
        keep_counts(run, event);
    }
}

void on_rows_kept(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    struct run_snapshot *snapshot = &run->snapshots[event->moment];
    snapshot->rows = arena_array(run->arena, event->item_count, sizeof(*snapshot->rows));
    snapshot->row_count = event->item_count;
    for (size_t i = 0; i < event->item_count; i++) {
        snapshot->rows[i] = event->items[i];
        snapshot->rows[i].name = run_keep(run, event->items[i].name);
        snapshot->rows[i].kind = run_keep(run, event->items[i].kind);
        snapshot->rows[i].text = run_keep(run, event->items[i].text);
    }
}

/* Something of ours is out whose answer must be read before people may stop. */
bool is_busy(const struct run *run, const struct event *event)
{
    (void)event;
    switch (run->state) {
    case STATE_BEFORE:
    case STATE_READY:
    case STATE_BEGIN:
    case STATE_RUNNING:
    case STATE_INSIDE:
    case STATE_LEDGER:
    case STATE_EVIDENCE:
    case STATE_COMMIT:
    case STATE_UNDOING:
    case STATE_STEP_CHECKS:
    case STATE_VERIFY:
    case STATE_LAST:
    case STATE_RESTORE:
    case STATE_SWITCH:
    case STATE_LOST:
    case STATE_SETTLE:
        return true;
    case STATE_NEW:
    case STATE_CONNECT:
    case STATE_IDENTIFY:
    case STATE_REVIEW:
    case STATE_WRONG_COUNTS:
    case STATE_PREP:
    case STATE_BACKUP:
    case STATE_POLL:
    case STATE_NAME:
    case STATE_CHECKPOINT:
    case STATE_FAILED:
    case STATE_MANUAL:
    case STATE_JUDGE:
    case STATE_MONITOR:
    case STATE_CLOSE:
    case STATE_REPORT:
    case STATE_HOLD:
    case STATE_CHOOSE:
    case STATE_WAY_NAME:
    case STATE_WAY_MANUAL:
    case STATE_BACK_CHECK:
    case STATE_IN_DOUBT:
    case STATE_LEAVING:
    case STATE_END:
    case STATE__COUNT:
        return false;
    }
    return false;
}

bool remark_is_decision(const struct run_remark *remark)
{
    static const char *const kinds[] = {"override",  "accepted", "acknowledged", "terminated",
                                        "cancelled", "settled",  "abandoned"};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (str_eq(remark->kind, kinds[i])) {
            return !str_eq(remark->who, "gonogo"); /* it looked, nobody decided */
        }
    }
    return false;
}

/* A decision that was made twice about the same thing is one note. */
size_t run_decisions(const struct run *run)
{
    size_t count = 0;
    for (size_t i = 0; i < run->remark_count; i++) {
        const struct run_remark *remark = &run->remarks[i];
        bool again = false;
        for (size_t k = 0; k < i; k++) {
            again = again || (str_is(run->remarks[k].kind, remark->kind) &&
                              str_is(run->remarks[k].id, remark->id));
        }
        count += remark_is_decision(remark) && !again ? 1 : 0;
    }
    return count;
}
