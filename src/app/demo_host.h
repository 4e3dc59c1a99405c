/* SPDX-License-Identifier: PostgreSQL */
/*
 * The demo's host process; see demo_server.h. It writes lines into the pipe: a word,
 * a blank, a text. "progress" may come often; then one "ready", with the folder's path,
 * or one "failed", with the reason. When the pipe ends it cleans up and ends, unless it
 * is to be kept: then SIGTERM ends it.
 */
#ifndef GONOGO_DEMO_HOST_H
#define GONOGO_DEMO_HOST_H

#include "demo_server.h"
#include "demo_trouble.h"

#define DEMO_OWNER      "app_owner"
#define DEMO_REPORT     "demo_report"
#define DEMO_DATABASE   "app"
#define DEMO_PORT       "5432"
#define DEMO_APP_SOCKET "app.sock"
#define DEMO_APP_LOG    "app.log"

/* The life of the child: never returns. `pipe_fd` is its only tie to the parent. */
NORETURN void demo_host_live(int pipe_fd, const struct demo_request *request,
                             const struct demo_trouble *trouble, bool keep);

#endif
