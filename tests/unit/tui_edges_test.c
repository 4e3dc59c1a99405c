/* SPDX-License-Identifier: PostgreSQL */
/*
 * The right edge: what goes on beyond it says so with a sign, and nothing but a rule
 * touches the last column, on any screen and in anything that lies over one.
 */
#include "tui_room.h"

static const struct grid_cell *cell_at(struct desk *desk, int row, int column)
{
    return &desk->grid.cells[row * desk->grid.columns + column];
}

/* The rows between the rules: a rule may go to the edge, text may not. */
static void assert_edge_is_free(struct desk *desk, int columns)
{
    (void)desk_frame(desk);
    for (int row = BODY_ROW; row < desk->ui.rows - 3; row++) {
        const struct grid_cell *cell = cell_at(desk, row, columns - 1);
        bool wall =
            columns == desk->ui.columns || cell_at(desk, row, columns)->style == STYLE_RULE;
        if (wall && cell->len > 0 && cell->text[0] != ' ' && cell->style != STYLE_RULE) {
            fail_msg("row %d touches column %d:\n%s", row, columns, desk->frame.ptr);
        }
    }
}

static void look_at_every_screen(struct desk *desk)
{
    for (int i = 0; i < SCREEN__COUNT; i++) {
        ui_go(&desk->ui, (enum screen)i);
        desk_see(desk);
        assert_edge_is_free(desk, desk->ui.columns);
        if (desk->ui.page.wide) {
            assert_edge_is_free(desk,
                                desk->ui.columns - page_right_columns(&desk->ui.page) - 2);
        }
        desk_key(desk, '?');
        assert_edge_is_free(desk, desk->ui.columns);
        desk_key(desk, KEY_ESCAPE);
        desk_key(desk, KEY_RETURN); /* the whole of what the cursor stands on, or a box */
        assert_edge_is_free(desk, desk->ui.columns);
        desk_key(desk, KEY_ESCAPE);
    }
}

static void text_keeps_the_last_column_free(void **state)
{
    (void)state;
    static const enum state moments[] = {STATE_PREP, STATE_POLL, STATE_RUNNING, STATE_JUDGE,
                                         STATE_END};
    static const struct glyphs *const sets[] = {&glyphs_full, &glyphs_ascii};
    static const int sizes[][2] = {{80, 24}, {120, 40}};
    for (size_t i = 0; i < COUNT_OF(moments) * COUNT_OF(sets) * COUNT_OF(sizes); i++) {
        const int *size = sizes[i % 2];
        struct desk *desk = desk_open(PLAN_FIXTURE_TOLD, size[0], size[1]);
        desk->ui.glyphs = sets[i / 2 % 2];
        desk_reach(desk, moments[i / 4]);
        look_at_every_screen(desk);
        desk_close(desk);
    }
}

static void hold(struct desk *desk, const char *why)
{
    desk_step(desk,
              (struct event){
                  .kind = EVENT_HOLD, .script = -1, .who = STR("anna"), .text = str_from(why)});
    desk->ui.follows = false;
    ui_go(&desk->ui, SCREEN_OVERVIEW);
    desk_see(desk);
}

#define LONG                                                                                   \
    "the application still writes into the tables that this file drops, and nobody on "        \
    "call knows which of its jobs that is, so we wait for the team until half past ten"

static void a_long_line_of_the_log_says_that_it_goes_on(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_JUDGE);
    hold(desk, LONG);
    SEES(desk, "hold: the application still writes into the tables that thi…\n");
    desk->ui.glyphs = &glyphs_ascii;
    desk_see(desk);
    SEES(desk, "hold: the application still writes into the tables that t...\n");
    desk_close(desk);
}

static void a_long_message_says_that_it_goes_on(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_PREP);
    ui_say(&desk->ui, STYLE_WARN, "%s", LONG);
    SEES(desk,
         " the application still writes into the tables that this file drops, and nob…──\n");
    ui_say(&desk->ui, STYLE_WARN, "%s", "short enough");
    SEES(desk, " short enough ──");
    desk_close(desk);
}

/* To the right there is the rest, and no further than that. */
static void what_was_cut_can_be_scrolled_to(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_JUDGE);
    hold(desk, LONG);
    desk->ui.focus[desk->ui.screen] = PANE_LOG;
    for (int i = 0; i < 40; i++) {
        desk_key(desk, KEY_RIGHT_ARROW);
    }
    SEES(desk, "half past ten");
    SEES_NOT(desk, "half past ten…");
    desk_close(desk);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_keeps_the_last_column_free),
        cmocka_unit_test(a_long_line_of_the_log_says_that_it_goes_on),
        cmocka_unit_test(a_long_message_says_that_it_goes_on),
        cmocka_unit_test(what_was_cut_can_be_scrolled_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
