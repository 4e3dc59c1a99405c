/* SPDX-License-Identifier: PostgreSQL */
/*
 * One question before there is a run: a session, a loop of its own, an answer or a
 * deadline. Then the two that every such look begins with: which server, which ledger.
 */
#include "app_work.h"
#include "perform_connect.h"

#define ONCE_TIMEOUT_US (15 * US_PER_SECOND)
enum {
    ONCE_ROWS_MAX = 20000
};

struct once {
    struct db_session *db;
    const struct question *question;
    struct arena *arena;
    struct rows *rows;
    struct err *err;
    int64_t deadline_us;
    bool over;
    bool ok;
};

static void once_done(void *ctx, const struct db_reply *reply)
{
    struct once *once = ctx;
    once->over = true;
    once->ok = reply->outcome == DB_OK;
    if (once->ok) {
        *once->rows = reply->rows;
    } else {
        db_reply_err(reply, once->err);
    }
}

static void once_connected(void *ctx)
{
    struct once *once = ctx;
    struct db_request request = {.sql = once->question->sql,
                                 .params = once->question->values,
                                 .param_count = once->question->value_count,
                                 .max_rows = ONCE_ROWS_MAX,
                                 .arena = once->arena,
                                 .deadline_us = once->deadline_us,
                                 .done = once_done,
                                 .ctx = once};
    if (!db_send(once->db, &request, loop_now_us(), once->err)) {
        once->over = true;
    }
}

static void once_lost(void *ctx, const struct err *why)
{
    struct once *once = ctx;
    if (!once->over && once->err) {
        *once->err = *why;
        once->err->kind = ERR_CONNECT;
    }
    once->over = true;
}

static void once_wants(void *ctx, struct loop_want *want)
{
    const struct once *once = ctx;
    db_wants(once->db, &want->fd, &want->events, &want->deadline_us);
}

static void once_ready(void *ctx, short revents, int64_t now_us)
{
    struct once *once = ctx;
    db_ready(once->db, revents, now_us);
}

/* Waits for the resolver's child; its deadline bounds it. */
static bool resolve_blocking(struct loop *loop, struct db_params *params, struct arena *arena,
                             int64_t deadline_us, struct err *err)
{
    const char *host = db_params_get(params, "host");
    if (!host || db_params_get(params, "hostaddr") || !resolver_is_needed(host)) {
        return true;
    }
    struct resolver *resolver = resolver_start(host, deadline_us, err);
    if (!resolver) {
        return false;
    }
    struct strbuf addresses = {0};
    struct err why = {0};
    bool ok = true;
    while (ok && !resolver_take(resolver, loop_now_us(), &addresses, &why)) {
        ok = loop_run_once(loop, US_PER_MS, err);
    }
    resolver_free(resolver);
    if (ok && why.kind != ERR_NONE) {
        ok = false;
        if (err) {
            *err = why;
        }
    }
    if (ok) {
        db_params_set(params, arena, "hostaddr", str_text(arena, strbuf_str(&addresses)));
    }
    strbuf_release(&addresses);
    return ok;
}

bool ask_once_blocking(const struct db_params *given, const struct question *question,
                       struct arena *arena, struct rows *rows, struct err *err)
{
    static const struct db_hooks hooks = {.connected = once_connected, .lost = once_lost};
    struct loop *loop = loop_new();
    struct db_params params = {0};
    for (size_t i = 0; i < given->count; i++) {
        db_params_set(&params, arena, given->items[i].key, given->items[i].value);
    }
    int64_t now_us = loop_now_us();
    struct once once = {.question = question,
                        .arena = arena,
                        .rows = rows,
                        .err = err,
                        .deadline_us = now_us + ONCE_TIMEOUT_US};
    once.db = db_new(&hooks, &once);
    /* Behind somebody's lock we are told so, long before the deadline says nothing. */
    static const struct db_setting settings[] = {{"lock_timeout", "5s"}};
    struct db_target target = {.params = &params,
                               .application_name = "gonogo",
                               .search_path = question->search_path,
                               .looks_only = true,
                               .settings = settings,
                               .setting_count = COUNT_OF(settings)};
    bool ok = resolve_blocking(loop, &params, arena, once.deadline_us, err) &&
              db_connect(once.db, &target, now_us, once.deadline_us, err);
    uint32_t source = loop_add(
        loop, &(struct loop_source){.wants = once_wants, .ready = once_ready, .ctx = &once});
    while (ok && !once.over) {
        ok = loop_run_once(loop, LOOP_NEVER, err);
    }
    loop_remove(loop, source);
    db_free(once.db);
    loop_free(loop);
    if (ok && !once.ok && err && err->kind == ERR_SQL) {
        err->kind = ERR_CHECK; /* no run, so no file of it was rolled back */
    }
    return ok && once.ok;
}

bool ask_identity_blocking(const struct db_params *params, const struct plan_target *target,
                           struct arena *arena, struct catalog_identity *identity,
                           struct err *err)
{
    struct rows rows;
    struct str why = {0};
    struct performer pins = {.target = target};
    struct question question = {.sql = str_from(catalog_identity_query())};
    if (!ask_once_blocking(params, &question, arena, &rows, err) ||
        !catalog_identity_read(&rows, arena, identity, err)) {
        return false;
    }
    identity->read_only = false; /* it is this session's own setting */
    return identity_fits(&pins, identity, arena, &why) ||
           err_set(err, ERR_CONNECT, "%.*s", STR_ARG(why));
}

bool ask_ledger_blocking(const struct db_params *params, const struct catalog_ledger *ledger,
                         struct arena *arena, struct rows *rows, struct err *err)
{
    const char *values[] = {str_text(arena, ledger->schema), str_text(arena, ledger->table)};
    struct question question = {.sql = str_from(catalog_ledger_columns_query()),
                                .values = values,
                                .value_count = COUNT_OF(values)};
    return ask_once_blocking(params, &question, arena, rows, err);
}
