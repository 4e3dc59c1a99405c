/* SPDX-License-Identifier: PostgreSQL */
/*
 * Whole runs against a real server: from START to an exit code, with the journal on a
 * real disk. The database is the witness, asked apart from the code under test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "app_walk.h"

static const char plan_text[] =
    "version: 1\n"
    "name: small plan\n"
    "window: { date: \"2024-01-31\", weekday: wed, timezone: UTC, opens: \"08:00\", "
    "closes: \"12:00\" }\n"
    "ledger: { table: schema_migrations, style: plain, create: true }\n"
    "targets: [{ id: scratch, environment: scratch }]\n"
    "state:\n"
    "  count: [{ what: tables, before: 1, after: 3 },\n"
    "          { what: query, id: rows, sql: select count(*) from customers, before: 3, after: "
    "3 "
    "}]\n"
    "  changes: [{ what: tables, new: [orders, schema_migrations] }]\n"
    "steps:\n"
    "  - migration: \"001\"\n"
    "    file: 001.sql\n"
    "    checks: [{ id: A1, sql: select count(*) from orders, equals: 2 }]\n"
    "verification:\n"
    "  sets:\n"
    "    - name: rows\n"
    "      checks: [{ id: Q1, builtin: rows_per_kept_table, at_least: before },\n"
    "               { id: Q2, sql: select count(*) from customers, same_as: before },\n"
    "               { id: Q3, builtin: tables, equals: 3 }]\n"
    "monitoring:\n"
    "  slot: \"10:00 + 10m\"\n"
    "  every: 10s\n"
    "  probes: [{ id: conns, builtin: connections, at_most: 500 },\n"
    "           { id: one, sql: select 1, equals: 1 }]\n";

static const char good_sql[] = "create table orders (id int primary key);\n"
                               "insert into orders values (1), (2);\n";

static int setup(void **state)
{
    struct walk *walk = mem_zero(1, sizeof(*walk));
    walk_init(walk);
    walk_write(walk, "plan.yaml", plan_text);
    walk_write(walk, "001.sql", good_sql);
    test_database_create(test_server_get(), "walk");
    test_execute(test_server_get(), "walk",
                 "set role app_owner; create table customers (id int primary key, name text); "
                 "insert into customers values (1, 'a'), (2, 'b'), (3, 'c')");
    *state = walk;
    return 0;
}

static int teardown(void **state)
{
    struct walk *walk = *state;
    test_database_drop(test_server_get(), "walk");
    walk_release(walk);
    free(walk);
    return 0;
}

static int run(struct walk *walk)
{
    int code = walk_run(walk, test_server_get(), "walk");
    if (walk->err.kind != ERR_NONE) {
        print_message("# %s: %s\n", walk->err.message, walk->err.detail);
    }
    return code;
}

static long number(const char *sql)
{
    return test_query_number(test_server_get(), "walk", sql);
}

/* F20: whatever happened, nothing of ours is left on the server. */
static void assert_nothing_is_left(void)
{
    assert_true(test_query_becomes(test_server_get(), "walk",
                                   "select count(*) from pg_stat_activity where "
                                   "application_name like 'gonogo%'",
                                   "0"));
    assert_int_equal(number("select count(*) from pg_locks where locktype = 'advisory'"), 0);
}

static void a_whole_run_ends_with_0(void **state)
{
    struct walk *walk = *state;
    int code = run(walk);
    struct app_fold fold;
    struct err err = {0};
    assert_true(app_fold(&fold, NULL, walk->runs, &err));
    for (size_t i = 0; i < fold.run.remark_count; i++) {
        print_message("# %.*s: %.*s\n", STR_ARG(fold.run.remarks[i].kind),
                      STR_ARG(fold.run.remarks[i].text));
    }
    print_message("# %.*s\n", STR_ARG(fold.run.hold_reason));
    assert_int_equal(fold.run.state, STATE_END);
    assert_int_equal(fold.log.verdict, JOURNAL_INTACT);
    assert_int_equal(engine_exit_code(&fold.run), code);
    app_fold_release(&fold);
    assert_int_equal(code, 0);
    assert_int_equal(number("select count(*) from orders"), 2);
    assert_int_equal(number("select count(*) from schema_migrations where version = '001' and "
                            "run_id is not null and length(checksum) = 64 and "
                            "length(journal_head) = 64"),
                     1);
    assert_nothing_is_left();
}

int main(void)
{
#define WALK(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WALK(a_whole_run_ends_with_0),
    };
#undef WALK
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
