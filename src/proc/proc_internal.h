/* SPDX-License-Identifier: PostgreSQL */
/*
 * Private to proc: the child as its files share it. proc_start.c makes it and holds
 * the code that runs between fork and exec; proc.c follows it to its end.
 */
#ifndef GONOGO_PROC_INTERNAL_H
#define GONOGO_PROC_INTERNAL_H

#include "proc.h"

/* One pipe from the child. */
struct proc_pipe {
    int fd; /* our end; -1 when closed or never open */
    char line[PROC_LINE_MAX];
    size_t line_len;
    uint64_t bytes;
    uint64_t handed;
    uint64_t dropped;
};

struct proc {
    pid_t pid;
    bool reaped;
    bool running;     /* `ended` was not called yet */
    int epoll_fd;     /* stands for all of the below */
    int pid_fd;       /* readable when the child has ended; -1 where the kernel has none */
    int error_fd;     /* an errno comes when exec failed */
    int input_fd;     /* our end of its stdin */
    struct str input; /* an own copy */
    size_t written;
    struct proc_pipe pipes[PROC_STREAM__COUNT];
    bool raw;
    size_t output_cap;
    int64_t start_us;
    int64_t timeout_at_us;  /* PROC_NEVER: none */
    int64_t kill_at_us;     /* after SIGTERM */
    int64_t look_at_us;     /* without pid_fd: when to ask for its end again */
    int64_t drain_until_us; /* it has ended: how long its pipes may stay open */
    int64_t grace_us;
    void (*output)(void *ctx, enum proc_stream stream, struct str text);
    void (*ended)(void *ctx, const struct proc_end *end);
    void *ctx;
    struct proc_end end;
};

/* Adds a descriptor to the set, or takes it out and closes it; -1 is ignored. */
bool proc_watch(const struct proc *proc, int fd, uint32_t events);

#endif
