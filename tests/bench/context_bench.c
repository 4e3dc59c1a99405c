/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the analysis asks of a server, in a database of 10,000 tables, asked and read into what
 * the rules look at: for a plan that drops a schema, which asks for every relation with its
 * dependents, for one that names three, and for one of so many names that all is asked for.
 * The floor is pg_attribute alone, fetched and thrown away.
 */
#include <libpq-fe.h>

#include "base.h"
#include "bench.h"
#include "catalog_driver.h"
#include "catalog_lint.h"

#define DATABASE "bench_context"

static const char build_sql[] =
    "do $$ declare i int; begin for i in 1..10000 loop "
    "execute pg_catalog.format('create table public.t%s (id bigint primary key, code text not "
    "null, "
    "amount numeric(10,2) check (amount >= 0), at timestamptz default now(), up bigint%s)', "
    "i, case when i % 10 <> 1 then pg_catalog.format(' references public.t%s', i - 1) else '' "
    "end); "
    "if i % 5 = 0 then execute pg_catalog.format('create view public.v%s as select id, code "
    "from "
    "public.t%s', i, i); end if; if i % 200 = 0 then commit; end if; end loop; end $$";

static double ask_all(PGconn *session, const char *names, enum catalog_lint_breadth breadth,
                      size_t *relations)
{
    struct arena arena = {0};
    struct lint_context context = {0};
    struct rows answers[CATALOG_LINT_QUESTION__COUNT];
    struct str param = str_from(names);
    struct err err = {0};
    double start_ms = bench_now_ms();
    for (int i = 0; i < CATALOG_LINT_QUESTION__COUNT; i++) {
        driver_ask(session, &arena,
                   catalog_lint_query((enum catalog_lint_question)i,
                                      PQserverVersion(session) / 10000, breadth),
                   &param, 1, &answers[i]);
    }
    if (!catalog_lint_relations_read(answers, STR("public"), &arena, &context, &err)) {
        bench_die("%s", err.message);
    }
    double ms = bench_now_ms() - start_ms;
    *relations = context.relation_count;
    arena_release(&arena);
    return ms;
}

static double ask_floor(PGconn *session)
{
    double start_ms = bench_now_ms();
    PGresult *result = PQexec(session, "select attrelid, attnum, attname from "
                                       "pg_catalog.pg_attribute where attrelid >= 16384");
    double ms = bench_now_ms() - start_ms;
    PQclear(result);
    return ms;
}

int main(void)
{
    const struct test_server *server = test_server_get();
    struct bench_series all = {0};
    struct bench_series others = {0};
    struct bench_series few = {0};
    struct bench_series floor = {0};
    test_database_create(server, DATABASE);
    PGconn *session = driver_connect(DATABASE, "postgres");
    driver_do(session, build_sql);
    driver_do(session, "vacuum analyze");
    driver_do(session, "set jit = off"); /* as the program asks */
    long rounds = bench_number("BENCH_ROUNDS", 7);
    for (long i = -1; i < rounds; i++) { /* the first round fills the caches */
        size_t found = 0;
        double all_ms = ask_all(session, "{}", CATALOG_LINT_ALL, &found);
        if (found != 12000) {
            bench_die("%zu relations found", found);
        }
        double others_ms = ask_all(session, "{*,t11,t500,v500}", CATALOG_LINT_OTHERS, &found);
        if (found != 12000) {
            bench_die("%zu relations found among the others", found);
        }
        double few_ms = ask_all(session, "{t11,t500,v500}", CATALOG_LINT_BY_NAME, &found);
        double floor_ms = ask_floor(session);
        if (i >= 0) {
            bench_add(&all, all_ms);
            bench_add(&others, others_ms);
            bench_add(&few, few_ms);
            bench_add(&floor, floor_ms);
        }
    }
    PQfinish(session);
    test_database_drop(server, DATABASE);
    bench_print(&(struct bench_row){.id = "P20",
                                    .what = "context of the analysis, 10,000 tables, a "
                                            "schema goes",
                                    .ours = bench_median(&others),
                                    .floor = bench_median(&floor),
                                    .floor_name = "pg_attribute alone",
                                    .goal = BENCH_AT_MOST,
                                    .limit = 300});
    bench_print(&(struct bench_row){.id = "P20",
                                    .what = "the same, three relations of them",
                                    .ours = bench_median(&few),
                                    .goal = BENCH_AT_MOST,
                                    .limit = 300});
    bench_print(&(struct bench_row){.id = "P20",
                                    .what = "the same, all at length (over 50,000 names)",
                                    .ours = bench_median(&all)});
    return 0;
}
