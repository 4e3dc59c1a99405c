/* SPDX-License-Identifier: PostgreSQL */
/*
 * Heights first: every pane gets what it needs at least, then fixed panes their whole
 * content, then those that grow, and what is left goes to the last that grows. A pane
 * that finds no room at all is not drawn; on a small screen Tab turns to the others.
 */
#include "layout.h"

#include <string.h>

enum {
    MARGIN = 2 /* lines kept in sight above and below the cursor */
};

bool pane_is_titled(const struct pane *pane)
{
    return pane->title.len > 0;
}

bool pane_takes_focus(const struct pane *pane)
{
    return pane->title.len > 0 || pane->grows;
}

static int wants(const struct pane *pane)
{
    return (int)pane->count + (pane_is_titled(pane) ? 1 : 0);
}

static int needs(const struct pane *pane)
{
    int least = pane->least < (int)pane->count ? pane->least : (int)pane->count;
    return least + (pane_is_titled(pane) ? 1 : 0);
}

/* Gives `more` rows to the panes that `grows` selects, up to what they want. */
static int give(const struct pane *const *panes, int *heights, int count, int more, bool grows)
{
    for (bool given = true; given && more > 0;) {
        given = false;
        for (int i = 0; i < count && more > 0; i++) {
            if (panes[i]->grows == grows && heights[i] > 0 && heights[i] < wants(panes[i])) {
                heights[i]++;
                more--;
                given = true;
            }
        }
    }
    return more;
}

/* Stacks panes of one column of the body. */
static void stack(struct layout *layout, const struct pane *const *panes, int count, int row,
                  int column, int rows, int columns)
{
    int heights[PANES_MAX] = {0};
    int left = rows;
    int last = -1;
    for (int i = 0; i < count; i++) {
        heights[i] = needs(panes[i]) <= left ? needs(panes[i]) : left;
        left -= heights[i];
        last = panes[i]->grows || last < 0 ? i : last;
    }
    left = give(panes, heights, count, left, false);
    left = give(panes, heights, count, left, true);
    if (last >= 0 && panes[last]->grows) {
        heights[last] += left;
    }
    for (int i = 0; i < count; i++) {
        if (heights[i] > 0) {
            layout->panes[layout->count++] =
                (struct placed){panes[i], row, column, heights[i], columns};
            row += heights[i];
        }
    }
}

static int pick(const struct page *page, enum pane_place place,
                const struct pane *picked[PANES_MAX])
{
    int count = 0;
    for (size_t i = 0; i < page->count; i++) {
        if (page->panes[i].place == place) {
            picked[count++] = &page->panes[i];
        }
    }
    return count;
}

/* Above 40 rows the bottom takes its half of what is more. */
int layout_bottom_rows(const struct page *page)
{
    return BOTTOM_ROWS + 1 + (page->rows - WIDE_ROWS) / 2;
}

/* In the order of Tab: what is worked with, what stands beside it, what runs below. */
static void layout_wide(const struct page *page, struct layout *layout, int rows)
{
    const struct pane *left[PANES_MAX] = {0};
    const struct pane *right[PANES_MAX] = {0};
    const struct pane *bottom[PANES_MAX] = {0};
    int left_count = pick(page, PANE_MAIN, left);
    int right_count = pick(page, PANE_RIGHT, right);
    int bottom_count = pick(page, PANE_BOTTOM, bottom);
    int bottom_rows = bottom_count > 0 ? layout_bottom_rows(page) : 0;
    int right_columns = page_right_columns(page);
    int left_columns = page->columns - (right_count > 0 ? right_columns + 2 : 0);
    rows -= bottom_rows;
    layout->wall = right_count > 0 ? left_columns : -1;
    stack(layout, left, left_count, 0, 0, rows, left_columns);
    stack(layout, right, right_count, 0, left_columns + 2, rows, right_columns);
    stack(layout, bottom, bottom_count, rows, 0, bottom_rows, page->columns);
}

void layout_page(const struct ui *ui, const struct page *page, struct layout *layout)
{
    int rows = page->rows - CHROME_ROWS;
    *layout = (struct layout){.wall = -1, .leaves = 1};
    for (size_t i = 0; i < page->count; i++) {
        layout->leaves += page->panes[i].place != PANE_MAIN;
    }
    const struct pane *panes[PANES_MAX] = {0};
    int leaf = ui->leaf[ui->screen];
    if (ui->zoomed) {
        for (size_t i = 0; i < page->count; i++) {
            if (page->panes[i].id == ui->focus[ui->screen]) {
                layout->panes[layout->count++] =
                    (struct placed){&page->panes[i], 0, 0, rows, page->columns};
                return;
            }
        }
    }
    if (page->wide) {
        layout->leaves = 1;
        layout_wide(page, layout, rows);
    } else if (leaf <= 0 || leaf >= layout->leaves) {
        int count = pick(page, PANE_MAIN, panes);
        stack(layout, panes, count, 0, 0, rows, page->columns);
    } else {
        for (size_t i = 0; i < page->count; i++) {
            if (page->panes[i].place != PANE_MAIN && --leaf == 0) {
                layout->panes[layout->count++] =
                    (struct placed){&page->panes[i], 0, 0, rows, page->columns};
            }
        }
    }
}

const struct placed *layout_find(const struct layout *layout, enum pane_id id)
{
    for (size_t i = 0; i < layout->count; i++) {
        if (layout->panes[i].pane->id == id) {
            return &layout->panes[i];
        }
    }
    return NULL;
}

/* --------------------------------------------------------------------- sight */

static bool passes(const struct line *line, const char *filter, struct arena *arena)
{
    return filter[0] == '\0' || text_matches(line_plain(line, arena), filter);
}

static void find_cursor(struct sight *sight, struct subject subject)
{
    int rows = 0;
    int first = -1;
    for (int i = 0; i < sight->count; i++) {
        const struct line *line = &sight->pane->lines[sight->lines[i]];
        if (line->subject.kind == SUBJECT_NONE) {
            continue;
        }
        rows++;
        first = first < 0 ? i : first;
        if (subject_same(line->subject, subject) && sight->cursor < 0) {
            sight->cursor = i;
            sight->number = rows;
        }
    }
    sight->row_count = rows;
    if (sight->cursor < 0) {
        sight->cursor = first;
        sight->number = first >= 0 ? 1 : 0;
    }
}

struct sight sight_of(const struct placed *placed, const struct pane_state *state,
                      struct arena *arena)
{
    const struct pane *pane = placed->pane;
    struct sight sight = {.pane = pane, .cursor = -1};
    sight.pinned = arena_array(arena, pane->count + 1, sizeof(int));
    sight.lines = arena_array(arena, pane->count + 1, sizeof(int));
    for (size_t i = 0; i < pane->count; i++) {
        if (pane->lines[i].pinned) {
            sight.pinned[sight.pinned_count++] = (int)i;
            continue;
        }
        sight.all++;
        if (passes(&pane->lines[i], state->filter, arena)) {
            sight.lines[sight.count++] = (int)i;
        }
    }
    sight.rows = placed->rows - (pane_is_titled(pane) ? 1 : 0) - sight.pinned_count;
    sight.rows = sight.rows > 0 ? sight.rows : 0;
    struct subject subject = state->cursor;
    if (!state->scrolled && pane->wanted >= 0 && pane->wanted < (int)pane->count) {
        subject = pane->lines[pane->wanted].subject;
    }
    find_cursor(&sight, subject);
    return sight;
}

static void clamp_top(const struct sight *sight, struct pane_state *state)
{
    int most = sight->count > sight->rows ? sight->count - sight->rows : 0;
    state->top = state->top > most ? most : state->top;
    state->top = state->top < 0 ? 0 : state->top;
}

/* The cursor stays `margin` lines away from the edges, where there is more beyond them. */
static void keep_in_sight(const struct sight *sight, struct pane_state *state, int cursor,
                          int margin)
{
    margin = sight->rows > 2 * margin ? margin : 0;
    if (cursor < state->top + margin) {
        state->top = cursor - margin;
    }
    if (cursor >= state->top + sight->rows - margin) {
        state->top = cursor - sight->rows + 1 + margin;
    }
    clamp_top(sight, state);
    state->offset = cursor - state->top;
}

void sight_settle(const struct sight *sight, struct pane_state *state)
{
    if (sight->pane->follows && !state->scrolled) {
        state->top = sight->count - sight->rows;
        clamp_top(sight, state);
    } else if (sight->cursor >= 0) {
        const struct line *line = &sight->pane->lines[sight->lines[sight->cursor]];
        state->cursor = line->subject;
        state->top = state->scrolled ? sight->cursor - state->offset : state->top;
        /* What came and went must not move it: no margin is asked of it here. */
        keep_in_sight(sight, state, sight->cursor, state->scrolled ? 0 : MARGIN);
    } else {
        clamp_top(sight, state);
    }
}

void sight_goto(const struct sight *sight, struct pane_state *state, int index)
{
    state->scrolled = true;
    if (sight->cursor < 0) {
        state->top = index;
        clamp_top(sight, state);
        return;
    }
    state->cursor = sight->pane->lines[sight->lines[index]].subject;
    keep_in_sight(sight, state, index, MARGIN);
}

int sight_at(const struct sight *sight, const struct pane_state *state, int row)
{
    row -= (pane_is_titled(sight->pane) ? 1 : 0) + sight->pinned_count;
    int index = state->top + row;
    bool drawn = row >= 0 && row < sight->rows && index < sight->count;
    return drawn && sight->pane->lines[sight->lines[index]].subject.kind != SUBJECT_NONE ? index
                                                                                         : -1;
}

void sight_point(const struct sight *sight, struct pane_state *state, int index)
{
    state->scrolled = true;
    state->cursor = sight->pane->lines[sight->lines[index]].subject;
    state->offset = index - state->top;
}

static int next_row(const struct sight *sight, int from, int direction)
{
    for (int i = from + direction; i >= 0 && i < sight->count; i += direction) {
        if (sight->pane->lines[sight->lines[i]].subject.kind != SUBJECT_NONE) {
            return i;
        }
    }
    return from;
}

void sight_move(const struct sight *sight, struct pane_state *state, int step)
{
    bool at_end = sight->pane->follows && !state->scrolled;
    if (sight->cursor < 0) {
        state->top += step;
        clamp_top(sight, state);
        state->scrolled = state->top + sight->rows < sight->count;
        return;
    }
    int cursor = at_end ? next_row(sight, sight->count, -1) : sight->cursor;
    int direction = step < 0 ? -1 : 1;
    for (int left = step < 0 ? -step : step; left > 0; left--) {
        int next = next_row(sight, cursor, direction);
        if (next == cursor) {
            break;
        }
        cursor = next;
    }
    bool last = next_row(sight, cursor, 1) == cursor;
    state->cursor = sight->pane->lines[sight->lines[cursor]].subject;
    state->scrolled = !(sight->pane->follows && last && step > 0);
    /* Above the first row there may be lines that only a top of zero shows. */
    if (next_row(sight, cursor, -1) == cursor && sight->rows > cursor) {
        state->top = 0;
    }
    keep_in_sight(sight, state, cursor, MARGIN);
}
