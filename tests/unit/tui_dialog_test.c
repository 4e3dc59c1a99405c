/* SPDX-License-Identifier: PostgreSQL */
/*
 * Dialogs: nothing starts or ends by accident, the harmless thing is the default, what
 * is answered is what was shown.
 */
#include "tui_room.h"

static const enum state stops[] = {STATE_PREP,    STATE_BACKUP,     STATE_POLL,   STATE_NAME,
                                   STATE_RUNNING, STATE_CHECKPOINT, STATE_MANUAL, STATE_JUDGE,
                                   STATE_MONITOR, STATE_CLOSE};

static void paste(struct desk *desk, const char *text)
{
    desk_key(desk, KEY_PASTE_BEGIN);
    desk_type(desk, text);
    desk_key(desk, KEY_PASTE_END);
}

static void back_to_browsing(struct desk *desk)
{
    for (int i = 0; i < 4 && desk->ui.mode != MODE_BROWSE; i++) {
        desk_key(desk, KEY_ESCAPE);
    }
    assert_int_equal(desk->ui.mode, MODE_BROWSE);
}

/* Each of these with time to read in between, and then all of them at once. */
static void press_harmless_keys(struct desk *desk)
{
    static const uint32_t keys[] = {KEY_RETURN, KEY_ESCAPE, 'q', KEY_RETURN, KEY_ESCAPE};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        desk_key(desk, keys[i]);
        desk_wait(desk);
    }
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        desk_key(desk, keys[i]);
    }
    desk_wait(desk);
    desk_key(desk, KEY_CONTROL('c'));
    desk_wait(desk);
    back_to_browsing(desk);
}

static void enter_escape_q_interrupt_and_paste_start_nothing_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(stops); i++) {
        struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
        desk_reach(desk, stops[i]);
        for (int screen = 0; screen < SCREEN__COUNT; screen++) {
            ui_go(&desk->ui, (enum screen)screen);
            desk_wait(desk);
            press_harmless_keys(desk);
            paste(desk, "go\nGO\napp\nq\n:quit\nleave\nyes\nROLLBACK\n");
            desk_wait(desk);
            back_to_browsing(desk);
            for (int line = 0; line < 6; line++) { /* whatever the cursor stands on */
                desk_key(desk, 'j');
                press_harmless_keys(desk);
            }
        }
        desk_silent(desk);
        assert_int_equal(desk->ui.wishes & WISH_CLOSE, 0);
        assert_int_equal(desk->run.state, stops[i]);
        desk_close(desk);
    }
}

static void enter_in_every_form_says_that_nothing_was_done(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(stops); i++) {
        struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
        desk_reach(desk, stops[i]);
        for (size_t k = 0; k < desk->ui.ask_count; k++) {
            dialog_ask(&desk->ui, &desk->run, &desk->ui.asks[k]);
            desk_wait(desk);
            desk_key(desk, KEY_RETURN);
            SEES(desk, "nothing was typed, so nothing was done");
            paste(desk, "go\nGO\napp\n");
            desk_key(desk, KEY_RETURN);
            assert_int_equal(desk->ui.mode, MODE_FORM);
            desk_key(desk, KEY_ESCAPE);
            SEES(desk, "nothing was done");
        }
        desk_silent(desk);
        desk_close(desk);
    }
}

static void keys_within_400_ms_of_opening_are_no_answer(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_NAME);
    desk->ui.wishes = 0;
    desk_key(desk, 'a');
    assert_int_equal(desk->ui.mode, MODE_FORM);
    assert_true(desk->ui.wishes & WISH_DROP); /* type-ahead is thrown away */
    desk_type(desk, "app\n");                 /* 40 ms */
    desk_silent(desk);
    assert_int_equal(desk->ui.input.len, 0);
    desk->now_us = desk->ui.opened_us + 380 * US_PER_MS;
    desk_key(desk, 'x'); /* at 390 ms */
    assert_int_equal(desk->ui.input.len, 0);
    desk_key(desk, 'x'); /* at 400 ms */
    assert_int_equal(desk->ui.input.len, 1);
    desk_key(desk, KEY_ESCAPE);
    desk_key(desk, 'a');
    desk_key(desk, KEY_ESCAPE); /* Esc always counts */
    assert_int_equal(desk->ui.mode, MODE_BROWSE);
    desk_close(desk);
}

static void the_point_of_no_return_names_what_it_starts(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_NAME);
    desk_key(desk, 'a');
    SEES(desk, "POINT OF NO RETURN");
    SEES(desk, "test  app");
    SEES(desk, "001  001.sql  2 statements");
    SEES(desk, "runs 001, 002, flag, 003: 5 statements, 3 of them destroy something");
    SEES(desk, "001:2 DROP TABLE c");
    SEES(desk, "name of the database:");
    desk_close(desk);
}

static void a_checkpoint_names_the_next_step_only(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_CHECKPOINT);
    desk_key(desk, 'a');
    SEES(desk, "Go on to 002?");
    SEES(desk, "runs 002: 1 statement, 1 of them destroys something");
    SEES_NOT(desk, "003.sql");
    desk_close(desk);
}

static void a_wrong_database_name_starts_nothing(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_NAME);
    desk_key(desk, 'a');
    desk_wait(desk);
    desk_type(desk, "App\n");
    assert_int_equal(desk->sent_count, 0);
    assert_int_equal(desk->run.state, STATE_NAME);
    SEES(desk, "that is not the name of this database, and nothing was started");
    desk_key(desk, KEY_CONTROL('u'));
    desk_type(desk, "app\n");
    const struct event *event = desk_only(desk, EVENT_NAME);
    assert_true(str_eq(event->text, "app"));
    assert_int_equal(desk->ui.mode, MODE_BROWSE);
    desk_step(desk, *event);
    assert_int_equal(desk->run.state, STATE_BEFORE);
    desk_close(desk);
}

static void several_ways_to_answer_are_chosen_by_word_or_arrow(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_CHECKPOINT);
    desk_step(desk,
              (struct event){.kind = EVENT_HOLD, .text = STR("lunch"), .who = STR("ben")});
    desk_see(desk);
    assert_int_equal(desk->run.state, STATE_HOLD);
    desk_key(desk, 'a');
    desk_wait(desk);
    SEES(desk, "open the rollback decision");
    desk_type(desk, "g\n");
    SEES(desk, "type one of the words above");
    desk_silent(desk);
    desk_key(desk, KEY_CONTROL('u'));
    desk_key(desk, KEY_DOWN_ARROW); /* go */
    desk_key(desk, KEY_DOWN_ARROW); /* rollback */
    desk_silent(desk);
    desk_key(desk, KEY_RETURN);
    SEES(desk, "reason:");
    desk_type(desk, "Q07 failed\n");
    const struct event *event = desk_only(desk, EVENT_ROLLBACK);
    assert_true(str_eq(event->text, "Q07 failed"));
    desk_key(desk, 'a');
    desk_wait(desk);
    desk_type(desk, "go\n");
    (void)desk_only(desk, EVENT_GO_ON);
    desk_close(desk);
}

static void a_vote_shows_what_was_typed_and_who_may_say_it(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_POLL);
    desk_type(desk, ":vote backend\n");
    desk_wait(desk);
    SEES(desk, "for Backend Lead: ben");
    desk_type(desk, "go\n");
    SEES(desk, "type GO, NO-GO or HOLD, in capitals");
    desk_key(desk, KEY_CONTROL('u'));
    desk_type(desk, "GO\n");
    SEES(desk, "GO, NO-GO or HOLD: GO");
    desk_type(desk, "eve\n");
    SEES(desk, "the plan lists ben");
    desk_key(desk, KEY_CONTROL('u'));
    desk_type(desk, "ben\n");
    const struct event *event = desk_only(desk, EVENT_VOTE);
    assert_true(str_eq(event->id, "backend") && str_eq(event->tag, "GO"));
    assert_true(str_eq(event->who, "ben"));
    desk_close(desk);
}

static void the_list_of_questions_opens_the_one_that_is_meant(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_POLL);
    assert_true(desk->ui.ask_count > 1);
    desk_key(desk, 'a');
    SEES(desk, "ASKED NOW");
    desk_wait(desk);
    desk_key(desk, 'j');
    desk_key(desk, KEY_RETURN);
    assert_int_equal(desk->ui.mode, MODE_FORM);
    assert_true(str_is(desk->ui.answer.ask.text, desk->ui.asks[1].text));
    desk_key(desk, KEY_ESCAPE);
    desk_key(desk, 'a');
    desk_wait(desk);
    desk_key(desk, '2');
    assert_true(str_is(desk->ui.answer.ask.text, desk->ui.asks[1].text));
    desk_silent(desk);
    desk_close(desk);
}

static void a_question_that_is_no_longer_asked_closes_its_dialog(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_POLL);
    dialog_ask(&desk->ui, &desk->run, &desk->ui.asks[0]);
    desk_wait(desk);
    desk_step(desk, obedient_word(&desk->ui.answer.ask)); /* another person was quicker */
    desk_see(desk);
    assert_int_equal(desk->ui.mode, MODE_BROWSE);
    SEES(desk, "that is no longer asked; nothing was done");
    desk_silent(desk);
    desk_close(desk);
}

/* ------------------------------------------------------------------- sessions */

static void set_blockers(struct desk *desk, const struct event_item *items, size_t count)
{
    desk_step(desk, (struct event){.kind = EVENT_BLOCKERS,
                                   .script = -1,
                                   .items = items,
                                   .item_count = count,
                                   .value = 61000});
    desk_see(desk);
}

static void the_pid_that_was_shown_is_signalled_or_none(void **state)
{
    (void)state;
    const struct event_item one = {.name = STR("app_web"),
                                   .text = STR("idle in transaction"),
                                   .value = 4182,
                                   .at_us = 1000};
    const struct event_item two = {
        .name = STR("report"), .text = STR("select 1"), .value = 4190, .at_us = 2000};
    const struct event_item again = {.name = STR("other"), .value = 4190, .at_us = 9000};
    const struct event_item first[] = {one, two};
    const struct event_item turned[] = {two, one};
    const struct event_item reused[] = {one, again};
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_RUNNING);
    set_blockers(desk, first, 2);
    ui_go(&desk->ui, SCREEN_MIGRATE);
    desk_wait(desk);
    desk_key(desk, 'K');
    SEES(desk, "TERMINATE A SESSION");
    SEES(desk, "connected since 1970-01-01T00:00:00 by the server's clock");
    SEES(desk, "app_web");
    SEES(desk, "idle in transaction");
    desk_wait(desk);
    set_blockers(desk, turned, 2); /* the list turns round under the dialog */
    SEES(desk, "pid 4182  app_web");
    desk_type(desk, "4190\n");
    SEES(desk, "that is another pid");
    desk_silent(desk);
    desk_key(desk, KEY_CONTROL('u'));
    desk_type(desk, "4182\n");
    const struct event *event = desk_only(desk, EVENT_TERMINATE);
    assert_int_equal(event->pid, 4182);
    assert_int_equal(event->backend_start_us, 1000);
    assert_true(event->flag);

    desk_type(desk, ":cancel 4190\n");
    SEES(desk, "CANCEL A BLOCKER");
    desk_wait(desk);
    set_blockers(desk, reused, 2); /* the same number, another session */
    SEES(desk, "4190 no longer holds us up; nothing was done");
    desk_type(desk, "4190\n");
    desk_silent(desk);
    desk_close(desk);
}

/* A cancel ends a statement; who runs none, or is no process, keeps what it holds. */
static void a_cancel_is_offered_only_where_it_helps(void **state)
{
    (void)state;
    const struct event_item idle = {
        .name = STR("app_web"), .text = STR("idle in transaction"), .value = 4182, .at_us = 1};
    const struct event_item busy = {
        .name = STR("report"), .text = STR("active: select 1"), .value = 4190, .at_us = 2};
    const struct event_item prepared = {.name = STR("prepared transaction tx"), .at_us = 3};
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 100, 30);
    desk_reach(desk, STATE_RUNNING);
    ui_go(&desk->ui, SCREEN_MIGRATE);
    set_blockers(desk, &idle, 1);
    desk_wait(desk);
    SEES(desk, "K terminate blocker");
    SEES_NOT(desk, "C cancel blocker");
    desk_key(desk, 'C');
    assert_int_equal(desk->ui.mode, MODE_BROWSE);
    SEES(desk, "4182 runs no statement: a cancel would free nothing");
    desk_type(desk, ":cancel 4182\n");
    SEES(desk, "and runs a statement");
    desk_key(desk, KEY_ESCAPE);
    set_blockers(desk, &busy, 1);
    SEES(desk, "C cancel blocker");
    SEES(desk, "K terminate blocker");
    set_blockers(desk, &prepared, 1);
    desk_wait(desk);
    SEES_NOT(desk, "C cancel blocker");
    SEES_NOT(desk, "K terminate blocker");
    desk_key(desk, 'K');
    assert_int_equal(desk->ui.mode, MODE_BROWSE);
    SEES(desk, "ROLLBACK PREPARED");
    desk_silent(desk);
    desk_close(desk);
}

static void nobody_is_signalled_when_nothing_of_ours_waits(void **state)
{
    (void)state;
    const struct event_item one = {.name = STR("app_web"), .value = 4182, .at_us = 1000};
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_RUNNING);
    set_blockers(desk, &one, 1);
    ui_go(&desk->ui, SCREEN_MIGRATE);
    desk_wait(desk);
    desk_key(desk, 'K');
    assert_int_equal(desk->ui.mode, MODE_FORM);
    desk_reach(desk, STATE_CHECKPOINT); /* it went on while the person read */
    SEES(desk, "4182 no longer holds us up; nothing was done");
    desk_key(desk, 'K');
    assert_int_equal(desk->ui.mode, MODE_BROWSE);
    desk_type(desk, ":terminate 4182\n");
    SEES(desk, "nobody holds up a statement of ours");
    desk_silent(desk);
    desk_close(desk);
}

/* The lock timeout is short: who held us up is ended before the step is tried again. */
static void a_blocker_can_be_ended_after_the_step_failed(void **state)
{
    (void)state;
    const struct event_item one = {.name = STR("app_web"), .value = 4182, .at_us = 1000};
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_RUNNING);
    set_blockers(desk, &one, 1);
    desk->head = desk->tail; /* the statement's good answer does not come */
    desk_step(desk, (struct event){.kind = EVENT_STATEMENT,
                                   .outcome = OUTCOME_FAILED,
                                   .sqlstate = STR("55P03"),
                                   .text = STR("lock timeout")});
    desk_reach(desk, STATE_FAILED);
    ui_go(&desk->ui, SCREEN_MIGRATE);
    desk_wait(desk);
    desk_key(desk, 'K');
    SEES(desk, "pid 4182  app_web");
    desk_wait(desk);
    desk_type(desk, "4182\n");
    const struct event *event = desk_only(desk, EVENT_TERMINATE);
    uint64_t announced = desk->run.announced;
    desk_step(desk, *event);
    assert_true(desk->run.announced > announced); /* the engine takes it here, too */
    assert_int_equal(desk->run.state, STATE_FAILED);
    desk_close(desk);
}

/* ----------------------------------------------------------------------- size */

static void a_form_fits_the_smallest_screen_whatever_it_says(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_NAME);
    struct strbuf detail = {0};
    for (int i = 0; i < 60; i++) {
        strbuf_format(&detail, "line %d of a long story\n", i);
    }
    struct ask ask = desk->ui.asks[0];
    ask.detail = strbuf_str(&detail);
    dialog_ask(&desk->ui, &desk->run, &ask);
    desk_wait(desk);
    SEES(desk, "name of the database:");
    SEES(desk, "line 0 of");
    SEES_NOT(desk, "line 30 of");
    for (int i = 0; i < 100; i++) {
        desk_key(desk, KEY_PAGE_DOWN);
    }
    SEES(desk, "name of the database:");
    SEES(desk, "of them destroy something");
    desk_key(desk, KEY_PAGE_UP);
    desk_key(desk, 'a');
    assert_string_equal(desk->ui.input.text, "a");
    strbuf_release(&detail);
    desk_close(desk);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enter_escape_q_interrupt_and_paste_start_nothing_anywhere),
        cmocka_unit_test(enter_in_every_form_says_that_nothing_was_done),
        cmocka_unit_test(keys_within_400_ms_of_opening_are_no_answer),
        cmocka_unit_test(the_point_of_no_return_names_what_it_starts),
        cmocka_unit_test(a_checkpoint_names_the_next_step_only),
        cmocka_unit_test(a_cancel_is_offered_only_where_it_helps),
        cmocka_unit_test(nobody_is_signalled_when_nothing_of_ours_waits),
        cmocka_unit_test(a_wrong_database_name_starts_nothing),
        cmocka_unit_test(several_ways_to_answer_are_chosen_by_word_or_arrow),
        cmocka_unit_test(a_vote_shows_what_was_typed_and_who_may_say_it),
        cmocka_unit_test(the_list_of_questions_opens_the_one_that_is_meant),
        cmocka_unit_test(a_question_that_is_no_longer_asked_closes_its_dialog),
        cmocka_unit_test(the_pid_that_was_shown_is_signalled_or_none),
        cmocka_unit_test(a_blocker_can_be_ended_after_the_step_failed),
        cmocka_unit_test(a_form_fits_the_smallest_screen_whatever_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
