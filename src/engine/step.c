/* SPDX-License-Identifier: PostgreSQL */
/*
 * One step: an event meets its row in the state table, the decision of a person is
 * announced, the row's action runs. Here too: moving between states, the clock, and
 * the exit code.
 *
 * Going into a state is one function, run_enter(): whoever resumes, retries or goes on
 * from a HOLD does what the first arrival did.
 */
#include "engine_private.h"

static enum phase phase_of(enum state state, enum phase now)
{
    static const enum phase phases[STATE__COUNT] = {
        [STATE_NEW] = PHASE_PREP,
        [STATE_CONNECT] = PHASE_PREP,
        [STATE_IDENTIFY] = PHASE_PREP,
        [STATE_REVIEW] = PHASE_PREP,
        [STATE_WRONG_COUNTS] = PHASE_PREP,
        [STATE_PREP] = PHASE_PREP,
        [STATE_BACKUP] = PHASE_BACKUP,
        [STATE_POLL] = PHASE_POLL,
        [STATE_NAME] = PHASE_POLL,
        [STATE_BEFORE] = PHASE_MIGRATE,
        [STATE_READY] = PHASE_MIGRATE,
        [STATE_BEGIN] = PHASE_MIGRATE,
        [STATE_RUNNING] = PHASE_MIGRATE,
        [STATE_INSIDE] = PHASE_MIGRATE,
        [STATE_LEDGER] = PHASE_MIGRATE,
        [STATE_EVIDENCE] = PHASE_MIGRATE,
        [STATE_COMMIT] = PHASE_MIGRATE,
        [STATE_UNDOING] = PHASE_MIGRATE,
        [STATE_STEP_CHECKS] = PHASE_MIGRATE,
        [STATE_CHECKPOINT] = PHASE_MIGRATE,
        [STATE_FAILED] = PHASE_MIGRATE,
        [STATE_MANUAL] = PHASE_MIGRATE,
        [STATE_VERIFY] = PHASE_VERIFY,
        [STATE_JUDGE] = PHASE_VERIFY,
        [STATE_MONITOR] = PHASE_MONITOR,
        [STATE_LAST] = PHASE_MONITOR,
        [STATE_CLOSE] = PHASE_CLOSE,
        [STATE_REPORT] = PHASE_CLOSE,
        [STATE_HOLD] = PHASE__COUNT,
        [STATE_CHOOSE] = PHASE__COUNT,
        [STATE_WAY_NAME] = PHASE__COUNT,
        [STATE_WAY_MANUAL] = PHASE__COUNT,
        [STATE_RESTORE] = PHASE__COUNT,
        [STATE_SWITCH] = PHASE__COUNT,
        [STATE_BACK_CHECK] = PHASE__COUNT,
        [STATE_LOST] = PHASE__COUNT,
        [STATE_SETTLE] = PHASE__COUNT,
        [STATE_IN_DOUBT] = PHASE__COUNT,
        [STATE_LEAVING] = PHASE__COUNT,
        [STATE_END] = PHASE__COUNT,
    };
    return phases[state] == PHASE__COUNT ? now : phases[state];
}

/* Closes the slot of the phase that ends and opens that of the one that begins. */
static void turn_slots(struct run *run, enum phase from, enum phase to)
{
    for (size_t i = 0; i < run->slot_count; i++) {
        struct run_slot *slot = &run->slots[i];
        bool preparing = slot->phase == PHASE_PREP;
        bool ends =
            preparing ? from < PHASE_MIGRATE && to >= PHASE_MIGRATE : slot->phase == from;
        if (slot->script < 0 && ends && slot->started_us != 0) {
            slot->ended_us = run->now_us;
        }
        if (slot->script < 0 && slot->phase == to && slot->started_us == 0) {
            slot->started_us = run->now_us;
        }
    }
}

void run_go(struct run *run, struct effects *effects, enum state state)
{
    enum phase to = phase_of(state, run->phase);
    bool fails = (state == STATE_FAILED || state == STATE_IN_DOUBT) && run->state != state &&
                 run->state != STATE_HOLD;
    /* What a state waits for to look again is over with it. */
    run->retry_us = run->state == state ? run->retry_us : 0;
    run->state = state;
    if (fails) {
        run_notify(run, effects, PLAN_WHEN_FAIL, run->hold_reason);
    }
    if (to == run->phase) {
        return;
    }
    enum phase from = run->phase;
    turn_slots(run, from, to);
    run->phase_ended_us[from] = run->now_us;
    if (run->phase_started_us[to] == 0) {
        run->phase_started_us[to] = run->now_us;
    }
    run->phase = to;
    struct effect *record = run_announce(run, effects, RECORD_PHASE);
    record->phase = to;
    record->script = -1;
}

static void enter_review(struct run *run, struct effects *effects)
{
    run_go(run, effects, STATE_REVIEW);
    run->running_checks = 0;
    send_snapshot(run, effects, MOMENT_REVIEW);
}

static void enter_before(struct run *run, struct effects *effects)
{
    run_go(run, effects, STATE_BEFORE);
    run->running_checks = 0;
    send_snapshot(run, effects, MOMENT_BEFORE);
    ask_workload_before(run, effects);
}

static void enter_verify(struct run *run, struct effects *effects)
{
    enter_verification(run, effects, MOMENT_NOW);
}

static void enter_last(struct run *run, struct effects *effects)
{
    enter_verification(run, effects, MOMENT_LAST);
}

static void enter_close(struct run *run, struct effects *effects)
{
    if (run->state == STATE_LAST) {
        note_unobserved(run);
    }
    run_judge_criteria(run);
    run_go(run, effects, STATE_CLOSE);
}

static void enter_choose(struct run *run, struct effects *effects)
{
    run_judge_options(run);
    run_go(run, effects, STATE_CHOOSE);
}

/* What a state does when it is entered; the others wait for what was asked before. */
static void (*const entries[STATE__COUNT])(struct run *run, struct effects *effects) = {
    [STATE_REVIEW] = enter_review,
    [STATE_PREP] = enter_prep,
    [STATE_BACKUP] = enter_backup,
    [STATE_POLL] = enter_poll,
    [STATE_BEFORE] = enter_before,
    [STATE_READY] = enter_ready,
    [STATE_MANUAL] = enter_ready, /* whichever file or step is next, also after a way back */
    [STATE_STEP_CHECKS] = enter_step_checks,
    [STATE_VERIFY] = enter_verify,
    [STATE_MONITOR] = enter_monitor,
    [STATE_LAST] = enter_last,
    [STATE_CLOSE] = enter_close,
    [STATE_CHOOSE] = enter_choose,
    [STATE_BACK_CHECK] = enter_back_check,
    [STATE_SETTLE] = enter_settle,
};

void run_enter(struct run *run, struct effects *effects, enum state state)
{
    if (entries[state]) {
        entries[state](run, effects);
    } else {
        run_go(run, effects, state);
    }
}

void forget_reason(struct run *run)
{
    if (!run->hold_wanted) {
        run->hold_reason = (struct str){0};
        run->hold_by = (struct str){0};
    }
}

void run_hold(struct run *run, struct effects *effects, enum state back, struct str by,
              struct str why)
{
    run_hold_as(run, effects, back, by, why, PLAN_WHEN_HOLD);
}

void run_hold_as(struct run *run, struct effects *effects, enum state back, struct str by,
                 struct str why, enum plan_occasion occasion)
{
    run->back = back;
    run->hold_by = run_keep(run, by);
    run->hold_reason = run_keep(run, why);
    run->hold_wanted = false;
    run_remark(run, "hold", by, (struct str){0}, why, false);
    run_go(run, effects, STATE_HOLD);
    run_notify(run, effects, occasion, why);
}

void run_finish(struct run *run, struct effects *effects)
{
    run_go(run, effects, STATE_END);
    run->ended_us = run->ended_us == 0 ? run->now_us : run->ended_us;
    struct effect *record = run_announce(run, effects, RECORD_END);
    record->script = -1;
    record->exit_code = engine_exit_code(run);
    struct effect *quit = effect_push(effects, EFFECT_QUIT);
    quit->exit_code = engine_exit_code(run);
}

void run_remark(struct run *run, const char *kind, struct str who, struct str id,
                struct str text, bool claim)
{
    struct run_remark *entry =
        ARRAY_PUSH(run->remarks, run->remark_count, run->remark_capacity);
    *entry = (struct run_remark){.at_us = run->now_us, .claim = claim};
    entry->kind = str_from(kind);
    entry->who = run_keep(run, who);
    entry->id = run_keep(run, id);
    entry->text = run_keep(run, text);
}

/* An event that names something that this run does not have is a bug of the shell. */
static bool fits(const struct run *run, const struct event *event, struct err *err)
{
    if (event->kind < 0 || event->kind >= EVENT__COUNT) {
        return err_set(err, ERR_INTERNAL, "event %d does not exist", (int)event->kind);
    }
    if (!script_fits(run, event)) {
        return err_set(err, ERR_INTERNAL, "event \"%s\" names script %d, which does not exist",
                       event_infos[event->kind].word, event->script);
    }
    if (event->kind == EVENT_SAMPLE &&
        (event->index < 0 || (size_t)event->index >= run->probe_count)) {
        return err_set(err, ERR_INTERNAL, "a sample names probe %d, which does not exist",
                       event->index);
    }
    return true;
}

/* Whatever else an answer means: this is what the program knows of its lock. */
static void keep_lock(struct run *run, const struct event *event)
{
    if (event->kind == EVENT_LOOKED && event->look == LOOK_LOCK) {
        run->locked = event->outcome == OUTCOME_OK;
    }
    if (event->kind == EVENT_RESUMED ||
        (event->kind == EVENT_LOST && event->session == SESSION_WATCH)) {
        run->locked = false;
    }
}

bool engine_step(struct run *run, const struct event *event, struct effects *effects,
                 struct err *err)
{
    if (!fits(run, event, err)) {
        return false;
    }
    if (event->at_us > run->now_us) {
        run->now_us = event->at_us;
    }
    if (event->kind == EVENT_TICK) {
        tick(run, effects);
        return true;
    }
    run->events++;
    keep_lock(run, event);
    const struct fsm_row *row = fsm_find(run, event);
    if (!row || !row->action) {
        return true;
    }
    if (event_infos[event->kind].by_person) {
        run_announce(run, effects, RECORD_DECISION)->script = -1;
    }
    if (row->next != STATE__COUNT) {
        run_go(run, effects, row->next);
    }
    row->action(run, event, effects);
    return true;
}

/* ---------------------------------------------------------------- the clock */

enum event_kind engine_due(const struct run *run, int64_t now_us)
{
    if (run->state == STATE_MONITOR && run->monitor_ends_us != 0 &&
        now_us >= run->monitor_ends_us) {
        return EVENT_DUE_MONITOR;
    }
    if (run->retry_us != 0 && now_us >= run->retry_us) {
        return EVENT_DUE_RETRY;
    }
    if (next_notice_us(run) <= now_us) {
        return EVENT_DUE_NOTICE;
    }
    return EVENT_TICK;
}

int64_t engine_next_us(const struct run *run)
{
    int64_t next = INT64_MAX;
    if (run->state == STATE_MONITOR && run->monitor_ends_us != 0) {
        next = run->monitor_ends_us;
    }
    if (run->retry_us != 0 && run->retry_us < next) {
        next = run->retry_us;
    }
    int64_t notice_us = next_notice_us(run);
    next = notice_us < next ? notice_us : next;
    for (size_t i = 0; probes_are_on(run) && i < run->probe_count; i++) {
        if (!run->probes[i].in_flight && run->probes[i].next_us < next) {
            next = run->probes[i].next_us;
        }
    }
    const int64_t asked_us[] = {next_writes_us(run), next_recent_us(run), next_archiver_us(run),
                                next_workload_us(run)};
    for (size_t i = 0; i < COUNT_OF(asked_us); i++) {
        next = asked_us[i] < next ? asked_us[i] : next;
    }
    if (script_is_open(run) && run->connected[SESSION_WATCH] && run->blockers_due_us < next) {
        next = run->blockers_due_us;
    }
    return next;
}

bool engine_in_transaction(const struct run *run)
{
    /* in doubt nothing of ours is connected any more: a later look decides */
    bool open = script_is_open(run) && run->state != STATE_IN_DOUBT;
    return open || run->state == STATE_SWITCH;
}

/* ------------------------------------------------------------ the exit code */

/* Is a part of the plan in the database, and neither all of it nor none? */
static bool is_in_part(const struct run *run)
{
    bool whole = !run->way_back;
    for (size_t i = 0; i < run->script_count; i++) {
        const struct run_script *script = &run->scripts[i];
        bool forward = script->kind == SCRIPT_MIGRATION || script->kind == SCRIPT_MANUAL;
        bool there = script->state == SCRIPT_COMMITTED || script->state == SCRIPT_DONE ||
                     script->state == SCRIPT_APPLIED;
        whole = whole && (there || !forward);
    }
    return run->changed && !whole && (run->facts & FACT_ROLLED_BACK) == 0;
}

/* Facts that the model itself shows: a later success takes them away again. */
static unsigned standing_facts(const struct run *run)
{
    unsigned facts = run->facts;
    for (size_t i = 0; i < run->script_count; i++) {
        const struct run_script *script = &run->scripts[i];
        if (script->state == SCRIPT_UNKNOWN || script->state == SCRIPT_OPEN ||
            script->partial) {
            facts |= FACT_UNKNOWN;
        }
        if (script->state == SCRIPT_ROLLED_BACK && script->failed) {
            facts |= script->cancelled ? FACT_STOPPED : FACT_SQL;
        }
    }
    if (run->abandoned) { /* whatever is signed after it: it did not come to its end */
        facts |= is_in_part(run) ? FACT_STOPPED | FACT_UNKNOWN : FACT_STOPPED;
    }
    if ((facts & FACT_ROLLED_BACK) == 0 && run_has_failed_checks(run)) {
        facts |= FACT_CHECK;
    }
    return facts;
}

int engine_exit_code(const struct run *run)
{
    /* In the order of the command line's documentation: the worst fact wins. */
    static const struct {
        enum fact fact;
        int code;
    } order[] = {
        {FACT_UNKNOWN, 9}, {FACT_RECORD, 11}, {FACT_ROLLED_BACK, 8},
        {FACT_SQL, 3},     {FACT_CHECK, 5},   {FACT_CONNECT, 4},
        {FACT_LOCKED, 7},  {FACT_STOPPED, 6}, {FACT_INTERNAL, 1},
    };
    unsigned facts = standing_facts(run);
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        if (facts & order[i].fact) {
            return order[i].code;
        }
    }
    return 0;
}
