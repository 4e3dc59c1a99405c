/* SPDX-License-Identifier: PostgreSQL */
/*
 * Limits: what the plan demands of a probe, in the units of its samples, and in words.
 */
#include "monitor.h"

#include <math.h>

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
