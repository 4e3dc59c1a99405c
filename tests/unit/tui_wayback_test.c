/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the screens say when something was not as planned: after a way back, after a finding
 * was accepted, after a part of the watch that nobody saw. No terminal, no clock.
 */
#include "tui_room.h"

/* The queued answer to that check of the first set finds something else. */
static void spoil_check(struct desk *desk, int check, const char *why)
{
    for (size_t i = desk->head; i < desk->tail; i++) {
        struct event *event = &desk->queue[i];
        if (event->kind == EVENT_CHECKED && event->place == PLACE_SET &&
            event->check == check) {
            event->outcome = OUTCOME_FAILED;
            event->text = STR("0");
            event->detail = str_from(why);
            return;
        }
    }
    fail_msg("check %d is not asked", check);
}

static void say(struct desk *desk, enum event_kind kind, const char *id, const char *text)
{
    desk_step(desk, (struct event){.kind = kind,
                                   .script = -1,
                                   .who = STR("anna"),
                                   .id = str_from(id),
                                   .text = str_from(text)});
    desk_see(desk);
}

static bool is_asked(struct desk *desk, enum ask_kind kind, const char *id)
{
    struct ask asks[ASKS_MAX];
    struct arena arena = {0};
    size_t count = engine_asks(&desk->run, &arena, asks, ASKS_MAX);
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        found = found || (asks[i].kind == kind && str_eq(asks[i].id, id));
    }
    arena_release(&arena);
    return found;
}

static void sample(struct desk *desk, double number)
{
    desk_step(desk,
              (struct event){
                  .kind = EVENT_SAMPLE, .script = -1, .outcome = OUTCOME_OK, .number = number});
    desk_see(desk);
}

/* ------------------------------------------------------------- after a way back */

static void take_the_way(struct desk *desk, const char *option)
{
    say(desk, EVENT_ROLLBACK, "", "the application fails");
    say(desk, EVENT_OPTION, option, "");
    say(desk, EVENT_NAME, "", "app");
    desk_reach(desk, STATE_CLOSE);
    ui_go(&desk->ui, SCREEN_REPORT);
    desk_see(desk);
}

static void criteria_after_a_way_back_say_what_holds_now(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_JUDGE);
    ui_go(&desk->ui, SCREEN_VERIFY);
    SEES(desk, "✓MIGRATE");
    take_the_way(desk, "to_000");
    SEES(desk, "ROLLED BACK: EQUAL TO BEFORE");
    SEES(desk, "way back to_000, ");
    SEES(desk, "looked at after it: equal to \"before\"");
    SEES(desk, "met 08:00, then undone");
    SEES(desk, "0 of 2 met, 2 undone");
    SEES(desk, "not known, then undone"); /* nobody was asked whether workflows work */
    SEES(desk, "▲MIGRATE");
    SEES(desk, "▲VERIFY");
    SEES_NOT(desk, "✓MIGRATE");
    SEES_NOT(desk, "✓VERIFY");
    SEES(desk, "✓BACKUP");
    SEES(desk, "○MONITOR");
    ui_go(&desk->ui, SCREEN_VERIFY);
    desk_see(desk);
    SEES(desk, "passed before the way back");
    desk_close(desk);
}

static void a_way_back_that_is_not_equal_proves_nothing(void **state)
{
    (void)state;
    static const struct event_change left = {
        .what = STR("tables"), .name = STR("left_over"), .kind = CHANGE_NEW};
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_JUDGE);
    say(desk, EVENT_ROLLBACK, "", "the application fails");
    say(desk, EVENT_OPTION, "undo", "");
    say(desk, EVENT_NAME, "", "app");
    desk_reach(desk, STATE_BACK_CHECK);
    for (size_t i = desk->head; i < desk->tail; i++) {
        desk->queue[i].changes = &left;
        desk->queue[i].change_count = desk->queue[i].kind == EVENT_SNAPSHOT;
    }
    desk_reach(desk, STATE_CLOSE);
    ui_go(&desk->ui, SCREEN_REPORT);
    desk_see(desk);
    SEES(desk, "ROLLED BACK: NOT EQUAL TO BEFORE");
    SEES(desk, "met 08:00, before the way");
    SEES(desk, "1 object differs from \"before\"");
    SEES(desk, "?MIGRATE");
    desk_close(desk);
}

/* ------------------------------------------------------------ before a way back */

static void written(struct desk *desk, const struct event_item *items, size_t count, bool part)
{
    desk_step(desk, (struct event){.kind = EVENT_WRITES,
                                   .script = -1,
                                   .outcome = OUTCOME_OK,
                                   .items = items,
                                   .item_count = count,
                                   .flag = part});
    desk_see(desk);
}

#define MINUTE_US (60 * INT64_C(1000000))

static struct desk *desk_with_an_end(void)
{
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_CHECKPOINT);
    desk->run.closes_us = desk->run.now_us + 120 * MINUTE_US;
    return desk;
}

static int64_t before_the_end(struct desk *desk)
{
    return desk->run.closes_us - run_turn_back_us(&desk->run);
}

static void the_last_moment_is_of_a_way_that_brings_back_everything(void **state)
{
    (void)state;
    struct desk *desk = desk_with_an_end();
    assert_int_equal(before_the_end(desk), 10 * MINUTE_US); /* not 2m: to_000 brings less */
    say(desk, EVENT_ROLLBACK, "", "the application fails");
    ui_go(&desk->ui, SCREEN_ROLLBACK);
    desk_see(desk);
    SEES(desk, " less 10m00s, hand)");
    say(desk, EVENT_OPTION, "to_000", "");
    assert_int_equal(before_the_end(desk), 2 * MINUTE_US);
    SEES(desk, " less 2m00s, to_000)");
    desk_close(desk);
}

static void the_last_moment_takes_the_longer_of_plan_and_measurement(void **state)
{
    (void)state;
    struct desk *desk = desk_with_an_end();
    struct run_option *dump = &desk->run.options[1];
    desk->run.options[0].why_not = STR("not at hand");
    dump->measured = true;
    dump->estimate_us = 4 * MINUTE_US;
    assert_int_equal(before_the_end(desk), 10 * MINUTE_US);
    dump->estimate_us = 15 * MINUTE_US;
    assert_int_equal(before_the_end(desk), 15 * MINUTE_US);
    desk_close(desk);
}

static void down_names_only_what_it_will_undo(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 120, 40);
    desk_reach(desk, STATE_CHECKPOINT);
    say(desk, EVENT_ROLLBACK, "", "the application fails");
    say(desk, EVENT_OPTION, "to_000", "");
    ui_go(&desk->ui, SCREEN_ROLLBACK);
    desk_see(desk);
    SEES(desk, "001_down.sql");
    SEES_NOT(desk, "003_down.sql"); /* never committed */
    desk_close(desk);
}

static void the_last_box_says_what_is_lost_and_how_long_it_takes(void **state)
{
    (void)state;
    static const struct event_item tables[] = {
        {.name = STR("public.campaigns"), .value = 200, .flag = true},
        {.name = STR("public.moves"), .value = 1012, .flag = true}};
    static const struct event_item later[] = {
        {.name = STR("public.moves"), .value = 3, .flag = true}};
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 100, 30);
    desk_reach(desk, STATE_JUDGE);
    say(desk, EVENT_ROLLBACK, "", "the application fails");
    say(desk, EVENT_OPTION, "dump", "");
    desk_wait(desk);
    desk_key(desk, 'a');
    SEES(desk, "POINT OF NO RETURN");
    SEES(desk, "the way back: Restore");
    SEES(desk, "takes 5.0 s: so long the restore took when the backup dump was proved");
    SEES(desk, "brings back everything");
    SEES(desk, "loses every row written since the backup");
    SEES(desk, "how many is not known");
    written(desk, tables, 2, false);
    SEES(desk, "loses 1,212 rows written since the backup");
    SEES(desk, "(counted at 08:00:00):");
    SEES(desk, "public.campaigns 200,");
    written(desk, later, 1, true); /* taken up again: what was counted before is still true */
    SEES(desk, "loses at least 1,212 rows");
    written(desk, tables, 0, false);
    SEES(desk, "loses nothing: no row was written since the backup");
    desk_close(desk);
}

/* Who looks before he decides reads the same as in the decision. */
static void the_ways_back_are_measured_before_they_are_asked_for(void **state)
{
    (void)state;
    static const struct event_item tables[] = {
        {.name = STR("public.campaigns"), .value = 200, .flag = true},
        {.name = STR("public.moves"), .value = 1012, .flag = true}};
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 100, 30);
    desk_reach(desk, STATE_JUDGE);
    desk_key(desk, 'b');
    SEES(desk, "not asked for; :rollback opens the decision");
    SEES(desk, "5.0 s    measured");
    written(desk, tables, 2, false);
    SEES(desk, "loses 1,212 rows since backup   brings back everything");
    desk_close(desk);
}

/* Rows that the files themselves wrote are no loss to anybody. */
static void the_list_says_how_many_rows_are_of_this_run(void **state)
{
    (void)state;
    static const struct event_item tables[] = {
        {.name = STR("public.a"), .value = 12, .flag = true},
        {.name = STR("public.b"), .value = 1200, .flag = true}};
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_JUDGE);
    plan_fixture_commit_writes(&desk->run, &desk->fixture->arena);
    written(desk, tables, 2, false);
    desk_key(desk, 'b');
    SEES(desk, "loses 1,212 rows since backup, 14+ by this run");
    SEES(desk, "                brings back everything");
    ui_resize(&desk->ui, 120, 40);
    desk_see(desk);
    SEES(desk, "── ROWS SINCE THE BACKUP ─ a restore loses it ──");
    SEES(desk, "rows  by this run");
    SEES(desk, "all tables                  1,212          14+");
    SEES(desk, "a                            12           5+");
    desk_close(desk);
}

/* The clock of the way back, and what it is made of. */
static void the_turn_back_deadline_says_what_it_counts_with(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_TOLD, 80, 24);
    desk_reach(desk, STATE_JUDGE);
    desk_key(desk, 'b');
    SEES(desk, "turn-back deadline 12:50:00 (13:00:00 less 10m00s, hand)   left 4h");
    desk->run.options[0].why_not = STR("nobody has the key");
    desk->run.options[1].estimate_us = 15 * US_PER_MINUTE; /* the restore took longer */
    desk_see(desk);
    SEES(desk, "turn-back deadline 12:45:00 (13:00:00 less 15m00s, dump)   left ");
    desk->run.now_us = desk->run.closes_us;
    desk_see(desk);
    SEES(desk, "turn-back deadline 12:45:00 (13:00:00 less 15m00s, dump)   passed 15m00s ago");
    desk_close(desk);
}

static void two_people_confirm_where_the_plan_wants_it(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 100, 30);
    desk_reach(desk, STATE_JUDGE);
    say(desk, EVENT_ROLLBACK, "", "the application fails");
    say(desk, EVENT_OPTION, "agreed", "");
    SEES(desk, " NEXT  Agreed: type the name of the database; then it is confirmed");
    say(desk, EVENT_NAME, "", "app");
    SEES(desk, "2 answers wanted, first: Database Admin: type ROLLBACK for \"Agreed\"");
    desk_wait(desk);
    dialog_ask(&desk->ui, &desk->run, &desk->ui.asks[0]);
    desk_wait(desk);
    SEES(desk, "takes 20m00s: the plan says so, it was not measured");
    desk_type(desk, "rollback\n");
    SEES(desk, "type the word ROLLBACK, in capitals");
    desk_key(desk, KEY_CONTROL('u'));
    desk_type(desk, "ROLLBACK\neve\n");
    SEES(desk, "the plan lists");
    desk_silent(desk);
    desk_key(desk, KEY_CONTROL('u'));
    desk_type(desk, "anna\n");
    desk_step(desk, *desk_only(desk, EVENT_CONFIRM));
    desk_see(desk);
    assert_int_equal(desk->run.state, STATE_WAY_NAME);
    SEES(desk, " NEXT  Backend Lead: type ROLLBACK for \"Agreed\"");
    dialog_ask(&desk->ui, &desk->run, &desk->ui.asks[0]);
    desk_wait(desk);
    desk_type(desk, "ROLLBACK\nanna\n");
    desk_silent(desk); /* one person is not two */
    desk_key(desk, KEY_CONTROL('u'));
    desk_type(desk, "ben\n");
    desk_step(desk, *desk_only(desk, EVENT_CONFIRM));
    desk_see(desk);
    assert_int_equal(desk->run.state, STATE_WAY_MANUAL);
    desk_close(desk);
}

/* -------------------------------------------------------------- asked only once */

static void walk_to_the_finding(struct desk *desk)
{
    desk_reach(desk, STATE_VERIFY);
    spoil_check(desk, 0, "0 is not 1");
    desk_reach(desk, STATE_JUDGE);
    assert_true(is_asked(desk, ASK_ACCEPT, "Q1"));
    say(desk, EVENT_ACCEPT, "Q1", "known since May");
    assert_false(is_asked(desk, ASK_ACCEPT, "Q1"));
    desk_reach(desk, STATE_MONITOR);
    desk_reach(desk, STATE_LAST);
}

static void an_accepted_check_is_carried_into_close(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    walk_to_the_finding(desk);
    spoil_check(desk, 0, "0 is not 1");
    desk_reach(desk, STATE_CLOSE);
    assert_false(is_asked(desk, ASK_ACCEPT, "Q1"));
    SEES(desk, "ACCEPTED");
    SEES(desk, "Q1             accepted by anna 08:00: known since May");
    desk_close(desk);
}

static void another_finding_of_the_same_check_is_asked_again(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    walk_to_the_finding(desk);
    spoil_check(desk, 0, "7 are not 1");
    desk_reach(desk, STATE_CLOSE);
    assert_true(is_asked(desk, ASK_ACCEPT, "Q1"));
    desk_close(desk);
}

static void an_acknowledged_breach_is_asked_once_and_a_new_one_again(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_MONITOR);
    sample(desk, 500);
    sample(desk, 500);
    assert_true(is_asked(desk, ASK_ACKNOWLEDGE, "conns"));
    say(desk, EVENT_ACKNOWLEDGE, "conns", "the nightly report, it ends at nine");
    assert_false(is_asked(desk, ASK_ACKNOWLEDGE, "conns"));
    sample(desk, 500); /* it goes on: no news */
    assert_false(is_asked(desk, ASK_ACKNOWLEDGE, "conns"));
    sample(desk, 12);
    sample(desk, 700);
    sample(desk, 700); /* and once more */
    assert_true(is_asked(desk, ASK_ACKNOWLEDGE, "conns"));
    assert_int_equal(engine_exit_code(&desk->run), 5);
    say(desk, EVENT_ACKNOWLEDGE, "conns", "ben's test");
    sample(desk, 12);
    desk_reach(desk, STATE_CLOSE);
    assert_false(is_asked(desk, ASK_ACCEPT, "conns"));
    SEES(desk, "accepted by anna 08:00: ben's test");
    assert_int_equal(engine_exit_code(&desk->run), 0);
    desk_close(desk);
}

/* ------------------------------------------------------------------ the watch */

static void pass(struct desk *desk, int64_t minutes)
{
    desk->clock_us += minutes * US_PER_MINUTE;
    desk_step(desk, (struct event){.kind = EVENT_TICK});
    desk_see(desk);
}

/* A watch of two hours with a sample every ten seconds, `minutes` long. */
static void watch(struct desk *desk, int minutes)
{
    for (int i = 0; i < minutes * 6; i++) {
        desk->clock_us += 10 * US_PER_SECOND - 1000;
        sample(desk, 12);
    }
}

static void a_gap_in_the_watch_is_said(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_MONITOR);
    ui_go(&desk->ui, SCREEN_MONITOR);
    watch(desk, 20);
    SEES_NOT(desk, "observed");
    SEES_NOT(desk, " old ");
    SEES(desk, "no limit was passed so far");
    pass(desk, 74); /* nobody was there */
    SEES(desk, "20 of 94 min observed");
    SEES(desk, "? 74m old");
    SEES_NOT(desk, "no limit was passed so far"); /* nobody can say that */
    watch(desk, 26);
    desk_reach(desk, STATE_CLOSE);
    SEES(desk, "the watch: 46 of 120 min observed");
    bool noted = false;
    for (size_t i = 0; i < desk->run.remark_count; i++) {
        noted = noted || str_eq(desk->run.remarks[i].text,
                                "46 of 120 min observed: the rest of the watch nobody saw");
    }
    assert_true(noted);
    desk_close(desk);
}

static void a_watch_without_gaps_says_nothing_of_it(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_MONITOR);
    watch(desk, 119);
    desk_reach(desk, STATE_CLOSE);
    SEES_NOT(desk, "observed");
    desk_close(desk);
}

/* At 720 times the pace of the wall a probe answers every minute or two: that is its pace. */
static void a_simulated_clock_is_measured_by_its_own_pace(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk->run.simulated_clock = true;
    desk_reach(desk, STATE_MONITOR);
    ui_go(&desk->ui, SCREEN_MONITOR);
    for (int i = 0; i < 40; i++) {
        desk->clock_us += (i % 3 + 1) * US_PER_MINUTE / 2;
        sample(desk, 12);
        SEES_NOT(desk, "observed");
        SEES_NOT(desk, " old ");
    }
    pass(desk, 30);
    SEES(desk, "? 30m old");
    SEES(desk, "observed");
    desk_close(desk);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(criteria_after_a_way_back_say_what_holds_now),
        cmocka_unit_test(a_way_back_that_is_not_equal_proves_nothing),
        cmocka_unit_test(the_last_moment_is_of_a_way_that_brings_back_everything),
        cmocka_unit_test(the_last_moment_takes_the_longer_of_plan_and_measurement),
        cmocka_unit_test(down_names_only_what_it_will_undo),
        cmocka_unit_test(the_last_box_says_what_is_lost_and_how_long_it_takes),
        cmocka_unit_test(the_ways_back_are_measured_before_they_are_asked_for),
        cmocka_unit_test(the_list_says_how_many_rows_are_of_this_run),
        cmocka_unit_test(the_turn_back_deadline_says_what_it_counts_with),
        cmocka_unit_test(two_people_confirm_where_the_plan_wants_it),
        cmocka_unit_test(an_accepted_check_is_carried_into_close),
        cmocka_unit_test(another_finding_of_the_same_check_is_asked_again),
        cmocka_unit_test(a_gap_in_the_watch_is_said),
        cmocka_unit_test(a_watch_without_gaps_says_nothing_of_it),
        cmocka_unit_test(a_simulated_clock_is_measured_by_its_own_pace),
        cmocka_unit_test(an_acknowledged_breach_is_asked_once_and_a_new_one_again),
    };
    cmocka_set_test_filter(getenv("GONOGO_TEST")); /* one of them, by its name */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
