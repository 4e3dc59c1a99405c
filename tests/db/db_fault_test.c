/* SPDX-License-Identifier: PostgreSQL */
/*
 * When nobody answers: a session whose backend, server or socket goes while a
 * request is in flight must say UNKNOWN, never FAILED and never OK, once for every
 * request, in bounded time, and then `lost`.
 */
#include "db_driver.h"

#include <signal.h>
#include <unistd.h>

/* A second session that holds a lock makes the first one wait for as long as we like. */
static void hold_lock(struct driver *holder)
{
    driver_open(holder);
    driver_ok(holder, "SELECT pg_advisory_lock(77)");
}

static void wait_until_blocked(const struct driver *driver)
{
    char sql[128];
    (void)snprintf(sql, sizeof(sql),
                   "SELECT wait_event_type FROM pg_stat_activity WHERE pid = %d",
                   db_backend_pid(driver->session));
    assert_true(test_query_becomes(test_server_get(), "postgres", sql, "Lock"));
}

static void until_lost(struct driver *driver)
{
    while (driver->lost == 0) {
        driver_round(driver);
    }
    assert_int_equal(driver->lost, 1);
    assert_int_equal(db_state(driver->session), DB_LOST);
}

static void fault_F11_terminated_backend_leaves_the_outcome_unknown(void **state)
{
    (void)state;
    struct driver holder;
    struct driver driver;
    char sql[64];
    hold_lock(&holder);
    driver_open(&driver);
    driver_send(&driver,
                (struct db_request){.sql = STR("SELECT pg_advisory_lock(77)"), .simple = true});
    wait_until_blocked(&driver);
    (void)snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%d)",
                   db_backend_pid(driver.session));
    test_execute(test_server_get(), "postgres", sql);
    const struct db_reply *reply = driver_reply(&driver);
    assert_int_equal(reply->outcome, DB_UNKNOWN);
    assert_true(reply->connection_lost);
    assert_false(reply->timed_out);
    assert_text(reply->sqlstate, "57P01"); /* what the server said at the end is kept */
    assert_text(reply->severity, "FATAL");
    assert_int_equal(reply->transaction, DB_TRANSACTION_UNKNOWN);
    struct err err = {0};
    assert_false(db_reply_err(reply, &err));
    assert_int_equal(err.kind, ERR_UNKNOWN);
    until_lost(&driver);
    assert_int_equal(driver.replies, 1);
    driver_release(&driver);
    driver_release(&holder);
}

static void fault_F11_crashed_server_leaves_the_outcome_unknown(void **state)
{
    (void)state;
    struct test_server *server = test_server_private(NULL);
    static const int ways[] = {SIGQUIT, SIGKILL};
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        struct driver driver;
        driver_init(&driver, server, "postgres", "postgres");
        driver_start(&driver, NULL, 10 * US_PER_SECOND);
        assert_int_equal(db_state(driver.session), DB_IDLE);
        driver_send(&driver,
                    (struct db_request){.sql = STR("SELECT pg_sleep(600)"), .simple = true});
        int64_t start_us = loop_now_us();
        if (ways[i] == SIGKILL) { /* the postmaster's death alone lets a backend go on */
            assert_int_equal(kill(db_backend_pid(driver.session), SIGKILL), 0);
        }
        test_server_stop(server, ways[i]);
        const struct db_reply *reply = driver_reply(&driver);
        assert_int_equal(reply->outcome, DB_UNKNOWN);
        assert_true(reply->connection_lost);
        until_lost(&driver);
        assert_true(loop_now_us() - start_us < 5 * US_PER_SECOND);
        test_server_start(server);
        driver.lost = 0;
        driver_start(&driver, NULL, 10 * US_PER_SECOND);
        driver_ok(&driver, "SELECT 1");
        driver_release(&driver);
    }
    test_server_free(server);
}

static void lost_batch_answers_every_request_once(void **state)
{
    (void)state;
    struct driver holder;
    struct driver driver;
    struct err err = {0};
    char sql[64];
    for (int groups = 0; groups < 2; groups++) {
        hold_lock(&holder);
        driver_open(&driver);
        struct db_request requests[4];
        for (size_t i = 0; i < COUNT_OF(requests); i++) {
            requests[i] = (struct db_request){.sql = STR("SELECT 1"),
                                              .sync = groups != 0,
                                              .done = driver_done,
                                              .ctx = &driver};
        }
        requests[1].sql = STR("SELECT pg_advisory_lock(77)");
        assert_true(db_send_batch(driver.session, requests, COUNT_OF(requests), driver_finished,
                                  &driver, loop_now_us(), &err));
        while (driver.replies == 0) {
            driver_round(&driver);
        }
        wait_until_blocked(&driver);
        (void)snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%d)",
                       db_backend_pid(driver.session));
        test_execute(test_server_get(), "postgres", sql);
        until_lost(&driver);
        assert_int_equal(driver.replies, COUNT_OF(requests));
        assert_int_equal(driver.finished, 1);
        assert_int_equal(driver.reply[0].outcome, DB_OK);
        for (size_t i = 1; i < COUNT_OF(requests); i++) {
            assert_int_equal(driver.reply[i].outcome, DB_UNKNOWN);
        }
        assert_text(driver.reply[1].sqlstate, "57P01");
        assert_int_equal(driver.end.outcome, DB_UNKNOWN);
        driver_release(&driver);
        driver_release(&holder);
    }
}

static void fault_F13_deadline_closes_the_session_and_says_unknown(void **state)
{
    (void)state;
    struct driver driver;
    driver_open(&driver);
    int64_t start_us = loop_now_us();
    const struct db_reply *reply =
        driver_run(&driver, (struct db_request){.sql = STR("SELECT pg_sleep(600)"),
                                                .simple = true,
                                                .deadline_us = start_us + 150 * US_PER_MS});
    assert_int_equal(reply->outcome, DB_UNKNOWN);
    assert_true(reply->timed_out);
    assert_true(reply->elapsed_us >= 150 * US_PER_MS);
    assert_true(loop_now_us() - start_us < 2 * US_PER_SECOND);
    until_lost(&driver);
    assert_non_null(strstr(driver.lost_err.message, "deadline"));
    driver_release(&driver);
}

/* Each answer has its own time, however long those before it took together. */
static void limit_of_a_batch_counts_from_the_reply_before(void **state)
{
    (void)state;
    struct driver driver;
    struct err err = {0};
    struct db_request requests[8];
    driver_open(&driver);
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        requests[i] = (struct db_request){.sql = STR("SELECT pg_sleep(0.3)"),
                                          .sync = true,
                                          .limit_us = 2 * US_PER_SECOND,
                                          .done = driver_done,
                                          .ctx = &driver};
    }
    requests[7].sql = STR("SELECT pg_sleep(600)");
    assert_true(db_send_batch(driver.session, requests, COUNT_OF(requests), driver_finished,
                              &driver, loop_now_us(), &err));
    until_lost(&driver);
    assert_int_equal(driver.replies, COUNT_OF(requests));
    assert_int_equal(driver.reply[6].outcome, DB_OK); /* at 2.1 s, past the limit of one */
    assert_int_equal(driver.reply[7].outcome, DB_UNKNOWN);
    assert_true(driver.reply[7].timed_out);
    assert_true(driver.reply[7].elapsed_us >= 2 * US_PER_SECOND);
    driver_release(&driver);
}

static void fault_F13_stopped_backend_is_noticed_by_the_deadline(void **state)
{
    (void)state;
    struct driver driver;
    driver_open(&driver);
    pid_t backend = db_backend_pid(driver.session);
    assert_int_equal(kill(backend, SIGSTOP), 0); /* the kernel still acknowledges for it */
    const struct db_reply *reply = driver_run(
        &driver, (struct db_request){.sql = STR("SELECT 1"),
                                     .simple = true,
                                     .deadline_us = loop_now_us() + 100 * US_PER_MS});
    assert_int_equal(reply->outcome, DB_UNKNOWN);
    assert_true(reply->timed_out);
    assert_int_equal(kill(backend, SIGCONT), 0);
    driver_release(&driver);
}

static void deadline_that_did_not_pass_leaves_no_trace(void **state)
{
    (void)state;
    struct driver driver;
    driver_open(&driver);
    int64_t deadline_us = loop_now_us() + 5 * US_PER_SECOND;
    const struct db_reply *reply = driver_run(
        &driver, (struct db_request){
                     .sql = STR("SELECT 1"), .simple = true, .deadline_us = deadline_us});
    assert_int_equal(reply->outcome, DB_OK);
    int fd = -1;
    short events = 0;
    int64_t wanted_us = 0;
    db_wants(driver.session, &fd, &events, &wanted_us);
    assert_true(wanted_us == DB_NEVER);
    driver_release(&driver);
}

static void fault_F20_idle_in_transaction_ends_by_the_dead_mans_switch(void **state)
{
    (void)state;
    struct driver driver;
    driver_init(&driver, test_server_get(), "postgres", "postgres");
    driver_start(&driver, &(struct db_target){.idle_in_transaction_us = 50 * US_PER_MS},
                 10 * US_PER_SECOND);
    driver_ok(&driver, "BEGIN");
    until_lost(&driver);
    assert_non_null(strstr(driver.notice, "FATAL 25P03"));
    assert_int_equal(db_transaction(driver.session), DB_TRANSACTION_UNKNOWN);
    struct err err = {0};
    struct db_request request = {.sql = STR("COMMIT"), .simple = true};
    assert_false(db_send(driver.session, &request, loop_now_us(), &err)); /* nothing sent */
    driver_release(&driver);
}

static void statement_of_a_dead_idle_session_is_not_called_failed(void **state)
{
    (void)state;
    struct driver driver;
    char sql[128];
    driver_open(&driver);
    (void)snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%d, 5000)",
                   db_backend_pid(driver.session));
    test_execute(test_server_get(), "postgres", sql);
    /* Not told yet: it sends into a socket whose other end is gone. */
    struct err err = {0};
    struct db_request request = {
        .sql = STR("SELECT 1"), .simple = true, .done = driver_done, .ctx = &driver};
    bool sent = db_send(driver.session, &request, loop_now_us(), &err);
    until_lost(&driver);
    assert_int_equal(driver.replies, sent ? 1 : 0);
    if (sent) {
        assert_int_equal(driver.reply[0].outcome, DB_UNKNOWN);
    }
    driver_release(&driver);
}

static void copy_into_a_dying_backend_is_unknown(void **state)
{
    (void)state;
    struct driver driver;
    driver_open(&driver);
    driver_ok(&driver, "CREATE TEMP TABLE t (n int)");
    /* The trigger ends its own backend in the middle of the stream. */
    driver_ok(&driver, "CREATE FUNCTION pg_temp.quit() RETURNS trigger LANGUAGE plpgsql AS $$ "
                       "BEGIN IF NEW.n = 1000 THEN PERFORM "
                       "pg_terminate_backend(pg_backend_pid()); END IF; RETURN NEW; END $$");
    driver_ok(&driver, "CREATE TRIGGER quit BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION "
                       "pg_temp.quit()");
    struct strbuf data = {0};
    for (int64_t i = 0; i < 1000000; i++) {
        strbuf_i64(&data, i);
        strbuf_byte(&data, '\n');
    }
    const struct str bytes = strbuf_str(&data);
    const struct db_reply *reply = driver_run(
        &driver, (struct db_request){
                     .sql = STR("COPY t FROM stdin"), .simple = true, .copy_data = &bytes});
    assert_int_equal(reply->outcome, DB_UNKNOWN);
    until_lost(&driver);
    strbuf_release(&data);
    driver_release(&driver);
}

static void cancelled_statement_answers_with_57014(void **state)
{
    (void)state;
    struct driver holder;
    struct driver driver;
    hold_lock(&holder);
    driver_open(&driver);
    driver_send(&driver,
                (struct db_request){.sql = STR("SELECT pg_advisory_lock(77)"), .simple = true});
    wait_until_blocked(&driver);
    struct err err = {0};
    assert_true(db_cancel_blocking(driver.session, &err));
    const struct db_reply *reply = driver_reply(&driver);
    assert_int_equal(reply->outcome, DB_FAILED);
    assert_text(reply->sqlstate, "57014");
    assert_int_equal(db_state(driver.session), DB_IDLE);
    /* The clean way: from the other session. */
    char sql[64];
    driver_send(&driver,
                (struct db_request){.sql = STR("SELECT pg_advisory_lock(77)"), .simple = true});
    wait_until_blocked(&driver);
    (void)snprintf(sql, sizeof(sql), "SELECT pg_cancel_backend(%d)",
                   db_backend_pid(driver.session));
    driver_ok(&holder, sql);
    assert_text(driver_reply(&driver)->sqlstate, "57014");
    db_close(driver.session);
    assert_false(db_cancel_blocking(driver.session, &err));
    assert_true(err.message[0] != '\0');
    driver_release(&driver);
    driver_release(&holder);
}

static void closing_in_flight_answers_unknown_without_lost(void **state)
{
    (void)state;
    struct driver driver;
    driver_open(&driver);
    driver_send(&driver,
                (struct db_request){.sql = STR("SELECT pg_sleep(600)"), .simple = true});
    db_close(driver.session);
    assert_int_equal(driver.replies, 1);
    assert_int_equal(driver.reply[0].outcome, DB_UNKNOWN);
    assert_int_equal(driver.lost, 0);
    assert_int_equal(db_state(driver.session), DB_DOWN);
    driver_release(&driver);
}

/* Gives the session up in the middle of a batch and begins anew. */
static void restarting_done(void *ctx, const struct db_reply *reply)
{
    struct driver *driver = ctx;
    struct err err = {0};
    struct db_target target = {.params = &driver->params};
    bool first = driver->replies == 0;
    driver_done(ctx, reply);
    if (first) {
        db_close(driver->session);
        assert_true(db_connect(driver->session, &target, loop_now_us(),
                               loop_now_us() + 10 * US_PER_SECOND, &err));
    }
}

static void session_may_be_restarted_in_the_middle_of_a_batch(void **state)
{
    (void)state;
    struct driver driver;
    struct err err = {0};
    struct db_request requests[5];
    driver_open(&driver);
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        requests[i] = (struct db_request){
            .sql = STR("SELECT 1"), .sync = true, .done = restarting_done, .ctx = &driver};
    }
    assert_true(db_send_batch(driver.session, requests, COUNT_OF(requests), driver_finished,
                              &driver, loop_now_us(), &err));
    while (driver.connected < 2) {
        driver_round(&driver);
    }
    assert_int_equal(driver.replies, COUNT_OF(requests));
    assert_int_equal(driver.reply[0].outcome, DB_OK);
    assert_int_equal(driver.reply[4].outcome, DB_UNKNOWN);
    assert_int_equal(driver.finished, 1);
    assert_int_equal(driver.end.outcome, DB_UNKNOWN);
    assert_int_equal(driver.lost, 0);
    driver_ok(&driver, "SELECT 1");
    driver_release(&driver);
}

/* Each reply tries to connect at once; only `lost` may. */
static void impatient_done(void *ctx, const struct db_reply *reply)
{
    struct driver *driver = ctx;
    struct err err = {0};
    struct db_target target = {.params = &driver->params};
    driver_done(ctx, reply);
    assert_false(db_connect(driver->session, &target, 0, DB_NEVER, &err));
}

static void reconnecting_waits_for_lost(void **state)
{
    (void)state;
    struct driver driver;
    driver_open(&driver);
    (void)driver_run(&driver, (struct db_request){
                                  .sql = STR("SELECT pg_terminate_backend(pg_backend_pid()), "
                                             "pg_sleep(600)"),
                                  .simple = true,
                                  .done = impatient_done});
    until_lost(&driver);
    driver.lost = 0;
    driver_start(&driver, NULL, 10 * US_PER_SECOND);
    driver_ok(&driver, "SELECT 1");
    driver_release(&driver);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    (void)alarm(180); /* watchdog */
    (void)signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_F11_terminated_backend_leaves_the_outcome_unknown),
        cmocka_unit_test(fault_F11_crashed_server_leaves_the_outcome_unknown),
        cmocka_unit_test(lost_batch_answers_every_request_once),
        cmocka_unit_test(fault_F13_deadline_closes_the_session_and_says_unknown),
        cmocka_unit_test(limit_of_a_batch_counts_from_the_reply_before),
        cmocka_unit_test(fault_F13_stopped_backend_is_noticed_by_the_deadline),
        cmocka_unit_test(deadline_that_did_not_pass_leaves_no_trace),
        cmocka_unit_test(fault_F20_idle_in_transaction_ends_by_the_dead_mans_switch),
        cmocka_unit_test(statement_of_a_dead_idle_session_is_not_called_failed),
        cmocka_unit_test(copy_into_a_dying_backend_is_unknown),
        cmocka_unit_test(cancelled_statement_answers_with_57014),
        cmocka_unit_test(closing_in_flight_answers_unknown_without_lost),
        cmocka_unit_test(session_may_be_restarted_in_the_middle_of_a_batch),
        cmocka_unit_test(reconnecting_waits_for_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
