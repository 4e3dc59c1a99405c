/* SPDX-License-Identifier: PostgreSQL */
/*
 * Where a throw-away server can be: which programs, under which account, in which
 * folder. The folder must be short (a socket's path has 107 bytes), reachable for
 * that account, and must say who made it, so that leftovers can be told from the
 * living. Used by scratch_server only, but for the two lookups of programs.
 */
#ifndef GONOGO_SCRATCH_PLACE_H
#define GONOGO_SCRATCH_PLACE_H

#include "base.h"

#include <sys/types.h>

/* The account that initdb and postgres run under. */
struct scratch_account {
    bool drop; /* we are root and must become it */
    uid_t uid;
    gid_t gid;
};
bool scratch_account_find(struct scratch_account *account, struct err *err) MUST_CHECK;

/*
 * The folder of PostgreSQL's programs to use for a server of `wanted` major (0: any).
 * Asks pg_config, then looks at the usual places; may run a few programs with
 * --version, a few milliseconds each.
 */
bool scratch_bindir_find_blocking(struct arena *arena, int wanted, bool exactly,
                                  struct str *bindir, int *major, struct err *err) MUST_CHECK;

/*
 * A new folder, mode 0700, owned by the account, with our mark in it. Tries TMPDIR,
 * /tmp, the user's runtime folder, /run; with `memory` and without a TMPDIR /dev/shm before
 * all, if it has room (1 GiB). Appends the path.
 */
bool scratch_folder_make(const struct scratch_account *account, bool memory,
                         struct strbuf *path, struct err *err) MUST_CHECK;
/* The same for the record of a demo that goes with it: owned by who runs us. */
bool scratch_runs_make(struct strbuf *path, struct err *err) MUST_CHECK;
/* Removes a folder that one of them made. */
bool scratch_folder_remove(const char *path, struct err *err) MUST_CHECK;

/* When a process was started, in ticks since boot: with the pid it names one process for ever.
 * 0: there is none. */
int64_t scratch_process_start(pid_t pid);

#endif
