/* SPDX-License-Identifier: PostgreSQL */
/*
 * Waits until somebody waits for a lock of the demo's holder: the moment at which a trouble
 * strikes.
 */
#ifndef GONOGO_DEMO_WATCH_H
#define GONOGO_DEMO_WATCH_H

#include "demo_session.h"

struct demo_watch_hooks {
    void (*ready)(void *ctx, const struct err *err); /* once: it looks now; or why it cannot */
    void (*waited)(void *ctx);                       /* once; it does not look again */
};
struct demo_watch;
/* `holder` is a server process; loop and scratch outlive the watch. NULL: see err. */
struct demo_watch *demo_watch_new(struct loop *loop, struct scratch_server *scratch, int holder,
                                  const struct demo_watch_hooks *hooks, void *ctx,
                                  struct err *err);
void demo_watch_free(struct demo_watch *watch); /* NULL is none */

#endif
