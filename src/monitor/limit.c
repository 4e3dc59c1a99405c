/* SPDX-License-Identifier: PostgreSQL */
/*
 * Limits and latches. One bad sample is weather; two in a row are a breach, and a
 * breach stays until a person has acknowledged it: a spike that came and went while
 * nobody looked must still be on the screen.
 *
 * A sample without a number is as bad as a number beyond the limit, but only where
 * the plan demands something: a probe without a limit is drawn, never judged, except
 * that an answer that does not come is a miss for every probe.
 */
#include "monitor.h"

#include <math.h>

const char *const monitor_verdict_words[4] = {
    [MONITOR_GOOD] = "good",
    [MONITOR_BEYOND] = "beyond the limit",
    [MONITOR_NO_ANSWER] = "no answer",
    [MONITOR_BLIND] = "not measured",
};

/* A value of the plan in the units of samples; false when it is no number. */
static bool value_of(const struct plan_value *value, double *number)
{
    switch (value->kind) {
    case PLAN_VALUE_NUMBER:
    case PLAN_VALUE_SIZE:
    case PLAN_VALUE_BOOL:
        *number = (double)value->number;
        return true;
    case PLAN_VALUE_DECIMAL:
        *number = value->decimal;
        return true;
    case PLAN_VALUE_DURATION:
        *number = (double)value->number / (double)US_PER_SECOND;
        return true;
    case PLAN_VALUE_TEXT:
        return str_to_double(value->text, number);
    case PLAN_VALUE_UNSAID:
    case PLAN_VALUE_BEFORE:
        break;
    }
    return false;
}

bool monitor_limit_of(const struct plan_probe *probe, struct monitor_limit *limit)
{
    *limit = (struct monitor_limit){0};
    limit->has_at_most = value_of(&probe->at_most, &limit->at_most);
    limit->has_at_least = value_of(&probe->at_least, &limit->at_least);
    limit->has_equals = value_of(&probe->equals, &limit->equals);
    if (probe->matches.kind != PLAN_VALUE_UNSAID) {
        *limit = (struct monitor_limit){.has_equals = true, .equals = 1};
        return false;
    }
    return true;
}

enum monitor_verdict monitor_judge(const struct monitor_limit *limit,
                                   struct monitor_sample sample)
{
    switch (sample.outcome) {
    case MONITOR_FAILED:
        return MONITOR_NO_ANSWER;
    case MONITOR_UNKNOWN:
        return MONITOR_BLIND;
    case MONITOR_OK:
        break;
    }
    if (isnan(sample.value)) {
        return MONITOR_BLIND;
    }
    bool beyond = (limit->has_at_most && sample.value > limit->at_most) ||
                  (limit->has_at_least && sample.value < limit->at_least) ||
                  (limit->has_equals && fabs(sample.value - limit->equals) > 0);
    return beyond ? MONITOR_BEYOND : MONITOR_GOOD;
}

static bool demands_anything(const struct monitor_limit *limit)
{
    return limit->has_at_most || limit->has_at_least || limit->has_equals;
}

/* How far beyond the limit a value is; only for comparing two values of one probe. */
static double distance(const struct monitor_limit *limit, double value)
{
    double far = 0;
    if (limit->has_at_most) {
        far = fmax(far, value - limit->at_most);
    }
    if (limit->has_at_least) {
        far = fmax(far, limit->at_least - value);
    }
    if (limit->has_equals) {
        far = fmax(far, fabs(value - limit->equals));
    }
    return far;
}

bool monitor_latch_add(struct monitor_latch *latch, const struct monitor_limit *limit,
                       struct monitor_sample sample)
{
    latch->latest = monitor_judge(limit, sample);
    bool miss = latch->latest != MONITOR_GOOD &&
                (latch->latest == MONITOR_NO_ANSWER || demands_anything(limit));
    if (!miss) {
        latch->misses = 0;
        return false;
    }
    if (latch->misses++ == 0) {
        latch->first_miss_us = sample.at_us;
        latch->has_worst = latch->has_worst && latch->latched;
    }
    if (latch->latest == MONITOR_BEYOND &&
        (!latch->has_worst || distance(limit, sample.value) > distance(limit, latch->worst))) {
        latch->has_worst = true;
        latch->worst = sample.value;
    }
    if (latch->latched || latch->misses < MONITOR_MISSES) {
        return false;
    }
    latch->latched = true;
    latch->cause = latch->latest;
    latch->since_us = latch->first_miss_us;
    latch->breaches++;
    return true;
}

bool monitor_latch_acknowledge(struct monitor_latch *latch)
{
    if (!latch->latched) {
        return false;
    }
    size_t breaches = latch->breaches;
    enum monitor_verdict latest = latch->latest;
    *latch = (struct monitor_latch){.breaches = breaches, .latest = latest};
    return true;
}
