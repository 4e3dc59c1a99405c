/* SPDX-License-Identifier: PostgreSQL */
/*
 * VERIFY: the sets with their checks, the counts, and all about the check under the
 * cursor: what was asked, what was expected, what came and why, and the rows themselves.
 */
#include "about_private.h"
#include "screen_parts.h"

#include "check.h"

enum {
    ID = 5,
    NAME = 11,
    FACT = 11,
    LIST = 120,      /* columns of the list at most */
    SMALL_LINES = 7, /* of the check, below the list of a small screen */
};

#define NOT_KEPT "?? rows: only the process that asked keeps them, never the record"

static void add_set(struct pane *pane, const struct run *run, size_t index)
{
    const struct plan_set *set = &run->plan->verification.sets.items[index];
    struct line *line = pane_row(pane, SUBJECT_SET, (int64_t)index, 0);
    size_t good = 0;
    enum glyph worst = GLYPH_GOOD;
    for (size_t k = 0; k < set->checks.count; k++) {
        enum glyph glyph = check_glyph(&run->sets[index][k]);
        good += glyph == GLYPH_GOOD;
        worst = glyph != GLYPH_GOOD && worst != GLYPH_BAD ? glyph : worst;
    }
    line_glyph(line, 1, worst);
    line_fit(line, 4, pane_columns(pane, LIST) - 14, STYLE_BOLD, set->name);
    line_end(line, pane_columns(pane, LIST) - 1, STYLE_NORMAL, "%zu/%zu", good,
             set->checks.count);
}

static void add_check(struct pane *pane, const struct run *run, size_t set, size_t index)
{
    const struct run_check *check = &run->sets[set][index];
    enum glyph glyph = check_glyph(check);
    bool bad = glyph == GLYPH_BAD || glyph == GLYPH_UNKNOWN;
    struct line *line =
        pane_row(pane, SUBJECT_CHECK, (int64_t)PLACE_SET << 16 | (int64_t)set, (int64_t)index);
    int end = pane_columns(pane, LIST) - 1;
    line_glyph(line, 3, glyph);
    line_fit(line, ID, NAME - ID - 1, bad ? STYLE_BOLD : STYLE_DIM, check->check->id);
    line_fit(line, NAME, end - 34 - NAME, bad ? STYLE_BOLD : STYLE_NORMAL, check->check->name);
    if (check->outcome != OUTCOME_NONE) {
        struct str took = check_time_text(check, &pane->page->arena);
        line_fit(line, end - 32, 31 - str_width(took), bad ? STYLE_BAD : STYLE_DIM,
                 check->actual.len > 0 ? check->actual : check->why);
        line_end(line, end, STYLE_DIM, "%.*s", STR_ARG(took));
    } else {
        line_end(line, end, STYLE_DIM, "%s", check_word(check));
    }
}

static void build_sets(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_A, PANE_MAIN, "VERIFICATION");
    size_t passed = 0;
    size_t accepted = 0;
    size_t total = 0;
    (void)verification_passed(run, &passed, &accepted, &total);
    /* What was verified is no longer there: the words stand for then, not for now. */
    pane_note(pane, "%zu of %zu pass%s", passed, total,
              run->way_ended_us > 0 ? "ed before the way back"
              : accepted > 0        ? ", rest accepted"
                                    : "");
    bool found = false;
    for (size_t i = 0; i < run->set_count; i++) {
        add_set(pane, run, i);
        for (size_t k = 0; k < run->plan->verification.sets.items[i].checks.count; k++) {
            enum glyph glyph = check_glyph(&run->sets[i][k]);
            if (!found && (glyph == GLYPH_BAD || glyph == GLYPH_UNKNOWN)) {
                pane->wanted = (int)pane->count;
                found = true;
            }
            add_check(pane, run, i, k);
        }
    }
    pane->grows = true;
    pane->least = 8;
}

/* The check under the cursor; before the cursor moved, the first that is not good. */
static const struct run_check *chosen(const struct run *run, const struct ui *ui)
{
    struct subject subject = ui_cursor(ui, PANE_A);
    if (subject.kind == SUBJECT_CHECK && (size_t)(subject.a & 0xffff) < run->set_count) {
        return &run->sets[subject.a & 0xffff][subject.b];
    }
    if (subject.kind == SUBJECT_SET && (size_t)subject.a < run->set_count) {
        return &run->sets[subject.a][0];
    }
    return run->set_count > 0 ? &run->sets[0][0] : NULL;
}

static void add_part(struct pane *pane, const char *label, enum style style, struct str text)
{
    size_t first = pane->count;
    if (text.len > 0) {
        pane_text(pane, FACT, style, text);
        line_at(&pane->lines[first], 1, STYLE_DIM, "%s", label);
    }
}

/* "2.4 ms, 4 s ago": how long it took to answer, and how old the answer is. */
static struct str asked_text(const struct run *run, const struct run_check *check,
                             struct arena *arena)
{
    struct str took = check_time_text(check, arena);
    int64_t age_us = run->now_us > check->at_us ? run->now_us - check->at_us : 0;
    if (check->outcome == OUTCOME_NONE || check->at_us == 0) {
        return (struct str){0};
    }
    struct str text = str_format(arena, "%.*s, %.*s ago", STR_ARG(took),
                                 STR_ARG(duration_text(arena, age_us)));
    return check->runs > 1
               ? str_format(arena, "%.*s, asked %d times", STR_ARG(text), check->runs)
               : text;
}

static void add_facts(struct pane *pane, const struct run *run, const struct run_check *check)
{
    struct arena *arena = &pane->page->arena;
    enum glyph glyph = check_glyph(check);
    struct str asked = asked_text(run, check, arena);
    struct line *line = pane_line(pane);
    line_glyph(line, 1, glyph);
    line_at(line, 4, STYLE_BOLD, "%.*s  ", STR_ARG(check->check->id));
    int room = pane->width - line->end - 14;
    line_end(line, pane->width - 1, glyph_style(glyph), "%s", check_word(check));
    if (pane->page->wide && str_width(check->check->name) > room) {
        pane_text(pane, 4, STYLE_NORMAL, check->check->name);
    } else {
        line_fit(line, 4 + str_width(check->check->id) + 2, room, STYLE_NORMAL,
                 check->check->name);
    }
    size_t first = pane->count;
    add_part(pane, "expected", STYLE_NORMAL, check_expected(arena, check->check, NULL));
    if (!pane->page->wide && first < pane->count &&
        pane->lines[first].end + str_width(asked) + 2 < pane->width) {
        line_end(&pane->lines[first], pane->width - 1, STYLE_DIM, "%.*s", STR_ARG(asked));
        asked.len = 0;
    }
    add_part(pane, "got", glyph == GLYPH_BAD ? STYLE_BAD : STYLE_NORMAL, check->actual);
    add_part(pane, "why", STYLE_NORMAL, check->why);
    if (check->accepted) {
        add_part(pane, "accepted", STYLE_WARN, check->accepted_by);
        add_part(pane, "because", STYLE_WARN, check->accepted_why);
    }
    add_part(pane, "took", STYLE_DIM, asked);
    if (pane->page->wide) {
        add_part(pane, "staging", STYLE_DIM, STR("?? not rehearsed"));
    }
}

/* The rows that it answered, as far as they are kept; NULL: they are not. */
static const struct rows *rows_of(const struct run *run, const struct ui *ui,
                                  const struct run_check *check)
{
    for (size_t i = 0; ui->sources.check_rows && i < run->set_count; i++) {
        size_t count = run->plan->verification.sets.items[i].checks.count;
        if (check >= run->sets[i] && check < run->sets[i] + count) {
            return ui->sources.check_rows(ui->sources.ctx, PLACE_SET, (int)i,
                                          (int)(check - run->sets[i]));
        }
    }
    return NULL;
}

/* Beside the list on a wide screen, in full: it scrolls both ways, its heading with it. */
static void build_rows(struct page *page, const struct run *run, const struct ui *ui,
                       const struct run_check *check)
{
    struct pane *pane = page_pane(page, PANE_E, PANE_RIGHT, "ROWS");
    const struct rows *rows = rows_of(run, ui, check);
    pane->least = 4;
    pane->grows = true;
    if (check->outcome == OUTCOME_NONE) {
        line_at(pane_line(pane), 1, STYLE_DIM, "not asked yet");
    } else if (!rows) {
        pane_text(pane, 1, STYLE_DIM, STR(NOT_KEPT));
    } else if (rows->row_count == 0) {
        line_at(pane_line(pane), 1, STYLE_DIM, "no row");
    } else {
        about_rows(pane, rows);
        pane->lines[0].pinned = true;
        pane_note(pane, "%zu%s row%s", rows->row_count, rows->cut ? "+" : "",
                  rows->row_count == 1 ? "" : "s");
    }
}

/* What is asked: the text itself, also when it stands in a file of the plan. */
static void build_query(struct page *page, const struct ui *ui, const struct plan_check *check)
{
    struct pane *pane = page_pane(page, PANE_D, PANE_RIGHT, "QUERY");
    struct str text = check->sql;
    pane->least = 3;
    pane->grows = true;
    if (check->file.len > 0) {
        pane_note(pane, "%.*s", STR_ARG(check->file));
        text = ui->sources.file_text ? ui->sources.file_text(ui->sources.ctx, check->file)
                                     : (struct str){0};
    }
    if (check->source == PLAN_SOURCE_BUILTIN) {
        line_at(pane_line(pane), 1, STYLE_NORMAL, "builtin %s",
                plan_builtin_word(check->builtin));
    } else if (text.len == 0) {
        line_at(pane_line(pane), 1, STYLE_UNKNOWN, "?? its text is not at hand");
    } else {
        about_sql(pane, 1, text);
    }
}

static void build_detail(struct page *page, const struct run *run, const struct ui *ui)
{
    const struct run_check *check = chosen(run, ui);
    struct pane *pane = page_pane(page, PANE_B, page->wide ? PANE_RIGHT : PANE_MAIN, "CHECK");
    pane->least = page->wide ? 4 : SMALL_LINES;
    if (!check) {
        return;
    }
    add_facts(pane, run, check);
    if (page->wide) {
        pane->least = (int)pane->count;
        build_query(page, ui, check->check);
        build_rows(page, run, ui, check);
        return;
    }
    const struct rows *rows = rows_of(run, ui, check);
    if (rows && rows->row_count > 0) {
        about_rows(pane, rows);
    } else if (!rows && check->outcome == OUTCOME_FAILED) {
        line_at(pane_line(pane), 1, STYLE_DIM, NOT_KEPT);
    }
    while (pane->count < SMALL_LINES) { /* the list above keeps its height */
        (void)pane_line(pane);
    }
    build_query(page, ui, check->check);
}

void build_verify(struct page *page, const struct run *run, const struct ui *ui)
{
    if (!page->wide) {
        part_counts_line(page, run, PANE_C);
    }
    build_sets(page, run);
    if (page->wide) {
        part_counts(page, run, PANE_C, PANE_MAIN);
    }
    build_detail(page, run, ui);
    log_pane(page, ui, PANE_BOTTOM);
}
