/* SPDX-License-Identifier: PostgreSQL */
/*
 * The ways back: how long each takes, what it loses, what it brings back, how far it is
 * proven, and until when there is time. Looking at it decides nothing.
 */
#include "screen_parts.h"

#include <string.h>

enum {
    TITLE = 4,
    NAME = 16,
    WAYS = 100, /* columns of the list at most */
};

/* "9,842 rows since backup, 9,630+ by this run": what a restore takes with it. */
static void add_loss(struct line *line, const struct run *run, const struct run_option *option)
{
    enum plan_rollback_kind kind = option->option->kind;
    line_at(line, NAME, STYLE_DIM, "loses ");
    if (kind != PLAN_ROLLBACK_RESTORE && kind != PLAN_ROLLBACK_MANUAL) {
        line_add(line, STYLE_NORMAL, "what its statements undo");
        return;
    }
    bool more;
    int64_t rows = run_rows_written(run, &more);
    if (rows < 0) {
        line_add(line, STYLE_UNKNOWN, "?? rows since backup");
        return;
    }
    struct strbuf text = {0};
    strbuf_text(&text, more ? ">= " : "");
    number_to_text(&text, rows);
    strbuf_format(&text, " row%s since backup", rows == 1 ? "" : "s");
    line_add(line, rows > 0 ? STYLE_WARN : STYLE_NORMAL, "%s", text.ptr);
    strbuf_clear(&text);
    part_own_rows(&text, run_own_rows(run));
    if (text.len > 0) {
        line_add(line, STYLE_NORMAL, ", %s", text.ptr);
    }
    strbuf_release(&text);
}

/* Behind the loss where there is room for it, else below. */
static void add_gain(struct pane *pane, struct line *line, const struct run_option *option)
{
    static const char words[] = "brings back ";
    int end = pane->width - 1;
    int gap = 3;
    if (line->end + gap + (int)strlen(words) + str_width(option->option->restores) > end) {
        line = pane_line(pane);
        line->end = NAME;
        gap = 0;
    }
    line_at(line, line->end + gap, STYLE_DIM, words);
    bool said = option->option->restores.len > 0;
    line_fit(line, line->end, end - line->end, said ? STYLE_NORMAL : STYLE_UNKNOWN,
             said ? option->option->restores : STR("??"));
}

static enum glyph proof_glyph(const struct run *run, const struct run_option *option)
{
    const struct run_backup *backup = part_backup_of(run, option->option);
    if (!option->possible && option->why_not.len > 0) {
        return GLYPH_BAD;
    }
    if (backup && backup_is_proven(run, backup) && option->measured) {
        return GLYPH_GOOD;
    }
    return GLYPH_UNKNOWN;
}

static void add_option(struct pane *pane, const struct run *run, size_t index)
{
    const struct run_option *option = &run->options[index];
    struct line *line = pane_row(pane, SUBJECT_OPTION, (int64_t)index, 0);
    bool chosen = (int)index == run->option;
    enum glyph glyph = chosen ? GLYPH_RUNNING : proof_glyph(run, option);
    int end = pane_columns(pane, WAYS) - 1;
    line_glyph(line, 1, glyph);
    line_at(line, TITLE, STYLE_DIM, "%.*s", STR_ARG(option->option->id));
    line_fit(line, NAME, end - NAME - 22, STYLE_BOLD, option->option->title);
    if (option->estimate_us > 0) {
        part_duration(line, end - 12, option->measured ? STYLE_BOLD : STYLE_UNKNOWN,
                      option->estimate_us);
        line_end(line, end, option->measured ? STYLE_DIM : STYLE_UNKNOWN, "%s",
                 option->measured ? "measured" : "only said");
    } else {
        line_end(line, end, STYLE_UNKNOWN, "?? not known");
    }
    struct line *facts = pane_line(pane);
    add_loss(facts, run, option);
    add_gain(pane, facts, option);
    if (!option->possible && option->why_not.len > 0) {
        struct line *why = pane_line(pane);
        line_fit(why, NAME, end - NAME, STYLE_BAD, option->why_not);
    }
}

static void build_options(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_A, PANE_MAIN, "WAYS BACK");
    for (size_t i = 0; i < run->option_count; i++) {
        add_option(pane, run, i);
    }
    if (run->option_count == 0) {
        line_at(pane_line(pane), 1, STYLE_WARN, "the plan names no way back");
    }
    pane->least = 6;
}

/* "turn-back deadline 11:45:00 (12:00:00 less 15m00s, dump)   left 3h12m" */
static void add_deadline(struct pane *pane, const struct run *run)
{
    int64_t turn_us = run_turn_back_us(run);
    if (turn_us <= 0 || run->state == STATE_END) {
        return;
    }
    struct strbuf text = {0};
    bool late = run->now_us > turn_us;
    const struct run_option *way = run_turn_back_option(run);
    strbuf_text(&text, "turn-back deadline ");
    time_to_clock(&text, turn_us);
    if (!pane->page->wide) { /* there a pane of its own says how it is computed */
        strbuf_text(&text, " (");
        time_to_clock(&text, run->closes_us);
        strbuf_text(&text, " less ");
        duration_to_text(&text, run_option_us(way));
        strbuf_format(&text, ", %.*s)", STR_ARG(way->option->id));
    }
    strbuf_text(&text, late ? "   passed " : "   left ");
    duration_to_text(&text, late ? run->now_us - turn_us : turn_us - run->now_us);
    strbuf_text(&text, late ? " ago" : "");
    line_at(pane_line(pane), 1, late ? STYLE_BAD : STYLE_NORMAL, "%s", text.ptr);
    strbuf_release(&text);
}

static void build_why(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_B, PANE_MAIN, NULL);
    struct line *line = pane_line(pane);
    bool open = run->way_back || run->state == STATE_CHOOSE || run->state == STATE_WAY_NAME ||
                run->state == STATE_WAY_MANUAL || run->state == STATE_RESTORE ||
                run->state == STATE_SWITCH;
    line_at(line, 1, STYLE_BOLD, "ROLLBACK");
    if (open) {
        line_fit(line, 11, pane->width - 12, STYLE_BAD,
                 run->hold_reason.len > 0 ? run->hold_reason : STR("the decision is open"));
    } else {
        line_at(line, 11, STYLE_DIM, "%s",
                !run->changed             ? "nothing was committed: nothing to take back"
                : run->state == STATE_END ? "not asked for; the run ended here"
                                          : "not asked for; :rollback opens the decision");
    }
    add_deadline(pane, run);
    size_t cards = run->plan->emergency.count;
    if (cards > 0 && !page->wide) {
        line_at(pane_line(pane), 1, STYLE_DIM, "%zu emergency card%s behind Tab", cards,
                cards == 1 ? "" : "s");
    }
    pane->least = (int)pane->count;
}

static const struct run_option *chosen(const struct run *run, const struct ui *ui)
{
    struct subject subject = ui_cursor(ui, PANE_A);
    size_t index = run->option >= 0                 ? (size_t)run->option
                   : subject.kind == SUBJECT_OPTION ? (size_t)subject.a
                                                    : 0;
    return index < run->option_count ? &run->options[index] : NULL;
}

/* ----------------------------------------------------------- how it was computed */

enum {
    TERM = 1,
    TERM_END = 44, /* clocks and durations end there */
    TERM_WHY = 47,
};

static void add_term(struct pane *pane, enum style style, const char *term, const char *value,
                     struct str why)
{
    struct line *line = pane_line(pane);
    line_at(line, TERM, style, "%s", term);
    line_end(line, TERM_END, style, "%s", value);
    line_fit(line, TERM_WHY, pane->width - TERM_WHY - 1, STYLE_DIM, why);
}

static void add_term_us(struct pane *pane, const char *term, int64_t us, struct str why)
{
    struct strbuf text = {0};
    duration_to_text(&text, us);
    add_term(pane, STYLE_NORMAL, term, text.ptr, why);
    strbuf_release(&text);
}

static void add_term_clock(struct pane *pane, enum style style, const char *term, int64_t at_us,
                           struct str why)
{
    struct strbuf text = {0};
    time_to_clock(&text, at_us);
    add_term(pane, style, term, text.ptr, why);
    strbuf_release(&text);
}

/* Its own time, as measured, and what the plan grants beyond it; the longer of both counts. */
static void add_way_terms(struct pane *pane, const struct run_option *way)
{
    struct arena *arena = &pane->page->arena;
    int64_t all_us = run_option_us(way);
    int64_t own_us = way->measured ? way->estimate_us : all_us;
    struct str title = way->option->title;
    const char *term = str_format(arena, "- way back %.*s", STR_ARG(way->option->id)).ptr;
    if (!way->measured) {
        add_term_us(
            pane, term, own_us,
            str_format(arena, "%.*s: the plan says so, nobody measured it", STR_ARG(title)));
        add_term(pane, STYLE_DIM, "- margin", "none",
                 STR("nothing was measured to hold it against"));
    } else {
        add_term_us(
            pane, term, own_us,
            str_format(arena, "%.*s: measured when the backup was proved", STR_ARG(title)));
        if (all_us > own_us) {
            add_term_us(pane, "- margin", all_us - own_us,
                        str_format(arena, "the plan grants it %.*s",
                                   STR_ARG(duration_text(arena, all_us))));
        } else {
            add_term(pane, STYLE_WARN, "- margin", "none",
                     STR("the plan grants it no more than was measured"));
        }
    }
}

static void build_deadline(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_G, PANE_BOTTOM, "TURN-BACK DEADLINE");
    const struct run_option *way = run_turn_back_option(run);
    int64_t turn_us = run_turn_back_us(run);
    if (turn_us <= 0) {
        line_at(pane_line(pane), TERM, STYLE_UNKNOWN, "?? %s",
                run->closes_us == 0 ? "the plan has no window"
                                    : "no way back has a known time");
        return;
    }
    pane_note(pane, "%s",
              run->option >= 0 ? "of the way that was chosen"
                               : "of the fastest that brings back the most");
    bool late = run->now_us > turn_us;
    struct arena *arena = &page->arena;
    add_term_clock(pane, STYLE_NORMAL, "window closes", run->closes_us, STR("by the plan"));
    add_way_terms(pane, way);
    int64_t apart_us = late ? run->now_us - turn_us : turn_us - run->now_us;
    struct str left = str_format(arena, late ? "passed %.*s ago" : "%.*s left",
                                 STR_ARG(duration_text(arena, apart_us)));
    bool over = run->state == STATE_END;
    add_term_clock(pane, late && !over ? STYLE_BAD : STYLE_BOLD, "= last moment to turn back",
                   turn_us, over ? STR("the run is over") : left);
    pane->least = (int)pane->count;
}

/* The cards of the plan; Enter opens one, with its steps. */
static void build_cards(struct page *page, const struct run *run)
{
    const struct plan_emergency *cards = &run->plan->emergency;
    if (cards->count == 0) {
        return;
    }
    struct pane *pane =
        page_pane(page, PANE_F, page->wide ? PANE_MAIN : PANE_RIGHT, "EMERGENCY");
    for (size_t i = 0; i < cards->count; i++) {
        const struct plan_card *card = &cards->items[i];
        struct line *line = pane_row(pane, SUBJECT_CARD, (int64_t)i, 0);
        line_fit(line, 1, pane->width - 16, STYLE_BOLD, card->title);
        line_end(line, pane->width - 1, STYLE_DIM, "%zu step%s", card->steps.count,
                 card->steps.count == 1 ? "" : "s");
    }
    pane->least = (int)pane->count;
}

void build_rollback(struct page *page, const struct run *run, const struct ui *ui)
{
    build_why(page, run);
    build_options(page, run);
    if (page->wide) {
        part_counts(page, run, PANE_D, PANE_MAIN);
    }
    part_way_back(page, run, chosen(run, ui), PANE_C, PANE_H);
    build_cards(page, run);
    part_writes(page, run, PANE_E, PANE_RIGHT);
    if (page->wide) {
        build_deadline(page, run);
    } else {
        part_counts(page, run, PANE_D, PANE_RIGHT);
    }
    log_pane(page, ui, page->wide ? PANE_BOTTOM : PANE_MAIN);
}
