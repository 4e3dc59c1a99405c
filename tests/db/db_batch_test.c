/* SPDX-License-Identifier: PostgreSQL */
/*
 * Batches on a healthy session: what a group is, whom an error reaches, that replies come
 * while the rest still runs, that nothing hangs.
 */
#include "db_driver.h"

#include <unistd.h>

static void each_of_a_batch_stands_for_itself(void **state)
{
    (void)state;
    struct driver driver;
    struct err err = {0};
    struct db_request requests[12];
    driver_open(&driver);
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        struct str sql = str_format(&driver.arena, "SELECT %zu / %d", i, i == 5 ? 0 : 1);
        requests[i] = (struct db_request){.sql = sql,
                                          .arena = &driver.arena,
                                          .single_row = i % 2 == 0,
                                          .max_rows = 10,
                                          .sync = true,
                                          .done = driver_done,
                                          .ctx = &driver};
    }
    requests[8].sql = STR("SELECT generate_series(1, 100000)");
    for (int round = 0; round < 2; round++) {
        driver.replies = driver.finished = 0;
        assert_true(db_send_batch(driver.session, requests, COUNT_OF(requests), driver_finished,
                                  &driver, loop_now_us(), &err));
        while (driver.finished == 0) {
            driver_round(&driver);
        }
        assert_int_equal(driver.replies, COUNT_OF(requests));
        for (size_t i = 0; i < COUNT_OF(requests); i++) {
            assert_int_equal(driver.reply[i].outcome, i == 5 ? DB_FAILED : DB_OK);
            if (i != 5 && i != 8) {
                assert_int_equal(rows_i64(&driver.reply[i].rows, 0, 0, -1), i);
            }
        }
        assert_text(driver.reply[5].sqlstate, "22012");
        assert_int_equal(driver.reply[8].rows.row_count, 10);
        assert_true(driver.reply[8].rows.cut);
        assert_int_equal(driver.reply[8].rows_seen, 100000);
        assert_int_equal(driver.end.outcome, DB_FAILED);
        assert_int_equal(driver.end.transaction, DB_TRANSACTION_NONE);
        assert_int_equal(db_state(driver.session), DB_IDLE);
        driver_ok(&driver, "SELECT 'and on'");
    }
    driver_release(&driver);
}

static void batch_of_one_transaction_skips_the_rest_after_an_error(void **state)
{
    (void)state;
    static const char *const statements[] = {"BEGIN", "CREATE TEMP TABLE t (id int)",
                                             "INSERT INTO t SELECT 1 / 0",
                                             "INSERT INTO t VALUES (2)", "SELECT * FROM t"};
    struct driver driver;
    struct err err = {0};
    struct db_request requests[COUNT_OF(statements)];
    driver_open(&driver);
    for (size_t i = 0; i < COUNT_OF(statements); i++) {
        requests[i] = (struct db_request){
            .sql = str_from(statements[i]), .done = driver_done, .ctx = &driver};
    }
    assert_true(db_send_batch(driver.session, requests, COUNT_OF(statements), driver_finished,
                              &driver, loop_now_us(), &err));
    while (driver.finished == 0) {
        driver_round(&driver);
    }
    assert_int_equal(driver.replies, COUNT_OF(statements));
    assert_int_equal(driver.reply[1].outcome, DB_OK);
    assert_text(driver.reply[1].tag, "CREATE TABLE");
    assert_int_equal(driver.reply[2].outcome, DB_FAILED);
    assert_false(driver.reply[2].skipped);
    assert_text(driver.reply[2].sqlstate, "22012");
    for (size_t i = 3; i < COUNT_OF(statements); i++) {
        assert_int_equal(driver.reply[i].outcome, DB_FAILED);
        assert_true(driver.reply[i].skipped);
    }
    assert_int_equal(driver.end.transaction, DB_TRANSACTION_FAILED);
    assert_int_equal(driver.end.outcome, DB_FAILED);
    driver_ok(&driver, "ROLLBACK");
    driver_release(&driver);
}

/* Its reply must come while a later statement of the same batch still runs. */
static void progress_of_one_transaction_is_told_as_it_happens(void **state)
{
    (void)state;
    struct driver driver;
    struct err err = {0};
    driver_open(&driver);
    struct driver holder;
    driver_open(&holder);
    driver_ok(&holder, "SELECT pg_advisory_lock(4242)");
    const struct db_request requests[] = {
        {.sql = STR("SELECT 1"), .done = driver_done, .ctx = &driver},
        {.sql = STR("SELECT pg_advisory_lock(4242)"), .done = driver_done, .ctx = &driver}};
    assert_true(db_send_batch(driver.session, requests, 2, driver_finished, &driver,
                              loop_now_us(), &err));
    while (driver.replies == 0) { /* would hang without a flush after each */
        driver_round(&driver);
    }
    assert_int_equal(driver.replies, 1);
    assert_int_equal(driver.reply[0].transaction, DB_TRANSACTION_ACTIVE);
    driver_ok(&holder, "SELECT pg_advisory_unlock(4242)");
    while (driver.finished == 0) {
        driver_round(&driver);
    }
    assert_int_equal(driver.end.outcome, DB_OK);
    driver_release(&holder);
    driver_release(&driver);
}

static void batch_error_at_its_sync_belongs_to_the_last_of_the_group(void **state)
{
    (void)state;
    struct driver driver;
    struct err err = {0};
    driver_open(&driver);
    driver_ok(&driver, "CREATE TEMP TABLE parent (id int PRIMARY KEY)");
    driver_ok(&driver, "CREATE TEMP TABLE child (id int REFERENCES parent DEFERRABLE "
                       "INITIALLY DEFERRED)");
    const struct db_request requests[] = {
        {.sql = STR("INSERT INTO child VALUES (1)"), .done = driver_done, .ctx = &driver},
        {.sql = STR("SELECT 1"), .done = driver_done, .ctx = &driver, .sync = true},
        {.sql = STR("SELECT count(*) FROM child"),
         .arena = &driver.arena,
         .done = driver_done,
         .ctx = &driver}};
    driver.replies = 0;
    assert_true(db_send_batch(driver.session, requests, COUNT_OF(requests), driver_finished,
                              &driver, loop_now_us(), &err));
    while (driver.finished == 0) {
        driver_round(&driver);
    }
    assert_int_equal(driver.replies, COUNT_OF(requests));
    assert_int_equal(driver.reply[0].outcome, DB_OK); /* as far as anybody could know */
    assert_int_equal(driver.reply[1].outcome, DB_FAILED);
    assert_text(driver.reply[1].sqlstate, "23503");
    assert_int_equal(rows_i64(&driver.reply[2].rows, 0, 0, -1), 0);
    assert_int_equal(driver.end.outcome, DB_FAILED);
    driver_release(&driver);
}

/* A group of BEGIN … query, then one of ROLLBACK, over and over: what checks are sent as. */
static void group_that_fails_leaves_the_next_ones_alone(void **state)
{
    (void)state;
    static const char *const group[] = {"BEGIN READ ONLY", "SET LOCAL statement_timeout = 50",
                                        NULL, "ROLLBACK"};
    static const char *const queries[] = {"SELECT 1", "SELECT 1 / 0", "SELECT pg_sleep(600)",
                                          "CREATE TABLE no_such (id int)", "SELECT 5"};
    static const char *const states[] = {"", "22012", "57014", "25006", ""};
    struct driver driver;
    struct err err = {0};
    struct db_request requests[COUNT_OF(queries) * COUNT_OF(group)];
    driver_open(&driver);
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        const char *sql = group[i % COUNT_OF(group)];
        requests[i] =
            (struct db_request){.sql = str_from(sql ? sql : queries[i / COUNT_OF(group)]),
                                .sync = i % COUNT_OF(group) >= 2,
                                .limit_us = 60 * US_PER_SECOND,
                                .done = driver_done,
                                .ctx = &driver};
    }
    requests[1].sql = STR("SET LOCAL no.such = 1; SELECT 1"); /* skips the query behind it */
    assert_true(db_send_batch(driver.session, requests, COUNT_OF(requests), driver_finished,
                              &driver, loop_now_us(), &err));
    while (driver.finished == 0) {
        driver_round(&driver);
    }
    assert_int_equal(driver.replies, COUNT_OF(requests));
    assert_text(driver.reply[1].sqlstate, "42601");
    assert_false(driver.reply[1].skipped);
    assert_true(driver.reply[2].skipped);
    for (size_t i = 1; i < COUNT_OF(queries); i++) {
        const struct db_reply *reply = &driver.reply[i * COUNT_OF(group) + 2];
        assert_text(reply->sqlstate, states[i]);
        assert_int_equal(reply->outcome, states[i][0] == '\0' ? DB_OK : DB_FAILED);
        assert_text(driver.reply[i * COUNT_OF(group) + 3].tag, "ROLLBACK");
    }
    assert_int_equal(driver.end.transaction, DB_TRANSACTION_NONE);
    assert_int_equal(db_state(driver.session), DB_IDLE);
    driver_release(&driver);
}

static void large_batch_does_not_deadlock_on_full_buffers(void **state)
{
    (void)state;
    enum {
        MANY = 3000
    };
    struct driver driver;
    struct err err = {0};
    struct db_request *requests = mem_zero(MANY, sizeof(*requests));
    driver_open(&driver);
    for (size_t i = 0; i < MANY; i++) { /* 3 MB there and 6 MB back */
        requests[i].sql = str_format(&driver.arena, "SELECT repeat('%0900d', 2)", 7);
    }
    assert_true(db_send_batch(driver.session, requests, MANY, driver_finished, &driver,
                              loop_now_us(), &err));
    while (driver.finished == 0) {
        driver_round(&driver);
    }
    assert_int_equal(driver.end.outcome, DB_OK);
    free(requests);
    driver_release(&driver);
}

static void copy_in_a_batch_breaks_off_instead_of_hanging(void **state)
{
    (void)state;
    for (int alone = 0; alone < 2; alone++) {
        struct driver driver;
        struct err err = {0};
        driver_open(&driver);
        const struct db_request requests[] = {
            {.sql = STR("COPY pg_catalog.pg_class TO STDOUT"),
             .sync = alone != 0,
             .done = driver_done,
             .ctx = &driver},
            {.sql = STR("SELECT 1"), .done = driver_done, .ctx = &driver}};
        assert_true(db_send_batch(driver.session, requests, 2, driver_finished, &driver,
                                  loop_now_us(), &err));
        while (driver.finished == 0) {
            driver_round(&driver);
        }
        assert_int_equal(driver.reply[0].outcome, DB_UNKNOWN);
        assert_int_equal(driver.reply[1].outcome, DB_UNKNOWN);
        assert_int_equal(db_state(driver.session), DB_LOST);
        driver_release(&driver);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    (void)alarm(180); /* watchdog */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_of_a_batch_stands_for_itself),
        cmocka_unit_test(batch_of_one_transaction_skips_the_rest_after_an_error),
        cmocka_unit_test(progress_of_one_transaction_is_told_as_it_happens),
        cmocka_unit_test(batch_error_at_its_sync_belongs_to_the_last_of_the_group),
        cmocka_unit_test(group_that_fails_leaves_the_next_ones_alone),
        cmocka_unit_test(large_batch_does_not_deadlock_on_full_buffers),
        cmocka_unit_test(copy_in_a_batch_breaks_off_instead_of_hanging),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
