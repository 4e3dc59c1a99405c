/* SPDX-License-Identifier: PostgreSQL */
/*
 * The demo's world: a throw-away PostgreSQL with the plan's seed loaded, an
 * application that answers three health endpoints, its log file, and one trouble if
 * somebody asks for it. From then on a demo is an ordinary run against an ordinary
 * target; nothing below the command line knows that it is one.
 *
 * All of it lives in one child process of ours, the host: it starts the server, loads
 * the seed, serves the endpoints and makes the trouble. The host lives as long as we
 * hold our end of its pipe, so everything is removed however we end, even by
 * SIGKILL. With `keep` it stays until somebody sends it SIGTERM.
 */
#ifndef GONOGO_DEMO_SERVER_H
#define GONOGO_DEMO_SERVER_H

#include "app.h"
#include "base.h"
#include "plan.h"

#include <sys/types.h>

struct demo_request {
    struct str seed;              /* SQL text of the target's seed file */
    struct plan_seed_roles roles; /* that the server gets beside the owner */
    const char *plan;             /* the sample plan's name, for its troubles; never NULL */
    const char *trouble;          /* a word of demo_troubles for that plan; NULL: none */
    const char *cache;            /* folder for templates; NULL: none */
    bool keep;                    /* stays when we go; a trouble may imply it */
    /* Called while it starts, with a line for people; may be NULL. */
    void (*progress)(void *ctx, const char *text);
    void *ctx;
};

struct demo;
/*
 * Starts everything and waits until it is ready: 0.3 s from the template, some seconds
 * the first time. To be called before the terminal, the signal pipe or any session is
 * opened, because it forks.
 */
struct demo *demo_start_blocking(const struct demo_request *request,
                                 struct err *err) MUST_CHECK;
/*
 * What app_run() needs to walk on it: the connection, and app_url, app_socket, app_log
 * for ${name}. Texts are borrowed from the demo.
 */
enum {
    DEMO_VALUES = 3
};
void demo_connection(const struct demo *demo, struct app_connection *connection);
void demo_values(const struct demo *demo, struct app_value values[DEMO_VALUES]);
/* Where things are; borrowed. */
const char *demo_folder(const struct demo *demo);
pid_t demo_host_pid(const struct demo *demo);
bool demo_is_kept(const struct demo *demo);
/* Asks the demo's host for a trouble by its name, now; it happens a moment later. */
bool demo_break(struct demo *demo, const char *name, struct err *err) MUST_CHECK;
/* Appends, for a kept demo, the commands that are left: for the run (`resumable`, or over), for
 * the database, and to remove it all. `run` empty: there is none. */
void demo_keep_text(const struct demo *demo, struct str run, bool resumable,
                    struct strbuf *out);
/*
 * A private folder for the record of a demo that goes with it. One that was left by a
 * killed demo is swept when the next server starts. Appends the path.
 */
bool demo_runs_make(struct strbuf *path, struct err *err) MUST_CHECK;
bool demo_runs_remove(const char *path, struct err *err) MUST_CHECK;
/* Ends and removes everything, or lets go of it when it is kept. Accepts NULL. */
void demo_stop_blocking(struct demo *demo);

#endif
