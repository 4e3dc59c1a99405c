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
