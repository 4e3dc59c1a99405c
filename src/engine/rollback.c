/* SPDX-License-Identifier: PostgreSQL */
/*
 * The ways back. Every option is shown with its time and its loss, the database name
 * is typed, and what was done is proved: only a database that is equal to "before"
 * counts as rolled back (exit 8). Equal counts with fewer rows are not equal: that
 * is partial (exit 9).
 */
#include "engine_private.h"

bool run_undoes(const struct run *run, const struct plan_rollback_option *option, size_t step)
{
    const struct run_script *script = &run->scripts[step];
    return script->state == SCRIPT_COMMITTED && str_compare(script->id, option->to) > 0;
}

/* Committed migrations above version `to`, newest first, each with an undo file. */
static bool down_is_possible(const struct run *run, const struct plan_rollback_option *option,
                             struct str *why_not)
{
    bool any = false;
    for (size_t i = 0; i < run->plan->steps.count; i++) {
        if (!run_undoes(run, option, i)) {
            continue;
        }
        any = true;
        if (!run->setup->undo_scripts[i]) {
            *why_not =
                str_format(run->arena, "%.*s has no undo file", STR_ARG(run->scripts[i].id));
            return false;
        }
    }
    if (!any) {
        *why_not = STR("nothing above that version was committed by this run");
    }
    return any;
}

void run_estimate_options(struct run *run)
{
    for (size_t i = 0; i < run->option_count; i++) {
        struct run_option *option = &run->options[i];
        bool restores = option->option->kind == PLAN_ROLLBACK_RESTORE;
        const struct run_backup *backup = restores ? backup_of_option(run, option) : NULL;
        option->measured = backup && backup->restore_us > 0;
        option->estimate_us = option->measured ? backup->restore_us : option->option->takes_us;
    }
}

void run_judge_options(struct run *run)
{
    run_estimate_options(run);
    for (size_t i = 0; i < run->option_count; i++) {
        struct run_option *option = &run->options[i];
        option->possible = true;
        option->why_not = (struct str){0};
        if (option->option->kind == PLAN_ROLLBACK_RESTORE) {
            const struct run_backup *backup = backup_of_option(run, option);
            bool dumped = backup && backup->level >= PLAN_LEVEL_DUMPED;
            option->possible = dumped && run->no_restore.len == 0;
            option->why_not = dumped ? run->no_restore : STR("there is no dump");
        }
        if (option->option->kind == PLAN_ROLLBACK_DOWN) {
            option->possible = down_is_possible(run, option->option, &option->why_not);
        }
    }
}

bool rollback_is_possible(const struct run *run, const struct event *event)
{
    (void)event;
    return run->option_count > 0 && run->changed;
}

void on_rollback(struct run *run, const struct event *event, struct effects *effects)
{
    run_remark(run, "rollback", event->who, (struct str){0}, event->text, event->flag);
    /* What a restore would lose is counted now, not at its next turn. */
    run->writes_due_us = run->writes_due_us != 0 ? event->at_us : 0;
    if (run->state != STATE_HOLD) {
        run->back = run->state;
    }
    run_enter(run, effects, STATE_CHOOSE);
}

static int find_option(const struct run *run, struct str id)
{
    for (size_t i = 0; i < run->option_count; i++) {
        if (str_is(run->options[i].option->id, id)) {
            return (int)i;
        }
    }
    return -1;
}

bool option_is_possible(const struct run *run, const struct event *event)
{
    int index = find_option(run, event->id);
    return index >= 0 && run->options[index].possible;
}

void on_option(struct run *run, const struct event *event, struct effects *effects)
{
    run->option = find_option(run, event->id);
    run->way_named = false;
    run->confirmation_count = 0;
    run_remark(run, "rollback", event->who, event->id, run->options[run->option].option->title,
               event->flag);
    run_go(run, effects, STATE_WAY_NAME);
}

void on_back(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    run->option = -1;
    run_hold(run, effects, run->back == STATE_HOLD ? STATE_CHECKPOINT : run->back,
             STR("gonogo"), STR("the rollback decision was left: nothing was done"));
}

/* The scripts of the way back stand behind those of the plan. */
static void add_way_scripts(struct run *run, const struct plan_rollback_option *option)
{
    run->way_back = true;
    run->way_first = (int)run->script_count;
    if (option->kind == PLAN_ROLLBACK_SQL) {
        struct run_script *script =
            ARRAY_PUSH(run->scripts, run->script_count, run->script_capacity);
        script_init(run, script, SCRIPT_SQL, -1, run->setup->option_scripts[run->option]);
        script->id = option->id;
        script->file = option->file;
        script->last = script->sql->count;
        return;
    }
    for (size_t i = run->plan->steps.count; i > 0; i--) {
        if (!run_undoes(run, option, i - 1)) {
            continue;
        }
        struct run_script *script =
            ARRAY_PUSH(run->scripts, run->script_count, run->script_capacity);
        script_init(run, script, SCRIPT_DOWN, (int)(i - 1), run->setup->undo_scripts[i - 1]);
        script->id = run->plan->steps.items[i - 1].id;
        script->file = run->plan->steps.items[i - 1].undo;
        script->last = script->sql->count;
    }
}

/* For the record: with what in sight it was begun. */
static void note_beginning(struct run *run, const struct event *event)
{
    const struct run_option *option = &run->options[run->option];
    run_remark(run, "rollback", event->who, option->option->id,
               run_keep_format(run, "begins; %.*s; %.*s",
                               STR_ARG(way_time_text(run, option, run->arena)),
                               STR_ARG(way_loss_text(run, option, run->arena))),
               event->flag);
}

void on_way_name(struct run *run, const struct event *event, struct effects *effects)
{
    const struct plan_rollback_option *option = run->options[run->option].option;
    note_beginning(run, event);
    run->way_started_us = run->now_us;
    run->way_ended_us = 0;
    run_notify(run, effects, PLAN_WHEN_ROLLBACK, option->title);
    forget_reason(run);
    switch (option->kind) {
    case PLAN_ROLLBACK_SQL:
    case PLAN_ROLLBACK_DOWN:
        add_way_scripts(run, option);
        run_enter(run, effects, STATE_READY);
        return;
    case PLAN_ROLLBACK_RESTORE:
        run->way_back = true;
        run_go(run, effects, STATE_RESTORE);
        spawn_task(run, effects, TASK_RESTORE, run->option);
        return;
    case PLAN_ROLLBACK_MANUAL:
    case PLAN_ROLLBACK_UNSAID:
        run->way_back = true;
        run_go(run, effects, STATE_WAY_MANUAL);
        return;
    }
}

void on_way_manual_done(struct run *run, const struct event *event, struct effects *effects)
{
    run_remark(run, "note", event->who, run->options[run->option].option->id, event->text,
               event->flag);
    run_enter(run, effects, STATE_BACK_CHECK);
}

bool is_restore(const struct run *run, const struct event *event)
{
    (void)run;
    return event->task == TASK_RESTORE;
}

bool restore_ok(const struct run *run, const struct event *event)
{
    return is_restore(run, event) && event->outcome == OUTCOME_OK &&
           event->level == PLAN_LEVEL_COMPARED;
}

/* Restored beside the live database and equal: only now are the names exchanged. */
void on_restored(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    if (run->hold_wanted) {
        run->way_back = false;
        run_hold(run, effects, STATE_CHOOSE, run->hold_by, run->hold_reason);
        return;
    }
    run_go(run, effects, STATE_SWITCH);
    struct effect *record = run_announce(run, effects, RECORD_SWITCH);
    record->index = run->option;
    uint64_t by = record->announced;
    effect_push(effects, EFFECT_DISCONNECT)->session = SESSION_WORK;
    run->connected[SESSION_WORK] = false;
    struct effect *effect = send_change(effects, QUERY_SWITCH, -1, by);
    effect->session = SESSION_WATCH;
    effect->index = run->option;
}

void on_restore_failed(struct run *run, const struct event *event, struct effects *effects)
{
    run->way_back = false;
    run_remark(run, "engine", STR("gonogo"), run->options[run->option].option->id,
               run_keep_format(
                   run, "the restore is not usable, the live database was not touched: %.*s",
                   STR_ARG(event->text)),
               false);
    run_enter(run, effects, STATE_CHOOSE);
}

static bool is_switch(const struct event *event, enum outcome outcome)
{
    return event->query == QUERY_SWITCH && event->outcome == outcome;
}

bool done_switch_ok(const struct run *run, const struct event *event)
{
    (void)run;
    return is_switch(event, OUTCOME_OK);
}

bool done_switch_failed(const struct run *run, const struct event *event)
{
    (void)run;
    return is_switch(event, OUTCOME_FAILED);
}

bool done_switch_unknown(const struct run *run, const struct event *event)
{
    (void)run;
    return is_switch(event, OUTCOME_UNKNOWN);
}

/* Our sessions were connected to the database that has another name now. */
void on_switched(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    run_remark(run, "engine", STR("gonogo"), run->options[run->option].option->id,
               run_keep_format(run, "switched: the changed database is kept as %.*s",
                               STR_ARG(event->text)),
               false);
    run_go(run, effects, STATE_BACK_CHECK);
    effect_push(effects, EFFECT_DISCONNECT)->session = SESSION_CHECK;
    effect_push(effects, EFFECT_DISCONNECT)->session = SESSION_WATCH;
    run->connected[SESSION_CHECK] = run->connected[SESSION_WATCH] = false;
    run->locked = false;
    connect_session(effects, SESSION_WATCH, 0);
    connect_session(effects, SESSION_CHECK, 0);
}

void on_switch_failed(struct run *run, const struct event *event, struct effects *effects)
{
    run->way_back = false;
    run_remark(run, "engine", STR("gonogo"), run->options[run->option].option->id,
               run_keep_format(run, "the switch was refused, nothing was renamed: %.*s",
                               STR_ARG(event->text)),
               false);
    run_enter(run, effects, STATE_CHOOSE);
}

void on_switch_unknown(struct run *run, const struct event *event, struct effects *effects)
{
    run->facts |= FACT_UNKNOWN;
    run->hold_reason =
        run_keep_format(run, "the rename of the databases was sent and not answered: %.*s",
                        STR_ARG(event->text));
    run_go(run, effects, STATE_IN_DOUBT);
}

void on_switch_lost(struct run *run, const struct event *event, struct effects *effects)
{
    on_switch_unknown(run, event, effects);
    on_watch_lost(run, event, effects);
}

/* -------------------------------------------------------------- equal to before? */

void enter_back_check(struct run *run, struct effects *effects)
{
    run_go(run, effects, STATE_BACK_CHECK);
    run->running_checks = 0;
    send_snapshot(run, effects, MOMENT_BACK);
}

bool is_back(const struct run *run, const struct event *event)
{
    (void)run;
    return event->moment == MOMENT_BACK;
}

/* No table of "before" may be gone or hold fewer rows. */
static const struct event_item *lost_rows(const struct run *run)
{
    const struct run_snapshot *before = &run->snapshots[MOMENT_BEFORE];
    const struct run_snapshot *back = &run->snapshots[MOMENT_BACK];
    for (size_t i = 0; i < before->row_count; i++) {
        int64_t rows = -1;
        for (size_t k = 0; k < back->row_count; k++) {
            if (str_is(back->rows[k].name, before->rows[i].name)) {
                rows = back->rows[k].value;
            }
        }
        if (rows < before->rows[i].value) {
            return &before->rows[i];
        }
    }
    return NULL;
}

void on_back_snapshot(struct run *run, const struct event *event, struct effects *effects)
{
    run->running_checks = 0;
    keep_counts(run, event);
    const struct event_item *lost = lost_rows(run);
    if (event->outcome == OUTCOME_OK && event->change_count == 0 && !lost) {
        run->facts = (run->facts & ~(unsigned)FACT_UNKNOWN) | FACT_ROLLED_BACK;
        for (size_t i = 0; i < run->plan->steps.count; i++) {
            if (run->scripts[i].state == SCRIPT_COMMITTED) {
                run->scripts[i].state = SCRIPT_UNDONE;
            }
        }
        run->way_text = STR("equal to \"before\": every object and no row fewer");
    } else {
        run->facts |= FACT_UNKNOWN;
        struct str why =
            event->outcome != OUTCOME_OK ? run_keep(run, event->text)
            : event->change_count > 0
                ? run_keep_format(
                      run, "%zu object%s from \"before\", first %.*s %.*s", event->change_count,
                      event->change_count == 1 ? " differs" : "s differ",
                      STR_ARG(event->changes[0].what), STR_ARG(event->changes[0].name))
                : run_keep_format(run, "%.*s held %lld rows before and holds fewer now",
                                  STR_ARG(lost->name), (long long)lost->value);
        run->hold_reason = why;
        run->way_text = why;
    }
    run->way_ended_us = run->now_us;
    run_remark(run, "engine", STR("gonogo"), STR("rollback"), run->way_text, false);
    run_enter(run, effects, STATE_CLOSE);
}

int64_t run_option_us(const struct run_option *option)
{
    /* A measured restore is the machine's part: where the plan grants more, more is kept. */
    return option->option->takes_us > option->estimate_us ? option->option->takes_us
                                                          : option->estimate_us;
}

static bool brings_back_everything(const struct plan_rollback_option *option)
{
    return option->kind == PLAN_ROLLBACK_RESTORE || str_eq(option->restores, "everything");
}

const struct run_option *run_turn_back_option(const struct run *run)
{
    if (run->option >= 0) {
        const struct run_option *option = &run->options[run->option];
        return run_option_us(option) > 0 ? option : NULL;
    }
    const struct run_option *best = NULL;
    for (size_t i = 0; i < run->option_count; i++) {
        const struct run_option *option = &run->options[i];
        if (run_option_us(option) <= 0 || option->why_not.len > 0) {
            continue;
        }
        bool whole = brings_back_everything(option->option);
        bool best_is_whole = best && brings_back_everything(best->option);
        if (!best || (whole && !best_is_whole) ||
            (whole == best_is_whole && run_option_us(option) < run_option_us(best))) {
            best = option;
        }
    }
    return best;
}

int64_t run_turn_back_us(const struct run *run)
{
    const struct run_option *option = run_turn_back_option(run);
    return option && run->closes_us != 0 ? run->closes_us - run_option_us(option) : 0;
}

void on_restore_progress(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    run->restore_text = run_keep(run, event->text);
    run->restore_progress = event->value;
    run->restore_total = event->total;
}

void on_cancel_restore(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    struct effect *effect = effect_push(effects, EFFECT_KILL);
    effect->task = TASK_RESTORE;
    effect->index = run->option;
}
