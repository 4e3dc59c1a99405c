/* SPDX-License-Identifier: PostgreSQL */
/*
 * The BACKUP screen: each proof with its age, the archive's list against what was counted,
 * what pg_restore said, WAL archiving in words, writes over time; and its keys, each of which
 * asks first.
 */
#include "tui_room.h"

static struct desk *open_backup(int columns, int rows)
{
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, columns, rows);
    desk_reach(desk, STATE_BACKUP);
    return desk;
}

static void wait_minutes(struct desk *desk, int64_t minutes)
{
    desk->clock_us += minutes * US_PER_MINUTE;
}

static void step(struct desk *desk, struct event event)
{
    event.script = -1;
    desk_step(desk, event);
    desk_see(desk);
}

static void take(struct desk *desk)
{
    step(desk, (struct event){.kind = EVENT_TASK_DONE,
                              .task = TASK_DUMP,
                              .outcome = OUTCOME_OK,
                              .name = STR("dump-1.dump"),
                              .hash = STR("0123456789abcdef0123456789abcdef"),
                              .size = 3006606,
                              .us = 482000,
                              .value = desk->clock_us});
}

static void prove(struct desk *desk, int64_t listed)
{
    struct event_item items[] = {
        {.kind = STR("bytes"), .at_us = desk->clock_us},
        {.kind = STR("reached"), .value = PLAN_LEVEL_LISTED, .at_us = desk->clock_us},
        {.kind = STR("entries"), .value = 443},
        {.kind = STR("counted"), .name = STR("tables"), .value = 52},
        {.kind = STR("listed"), .name = STR("tables"), .value = 52},
        {.kind = STR("counted"), .name = STR("foreign keys"), .value = 38},
        {.kind = STR("listed"), .name = STR("foreign keys"), .value = listed},
        {.kind = STR("said"), .text = STR("pg_restore: creating TABLE \"public.a\"")},
        {.kind = STR("said"), .text = STR("pg_restore: error: could not execute")},
        {.kind = STR("missing"),
         .name = STR("foreign keys"),
         .text = STR("quests.quests_owner_fkey")},
    };
    size_t count = COUNT_OF(items) - (listed == 38 ? 1 : 0);
    step(desk,
         (struct event){
             .kind = EVENT_PROOF, .outcome = OUTCOME_OK, .items = items, .item_count = count});
    step(desk, (struct event){.kind = EVENT_TASK_DONE,
                              .task = TASK_PROVE,
                              .outcome = OUTCOME_OK,
                              .level = PLAN_LEVEL_COMPARED,
                              .us = 372 * US_PER_SECOND});
}

static void each_proof_has_its_age(void **state)
{
    (void)state;
    struct desk *desk = open_backup(80, 24);
    SEES(desk, "method  pg_dump -Fc");
    SEES(desk, "roles are outside it: pg_dumpall -g");
    take(desk);
    SEES(desk, "file    dump-1.dump   2.9 MB                           sha256 01234567…cdef");
    SEES(desk, "took 482 ms");
    wait_minutes(desk, 1);
    prove(desk, 38);
    wait_minutes(desk, 33);
    step(desk, (struct event){.kind = EVENT_SCRIBE, .who = STR("anna"), .text = STR("x")});
    SEES(desk, "✓  written whole, synced, hashed                                       34 m");
    SEES(desk, "✓  read once more: size and sha256 are the same                        33 m");
    SEES(desk, "✓  list inside: 52 tables, 38 FKs = \"backup\"                           33 m");
    SEES(desk, "✓  restored into a scratch server                              6m12s");
    desk_close(desk);
}

static void what_the_archive_lacks_is_named(void **state)
{
    (void)state;
    struct desk *desk = open_backup(120, 40);
    SEES(desk, "?? not read yet");
    SEES(desk, "?? nothing was restored yet");
    take(desk);
    prove(desk, 37);
    SEES(desk, "── ARCHIVE LIST ───────────────── 443 entries");
    SEES(desk, "✓  tables                         52        52");
    SEES(desk, "▲  foreign keys                   37        38");
    SEES(desk, "not in it: quests.quests_owner_fkey");
    SEES(desk, "▲  list inside: 52 tables, 37 FKs are NOT all of \"backup\"");
    SEES(desk, "── RESTORE LOG");
    SEES(desk, "│  creating TABLE \"public.a\"");
    SEES(desk, "│  error: could not execute");
    desk_close(desk);
}

/* ------------------------------------------------------------------ WAL archiving */

static void hear_archiver(struct desk *desk, struct str mode, bool commanded, int64_t archived,
                          int64_t failed, int64_t failures)
{
    struct event_item items[] = {
        {.kind = STR("mode"), .text = mode, .flag = commanded},
        {.kind = STR("archived"),
         .name = STR("0000000100000000000000A1"),
         .value = archived < 0 ? -1 : archived * US_PER_SECOND},
        {.kind = STR("failed"),
         .name = STR("0000000100000000000000A2"),
         .value = failed < 0 ? -1 : failed * US_PER_SECOND},
        {.kind = STR("failures"), .value = failures},
    };
    step(desk, (struct event){.kind = EVENT_ARCHIVER,
                              .outcome = OUTCOME_OK,
                              .items = items,
                              .item_count = COUNT_OF(items)});
}

static void archiving_is_told_in_words(void **state)
{
    (void)state;
    struct desk *desk = open_backup(80, 24);
    SEES(desk, "?  WAL archiving  ?? not known yet");
    hear_archiver(desk, STR("off"), false, -1, -1, 0);
    SEES(desk, "·  WAL archiving  archive_mode is off: no way back by WAL");
    hear_archiver(desk, STR("on"), true, 31, -1, 0);
    SEES(desk, "✓  WAL archiving  last segment 00:00:31 ago, archiver failures 0");
    wait_minutes(desk, 2);
    step(desk, (struct event){.kind = EVENT_SCRIBE, .who = STR("anna"), .text = STR("x")});
    SEES(desk, "last segment 00:02:31 ago"); /* it grows older */
    hear_archiver(desk, STR("on"), true, 5, 400, 3);
    SEES(desk, "✓  WAL archiving  last segment 00:00:05 ago, archiver failures 3");
    hear_archiver(desk, STR("on"), true, 400, 5, 4);
    SEES(desk, "▲  WAL archiving  fails: 0000000100000000000000A2 00:00:05 ago, failures 4");
    hear_archiver(desk, STR("on"), true, -1, -1, 0);
    SEES(desk, "?  WAL archiving  on, and no segment was archived yet");
    hear_archiver(desk, STR("always"), false, -1, -1, 0);
    SEES(desk, "▲  WAL archiving  archive_mode is always, and nothing says where to");
    step(desk, (struct event){.kind = EVENT_ARCHIVER,
                              .outcome = OUTCOME_FAILED,
                              .text = STR("permission denied")});
    SEES(desk, "?  WAL archiving  ?? not visible: permission denied");
    desk_close(desk);
}

/* -------------------------------------------------------------------- writes */

static void hear_writes(struct desk *desk, int64_t rows)
{
    struct event_item item = {.name = STR("public.a"), .value = rows, .flag = true};
    wait_minutes(desk, 1);
    step(desk, (struct event){.kind = EVENT_WRITES,
                              .outcome = OUTCOME_OK,
                              .items = &item,
                              .item_count = rows > 0});
}

static void writes_have_a_course_and_a_span(void **state)
{
    (void)state;
    struct desk *desk = open_backup(80, 24);
    take(desk);
    hear_writes(desk, 0);
    hear_writes(desk, 0);
    hear_writes(desk, 200);
    hear_writes(desk, 212);
    SEES(desk, "▁");
    SEES(desk, "█");
    SEES(desk, "4 min");
    SEES(desk, "212\n");
    for (int i = 0; i < 2 * WRITTEN_STRETCHES; i++) {
        hear_writes(desk, 212 + i);
    }
    assert_true(desk->run.written_count <= WRITTEN_STRETCHES);
    assert_true(desk->run.written[0].rows > 0); /* the beginning is not forgotten */
    take(desk);                                 /* another dump: counted from there */
    assert_int_equal(desk->run.written_count, 0);
    desk_close(desk);
}

/* ---------------------------------------------------------------------- keys */

static const struct event *last_sent(const struct desk *desk)
{
    return desk->sent_count > 0 ? &desk->sent[desk->sent_count - 1] : NULL;
}

static void each_key_asks_first(void **state)
{
    (void)state;
    struct desk *desk = open_backup(120, 40);
    SEES_NOT(desk, "b take backup"); /* one is being taken */
    take(desk);
    prove(desk, 38);
    SEES(desk, "b take backup");
    SEES(desk, "v prove again");
    SEES(desk, "e external id");
    desk_type(desk, "v");
    desk_wait(desk);
    SEES(desk, "Prove the backup \"dump\" once more?");
    assert_null(last_sent(desk));
    desk_type(desk, "go\n");
    assert_int_equal(last_sent(desk)->kind, EVENT_RERUN);
    assert_string_equal(last_sent(desk)->id.ptr, "dump");
    assert_string_equal(last_sent(desk)->tag.ptr, "prove");
    desk_type(desk, "b");
    desk_wait(desk);
    SEES(desk, "Take the backup \"dump\" now, anew?");
    desk_type(desk, "go\n");
    assert_int_equal(last_sent(desk)->kind, EVENT_RERUN);
    assert_int_equal(last_sent(desk)->tag.len, 0);
    size_t sent = desk->sent_count;
    desk_type(desk, "e");
    desk_wait(desk);
    SEES(desk, "Snapshot name and time?");
    desk_key(desk, KEY_ESCAPE);
    desk_see(desk);
    desk_type(desk, ":prove nothing\n");
    desk_see(desk);
    SEES(desk, "prove ID, of a dump that is there, in BACKUP");
    assert_int_equal(desk->sent_count, sent);
    desk_close(desk);
}

/* Elsewhere, and when the run has gone on, the keys are what they are everywhere. */
static void the_keys_are_those_of_backup_alone(void **state)
{
    (void)state;
    struct desk *desk = open_backup(80, 24);
    take(desk);
    prove(desk, 38);
    ui_go(&desk->ui, SCREEN_POLL);
    desk_see(desk);
    desk_type(desk, "v");
    desk_see(desk);
    SEES(desk, "PLAN REVIEW");
    ui_go(&desk->ui, SCREEN_BACKUP);
    desk_see(desk);
    desk_type(desk, "b");
    desk_wait(desk);
    SEES(desk, "now, anew?");
    desk->run.state = STATE_POLL;
    desk_see(desk);
    SEES_NOT(desk, "now, anew?");
    desk_close(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_proof_has_its_age),
        cmocka_unit_test(what_the_archive_lacks_is_named),
        cmocka_unit_test(archiving_is_told_in_words),
        cmocka_unit_test(writes_have_a_course_and_a_span),
        cmocka_unit_test(each_key_asks_first),
        cmocka_unit_test(the_keys_are_those_of_backup_alone),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
