/* SPDX-License-Identifier: PostgreSQL */
/*
 * engine_front: what a front is: it shows the model and turns what people do into events. The
 * same run drives screen, plain prompts and headless.
 */
#ifndef GONOGO_ENGINE_FRONT_H
#define GONOGO_ENGINE_FRONT_H

#include "engine_events.h"
#include "engine_model.h"

struct front_events {
    void *ctx;
    /* Queues an event; it never steps at once. */
    void (*emit)(void *ctx, const struct event *event);
};
struct front {
    void *ctx;
    /* The model changed (or time passed): show it. Must not block. */
    void (*present)(void *ctx, const struct run *run);
    /* What the front waits for: fd -1 = nothing; deadline on the monotonic clock, INT64_MAX =
     * none. */
    void (*wants)(void *ctx, int *fd, short *events, int64_t *deadline_us);
    void (*ready)(void *ctx, const struct run *run, short revents,
                  const struct front_events *events);
    /* A signal that people sent: SIGINT, SIGHUP, SIGTSTP, SIGWINCH. */
    void (*signal)(void *ctx, const struct run *run, int signal,
                   const struct front_events *events);
    /* The run is over: does somebody still look at it? Then the front is presented and asked
     * on until nobody does. NULL: no. */
    bool (*lingers)(void *ctx);
    void (*close)(void *ctx);
};

#endif
