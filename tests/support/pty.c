/* SPDX-License-Identifier: PostgreSQL */
/*
 * The pseudo-terminal of the tests. Reading is done only while something is waited
 * for; a test that wants a stalled reader just does not wait.
 */
#include "pty.h"

#include "testing.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct pty {
    int fd;
    pid_t pid;
    bool ended;
    int status;
    struct strbuf screen;
    size_t seen;
    void (*watch)(void *ctx, const char *bytes, size_t length);
    void *watch_ctx;
};

const char *pty_program(void)
{
    const char *program = getenv("GONOGO");
    return program && program[0] ? program : "build/release/gonogo";
}

struct pty *pty_start(const char *const *argv, const char *const *environment)
{
    return pty_start_sized(argv, environment, 80, 24);
}

struct pty *pty_start_sized(const char *const *argv, const char *const *environment,
                            int columns, int rows)
{
    struct pty *pty = mem_zero(1, sizeof(*pty));
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    (void)fflush(stdout);
    pty->pid = forkpty(&pty->fd, NULL, NULL, &size);
    if (pty->pid < 0) {
        test_bail_out("no pseudo-terminal: %s", strerror(errno));
    }
    if (pty->pid == 0) {
        for (size_t i = 0; environment && environment[i]; i++) {
            (void)putenv(mem_text(environment[i]));
        }
        execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    return pty;
}

void pty_resize(struct pty *pty, int columns, int rows)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    (void)ioctl(pty->fd, TIOCSWINSZ, &size);
}

void pty_watch(struct pty *pty, void (*bytes)(void *ctx, const char *bytes, size_t length),
               void *ctx)
{
    pty->watch = bytes;
    pty->watch_ctx = ctx;
}

int pty_fd(const struct pty *pty)
{
    return pty->fd;
}

pid_t pty_pid(const struct pty *pty)
{
    return pty->pid;
}

void pty_type(struct pty *pty, const char *text)
{
    size_t length = strlen(text);
    while (length > 0) {
        ssize_t written = write(pty->fd, text, length);
        if (written < 0 && errno != EINTR) {
            return; /* the program is gone; the next wait says so */
        }
        text += written > 0 ? written : 0;
        length -= written > 0 ? (size_t)written : 0;
    }
}

bool pty_read(struct pty *pty, int wait_ms)
{
    struct pollfd poll_fd = {.fd = pty->fd, .events = POLLIN};
    char bytes[4096];
    if (pty->fd < 0 || pty->ended) {
        return false;
    }
    if (poll(&poll_fd, 1, wait_ms) <= 0) {
        return true;
    }
    ssize_t length = read(pty->fd, bytes, sizeof(bytes));
    if (length <= 0) {
        pty->ended = length == 0 || errno != EINTR;
        return !pty->ended;
    }
    if (pty->watch) {
        pty->watch(pty->watch_ctx, bytes, (size_t)length);
    }
    for (ssize_t i = 0; i < length; i++) {
        if (bytes[i] != '\r') {
            strbuf_byte(&pty->screen, bytes[i]);
        }
    }
    return true;
}

bool pty_wait(struct pty *pty, const char *text, int seconds)
{
    int64_t until_ms = test_now_ms() + (int64_t)seconds * 1000;
    for (bool open = true;;) {
        const char *from = pty->screen.ptr ? pty->screen.ptr + pty->seen : "";
        const char *found = strstr(from, text);
        if (found) {
            pty->seen = (size_t)(found - pty->screen.ptr) + strlen(text);
            return true;
        }
        int64_t left_ms = until_ms - test_now_ms();
        if (!open || left_ms <= 0) {
            return false;
        }
        open = pty_read(pty, (int)left_ms);
    }
}

const char *pty_screen(struct pty *pty)
{
    return pty->screen.ptr ? pty->screen.ptr : "";
}

const char *pty_since(struct pty *pty)
{
    return pty->screen.ptr ? pty->screen.ptr + pty->seen : "";
}

void pty_hang_up(struct pty *pty)
{
    if (pty->fd >= 0) {
        close(pty->fd);
        pty->fd = -1;
    }
}

static int code_of(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int pty_end(struct pty *pty, int seconds)
{
    enum {
        STEP_MS = 20
    };
    int64_t until_ms = test_now_ms() + (int64_t)seconds * 1000;
    while (pty->pid > 0) {
        if (!pty_read(pty, STEP_MS)) {
            test_pause_us(STEP_MS * US_PER_MS); /* nothing to poll any more: wait for the end */
        }
        pid_t done = waitpid(pty->pid, &pty->status, WNOHANG);
        if (done == pty->pid) {
            pty->pid = 0;
        } else if (test_now_ms() > until_ms) {
            return -1;
        }
    }
    while (pty_read(pty, 0) && pty->fd >= 0) {
        struct pollfd poll_fd = {.fd = pty->fd, .events = POLLIN};
        if (poll(&poll_fd, 1, 0) <= 0) {
            break;
        }
    }
    return code_of(pty->status);
}

void pty_free(struct pty *pty)
{
    if (pty->pid > 0) {
        (void)kill(pty->pid, SIGKILL);
        (void)waitpid(pty->pid, &pty->status, 0);
    }
    pty_hang_up(pty);
    strbuf_release(&pty->screen);
    free(pty);
}
