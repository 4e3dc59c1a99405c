/* SPDX-License-Identifier: PostgreSQL */
/*
 * Every probe against its baseline and limit, its last hour, and a verdict in words at the
 * end of the line: the one that is beyond its limit is the one that the eye must find. A gap
 * in a line is drawn as a gap: unknown is not zero.
 */
#include "monitor_parts.h"

#include <math.h>

enum {
    NAME = 1,
    NUMBER = 9,   /* now, base, limit */
    VERDICT = 12, /* glyph and words */
    VERDICT_SIGN = 3,
    LIST = 110,  /* columns at most, that the eye finds from a name to its numbers */
    NARROW = 60, /* a second column: no baseline, no words */
    SPARK_LEAST = 10,
    SPARK_NARROW = 18,
    SPARK_SMALL = 20,
    SPARK_WIDE = 30,
    FIRST_COLUMN = 12, /* probes, before a second column begins */
    RISE_PARTS = 4,    /* of the way from the baseline to the limit: so much is a rise */
    RISE_TIMES = 3,    /* … for so many answers in a row */
};

/* Where things stand on a line of that width. */
struct columns {
    int now, base, limit; /* numbers end before these; base 0: there is no room */
    int spark, spark_width;
    int verdict;
    bool words; /* there is room for them beside its sign */
    int64_t span_us;
};

static struct columns columns_of(const struct pane *pane, bool wide)
{
    int width = pane_columns(pane, LIST);
    bool narrow = width <= NARROW;
    struct columns at = {.words = !narrow,
                         .verdict = width - (narrow ? VERDICT_SIGN : VERDICT),
                         .span_us = wide ? US_PER_HOUR : 40 * US_PER_MINUTE};
    at.spark_width = width > 90   ? SPARK_WIDE
                     : width > 75 ? SPARK_SMALL
                     : narrow     ? SPARK_LEAST
                                  : SPARK_NARROW;
    at.spark = at.verdict - at.spark_width - 1;
    at.limit = at.spark - 1;
    at.base = narrow ? 0 : at.limit - NUMBER;
    at.now = (at.base > 0 ? at.base : at.limit) - NUMBER;
    return at;
}

void part_pace_text(struct strbuf *out, int64_t us)
{
    if (us < US_PER_SECOND) {
        strbuf_format(out, "%lld ms", (long long)(us / US_PER_MS));
    } else if (us % US_PER_SECOND == 0 || us >= US_PER_MINUTE) {
        strbuf_format(out, "%lld s", (long long)(us / US_PER_SECOND));
    } else {
        strbuf_format(out, "%.1f s", (double)us / (double)US_PER_SECOND);
    }
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

/* ---------------------------------------------------------------- verdicts */

/* The newest is 0. */
static const struct run_sample *sample_back(const struct run_probe *probe, size_t back)
{
    return &probe->samples[(probe->next + 2 * probe->capacity - 1 - back) % probe->capacity];
}

/* A limit as a number in the unit of the samples; NAN: none to rise to. */
static double limit_of(const struct run_probe *probe)
{
    const struct plan_value *value = &probe->probe->expected;
    bool has =
        probe->probe->comparator == PLAN_AT_MOST || probe->probe->comparator == PLAN_AT_LEAST;
    if (!has) {
        return (double)NAN;
    }
    return value->kind == PLAN_VALUE_DECIMAL    ? value->decimal
           : value->kind == PLAN_VALUE_DURATION ? (double)value->number / (double)US_PER_SECOND
                                                : (double)value->number;
}

/* Three answers in a row went a quarter of the way from the baseline to the limit. */
static bool is_rising(const struct run_probe *probe)
{
    double way = limit_of(probe) - probe->baseline;
    bool up = probe->probe->comparator == PLAN_AT_MOST;
    if (isnan(way) || probe->count < RISE_TIMES || (up ? way <= 0 : way >= 0)) {
        return false;
    }
    for (size_t i = 0; i < RISE_TIMES; i++) {
        const struct run_sample *sample = sample_back(probe, i);
        if (sample->outcome != OUTCOME_OK ||
            (sample->number - probe->baseline) / way < 1.0 / RISE_PARTS) {
            return false;
        }
    }
    return true;
}

/* How often nothing answered in the time that is drawn. */
static size_t misses_in(const struct run *run, const struct run_probe *probe, int64_t span_us)
{
    size_t misses = 0;
    for (size_t i = 0; i < probe->count; i++) {
        const struct run_sample *sample = sample_back(probe, i);
        misses +=
            sample->outcome == OUTCOME_FAILED && sample->at_us >= run->now_us - span_us ? 1 : 0;
    }
    return misses;
}

/* What is true of the newest answer of a probe that is within its limit. */
static enum glyph verdict_of_good(struct strbuf *out, const struct run *run,
                                  const struct run_probe *probe, int64_t span_us)
{
    size_t misses = misses_in(run, probe, span_us);
    if (misses > 0) {
        strbuf_format(out, "%zu miss%s", misses, misses > 1 ? "es" : "");
        return GLYPH_WARN;
    }
    if (is_rising(probe)) {
        strbuf_text(out, probe->probe->comparator == PLAN_AT_MOST ? "rising" : "falling");
        return GLYPH_WARN;
    }
    if (probe->probe->source == PLAN_PROBE_HTTP) {
        duration_to_text(out, sample_back(probe, 0)->us);
    }
    return GLYPH_GOOD;
}

static enum glyph verdict_of(struct strbuf *out, const struct run *run,
                             const struct run_probe *probe, int64_t span_us)
{
    enum glyph glyph = probe_glyph(run, probe);
    int64_t age_us;
    if (probe->breached) {
        strbuf_text(out, probe->acknowledged ? "noticed" : "beyond");
    } else if (probe->count > 0 && probe_is_stale(run, probe, &age_us)) {
        probe_age_text(out, age_us);
    } else if (glyph == GLYPH_UNKNOWN) {
        strbuf_text(out, "not known");
    } else if (probe->misses > 0) {
        strbuf_format(out, "%d miss%s", probe->misses, probe->misses > 1 ? "es" : "");
        glyph = GLYPH_WARN;
    } else if (glyph == GLYPH_GOOD) {
        glyph = verdict_of_good(out, run, probe, span_us);
    }
    return glyph;
}

/* ------------------------------------------------------------------- lines */

static void add_number(struct line *line, int end, enum style style, struct strbuf *text)
{
    if (end > 0) {
        struct str fit = str_fit(strbuf_str(text), NUMBER - 1);
        line_end(line, end, style, "%.*s", STR_ARG(fit));
    }
    strbuf_clear(text);
}

static void add_probe(struct pane *pane, const struct run *run, size_t index,
                      const struct columns *at)
{
    const struct run_probe *probe = &run->probes[index];
    struct line *line = pane_row(pane, SUBJECT_PROBE, (int64_t)index, 0);
    struct strbuf words = {0};
    struct strbuf text = {0};
    int64_t age_us;
    enum glyph glyph = verdict_of(&words, run, probe, at->span_us);
    bool loud = probe_glyph(run, probe) != GLYPH_GOOD;
    bool stale = probe->count > 0 && probe_is_stale(run, probe, &age_us);
    line_fit(line, NAME, at->now - NUMBER - NAME, loud ? STYLE_BOLD : STYLE_NORMAL,
             probe->probe->name.len > 0 ? probe->probe->name : probe->probe->id);
    if (stale) {
        strbuf_text(&text, "??"); /* the verdict says how old */
    } else {
        probe_now_text(&text, run, probe);
    }
    add_number(line, at->now, loud ? glyph_style(glyph) : STYLE_BOLD, &text);
    probe_value_text(&text, probe, probe->baseline);
    add_number(line, at->base, STYLE_DIM, &text);
    part_probe_limit(&text, probe);
    add_number(line, at->limit, STYLE_DIM, &text);
    probe_spark_text(&text, run, probe, at->spark_width, at->span_us,
                     pane->page->glyphs->ascii);
    line_at(line, at->spark, probe->breached ? STYLE_WARN : STYLE_DIM, "%s",
            text.len > 0 ? text.ptr : "");
    line_glyph(line, at->verdict, glyph);
    if (at->words) {
        line_at(line, at->verdict + 2, glyph == GLYPH_GOOD ? STYLE_DIM : glyph_style(glyph),
                "%s", words.len > 0 ? words.ptr : "");
    }
    strbuf_release(&text);
    strbuf_release(&words);
}

static void add_probes(struct pane *pane, const struct run *run, size_t first, size_t last)
{
    struct columns at = columns_of(pane, pane->page->wide);
    struct line *head = pane_head(pane);
    line_at(head, NAME, STYLE_DIM, "probe");
    line_end(head, at.now, STYLE_DIM, "now");
    if (at.base > 0) {
        line_end(head, at.base, STYLE_DIM, "base");
    }
    line_end(head, at.limit, STYLE_DIM, "limit");
    line_at(head, at.spark, STYLE_DIM, "last %lld min",
            (long long)(at.span_us / US_PER_MINUTE));
    for (size_t i = first; i < last; i++) {
        add_probe(pane, run, i, &at);
    }
}

static size_t breached(const struct run *run)
{
    size_t count = 0;
    for (size_t i = 0; i < run->probe_count; i++) {
        count += run->probes[i].breached ? 1 : 0;
    }
    return count;
}

void part_watched(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_B, PANE_MAIN, "PROBES");
    bool two = page->wide && run->probe_count > FIRST_COLUMN;
    size_t first = two ? FIRST_COLUMN : run->probe_count;
    add_probes(pane, run, 0, first);
    pane->least = page->wide ? (int)pane->count : 6;
    if (breached(run) > 0) {
        pane_note(pane, "%zu beyond the limit", breached(run));
        pane->note_warns = true;
    } else {
        pane_note(pane, "? nobody measured, x no answer");
    }
    if (two) {
        struct pane *more = page_pane(page, PANE_H, PANE_RIGHT, "MORE PROBES");
        add_probes(more, run, first, run->probe_count);
        more->least = (int)more->count;
    }
}
