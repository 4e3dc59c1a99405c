/* SPDX-License-Identifier: PostgreSQL */
/*
 * Frames without a terminal. The colours of the picture are xterm's 256, the same that
 * a terminal would show; runs of equal cells become one element.
 */
#include "frame_dump.h"

#include <string.h>

enum {
    CELL_WIDTH = 9,
    CELL_HEIGHT = 18,
    BASELINE = 14,
    MARGIN = 9,
};

static const struct grid_cell *cell_at(const struct grid *grid, int row, int column)
{
    return &grid->cells[row * grid->columns + column];
}

static void trim_blanks(struct strbuf *out, size_t from)
{
    while (out->len > from && out->ptr[out->len - 1] == ' ') {
        out->ptr[--out->len] = '\0';
    }
}

void frame_text(const struct grid *grid, struct strbuf *out)
{
    for (int row = 0; row < grid->rows; row++) {
        size_t from = out->len;
        for (int column = 0; column < grid->columns; column++) {
            const struct grid_cell *cell = cell_at(grid, row, column);
            if (cell->width == 0) {
                continue;
            }
            strbuf_add(out, cell->len > 0 ? (struct str){cell->text, cell->len} : STR(" "));
        }
        trim_blanks(out, from);
        strbuf_byte(out, '\n');
    }
}

void frame_styles(const struct grid *grid, struct strbuf *out)
{
    static const char letters[STYLE__COUNT + 1] = ".dbgxhwru-ki123";
    for (int row = 0; row < grid->rows; row++) {
        size_t from = out->len;
        for (int column = 0; column < grid->columns; column++) {
            const struct grid_cell *cell = cell_at(grid, row, column);
            char letter = letters[cell->style];
            bool blank = cell->len == 0 && cell->width == 1 && cell->marks == 0 &&
                         cell->style == STYLE_NORMAL;
            if (cell->marks & CELL_SELECTED) {
                letter = letter == '.'
                             ? '*'
                             : (char)(letter >= 'a' && letter <= 'z' ? letter - 32 : letter);
            }
            letter = cell->marks & CELL_RISK ? '_' : letter;
            strbuf_byte(out, blank ? ' ' : letter);
        }
        trim_blanks(out, from);
        strbuf_byte(out, '\n');
    }
}

/* ------------------------------------------------------------------------ SVG */

/* xterm's palette: 16 named, a cube of 6 x 6 x 6, 24 greys. */
static unsigned rgb_of(int colour)
{
    static const unsigned named[16] = {
        0x000000, 0xcd3131, 0x0dbc79, 0xe5e510, 0x2472c8, 0xbc3fbc, 0x11a8cd, 0xe5e5e5,
        0x666666, 0xf14c4c, 0x23d18b, 0xf5f543, 0x3b8eea, 0xd670d6, 0x29b8db, 0xffffff};
    static const unsigned steps[6] = {0, 95, 135, 175, 215, 255};
    if (colour < 16) {
        return named[colour];
    }
    if (colour >= 232) {
        unsigned grey = 8 + 10 * (unsigned)(colour - 232);
        return grey << 16 | grey << 8 | grey;
    }
    unsigned cube = (unsigned)colour - 16;
    return steps[cube / 36] << 16 | steps[cube / 6 % 6] << 8 | steps[cube % 6];
}

struct picture {
    const struct grid *grid;
    const struct theme *theme;
    unsigned ink, paper; /* of the ground */
    struct strbuf *out;
};

struct paint {
    unsigned ink, paper;
    unsigned attributes;
};

static struct paint paint_of(const struct picture *picture, const struct grid_cell *cell)
{
    struct shown shown = theme_cell(picture->theme, cell, 256);
    struct paint paint = {shown.ink >= 0 ? rgb_of(shown.ink) : picture->ink,
                          shown.paper >= 0 ? rgb_of(shown.paper) : picture->paper,
                          shown.attributes};
    if (shown.attributes & LOOK_REVERSE) {
        unsigned ink = paint.ink;
        paint.ink = paint.paper;
        paint.paper = ink;
    }
    return paint;
}

static bool same_paint(struct paint a, struct paint b)
{
    return a.ink == b.ink && a.paper == b.paper && a.attributes == b.attributes;
}

static void draw_paper(const struct picture *picture, int row, int from, int to,
                       struct paint paint)
{
    if (paint.paper != picture->paper) {
        strbuf_format(picture->out,
                      "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#%06x\"/>\n",
                      MARGIN + from * CELL_WIDTH, MARGIN + row * CELL_HEIGHT,
                      (to - from) * CELL_WIDTH, CELL_HEIGHT, paint.paper);
    }
}

static void draw_ink(const struct picture *picture, int row, int from, int to,
                     struct paint paint, struct str text)
{
    if (str_trim(text).len == 0 && !(paint.attributes & LOOK_UNDERLINE)) {
        return;
    }
    strbuf_format(picture->out, "<text x=\"%d\" y=\"%d\" textLength=\"%d\" fill=\"#%06x\"%s%s>",
                  MARGIN + from * CELL_WIDTH, MARGIN + row * CELL_HEIGHT + BASELINE,
                  (to - from) * CELL_WIDTH, paint.ink,
                  paint.attributes & LOOK_BOLD ? " font-weight=\"bold\"" : "",
                  paint.attributes & LOOK_UNDERLINE ? " text-decoration=\"underline\"" : "");
    strbuf_markup(picture->out, text);
    strbuf_text(picture->out, "</text>\n");
}

/* Cells of one paint in a row; signs stand alone, since fonts disagree about their width. */
static int run_end(const struct picture *picture, int row, int from, struct paint paint)
{
    const struct grid *grid = picture->grid;
    bool plain = cell_at(grid, row, from)->len <= 1;
    int to = from + 1;
    while (to < grid->columns && cell_at(grid, row, to)->width == 0) {
        to++;
    }
    while (plain && to < grid->columns && cell_at(grid, row, to)->len <= 1 &&
           cell_at(grid, row, to)->width == 1 &&
           same_paint(paint_of(picture, cell_at(grid, row, to)), paint)) {
        to++;
    }
    return to;
}

static void draw_row(const struct picture *picture, int row)
{
    const struct grid *grid = picture->grid;
    struct strbuf text = {0};
    for (int from = 0; from < grid->columns;) {
        struct paint paint = paint_of(picture, cell_at(grid, row, from));
        int to = run_end(picture, row, from, paint);
        strbuf_clear(&text);
        for (int i = from; i < to; i++) {
            const struct grid_cell *cell = cell_at(grid, row, i);
            if (cell->width > 0) {
                strbuf_add(&text,
                           cell->len > 0 ? (struct str){cell->text, cell->len} : STR(" "));
            }
        }
        draw_paper(picture, row, from, to, paint);
        draw_ink(picture, row, from, to, paint, strbuf_str(&text));
        from = to;
    }
    strbuf_release(&text);
}

void frame_svg(const struct grid *grid, const struct theme *theme, struct strbuf *out)
{
    bool light = strcmp(theme->word, "light") == 0;
    struct picture picture = {grid, theme, light ? 0x262626 : 0xd0d0d0,
                              light ? 0xfafafa : 0x16181c, out};
    int width = grid->columns * CELL_WIDTH + 2 * MARGIN;
    int height = grid->rows * CELL_HEIGHT + 2 * MARGIN;
    strbuf_format(out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                  "viewBox=\"0 0 %d %d\" font-family=\"DejaVu Sans Mono, monospace\" "
                  "font-size=\"15\" xml:space=\"preserve\">\n"
                  "<rect width=\"100%%\" height=\"100%%\" fill=\"#%06x\"/>\n",
                  width, height, width, height, picture.paper);
    for (int row = 0; row < grid->rows; row++) {
        draw_row(&picture, row);
    }
    strbuf_text(out, "</svg>\n");
}
