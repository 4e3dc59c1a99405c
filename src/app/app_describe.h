/* SPDX-License-Identifier: PostgreSQL */
#ifndef GONOGO_APP_DESCRIBE_H
#define GONOGO_APP_DESCRIBE_H

#include "app.h"

/*
 * Describes all scripts of the plan (sql_describe), after a child has tried it first:
 * the grammar is recursive, and a hostile file may overflow its stack. False when the
 * child did not survive: then every statement is SQL_NOT_ANALYSED.
 */
bool app_describe(struct app_plan *plan);

#endif
