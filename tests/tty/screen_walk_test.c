/* SPDX-License-Identifier: PostgreSQL */
/*
 * The whole walk of the demo window at its screens, by keys alone, on a small terminal
 * and on a large one: what the screen says and what the database says must agree at
 * every station.
 */
#include "base.h"
#include "demo_walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static const char tables_sql[] =
    "select count(*) from pg_class where relkind in ('r', 'p') and "
    "not relispartition and relnamespace = 'public'::regnamespace";
static const char keys_sql[] =
    "select count(*) from pg_constraint where contype = 'f' and conparentid = 0 and "
    "connamespace = 'public'::regnamespace";
static const char policies_sql[] =
    "select count(*) from pg_policies where schemaname = 'public'";
static const char ledger_sql[] =
    "select count(*) from schema_migrations where version in ('011', '012')";

static void counts_are(struct operator* me, long tables, long keys, long policies, long applied)
{
    assert_int_equal(operator_number(me, tables_sql), tables);
    assert_int_equal(operator_number(me, keys_sql), keys);
    assert_int_equal(operator_number(me, policies_sql), policies);
    if (applied > 0) {
        assert_int_equal(operator_number(me, ledger_sql), applied);
    }
}

static void walk(struct operator* me, int columns, int rows)
{
    operator_demo(me, NULL, columns, rows);
    demo_walk_prep(me);
    demo_walk_poll(me);
    counts_are(me, 52, 38, 16, 0);
    SEE(me, " NEXT  The point of no return");
    operator_ask(me, "point of no return");
    FILL(me, "name of the database", "postgres");
    SEE(me, "that is not the name of this database");
    assert_int_equal(operator_number(me, tables_sql), 52);
    FILL(me, "name of the database", "app");
    SEE(me, " NEXT  Go on to 012?");
    operator_go_on(me, "Go on to 012?");
    SEE(me, " NEXT  All steps are done");
    operator_go_on(me, "All steps are done");
    SEE(me, " NEXT  Verified");
    operator_go_on(me, "Verified");
    demo_walk_close(me);
    counts_are(me, 43, 42, 18, 2);
    /* the chain is read from the disk, the files are looked at where they are */
    SEE(me, "hash chain intact, tail ");
    operator_press_for(me, "o", "FILES OF THE REPORT");
    SEE(me, "report.md");
    SEE(me, " kB");
    operator_press(me, "\033");
    SEE_GONE(me, "FILES OF THE REPORT");
    operator_press_for(me, "y", "copied.txt of the run");
    operator_press(me, "q");
    assert_int_equal(operator_exit(me), 0);
    assert_non_null(strstr(operator_bytes(me), "gonogo: exit 0: done"));
    assert_int_equal(access(operator_path(me, "report/report.md"), R_OK), 0);
    assert_int_equal(access(operator_path(me, "report/report.json"), R_OK), 0);
    assert_int_not_equal(access(me->socket_dir, F_OK), 0);
}

static void the_walk_on_a_small_terminal(void **state)
{
    walk(*state, 80, 24);
}

static void the_walk_on_a_large_terminal(void **state)
{
    walk(*state, 120, 40);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, operator_set_up, operator_tear_down)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TEST(the_walk_on_a_small_terminal),
        TEST(the_walk_on_a_large_terminal),
    };
    cmocka_set_test_filter(getenv("GONOGO_TEST")); /* one of them, by its name */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
