/* SPDX-License-Identifier: PostgreSQL */
/*
 * The life of a throw-away server, as one row of states:
 *
 *   COPY (a template) or INITDB → KEEP (the template) → START → PING → READY
 *   READY → STOP → REMOVE → GONE, and from START on also back: a template that does not
 *   start is thrown away and made anew.
 *
 * A source without a descriptor drives what has no event of its own: copying, pauses
 * between two attempts to connect, the grace before a harder signal. Every hook is called
 * from the loop.
 */
#include "scratch_private.h"

#include <signal.h>
#include <unistd.h>

#include "pgtools.h"

#define SUPERUSER "postgres"
#define PORT      "5432"

enum {
    LAST_WORDS_MAX = 300, /* of the server's output, for an error's detail */
    ARGV_MAX = 128,
};
static const int64_t ping_pause_us = 5 * US_PER_MS;
static const int64_t start_limit_us = 60 * US_PER_SECOND;
static const int64_t stop_grace_us = 5 * US_PER_SECOND;

void scratch_go(struct scratch_server *server, enum scratch_state state, int64_t wake_us)
{
    server->state = state;
    server->wake_us = wake_us;
}

static void fail(struct scratch_server *server, const struct err *why)
{
    server->why = *why;
    if (server->last_words.len > 0 && server->why.detail[0] == '\0') {
        struct str words = sanitise_line(&server->arena, strbuf_str(&server->last_words));
        err_detail(&server->why, "It said: %.*s", STR_ARG(words));
    }
    task_session_free(server->session);
    server->session = NULL;
    scratch_go(server, SCRATCH_FAILED, LOOP_NEVER);
    server->hooks.failed(server->ctx, &server->why);
}

/* ---------------------------------------------------------------- programs */

static void on_output(void *ctx, enum proc_stream stream, struct str text)
{
    struct scratch_server *server = ctx;
    (void)stream;
    if (server->last_words.len + text.len > LAST_WORDS_MAX) {
        strbuf_clear(&server->last_words);
    }
    strbuf_add(&server->last_words, str_slice(text, 0, LAST_WORDS_MAX));
    strbuf_byte(&server->last_words, ' ');
}

static const char *const child_environment[] = {"LC_ALL=C", "TZ=UTC", "PATH=/usr/bin:/bin",
                                                NULL};

static bool start_program(struct scratch_server *server, const char *const *argv,
                          void (*ended)(void *, const struct proc_end *), int death_signal)
{
    struct proc_spec spec = {
        .path = argv[0],
        .argv = argv,
        .envp = child_environment,
        .directory = server->folder.ptr,
        .run_as = server->account.drop,
        .uid = server->account.uid,
        .gid = server->account.gid,
        .death_signal = death_signal,
        .output_cap = SIZE_MAX,
        .output = on_output,
        .ended = ended,
        .ctx = server,
    };
    struct err err = {0};
    strbuf_clear(&server->last_words);
    if (task_child_start(&server->child, server->loop, &spec, &err)) {
        return true;
    }
    err_context(&err, "could not start %s", argv[0]);
    fail(server, &err);
    return false;
}

static struct pgtools_scratch programs_of(const struct scratch_server *server)
{
    return (struct pgtools_scratch){
        .bindir = server->bindir,
        .data = str_from(server->data),
        .socket = strbuf_str(&server->folder),
        .user = STR(SUPERUSER),
    };
}

static void fail_with_end(struct scratch_server *server, const char *program,
                          const struct proc_end *end)
{
    struct strbuf text = {0};
    struct err err = {0};
    proc_end_text(end, &text);
    err_set(&err, ERR_INTERNAL, "the throw-away server is not there: %s: %s", program,
            text.ptr);
    err_hint(&err, "Nothing was done with it. Look at free disk space and memory, and try "
                   "again.");
    strbuf_release(&text);
    fail(server, &err);
}

static void initdb_ended(void *ctx, const struct proc_end *end)
{
    struct scratch_server *server = ctx;
    task_child_release(&server->child);
    if (!proc_end_ok(end)) {
        fail_with_end(server, "initdb", end);
        return;
    }
    scratch_begin_keep(server, server->plain_template);
}

void scratch_start_initdb(struct scratch_server *server)
{
    struct pgtools_scratch scratch = programs_of(server);
    scratch_go(server, SCRATCH_INITDB, LOOP_NEVER);
    (void)start_program(server, pgtools_initdb_argv(&server->arena, &scratch), initdb_ended,
                        SIGKILL);
}

static void remove_folder(struct scratch_server *server)
{
    task_session_free(server->session);
    server->session = NULL;
    scratch_go(server, SCRATCH_REMOVE, 0);
}

static void postgres_ended(void *ctx, const struct proc_end *end)
{
    struct scratch_server *server = ctx;
    task_child_release(&server->child);
    task_session_free(server->session);
    server->session = NULL;
    switch (server->state) {
    case SCRATCH_SAVE:
        scratch_begin_keep(server, server->loaded_template);
        return;
    case SCRATCH_CRASH:
        scratch_start_postgres(server);
        return;
    case SCRATCH_STOP:
        remove_folder(server);
        return;
    case SCRATCH_START:
    case SCRATCH_PING:
        if (server->copied_from != NULL) {
            scratch_distrust_template(server);
            return;
        }
        break;
    case SCRATCH_COPY:
    case SCRATCH_INITDB:
    case SCRATCH_KEEP:
    case SCRATCH_READY:
    case SCRATCH_REMOVE:
    case SCRATCH_FAILED:
    case SCRATCH_GONE:
        break;
    }
    fail_with_end(server, "postgres", end);
}

void scratch_start_postgres(struct scratch_server *server)
{
    struct pgtools_scratch scratch = programs_of(server);
    const char **fixed = pgtools_postgres_argv(&server->arena, &scratch);
    const char **argv = arena_array(&server->arena, ARGV_MAX, sizeof *argv);
    size_t count = 0;
    while (count < ARGV_MAX / 2 && fixed[count] != NULL) {
        argv[count] = fixed[count];
        count++;
    }
    if (server->preload) {
        argv[count++] = "-c";
        argv[count++] = "shared_preload_libraries=pg_stat_statements";
    }
    const char *const *setting = server->settings;
    for (; setting != NULL && *setting != NULL && count < ARGV_MAX - 3; setting++) {
        argv[count++] = "-c";
        argv[count++] = *setting;
    }
    scratch_go(server, SCRATCH_START, loop_now_us() + ping_pause_us);
    server->limit_us = loop_now_us() + start_limit_us;
    (void)start_program(server, argv, postgres_ended, SIGINT);
}

/* ------------------------------------------------------------------ answers */

static void on_connected(void *ctx, const struct err *err)
{
    struct scratch_server *server = ctx;
    task_session_free(server->session);
    server->session = NULL;
    if (server->state != SCRATCH_PING) {
        return;
    }
    if (err == NULL) {
        server->copied_from = NULL; /* from here on an end is an end */
        scratch_go(server, SCRATCH_READY, LOOP_NEVER);
        server->hooks.ready(server->ctx);
    } else if (loop_now_us() < server->limit_us) {
        scratch_go(server, SCRATCH_START, loop_now_us() + ping_pause_us);
    } else {
        fail(server, err);
    }
}

static void no_list(void *ctx, const struct err *err)
{
    (void)ctx;
    (void)err;
}

static void ping(struct scratch_server *server)
{
    struct arena arena = {0};
    struct db_params params = {0};
    struct err err = {0};
    scratch_server_params(server, &params, &arena, "postgres", SUPERUSER);
    server->session = task_session_new(
        server->loop, &(struct task_session_hooks){.connected = on_connected, .done = no_list},
        server);
    scratch_go(server, SCRATCH_PING, LOOP_NEVER);
    if (!task_session_connect(server->session, &params, "gonogo scratch", NULL, 0,
                              server->limit_us, &err)) {
        on_connected(server, &err);
    }
    arena_release(&arena);
}

static void finish_removal(struct scratch_server *server)
{
    struct err err = {0};
    bool removed = scratch_folder_remove(server->folder.ptr, &err);
    scratch_go(server, SCRATCH_GONE, LOOP_NEVER);
    if (removed) {
        server->hooks.stopped(server->ctx);
    } else {
        server->hooks.failed(server->ctx, &err);
    }
}

static void tick_wants(void *ctx, struct loop_want *want)
{
    const struct scratch_server *server = ctx;
    want->deadline_us = server->wake_us;
}

static void tick_ready(void *ctx, short revents, int64_t now_us)
{
    struct scratch_server *server = ctx;
    (void)revents;
    (void)now_us;
    switch (server->state) {
    case SCRATCH_COPY:
        if (server->copy == NULL) {
            scratch_begin(server);
        } else {
            scratch_copy_round(server);
        }
        return;
    case SCRATCH_KEEP:
        scratch_keep_round(server);
        return;
    case SCRATCH_START:
        ping(server);
        return;
    case SCRATCH_STOP:
        if (server->child.proc != NULL) { /* fast was not fast enough */
            (void)kill(proc_pid(server->child.proc), SIGQUIT);
            server->wake_us = LOOP_NEVER;
        }
        return;
    case SCRATCH_REMOVE:
        finish_removal(server);
        return;
    case SCRATCH_INITDB:
    case SCRATCH_PING:
    case SCRATCH_READY:
    case SCRATCH_SAVE:
    case SCRATCH_CRASH:
    case SCRATCH_FAILED:
    case SCRATCH_GONE:
        break;
    }
    server->wake_us = LOOP_NEVER;
}

/* ------------------------------------------------------------------- public */

static bool has_statements(struct scratch_server *server)
{
    static const char *const places[] = {"%.*s/../lib/pg_stat_statements.so",
                                         "%.*s/../lib/postgresql/pg_stat_statements.so"};
    char path[512];
    (void)snprintf(path, sizeof path, places[0], STR_ARG(server->bindir));
    if (access(path, R_OK) == 0) {
        return true;
    }
    (void)snprintf(path, sizeof path, places[1], STR_ARG(server->bindir));
    return access(path, R_OK) == 0;
}

static const char *const *copy_settings(struct scratch_server *server,
                                        const char *const *settings)
{
    size_t count = 0;
    while (settings != NULL && settings[count] != NULL) {
        count++;
    }
    const char **copy = arena_array(&server->arena, count + 1, sizeof *copy);
    for (size_t i = 0; i < count; i++) {
        copy[i] = str_text(&server->arena, str_from(settings[i]));
    }
    return copy;
}

struct scratch_server *scratch_server_new(struct loop *loop, const struct scratch_spec *spec,
                                          const struct scratch_hooks *hooks, void *ctx,
                                          struct err *err)
{
    struct scratch_server *server = mem_zero(1, sizeof *server);
    scratch_sweep();
    server->loop = loop;
    server->hooks = *hooks;
    server->ctx = ctx;
    if (!scratch_account_find(&server->account, err) ||
        !scratch_bindir_find_blocking(&server->arena, spec->major, spec->exactly,
                                      &server->bindir, &server->major, err) ||
        !scratch_folder_make(&server->account, spec->memory, &server->folder, err)) {
        arena_release(&server->arena);
        strbuf_release(&server->folder);
        free(server);
        return NULL;
    }
    server->data = str_format(&server->arena, "%s/data", server->folder.ptr).ptr;
    server->settings = copy_settings(server, spec->settings);
    server->preload = spec->statements && has_statements(server);
    scratch_choose_templates(server, spec);
    server->source = loop_add(loop, &(struct loop_source){tick_wants, tick_ready, server});
    scratch_go(server, SCRATCH_COPY, 0);
    return server;
}

void scratch_server_stop(struct scratch_server *server)
{
    scratch_copy_free(server->copy);
    server->copy = NULL;
    task_session_free(server->session);
    server->session = NULL;
    if (server->state == SCRATCH_GONE || server->state == SCRATCH_STOP ||
        server->state == SCRATCH_REMOVE) {
        return;
    }
    if (server->state == SCRATCH_INITDB) {
        task_child_release(&server->child);
    }
    if (!task_child_runs(&server->child)) {
        remove_folder(server);
        return;
    }
    /* Only the postmaster: it ends its children. proc_stop() would signal the whole group. */
    (void)kill(proc_pid(server->child.proc), SIGINT);
    scratch_go(server, SCRATCH_STOP, loop_now_us() + stop_grace_us);
}

void scratch_server_free(struct scratch_server *server)
{
    if (server == NULL) {
        return;
    }
    loop_remove(server->loop, server->source);
    scratch_copy_free(server->copy);
    task_session_free(server->session);
    task_child_release(&server->child);
    if (server->state != SCRATCH_GONE) {
        scratch_remove_quietly(server->folder.ptr);
    }
    strbuf_release(&server->folder);
    strbuf_release(&server->last_words);
    arena_release(&server->arena);
    free(server);
}

void scratch_server_save(struct scratch_server *server)
{
    (void)kill(proc_pid(server->child.proc), SIGINT);
    scratch_go(server, SCRATCH_SAVE, LOOP_NEVER);
}

void scratch_server_crash(struct scratch_server *server)
{
    (void)kill(proc_pid(server->child.proc), SIGQUIT);
    scratch_go(server, SCRATCH_CRASH, LOOP_NEVER);
}

const char *scratch_server_folder(const struct scratch_server *server)
{
    return server->folder.ptr;
}

const char *scratch_server_socket(const struct scratch_server *server)
{
    return server->folder.ptr;
}

const char *scratch_server_port(const struct scratch_server *server)
{
    (void)server;
    return PORT;
}

const char *scratch_server_user(const struct scratch_server *server)
{
    (void)server;
    return SUPERUSER;
}

pid_t scratch_server_pid(const struct scratch_server *server)
{
    return task_child_runs(&server->child) ? proc_pid(server->child.proc) : 0;
}

bool scratch_server_from_template(const struct scratch_server *server)
{
    return server->from_template;
}

void scratch_server_params(const struct scratch_server *server, struct db_params *params,
                           struct arena *arena, const char *database, const char *user)
{
    db_params_set(params, arena, "host", str_text(arena, strbuf_str(&server->folder)));
    db_params_set(params, arena, "port", PORT);
    db_params_set(params, arena, "dbname", database);
    db_params_set(params, arena, "user", user);
    db_params_set(params, arena, "sslmode", "disable");
    db_params_set(params, arena, "gssencmode", "disable");
}
