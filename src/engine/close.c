/* SPDX-License-Identifier: PostgreSQL */
/*
 * CLOSE: the success criteria one by one, the sign-offs, the report. Also what can
 * happen anywhere: HOLD, leaving, a note for the record, our own record failing.
 */
#include "engine_private.h"

/* ------------------------------------------------------------------- criteria */

static enum moment newest_moment(const struct run *run)
{
    return run->snapshots[MOMENT_LAST].taken ? MOMENT_LAST : MOMENT_NOW;
}

static void judge_check(struct run *run, struct run_criterion *criterion)
{
    const struct run_check *check = find_check(run, criterion->criterion->check);
    if (!check || check->outcome == OUTCOME_NONE) {
        return;
    }
    criterion->outcome = check->outcome == OUTCOME_OK ? OUTCOME_OK : OUTCOME_FAILED;
    criterion->actual = check->outcome == OUTCOME_OK ? check->actual : check->why;
}

static void judge_count(struct run *run, struct run_criterion *criterion)
{
    for (size_t i = 0; i < run->count_count; i++) {
        const struct run_count *count = &run->counts[i];
        int64_t value = count->values[newest_moment(run)];
        if (!str_is(count->id, criterion->criterion->count) || value < 0) {
            continue;
        }
        criterion->outcome = value == count->expected ? OUTCOME_OK : OUTCOME_FAILED;
        criterion->actual = run_keep_format(run, "%lld", (long long)value);
    }
}

int64_t run_sql_us(const struct run *run)
{
    int64_t total = 0;
    for (size_t i = 0; i < run->script_count; i++) {
        if (run->scripts[i].state == SCRIPT_COMMITTED ||
            run->scripts[i].state == SCRIPT_UNDONE) {
            total += run->scripts[i].sql_us;
        }
    }
    return total;
}

/* From the first INTENT to the last end, pauses at checkpoints included: what users feel. */
static int64_t migration_us(const struct run *run)
{
    int64_t total = 0;
    for (size_t i = 0; i < run->script_count; i++) {
        const struct run_script *script = &run->scripts[i];
        if (script->ended_us > script->started_us && script->started_us > 0) {
            total += script->ended_us - script->started_us;
        }
    }
    return total;
}

static void judge_limit(struct run *run, struct run_criterion *criterion)
{
    const struct plan_limits *limits = &run->plan->limits;
    struct str limit = criterion->criterion->limit;
    int64_t most = PLAN_UNSAID;
    int64_t value = -1;
    if (str_eq(limit, "sql_total")) {
        most = limits->sql_total_us;
        value = run_sql_us(run);
    } else if (str_eq(limit, "migration_total")) {
        most = limits->migration_total_us;
        value = migration_us(run);
    } else if (str_eq(limit, "downtime")) {
        most = limits->downtime_us;
        value = run_downtime_us(run);
    } else if (str_eq(limit, "recovery")) {
        most = limits->recovery_us;
        for (size_t i = 0; i < run->backup_count; i++) {
            value = run->backups[i].restore_us > value ? run->backups[i].restore_us : value;
        }
    }
    if (most == PLAN_UNSAID || value < 0 || (value == 0 && str_eq(limit, "recovery"))) {
        return;
    }
    criterion->outcome = value <= most ? OUTCOME_OK : OUTCOME_FAILED;
    criterion->actual = duration_text(run->arena, value);
}

static void judge_probe(struct run *run, struct run_criterion *criterion)
{
    for (size_t i = 0; i < run->probe_count; i++) {
        const struct run_probe *probe = &run->probes[i];
        if (!str_is(probe->probe->id, criterion->criterion->probe) || probe->count == 0) {
            continue;
        }
        bool good = !probe->breached && newest_sample(probe)->outcome == OUTCOME_OK;
        criterion->outcome = good ? OUTCOME_OK : OUTCOME_FAILED;
        criterion->actual = probe->breached ? probe->breach : probe->text;
    }
}

void run_judge_criteria(struct run *run)
{
    for (size_t i = 0; i < run->criterion_count; i++) {
        struct run_criterion *criterion = &run->criteria[i];
        if (criterion->criterion->kind != PLAN_CRITERION_ATTEST) {
            criterion->outcome = OUTCOME_UNKNOWN;
            criterion->actual = (struct str){0};
            criterion->at_us = run->now_us;
        }
        switch (criterion->criterion->kind) {
        case PLAN_CRITERION_CHECK:
            judge_check(run, criterion);
            break;
        case PLAN_CRITERION_COUNT:
            judge_count(run, criterion);
            break;
        case PLAN_CRITERION_LIMIT:
            judge_limit(run, criterion);
            break;
        case PLAN_CRITERION_PROBE:
            judge_probe(run, criterion);
            break;
        case PLAN_CRITERION_ATTEST:
        case PLAN_CRITERION_UNSAID:
            break;
        }
    }
}

/* The attested criteria are known to people as "criterion 1" … in the order of the plan. */
struct str criterion_id(const struct run *run, size_t index, struct arena *arena)
{
    (void)run;
    return str_format(arena, "criterion %zu", index + 1);
}

static int find_criterion(const struct run *run, struct str id)
{
    struct str prefix = STR("criterion ");
    int64_t number = 0;
    if (!str_starts(id, prefix.ptr) ||
        !str_to_i64(str_slice(id, prefix.len, id.len), &number) || number < 1 ||
        (size_t)number > run->criterion_count ||
        run->criteria[number - 1].criterion->kind != PLAN_CRITERION_ATTEST) {
        return -1;
    }
    return (int)number - 1;
}

bool criterion_is_known(const struct run *run, const struct event *event)
{
    return find_criterion(run, event->id) >= 0 && event->text.len > 0 && event->who.len > 0;
}

void on_criterion(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    struct run_criterion *criterion = &run->criteria[find_criterion(run, event->id)];
    criterion->outcome = str_eq(event->tag, "no") ? OUTCOME_FAILED : OUTCOME_OK;
    criterion->actual = run_keep(run, event->text);
    criterion->who = run_keep(run, event->who);
    criterion->at_us = event->at_us;
}

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
    run_enter(run, effects, run->back);
}

void on_leave(struct run *run, const struct event *event, struct effects *effects)
{
    /* Whoever was told of a HOLD or a failure knows that it goes on later, if at all. */
    bool told =
        run->state == STATE_HOLD || run->state == STATE_FAILED || run->state == STATE_IN_DOUBT;
    run->left = run->state == STATE_HOLD ? run->back : run->state;
    run->facts |= FACT_STOPPED;
    run->leaving = true;
    run_remark(run, "left", event->who, (struct str){0},
               run_keep_format(run, "the run is left at \"%s\" and can be resumed",
                               state_words[run->state]),
               event->flag);
    for (size_t i = 0; i < run->backup_count; i++) {
        if (run->backups[i].running) {
            on_cancel_task(run, event, effects);
            break;
        }
    }
    run_judge_criteria(run);
    run->ended_us = run->now_us;
    run_go(run, effects, STATE_LEAVING);
    if (!told) {
        run_notify(run, effects, PLAN_WHEN_HOLD, run->remarks[run->remark_count - 1].text);
    }
    run_write_report(run, effects);
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
    static const char *const kinds[] = {"override",   "accepted",  "acknowledged",
                                        "terminated", "cancelled", "settled"};
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
