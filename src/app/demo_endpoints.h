/* SPDX-License-Identifier: PostgreSQL */
/*
 * The demo's application, as far as a maintenance window can see it: three endpoints on
 * a private unix socket that answer 200 only when the database answers a query on
 * their table, else 503, and a log file that gets a line for each failure.
 */
#ifndef GONOGO_DEMO_ENDPOINTS_H
#define GONOGO_DEMO_ENDPOINTS_H

#include "db.h"
#include "loop.h"

struct demo_endpoints;
/* Borrows `params` (of the application's own session) until freed. Makes the socket and the
 * log; `log_path` must not exist. */
struct demo_endpoints *demo_endpoints_new(struct loop *loop, const struct db_params *params,
                                          const char *socket_path, const char *log_path,
                                          struct err *err) MUST_CHECK;
void demo_endpoints_free(struct demo_endpoints *endpoints);

#endif
