/* SPDX-License-Identifier: PostgreSQL */
/*
 * app_guard: work that reads hostile SQL, done in a child. The child has a limit of memory
 * and time and no connection. When it crashes, the statement that it was reading is left out
 * as "not analysed" and the work is done again.
 */
#ifndef GONOGO_APP_GUARD_H
#define GONOGO_APP_GUARD_H

#include <sys/resource.h>

#include "sql.h"

/* Prints only when all its analysis is done; returns the exit code. */
typedef int guarded_work(void *context, struct sql_watch *watch);

/*
 * The exit code of the work. When no child can be had, or every try crashed, the work is done
 * here with `watch` NULL twice over: it must then analyse nothing.
 */
int app_guarded(guarded_work *work, void *context);

/* Does the work come to its end in a child of limited time and memory, and without signals of
 * ours? What it does is lost with the child. */
bool app_survives(void (*work)(void *context), void *context);

/* A watch that outlives a forked child's crash; NULL when there is no memory for it. */
struct sql_watch *app_watch_new(void);
void app_watch_free(struct sql_watch *watch);

/* The second, on a clock of its own, behind which work that failed is not tried once more. */
int64_t app_guard_deadline(void);
bool app_guard_is_late(int64_t deadline);

/*
 * The process gets at most so many bytes of address space, less where less is allowed already.
 * Not under a sanitizer, which maps terabytes.
 */
void app_limit_memory(rlim_t bytes);

#endif
