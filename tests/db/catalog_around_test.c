/* SPDX-License-Identifier: PostgreSQL */
/*
 * What stands around the tables that the analysis looks at: the role, its settings in force,
 * and the sessions and prepared transactions that would be in the way.
 */
#include "catalog_driver.h"
#include "catalog_lint.h"

#define DATABASE "catalog_around"

static int build(void **state)
{
    (void)state;
    test_database_create(test_server_get(), DATABASE);
    test_execute(test_server_get(), DATABASE,
                 "create schema app; create table app.parent (id int); "
                 "create table app.child (id int)");
    return 0;
}

static int drop(void **state)
{
    (void)state;
    test_database_drop(test_server_get(), DATABASE);
    return 0;
}

static void read_session(PGconn *session, struct arena *arena, struct lint_context *context,
                         struct catalog_lint_session *read)
{
    struct rows rows;
    struct err err = {0};
    *context = (struct lint_context){0};
    driver_ask(session, arena, catalog_lint_session_query(), NULL, 0, &rows);
    if (!catalog_lint_session_read(&rows, arena, context, read, &err)) {
        fail_msg("%s", err.message);
    }
}

static void the_role_and_its_settings(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context context;
    struct catalog_lint_session read;
    PGconn *session = driver_connect(DATABASE, "postgres");
    read_session(session, &arena, &context, &read);
    assert_int_equal(context.version, PQserverVersion(session));
    assert_true(str_eq(context.role, "postgres"));
    assert_true(context.role_superuser && context.role_bypass_rls && read.sees_sessions);
    assert_int_equal(context.lock_timeout_us, 0);
    assert_int_equal(context.search_path_count, 1);
    assert_true(str_eq(context.search_path[0], "public"));
    assert_int_equal(read.backend_pid, PQbackendPID(session));
    assert_int_equal(read.statements.len, 0);
    PQfinish(session);
    test_execute(test_server_get(), DATABASE,
                 "create role lint_path login; create schema lint_path; "
                 "alter database " DATABASE " set search_path = 'wrong'; "
                 "alter role lint_path set search_path = \"$user\", App, \"Odd, \"\"one\"; "
                 "alter role lint_path set lock_timeout = '3s'; "
                 "alter role lint_path set statement_timeout = '1min'");
    session = driver_connect(DATABASE, "lint_path");
    read_session(session, &arena, &context, &read);
    assert_false(context.role_superuser || context.role_bypass_rls || read.sees_sessions);
    assert_int_equal(context.lock_timeout_us, 3 * US_PER_SECOND);
    assert_int_equal(context.statement_timeout_us, US_PER_MINUTE);
    assert_int_equal(context.search_path_count, 3);
    assert_true(str_eq(context.search_path[0], "lint_path"));
    assert_true(str_eq(context.search_path[1], "app"));
    assert_true(str_eq(context.search_path[2], "Odd, \"one"));
    PQfinish(session);
    test_execute(test_server_get(), DATABASE,
                 "alter database " DATABASE " reset search_path; drop schema lint_path; "
                 "drop role lint_path");
    arena_release(&arena);
}

static void ask_activity(PGconn *session, const char *names, const char *seconds,
                         struct arena *arena, struct lint_context *context)
{
    struct str params[] = {str_from(names), str_from(seconds)};
    struct rows rows;
    struct err err = {0};
    *context = (struct lint_context){0};
    driver_ask(session, arena, catalog_lint_activity_query(), params, COUNT_OF(params), &rows);
    if (!catalog_lint_activity_read(&rows, arena, context, &err)) {
        fail_msg("%s", err.message);
    }
}

static void open_transactions_and_dumps(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context context;
    PGconn *session = driver_connect(DATABASE, "postgres");
    PGconn *holder = driver_connect(DATABASE, "postgres");
    ask_activity(session, "{}", "0", &arena, &context);
    assert_int_equal(context.activity_count, 0);
    driver_do(holder, "begin; select from app.parent");
    ask_activity(session, "{}", "3600", &arena, &context);
    assert_int_equal(context.activity_count, 0); /* not old enough */
    ask_activity(session, "{child}", "0", &arena, &context);
    assert_int_equal(context.activity_count, 0); /* elsewhere */
    ask_activity(session, "{parent}", "0", &arena, &context);
    assert_int_equal(context.activity_count, 1);
    assert_int_equal(context.activity[0].pid, PQbackendPID(holder));
    assert_string_equal(context.activity[0].kind, "open transaction");
    assert_true(str_eq(context.activity[0].relation.name, "parent"));
    assert_true(context.activity[0].age_us >= 0);
    int64_t since_us = context.activity[0].since_us;
    assert_true(since_us > 0);
    ask_activity(session, "{parent}", "0", &arena, &context);
    assert_true(context.activity[0].since_us == since_us); /* known again */
    driver_do(holder, "set application_name = 'pg_dump'");
    ask_activity(session, "{}", "3600", &arena, &context);
    assert_int_equal(context.activity_count, 1);
    assert_string_equal(context.activity[0].kind, "pg_dump");
    driver_do(holder, "commit"); /* it will lock everything yet */
    ask_activity(session, "{child}", "3600", &arena, &context);
    assert_int_equal(context.activity_count, 1);
    assert_int_equal(context.activity[0].relation.name.len, 0);
    PQfinish(holder);
    PQfinish(session);
    arena_release(&arena);
}

static void prepared_transactions(void **state)
{
    (void)state;
    static const char *const settings[] = {"max_prepared_transactions=2", NULL};
    struct arena arena = {0};
    struct lint_context context;
    struct test_server *server = test_server_private(settings);
    test_execute(server, "postgres", "create table held (a int)");
    test_execute(server, "postgres",
                 "begin; insert into held values (1); "
                 "prepare transaction 'left behind'");
    char conninfo[512];
    (void)snprintf(conninfo, sizeof(conninfo), "host=%s port=%s user=postgres dbname=postgres",
                   test_server_socket_dir(server), test_server_port(server));
    PGconn *session = PQconnectdb(conninfo);
    assert_int_equal(PQstatus(session), CONNECTION_OK);
    ask_activity(session, "{held}", "3600", &arena, &context);
    assert_int_equal(context.activity_count, 1);
    assert_int_equal(context.activity[0].pid, 0);
    assert_string_equal(context.activity[0].kind, "prepared transaction left behind");
    assert_true(str_eq(context.activity[0].relation.name, "held"));
    ask_activity(session, "{other}", "3600", &arena, &context);
    assert_int_equal(context.activity_count, 0);
    PQfinish(session);
    test_execute(server, "postgres", "rollback prepared 'left behind'");
    test_server_free(server);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_role_and_its_settings),
        cmocka_unit_test(open_transactions_and_dumps),
        cmocka_unit_test(prepared_transactions),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, build, drop);
}
