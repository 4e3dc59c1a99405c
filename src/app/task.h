/* SPDX-License-Identifier: PostgreSQL */
/*
 * task: long work outside the run's own sessions: dump, proof, restore.
 * Each is one or more child processes and, where it needs them, sessions of its
 * own; it registers itself in the loop, and tells what happens by events.
 *
 * The performer starts a task for EFFECT_SPAWN and stops it for EFFECT_KILL. A task
 * that was started always ends with exactly one EVENT_TASK_DONE (also after
 * task_kill), after which it is freed by the performer with task_free(), outside
 * of the task's own callbacks.
 */
#ifndef GONOGO_TASK_H
#define GONOGO_TASK_H

#include "base.h"
#include "catalog.h"
#include "db.h"
#include "engine.h"
#include "journal.h"
#include "loop.h"
#include "plan.h"

struct app_task;

/* Everything is borrowed and outlives the task. */
struct task_context {
    const struct plan *plan;
    const struct plan_target *target;
    const struct run *run; /* the model, to read */
    struct str run_id;
    /*
     * How the run's own sessions connect: complete, hostaddr resolved, perhaps with a
     * password (which goes to libpq or a passfile, never into argv or a record).
     */
    const struct db_params *params;
    struct journal *journal; /* journal_directory(), journal_store_blob() */
    struct loop *loop;       /* loop_add() yourself; loop_remove() before the end */
    const char *program;     /* full path of the running gonogo, or NULL */
    /*
     * The catalog as it was before the first change, to compare a restored copy with;
     * NULL until it was taken. `before_rows`: rows per table then.
     */
    const struct catalog_snapshot *before;
    const struct catalog_row_counts *before_rows;
    int64_t (*clock_us)(void *ctx); /* the run's clock */
    /*
     * Queues an event: EVENT_TASK (progress, a few a second at most), EVENT_TASK_DONE,
     * and from TASK_DUMP also EVENT_ROWS and EVENT_SNAPSHOT of MOMENT_BACKUP when it
     * takes them. `at_us` and `seq` are filled by the queue. Texts are copied.
     */
    void (*emit)(void *ctx, const struct event *event);
    void *ctx;
};

/*
 * `index`: of plan->backup (DUMP, PROVE), of plan->rollback (RESTORE).
 * NULL and `err` when it could not be started: then no event comes from it.
 */
struct app_task *task_start(enum task kind, int index, const struct task_context *context,
                            struct err *err) MUST_CHECK;
/* Stops its children (process groups) and sessions; EVENT_TASK_DONE with OUTCOME_FAILED
 * follows. When its outcome stands already and it only clears away, that outcome follows. */
void task_kill(struct app_task *task);
bool task_has_ended(const struct app_task *task); /* EVENT_TASK_DONE was emitted */
/* Frees; kills first what still runs, then without any event. NULL is fine. */
void task_free(struct app_task *task);

/*
 * The name of the database that TASK_RESTORE fills and QUERY_SWITCH renames: derived
 * from the run alone, so that a resumed run finds it again. In the arena.
 */
struct str task_restored_name(struct arena *arena, struct str database, struct str run_id);

#endif
