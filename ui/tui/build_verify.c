/* SPDX-License-Identifier: PostgreSQL */
/*
 * VERIFY: the sets with their checks, the counts, and all about the check under the
 * cursor: what was expected, what came, why.
 */
#include "about_private.h"
#include "screen_parts.h"

#include "check.h"

enum {
    ID = 5,
    NAME = 11,
};

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
    line_fit(line, 4, pane->width - 14, STYLE_BOLD, set->name);
    line_end(line, pane->width - 1, STYLE_NORMAL, "%zu/%zu", good, set->checks.count);
}

static void add_check(struct pane *pane, const struct run *run, size_t set, size_t index)
{
    const struct run_check *check = &run->sets[set][index];
    enum glyph glyph = check_glyph(check);
    bool bad = glyph == GLYPH_BAD || glyph == GLYPH_UNKNOWN;
    struct line *line =
        pane_row(pane, SUBJECT_CHECK, (int64_t)PLACE_SET << 16 | (int64_t)set, (int64_t)index);
    int end = pane->width - 1;
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
    pane->least = 6;
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
    if (text.len > 0) {
        line_at(pane_line(pane), 1, STYLE_DIM, "%s", label);
        pane_text(pane, 3, style, text);
    }
}

/* The rows themselves, as far as they are kept: what a person looks for first. */
static void add_rows(struct pane *pane, const struct run *run, const struct ui *ui,
                     const struct run_check *check)
{
    for (size_t i = 0; ui->sources.check_rows && i < run->set_count; i++) {
        size_t count = run->plan->verification.sets.items[i].checks.count;
        if (check < run->sets[i] || check >= run->sets[i] + count) {
            continue;
        }
        const struct rows *rows = ui->sources.check_rows(ui->sources.ctx, PLACE_SET, (int)i,
                                                         (int)(check - run->sets[i]));
        if (rows && rows->row_count > 0 && check->outcome != OUTCOME_OK) {
            line_at(pane_line(pane), 1, STYLE_DIM, "rows");
            about_rows(pane, rows);
        }
    }
}

static void build_detail(struct page *page, const struct run *run, const struct ui *ui)
{
    const struct run_check *check = chosen(run, ui);
    struct pane *pane = page_pane(page, PANE_B, page->wide ? PANE_RIGHT : PANE_MAIN, "CHECK");
    pane->least = 4;
    if (!check) {
        return;
    }
    struct line *line = pane_line(pane);
    enum glyph glyph = check_glyph(check);
    line_glyph(line, 1, glyph);
    line_at(line, 4, STYLE_BOLD, "%.*s  ", STR_ARG(check->check->id));
    line_fit(line, line->end, pane->width - line->end - 14, STYLE_NORMAL, check->check->name);
    line_end(line, pane->width - 1, glyph_style(glyph), "%s", check_word(check));
    add_part(pane, "expected", STYLE_NORMAL, check_expected(&page->arena, check->check, NULL));
    add_part(pane, "got", glyph == GLYPH_BAD ? STYLE_BAD : STYLE_NORMAL, check->actual);
    add_part(pane, "why", STYLE_NORMAL, check->why);
    add_rows(pane, run, ui, check);
    if (check->accepted) {
        add_part(pane, "accepted by", STYLE_WARN, check->accepted_by);
        add_part(pane, "because", STYLE_WARN, check->accepted_why);
    }
    add_part(pane, "query", STYLE_DIM,
             check->check->sql.len > 0 ? check->check->sql : check->check->file);
    if (check->runs > 1) {
        line_at(pane_line(pane), 1, STYLE_DIM, "asked %d times", check->runs);
    }
}

void build_verify(struct page *page, const struct run *run, const struct ui *ui)
{
    if (!page->wide) {
        part_counts_line(page, run, PANE_C);
    }
    build_sets(page, run);
    build_detail(page, run, ui);
    if (page->wide) {
        part_counts(page, run, PANE_C, PANE_RIGHT);
    }
    log_pane(page, ui, PANE_BOTTOM);
}
