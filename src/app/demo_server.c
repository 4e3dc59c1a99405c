/* SPDX-License-Identifier: PostgreSQL */
/*
 * Our end of the demo: forks the host, listens until it stands, and holds the pipe whose
 * end is the host's end.
 */
#include "demo_server.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "demo_host.h"
#include "loop.h"
#include "scratch_place.h"

static const int64_t start_limit_us = 3 * US_PER_MINUTE;
static const int64_t stop_limit_us = 15 * US_PER_SECOND;

enum {
    STOP_PAUSE_MS = 5
};

struct demo {
    struct arena arena;
    const struct demo_request *request; /* while it starts */
    const char *plan;
    int pipe;
    pid_t host;
    bool keep;
    bool standing;
    struct strbuf line; /* what came, up to the next newline */
    const char *folder;
    const char *app_socket;
    const char *app_log;
    struct err why;
};

/* ------------------------------------------------------------------ starting */

static void take_line(struct demo *demo, struct str line)
{
    struct str word;
    if (!str_cut(&line, ' ', &word)) {
        return;
    }
    const char *text = str_text(&demo->arena, line);
    if (str_eq(word, "ready")) {
        demo->standing = true;
        demo->folder = text;
        demo->app_socket = str_format(&demo->arena, "%s/" DEMO_APP_SOCKET, text).ptr;
        demo->app_log = str_format(&demo->arena, "%s/" DEMO_APP_LOG, text).ptr;
    } else if (str_eq(word, "failed")) {
        err_set(&demo->why, ERR_INTERNAL, "the demo could not be started: %s", text);
        err_hint(&demo->why, "Nothing is left behind. The demo needs PostgreSQL's server "
                             "programs and some 200 MB in /tmp.");
    } else if (str_eq(word, "progress") && demo->request->progress != NULL) {
        demo->request->progress(demo->request->ctx, text);
    }
}

static void take_bytes(struct demo *demo, struct str bytes)
{
    strbuf_add(&demo->line, bytes);
    for (;;) {
        struct str rest = strbuf_str(&demo->line);
        size_t end = str_find_byte(rest, '\n', 0);
        if (end == rest.len) {
            return;
        }
        struct str kept = str_dup(&demo->arena, str_slice(rest, end + 1, rest.len));
        take_line(demo, str_slice(rest, 0, end));
        strbuf_clear(&demo->line);
        strbuf_add(&demo->line, kept);
    }
}

/* Listens until it stands or says why not. */
static bool listen_blocking(struct demo *demo, struct err *err)
{
    int64_t limit_us = loop_now_us() + start_limit_us;
    while (!demo->standing && demo->why.kind == ERR_NONE) {
        char piece[1024];
        struct pollfd poll_fd = {.fd = demo->pipe, .events = POLLIN};
        int64_t wait_us = limit_us - loop_now_us();
        int count = wait_us > 0 ? poll(&poll_fd, 1, (int)(wait_us / US_PER_MS + 1)) : 0;
        if (count < 0 && errno == EINTR) {
            continue;
        }
        ssize_t got = count > 0 ? read(demo->pipe, piece, sizeof piece) : 0;
        if (got > 0) {
            take_bytes(demo, (struct str){piece, (size_t)got});
        } else if (got == 0 || errno != EINTR) {
            err_set(&demo->why, ERR_INTERNAL, "the demo's server process %s",
                    count == 0 ? "did not get ready" : "ended early");
            err_hint(&demo->why, "Nothing is left behind. Start the demo again.");
        }
    }
    if (demo->standing) {
        return true;
    }
    if (err != NULL) {
        *err = demo->why;
    }
    return false;
}

static bool make_pipe(int ends[2], struct err *err)
{
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 &&
        fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0) {
        return true;
    }
    return err_set(err, ERR_INTERNAL, "the demo could not be started: %s", strerror(errno));
}

static void refuse_trouble(const struct demo_request *request, struct err *err)
{
    struct strbuf names = {0};
    for (size_t i = 0; i < demo_trouble_count; i++) {
        if (strcmp(demo_troubles[i].plan, request->plan) == 0) {
            strbuf_format(&names, "%s%s", names.len > 0 ? ", " : "", demo_troubles[i].name);
        }
    }
    err_set(err, ERR_USAGE, "the plan %s has no trouble \"%s\"", request->plan,
            request->trouble);
    err_hint(err, "Nothing was started. Its troubles are: %s.",
             names.len > 0 ? names.ptr : "none");
    strbuf_release(&names);
}

struct demo *demo_start_blocking(const struct demo_request *request, struct err *err)
{
    const struct demo_trouble *trouble = demo_trouble_find(request->plan, request->trouble);
    int ends[2];
    if (request->trouble != NULL && trouble == NULL) {
        refuse_trouble(request, err);
        return NULL;
    }
    if (!make_pipe(ends, err)) {
        return NULL;
    }
    struct demo *demo = mem_zero(1, sizeof *demo);
    demo->request = request;
    demo->plan = str_text(&demo->arena, str_from(request->plan));
    demo->pipe = ends[0];
    demo->keep = request->keep || (trouble != NULL && trouble->keep);
    demo->host = fork();
    if (demo->host == 0) {
        demo_host_live(ends[1], request, trouble, demo->keep);
    }
    close(ends[1]);
    bool good = demo->host > 0;
    if (!good) {
        err_set(err, ERR_INTERNAL, "the demo could not be started: %s", strerror(errno));
    }
    good = good && listen_blocking(demo, err);
    demo->request = NULL;
    if (!good) {
        demo->keep = false;
        demo_stop_blocking(demo);
        return NULL;
    }
    return demo;
}

/* --------------------------------------------------------------------- facts */

void demo_connection(const struct demo *demo, struct app_connection *connection)
{
    connection->host = demo->folder;
    connection->port = DEMO_PORT;
    connection->user = DEMO_OWNER;
    connection->database = DEMO_DATABASE;
}

void demo_values(const struct demo *demo, struct app_value values[DEMO_VALUES])
{
    values[0] = (struct app_value){"app_url", "http://demo"};
    values[1] = (struct app_value){"app_socket", demo->app_socket};
    values[2] = (struct app_value){"app_log", demo->app_log};
}

const char *demo_folder(const struct demo *demo)
{
    return demo->folder;
}

pid_t demo_host_pid(const struct demo *demo)
{
    return demo->host;
}

bool demo_break(struct demo *demo, const char *name, struct err *err)
{
    struct strbuf line = {0};
    strbuf_format(&line, "break %s\n", name);
    bool ok = demo_trouble_find(demo->plan, name) != NULL &&
              send(demo->pipe, line.ptr, line.len, MSG_NOSIGNAL) == (ssize_t)line.len;
    strbuf_release(&line);
    return ok || err_set(err, ERR_USAGE, "the demo cannot make \"%s\"", name);
}

bool demo_is_kept(const struct demo *demo)
{
    return demo->keep;
}

static void put_command(struct strbuf *out, const char *what, const char *command,
                        struct str run)
{
    strbuf_format(out, "  %-17s%s %.*s\n", what, command, STR_ARG(run));
}

void demo_keep_text(const struct demo *demo, struct str run, bool resumable, struct strbuf *out)
{
    strbuf_text(out, "The demo's server goes on.\n");
    if (run.len > 0 && resumable) {
        put_command(out, "resume the run:", "gonogo resume", run);
    } else if (run.len > 0) {
        put_command(out, "how it ended:", "gonogo status", run);
        put_command(out, "its report:", "gonogo report", run);
        put_command(out, "its record:", "gonogo report --verify", run);
    }
    strbuf_format(out,
                  "  look at it:      psql -h %s -U " DEMO_OWNER " " DEMO_DATABASE "\n"
                  "  remove it:       kill %" PRId64 "\n",
                  demo->folder, (int64_t)demo->host);
}

/* -------------------------------------------------------------------- ending */

static void wait_for_host_blocking(struct demo *demo)
{
    int64_t limit_us = loop_now_us() + stop_limit_us;
    pid_t ended = 0;
    while ((ended = waitpid(demo->host, NULL, WNOHANG)) == 0 && loop_now_us() < limit_us) {
        (void)poll(NULL, 0, STOP_PAUSE_MS);
    }
    if (ended == 0) {
        (void)kill(demo->host, SIGKILL); /* the kernel ends its server; the next start sweeps */
        (void)waitpid(demo->host, NULL, 0);
    }
}

bool demo_runs_make(struct strbuf *path, struct err *err)
{
    return scratch_runs_make(path, err);
}

bool demo_runs_remove(const char *path, struct err *err)
{
    return scratch_folder_remove(path, err);
}

void demo_stop_blocking(struct demo *demo)
{
    if (demo == NULL) {
        return;
    }
    close(demo->pipe);
    if (demo->host > 0 && !demo->keep) {
        wait_for_host_blocking(demo);
    }
    strbuf_release(&demo->line);
    arena_release(&demo->arena);
    free(demo);
}
