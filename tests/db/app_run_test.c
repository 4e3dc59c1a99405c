/* SPDX-License-Identifier: PostgreSQL */
/*
 * Whole runs against a real server: from START to an exit code, with the journal on a
 * real disk. The database is the witness, asked apart from the code under test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "app_small.h"

static void a_whole_run_ends_with_0(void **state)
{
    struct walk *walk = *state;
    assert_code(walk, small_run(walk), 0);
    assert_int_equal(small_number("select count(*) from orders"), 2);
    assert_int_equal(
        small_number("select count(*) from schema_migrations where version = '001' "
                     "and run_id is not null and length(checksum) = 64 and "
                     "length(journal_head) = 64"),
        1);
    assert_true(small_nothing_is_left());
}

static void the_ledger_row_holds_a_hash_of_the_chain(void **state)
{
    struct walk *walk = *state;
    struct app_fold fold;
    struct err err = {0};
    assert_code(walk, small_run(walk), 0);
    char *anchor = test_query(test_server_get(), SMALL_DATABASE,
                              "select journal_head from schema_migrations");
    assert_true(app_fold(&fold, NULL, walk->runs, &err));
    assert_int_equal(fold.log.verdict, JOURNAL_INTACT);
    assert_true(journal_find(&fold.log, str_from(anchor)) > 0);
    assert_int_equal(engine_exit_code(&fold.run), 0);
    app_fold_release(&fold);
    free(anchor);
}

static void a_second_run_does_not_run_it_again(void **state)
{
    struct walk *walk = *state;
    assert_code(walk, small_run(walk), 0);
    /* The counts that the plan starts from are not there any more: nothing is done. */
    assert_code(walk, small_run(walk), 5);
    assert_int_equal(small_number("select count(*) from orders"), 2);
    assert_true(small_nothing_is_left());
}

static void a_failing_statement_is_rolled_back_and_ends_with_3(void **state)
{
    struct walk *walk = *state;
    walk_write(walk, "001.sql",
               "create table orders (id int primary key);\ninsert into orders values (1);\n"
               "insert into nowhere values (1);\n");
    assert_code(walk, small_run(walk), 3);
    assert_int_equal(small_number("select count(*) from pg_class where relname in ('orders', "
                                  "'schema_migrations')"),
                     0);
    assert_true(small_nothing_is_left());
}

/* F28: the error comes with COMMIT itself. */
static void fault_F28_an_error_at_commit_is_no_commit(void **state)
{
    struct walk *walk = *state;
    walk_write(walk, "001.sql",
               "create table orders (id int primary key, boss int references orders "
               "deferrable initially deferred);\ninsert into orders values (1, 7), (2, 8);\n");
    assert_code(walk, small_run(walk), 3);
    assert_int_equal(small_number("select count(*) from pg_class where relname = 'orders'"), 0);
    assert_true(small_nothing_is_left());
}

static void a_failing_check_ends_with_5(void **state)
{
    struct walk *walk = *state;
    walk_write(walk, "001.sql",
               "create table orders (id int primary key);\ninsert into orders values (1);\n");
    assert_code(walk, small_run(walk), 5);
    assert_int_equal(small_number("select count(*) from orders"), 1);
    assert_true(small_nothing_is_left());
}

static void wrong_counts_end_with_5_before_any_change(void **state)
{
    struct walk *walk = *state;
    test_execute(test_server_get(), SMALL_DATABASE,
                 "set role app_owner; create table extra (id int)");
    assert_code(walk, small_run(walk), 5);
    assert_int_equal(small_number("select count(*) from pg_class where relname = 'orders'"), 0);
}

static void lost_rows_fail_the_comparison_with_before(void **state)
{
    struct walk *walk = *state;
    walk_write(
        walk, "001.sql",
        "create table orders (id int primary key);\ninsert into orders values (1), (2);\n"
        "delete from customers where id = 1;\ninsert into customers values (9, 'z');\n");
    assert_code(walk, small_run(walk), 0);
    walk_write(walk, "001.sql", "select 1;\n");
    small_teardown(state);
    small_setup(state);
    walk = *state;
    walk_write(
        walk, "001.sql",
        "create table orders (id int primary key);\ninsert into orders values (1), (2);\n"
        "delete from customers where id = 1;\n");
    assert_code(walk, small_run(walk), 5);
}

/* F19: each pin, wrong. */
static void fault_F19_a_wrong_target_ends_with_4(void **state)
{
    struct walk *walk = *state;
    static const char *const pins[] = {
        ", system_identifier: \"1\"", ", expect_database: other", ", expect_role: nobody",
        ", expect_major: \"9\"",      ", expect_primary: false",
    };
    for (size_t i = 0; i < COUNT_OF(pins); i++) {
        small_plan(walk, pins[i], "");
        assert_code(walk, small_run(walk), 4);
        assert_int_equal(small_number("select count(*) from pg_class where relname = 'orders'"),
                         0);
    }
    assert_true(small_nothing_is_left());
}

static void no_server_ends_with_4(void **state)
{
    struct walk *walk = *state;
    small_plan(walk, ", hostaddr: \"127.0.0.1\", port: \"1\", user: x, database: x", "");
    struct app_run_options options = {.plan_path = walk->plan,
                                      .runs_root = walk->runs,
                                      .headless = true,
                                      .front_open = walk_open,
                                      .front_ctx = walk};
    assert_int_equal(app_run(&options, &walk->err), 4);
}

static void a_flag_against_the_plan_ends_with_2(void **state)
{
    struct walk *walk = *state;
    small_plan(walk, ", user: somebody", "");
    assert_int_equal(small_run(walk), 2);
}

static void another_digest_than_the_approved_ends_with_6(void **state)
{
    struct walk *walk = *state;
    struct app_run_options options = {.plan_path = walk->plan,
                                      .runs_root = walk->runs,
                                      .approve = "00",
                                      .front_open = walk_open,
                                      .front_ctx = walk};
    assert_int_equal(app_run(&options, &walk->err), 6);
    assert_int_equal(access(walk->runs, F_OK), -1);
}

/* F22: the file is changed after the approval, while people still talk. */
static void change_file(struct walk *walk, const struct run *run)
{
    if (run->state == STATE_NAME) {
        walk_write(walk, "001.sql", "create table evil (id int);\n");
    }
}

static void fault_F22_a_changed_file_is_not_run(void **state)
{
    struct walk *walk = *state;
    walk->watch = change_file;
    assert_code(walk, small_run(walk), 6);
    assert_int_equal(
        small_number("select count(*) from pg_class where relname in ('evil', 'orders')"), 0);
    assert_true(small_nothing_is_left());
}

static void change_one_byte(struct walk *walk, const struct run *run)
{
    if (run->state == STATE_NAME) {
        walk_write(walk, "001.sql",
                   "create table orders (id int primary key);\n"
                   "insert into orders values (1), (3);\n");
    }
}

static void fault_F22_a_file_of_the_same_size_is_not_the_same(void **state)
{
    struct walk *walk = *state;
    walk->watch = change_one_byte;
    assert_code(walk, small_run(walk), 6);
    assert_int_equal(small_number("select count(*) from pg_class where relname = 'orders'"), 0);
}

/* F27: what one file sets must not reach the next. */
static void fault_F27_settings_do_not_leak_into_the_next_file(void **state)
{
    struct walk *walk = *state;
    small_plan(walk, "", "  - { migration: \"002\", file: 002.sql }\n");
    walk_write(
        walk, "001.sql",
        "create table orders (id int primary key);\ninsert into orders values (1), (2);\n"
        "set search_path = '';\nset lock_timeout = 0;\nset row_security = off;\n");
    walk_write(walk, "002.sql",
               "do $$ begin if current_setting('search_path') <> 'public' or "
               "current_setting('lock_timeout') <> '2s' or current_setting('row_security') <> "
               "'on' then raise exception 'leaked'; end if; end $$;\n");
    assert_code(walk, small_run(walk), 0);
}

/* F16: the role's own defaults do not decide. */
static void fault_F16_role_defaults_are_overruled(void **state)
{
    struct walk *walk = *state;
    test_execute(test_server_get(), SMALL_DATABASE,
                 "alter role app_owner in database walk set statement_timeout = '1ms'; "
                 "alter role app_owner in database walk set synchronous_commit = off; "
                 "alter role app_owner in database walk set search_path = nowhere");
    walk_write(
        walk, "001.sql",
        "create table orders (id int primary key);\ninsert into orders values (1), (2);\n"
        "do $$ begin perform pg_sleep(0.05); if current_setting('synchronous_commit') "
        "<> 'on' then raise exception 'not on'; end if; end $$;\n");
    assert_code(walk, small_run(walk), 0);
}

static void copy_data_is_streamed(void **state)
{
    struct walk *walk = *state;
    walk_write(
        walk, "001.sql",
        "create table orders (id int primary key);\ncopy orders from stdin;\n1\n2\n\\.\n");
    assert_code(walk, small_run(walk), 0);
    assert_int_equal(small_number("select count(*) from orders"), 2);
}

static void statement_by_statement_runs_what_refuses_a_transaction(void **state)
{
    struct walk *walk = *state;
    small_plan(walk, "", "    transaction: each\n");
    walk_write(
        walk, "001.sql",
        "create table orders (id int primary key);\ninsert into orders values (1), (2);\n"
        "create index concurrently orders_idx on orders (id);\nvacuum orders;\n");
    /* the index is not declared: a warning, not a failure */
    assert_code(walk, small_run(walk), 0);
    assert_int_equal(small_number("select count(*) from pg_class where relname = 'orders_idx'"),
                     1);
    assert_int_equal(small_number("select count(*) from schema_migrations"), 1);
}

static void the_way_back_by_undo_files_ends_with_8(void **state)
{
    struct walk *walk = *state;
    walk_write(walk, "001.sql",
               "create table orders (id int primary key);\ninsert into orders values (1);\n");
    walk->rollback_on_trouble = true;
    walk->option = "undo";
    /* the ledger table is new, too: "before" did not have it, so that it is not equal */
    test_execute(
        test_server_get(), SMALL_DATABASE,
        "set role app_owner; create table schema_migrations (version text primary key)");
    struct strbuf plan = {0};
    struct err err = {0};
    assert_true(files_read(AT_FDCWD, walk->plan, 1 << 20, &plan, NULL, &err));
    char *before = strstr(plan.ptr, "before: 1, after: 3");
    memcpy(before, "before: 2", 9);
    char *declared = strstr(plan.ptr, "[orders, schema_migrations]");
    memcpy(declared, "[orders]                   ", 27);
    walk_write(walk, "plan.yaml", plan.ptr);
    strbuf_release(&plan);
    assert_code(walk, small_run(walk), 8);
    assert_int_equal(small_number("select count(*) from pg_class where relname = 'orders'"), 0);
    assert_int_equal(small_number("select count(*) from schema_migrations"), 0);
    assert_true(small_nothing_is_left());
}

static void a_way_back_that_loses_rows_ends_with_9(void **state)
{
    struct walk *walk = *state;
    walk_write(walk, "001.sql",
               "create table orders (id int primary key);\ninsert into orders values (1);\n");
    walk->rollback_on_trouble = true;
    walk->option = "empty";
    assert_code(walk, small_run(walk), 9);
    assert_int_equal(small_number("select count(*) from customers"), 0);
}

static void runs_are_listed_newest_first(void **state)
{
    struct walk *walk = *state;
    struct app_list list;
    struct err err = {0};
    assert_code(walk, small_run(walk), 0);
    assert_true(app_list_runs(&list, walk->runs, &err));
    assert_int_equal(list.count, 1);
    assert_true(list.items[0].readable && list.items[0].ended && !list.items[0].locked);
    assert_int_equal(list.items[0].exit_code, 0);
    assert_true(str_eq(list.items[0].plan, "small plan"));
    app_list_release(&list);
}

static void a_run_that_is_over_is_not_resumed(void **state)
{
    struct walk *walk = *state;
    assert_code(walk, small_run(walk), 0);
    assert_int_equal(walk_resume(walk), 2);
}

int main(void)
{
#define WALK(test) cmocka_unit_test_setup_teardown(test, small_setup, small_teardown)
    const struct CMUnitTest tests[] = {
        WALK(a_whole_run_ends_with_0),
        WALK(the_ledger_row_holds_a_hash_of_the_chain),
        WALK(a_second_run_does_not_run_it_again),
        WALK(a_failing_statement_is_rolled_back_and_ends_with_3),
        WALK(fault_F28_an_error_at_commit_is_no_commit),
        WALK(a_failing_check_ends_with_5),
        WALK(wrong_counts_end_with_5_before_any_change),
        WALK(lost_rows_fail_the_comparison_with_before),
        WALK(fault_F19_a_wrong_target_ends_with_4),
        WALK(no_server_ends_with_4),
        WALK(a_flag_against_the_plan_ends_with_2),
        WALK(another_digest_than_the_approved_ends_with_6),
        WALK(fault_F22_a_changed_file_is_not_run),
        WALK(fault_F22_a_file_of_the_same_size_is_not_the_same),
        WALK(fault_F27_settings_do_not_leak_into_the_next_file),
        WALK(fault_F16_role_defaults_are_overruled),
        WALK(copy_data_is_streamed),
        WALK(statement_by_statement_runs_what_refuses_a_transaction),
        WALK(the_way_back_by_undo_files_ends_with_8),
        WALK(a_way_back_that_loses_rows_ends_with_9),
        WALK(runs_are_listed_newest_first),
        WALK(a_run_that_is_over_is_not_resumed),
    };
#undef WALK
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
