/* SPDX-License-Identifier: PostgreSQL */
/*
 * The glue of task_child.h. A session is never freed while one of its callbacks is on
 * the stack: `inside` counts them, `gone` remembers the wish.
 */
#include "task_child.h"

/* ---------------------------------------------------------------- children */

static void child_wants(void *ctx, struct loop_want *want)
{
    const struct task_child *child = ctx;
    proc_wants(child->proc, &want->fd, &want->events, &want->deadline_us);
}

static void child_ready(void *ctx, short revents, int64_t now_us)
{
    struct task_child *child = ctx;
    proc_ready(child->proc, revents, now_us);
}

bool task_child_start(struct task_child *child, struct loop *loop, const struct proc_spec *spec,
                      struct err *err)
{
    task_child_release(child);
    struct proc *proc = proc_start(spec, loop_now_us(), err);
    if (proc == NULL) {
        return false;
    }
    child->loop = loop;
    child->proc = proc;
    child->source = loop_add(loop, &(struct loop_source){child_wants, child_ready, child});
    return true;
}

bool task_child_runs(const struct task_child *child)
{
    return child->proc != NULL && proc_is_running(child->proc);
}

void task_child_release(struct task_child *child)
{
    if (child->proc != NULL) {
        loop_remove(child->loop, child->source);
        proc_free(child->proc);
    }
    *child = (struct task_child){0};
}

/* ---------------------------------------------------------------- sessions */

struct task_session {
    struct loop *loop;
    struct task_session_hooks hooks;
    void *ctx;
    struct db_session *db;
    uint32_t source;
    bool connecting;
    const struct task_statement *statements;
    size_t count;
    size_t next;
    struct arena arena; /* of the newest reply */
    int inside;
    bool gone;
};

static void really_free(struct task_session *session)
{
    db_free(session->db);
    arena_release(&session->arena);
    free(session);
}

static void session_wants(void *ctx, struct loop_want *want)
{
    const struct task_session *session = ctx;
    db_wants(session->db, &want->fd, &want->events, &want->deadline_us);
}

static void session_ready(void *ctx, short revents, int64_t now_us)
{
    struct task_session *session = ctx;
    session->inside++;
    db_ready(session->db, revents, now_us);
    session->inside--;
    if (session->gone && session->inside == 0) {
        really_free(session);
    }
}

static void on_connected(void *ctx)
{
    struct task_session *session = ctx;
    if (session->connecting && !session->gone) {
        session->connecting = false;
        session->hooks.connected(session->ctx, NULL);
    }
}

static void on_lost(void *ctx, const struct err *why)
{
    struct task_session *session = ctx;
    if (session->connecting && !session->gone) {
        session->connecting = false;
        session->hooks.connected(session->ctx, why);
    }
    /* Otherwise the statement in flight has got its UNKNOWN reply; the next send will fail. */
}

struct task_session *task_session_new(struct loop *loop, const struct task_session_hooks *hooks,
                                      void *ctx)
{
    struct task_session *session = mem_zero(1, sizeof *session);
    session->loop = loop;
    session->hooks = *hooks;
    session->ctx = ctx;
    session->db =
        db_new(&(struct db_hooks){.connected = on_connected, .lost = on_lost}, session);
    session->source =
        loop_add(loop, &(struct loop_source){session_wants, session_ready, session});
    return session;
}

void task_session_free(struct task_session *session)
{
    if (session == NULL || session->gone) {
        return;
    }
    session->gone = true;
    loop_remove(session->loop, session->source);
    if (session->inside == 0) {
        really_free(session);
    }
}

bool task_session_connect(struct task_session *session, const struct db_params *params,
                          const char *application_name, const struct db_setting *settings,
                          size_t setting_count, int64_t deadline_us, struct err *err)
{
    struct db_target target = {
        .params = params,
        .application_name = application_name,
        .check_interval_us = 2 * US_PER_SECOND, /* a query ends soon after we are gone */
        .settings = settings,
        .setting_count = setting_count,
    };
    session->connecting = db_connect(session->db, &target, loop_now_us(), deadline_us, err);
    return session->connecting;
}

static void finish(struct task_session *session, const struct err *err)
{
    session->statements = NULL;
    session->hooks.done(session->ctx, err);
}

static void send_next(struct task_session *session);

static void on_reply(void *ctx, const struct db_reply *reply)
{
    struct task_session *session = ctx;
    struct err err = {0};
    if (session->gone) {
        return;
    }
    if (reply->outcome != DB_OK) {
        (void)db_reply_err(reply, &err);
        finish(session, &err);
        return;
    }
    if (session->hooks.answered != NULL &&
        !session->hooks.answered(session->ctx, session->next - 1, reply, &err)) {
        if (!session->gone) {
            finish(session, &err);
        }
        return;
    }
    if (!session->gone) {
        send_next(session);
    }
}

static void send_next(struct task_session *session)
{
    if (session->next == session->count) {
        finish(session, NULL);
        return;
    }
    const struct task_statement *statement = &session->statements[session->next++];
    struct err err = {0};
    arena_clear(&session->arena);
    struct db_request request = {
        .sql = str_from(statement->sql),
        .simple = statement->simple,
        .params = statement->param_count > 0 ? statement->params : NULL,
        .param_count = statement->param_count,
        .arena = &session->arena,
        .done = on_reply,
        .ctx = session,
    };
    if (!db_send(session->db, &request, loop_now_us(), &err)) {
        finish(session, &err);
    }
}

void task_session_run(struct task_session *session, const struct task_statement *statements,
                      size_t count)
{
    session->statements = statements;
    session->count = count;
    session->next = 0;
    send_next(session);
}

struct db_session *task_session_db(struct task_session *session)
{
    return session->db;
}
