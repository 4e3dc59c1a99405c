/* SPDX-License-Identifier: PostgreSQL */
/*
 * Sessions on the demo's server: how its processes connect, and how a list of texts runs.
 */
#ifndef GONOGO_DEMO_SESSION_H
#define GONOGO_DEMO_SESSION_H

#include "scratch_server.h"
#include "task_child.h"

struct demo_login {
    const char *database, *user, *application;
};
/*
 * Begins to connect, within 30 s; `hooks` get `ctx`. What is made stands in `arena`, which
 * outlives the session. NULL: it could not be begun, see err; no hook is called then.
 */
struct task_session *demo_connect(struct loop *loop, struct scratch_server *scratch,
                                  struct arena *arena, const struct demo_login *login,
                                  const struct task_session_hooks *hooks, void *ctx,
                                  struct err *err);
/* Runs the texts in order, each as it is sent by psql; `texts` ends with NULL, NULL is none. */
void demo_run(struct task_session *session, struct arena *arena, const char *const *texts);

#endif
