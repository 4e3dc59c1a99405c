/* SPDX-License-Identifier: PostgreSQL */
/*
 * A server that dies under a run: crash restart after a killed backend, immediate stop,
 * a stop that lasts until somebody starts it again. The run says in time that it lost
 * the server, finds it again, asks it what became of the script, and is resumed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>

#include "app_small.h"

struct world {
    struct walk walk;
    struct test_server *server;
    enum state where; /* in which state it dies */
    int how;          /* signal for the server; 0: SIGKILL for the work backend */
    bool done;
};

static int setup(void **state)
{
    struct world *world = mem_zero(1, sizeof(*world));
    walk_init(&world->walk);
    small_plan(&world->walk, "", "");
    walk_write(&world->walk, "001.sql",
               "create table orders (id int primary key);\nselect pg_sleep(0.2);\n"
               "insert into orders values (1), (2);\n");
    walk_write(&world->walk, "001_down.sql", "drop table orders;\n");
    walk_write(&world->walk, "empty.sql", "drop table orders;\n");
    /* What the test itself commits must survive the crash. */
    static const char *const settings[] = {"synchronous_commit=on", NULL};
    world->server = test_server_private(settings);
    test_database_create(world->server, SMALL_DATABASE);
    test_execute(world->server, SMALL_DATABASE,
                 "set role app_owner; create table customers (id int primary key, name text); "
                 "insert into customers values (1, 'a'), (2, 'b'), (3, 'c')");
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    test_server_free(world->server);
    walk_release(&world->walk);
    free(world);
    return 0;
}

static void strike(struct walk *walk, const struct run *run)
{
    struct world *world = walk->ctx;
    if (world->done || run->state != world->where) {
        return;
    }
    world->done = true;
    if (world->how != 0) {
        test_server_stop(world->server, world->how);
        test_server_start(world->server);
    } else {
        kill((pid_t)run->session_pid[SESSION_WORK], SIGKILL);
    }
}

static void die_and_come_back(struct world *world, enum state where, int how)
{
    struct walk *walk = &world->walk;
    world->where = where;
    world->how = how;
    walk->watch = strike;
    walk->ctx = world;
    int code = walk_run(walk, world->server, SMALL_DATABASE);
    if (!world->done) {
        print_message("# %d: %s %s\n", code, walk->err.message, walk->err.detail);
        small_explain(walk);
    }
    assert_true(world->done);
    if (code != 0) {
        assert_code(walk, code, 6);
        code = walk_resume(walk);
    }
    assert_code(walk, code, 0);
    assert_int_equal(
        test_query_number(world->server, SMALL_DATABASE, "select count(*) from orders"), 2);
    assert_int_equal(test_query_number(world->server, SMALL_DATABASE,
                                       "select count(*) from schema_migrations"),
                     1);
}

static void fault_F11_a_crash_restart_while_a_statement_runs(void **state)
{
    die_and_come_back(*state, STATE_RUNNING, 0);
}

static void fault_F11_a_crash_restart_around_commit(void **state)
{
    die_and_come_back(*state, STATE_COMMIT, 0);
}

static void fault_F11_an_immediate_stop_while_a_statement_runs(void **state)
{
    die_and_come_back(*state, STATE_RUNNING, SIGQUIT);
}

static void fault_F11_a_fast_stop_at_a_checkpoint(void **state)
{
    die_and_come_back(*state, STATE_CHECKPOINT, SIGINT);
}

static void fault_F11_an_immediate_stop_in_the_watch(void **state)
{
    die_and_come_back(*state, STATE_MONITOR, SIGQUIT);
}

int main(void)
{
#define WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WORLD(fault_F11_a_crash_restart_while_a_statement_runs),
        WORLD(fault_F11_a_crash_restart_around_commit),
        WORLD(fault_F11_an_immediate_stop_while_a_statement_runs),
        WORLD(fault_F11_a_fast_stop_at_a_checkpoint),
        WORLD(fault_F11_an_immediate_stop_in_the_watch),
    };
#undef WORLD
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
