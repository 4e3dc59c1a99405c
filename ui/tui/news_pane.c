/* SPDX-License-Identifier: PostgreSQL */
/*
 * What is there since the migration: limits that were passed, statements that became slow,
 * lines of a log that did not come before; and the statements that take most of the time.
 * What nobody counted is said in words: no news and not knowing are not the same.
 */
#include "monitor_parts.h"

enum {
    CLOCK = 3,
    KIND = 12,
    TEXT = 20,
    WAS = 12,   /* "was 220 ms" */
    MEAN = 9,   /* "13.8 s" */
    TIMES = 8,  /* "1,204x" */
    LIST = 140, /* columns at most, that the eye finds from a text to its numbers */
};

/* --------------------------------------------------------------------- rows */

static void add_breach(struct pane *pane, const struct run *run, size_t index)
{
    const struct run_probe *probe = &run->probes[index];
    struct line *line = pane_row(pane, SUBJECT_PROBE, (int64_t)index, 1);
    bool open = probe->breached && !probe->acknowledged && !probe->accepted;
    line_glyph(line, 1, open ? GLYPH_BAD : GLYPH_WARN);
    part_clock(line, CLOCK, STYLE_DIM, probe->breached_us);
    line_at(line, KIND, STYLE_DIM, "limit");
    line_at(line, TEXT, open ? STYLE_BOLD : STYLE_NORMAL, "%.*s  ", STR_ARG(probe->probe->id));
    line_fit(line, line->end, pane->width - line->end - 1, STYLE_NORMAL,
             probe->why.len > 0 ? probe->why : probe->breach);
}

/* A probe that was away while others answered. */
static void add_unheard(struct pane *pane, const struct run *run, size_t index)
{
    const struct run_probe *probe = &run->probes[index];
    struct str seen = probe_observed_text(run, probe, &pane->page->arena);
    if (seen.len > 0) {
        struct line *line = pane_row(pane, SUBJECT_PROBE, (int64_t)index, 2);
        line_glyph(line, 1, GLYPH_UNKNOWN);
        line_at(line, KIND, STYLE_UNKNOWN, "unseen");
        line_at(line, TEXT, STYLE_UNKNOWN, "%.*s  %.*s", STR_ARG(probe->probe->id),
                STR_ARG(seen));
    }
}

/* A statement's time: below a millisecond with the digits that it has. */
static void add_mean(struct line *line, int end, enum style style, int64_t us)
{
    if (us < 0) {
        line_end(line, end, STYLE_UNKNOWN, "??");
    } else if (us < US_PER_MS) {
        line_end(line, end, style, "%.2f ms", (double)us / (double)US_PER_MS);
    } else {
        part_duration(line, end, style, us);
    }
}

/* "was 0.2 s"; a statement that was not there before is new, one of which nobody knows "??". */
static void add_was(struct line *line, int end, int64_t was_us)
{
    struct strbuf text = {0};
    if (was_us > 0) {
        duration_to_text(&text, was_us);
    } else {
        strbuf_text(&text, was_us == 0 ? "never seen" : "??");
    }
    line_end(line, end, was_us < 0 ? STYLE_UNKNOWN : STYLE_DIM, "%s%s",
             was_us == 0 ? "" : "was ", text.ptr);
    strbuf_release(&text);
}

static void add_times(struct line *line, int end, int64_t times)
{
    struct strbuf text = {0};
    number_to_text(&text, times);
    line_end(line, end, STYLE_NORMAL, "%sx", text.ptr);
    strbuf_release(&text);
}

static void add_news(struct pane *pane, const struct run_news *news)
{
    struct subject subject = subject_of_name(SUBJECT_NEWS, news->id);
    struct line *line = pane_row(pane, subject.kind, subject.a, subject.b);
    bool log = str_eq(news->kind, "log");
    int end = pane_columns(pane, LIST) - 1;
    line_glyph(line, 1, GLYPH_WARN);
    part_clock(line, CLOCK, STYLE_DIM, news->last_us);
    line_at(line, KIND, STYLE_DIM, "%.*s", STR_ARG(news->kind));
    int text_end = log ? end - TIMES : end - WAS - MEAN - TIMES;
    line_fit(line, TEXT, text_end - TEXT, STYLE_BOLD, news->text);
    if (log) {
        add_times(line, end, news->times);
        return;
    }
    add_times(line, end - WAS - MEAN, news->times);
    add_mean(line, end - WAS, STYLE_WARN, news->us);
    add_was(line, end, news->was_us);
}

/* Newest first; of two at the same time the one that was known first. */
static void add_all_news(struct pane *pane, const struct run *run)
{
    const struct run_workload *workload = &run->workload;
    size_t order[NEWS_MAX];
    for (size_t i = 0; i < workload->news_count; i++) {
        size_t k = i;
        for (; k > 0 && workload->news[order[k - 1]].last_us < workload->news[i].last_us; k--) {
            order[k] = order[k - 1];
        }
        order[k] = i;
    }
    for (size_t i = 0; i < workload->news_count; i++) {
        add_news(pane, &workload->news[order[i]]);
    }
}

/* ---------------------------------------------------------------- not known */

static void say_unknown(struct pane *pane, struct str text)
{
    struct line *line = pane_line(pane);
    line_glyph(line, 1, GLYPH_UNKNOWN);
    line_fit(line, CLOCK, pane->width - CLOCK - 1, STYLE_UNKNOWN, text);
}

static bool watches_log(const struct run *run)
{
    for (size_t i = 0; i < run->probe_count; i++) {
        if (run->probes[i].probe->source == PLAN_PROBE_LOG) {
            return true;
        }
    }
    return false;
}

/* What of the statements would be shown, and cannot. True: all of it is known. */
static bool add_unknown_statements(struct pane *pane, const struct run *run)
{
    const struct run_workload *workload = &run->workload;
    size_t before = pane->count;
    if (workload->outcome != OUTCOME_OK && workload->from_us == 0) {
        say_unknown(pane, workload->text.len > 0 ? workload->text
                                                 : STR("slower statements: not counted yet"));
    } else if (workload->text.len > 0) {
        say_unknown(pane, workload->text);
    }
    if (workload->outcome == OUTCOME_OK && workload->before != OUTCOME_OK) {
        say_unknown(pane, STR("what statements took before the migration is not known"));
    }
    return pane->count == before;
}

static void add_unknown(struct pane *pane, const struct run *run, bool quiet)
{
    bool log = watches_log(run);
    if (!run->changed) {
        return;
    }
    if (add_unknown_statements(pane, run) && quiet) {
        line_at(pane_line(pane), 1, STYLE_DIM, "no statement became slow%s",
                log ? ", no log line is new" : "");
    }
    if (!log) {
        say_unknown(pane,
                    STR("the plan watches no log: errors of the application are not known"));
    }
}

static const char *quiet_words(const struct run *run, bool gaps)
{
    return gaps ? "no limit was passed in the part that was seen"
           : run->phase_started_us[PHASE_MONITOR] == 0 ? "the watch has not begun"
           : run->now_us >= run->monitor_ends_us       ? "no limit was passed"
                                                       : "no limit was passed so far";
}

void part_news(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_C, PANE_MAIN, "NEW SINCE MIGRATION");
    for (size_t i = 0; i < run->probe_count; i++) {
        if (run->probes[i].breaches > 0) {
            add_breach(pane, run, i);
        }
    }
    add_all_news(pane, run);
    for (size_t i = 0; i < run->probe_count; i++) {
        add_unheard(pane, run, i);
    }
    size_t shown = pane->count;
    bool gaps = watch_observed_text(run, &page->arena).len > 0;
    if (shown == 0) {
        line_at(pane_line(pane), 1, gaps ? STYLE_UNKNOWN : STYLE_DIM, "%s",
                quiet_words(run, gaps));
    } else {
        pane_note(pane, "%zu", shown);
    }
    add_unknown(pane, run, shown == 0 && !gaps);
    pane->grows = true;
    pane->least = 4;
}

/* --------------------------------------------------------------- statements */

enum {
    LOAD_CALLS = 9,
    LOAD_MEAN = 18,
    LOAD_WAS = 27,
    LOAD_SHARE = 34,
    LOAD_TEXT = 36,
};

static void add_load(struct pane *pane, const struct run *run, size_t index)
{
    const struct run_workload *workload = &run->workload;
    const struct run_load *load = &workload->loads[index];
    bool house = str_eq(load->id, "housekeeping");
    enum style style = house ? STYLE_DIM : STYLE_NORMAL;
    struct subject subject = subject_of_name(SUBJECT_LOAD, load->id);
    struct line *line = pane_row(pane, subject.kind, subject.a, subject.b);
    double seconds = (double)workload->us / (double)US_PER_SECOND;
    double share = workload->ms > 0 ? (double)load->calls * (double)load->us /
                                          (double)US_PER_MS / workload->ms * 100
                                    : 0;
    double calls = seconds > 0 ? (double)load->calls / seconds : 0;
    line_end(line, LOAD_CALLS, style, calls < 10 ? "%.1f" : "%.0f", calls);
    add_mean(line, LOAD_MEAN, load->news ? STYLE_WARN : style, load->us);
    if (house) {
        line_end(line, LOAD_WAS, STYLE_DIM, "-");
    } else if (load->was_us == 0) {
        line_end(line, LOAD_WAS, STYLE_NORMAL, "new");
    } else {
        add_mean(line, LOAD_WAS, STYLE_DIM, load->was_us);
    }
    line_end(line, LOAD_SHARE, style, "%.0f %%", share > 100 ? 100 : share);
    line_fit(line, LOAD_TEXT, pane->width - LOAD_TEXT - 1, style, load->text);
}

void part_loads(struct page *page, const struct run *run)
{
    const struct run_workload *workload = &run->workload;
    struct pane *pane =
        page_pane(page, PANE_G, page->wide ? PANE_MAIN : PANE_RIGHT, "TOP STATEMENTS");
    pane->least = 3;
    if (workload->from_us == 0) {
        line_at(pane_line(pane), 1, STYLE_UNKNOWN, "?? not known yet%s%.*s",
                workload->text.len > 0 ? ": " : "", STR_ARG(workload->text));
        return;
    }
    struct line *head = pane_head(pane);
    line_end(head, LOAD_CALLS, STYLE_DIM, "calls/s");
    line_end(head, LOAD_MEAN, STYLE_DIM, "mean");
    line_end(head, LOAD_WAS, STYLE_DIM, "was");
    line_end(head, LOAD_SHARE, STYLE_DIM, "share");
    line_at(head, LOAD_TEXT, STYLE_DIM, "statement");
    for (size_t i = 0; i < workload->load_count; i++) {
        add_load(pane, run, i);
    }
    if (workload->load_count == 0) {
        line_at(pane_line(pane), 1, STYLE_DIM, "no statement ended in that time");
    }
    struct strbuf span = {0};
    struct strbuf clock = {0};
    part_pace_text(&span, (workload->us + US_PER_SECOND / 2) / US_PER_SECOND * US_PER_SECOND);
    time_to_clock(&clock, workload->from_us);
    pane_note(pane, "%s until %s", span.ptr, clock.ptr);
    strbuf_release(&span);
    strbuf_release(&clock);
}
