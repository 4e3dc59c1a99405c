/* SPDX-License-Identifier: PostgreSQL */
/*
 * From the start, or a resume, to the first state that works: the sessions, then the
 * looks at what is there: which server, whose lock, which rows of the ledger. After a
 * failover the rows on the server that is there now are the witnesses.
 */
#include "engine_private.h"

enum {
    LOCK_TRIES = 15, /* after a crash the old session may hold the lock for a moment */
    WAIT_TRIES = 5,  /* each has waited for its lock_timeout */
};

/* The looks of a start, in order. A resumed run asks the same and then settles. */
static const enum look identify_looks[] = {LOOK_IDENTITY, LOOK_LOCK, LOOK_POOLER, LOOK_SETTINGS,
                                           LOOK_LEDGER};

static bool last_look(const struct run *run)
{
    return run->look == identify_looks[COUNT_OF(identify_looks) - 1];
}

bool is_watch(const struct run *run, const struct event *event)
{
    (void)run;
    return event->session == SESSION_WATCH;
}

bool is_check(const struct run *run, const struct event *event)
{
    (void)run;
    return event->session == SESSION_CHECK;
}

bool is_work(const struct run *run, const struct event *event)
{
    (void)run;
    return event->session == SESSION_WORK;
}

void on_start(struct run *run, const struct event *event, struct effects *effects)
{
    run->started_us = event->at_us;
    run->operator_name = run_keep(run, event->who);
    keep_told(run, event);
    run->phase_started_us[PHASE_PREP] = event->at_us;
    if (run->slot_count > 0) {
        run->slots[0].started_us = event->at_us;
    }
    connect_session(effects, SESSION_WATCH, 0);
}

void on_resumed(struct run *run, const struct event *event, struct effects *effects)
{
    run->resumed = true;
    run->file_changed = false;
    run->operator_name = run_keep(run, event->who);
    run->left = state_to_resume(run);
    run->leaving = false;
    run->ended_us = 0;
    /* What the database is stays true whoever starts the program again. */
    run->facts &= FACT_ROLLED_BACK | FACT_UNKNOWN;
    if (run->state == STATE_SWITCH) {
        run->facts |= FACT_UNKNOWN;
    }
    run->hold_wanted = false;
    run->look_attempts = 0;
    run->blockers_out = run->writes_out = run->recent_out = run->counts_out = false;
    run->workload.out = false;
    run->archiver.out = false;
    forget_surroundings(run);
    run_forget_hooks(run);
    keep_told(run, event);
    for (int i = 0; i < SESSION__COUNT; i++) {
        run->connected[i] = false;
    }
    for (size_t i = 0; i < run->probe_count; i++) {
        run->probes[i].in_flight = false;
    }
    for (size_t i = 0; i < run->item_count; i++) {
        run->items[i].check.running = false;
    }
    if (script_is_open(run)) {
        run->scripts[run->script].commit_sent = event->flag;
    }
    run_remark(run, "resumed", event->who, (struct str){0}, STR("the run is taken up again"),
               false);
    run_go(run, effects, STATE_CONNECT);
    connect_session(effects, SESSION_WATCH, 0);
}

/* Which sessions are there; watch first, then check, then the questions. */
void on_connected(struct run *run, const struct event *event, struct effects *effects)
{
    run->connected[event->session] = true;
    run->session_pid[event->session] = event->pid;
    run->session_start_us[event->session] = event->backend_start_us;
    if (event->session == SESSION_WATCH) {
        connect_session(effects, SESSION_CHECK, 0);
        return;
    }
    run_go(run, effects, STATE_IDENTIFY);
    send_look(run, effects, LOOK_IDENTITY);
}

void on_connect_failed(struct run *run, const struct event *event, struct effects *effects)
{
    run->hold_reason = run_keep(run, event->text);
    run->facts |= FACT_CONNECT;
    run_finish(run, effects);
}

/* Known before GO, not after the typed name: told once, and again when it is another. */
static void keep_no_restore(struct run *run, struct str why)
{
    bool news = why.len > 0 && !str_is(why, run->no_restore);
    run->no_restore = run_keep(run, why);
    for (size_t i = 0; news && i < run->option_count; i++) {
        const struct plan_rollback_option *option = run->options[i].option;
        if (option->kind == PLAN_ROLLBACK_RESTORE) {
            run_remark(
                run, "warning", STR("gonogo"), option->id,
                run_keep_format(run, "this way back is not possible now: %.*s", STR_ARG(why)),
                false);
        }
    }
}

/* ----------------------------------------------- what the ledger says of this run */

static const struct event_item *find_row(const struct event *event, struct str id)
{
    for (size_t i = 0; i < event->item_count; i++) {
        if (str_is(event->items[i].name, id)) {
            return &event->items[i];
        }
    }
    return NULL;
}

/* Why what was committed once is not certain any more; empty when it is. */
static struct str doubt_of(const struct run *run, const struct run_script *script,
                           const struct event_item *row)
{
    bool by_word = str_starts(script->settled_by, "word of ");
    if (run->plan->ledger.mark.line == 0) {
        return run->moved.len > 0
                   ? STR("it was committed on another timeline of the server, and no ledger "
                         "tells of this one")
                   : (struct str){0};
    }
    if (!row && (!by_word || run->moved.len > 0)) {
        return STR("it was committed, and its ledger row has vanished");
    }
    if (row && run->moved.len > 0 && str_eq(row->kind, "other bytes")) {
        return STR("it was committed on another timeline of the server, and the ledger row on "
                   "this one is of other bytes");
    }
    return (struct str){0};
}

static void prove_by_row(struct run *run, struct run_script *script)
{
    script->state = SCRIPT_COMMITTED;
    script->once_committed = false;
    script->failure = (struct str){0};
    script->settled_by = STR("ledger row");
    run_remark(run, "settled", STR("gonogo"), script->id,
               run->moved.len > 0
                   ? STR("committed, also by its ledger row on the server's new timeline")
                   : STR("committed, by its ledger row"),
               false);
}

/* Failover or restore behind our back: what was acknowledged is there, or it is in doubt. */
static void judge_by_row(struct run *run, struct run_script *script,
                         const struct event_item *row)
{
    bool was = script->state == SCRIPT_COMMITTED || script->state == SCRIPT_APPLIED;
    bool doubted = script->state == SCRIPT_UNKNOWN && script->once_committed;
    if (script->kind != SCRIPT_MIGRATION || run->way_back || (!was && !doubted)) {
        return;
    }
    struct str doubt = doubt_of(run, script, row);
    if (doubt.len > 0) {
        script->state = SCRIPT_UNKNOWN;
        script->once_committed = true;
        script->failure = doubt;
    } else if (row && (doubted || (run->moved.len > 0 && script->state == SCRIPT_COMMITTED))) {
        prove_by_row(run, script);
    }
}

static void keep_ledger(struct run *run, const struct event *event)
{
    for (size_t i = 0; i < run->script_count; i++) {
        struct run_script *script = &run->scripts[i];
        const struct event_item *row = find_row(event, script->id);
        script->applied_at_us = row ? row->value : script->applied_at_us;
        judge_by_row(run, script, row);
        if (script->kind == SCRIPT_MIGRATION && script->state == SCRIPT_PENDING && row) {
            script->state = SCRIPT_APPLIED;
        }
    }
}

/* What the answer to a look leaves in the model. */
static void keep_look(struct run *run, const struct event *event)
{
    if (run->look == LOOK_IDENTITY) {
        run->database = run_keep(run, event->id);
        run->server_text = run_keep(run, event->text);
        run->server_strip = run_keep(run, event->name.len > 0 ? event->name : event->text);
    }
    if (run->look == LOOK_IDENTITY && event->flag) {
        run->moved = run_keep(run, event->hint);
        run_remark(run, "engine", STR("gonogo"), STR("identity"), run->moved, false);
    }
    if (run->look == LOOK_SETTINGS) {
        run->settings_text = run_keep(run, event->text);
        if (event->detail.len > 0 && !run->resumed) {
            run_remark(run, "engine", STR("gonogo"), STR("settings"), event->detail, false);
        }
        keep_no_restore(run, event->hint);
    }
    if (run->look == LOOK_LEDGER) {
        keep_ledger(run, event);
    }
}

bool looked_ok_more(const struct run *run, const struct event *event)
{
    return event->look == run->look && event->outcome == OUTCOME_OK && !last_look(run);
}

void on_looked_more(struct run *run, const struct event *event, struct effects *effects)
{
    keep_look(run, event);
    for (size_t i = 0; i + 1 < COUNT_OF(identify_looks); i++) {
        if (identify_looks[i] == run->look) {
            send_look(run, effects, identify_looks[i + 1]);
            return;
        }
    }
}

bool looked_ok_last_fresh(const struct run *run, const struct event *event)
{
    return event->look == run->look && event->outcome == OUTCOME_OK && last_look(run) &&
           !run->resumed;
}

void on_identified(struct run *run, const struct event *event, struct effects *effects)
{
    keep_look(run, event);
    run_enter(run, effects, STATE_REVIEW);
}

bool looked_ok_last_resumed(const struct run *run, const struct event *event)
{
    return event->look == run->look && event->outcome == OUTCOME_OK && last_look(run) &&
           run->resumed;
}

bool next_in_doubt(struct run *run)
{
    for (size_t i = 0; i < run->script_count; i++) {
        if (run->scripts[i].state == SCRIPT_UNKNOWN) {
            run->script = (int)i;
            run->hold_reason = run->scripts[i].failure;
            return true;
        }
    }
    return false;
}

void on_found_again(struct run *run, const struct event *event, struct effects *effects)
{
    keep_look(run, event);
    struct str moved = run->moved;
    run->moved = (struct str){0};
    if (run->left != STATE_SETTLE && next_in_doubt(run)) {
        run_go(run, effects, STATE_IN_DOUBT);
        return;
    }
    if (moved.len > 0 && run->left != STATE_SETTLE) {
        run_hold(run, effects, run->left, STR("gonogo"), moved);
        return;
    }
    run->hold_wanted = moved.len > 0; /* once the fate of the open file is known */
    run->hold_by = STR("gonogo");
    run->hold_reason = moved;
    forget_reason(run);
    run_enter(run, effects, run->left);
}

/* The question itself waited for a lock: somebody holds the ledger, or a catalog. */
static bool look_waited(const struct event *event)
{
    return event->outcome != OUTCOME_OK && str_eq(event->id, "waits");
}

/*
 * A crashed run's own session may still hold the lock until the server notices; and who
 * holds up a question of ours may let go.
 */
bool looked_may_retry(const struct run *run, const struct event *event)
{
    bool own = run->resumed && event->look == LOOK_LOCK && event->outcome != OUTCOME_OK;
    if (event->look != run->look) {
        return false;
    }
    return (own && run->look_attempts < LOCK_TRIES) ||
           (look_waited(event) && run->look_attempts < WAIT_TRIES);
}

void on_identify_again(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    (void)effects;
    run->look_attempts++;
    run->retry_us = run->now_us + US_PER_SECOND / 2;
}

void on_refused(struct run *run, const struct event *event, struct effects *effects)
{
    static const enum fact facts[LOOK__COUNT] = {
        [LOOK_IDENTITY] = FACT_CONNECT,    [LOOK_LOCK] = FACT_LOCKED,
        [LOOK_POOLER] = FACT_CONNECT,      [LOOK_SETTINGS] = FACT_CONNECT,
        [LOOK_LEDGER] = FACT_CHECK,        [LOOK_READY] = FACT_CONNECT,
        [LOOK_OLD_BACKEND] = FACT_UNKNOWN, [LOOK_LEDGER_ROW] = FACT_UNKNOWN,
        [LOOK_XID] = FACT_UNKNOWN,
    };
    run->hold_reason = run_keep(run, event->text);
    run->facts |= look_waited(event) ? FACT_STOPPED : facts[run->look];
    run_finish(run, effects);
}
