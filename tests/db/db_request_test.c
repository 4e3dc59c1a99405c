/* SPDX-License-Identifier: PostgreSQL */
/*
 * Requests on a healthy session: what a reply says, what the caps keep, COPY,
 * notices, hostile text. Memory is bounded by measuring it, not by trust.
 */
#include "db_driver.h"

#include <sys/resource.h>
#include <unistd.h>

/*
 * AddressSanitizer keeps a quarter of a gigabyte of freed memory by default, which
 * would hide what is measured here. It looks this name up; elsewhere nobody does.
 */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=4";
}

/* Resident kilobytes now; only growth is judged. */
static long resident_kb(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*s %ld", &pages), 1);
    (void)fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void reply_carries_rows_names_nulls_and_tag(void **state)
{
    (void)state;
    struct driver driver;
    driver_open(&driver);
    const struct db_reply *reply =
        driver_sql(&driver, "SELECT 1 AS one, NULL::text AS nothing, '' AS empty UNION ALL "
                            "SELECT 2, 'x', 'y' ORDER BY 1");
    assert_int_equal(reply->outcome, DB_OK);
    assert_int_equal(reply->rows.row_count, 2);
    assert_int_equal(reply->rows.column_count, 3);
    assert_text(reply->rows.names[1], "nothing");
    assert_true(rows_cell(&reply->rows, 0, 1).is_null);
    assert_false(rows_cell(&reply->rows, 0, 2).is_null);
    assert_text(rows_text(&reply->rows, 1, 1), "x");
    assert_text(reply->tag, "SELECT 2");
    assert_int_equal(reply->affected, 2);
    assert_int_equal(reply->result_count, 1);
    assert_int_equal(reply->transaction, DB_TRANSACTION_NONE);
    assert_int_equal(reply->sqlstate.len, 0);
    assert_true(reply->elapsed_us > 0);
    assert_false(reply->rows.cut);
    reply = driver_sql(&driver, "");
    assert_int_equal(reply->outcome, DB_OK);
    assert_text(reply->tag, "");
    assert_int_equal(reply->affected, -1);
    driver_release(&driver);
}

static void failure_says_everything_that_the_server_said(void **state)
{
    (void)state;
    struct driver driver;
    driver_open(&driver);
    driver_ok(&driver, "CREATE TEMP TABLE t (id int CONSTRAINT positive CHECK (id > 0))");
    const struct db_reply *reply = driver_sql(&driver, "INSERT INTO t VALUES (-1)");
    assert_int_equal(reply->outcome, DB_FAILED);
    assert_text(reply->sqlstate, "23514");
    assert_text(reply->severity, "ERROR");
    assert_text(reply->table, "t");
    assert_text(reply->constraint, "positive");
    assert_true(reply->detail.len > 0);
    assert_false(reply->connection_lost);
    struct err err = {0};
    assert_false(db_reply_err(reply, &err));
    assert_int_equal(err.kind, ERR_SQL);
    assert_string_equal(err.sqlstate, "23514");
    reply = driver_sql(&driver, "SELECT 'äöü', nonsense FROM t");
    assert_text(reply->sqlstate, "42703");
    assert_int_equal(reply->position, 15); /* characters, not bytes */
    struct strbuf text = {0};
    db_reply_text(reply, &text);
    assert_string_equal(text.ptr, "ERROR 42703: column \"nonsense\" does not exist");
    strbuf_release(&text);
    reply = driver_sql(&driver, "DO $$ BEGIN RAISE 'no' USING HINT = 'Try yes.'; END $$");
    assert_text(reply->hint, "Try yes.");
    assert_true(reply->context.len > 0);
    assert_int_equal(db_state(driver.session), DB_IDLE);
    driver_release(&driver);
}

static void transaction_status_follows_every_reply(void **state)
{
    (void)state;
    struct driver driver;
    driver_open(&driver);
    assert_int_equal(driver_sql(&driver, "BEGIN")->transaction, DB_TRANSACTION_OPEN);
    assert_int_equal(driver_sql(&driver, "SELECT 1")->transaction, DB_TRANSACTION_OPEN);
    assert_int_equal(driver_sql(&driver, "SELECT 1/0")->transaction, DB_TRANSACTION_FAILED);
    const struct db_reply *reply = driver_sql(&driver, "COMMIT");
    assert_int_equal(reply->outcome, DB_OK);
    assert_text(reply->tag, "ROLLBACK"); /* success of a COMMIT is its tag */
    assert_int_equal(reply->transaction, DB_TRANSACTION_NONE);
    driver_release(&driver);
}

static void error_at_commit_of_a_single_statement_is_a_failure(void **state)
{
    (void)state;
    struct driver driver;
    driver_open(&driver);
    driver_ok(&driver, "CREATE TEMP TABLE parent (id int PRIMARY KEY)");
    driver_ok(&driver, "CREATE TEMP TABLE child (id int REFERENCES parent DEFERRABLE "
                       "INITIALLY DEFERRED)");
    const char *const params[] = {"7"};
    const struct db_reply *reply =
        driver_run(&driver, (struct db_request){.sql = STR("INSERT INTO child VALUES ($1)"),
                                                .params = params,
                                                .param_count = 1});
    assert_int_equal(reply->outcome, DB_FAILED);
    assert_text(reply->sqlstate, "23503");
    reply = driver_sql(&driver, "SELECT count(*) FROM child");
    assert_int_equal(rows_i64(&reply->rows, 0, 0, -1), 0);
    driver_release(&driver);
}

static void parameters_travel_apart_from_the_text(void **state)
{
    (void)state;
    struct driver driver;
    driver_open(&driver);
    const char *const params[] = {"'; DROP TABLE x; --", NULL, "42"};
    const struct db_reply *reply = driver_run(
        &driver, (struct db_request){.sql = STR("SELECT $1::text, $2::text, $3::int + 1"),
                                     .params = params,
                                     .param_count = 3});
    assert_int_equal(reply->outcome, DB_OK);
    assert_text(rows_text(&reply->rows, 0, 0), "'; DROP TABLE x; --");
    assert_true(rows_cell(&reply->rows, 0, 1).is_null);
    assert_text(rows_text(&reply->rows, 0, 2), "43");
    driver_release(&driver);
}

static void extended_protocol_takes_one_statement_only(void **state)
{
    (void)state;
    struct driver driver;
    driver_open(&driver);
    const struct db_reply *reply =
        driver_run(&driver, (struct db_request){.sql = STR("SELECT 1; SELECT 2")});
    assert_int_equal(reply->outcome, DB_FAILED);
    assert_text(reply->sqlstate, "42601");
    reply = driver_sql(&driver, "SELECT 1; SELECT 2"); /* simple: the count shows it */
    assert_int_equal(reply->result_count, 2);
    driver_release(&driver);
}

static void unsendable_requests_are_refused_and_leave_the_session_ready(void **state)
{
    (void)state;
    struct driver driver;
    struct err err = {0};
    driver_open(&driver);
    struct db_request nul = {.sql = STR("SELECT 1\0; DROP TABLE x"), .simple = true};
    assert_false(db_send(driver.session, &nul, loop_now_us(), &err));
    assert_non_null(strstr(err.message, "NUL"));
    driver_send(&driver, (struct db_request){.sql = STR("SELECT 1"), .simple = true});
    struct db_request second = {.sql = STR("SELECT 2"), .simple = true};
    assert_false(db_send(driver.session, &second, loop_now_us(), &err));
    assert_false(db_send_batch(driver.session, &second, 1, NULL, NULL, loop_now_us(), &err));
    assert_int_equal(driver_reply(&driver)->outcome, DB_OK);
    assert_false(db_send_batch(driver.session, &second, 1, NULL, NULL, loop_now_us(),
                               &err)); /* simple has no place in a batch */
    assert_false(db_send_batch(driver.session, &second, 0, NULL, NULL, loop_now_us(), &err));
    driver_ok(&driver, "SELECT 3");
    driver_release(&driver);
}

/* --------------------------------------------------------------- large answers */

static void fault_F38_two_million_rows_stay_within_the_cap(void **state)
{
    (void)state;
    struct driver driver;
    driver_open(&driver);
    long before_kb = resident_kb();
    const struct db_reply *reply = driver_run(
        &driver,
        (struct db_request){
            .sql = STR("SELECT i, repeat('x', 80) FROM generate_series(1, 2000000) AS s(i)"),
            .single_row = true,
            .max_rows = 1000});
    assert_int_equal(reply->outcome, DB_OK);
    assert_int_equal(reply->rows.row_count, 1000);
    assert_true(reply->rows.cut);
    assert_int_equal(reply->rows_seen, 2000000);
    assert_text(rows_text(&reply->rows, 999, 0), "1000");
    assert_int_equal(driver.cuts, 1);
    assert_true(resident_kb() - before_kb < 32L * 1024);
    driver_release(&driver);
}

static void byte_cap_cuts_before_the_row_that_is_too_much(void **state)
{
    (void)state;
    struct driver driver;
    driver_open(&driver);
    const struct db_reply *reply =
        driver_run(&driver, (struct db_request){.sql = STR("SELECT repeat('x', 400) FROM "
                                                           "generate_series(1, 100)"),
                                                .max_bytes = 1000});
    assert_int_equal(reply->rows.row_count, 2);
    assert_true(reply->rows.cut);
    assert_int_equal(reply->rows_seen, 100);
    reply = driver_run(&driver, (struct db_request){.sql = STR("SELECT 1"), .max_rows = 1});
    assert_false(reply->rows.cut); /* exactly the cap is not cut */
    driver_release(&driver);
}

static void widest_row_arrives_whole(void **state)
{
    (void)state;
    struct driver driver;
    struct strbuf sql = {0};
    driver_open(&driver);
    strbuf_text(&sql, "SELECT 0");
    for (int64_t i = 1; i < 1600; i++) {
        strbuf_byte(&sql, ',');
        strbuf_i64(&sql, i);
    }
    const struct db_reply *reply =
        driver_run(&driver, (struct db_request){.sql = strbuf_str(&sql), .single_row = true});
    assert_int_equal(reply->rows.column_count, 1600);
    assert_int_equal(rows_i64(&reply->rows, 0, 1599, -1), 1599);
    strbuf_release(&sql);
    driver_release(&driver);
}

struct adder {
    struct driver *driver;
    int64_t sum;
    int64_t stop_at;
};

static bool add_up(void *ctx, const struct rows *row)
{
    struct adder *adder = ctx;
    assert_int_equal(row->row_count, 1);
    adder->sum += rows_i64(row, 0, 0, 0);
    return rows_i64(row, 0, 0, 0) != adder->stop_at;
}

static void adder_done(void *ctx, const struct db_reply *reply)
{
    struct adder *adder = ctx;
    driver_done(adder->driver, reply);
}

static void rows_can_be_taken_one_by_one(void **state)
{
    (void)state;
    struct driver driver;
    struct err err = {0};
    driver_open(&driver);
    for (int64_t stop_at = 0; stop_at <= 100; stop_at += 100) {
        struct adder adder = {.driver = &driver, .stop_at = stop_at};
        struct db_request request = {.sql = STR("SELECT generate_series(1, 10000)"),
                                     .single_row = true,
                                     .each_row = add_up,
                                     .done = adder_done,
                                     .ctx = &adder};
        driver.replies = 0;
        assert_true(db_send(driver.session, &request, loop_now_us(), &err));
        const struct db_reply *reply = driver_reply(&driver);
        assert_int_equal(reply->outcome, DB_OK);
        assert_int_equal(adder.sum, stop_at == 0 ? 50005000 : 5050);
        assert_int_equal(reply->rows.cut, stop_at != 0);
        assert_int_equal(reply->rows.row_count, 0);
        assert_int_equal(reply->rows_seen, 10000);
    }
    driver_release(&driver);
}

/* ------------------------------------------------------------------------ COPY */

static void copy_from_stdin_streams_its_bytes(void **state)
{
    (void)state;
    struct driver driver;
    struct strbuf data = {0};
    driver_open(&driver);
    driver_ok(&driver, "CREATE TEMP TABLE t (id int, note text)");
    for (int64_t i = 0; i < 200000; i++) {
        strbuf_format(&data, "%lld\tnote %lld \\\\ end\n", (long long)i, (long long)i);
    }
    const struct str bytes = strbuf_str(&data);
    const struct db_reply *reply = driver_run(
        &driver, (struct db_request){
                     .sql = STR("COPY t FROM stdin"), .simple = true, .copy_data = &bytes});
    assert_int_equal(reply->outcome, DB_OK);
    assert_text(reply->tag, "COPY 200000");
    assert_int_equal(reply->affected, 200000);
    reply = driver_sql(&driver, "SELECT note FROM t WHERE id = 199999");
    assert_text(rows_text(&reply->rows, 0, 0), "note 199999 \\ end");
    strbuf_release(&data);
    driver_release(&driver);
}

static void copy_fails_on_bad_data_and_without_data(void **state)
{
    (void)state;
    struct driver driver;
    driver_open(&driver);
    driver_ok(&driver, "CREATE TEMP TABLE t (id int)");
    const struct str bytes = STR("1\nnot a number\n");
    const struct db_reply *reply = driver_run(
        &driver, (struct db_request){
                     .sql = STR("COPY t FROM stdin"), .simple = true, .copy_data = &bytes});
    assert_int_equal(reply->outcome, DB_FAILED);
    assert_text(reply->sqlstate, "22P02");
    reply = driver_sql(&driver, "COPY t FROM stdin");
    assert_int_equal(reply->outcome, DB_FAILED);
    assert_text(reply->sqlstate, "57014");
    reply = driver_sql(&driver, "SELECT count(*) FROM t");
    assert_int_equal(rows_i64(&reply->rows, 0, 0, -1), 0);
    driver_release(&driver);
}

static void copy_to_stdout_is_read_away(void **state)
{
    (void)state;
    struct driver driver;
    driver_open(&driver);
    const struct db_reply *reply =
        driver_sql(&driver, "COPY (SELECT generate_series(1, 300000)) TO STDOUT");
    assert_int_equal(reply->outcome, DB_OK);
    assert_text(reply->tag, "COPY 300000");
    assert_int_equal(reply->rows_seen, 300000);
    assert_int_equal(reply->rows.row_count, 0);
    driver_ok(&driver, "SELECT 1");
    driver_release(&driver);
}

/* --------------------------------------------------------------- hostile server */

static void fault_F30_hundred_thousand_notices_cost_no_memory(void **state)
{
    (void)state;
    struct driver driver;
    driver_open(&driver);
    long before_kb = resident_kb();
    driver_ok(&driver, "DO $$ BEGIN FOR i IN 1..100000 LOOP RAISE NOTICE 'n %', i; "
                       "END LOOP; END $$");
    assert_int_equal(driver.notices, 100000);
    assert_string_equal(driver.notice, "NOTICE 00000 n 100000");
    assert_true(resident_kb() - before_kb < 32L * 1024);
    driver_release(&driver);
}

static void fault_F42_hostile_text_is_raw_in_replies_and_harmless_in_errors(void **state)
{
    (void)state;
    struct driver driver;
    driver_open(&driver);
    const struct db_reply *reply =
        driver_sql(&driver, "SELECT E'\\x1b[31mred', U&'\\202E' || E'\\x07'");
    assert_int_equal(rows_text(&reply->rows, 0, 0).ptr[0], '\x1b');
    reply = driver_sql(&driver, "DO $$ BEGIN RAISE E'\\x1b]0;title\\x07 \\u202e' USING "
                                "ERRCODE = '22012', HINT = E'\\x1b[2J'; END $$");
    assert_int_equal(reply->message.ptr[0], '\x1b');
    struct err err = {0};
    struct strbuf text = {0};
    assert_false(db_reply_err(reply, &err));
    db_reply_text(reply, &text);
    const char *const outputs[] = {err.message, err.hint, text.ptr};
    for (size_t i = 0; i < COUNT_OF(outputs); i++) {
        assert_true(outputs[i][0] != '\0');
        for (const char *at = outputs[i]; *at != '\0'; at++) {
            assert_true((unsigned char)*at >= 0x20 && (unsigned char)*at < 0x7f);
        }
    }
    strbuf_release(&text);
    driver_release(&driver);
}

static void notifications_to_an_idle_session_are_taken_and_dropped(void **state)
{
    (void)state;
    struct driver driver;
    driver_open(&driver);
    driver_ok(&driver, "LISTEN gonogo_test");
    test_execute(test_server_get(), "postgres", "NOTIFY gonogo_test, 'hello'");
    driver_round(&driver); /* the notification is what wakes it */
    assert_int_equal(db_state(driver.session), DB_IDLE);
    driver_ok(&driver, "SELECT 1");
    driver_release(&driver);
}

/* ------------------------------------------------------------- from callbacks */

struct chain {
    struct driver *driver;
    int64_t next;
    int64_t sum;
};

static void chain_send(struct chain *chain);

static void chain_done(void *ctx, const struct db_reply *reply)
{
    struct chain *chain = ctx;
    assert_int_equal(reply->outcome, DB_OK);
    chain->next++;
    if (chain->next <= 1000) {
        chain_send(chain); /* the reply's texts stay good after the next send */
    }
    chain->sum += rows_i64(&reply->rows, 0, 0, 0);
}

static void chain_send(struct chain *chain)
{
    char sql[32];
    struct err err = {0};
    (void)snprintf(sql, sizeof(sql), "SELECT %d", (int)chain->next);
    struct db_request request = {
        .sql = str_from(sql), .simple = true, .done = chain_done, .ctx = chain};
    assert_true(db_send(chain->driver->session, &request, loop_now_us(), &err));
}

static void next_request_may_be_sent_from_the_callback(void **state)
{
    (void)state;
    struct driver driver;
    driver_open(&driver);
    struct chain chain = {.driver = &driver, .next = 1};
    chain_send(&chain);
    while (chain.next <= 1000) {
        driver_round(&driver);
    }
    assert_int_equal(chain.sum, 500500);
    driver_release(&driver);
}

static bool close_at_third(void *ctx, const struct rows *row)
{
    struct driver *driver = ctx;
    if (rows_i64(row, 0, 0, 0) == 3) {
        db_close(driver->session);
    }
    return true;
}

static void session_may_be_closed_from_its_callbacks(void **state)
{
    (void)state;
    struct driver driver;
    driver_open(&driver);
    const struct db_reply *reply =
        driver_run(&driver, (struct db_request){.sql = STR("SELECT generate_series(1, 5)"),
                                                .single_row = true,
                                                .each_row = close_at_third});
    assert_int_equal(reply->outcome, DB_UNKNOWN);
    assert_int_equal(reply->rows_seen, 3);
    assert_int_equal(driver.replies, 1);
    assert_int_equal(db_state(driver.session), DB_DOWN);
    assert_int_equal(driver.lost, 0);
    driver_release(&driver);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    (void)alarm(180); /* watchdog */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reply_carries_rows_names_nulls_and_tag),
        cmocka_unit_test(failure_says_everything_that_the_server_said),
        cmocka_unit_test(transaction_status_follows_every_reply),
        cmocka_unit_test(error_at_commit_of_a_single_statement_is_a_failure),
        cmocka_unit_test(parameters_travel_apart_from_the_text),
        cmocka_unit_test(extended_protocol_takes_one_statement_only),
        cmocka_unit_test(unsendable_requests_are_refused_and_leave_the_session_ready),
        cmocka_unit_test(fault_F38_two_million_rows_stay_within_the_cap),
        cmocka_unit_test(byte_cap_cuts_before_the_row_that_is_too_much),
        cmocka_unit_test(widest_row_arrives_whole),
        cmocka_unit_test(rows_can_be_taken_one_by_one),
        cmocka_unit_test(copy_from_stdin_streams_its_bytes),
        cmocka_unit_test(copy_fails_on_bad_data_and_without_data),
        cmocka_unit_test(copy_to_stdout_is_read_away),
        cmocka_unit_test(fault_F30_hundred_thousand_notices_cost_no_memory),
        cmocka_unit_test(fault_F42_hostile_text_is_raw_in_replies_and_harmless_in_errors),
        cmocka_unit_test(notifications_to_an_idle_session_are_taken_and_dropped),
        cmocka_unit_test(next_request_may_be_sent_from_the_callback),
        cmocka_unit_test(session_may_be_closed_from_its_callbacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
