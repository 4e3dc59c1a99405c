/* SPDX-License-Identifier: PostgreSQL */
/*
 * The ring of samples of one probe, and what is read from it: the median for a
 * baseline, the stretches that nobody watched, the downtime of an endpoint.
 *
 * Gaps are kept as gaps. A sample vouches for one and a half intervals; when no
 * measured or failed sample vouches for a moment, that moment was not watched,
 * whether there is an MONITOR_UNKNOWN sample in it or none at all (a sleeping
 * laptop leaves none).
 */
#include "monitor.h"

void monitor_series_add(struct monitor_series *series, struct monitor_sample sample)
{
    size_t place = (series->first + series->count) % MONITOR_SERIES_MAX;
    if (sample.outcome != MONITOR_OK) {
        sample.value = 0;
    }
    series->samples[place] = sample;
    if (series->count < MONITOR_SERIES_MAX) {
        series->count++;
    } else {
        series->first = (series->first + 1) % MONITOR_SERIES_MAX;
    }
}

struct monitor_sample monitor_series_at(const struct monitor_series *series, size_t index)
{
    if (index >= series->count) {
        return (struct monitor_sample){.outcome = MONITOR_UNKNOWN};
    }
    return series->samples[(series->first + index) % MONITOR_SERIES_MAX];
}

struct monitor_sample monitor_series_last(const struct monitor_series *series)
{
    /* SIZE_MAX, and so out of range, when there is none */
    return monitor_series_at(series, series->count - 1);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

struct monitor_sample monitor_series_median(const struct monitor_series *series,
                                            int64_t from_us, int64_t until_us)
{
    double values[MONITOR_SERIES_MAX];
    size_t count = 0;
    struct monitor_sample median = {.outcome = MONITOR_UNKNOWN};
    for (size_t i = 0; i < series->count; i++) {
        struct monitor_sample sample = monitor_series_at(series, i);
        if (sample.outcome == MONITOR_OK && sample.at_us >= from_us &&
            sample.at_us < until_us) {
            values[count++] = sample.value;
            median.at_us = sample.at_us;
        }
    }
    if (count == 0) {
        return median;
    }
    qsort(values, count, sizeof(values[0]), compare_doubles);
    median.outcome = MONITOR_OK;
    median.value =
        count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
    return median;
}

static void gap_between(struct monitor_gaps *gaps, int64_t from_us, int64_t until_us)
{
    if (until_us <= from_us) {
        return;
    }
    gaps->count++;
    gaps->total_us += until_us - from_us;
    if (until_us - from_us > gaps->longest_us) {
        gaps->longest_us = until_us - from_us;
        gaps->longest_at_us = from_us;
    }
}

struct monitor_gaps monitor_series_gaps(const struct monitor_series *series, int64_t every_us,
                                        int64_t from_us, int64_t until_us)
{
    struct monitor_gaps gaps = {0};
    int64_t reach_us = every_us + every_us / 2;
    int64_t covered_us = from_us + reach_us; /* the first sample is not due at once */
    for (size_t i = 0; i < series->count; i++) {
        struct monitor_sample sample = monitor_series_at(series, i);
        if (sample.outcome == MONITOR_UNKNOWN || sample.at_us >= until_us) {
            continue;
        }
        if (sample.at_us >= from_us) {
            gap_between(&gaps, covered_us, sample.at_us);
        }
        if (sample.at_us + reach_us > covered_us) {
            covered_us = sample.at_us + reach_us;
        }
    }
    gap_between(&gaps, covered_us, until_us);
    return gaps;
}

struct monitor_downtime monitor_downtime(const struct monitor_series *series,
                                         const struct monitor_limit *limit, int64_t from_us)
{
    struct monitor_downtime down = {0};
    size_t unknown = 0;
    for (size_t i = 0; i < series->count; i++) {
        struct monitor_sample sample = monitor_series_at(series, i);
        if (sample.at_us < from_us) {
            continue;
        }
        switch (monitor_judge(limit, sample)) {
        case MONITOR_GOOD:
            down.over = down.failures > 0;
            break;
        case MONITOR_BLIND:
            unknown++;
            break;
        case MONITOR_BEYOND:
        case MONITOR_NO_ANSWER:
            if (down.failures == 0) {
                down.first_us = sample.at_us;
                unknown = 0;
            }
            down.failures++;
            down.last_us = sample.at_us;
            down.unknown = unknown;
            down.over = false;
            break;
        }
    }
    return down;
}
