/* SPDX-License-Identifier: PostgreSQL */
/*
 * What was measured just before the first change: rows per table, and the answer of each
 * check that compares with "before". Kept in memory and, for a resume, as a blob.
 */
#ifndef GONOGO_PERFORM_BEFORE_H
#define GONOGO_PERFORM_BEFORE_H

#include "perform.h"

/* Every check of the plan that needs it, in the order of the plan. */
void before_list(struct performer *performer);
/* Copies a result to the place of check number `index`. */
void before_keep(struct performer *performer, size_t index, const struct check_result *result);
void before_keep_rows(struct performer *performer, const struct catalog_row_counts *rows);
void before_write(const struct performer *performer, struct strbuf *out);

#endif
