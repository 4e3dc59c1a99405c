/* SPDX-License-Identifier: PostgreSQL */
/*
 * The host: a row of steps until the demo stands (server, roles, seed, template, trouble,
 * endpoints), then nothing but answering the endpoints and watching for the end.
 *
 * It left its parent's session and closed its files: ^C in the terminal is the walk's
 * business, and whoever reads the program's output must not wait for us.
 */
#include "demo_host.h"

#include "demo_break.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "demo_endpoints.h"
#include "demo_watch.h"
#include "files.h"
#include "scratch_server.h"
#include "sql.h"

enum {
    FILES_MAX = 1024, /* descriptors that a parent may have left us */
};
static const int64_t end_limit_us = 10 * US_PER_SECOND;

struct host;
typedef void (*host_step)(struct host *host);

struct host {
    int pipe;
    const struct demo_request *request;
    const struct demo_trouble *trouble;
    bool keep;
    struct arena arena;
    struct loop *loop;
    struct scratch_server *scratch;
    const host_step *steps; /* NULL last */
    size_t step;
    bool standing; /* "ready" was told */
    bool over;
    bool gone;                    /* the server's folder is removed */
    struct task_session *session; /* of the step at work */
    struct task_statement *list;
    struct sql_script seed;
    struct db_params app_params;
    struct demo_endpoints *endpoints;
    struct task_session *holder; /* the trouble's session, idle in its transaction */
    struct demo_watch *watch;
    struct demo_breaker *breaker; /* NULL until somebody asks for a trouble */
    struct strbuf asked;          /* what came through the pipe, up to the next newline */
};

/* -------------------------------------------------------------------- words */

static void tell(struct host *host, const char *word, const char *text)
{
    struct strbuf line = {0};
    strbuf_format(&line, "%s %s\n", word, text);
    if (!files_write_all(host->pipe, strbuf_str(&line), NULL, NULL)) {
        host->over = !host->keep; /* nobody listens any more */
    }
    strbuf_release(&line);
}

static void next(struct host *host)
{
    if (!host->over) {
        host->steps[host->step++](host);
    }
}

static void fail(struct host *host, const struct err *err)
{
    struct strbuf text = {0};
    if (!host->standing) {
        strbuf_text(&text, err->message);
        if (err->detail[0] != '\0') {
            strbuf_format(&text, " (%s)", err->detail);
        }
        struct str line = sanitise_line(&host->arena, strbuf_str(&text));
        tell(host, "failed", line.ptr);
        strbuf_release(&text);
    }
    host->over = true;
}

/* ----------------------------------------------------------------- sessions */

static void on_connected(void *ctx, const struct err *err)
{
    struct host *host = ctx;
    if (err != NULL) {
        fail(host, err);
        return;
    }
    next(host);
}

static bool on_answered(void *ctx, size_t index, const struct db_reply *reply, struct err *err)
{
    enum {
        EVERY = 100 /* statements between two words about progress */
    };
    struct host *host = ctx;
    (void)reply;
    (void)err;
    if (host->seed.count > 0 && (index + 1) % EVERY == 0) {
        struct str text = str_format(&host->arena, "loading the database: statement %zu of %zu",
                                     index + 1, host->seed.count);
        tell(host, "progress", text.ptr);
    }
    return true;
}

static void on_done(void *ctx, const struct err *err)
{
    on_connected(ctx, err);
}

static struct task_session *connect_as(struct host *host, const char *database,
                                       const char *user, const char *application,
                                       const struct task_session_hooks *hooks)
{
    struct err err = {0};
    struct demo_login login = {database, user, application};
    struct task_session *session =
        demo_connect(host->loop, host->scratch, &host->arena, &login, hooks, host, &err);
    if (session == NULL) {
        fail(host, &err);
    }
    return session;
}

static const struct task_session_hooks step_hooks = {on_connected, on_answered, on_done};

static void connect_step(struct host *host, const char *database, const char *user)
{
    task_session_free(host->session);
    host->session = connect_as(host, database, user, "gonogo demo", &step_hooks);
}

static void run_texts(struct host *host, const char *const *texts)
{
    demo_run(host->session, &host->arena, texts);
}

/* -------------------------------------------------------------- the database */

static void as_superuser(struct host *host)
{
    connect_step(host, "postgres", scratch_server_user(host->scratch));
}

static void make_roles(struct host *host)
{
    static const char *const texts[] = {
        "create role " DEMO_OWNER " login createdb in role pg_monitor, pg_signal_backend",
        "create role " DEMO_REPORT " login",
        "create database " DEMO_DATABASE " owner " DEMO_OWNER " template template0",
        /* Here and not in the database: its owner could not restore an extension. */
        "do $$begin if current_setting('shared_preload_libraries') <> '' "
        "then create extension pg_stat_statements; end if; end$$",
        NULL,
    };
    run_texts(host, texts);
}

/*
 * What the platform of the real database brings along. Only the superuser may make a role that
 * row level security does not bind, so the seed cannot; the owner may act as each of them.
 */
static void make_plan_roles(struct host *host)
{
    const struct plan_seed_roles *roles = &host->request->roles;
    const char **texts = arena_array(&host->arena, 2 * roles->count + 1, sizeof *texts);
    for (size_t i = 0; i < roles->count; i++) {
        const struct plan_seed_role *role = &roles->items[i];
        struct strbuf name = {0};
        sql_quote_ident(&name, role->name);
        texts[2 * i] = str_format(&host->arena, "create role %s nologin%s", name.ptr,
                                  role->bypass_rls ? " bypassrls" : "")
                           .ptr;
        texts[2 * i + 1] = str_format(&host->arena, "grant %s to " DEMO_OWNER, name.ptr).ptr;
        strbuf_release(&name);
    }
    run_texts(host, texts);
}

static void as_owner(struct host *host)
{
    connect_step(host, DEMO_DATABASE, DEMO_OWNER);
}

static void load_seed(struct host *host)
{
    struct sql_trouble trouble = {0};
    struct err err = {0};
    tell(host, "progress", "loading the database; the next time it is there at once");
    if (!sql_cut(host->request->seed, NULL, &host->arena, &host->seed, &trouble)) {
        (void)sql_trouble_to_err(&trouble, "seed", &err);
        fail(host, &err);
        return;
    }
    host->list = arena_array(&host->arena, host->seed.count + 1, sizeof *host->list);
    for (size_t i = 0; i < host->seed.count; i++) {
        if (host->seed.statements[i].copy_from_stdin) {
            err_set(&err, ERR_USAGE, "the seed uses COPY FROM stdin at line %d",
                    host->seed.statements[i].line);
            fail(host, &err);
            return;
        }
        host->list[i].sql = str_text(&host->arena, sql_statement_text(&host->seed, i));
    }
    task_session_run(host->session, host->list, host->seed.count);
}

/* What loading cost is nobody's business later on. */
static void forget_statistics(struct host *host)
{
    static const char *const texts[] = {
        "do $$begin if exists (select from pg_catalog.pg_extension "
        "where extname = 'pg_stat_statements') "
        "then perform public.pg_stat_statements_reset(); end if; end$$",
        NULL,
    };
    host->seed.count = 0;
    run_texts(host, texts);
}

static void save_template(struct host *host)
{
    task_session_free(host->session);
    host->session = NULL;
    scratch_server_save(host->scratch);
}

/* -------------------------------------------------------------- the trouble */

static void prepare_trouble(struct host *host)
{
    task_session_free(host->session);
    host->session = NULL;
    if (host->trouble != NULL) {
        as_owner(host);
    } else {
        host->step++; /* nothing to connect for */
        next(host);
    }
}

static void make_trouble(struct host *host)
{
    run_texts(host, host->trouble->prepare);
}

static void hold_connected(void *ctx, const struct err *err)
{
    struct host *host = ctx;
    if (err != NULL) {
        fail(host, err);
        return;
    }
    demo_run(host->holder, &host->arena, host->trouble->what);
}

static void hold(struct host *host)
{
    static const struct task_session_hooks hooks = {.connected = hold_connected,
                                                    .done = on_done};
    if (host->trouble == NULL || host->trouble->when == DEMO_SEEDED) {
        next(host);
        return;
    }
    host->holder = connect_as(host, DEMO_DATABASE, DEMO_REPORT, "nightly report", &hooks);
}

/* Somebody waits for the holder: then, and only then, the server crashes. */
static void crash(void *ctx)
{
    struct host *host = ctx;
    scratch_server_crash(host->scratch); /* first: a polite good-bye would free the lock */
    task_session_free(host->holder);
    host->holder = NULL;
}

static void watch(struct host *host)
{
    static const struct demo_watch_hooks hooks = {on_connected, crash};
    struct err err = {0};
    if (host->trouble == NULL || host->trouble->when != DEMO_WATCHED) {
        next(host);
        return;
    }
    int holder = db_backend_pid(task_session_db(host->holder));
    host->watch = demo_watch_new(host->loop, host->scratch, holder, &hooks, host, &err);
    if (host->watch == NULL) {
        fail(host, &err);
    }
}

/* ----------------------------------------------------------- it stands, it ends */

static void open_doors(struct host *host)
{
    struct err err = {0};
    const char *folder = scratch_server_folder(host->scratch);
    task_session_free(host->session);
    host->session = NULL;
    scratch_server_params(host->scratch, &host->app_params, &host->arena, DEMO_DATABASE,
                          DEMO_OWNER);
    host->endpoints =
        demo_endpoints_new(host->loop, &host->app_params,
                           str_format(&host->arena, "%s/" DEMO_APP_SOCKET, folder).ptr,
                           str_format(&host->arena, "%s/" DEMO_APP_LOG, folder).ptr, &err);
    if (host->endpoints == NULL) {
        fail(host, &err);
        return;
    }
    tell(host, "ready", folder);
    host->standing = true;
}

static const host_step first_steps[] = {
    as_superuser,      make_roles,    make_plan_roles, as_owner,     load_seed, as_superuser,
    forget_statistics, save_template, prepare_trouble, make_trouble, hold,      watch,
    open_doors,
};
/* With the template everything up to the trouble is there. */
static const host_step later_steps[] = {
    prepare_trouble, make_trouble, hold, watch, open_doors,
};

static void on_ready(void *ctx)
{
    struct host *host = ctx;
    if (host->steps == NULL) {
        host->steps = scratch_server_from_template(host->scratch) ? later_steps : first_steps;
    }
    if (!host->standing) { /* else it has come back after its crash */
        next(host);
    }
}

static void on_failed(void *ctx, const struct err *why)
{
    struct host *host = ctx;
    fail(host, why);
    host->gone = true;
}

static void on_stopped(void *ctx)
{
    ((struct host *)ctx)->gone = true;
}

/* Other roles, another template; without any it is named as ever. */
static void add_roles(struct sha256 *sha, const struct plan_seed_roles *roles)
{
    for (size_t i = 0; i < roles->count; i++) {
        sha256_add(sha, roles->items[i].name);
        sha256_add(sha, roles->items[i].bypass_rls ? STR(" bypassrls\n") : STR("\n"));
    }
}

static void start_server(struct host *host)
{
    static const struct scratch_hooks hooks = {on_ready, on_failed, on_stopped};
    struct sha256 *sha = sha256_new();
    struct err err = {0};
    sha256_add(sha, STR("gonogo demo 1\n")); /* another set-up of roles, another number */
    add_roles(sha, &host->request->roles);
    sha256_add(sha, host->request->seed);
    struct sha256_hex name = sha256_end(sha);
    /* What a client was told is committed must be there after the crash of a trouble. */
    static const char *const settings[] = {"synchronous_commit=on", NULL};
    struct scratch_spec spec = {.settings = settings,
                                .cache = host->request->cache,
                                .template_name = name.text,
                                .statements = true,
                                .memory = !host->keep}; /* a kept one may grow and stay */
    tell(host, "progress", "starting a throw-away PostgreSQL");
    host->scratch = scratch_server_new(host->loop, &spec, &hooks, host, &err);
    if (host->scratch == NULL) {
        fail(host, &err);
        host->gone = true;
    }
}

/* --------------------------------------------------------------- the process */

static void pipe_wants(void *ctx, struct loop_want *want)
{
    const struct host *host = ctx;
    want->fd = host->pipe;
    want->events = POLLIN;
}

/* "break NAME": the person at the screen wants to see that trouble. */
static void take_wish(struct host *host, struct str line)
{
    struct str word;
    if (!str_cut(&line, ' ', &word) || !str_eq(word, "break")) {
        return;
    }
    const struct demo_trouble *trouble =
        demo_trouble_find(host->request->plan, str_text(&host->arena, line));
    if (trouble != NULL && host->standing) {
        if (host->breaker == NULL) {
            host->breaker = demo_breaker_new(host->loop, host->scratch);
        }
        demo_breaker_make(host->breaker, trouble);
    }
}

static void take_wishes(struct host *host, struct str bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.ptr[i] == '\n') {
            take_wish(host, strbuf_str(&host->asked));
            strbuf_clear(&host->asked);
        } else {
            strbuf_byte(&host->asked, bytes.ptr[i]);
        }
    }
}

/* The parent asks for a trouble, or it has ended. */
static void pipe_ready(void *ctx, short revents, int64_t now_us)
{
    struct host *host = ctx;
    char bytes[256];
    (void)revents;
    (void)now_us;
    ssize_t got = read(host->pipe, bytes, sizeof(bytes));
    if (got > 0) {
        take_wishes(host, (struct str){bytes, (size_t)got});
    } else if (host->keep && host->standing) {
        close(host->pipe);
        host->pipe = -1;
    } else {
        host->over = true;
    }
}

static void signals_want(void *ctx, struct loop_want *want)
{
    (void)ctx;
    want->fd = loop_signals_fd();
    want->events = POLLIN;
}

static void signals_ready(void *ctx, short revents, int64_t now_us)
{
    struct host *host = ctx;
    int number = 0;
    (void)revents;
    (void)now_us;
    while (loop_signal_next(&number)) {
        host->over = host->over || number == SIGTERM || number == SIGINT;
    }
}

/* Nothing of the parent's stays open, and no terminal is ours. */
static void leave_parent(int keep_fd)
{
    int null = open("/dev/null", O_RDWR);
    (void)setsid();
    for (int fd = 0; fd <= 2 && null >= 0; fd++) {
        (void)dup2(null, fd);
    }
    for (int fd = 3; fd < FILES_MAX; fd++) {
        if (fd != keep_fd) {
            (void)close(fd);
        }
    }
    loop_signals_close();
}

static void end(struct host *host)
{
    struct err err = {0};
    int64_t limit_us = loop_now_us() + end_limit_us;
    demo_endpoints_free(host->endpoints);
    demo_breaker_free(host->breaker);
    strbuf_release(&host->asked);
    task_session_free(host->session);
    task_session_free(host->holder);
    demo_watch_free(host->watch);
    if (!host->gone) {
        scratch_server_stop(host->scratch);
    }
    while (!host->gone && loop_now_us() < limit_us &&
           loop_run_once(host->loop, US_PER_SECOND, &err)) {
        continue;
    }
    scratch_server_free(host->scratch);
}

NORETURN void demo_host_live(int pipe_fd, const struct demo_request *request,
                             const struct demo_trouble *trouble, bool keep)
{
    struct host host = {.pipe = pipe_fd, .request = request, .trouble = trouble, .keep = keep};
    struct err err = {0};
    leave_parent(pipe_fd);
    if (chdir("/") != 0 || !loop_signals_open(&err)) {
        _exit(1);
    }
    host.loop = loop_new();
    uint32_t pipe_source =
        loop_add(host.loop, &(struct loop_source){pipe_wants, pipe_ready, &host});
    loop_add(host.loop, &(struct loop_source){signals_want, signals_ready, &host});
    start_server(&host);
    while (!host.over && loop_run_once(host.loop, LOOP_NEVER, &err)) {
        if (host.pipe < 0) {
            loop_remove(host.loop, pipe_source);
        }
    }
    loop_remove(host.loop, pipe_source);
    end(&host);
    _exit(0);
}
