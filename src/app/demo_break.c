/* SPDX-License-Identifier: PostgreSQL */
/*
 * One trouble at a time: the owner prepares it, then either a session is opened that
 * holds what the migration wants, or the server crashes, or nothing more is needed.
 */
#include "demo_break.h"

#include "demo_host.h"
#include "demo_session.h"

struct demo_breaker {
    struct loop *loop;
    struct scratch_server *scratch;
    struct arena arena;
    const struct demo_trouble *trouble; /* the one that is being made; NULL: none */
    struct task_session *session;       /* of the owner, while it prepares */
    struct task_session *holder;        /* idle in its transaction, until the demo ends */
};

static struct task_session *connect_as(struct demo_breaker *breaker, const char *user,
                                       const char *application,
                                       const struct task_session_hooks *hooks)
{
    struct err err = {0}; /* without a session there is no trouble, and nobody waits for it */
    struct demo_login login = {DEMO_DATABASE, user, application};
    return demo_connect(breaker->loop, breaker->scratch, &breaker->arena, &login, hooks,
                        breaker, &err);
}

static void hold_connected(void *ctx, const struct err *err)
{
    struct demo_breaker *breaker = ctx;
    if (err == NULL) {
        demo_run(breaker->holder, &breaker->arena, breaker->trouble->what);
    } else {
        breaker->trouble = NULL;
    }
}

static void hold_done(void *ctx, const struct err *err)
{
    (void)err;
    ((struct demo_breaker *)ctx)->trouble = NULL;
}

static void finish(struct demo_breaker *breaker)
{
    static const struct task_session_hooks hooks = {.connected = hold_connected,
                                                    .done = hold_done};
    switch (breaker->trouble->when) {
    case DEMO_SEEDED:
        breaker->trouble = NULL;
        break;
    case DEMO_HELD:
        task_session_free(breaker->holder);
        breaker->holder = connect_as(breaker, DEMO_REPORT, "nightly report", &hooks);
        if (breaker->holder == NULL) {
            breaker->trouble = NULL;
        }
        break;
    case DEMO_WATCHED:
        breaker->trouble = NULL;
        scratch_server_crash(breaker->scratch);
        break;
    }
}

static void prepare_connected(void *ctx, const struct err *err)
{
    struct demo_breaker *breaker = ctx;
    if (err == NULL) {
        demo_run(breaker->session, &breaker->arena, breaker->trouble->prepare);
    } else {
        breaker->trouble = NULL;
    }
}

static void prepare_done(void *ctx, const struct err *err)
{
    struct demo_breaker *breaker = ctx;
    task_session_free(breaker->session);
    breaker->session = NULL;
    if (err == NULL) {
        finish(breaker);
    } else {
        breaker->trouble = NULL;
    }
}

struct demo_breaker *demo_breaker_new(struct loop *loop, struct scratch_server *scratch)
{
    struct demo_breaker *breaker = mem_zero(1, sizeof *breaker);
    breaker->loop = loop;
    breaker->scratch = scratch;
    return breaker;
}

void demo_breaker_free(struct demo_breaker *breaker)
{
    if (breaker != NULL) {
        task_session_free(breaker->session);
        task_session_free(breaker->holder);
        arena_release(&breaker->arena);
        free(breaker);
    }
}

void demo_breaker_make(struct demo_breaker *breaker, const struct demo_trouble *trouble)
{
    static const struct task_session_hooks hooks = {.connected = prepare_connected,
                                                    .done = prepare_done};
    if (breaker->trouble != NULL) {
        return;
    }
    task_session_free(breaker->session);
    breaker->trouble = trouble;
    breaker->session = connect_as(breaker, DEMO_OWNER, "gonogo demo", &hooks);
    if (breaker->session == NULL) {
        breaker->trouble = NULL;
    }
}
