/* SPDX-License-Identifier: PostgreSQL */
/*
 * How much of the watch was really observed. A stretch between two answers of a probe counts
 * when it is no longer than three turns of it: longer ones are time that nobody saw, whether
 * the program was away, the server was, or the machine slept. A clock that is simulated runs
 * faster than probes can, and a moment of a busy machine is minutes of it: then their own pace
 * in this watch is the measure, and a tenth of the watch is no gap yet.
 */
#include "engine_private.h"

enum {
    TURNS = 3, /* of a probe: so long is its last answer still news */
    PACES = 5, /* the same where the clock is simulated, in its own paces */
    PACES_KNOWN = 3,
    PARTS = 10, /* … and at least such a part of the watch */
};

static int compare_spans(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* The median span between two samples of the watch; -1: too few to say. */
static int64_t pace_us(const struct run *run, const struct run_probe *probe)
{
    int64_t *spans = mem_zero(probe->count + 1, sizeof(*spans));
    int64_t before_us = 0;
    size_t count = 0;
    for (size_t i = 0; i < probe->count; i++) {
        size_t at = (probe->next + probe->capacity - probe->count + i) % probe->capacity;
        int64_t at_us = probe->samples[at].at_us;
        if (before_us >= run->phase_started_us[PHASE_MONITOR] && before_us != 0) {
            spans[count++] = at_us - before_us;
        }
        before_us = at_us;
    }
    qsort(spans, count, sizeof(*spans), compare_spans);
    int64_t pace = count >= PACES_KNOWN ? spans[count / 2] : -1;
    free(spans);
    return pace;
}

/* Is that longer than an answer of the probe still counts as heard? */
static bool is_gap(const struct run *run, const struct run_probe *probe, int64_t span_us)
{
    int64_t turns_us = TURNS * run->plan->monitoring.every_us;
    if (span_us <= turns_us || !run->simulated_clock ||
        run->phase_started_us[PHASE_MONITOR] == 0) {
        return span_us > turns_us;
    }
    int64_t part_us = (run->monitor_ends_us - run->phase_started_us[PHASE_MONITOR]) / PARTS;
    if (span_us <= part_us) {
        return false;
    }
    int64_t pace = pace_us(run, probe);
    return pace >= 0 && span_us > PACES * pace;
}

/* The watch as it was meant: [from, until); false: it has not begun. */
static bool watch_span(const struct run *run, int64_t *from_us, int64_t *until_us)
{
    *from_us = run->phase_started_us[PHASE_MONITOR];
    *until_us = run->monitor_ends_us;
    return *from_us != 0 && *until_us > *from_us;
}

/* What of [heard, at) belongs to the watch and is no gap. */
static int64_t seen_us(const struct run *run, const struct run_probe *probe, int64_t heard_us,
                       int64_t at_us)
{
    int64_t from_us;
    int64_t until_us;
    if (!watch_span(run, &from_us, &until_us)) {
        return 0;
    }
    from_us = heard_us > from_us ? heard_us : from_us;
    until_us = at_us < until_us ? at_us : until_us;
    return until_us > from_us && !is_gap(run, probe, until_us - from_us) ? until_us - from_us
                                                                         : 0;
}

void watch_sample(struct run *run, struct run_probe *probe, const struct event *event)
{
    if (event->outcome != OUTCOME_OK) {
        return;
    }
    probe->observed_us += seen_us(run, probe, probe->heard_us, event->at_us);
    run->observed_us += seen_us(run, probe, run->probes_heard_us, event->at_us);
    probe->heard_us = event->at_us;
    run->probes_heard_us = event->at_us;
}

bool probe_is_stale(const struct run *run, const struct run_probe *probe, int64_t *age_us)
{
    if (probe->count == 0) {
        return false;
    }
    /* Once the watch is over nobody asks any more: what was seen last is what there is. */
    int64_t over_us = run->phase_ended_us[PHASE_MONITOR];
    bool over = over_us != 0 && run->phase == PHASE_CLOSE;
    int64_t age = (over ? over_us : run->now_us) - newest_sample(probe)->at_us;
    *age_us = age;
    return is_gap(run, probe, age);
}

static struct str observed_text(const struct run *run, int64_t observed_us, struct arena *arena)
{
    enum {
        MINUTES_FROM = 2
    };
    int64_t from_us;
    int64_t until_us;
    if (!watch_span(run, &from_us, &until_us)) {
        return (struct str){0};
    }
    bool over = run->phase_ended_us[PHASE_MONITOR] != 0 || run->now_us >= until_us;
    int64_t whole_us = (over ? until_us : run->now_us) - from_us;
    if (whole_us - observed_us <= TURNS * run->plan->monitoring.every_us) {
        return (struct str){0};
    }
    if (whole_us >= MINUTES_FROM * US_PER_MINUTE) {
        int64_t whole = whole_us / US_PER_MINUTE;
        int64_t seen = (observed_us + US_PER_MINUTE / 2) / US_PER_MINUTE;
        return str_format(arena, "%lld of %lld min observed",
                          (long long)(seen < whole ? seen : whole - 1), (long long)whole);
    }
    return str_format(arena, "%.*s of %.*s observed",
                      STR_ARG(duration_text(arena, observed_us)),
                      STR_ARG(duration_text(arena, whole_us)));
}

/* The stretch that runs is no gap yet: it counts like one that has ended. */
struct str watch_observed_text(const struct run *run, struct arena *arena)
{
    int64_t running_us = 0;
    for (size_t i = 0; i < run->probe_count; i++) {
        int64_t one = seen_us(run, &run->probes[i], run->probes_heard_us, run->now_us);
        running_us = one > running_us ? one : running_us;
    }
    return run->probe_count > 0 ? observed_text(run, run->observed_us + running_us, arena)
                                : (struct str){0};
}

struct str probe_observed_text(const struct run *run, const struct run_probe *probe,
                               struct arena *arena)
{
    int64_t running_us = seen_us(run, probe, probe->heard_us, run->now_us);
    return observed_text(run, probe->observed_us + running_us, arena);
}

void note_unobserved(struct run *run)
{
    struct str text = watch_observed_text(run, run->arena);
    if (text.len > 0) {
        run_remark(
            run, "engine", STR("gonogo"), STR("watch"),
            run_keep_format(run, "%.*s: the rest of the watch nobody saw", STR_ARG(text)),
            false);
    }
}
