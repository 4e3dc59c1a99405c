/* SPDX-License-Identifier: PostgreSQL */
/*
 * Leaving: what q, ^C and ^Z do while a run is open, who may abandon it, and that none of
 * them ends what runs on the server.
 */
#include "tui_room.h"

static void leaving_an_open_run_takes_a_choice_and_a_word(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_POLL);
    desk_key(desk, 'q');
    SEES(desk, "A run is open.");
    desk_wait(desk);
    desk_key(desk, KEY_RETURN); /* the default is to stay */
    SEES(desk, "still here");
    desk_key(desk, 'q');
    desk_wait(desk);
    desk_key(desk, KEY_DOWN_ARROW);
    desk_key(desk, KEY_RETURN);
    SEES(desk, "type leave");
    desk_wait(desk);
    desk_type(desk, "yes\n");
    desk_silent(desk);
    desk_key(desk, KEY_CONTROL('u'));
    desk_type(desk, "leave\n");
    (void)desk_only(desk, EVENT_LEAVE);
    assert_true(desk->ui.leaving);
    assert_int_equal(desk->ui.wishes & WISH_CLOSE, 0); /* the engine says when */
    desk_close(desk);
}

static void the_word_leave_is_taken_where_it_is_typed(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_POLL);
    desk_key(desk, 'q');
    desk_type(desk, "leave\n"); /* nobody can have read the box yet */
    desk_silent(desk);
    desk_wait(desk);
    desk_type(desk, "leav\n");
    SEES(desk, "type leave, stay or abandon");
    desk_silent(desk);
    desk_type(desk, "leave"); /* takes the place of what did not fit */
    SEES_NOT(desk, "type leave, stay or abandon");
    desk_key(desk, KEY_RETURN);
    (void)desk_only(desk, EVENT_LEAVE);
    assert_true(desk->ui.leaving);
    desk_close(desk);
}

static void the_word_stay_stays(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_POLL);
    desk_key(desk, 'q');
    desk_wait(desk);
    desk_key(desk, KEY_DOWN_ARROW);
    desk_type(desk, "stay\n");
    SEES(desk, "still here");
    desk_silent(desk);
    desk_key(desk, 'q');
    desk_wait(desk);
    desk_type(desk, "lea");
    desk_key(desk, KEY_DOWN_ARROW); /* a choice takes the place of what was typed */
    desk_key(desk, KEY_RETURN);
    SEES(desk, "type leave to stop");
    desk_silent(desk);
    desk_close(desk);
}

static void abandoning_takes_a_reason_a_name_and_the_word(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_POLL);
    desk_key(desk, 'q');
    SEES(desk, "abandon      end the run for good: nobody resumes it; asks");
    SEES_NOT(desk, "not now:");
    desk_wait(desk);
    for (int i = 0; i < 5; i++) { /* the list ends there */
        desk_key(desk, KEY_DOWN_ARROW);
    }
    desk_key(desk, KEY_RETURN);
    SEES(desk, "End this run for good, here?");
    SEES(desk, "nothing is undone");
    desk_wait(desk);
    desk_type(desk, "the window is gone\nanna\n");
    SEES(desk, "type abandon to end the run for good");
    desk_type(desk, "yes\n");
    SEES(desk, "type the word abandon");
    desk_silent(desk);
    desk_type(desk, "abandon\n");
    const struct event *sent = desk_only(desk, EVENT_ABANDON);
    assert_true(str_eq(sent->text, "the window is gone"));
    assert_true(str_eq(sent->who, "anna"));
    desk_close(desk);
}

static void a_run_at_work_is_not_abandoned(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_RUNNING);
    desk_key(desk, 'q');
    SEES(desk, "not now: something of ours runs");
    desk_wait(desk);
    desk_type(desk, "abandon\n");
    SEES(desk, "not abandoned: something of ours runs; a HOLD stops it");
    desk_silent(desk);
    desk_close(desk);
}

/* It runs again while the box is open: the box closes instead of asking for nothing. */
static void the_box_closes_when_the_run_goes_on(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_CHECKPOINT);
    desk_type(desk, ":abandon\n");
    SEES(desk, "End this run for good, here?");
    desk_reach(desk, STATE_RUNNING);
    SEES_NOT(desk, "End this run for good, here?");
    SEES(desk, "not abandoned: something of ours runs");
    desk_silent(desk);
    desk_close(desk);
}

static void a_run_that_is_over_is_left_by_q(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_BARE, 80, 24);
    desk_reach(desk, STATE_END);
    desk_key(desk, 'q');
    assert_true(desk->ui.wishes & WISH_CLOSE);
    desk_silent(desk);
    desk_close(desk);
}

static void interrupt_in_a_dialog_closes_it_and_cancels_nothing(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_RUNNING);
    desk_key(desk, 'H');
    SEES(desk, "Hold at the next safe point?");
    desk_key(desk, KEY_CONTROL('c'));
    desk_key(desk, KEY_CONTROL('c')); /* this one arms */
    desk_silent(desk);
    SEES(desk, "^C once more within 3 s cancels it; its file is rolled back, the run holds");
    desk_key(desk, KEY_CONTROL('c'));
    (void)desk_only(desk, EVENT_CANCEL);
    desk_close(desk);
}

static void a_lost_connection_promises_no_cancel(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_RUNNING);
    SEES(desk, "twice: cancel statement");
    static const enum session sessions[] = {SESSION_WORK, SESSION_WATCH};
    for (size_t i = 0; i < COUNT_OF(sessions); i++) {
        desk_step(desk, (struct event){.kind = EVENT_LOST,
                                       .session = sessions[i],
                                       .script = -1,
                                       .text = STR("the server is gone")});
    }
    desk_see(desk);
    SEES(desk, "THE CONNECTION IS LOST");
    SEES(desk, "tries ");
    SEES(desk, "the first is under way"); /* its label leaves it room */
    SEES_NOT(desk, "cancel statement");
    desk_key(desk, KEY_CONTROL('c'));
    desk_key(desk, KEY_CONTROL('c'));
    desk_silent(desk);
    SEES(desk, "nothing of ours runs");
    desk_close(desk);
}

static void suspending_in_a_dialog_asks_the_run_not_the_dialog(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_RUNNING);
    desk_key(desk, 'H');
    desk->ui.wishes = 0;
    desk_key(desk, KEY_CONTROL('z'));
    assert_int_equal(desk->ui.wishes & WISH_SUSPEND, 0);
    desk_key(desk, KEY_CONTROL('l'));
    assert_true(desk->ui.wishes & WISH_REPAINT);
    assert_int_equal(desk->ui.mode, MODE_FORM);
    desk_close(desk);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaving_an_open_run_takes_a_choice_and_a_word),
        cmocka_unit_test(the_word_leave_is_taken_where_it_is_typed),
        cmocka_unit_test(the_word_stay_stays),
        cmocka_unit_test(abandoning_takes_a_reason_a_name_and_the_word),
        cmocka_unit_test(a_run_at_work_is_not_abandoned),
        cmocka_unit_test(the_box_closes_when_the_run_goes_on),
        cmocka_unit_test(a_run_that_is_over_is_left_by_q),
        cmocka_unit_test(interrupt_in_a_dialog_closes_it_and_cancels_nothing),
        cmocka_unit_test(a_lost_connection_promises_no_cancel),
        cmocka_unit_test(suspending_in_a_dialog_asks_the_run_not_the_dialog),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
