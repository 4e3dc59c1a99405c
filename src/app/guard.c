/* SPDX-License-Identifier: PostgreSQL */
/*
 * A child does the work and ends with its exit code. What it shares with us is one page that
 * tells which statement it was reading.
 */
#include "app_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "loop.h"

enum {
    GUARD_SECONDS = 120,     /* of one try */
    GUARD_ALL_SECONDS = 240, /* no further try begins behind them */
};
#define GUARD_BYTES ((rlim_t)4 << 30)

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_SANITIZER true
#elif defined(__has_feature)
#define UNDER_SANITIZER __has_feature(address_sanitizer)
#else
#define UNDER_SANITIZER false
#endif

void app_limit_memory(rlim_t bytes)
{
    struct rlimit memory;
    if (UNDER_SANITIZER || getrlimit(RLIMIT_AS, &memory) != 0) {
        return;
    }
    rlim_t least = memory.rlim_cur < memory.rlim_max ? memory.rlim_cur : memory.rlim_max;
    least = bytes < least ? bytes : least; /* no limit is the largest number */
    memory = (struct rlimit){.rlim_cur = least, .rlim_max = least};
    (void)setrlimit(RLIMIT_AS, &memory);
}

static void no_core(void)
{
    struct rlimit core = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &core);
}

static pid_t begin(guarded_work *work, void *context, struct sql_watch *watch)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        loop_signals_close();
        signal(SIGALRM, SIG_DFL);
        alarm(GUARD_SECONDS);
        app_limit_memory(GUARD_BYTES);
        no_core();
        watch->statements = 0;
        exit(work(context, watch));
    }
    return child;
}

/* True with the exit code when the child came to its end. */
static bool has_ended(pid_t child, int *code)
{
    int status;
    pid_t waited;
    while ((waited = waitpid(child, &status, 0)) < 0 && errno == EINTR) {
    }
    if (waited == child && WIFEXITED(status)) {
        *code = WEXITSTATUS(status);
        return true;
    }
    return false;
}

/* POSIX knows no anonymous shared mapping; the zero device gives the same. */
struct sql_watch *app_watch_new(void)
{
    int zero = open("/dev/zero", O_RDWR | O_CLOEXEC);
    if (zero < 0) {
        return NULL;
    }
    void *page =
        mmap(NULL, sizeof(struct sql_watch), PROT_READ | PROT_WRITE, MAP_SHARED, zero, 0);
    close(zero);
    return page == MAP_FAILED ? NULL : page;
}

void app_watch_free(struct sql_watch *watch)
{
    if (watch) {
        munmap(watch, sizeof *watch);
    }
}

int64_t app_guard_deadline(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + GUARD_ALL_SECONDS;
}

bool app_guard_is_late(int64_t deadline)
{
    return app_guard_deadline() - GUARD_ALL_SECONDS >= deadline;
}

int app_guarded(guarded_work *work, void *context)
{
    int code = 1;
    bool ended = false;
    struct sql_watch *watch = app_watch_new();
    if (!watch) {
        return work(context, NULL);
    }
    watch->skip_count = 0;
    int64_t deadline = app_guard_deadline();
    for (int tries = 0; tries <= SQL_SKIPS_MAX && !ended; tries++) {
        pid_t child = begin(work, context, watch);
        ended = child > 0 && has_ended(child, &code);
        if (child < 0 || watch->skip_count == SQL_SKIPS_MAX || app_guard_is_late(deadline)) {
            break;
        }
        if (!ended) {
            watch->skips[watch->skip_count++] = watch->statements;
        }
    }
    app_watch_free(watch);
    return ended ? code : work(context, NULL);
}
