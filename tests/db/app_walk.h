/* SPDX-License-Identifier: PostgreSQL */
/*
 * For tests that walk a whole run in this process: a folder with a plan and its files,
 * and a front that answers every question as the test says.
 */
#ifndef GONOGO_TEST_APP_WALK_H
#define GONOGO_TEST_APP_WALK_H

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app.h"
#include "files.h"
#include "loop.h"
#include "server.h"

enum {
    WALK_ANSWERS_MAX = 400 /* a run that asks more often goes in circles */
};

struct walk {
    char root[64];
    char plan[128];
    char runs[128];
    char directory[256]; /* of the newest run */
    struct arena arena;
    /* how to answer; the default goes on and on, and leaves when something is wrong */
    bool rollback_on_trouble; /* FAILED, ACCEPT, HOLD: open the rollback decision */
    bool accept;
    const char *option;
    const char *typed; /* instead of the database's name */
    /* called with each model before it is answered; may act on the server */
    void (*watch)(struct walk *walk, const struct run *run);
    void *ctx;
    void (*started)(void *ctx, const struct app_view *view);
    void *started_ctx;
    /* what happened */
    int answers;
    enum ask_kind last_ask;
    const struct run *run;
    bool asked;
    enum state states[STATE__COUNT]; /* seen, as a set */
    bool seen[STATE__COUNT];
    struct err err;
};

static inline void walk_write(struct walk *walk, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", walk->root, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
        printf("Bail out! cannot write %s\n", path);
        exit(1);
    }
    close(fd);
}

static inline void walk_init(struct walk *walk)
{
    *walk = (struct walk){0};
    snprintf(walk->root, sizeof(walk->root), "/tmp/gonogo-walk-XXXXXX");
    if (!mkdtemp(walk->root)) {
        printf("Bail out! no folder\n");
        exit(1);
    }
    snprintf(walk->plan, sizeof(walk->plan), "%s/plan.yaml", walk->root);
    snprintf(walk->runs, sizeof(walk->runs), "%s/runs", walk->root);
}

static inline void walk_release(struct walk *walk)
{
    struct err err = {0};
    int tmp = files_open_directory(AT_FDCWD, "/tmp", NULL, &err);
    if (tmp < 0 || !files_remove_tree(tmp, strrchr(walk->root, '/') + 1, &err)) {
        printf("# %s\n", err.message);
    }
    close(tmp);
    arena_release(&walk->arena);
}

/* -------------------------------------------------------------------- front */

static inline void walk_present(void *ctx, const struct run *run)
{
    struct walk *walk = ctx;
    struct ask asks[ASKS_MAX];
    struct arena arena = {0};
    walk->run = run;
    walk->seen[run->state] = true;
    walk->asked = engine_asks(run, &arena, asks, ASKS_MAX) > 0;
    arena_release(&arena);
    if (walk->watch) {
        walk->watch(walk, run);
    }
}

static inline void walk_wants(void *ctx, int *fd, short *events, int64_t *deadline_us)
{
    const struct walk *walk = ctx;
    *fd = -1;
    *events = 0;
    *deadline_us = walk->asked ? 0 : INT64_MAX;
}

static inline struct event walk_answer(struct walk *walk, const struct run *run,
                                       const struct ask *ask)
{
    struct event event = {.kind = EVENT_LEAVE, .script = -1, .who = STR("anna"), .id = ask->id};
    switch (ask->kind) {
    case ASK_NOTE:
    case ASK_MANUAL:
    case ASK_CRITERION:
        event.kind = EVENT_NOTE;
        event.text = STR("yes");
        break;
    case ASK_OVERRIDE:
        event.kind = EVENT_OVERRIDE;
        event.text = STR("for the test");
        break;
    case ASK_ATTEST:
        event.kind = EVENT_ATTEST;
        event.name = STR("snap");
        event.value = run->now_us;
        break;
    case ASK_VOTE:
        event.kind = EVENT_VOTE;
        event.tag = STR("GO");
        break;
    case ASK_NAME:
        event.kind = EVENT_NAME;
        event.text = walk->typed ? str_from(walk->typed) : run->database;
        break;
    case ASK_GO_ON:
        event.kind = EVENT_GO_ON;
        break;
    case ASK_ACCEPT:
        event.kind = walk->accept ? EVENT_ACCEPT : EVENT_LEAVE;
        event.text = STR("for the test");
        break;
    case ASK_ACKNOWLEDGE:
        event.kind = EVENT_ACKNOWLEDGE;
        break;
    case ASK_OPTION:
        event.kind = walk->option ? EVENT_OPTION : EVENT_LEAVE;
        event.id = str_from(walk->option);
        break;
    case ASK_CONFIRM:
        event.kind = EVENT_CONFIRM;
        event.text = STR("ROLLBACK");
        event.who = ask->id;
        break;
    case ASK_SIGN_OFF:
        event.kind = EVENT_SIGN_OFF;
        break;
    case ASK_WRONG_COUNTS:
    case ASK_FAILED:
    case ASK_HOLD:
    case ASK_IN_DOUBT:
    case ASK__COUNT:
        break;
    }
    if (event.kind == EVENT_LEAVE && walk->rollback_on_trouble && ask->kind != ASK_OPTION) {
        event.kind = EVENT_ROLLBACK;
        event.text = STR("for the test");
    }
    return event;
}

static inline void walk_ready(void *ctx, const struct run *run, short revents,
                              const struct front_events *events)
{
    struct walk *walk = ctx;
    struct ask asks[ASKS_MAX];
    struct arena arena = {0};
    (void)revents;
    walk->asked = false;
    if (engine_asks(run, &arena, asks, ASKS_MAX) > 0) {
        struct event event = walk_answer(walk, run, &asks[0]);
        walk->last_ask = asks[0].kind;
        if (++walk->answers > WALK_ANSWERS_MAX) {
            event = (struct event){.kind = EVENT_LEAVE, .script = -1, .who = STR("anna")};
        }
        events->emit(events->ctx, &event);
    }
    arena_release(&arena);
}

static inline void walk_close(void *ctx)
{
    (void)ctx;
}

static inline bool walk_open(void *ctx, const struct app_view *view, struct front *front,
                             struct err *err)
{
    (void)err;
    struct walk *walk = ctx;
    snprintf(walk->directory, sizeof(walk->directory), "%s", view->directory);
    *front = (struct front){.ctx = walk,
                            .present = walk_present,
                            .wants = walk_wants,
                            .ready = walk_ready,
                            .close = walk_close};
    return true;
}

/* --------------------------------------------------------------------- runs */

static inline int walk_run(struct walk *walk, const struct test_server *server,
                           const char *database)
{
    struct app_run_options options = {
        .plan_path = walk->plan,
        .mode = RUN_REHEARSAL,
        .connection = {.host = test_server_socket_dir(server),
                       .port = test_server_port(server),
                       .user = "app_owner",
                       .database = database},
        .runs_root = walk->runs,
        .simulated_clock = true,
        .clock_at_us = INT64_C(1706688000000000), /* 2024-01-31 08:00 UTC */
        .time_scale = 720.0,
        .headless = true,
        .front_open = walk_open,
        .front_ctx = walk,
        .started = walk->started,
        .started_ctx = walk->started_ctx,
    };
    return app_run(&options, &walk->err);
}

static inline int walk_resume(struct walk *walk)
{
    struct app_resume_options options = {
        .runs_root = walk->runs, .headless = true, .front_open = walk_open, .front_ctx = walk};
    walk->asked = false;
    walk->answers = 0;
    return app_resume(&options, &walk->err);
}

#endif
