/* SPDX-License-Identifier: PostgreSQL */
/*
 * A very small HTTP server: one request a connection, GET, a status and two words. Each
 * request opens a session of its own, so that what it says is true now and not a
 * memory of a connection that once was.
 */
#include "demo_endpoints.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "files.h"
#include "task_child.h"

enum {
    REQUEST_MAX = 4096,
    VISITORS_MAX = 64,
    BACKLOG = 64,
};
static const int64_t visit_limit_us = 5 * US_PER_SECOND;
static const int64_t query_limit_us = 2 * US_PER_SECOND;

/* path: what is asked for; sql: what must be answered for a 200. */
static const struct {
    const char *path;
    struct task_statement sql;
} pages[] = {
    {"/health", {.sql = "select 1"}},
    {"/api/campaigns", {.sql = "select id, name from public.campaigns order by id limit 1"}},
    {"/api/moves", {.sql = "select id from public.moves order by id limit 1"}},
    {"/api/progress",
     {.sql = "select current_week, current_phase from public.plan_progress limit 1"}},
    {"/api/items", {.sql = "select id, title from public.items order by id limit 1"}},
};

struct visitor {
    struct demo_endpoints *endpoints;
    int fd;
    uint32_t source;
    size_t page;
    char request[REQUEST_MAX];
    size_t length;
    struct task_session *session; /* while the database is asked */
    struct strbuf answer;         /* while it is written */
    size_t written;
    int64_t limit_us;
};

struct demo_endpoints {
    struct loop *loop;
    const struct db_params *params;
    int listener;
    int log;
    uint32_t source;
    struct visitor *visitors[VISITORS_MAX];
};

static void leave(struct visitor *visitor)
{
    struct demo_endpoints *endpoints = visitor->endpoints;
    for (size_t i = 0; i < VISITORS_MAX; i++) {
        if (endpoints->visitors[i] == visitor) {
            endpoints->visitors[i] = NULL;
        }
    }
    loop_remove(endpoints->loop, visitor->source);
    task_session_free(visitor->session);
    close(visitor->fd);
    strbuf_release(&visitor->answer);
    free(visitor);
}

static void answer(struct visitor *visitor, int status, const char *words)
{
    task_session_free(visitor->session);
    visitor->session = NULL;
    strbuf_format(&visitor->answer,
                  "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n"
                  "Connection: close\r\n\r\n%s\n",
                  status, words, strlen(words) + 1, words);
}

static void write_log(const struct demo_endpoints *endpoints, const char *path,
                      const struct err *why)
{
    struct strbuf line = {0};
    time_to_text(&line, loop_wall_us());
    strbuf_format(&line, " ERROR %s: ", path);
    sanitise(&line, str_from(why->message), SANITISE_LINE);
    strbuf_byte(&line, '\n');
    if (!files_write_all(endpoints->log, strbuf_str(&line), NULL, NULL)) {
        strbuf_clear(&line); /* a demo whose disk is full has other things to tell */
    }
    strbuf_release(&line);
}

/* ------------------------------------------------------------- the database */

static void refuse(struct visitor *visitor, const struct err *why)
{
    write_log(visitor->endpoints, pages[visitor->page].path, why);
    answer(visitor, 503, "unavailable");
}

static void on_connected(void *ctx, const struct err *err)
{
    struct visitor *visitor = ctx;
    if (err != NULL) {
        refuse(visitor, err);
    } else {
        task_session_run(visitor->session, &pages[visitor->page].sql, 1);
    }
}

static void on_done(void *ctx, const struct err *err)
{
    struct visitor *visitor = ctx;
    if (err != NULL) {
        refuse(visitor, err);
    } else {
        answer(visitor, 200, "ok");
    }
}

static void ask_database(struct visitor *visitor)
{
    static const struct task_session_hooks hooks = {.connected = on_connected, .done = on_done};
    struct err err = {0};
    visitor->session = task_session_new(visitor->endpoints->loop, &hooks, visitor);
    if (!task_session_connect(visitor->session, visitor->endpoints->params, "app", NULL, 0,
                              loop_now_us() + query_limit_us, &err)) {
        refuse(visitor, &err);
    }
}

/* ------------------------------------------------------------------ visitors */

static void read_request(struct visitor *visitor)
{
    ssize_t got = read(visitor->fd, visitor->request + visitor->length,
                       sizeof visitor->request - visitor->length);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got <= 0) {
        leave(visitor);
        return;
    }
    visitor->length += (size_t)got;
    struct str rest = {visitor->request, visitor->length};
    struct str line;
    struct str method;
    struct str path;
    if (!str_ends(rest, "\r\n\r\n")) {
        if (visitor->length == sizeof visitor->request) {
            answer(visitor, 400, "too long");
        }
        return;
    }
    bool whole = str_cut(&rest, '\r', &line) && str_cut(&line, ' ', &method) &&
                 str_cut(&line, ' ', &path) && str_eq(method, "GET");
    for (size_t i = 0; whole && i < COUNT_OF(pages); i++) {
        if (str_eq(path, pages[i].path)) {
            visitor->page = i;
            ask_database(visitor);
            return;
        }
    }
    answer(visitor, whole ? 404 : 400, whole ? "not found" : "bad request");
}

static void write_answer(struct visitor *visitor)
{
    struct str rest = str_slice(strbuf_str(&visitor->answer), visitor->written, SIZE_MAX);
    ssize_t done = send(visitor->fd, rest.ptr, rest.len, MSG_NOSIGNAL);
    if (done < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    visitor->written += done > 0 ? (size_t)done : rest.len;
    if (visitor->written == visitor->answer.len) {
        leave(visitor);
    }
}

static void visitor_wants(void *ctx, struct loop_want *want)
{
    const struct visitor *visitor = ctx;
    want->deadline_us = visitor->limit_us;
    want->fd = visitor->fd;
    want->events = visitor->answer.len > 0 ? POLLOUT : visitor->session == NULL ? POLLIN : 0;
}

static void visitor_ready(void *ctx, short revents, int64_t now_us)
{
    struct visitor *visitor = ctx;
    if (now_us >= visitor->limit_us || (revents & (POLLERR | POLLNVAL)) != 0) {
        leave(visitor);
    } else if (visitor->answer.len > 0) {
        write_answer(visitor);
    } else if (visitor->session == NULL) {
        read_request(visitor);
    } else if ((revents & POLLHUP) != 0) {
        leave(visitor); /* it did not wait for the answer */
    }
}

static void listener_wants(void *ctx, struct loop_want *want)
{
    const struct demo_endpoints *endpoints = ctx;
    want->fd = endpoints->listener;
    want->events = POLLIN;
}

static bool make_quiet(int fd)
{
    return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
}

static void listener_ready(void *ctx, short revents, int64_t now_us)
{
    struct demo_endpoints *endpoints = ctx;
    (void)revents;
    int fd = accept(endpoints->listener, NULL, NULL);
    if (fd < 0) {
        return;
    }
    for (size_t i = 0; i < VISITORS_MAX && make_quiet(fd); i++) {
        if (endpoints->visitors[i] == NULL) {
            struct visitor *visitor = mem_zero(1, sizeof *visitor);
            visitor->endpoints = endpoints;
            visitor->fd = fd;
            visitor->limit_us = now_us + visit_limit_us;
            visitor->source = loop_add(
                endpoints->loop, &(struct loop_source){visitor_wants, visitor_ready, visitor});
            endpoints->visitors[i] = visitor;
            return;
        }
    }
    close(fd);
}

/* ------------------------------------------------------------------- public */

static bool open_listener(struct demo_endpoints *endpoints, const char *path, struct err *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        return err_set(err, ERR_INTERNAL, "the path of the demo's socket is too long");
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    endpoints->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (endpoints->listener < 0 || !make_quiet(endpoints->listener) ||
        bind(endpoints->listener, (const struct sockaddr *)&address, sizeof address) != 0 ||
        listen(endpoints->listener, BACKLOG) != 0) {
        return err_set(err, ERR_INTERNAL, "could not open the demo's endpoints: %s",
                       strerror(errno));
    }
    return true;
}

struct demo_endpoints *demo_endpoints_new(struct loop *loop, const struct db_params *params,
                                          const char *socket_path, const char *log_path,
                                          struct err *err)
{
    struct demo_endpoints *endpoints = mem_zero(1, sizeof *endpoints);
    endpoints->loop = loop;
    endpoints->params = params;
    endpoints->listener = -1;
    endpoints->log =
        open(log_path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (endpoints->log < 0) {
        err_set(err, ERR_INTERNAL, "could not make the demo's log: %s", strerror(errno));
        demo_endpoints_free(endpoints);
        return NULL;
    }
    if (!open_listener(endpoints, socket_path, err)) {
        demo_endpoints_free(endpoints);
        return NULL;
    }
    endpoints->source =
        loop_add(loop, &(struct loop_source){listener_wants, listener_ready, endpoints});
    return endpoints;
}

void demo_endpoints_free(struct demo_endpoints *endpoints)
{
    if (endpoints == NULL) {
        return;
    }
    loop_remove(endpoints->loop, endpoints->source);
    for (size_t i = 0; i < VISITORS_MAX; i++) {
        if (endpoints->visitors[i] != NULL) {
            leave(endpoints->visitors[i]);
        }
    }
    if (endpoints->listener >= 0) {
        close(endpoints->listener);
    }
    if (endpoints->log >= 0) {
        close(endpoints->log);
    }
    free(endpoints);
}
