/* SPDX-License-Identifier: PostgreSQL */
/*
 * Search and filter within the focused pane. Both work while one types. A search never
 * wraps around by itself: it says that this was the last one. A filter hides lines and
 * therefore always says how many (view.c).
 */
#include "ui_private.h"

#include <stdio.h>
#include <string.h>

/* The focused pane, its lines in sight, and those among them that match. */
struct search {
    struct arena arena;
    struct placed placed;
    struct pane_state *state;
    struct sight sight;
    int *hits; /* indexes into sight.lines */
    int count;
    int here; /* where the cursor stands, or the first line in sight */
};

static bool search_open(struct search *search, struct ui *ui, const char *wanted)
{
    *search = (struct search){0};
    if (!ui_focused(ui, &search->placed)) {
        return false;
    }
    search->state = ui_state_of_focus(ui);
    search->sight = sight_of(&search->placed, search->state, &search->arena);
    const struct sight *sight = &search->sight;
    bool at_end = sight->pane->follows && !search->state->scrolled;
    search->here =
        at_end ? sight->count - 1 : (sight->cursor >= 0 ? sight->cursor : search->state->top);
    search->hits = arena_array(&search->arena, (size_t)sight->count + 1, sizeof(int));
    for (int i = 0; i < sight->count && wanted[0] != '\0'; i++) {
        const struct line *line = &sight->pane->lines[sight->lines[i]];
        bool row = line->subject.kind != SUBJECT_NONE || sight->cursor < 0;
        if (row && text_matches(line_plain(line, &search->arena), wanted)) {
            search->hits[search->count++] = i;
        }
    }
    return true;
}

static void search_close(struct search *search)
{
    arena_release(&search->arena);
}

/* The nearest hit in a direction, `here` included or not; -1: none. */
static int nearest(const struct search *search, int direction, bool here)
{
    int found = -1;
    for (int i = 0; i < search->count; i++) {
        int hit = search->hits[i];
        bool ahead = direction > 0 ? hit > search->here : hit < search->here;
        if ((ahead || (here && hit == search->here)) && (found < 0 || direction < 0)) {
            found = i;
        }
    }
    return found;
}

/* Nothing was found, and a capital may be why. */
static void say_none(struct ui *ui, const char *wanted)
{
    ui_say(ui, STYLE_WARN, "no match for \"%s\"%s", wanted,
           match_is_exact(wanted) ? " (capitals are matched exactly)" : "");
}

static void jump(struct ui *ui, const struct search *search, int hit)
{
    sight_goto(&search->sight, search->state, search->hits[hit]);
    ui_say(ui, STYLE_NORMAL, "%d of %d", hit + 1, search->count);
}

void find_next(struct ui *ui, int direction)
{
    struct search search;
    if (!search_open(&search, ui, ui->search)) {
        return;
    }
    int hit = nearest(&search, direction, false);
    if (search.count == 0) {
        say_none(ui, ui->search);
    } else if (hit >= 0) {
        jump(ui, &search, hit);
    } else {
        ui_say(ui, STYLE_WARN, "%s of %d; %s", direction > 0 ? "last one" : "first one",
               search.count, direction > 0 ? "N goes back" : "n goes on");
    }
    search_close(&search);
}

void find_begin(struct ui *ui, bool filter)
{
    struct pane_state *state = ui_state_of_focus(ui);
    ui->found_from = *state;
    (void)snprintf(ui->search_before, sizeof(ui->search_before), "%s", ui->search);
    ui->under = overlay_is_open(ui) ? ui->mode : MODE_BROWSE;
    ui->mode = filter ? MODE_FILTER : MODE_SEARCH;
    input_set(&ui->input, filter ? state->filter : "");
}

/* Each key looks anew from where the search began. */
static void search_typed(struct ui *ui)
{
    struct search search;
    *ui_state_of_focus(ui) = ui->found_from;
    (void)snprintf(ui->search, sizeof(ui->search), "%s", ui->input.text);
    if (ui->search[0] == '\0' || !search_open(&search, ui, ui->search)) {
        return;
    }
    int hit = nearest(&search, 1, true);
    if (search.count == 0) {
        say_none(ui, ui->search);
    } else if (hit >= 0) {
        jump(ui, &search, hit);
    } else {
        ui_say(ui, STYLE_WARN, "none below, %d above: Enter, then N goes there", search.count);
    }
    search_close(&search);
}

static void filter_typed(struct ui *ui)
{
    struct search pane;
    struct pane_state *state = ui_state_of_focus(ui);
    (void)snprintf(state->filter, sizeof(state->filter), "%s", ui->input.text);
    if (search_open(&pane, ui, "")) {
        sight_settle(&pane.sight, state);
        if (pane.sight.count == 0 && pane.sight.all > 0) {
            say_none(ui, state->filter);
        } else {
            ui->message[0] = '\0';
        }
        search_close(&pane);
    }
}

void find_key(const struct press *press)
{
    struct ui *ui = press->ui;
    bool filter = ui->mode == MODE_FILTER;
    if (press->key == KEY_ESCAPE || press->key == KEY_CONTROL('c')) {
        *ui_state_of_focus(ui) = ui->found_from;
        if (filter) {
            ui_state_of_focus(ui)->filter[0] = '\0';
        } else {
            (void)snprintf(ui->search, sizeof(ui->search), "%s", ui->search_before);
        }
        ui->mode = ui->under;
        ui->message[0] = '\0';
    } else if (press->key == KEY_RETURN || press->key == '\n') {
        ui->mode = ui->under;
    } else if (input_key(&ui->input, press->key)) {
        if (filter) {
            filter_typed(ui);
        } else {
            search_typed(ui);
        }
    } else {
        press_unknown(press);
    }
}
