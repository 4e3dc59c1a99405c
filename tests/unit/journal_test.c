/* SPDX-License-Identifier: PostgreSQL */
/*
 * The journal on a real file system: what is written is read back, whatever was changed
 * since is found, a torn tail is cut and nothing else.
 */
#include "journal_room.h"

/* ------------------------------------------------------------------ reading */

static bool count_event(void *ctx, const struct event *event, struct err *err)
{
    (void)err;
    int *count = ctx;
    assert_true(event->seq > 1);
    if (event->kind == EVENT_SCRIBE && *count == 1) {
        assert_true(str_eq(event->text, "one \"quoted\" \\ line"));
    }
    (*count)++;
    return true;
}

static void what_is_written_is_read_back(void **state)
{
    struct place *place = *state;
    struct journal_log log;
    struct err err = {0};
    int events = 0;
    write_some(place);
    assert_true(journal_read(place->path, &log, &err));
    assert_int_equal(log.verdict, JOURNAL_INTACT);
    assert_int_equal(log.count, 7);
    assert_true(str_eq(log.head.name, "a plan"));
    assert_true(str_eq(log.head.who, "anna@host"));
    assert_int_equal(log.head.mode, RUN_REHEARSAL);
    assert_true(log.head.time_scale > 719.0 && log.head.time_scale < 721.0);
    assert_true(journal_fold(&log, count_event, &events, &err));
    assert_int_equal(events, 4);
    assert_int_equal(journal_find(&log, log.records[3].hash), 4);
    assert_int_equal(journal_find(&log, STR(JOURNAL_NO_HASH)), 0);
    journal_log_release(&log);
}

static const char hostile[] =
    "del \x7f csi \xC2\x9B line \xE2\x80\xA8 override \xE2\x80\xAE tag "
    "\xF3\xA0\x81\x81 esc \x1b[2J caf\xC3\xA9";

static bool is_hostile(void *ctx, const struct event *event, struct err *err)
{
    (void)err;
    bool *seen = ctx;
    *seen = *seen || (event->kind == EVENT_SCRIBE && str_eq(event->text, hostile));
    return true;
}

/* What a database put into a name must not reach the terminal of who looks at the journal. */
static void fault_F42_a_journal_is_harmless_to_look_at(void **state)
{
    struct place *place = *state;
    struct journal *journal = open_new(place);
    add_event(journal, EVENT_SCRIBE, hostile);
    journal_close(journal);
    struct strbuf bytes = read_journal(place);
    struct strbuf seen = {0};
    sanitise(&seen, strbuf_str(&bytes), SANITISE_LINES);
    assert_string_equal(seen.ptr, bytes.ptr);
    strbuf_release(&seen);
    struct journal_log log;
    struct err err = {0};
    bool found = false;
    assert_true(journal_read_bytes(&bytes, &log, &err));
    assert_int_equal(log.verdict, JOURNAL_INTACT);
    assert_true(journal_fold(&log, is_hostile, &found, &err));
    assert_true(found);
    journal_log_release(&log);
}

/* The chain is over the bytes as they stand: what was written raw verifies and reads on. */
static void a_journal_with_raw_text_still_verifies(void **state)
{
    struct place *place = *state;
    journal_close(open_new(place));
    struct strbuf bytes = read_journal(place);
    size_t start = bytes.len;
    char prev[SHA256_HEX];
    memcpy(prev, bytes.ptr + bytes.len - strlen("\"}\n") - SHA256_HEX, SHA256_HEX);
    journal_line_begin(&bytes, 2, NOON, JOURNAL_EVENT);
    strbuf_format(&bytes, "{\"event\":\"%s\",\"text\":\"a \x7f \xE2\x80\xAE b\"}",
                  event_infos[EVENT_SCRIBE].word);
    journal_line_end(&bytes, start, prev);
    write_journal(place, strbuf_str(&bytes));
    strbuf_release(&bytes);
    struct err err = {0};
    struct journal *journal = journal_open_again(place->path, &err);
    assert_non_null(journal);
    add_event(journal, EVENT_SCRIBE, hostile);
    journal_close(journal);
    struct journal_log log;
    assert_true(journal_read(place->path, &log, &err));
    assert_int_equal(log.verdict, JOURNAL_INTACT);
    assert_int_equal(log.count, 3);
    assert_true(str_find_byte(log.records[1].data, '\x7f', 0) < log.records[1].data.len);
    journal_log_release(&log);
}

static void the_documented_hash_is_the_hash(void **state)
{
    struct place *place = *state;
    write_some(place);
    struct strbuf bytes = read_journal(place);
    struct str rest = strbuf_str(&bytes);
    struct str line;
    char prev[SHA256_HEX + 1] = JOURNAL_NO_HASH;
    while (str_cut(&rest, '\n', &line) && line.len > 0) {
        struct strbuf text = {0};
        size_t cut = line.len - strlen(",\"hash\":\"\"}") - SHA256_HEX;
        strbuf_text(&text, prev);
        strbuf_add(&text, str_slice(line, 0, cut));
        struct sha256_hex hex = sha256_of(strbuf_str(&text));
        assert_true(str_starts(str_slice(line, cut, line.len), ",\"hash\":\""));
        assert_memory_equal(hex.text, line.ptr + line.len - 2 - SHA256_HEX, SHA256_HEX);
        memcpy(prev, hex.text, sizeof(prev));
        strbuf_release(&text);
    }
    strbuf_release(&bytes);
}

static void an_altered_byte_is_found_in_its_record(void **state)
{
    struct place *place = *state;
    write_some(place);
    struct strbuf good = read_journal(place);
    size_t line = 1;
    for (size_t i = 0; i < good.len; i++) {
        char was = good.ptr[i];
        if (was == '\n') {
            line++;
            continue;
        }
        struct strbuf copy = {0};
        struct journal_log log;
        struct err err = {0};
        strbuf_add(&copy, strbuf_str(&good));
        copy.ptr[i] = (char)(was ^ 1);
        bool read = journal_read_bytes(&copy, &log, &err);
        strbuf_release(&copy);
        if (!read) {
            assert_int_equal(line, 1);
            continue;
        }
        if (log.verdict != JOURNAL_ALTERED || log.at != line) {
            print_error("byte %zu of line %zu: %s at %llu\n", i, line,
                        journal_verdict_words[log.verdict], (unsigned long long)log.at);
        }
        assert_int_equal(log.verdict, JOURNAL_ALTERED);
        assert_int_equal(log.at, line);
        assert_int_equal(log.count, line - 1);
        journal_log_release(&log);
    }
    strbuf_release(&good);
}

/* A record that is whole but stands where another should. */
static void a_missing_or_moved_record_is_a_gap(void **state)
{
    struct place *place = *state;
    write_some(place);
    struct strbuf good = read_journal(place);
    for (size_t skip = 2; skip <= 6; skip++) {
        struct strbuf copy = {0};
        struct str rest = strbuf_str(&good);
        struct str line;
        for (size_t n = 1; str_cut(&rest, '\n', &line) && line.len > 0; n++) {
            if (n != skip) {
                strbuf_add(&copy, line);
                strbuf_byte(&copy, '\n');
            }
        }
        struct journal_log log;
        struct err err = {0};
        assert_true(journal_read_bytes(&copy, &log, &err));
        assert_int_equal(log.verdict, JOURNAL_GAP);
        assert_int_equal(log.at, skip);
        journal_log_release(&log);
    }
    strbuf_release(&good);
}

static void a_tail_cut_at_a_line_end_needs_the_anchor(void **state)
{
    struct place *place = *state;
    write_some(place);
    struct strbuf good = read_journal(place);
    struct journal_log whole;
    struct journal_log cut;
    struct err err = {0};
    assert_true(journal_read(place->path, &whole, &err));
    struct strbuf copy = {0};
    size_t last = whole.records[whole.count - 1].line.len + 1;
    strbuf_add(&copy, str_slice(strbuf_str(&good), 0, good.len - last));
    assert_true(journal_read_bytes(&copy, &cut, &err));
    assert_int_equal(cut.verdict, JOURNAL_INTACT);
    assert_int_equal(journal_find(&cut, whole.records[whole.count - 1].hash), 0);
    assert_int_equal(journal_find(&cut, whole.records[whole.count - 2].hash), whole.count - 1);
    journal_log_release(&whole);
    journal_log_release(&cut);
    strbuf_release(&good);
}

/* F01: at whatever byte the writing broke off. */
static void fault_F01_a_torn_tail_is_cut_and_taken_up(void **state)
{
    struct place *place = *state;
    write_some(place);
    struct strbuf good = read_journal(place);
    struct err err = {0};
    size_t last = 0;
    for (size_t i = 0; i + 1 < good.len; i++) {
        last = good.ptr[i] == '\n' ? i + 1 : last;
    }
    for (size_t end = last + 1; end < good.len; end += 7) {
        struct journal_log log;
        write_journal(place, str_slice(strbuf_str(&good), 0, end));
        assert_true(journal_read(place->path, &log, &err));
        assert_int_equal(log.verdict, JOURNAL_TORN);
        assert_int_equal(log.count, 6);
        assert_int_equal(log.good, last);
        journal_log_release(&log);
        struct journal *journal = journal_open_again(place->path, &err);
        assert_non_null(journal);
        assert_int_equal(journal_count(journal), 6);
        add_event(journal, EVENT_SCRIBE, "after");
        journal_close(journal);
        assert_true(journal_read(place->path, &log, &err));
        assert_int_equal(log.verdict, JOURNAL_INTACT);
        assert_int_equal(log.count, 7);
        journal_log_release(&log);
    }
    strbuf_release(&good);
}

static void an_altered_journal_is_not_taken_up(void **state)
{
    struct place *place = *state;
    write_some(place);
    struct strbuf good = read_journal(place);
    good.ptr[good.len / 2] ^= 1;
    write_journal(place, strbuf_str(&good));
    struct err err = {0};
    assert_null(journal_open_again(place->path, &err));
    assert_int_equal(err.kind, ERR_RECORD);
    strbuf_release(&good);
}

/* ----------------------------------------------------------------- evidence */

static void evidence_is_the_commit_without_an_answer(void **state)
{
    struct place *place = *state;
    write_some(place);
    struct journal_log log;
    struct journal_evidence evidence;
    struct err err = {0};
    assert_true(journal_read(place->path, &log, &err));
    assert_true(journal_evidence(&log, &evidence, &err));
    assert_true(evidence.commit_sent);
    assert_int_equal(evidence.script, 0);
    assert_int_equal(evidence.xid, 77);
    assert_int_equal(evidence.pid, 88);
    journal_log_release(&log);

    struct journal *journal = journal_open_again(place->path, &err);
    assert_non_null(journal);
    struct event answer = {.kind = EVENT_COMMITTED, .at_us = NOON, .outcome = OUTCOME_OK};
    uint64_t seq;
    assert_true(journal_append_event(journal, &answer, &seq, &err));
    journal_close(journal);
    assert_true(journal_read(place->path, &log, &err));
    assert_true(journal_evidence(&log, &evidence, &err));
    assert_false(evidence.commit_sent);
    journal_log_release(&log);
}

/* A new attempt begins with its own INTENT: the old COMMIT-SENT is not its evidence. */
static void intent_begins_the_evidence_anew(void **state)
{
    struct place *place = *state;
    struct journal_log log;
    struct journal_evidence evidence;
    struct err err = {0};
    struct journal *journal = open_new(place);
    assert_true(announce(journal, RECORD_INTENT, 0));
    assert_true(announce(journal, RECORD_COMMIT_SENT, 0));
    assert_true(announce(journal, RECORD_INTENT, 1));
    journal_close(journal);
    assert_true(journal_read(place->path, &log, &err));
    assert_true(journal_evidence(&log, &evidence, &err));
    assert_false(evidence.commit_sent);
    assert_int_equal(evidence.script, 1);
    journal_log_release(&log);
}

int main(void)
{
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_PLACE(what_is_written_is_read_back),
        IN_PLACE(fault_F42_a_journal_is_harmless_to_look_at),
        IN_PLACE(a_journal_with_raw_text_still_verifies),
        IN_PLACE(the_documented_hash_is_the_hash),
        IN_PLACE(an_altered_byte_is_found_in_its_record),
        IN_PLACE(a_missing_or_moved_record_is_a_gap),
        IN_PLACE(a_tail_cut_at_a_line_end_needs_the_anchor),
        IN_PLACE(fault_F01_a_torn_tail_is_cut_and_taken_up),
        IN_PLACE(an_altered_journal_is_not_taken_up),
        IN_PLACE(evidence_is_the_commit_without_an_answer),
        IN_PLACE(intent_begins_the_evidence_anew),
    };
#undef IN_PLACE
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
