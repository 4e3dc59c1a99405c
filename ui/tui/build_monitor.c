/* SPDX-License-Identifier: PostgreSQL */
/*
 * MONITOR: how far the watch is, every probe against its baseline and limit, and what is
 * new. A gap in a line is drawn as a gap: unknown is not zero.
 */
#include "screen_parts.h"

enum {
    NAME = 4,
    SPARK_NARROW = 20,
    SPARK_WIDE = 30,
};

static int64_t watch_us(const struct run *run)
{
    int64_t from_us = run->phase_started_us[PHASE_MONITOR];
    return from_us > 0 && run->monitor_ends_us > from_us ? run->monitor_ends_us - from_us : 0;
}

static void build_heading(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_A, PANE_MAIN, NULL);
    struct line *line = pane_line(pane);
    line_at(line, 1, STYLE_BOLD, "MONITORING");
    int64_t all_us = watch_us(run);
    if (all_us == 0) {
        line_at(line, 14, STYLE_DIM, "the watch has not begun; probes run since PREP");
        return;
    }
    int64_t until_us = run->phase_ended_us[PHASE_MONITOR] > 0
                           ? run->phase_ended_us[PHASE_MONITOR]
                           : run->now_us;
    int64_t gone_us = until_us - run->phase_started_us[PHASE_MONITOR];
    gone_us = gone_us > all_us ? all_us : gone_us;
    int bar = pane->width > 75 ? 25 : 18;
    line_bar(line, 14, bar, gone_us, all_us, -1);
    struct strbuf text = {0};
    duration_to_text(&text, gone_us);
    strbuf_text(&text, " of ");
    duration_to_text(&text, all_us);
    line_at(line, 15 + bar, STYLE_BOLD, "%s", text.ptr);
    strbuf_clear(&text);
    strbuf_text(&text, gone_us >= all_us ? "ended " : "ends ");
    time_to_clock(&text, run->monitor_ends_us);
    line_end(line, pane->width - 1, STYLE_NORMAL, "%s", text.ptr);
    strbuf_release(&text);
    struct str seen = watch_observed_text(run, &page->arena);
    if (seen.len > 0) {
        struct line *gap = pane_line(pane);
        line_glyph(gap, 1, GLYPH_UNKNOWN);
        line_at(gap, 3, STYLE_UNKNOWN, "%.*s: the rest nobody saw, and nobody vouches for it",
                STR_ARG(seen));
    }
    pane->least = (int)pane->count;
}

void part_probe_limit(struct strbuf *out, const struct run_probe *probe)
{
    static const struct {
        enum plan_comparator comparator;
        const char *sign;
    } signs[] = {{PLAN_EQUALS, "= "},
                 {PLAN_AT_LEAST, ">= "},
                 {PLAN_AT_MOST, "<= "},
                 {PLAN_MATCHES, "~ "}};
    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        if (probe->probe->comparator == signs[i].comparator) {
            strbuf_text(out, signs[i].sign);
            strbuf_add(out, probe->probe->expected.text);
            return;
        }
    }
    strbuf_text(out, "-");
}

static void add_probe(struct pane *pane, const struct run *run, size_t index, int spark)
{
    const struct run_probe *probe = &run->probes[index];
    enum glyph glyph = probe_glyph(run, probe);
    struct line *line = pane_row(pane, SUBJECT_PROBE, (int64_t)index, 0);
    struct strbuf text = {0};
    int graph = pane->width - spark - 1;
    line_glyph(line, 1, glyph);
    line_fit(line, NAME, graph - 32 - NAME, glyph == GLYPH_GOOD ? STYLE_NORMAL : STYLE_BOLD,
             probe->probe->name.len > 0 ? probe->probe->name : probe->probe->id);
    probe_now_text(&text, run, probe);
    line_end(line, graph - 22, glyph == GLYPH_GOOD ? STYLE_BOLD : glyph_style(glyph), "%s",
             text.ptr);
    strbuf_clear(&text);
    probe_value_text(&text, probe, probe->baseline);
    line_end(line, graph - 12, STYLE_DIM, "%s", text.ptr);
    strbuf_clear(&text);
    part_probe_limit(&text, probe);
    line_end(line, graph - 2, STYLE_DIM, "%s", text.len > 0 ? text.ptr : "-");
    strbuf_clear(&text);
    probe_spark_text(&text, run, probe, spark,
                     spark > SPARK_NARROW ? US_PER_HOUR : 40 * US_PER_MINUTE,
                     pane->page->glyphs->ascii);
    line_at(line, graph, probe->breached ? STYLE_WARN : STYLE_DIM, "%s",
            text.len > 0 ? text.ptr : "");
    strbuf_release(&text);
}

static void build_probes(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_B, PANE_MAIN, "PROBES");
    int spark = pane->width > 90 ? SPARK_WIDE : SPARK_NARROW;
    int graph = pane->width - spark - 1;
    struct line *head = pane_head(pane);
    line_at(head, NAME, STYLE_DIM, "probe");
    line_end(head, graph - 22, STYLE_DIM, "now");
    line_end(head, graph - 12, STYLE_DIM, "base");
    line_end(head, graph - 2, STYLE_DIM, "limit");
    line_at(head, graph, STYLE_DIM, spark > SPARK_NARROW ? "last 60 min" : "last 40 min");
    size_t breached = 0;
    for (size_t i = 0; i < run->probe_count; i++) {
        breached += run->probes[i].breached;
        add_probe(pane, run, i, spark);
    }
    if (breached > 0) {
        pane_note(pane, "%zu beyond the limit", breached);
    } else {
        pane_note(pane, "? nobody measured, x no answer");
    }
    pane->grows = true;
    pane->least = 5;
}

/* A probe that was away while others answered. */
static void add_unheard(struct pane *pane, const struct run *run, size_t index)
{
    const struct run_probe *probe = &run->probes[index];
    struct str seen = probe_observed_text(run, probe, &pane->page->arena);
    if (seen.len > 0) {
        struct line *line = pane_row(pane, SUBJECT_PROBE, (int64_t)index, 2);
        line_glyph(line, 1, GLYPH_UNKNOWN);
        line_at(line, 14, STYLE_UNKNOWN, "%.*s  %.*s", STR_ARG(probe->probe->id),
                STR_ARG(seen));
    }
}

/* Breaches, and what people said to them. */
static void build_breaches(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_C, PANE_MAIN, "BEYOND THE LIMIT, OR NOT SEEN");
    for (size_t i = 0; i < run->probe_count; i++) {
        const struct run_probe *probe = &run->probes[i];
        if (probe->breaches == 0) {
            continue;
        }
        struct line *line = pane_row(pane, SUBJECT_PROBE, (int64_t)i, 1);
        bool open = probe->breached && !probe->acknowledged && !probe->accepted;
        line_glyph(line, 1, open ? GLYPH_BAD : GLYPH_WARN);
        part_clock(line, NAME, STYLE_DIM, probe->breached_us);
        line_at(line, 14, open ? STYLE_BOLD : STYLE_NORMAL, "%.*s  ",
                STR_ARG(probe->probe->id));
        line_fit(line, line->end, pane->width - line->end - 1, STYLE_NORMAL,
                 probe->why.len > 0 ? probe->why : probe->text);
    }
    for (size_t i = 0; i < run->probe_count; i++) {
        add_unheard(pane, run, i);
    }
    if (pane->count == 0) {
        bool gaps = watch_observed_text(run, &page->arena).len > 0;
        line_at(pane_line(pane), 1, gaps ? STYLE_UNKNOWN : STYLE_DIM, "%s",
                gaps                 ? "no limit was passed in the part that was seen"
                : watch_us(run) == 0 ? "the watch has not begun"
                : run->now_us >= run->monitor_ends_us ? "no limit was passed"
                                                      : "no limit was passed so far");
    }
}

void build_monitor(struct page *page, const struct run *run, const struct ui *ui)
{
    build_heading(page, run);
    build_probes(page, run);
    build_breaches(page, run);
    part_counts(page, run, PANE_E, PANE_RIGHT);
    part_limits(page, run, PANE_F);
    part_writes(page, run, PANE_D, PANE_RIGHT);
    log_pane(page, ui, PANE_BOTTOM);
}
