/* SPDX-License-Identifier: PostgreSQL */
/*
 * The small writers of the runbook that both of its halves use.
 */
#ifndef GONOGO_CLI_SHOW_H
#define GONOGO_CLI_SHOW_H

#include "cli_private.h"

void show_text(struct strbuf *out, struct str text);
void show_code(struct strbuf *out, const char *language, struct str text);
void show_cell(struct strbuf *out, struct str text);
void show_duration(struct strbuf *out, int64_t duration_us);
void show_cell_duration(struct strbuf *out, int64_t duration_us);
void show_row_end(struct strbuf *out);
void show_list(struct strbuf *out, const struct plan_texts *texts);
/* The second half: checklist, backup, steps, verification, monitoring, ways back, criteria. */
void show_work(struct strbuf *out, const struct app_plan *app);

#endif
