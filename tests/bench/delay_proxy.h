/* SPDX-License-Identifier: PostgreSQL */
/*
 * A wire of a given length: a proxy from one unix socket to another that hands each
 * chunk on a fixed time after it came, in both directions. Chunks that come close together
 * travel together, as on a real wire, so that pipelining shows its worth. One connection, in a
 * child process that the kernel ends with its parent.
 */
#ifndef GONOGO_DELAY_PROXY_H
#define GONOGO_DELAY_PROXY_H

#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "bench.h"

enum {
    PROXY_CHUNK = 16384,
    PROXY_QUEUE = 256, /* chunks under way in one direction */
};

struct proxy_chunk {
    double due_ms;
    size_t size;
    char bytes[PROXY_CHUNK];
};
/* One direction. */
struct proxy_way {
    int from;
    int to;
    size_t first;
    size_t count;
    struct proxy_chunk *queue;
};

static inline struct sockaddr_un proxy_address(const char *folder)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length =
        snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.5432", folder);
    if (length < 0 || (size_t)length >= sizeof(address.sun_path)) {
        bench_die("the path of the socket in %s is too long", folder);
    }
    return address;
}

static inline void proxy_send(int fd, const struct proxy_chunk *chunk)
{
    for (size_t sent = 0; sent < chunk->size;) {
        ssize_t n = write(fd, chunk->bytes + sent, chunk->size - sent);
        if (n < 0 && errno != EINTR) {
            _exit(0);
        }
        sent += n > 0 ? (size_t)n : 0;
    }
}

static inline void proxy_take(struct proxy_way *way, double delay_ms)
{
    struct proxy_chunk *chunk = &way->queue[(way->first + way->count) % PROXY_QUEUE];
    ssize_t n = read(way->from, chunk->bytes, PROXY_CHUNK);
    if (n <= 0) {
        _exit(0); /* one end closed: so is the wire */
    }
    chunk->size = (size_t)n;
    chunk->due_ms = bench_now_ms() + delay_ms;
    way->count++;
}

/* Sleeps with the precision of nanoseconds that poll() lacks. */
NORETURN static inline void proxy_carry(int client, int server, double delay_ms)
{
    struct proxy_way ways[2] = {{.from = client, .to = server}, {.from = server, .to = client}};
    for (size_t i = 0; i < 2; i++) {
        ways[i].queue = calloc(PROXY_QUEUE, sizeof(struct proxy_chunk));
        if (ways[i].queue == NULL) {
            _exit(1);
        }
    }
    for (;;) {
        fd_set readable;
        double now_ms = bench_now_ms();
        double wait_ms = 1e6;
        FD_ZERO(&readable);
        for (size_t i = 0; i < 2; i++) {
            struct proxy_way *way = &ways[i];
            while (way->count > 0 && way->queue[way->first].due_ms <= now_ms) {
                proxy_send(way->to, &way->queue[way->first]);
                way->first = (way->first + 1) % PROXY_QUEUE;
                way->count--;
            }
            double due_ms = way->count > 0 ? way->queue[way->first].due_ms - now_ms : wait_ms;
            wait_ms = due_ms < wait_ms ? due_ms : wait_ms;
            if (way->count < PROXY_QUEUE) {
                FD_SET(way->from, &readable);
            }
        }
        struct timespec timeout = {.tv_sec = (time_t)(wait_ms / 1e3)};
        timeout.tv_nsec = (long)((wait_ms - 1e3 * (double)timeout.tv_sec) * 1e6);
        int top = client > server ? client : server;
        if (pselect(top + 1, &readable, NULL, NULL, &timeout, NULL) <= 0) {
            continue;
        }
        for (size_t i = 0; i < 2; i++) {
            if (FD_ISSET(ways[i].from, &readable)) {
                proxy_take(&ways[i], delay_ms);
            }
        }
    }
}

/*
 * Starts one; it serves one connection after another, each in a child of its own. `folder`
 * is where its socket is made ("host" for libpq). The caller ends it with SIGKILL.
 */
static inline pid_t proxy_start(const char *folder, const char *server_folder,
                                double round_trip_ms)
{
    struct sockaddr_un here = proxy_address(folder);
    struct sockaddr_un there = proxy_address(server_folder);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (const struct sockaddr *)&here, sizeof(here)) != 0 ||
        listen(listener, 16) != 0) {
        bench_die("cannot listen in %s: %s", folder, strerror(errno));
    }
    pid_t pid = fork();
    if (pid != 0) {
        (void)close(listener);
        return pid;
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client >= 0 && fork() == 0) {
            int server = socket(AF_UNIX, SOCK_STREAM, 0);
            (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
            (void)prctl(PR_SET_TIMERSLACK, 1);
            (void)signal(SIGPIPE, SIG_IGN);
            if (server < 0 ||
                connect(server, (const struct sockaddr *)&there, sizeof(there)) != 0) {
                _exit(1);
            }
            proxy_carry(client, server, round_trip_ms / 2);
        }
        (void)close(client);
    }
}

#endif
