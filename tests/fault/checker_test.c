/* SPDX-License-Identifier: PostgreSQL */
/*
 * The checker is only worth something if it sees what is bad: hand-made histories, each
 * wrong in one way, and one that is right.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fault_checker.h"

/* ------------------------------------------------------------- a good history */

static void add_record(struct strbuf *journal, char prev[SHA256_HEX + 1], int64_t seq,
                       const char *data)
{
    struct strbuf body = {0};
    struct strbuf line = {0};
    strbuf_format(&body,
                  "{\"seq\":%lld,\"at\":\"2024-01-31T08:00:%02lld.000000Z\",\"type\":"
                  "\"announce\",\"data\":%s,\"prev\":\"%s\"",
                  (long long)seq, (long long)seq, data, prev);
    strbuf_format(&line, "%s%s", prev, body.ptr);
    struct sha256_hex hex = sha256_of(strbuf_str(&line));
    strbuf_format(journal, "%s,\"hash\":\"%s\"}\n", body.ptr, hex.text);
    memcpy(prev, hex.text, sizeof(hex.text));
    strbuf_release(&line);
    strbuf_release(&body);
}

static const char *const good_records[] = {
    "{\"announce\":\"phase\",\"phase\":\"MIGRATE\"}",
    "{\"announce\":\"intent\",\"script\":0,\"attempt\":1,\"pid\":70}",
    "{\"announce\":\"commit sent\",\"script\":0,\"xid\":700,\"pid\":70}",
    "{\"announce\":\"intent\",\"script\":1,\"attempt\":1,\"pid\":70}",
    "{\"announce\":\"commit sent\",\"script\":1,\"xid\":701,\"pid\":70}",
};

static void write_journal(struct fault_history *h, size_t without)
{
    char prev[SHA256_HEX + 1];
    int64_t seq = 0;
    memset(prev, '0', SHA256_HEX);
    prev[SHA256_HEX] = '\0';
    strbuf_clear(&h->journal);
    for (size_t i = 0; i < COUNT_OF(good_records); i++) {
        if (i != without) {
            add_record(&h->journal, prev, ++seq, good_records[i]);
        }
    }
}

/* 08:00:00 UTC that day is 1706688000 */
#define LOGGED(second, pid, xid, text)                                                         \
    "FAULT|17066880" second ".500|" pid "|" xid "|one|gonogo work 1|LOG:  statement: " text "\n"
static const char good_log[] = LOGGED("02", "70", "0", "begin")
    LOGGED("02", "70", "0", "do $$ '011 cannot add its keys' \n\tmore lines\n\tof it $$")
        LOGGED("03", "70", "700", "COMMIT") LOGGED("04", "70", "0", "begin")
            LOGGED("04", "70", "0",
                   "do $$ 'tables that stay still refer to the nine' "
                   "$$") "FAULT|1706688004.600|71|0|other|gonogo "
                         "work 2|LOG:  statement: 011 cannot add its "
                         "keys\n" LOGGED("05", "70", "701", "COMMIT");

static const char good_words[] =
    "{\"migrations\":[{\"id\":\"011\",\"state\":\"committed\"},{\"id\":\"012\",\"state\":"
    "\"committed\"}],\"outcome\":\"completed\"}";

static struct fault_history good_history(void)
{
    struct fault_history h = {.database = "one",
                              .ledger = true,
                              .tables = 43,
                              .keys = 42,
                              .policies = 18,
                              .ledger_rows = {1, 1},
                              .committed_xid = {700, 701}};
    write_journal(&h, COUNT_OF(good_records));
    strbuf_text(&h.log, good_log);
    strbuf_text(&h.status, good_words);
    strbuf_text(&h.report, good_words);
    return h;
}

static void assert_wrong(struct fault_history *h, const char *word)
{
    struct strbuf wrong = {0};
    bool good = fault_judge(h, &wrong);
    if (word == NULL && !good) {
        print_message("# %s", wrong.ptr);
    }
    assert_true(good == (word == NULL));
    if (word != NULL) {
        if (!strstr(wrong.ptr, word)) {
            print_message("# %s", wrong.ptr);
        }
        assert_non_null(strstr(wrong.ptr, word));
    }
    strbuf_release(&wrong);
    fault_history_release(h);
}

static void put(struct strbuf *text, const char *words)
{
    strbuf_clear(text);
    strbuf_text(text, words);
}

static void a_good_history_is_good(void **state)
{
    (void)state;
    struct fault_history h = good_history();
    assert_wrong(&h, NULL);
}

/* ------------------------------------------------------------------ the record */

static void a_changed_byte_in_the_record_is_seen(void **state)
{
    (void)state;
    struct fault_history h = good_history();
    *strstr(h.journal.ptr, "\"xid\":700") = ' ';
    assert_wrong(&h, "does not follow");
}

static void a_missing_record_is_seen(void **state)
{
    (void)state;
    struct fault_history h = good_history();
    char *second = strchr(h.journal.ptr, '\n') + 1;
    char *third = strchr(second, '\n') + 1;
    memmove(second, third, strlen(third) + 1);
    h.journal.len = strlen(h.journal.ptr);
    assert_wrong(&h, "record 2 does not follow");
}

static void a_torn_tail_is_good_only_after_a_kill(void **state)
{
    (void)state;
    struct fault_history h = good_history();
    strbuf_text(&h.journal, "{\"seq\":6,\"at\":");
    h.exit_code = FAULT_KILLED + 9;
    h.torn_allowed = true;
    assert_wrong(&h, NULL);
    h = good_history();
    strbuf_text(&h.journal, "{\"seq\":6,\"at\":");
    assert_wrong(&h, "record 6");
}

/* ---------------------------------------------------------------- the database */

static void half_a_migration_is_seen(void **state)
{
    (void)state;
    struct fault_history h = good_history();
    h.keys = 41;
    assert_wrong(&h, "half a migration");
}

static void a_row_twice_in_the_ledger_is_seen(void **state)
{
    (void)state;
    struct fault_history h = good_history();
    h.ledger_rows[0] = 2;
    assert_wrong(&h, "011 has 2 rows");
}

static void effects_without_their_row_are_seen(void **state)
{
    (void)state;
    struct fault_history h = good_history();
    h.ledger_rows[1] = 0;
    assert_wrong(&h, "012 has 0 rows in the ledger and its effects are there");
}

static void what_is_left_behind_is_seen(void **state)
{
    (void)state;
    struct fault_history h = good_history();
    h.idle_in_transaction = h.sessions = 1;
    assert_wrong(&h, "idle in a transaction");
    h = good_history();
    h.processes = 1;
    assert_wrong(&h, "child processes");
    h = good_history();
    h.advisory_locks = 1;
    assert_wrong(&h, "advisory locks");
}

/* ------------------------------------------------------------- the server's log */

static void a_statement_sent_again_is_seen(void **state)
{
    (void)state;
    struct fault_history h = good_history();
    strbuf_text(&h.log,
                LOGGED("06", "70", "0", "x 'rows carry another workspace than their agent'"));
    assert_wrong(&h, "011 was sent again");
}

static void a_commit_without_its_record_is_seen(void **state)
{
    (void)state;
    struct fault_history h = good_history();
    write_journal(&h, 2);
    assert_wrong(&h, "transaction 700 was sent without a COMMIT-SENT");
}

static void a_record_after_its_commit_is_seen(void **state)
{
    (void)state;
    struct fault_history h = good_history();
    char *at = strstr(h.log.ptr, "1706688005.500|70|701");
    memcpy(at, "1706688004.900", strlen("1706688004.900"));
    assert_wrong(&h, "transaction 701 was sent before its COMMIT-SENT");
}

static void a_begin_without_intent_is_seen(void **state)
{
    (void)state;
    struct fault_history h = good_history();
    write_journal(&h, 3);
    assert_wrong(&h, "012 was begun on backend 70 without an INTENT");
}

static void a_second_commit_is_seen(void **state)
{
    (void)state;
    struct fault_history h = good_history();
    h.committed_xid[0] = -1;
    assert_wrong(&h, "011 was committed more than once");
    h = good_history();
    h.committed_xid[0] = 699;
    assert_wrong(&h, "nobody sent that COMMIT");
}

/* ------------------------------------------------------------------ the claims */

static void false_words_are_seen(void **state)
{
    (void)state;
    struct fault_history h = good_history();
    put(&h.status, "{\"migrations\":[{\"id\":\"011\",\"state\":\"committed\"},{\"id\":\"012\","
                   "\"state\":\"rolled back\"}]}");
    assert_wrong(&h, "status says 012 is \"rolled back\" and that is false");
    h = good_history();
    put(&h.status, "{\"migrations\":[{\"id\":\"011\",\"state\":\"committed\"},{\"id\":\"012\","
                   "\"state\":\"unknown\"}]}");
    assert_wrong(&h, "\"unknown\" without exit 9");
    h = good_history();
    h.tables = 52, h.keys = 45, h.policies = 19;
    h.ledger_rows[1] = 0, h.committed_xid[1] = 0;
    assert_wrong(&h, "report.json says completed and that is false");
    h = good_history();
    h.tables = 52, h.keys = 45, h.policies = 19;
    h.ledger_rows[1] = 0, h.committed_xid[1] = 0;
    assert_wrong(&h, "exit 0 with 1 of 2");
}

static void unknown_is_good_with_exit_9(void **state)
{
    (void)state;
    struct fault_history h = good_history();
    put(&h.status, "{\"migrations\":[{\"id\":\"011\",\"state\":\"committed\"},{\"id\":\"012\","
                   "\"state\":\"unknown\"}]}");
    strbuf_clear(&h.report);
    h.exit_code = 9;
    assert_wrong(&h, NULL);
}

static void bad_ends_are_seen(void **state)
{
    (void)state;
    struct fault_history h = good_history();
    h.exit_code = FAULT_TIMED_OUT;
    assert_wrong(&h, "hung");
    h = good_history();
    h.exit_code = 1;
    assert_wrong(&h, "its own fault");
    h = good_history();
    strbuf_clear(&h.status);
    assert_wrong(&h, "status could not be told");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_history_is_good),
        cmocka_unit_test(a_changed_byte_in_the_record_is_seen),
        cmocka_unit_test(a_missing_record_is_seen),
        cmocka_unit_test(a_torn_tail_is_good_only_after_a_kill),
        cmocka_unit_test(half_a_migration_is_seen),
        cmocka_unit_test(a_row_twice_in_the_ledger_is_seen),
        cmocka_unit_test(effects_without_their_row_are_seen),
        cmocka_unit_test(what_is_left_behind_is_seen),
        cmocka_unit_test(a_statement_sent_again_is_seen),
        cmocka_unit_test(a_commit_without_its_record_is_seen),
        cmocka_unit_test(a_record_after_its_commit_is_seen),
        cmocka_unit_test(a_begin_without_intent_is_seen),
        cmocka_unit_test(a_second_commit_is_seen),
        cmocka_unit_test(false_words_are_seen),
        cmocka_unit_test(unknown_is_good_with_exit_9),
        cmocka_unit_test(bad_ends_are_seen),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
