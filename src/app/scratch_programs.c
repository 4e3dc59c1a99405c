/* SPDX-License-Identifier: PostgreSQL */
/*
 * Where PostgreSQL's programs are. On a bare Debian the server's are not on PATH:
 * pg_config knows, when it is installed; else the places where packages put them. The
 * variable GONOGO_BINDIR names one folder and ends the search.
 */
#include "scratch_place.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "files.h"
#include "loop.h"
#include "pgtools.h"
#include "proc.h"

enum {
    BINDIRS_MAX = 32,
    OUTPUT_MAX = 4096,
};
static const int64_t answer_limit_us = 5 * US_PER_SECOND;

struct bindirs {
    struct arena *arena;
    struct pgtools_bindir items[BINDIRS_MAX];
    size_t count;
};

struct answer {
    struct strbuf text;
    bool ended;
    bool good;
};

static void on_output(void *ctx, enum proc_stream stream, struct str text)
{
    struct answer *answer = ctx;
    if (stream == PROC_STDOUT) {
        strbuf_add(&answer->text, text);
        strbuf_byte(&answer->text, '\n');
    }
}

static void on_ended(void *ctx, const struct proc_end *end)
{
    struct answer *answer = ctx;
    answer->ended = true;
    answer->good = proc_end_ok(end);
}

/* What a program that answers at once says on its standard output. */
static bool ask_blocking(const char *program, const char *option, struct answer *answer)
{
    const char *const argv[] = {program, option, NULL};
    static const char *const environment[] = {"LC_ALL=C", "PATH=/usr/bin:/bin", NULL};
    struct proc_spec spec = {.path = program,
                             .argv = argv,
                             .envp = environment,
                             .output_cap = OUTPUT_MAX,
                             .timeout_us = answer_limit_us,
                             .output = on_output,
                             .ended = on_ended,
                             .ctx = answer};
    struct proc *proc = proc_start(&spec, loop_now_us(), NULL);
    while (proc != NULL && !answer->ended) {
        struct pollfd poll_fd = {.fd = -1};
        int64_t deadline_us = PROC_NEVER;
        proc_wants(proc, &poll_fd.fd, &poll_fd.events, &deadline_us);
        int64_t wait_us =
            deadline_us == PROC_NEVER ? US_PER_SECOND : deadline_us - loop_now_us();
        int wait_ms = wait_us <= 0 ? 0 : (int)(wait_us / US_PER_MS + 1);
        if (poll(&poll_fd, 1, wait_ms) < 0) {
            poll_fd.revents = 0; /* a signal: look again */
        }
        proc_ready(proc, poll_fd.revents, loop_now_us());
    }
    proc_free(proc);
    return answer->good;
}

static bool has_program(struct str folder, const char *name)
{
    char path[512];
    int length = snprintf(path, sizeof path, "%.*s/%s", STR_ARG(folder), name);
    return length > 0 && (size_t)length < sizeof path && access(path, X_OK) == 0;
}

static void add_bindir(struct bindirs *bindirs, struct str path)
{
    static const char *const needed[] = {"initdb", "postgres", "pg_dump", "pg_restore"};
    for (size_t i = 0; i < bindirs->count; i++) {
        if (str_is(bindirs->items[i].path, path)) {
            return;
        }
    }
    if (path.len == 0 || bindirs->count == BINDIRS_MAX) {
        return;
    }
    struct pgtools_bindir bindir = {.path = str_dup(bindirs->arena, path),
                                    .has_programs = true};
    for (size_t i = 0; i < COUNT_OF(needed); i++) {
        bindir.has_programs = bindir.has_programs && has_program(path, needed[i]);
    }
    if (!bindir.has_programs) {
        return;
    }
    bindir.major = pgtools_bindir_major(path);
    if (bindir.major == 0) {
        struct answer answer = {0};
        struct pgtools_version version = {0};
        struct str program = str_format(bindirs->arena, "%.*s/postgres", STR_ARG(path));
        if (ask_blocking(program.ptr, "--version", &answer) &&
            pgtools_version_read(&version, str_trim(strbuf_str(&answer.text)), NULL)) {
            bindir.major = version.major;
        }
        strbuf_release(&answer.text);
    }
    bindirs->items[bindirs->count++] = bindir;
}

static void add_from_pg_config(struct bindirs *bindirs)
{
    static const char *const folders[] = {"/usr/bin", "/usr/local/bin", NULL};
    const char *program = NULL;
    struct answer answer = {0};
    if (proc_find(bindirs->arena, "pg_config", folders, &program, NULL) &&
        ask_blocking(program, "--bindir", &answer)) {
        add_bindir(bindirs, str_trim(strbuf_str(&answer.text)));
    }
    strbuf_release(&answer.text);
}

/* PARENT/<anything that starts so>/bin */
static void add_below(struct bindirs *bindirs, const char *parent, const char *prefix)
{
    struct files_list list = {0};
    int dir = files_open_directory(AT_FDCWD, parent, NULL, NULL);
    if (dir < 0) {
        return;
    }
    bool listed = files_list(dir, bindirs->arena, &list, NULL);
    close(dir);
    for (size_t i = 0; listed && i < list.count; i++) {
        if (str_starts(list.entries[i].name, prefix)) {
            add_bindir(bindirs, str_format(bindirs->arena, "%s/%.*s/bin", parent,
                                           STR_ARG(list.entries[i].name)));
        }
    }
}

bool scratch_bindir_find_blocking(struct arena *arena, int wanted, bool exactly,
                                  struct str *bindir, int *major, struct err *err)
{
    struct bindirs bindirs = {.arena = arena};
    const char *given = getenv("GONOGO_BINDIR");
    if (given != NULL && given[0] == '/') {
        add_bindir(&bindirs, str_from(given));
    } else {
        add_from_pg_config(&bindirs);
        add_below(&bindirs, "/usr/lib/postgresql", "");
        add_below(&bindirs, "/usr", "pgsql-");
        add_bindir(&bindirs, STR("/usr/local/pgsql/bin"));
        add_bindir(&bindirs, STR("/usr/local/bin"));
        add_bindir(&bindirs, STR("/usr/bin"));
    }
    const struct pgtools_bindir *chosen =
        pgtools_choose_bindir(bindirs.items, bindirs.count, wanted, exactly);
    if (chosen != NULL) {
        *bindir = chosen->path;
        *major = chosen->major;
        return true;
    }
    if (wanted > 0 && bindirs.count > 0) {
        err_set(err, ERR_INTERNAL, "no server programs of PostgreSQL %d on this host", wanted);
        err_hint(err,
                 "Nothing was started. Install the package postgresql-%d, or name the "
                 "folder of its programs in GONOGO_BINDIR.",
                 wanted);
    } else {
        err_set(err, ERR_INTERNAL, "no server programs of PostgreSQL on this host");
        err_hint(err, "Nothing was started. Install the package postgresql, or name the folder "
                      "of its programs in GONOGO_BINDIR.");
    }
    return false;
}
