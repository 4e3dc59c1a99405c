/* SPDX-License-Identifier: PostgreSQL */
/*
 * BACKUP: taken, then proved, one after another. A dump counts for what was really
 * done with it: dumped, listed, restored, compared. Only compared is green; less is
 * an override with a reason. What a provider took is what a person says it is.
 */
#include "engine_private.h"

#include <string.h>

static struct run_backup *find_backup(const struct run *run, struct str id)
{
    for (size_t i = 0; i < run->backup_count; i++) {
        if (str_is(run->backups[i].backup->id, id)) {
            return &run->backups[i];
        }
    }
    return NULL;
}

/* Starts the next thing that is due: one task at a time, the server has other work. */
static void start_next(struct run *run, struct effects *effects)
{
    for (size_t i = 0; i < run->backup_count; i++) {
        if (run->backups[i].running) {
            return;
        }
    }
    for (size_t i = 0; i < run->backup_count; i++) {
        struct run_backup *backup = &run->backups[i];
        if (backup->backup->kind != PLAN_BACKUP_PG_DUMP || backup->failed ||
            backup->overridden || backup->level >= PLAN_LEVEL_LISTED) {
            continue;
        }
        backup->running = true;
        spawn_task(run, effects, backup->level == PLAN_LEVEL_DUMPED ? TASK_PROVE : TASK_DUMP,
                   (int)i);
        return;
    }
}

void enter_backup(struct run *run, struct effects *effects)
{
    run_go(run, effects, STATE_BACKUP);
    for (size_t i = 0; i < run->backup_count; i++) {
        run->backups[i].running = false;
        run->backups[i].passed = false;
    }
    start_next(run, effects);
}

bool is_backup_task(const struct run *run, const struct event *event)
{
    return (event->task == TASK_DUMP || event->task == TASK_PROVE) && event->index >= 0 &&
           (size_t)event->index < run->backup_count;
}

void on_task_progress(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    if (is_backup_task(run, event)) {
        struct run_backup *backup = &run->backups[event->index];
        backup->text = run_keep(run, event->text);
        backup->progress = event->value;
        backup->total = event->total;
    }
}

/* What was proved of an earlier file says nothing of this one. */
static void forget_proof(struct run_backup *backup)
{
    memset(backup->reached_us, 0, sizeof backup->reached_us);
    backup->bytes_us = 0;
    backup->proof_count = 0;
}

int64_t run_newest_dump_us(const struct run *run)
{
    int64_t newest_us = 0;
    for (size_t i = 0; i < run->backup_count; i++) {
        const struct run_backup *backup = &run->backups[i];
        if (backup->level >= PLAN_LEVEL_DUMPED && backup->taken_us > newest_us) {
            newest_us = backup->taken_us;
        }
    }
    return newest_us;
}

static void keep_dump(struct run *run, struct run_backup *backup, const struct event *event)
{
    forget_proof(backup);
    run->written_count = 0; /* counted anew, from this dump on */
    backup->level = PLAN_LEVEL_DUMPED;
    backup->reached_us[PLAN_LEVEL_DUMPED] = event->at_us;
    backup->name = run_keep(run, event->name);
    backup->hash = run_keep(run, event->hash);
    backup->size = event->size;
    backup->dump_us = event->us;
    backup->taken_us = event->value != 0 ? event->value : event->at_us;
}

void on_backup_done(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_backup *backup = &run->backups[event->index];
    backup->running = false;
    backup->text = run_keep(run, event->text);
    backup->detail = run_keep(run, event->detail);
    backup->failed = event->outcome != OUTCOME_OK;
    if (event->task == TASK_DUMP && event->outcome == OUTCOME_OK) {
        keep_dump(run, backup, event);
    }
    if (event->task == TASK_PROVE) {
        if (event->level > backup->level) {
            backup->level = event->level;
        }
        backup->restore_us = event->us;
        run_estimate_options(run); /* who looks at the ways back early sees it, too */
        backup->failed = backup->failed || event->level < backup->backup->level;
    }
    start_next(run, effects);
}

bool proof_fits(const struct run *run, const struct event *event)
{
    return event->index >= 0 && (size_t)event->index < run->backup_count;
}

static void keep_reached(struct run_backup *backup, const struct event_item *item)
{
    if (str_eq(item->kind, "bytes")) {
        backup->bytes_us = item->at_us;
    }
    if (str_eq(item->kind, "reached") && item->value >= PLAN_LEVEL_LISTED &&
        item->value <= PLAN_LEVEL_COMPARED) {
        backup->reached_us[item->value] = item->at_us;
    }
}

void on_proof(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    struct run_backup *backup = &run->backups[event->index];
    backup->proof = arena_array(run->arena, event->item_count + 1, sizeof *backup->proof);
    backup->proof_count = event->item_count;
    for (size_t i = 0; i < event->item_count; i++) {
        struct event_item *item = &backup->proof[i];
        *item = event->items[i];
        item->kind = run_keep(run, item->kind);
        item->name = run_keep(run, item->name);
        item->text = run_keep(run, item->text);
        keep_reached(backup, item);
    }
}

bool attest_is_external(const struct run *run, const struct event *event)
{
    const struct run_backup *backup = find_backup(run, event->id);
    return backup && backup->backup->kind == PLAN_BACKUP_EXTERNAL && event->name.len > 0 &&
           event->who.len > 0;
}

void on_attest(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    struct run_backup *backup = find_backup(run, event->id);
    backup->attested = true;
    backup->claim = event->flag;
    backup->who = run_keep(run, event->who);
    backup->name = run_keep(run, event->name);
    backup->taken_us = event->value;
}

bool backup_may_rerun(const struct run *run, const struct run_backup *backup, bool prove)
{
    return run->state == STATE_BACKUP && backup->backup->kind == PLAN_BACKUP_PG_DUMP &&
           !backup->running && (!prove || backup->level >= PLAN_LEVEL_DUMPED);
}

bool rerun_is_backup(const struct run *run, const struct event *event)
{
    const struct run_backup *backup = find_backup(run, event->id);
    return backup && backup_may_rerun(run, backup, str_eq(event->tag, "prove"));
}

void on_backup_again(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_backup *backup = find_backup(run, event->id);
    bool prove = str_eq(event->tag, "prove");
    int64_t dumped_us = prove ? backup->reached_us[PLAN_LEVEL_DUMPED] : 0;
    forget_proof(backup);
    backup->reached_us[PLAN_LEVEL_DUMPED] = dumped_us;
    backup->failed = false;
    backup->overridden = false; /* whoever takes it anew wants the new one's proof */
    backup->level = prove ? PLAN_LEVEL_DUMPED : PLAN_LEVEL_UNSAID;
    start_next(run, effects);
}

void on_cancel_task(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    for (size_t i = 0; i < run->backup_count; i++) {
        if (run->backups[i].running) {
            struct effect *effect = effect_push(effects, EFFECT_KILL);
            effect->task = run->backups[i].level == PLAN_LEVEL_DUMPED ? TASK_PROVE : TASK_DUMP;
            effect->index = (int)i;
        }
    }
}

bool override_is_backup(const struct run *run, const struct event *event)
{
    return event->text.len > 0 && event->who.len > 0 && find_backup(run, event->id);
}

void on_backup_override(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_backup *backup = find_backup(run, event->id);
    backup->overridden = true;
    backup->claim = event->flag;
    backup->who = run_keep(run, event->who);
    backup->why = run_keep(run, event->text);
    run_remark(run, "override", event->who, event->id, event->text, event->flag);
    start_next(run, effects);
}

bool backups_are_proven(const struct run *run, const struct event *event)
{
    (void)event;
    for (size_t i = 0; i < run->backup_count; i++) {
        const struct run_backup *backup = &run->backups[i];
        if (backup->running || (backup->backup->required && !backup->overridden &&
                                !backup_is_proven(run, backup))) {
            return false;
        }
    }
    return true;
}

void on_backups_done(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    run_enter(run, effects, STATE_POLL);
}

bool backup_is_proven(const struct run *run, const struct run_backup *backup)
{
    if (backup->passed) {
        return true;
    }
    const struct plan_backup *plan = backup->backup;
    bool young = plan->max_age_us == PLAN_UNSAID ||
                 (backup->taken_us != 0 && run->now_us - backup->taken_us <= plan->max_age_us);
    if (plan->kind == PLAN_BACKUP_EXTERNAL) {
        return backup->attested && young;
    }
    return backup->level == PLAN_LEVEL_COMPARED && !backup->failed && young;
}

/* Left or held while it ran: its end is noted, nothing new is started. */
void on_late_backup(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    struct run_backup *backup = &run->backups[event->index];
    backup->running = false;
    backup->text = run_keep(run, event->text);
    if (event->task == TASK_DUMP && event->outcome == OUTCOME_OK) {
        keep_dump(run, backup, event);
    }
}
