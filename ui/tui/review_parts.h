/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the files of the plan review share, and those that show one statement.
 */
#ifndef GONOGO_TUI_REVIEW_PARTS_H
#define GONOGO_TUI_REVIEW_PARTS_H

#include "layout.h"
#include "screen_parts.h"

/* review_findings.c. The file of the result that a script is; NULL: it was not judged. */
const struct lint_file_result *judged_file(const struct run *run,
                                           const struct run_script *script);
/* The script that a file of the result is; -1: it is not among those of the run. */
int64_t script_of_judged(const struct run *run, size_t file);
/* What the rules say of one statement; NULL: it was not judged. */
const struct lint_verdict *verdict_of(const struct run *run, const struct run_script *script,
                                      size_t index);
enum glyph severity_glyph(enum lint_severity severity);
void review_findings(struct page *page, const struct run *run);

/* review_destroys.c: what is destroyed, nothing when nothing is. */
void review_destroys(struct page *page, const struct run *run);
/* Rows of a table ("public.quests") as newest counted before the change; -1: nobody did. */
int64_t rows_counted(const struct run *run, struct str name);
/* Of the tables that the statement drops; -1: nobody knows. */
int64_t rows_dropped(const struct run *run, const struct sql_statement *statement);

/* sql_text.c. The statement as it is written, what a finding names underlined; or that its
 * text is not shown. */
void part_sql(struct pane *pane, int column, const struct run *run,
              const struct run_script *script, size_t index);

/* Sanitised text, wrapped, those of its bytes underlined whose flag is '1'. */
void part_marked(struct pane *pane, int column, struct str text, const char *flags);

/* statement_pane.c, MIGRATE: the statement under the cursor of `list`, else the one at work. */
void part_statement(struct page *page, const struct run *run, const struct ui *ui,
                    enum pane_id list, enum pane_id id, enum pane_id facts);

#endif
