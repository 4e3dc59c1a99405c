/* SPDX-License-Identifier: PostgreSQL */
/*
 * Drives one db session with the real loop, for the tests of db. What the callbacks
 * saw is kept in the driver; texts are copied into its arena, so that a test may
 * look at them after the callback.
 */
#ifndef GONOGO_TEST_DB_DRIVER_H
#define GONOGO_TEST_DB_DRIVER_H

#include "base.h"
#include "db.h"
#include "loop.h"
#include "server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum {
    REPLIES_MAX = 64
};

struct driver {
    struct loop *loop;
    struct db_session *session;
    uint32_t source;
    struct arena arena;
    struct db_params params;
    size_t connected;
    size_t lost;
    struct err lost_err;
    uint64_t notices;
    char notice[64]; /* the last one's severity, SQLSTATE and message */
    size_t replies;
    struct db_reply reply[REPLIES_MAX];
    size_t finished;
    struct db_reply end;
    size_t cuts;
};

static inline void driver_wants(void *ctx, struct loop_want *want)
{
    struct driver *driver = ctx;
    db_wants(driver->session, &want->fd, &want->events, &want->deadline_us);
}

static inline void driver_ready(void *ctx, short revents, int64_t now_us)
{
    struct driver *driver = ctx;
    db_ready(driver->session, revents, now_us);
}

static inline void driver_connected(void *ctx)
{
    struct driver *driver = ctx;
    driver->connected++;
}

static inline void driver_lost(void *ctx, const struct err *why)
{
    struct driver *driver = ctx;
    driver->lost++;
    driver->lost_err = *why;
}

static inline void driver_notice(void *ctx, const struct db_notice *notice)
{
    struct driver *driver = ctx;
    driver->notices++;
    (void)snprintf(driver->notice, sizeof(driver->notice), "%.*s %.*s %.*s",
                   STR_ARG(notice->severity), STR_ARG(notice->sqlstate),
                   STR_ARG(notice->message));
}

static inline struct db_reply driver_copy(struct driver *driver, const struct db_reply *reply)
{
    struct db_reply copy = *reply;
    struct str *texts[] = {&copy.tag,    &copy.sqlstate, &copy.severity,  &copy.message,
                           &copy.detail, &copy.hint,     &copy.context,   &copy.schema,
                           &copy.table,  &copy.column,   &copy.constraint};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        *texts[i] = str_dup(&driver->arena, *texts[i]);
    }
    return copy;
}

static inline void driver_done(void *ctx, const struct db_reply *reply)
{
    struct driver *driver = ctx;
    assert_true(driver->replies < REPLIES_MAX);
    driver->reply[driver->replies++] = driver_copy(driver, reply);
}

static inline void driver_finished(void *ctx, const struct db_reply *reply)
{
    struct driver *driver = ctx;
    driver->finished++;
    driver->end = driver_copy(driver, reply);
}

static inline void driver_cut(void *ctx)
{
    struct driver *driver = ctx;
    driver->cuts++;
}

static inline void driver_init(struct driver *driver, const struct test_server *server,
                               const char *database, const char *user)
{
    static const struct db_hooks hooks = {driver_connected, driver_lost, driver_notice};
    *driver = (struct driver){.loop = loop_new()};
    driver->session = db_new(&hooks, driver);
    driver->source =
        loop_add(driver->loop, &(struct loop_source){driver_wants, driver_ready, driver});
    db_params_set(&driver->params, &driver->arena, "host", test_server_socket_dir(server));
    db_params_set(&driver->params, &driver->arena, "port", test_server_port(server));
    db_params_set(&driver->params, &driver->arena, "dbname", database);
    db_params_set(&driver->params, &driver->arena, "user", user);
}

static inline void driver_release(struct driver *driver)
{
    db_free(driver->session);
    loop_free(driver->loop);
    arena_release(&driver->arena);
    *driver = (struct driver){0};
}

static inline void driver_round(struct driver *driver)
{
    struct err err = {0};
    assert_true(loop_run_once(driver->loop, LOOP_NEVER, &err));
}

static inline void driver_start(struct driver *driver, const struct db_target *target,
                                int64_t wait_us)
{
    struct err err = {0};
    struct db_target whole = target != NULL ? *target : (struct db_target){0};
    int64_t now_us = loop_now_us();
    whole.params = &driver->params;
    assert_true(db_connect(driver->session, &whole, now_us, now_us + wait_us, &err));
    while (db_state(driver->session) == DB_CONNECTING) {
        driver_round(driver);
    }
}

/* Connected as superuser to the shared server. */
static inline void driver_open(struct driver *driver)
{
    driver_init(driver, test_server_get(), "postgres", "postgres");
    driver_start(driver, NULL, 10 * US_PER_SECOND);
    assert_int_equal(db_state(driver->session), DB_IDLE);
    assert_int_equal(driver->connected, 1);
}

static inline void driver_send(struct driver *driver, struct db_request request)
{
    struct err err = {0};
    request.done = request.done != NULL ? request.done : driver_done;
    request.cut = driver_cut;
    request.ctx = driver;
    if (request.arena == NULL) {
        request.arena = &driver->arena;
    }
    driver->replies = 0;
    if (!db_send(driver->session, &request, loop_now_us(), &err)) {
        fail_msg("not sent: %s", err.message);
    }
}

/* Until the reply is there. Borrowed until the next request. */
static inline const struct db_reply *driver_reply(struct driver *driver)
{
    while (driver->replies == 0) {
        driver_round(driver);
    }
    return &driver->reply[0];
}

static inline const struct db_reply *driver_run(struct driver *driver,
                                                struct db_request request)
{
    driver_send(driver, request);
    return driver_reply(driver);
}

static inline const struct db_reply *driver_sql(struct driver *driver, const char *sql)
{
    return driver_run(driver, (struct db_request){.sql = str_from(sql), .simple = true});
}

static inline void driver_ok(struct driver *driver, const char *sql)
{
    const struct db_reply *reply = driver_sql(driver, sql);
    if (reply->outcome != DB_OK) {
        fail_msg("%s: %.*s", sql, STR_ARG(reply->message));
    }
}

static inline void assert_text(struct str text, const char *expected)
{
    if (!str_eq(text, expected)) {
        fail_msg("\"%.*s\" is not \"%s\"", STR_ARG(text), expected);
    }
}

#endif
