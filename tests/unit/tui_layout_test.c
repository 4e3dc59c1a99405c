/* SPDX-License-Identifier: PostgreSQL */
/*
 * Panes and their lines: who gets room, what stays in sight, and that nothing moves under
 * the cursor when lines come and go.
 */
#include "ui_private.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct pane *fill(struct page *page, enum pane_id id, enum pane_place place,
                         const char *title, int from, int until)
{
    struct pane *pane = page_pane(page, id, place, title);
    for (int i = from; i < until; i++) {
        line_at(pane_row(pane, SUBJECT_TEXT, i, 0), 1, STYLE_NORMAL, "line %d", i);
    }
    return pane;
}

static struct ui *new_ui(int columns, int rows)
{
    struct ui *ui = mem_zero(1, sizeof(*ui));
    ui_init(ui, columns, rows);
    page_begin(&ui->page, ui->glyphs, columns, rows);
    return ui;
}

static void free_ui(struct ui *ui)
{
    ui_release(ui);
    free(ui);
}

static int total_rows(const struct layout *layout)
{
    int rows = 0;
    for (size_t i = 0; i < layout->count; i++) {
        rows += layout->panes[i].rows;
    }
    return rows;
}

static void panes_of_a_small_screen_share_the_body(void **state)
{
    (void)state;
    struct ui *ui = new_ui(80, 24);
    struct layout layout;
    (void)fill(&ui->page, PANE_A, PANE_MAIN, NULL, 0, 2);
    fill(&ui->page, PANE_B, PANE_MAIN, "LIST", 0, 100)->grows = true;
    (void)fill(&ui->page, PANE_C, PANE_RIGHT, "RIGHT", 0, 3);
    (void)fill(&ui->page, PANE_LOG, PANE_BOTTOM, "LOG", 0, 50);
    layout_page(ui, &ui->page, &layout);
    assert_int_equal(layout.count, 2);
    assert_int_equal(layout.leaves, 3);
    assert_int_equal(total_rows(&layout), 24 - CHROME_ROWS);
    assert_int_equal(layout.panes[0].rows, 2);
    ui->focus[ui->screen] = PANE_B;
    ui_turn(ui, 1); /* Tab: the first pane that is not MAIN has the body for itself */
    layout_page(ui, &ui->page, &layout);
    assert_int_equal(layout.count, 1);
    assert_int_equal(layout.panes[0].pane->id, PANE_C);
    assert_int_equal(ui->focus[ui->screen], PANE_C);
    ui_turn(ui, 1);
    ui_turn(ui, 1); /* and round to the first leaf */
    assert_int_equal(ui->leaf[ui->screen], 0);
    assert_int_equal(ui->focus[ui->screen], PANE_B);
    free_ui(ui);
}

static void a_wide_screen_shows_panes_beside_each_other(void **state)
{
    (void)state;
    for (int rows = 40; rows <= 100; rows += 20) {
        struct ui *ui = new_ui(120, rows);
        struct layout layout;
        fill(&ui->page, PANE_A, PANE_MAIN, "LIST", 0, 100)->grows = true;
        (void)fill(&ui->page, PANE_B, PANE_RIGHT, "RIGHT", 0, 3);
        (void)fill(&ui->page, PANE_LOG, PANE_BOTTOM, "LOG", 0, 50);
        ui->page.panes[2].grows = true;
        layout_page(ui, &ui->page, &layout);
        assert_int_equal(layout.count, 3);
        assert_int_equal(layout.leaves, 1);
        assert_int_equal(layout.wall, 120 - RIGHT_COLUMNS - 2);
        const struct placed *log = layout_find(&layout, PANE_LOG);
        const struct placed *list = layout_find(&layout, PANE_A);
        assert_int_equal(log->rows, BOTTOM_ROWS + 1 + (rows - 40) / 2);
        assert_int_equal(list->rows + log->rows, rows - CHROME_ROWS);
        ui->focus[ui->screen] = PANE_LOG;
        ui->zoomed = true;
        layout_page(ui, &ui->page, &layout);
        assert_int_equal(layout.count, 1);
        assert_int_equal(layout.panes[0].rows, rows - CHROME_ROWS);
        free_ui(ui);
    }
}

static void the_focus_begins_where_one_works(void **state)
{
    (void)state;
    struct ui *ui = new_ui(120, 40);
    (void)fill(&ui->page, PANE_A, PANE_MAIN, NULL, 0, 2);
    fill(&ui->page, PANE_B, PANE_MAIN, "LIST", 0, 100)->grows = true;
    (void)fill(&ui->page, PANE_C, PANE_RIGHT, "RIGHT", 0, 3);
    (void)fill(&ui->page, PANE_LOG, PANE_BOTTOM, "LOG", 0, 50);
    ui_settle(ui);
    static const enum pane_id in_turn[] = {PANE_B, PANE_C, PANE_LOG, PANE_B};
    for (size_t i = 0; i < COUNT_OF(in_turn); i++) {
        assert_int_equal(ui->focus[ui->screen], in_turn[i]);
        ui_turn(ui, 1);
    }
    free_ui(ui);
}

static int row_of_cursor(struct ui *ui)
{
    struct placed placed;
    struct arena arena = {0};
    assert_true(ui_focused(ui, &placed));
    struct pane_state *pane_state = ui_state_of_focus(ui);
    struct sight sight = sight_of(&placed, pane_state, &arena);
    int row = sight.cursor - pane_state->top;
    arena_release(&arena);
    return row;
}

static void nothing_moves_under_the_cursor(void **state)
{
    (void)state;
    struct ui *ui = new_ui(80, 24);
    fill(&ui->page, PANE_A, PANE_MAIN, "LIST", 100, 160)->grows = true;
    ui_settle(ui);
    for (int i = 0; i < 30; i++) {
        ui_move(ui, INTENT_DOWN);
    }
    ui_settle(ui);
    int row = row_of_cursor(ui);
    assert_int_equal(ui_cursor(ui, PANE_A).a, 130);
    /* twenty new lines above, ten gone below */
    page_begin(&ui->page, ui->glyphs, 80, 24);
    fill(&ui->page, PANE_A, PANE_MAIN, "LIST", 80, 150)->grows = true;
    ui_settle(ui);
    assert_int_equal(ui_cursor(ui, PANE_A).a, 130);
    assert_int_equal(row_of_cursor(ui), row);
    /* the line itself is gone: the cursor is somewhere, and in sight */
    page_begin(&ui->page, ui->glyphs, 80, 24);
    fill(&ui->page, PANE_A, PANE_MAIN, "LIST", 0, 20)->grows = true;
    ui_settle(ui);
    row = row_of_cursor(ui);
    assert_true(row >= 0 && row < 24 - CHROME_ROWS);
    free_ui(ui);
}

static void moving_stops_at_both_ends(void **state)
{
    (void)state;
    struct ui *ui = new_ui(80, 24);
    fill(&ui->page, PANE_A, PANE_MAIN, "LIST", 0, 60)->grows = true;
    ui_settle(ui);
    ui_move(ui, INTENT_UP);
    assert_int_equal(ui_cursor(ui, PANE_A).a, 0);
    ui_move(ui, INTENT_LAST);
    assert_int_equal(ui_cursor(ui, PANE_A).a, 59);
    ui_move(ui, INTENT_DOWN);
    ui_move(ui, INTENT_PAGE_DOWN);
    assert_int_equal(ui_cursor(ui, PANE_A).a, 59);
    ui_move(ui, INTENT_PAGE_UP);
    assert_int_equal(ui_cursor(ui, PANE_A).a, 59 - 16); /* 17 lines are seen */
    ui_move(ui, INTENT_FIRST);
    assert_int_equal(ui_cursor(ui, PANE_A).a, 0);
    free_ui(ui);
}

static void margin_is_kept_while_there_is_more(void **state)
{
    (void)state;
    struct ui *ui = new_ui(80, 24);
    fill(&ui->page, PANE_A, PANE_MAIN, "LIST", 0, 60)->grows = true;
    ui_settle(ui);
    for (int i = 0; i < 40; i++) {
        ui_move(ui, INTENT_DOWN);
        int row = row_of_cursor(ui);
        assert_true(row <= 17 - 1 - 2);
    }
    free_ui(ui);
}

static void a_log_follows_until_a_person_scrolls(void **state)
{
    (void)state;
    struct ui *ui = new_ui(80, 24);
    struct pane *pane = fill(&ui->page, PANE_A, PANE_MAIN, "LOG", 0, 60);
    pane->grows = true;
    pane->follows = true;
    ui_settle(ui);
    assert_int_equal(ui->panes[ui->screen][PANE_A].top, 60 - 17);
    ui_move(ui, INTENT_UP);
    assert_true(ui->panes[ui->screen][PANE_A].scrolled);
    int top = ui->panes[ui->screen][PANE_A].top;
    page_begin(&ui->page, ui->glyphs, 80, 24);
    pane = fill(&ui->page, PANE_A, PANE_MAIN, "LOG", 0, 90);
    pane->grows = true;
    pane->follows = true;
    ui_settle(ui);
    assert_int_equal(ui->panes[ui->screen][PANE_A].top, top);
    ui_move(ui, INTENT_LAST);
    ui_settle(ui);
    assert_false(ui->panes[ui->screen][PANE_A].scrolled);
    assert_int_equal(ui->panes[ui->screen][PANE_A].top, 90 - 17);
    free_ui(ui);
}

static void a_filter_keeps_headings_and_is_counted(void **state)
{
    (void)state;
    struct ui *ui = new_ui(80, 24);
    struct pane *pane = page_pane(&ui->page, PANE_A, PANE_MAIN, "LIST");
    pane->grows = true;
    line_at(pane_head(pane), 1, STYLE_DIM, "heading");
    for (int i = 0; i < 41; i++) {
        line_at(pane_row(pane, SUBJECT_TEXT, i, 0), 1, STYLE_NORMAL, "%s %d",
                i % 20 == 0 ? "Quests" : "other", i);
    }
    struct pane_state pane_state = {.filter = "quests"};
    struct placed placed = {pane, 0, 0, 18, 80};
    struct arena arena = {0};
    struct sight sight = sight_of(&placed, &pane_state, &arena);
    assert_int_equal(sight.pinned_count, 1);
    assert_int_equal(sight.count, 3);
    assert_int_equal(sight.all, 41);
    assert_true(text_matches(STR("Quests"), "quests"));
    assert_false(text_matches(STR("quests"), "Quests")); /* a capital asks for itself */
    assert_true(text_matches(STR("STRASSE \u00c4RGER \u0152UVRE"), "\u00e4rger \u0153uvre"));
    assert_true(text_matches(STR("\u00e4rger"), "\u00e4"));
    assert_false(text_matches(STR("\u00e4rger"), "\u00c4"));
    assert_true(text_matches(STR("\u0178 \u0160 \u0391\u03a3 \u0416\u0401"),
                             "\u00ff \u0161 \u03b1\u03c3 \u0436\u0451"));
    assert_false(text_matches(STR("\u00d7"), "\u00f7")); /* times is no capital of divided */
    assert_true(text_matches(STR("x"), ""));
    assert_false(text_matches(STR("quest"), "quests"));
    arena_release(&arena);
    free_ui(ui);
}

static void a_cursor_out_of_sight_stands_where_it_was(void **state)
{
    (void)state;
    struct ui *ui = new_ui(80, 24);
    fill(&ui->page, PANE_A, PANE_MAIN, "LIST", 0, 60)->grows = true;
    (void)fill(&ui->page, PANE_B, PANE_RIGHT, "ABOUT IT", 0, 3);
    ui_settle(ui);
    ui_move(ui, INTENT_DOWN);
    ui_move(ui, INTENT_DOWN);
    ui_turn(ui, 1); /* the other leaf: the list is not in sight */
    assert_int_equal(ui->focus[ui->screen], PANE_B);
    assert_int_equal(ui_cursor(ui, PANE_A).a, 2);
    free_ui(ui);
}

static void typed_text_is_whole_characters(void **state)
{
    (void)state;
    struct input input = {0};
    input_set(&input, "a");
    assert_true(input_key(&input, 0x4e16)); /* 世 */
    assert_true(input_key(&input, 'b'));
    assert_string_equal(input.text, "a\xe4\xb8\x96"
                                    "b");
    (void)input_key(&input, KEY_LEFT_ARROW);
    (void)input_key(&input, KEY_RUB); /* the whole of it */
    assert_string_equal(input.text, "ab");
    assert_false(input_key(&input, 0x202e)); /* turns the direction of text: no text */
    assert_false(input_key(&input, 0x1b));
    for (int i = 0; i < 2 * INPUT_MAX; i++) {
        (void)input_key(&input, 'x');
    }
    assert_int_equal(input.len, INPUT_MAX - 1);
    (void)input_key(&input, KEY_CONTROL('u'));
    (void)input_key(&input, KEY_CONTROL('k'));
    assert_int_equal(input.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(panes_of_a_small_screen_share_the_body),
        cmocka_unit_test(a_wide_screen_shows_panes_beside_each_other),
        cmocka_unit_test(the_focus_begins_where_one_works),
        cmocka_unit_test(nothing_moves_under_the_cursor),
        cmocka_unit_test(moving_stops_at_both_ends),
        cmocka_unit_test(margin_is_kept_while_there_is_more),
        cmocka_unit_test(a_log_follows_until_a_person_scrolls),
        cmocka_unit_test(a_filter_keeps_headings_and_is_counted),
        cmocka_unit_test(a_cursor_out_of_sight_stands_where_it_was),
        cmocka_unit_test(typed_text_is_whole_characters),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
