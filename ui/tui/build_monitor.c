/* SPDX-License-Identifier: PostgreSQL */
/*
 * MONITOR: how far the watch is and when the probes look next, every probe against its
 * baseline and limit, what is new since the migration, and what takes the time.
 */
#include "monitor_parts.h"

enum {
    BAR = 13,
    BAR_WIDE = 16,
    BAR_NARROW = 9,
};

static int64_t watch_us(const struct run *run)
{
    int64_t from_us = run->phase_started_us[PHASE_MONITOR];
    return from_us > 0 && run->monitor_ends_us > from_us ? run->monitor_ends_us - from_us : 0;
}

/* "next 4 s (10 s)": when the probes look again, and how often. */
static void add_pace(struct strbuf *out, const struct run *run)
{
    int64_t next_us = run_next_sample_us(run);
    bool over = run->phase >= PHASE_CLOSE ||
                (run->monitor_ends_us > 0 && run->now_us >= run->monitor_ends_us);
    if (run->probe_count == 0 || next_us == INT64_MAX || over) {
        return;
    }
    int64_t left_us = next_us - run->now_us;
    if (left_us < US_PER_SECOND / 2) {
        strbuf_text(out, "next now");
    } else {
        strbuf_text(out, "next ");
        part_pace_text(out, (left_us + US_PER_SECOND / 2) / US_PER_SECOND * US_PER_SECOND);
    }
    strbuf_text(out, " (");
    part_pace_text(out, run->pace_us);
    strbuf_text(out, ")");
}

static void add_progress(struct line *line, const struct run *run, int64_t all_us, int width)
{
    int64_t until_us = run->phase_ended_us[PHASE_MONITOR] > 0
                           ? run->phase_ended_us[PHASE_MONITOR]
                           : run->now_us;
    int64_t gone_us = until_us - run->phase_started_us[PHASE_MONITOR];
    gone_us = gone_us > all_us ? all_us : gone_us;
    line_bar(line, BAR, width, gone_us, all_us, -1);
    struct strbuf text = {0};
    duration_to_text(&text, gone_us);
    strbuf_text(&text, " of ");
    duration_to_text(&text, all_us);
    line_at(line, BAR + 1 + width, STYLE_BOLD, "%s", text.ptr);
    strbuf_clear(&text);
    time_to_clock(&text, run->monitor_ends_us);
    line_at(line, line->end + 2, STYLE_NORMAL, "%s %.5s", gone_us >= all_us ? "ended" : "ends",
            text.ptr);
    strbuf_release(&text);
}

static void build_heading(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_A, PANE_MAIN, NULL);
    struct line *line = pane_line(pane);
    struct strbuf pace = {0};
    int64_t all_us = watch_us(run);
    line_at(line, 1, STYLE_BOLD, "MONITORING");
    add_pace(&pace, run);
    if (all_us == 0) {
        line_at(line, BAR, STYLE_DIM, "the watch has not begun; probes run since PREP");
    } else {
        add_progress(line, run, all_us, pane->width > 75 ? BAR_WIDE : BAR_NARROW);
    }
    line_end(line, pane->width - 1, STYLE_DIM, "%s", pace.len > 0 ? pace.ptr : "");
    strbuf_release(&pace);
    if (all_us == 0) {
        return;
    }
    struct str seen = watch_observed_text(run, &page->arena);
    if (seen.len > 0) {
        struct line *gap = pane_line(pane);
        line_glyph(gap, 1, GLYPH_UNKNOWN);
        line_at(gap, 3, STYLE_UNKNOWN, "%.*s: the rest nobody saw, and nobody vouches for it",
                STR_ARG(seen));
    }
    pane->least = (int)pane->count;
}

void build_monitor(struct page *page, const struct run *run, const struct ui *ui)
{
    build_heading(page, run);
    part_watched(page, run);
    part_news(page, run);
    part_loads(page, run);
    part_counts(page, run, PANE_E, PANE_RIGHT);
    part_limits(page, run, PANE_F);
    part_writes(page, run, PANE_D, PANE_RIGHT);
    log_pane(page, ui, PANE_BOTTOM);
}
