/* SPDX-License-Identifier: PostgreSQL */
/*
 * The mouse: a click moves and chooses, wherever it lands and however often it comes, and
 * it never takes an answer. Also a paste whose end got lost, which is a person's trouble
 * of the same kind: keys that seem to do nothing.
 */
#include "tui_room.h"

static struct desk *open_at(enum state state, int columns, int rows)
{
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, columns, rows);
    desk_reach(desk, state);
    desk_key(desk, 'M');
    SEES(desk, "mouse on");
    return desk;
}

/* The place on the screen where a text begins. */
static uint32_t place_of(struct desk *desk, const char *text)
{
    struct str rest = str_from(desk_frame(desk));
    struct str line;
    for (int row = 0; str_cut(&rest, '\n', &line); row++) {
        for (size_t at = 0; at < line.len; at++) {
            if (str_starts(str_slice(line, at, line.len), text)) {
                int column = str_width(str_slice(line, 0, at));
                return KEY_CLICK_AT(row, (uint32_t)column);
            }
        }
    }
    fprintf(stderr, "\"%s\" is not on the screen:\n%s", text, desk->frame.ptr);
    fail();
    return 0;
}

static void click(struct desk *desk, const char *text)
{
    desk_key(desk, place_of(desk, text));
}

static struct subject cursor(struct desk *desk)
{
    return ui_cursor(&desk->ui, desk->ui.focus[desk->ui.screen]);
}

static void a_click_goes_to_the_pane_and_the_row(void **state)
{
    (void)state;
    struct desk *desk = open_at(STATE_PREP, 120, 40);
    desk_key(desk, 'v');
    struct subject before = cursor(desk);
    struct layout layout;
    layout_page(&desk->ui, &desk->ui.page, &layout);
    for (size_t i = 0; i < layout.count; i++) {
        const struct placed *placed = &layout.panes[i];
        desk_key(desk, KEY_CLICK_AT(BODY_ROW + placed->row, (uint32_t)placed->column + 3));
        if (pane_takes_focus(placed->pane)) {
            assert_int_equal(desk->ui.focus[desk->ui.screen], placed->pane->id);
        }
    }
    click(desk, "2 DROP TABLE d;");
    struct subject subject = cursor(desk);
    assert_int_equal(subject.kind, SUBJECT_STATEMENT);
    assert_int_equal(subject.b, 1);
    assert_false(subject_same(subject, before));
    for (int i = 0; i < 5; i++) { /* twice is not Enter */
        click(desk, "2 DROP TABLE d;");
    }
    assert_int_equal(desk->ui.mode, MODE_BROWSE);
    assert_true(subject_same(cursor(desk), subject));
    desk_silent(desk);
    desk_close(desk);
}

/* What was under the pointer stays under it, at the edges of a long list as well. */
static void a_click_scrolls_nothing(void **state)
{
    (void)state;
    struct desk *desk = open_at(STATE_PREP, 80, 24);
    desk_key(desk, '?');
    SEES(desk, "HELP");
    for (int row = BODY_ROW + 1; row < 24 - 3; row++) {
        int top = desk->ui.overlay_state.top;
        desk_key(desk, KEY_CLICK_AT(row, 10));
        assert_int_equal(desk->ui.overlay_state.top, top);
        struct placed placed = overlay_placed(&desk->ui);
        struct arena arena = {0};
        struct sight sight = sight_of(&placed, &desk->ui.overlay_state, &arena);
        assert_int_equal(sight.cursor, top + row - BODY_ROW - 1);
        arena_release(&arena);
    }
    assert_int_equal(desk->ui.mode, MODE_HELP);
    desk_close(desk);
}

static void a_click_chooses_an_answer_and_takes_none(void **state)
{
    (void)state;
    struct desk *desk = open_at(STATE_POLL, 80, 24);
    assert_true(desk->ui.ask_count > 1);
    desk_key(desk, 'a');
    SEES(desk, "ASKED NOW");
    char second[64];
    (void)snprintf(second, sizeof(second), "2 %.*s", STR_ARG(desk->ui.asks[1].text));
    click(desk, second);
    assert_int_equal(desk->ui.choice, 0); /* nobody can have read the box yet */
    desk_wait(desk);
    for (int i = 0; i < 3; i++) {
        click(desk, second);
        assert_int_equal(desk->ui.mode, MODE_QUESTIONS);
        assert_int_equal(desk->ui.choice, 1);
    }
    desk_key(desk, KEY_RETURN);
    assert_int_equal(desk->ui.mode, MODE_FORM);
    desk_key(desk, KEY_ESCAPE);
    desk_silent(desk);
    desk_close(desk);
}

static void a_click_on_a_word_writes_it_and_no_more(void **state)
{
    (void)state;
    struct desk *desk = open_at(STATE_CHECKPOINT, 80, 24);
    desk_step(desk,
              (struct event){.kind = EVENT_HOLD, .text = STR("lunch"), .who = STR("ben")});
    desk_see(desk);
    desk_key(desk, 'a');
    SEES(desk, "which? a word, or the arrows");
    desk_wait(desk);
    const struct dialog *dialog = &desk->ui.dialog;
    assert_true(dialog->form_count > 1);
    for (size_t i = 0; i < dialog->form_count; i++) {
        for (int k = 0; k < 3; k++) {
            click(desk, dialog->forms[i]->help);
            assert_string_equal(desk->ui.input.text, dialog->forms[i]->word);
        }
    }
    desk_silent(desk);
    assert_int_equal(desk->ui.mode, MODE_FORM);
    desk_close(desk);
}

static void a_click_in_the_box_about_leaving_chooses(void **state)
{
    (void)state;
    struct desk *desk = open_at(STATE_POLL, 120, 40);
    desk_key(desk, 'q');
    desk_wait(desk);
    for (int i = 0; i < 3; i++) {
        click(desk, "hold at the next safe point and stop");
        SEES(desk, "\u25ba  leave");
    }
    click(desk, "go on watching");
    SEES(desk, "\u25ba  stay");
    desk_silent(desk);
    desk_close(desk);
}

/* All over every box and screen, twice: nothing comes out, nothing opens or closes. */
static void no_click_anywhere_does_anything(void **state)
{
    (void)state;
    static const enum state states[] = {STATE_PREP, STATE_NAME, STATE_CHECKPOINT, STATE_JUDGE,
                                        STATE_END};
    static const char *const opens[] = {"", "a", "q", "?", "v", "c", "H", "/x", "fx", ":quit"};
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        struct desk *desk = open_at(states[i], 80, 24);
        for (size_t k = 0; k < COUNT_OF(opens); k++) {
            desk_type(desk, opens[k]);
            desk_wait(desk);
            desk->ui.wishes = 0;
            enum ui_mode mode = desk->ui.mode;
            for (int cell = 0; cell < 26 * 82; cell += 5) {
                desk_key(desk, KEY_CLICK_AT(cell / 82, (uint32_t)(cell % 82)));
                desk_key(desk, KEY_CLICK_AT(cell / 82, (uint32_t)(cell % 82)));
            }
            assert_int_equal(desk->ui.mode, mode);
            assert_int_equal(desk->ui.wishes, 0);
            desk_silent(desk);
            desk_key(desk, KEY_ESCAPE);
            desk_key(desk, KEY_ESCAPE);
        }
        desk_close(desk);
    }
}

static void without_the_mouse_a_click_is_nothing(void **state)
{
    (void)state;
    struct desk *desk = open_at(STATE_PREP, 80, 24);
    desk_key(desk, 'v');
    struct subject before = cursor(desk);
    uint32_t place = place_of(desk, "2 DROP TABLE d;");
    desk_key(desk, 'M');
    desk_key(desk, place);
    assert_true(subject_same(cursor(desk), before));
    desk_close(desk);
}

static void a_paste_without_an_end_says_how_to_end_it(void **state)
{
    (void)state;
    struct desk *desk = open_at(STATE_PREP, 80, 24);
    desk_key(desk, KEY_PASTE_BEGIN);
    desk_type(desk, "text");
    SEES(desk, "pasted text is ignored here");
    desk_wait(desk);
    desk_key(desk, 'v');
    SEES(desk, "taken as pasted text, which has not ended; Esc ends it");
    desk_key(desk, KEY_PASTE_END); /* what the keyboard makes of that Esc */
    desk_key(desk, 'v');
    SEES(desk, "PLAN REVIEW");
    desk_close(desk);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_click_goes_to_the_pane_and_the_row),
        cmocka_unit_test(a_click_scrolls_nothing),
        cmocka_unit_test(a_click_chooses_an_answer_and_takes_none),
        cmocka_unit_test(a_click_on_a_word_writes_it_and_no_more),
        cmocka_unit_test(a_click_in_the_box_about_leaving_chooses),
        cmocka_unit_test(no_click_anywhere_does_anything),
        cmocka_unit_test(without_the_mouse_a_click_is_nothing),
        cmocka_unit_test(a_paste_without_an_end_says_how_to_end_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
