/* SPDX-License-Identifier: PostgreSQL */
/*
 * A child from its first byte to its end. All its descriptors sit in one epoll set,
 * so that the outside sees one descriptor, whatever the child is doing.
 *
 * The end is seen without reaping first (WNOWAIT): while the dead leader is not
 * reaped, its process group cannot belong to anybody else, so the rest of the group
 * is killed safely. Only then is it reaped, and its pipes are drained; a descendant
 * that left the group and still holds a pipe is waited for a moment and no longer.
 */
#include "proc_internal.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    READ_SIZE = 64 * 1024,
    READS_A_TURN = 8, /* a flooding child must not starve the loop */
    FREE_TRIES = 100,
    FREE_PAUSE_MS = 10
};

static const int64_t look_every_us = 20 * US_PER_MS;
static const int64_t drain_us = 500 * US_PER_MS;

bool proc_watch(const struct proc *proc, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};
    return epoll_ctl(proc->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void proc_unwatch_close(const struct proc *proc, int *fd)
{
    if (*fd >= 0) {
        (void)epoll_ctl(proc->epoll_fd, EPOLL_CTL_DEL, *fd, NULL);
        (void)close(*fd);
        *fd = -1;
    }
}

/* ------------------------------------------------------------------ output */

static void hand_on(struct proc *proc, enum proc_stream stream, struct str text)
{
    struct proc_pipe *pipe = &proc->pipes[stream];
    uint64_t left = proc->output_cap - pipe->handed;
    struct str kept = str_slice(text, 0, text.len < left ? text.len : (size_t)left);
    pipe->handed += kept.len;
    pipe->dropped += text.len - kept.len;
    if (proc->output != NULL && (kept.len > 0 || (text.len == 0 && left > 0))) {
        proc->output(proc->ctx, stream, kept);
    }
}

static void end_line(struct proc *proc, enum proc_stream stream)
{
    struct proc_pipe *pipe = &proc->pipes[stream];
    hand_on(proc, stream, (struct str){pipe->line, pipe->line_len});
    pipe->line_len = 0;
}

static void take_lines(struct proc *proc, enum proc_stream stream, struct str text)
{
    struct proc_pipe *pipe = &proc->pipes[stream];
    while (text.len > 0) {
        size_t newline = str_find_byte(text, '\n', 0);
        size_t room = sizeof(pipe->line) - pipe->line_len;
        size_t take = newline < room ? newline : room;
        memcpy(pipe->line + pipe->line_len, text.ptr, take);
        pipe->line_len += take;
        bool whole = take == newline && newline < text.len;
        text = str_slice(text, take + (whole ? 1 : 0), text.len);
        if (whole || pipe->line_len == sizeof(pipe->line)) {
            end_line(proc, stream);
        }
    }
}

/* Reads what is there; closes our end at end of file. */
static void read_pipe(struct proc *proc, enum proc_stream stream)
{
    struct proc_pipe *pipe = &proc->pipes[stream];
    char buffer[READ_SIZE];
    for (int turn = 0; turn < READS_A_TURN && pipe->fd >= 0; turn++) {
        ssize_t got = read(pipe->fd, buffer, sizeof(buffer));
        if (got > 0) {
            struct str text = {buffer, (size_t)got};
            pipe->bytes += text.len;
            if (proc->raw) {
                hand_on(proc, stream, text);
            } else {
                take_lines(proc, stream, text);
            }
        } else if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        } else {
            proc_unwatch_close(proc, &pipe->fd);
        }
    }
}

static void write_input(struct proc *proc)
{
    while (proc->input_fd >= 0) {
        ssize_t sent = write(proc->input_fd, proc->input.ptr + proc->written,
                             proc->input.len - proc->written);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        proc->written += sent > 0 ? (size_t)sent : 0;
        if (sent < 0 || proc->written == proc->input.len) { /* done, or it reads no more */
            proc_unwatch_close(proc, &proc->input_fd);
        }
    }
}

/* ------------------------------------------------------------- stop and end */

static void signal_group(const struct proc *proc, int signal_number)
{
    if (!proc->reaped) {
        (void)kill(-proc->pid, signal_number); /* ESRCH: none is left */
    }
}

void proc_stop(struct proc *proc, int64_t now_us)
{
    if (proc->reaped || proc->kill_at_us != PROC_NEVER) {
        return;
    }
    proc->end.stopped = true;
    proc->kill_at_us = now_us + proc->grace_us;
    signal_group(proc, SIGTERM);
    signal_group(proc, SIGCONT); /* a stopped child could not obey */
}

static void keep_time(struct proc *proc, int64_t now_us)
{
    if (proc->reaped) {
        return;
    }
    if (now_us >= proc->timeout_at_us) {
        proc->timeout_at_us = PROC_NEVER;
        bool stopped = proc->end.stopped;
        proc_stop(proc, now_us);
        proc->end.stopped = stopped;
        proc->end.timed_out = !stopped;
    }
    if (now_us >= proc->kill_at_us) {
        proc->kill_at_us = now_us + proc->grace_us;
        signal_group(proc, SIGKILL);
    }
}

static void note_status(struct proc *proc, int status)
{
    int failure = 0;
    if (proc->error_fd >= 0 &&
        read(proc->error_fd, &failure, sizeof(failure)) == (ssize_t)sizeof(failure)) {
        proc->end.how = PROC_NOT_STARTED;
        proc->end.exec_errno = failure;
    } else if (WIFSIGNALED(status)) {
        proc->end.how = PROC_SIGNALLED;
        proc->end.signal_number = WTERMSIG(status);
    } else {
        proc->end.how = PROC_EXITED;
        proc->end.status = WEXITSTATUS(status);
    }
}

/* Has the leader ended? Then the rest of its group goes too, and it is reaped. */
static void look_for_end(struct proc *proc, int64_t now_us)
{
    siginfo_t info = {0};
    int status = 0;
    if (proc->reaped) {
        return;
    }
    if (proc->look_at_us != PROC_NEVER) {
        proc->look_at_us = now_us + look_every_us;
    }
    int asked = waitid(P_PID, (id_t)proc->pid, &info, WEXITED | WNOHANG | WNOWAIT);
    if (asked == 0 && info.si_pid != proc->pid) {
        return; /* it runs */
    }
    signal_group(proc, SIGKILL);
    if (waitpid(proc->pid, &status, 0) == proc->pid) {
        note_status(proc, status);
    } else { /* somebody else reaped it: that it ended is all we know */
        proc->end.how = PROC_SIGNALLED;
    }
    proc->reaped = true;
    proc->end.elapsed_us = now_us - proc->start_us;
    proc->drain_until_us = now_us + drain_us;
    proc_unwatch_close(proc, &proc->pid_fd);
    proc_unwatch_close(proc, &proc->input_fd);
}

static bool pipes_are_open(const struct proc *proc)
{
    return proc->pipes[PROC_STDOUT].fd >= 0 || proc->pipes[PROC_STDERR].fd >= 0;
}

static void finish(struct proc *proc)
{
    for (int i = 0; i < PROC_STREAM__COUNT; i++) {
        enum proc_stream stream = (enum proc_stream)i;
        if (proc->pipes[i].line_len > 0) {
            end_line(proc, stream); /* a last line without newline */
        }
        proc_unwatch_close(proc, &proc->pipes[i].fd);
        proc->end.bytes[i] = proc->pipes[i].bytes;
        proc->end.dropped[i] = proc->pipes[i].dropped;
    }
    proc->running = false;
    if (proc->ended != NULL) {
        struct proc_end end = proc->end;
        proc->ended(proc->ctx, &end); /* may free the child: nothing may follow */
    }
}

/* ------------------------------------------------------------ for the loop */

void proc_wants(const struct proc *proc, int *fd, short *events, int64_t *deadline_us)
{
    *fd = -1;
    *events = 0;
    *deadline_us = PROC_NEVER;
    if (!proc->running) {
        return;
    }
    *fd = proc->epoll_fd;
    *events = POLLIN;
    if (proc->reaped) {
        *deadline_us = proc->drain_until_us;
        return;
    }
    const int64_t times_us[] = {proc->timeout_at_us, proc->kill_at_us, proc->look_at_us};
    for (size_t i = 0; i < COUNT_OF(times_us); i++) {
        *deadline_us = times_us[i] < *deadline_us ? times_us[i] : *deadline_us;
    }
}

void proc_ready(struct proc *proc, short revents, int64_t now_us)
{
    (void)revents; /* one descriptor stands for all: each is tried, none blocks */
    if (!proc->running) {
        return;
    }
    write_input(proc);
    read_pipe(proc, PROC_STDOUT);
    read_pipe(proc, PROC_STDERR);
    look_for_end(proc, now_us);
    keep_time(proc, now_us);
    if (proc->reaped && (!pipes_are_open(proc) || now_us >= proc->drain_until_us)) {
        finish(proc);
    }
}

bool proc_is_running(const struct proc *proc)
{
    return proc->running;
}

pid_t proc_pid(const struct proc *proc)
{
    return proc->pid;
}

void proc_free(struct proc *proc)
{
    if (proc == NULL) {
        return;
    }
    signal_group(proc, SIGKILL);
    for (int tries = 0; !proc->reaped && tries < FREE_TRIES; tries++) {
        proc->reaped = waitpid(proc->pid, NULL, WNOHANG) != 0;
        if (!proc->reaped) {
            struct pollfd end = {.fd = proc->pid_fd, .events = POLLIN};
            (void)poll(&end, 1, FREE_PAUSE_MS);
        }
    }
    for (int i = 0; i < PROC_STREAM__COUNT; i++) {
        proc_unwatch_close(proc, &proc->pipes[i].fd);
    }
    proc_unwatch_close(proc, &proc->pid_fd);
    proc_unwatch_close(proc, &proc->input_fd);
    if (proc->error_fd >= 0) {
        (void)close(proc->error_fd);
    }
    if (proc->epoll_fd >= 0) {
        (void)close(proc->epoll_fd);
    }
    if (proc->input.len > 0) {
        union {
            const char *read;
            char *own;
        } copy = {proc->input.ptr};
        memset(copy.own, 0, proc->input.len); /* it may have been a secret */
        free(copy.own);
    }
    free(proc);
}
