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

/* Tells (Y660) which of the plan's waivers name no rule, or one that cannot be waived. */
void app_lint_waivers(struct app_plan *plan);

/*
 * The EVENT_FOUND of a plan that was judged, whether without a server or with what its target
 * shows (run_lint()): what the run must have overridden before GO, but for L23, which is asked
 * with GO; with `undo` what a way back by the undo files must have overridden. Texts live in
 * the arena and in the plan. False: there is nothing to tell, and nothing told before is over.
 */
bool app_lint_blocks(const struct app_plan *plan, const struct run *run, bool undo,
                     struct arena *arena, struct event *event) MUST_CHECK;

#endif
