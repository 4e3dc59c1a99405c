/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the statements cost, from a real pg_stat_statements: asked in another database than
 * the one that is watched, by roles that may see and that may not, over a reset.
 */
#include <inttypes.h>
#include <stdio.h>

#include "monitor.h"

#include "monitor_ask.h"

struct scene {
    struct test_server *server;
    struct arena arena;
    PGconn *watch; /* in postgres, where the extension stands */
    PGconn *app;   /* in the database that is watched */
    struct str schema;
    bool has_info;
};

static int open_scene(void **state)
{
    static const char *const settings[] = {"shared_preload_libraries=pg_stat_statements", NULL};
    struct scene *scene = mem_zero(1, sizeof(*scene));
    scene->server = test_server_private(settings);
    test_database_create(scene->server, "app");
    scene->watch = session(scene->server, "postgres", "postgres", "gonogo statements");
    scene->app = session(scene->server, "app", "postgres", "web");
    run(scene->watch, "create schema \"odd \"\"one\"");
    run(scene->watch, "create extension pg_stat_statements schema \"odd \"\"one\"");
    struct rows rows = ask(scene->watch, &scene->arena,
                           monitor_query_text(MONITOR_QUERY_SLOW, 150000), NULL, NULL, NULL);
    scene->schema = rows_text(&rows, 0, 0);
    scene->has_info = rows_bool(&rows, 0, 1);
    *state = scene;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *scene = *state;
    PQfinish(scene->app);
    PQfinish(scene->watch);
    test_server_free(scene->server);
    arena_release(&scene->arena);
    free(scene);
    return 0;
}

static struct monitor_workload count(struct scene *scene, PGconn *connection)
{
    struct monitor_workload workload;
    struct strbuf sql = {0};
    monitor_workload_clock_query(&sql, scene->schema, scene->has_info);
    struct rows clock = ask(connection, &scene->arena, sql.ptr, NULL, NULL, NULL);
    strbuf_clear(&sql);
    assert_true(monitor_workload_begin(&workload, &scene->arena, &clock));
    monitor_workload_query(&sql, scene->schema);
    struct rows rows = ask(connection, &scene->arena, sql.ptr, "app", NULL, NULL);
    assert_true(monitor_workload_read(&workload, &scene->arena, &rows));
    strbuf_release(&sql);
    return workload;
}

static struct monitor_interval between(struct scene *scene, const struct monitor_workload *base,
                                       const struct monitor_workload *last,
                                       const struct monitor_workload *now, int64_t over_us)
{
    struct monitor_interval interval;
    monitor_workload_between(&interval, &scene->arena, base, last, now, over_us);
    return interval;
}

static struct rows texts(struct scene *scene, const struct monitor_interval *interval)
{
    struct strbuf sql = {0};
    struct strbuf queries = {0};
    struct strbuf users = {0};
    monitor_load_text_query(&sql, scene->schema);
    monitor_load_array(&queries, interval->items, interval->count, false);
    monitor_load_array(&users, interval->items, interval->count, true);
    struct rows rows = ask(scene->watch, &scene->arena, sql.ptr, "app", queries.ptr, users.ptr);
    strbuf_release(&sql);
    strbuf_release(&queries);
    strbuf_release(&users);
    return rows;
}

/* The load of the statement whose text begins so; NULL: it is not among them. */
static const struct monitor_load *load_of(struct scene *scene,
                                          const struct monitor_interval *interval,
                                          const char *begin)
{
    struct rows rows = texts(scene, interval);
    for (size_t i = 0; i < rows.row_count; i++) {
        for (size_t k = 0; k < interval->count; k++) {
            if (str_starts(rows_text(&rows, i, 3), begin) &&
                rows_i64(&rows, i, 0, 0) == interval->items[k].query_id &&
                rows_i64(&rows, i, 1, 0) == interval->items[k].user_id) {
                return &interval->items[k];
            }
        }
    }
    return NULL;
}

static void row_C5_a_slower_statement_is_found_and_named(void **state)
{
    struct scene *scene = *state;
    run(scene->app, "create table job (id int, pause float8)");
    run(scene->app, "insert into job values (1, 0)");
    run(scene->app, "select pg_sleep(pause) from job where id = 1");
    struct monitor_workload base = count(scene, scene->watch);
    assert_true(base.whole && !base.hidden);
    assert_true(base.evicted == (scene->has_info ? 0 : -1));
    run(scene->app, "update job set pause = 0.3");
    struct monitor_workload last = count(scene, scene->watch);
    run(scene->app, "select pg_sleep(pause) from job where id = 1");
    run(scene->app, "select count(*) from job j, job k where j.id = k.id");
    struct monitor_workload now = count(scene, scene->watch);
    struct monitor_interval interval =
        between(scene, &base, &last, &now, 200 * (int64_t)US_PER_MS);
    assert_true(interval.us > 0);
    const struct monitor_load *slow = load_of(scene, &interval, "select pg_sleep");
    const struct monitor_load *quick = load_of(scene, &interval, "select count(*) from job");
    assert_true(slow && quick);
    assert_int_equal(slow->news, MONITOR_SLOW);
    assert_int_equal(slow->calls, 1);
    assert_true(slow->us >= 300 * (int64_t)US_PER_MS);
    assert_true(slow->was_us > 0 && slow->was_us < 200 * (int64_t)US_PER_MS);
    assert_int_equal(quick->was_us, scene->has_info ? 0 : -1); /* it was not there before */
    assert_null(load_of(scene, &interval, "update job"));      /* before the interval */
}

static void row_C5_a_reset_leaves_no_number(void **state)
{
    struct scene *scene = *state;
    run(scene->app, "select 1 as before_the_reset");
    struct monitor_workload last = count(scene, scene->watch);
    run(scene->watch, "select \"odd \"\"one\".pg_stat_statements_reset()");
    run(scene->app, "select 1 as before_the_reset");
    struct monitor_workload now = count(scene, scene->watch);
    struct monitor_interval interval = between(scene, &last, &last, &now, US_PER_SECOND);
    assert_true(scene->has_info ? interval.us == 0 : true);
    for (size_t i = 0; i < interval.count; i++) {
        assert_true(interval.items[i].calls > 0 && interval.items[i].us > 0);
    }
    run(scene->app, "select 1 as before_the_reset");
    struct monitor_workload later = count(scene, scene->watch);
    interval = between(scene, &last, &now, &later, US_PER_SECOND);
    assert_int_equal(load_of(scene, &interval, "select $1 as before_the_reset")->calls, 1);
}

/* Who may not look into others' statements knows that there are some, and not which. */
static void row_C5_hidden_statements_are_no_nothing(void **state)
{
    struct scene *scene = *state;
    run(scene->watch, "create role stranger login");
    run(scene->watch, "grant usage on schema \"odd \"\"one\" to stranger");
    run(scene->app, "select 1 as of_another_role");
    PGconn *stranger = session(scene->server, "postgres", "stranger", "gonogo statements");
    struct monitor_workload seen = count(scene, stranger);
    assert_true(seen.hidden && !seen.whole);
    assert_int_equal(monitor_workload_was(&seen, 1, 1), -1);
    PQfinish(stranger);
}

static void row_C5_what_runs_too_long_is_seen(void **state)
{
    struct scene *scene = *state;
    PGconn *slow = session(scene->server, "app", "postgres", "web");
    PGconn *ours = session(scene->server, "app", "postgres", "gonogo check r-1");
    assert_true(PQsendQuery(slow, "select pg_sleep(60)"));
    assert_true(PQsendQuery(ours, "select pg_sleep(61)"));
    assert_true(test_query_becomes(
        scene->server, "app",
        "select count(*) from pg_stat_activity where state = 'active' and "
        "query like 'select pg_sleep(6%' and query_start < now() - interval '20 ms'",
        "2"));
    int version = PQserverVersion(scene->watch);
    struct rows rows =
        ask(scene->watch, &scene->arena, monitor_running_query(version), "app", "20", NULL);
    assert_int_equal(rows.row_count, 1); /* not our own */
    assert_true(str_eq(rows_text(&rows, 0, 5), "select pg_sleep(60)"));
    assert_int_equal(rows_cell(&rows, 0, 0).is_null, version < 140000);
    rows =
        ask(scene->watch, &scene->arena, monitor_running_query(version), "app", "90000", NULL);
    assert_int_equal(rows.row_count, 0);
    rows = ask(scene->watch, &scene->arena, monitor_running_query(130000), "app", "20", NULL);
    assert_true(rows.row_count == 1 && rows_cell(&rows, 0, 0).is_null);
    run(scene->watch, "select pg_terminate_backend(pid) from pg_stat_activity "
                      "where query like 'select pg_sleep(6%' and pid <> pg_backend_pid()");
    PQfinish(slow);
    PQfinish(ours);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_C5_a_slower_statement_is_found_and_named),
        cmocka_unit_test(row_C5_a_reset_leaves_no_number),
        cmocka_unit_test(row_C5_hidden_statements_are_no_nothing),
        cmocka_unit_test(row_C5_what_runs_too_long_is_seen),
    };
    return cmocka_run_group_tests(tests, open_scene, close_scene);
}
