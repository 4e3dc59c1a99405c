/* SPDX-License-Identifier: PostgreSQL */
/*
 * A key that means nothing names those that mean something, on every screen and in
 * everything that lies over one, and does nothing else; so does a paste where answers are
 * typed. A screen that names keys takes them from the table that the footer is drawn from.
 */
#include "tui_room.h"

static const enum state stops[] = {STATE_PREP,    STATE_BACKUP,     STATE_POLL,   STATE_NAME,
                                   STATE_RUNNING, STATE_CHECKPOINT, STATE_MANUAL, STATE_JUDGE,
                                   STATE_MONITOR, STATE_CLOSE};

/* All that keys can change, but for what is said. */
struct sight_of_ui {
    enum screen screen;
    enum ui_mode mode, under;
    bool follows, zoomed, paused, mouse, leaving;
    int choice, leaf, top;
    unsigned wishes;
    enum pane_id focus;
    struct input input;
    struct pane_state panes[PANE__COUNT];
    struct pane_state overlay;
    char search[INPUT_MAX];
};

static void take(struct sight_of_ui *sight, const struct ui *ui)
{
    memset(sight, 0, sizeof(*sight));
    sight->screen = ui->screen;
    sight->mode = ui->mode;
    sight->under = ui->under;
    sight->follows = ui->follows;
    sight->zoomed = ui->zoomed;
    sight->paused = ui->paused;
    sight->mouse = ui->mouse;
    sight->leaving = ui->leaving;
    sight->choice = ui->choice;
    sight->leaf = ui->leaf[ui->screen];
    sight->top = ui->dialog.top;
    sight->wishes = ui->wishes;
    sight->focus = ui->focus[ui->screen];
    memcpy(&sight->input, &ui->input, sizeof(ui->input));
    memcpy(sight->panes, ui->panes[ui->screen], sizeof(sight->panes));
    memcpy(&sight->overlay, &ui->overlay_state, sizeof(ui->overlay_state));
    memcpy(sight->search, ui->search, sizeof(sight->search));
}

static void press_and_see(struct desk *desk, uint32_t key, const char *words)
{
    struct sight_of_ui before;
    struct sight_of_ui after;
    desk->ui.message[0] = '\0';
    take(&before, &desk->ui);
    desk_key(desk, key);
    take(&after, &desk->ui);
    SEES(desk, words);
    if (memcmp(&before, &after, sizeof(before)) != 0) {
        fail_msg("the key %u changed something (mode %d):\n%s", key, before.mode,
                 desk_frame(desk));
    }
    desk_silent(desk);
}

static void paste_and_see(struct desk *desk)
{
    struct sight_of_ui before;
    struct sight_of_ui after;
    desk->ui.message[0] = '\0';
    take(&before, &desk->ui);
    desk_key(desk, KEY_PASTE_BEGIN);
    desk_type(desk, "q:quit\nyes\nGO\napp\nROLLBACK\n1234567HKC");
    desk_key(desk, KEY_PASTE_END);
    take(&after, &desk->ui);
    SEES(desk, "pasted text is ignored here: answers are typed");
    assert_memory_equal(&before, &after, sizeof(before));
    desk_silent(desk);
}

/* Where letters are no text. */
static void nothing_happens_while_looking(struct desk *desk)
{
    static const uint32_t keys[] = {
        'x', 'Z', '9', KEY_F1 + 4, KEY_INSERT, KEY_DELETE, KEY_CONTROL('x'), 0xe9};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        press_and_see(desk, keys[i], " does nothing here; keys: ");
    }
    paste_and_see(desk);
}

/* Where they are. */
static void nothing_happens_while_typing(struct desk *desk)
{
    static const uint32_t keys[] = {KEY_INSERT,   KEY_F1,           KEY_F1 + 4,
                                    KEY_NAMELESS, KEY_CONTROL('x'), KEY_CONTROL('t')};
    desk_wait(desk); /* a box is deaf at first */
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        press_and_see(desk, keys[i], " does nothing here; keys: Enter ");
    }
}

static void on_every_screen_the_keys_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(stops); i++) {
        struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
        desk_reach(desk, stops[i]);
        for (int screen = 0; screen < SCREEN__COUNT; screen++) {
            ui_go(&desk->ui, (enum screen)screen);
            desk_wait(desk);
            nothing_happens_while_looking(desk);
            desk_key(desk, '?');
            nothing_happens_while_looking(desk);
            desk_key(desk, KEY_ESCAPE);
        }
        desk_close(desk);
    }
}

static void in_every_question_the_keys_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(stops); i++) {
        struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
        desk_reach(desk, stops[i]);
        for (size_t k = 0; k < desk->ui.ask_count; k++) {
            dialog_ask(&desk->ui, &desk->run, &desk->ui.asks[k]);
            nothing_happens_while_typing(desk);
            paste_and_see(desk);
            desk_key(desk, KEY_ESCAPE);
        }
        if (desk->ui.ask_count > 1) {
            dialog_questions(&desk->ui, &desk->run);
            desk_wait(desk);
            press_and_see(desk, 'x', "x does nothing here; keys: j k Enter Esc");
            press_and_see(desk, KEY_INSERT, "Ins does nothing here; keys: j k Enter Esc");
            paste_and_see(desk);
        }
        desk_close(desk);
    }
}

static void in_every_box_of_a_command_the_keys_are_named(void **state)
{
    (void)state;
    static const char *const words[] = {"hold", "rollback", "vote", "override", "quit"};
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_POLL);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        dialog_command(&desk->ui, &desk->run, words[i], STR("dba"), NULL);
        nothing_happens_while_typing(desk);
        paste_and_see(desk);
        desk_key(desk, KEY_ESCAPE);
    }
    desk_key(desk, 'q');
    desk_wait(desk);
    press_and_see(desk, KEY_INSERT, "Ins does nothing here; keys: j k Enter Esc");
    paste_and_see(desk);
    desk_close(desk);
}

static void on_every_line_the_keys_are_named(void **state)
{
    (void)state;
    static const char lines[] = {':', '/', 'f'};
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_JUDGE);
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        desk_key(desk, (uint32_t)lines[i]);
        desk_type(desk, "no");
        nothing_happens_while_typing(desk);
        assert_string_equal(desk->ui.input.text, "no");
        desk_key(desk, KEY_ESCAPE);
    }
    desk_close(desk);
}

/* A line that was refused stays chosen, to be typed over. */
static void a_chosen_line_stays_chosen(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_NAME);
    desk_key(desk, 'a');
    desk_wait(desk);
    desk_type(desk, "appp\n");
    assert_true(desk->ui.input.chosen);
    press_and_see(desk, KEY_INSERT, "Ins does nothing here");
    assert_true(desk->ui.input.chosen);
    desk_type(desk, "app");
    assert_string_equal(desk->ui.input.text, "app");
    desk_close(desk);
}

/* -------------------------------------------------- one table for footer and text */

static void lose_the_server(struct desk *desk)
{
    static const enum session sessions[] = {SESSION_WORK, SESSION_WATCH};
    for (size_t i = 0; i < COUNT_OF(sessions); i++) {
        desk_step(desk, (struct event){.kind = EVENT_LOST,
                                       .session = sessions[i],
                                       .script = -1,
                                       .text = STR("the server is gone")});
    }
    desk_see(desk);
}

static size_t count_of(const char *text, const char *word)
{
    size_t count = 0;
    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word)) {
        count++;
    }
    return count;
}

/* "o" opens the report's files there, and the overview everywhere else. */
static void a_key_with_two_meanings_is_named_with_the_one_it_has(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 160, 40);
    desk_reach(desk, STATE_CLOSE);
    ui_go(&desk->ui, SCREEN_REPORT);
    desk_see(desk);
    desk_key(desk, 'x');
    assert_int_equal(count_of(desk_frame(desk), " o "), 2); /* in the footer, and here */
    SEES(desk, "x does nothing here; keys:");
    SEES(desk, "o files");
    desk_close(desk);
}

static void a_lost_connection_offers_the_keys_of_its_footer(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_RUNNING);
    SEES(desk, "H hold");
    lose_the_server(desk);
    SEES(desk, "nothing is sent twice");
    assert_int_equal(count_of(desk_frame(desk), "q leave"), 2); /* in the text, in the footer */
    assert_int_equal(count_of(desk_frame(desk), "H hold"), 0);  /* it holds already */
    press_and_see(desk, 'H', "H (hold): not now, or not here; keys:");
    desk->run.hold_wanted = false;
    desk_see(desk);
    assert_int_equal(count_of(desk_frame(desk), "H hold"), 2);
    desk_close(desk);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_every_screen_the_keys_are_named),
        cmocka_unit_test(in_every_question_the_keys_are_named),
        cmocka_unit_test(in_every_box_of_a_command_the_keys_are_named),
        cmocka_unit_test(on_every_line_the_keys_are_named),
        cmocka_unit_test(a_chosen_line_stays_chosen),
        cmocka_unit_test(a_key_with_two_meanings_is_named_with_the_one_it_has),
        cmocka_unit_test(a_lost_connection_offers_the_keys_of_its_footer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
