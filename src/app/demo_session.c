/* SPDX-License-Identifier: PostgreSQL */
/*
 * One way to connect for whoever builds the demo, breaks it, or watches it.
 */
#include "demo_session.h"

static const int64_t connect_limit_us = 30 * US_PER_SECOND;

struct task_session *demo_connect(struct loop *loop, struct scratch_server *scratch,
                                  struct arena *arena, const struct demo_login *login,
                                  const struct task_session_hooks *hooks, void *ctx,
                                  struct err *err)
{
    struct db_params params = {0};
    static const struct db_setting settings[] = {{"TimeZone", "UTC"},
                                                 {"search_path", "public"}};
    scratch_server_params(scratch, &params, arena, login->database, login->user);
    struct task_session *session = task_session_new(loop, hooks, ctx);
    if (!task_session_connect(session, &params, login->application, settings,
                              COUNT_OF(settings), loop_now_us() + connect_limit_us, err)) {
        task_session_free(session);
        return NULL;
    }
    return session;
}

void demo_run(struct task_session *session, struct arena *arena, const char *const *texts)
{
    size_t count = 0;
    while (texts && texts[count] != NULL) {
        count++;
    }
    struct task_statement *list = arena_array(arena, count + 1, sizeof *list);
    for (size_t i = 0; i < count; i++) {
        list[i] = (struct task_statement){.sql = texts[i], .simple = true};
    }
    task_session_run(session, list, count);
}
