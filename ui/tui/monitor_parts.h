/* SPDX-License-Identifier: PostgreSQL */
/*
 * The panes of MONITOR.
 */
#ifndef GONOGO_TUI_MONITOR_PARTS_H
#define GONOGO_TUI_MONITOR_PARTS_H

#include "screen_parts.h"

/* probes_pane.c: the probes with their verdicts; in two columns when one cannot hold them. */
void part_watched(struct page *page, const struct run *run);
/* "3 s", "500 ms": a pace, or the time until the next look. */
void part_pace_text(struct strbuf *out, int64_t us);

/* news_pane.c: what is there since the migration, worst first, then newest first. */
void part_news(struct page *page, const struct run *run);
/* The statements that took most time, as last counted. */
void part_loads(struct page *page, const struct run *run);

#endif
