/* SPDX-License-Identifier: PostgreSQL */
/*
 * The run's clock. It never goes backwards: changing the speed takes the present
 * reading as the new base.
 */
#include "app_private.h"

void app_clock_start(struct app_clock *clock, int64_t run_us, int64_t monotonic_us)
{
    *clock = (struct app_clock){
        .base_run_us = run_us, .base_monotonic_us = monotonic_us, .scale = 1.0};
}

int64_t app_clock_at(const struct app_clock *clock, int64_t monotonic_us)
{
    double passed = (double)(monotonic_us - clock->base_monotonic_us) * clock->scale;
    return clock->base_run_us + (int64_t)passed;
}

void app_clock_set_scale(struct app_clock *clock, double scale, int64_t monotonic_us)
{
    int64_t now_us = app_clock_at(clock, monotonic_us);
    *clock = (struct app_clock){
        .base_run_us = now_us, .base_monotonic_us = monotonic_us, .scale = scale};
}

int64_t app_clock_deadline(const struct app_clock *clock, int64_t run_us)
{
    if (run_us == LOOP_NEVER) {
        return LOOP_NEVER;
    }
    double wait = (double)(run_us - clock->base_run_us) / clock->scale;
    return clock->base_monotonic_us + (int64_t)wait + 1;
}
