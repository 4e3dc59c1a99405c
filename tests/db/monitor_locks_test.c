/* SPDX-License-Identifier: PostgreSQL */
/*
 * Real lock queues on a real server: who blocks whom, with our own session as victim
 * and as villain, prepared transactions, and the signals that are bound to one backend.
 */
#include "monitor_ask.h"

#include "monitor.h"

enum {
    SCENE_SESSIONS = 2 /* watch and us */
};

struct scene {
    struct test_server *server;
    struct arena arena;
    PGconn *watch;
    PGconn *us;
    char us_pid[16];
};

static int open_scene(void **state)
{
    static const char *const settings[] = {"max_prepared_transactions=10",
                                           "shared_preload_libraries=pg_stat_statements", NULL};
    struct scene *scene = mem_zero(1, sizeof(*scene));
    scene->server = test_server_private(settings);
    test_database_create(scene->server, "locks");
    scene->watch = session(scene->server, "locks", "postgres", "gonogo watch");
    scene->us = session(scene->server, "locks", "postgres", "gonogo work");
    snprintf(scene->us_pid, sizeof(scene->us_pid), "%d", PQbackendPID(scene->us));
    run(scene->watch, "create table public.quests(id int primary key)");
    run(scene->watch, "insert into public.quests values (1)");
    *state = scene;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *scene = *state;
    PQfinish(scene->us);
    PQfinish(scene->watch);
    test_server_free(scene->server);
    arena_release(&scene->arena);
    free(scene);
    return 0;
}

static void wait_for_waiters(const struct scene *scene, const char *count)
{
    assert_true(test_query_becomes(scene->server, "locks",
                                   "select count(*) from pg_locks where not granted", count));
}

static struct lock_tree look(struct scene *scene)
{
    struct lock_tree tree;
    struct rows poll =
        ask(scene->watch, &scene->arena, lock_poll_query(), scene->us_pid, NULL, NULL);
    assert_true(lock_poll_says_waiting(&poll));
    struct rows rows =
        ask(scene->watch, &scene->arena, lock_tree_query(150000), scene->us_pid, NULL, NULL);
    lock_tree_build(&tree, &scene->arena, &rows, PQbackendPID(scene->us));
    return tree;
}

static void finish(PGconn *connection)
{
    PGresult *result = NULL;
    while ((result = PQgetResult(connection))) {
        PQclear(result);
    }
}

static void fault_F14_queue_behind_us_is_seen(void **state)
{
    struct scene *scene = *state;
    PGconn *holder = session(scene->server, "locks", "postgres", "holder");
    PGconn *readers[] = {session(scene->server, "locks", "postgres", "reader one"),
                         session(scene->server, "locks", "postgres", "reader two")};
    struct rows quiet =
        ask(scene->watch, &scene->arena, lock_poll_query(), scene->us_pid, NULL, NULL);
    assert_false(lock_poll_says_waiting(&quiet));
    run(holder, "begin; select * from public.quests");
    assert_true(PQsendQuery(scene->us, "alter table public.quests add column n int"));
    wait_for_waiters(scene, "1");
    assert_true(PQsendQuery(readers[0], "select count(*) from public.quests"));
    assert_true(PQsendQuery(readers[1], "select count(*) from public.quests"));
    wait_for_waiters(scene, "3");

    struct lock_tree tree = look(scene);
    assert_int_equal(tree.count, 4);
    assert_int_equal(tree.waiting, 3);
    assert_int_equal(tree.behind_us, 2);
    assert_int_equal(tree.ahead_of_us, 1);
    assert_int_equal(tree.us, 1);
    const struct lock_node *top = &tree.nodes[0];
    assert_int_equal(top->pid, PQbackendPID(holder));
    assert_true(str_eq(top->state, "idle in transaction"));
    assert_true(str_eq(top->held_mode, "AccessShareLock"));
    assert_true(top->transaction_us > 0 && top->behind == 3);
    assert_true(str_eq(tree.nodes[1].wait_mode, "AccessExclusiveLock"));
    assert_true(str_eq(tree.nodes[1].waits_for, "public.quests"));
    assert_int_equal(tree.nodes[1].held_mode.len, 0); /* it holds nothing there, it queues */
    assert_true(tree.nodes[2].depth == 2 && tree.nodes[2].parent == 1);
    assert_true(tree.nodes[3].depth == 2 && tree.nodes[3].parent == 1);
    struct strbuf text = {0};
    lock_tree_text(&text, &tree, true);
    assert_non_null(strstr(text.ptr, "us/gonogo work  waits for public.quests"));
    assert_non_null(strstr(text.ptr, "queues ahead"));
    strbuf_release(&text);

    run(holder, "commit");
    finish(scene->us);
    finish(readers[0]);
    finish(readers[1]);
    PQfinish(holder);
    PQfinish(readers[0]);
    PQfinish(readers[1]);
}

static void two_waiters_on_one_holder_are_siblings_or_a_queue(void **state)
{
    struct scene *scene = *state;
    PGconn *other = session(scene->server, "locks", "postgres", "other");
    PGconn *row = session(scene->server, "locks", "postgres", "row");
    run(scene->us, "begin; update public.quests set id = 1 where id = 1");
    assert_true(PQsendQuery(other, "update public.quests set id = 2 where id = 1"));
    wait_for_waiters(scene, "1");
    assert_true(PQsendQuery(row, "update public.quests set id = 3 where id = 1"));
    wait_for_waiters(scene, "2");
    struct lock_tree tree = look(scene);
    /* we are the villain, and wait for nobody */
    assert_int_equal(tree.us, 0);
    assert_int_equal(tree.behind_us, 2);
    assert_int_equal(tree.ahead_of_us, 0);
    assert_true(tree.nodes[0].is_us && tree.nodes[0].waits_for.len == 0);
    assert_true(str_starts(tree.nodes[1].waits_for, "transaction "));
    assert_true(str_eq(tree.nodes[2].waits_for, "a row of public.quests"));
    run(scene->us, "rollback");
    finish(other);
    finish(row);
    PQfinish(other);
    PQfinish(row);
}

static void a_prepared_transaction_is_named(void **state)
{
    struct scene *scene = *state;
    PGconn *gone = session(scene->server, "locks", "postgres", "gone");
    run(gone, "create table public.elsewhere(id int)");
    run(gone,
        "begin; insert into public.quests values (77); prepare transaction 'left behind'");
    run(gone, "begin; insert into public.elsewhere values (1); prepare transaction 'innocent'");
    PQfinish(gone);
    assert_true(PQsendQuery(scene->us, "alter table public.quests add column p int"));
    wait_for_waiters(scene, "1");
    struct lock_tree tree = look(scene);
    assert_int_equal(tree.count, 2);
    assert_int_equal(tree.nodes[0].pid, 0);
    assert_true(str_eq(tree.nodes[0].gid, "left behind"));
    assert_true(str_eq(tree.nodes[0].state, "prepared"));
    assert_true(str_eq(tree.nodes[0].held_mode, "RowExclusiveLock"));
    assert_true(str_eq(tree.nodes[0].user, "postgres"));
    assert_int_equal(tree.us, 1);
    run(scene->watch, "rollback prepared 'left behind'");
    run(scene->watch, "rollback prepared 'innocent'");
    finish(scene->us);
}

static void a_parallel_worker_waits_under_its_leaders_pid(void **state)
{
    struct scene *scene = *state;
    PGconn *holder = session(scene->server, "locks", "postgres", "holder");
    PGconn *leader = session(scene->server, "locks", "postgres", "leader");
    run(leader,
        "create function public.counted() returns bigint language plpgsql parallel safe "
        "as 'begin return (select count(*) from public.quests); end'");
    run(leader, "select set_config(name, 'on', false) from pg_settings "
                "where name in ('force_parallel_mode', 'debug_parallel_query')");
    run(holder, "begin; lock table public.quests");
    assert_true(PQsendQuery(leader, "select public.counted()"));
    wait_for_waiters(scene, "1");
    assert_int_equal(
        test_query_number(scene->server, "locks",
                          "select count(*) from pg_locks l join pg_stat_activity a "
                          "on a.pid = l.pid where not l.granted "
                          "and a.backend_type = 'parallel worker'"),
        1);
    struct lock_tree tree = look(scene);
    assert_int_equal(tree.count, 2);
    assert_int_equal(tree.nodes[0].pid, PQbackendPID(holder));
    assert_int_equal(tree.nodes[1].pid, PQbackendPID(leader));
    assert_true(str_eq(tree.nodes[1].waits_for, "public.quests"));
    assert_true(str_eq(tree.nodes[0].held_mode, "AccessExclusiveLock"));
    run(holder, "commit");
    finish(leader);
    PQfinish(holder);
    PQfinish(leader);
}

static void hidden_sessions_do_not_hide_waiters(void **state)
{
    struct scene *scene = *state;
    PGconn *holder = session(scene->server, "locks", "postgres", "holder");
    PGconn *reader = session(scene->server, "locks", "postgres", "reader");
    PGconn *plain = session(scene->server, "locks", "app_owner", "gonogo watch");
    run(holder, "begin; lock table public.quests");
    assert_true(PQsendQuery(reader, "select count(*) from public.quests"));
    wait_for_waiters(scene, "1");
    struct rows poll = ask(plain, &scene->arena, lock_poll_query(), "0", NULL, NULL);
    assert_true(lock_poll_says_waiting(&poll));
    assert_true(rows_i64(&poll, 0, 3, 0) > 0);
    struct rows rows = ask(plain, &scene->arena, lock_tree_query(150000), "0", NULL, NULL);
    struct lock_tree tree;
    lock_tree_build(&tree, &scene->arena, &rows, 0);
    assert_int_equal(tree.count, 2);
    assert_int_equal(tree.nodes[0].pid, PQbackendPID(holder));
    assert_int_equal(tree.nodes[0].state.len, 0);
    assert_true(tree.nodes[0].backend_start_us == -1); /* so nobody can be signalled */
    assert_int_equal(tree.us, -1);
    struct strbuf text = {0};
    lock_tree_text(&text, &tree, false);
    assert_non_null(strstr(text.ptr, "state may not be seen"));
    strbuf_release(&text);
    run(holder, "commit");
    finish(reader);
    PQfinish(holder);
    PQfinish(reader);
    PQfinish(plain);
}

static void signals_reach_one_backend_or_none(void **state)
{
    struct scene *scene = *state;
    PGconn *victim = session(scene->server, "locks", "postgres", "victim");
    char pid[16];
    char start[32];
    char other[32];
    snprintf(pid, sizeof(pid), "%d", PQbackendPID(victim));
    char *text = test_query(scene->server, "locks",
                            "select (extract(epoch from backend_start) * 1000000)::bigint "
                            "from pg_stat_activity where application_name = 'victim'");
    snprintf(start, sizeof(start), "%s", text);
    snprintf(other, sizeof(other), "%lld", atoll(text) + 1);
    free(text);
    assert_true(PQsendQuery(victim, "select pg_sleep(60)"));
    assert_true(test_query_becomes(scene->server, "locks",
                                   "select state from pg_stat_activity where "
                                   "application_name = 'victim'",
                                   "active"));
    /* the same pid with another start is another backend */
    struct rows none = ask(scene->watch, &scene->arena, lock_cancel_query(), pid, other, NULL);
    assert_int_equal(none.row_count, 0);
    struct rows one = ask(scene->watch, &scene->arena, lock_cancel_query(), pid, start, NULL);
    assert_true(one.row_count == 1 && rows_bool(&one, 0, 0));
    PGresult *result = PQgetResult(victim);
    assert_string_equal(PQresultErrorField(result, PG_DIAG_SQLSTATE), "57014");
    PQclear(result);
    finish(victim);
    one = ask(scene->watch, &scene->arena, lock_backend_query(), pid, start, NULL);
    assert_int_equal(one.row_count, 1);
    one = ask(scene->watch, &scene->arena, lock_terminate_query(), pid, start, NULL);
    assert_int_equal(one.row_count, 1);
    assert_true(test_query_becomes(scene->server, "locks",
                                   "select count(*) from pg_stat_activity where "
                                   "application_name = 'victim'",
                                   "0"));
    one = ask(scene->watch, &scene->arena, lock_backend_query(), pid, start, NULL);
    assert_int_equal(one.row_count, 0);
    PQfinish(victim);
}

/* ------------------------------------------------------------------- probes */

static void sample(struct scene *scene, PGconn *connection, struct monitor_sampler *sampler,
                   struct monitor_sample *samples)
{
    struct rows rows = ask(connection, &scene->arena,
                           monitor_query_text(MONITOR_QUERY_SAMPLE, 150000), NULL, NULL, NULL);
    monitor_sampler_take(sampler, &rows, 1, samples);
}

static void row_C5_builtins_measure_a_real_server(void **state)
{
    struct scene *scene = *state;
    struct monitor_sampler sampler = {0};
    struct monitor_sample samples[PLAN_GAUGE__COUNT] = {0};
    /* Sessions of the test before may still be on their way out. */
    double connections;
    do {
        sample(scene, scene->watch, &sampler, samples);
        connections = samples[PLAN_GAUGE_CONNECTIONS].value;
    } while (connections > SCENE_SESSIONS);
    assert_true(connections == SCENE_SESSIONS);
    PGconn *idler = session(scene->server, "locks", "postgres", "idler");
    run(idler, "begin; select 1");
    sample(scene, scene->watch, &sampler, samples);
    assert_true(samples[PLAN_GAUGE_CONNECTIONS].value == connections + 1);
    assert_true(samples[PLAN_GAUGE_IDLE_IN_TRANSACTION].value == 1);
    assert_true(samples[PLAN_GAUGE_OLDEST_TRANSACTION].value > 0);
    assert_true(samples[PLAN_GAUGE_LOCK_WAITS].value == 0);
    assert_int_equal(samples[PLAN_GAUGE_COMMITS].outcome, MONITOR_OK);
    assert_int_equal(samples[PLAN_GAUGE_CACHE_HIT].outcome, MONITOR_OK);
    /* no standby: there is no lag to measure, and none is made up */
    assert_int_equal(samples[PLAN_GAUGE_REPLICATION_LAG].outcome, MONITOR_UNKNOWN);
    PGconn *plain = session(scene->server, "locks", "app_owner", "plain");
    struct monitor_sampler other = {0};
    sample(scene, plain, &other, samples);
    assert_int_equal(samples[PLAN_GAUGE_OLDEST_TRANSACTION].outcome, MONITOR_UNKNOWN);
    assert_int_equal(samples[PLAN_GAUGE_CONNECTIONS].outcome, MONITOR_OK);
    run(scene->watch, "select pg_stat_reset()");
    int looks = 0;
    do { /* up to 14 a reset takes its time */
        sample(scene, scene->watch, &sampler, samples);
    } while (samples[PLAN_GAUGE_COMMITS].outcome == MONITOR_OK && ++looks < 10000);
    assert_int_equal(samples[PLAN_GAUGE_COMMITS].outcome, MONITOR_UNKNOWN);
    struct rows rows = ask(scene->watch, &scene->arena,
                           monitor_query_text(MONITOR_QUERY_SIZE, 150000), NULL, NULL, NULL);
    assert_true(monitor_size_take(&rows, 1).value > 1000000);
    PQfinish(plain);
    PQfinish(idler);
}

static void row_C5_slow_statements_have_two_sources(void **state)
{
    struct scene *scene = *state;
    const char *where = monitor_query_text(MONITOR_QUERY_SLOW, 150000);
    struct strbuf text = {0};
    struct rows rows = ask(scene->watch, &scene->arena, where, NULL, NULL, NULL);
    assert_int_equal(rows.row_count, 0); /* preloaded, but not installed here */
    PGconn *slow = session(scene->server, "locks", "postgres", "slow");
    assert_true(PQsendQuery(slow, "select pg_sleep(60)"));
    monitor_slow_query(&text, (struct str){0});
    struct strbuf counted = {0};
    strbuf_format(&counted,
                  "select count(*) from pg_stat_activity where application_name = 'slow' and "
                  "state = 'active' and query_start < now() - interval '20 ms'");
    assert_true(test_query_becomes(scene->server, "locks", counted.ptr, "1"));
    rows = ask(scene->watch, &scene->arena, text.ptr, "20", NULL, NULL);
    assert_true(monitor_slow_take(&rows, 1).value == 1);
    assert_true(str_eq(rows_text(&rows, 0, 4), "select pg_sleep(60)"));
    rows = ask(scene->watch, &scene->arena, text.ptr, "50000", NULL, NULL);
    assert_int_equal(monitor_slow_take(&rows, 1).outcome, MONITOR_OK);
    assert_true(monitor_slow_take(&rows, 1).value == 0);
    PGconn *plain = session(scene->server, "locks", "app_owner", "plain");
    rows = ask(plain, &scene->arena, text.ptr, "20", NULL, NULL);
    assert_int_equal(monitor_slow_take(&rows, 1).outcome, MONITOR_UNKNOWN);
    PQfinish(plain);

    run(scene->watch, "create schema \"odd \"\"schema\"");
    run(scene->watch, "create extension pg_stat_statements schema \"odd \"\"schema\"");
    rows = ask(scene->watch, &scene->arena, where, NULL, NULL, NULL);
    assert_int_equal(rows.row_count, 1);
    run(scene->watch, "select pg_sleep(0.05)");
    strbuf_clear(&text);
    monitor_slow_query(&text, rows_text(&rows, 0, 0));
    rows = ask(scene->watch, &scene->arena, text.ptr, "40", NULL, NULL);
    assert_true(monitor_slow_take(&rows, 1).value >= 1);
    /* Under load another statement of this test may be slower still. */
    bool named = false;
    for (size_t row = 0; row < rows.row_count; row++) {
        named = named || str_starts(rows_text(&rows, row, 4), "select pg_sleep");
    }
    assert_true(named);
    rows = ask(scene->watch, &scene->arena, text.ptr, "100000", NULL, NULL);
    assert_true(monitor_slow_take(&rows, 1).value == 0);
    PGcancel *cancel = PQgetCancel(slow);
    char error[256];
    assert_true(PQcancel(cancel, error, sizeof(error)));
    PQfreeCancel(cancel);
    finish(slow);
    PQfinish(slow);
    strbuf_release(&text);
    strbuf_release(&counted);
}

static void row_B6_write_activity_of_named_tables(void **state)
{
    struct scene *scene = *state;
    struct monitor_table tables[] = {{STR("public"), STR("written, \"to\"")},
                                     {STR("public"), STR("absent")}};
    struct strbuf schemas = {0};
    struct strbuf names = {0};
    size_t count = 0;
    run(scene->watch, "create table public.\"written, \"\"to\"\"\"(id int)");
    monitor_array(&schemas, tables, COUNT_OF(tables), true);
    monitor_array(&names, tables, COUNT_OF(tables), false);
    /* Up to 14 a database without any statistics has no time of their last reset. */
    test_execute(scene->server, "locks",
                 "insert into public.\"written, \"\"to\"\"\" values (0)");
    assert_true(test_query_becomes(scene->server, "locks",
                                   "select n_tup_ins from pg_stat_user_tables "
                                   "where relname like 'written%'",
                                   "1"));
    struct rows before =
        ask(scene->watch, &scene->arena, monitor_writes_query(), schemas.ptr, names.ptr, NULL);
    assert_int_equal(before.row_count, 1);
    PGconn *writer = session(scene->server, "locks", "postgres", "writer");
    run(writer, "insert into public.\"written, \"\"to\"\"\" select generate_series(1, 5)");
    run(writer, "delete from public.\"written, \"\"to\"\"\" where id > 3");
    PQfinish(writer); /* a session that ends reports its statistics */
    assert_true(test_query_becomes(scene->server, "locks",
                                   "select n_tup_del from pg_stat_user_tables "
                                   "where relname like 'written%'",
                                   "2"));
    struct rows after =
        ask(scene->watch, &scene->arena, monitor_writes_query(), schemas.ptr, names.ptr, NULL);
    struct monitor_writes *writes =
        monitor_writes_between(&scene->arena, &before, &after, &count);
    assert_int_equal(count, 1);
    assert_true(writes[0].known && writes[0].inserted == 5 && writes[0].updated == 0 &&
                writes[0].deleted == 2);
    strbuf_release(&schemas);
    strbuf_release(&names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_F14_queue_behind_us_is_seen),
        cmocka_unit_test(two_waiters_on_one_holder_are_siblings_or_a_queue),
        cmocka_unit_test(a_prepared_transaction_is_named),
        cmocka_unit_test(a_parallel_worker_waits_under_its_leaders_pid),
        cmocka_unit_test(hidden_sessions_do_not_hide_waiters),
        cmocka_unit_test(signals_reach_one_backend_or_none),
        cmocka_unit_test(row_C5_builtins_measure_a_real_server),
        cmocka_unit_test(row_C5_slow_statements_have_two_sources),
        cmocka_unit_test(row_B6_write_activity_of_named_tables),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, open_scene, close_scene);
}
