/* SPDX-License-Identifier: PostgreSQL */
/*
 * Fifty looks a second, each a question to the server: is anybody's lock held up by that
 * process? A server that goes away ends the looking, and says nothing.
 */
#include "demo_watch.h"

static const int64_t pause_us = 20 * US_PER_MS;

struct demo_watch {
    struct loop *loop;
    const struct demo_watch_hooks *hooks;
    void *ctx;
    struct arena arena;
    struct task_session *session;
    struct task_statement question;
    int64_t due_us; /* when to look again; LOOP_NEVER: not */
    uint32_t source;
};

static void on_connected(void *ctx, const struct err *err)
{
    struct demo_watch *watch = ctx;
    watch->due_us = err == NULL ? loop_now_us() : LOOP_NEVER;
    watch->hooks->ready(watch->ctx, err);
}

static bool on_answered(void *ctx, size_t index, const struct db_reply *reply, struct err *err)
{
    struct demo_watch *watch = ctx;
    (void)index;
    (void)err;
    if (!rows_bool(&reply->rows, 0, 0)) {
        return true;
    }
    watch->due_us = LOOP_NEVER;
    watch->hooks->waited(watch->ctx);
    task_session_free(watch->session);
    watch->session = NULL;
    return false;
}

static void on_done(void *ctx, const struct err *err)
{
    struct demo_watch *watch = ctx;
    watch->due_us = err == NULL ? loop_now_us() + pause_us : LOOP_NEVER;
}

static void wants(void *ctx, struct loop_want *want)
{
    const struct demo_watch *watch = ctx;
    want->deadline_us = watch->due_us;
}

static void look(void *ctx, short revents, int64_t now_us)
{
    struct demo_watch *watch = ctx;
    (void)revents;
    (void)now_us;
    watch->due_us = LOOP_NEVER;
    task_session_run(watch->session, &watch->question, 1);
}

struct demo_watch *demo_watch_new(struct loop *loop, struct scratch_server *scratch, int holder,
                                  const struct demo_watch_hooks *hooks, void *ctx,
                                  struct err *err)
{
    static const struct task_session_hooks session_hooks = {on_connected, on_answered, on_done};
    struct demo_watch *watch = mem_zero(1, sizeof *watch);
    struct demo_login login = {"postgres", scratch_server_user(scratch), "gonogo demo"};
    watch->loop = loop;
    watch->hooks = hooks;
    watch->ctx = ctx;
    watch->due_us = LOOP_NEVER;
    watch->question.sql =
        str_format(
            &watch->arena,
            "select exists (select from pg_catalog.pg_stat_activity "
            "where wait_event_type = 'Lock' and %d = any (pg_catalog.pg_blocking_pids(pid)))",
            holder)
            .ptr;
    watch->source = loop_add(loop, &(struct loop_source){wants, look, watch});
    watch->session =
        demo_connect(loop, scratch, &watch->arena, &login, &session_hooks, watch, err);
    if (watch->session == NULL) {
        demo_watch_free(watch);
        return NULL;
    }
    return watch;
}

void demo_watch_free(struct demo_watch *watch)
{
    if (watch != NULL) {
        loop_remove(watch->loop, watch->source);
        task_session_free(watch->session);
        arena_release(&watch->arena);
        free(watch);
    }
}
