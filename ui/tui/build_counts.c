/* SPDX-License-Identifier: PostgreSQL */
/*
 * Before / after: every number that the plan judges and every other that is counted,
 * then the members that are gone, new or changed. Equal counts with different members
 * are a finding, never a pass.
 */
#include "screen_parts.h"

/* Ends of the columns of numbers, from the left. */
enum {
    TITLE = 4,
    TITLE_COLUMNS = 17,
    BEFORE_END = 25,
    NOW_END = 33,
    EXPECT_END = 41,
    GONE_END = 47,
    NEW_END = 52,
    VERDICT = 54,
    MEMBER_COLUMNS = 120, /* of the list of members at most */
};

struct tally {
    size_t gone, fresh, changed, unplanned;
};

/* The newest snapshot that is compared with "before". */
static const struct run_snapshot *newest(const struct run *run, enum moment *moment)
{
    static const enum moment moments[] = {MOMENT_BACK, MOMENT_LAST, MOMENT_NOW, MOMENT_BEFORE};
    for (size_t i = 0; i < COUNT_OF(moments); i++) {
        if (run->snapshots[moments[i]].taken) {
            *moment = moments[i];
            return &run->snapshots[moments[i]];
        }
    }
    *moment = MOMENT_REVIEW;
    return &run->snapshots[MOMENT_REVIEW];
}

static struct tally tally_of(const struct run_snapshot *snapshot, struct str what)
{
    struct tally tally = {0};
    for (size_t i = 0; i < snapshot->change_count; i++) {
        const struct event_change *change = &snapshot->changes[i];
        if (str_is(change->what, what)) {
            tally.gone += change->kind == CHANGE_GONE;
            tally.fresh += change->kind == CHANGE_NEW;
            tally.changed += change->kind == CHANGE_CHANGED;
            tally.unplanned += !change->planned;
        }
    }
    return tally;
}

static void add_signed(struct line *line, int end, char sign, size_t number)
{
    if (number > 0) {
        line_end(line, end, STYLE_NORMAL, "%c%zu", sign, number);
    }
}

/* What a right number says: before anything was committed only that the start is right. */
static const char *good_word(const struct run *run)
{
    return run->snapshots[MOMENT_BACK].taken ? "as before"
           : run->changed                    ? "as planned"
                                             : "starts right";
}

static void add_verdict(struct line *line, int column, const struct run *run,
                        const struct run_count *count, const struct tally *tally)
{
    enum glyph glyph = count_glyph(run, count);
    if (tally->unplanned > 0 && glyph != GLYPH_BAD) {
        line_glyph(line, column, run->findings_accepted ? GLYPH_WARN : GLYPH_BAD);
        line_at(line, column + 3, run->findings_accepted ? STYLE_WARN : STYLE_BAD,
                "%zu unplanned", tally->unplanned);
        return;
    }
    if (glyph == GLYPH_BAD) {
        int64_t wanted = count_wanted(run, count);
        line_glyph(line, column, glyph);
        line_at(line, column + 3, STYLE_BAD, "NOT %lld", (long long)wanted);
        return;
    }
    const char *const words[GLYPH__COUNT] = {
        [GLYPH_GOOD] = good_word(run), [GLYPH_WARN] = "accepted",
        [GLYPH_RUNNING] = "under way", [GLYPH_UNKNOWN] = "not known yet",
        [GLYPH_DOT] = "not judged",    [GLYPH_NOT_YET] = "starts right",
    };
    line_glyph(line, column, glyph);
    line_at(line, column + 3, glyph_style(glyph), "%s", words[glyph] ? words[glyph] : "");
}

static void add_count(struct pane *pane, const struct run *run, size_t index,
                      const struct run_snapshot *snapshot)
{
    const struct run_count *count = &run->counts[index];
    struct line *line = pane_row(pane, SUBJECT_COUNT, (int64_t)index, 0);
    struct tally tally = tally_of(snapshot, count->word);
    int64_t before = count->values[MOMENT_BEFORE] >= 0 ? count->values[MOMENT_BEFORE]
                                                       : count->values[MOMENT_REVIEW];
    int64_t now = front_count_now(run, count);
    enum style style = now == before ? STYLE_DIM : STYLE_BOLD;
    line_fit(line, 1, TITLE_COLUMNS, count->plan ? STYLE_NORMAL : STYLE_DIM,
             count->title.len > 0 ? count->title : count->word);
    part_number(line, BEFORE_END, STYLE_NORMAL, before);
    part_number(line, NOW_END, style, now);
    int64_t goal =
        run->snapshots[MOMENT_BACK].taken ? count_wanted(run, count) : count->expected;
    if (goal >= 0) {
        part_number(line, EXPECT_END, STYLE_NORMAL, goal);
    } else {
        line_end(line, EXPECT_END, STYLE_DIM, "-");
    }
    add_signed(line, GONE_END, '-', tally.gone);
    add_signed(line, NEW_END, '+', tally.fresh);
    add_verdict(line, VERDICT, run, count, &tally);
}

static void build_table(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_A, PANE_MAIN, "BEFORE / AFTER");
    enum moment moment;
    const struct run_snapshot *snapshot = newest(run, &moment);
    struct strbuf text = {0};
    int64_t before_us = run->snapshots[MOMENT_BEFORE].taken
                            ? run->snapshots[MOMENT_BEFORE].at_us
                            : run->snapshots[MOMENT_REVIEW].at_us;
    if (before_us > 0) {
        time_to_clock(&text, before_us);
        strbuf_format(&text, " %s ", page->glyphs->text[GLYPH_DASH]);
        time_to_clock(&text, snapshot->at_us);
        pane_note(pane, "%s", text.ptr);
    }
    strbuf_release(&text);
    struct line *head = pane_head(pane);
    line_end(head, BEFORE_END, STYLE_DIM, "before");
    line_end(head, NOW_END, STYLE_DIM, "now");
    line_end(head, EXPECT_END, STYLE_DIM, "expect");
    line_end(head, GONE_END, STYLE_DIM, "gone");
    line_end(head, NEW_END, STYLE_DIM, "new");
    for (int judged = 1; judged >= 0; judged--) {
        for (size_t i = 0; i < run->count_count; i++) {
            if ((run->counts[i].plan != NULL) == (judged == 1)) {
                add_count(pane, run, i, snapshot);
            }
        }
    }
    pane->least = 6;
    pane->grows = page->wide;
}

static void add_change(struct pane *pane, enum moment moment,
                       const struct run_snapshot *snapshot, size_t index)
{
    const struct event_change *change = &snapshot->changes[index];
    static const char *const signs[] = {
        [CHANGE_GONE] = "-", [CHANGE_NEW] = "+", [CHANGE_CHANGED] = "~"};
    struct line *line = pane_row(pane, SUBJECT_CHANGE, (int64_t)moment, (int64_t)index);
    int columns = pane_columns(pane, MEMBER_COLUMNS);
    enum style style = change->planned ? STYLE_DIM : STYLE_BOLD;
    line_at(line, 1, style, "%s", signs[change->kind]);
    line_fit(line, TITLE, 18, style, change->what);
    line_fit(line, TITLE + 19, columns - TITLE - 19 - 20, style, change->name);
    if (change->planned) {
        line_end(line, columns - 1, STYLE_DIM, "planned");
    } else {
        line_end(line, columns - 1, STYLE_BAD, "%s not in the plan",
                 pane->page->glyphs->text[GLYPH_BAD]);
    }
}

static void build_members(struct page *page, const struct run *run, const struct ui *ui)
{
    struct pane *pane =
        page_pane(page, PANE_B, page->wide ? PANE_BOTTOM : PANE_MAIN, "MEMBERS");
    enum moment moment;
    const struct run_snapshot *snapshot = newest(run, &moment);
    size_t unplanned = 0;
    pane->grows = true;
    if (!run->changed && snapshot->change_count == 0) {
        pane->least = 9;
        part_start_members(pane, run, ui, moment);
        return;
    }
    /* What nobody announced comes first. */
    for (int planned = 0; planned <= 1; planned++) {
        for (size_t i = 0; i < snapshot->change_count; i++) {
            if (snapshot->changes[i].planned == (planned == 1)) {
                unplanned += planned == 0;
                add_change(pane, moment, snapshot, i);
            }
        }
    }
    if (snapshot->change_count == 0) {
        line_at(pane_line(pane), 1, STYLE_DIM, "no member is gone, new or changed");
    }
    pane_note(pane, "%zu of %zu not in the plan", unplanned, snapshot->change_count);
    pane->least = 4;
}

/* Old and new text of the object under the cursor. */
static void build_definition(struct page *page, const struct run *run, const struct ui *ui)
{
    struct pane *pane = page_pane(page, PANE_C, PANE_RIGHT, "DEFINITION");
    pane->grows = true;
    struct subject subject = ui_cursor(ui, PANE_B);
    if (subject.kind == SUBJECT_MEMBER && about_subject(pane, run, ui, subject)) {
        return;
    }
    if (subject.kind != SUBJECT_CHANGE ||
        (size_t)subject.b >= run->snapshots[subject.a].change_count) {
        line_at(pane_line(pane), 1, STYLE_DIM, "choose a member at the left");
        return;
    }
    part_definition(pane, run, ui, (enum moment)subject.a,
                    &run->snapshots[subject.a].changes[subject.b]);
}

void build_counts(struct page *page, const struct run *run, const struct ui *ui)
{
    build_table(page, run);
    build_members(page, run, ui);
    build_definition(page, run, ui);
    log_pane_below(page, ui);
}
