/* SPDX-License-Identifier: PostgreSQL */
/*
 * Answering many questions: the list comes back, a name is typed once, a line that does
 * not fit stays in sight and gives way to the next one.
 */
#include "tui_room.h"

/* What the screens sent is what the engine takes. */
static void deliver(struct desk *desk, enum event_kind kind)
{
    struct event event = *desk_only(desk, kind);
    desk_step(desk, event);
    desk_see(desk);
}

static void open_from_list(struct desk *desk, const char *question)
{
    size_t index = 0;
    while (index < desk->ui.ask_count && !str_eq(desk->ui.asks[index].text, question)) {
        index++;
    }
    assert_true(index < desk->ui.ask_count);
    if (desk->ui.mode == MODE_BROWSE) {
        desk_key(desk, 'a');
    }
    assert_int_equal(desk->ui.mode, MODE_QUESTIONS);
    desk_wait(desk);
    desk_key(desk, (uint32_t)('1' + index));
    desk_wait(desk);
    assert_int_equal(desk->ui.mode, MODE_FORM);
}

static void the_list_opens_again_while_something_is_asked(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_POLL);
    while (desk->head < desk->tail) { /* what the server answers by itself */
        desk_step(desk, desk->queue[desk->head++]);
    }
    desk_see(desk);
    size_t asked = desk->ui.ask_count;
    assert_int_equal(asked, 3); /* an item and two votes */
    open_from_list(desk, "Everybody here?");
    desk_type(desk, "all of us\nanna\n");
    assert_int_equal(desk->ui.mode, MODE_BROWSE); /* until the engine has it */
    deliver(desk, EVENT_NOTE);
    SEES(desk, "recorded: note a2 by anna");
    assert_int_equal(desk->ui.mode, MODE_QUESTIONS);
    assert_int_equal(desk->ui.ask_count, asked - 1);
    SEES(desk, "ASKED NOW");
    desk_type(desk, "1"); /* at once: nobody can have read it */
    assert_int_equal(desk->ui.mode, MODE_QUESTIONS);
    open_from_list(desk, "Database Admin: GO, NO-GO or HOLD?");
    desk_type(desk, "GO\nanna\n");
    deliver(desk, EVENT_VOTE);
    assert_int_equal(desk->ui.mode, MODE_QUESTIONS); /* with one question, too */
    open_from_list(desk, "Backend Lead: GO, NO-GO or HOLD?");
    desk_type(desk, "GO\nben\n");
    deliver(desk, EVENT_VOTE);
    assert_int_equal(desk->ui.mode, MODE_BROWSE); /* going on is no item of the list */
    SEES(desk, "NEXT  All say GO");
    desk_close(desk);
}

static void what_is_under_the_list_is_not_old(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 120, 40);
    desk_reach(desk, STATE_POLL);
    open_from_list(desk, "Everybody here?");
    desk_type(desk, "all of us\nanna\n");
    deliver(desk, EVENT_NOTE);
    assert_int_equal(desk->ui.mode, MODE_QUESTIONS);
    SEES(desk, "all of us");
    desk_close(desk);
}

static void a_question_opened_by_itself_leads_to_no_list(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_POLL);
    dialog_ask(&desk->ui, &desk->run, &desk->ui.asks[0]);
    desk_wait(desk);
    desk_type(desk, "all of us\nanna\n");
    deliver(desk, EVENT_NOTE);
    assert_int_equal(desk->ui.mode, MODE_BROWSE);
    desk_close(desk);
}

static void the_list_does_not_follow_a_run_that_moved(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_POLL);
    open_from_list(desk, "Everybody here?");
    desk_type(desk, "all of us\nanna\n");
    desk->sent_count = 0;
    desk_step(desk, (struct event){.kind = EVENT_HOLD, .text = STR("x"), .who = STR("ben")});
    assert_int_equal(desk->run.state, STATE_HOLD);
    desk_see(desk);
    assert_int_equal(desk->ui.mode, MODE_BROWSE);
    desk_close(desk);
}

static void escape_leads_from_a_question_to_its_list(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_POLL);
    open_from_list(desk, "Backend Lead: GO, NO-GO or HOLD?");
    desk_key(desk, KEY_ESCAPE);
    assert_int_equal(desk->ui.mode, MODE_QUESTIONS);
    SEES(desk, "nothing was done");
    assert_true(str_eq(desk->ui.answer.ask.id, "backend")); /* the choice stayed */
    desk_key(desk, KEY_ESCAPE);
    assert_int_equal(desk->ui.mode, MODE_BROWSE);
    desk_silent(desk);
    desk_close(desk);
}

/* ---------------------------------------------------------------------- names */

static void answer_by_anna(struct desk *desk)
{
    open_from_list(desk, "Everybody here?");
    desk_type(desk, "all of us\n");
    assert_int_equal(desk->ui.input.len, 0); /* nobody was typed yet */
    desk_type(desk, "anna\n");
    deliver(desk, EVENT_NOTE);
}

/* The item is asked again, as it would be after its answer is too old. */
static void ask_again(struct desk *desk)
{
    desk->run.items[3].answered = false;
    desk_see(desk);
}

static void a_name_is_typed_once_and_taken_with_enter(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_POLL);
    answer_by_anna(desk);
    ask_again(desk);
    open_from_list(desk, "Everybody here?");
    desk_type(desk, "still here\n");
    assert_string_equal(desk->ui.input.text, "anna");
    SEES(desk, "typed here before: Enter if that is who says so, or type another");
    desk_silent(desk);
    desk_key(desk, KEY_RETURN);
    const struct event *event = desk_only(desk, EVENT_NOTE);
    assert_true(str_eq(event->who, "anna") && str_eq(event->text, "still here"));
    desk_close(desk);
}

static void another_name_replaces_the_one_that_is_offered(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_POLL);
    answer_by_anna(desk);
    ask_again(desk);
    open_from_list(desk, "Everybody here?");
    desk_type(desk, "still here\neve\n");
    SEES(desk, "the plan lists anna"); /* "eve", not "annaeve" */
    assert_string_equal(desk->ui.input.text, "eve");
    desk_silent(desk);
    desk_close(desk);
}

static void a_name_is_not_offered_for_a_role_of_others(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_POLL);
    answer_by_anna(desk);
    struct ask ask = {.kind = ASK_NOTE,
                      .id = STR("a2"),
                      .text = STR("Everybody here?"),
                      .role = STR("backend")};
    front_answer_begin(&desk->ui.answer, &ask);
    const struct front_form *forms[FORMS_MAX];
    assert_int_equal(front_forms(&desk->run, &ask, forms), 1);
    front_answer_choose(&desk->ui.answer, forms[0]);
    desk->ui.answer.field = 1;
    assert_null(names_offer(&desk->ui, &desk->run));
    desk->ui.answer.ask.role = STR("dba");
    assert_string_equal(names_offer(&desk->ui, &desk->run), "anna");
    desk->ui.answer.ask.role = (struct str){0};
    assert_string_equal(names_offer(&desk->ui, &desk->run), "anna");
    desk_close(desk);
}

/* Who overrides is seldom who notes: each kind of answer has its own newest name. */
static void the_name_of_the_same_kind_of_answer_goes_first(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_POLL);
    desk_type(desk, ":override a2\n");
    desk_wait(desk);
    desk_type(desk, "nobody is here\ncarla\n");
    deliver(desk, EVENT_OVERRIDE);
    desk->run.items[3].overridden = false;
    desk_see(desk);
    answer_by_anna(desk); /* carla is not of that role: not offered */
    desk_type(desk, ":");
    desk_key(desk, KEY_ESCAPE);
    struct ask ask = {.kind = ASK_ATTEST};
    front_answer_begin(&desk->ui.answer, &ask);
    const struct front_form *forms[FORMS_MAX];
    assert_int_equal(front_forms(&desk->run, &ask, forms), 1);
    front_answer_choose(&desk->ui.answer, forms[0]);
    desk->ui.answer.field = 2;
    assert_string_equal(names_offer(&desk->ui, &desk->run), "anna"); /* the newest of all */
    front_answer_choose(&desk->ui.answer, front_command_form("override"));
    desk->ui.answer.field = 1;
    assert_string_equal(names_offer(&desk->ui, &desk->run), "carla");
    desk_close(desk);
}

static void a_vote_and_a_signature_are_typed_by_their_person(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_POLL);
    answer_by_anna(desk);
    open_from_list(desk, "Database Admin: GO, NO-GO or HOLD?");
    desk_type(desk, "GO\n");
    assert_int_equal(desk->ui.input.len, 0);
    desk_key(desk, KEY_RETURN);
    desk_silent(desk);
    desk_reach(desk, STATE_CLOSE);
    size_t signs = 0;
    for (size_t i = 0; i < desk->ui.ask_count; i++) {
        if (desk->ui.asks[i].kind == ASK_SIGN_OFF) {
            dialog_ask(&desk->ui, &desk->run, &desk->ui.asks[i]);
            desk_wait(desk);
            desk_type(desk, "sign\n");
            assert_int_equal(desk->ui.input.len, 0);
            desk_silent(desk);
            signs++;
        }
    }
    assert_int_equal(signs, 2);
    desk_close(desk);
}

static void more_names_than_are_kept_push_out_the_oldest(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_POLL);
    const struct front_form *form = front_command_form("override");
    for (int i = 0; i < NAMES_MAX + 3; i++) {
        char who[16];
        (void)snprintf(who, sizeof(who), "person %d", i % (NAMES_MAX + 2));
        struct ask ask = {.kind = ASK__COUNT};
        front_answer_begin(&desk->ui.answer, &ask);
        front_answer_choose(&desk->ui.answer, form);
        desk->ui.answer.event.who = str_from(who);
        names_remember(&desk->ui, &desk->ui.answer);
    }
    assert_int_equal(desk->ui.name_count, NAMES_MAX);
    assert_string_equal(desk->ui.names[0].who, "person 0");
    assert_string_equal(desk->ui.names[1].who, "person 9");
    assert_string_equal(desk->ui.names[NAMES_MAX - 1].who, "person 3");
    names_remember(&desk->ui, &desk->ui.answer); /* known: to the front, once */
    assert_int_equal(desk->ui.name_count, NAMES_MAX);
    assert_string_equal(desk->ui.names[1].who, "person 9");
    desk_close(desk);
}

/* ------------------------------------------------------------ what does not fit */

/* For each way to be wrong: the line stays, and the next one replaces it. */
static void a_line_that_does_not_fit_gives_way_to_the_next(void **state)
{
    (void)state;
    static const struct {
        enum state at;
        const char *command; /* NULL: the first question */
        const char *wrong;
        const char *right;
        enum event_kind event;
    } rows[] = {
        {STATE_NAME, NULL, "App\n", "app\n", EVENT_NAME},
        {STATE_CHECKPOINT, NULL, "yes\n", "go\n", EVENT_GO_ON},
        {STATE_POLL, ":quit\n", "yes\n", "leave\n", EVENT_LEAVE},
        {STATE_POLL, ":vote backend\n", "go\n", "GO\nben\n", EVENT_VOTE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
        desk_reach(desk, rows[i].at);
        desk_type(desk, rows[i].command ? rows[i].command : "a");
        desk_wait(desk);
        if (desk->ui.mode == MODE_QUIT) {
            desk_key(desk, KEY_DOWN_ARROW);
            desk_key(desk, KEY_RETURN);
            desk_wait(desk);
        }
        desk_type(desk, rows[i].wrong);
        desk_silent(desk);
        assert_true(desk->ui.input.chosen);
        assert_int_equal(desk->ui.input.len, strlen(rows[i].wrong) - 1);
        desk_type(desk, rows[i].right);
        (void)desk_only(desk, rows[i].event);
        desk_close(desk);
    }
}

static void a_line_that_does_not_fit_can_be_mended(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_NAME);
    desk_key(desk, 'a');
    desk_wait(desk);
    desk_type(desk, "appp\n");
    assert_true(desk->ui.input.chosen);
    desk_key(desk, KEY_LEFT_ARROW); /* kept, no longer chosen */
    desk_key(desk, KEY_DELETE);
    assert_string_equal(desk->ui.input.text, "app");
    desk_key(desk, KEY_RETURN);
    (void)desk_only(desk, EVENT_NAME);
    desk_key(desk, 'a');
    desk_wait(desk);
    desk_type(desk, "appp\n");
    desk_key(desk, KEY_RUB); /* takes away what is chosen */
    assert_int_equal(desk->ui.input.len, 0);
    desk_close(desk);
}

static void a_word_chosen_by_arrow_gives_way_to_a_typed_one(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_CHECKPOINT);
    desk_step(desk, (struct event){.kind = EVENT_HOLD, .text = STR("x"), .who = STR("ben")});
    desk_see(desk);
    desk_key(desk, 'a');
    desk_wait(desk);
    desk_key(desk, KEY_DOWN_ARROW);
    desk_key(desk, KEY_DOWN_ARROW);
    assert_string_equal(desk->ui.input.text, "rollback");
    desk_type(desk, "go\n");
    (void)desk_only(desk, EVENT_GO_ON);
    desk_close(desk);
}

/* -------------------------------------------------------------- keys that mean nothing */

static void a_key_without_meaning_says_which_have_one(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_PREP);
    desk->ui.wishes = 0;
    desk_key(desk, 'x');
    SEES(desk, "x does nothing here; keys: ? a ");
    SEES(desk, " 1-7 ");
    SEES_NOT(desk, " K ");
    desk_key(desk, 'r');
    SEES(desk, "r (run again): not now, or not here; keys: ? a ");
    desk_key(desk, 'K');
    SEES(desk, "K (terminate blocker): not now, or not here");
    desk_key(desk, KEY_DELETE);
    SEES(desk, "Del does nothing here");
    desk_key(desk, 0xe9);
    SEES(desk, "that key does nothing here");
    assert_int_equal(desk->ui.wishes & WISH_BELL, 0); /* never a storm of beeps */
    desk_silent(desk);
    desk_close(desk);
}

static void a_key_without_meaning_is_said_in_lists_and_texts(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_POLL);
    desk_key(desk, 'a');
    desk_wait(desk);
    desk_key(desk, 'x');
    SEES(desk, "x does nothing here; keys: j k Enter Esc");
    desk_key(desk, KEY_ESCAPE);
    desk_key(desk, '?');
    desk_key(desk, 'x');
    SEES(desk, "x does nothing here; keys: ^C j k / ");
    desk_silent(desk);
    desk_close(desk);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_list_opens_again_while_something_is_asked),
        cmocka_unit_test(what_is_under_the_list_is_not_old),
        cmocka_unit_test(a_question_opened_by_itself_leads_to_no_list),
        cmocka_unit_test(the_list_does_not_follow_a_run_that_moved),
        cmocka_unit_test(escape_leads_from_a_question_to_its_list),
        cmocka_unit_test(a_name_is_typed_once_and_taken_with_enter),
        cmocka_unit_test(another_name_replaces_the_one_that_is_offered),
        cmocka_unit_test(a_name_is_not_offered_for_a_role_of_others),
        cmocka_unit_test(the_name_of_the_same_kind_of_answer_goes_first),
        cmocka_unit_test(a_vote_and_a_signature_are_typed_by_their_person),
        cmocka_unit_test(more_names_than_are_kept_push_out_the_oldest),
        cmocka_unit_test(a_line_that_does_not_fit_gives_way_to_the_next),
        cmocka_unit_test(a_line_that_does_not_fit_can_be_mended),
        cmocka_unit_test(a_word_chosen_by_arrow_gives_way_to_a_typed_one),
        cmocka_unit_test(a_key_without_meaning_says_which_have_one),
        cmocka_unit_test(a_key_without_meaning_is_said_in_lists_and_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
