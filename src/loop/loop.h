/* SPDX-License-Identifier: PostgreSQL */
/*
 * loop: the one poll and the one place that sleeps, the clocks, the signal pipe.
 *
 * Everything that waits is a source: a terminal, a database session, a child, a
 * timer (a source without a descriptor). Before each poll every source is asked
 * what it wants now, because the socket of a connecting libpq session changes
 * and because a deadline moves; afterwards those whose events came or whose
 * deadline has passed are told. No source is called from a signal handler and
 * nothing here starts a thread.
 *
 * loop knows neither db nor proc nor the engine. The one file-scope state of the
 * room is the signal pipe, because a signal handler has no other way to know it.
 */
#ifndef GONOGO_LOOP_H
#define GONOGO_LOOP_H

#include "base.h"

/* ------------------------------------------------------------------ clocks */

/* Monotonic microseconds that go on while the machine sleeps; for every duration and deadline.
 */
int64_t loop_now_us(void);
/* Wall clock, microseconds since 1970 UTC; to show and to record, never to subtract. */
int64_t loop_wall_us(void);

/* ----------------------------------------------------------------- sources */

/* A deadline that never comes. */
#define LOOP_NEVER INT64_MAX

/* What a source waits for in this round. The loop presets {-1, 0, LOOP_NEVER}. */
struct loop_want {
    int fd;              /* -1: no descriptor, only a deadline (or nothing at all) */
    short events;        /* POLLIN, POLLOUT; 0 still reports POLLHUP and POLLERR */
    int64_t deadline_us; /* in terms of loop_now_us() */
};

struct loop_source {
    /* Says what is wanted now. It must not add or remove sources. */
    void (*wants)(void *ctx, struct loop_want *want);
    /*
     * Called when events came (revents != 0) or the deadline passed (revents may
     * be 0). A source whose deadline has passed is called in every round until it
     * asks for a later one. May add and remove sources, itself included.
     */
    void (*ready)(void *ctx, short revents, int64_t now_us);
    void *ctx; /* borrowed */
};

struct loop;
struct loop *loop_new(void);
void loop_free(struct loop *loop); /* the sources' ctx stay with their owners */

/* Adds a source (copied) and returns its id, which is never 0. Added during dispatch: first
 * asked in the next round. */
uint32_t loop_add(struct loop *loop, const struct loop_source *source);
/* Removes it; it is not called again, not even in the round under way. 0 and unknown ids do
 * nothing. */
void loop_remove(struct loop *loop, uint32_t id);
size_t loop_count(const struct loop *loop);

/*
 * One round: asks, sleeps at most `max_wait_us` (LOOP_NEVER: as long as it takes;
 * 0: not at all), dispatches, returns. A signal ends the sleep early. False only
 * when poll itself fails (out of descriptors or memory): then nothing was
 * dispatched. Not to be called from inside a callback.
 */
bool loop_run_once(struct loop *loop, int64_t max_wait_us, struct err *err) MUST_CHECK;

/* ----------------------------------------------------------------- signals */

/*
 * From here on SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGWINCH, SIGCHLD and SIGCONT
 * become bytes in a non-blocking pipe, and SIGPIPE is ignored. Register
 * loop_signals_fd() as a source with POLLIN and read with loop_signal_next().
 * A forked child that does not exec calls loop_signals_close() first.
 */
bool loop_signals_open(struct err *err) MUST_CHECK;
int loop_signals_fd(void);                 /* -1 when not open */
bool loop_signal_next(int *signal_number); /* false: none waiting; never blocks */
void loop_signals_close(void);             /* puts every handler back as it was */

#endif
