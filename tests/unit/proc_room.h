/* SPDX-License-Identifier: PostgreSQL */
/*
 * For tests of proc: a child for real, watched by poll() as the loop watches it, and what it
 * said kept.
 */
#ifndef GONOGO_TEST_PROC_ROOM_H
#define GONOGO_TEST_PROC_ROOM_H

#include "proc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

struct watcher {
    struct proc *proc;
    struct strbuf text[PROC_STREAM__COUNT]; /* lines, each ended by '|' */
    size_t calls[PROC_STREAM__COUNT];
    size_t longest;
    size_t ended;
    struct proc_end end;
    bool stop_at_output;
    bool free_at_end;
};

static inline int64_t now_us(void)
{
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_BOOTTIME, &now), 0);
    return (int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

static inline void take_output(void *ctx, enum proc_stream stream, struct str text)
{
    struct watcher *watcher = ctx;
    assert_int_equal(watcher->ended, 0);
    watcher->calls[stream]++;
    watcher->longest = text.len > watcher->longest ? text.len : watcher->longest;
    if (watcher->text[stream].len < 65536) {
        strbuf_add(&watcher->text[stream], text);
        strbuf_byte(&watcher->text[stream], '|');
    }
    if (watcher->stop_at_output) {
        proc_stop(watcher->proc, now_us());
    }
}

static inline void take_end(void *ctx, const struct proc_end *end)
{
    struct watcher *watcher = ctx;
    watcher->ended++;
    watcher->end = *end;
    if (watcher->free_at_end) {
        proc_free(watcher->proc);
    }
}

static inline void start(struct watcher *watcher, struct proc_spec spec)
{
    struct err err = {0};
    spec.output = take_output;
    spec.ended = take_end;
    spec.ctx = watcher;
    watcher->proc = proc_start(&spec, now_us(), &err);
    if (watcher->proc == NULL) {
        fail_msg("%s", err.message);
    }
}

static inline void one_round(struct watcher *watcher)
{
    struct pollfd poll_fd = {0};
    int64_t deadline_us = 0;
    proc_wants(watcher->proc, &poll_fd.fd, &poll_fd.events, &deadline_us);
    int64_t wait_us = deadline_us == PROC_NEVER ? -1 : deadline_us - now_us();
    int wait_ms = deadline_us == PROC_NEVER ? -1
                  : wait_us <= 0            ? 0
                                            : (int)(wait_us / US_PER_MS) + 1;
    (void)poll(&poll_fd, 1, wait_ms);
    proc_ready(watcher->proc, poll_fd.revents, now_us());
}

static inline void until_end(struct watcher *watcher)
{
    while (watcher->ended == 0) {
        one_round(watcher);
    }
    assert_int_equal(watcher->ended, 1);
}

static inline void release(struct watcher *watcher)
{
    if (!watcher->free_at_end) {
        proc_free(watcher->proc);
    }
    strbuf_release(&watcher->text[PROC_STDOUT]);
    strbuf_release(&watcher->text[PROC_STDERR]);
}

static inline struct proc_spec shell(const char *const *argv)
{
    return (struct proc_spec){.path = "/bin/sh", .argv = argv};
}

#define SHELL(script) shell((const char *const[]){"sh", "-c", script, NULL})

static inline void prepare(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    (void)alarm(120);               /* watchdog */
    (void)signal(SIGPIPE, SIG_IGN); /* as the program does; a child may close its input early */
}

#endif
