/* SPDX-License-Identifier: PostgreSQL */
/*
 * Where the panes of a page stand, and which lines of a pane are in sight. Keys and
 * painting both ask here, so a page down moves by exactly what is seen.
 */
#ifndef GONOGO_TUI_LAYOUT_H
#define GONOGO_TUI_LAYOUT_H

#include "page.h"
#include "ui.h"

/* A pane in the body; rows and columns as in the body, title rule included. */
struct placed {
    const struct pane *pane;
    int row, column;
    int rows, columns;
};
struct layout {
    struct placed panes[PANES_MAX];
    size_t count;
    int leaves; /* small screen: how many pages Tab turns */
    int wall;   /* column of the wall between left and right; -1: none */
};
/* The panes of the screen shown that are in sight now, zoom and leaf considered. */
void layout_page(const struct ui *ui, const struct page *page, struct layout *layout);
/* Of a wide screen: the rows that panes below the others share. */
int layout_bottom_rows(const struct page *page);
const struct placed *layout_find(const struct layout *layout, enum pane_id id);

/* The lines of a pane in the order in which they are drawn. */
struct sight {
    const struct pane *pane;
    int *pinned; /* indexes into pane->lines */
    int pinned_count;
    int *lines; /* that scroll, filter passed */
    int count;
    int all;       /* that scroll, before the filter */
    int rows;      /* of the list that can be seen at once */
    int cursor;    /* index into `lines`; -1: no row can be stood on */
    int number;    /* of the cursor among the rows, from 1 */
    int row_count; /* lines that the cursor can stand on */
};
/* In `arena`. `rows` is the height of the placed pane. */
struct sight sight_of(const struct placed *placed, const struct pane_state *state,
                      struct arena *arena);
/* Keeps the cursor at its height and `top` within bounds, after lines came or went. */
void sight_settle(const struct sight *sight, struct pane_state *state);
/* Moves the cursor (or, where there is none, the lines) by `step` rows. */
void sight_move(const struct sight *sight, struct pane_state *state, int step);
/* The cursor (or, where there is none, the first line in sight) to one of `lines`. */
void sight_goto(const struct sight *sight, struct pane_state *state, int index);
/* The line that the cursor can stand on in a row of the placed pane, an index into `lines`;
 * -1: there is none. */
int sight_at(const struct sight *sight, const struct pane_state *state, int row);
/* The cursor to a line that is in sight; nothing scrolls, so that it stays under the pointer.
 */
void sight_point(const struct sight *sight, struct pane_state *state, int index);

/* match.c. Does `text` hold `wanted`? Without regard to case unless `wanted` has capitals. */
bool text_matches(struct str text, const char *wanted);
/* Is case regarded? */
bool match_is_exact(const char *wanted);

bool pane_is_titled(const struct pane *pane);
bool pane_takes_focus(const struct pane *pane);

#endif
