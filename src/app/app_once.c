/* SPDX-License-Identifier: PostgreSQL */
/*
 * Questions before there is a run: a session, a loop of its own, answers or a deadline.
 * Then the two that every such look begins with: which server, which ledger.
 */
#include "app_work.h"
#include "perform_connect.h"

#define ONCE_TIMEOUT_US (15 * US_PER_SECOND)

struct once {
    struct db_session *db;
    const struct asking *asking;
    struct turn turn; /* under way, or what it brought */
    size_t answered;
    struct arena *arena;
    struct err *err;
    int64_t deadline_us;
    bool over;
    bool ok;
};

static void end_once(struct once *once, bool ok)
{
    once->over = true;
    once->ok = ok;
}

static void once_done(void *ctx, const struct db_reply *reply)
{
    struct once *once = ctx;
    if (reply->outcome == DB_OK) {
        once->turn.rows[once->answered++] = reply->rows;
    } else if (!reply->skipped && !once->turn.failed) {
        once->turn.failed = true;
        db_reply_err(reply, &once->turn.why);
    }
}

static void next_turn(struct once *once);

static void turn_finished(void *ctx, const struct db_reply *reply)
{
    struct once *once = ctx;
    bool gone = reply->connection_lost || reply->outcome == DB_UNKNOWN;
    if (once->turn.failed && (!once->turn.may_fail || gone)) {
        *once->err = once->turn.why;
        end_once(once, false);
    } else if (!once->over) {
        next_turn(once);
    }
}

/* Asks the next questions; the end when there are none. */
static void next_turn(struct once *once)
{
    struct db_request requests[TURN_QUESTIONS_MAX];
    struct turn *turn = &once->turn;
    turn->server_version = db_server_version(once->db);
    turn->client_pid = db_backend_pid(once->db);
    if (!once->asking->next(once->asking->ctx, turn)) {
        end_once(once, true);
        return;
    }
    once->answered = 0;
    turn->failed = false;
    for (size_t i = 0; i < turn->count; i++) {
        requests[i] = (struct db_request){.sql = turn->questions[i].sql,
                                          .params = turn->questions[i].values,
                                          .param_count = turn->questions[i].value_count,
                                          .max_rows = once->asking->max_rows,
                                          .arena = once->arena,
                                          .deadline_us = once->deadline_us,
                                          .done = once_done,
                                          .ctx = once};
    }
    if (!db_send_batch(once->db, requests, turn->count, turn_finished, once, loop_now_us(),
                       once->err)) {
        end_once(once, false);
    }
}

static void once_connected(void *ctx)
{
    next_turn(ctx);
}

static void once_lost(void *ctx, const struct err *why)
{
    struct once *once = ctx;
    if (!once->over) {
        *once->err = *why;
        once->err->kind = ERR_CONNECT;
    }
    end_once(once, once->over && once->ok);
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

bool ask_turns_blocking(const struct db_params *given, const struct asking *asking,
                        struct arena *arena, struct err *err)
{
    static const struct db_hooks hooks = {.connected = once_connected, .lost = once_lost};
    struct err own = {0};
    err = err ? err : &own;
    struct loop *loop = loop_new();
    struct db_params params = {0};
    for (size_t i = 0; i < given->count; i++) {
        db_params_set(&params, arena, given->items[i].key, given->items[i].value);
    }
    int64_t now_us = loop_now_us();
    int64_t timeout_us = asking->timeout_us > 0 ? asking->timeout_us : ONCE_TIMEOUT_US;
    struct once once = {
        .asking = asking, .arena = arena, .err = err, .deadline_us = now_us + timeout_us};
    once.db = db_new(&hooks, &once);
    /* Behind somebody's lock we are told so, long before the deadline says nothing. */
    static const struct db_setting settings[] = {{"lock_timeout", "5s"}};
    struct db_target target = {.params = &params,
                               .application_name = "gonogo",
                               .search_path = asking->search_path,
                               .looks_only = true,
                               .settings = settings,
                               .setting_count =
                                   asking->plain_timeouts ? 0 : COUNT_OF(settings)};
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
    if (ok && !once.ok && err->kind == ERR_SQL) {
        err->kind = ERR_CHECK; /* no run, so no file of it was rolled back */
    }
    return ok && once.ok;
}

/* One question is one turn. */
struct single {
    const struct question *question;
    struct rows *rows;
    bool asked;
};

static bool next_single(void *ctx, struct turn *turn)
{
    struct single *single = ctx;
    if (single->asked) {
        *single->rows = turn->rows[0];
        return false;
    }
    single->asked = true;
    turn->questions[0] = *single->question;
    turn->count = 1;
    return true;
}

bool ask_once_blocking(const struct db_params *given, const struct question *question,
                       struct arena *arena, struct rows *rows, struct err *err)
{
    enum {
        ROWS_MAX = 20000
    };
    struct single single = {question, rows, false};
    struct asking asking = {.search_path = question->search_path,
                            .max_rows = ROWS_MAX,
                            .next = next_single,
                            .ctx = &single};
    return ask_turns_blocking(given, &asking, arena, err);
}

bool ask_identity_blocking(const struct db_params *params, const struct plan_target *target,
                           struct arena *arena, struct catalog_identity *identity,
                           struct err *err)
{
    struct rows rows = {0};
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
