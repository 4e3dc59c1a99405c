/* SPDX-License-Identifier: PostgreSQL */
/*
 * A screen as data: a grid of cells, each a character with its combining marks, a
 * style by meaning and a few marks. What draws on it knows no terminal; what shows
 * it (painter.c, frame_dump.c) knows no screen.
 */
#ifndef GONOGO_TUI_GRID_H
#define GONOGO_TUI_GRID_H

#include "base.h"

/* What a text means; themes say how that looks. */
enum style {
    STYLE_NORMAL,
    STYLE_DIM,     /* done and ordinary, not yet */
    STYLE_BOLD,    /* the current thing, a heading */
    STYLE_GOOD,    /* GO, pass, done */
    STYLE_BAD,     /* NO-GO, fail */
    STYLE_HOLD,    /* a person is needed */
    STYLE_WARN,    /* a warning, a finding */
    STYLE_RUNNING, /* now at work */
    STYLE_UNKNOWN, /* claimed, not proven, no data */
    STYLE_RULE,    /* lines between parts */
    STYLE_KEY,     /* a key in the footer */
    STYLE_INPUT,   /* a field that is typed into */
    STYLE_BADGE_PRODUCTION,
    STYLE_BADGE_STAGING,
    STYLE_BADGE_OTHER,
    STYLE__COUNT,
};

enum {
    CELL_SELECTED = 1 << 0, /* the row under the cursor */
    CELL_HIT = 1 << 1,      /* found by a search */
    CELL_RISK = 1 << 2,     /* a word to look at twice: underlined */
    CELL_TEXT_MAX = 12,     /* a character and two combining marks */
};

struct grid_cell {
    char text[CELL_TEXT_MAX]; /* UTF-8, not NUL-terminated; len 0: a blank */
    uint8_t len;
    uint8_t width; /* columns: 1 or 2; 0: the right half of the cell before */
    uint8_t style; /* enum style */
    uint8_t marks; /* CELL_… */
};

/* `= {0}` has no cells. The cursor is hidden when cursor_row is -1. */
struct grid {
    int columns;
    int rows;
    struct grid_cell *cells; /* rows * columns, row by row */
    int cursor_row;
    int cursor_column;
};

/* Blank cells of that size; what was there is gone. */
void grid_resize(struct grid *grid, int columns, int rows);
void grid_release(struct grid *grid);
void grid_copy(struct grid *to, const struct grid *from);

/* A rectangle of a grid that is drawn into: nothing leaves it. */
struct area {
    struct grid *grid;
    int row, column;
    int rows, columns;
};
struct area grid_area(struct grid *grid);
/* A part of an area, clipped to it. */
struct area area_part(struct area area, int row, int column, int rows, int columns);

/*
 * Puts sanitised text at a place of the area and returns the column behind it. What does
 * not fit is left out; half of a wide character is never drawn.
 */
int area_put(struct area area, int row, int column, enum style style, unsigned marks,
             struct str text);
/* The same glyph from column to the end of the area. */
void area_rule(struct area area, int row, int column, enum style style, struct str glyph);
/* Adds marks to a row of the area. */
void area_mark(struct area area, int row, unsigned marks);

#endif
