/* SPDX-License-Identifier: PostgreSQL */
#ifndef GONOGO_APP_DESCRIBE_H
#define GONOGO_APP_DESCRIBE_H

#include "app.h"
#include "app_guard.h"

#include <sys/types.h>

/*
 * Describes all scripts of the plan (sql_describe), after a child has tried it first:
 * the grammar is recursive, and a hostile file may overflow its stack. A statement that a
 * child died of is SQL_NOT_ANALYSED. False when no child survived: then every one is.
 */
bool app_describe(struct app_plan *plan);
/*
 * As app_survives(), begun and not waited for: the child's number, or -1. It stands alone: of
 * our descriptors only `keep_fd` is open in it. When the work came to its end its exit status
 * is APP_SURVIVED.
 */
enum {
    APP_SURVIVED = 17 /* no accidental exit status */
};
pid_t app_begin_guarded(void (*work)(void *context), void *context, int keep_fd,
                        unsigned seconds);

#endif
