/* SPDX-License-Identifier: PostgreSQL */
/*
 * The last row while something is typed: "/", "f" or ":" and the line. What Tab offers
 * stands in the rule above it.
 */
#include "ui_private.h"

enum {
    CANDIDATES_MAX = 64,
};

/* The candidates from left to right, the chosen one marked, moved so that it is in sight. */
static void draw_candidates(struct area area, const struct ui *ui, const struct run *run)
{
    struct arena arena = {0};
    struct str found[CANDIDATES_MAX];
    int row = area.rows - 3;
    size_t count =
        command_candidates(run, ui, str_from(ui->command.typed), &arena, found, CANDIDATES_MAX);
    area_rule(area, row, 0, STYLE_RULE, str_from(ui->glyphs->text[GLYPH_RULE]));
    int column = 1;
    for (size_t i = 0; i < count; i++) {
        bool here = (int)i == ui->command.candidate;
        int width = str_width(found[i]) + 3;
        if (column + width > area.columns && (int)i <= ui->command.candidate) {
            area_rule(area, row, 0, STYLE_RULE, str_from(ui->glyphs->text[GLYPH_RULE]));
            column = 1;
        }
        column = area_put(area, row, column, STYLE_NORMAL, 0, STR(" "));
        column = area_put(area, row, column, here ? STYLE_KEY : STYLE_NORMAL,
                          here ? CELL_SELECTED : 0, found[i]);
        column = area_put(area, row, column, STYLE_NORMAL, 0, STR(" ")) + 1;
    }
    arena_release(&arena);
}

bool view_input(struct area area, const struct ui *ui, const struct run *run)
{
    const char *prompt = ui->mode == MODE_SEARCH    ? "find: /"
                         : ui->mode == MODE_FILTER  ? "only lines with: "
                         : ui->mode == MODE_COMMAND ? ":"
                                                    : NULL;
    if (!prompt) {
        return false;
    }
    if (ui->mode == MODE_COMMAND && ui->command.completing) {
        draw_candidates(area, ui, run);
    }
    int row = area.rows - 1;
    int column = area_put(area, row, 1, STYLE_BOLD, 0, str_from(prompt));
    input_draw(area, row, column, area.columns - column - 1, &ui->input);
    return true;
}
