/* SPDX-License-Identifier: PostgreSQL */
/*
 * The queries of a plan (checks, counts, checklist items, probes) as scripts, and what is
 * wrong with SQL that the grammar refuses.
 */
#ifndef GONOGO_APP_QUERIES_H
#define GONOGO_APP_QUERIES_H

#include "app.h"

/* Cuts what cannot be cut into Y600 diagnostics; fills `queries` of the plan. */
void app_queries_cut(struct app_plan *plan);
/*
 * After app_describe(): Y607 for a statement with a mistake, Y608 (a warning) for one that
 * cannot be judged, and Y609 for a query that is none, or more than one.
 */
void app_queries_judge(struct app_plan *plan);
/* The script of a file, or of a text when there is no file; Y600 when it cannot be cut. */
struct sql_script *app_cut(struct app_plan *plan, struct plan_mark mark, struct str file,
                           struct str text);

#endif
