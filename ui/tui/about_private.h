/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the files share that tell all about one thing.
 */
#ifndef GONOGO_TUI_ABOUT_PRIVATE_H
#define GONOGO_TUI_ABOUT_PRIVATE_H

#include "ui_private.h"

#include <stdio.h>

/* Lines about one subject that is there; false: nothing is known. */
typedef bool about_writer(struct pane *pane, const struct run *run, const struct ui *ui,
                          struct subject subject);
about_writer about_news, about_load; /* about_load.c */
about_writer about_ask, about_script, about_statement, about_blocker, about_slot, about_log,
    about_member, about_card, about_check, about_set;

/* "passed": how a check or a criterion came out. */
const char *about_outcome_word(enum outcome outcome);
void about_result(struct pane *pane, const struct run *run, const struct run_check *check);

/* "name            value", wrapped; nothing when there is no value. */
void about_fact(struct pane *pane, const char *name, struct str value);
void about_format(struct pane *pane, const char *name, const char *format, ...)
    PRINTF_LIKE(3, 4);
void about_heading(struct pane *pane, const char *text);
void about_time(struct pane *pane, const char *name, const struct run *run, int64_t at_us);
/* The text itself, or that it is not shown because it carries a secret. */
void about_sql(struct pane *pane, int column, struct str sql);
void about_rows(struct pane *pane, const struct rows *rows);

#endif
