/* SPDX-License-Identifier: PostgreSQL */
/*
 * SPAWN, KILL and REPORT: long work that others do, started and stopped from here.
 */
#include "app_report.h"
#include "perform.h"

static int64_t clock_of(void *ctx)
{
    return performer_now_us(ctx);
}

/* A dump that is done begins a new count of what was written since. */
static void emit(void *ctx, const struct event *event)
{
    struct performer *performer = ctx;
    performer_emit(performer, event);
    if (event->kind == EVENT_TASK_DONE && event->task == TASK_DUMP &&
        event->outcome == OUTCOME_OK) {
        perform_writes_begin(performer);
    }
}

void perform_spawn(struct performer *performer, const struct effect *effect)
{
    if (effect->task == TASK_NOTIFY) {
        perform_notify(performer, effect);
        return;
    }
    struct err err = {0};
    struct task_context *context = arena_alloc(&performer->arena, sizeof(*context));
    *context = (struct task_context){
        .plan = performer->plan->plan,
        .target = performer->target,
        .run = performer->run,
        .run_id = str_from(performer->run_id),
        .params = performer->resolved.count > 0 ? &performer->resolved : &performer->params,
        .journal = performer->journal,
        .loop = performer->loop,
        .program = performer->program,
        .before = performer->has_snapshot[MOMENT_BEFORE] ? &performer->snapshots[MOMENT_BEFORE]
                                                         : NULL,
        .before_rows = performer->before.taken ? &performer->before.rows : NULL,
        .clock_us = clock_of,
        .emit = emit,
        .ctx = performer,
    };
    struct app_task *task = task_start(effect->task, effect->index, context, &err);
    if (!task) {
        performer_emit(performer, &(struct event){.kind = EVENT_TASK_DONE,
                                                  .task = effect->task,
                                                  .index = effect->index,
                                                  .outcome = OUTCOME_FAILED,
                                                  .script = -1,
                                                  .text = str_from(err.message),
                                                  .detail = str_from(err.detail)});
        return;
    }
    struct task_slot *slot =
        ARRAY_PUSH(performer->tasks, performer->task_count, performer->task_capacity);
    *slot = (struct task_slot){.task = task, .kind = effect->task, .index = effect->index};
}

void perform_kill(struct performer *performer, const struct effect *effect)
{
    for (size_t i = 0; i < performer->task_count; i++) {
        struct task_slot *slot = &performer->tasks[i];
        if (slot->kind == effect->task && slot->index == effect->index &&
            !task_has_ended(slot->task)) {
            task_kill(slot->task);
        }
    }
}

void performer_reap_tasks(struct performer *performer)
{
    size_t kept = 0;
    for (size_t i = 0; i < performer->task_count; i++) {
        if (task_has_ended(performer->tasks[i].task)) {
            task_free(performer->tasks[i].task);
        } else {
            performer->tasks[kept++] = performer->tasks[i];
        }
    }
    performer->task_count = kept;
}

void perform_report(struct performer *performer, const struct effect *effect)
{
    (void)effect;
    struct arena arena = {0};
    struct err err = {0};
    struct str hash = {0};
    struct report_job job = {.run = performer->run,
                             .plan = performer->plan,
                             .head = performer->head,
                             .journal_hash = str_from(journal_head_hash(performer->journal)),
                             .journal_records = journal_count(performer->journal),
                             .chain = "intact",
                             .connection = performer->connection,
                             .directory = journal_directory(performer->journal),
                             .folder = performer->report_folder};
    bool ok = app_report_write(&job, &arena, &hash, &err);
    performer_emit(performer, &(struct event){.kind = EVENT_REPORTED,
                                              .outcome = ok ? OUTCOME_OK : OUTCOME_FAILED,
                                              .script = -1,
                                              .text = str_from(performer->report_folder),
                                              .detail = str_from(ok ? "" : err.message),
                                              .hash = hash});
    arena_release(&arena);
}
