/* SPDX-License-Identifier: PostgreSQL */
/*
 * P8: the one statement that counts everything, in databases of 100, 10,000 and (with
 * BENCH_LARGE=1, which takes minutes) 100,000 tables. Each table has a primary key, a
 * CHECK, mostly a foreign key, every second one an index more, every fifth a policy.
 * The peer is what runbooks ask by hand: information_schema and the pg_ views, one
 * query after the other; it gives six numbers, ours sixteen. Both go over plain libpq.
 */
#include <libpq-fe.h>

#include "base.h"
#include "bench.h"
#include "catalog.h"
#include "server.h"

#define DATABASE "bench_counts"

static const char *const peer_queries[] = {
    "select count(*) from information_schema.tables where table_schema = 'public' and "
    "table_type = 'BASE TABLE'",
    "select count(*) from information_schema.table_constraints where constraint_schema = "
    "'public' and constraint_type = 'FOREIGN KEY'",
    "select count(*) from pg_policies where schemaname = 'public'",
    "select count(*) from pg_indexes where schemaname = 'public'",
    "select count(*) from information_schema.columns where table_schema = 'public'",
    "select count(*) from information_schema.views where table_schema = 'public'",
};

/* COMMIT in between: 100,000 new tables in one transaction are too many locks. */
static const char build_sql[] =
    "do $$ declare i int; begin for i in 1..%ld loop "
    "execute pg_catalog.format('create table t%%s (id bigint primary key, code text not null, "
    "amount numeric(10,2) check (amount >= 0), at timestamptz default now(), up bigint%%s)', "
    "i, "
    "case when i %% 10 <> 1 then pg_catalog.format(' references t%%s', i - 1) else '' end); "
    "if i %% 2 = 0 then execute pg_catalog.format('create index on t%%s (code)', i); end if; "
    "if i %% 5 = 0 then execute pg_catalog.format('alter table t%%s enable row level "
    "security', "
    "i); "
    "execute pg_catalog.format('create policy own on t%%s using (id > 0)', i); end if; "
    "if i %% 200 = 0 then commit; end if; end loop; end $$";

static const char settle_sql[] =
    "vacuum analyze pg_catalog.pg_class, pg_catalog.pg_attribute, pg_catalog.pg_constraint, "
    "pg_catalog.pg_index, pg_catalog.pg_policy, pg_catalog.pg_trigger, pg_catalog.pg_type, "
    "pg_catalog.pg_proc, pg_catalog.pg_depend, pg_catalog.pg_namespace, "
    "pg_catalog.pg_attrdef; checkpoint";

static PGconn *connect_to(const struct test_server *server)
{
    char conninfo[512];
    (void)snprintf(conninfo, sizeof(conninfo), "host=%s port=%s user=postgres dbname=%s",
                   test_server_socket_dir(server), test_server_port(server), DATABASE);
    PGconn *connection = PQconnectdb(conninfo);
    if (PQstatus(connection) != CONNECTION_OK) {
        bench_die("%s", PQerrorMessage(connection));
    }
    return connection;
}

static double ask(PGconn *connection, const char *sql, const char *const *params, int count,
                  long *first)
{
    double start_ms = bench_now_ms();
    PGresult *result = PQexecParams(connection, sql, count, NULL, params, NULL, NULL, 0);
    double ms = bench_now_ms() - start_ms;
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        bench_die("%s", PQerrorMessage(connection));
    }
    *first = strtol(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return ms;
}

static void count_tables(const struct test_server *server, long tables, double goal_ms)
{
    char what[64];
    struct strbuf sql = {0};
    test_database_create(server, DATABASE);
    PGconn *builder = connect_to(server);
    strbuf_format(&sql, build_sql, tables);
    PGresult *built = PQexec(builder, sql.ptr); /* alone in its message: DO commits */
    if (PQresultStatus(built) != PGRES_COMMAND_OK) {
        bench_die("%s", PQerrorMessage(builder));
    }
    PQclear(built);
    PQfinish(builder);
    strbuf_release(&sql);
    char *settle = mem_text(settle_sql);
    char *later = strchr(settle, ';');
    *later = '\0';
    test_execute(server, DATABASE, settle);
    test_execute(server, DATABASE, later + 1);
    free(settle);

    PGconn *ours = connect_to(server);
    PGconn *peer = connect_to(server);
    struct bench_series our_series = {0};
    struct bench_series peer_series = {0};
    static const char *const schemas[] = {"{public}"};
    long rounds = bench_number("BENCH_ROUNDS", tables > 10000 ? 5 : 11);
    for (long i = -1; i < rounds; i++) { /* the first round fills the caches */
        long found = 0;
        double ms = ask(ours, catalog_counts_query(), schemas, 1, &found);
        double peer_ms = 0;
        long number = 0;
        for (size_t k = 0; k < COUNT_OF(peer_queries); k++) {
            peer_ms += ask(peer, peer_queries[k], NULL, 0, &number);
        }
        if (found != tables) {
            bench_die("%ld tables counted, %ld made", found, tables);
        }
        if (i >= 0) {
            bench_add(&our_series, ms);
            bench_add(&peer_series, peer_ms);
        }
    }
    PQfinish(ours);
    PQfinish(peer);
    test_database_drop(server, DATABASE);
    (void)snprintf(what, sizeof(what), "sixteen counts, %ld tables", tables);
    bench_print(&(struct bench_row){.id = "P8",
                                    .what = what,
                                    .ours = bench_median(&our_series),
                                    .peer = bench_median(&peer_series),
                                    .peer_name = "information_schema, 6 queries",
                                    .goal = BENCH_AT_MOST,
                                    .limit = goal_ms});
}

int main(void)
{
    const struct test_server *server = test_server_get();
    count_tables(server, 100, 2);
    count_tables(server, 10000, 45);
    if (bench_number("BENCH_LARGE", 0) > 0) {
        count_tables(server, 100000, 450);
    }
    return 0;
}
