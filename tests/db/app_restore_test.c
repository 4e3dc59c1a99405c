/* SPDX-License-Identifier: PostgreSQL */
/*
 * The way back by a dump, whole: taken and proved before the change, restored beside the
 * live database, compared, switched by rename, and equal to "before" at the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "app_small.h"

static void add_to_plan(struct walk *walk, const char *text)
{
    struct strbuf plan = {0};
    struct err err = {0};
    assert_true(files_read(AT_FDCWD, walk->plan, 1 << 20, &plan, NULL, &err));
    strbuf_text(&plan, text);
    walk_write(walk, "plan.yaml", plan.ptr);
    strbuf_release(&plan);
}

static int setup(void **state)
{
    small_setup(state);
    struct walk *walk = *state;
    test_execute(test_server_get(), "postgres", "alter role app_owner createdb");
    add_to_plan(walk, "  - { id: back, title: Restore, kind: restore, takes: 1m, from: dump }\n"
                      "backup:\n"
                      "  - { id: dump, kind: pg_dump, level: compared, restore_test: scratch, "
                      "required: true }\n");
    walk_write(walk, "001.sql",
               "create table orders (id int primary key);\ninsert into orders values (1);\n"
               "delete from customers where id = 2;\n");
    walk->rollback_on_trouble = true;
    walk->option = "back";
    return 0;
}

static int teardown(void **state)
{
    char *old = test_query(test_server_get(), "postgres",
                           "select coalesce(min(datname), '') from pg_database where datname "
                           "like 'walk\\_%'");
    while (old[0] != '\0') {
        char sql[200];
        snprintf(sql, sizeof(sql), "alter database \"%s\" allow_connections true", old);
        test_execute(test_server_get(), "postgres", sql);
        test_database_drop(test_server_get(), old);
        free(old);
        old = test_query(test_server_get(), "postgres",
                         "select coalesce(min(datname), '') from pg_database where datname "
                         "like 'walk\\_%'");
    }
    free(old);
    test_execute(test_server_get(), "postgres", "alter role app_owner nocreatedb");
    return small_teardown(state);
}

static void a_restore_brings_everything_back_and_ends_with_8(void **state)
{
    struct walk *walk = *state;
    assert_code(walk, small_run(walk), 8);
    assert_int_equal(small_number("select count(*) from customers"), 3);
    assert_int_equal(small_number("select count(*) from pg_class where relname = 'orders'"), 0);
    /* the changed database is kept under another name, and takes no sessions */
    assert_int_equal(test_query_number(test_server_get(), "postgres",
                                       "select count(*) from pg_database where datname like "
                                       "'walk\\_before%' and not datallowconn"),
                     1);
    assert_true(small_nothing_is_left());
}

/* What stands in the way is named before anything is renamed, and nothing is. */
static void a_prepared_transaction_stands_in_the_way(void **state)
{
    struct walk *walk = *state;
    assert_int_not_equal(test_query_number(test_server_get(), "postgres",
                                           "select setting::int from pg_settings where name = "
                                           "'max_prepared_transactions'"),
                         0);
    test_execute(test_server_get(), SMALL_DATABASE,
                 "begin; create table later (id int); prepare transaction 'gonogo_test'");
    int code = small_run(walk);
    test_execute(test_server_get(), SMALL_DATABASE, "rollback prepared 'gonogo_test'");
    assert_int_not_equal(code, 8);
    assert_int_equal(small_number("select count(*) from orders"), 1);
}

int main(void)
{
#define WALK(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WALK(a_restore_brings_everything_back_and_ends_with_8),
        WALK(a_prepared_transaction_stands_in_the_way),
    };
#undef WALK
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
