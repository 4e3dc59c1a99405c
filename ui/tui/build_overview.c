/* SPDX-License-Identifier: PostgreSQL */
/*
 * Overview: the schedule as it was planned and as it went, the counts, what is still
 * open, and the log. The first thing that the operator sees.
 */
#include "screen_parts.h"

enum {
    DAY_ROWS = 7, /* hours, five slots, the slack */
    SLOT_TITLE = 4,
    SLOT_BAR = 24,
    STATE_COLUMNS = 40,
};

/* --------------------------------------------------------------------- heading */

static void build_heading(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_A, PANE_MAIN, NULL);
    struct line *line = pane_line(pane);
    struct str digest = str_slice(run->digest, 0, 8);
    struct str right =
        str_format(&page->arena, "plan %.*s   rehearsed ?? not known yet", STR_ARG(digest));
    bool fits = pane->width - str_width(right) - 4 >= str_width(run->plan->name);
    if (!fits && !page->wide) { /* one line for both: the shorter words, then a shorter name */
        right = str_format(&page->arena, "plan %.*s   rehearsed ??", STR_ARG(digest));
        fits = true;
    }
    line_fit(line, 1, pane->width - (fits ? str_width(right) + 4 : 2), STYLE_BOLD,
             run->plan->name);
    line = fits ? line : pane_line(pane);
    line_end(line, pane->width - 1, STYLE_DIM, "%.*s", STR_ARG(right));
}

/* -------------------------------------------------------------------- timeline */

struct scale {
    int64_t from_us, until_us;
    int column, columns;
};

static int column_of(const struct scale *scale, int64_t at_us)
{
    int64_t span = scale->until_us - scale->from_us;
    int64_t away = at_us - scale->from_us;
    away = away < 0 ? 0 : away > span ? span : away;
    return scale->column + (int)(span > 0 ? away * scale->columns / span : 0);
}

static void put_glyph(struct line *line, int column, enum glyph glyph, enum style style)
{
    line_at(line, column, style, "%s", line->page->glyphs->text[glyph]);
}

/* Planned time as an empty bar, what happened over it, a mark for now. */
static void add_bar(struct line *line, const struct run *run, const struct run_slot *slot,
                    const struct scale *scale)
{
    int64_t end_us = slot->planned_start_us + slot->planned_us;
    for (int i = column_of(scale, slot->planned_start_us); i < column_of(scale, end_us); i++) {
        put_glyph(line, i, GLYPH_EMPTY, STYLE_DIM);
    }
    if (slot->started_us > 0) {
        int64_t until_us = slot->ended_us > 0 ? slot->ended_us : run->now_us;
        int to = column_of(scale, until_us);
        for (int i = column_of(scale, slot->started_us);
             i <= to && i < scale->column + scale->columns; i++) {
            bool late = slot->planned_us > 0 && i >= column_of(scale, end_us);
            put_glyph(line, i, GLYPH_FULL,
                      late                 ? STYLE_WARN
                      : slot->ended_us > 0 ? STYLE_DIM
                                           : STYLE_RUNNING);
        }
    }
}

static void add_slot(struct pane *pane, const struct run *run, size_t index,
                     const struct scale *scale)
{
    const struct run_slot *slot = &run->slots[index];
    struct line *line = pane_row(pane, SUBJECT_SLOT, (int64_t)index, 0);
    bool over = slot->ended_us > 0;
    bool here = slot->started_us > 0 && !over;
    enum style style = here ? STYLE_BOLD : STYLE_DIM;
    line_glyph(line, 1, over ? GLYPH_GOOD : here ? GLYPH_RUNNING : GLYPH_NOT_YET);
    line_fit(line, SLOT_TITLE, SLOT_BAR - SLOT_TITLE - 1, style, slot->title);
    if (scale->until_us > scale->from_us && slot->planned_start_us > 0) {
        add_bar(line, run, slot, scale);
    }
    int end = pane->width - 1;
    if (slot->planned_us > 0) {
        part_duration(line, end - 8, STYLE_DIM, slot->planned_us);
    } else {
        line_end(line, end - 8, STYLE_DIM, "-");
    }
    if (slot->started_us > 0) {
        int64_t took_us = (over ? slot->ended_us : run->now_us) - slot->started_us;
        bool late = slot->planned_us > 0 && took_us > slot->planned_us;
        part_duration(line, end, late ? STYLE_WARN : style, took_us);
    } else {
        line_end(line, end, STYLE_DIM, "-");
    }
}

/* What the phases after the windows' last slot leave over; a late start eats into it. */
static int64_t slack_us(const struct run *run)
{
    int64_t last_us = 0;
    for (size_t i = 0; i < run->slot_count; i++) {
        int64_t end_us = run->slots[i].planned_start_us + run->slots[i].planned_us;
        last_us = end_us > last_us ? end_us : last_us;
    }
    return last_us > 0 && run->closes_us > 0 ? run->closes_us - last_us : -1;
}

static void build_timeline(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_B, PANE_MAIN, "TIMELINE");
    pane_note(pane, "planned   actual");
    pane->grows = false;
    struct scale scale = {run->opens_us, run->closes_us, SLOT_BAR, pane->width - SLOT_BAR - 20};
    if (run->opens_us > 0) {
        struct line *hours = pane_head(pane);
        for (int64_t at = run->opens_us; at < run->closes_us; at += US_PER_HOUR) {
            struct strbuf text = {0};
            time_to_clock(&text, at);
            line_at(hours, column_of(&scale, at), STYLE_DIM, "%.5s", text.ptr);
            strbuf_release(&text);
        }
    }
    for (size_t i = 0; i < run->slot_count; i++) {
        add_slot(pane, run, i, &scale);
    }
    int64_t slack = slack_us(run);
    if (slack >= 0 && slack < run->plan->limits.recovery_us) {
        struct line *line = pane_line(pane);
        struct strbuf text = {0};
        duration_to_text(&text, slack);
        line_glyph(line, 1, GLYPH_WARN);
        line_at(line, SLOT_TITLE, STYLE_WARN,
                "slack %s: a late start eats the watch; the way back has no slot", text.ptr);
        strbuf_release(&text);
    }
    /* The whole day, its slack last; more of it is scrolled to. */
    pane->least = (int)pane->count < DAY_ROWS ? (int)pane->count : DAY_ROWS;
}

/* ------------------------------------------------------------ state, readiness */

/* Open items, in the lines of the counts while there are any, then in lines of their own. */
static size_t add_open_items(struct pane *pane, const struct run *run, size_t first, int column)
{
    size_t open = 0;
    for (size_t i = 0; i < run->item_count; i++) {
        const struct run_item *item = &run->items[i];
        struct str why = {0};
        bool before_go =
            item->item->gate == PLAN_GATE_PREP || item->item->gate == PLAN_GATE_POLL;
        if (!before_go || item_is_closed(run, item, &why, &pane->page->arena)) {
            continue;
        }
        struct line *line = first + open < pane->count
                                ? &pane->lines[first + open]
                                : pane_row(pane, SUBJECT_ITEM, (int64_t)i, 0);
        line_glyph(line, column, item->answered ? GLYPH_WARN : GLYPH_NOT_YET);
        line_at(line, column + 3, STYLE_NORMAL, "%.*s", STR_ARG(item->item->id));
        line_fit(line, column + 7, pane->width - column - 8, STYLE_NORMAL, item->item->ask);
        open++;
    }
    return open;
}

/* … and what the rules block, which nobody has overridden yet. */
static size_t add_open_blocks(struct pane *pane, const struct run *run, size_t first,
                              int column)
{
    size_t open = 0;
    for (size_t i = 0; i < run->block_count; i++) {
        const struct run_block *block = &run->blocks[i];
        if (block->overridden) {
            continue;
        }
        struct line *line =
            first + open < pane->count ? &pane->lines[first + open] : pane_line(pane);
        int id = str_width(block->id);
        line_glyph(line, column, GLYPH_BAD);
        line_at(line, column + 3, STYLE_NORMAL, "%.*s", STR_ARG(block->id));
        line_fit(line, column + 4 + id, pane->width - column - 5 - id, STYLE_NORMAL,
                 block->text);
        open++;
    }
    return open;
}

/* What nobody should use any more, and somebody does; the numbers where there is room. */
static void put_written(struct line *line, int column, struct str name,
                        const struct recent_writes *writes)
{
    int width = line->page->wide ? line->page->columns : SMALL_COLUMNS;
    size_t dot = str_find_byte(name, '.', 0);
    struct strbuf text = {0};
    strbuf_format(&text, "\"%.*s\" is still written",
                  STR_ARG(dot < name.len ? str_slice(name, dot + 1, name.len) : name));
    line_glyph(line, column, GLYPH_WARN);
    line_fit(line, column + 3, width - column - 4, STYLE_WARN, strbuf_str(&text));
    if (line->page->wide) {
        strbuf_clear(&text);
        recent_writes_text(&text, writes);
        line_add(line, STYLE_WARN, ": %s", text.ptr);
    }
    strbuf_release(&text);
}

/* In the lines of the counts on a small screen, in lines of their own on a large one. */
static size_t add_written(struct pane *pane, const struct run *run, size_t first, int column)
{
    size_t open = 0;
    for (size_t i = 0; run->phase <= PHASE_POLL && i < run->recent_count; i++) {
        struct recent_writes writes;
        if (run_recent_writes(run, run->recents[i].name, &writes) && writes.rows > 0) {
            bool beside = !pane->page->wide && first + open < pane->count;
            struct line *line = beside ? &pane->lines[first + open] : pane_line(pane);
            put_written(line, pane->page->wide ? 1 : column, run->recents[i].name, &writes);
            open++;
        }
    }
    return open;
}

static void build_state(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_C, PANE_MAIN, "STATE");
    struct line *head = pane_head(pane);
    part_count_head(head, STATE_COLUMNS);
    line_at(head, STATE_COLUMNS + 4, STYLE_DIM, "open before GO");
    size_t first = pane->count;
    for (size_t i = 0; i < run->count_count; i++) {
        if (run->counts[i].plan) {
            part_count(pane_row(pane, SUBJECT_COUNT, (int64_t)i, 0), run, &run->counts[i],
                       STATE_COLUMNS);
        }
    }
    pane->least = (int)pane->count;
    size_t open = add_open_blocks(pane, run, first, STATE_COLUMNS + 4);
    open += page->wide ? 0 : add_written(pane, run, first + open, STATE_COLUMNS + 4);
    open += add_open_items(pane, run, first + open, STATE_COLUMNS + 4);
    if (open == 0 && pane->count > first) {
        line_glyph(&pane->lines[first], STATE_COLUMNS + 4, GLYPH_GOOD);
        line_at(&pane->lines[first], STATE_COLUMNS + 7, STYLE_NORMAL, "every item is closed");
    }
    if (page->wide) {
        (void)add_written(pane, run, 0, 0);
    }
    struct strbuf closed = {0};
    front_checklist_text(&closed, run);
    pane_note(pane, "%s", closed.len > 0 ? closed.ptr : "no checklist");
    strbuf_release(&closed);
    pane->grows = page->wide;
}

void build_overview(struct page *page, const struct run *run, const struct ui *ui)
{
    build_heading(page, run);
    build_timeline(page, run);
    build_state(page, run);
    part_roster(page, run, PANE_D);
    part_limits(page, run, PANE_E);
    log_pane(page, ui, page->wide ? PANE_BOTTOM : PANE_MAIN);
}
