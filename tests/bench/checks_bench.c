/* SPDX-License-Identifier: PostgreSQL */
/*
 * P10: twelve light verification queries, on the machine and over a wire of one
 * millisecond. Ours is the db room with a whole loop around it, one batch with a Sync
 * after each; the peer asks one by one over plain libpq; the floor is libpq's own pipeline.
 */
#include <libpq-fe.h>

#include "base.h"
#include "db.h"
#include "delay_proxy.h"
#include "loop.h"
#include "server.h"

#define DATABASE "bench_checks"

static const char build_sql[] =
    "do $$ begin for i in 1..50 loop "
    "execute format('create table t%s (id int primary key, code text unique, up int%s)', i, "
    "case when i > 1 then format(' references t%s', i - 1) else '' end); "
    "execute format('insert into t%s select g, g from generate_series(1, 20) g', i); "
    "end loop; end $$; create policy own on t1 using (id > 0); analyze";

static const char *const queries[] = {
    "select count(*) from pg_catalog.pg_class c where c.relnamespace = "
    "'public'::pg_catalog.regnamespace and c.relkind = 'r'",
    "select count(*) from pg_catalog.pg_constraint k where k.contype = 'f'",
    "select count(*) from pg_catalog.pg_policy",
    "select count(*) from pg_catalog.pg_index i where not i.indisvalid",
    "select count(*) from pg_catalog.pg_attribute a where a.attrelid = "
    "'public.t1'::pg_catalog.regclass and a.attnum > 0",
    "select pg_catalog.to_regclass('public.quests') is null",
    "select count(*) from public.t1",
    "select count(*) - count(up) from public.t2",
    "select exists (select from public.t3 where id = 7)",
    "select count(*) from public.t4 c left join public.t3 p on p.id = c.up where c.up is not "
    "null and p.id is null",
    "select max(id) from public.t5",
    "select count(distinct code) from public.t6",
};

/* --------------------------------------------------------- ours: a db session */

struct session {
    struct loop *loop;
    struct db_session *db;
    struct arena arena;
    size_t answers;
    bool finished;
    bool lost;
};

static void on_connected(void *ctx)
{
    (void)ctx;
}

static void on_lost(void *ctx, const struct err *why)
{
    struct session *session = ctx;
    session->lost = true;
    bench_die("the connection is lost: %s", why->message);
}

static void on_done(void *ctx, const struct db_reply *reply)
{
    struct session *session = ctx;
    session->answers += reply->outcome == DB_OK && reply->rows.row_count == 1;
}

static void on_finished(void *ctx, const struct db_reply *reply)
{
    (void)reply;
    ((struct session *)ctx)->finished = true;
}

static void wants(void *ctx, struct loop_want *want)
{
    db_wants(((struct session *)ctx)->db, &want->fd, &want->events, &want->deadline_us);
}

static void ready(void *ctx, short revents, int64_t now_us)
{
    db_ready(((struct session *)ctx)->db, revents, now_us);
}

static void turn(struct session *session)
{
    struct err err = {0};
    if (!loop_run_once(session->loop, LOOP_NEVER, &err)) {
        bench_die("%s", err.message);
    }
}

static void session_open(struct session *session, const char *host)
{
    static const struct db_hooks hooks = {.connected = on_connected, .lost = on_lost};
    struct err err = {0};
    struct db_params params = {0};
    *session = (struct session){.loop = loop_new()};
    session->db = db_new(&hooks, session);
    (void)loop_add(session->loop, &(struct loop_source){wants, ready, session});
    db_params_set(&params, &session->arena, "host", host);
    db_params_set(&params, &session->arena, "port", "5432");
    db_params_set(&params, &session->arena, "dbname", DATABASE);
    db_params_set(&params, &session->arena, "user", "postgres");
    int64_t now_us = loop_now_us();
    if (!db_connect(session->db, &(struct db_target){.params = &params}, now_us,
                    now_us + 10 * US_PER_SECOND, &err)) {
        bench_die("%s", err.message);
    }
    while (db_state(session->db) == DB_CONNECTING) {
        turn(session);
    }
}

static void session_close(struct session *session)
{
    db_free(session->db);
    loop_free(session->loop);
    arena_release(&session->arena);
}

static double ask_ours(struct session *session)
{
    struct db_request requests[COUNT_OF(queries)] = {0};
    struct arena arena = {0};
    struct err err = {0};
    double start_ms = bench_now_ms();
    session->answers = 0;
    session->finished = false;
    for (size_t i = 0; i < COUNT_OF(queries); i++) {
        requests[i] = (struct db_request){.sql = str_from(queries[i]),
                                          .arena = &arena,
                                          .sync = true,
                                          .done = on_done,
                                          .ctx = session};
    }
    if (!db_send_batch(session->db, requests, COUNT_OF(queries), on_finished, session,
                       loop_now_us(), &err)) {
        bench_die("%s", err.message);
    }
    while (!session->finished) {
        turn(session);
    }
    double ms = bench_now_ms() - start_ms;
    if (session->answers != COUNT_OF(queries)) {
        bench_die("only %zu checks were answered", session->answers);
    }
    arena_release(&arena);
    return ms;
}

/* --------------------------------------------------------------- plain libpq */

static PGconn *connect_plain(const char *host)
{
    char conninfo[256];
    (void)snprintf(conninfo, sizeof(conninfo), "host=%s port=5432 user=postgres dbname=%s",
                   host, DATABASE);
    PGconn *connection = PQconnectdb(conninfo);
    if (PQstatus(connection) != CONNECTION_OK) {
        bench_die("%s", PQerrorMessage(connection));
    }
    return connection;
}

static double ask_one_by_one(PGconn *connection)
{
    double start_ms = bench_now_ms();
    for (size_t i = 0; i < COUNT_OF(queries); i++) {
        PGresult *result = PQexecParams(connection, queries[i], 0, NULL, NULL, NULL, NULL, 0);
        if (PQresultStatus(result) != PGRES_TUPLES_OK) {
            bench_die("%s", PQerrorMessage(connection));
        }
        PQclear(result);
    }
    return bench_now_ms() - start_ms;
}

static double ask_pipelined(PGconn *connection)
{
    double start_ms = bench_now_ms();
    bool ok = PQenterPipelineMode(connection) == 1;
    for (size_t i = 0; i < COUNT_OF(queries); i++) {
        ok = ok &&
             PQsendQueryParams(connection, queries[i], 0, NULL, NULL, NULL, NULL, 0) == 1 &&
             PQpipelineSync(connection) == 1;
    }
    for (size_t syncs = 0; ok && syncs < COUNT_OF(queries);) {
        PGresult *result = PQgetResult(connection); /* NULL ends each statement's results */
        ExecStatusType status = result != NULL ? PQresultStatus(result) : PGRES_TUPLES_OK;
        syncs += status == PGRES_PIPELINE_SYNC;
        ok = status == PGRES_TUPLES_OK || status == PGRES_PIPELINE_SYNC;
        PQclear(result);
    }
    ok = ok && PQexitPipelineMode(connection) == 1;
    if (!ok) {
        bench_die("%s", PQerrorMessage(connection));
    }
    return bench_now_ms() - start_ms;
}

static void compare(const char *host, const char *what, double goal_ms)
{
    struct session session;
    struct bench_series ours = {0};
    struct bench_series peer = {0};
    struct bench_series floor = {0};
    PGconn *single = connect_plain(host);
    PGconn *pipeline = connect_plain(host);
    session_open(&session, host);
    long rounds = bench_number("BENCH_ROUNDS", 31);
    for (long i = -2; i < rounds; i++) { /* the first two fill the backends' caches */
        double our_ms = ask_ours(&session);
        double peer_ms = ask_one_by_one(single);
        double floor_ms = ask_pipelined(pipeline);
        if (i >= 0) {
            bench_add(&ours, our_ms);
            bench_add(&peer, peer_ms);
            bench_add(&floor, floor_ms);
        }
    }
    session_close(&session);
    PQfinish(single);
    PQfinish(pipeline);
    bench_print(&(struct bench_row){.id = "P10",
                                    .what = what,
                                    .ours = bench_median(&ours),
                                    .peer = bench_median(&peer),
                                    .peer_name = "one by one",
                                    .floor = bench_median(&floor),
                                    .floor_name = "libpq pipeline",
                                    .goal = BENCH_AT_MOST,
                                    .limit = goal_ms});
}

int main(void)
{
    const struct test_server *server = test_server_get();
    test_database_create(server, DATABASE);
    test_execute(server, DATABASE, build_sql);
    compare(test_server_socket_dir(server), "twelve light checks as one batch, local", 1.5);
    const char *folder = bench_must_folder();
    pid_t proxy = proxy_start(folder, test_server_socket_dir(server), 1);
    compare(folder, "the same at 1 ms round trip", 3.5);
    (void)kill(proxy, SIGKILL);
    (void)waitpid(proxy, NULL, 0);
    test_database_drop(server, DATABASE);
    return 0;
}
