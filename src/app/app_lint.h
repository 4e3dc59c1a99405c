/* SPDX-License-Identifier: PostgreSQL */
/*
 * app_lint: a plan's files judged as the run will send them.
 */
#ifndef GONOGO_APP_LINT_H
#define GONOGO_APP_LINT_H

#include "app.h"
#include "lint.h"

/*
 * Studies the migrations in the order of the plan, then their undo files, and describes their
 * statements on the way. `context` NULL: nothing is known of a server. The result lives in
 * the arena; the plan keeps its descriptions. Files that
 * could not be cut are left out.
 */
const struct lint_result *app_lint(struct app_plan *plan, const struct lint_context *context,
                                   struct arena *arena);

#endif
