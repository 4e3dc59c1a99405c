/* SPDX-License-Identifier: PostgreSQL */
/*
 * How many rows were ever written to a table, asked of a real server by a role without any
 * right on it: names as SQL writes them, partitions with their parent, and whose counter it
 * is, so that a reset, a table made anew and a lost partition are told from quiet.
 */
#include "monitor_ask.h"

#include "monitor.h"
#include "testing.h"

struct scene {
    struct test_server *server;
    struct arena arena;
    PGconn *watch; /* may do nothing but ask */
};

static int open_scene(void **state)
{
    struct scene *scene = mem_zero(1, sizeof(*scene));
    scene->server = test_server_private(NULL);
    test_database_create(scene->server, "recent");
    test_execute(scene->server, "recent",
                 "create role stranger login; create schema app; "
                 "create table public.plain(id int); "
                 "create table app.plain(id int); "
                 "create table app.\"Odd, \"\"to\"\"\"(id int); "
                 "create view app.seen as select 1; "
                 "create table app.parts(id int) partition by range (id); "
                 "create table app.low partition of app.parts for values from (0) to (10); "
                 "create table app.high partition of app.parts for values from (10) to (20) "
                 "partition by range (id); "
                 "create table app.higher partition of app.high for values from (10) to (15)");
    scene->watch = session(scene->server, "recent", "stranger", "gonogo watch");
    *state = scene;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *scene = *state;
    PQfinish(scene->watch);
    test_server_free(scene->server);
    arena_release(&scene->arena);
    free(scene);
    return 0;
}

/* The counter of a table; rows -2: the server does not know it. */
static struct monitor_counter counter(struct scene *scene, const char *name, const char *path)
{
    struct rows rows =
        ask(scene->watch, &scene->arena, monitor_recent_query(), name, path, NULL);
    struct monitor_counter *counters = monitor_recent_read(&rows, &scene->arena);
    assert_true(rows.row_count <= 1);
    return rows.row_count == 1 ? counters[0] : (struct monitor_counter){.rows = -2};
}

/* A session that ends reports what it wrote. */
static void write_rows(struct scene *scene, const char *sql, const char *name, int64_t wanted)
{
    PGconn *writer = session(scene->server, "recent", "postgres", "writer");
    run(writer, sql);
    PQfinish(writer);
    int64_t rows = -1;
    for (int i = 0; i < 1000 && rows != wanted; i++) {
        rows = counter(scene, name, "{app,public}").rows;
        test_pause_us(10 * US_PER_MS);
    }
    assert_int_equal(rows, wanted);
}

static void what_is_written_is_counted(void **state)
{
    struct scene *scene = *state;
    /* Up to 14 a database without any statistics has no time of their last reset. */
    write_rows(scene, "insert into app.plain values (0)", "{app.plain}", 1);
    struct monitor_counter first = counter(scene, "{app.plain}", "{public}");
    assert_int_equal(first.rows, 1);
    assert_string_equal(first.table.ptr, "app.plain");
    write_rows(scene,
               "insert into app.plain select generate_series(1, 5); "
               "update app.plain set id = -id; delete from app.plain where id < -3",
               "{app.plain}", 14);
    struct monitor_counter second = counter(scene, "{app.plain}", "{public}");
    assert_true(str_is(first.identity, second.identity));
    assert_int_equal(counter(scene, "{plain}", "{public,app}").rows, 0);
    assert_int_equal(counter(scene, "{plain}", "{app,public}").rows, 14);
    assert_int_equal(counter(scene, "{plain}", "{other}").rows, -2);
    assert_int_equal(counter(scene, "{public.absent}", "{public}").rows, -2);
    assert_int_equal(counter(scene, "{app.seen}", "{public}").rows, -2);
}

static void names_are_read_as_sql_writes_them(void **state)
{
    struct scene *scene = *state;
    const char *odd = "{\"app.\\\"Odd, \\\"\\\"to\\\"\\\"\\\"\"}";
    write_rows(scene, "insert into app.\"Odd, \"\"to\"\"\" values (1)", odd, 1);
    struct monitor_counter found = counter(scene, odd, "{public}");
    assert_string_equal(found.table.ptr, "app.\"Odd, \"\"to\"\"\"");
}

static void a_parent_counts_all_that_goes_with_it(void **state)
{
    struct scene *scene = *state;
    write_rows(scene, "insert into app.parts values (1), (2), (11)", "{app.parts}", 3);
    assert_int_equal(counter(scene, "{app.low}", "{public}").rows, 2);
    struct monitor_counter before = counter(scene, "{app.parts}", "{public}");
    test_execute(scene->server, "recent", "alter table app.parts detach partition app.low");
    struct monitor_counter after = counter(scene, "{app.parts}", "{public}");
    assert_false(str_is(before.identity, after.identity));
}

static void another_table_and_a_reset_have_another_identity(void **state)
{
    struct scene *scene = *state;
    struct monitor_counter first = counter(scene, "{public.plain}", "{public}");
    test_execute(scene->server, "recent", "drop table public.plain");
    assert_int_equal(counter(scene, "{public.plain}", "{public}").rows, -2);
    test_execute(scene->server, "recent", "create table public.plain(id int)");
    struct monitor_counter second = counter(scene, "{public.plain}", "{public}");
    assert_false(str_is(first.identity, second.identity));
    write_rows(scene, "insert into public.plain values (1)", "{public.plain}", 1);
    test_execute(scene->server, "recent", "select pg_stat_reset()");
    struct monitor_counter third = counter(scene, "{public.plain}", "{public}");
    for (int i = 0; i < 1000 && third.rows != 0; i++) {
        test_pause_us(10 * US_PER_MS);
        third = counter(scene, "{public.plain}", "{public}");
    }
    assert_int_equal(third.rows, 0);
    assert_false(str_is(second.identity, third.identity));
    test_execute(scene->server, "recent",
                 "select pg_stat_reset_single_table_counters('public.plain'::regclass)");
    struct monitor_counter fourth = counter(scene, "{public.plain}", "{public}");
    for (int i = 0; i < 1000 && str_is(third.identity, fourth.identity); i++) {
        test_pause_us(10 * US_PER_MS);
        fourth = counter(scene, "{public.plain}", "{public}");
    }
    assert_false(str_is(third.identity, fourth.identity));
}

/* Who locks a table does not hold up who asks how often it was written. */
static void a_lock_does_not_hide_it(void **state)
{
    struct scene *scene = *state;
    PGconn *holder = session(scene->server, "recent", "postgres", "holder");
    run(holder, "begin; lock table app.parts, app.plain in access exclusive mode");
    run(scene->watch, "set lock_timeout = '1s'");
    assert_true(counter(scene, "{app.parts}", "{public}").rows >= 0);
    assert_true(counter(scene, "{app.plain}", "{public}").rows >= 0);
    PQfinish(holder);
}

static void a_server_that_does_not_count_is_not_believed(void **state)
{
    struct scene *scene = *state;
    test_execute(scene->server, "recent", "alter role stranger set track_counts = off");
    PGconn *blind = session(scene->server, "recent", "stranger", "blind");
    struct rows rows =
        ask(blind, &scene->arena, monitor_recent_query(), "{app.plain}", "{public}", NULL);
    assert_int_equal(rows.row_count, 1);
    assert_int_equal(monitor_recent_read(&rows, &scene->arena)[0].rows, -1);
    PQfinish(blind);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_counted),
        cmocka_unit_test(names_are_read_as_sql_writes_them),
        cmocka_unit_test(a_parent_counts_all_that_goes_with_it),
        cmocka_unit_test(another_table_and_a_reset_have_another_identity),
        cmocka_unit_test(a_lock_does_not_hide_it),
        cmocka_unit_test(a_server_that_does_not_count_is_not_believed),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, open_scene, close_scene);
}
