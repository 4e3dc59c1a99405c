/* SPDX-License-Identifier: PostgreSQL */
/*
 * Moving: between screens, between panes, within the focused one.
 */
#include "ui_private.h"

bool ui_focused(const struct ui *ui, struct placed *placed)
{
    if (overlay_is_open(ui)) {
        *placed = overlay_placed(ui);
        return true;
    }
    struct layout layout;
    layout_page(ui, &ui->page, &layout);
    const struct placed *found = layout_find(&layout, ui->focus[ui->screen]);
    if (found) {
        *placed = *found;
    }
    return found != NULL;
}

struct pane_state *ui_state_of_focus(struct ui *ui)
{
    return overlay_is_open(ui) ? &ui->overlay_state
                               : &ui->panes[ui->screen][ui->focus[ui->screen]];
}

struct subject ui_cursor(const struct ui *ui, enum pane_id pane)
{
    struct layout layout;
    struct arena arena = {0};
    /* Out of sight (another leaf, a zoom), the cursor stands where it was left. */
    struct subject subject = ui->panes[ui->screen][pane].cursor;
    layout_page(ui, &ui->page, &layout);
    const struct placed *placed = layout_find(&layout, pane);
    if (placed) {
        struct sight sight = sight_of(placed, &ui->panes[ui->screen][pane], &arena);
        if (sight.cursor >= 0) {
            subject = sight.pane->lines[sight.lines[sight.cursor]].subject;
        }
    }
    arena_release(&arena);
    return subject;
}

void ui_focus(struct ui *ui, enum screen screen, enum pane_id pane)
{
    ui->focus[screen] = pane;
    ui->focused[screen][pane] = ++ui->focus_count;
}

enum pane_id ui_list_of(const struct ui *ui, const enum pane_id *lists, size_t count)
{
    enum pane_id found = lists[0];
    for (size_t i = 0; i < count; i++) {
        const uint64_t *focused = ui->focused[ui->screen];
        found = focused[lists[i]] > focused[found] ? lists[i] : found;
    }
    return found;
}

/* The focus is on a pane that is in sight. */
static void find_focus(struct ui *ui)
{
    struct layout layout;
    layout_page(ui, &ui->page, &layout);
    const struct placed *here = layout_find(&layout, ui->focus[ui->screen]);
    if (here && pane_takes_focus(here->pane)) {
        return;
    }
    for (size_t i = 0; i < layout.count; i++) {
        if (pane_takes_focus(layout.panes[i].pane) &&
            layout.panes[i].pane->place != PANE_BOTTOM) {
            ui_focus(ui, ui->screen, layout.panes[i].pane->id);
            return;
        }
    }
}

void ui_settle(struct ui *ui)
{
    struct layout layout;
    find_focus(ui);
    layout_page(ui, &ui->page, &layout);
    for (size_t i = 0; i < layout.count; i++) {
        struct arena arena = {0};
        struct pane_state *state = &ui->panes[ui->screen][layout.panes[i].pane->id];
        struct sight sight = sight_of(&layout.panes[i], state, &arena);
        sight_settle(&sight, state);
        arena_release(&arena);
    }
}

void ui_go(struct ui *ui, enum screen screen)
{
    if (ui->screen != screen) {
        ui->zoomed = false;
        ui->leaf[screen] = 0;
    }
    ui->screen = screen;
    ui->page.count = 0; /* build it anew, frozen or not */
    ui->paused = false;
}

static bool shows(const struct pane *pane, struct subject subject)
{
    for (size_t i = 0; i < pane->count; i++) {
        if (subject_same(pane->lines[i].subject, subject)) {
            return true;
        }
    }
    return false;
}

/* Builds a screen's page and looks for the subject in it. */
static const struct pane *find_shown(struct ui *ui, const struct run *run, enum screen screen,
                                     struct subject subject)
{
    ui_go(ui, screen);
    page_begin(&ui->page, ui->glyphs, ui->columns, ui->rows);
    screens[screen].build(&ui->page, run, ui);
    for (size_t i = 0; i < ui->page.count; i++) {
        if (shows(&ui->page.panes[i], subject)) {
            return &ui->page.panes[i];
        }
    }
    return NULL;
}

/* In every list of the page: the one in focus may go, as findings do that a target clears. */
static void point_at(struct ui *ui, enum screen screen, struct subject subject)
{
    for (size_t i = 0; i < ui->page.count; i++) {
        const struct pane *pane = &ui->page.panes[i];
        if (shows(pane, subject)) {
            struct pane_state *state = &ui->panes[screen][pane->id];
            state->cursor = subject;
            state->scrolled = true;
            state->filter[0] = '\0';
        }
    }
}

/* On a small screen the panes that are not MAIN are leaves, in their order. */
static int leaf_of(const struct page *page, const struct pane *wanted)
{
    int leaf = 0;
    for (size_t i = 0; i < page->count && wanted->place != PANE_MAIN; i++) {
        leaf += page->panes[i].place != PANE_MAIN;
        if (&page->panes[i] == wanted) {
            return leaf;
        }
    }
    return 0;
}

bool ui_go_to(struct ui *ui, const struct run *run, struct subject subject)
{
    enum screen from = ui->screen;
    for (int i = -1; i < SCREEN__COUNT; i++) {
        enum screen screen = i < 0 ? screen_of(run) : (enum screen)i;
        const struct pane *pane = find_shown(ui, run, screen, subject);
        if (pane) {
            ui_focus(ui, screen, pane->id);
            ui->leaf[screen] = leaf_of(&ui->page, pane);
            point_at(ui, screen, subject);
            ui->follows = screen == screen_of(run);
            ui_settle(ui);
            return true;
        }
    }
    ui_go(ui, from);
    return false;
}

static void move_by(struct ui *ui, const struct sight *sight, struct pane_state *state,
                    enum intent intent)
{
    int page = sight->rows > 1 ? sight->rows - 1 : 1;
    int all = sight->count + 1;
    switch ((int)intent) {
    case INTENT_DOWN:
        sight_move(sight, state, 1);
        break;
    case INTENT_UP:
        sight_move(sight, state, -1);
        break;
    case INTENT_PAGE_DOWN:
        sight_move(sight, state, page);
        break;
    case INTENT_PAGE_UP:
        sight_move(sight, state, -page);
        break;
    case INTENT_HALF_DOWN:
        sight_move(sight, state, page / 2 + 1);
        break;
    case INTENT_HALF_UP:
        sight_move(sight, state, -(page / 2 + 1));
        break;
    case INTENT_FIRST:
        sight_move(sight, state, -all);
        state->left = 0;
        break;
    case INTENT_LAST:
        sight_move(sight, state, all);
        break;
    case INTENT_RIGHT:
        state->left += ui->columns / 8;
        break;
    case INTENT_LEFT:
        state->left = state->left > ui->columns / 8 ? state->left - ui->columns / 8 : 0;
        break;
    default:
        break;
    }
}

static int longest_of(const struct pane *pane, const int *indexes, int count)
{
    int end = 0;
    for (int i = 0; i < count; i++) {
        int line_end = pane->lines[indexes[i]].end;
        end = line_end > end ? line_end : end;
    }
    return end;
}

/* Never further to the right than there is text; headings move along with what they head. */
static void clamp_left(const struct sight *sight, struct pane_state *state, int columns)
{
    int end = longest_of(sight->pane, sight->lines, sight->count);
    int head = longest_of(sight->pane, sight->pinned, sight->pinned_count);
    end = head > end ? head : end;
    int room = columns - 1; /* as they are drawn */
    int most = end > room ? end - room : 0;
    state->left = state->left > most ? most : state->left;
}

void ui_move(struct ui *ui, enum intent intent)
{
    struct placed placed;
    if (!ui_focused(ui, &placed)) {
        return;
    }
    struct arena arena = {0};
    struct pane_state *state = ui_state_of_focus(ui);
    struct sight sight = sight_of(&placed, state, &arena);
    move_by(ui, &sight, state, intent);
    clamp_left(&sight, state, placed.columns);
    arena_release(&arena);
}

void ui_turn(struct ui *ui, int direction)
{
    struct layout layout;
    layout_page(ui, &ui->page, &layout);
    int *leaf = &ui->leaf[ui->screen];
    int at = -1;
    for (size_t i = 0; i < layout.count; i++) {
        at = layout.panes[i].pane->id == ui->focus[ui->screen] ? (int)i : at;
    }
    for (int i = at + direction; i >= 0 && i < (int)layout.count; i += direction) {
        if (pane_takes_focus(layout.panes[i].pane)) {
            ui_focus(ui, ui->screen, layout.panes[i].pane->id);
            return;
        }
    }
    if (layout.leaves > 1) {
        *leaf = (*leaf + direction + layout.leaves) % layout.leaves;
        layout_page(ui, &ui->page, &layout);
    }
    for (int i = 0; i < (int)layout.count; i++) {
        int index = direction > 0 ? i : (int)layout.count - 1 - i;
        if (pane_takes_focus(layout.panes[index].pane)) {
            ui_focus(ui, ui->screen, layout.panes[index].pane->id);
            return;
        }
    }
}
