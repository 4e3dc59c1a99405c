/* SPDX-License-Identifier: PostgreSQL */
/*
 * What more than one part or printer derives from the model: which snapshot is "now",
 * the figures of a probe, the text of a statement.
 */
#include <math.h>

#include "document.h"
#include "monitor.h"

bool part_is_included(const struct run *run, enum plan_part part)
{
    const struct plan_words *include = &run->plan->report.include;
    for (size_t i = 0; i < include->count; i++) {
        if (include->items[i] == (int)part) {
            return true;
        }
    }
    return include->count == 0;
}

enum moment report_now(const struct run *run)
{
    static const enum moment newest_first[] = {MOMENT_BACK, MOMENT_LAST, MOMENT_NOW};
    for (size_t i = 0; i < COUNT_OF(newest_first); i++) {
        if (run->snapshots[newest_first[i]].taken) {
            return newest_first[i];
        }
    }
    return MOMENT__COUNT;
}

/* Before the first change "now" is "before"; after one, only a later snapshot may speak. */
int64_t count_now(const struct run *run, const struct run_count *count)
{
    enum moment now = report_now(run);
    if (now < MOMENT__COUNT) {
        return count->values[now];
    }
    if (count->values[MOMENT_NOW] >= 0) {
        return count->values[MOMENT_NOW]; /* after the newest file */
    }
    bool touched = run->changed;
    for (size_t i = 0; i < run->script_count; i++) {
        touched = touched || run->scripts[i].started_us != 0;
    }
    return touched ? -1 : count_before(count);
}

int64_t count_before(const struct run_count *count)
{
    return count->values[MOMENT_BEFORE] >= 0 ? count->values[MOMENT_BEFORE]
                                             : count->values[MOMENT_REVIEW];
}

size_t set_count_of(const struct run *run, size_t set)
{
    return run->plan->verification.sets.items[set].checks.count;
}

const struct run_sample *probe_sample(const struct run_probe *probe, size_t index)
{
    size_t oldest = probe->count < probe->capacity ? 0 : probe->next;
    return &probe->samples[(oldest + index) % probe->capacity];
}

/* A counter has grown by nothing known at its first reading: that is no gap. */
static bool is_first_reading(const struct run_probe *probe, size_t index)
{
    return index == 0 && probe->count < probe->capacity &&
           probe->probe->source == PLAN_PROBE_BUILTIN &&
           monitor_builtins[probe->probe->builtin].kind != MONITOR_GAUGE;
}

struct probe_facts probe_facts(const struct run_probe *probe, int64_t from_us)
{
    struct probe_facts facts = {.now = (double)NAN,
                                .least = (double)NAN,
                                .most = (double)NAN,
                                .baseline = probe->baseline};
    for (size_t i = 0; i < probe->count; i++) {
        const struct run_sample *sample = probe_sample(probe, i);
        bool measured = sample->outcome == OUTCOME_OK && !isnan(sample->number);
        facts.now = measured ? sample->number : (double)NAN;
        if (sample->at_us < from_us || (!measured && is_first_reading(probe, i))) {
            continue;
        }
        facts.gaps += measured ? 0 : 1;
        facts.measured += measured ? 1 : 0;
        if (measured) {
            facts.least = isnan(facts.least) || sample->number < facts.least ? sample->number
                                                                             : facts.least;
            facts.most =
                isnan(facts.most) || sample->number > facts.most ? sample->number : facts.most;
        }
    }
    return facts;
}

bool probe_limit(const struct plan_probe *probe, double *limit)
{
    switch (probe->comparator) {
    case PLAN_AT_MOST:
    case PLAN_AT_LEAST:
    case PLAN_EQUALS:
        break;
    case PLAN_COMPARE_UNSAID:
    case PLAN_EMPTY:
    case PLAN_EXISTS:
    case PLAN_MATCHES:
    case PLAN_SAME_AS:
        return false;
    }
    *limit = probe->expected.kind == PLAN_VALUE_DECIMAL ? probe->expected.decimal
                                                        : (double)probe->expected.number;
    if (probe->expected.kind == PLAN_VALUE_DURATION) {
        *limit /= (double)US_PER_SECOND; /* samples of durations are seconds */
    }
    return true;
}

/* Masked whole first and cut then: a cut could hide where a secret begins. */
struct str statement_sql(struct report *report, const struct run_script *script, size_t index,
                         size_t most)
{
    if (!script->sql) {
        return (struct str){0};
    }
    struct strbuf masked = {0};
    report_sql_text(&masked, sql_statement_text(script->sql, index));
    struct strbuf words = {0};
    bool space = false;
    for (size_t i = 0; i < masked.len && words.len < 4 * most; i++) {
        char byte = masked.ptr[i];
        bool white = byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
        if (!white && space && words.len > 0) {
            strbuf_byte(&words, ' ');
        }
        if (!white) {
            strbuf_byte(&words, byte);
        }
        space = white;
    }
    struct str line = sanitise_line(report->arena, strbuf_str(&words));
    struct str fit = str_fit(line, (int)most);
    struct str text = fit.len < line.len || words.len >= 4 * most
                          ? str_format(report->arena, "%.*s…", STR_ARG(fit))
                          : line;
    strbuf_release(&masked);
    strbuf_release(&words);
    return text;
}
