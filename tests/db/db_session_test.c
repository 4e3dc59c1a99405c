/* SPDX-License-Identifier: PostgreSQL */
/*
 * Connecting: what a session is set to, what it tells about the server, and how it
 * fails. Every refusal must come by the `lost` hook, with its reason, in time.
 */
#include "db_driver.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void show(struct driver *driver, const char *name, const char *expected)
{
    struct strbuf sql = {0};
    strbuf_format(&sql, "SHOW %s", name);
    const struct db_reply *reply = driver_sql(driver, sql.ptr);
    assert_int_equal(reply->outcome, DB_OK);
    assert_text(rows_text(&reply->rows, 0, 0), expected);
    strbuf_release(&sql);
}

static void connects_and_tells_who_and_where(void **state)
{
    (void)state;
    struct driver driver;
    driver_open(&driver);
    struct db_peer peer = db_peer(driver.session);
    assert_string_equal(peer.database, "postgres");
    assert_string_equal(peer.user, "postgres");
    assert_string_equal(peer.host, test_server_socket_dir(test_server_get()));
    assert_true(peer.local);
    assert_false(peer.tls);
    assert_true(db_server_version(driver.session) >= 130000);
    assert_string_equal(db_parameter(driver.session, "in_hot_standby"), "off");
    assert_string_equal(db_parameter(driver.session, "session_authorization"), "postgres");
    assert_string_equal(db_parameter(driver.session, "is_superuser"), "on");
    assert_null(db_parameter(driver.session, "no_such_parameter"));
    assert_int_equal(db_transaction(driver.session), DB_TRANSACTION_NONE);
    const struct db_reply *reply = driver_sql(&driver, "SELECT pg_backend_pid()");
    assert_int_equal(rows_i64(&reply->rows, 0, 0, -1), db_backend_pid(driver.session));
    assert_false(db_needs_password(driver.session));
    db_close(driver.session);
    assert_int_equal(db_state(driver.session), DB_DOWN);
    assert_int_equal(driver.lost, 0);
    assert_int_equal(db_transaction(driver.session), DB_TRANSACTION_UNKNOWN);
    driver_release(&driver);
}

static void settings_come_with_the_startup_packet(void **state)
{
    (void)state;
    const struct db_setting more[] = {{"lock_timeout", "2s"},
                                      {"DateStyle", "ISO, DMY"}, /* a space to escape */
                                      {"gonogo.note", "back\\slash and  two spaces"}};
    const struct db_target target = {.application_name = "gonogo watch run-7",
                                     .looks_only = true,
                                     .idle_in_transaction_us = 12 * US_PER_SECOND,
                                     .check_interval_us = 5 * US_PER_SECOND,
                                     .settings = more,
                                     .setting_count = COUNT_OF(more)};
    struct driver driver;
    driver_init(&driver, test_server_get(), "postgres", "postgres");
    db_params_set(&driver.params, &driver.arena, "options",
                  "-c work_mem=5MB -c search_path=public");
    driver_start(&driver, &target, 10 * US_PER_SECOND);
    assert_int_equal(db_state(driver.session), DB_IDLE);
    show(&driver, "search_path", "pg_catalog, pg_temp");
    show(&driver, "application_name", "gonogo watch run-7");
    show(&driver, "default_transaction_read_only", "on");
    show(&driver, "idle_in_transaction_session_timeout", "12s");
    show(&driver, "client_connection_check_interval", "5s");
    show(&driver, "synchronous_commit", "on"); /* the cluster says off */
    show(&driver, "client_encoding", "UTF8");
    show(&driver, "lock_timeout", "2s");
    show(&driver, "work_mem", "5MB"); /* the caller's own options are kept */
    show(&driver, "gonogo.note", "back\\slash and  two spaces");
    driver_release(&driver);
}

static void search_path_of_a_work_session_is_the_callers(void **state)
{
    (void)state;
    struct driver driver;
    driver_init(&driver, test_server_get(), "postgres", "postgres");
    driver_start(&driver, &(struct db_target){.search_path = "public, \"My Schema\""},
                 10 * US_PER_SECOND);
    show(&driver, "search_path", "public, \"My Schema\"");
    show(&driver, "default_transaction_read_only", "off");
    driver_release(&driver);
}

/* A session that only looks is read-only by us, not by the server. */
static void fault_F18_a_looking_session_meets_read_write_servers(void **state)
{
    (void)state;
    struct driver driver;
    driver_init(&driver, test_server_get(), "postgres", "postgres");
    db_params_set(&driver.params, &driver.arena, "target_session_attrs", "read-write");
    driver_start(&driver, &(struct db_target){.looks_only = true}, 10 * US_PER_SECOND);
    assert_int_equal(db_state(driver.session), DB_IDLE);
    show(&driver, "default_transaction_read_only", "on");
    driver_release(&driver);
}

/* Shadow objects raise when called; the first query of a session must not meet them. */
static void fault_F46_shadow_objects_are_out_of_reach(void **state)
{
    (void)state;
    test_database_create(test_server_get(), "db_shadow");
    test_execute(test_server_get(), "db_shadow",
                 "ALTER DATABASE db_shadow SET search_path = evil, public;"
                 "CREATE SCHEMA evil;"
                 "CREATE FUNCTION evil.count_star(bigint) RETURNS bigint LANGUAGE plpgsql AS "
                 "$$ BEGIN RAISE 'trapped'; END $$;"
                 "CREATE FUNCTION evil.lower(text) RETURNS text LANGUAGE plpgsql AS "
                 "$$ BEGIN RAISE 'trapped'; END $$;"
                 "CREATE VIEW evil.pg_class AS SELECT evil.lower('x') AS relname;");
    struct driver driver;
    driver_init(&driver, test_server_get(), "db_shadow", "postgres");
    driver_start(&driver, NULL, 10 * US_PER_SECOND);
    driver_ok(&driver, "SELECT lower(relname) FROM pg_class LIMIT 1");
    driver_release(&driver);
    test_database_drop(test_server_get(), "db_shadow");
}

static void refused_connection_is_told_once_with_its_reason(void **state)
{
    (void)state;
    struct driver driver;
    driver_init(&driver, test_server_get(), "postgres", "postgres");
    db_params_set(&driver.params, &driver.arena, "host", "/nonexistent");
    driver_start(&driver, NULL, 10 * US_PER_SECOND);
    assert_int_equal(db_state(driver.session), DB_DOWN);
    assert_int_equal(driver.lost, 1);
    assert_int_equal(driver.connected, 0);
    assert_int_equal(driver.lost_err.kind, ERR_CONNECT);
    assert_non_null(strstr(driver.lost_err.message, "/nonexistent"));
    assert_true(driver.lost_err.hint[0] != '\0');
    /* The same session connects once the parameters are right. */
    db_params_set(&driver.params, &driver.arena, "host",
                  test_server_socket_dir(test_server_get()));
    driver_start(&driver, NULL, 10 * US_PER_SECOND);
    assert_int_equal(db_state(driver.session), DB_IDLE);
    driver_release(&driver);
}

static void refused_parameters_are_told_like_any_failure(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {{"sslmode", "perhaps"},
                                           {"dbname", "no_such_database"},
                                           {"user", "nobody_here"},
                                           {"no_such_keyword", "x"}};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct driver driver;
        driver_init(&driver, test_server_get(), "postgres", "postgres");
        db_params_set(&driver.params, &driver.arena, wrong[i][0], wrong[i][1]);
        driver_start(&driver, NULL, 10 * US_PER_SECOND);
        assert_int_equal(db_state(driver.session), DB_DOWN);
        assert_int_equal(driver.lost, 1);
        assert_non_null(strstr(driver.lost_err.message, i == 0   ? "perhaps"
                                                        : i == 1 ? "no_such_database"
                                                        : i == 2 ? "nobody_here"
                                                                 : "no_such_keyword"));
        driver_release(&driver);
    }
}

static void fault_F13_silent_server_is_given_up_at_the_deadline(void **state)
{
    (void)state;
    /* A listener that never answers: the kernel accepts for it. */
    char folder[] = "/tmp/gonogo-silent.XXXXXX";
    assert_non_null(mkdtemp(folder));
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.5432", folder);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(listener >= 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(listener, 5), 0);
    struct driver driver;
    driver_init(&driver, test_server_get(), "postgres", "postgres");
    db_params_set(&driver.params, &driver.arena, "host", folder);
    int64_t start_us = loop_now_us();
    driver_start(&driver, NULL, 200 * US_PER_MS);
    assert_int_equal(db_state(driver.session), DB_DOWN);
    assert_true(loop_now_us() - start_us >= 200 * US_PER_MS);
    assert_true(loop_now_us() - start_us < 2 * US_PER_SECOND);
    assert_non_null(strstr(driver.lost_err.message, "no connection within 0.2 s"));
    driver_release(&driver);
    (void)close(listener);
    (void)unlink(address.sun_path);
    (void)rmdir(folder);
}

static void fault_F43_password_is_asked_for_and_never_shown(void **state)
{
    (void)state;
    struct test_server *server = test_server_private(NULL);
    struct strbuf sql = {0};
    strbuf_format(&sql,
                  "COPY (SELECT 'local all scram_user scram-sha-256' UNION ALL "
                  "SELECT 'local all all trust') TO '%s/pg_hba.conf'",
                  test_server_data_dir(server));
    test_execute(server, "postgres", "CREATE ROLE scram_user LOGIN PASSWORD 'canary-7261'");
    test_execute(server, "postgres", sql.ptr);
    test_execute(server, "postgres", "SELECT pg_reload_conf()");
    strbuf_release(&sql);
    struct driver driver;
    driver_init(&driver, server, "postgres", "scram_user");
    db_params_set(&driver.params, &driver.arena, "passfile", "/nonexistent");
    /* The reload takes its moment: connected without a password means not yet. */
    do {
        db_close(driver.session);
        driver_start(&driver, NULL, 10 * US_PER_SECOND);
    } while (db_state(driver.session) == DB_IDLE);
    assert_true(db_needs_password(driver.session));
    db_params_set(&driver.params, &driver.arena, "password", "wrong-canary-7261");
    driver_start(&driver, NULL, 10 * US_PER_SECOND);
    assert_int_equal(db_state(driver.session), DB_DOWN);
    assert_false(db_needs_password(driver.session));
    assert_null(strstr(driver.lost_err.message, "canary"));
    assert_null(strstr(driver.lost_err.detail, "canary"));
    db_params_set(&driver.params, &driver.arena, "password", "canary-7261");
    driver_start(&driver, NULL, 10 * US_PER_SECOND);
    assert_int_equal(db_state(driver.session), DB_IDLE);
    assert_true(db_peer(driver.session).used_password);
    driver_release(&driver);
    test_server_free(server);
}

static void fault_F43_redaction_shows_who_and_where_only(void **state)
{
    (void)state;
    static const char *const secrets[] = {
        "host=db.example port=5433 dbname=app user=anna password='canary' sslcrl=canary",
        "postgresql://anna:canary9@db.example:5433/app?sslpassword=canary9",
        "postgresql://anna:canary9@db.example:99x:33/app/&&&?what",
        "host=db.example password=canary9 this is no connection string",
        "password='canary9",
    };
    for (size_t i = 0; i < COUNT_OF(secrets); i++) {
        struct strbuf out = {0};
        db_conninfo_redact(str_from(secrets[i]), &out);
        assert_true(out.len > 0);
        assert_null(strstr(out.ptr, "canary"));
        if (i < 2) {
            assert_string_equal(out.ptr, "host=db.example port=5433 dbname=app user=anna");
        }
        strbuf_release(&out);
        struct arena arena = {0};
        struct db_params params = {0};
        struct err err = {0};
        assert_int_equal(db_conninfo_parse(str_from(secrets[i]), &arena, &params, &err), i < 2);
        assert_null(strstr(err.message, "canary"));
        assert_null(strstr(err.detail, "canary"));
        arena_release(&arena);
    }
}

static void parameters_are_completed_from_environment_and_service(void **state)
{
    (void)state;
    char path[] = "/tmp/gonogo-service.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    static const char text[] =
        "[app_staging]\nhost=staging.example\nport=6543\ndbname=app\npassword=canary\n";
    assert_int_equal(write(fd, text, sizeof(text) - 1), (ssize_t)sizeof(text) - 1);
    (void)close(fd);
    assert_int_equal(setenv("PGSERVICEFILE", path, 1), 0);
    assert_int_equal(setenv("PGPASSWORD", "canary", 1), 0);
    struct arena arena = {0};
    struct db_params params = {0};
    db_params_set(&params, &arena, "service", "app_staging");
    db_params_set(&params, &arena, "port", "7000");
    db_params_complete(&params, &arena);
    assert_string_equal(db_params_get(&params, "host"), "staging.example");
    assert_string_equal(db_params_get(&params, "port"), "7000"); /* ours goes first */
    assert_string_equal(db_params_get(&params, "dbname"), "app");
    assert_null(db_params_get(&params, "password"));
    assert_null(getenv("PGSERVICE"));
    db_params_set(&params, &arena, "port", NULL);
    assert_null(db_params_get(&params, "port"));
    arena_release(&arena);
    assert_int_equal(unsetenv("PGSERVICEFILE"), 0);
    assert_int_equal(unsetenv("PGPASSWORD"), 0);
    (void)unlink(path);
}

static void stopped_server_is_noticed_by_an_idle_session(void **state)
{
    (void)state;
    struct test_server *server = test_server_private(NULL);
    struct driver driver;
    driver_init(&driver, server, "postgres", "postgres");
    driver_start(&driver, NULL, 10 * US_PER_SECOND);
    int pid = db_backend_pid(driver.session);
    test_server_stop(server, SIGINT);
    while (driver.lost == 0) {
        driver_round(&driver);
    }
    assert_int_equal(db_state(driver.session), DB_LOST);
    assert_int_equal(db_transaction(driver.session), DB_TRANSACTION_UNKNOWN);
    assert_int_equal(db_backend_pid(driver.session), pid); /* for the search that follows */
    assert_non_null(strstr(driver.notice, "FATAL 57P01"));
    test_server_start(server);
    driver_start(&driver, NULL, 10 * US_PER_SECOND);
    assert_int_equal(db_state(driver.session), DB_IDLE);
    assert_int_equal(driver.lost, 1);
    driver_release(&driver);
    test_server_free(server);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    (void)alarm(120); /* watchdog */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connects_and_tells_who_and_where),
        cmocka_unit_test(settings_come_with_the_startup_packet),
        cmocka_unit_test(search_path_of_a_work_session_is_the_callers),
        cmocka_unit_test(fault_F18_a_looking_session_meets_read_write_servers),
        cmocka_unit_test(fault_F46_shadow_objects_are_out_of_reach),
        cmocka_unit_test(refused_connection_is_told_once_with_its_reason),
        cmocka_unit_test(refused_parameters_are_told_like_any_failure),
        cmocka_unit_test(fault_F13_silent_server_is_given_up_at_the_deadline),
        cmocka_unit_test(fault_F43_password_is_asked_for_and_never_shown),
        cmocka_unit_test(fault_F43_redaction_shows_who_and_where_only),
        cmocka_unit_test(parameters_are_completed_from_environment_and_service),
        cmocka_unit_test(stopped_server_is_noticed_by_an_idle_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
