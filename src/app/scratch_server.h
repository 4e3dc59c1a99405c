/* SPDX-License-Identifier: PostgreSQL */
/*
 * A throw-away PostgreSQL: for restore tests and for the demo. It lives in one
 * private folder, speaks over one unix socket in it and never over TCP, and goes
 * when whoever started it goes: by scratch_server_stop(), by the kernel's death
 * signal when the process is killed, and what then still lies on the disk by
 * scratch_sweep() at the next start.
 *
 * As root only initdb and postgres run as another account (postgres, else nobody).
 * The result of initdb is kept in the user's cache and copied the next time, which
 * is four times faster. Everything happens in the caller's loop, by callbacks.
 */
#ifndef GONOGO_SCRATCH_SERVER_H
#define GONOGO_SCRATCH_SERVER_H

#include "base.h"
#include "db.h"
#include "loop.h"

#include <sys/types.h>

/* How to start one. `= {0}` is valid: the newest server programs there are, nothing kept. */
struct scratch_spec {
    int major;         /* wanted major version; 0: any */
    bool exactly;      /* no other than `major` will do */
    const char *cache; /* folder for templates, made when missing; NULL: none is used */
    /*
     * The name of a template that holds more than initdb's result, such as a loaded
     * seed: hex digits. NULL: plain. scratch_server_save() makes it.
     */
    const char *template_name;
    const char *const *settings; /* more "name=value", NULL last; may be NULL */
    bool statements;             /* preload pg_stat_statements where it is installed */
    /* May live in memory (/dev/shm), many times faster where files are made by the thousand:
     * only for what is known to be small. */
    bool memory;
};

struct scratch_hooks {
    void (*ready)(void *ctx); /* it answers */
    void (*failed)(void *ctx,
                   const struct err *why); /* it did not start, or it ended by itself */
    void (*stopped)(void *ctx);            /* after scratch_server_stop(): all is removed */
};

struct scratch_server;
/*
 * Hooks are copied and never called before this returns. NULL with `err` when there are
 * no server programs, no account to run them, or no folder. Borrows nothing from `spec`.
 */
struct scratch_server *scratch_server_new(struct loop *loop, const struct scratch_spec *spec,
                                          const struct scratch_hooks *hooks, void *ctx,
                                          struct err *err) MUST_CHECK;
/* Ends it (fast, then at once after a grace period) and removes its folder; `stopped` follows.
 */
void scratch_server_stop(struct scratch_server *server);
/* Kills what still runs and removes the folder; may wait up to a second. From inside a hook:
 * only `failed` and `stopped`. */
void scratch_server_free(struct scratch_server *server);

/* All borrowed until the server is freed. */
const char *scratch_server_folder(const struct scratch_server *server);
const char *scratch_server_socket(const struct scratch_server *server); /* libpq's host */
const char *scratch_server_port(const struct scratch_server *server);
const char *scratch_server_user(const struct scratch_server *server); /* its superuser */
pid_t scratch_server_pid(const struct scratch_server *server);        /* 0: does not run */
/* Did it start from the template that the spec names? */
bool scratch_server_from_template(const struct scratch_server *server);
/* The parameters of a session on one of its databases. */
void scratch_server_params(const struct scratch_server *server, struct db_params *params,
                           struct arena *arena, const char *database, const char *user);

/*
 * Shuts the server down cleanly, keeps a copy of its data as the template of the spec, and
 * starts it again; `ready` follows. A template that cannot be written is only not kept.
 */
void scratch_server_save(struct scratch_server *server);
/* Ends it without mercy, as a crash would, and starts it again on the same data; `ready`
 * follows. */
void scratch_server_crash(struct scratch_server *server);

/* XDG_CACHE_HOME/gonogo or ~/.cache/gonogo: where templates are kept; NULL when there is
 * neither. */
const char *scratch_cache_folder(struct arena *arena);
/* Removes the folders of servers whose owner is gone; never one that is alive. Best effort. */
void scratch_sweep(void);

#endif
