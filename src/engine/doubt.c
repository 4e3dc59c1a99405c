/* SPDX-License-Identifier: PostgreSQL */
/*
 * Lost connections, crashes, and the truth afterwards. A COMMIT that was sent and not
 * answered has three outcomes. What decides, in this order: the same server and the
 * lock; the old backend is gone; the script's ledger row (present = committed, absent
 * = rolled back); without a ledger the transaction id, and that only while the server
 * has not crash-restarted. Otherwise nobody can know, and the program says so.
 *
 * Deciding writes nothing to the target, so it may be killed and done again.
 */
#include "engine_private.h"

enum {
    RECONNECT_TRIES = 60,   /* about two minutes when they fail at once; or when that is over */
    OLD_BACKEND_TRIES = 30, /* a half-open connection may keep it for a while */
};
static const int64_t reconnect_limit_us = 2 * US_PER_MINUTE;
static const int64_t reconnect_pause_us = 2 * US_PER_SECOND;
static const int64_t settle_pause_us = US_PER_SECOND;

bool lost_work(const struct run *run, const struct event *event)
{
    (void)run;
    return event->session == SESSION_WORK;
}

bool lost_watch(const struct run *run, const struct event *event)
{
    (void)run;
    return event->session == SESSION_WATCH;
}

bool lost_check(const struct run *run, const struct event *event)
{
    (void)run;
    return event->session == SESSION_CHECK;
}

bool outcome_unknown(const struct run *run, const struct event *event)
{
    (void)run;
    return event->outcome == OUTCOME_UNKNOWN;
}

/* Whoever cuts our session may be the server that is on its way back: wait for it as long
 * again. */
static void have_patience_anew(struct run *run)
{
    struct run_patience *patience = &run->patience[SESSION_WATCH];
    *patience = (struct run_patience){.us = patience->us, .from_us = patience->us};
}

/* The session that ran our script is gone, its fate is not read. */
void on_lost_open(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_script *script = &run->scripts[run->script];
    run->connected[SESSION_WORK] = false;
    have_patience_anew(run);
    script->failure = run_keep_format(run, "the connection was lost during %.*s: %.*s",
                                      STR_ARG(script->id), STR_ARG(event->text));
    run->hold_reason = script->failure;
    run->hold_by = STR("gonogo");
    run->hold_wanted = true;
    if (run->connected[SESSION_WATCH]) {
        run_enter(run, effects, STATE_SETTLE);
        return;
    }
    run_go(run, effects, STATE_LOST);
}

void on_fate_unknown(struct run *run, const struct event *event, struct effects *effects)
{
    if (event->kind == EVENT_STATEMENT) {
        run->scripts[event->script].statements[event->index].outcome = OUTCOME_UNKNOWN;
    }
    effect_push(effects, EFFECT_DISCONNECT)->session = SESSION_WORK;
    on_lost_open(run, event, effects);
}

void on_work_lost(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    (void)effects;
    run->connected[SESSION_WORK] = false;
}

/* Without the watch there is no lock: whatever runs may end, nothing new begins. */
void on_watch_lost(struct run *run, const struct event *event, struct effects *effects)
{
    run->connected[SESSION_WATCH] = false;
    run->blockers_out = false;
    run->writes_out = run->recent_out = run->archiver.out = false;
    forget_surroundings(run);
    run->patience[SESSION_WATCH] = (struct run_patience){0};
    for (size_t i = 0; i < run->probe_count; i++) {
        run->probes[i].in_flight = false;
    }
    run_remark(run, "engine", STR("gonogo"), STR("watch"), event->text, false);
    if (run->state == STATE_SETTLE) {
        run_go(run, effects, STATE_LOST);
    }
    connect_session(effects, SESSION_WATCH, reconnect_pause_us);
}

/* The statement may be at work and end well: closing its session could only spoil that. */
static void tell_still_waiting(struct run *run, const struct event *event)
{
    const struct run_script *script = &run->scripts[run->script];
    struct str text = run_keep_format(run,
                                      "no connection, and no answer to %.*s yet; it may be at "
                                      "work, so it is waited for: %.*s",
                                      STR_ARG(script->id), STR_ARG(event->text));
    run_remark(run, "engine", STR("gonogo"), STR("connect"), text, false);
}

/*
 * A failover may have lost what was acknowledged. A run at work does not go there: whoever
 * resumes it has the ledger read on the server that is there now.
 */
static void doubt_other_timeline(struct run *run, const struct event *event)
{
    for (size_t i = 0; event->flag && !run->way_back && i < run->script_count; i++) {
        struct run_script *script = &run->scripts[i];
        if (script->kind == SCRIPT_MIGRATION && script->state == SCRIPT_COMMITTED) {
            script->state = SCRIPT_UNKNOWN;
            script->once_committed = true;
            script->failure = STR("it was committed on another timeline of the server");
        }
    }
}

static bool patience_is_over(struct run_patience *patience, int64_t us)
{
    patience->attempts++;
    patience->us = us;
    if (patience->attempts < RECONNECT_TRIES && us - patience->from_us < reconnect_limit_us) {
        return false;
    }
    patience->attempts = 0;
    patience->from_us = us;
    return true;
}

/* Nobody else would try again: it is tried for ever, whatever people are told meanwhile. */
void on_reconnect_failed(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_patience *patience = &run->patience[event->session];
    bool waits = script_is_open(run) && run->connected[SESSION_WORK];
    connect_session(effects, event->session, reconnect_pause_us);
    if (!patience_is_over(patience, event->us)) {
        return;
    }
    if (waits) {
        tell_still_waiting(run, event);
        return;
    }
    if (patience->told) {
        return;
    }
    patience->told = true;
    doubt_other_timeline(run, event);
    run->hold_reason =
        run_keep_format(run, "the connection did not come back: %.*s", STR_ARG(event->text));
    run_remark(run, "engine", STR("gonogo"), STR("connect"), run->hold_reason, false);
    if (run->state == STATE_LOST) {
        run_go(run, effects, STATE_IN_DOUBT);
    } else if (!script_is_open(run) && run->state != STATE_HOLD &&
               run->state != STATE_IN_DOUBT) {
        run_hold(run, effects, run->state, STR("gonogo"), run->hold_reason);
    }
}

/* Identity and lock again, whatever we were doing; the answer meets on_lock_again. */
void on_watch_back(struct run *run, const struct event *event, struct effects *effects)
{
    run->connected[SESSION_WATCH] = true;
    run->session_pid[SESSION_WATCH] = event->pid;
    run->session_start_us[SESSION_WATCH] = event->backend_start_us;
    if (run->state == STATE_LOST) {
        run_go(run, effects, STATE_SETTLE);
        run->look_attempts = 0;
    }
    send_look(run, effects, LOOK_IDENTITY);
}

bool looked_lock_ok(const struct run *run, const struct event *event)
{
    (void)run;
    return (event->look == LOOK_LOCK || event->look == LOOK_IDENTITY) &&
           event->outcome == OUTCOME_OK;
}

bool looked_lock_lost(const struct run *run, const struct event *event)
{
    (void)run;
    return (event->look == LOOK_LOCK || event->look == LOOK_IDENTITY) &&
           event->outcome != OUTCOME_OK;
}

void on_lock_again(struct run *run, const struct event *event, struct effects *effects)
{
    if (event->look == LOOK_IDENTITY) {
        send_look(run, effects, LOOK_LOCK);
    } else if (run->context.out && run->state >= STATE_PREP && run->state <= STATE_POLL) {
        run->context.out = false; /* who was asked while the server was away may be silent */
        ask_context(run, effects);
    }
}

static bool waits_for_people(const struct run *run)
{
    static const bool waits[STATE__COUNT] = {
        [STATE_PREP] = true,       [STATE_POLL] = true,    [STATE_NAME] = true,
        [STATE_CHECKPOINT] = true, [STATE_FAILED] = true,  [STATE_MANUAL] = true,
        [STATE_JUDGE] = true,      [STATE_MONITOR] = true, [STATE_CLOSE] = true,
    };
    return waits[run->state];
}

/* Another server, or another run has the lock now: nothing of ours may begin. */
void on_lock_gone(struct run *run, const struct event *event, struct effects *effects)
{
    run->hold_wanted = true;
    run->hold_by = STR("gonogo");
    run->hold_reason = run_keep(run, event->text);
    run_remark(run, "engine", STR("gonogo"), str_from(look_words[event->look]), event->text,
               false);
    /* Whoever waits for people is held; what is busy is stopped at its next safe point. */
    if (waits_for_people(run)) {
        run_hold(run, effects, run->state, STR("gonogo"), event->text);
    }
}

/* Checks and snapshots that were out have no further answer: ask all of them again. */
void on_check_lost(struct run *run, const struct event *event, struct effects *effects)
{
    run_remark(run, "engine", STR("gonogo"), STR("check"), event->text, false);
    run->connected[SESSION_CHECK] = false;
    run->patience[SESSION_CHECK] = (struct run_patience){0};
    run->running_checks = 0;
    run->counts_out = false;
    for (size_t i = 0; i < run->item_count; i++) {
        run->items[i].check.running = false;
    }
    connect_session(effects, SESSION_CHECK, reconnect_pause_us);
}

/* Is the answer to a check before the step still out? */
static bool before_is_out(const struct run_script *script)
{
    for (size_t i = 0; i < script->before_count; i++) {
        if (script->before[i].running) {
            return true;
        }
    }
    return false;
}

void on_check_back(struct run *run, const struct event *event, struct effects *effects)
{
    run->connected[SESSION_CHECK] = true;
    run->session_pid[SESSION_CHECK] = event->pid;
    static const bool asks_check[STATE__COUNT] = {
        [STATE_REVIEW] = true, [STATE_BEFORE] = true,      [STATE_PREP] = true,
        [STATE_POLL] = true,   [STATE_STEP_CHECKS] = true, [STATE_VERIFY] = true,
        [STATE_LAST] = true,   [STATE_BACK_CHECK] = true,
    };
    if (asks_check[run->state]) {
        run_enter(run, effects, run->state);
    }
    /* Only the checks before a step are asked again: a second work session would tear the
     * first. */
    const struct run_script *script = at_work(run);
    if (run->state == STATE_READY && script && before_is_out(script)) {
        on_ready(run, event, effects);
    }
}

/* -------------------------------------------------------------------- settling */

static const struct run_script *open_script(const struct run *run)
{
    return &run->scripts[run->script];
}

static bool has_ledger_row(const struct run *run)
{
    const struct run_script *script = open_script(run);
    /* Where a person's word stood for the row there may never have been one to remove. */
    bool by_word = script->kind == SCRIPT_DOWN &&
                   str_starts(run->scripts[script->step].settled_by, "word of ");
    return run->plan->ledger.mark.line > 0 && script->kind != SCRIPT_SQL && !by_word;
}

void enter_settle(struct run *run, struct effects *effects)
{
    run_go(run, effects, STATE_SETTLE);
    run->look_attempts = 0;
    send_look(run, effects, LOOK_OLD_BACKEND);
}

/* Which question follows the one that was answered; LOOK__COUNT = the answers suffice. */
static enum look look_after(const struct run *run, const struct event *event)
{
    bool one = open_script(run)->transaction == PLAN_TRANSACTION_ONE;
    switch (event->look) {
    case LOOK_IDENTITY:
        return event->outcome == OUTCOME_OK ? LOOK_LOCK : LOOK__COUNT;
    case LOOK_LOCK:
        return event->outcome == OUTCOME_OK ? LOOK_OLD_BACKEND : LOOK__COUNT;
    case LOOK_OLD_BACKEND:
        if (event->outcome != OUTCOME_OK) {
            return LOOK__COUNT;
        }
        if (has_ledger_row(run)) {
            return LOOK_LEDGER_ROW;
        }
        return one && open_script(run)->commit_sent ? LOOK_XID : LOOK__COUNT;
    case LOOK_POOLER:
    case LOOK_SETTINGS:
    case LOOK_LEDGER:
    case LOOK_READY:
    case LOOK_IN_THE_WAY:
    case LOOK_LEDGER_ROW:
    case LOOK_XID:
    case LOOK__COUNT:
        return LOOK__COUNT;
    }
    return LOOK__COUNT;
}

bool settle_next(const struct run *run, const struct event *event)
{
    return event->look == run->look && look_after(run, event) != LOOK__COUNT;
}

void on_settle_next(struct run *run, const struct event *event, struct effects *effects)
{
    send_look(run, effects, look_after(run, event));
}

/* The old backend still lives, or the lock is not free yet: look again in a moment. */
bool settle_wait(const struct run *run, const struct event *event)
{
    bool waits = event->look == LOOK_OLD_BACKEND || event->look == LOOK_LOCK ||
                 (event->look == LOOK_LEDGER_ROW && event->outcome == OUTCOME_UNKNOWN);
    return event->look == run->look && waits && event->outcome != OUTCOME_OK &&
           !(event->look == LOOK_LEDGER_ROW && event->outcome == OUTCOME_FAILED) &&
           run->look_attempts < OLD_BACKEND_TRIES;
}

void on_settle_wait(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    (void)effects;
    run->look_attempts++;
    run->retry_us = run->now_us + settle_pause_us;
}

bool retry_in_settle(const struct run *run, const struct event *event)
{
    (void)event;
    return run->retry_us != 0;
}

void on_retry_due(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    run->retry_us = 0;
    send_look(run, effects, run->look);
}

bool settle_committed(const struct run *run, const struct event *event)
{
    const struct run_script *script = open_script(run);
    bool sent = script->commit_sent || script->transaction != PLAN_TRANSACTION_ONE;
    if (event->look != run->look || event->outcome == OUTCOME_UNKNOWN) {
        return false;
    }
    if (event->look == LOOK_LEDGER_ROW) {
        /* The way back removes the row: there, absent means committed. */
        enum outcome wanted = script->kind == SCRIPT_DOWN ? OUTCOME_FAILED : OUTCOME_OK;
        return sent && event->outcome == wanted;
    }
    return event->look == LOOK_XID && event->outcome == OUTCOME_OK;
}

/* Autocommit statements that were sent cannot be rolled back by a lost connection. */
static bool nothing_was_sent(const struct run_script *script)
{
    return script->transaction == PLAN_TRANSACTION_ONE || script->statement < 0;
}

bool settle_rolled_back(const struct run *run, const struct event *event)
{
    const struct run_script *script = open_script(run);
    if (event->look != run->look || !nothing_was_sent(script)) {
        return false;
    }
    if (event->look == LOOK_LEDGER_ROW && script->kind == SCRIPT_DOWN) {
        return event->outcome == OUTCOME_OK;
    }
    if (event->look == LOOK_LEDGER_ROW || event->look == LOOK_XID) {
        return event->outcome == OUTCOME_FAILED;
    }
    return event->look == LOOK_OLD_BACKEND && event->outcome == OUTCOME_OK &&
           !script->commit_sent && !has_ledger_row(run);
}

void on_settle_committed(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_script *script = &run->scripts[run->script];
    script_committed(run, script,
                     event->look == LOOK_XID ? STR("transaction id") : STR("ledger row"));
    run_remark(run, "settled", STR("gonogo"), script->id,
               run_keep_format(run, "committed, by its %.*s", STR_ARG(script->settled_by)),
               false);
    run_enter(run, effects, STATE_STEP_CHECKS);
}

static void after_rolled_back(struct run *run, struct effects *effects)
{
    struct run_script *script = &run->scripts[run->script];
    script->failed = false;
    if (run->resumed && run->left == STATE_SETTLE && !run->hold_wanted) {
        run_go(run, effects, STATE_CHECKPOINT);
        return;
    }
    run_hold(run, effects, STATE_CHECKPOINT, STR("gonogo"),
             run_keep_format(run, "%.*s; %.*s is rolled back for certain",
                             STR_ARG(run->hold_wanted ? run->hold_reason : script->failure),
                             STR_ARG(script->id)));
}

void on_settle_rolled_back(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_script *script = &run->scripts[run->script];
    script->settled_by = event->look == LOOK_LEDGER_ROW ? STR("ledger row")
                         : event->look == LOOK_XID      ? STR("transaction id")
                                                        : STR("COMMIT was never sent");
    script_rolled_back(run, script, STR("the connection was lost"));
    run_remark(run, "settled", STR("gonogo"), script->id,
               run_keep_format(run, "rolled back, by its %.*s", STR_ARG(script->settled_by)),
               false);
    after_rolled_back(run, effects);
}

void on_settle_cannot(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_script *script = &run->scripts[run->script];
    script->state = SCRIPT_UNKNOWN;
    script->failure = run_keep_format(run, "what became of %.*s cannot be known: %.*s",
                                      STR_ARG(script->id), STR_ARG(event->text));
    run->hold_reason = script->failure;
    run_go(run, effects, STATE_IN_DOUBT);
}

/* Is it a script that is in doubt? A rename of databases can be, too. */
static bool script_in_doubt(const struct run *run)
{
    const struct run_script *script = at_work(run);
    return script && (script->state == SCRIPT_UNKNOWN || script->state == SCRIPT_OPEN);
}

bool settle_word_fits(const struct run *run, const struct event *event)
{
    bool word = str_eq(event->tag, "committed") || str_eq(event->tag, "rolled back");
    return word && event->text.len > 0 && event->who.len > 0 && script_in_doubt(run);
}

/* A person looked and says so, with the reason; it stands on the report's first page. */
void on_settle_word(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_script *script = &run->scripts[run->script];
    run_remark(run, "settled", event->who, script->id,
               run_keep_format(run, "%.*s: %.*s", STR_ARG(event->tag), STR_ARG(event->text)),
               event->flag);
    if (str_eq(event->tag, "committed")) {
        script_committed(run, script,
                         run_keep_format(run, "word of %.*s", STR_ARG(event->who)));
    } else {
        script->partial = false;
        script->failed = false;
        script->failure = (struct str){0};
        script_rolled_back(run, script,
                           run_keep_format(run, "word of %.*s", STR_ARG(event->who)));
    }
    run->hold_wanted = false;
    run_go(run, effects, next_in_doubt(run) ? STATE_IN_DOUBT : STATE_CHECKPOINT);
}

/* Where a run that stopped in a state goes on; files at work begin again, or are settled. */
static const enum state resumes_at[STATE__COUNT] = {
    [STATE_NEW] = STATE_REVIEW,
    [STATE_CONNECT] = STATE_REVIEW,
    [STATE_IDENTIFY] = STATE_REVIEW,
    [STATE_REVIEW] = STATE_REVIEW,
    [STATE_WRONG_COUNTS] = STATE_REVIEW,
    [STATE_PREP] = STATE_PREP,
    [STATE_BACKUP] = STATE_BACKUP,
    [STATE_POLL] = STATE_POLL,
    [STATE_NAME] = STATE_POLL, /* who is in the way is asked anew */
    [STATE_BEFORE] = STATE_POLL,
    [STATE_READY] = STATE_CHECKPOINT,
    [STATE_BEGIN] = STATE_CHECKPOINT,
    [STATE_RUNNING] = STATE_CHECKPOINT,
    [STATE_INSIDE] = STATE_CHECKPOINT,
    [STATE_LEDGER] = STATE_CHECKPOINT,
    [STATE_EVIDENCE] = STATE_CHECKPOINT,
    [STATE_COMMIT] = STATE_CHECKPOINT,
    [STATE_UNDOING] = STATE_CHECKPOINT,
    [STATE_STEP_CHECKS] = STATE_STEP_CHECKS,
    [STATE_CHECKPOINT] = STATE_CHECKPOINT,
    [STATE_FAILED] = STATE_CHECKPOINT,
    [STATE_MANUAL] = STATE_MANUAL,
    [STATE_VERIFY] = STATE_VERIFY,
    [STATE_JUDGE] = STATE_VERIFY,
    [STATE_MONITOR] = STATE_MONITOR,
    [STATE_LAST] = STATE_LAST,
    [STATE_CLOSE] = STATE_CLOSE,
    [STATE_REPORT] = STATE_CLOSE,
    [STATE_HOLD] = STATE_REVIEW,
    [STATE_CHOOSE] = STATE_CHOOSE,
    [STATE_WAY_NAME] = STATE_CHOOSE,
    [STATE_WAY_MANUAL] = STATE_WAY_MANUAL,
    [STATE_RESTORE] = STATE_CHOOSE,
    [STATE_SWITCH] = STATE_IN_DOUBT,
    [STATE_BACK_CHECK] = STATE_BACK_CHECK,
    [STATE_LOST] = STATE_IN_DOUBT,
    [STATE_SETTLE] = STATE_IN_DOUBT,
    [STATE_IN_DOUBT] = STATE_IN_DOUBT,
    [STATE_LEAVING] = STATE_REVIEW,
    [STATE_END] = STATE_REVIEW,
};

/* Where a resumed run goes on once it knows its server again. */
enum state state_to_resume(const struct run *run)
{
    if (script_is_open(run)) {
        return STATE_SETTLE;
    }
    enum state from = run->state;
    if (from == STATE_CONNECT || from == STATE_IDENTIFY || from == STATE_LEAVING ||
        from == STATE_END) {
        from = run->left;
    }
    if (from == STATE_HOLD) {
        from = run->back;
    }
    enum state to = from < STATE__COUNT ? resumes_at[from] : STATE_REVIEW;
    return to == STATE_CHECKPOINT && from != STATE_CHECKPOINT && !run->changed && !run->way_back
               ? STATE_POLL /* nothing was committed yet: the first file is started anew */
               : to;
}

bool doubt_has_script(const struct run *run, const struct event *event)
{
    (void)event;
    return script_in_doubt(run);
}

void on_settle_again(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    run->scripts[run->script].state = SCRIPT_OPEN;
    run->left = STATE_SETTLE;
    if (run->connected[SESSION_WATCH]) {
        run_enter(run, effects, STATE_SETTLE);
        return;
    }
    run_go(run, effects, STATE_LOST);
    connect_session(effects, SESSION_WATCH, 0);
}

void on_retry_forgotten(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    (void)effects;
    run->retry_us = 0;
}
