/* SPDX-License-Identifier: PostgreSQL */
/*
 * Identity, lock, pooler probe, settings and rights on a real server, as an
 * ordinary role: what it may not see is told apart from "no".
 */
#include "catalog_driver.h"

#define DATABASE "catalog_identity"

static struct catalog_identity identity_of(PGconn *session, struct arena *arena)
{
    struct rows rows;
    struct catalog_identity identity;
    struct err err = {0};
    driver_ask(session, arena, catalog_identity_query(), NULL, 0, &rows);
    if (!catalog_identity_read(&rows, arena, &identity, &err)) {
        fail_msg("%s", err.message);
    }
    return identity;
}

static void an_ordinary_role_learns_which_server_it_is(void **state)
{
    (void)state;
    struct arena arena = {0};
    PGconn *session = driver_connect(DATABASE, "app_owner");
    PGconn *postgres = driver_connect(DATABASE, "postgres");
    struct catalog_identity mine = identity_of(session, &arena);
    struct catalog_identity theirs = identity_of(postgres, &arena);
    char *number = test_query(test_server_get(), DATABASE,
                              "select system_identifier from pg_control_system()");
    assert_true(str_eq(mine.system_identifier, number));
    assert_true(str_is(mine.system_identifier, theirs.system_identifier));
    assert_true(str_eq(mine.database, DATABASE));
    assert_true(str_eq(mine.current_user, "app_owner"));
    assert_false(mine.superuser);
    assert_true(theirs.superuser);
    assert_false(mine.in_recovery);
    assert_int_equal(mine.timeline, 1);
    assert_int_equal(mine.version_num, PQserverVersion(session));
    assert_int_equal(mine.backend_pid, PQbackendPID(session));
    assert_true(mine.backend_start.len > 0);
    assert_true(mine.server_time_us > 0);
    assert_int_equal(mine.address.len, 0);
    assert_int_equal(mine.checkpointer_start.len, 0); /* not readable is not "never" */
    assert_true(theirs.checkpointer_start.len > 0);
    free(number);
    PQfinish(session);
    PQfinish(postgres);
    arena_release(&arena);
}

/* Whom it feeds says the strip of every screen: what a file does, a replica does, too. */
static void who_is_sent_the_wal_is_counted(void **state)
{
    (void)state;
    struct arena arena = {0};
    const struct test_server *server = test_server_get();
    const char *const keys[] = {"host", "port", "user", "replication", NULL};
    const char *const values[] = {test_server_socket_dir(server), test_server_port(server),
                                  "postgres", "true", NULL};
    PGconn *session = driver_connect(DATABASE, "app_owner");
    assert_int_equal(identity_of(session, &arena).replicas, 0);
    PGconn *replica = PQconnectdbParams(keys, values, 0);
    assert_int_equal(PQstatus(replica), CONNECTION_OK);
    assert_int_equal(identity_of(session, &arena).replicas, 1);
    PQfinish(replica);
    PQfinish(session);
    arena_release(&arena);
}

static void fault_F07_one_holder_and_his_name(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct rows rows;
    struct catalog_holder holder;
    PGconn *first = driver_connect(DATABASE, "app_owner");
    PGconn *second = driver_connect(DATABASE, "postgres");
    PGconn *elsewhere = driver_connect("postgres", "postgres");
    driver_do(first, "set application_name = 'gonogo run-1'");
    driver_ask(second, &arena, catalog_lock_holder_query(), NULL, 0, &rows);
    assert_false(catalog_holder_read(&rows, &arena, &holder));
    driver_ask(first, &arena, catalog_lock_query(), NULL, 0, &rows);
    assert_true(rows_bool(&rows, 0, 0));
    driver_ask(second, &arena, catalog_lock_query(), NULL, 0, &rows);
    assert_false(rows_bool(&rows, 0, 0));
    driver_ask(elsewhere, &arena, catalog_lock_query(), NULL, 0, &rows);
    assert_true(rows_bool(&rows, 0, 0)); /* another database is another lock */
    driver_ask(second, &arena, catalog_lock_holder_query(), NULL, 0, &rows);
    assert_true(catalog_holder_read(&rows, &arena, &holder));
    assert_int_equal(rows.row_count, 1);
    assert_int_equal(holder.pid, PQbackendPID(first));
    assert_true(str_eq(holder.role, "app_owner"));
    assert_true(str_eq(holder.application, "gonogo run-1"));
    driver_ask(first, &arena, catalog_unlock_query(), NULL, 0, &rows);
    assert_true(rows_bool(&rows, 0, 0));
    driver_ask(second, &arena, catalog_lock_query(), NULL, 0, &rows);
    assert_true(rows_bool(&rows, 0, 0));
    PQfinish(first);
    PQfinish(second);
    PQfinish(elsewhere);
    arena_release(&arena);
}

static void fault_F17_another_backend_is_noticed(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct str token = STR("t0ken");
    struct rows set;
    struct rows get;
    PGconn *first = driver_connect(DATABASE, "app_owner");
    PGconn *second = driver_connect(DATABASE, "app_owner");
    driver_ask(first, &arena, catalog_pooler_set_query(), &token, 1, &set);
    driver_ask(first, &arena, catalog_pooler_get_query(), NULL, 0, &get);
    assert_true(catalog_pooler_same(&set, &get));
    driver_ask(second, &arena, catalog_pooler_get_query(), NULL, 0, &get);
    assert_false(catalog_pooler_same(&set, &get));
    driver_do(first, "discard all"); /* as a pooler does between transactions */
    driver_ask(first, &arena, catalog_pooler_get_query(), NULL, 0, &get);
    assert_false(catalog_pooler_same(&set, &get));
    PQfinish(first);
    PQfinish(second);
    arena_release(&arena);
}

static bool holds(const struct catalog_rights *rights, const char *right, const char *subject)
{
    for (size_t i = 0; i < rights->count; i++) {
        if (str_eq(rights->items[i].right, right) &&
            str_eq(rights->items[i].subject, subject)) {
            return rights->items[i].held;
        }
    }
    fail_msg("no answer on %s %s", right, subject);
    return false;
}

static void fault_F29_rights_are_told_before_the_window(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct rows rows;
    struct catalog_rights rights;
    struct err err = {0};
    test_execute(
        test_server_get(), DATABASE,
        "create schema mine authorization app_owner; create schema theirs;"
        "create table mine.\"a b\" (id int); alter table mine.\"a b\" owner to app_owner;"
        "create table theirs.t (id int)");
    PGconn *session = driver_connect(DATABASE, "app_owner");
    struct str params[] = {STR("{mine,theirs}"), STR("{\"mine.a b\",theirs.t,mine.none}")};
    driver_ask(session, &arena, catalog_rights_query(), params, 2, &rows);
    assert_true(catalog_rights_read(&rows, &arena, &rights, &err));
    assert_true(holds(&rights, "create in schema", "mine"));
    assert_false(holds(&rights, "create in schema", "theirs"));
    assert_true(holds(&rights, "owner of table", "mine.a b"));
    assert_false(holds(&rights, "owner of table", "theirs.t"));
    assert_false(holds(&rights, "owner of table", "mine.none"));
    assert_false(holds(&rights, "superuser", ""));
    assert_false(holds(&rights, "write server files", ""));
    PGconn *postgres = driver_connect(DATABASE, "postgres");
    driver_ask(postgres, &arena, catalog_rights_query(), params, 2, &rows);
    assert_true(catalog_rights_read(&rows, &arena, &rights, &err));
    assert_true(holds(&rights, "owner of table", "theirs.t"));
    assert_true(holds(&rights, "monitor", ""));
    assert_true(holds(&rights, "create database", ""));
    PQfinish(session);
    PQfinish(postgres);
    arena_release(&arena);
}

static void fault_F16_settings_in_effect_are_read(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct rows rows;
    PGconn *session = driver_connect(DATABASE, "app_owner");
    driver_do(session, "set lock_timeout = '2s'");
    driver_ask(session, &arena, catalog_settings_query(), NULL, 0, &rows);
    bool found = false;
    for (size_t row = 0; row < rows.row_count; row++) {
        if (str_eq(rows_text(&rows, row, 0), "lock_timeout")) {
            found = true;
            assert_true(str_eq(rows_text(&rows, row, 1), "2000 ms"));
            assert_true(str_eq(rows_text(&rows, row, 2), "session"));
        }
    }
    assert_true(found);
    PQfinish(session);
    arena_release(&arena);
}

static int build(void **state)
{
    (void)state;
    test_database_create(test_server_get(), DATABASE);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    test_database_drop(test_server_get(), DATABASE);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ordinary_role_learns_which_server_it_is),
        cmocka_unit_test(who_is_sent_the_wal_is_counted),
        cmocka_unit_test(fault_F07_one_holder_and_his_name),
        cmocka_unit_test(fault_F17_another_backend_is_noticed),
        cmocka_unit_test(fault_F29_rights_are_told_before_the_window),
        cmocka_unit_test(fault_F16_settings_in_effect_are_read),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, build, drop);
}
