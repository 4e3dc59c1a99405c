/* SPDX-License-Identifier: PostgreSQL */
/*
 * The poll set and the signal pipe.
 *
 * A round builds the pollfd array afresh from what the sources want: they are few
 * (a terminal, some sessions, some children), and asking is cheaper than keeping a
 * second truth in step with libpq's sockets. Removal marks a source as gone; the
 * array is packed at the start of the next round, so that ids and positions stay
 * good while callbacks add and remove.
 *
 * The signal pipe is the only file-scope state: a handler gets no context. The
 * handler writes one byte and restores errno; when the pipe is full the byte is
 * dropped, because 65,536 unread signals already say enough.
 */
#include "loop.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

struct entry {
    struct loop_source source;
    int64_t deadline_us;
    uint32_t id; /* 0: removed */
    bool asked;  /* took part in the round under way */
};

struct loop {
    struct entry *entries;
    size_t count;
    size_t capacity;
    struct pollfd *polls; /* one for each entry that was asked, same positions */
    size_t poll_capacity;
    uint32_t last_id;
    bool running;
};

/* ------------------------------------------------------------------ clocks */

static int64_t clock_us(clockid_t clock)
{
    struct timespec now = {0};
    (void)clock_gettime(clock, &now); /* cannot fail for these two clocks */
    return (int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

int64_t loop_now_us(void)
{
    return clock_us(CLOCK_BOOTTIME);
}

int64_t loop_wall_us(void)
{
    return clock_us(CLOCK_REALTIME);
}

/* ----------------------------------------------------------------- sources */

struct loop *loop_new(void)
{
    return mem_zero(1, sizeof(struct loop));
}

void loop_free(struct loop *loop)
{
    if (loop == NULL) {
        return;
    }
    assert(!loop->running);
    free(loop->entries);
    free(loop->polls);
    free(loop);
}

uint32_t loop_add(struct loop *loop, const struct loop_source *source)
{
    assert(source->wants != NULL && source->ready != NULL);
    loop->last_id = loop->last_id == UINT32_MAX ? 1 : loop->last_id + 1;
    struct entry *entry = ARRAY_PUSH(loop->entries, loop->count, loop->capacity);
    *entry = (struct entry){.source = *source, .id = loop->last_id};
    return loop->last_id;
}

void loop_remove(struct loop *loop, uint32_t id)
{
    for (size_t i = 0; id != 0 && i < loop->count; i++) {
        if (loop->entries[i].id == id) {
            loop->entries[i].id = 0;
            return;
        }
    }
}

size_t loop_count(const struct loop *loop)
{
    size_t living = 0;
    for (size_t i = 0; i < loop->count; i++) {
        living += loop->entries[i].id != 0;
    }
    return living;
}

static void pack(struct loop *loop)
{
    size_t kept = 0;
    for (size_t i = 0; i < loop->count; i++) {
        if (loop->entries[i].id != 0) {
            loop->entries[kept++] = loop->entries[i];
        }
    }
    loop->count = kept;
}

/* Asks every source; returns the earliest deadline. */
static int64_t ask(struct loop *loop)
{
    int64_t earliest = LOOP_NEVER;
    if (loop->poll_capacity < loop->capacity) {
        loop->polls = mem_grow(loop->polls, loop->capacity, sizeof(*loop->polls));
        loop->poll_capacity = loop->capacity;
    }
    for (size_t i = 0; i < loop->count; i++) {
        struct entry *entry = &loop->entries[i];
        struct loop_want want = {.fd = -1, .deadline_us = LOOP_NEVER};
        entry->source.wants(entry->source.ctx, &want);
        entry->asked = true;
        entry->deadline_us = want.deadline_us;
        loop->polls[i] = (struct pollfd){.fd = want.fd, .events = want.events};
        if (want.deadline_us < earliest) {
            earliest = want.deadline_us;
        }
    }
    return earliest;
}

/* poll() counts in milliseconds: rounded up, or the loop would spin before a deadline. */
static int timeout_ms(int64_t deadline_us, int64_t max_wait_us)
{
    static const int64_t longest_ms = 24 * 60 * 60 * 1000;
    if (deadline_us == LOOP_NEVER && max_wait_us == LOOP_NEVER) {
        return -1;
    }
    int64_t wait_us = max_wait_us;
    if (deadline_us != LOOP_NEVER && wait_us > 0) {
        int64_t until_us = deadline_us - loop_now_us();
        wait_us = until_us < wait_us ? until_us : wait_us;
    }
    if (wait_us <= 0) {
        return 0;
    }
    int64_t wait_ms = wait_us / US_PER_MS + (wait_us % US_PER_MS != 0);
    return (int)(wait_ms < longest_ms ? wait_ms : longest_ms);
}

static void dispatch(struct loop *loop)
{
    int64_t now_us = loop_now_us();
    size_t asked = loop->count;
    for (size_t i = 0; i < asked; i++) {
        /* A callback may have moved the array: read it afresh each time. */
        struct entry entry = loop->entries[i];
        short revents = loop->polls[i].revents;
        if (entry.id != 0 && entry.asked && (revents != 0 || entry.deadline_us <= now_us)) {
            entry.source.ready(entry.source.ctx, revents, now_us);
        }
    }
}

bool loop_run_once(struct loop *loop, int64_t max_wait_us, struct err *err)
{
    assert(!loop->running);
    loop->running = true;
    pack(loop);
    int64_t deadline_us = ask(loop);
    int count = poll(loop->polls, (nfds_t)loop->count, timeout_ms(deadline_us, max_wait_us));
    bool good = count >= 0 || errno == EINTR || errno == EAGAIN;
    if (count < 0) {
        int failure = errno;
        for (size_t i = 0; i < loop->count; i++) {
            loop->polls[i].revents = 0;
        }
        if (!good) {
            (void)err_set(err, ERR_INTERNAL, "cannot wait for events: %s", strerror(failure));
            err_hint(err, "Raise the limit of open files (ulimit -n) and resume the run.");
        }
    }
    if (good) {
        dispatch(loop);
    }
    loop->running = false;
    return good;
}

/* ----------------------------------------------------------------- signals */

static const int caught[] = {SIGINT,   SIGTERM, SIGHUP,  SIGTSTP,
                             SIGWINCH, SIGCHLD, SIGCONT, SIGPIPE};

static int signal_pipe[2] = {-1, -1};
static struct sigaction before[COUNT_OF(caught)];

static void write_signal(int signal_number)
{
    int saved = errno;
    unsigned char byte = (unsigned char)signal_number;
    ssize_t ignored = write(signal_pipe[1], &byte, 1);
    (void)ignored; /* full: enough signals are waiting */
    errno = saved;
}

static bool make_pipe(void)
{
    if (pipe(signal_pipe) != 0) {
        signal_pipe[0] = signal_pipe[1] = -1;
        return false;
    }
    for (int end = 0; end < 2; end++) {
        if (fcntl(signal_pipe[end], F_SETFD, FD_CLOEXEC) != 0 ||
            fcntl(signal_pipe[end], F_SETFL, O_NONBLOCK) != 0) {
            return false;
        }
    }
    return true;
}

bool loop_signals_open(struct err *err)
{
    assert(signal_pipe[0] < 0);
    if (!make_pipe()) {
        int failure = errno;
        if (signal_pipe[0] >= 0) {
            (void)close(signal_pipe[0]);
            (void)close(signal_pipe[1]);
            signal_pipe[0] = signal_pipe[1] = -1;
        }
        (void)err_set(err, ERR_INTERNAL, "cannot catch signals: %s", strerror(failure));
        err_hint(err, "Nothing was started. Raise the limit of open files (ulimit -n).");
        return false;
    }
    for (size_t i = 0; i < COUNT_OF(caught); i++) {
        struct sigaction action = {.sa_flags = SA_RESTART};
        action.sa_handler = caught[i] == SIGPIPE ? SIG_IGN : write_signal;
        (void)sigfillset(&action.sa_mask);
        (void)sigaction(caught[i], &action, &before[i]); /* fails only for unknown signals */
    }
    return true;
}

int loop_signals_fd(void)
{
    return signal_pipe[0];
}

bool loop_signal_next(int *signal_number)
{
    unsigned char byte = 0;
    ssize_t got = signal_pipe[0] < 0 ? 0 : read(signal_pipe[0], &byte, 1);
    *signal_number = byte;
    return got == 1;
}

void loop_signals_close(void)
{
    if (signal_pipe[0] < 0) {
        return;
    }
    for (size_t i = 0; i < COUNT_OF(caught); i++) {
        (void)sigaction(caught[i], &before[i], NULL);
    }
    (void)close(signal_pipe[0]);
    (void)close(signal_pipe[1]);
    signal_pipe[0] = signal_pipe[1] = -1;
}
