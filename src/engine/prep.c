/* SPDX-License-Identifier: PostgreSQL */
/*
 * PREP: is this the server that the plan means, is it ours, is the database what
 * the plan starts from, and is the checklist answered? Nothing here changes
 * anything; every answer of a person is a decision in the journal.
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
    run->blockers_out = run->writes_out = run->counts_out = false;
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
    doubt_other_timeline(run, event);
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

/* What the answer to a look leaves in the model. */
static void keep_look(struct run *run, const struct event *event)
{
    if (run->look == LOOK_IDENTITY) {
        run->database = run_keep(run, event->id);
        run->server_text = run_keep(run, event->text);
        run->server_strip = run_keep(run, event->name.len > 0 ? event->name : event->text);
    }
    if (run->look == LOOK_SETTINGS) {
        run->settings_text = run_keep(run, event->text);
        if (event->detail.len > 0 && !run->resumed) {
            run_remark(run, "engine", STR("gonogo"), STR("settings"), event->detail, false);
        }
        keep_no_restore(run, event->hint);
    }
    if (run->look != LOOK_LEDGER) {
        return;
    }
    for (size_t i = 0; i < run->script_count; i++) {
        struct run_script *script = &run->scripts[i];
        bool found = false;
        for (size_t k = 0; k < event->item_count; k++) {
            if (str_is(event->items[k].name, script->id)) {
                found = true;
                script->applied_at_us = event->items[k].value;
            }
        }
        if (script->kind == SCRIPT_MIGRATION && script->state == SCRIPT_PENDING && found) {
            script->state = SCRIPT_APPLIED;
        }
        /* A commit that was acknowledged and is gone now: failover or restore behind our back.
         */
        if (script->kind == SCRIPT_MIGRATION && script->state == SCRIPT_COMMITTED && !found &&
            run->plan->ledger.mark.line > 0 && !run->way_back) {
            script->state = SCRIPT_UNKNOWN;
            script->failure = STR("it was committed, and its ledger row has vanished");
        }
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

void on_found_again(struct run *run, const struct event *event, struct effects *effects)
{
    keep_look(run, event);
    for (size_t i = 0; i < run->script_count; i++) {
        if (run->scripts[i].state == SCRIPT_UNKNOWN && run->left != STATE_SETTLE) {
            run->script = (int)i;
            run->hold_reason = run->scripts[i].failure;
            run_go(run, effects, STATE_IN_DOUBT);
            return;
        }
    }
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

/* -------------------------------------------------------------------- counts */

void keep_numbers(struct run *run, const struct event *event, enum moment moment)
{
    for (size_t i = 0; i < event->item_count; i++) {
        const struct event_item *item = &event->items[i];
        for (size_t k = 0; k < run->count_count; k++) {
            struct run_count *count = &run->counts[k];
            bool query = str_eq(item->kind, "query");
            bool same = query ? str_eq(count->word, "query") && str_is(count->id, item->name)
                              : str_is(count->word, item->kind);
            if (same) {
                count->values[moment] = item->value;
            }
        }
    }
}

void keep_counts(struct run *run, const struct event *event)
{
    struct run_snapshot *snapshot = &run->snapshots[event->moment];
    snapshot->taken = event->outcome == OUTCOME_OK;
    snapshot->at_us = event->at_us;
    snapshot->hash = run_keep(run, event->hash);
    keep_numbers(run, event, event->moment);
    snapshot->change_count = event->change_count;
    snapshot->changes =
        arena_array(run->arena, event->change_count, sizeof(*snapshot->changes));
    for (size_t i = 0; i < event->change_count; i++) {
        struct event_change *change = &snapshot->changes[i];
        *change = event->changes[i];
        change->what = run_keep(run, change->what);
        change->name = run_keep(run, change->name);
        change->old_definition = run_keep(run, change->old_definition);
        change->new_definition = run_keep(run, change->new_definition);
    }
}

bool counts_are(const struct run *run, enum moment moment, bool before)
{
    for (size_t i = 0; i < run->count_count; i++) {
        const struct run_count *count = &run->counts[i];
        int64_t expected = before ? count->expected_before : count->expected;
        if (expected >= 0 && count->values[moment] != expected &&
            (before || !count->accepted)) {
            return false;
        }
    }
    return true;
}

bool is_review(const struct run *run, const struct event *event)
{
    (void)run;
    return event->moment == MOMENT_REVIEW;
}

/* The guard judges the event, not the model: the model learns the numbers in the action. */
bool review_is_right(const struct run *run, const struct event *event)
{
    if (event->moment != MOMENT_REVIEW || event->outcome != OUTCOME_OK) {
        return false;
    }
    for (size_t i = 0; i < run->count_count; i++) {
        const struct run_count *count = &run->counts[i];
        bool found = count->expected_before < 0;
        for (size_t k = 0; k < event->item_count; k++) {
            const struct event_item *item = &event->items[k];
            bool same = str_eq(item->kind, "query")
                            ? str_eq(count->word, "query") && str_is(count->id, item->name)
                            : str_is(count->word, item->kind);
            found = found || (same && item->value == count->expected_before);
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

void on_review(struct run *run, const struct event *event, struct effects *effects)
{
    run->running_checks = 0;
    keep_counts(run, event);
    run_enter(run, effects, STATE_PREP);
}

void on_wrong_counts(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    run->running_checks = 0;
    keep_counts(run, event);
    if (event->outcome != OUTCOME_OK) {
        run->hold_reason = run_keep(run, event->text);
        return;
    }
    for (size_t i = 0; i < run->count_count; i++) {
        const struct run_count *count = &run->counts[i];
        int64_t value = count->values[MOMENT_REVIEW];
        if (count->expected_before >= 0 && value != count->expected_before) {
            run->hold_reason = run_keep_format(
                run, "%.*s: %lld here, the plan starts from %lld", STR_ARG(count->title),
                (long long)value, (long long)count->expected_before);
            return;
        }
    }
}

void on_look_again(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    forget_reason(run);
    run_enter(run, effects, STATE_REVIEW);
}

bool override_is_before(const struct run *run, const struct event *event)
{
    return str_eq(event->id, "before") && event->text.len > 0 &&
           run->snapshots[MOMENT_REVIEW].taken;
}

void on_counts_overridden(struct run *run, const struct event *event, struct effects *effects)
{
    run->counts_overridden = true;
    forget_reason(run);
    run_remark(run, "override", event->who, event->id, event->text, event->flag);
    run_enter(run, effects, STATE_PREP);
}

/* ----------------------------------------------------------------- checklist */

struct run_item *find_item(const struct run *run, struct str id)
{
    for (size_t i = 0; i < run->item_count; i++) {
        if (str_is(run->items[i].item->id, id)) {
            return &run->items[i];
        }
    }
    return NULL;
}

/* Items that the server or a program answers are asked when their gate opens. */
void ask_items(struct run *run, struct effects *effects, enum plan_gate gate)
{
    for (size_t i = 0; i < run->item_count; i++) {
        struct run_item *item = &run->items[i];
        bool asked = item->item->proof == PLAN_PROOF_SQL || item->item->proof == PLAN_PROOF_RUN;
        if (item->item->gate == gate && asked && !item->check.running) {
            send_check(run, effects, &item->check, PLACE_ITEM, -1, (int)i, false);
            effects->items[effects->count - 1].index = (int)i;
        }
    }
}

void enter_prep(struct run *run, struct effects *effects)
{
    run_go(run, effects, STATE_PREP);
    pass_gate(run, PLAN_GATE_PREP, false);
    run->running_checks = 0;
    ask_items(run, effects, PLAN_GATE_PREP);
}

bool item_check(const struct run *run, const struct event *event)
{
    return event->place == PLACE_ITEM && event->check >= 0 &&
           (size_t)event->check < run->item_count;
}

void on_item_checked(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    struct run_item *item = &run->items[event->check];
    keep_check(run, &item->check, event);
    item->answered = item->check.outcome == OUTCOME_OK;
    item->text = item->check.actual;
    item->at_us = event->at_us;
}

bool note_is_item(const struct run *run, const struct event *event)
{
    const struct run_item *item = find_item(run, event->id);
    return item && event->text.len > 0 && event->who.len > 0 &&
           (item->item->proof == PLAN_PROOF_NOTE || item->item->proof == PLAN_PROOF_UNSAID);
}

void on_note(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    struct run_item *item = find_item(run, event->id);
    item->denied = str_eq(event->tag, "no");
    item->answered = !item->denied;
    item->claim = event->flag;
    item->who = run_keep(run, event->who);
    item->text = run_keep(run, event->text);
    item->at_us = event->at_us;
}

/* An override without a reason or without a person is none. */
bool override_is_known(const struct run *run, const struct event *event)
{
    return event->text.len > 0 && event->who.len > 0 &&
           (find_item(run, event->id) || str_eq(event->id, "window") ||
            str_eq(event->id, "before_open"));
}

void on_override(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    run_remark(run, "override", event->who, event->id, event->text, event->flag);
    struct run_item *item = find_item(run, event->id);
    if (!item && str_eq(event->id, "before_open")) {
        run->untold_accepted = true;
        return;
    }
    if (!item) {
        run->window_overridden = true;
        return;
    }
    item->overridden = true;
    item->claim = event->flag;
    item->who = run_keep(run, event->who);
    item->why = run_keep(run, event->text);
    item->at_us = event->at_us;
}

/* What counted when a gate was passed goes on to count; whoever comes back is asked again. */
void pass_gate(struct run *run, enum plan_gate gate, bool passed)
{
    for (size_t i = 0; i < run->item_count; i++) {
        if (run->items[i].item->gate == gate) {
            run->items[i].passed = passed;
        }
    }
    for (size_t i = 0; gate == PLAN_GATE_POLL && i < run->backup_count; i++) {
        run->backups[i].passed = passed && backup_is_proven(run, &run->backups[i]);
    }
}

bool gate_is_closed(const struct run *run, enum plan_gate gate)
{
    for (size_t i = 0; i < run->item_count; i++) {
        const struct run_item *item = &run->items[i];
        if (item->item->gate == gate && !item_is_closed(run, item, NULL, NULL)) {
            return false;
        }
    }
    return true;
}

bool prep_is_closed(const struct run *run, const struct event *event)
{
    (void)event;
    return gate_is_closed(run, PLAN_GATE_PREP) && team_was_told(run);
}

void on_prep_done(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    pass_gate(run, PLAN_GATE_PREP, true);
    run_enter(run, effects, run->backup_count > 0 ? STATE_BACKUP : STATE_POLL);
}
