/* SPDX-License-Identifier: PostgreSQL */
/*
 * Parts that several screens draw alike: durations, counts, checks, probes, roster.
 */
#include "screen_parts.h"

#include "monitor.h"

#include <math.h>

enum {
    ROSTER_TITLE = 4,
    ROSTER_WHO = 22,
    SPARK_WIDE = 20,
    SPARK_NARROW = 12,
    FACTS = 70, /* columns of counts, limits and people at most */
};

void part_duration(struct line *line, int end, enum style style, int64_t us)
{
    struct strbuf text = {0};
    duration_to_text(&text, us);
    line_end(line, end, style, "%s", text.ptr);
    strbuf_release(&text);
}

void part_number(struct line *line, int end, enum style style, int64_t number)
{
    if (number < 0) {
        line_end(line, end, STYLE_UNKNOWN, "??");
        return;
    }
    struct strbuf text = {0};
    number_to_text(&text, number);
    line_end(line, end, style, "%s", text.ptr);
    strbuf_release(&text);
}

void part_clock(struct line *line, int column, enum style style, int64_t at_us)
{
    struct strbuf text = {0};
    time_to_clock(&text, at_us);
    line_at(line, column, style, "%s", text.ptr);
    strbuf_release(&text);
}

static const struct {
    int64_t unit_us;
    const char *word;
} age_units[] = {
    {US_PER_DAY, "d"}, {US_PER_HOUR, "h"}, {US_PER_MINUTE, "m"}, {US_PER_SECOND, "s"}};

void part_age(struct line *line, int end, const struct run *run, int64_t at_us)
{
    int64_t age = run->now_us > at_us ? run->now_us - at_us : 0;
    for (size_t i = 0; i < COUNT_OF(age_units); i++) {
        if (age >= age_units[i].unit_us) {
            line_end(line, end, STYLE_DIM, "%lld %s", (long long)(age / age_units[i].unit_us),
                     age_units[i].word);
            return;
        }
    }
    line_end(line, end, STYLE_DIM, "now");
}

/* --------------------------------------------------------------------- counts */

enum {
    COUNT_TITLE = 3,
    COUNT_NUMBER = 7,
};

void part_count_head(struct line *line, int columns)
{
    line_end(line, columns - 2 * COUNT_NUMBER, STYLE_DIM, "before");
    line_end(line, columns - COUNT_NUMBER, STYLE_DIM, "now");
    line_end(line, columns, STYLE_DIM, "expect");
}

static int64_t count_before(const struct run_count *count)
{
    return count->values[MOMENT_BEFORE] >= 0 ? count->values[MOMENT_BEFORE]
                                             : count->values[MOMENT_REVIEW];
}

/* What "now" should be: before the change what the plan starts from, after it what it says,
 * after a way back what was there before. -1: not judged. */
int64_t count_wanted(const struct run *run, const struct run_count *count)
{
    if (run->snapshots[MOMENT_BACK].taken) {
        return count->plan ? count->values[MOMENT_BEFORE] : -1;
    }
    return run->changed ? count->expected : count->expected_before;
}

/* Whether "now" is what the plan expects of the end: a tick says nothing less. Before anything
 * of ours was committed it cannot be that yet, and is right when it is what the plan starts
 * from. */
enum glyph count_glyph(const struct run *run, const struct run_count *count)
{
    int64_t now = front_count_now(run, count);
    int64_t wanted = count_wanted(run, count);
    if (!count->plan || wanted < 0) {
        return GLYPH_DOT;
    }
    if (now < 0) {
        return GLYPH_UNKNOWN;
    }
    if (now == wanted) {
        bool not_yet = !run->changed && count->expected >= 0 && now != count->expected;
        return not_yet ? GLYPH_NOT_YET : GLYPH_GOOD;
    }
    /* Between the files the numbers are on their way. */
    bool under_way = run->changed && run->phase == PHASE_MIGRATE;
    return count->accepted ? GLYPH_WARN : under_way ? GLYPH_RUNNING : GLYPH_BAD;
}

void part_count(struct line *line, const struct run *run, const struct run_count *count,
                int columns)
{
    enum glyph glyph = count_glyph(run, count);
    int64_t before = count_before(count);
    int64_t now = front_count_now(run, count);
    enum style style = glyph == GLYPH_BAD ? STYLE_BAD
                       : now == before    ? STYLE_NORMAL
                                          : STYLE_BOLD;
    line_glyph(line, 0 + 1, glyph);
    line_fit(line, COUNT_TITLE, columns - 3 * COUNT_NUMBER - COUNT_TITLE, STYLE_NORMAL,
             count->title.len > 0 ? count->title : count->word);
    part_number(line, columns - 2 * COUNT_NUMBER, STYLE_NORMAL, before);
    part_number(line, columns - COUNT_NUMBER, style, now);
    int64_t goal =
        run->snapshots[MOMENT_BACK].taken ? count_wanted(run, count) : count->expected;
    if (goal >= 0) {
        part_number(line, columns, STYLE_DIM, goal);
    } else {
        line_end(line, columns, STYLE_DIM, "-");
    }
}

void part_counts(struct page *page, const struct run *run, enum pane_id id,
                 enum pane_place place)
{
    struct pane *pane = page_pane(page, id, place, "COUNTS");
    int columns = pane_columns(pane, FACTS) - 1;
    part_count_head(pane_head(pane), columns);
    for (size_t i = 0; i < run->count_count; i++) {
        if (run->counts[i].plan) {
            part_count(pane_row(pane, SUBJECT_COUNT, (int64_t)i, 0), run, &run->counts[i],
                       columns);
        }
    }
    pane->least = 4;
}

void part_counts_line(struct page *page, const struct run *run, enum pane_id id)
{
    struct pane *pane = page_pane(page, id, PANE_MAIN, NULL);
    struct line *line = pane_line(pane);
    line->end = 1;
    for (size_t i = 0; i < run->count_count; i++) {
        const struct run_count *count = &run->counts[i];
        int64_t now = front_count_now(run, count);
        struct strbuf text = {0};
        if (!count->plan || count->plan->what == PLAN_WHAT_QUERY) {
            continue;
        }
        strbuf_format(&text, " %.*s ",
                      STR_ARG(count->title.len > 0 ? count->title : count->word));
        number_to_text(&text, count_before(count));
        strbuf_text(&text, page->glyphs->text[GLYPH_DASH]);
        number_to_text(&text, now);
        int64_t goal =
            run->snapshots[MOMENT_BACK].taken ? count_wanted(run, count) : count->expected;
        if (now != goal && goal >= 0) {
            strbuf_text(&text, " of ");
            number_to_text(&text, goal);
        }
        if (line->end + str_width(strbuf_str(&text)) + 4 < pane->width) {
            line_glyph(line, line->end, count_glyph(run, count));
            line_add(line, STYLE_NORMAL, "%s", text.ptr);
            line->end += 3;
        }
        strbuf_release(&text);
    }
}

/* --------------------------------------------------------------------- checks */

static const enum glyph outcome_glyphs[OUTCOME__COUNT] = {
    [OUTCOME_NONE] = GLYPH_NOT_YET,
    [OUTCOME_OK] = GLYPH_GOOD,
    [OUTCOME_FAILED] = GLYPH_BAD,
    [OUTCOME_UNKNOWN] = GLYPH_UNKNOWN,
};

enum glyph check_glyph(const struct run_check *check)
{
    if (check->running) {
        return GLYPH_RUNNING;
    }
    if (check->accepted) {
        return GLYPH_WARN;
    }
    return outcome_glyphs[check->outcome];
}

const char *check_word(const struct run_check *check)
{
    static const char *const words[OUTCOME__COUNT] = {
        [OUTCOME_NONE] = "not yet",
        [OUTCOME_OK] = "pass",
        [OUTCOME_FAILED] = "FAILED",
        [OUTCOME_UNKNOWN] = "CANNOT JUDGE",
    };
    return check->running ? "running" : check->accepted ? "accepted" : words[check->outcome];
}

enum glyph script_glyph(const struct run_script *script)
{
    static const enum glyph glyphs[SCRIPT_STATE__COUNT] = {
        [SCRIPT_PENDING] = GLYPH_NOT_YET, [SCRIPT_APPLIED] = GLYPH_GOOD,
        [SCRIPT_OPEN] = GLYPH_RUNNING,    [SCRIPT_COMMITTED] = GLYPH_GOOD,
        [SCRIPT_ROLLED_BACK] = GLYPH_BAD, [SCRIPT_UNKNOWN] = GLYPH_UNKNOWN,
        [SCRIPT_DONE] = GLYPH_GOOD,       [SCRIPT_UNDONE] = GLYPH_WARN,
    };
    return glyphs[script->state];
}

enum glyph statement_glyph(const struct run_script *script, size_t index)
{
    const struct run_statement *statement = &script->statements[index];
    if (statement->sent && statement->outcome == OUTCOME_NONE) {
        return GLYPH_RUNNING;
    }
    return outcome_glyphs[statement->outcome];
}

/* --------------------------------------------------------------------- people */

static enum glyph vote_glyph(const struct run_vote *vote)
{
    if (!vote) {
        return GLYPH_NOT_YET;
    }
    return str_eq(vote->vote, "GO")     ? GLYPH_GOOD
           : str_eq(vote->vote, "HOLD") ? GLYPH_HOLD
                                        : GLYPH_BAD;
}

void part_roster(struct page *page, const struct run *run, enum pane_id id)
{
    struct pane *pane = page_pane(page, id, PANE_RIGHT, "TEAM");
    for (size_t i = 0; i < run->plan->roles.count; i++) {
        const struct plan_role *role = &run->plan->roles.items[i];
        const struct run_vote *vote = vote_of(run, role->id);
        struct line *line = pane_row(pane, SUBJECT_ROLE, (int64_t)i, 0);
        struct strbuf people = {0};
        for (size_t k = 0; k < role->people.count; k++) {
            strbuf_format(&people, "%s%.*s", k > 0 ? ", " : "", STR_ARG(role->people.items[k]));
        }
        line_glyph(line, 1, role->votes ? vote_glyph(vote) : GLYPH_DOT);
        line_fit(line, ROSTER_TITLE, ROSTER_WHO - ROSTER_TITLE - 1, STYLE_NORMAL, role->title);
        int columns = pane_columns(pane, FACTS);
        line_fit(line, ROSTER_WHO, columns - ROSTER_WHO - 10, STYLE_DIM, strbuf_str(&people));
        if (vote) {
            line_end(line, columns - 1, STYLE_NORMAL, "%.*s", STR_ARG(vote->vote));
        } else {
            line_end(line, columns - 1, STYLE_DIM, role->votes ? "no vote" : "no vote due");
        }
        strbuf_release(&people);
    }
}

static void add_limit(struct pane *pane, const char *title, int64_t used_us, int64_t limit_us)
{
    if (limit_us <= 0) {
        return;
    }
    struct line *line = pane_line(pane);
    line_at(line, 1, STYLE_NORMAL, "%s", title);
    enum style style = used_us > limit_us ? STYLE_BAD : STYLE_NORMAL;
    if (used_us < 0) {
        line_end(line, pane_columns(pane, FACTS) - 14, STYLE_UNKNOWN, "??");
    } else {
        part_duration(line, pane_columns(pane, FACTS) - 14, style, used_us);
    }
    struct strbuf text = {0};
    duration_to_text(&text, limit_us);
    line_end(line, pane_columns(pane, FACTS) - 1, STYLE_DIM, "limit %s", text.ptr);
    strbuf_release(&text);
}

static int64_t migration_us(const struct run *run)
{
    int64_t from_us = run->phase_started_us[PHASE_MIGRATE];
    int64_t until_us = run->phase_ended_us[PHASE_MIGRATE];
    return from_us == 0 ? 0 : (until_us > 0 ? until_us : run->now_us) - from_us;
}

void part_limits(struct page *page, const struct run *run, enum pane_id id)
{
    struct pane *pane = page_pane(page, id, PANE_RIGHT, "LIMITS");
    const struct plan_limits *limits = &run->plan->limits;
    pane->least = 2;
    add_limit(pane, "SQL in total", run_sql_us(run), limits->sql_total_us);
    add_limit(pane, "migration", migration_us(run), limits->migration_total_us);
    add_limit(pane, "downtime", run_downtime_us(run), limits->downtime_us);
    int64_t turn_back_us = run_turn_back_us(run);
    if (turn_back_us > 0) {
        struct line *line = pane_line(pane);
        line_at(line, 1, STYLE_NORMAL, "last moment to turn back");
        struct strbuf text = {0};
        time_to_clock(&text, turn_back_us);
        line_end(line, pane_columns(pane, FACTS) - 1,
                 run->now_us > turn_back_us ? STYLE_BAD : STYLE_NORMAL, "%s", text.ptr);
        strbuf_release(&text);
    }
}

/* --------------------------------------------------------------------- probes */

static const struct run_sample *newest(const struct run_probe *probe)
{
    if (probe->count == 0) {
        return NULL;
    }
    size_t last = (probe->next + probe->capacity - 1) % probe->capacity;
    return &probe->samples[last];
}

enum glyph probe_glyph(const struct run *run, const struct run_probe *probe)
{
    const struct run_sample *sample = newest(probe);
    int64_t age_us;
    if (probe->breached) {
        return probe->acknowledged ? GLYPH_WARN : GLYPH_BAD;
    }
    if (!sample) {
        return GLYPH_NOT_YET;
    }
    return sample->outcome == OUTCOME_UNKNOWN || probe_is_stale(run, probe, &age_us)
               ? GLYPH_UNKNOWN
           : sample->outcome == OUTCOME_FAILED ? GLYPH_WARN
                                               : GLYPH_GOOD;
}

void probe_age_text(struct strbuf *out, int64_t age_us)
{
    size_t unit = 0;
    while (unit + 1 < COUNT_OF(age_units) && age_us < 2 * age_units[unit].unit_us) {
        unit++;
    }
    strbuf_format(out, "%lld%s old", (long long)(age_us / age_units[unit].unit_us),
                  age_units[unit].word);
}

void probe_now_text(struct strbuf *out, const struct run *run, const struct run_probe *probe)
{
    const struct run_sample *sample = newest(probe);
    int64_t age_us;
    if (sample && probe_is_stale(run, probe, &age_us)) {
        strbuf_text(out, "?? ");
        probe_age_text(out, age_us);
        return;
    }
    if (!sample || sample->outcome == OUTCOME_UNKNOWN) {
        strbuf_text(out, "??");
    } else {
        monitor_number_text(out, probe->probe, sample->number);
    }
}

void probe_value_text(struct strbuf *out, const struct run_probe *probe, double number)
{
    if (isnan(number)) {
        strbuf_text(out, "??");
    } else {
        monitor_number_text(out, probe->probe, number);
    }
}

void probe_spark_text(struct strbuf *out, const struct run *run, const struct run_probe *probe,
                      int columns, int64_t span_us, bool ascii)
{
    static struct monitor_series empty;
    struct monitor_series *series = mem_alloc(sizeof(*series));
    struct monitor_limit limit = {0};
    bool marks = monitor_limit_of(probe->probe, &limit) &&
                 probe->probe->source != PLAN_PROBE_BUILTIN &&
                 probe->probe->source != PLAN_PROBE_SQL;
    *series = empty;
    for (size_t i = 0; i < probe->count; i++) {
        size_t at = (probe->next + probe->capacity - probe->count + i) % probe->capacity;
        const struct run_sample *sample = &probe->samples[at];
        struct monitor_sample one = {.at_us = sample->at_us, .value = sample->number};
        one.outcome = sample->outcome == OUTCOME_OK       ? MONITOR_OK
                      : sample->outcome == OUTCOME_FAILED ? MONITOR_FAILED
                                                          : MONITOR_UNKNOWN;
        monitor_series_add(series, one);
    }
    /* A clock that runs faster than the probes can makes no gaps: their own pace counts. */
    int64_t every_us = run->plan->monitoring.every_us;
    if (series->count > 2) {
        int64_t first_us = monitor_series_at(series, 0).at_us;
        int64_t pace_us =
            (monitor_series_last(series).at_us - first_us) / (int64_t)(series->count - 1);
        every_us = pace_us * 3 / 2 > every_us ? pace_us * 3 / 2 : every_us;
    }
    struct monitor_spark spark = {.columns = columns,
                                  .from_us = run->now_us - span_us,
                                  .until_us = run->now_us,
                                  .every_us = every_us,
                                  .ascii = ascii,
                                  .low_is_worst = limit.has_at_least,
                                  .marks = marks ? &limit : NULL};
    monitor_sparkline(out, series, &spark);
    free(series);
}

void part_probes(struct page *page, const struct run *run, enum pane_id id,
                 enum pane_place place, const char *title)
{
    struct pane *pane = page_pane(page, id, place, title);
    pane->least = 3;
    struct line *head = pane_head(pane);
    int all = pane_columns(pane, FACTS + SPARK_WIDE);
    int columns = all > 60 ? SPARK_WIDE : SPARK_NARROW;
    int spark = all - columns - 1;
    line_end(head, spark - 11, STYLE_DIM, "now");
    line_end(head, spark - 2, STYLE_DIM, "base");
    line_at(head, spark, STYLE_DIM, "%d min", columns);
    for (size_t i = 0; i < run->probe_count; i++) {
        const struct run_probe *probe = &run->probes[i];
        struct line *line = pane_row(pane, SUBJECT_PROBE, (int64_t)i, 0);
        struct strbuf text = {0};
        enum glyph glyph = probe_glyph(run, probe);
        line_glyph(line, 1, glyph);
        line_fit(line, ROSTER_TITLE, spark - 21 - ROSTER_TITLE, STYLE_NORMAL, probe->probe->id);
        probe_now_text(&text, run, probe);
        line_end(line, spark - 11, glyph == GLYPH_BAD ? STYLE_BAD : STYLE_NORMAL, "%s",
                 text.ptr);
        strbuf_clear(&text);
        probe_value_text(&text, probe, probe->baseline);
        line_end(line, spark - 2, STYLE_DIM, "%s", text.ptr);
        strbuf_clear(&text);
        probe_spark_text(&text, run, probe, columns, columns * US_PER_MINUTE,
                         page->glyphs->ascii);
        line_at(line, spark, STYLE_DIM, "%s", text.len > 0 ? text.ptr : "");
        strbuf_release(&text);
    }
}
