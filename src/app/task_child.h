/* SPDX-License-Identifier: PostgreSQL */
/*
 * A child program and a database session as sources of the loop: the glue that every
 * task and the throw-away server need, written once. A session here runs a list of
 * statements one after the other and stops at the first that fails.
 */
#ifndef GONOGO_TASK_CHILD_H
#define GONOGO_TASK_CHILD_H

#include "base.h"
#include "db.h"
#include "loop.h"
#include "proc.h"

/* ---------------------------------------------------------------- children */

/* `= {0}` is none. The address must stay while it runs. */
struct task_child {
    struct loop *loop;
    struct proc *proc;
    uint32_t source;
};
/* False: nothing was started and `ended` never comes. */
bool task_child_start(struct task_child *child, struct loop *loop, const struct proc_spec *spec,
                      struct err *err) MUST_CHECK;
bool task_child_runs(const struct task_child *child);
/* Kills what runs, without `ended`. May be called from `ended`, and again. */
void task_child_release(struct task_child *child);

/* ---------------------------------------------------------------- sessions */

struct task_session;
struct task_session_hooks {
    /* `err` NULL: connected. Once per task_session_connect(). */
    void (*connected)(void *ctx, const struct err *err);
    /* Each good reply of task_session_run(), in order; rows live until the next statement.
     * False ends the list: the hook has said why in `err`. May be NULL. */
    bool (*answered)(void *ctx, size_t index, const struct db_reply *reply, struct err *err);
    /* The end of a list: `err` NULL, or why it stopped. May start the next list. */
    void (*done)(void *ctx, const struct err *err);
};
struct task_session *task_session_new(struct loop *loop, const struct task_session_hooks *hooks,
                                      void *ctx);
/* Closes. From inside a hook it takes effect when the hook has returned; no hook is called
 * again in either case. NULL is fine. */
void task_session_free(struct task_session *session);
/* Borrows `params` during the call. `settings` as db.h has them. */
bool task_session_connect(struct task_session *session, const struct db_params *params,
                          const char *application_name, const struct db_setting *settings,
                          size_t setting_count, int64_t deadline_us,
                          struct err *err) MUST_CHECK;
/* A statement with up to four text parameters. */
enum {
    TASK_PARAMS_MAX = 4
};
struct task_statement {
    const char *sql;
    const char *params[TASK_PARAMS_MAX];
    size_t param_count;
    bool simple;
};
/* Runs them in order; `statements` is borrowed until `done`. Nothing else may be running. */
void task_session_run(struct task_session *session, const struct task_statement *statements,
                      size_t count);
struct db_session *task_session_db(struct task_session *session); /* to read */

#endif
