/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the files of app share besides the performer: the clock of the run, loading a
 * plan from bytes, and the parameters of a connection.
 */
#ifndef GONOGO_APP_PRIVATE_H
#define GONOGO_APP_PRIVATE_H

#include "app.h"
#include "db.h"
#include "loop.h"

/* ------------------------------------------------------------------- clock */

/*
 * The run's clock: a wall time at one moment, and monotonic time from there on, so that
 * a step of the wall clock does not move a deadline. `scale` above 1 makes it run
 * faster; only MONITOR does that.
 */
struct app_clock {
    int64_t base_run_us;
    int64_t base_monotonic_us;
    double scale;
};
void app_clock_start(struct app_clock *clock, int64_t run_us, int64_t monotonic_us);
int64_t app_clock_at(const struct app_clock *clock, int64_t monotonic_us);
/* Goes on from where it is with another speed. */
void app_clock_set_scale(struct app_clock *clock, double scale, int64_t monotonic_us);
/* The monotonic time at which the clock will show `run_us`; LOOP_NEVER stays what it is. */
int64_t app_clock_deadline(const struct app_clock *clock, int64_t run_us);

/* -------------------------------------------------------------------- plans */

/* Brings the bytes of one path of the plan; false fills `state->trouble`. */
typedef bool (*app_bytes_of)(void *ctx, const struct plan_file *file,
                             struct plan_file_state *state);
/* From the blobs that a head names. */
bool app_plan_load_stored(struct app_plan *plan, int directory_fd,
                          const struct journal_head *head, struct err *err) MUST_CHECK;
/* Adds or replaces values of a target (the plan is ours, in memory). */
void app_plan_set_values(struct app_plan *plan, const struct plan_target *target,
                         const struct app_value *values, size_t count);

/* ----------------------------------------------------------------- verdicts */

/*
 * What the rules said by what the target showed, from the run directory into the arena; NULL
 * for an empty name, and with `err` when the file is not there or cannot be read.
 */
const struct lint_result *app_load_verdicts(int directory_fd, struct str name,
                                            struct arena *arena, struct err *err) MUST_CHECK;

/* --------------------------------------------------------------- parameters */

/*
 * From the target, then the flags for what it leaves open; a flag that says something
 * else than the target is an error. The environment's defaults are added at the end.
 */
bool app_params(const struct plan_target *target, const struct app_connection *flags,
                struct arena *arena, struct db_params *params, struct err *err) MUST_CHECK;

/* --------------------------------------------------------------------- runs */

/* 20240131-083005-1273f2a: time of the wall clock and random digits. */
bool app_run_id(char *id, size_t size, int64_t wall_us, struct err *err) MUST_CHECK;

#endif
