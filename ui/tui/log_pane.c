/* SPDX-License-Identifier: PostgreSQL */
/*
 * The log as a pane: newest last, following until a person scrolls.
 */
#include "ui_private.h"

enum {
    SOURCE_COLUMN = 11,
    TEXT_COLUMN = 19,
};

static enum style style_of(const char *text)
{
    struct str whole = str_from(text);
    bool bad = text_matches(whole, "FAILED") || text_matches(whole, "ERROR");
    return bad ? STYLE_BAD : STYLE_NORMAL;
}

void log_pane(struct page *page, const struct ui *ui, enum pane_place place)
{
    struct pane *pane = page_pane(page, PANE_LOG, place, "LOG");
    pane->grows = true;
    pane->follows = true;
    pane->least = 2;
    uint64_t first = ui->entry_count > LOG_MAX ? ui->entry_count - LOG_MAX : 0;
    const struct pane_state *state = &ui->panes[ui->screen][PANE_LOG];
    uint64_t seen = (uint64_t)page->rows;
    if (!state->scrolled && state->filter[0] == '\0' && ui->entry_count > seen + first) {
        first = ui->entry_count - seen; /* what nobody can see needs no line */
    }
    for (uint64_t i = first; i < ui->entry_count; i++) {
        const struct log_entry *entry = &ui->entries[i % LOG_MAX];
        struct line *line = pane_row(pane, SUBJECT_LOG, (int64_t)i, 0);
        struct strbuf clock = {0};
        time_to_clock(&clock, entry->at_us);
        line_at(line, 1, STYLE_DIM, "%s", clock.ptr);
        strbuf_release(&clock);
        line_fit(line, SOURCE_COLUMN, TEXT_COLUMN - SOURCE_COLUMN - 1, STYLE_DIM,
                 str_from(entry->source));
        line_at(line, TEXT_COLUMN, style_of(entry->text), "%s", entry->text);
    }
}

void log_pane_below(struct page *page, const struct ui *ui)
{
    enum {
        LEAST = 4 /* rows, with its title: less makes no sense */
    };
    int taken = 0;
    for (size_t i = 0; i < page->count; i++) {
        bool below = page->panes[i].place == PANE_BOTTOM;
        taken += below ? (int)page->panes[i].count + 1 : 0;
    }
    if (!page->wide || taken == 0 || taken + LEAST <= layout_bottom_rows(page)) {
        log_pane(page, ui, PANE_BOTTOM);
    }
}
