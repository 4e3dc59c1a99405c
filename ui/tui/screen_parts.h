/* SPDX-License-Identifier: PostgreSQL */
/*
 * What more than one screen draws in the same way.
 */
#ifndef GONOGO_TUI_SCREEN_PARTS_H
#define GONOGO_TUI_SCREEN_PARTS_H

#include "ui_private.h"

/* A duration for people that ends before `end`. */
void part_duration(struct line *line, int end, enum style style, int64_t us);
/* 1,234,567 that ends before `end`; below zero "??". */
void part_number(struct line *line, int end, enum style style, int64_t number);
/* "08:30:02" at a column. */
void part_clock(struct line *line, int column, enum style style, int64_t at_us);
/* "34 m", "2 d": how long ago, ends before `end`. */
void part_age(struct line *line, int end, const struct run *run, int64_t at_us);

/* before, now, expected of a count in the first `columns` of a line, and its heading. */
void part_count_head(struct line *line, int columns);
void part_count(struct line *line, const struct run *run, const struct run_count *count,
                int columns);
/* All judged counts as a pane; and on one line where there is no room: "tables 52→43 of 43". */
void part_counts(struct page *page, const struct run *run, enum pane_id id,
                 enum pane_place place);
void part_counts_line(struct page *page, const struct run *run, enum pane_id id);
/* What a count is worth: as expected, not yet (it is what the plan starts from), on its way,
 * bad, not known, not judged (GLYPH_DOT). */
enum glyph count_glyph(const struct run *run, const struct run_count *count);
int64_t count_wanted(const struct run *run, const struct run_count *count);

/* definition_pane.c: what the snapshots know of an object that is new, gone or changed; of a
 * table all that stood on it. `moment`: of the change. */
void part_definition(struct pane *pane, const struct run *run, const struct ui *ui,
                     enum moment moment, const struct event_change *change);
/* The same of any member of a snapshot. */
void part_member(struct pane *pane, const struct catalog_snapshot *snapshot,
                 const struct catalog_member *member);

/* members.c: before anything was committed, the members of the count that is wrong or that
 * the cursor stands on, held against an earlier run of the same bytes where there is one. */
void part_start_members(struct pane *pane, const struct run *run, const struct ui *ui,
                        enum moment moment);

/* "compared": how far a backup is proven; build_backup.c. */
const char *part_level_word(enum plan_backup_level level);

/* pass, fail, cannot be judged, accepted, running, not yet. */
enum glyph check_glyph(const struct run_check *check);
const char *check_word(const struct run_check *check);

/* One statement on one line, its place, and how it went; the same in review and MIGRATE. */
enum glyph script_glyph(const struct run_script *script);
enum glyph statement_glyph(const struct run_script *script, size_t index);

/* Who does what, with their vote; RIGHT. */
void part_roster(struct page *page, const struct run *run, enum pane_id id);
/* Limits of the plan and what is left of each; RIGHT. */
void part_limits(struct page *page, const struct run *run, enum pane_id id);
/* What a probe is worth now; its newest value and any value with its unit, "??" when unknown.
 */
enum glyph probe_glyph(const struct run *run, const struct run_probe *probe);
/* "74m old". */
void probe_age_text(struct strbuf *out, int64_t age_us);
/* The newest value; "?? 74m old" when it is too old to be called now. */
void probe_now_text(struct strbuf *out, const struct run *run, const struct run_probe *probe);
void probe_value_text(struct strbuf *out, const struct run_probe *probe, double number);
/* Its samples of the last `span_us` as one line of text. */
void probe_spark_text(struct strbuf *out, const struct run *run, const struct run_probe *probe,
                      int columns, int64_t span_us, bool ascii);
/* Newest samples of the probes, one line each, with a sparkline; at most `rows` (0: all). */
void part_probes(struct page *page, const struct run *run, enum pane_id id,
                 enum pane_place place, const char *title);

/* writes_pane.c: "9,630+ by this run", or nothing; and all that was written since the backup.
 */
void part_own_rows(struct strbuf *out, int64_t own);
void part_writes(struct page *page, const struct run *run, enum pane_id id,
                 enum pane_place place);

/* rollback_steps.c: a way back (NULL: none is chosen), what it does and what it cannot bring
 * back; on a small screen both in one pane. And the backup that it rests on; NULL: none. */
void part_way_back(struct page *page, const struct run *run, const struct run_option *option,
                   enum pane_id steps, enum pane_id limits);
const struct run_backup *part_backup_of(const struct run *run,
                                        const struct plan_rollback_option *option);

/* What the rules say of a statement, whole, with the safer way as SQL; nothing: no line. */
void part_statement_findings(struct pane *pane, const struct run *run,
                             const struct run_script *script, size_t index);

/* What the plan demands of a probe, for a column: ">= 97"; "-" without one. */
void part_probe_limit(struct strbuf *out, const struct run_probe *probe);

#endif
