/* SPDX-License-Identifier: PostgreSQL */
/*
 * What every benchmark needs: a monotonic clock, medians, children that are timed
 * and weighed, one line of the table.
 *
 * A benchmark program measures ours, the peer and the floor in turn within each
 * round, so that a slow moment of the machine hits all of them, and prints medians as
 * lines "id TAB what TAB ours TAB peer TAB floor TAB ratio TAB goal TAB verdict" on
 * standard output. tests/bench/run puts the lines of all programs into one table.
 * A benchmark is never a test: it exits with 0 when the goal is missed, and with 1 only
 * when it could not measure.
 */
#ifndef GONOGO_BENCH_H
#define GONOGO_BENCH_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Hidden by strict POSIX. */
pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage);

enum {
    BENCH_ROUNDS_MAX = 101,
};

NORETURN static inline void bench_die(const char *format, ...) PRINTF_LIKE(1, 2);
NORETURN static inline void bench_die(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    (void)fputs("bench: ", stderr);
    (void)vfprintf(stderr, format, values);
    (void)fputs("\n", stderr);
    va_end(values);
    exit(1);
}

static inline double bench_now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Whole number from the environment, for rounds; `otherwise` when it is not set. */
static inline long bench_number(const char *name, long otherwise)
{
    const char *text = getenv(name);
    return text != NULL && text[0] != '\0' ? strtol(text, NULL, 10) : otherwise;
}

/* --------------------------------------------------------------- own folders */

enum {
    BENCH_FOLDERS_MAX = 4,
    BENCH_FOLDER = 64,
};

/* Removed when the program ends, also by bench_die(); not by its children. */
static struct {
    char path[BENCH_FOLDERS_MAX][BENCH_FOLDER];
    size_t count;
    pid_t owner;
} bench_folders;

static inline void bench_remove(const char *path)
{
    pid_t pid = fork();
    if (pid == 0) {
        (void)execlp("rm", "rm", "-rf", path, (char *)NULL);
        _exit(98);
    }
    (void)waitpid(pid, NULL, 0);
}

static inline void bench_remove_folders(void)
{
    for (size_t i = 0; i < bench_folders.count && bench_folders.owner == getpid(); i++) {
        bench_remove(bench_folders.path[i]);
    }
}

/* A new folder in `place`; NULL when none can be made there. */
static inline const char *bench_folder(const char *place)
{
    if (bench_folders.owner == 0) {
        bench_folders.owner = getpid();
        (void)atexit(bench_remove_folders);
    }
    if (bench_folders.count == BENCH_FOLDERS_MAX) {
        bench_die("too many folders");
    }
    char *path = bench_folders.path[bench_folders.count];
    int length = snprintf(path, BENCH_FOLDER, "%s/gonogo-bench.XXXXXX", place);
    if (length >= BENCH_FOLDER || mkdtemp(path) == NULL) {
        return NULL;
    }
    bench_folders.count++;
    return path;
}

/* The same, where it must be possible. */
static inline const char *bench_must_folder(void)
{
    const char *place = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
    const char *path = bench_folder(place);
    if (path == NULL) {
        bench_die("cannot make a folder in %s: %s", place, strerror(errno));
    }
    return path;
}

/* ----------------------------------------------------------------- medians */

struct bench_series {
    double values[BENCH_ROUNDS_MAX];
    size_t count;
};

static inline void bench_add(struct bench_series *series, double value)
{
    if (series->count < BENCH_ROUNDS_MAX) {
        series->values[series->count++] = value;
    }
}

static inline int bench_compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* 0 when there is nothing. */
static inline double bench_median(const struct bench_series *series)
{
    double sorted[BENCH_ROUNDS_MAX] = {0};
    memcpy(sorted, series->values, series->count * sizeof(sorted[0]));
    qsort(sorted, series->count, sizeof(sorted[0]), bench_compare);
    size_t middle = series->count / 2;
    return series->count % 2 == 1 || series->count == 0
               ? sorted[middle]
               : (sorted[middle - 1] + sorted[middle]) / 2;
}

/* ---------------------------------------------------------------- children */

struct bench_child {
    double ms;       /* start to exit */
    double peak_mib; /* of the largest process among it and its children */
    int status;      /* exit code; 128 + signal */
};

/* Starts a program, its output going to `log` (NULL: nowhere), and waits for its end. */
static inline struct bench_child bench_run(const char *const *argv, const char *log)
{
    struct bench_child child = {0};
    double start_ms = bench_now_ms();
    pid_t pid = fork();
    if (pid < 0) {
        bench_die("cannot fork: %s", strerror(errno));
    }
    if (pid == 0) {
        int out = open(log != NULL ? log : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (out < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0 ||
            close(out) != 0) {
            _exit(98);
        }
        (void)execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(98);
    }
    int status = 0;
    struct rusage usage = {0};
    while (wait4(pid, &status, 0, &usage) < 0) {
        if (errno != EINTR) {
            bench_die("cannot wait for %s: %s", argv[0], strerror(errno));
        }
    }
    child.ms = bench_now_ms() - start_ms;
    child.peak_mib = (double)usage.ru_maxrss / 1024;
    child.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return child;
}

/* The same, and the end of it all when the program does not end well. */
static inline struct bench_child bench_must(const char *const *argv, const char *log)
{
    struct bench_child child = bench_run(argv, log);
    if (child.status != 0) {
        bench_die("%s ended with %d%s%s", argv[0], child.status, log != NULL ? "; see " : "",
                  log != NULL ? log : "");
    }
    return child;
}

/* -------------------------------------------------------------------- rows */

enum bench_goal {
    BENCH_REPORTED, /* no goal */
    BENCH_AT_MOST,  /* ours, in its unit */
    BENCH_OF_FLOOR, /* ours as a multiple of the floor */
    BENCH_OF_PEER,  /* ours as a multiple of the peer */
};
enum bench_unit {
    BENCH_MS,
    BENCH_MIB,
    BENCH_PERCENT, /* of one processor */
    BENCH_BYTES,
};
/* One line of the table. 0 = not measured. */
struct bench_row {
    const char *id;
    const char *what;
    enum bench_unit unit;
    double ours;
    double peer;
    const char *peer_name; /* also why there is none: "psql is not installed" */
    double floor;
    const char *floor_name;
    enum bench_goal goal;
    double limit;
};

static inline void bench_print_value(double value, enum bench_unit unit)
{
    if (unit == BENCH_MIB) {
        (void)printf("%.1f MiB", value);
    } else if (unit == BENCH_PERCENT) {
        (void)printf("%.2f %%", value);
    } else if (unit == BENCH_BYTES) {
        (void)printf("%.0f B", value);
    } else if (value >= 1000) {
        (void)printf("%.2f s", value / 1e3);
    } else {
        (void)printf(value >= 100 ? "%.0f ms" : value >= 10 ? "%.1f ms" : "%.2f ms", value);
    }
}

static inline void bench_print_other(double value, const char *name, enum bench_unit unit)
{
    if (value > 0) {
        bench_print_value(value, unit);
        (void)printf(" %s", name);
    } else {
        (void)printf("%s", name != NULL ? name : "–");
    }
}

static inline void bench_print_goal(const struct bench_row *row)
{
    double against = row->goal == BENCH_OF_FLOOR  ? row->floor
                     : row->goal == BENCH_OF_PEER ? row->peer
                                                  : 1;
    const char *times = row->goal == BENCH_OF_FLOOR ? " × floor" : " × peer";
    if (row->goal == BENCH_REPORTED) {
        (void)printf("none\treported\n");
        return;
    }
    (void)printf("≤ ");
    if (row->goal == BENCH_AT_MOST) {
        bench_print_value(row->limit, row->unit);
    } else {
        (void)printf("%.2f%s", row->limit, times);
    }
    bool measured = row->ours > 0 && against > 0;
    (void)printf("\t%s\n", !measured                           ? "not measured"
                           : row->ours / against <= row->limit ? "met"
                                                               : "MISSED");
}

static inline void bench_print(const struct bench_row *row)
{
    (void)printf("%s\t%s\t", row->id, row->what);
    bench_print_value(row->ours, row->unit);
    (void)printf("\t");
    bench_print_other(row->peer, row->peer_name, row->unit);
    (void)printf("\t");
    bench_print_other(row->floor, row->floor_name, row->unit);
    (void)printf("\t");
    if (row->peer > 0) {
        (void)printf("%.2f × peer", row->ours / row->peer);
    }
    if (row->floor > 0) {
        (void)printf("%s%.2f × floor", row->peer > 0 ? ", " : "", row->ours / row->floor);
    }
    (void)printf("%s\t", row->peer > 0 || row->floor > 0 ? "" : "–");
    bench_print_goal(row);
    (void)fflush(stdout);
}

#endif
