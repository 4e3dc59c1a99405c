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
};

static const struct run_backup *backup_of(const struct run *run,
                                          const struct plan_rollback_option *option)
{
    for (size_t i = 0; i < run->backup_count; i++) {
        if (str_is(run->backups[i].backup->id, option->from)) {
            return &run->backups[i];
        }
    }
    return NULL;
}

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
    const struct run_backup *backup = backup_of(run, option->option);
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
    int end = pane->width - 1;
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
    strbuf_text(&text, " (");
    time_to_clock(&text, run->closes_us);
    strbuf_text(&text, " less ");
    duration_to_text(&text, run_option_us(way));
    strbuf_format(&text, ", %.*s)", STR_ARG(way->option->id));
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

static void add_steps(struct pane *pane, const struct plan_rollback_option *option)
{
    static const char *const restore[] = {
        "stop the application", "restore the dump into a new database",
        "compare it with \"before\"", "switch by rename; the old database is kept"};
    for (size_t i = 0; option->kind == PLAN_ROLLBACK_RESTORE && i < COUNT_OF(restore); i++) {
        line_at(pane_line(pane), 1, STYLE_NORMAL, "%zu  %s", i + 1, restore[i]);
    }
    for (size_t i = 0; i < option->steps.count; i++) {
        struct line *line = pane_line(pane);
        line_at(line, 1, STYLE_NORMAL, "%zu", i + 1);
        line_fit(line, TITLE, pane->width - TITLE - 1, STYLE_NORMAL, option->steps.items[i]);
    }
    if (option->file.len > 0) {
        line_at(pane_line(pane), 1, STYLE_NORMAL, "runs %.*s, as a migration is run",
                STR_ARG(option->file));
    }
}

/* Who must type the word before it begins, and who has. */
static void add_people(struct pane *pane, const struct run *run,
                       const struct plan_rollback_option *option)
{
    for (size_t i = 0; i < option->confirm.count; i++) {
        const struct plan_role *role = plan_find_role(run->plan, option->confirm.items[i]);
        const struct run_signature *found = NULL;
        bool chosen = run->option >= 0 && run->options[run->option].option == option;
        for (size_t k = 0; chosen && role && k < run->confirmation_count; k++) {
            const struct run_signature *one = &run->confirmations[k];
            found = str_is(one->role, role->id) ? one : found;
        }
        struct line *line = pane_line(pane);
        line_glyph(line, 1, !found ? GLYPH_NOT_YET : found->claim ? GLYPH_UNKNOWN : GLYPH_GOOD);
        line_at(line, TITLE, STYLE_NORMAL, "%.*s types ROLLBACK",
                STR_ARG(role ? role->title : option->confirm.items[i]));
        if (found) {
            line_add(line, STYLE_NORMAL, ": %.*s", STR_ARG(found->who));
        }
    }
}

/* What `down` runs, newest first, and what has no way back by a script. */
static void add_downs(struct pane *pane, const struct run *run,
                      const struct plan_rollback_option *option)
{
    for (size_t i = run->plan->steps.count; option->kind == PLAN_ROLLBACK_DOWN && i > 0; i--) {
        const struct plan_step *step = &run->plan->steps.items[i - 1];
        if (!run_undoes(run, option, i - 1)) {
            continue;
        }
        struct line *line = pane_line(pane);
        if (step->undo.len > 0) {
            line_glyph(line, 1, GLYPH_GOOD);
            line_fit(line, TITLE, pane->width - TITLE - 1, STYLE_NORMAL, step->undo);
        } else {
            line_glyph(line, 1, GLYPH_BAD);
            line_at(line, TITLE, STYLE_BAD,
                    "%.*s has no undo file: only a restore brings its "
                    "rows back",
                    STR_ARG(step->id));
        }
    }
}

static void build_steps(struct page *page, const struct run *run, const struct ui *ui)
{
    const struct run_option *option = chosen(run, ui);
    struct pane *pane =
        page_pane(page, PANE_C, page->wide ? PANE_RIGHT : PANE_MAIN, "WHAT IT DOES");
    pane->least = 3;
    pane->grows = !page->wide;
    if (!option) {
        return;
    }
    line_fit(pane_line(pane), 1, pane->width - 2, STYLE_BOLD, option->option->title);
    add_steps(pane, option->option);
    add_downs(pane, run, option->option);
    add_people(pane, run, option->option);
    const struct run_backup *backup = backup_of(run, option->option);
    if (backup) {
        struct line *line = pane_line(pane);
        bool proven = backup_is_proven(run, backup);
        line_glyph(line, 1, proven ? GLYPH_GOOD : GLYPH_UNKNOWN);
        line_at(line, TITLE, STYLE_NORMAL, "backup %.*s, %s", STR_ARG(backup->backup->id),
                proven ? "restored and compared" : "not proven");
    }
    if (run->state == STATE_RESTORE) {
        struct line *line = pane_line(pane);
        line_fit(line, 1, pane->width - 2, STYLE_RUNNING, run->restore_text);
        if (run->restore_total > 0) {
            line_bar(pane_line(pane), 1, pane->width - 4, run->restore_progress,
                     run->restore_total, -1);
        }
    }
}

/* The cards of the plan; Enter opens one, with its steps. */
static void build_cards(struct page *page, const struct run *run)
{
    const struct plan_emergency *cards = &run->plan->emergency;
    if (cards->count == 0) {
        return;
    }
    struct pane *pane = page_pane(page, PANE_F, PANE_RIGHT, "EMERGENCY");
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
    build_steps(page, run, ui);
    build_cards(page, run);
    part_writes(page, run, PANE_E, PANE_RIGHT);
    part_counts(page, run, PANE_D, PANE_RIGHT);
    log_pane(page, ui, page->wide ? PANE_BOTTOM : PANE_MAIN);
}
