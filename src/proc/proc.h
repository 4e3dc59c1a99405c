/* SPDX-License-Identifier: PostgreSQL */
/*
 * proc: child programs. argv and environment are arrays that the caller built;
 * there is no shell here, and nothing of ours leaks into the child: every other
 * descriptor is closed at exec, signals are back to their defaults, stdin is the
 * given bytes, the given descriptor, or /dev/null.
 *
 * Each child leads its own process group. When it ends, however it ends, whatever
 * is left of the group is killed, so that a hook which forks leaves no orphan (a
 * descendant that calls setsid() has left the group and is out of reach; its hold
 * on our pipes ends after a moment). A timeout or proc_stop() sends SIGTERM to the
 * group and SIGKILL after a grace period.
 *
 * Integration: one descriptor and one deadline, as proc_wants() says; when either
 * comes, proc_ready(). Nothing blocks except where the name or comment says so.
 */
#ifndef GONOGO_PROC_H
#define GONOGO_PROC_H

#include "base.h"
#include <sys/types.h>

enum proc_stream {
    PROC_STDOUT,
    PROC_STDERR,
    PROC_STREAM__COUNT
};

enum proc_how {
    PROC_EXITED,      /* it ended by itself: `status` */
    PROC_SIGNALLED,   /* a signal ended it: `signal_number` */
    PROC_NOT_STARTED, /* it never ran: `exec_errno` (of chdir, setuid or exec) */
};

/* How a child ended. Valid in the callback and, as a copy, for ever. */
struct proc_end {
    enum proc_how how;
    int status;
    int signal_number;
    int exec_errno;
    bool timed_out; /* its timeout passed, so it was stopped */
    bool stopped;   /* proc_stop() was called */
    int64_t elapsed_us;
    uint64_t bytes[PROC_STREAM__COUNT];   /* that the child wrote to each pipe */
    uint64_t dropped[PROC_STREAM__COUNT]; /* of those, not handed on because of the cap */
};
/* Did it exit by itself with status 0? */
bool proc_end_ok(const struct proc_end *end);
/* For people: "exit status 1", "killed by signal 9", "not started: No such file or directory",
 * "stopped after 5.0 s (timeout), killed by signal 15". */
void proc_end_text(const struct proc_end *end, struct strbuf *out);

/* What to start. `= {0}` plus path, argv and envp is a valid request. Borrowed during
 * proc_start() only, input bytes included. */
struct proc_spec {
    const char *path;        /* of the program; proc_find() makes one out of a bare name */
    const char *const *argv; /* argv[0] first, NULL last */
    const char *const *envp; /* the child's whole environment, NULL last; NULL: empty */
    const char *directory;   /* working directory; NULL: ours */
    struct str input;        /* bytes for its stdin; then end of file */
    int input_fd;            /* > 2: its stdin instead of bytes; otherwise /dev/null or bytes */
    int output_fd;           /* > 2: its stdout goes there (a file), not to the callback */
    bool raw;                /* hand on bytes as they come, not lines */
    size_t output_cap;       /* bytes per stream to hand on; 0: PROC_OUTPUT_CAP */
    int64_t timeout_us;      /* 0: none */
    int64_t grace_us;        /* between SIGTERM and SIGKILL; 0: PROC_GRACE_US */
    bool run_as;             /* become uid and gid, without other groups; needs root */
    uid_t uid;
    gid_t gid;
    int death_signal; /* sent to the child, not to its group, when we die (PR_SET_PDEATHSIG);
                         0: none. What it had forked is found by its group id at resume */
    /*
     * One line without its newline (at most PROC_LINE_MAX bytes, a longer one comes
     * in pieces), or a run of bytes when `raw`. Hostile bytes as they came: sanitise
     * before showing. NULL: drop. Must not call proc_free().
     */
    void (*output)(void *ctx, enum proc_stream stream, struct str text);
    /* Once, as the last call. May call proc_free(). */
    void (*ended)(void *ctx, const struct proc_end *end);
    void *ctx;
};

#define PROC_OUTPUT_CAP ((size_t)1024 * 1024)
#define PROC_LINE_MAX   ((size_t)8192)
#define PROC_GRACE_US   (2 * US_PER_SECOND)
#define PROC_NEVER      INT64_MAX

struct proc;
/* NULL and `err` when no child could be made (no descriptors, no memory). A failed exec is
 * reported by `ended`. */
struct proc *proc_start(const struct proc_spec *spec, int64_t now_us,
                        struct err *err) MUST_CHECK;
/* What to wait for: fd -1 when it has ended; deadline PROC_NEVER when there is none. */
void proc_wants(const struct proc *proc, int *fd, short *events, int64_t *deadline_us);
void proc_ready(struct proc *proc, short revents, int64_t now_us);
/* SIGTERM to the group now, SIGKILL after the grace period. Again: nothing new. */
void proc_stop(struct proc *proc, int64_t now_us);
bool proc_is_running(const struct proc *proc); /* false once `ended` was called */
pid_t proc_pid(const struct proc *proc);       /* also the process group; for the journal */
/* A child that still runs is killed with its group and reaped, without `ended`; this may wait
 * up to one second for the kernel. */
void proc_free(struct proc *proc);

/*
 * For a child that was forked and does not exec: closes every descriptor of ours but
 * `keep_fd`, so that no socket or lock outlives us in it; 0 to 2 become /dev/null; it is
 * killed when we die.
 */
void proc_stand_alone(int keep_fd);

/*
 * The full path of a bare program name in a fixed list of folders (NULL last):
 * the first regular file that may be executed. A name with a slash, an empty name
 * and "." are refused. The environment's PATH is never read.
 */
bool proc_find(struct arena *arena, const char *name, const char *const *folders,
               const char **path, struct err *err) MUST_CHECK;

#endif
