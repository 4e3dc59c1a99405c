/* SPDX-License-Identifier: PostgreSQL */
/*
 * A click moves and chooses, as arrows do: to a pane and a row of it, in a box to a way to
 * answer. It opens, takes and ends nothing, however often it comes. Rail, rules, NEXT and
 * the row of keys are no buttons.
 */
#include "ui_private.h"

/* `row` counts from the top of the pane. */
static void click_row(const struct placed *placed, struct pane_state *state, int row)
{
    struct arena arena = {0};
    struct sight sight = sight_of(placed, state, &arena);
    int index = sight_at(&sight, state, row);
    if (index >= 0) {
        sight_point(&sight, state, index);
    }
    arena_release(&arena);
}

static const struct placed *find_placed(const struct layout *layout, int row, int column)
{
    for (size_t i = 0; i < layout->count; i++) {
        const struct placed *placed = &layout->panes[i];
        if (row >= placed->row && row < placed->row + placed->rows &&
            column >= placed->column && column < placed->column + placed->columns) {
            return placed;
        }
    }
    return NULL;
}

static void click_page(struct ui *ui, int row, int column)
{
    struct layout layout;
    layout_page(ui, &ui->page, &layout);
    const struct placed *placed = find_placed(&layout, row, column);
    if (placed && pane_takes_focus(placed->pane)) {
        ui_focus(ui, ui->screen, placed->pane->id);
        click_row(placed, &ui->panes[ui->screen][placed->pane->id], row - placed->row);
    }
}

void ui_click(const struct press *press)
{
    struct ui *ui = press->ui;
    int row = key_click_row(press->key) - BODY_ROW;
    int column = key_click_column(press->key);
    if (!ui->mouse || ui->columns < SMALL_COLUMNS || ui->rows < SMALL_ROWS || row < 0 ||
        row >= ui->rows - CHROME_ROWS) {
        return;
    }
    if (ui_in_dialog(ui)) {
        dialog_click(press);
    } else if (overlay_is_open(ui)) {
        struct placed placed = overlay_placed(ui);
        click_row(&placed, &ui->overlay_state, row);
    } else {
        click_page(ui, row, column);
    }
}
