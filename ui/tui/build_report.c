/* SPDX-License-Identifier: PostgreSQL */
/*
 * CLOSE and the report: how it ended in one word, each criterion with its verdict, who
 * signed, and where the files are.
 */
#include "check.h"
#include "screen_parts.h"
#include "ui_private.h"

#include <string.h>

enum {
    GROUP = 1,
    TEXT = 6,
    VALUE = 11,
    REPORT_COLUMNS = 4000, /* of a line of the file */
};

/* The headline: what the exit code says, in words. */
static const char *headline(const struct run *run, enum style *style)
{
    if (run->snapshots[MOMENT_BACK].taken && run->state != STATE_END) {
        bool equal = (run->facts & FACT_ROLLED_BACK) != 0;
        *style = equal ? STYLE_HOLD : STYLE_BAD;
        return equal ? "ROLLED BACK: EQUAL TO BEFORE" : "ROLLED BACK: NOT EQUAL TO BEFORE";
    }
    if (run->state != STATE_END) {
        *style = STYLE_BOLD;
        return "NOT OVER YET";
    }
    int code = engine_exit_code(run);
    static const struct {
        int code;
        enum style style;
        const char *text;
    } words[] = {
        {0, STYLE_GOOD, "COMPLETED"},
        {3, STYLE_BAD, "SQL FAILED, THAT FILE IS ROLLED BACK"},
        {4, STYLE_BAD, "NOT CONNECTED"},
        {5, STYLE_BAD, "A CHECK OR COUNT IS NOT AS PLANNED"},
        {6, STYLE_HOLD, "STOPPED"},
        {7, STYLE_BAD, "ANOTHER RUN IS AT WORK"},
        {8, STYLE_HOLD, "ROLLED BACK, EQUAL TO BEFORE"},
        {9, STYLE_BAD, "NOT KNOWN FOR CERTAIN"},
        {11, STYLE_BAD, "OUR RECORD CANNOT BE WRITTEN"},
    };
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (words[i].code == code) {
            *style = words[i].style;
            return words[i].text;
        }
    }
    *style = STYLE_BAD;
    return "ENDED BY A FAULT OF OURS";
}

/* What was done to come back, how long it took, and what was found after it. */
static void add_way_back(struct pane *pane, const struct run *run)
{
    if (run->way_ended_us == 0 || run->option < 0) {
        return;
    }
    bool equal = (run->facts & FACT_ROLLED_BACK) != 0;
    struct str took =
        duration_text(&pane->page->arena, run->way_ended_us - run->way_started_us);
    struct line *line = pane_line(pane);
    line_glyph(line, 1, equal ? GLYPH_GOOD : GLYPH_BAD);
    line_at(line, 3, STYLE_NORMAL, "way back %.*s, %.*s; looked at after it: ",
            STR_ARG(run->options[run->option].option->id), STR_ARG(took));
    line_fit(line, line->end, pane->width - line->end - 1, equal ? STYLE_NORMAL : STYLE_BAD,
             run->way_text);
}

static void build_heading(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_A, PANE_MAIN, NULL);
    enum style style;
    const char *text = headline(run, &style);
    struct line *line = pane_line(pane);
    line_at(line, 1, STYLE_BOLD, "REPORT");
    line_at(line, 9, STYLE_DIM, "%.*s", STR_ARG(run->id));
    size_t notes = run_decisions(run);
    if (style == STYLE_GOOD && notes > 0) {
        line_end(line, pane->width - 1, STYLE_WARN, "%s WITH %zu ACCEPTED NOTE%s", text, notes,
                 notes == 1 ? "" : "S");
    } else {
        line_end(line, pane->width - 1, style, "%s", text);
    }
    struct strbuf used = {0};
    if (run->opens_us > 0) {
        strbuf_text(&used, "window ");
        duration_to_text(&used, run->closes_us - run->opens_us);
        strbuf_text(&used, "   ");
    }
    strbuf_text(&used, "SQL ");
    duration_to_text(&used, run_sql_us(run));
    strbuf_text(&used, "   downtime ");
    duration_to_text(&used, run_downtime_us(run));
    strbuf_text(&used, run->way_ended_us > 0 ? "   a way back was taken"
                       : run->way_back       ? "   a way back is being taken"
                                             : "   no way back was needed");
    line_at(pane_line(pane), 1, STYLE_NORMAL, "%s", used.ptr);
    strbuf_release(&used);
    add_way_back(pane, run);
    struct str seen = watch_observed_text(run, &page->arena);
    if (seen.len > 0) {
        struct line *gap = pane_line(pane);
        line_glyph(gap, 1, GLYPH_UNKNOWN);
        line_at(gap, 3, STYLE_UNKNOWN, "the watch: %.*s", STR_ARG(seen));
    }
    if (run->hold_reason.len > 0 && run->state == STATE_END && style != STYLE_GOOD) {
        pane_text(pane, 1, style, run->hold_reason);
    }
    pane->least = (int)pane->count;
}

static enum glyph criterion_glyph(const struct run_criterion *criterion)
{
    static const enum glyph glyphs[OUTCOME__COUNT] = {
        [OUTCOME_NONE] = GLYPH_NOT_YET,
        [OUTCOME_OK] = GLYPH_GOOD,
        [OUTCOME_FAILED] = GLYPH_BAD,
        [OUTCOME_UNKNOWN] = GLYPH_UNKNOWN,
    };
    return criterion->accepted ? GLYPH_WARN : glyphs[criterion->outcome];
}

static struct str count_limit(const struct run *run, struct str id, struct arena *arena)
{
    for (size_t i = 0; i < run->count_count; i++) {
        if (str_is(run->counts[i].id, id) && run->counts[i].expected >= 0) {
            return str_format(arena, "%lld", (long long)run->counts[i].expected);
        }
    }
    return STR("-");
}

static struct str time_limit(const struct run *run, struct str id, struct arena *arena)
{
    const struct plan_limits *limits = &run->plan->limits;
    int64_t most = str_eq(id, "sql_total")         ? limits->sql_total_us
                   : str_eq(id, "migration_total") ? limits->migration_total_us
                   : str_eq(id, "downtime")        ? limits->downtime_us
                   : str_eq(id, "recovery")        ? limits->recovery_us
                                                   : PLAN_UNSAID;
    return most == PLAN_UNSAID ? STR("-") : duration_text(arena, most);
}

static struct str probe_limit(const struct run *run, struct str id, struct arena *arena)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < run->probe_count; i++) {
        if (str_is(run->probes[i].probe->id, id)) {
            part_probe_limit(&text, &run->probes[i]);
        }
    }
    struct str kept = str_dup(arena, text.len > 0 ? strbuf_str(&text) : STR("-"));
    strbuf_release(&text);
    return kept;
}

/* What the plan wants of it, short enough for a column. */
static struct str criterion_limit(const struct run *run, const struct plan_criterion *criterion,
                                  struct arena *arena)
{
    const struct run_check *check;
    switch (criterion->kind) {
    case PLAN_CRITERION_CHECK:
        check = check_of_subject(run, subject_by_id(run, criterion->check));
        return check && check->check ? check_expected(arena, check->check, NULL) : STR("-");
    case PLAN_CRITERION_COUNT:
        return count_limit(run, criterion->count, arena);
    case PLAN_CRITERION_LIMIT:
        return time_limit(run, criterion->limit, arena);
    case PLAN_CRITERION_PROBE:
        return probe_limit(run, criterion->probe, arena);
    case PLAN_CRITERION_ATTEST:
        return STR("said");
    case PLAN_CRITERION_UNSAID:
        break;
    }
    return STR("-");
}

enum {
    LIMIT = 11, /* columns */
    NUMBER = 23,
    WORDS = 34
};

/* Numbers stand at the right of their column; a sentence is cut with its sign. */
static void put_limit(struct line *line, int column, struct str limit)
{
    if (str_width(limit) <= LIMIT) {
        line_end(line, column + LIMIT, STYLE_DIM, "%.*s", STR_ARG(limit));
    } else {
        line_fit(line, column, LIMIT, STYLE_DIM, limit);
    }
}

/* Who accepted it and why takes more room than a number. */
static void add_criterion(struct pane *pane, const struct run *run,
                          const struct run_criterion *criterion, struct line *line)
{
    enum glyph glyph = criterion_glyph(criterion);
    int room = criterion->accepted || criterion->undone ? WORDS : NUMBER;
    int actual = pane->width - room - 1;
    line_glyph(line, TEXT - 3, glyph);
    int limit = pane->width - NUMBER - 1 - LIMIT - 2;
    bool narrow = actual < limit + LIMIT; /* words take the column: their place is a number's */
    line_fit(line, TEXT, (narrow ? actual : limit) - TEXT - 1,
             glyph == GLYPH_BAD ? STYLE_BOLD : STYLE_NORMAL, criterion->criterion->text);
    if (!narrow) {
        put_limit(line, limit, criterion_limit(run, criterion->criterion, &pane->page->arena));
    }
    line_fit(line, actual, room, glyph == GLYPH_GOOD ? STYLE_DIM : glyph_style(glyph),
             criterion->actual.len > 0               ? criterion->actual
             : criterion->outcome == OUTCOME_NONE    ? STR("not yet")
             : criterion->outcome == OUTCOME_UNKNOWN ? STR("not known")
                                                     : (struct str){0});
}

static void build_criteria(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_B, PANE_MAIN, "CRITERIA");
    size_t met = 0;
    size_t undone = 0;
    struct str group = {0};
    struct line *head = pane_head(pane);
    line_at(head, TEXT, STYLE_DIM, "criterion");
    line_end(head, pane->width - NUMBER - 1 - 2, STYLE_DIM, "limit");
    line_at(head, pane->width - NUMBER - 1, STYLE_DIM, "actual");
    for (size_t i = 0; i < run->criterion_count; i++) {
        const struct run_criterion *criterion = &run->criteria[i];
        if (!str_is(group, criterion->criterion->group)) {
            group = criterion->criterion->group;
            line_fit(pane_line(pane), GROUP, pane->width - 2, STYLE_DIM, group);
        }
        struct line *line = pane_row(pane, SUBJECT_CRITERION, (int64_t)i, 0);
        met += criterion_glyph(criterion) == GLYPH_GOOD;
        undone += criterion->undone;
        add_criterion(pane, run, criterion, line);
    }
    if (undone > 0) {
        pane_note(pane, "%zu of %zu met, %zu undone", met, run->criterion_count, undone);
    } else {
        pane_note(pane, "%zu of %zu met", met, run->criterion_count);
    }
    pane->grows = true;
    pane->least = 5;
}

static bool is_accepted(const struct run_remark *remark)
{
    return str_eq(remark->kind, "accepted") || str_eq(remark->kind, "acknowledged");
}

/* What people took upon themselves before: asked once, it stands here to be signed. */
static void build_accepted(struct page *page, const struct run *run)
{
    struct pane *pane = NULL;
    for (size_t i = 0; i < run->remark_count; i++) {
        const struct run_remark *remark = &run->remarks[i];
        if (!is_accepted(remark)) {
            continue;
        }
        pane = pane ? pane : page_pane(page, PANE_G, PANE_MAIN, "ACCEPTED");
        struct arena *arena = &page->arena;
        struct line *line = pane_line(pane);
        line_glyph(line, 1, GLYPH_WARN);
        line_fit(line, 3, 14, STYLE_BOLD, remark->id);
        line_fit(line, 18, pane->width - 19, STYLE_NORMAL,
                 accepted_text(arena, remark->who, remark->at_us, remark->text));
    }
}

static void build_signatures(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_C, PANE_MAIN, "SIGN-OFF");
    for (size_t i = 0; i < run->plan->roles.count; i++) {
        const struct plan_role *role = &run->plan->roles.items[i];
        const struct run_signature *found = NULL;
        for (size_t k = 0; k < run->signature_count; k++) {
            found = str_is(run->signatures[k].role, role->id) ? &run->signatures[k] : found;
        }
        if (!role->votes && !found) {
            continue;
        }
        struct line *line = pane_row(pane, SUBJECT_ROLE, (int64_t)i, 1);
        line_glyph(line, 1, found ? found->claim ? GLYPH_UNKNOWN : GLYPH_GOOD : GLYPH_NOT_YET);
        line_fit(line, 4, 20, STYLE_NORMAL, role->title);
        if (found) {
            line_fit(line, 26, 30, STYLE_NORMAL, found->who);
            part_clock(line, 58, STYLE_DIM, found->at_us);
        } else {
            line_at(line, 26, STYLE_DIM, "not yet");
        }
    }
    pane->least = 2;
}

/* The first and last digits of a hash: enough to hold beside another one. */
static struct str short_hash(struct arena *arena, const struct page *page, const char *hash)
{
    enum {
        ENDS = 4
    };
    struct str all = str_from(hash);
    return all.len <= (size_t)2 * ENDS
               ? STR("not known")
               : str_format(arena, "%.*s%s%s", ENDS, hash,
                            page->glyphs->ascii ? ".." : "\u2026", hash + all.len - ENDS);
}

static void add_evidence(struct pane *pane, const struct ui *ui)
{
    struct line *line = pane_line(pane);
    struct tui_evidence evidence = {0};
    line_at(line, 1, STYLE_DIM, "evidence");
    if (!ui->sources.evidence) {
        line_at(line, VALUE, STYLE_UNKNOWN, "?? not known yet");
        return;
    }
    ui->sources.evidence(ui->sources.ctx, &evidence);
    struct strbuf entries = {0};
    number_to_text(&entries, (int64_t)evidence.entries);
    line_at(line, VALUE, STYLE_NORMAL, "%s entries, ", entries.ptr);
    strbuf_release(&entries);
    if (!evidence.verdict) {
        line_at(line, line->end, STYLE_UNKNOWN, "?? hash chain not verified yet");
        return;
    }
    bool intact = strcmp(evidence.verdict, "intact") == 0;
    struct str tail = short_hash(&pane->page->arena, pane->page, evidence.tail);
    line_at(line, line->end, intact ? STYLE_NORMAL : STYLE_BAD, "hash chain %s",
            evidence.verdict);
    line_at(line, line->end, STYLE_NORMAL, ", tail %.*s", STR_ARG(tail));
}

static void build_files(struct page *page, const struct run *run, const struct ui *ui)
{
    struct pane *pane = page_pane(page, PANE_D, PANE_MAIN, NULL);
    struct line *line = pane_line(pane);
    line_at(line, 1, STYLE_DIM, "files");
    struct str folder = run->report_folder;
    if (folder.len > 0) {
        bool fits = str_width(folder) <= pane->width - VALUE - 1;
        line = fits ? line : pane_line(pane); /* whole, so that it can be typed */
        line_fit(line, fits ? VALUE : 1, pane->width - 2, STYLE_NORMAL, folder);
        line_copy(line, folder);
    } else {
        line_at(line, VALUE, STYLE_DIM, "written at the end");
    }
    add_evidence(pane, ui);
    pane->least = (int)pane->count;
}

/* report.md beside it, its tables whole: it scrolls both ways. */
static void build_text(struct page *page, const struct run *run, const struct ui *ui)
{
    struct pane *pane = page_pane(page, PANE_E, PANE_RIGHT, "report.md");
    struct strbuf text = {0};
    bool written = run->state == STATE_END && run->report_folder.len > 0;
    pane->grows = true;
    if (!ui->sources.report_text) {
        line_at(pane_line(pane), 1, STYLE_UNKNOWN, "?? not known yet");
        return;
    }
    pane_note(pane, "%s", written ? "as written" : "as of now");
    ui->sources.report_text(ui->sources.ctx, &text);
    struct str rest = strbuf_str(&text);
    struct str one;
    while (str_cut(&rest, '\n', &one)) {
        if (one.len == 0 || str_starts(one, "|")) {
            line_fit(pane_line(pane), 1, REPORT_COLUMNS, STYLE_NORMAL, one);
        } else {
            pane_text(pane, 1, STYLE_NORMAL, one);
        }
    }
    strbuf_release(&text);
}

void build_report(struct page *page, const struct run *run, const struct ui *ui)
{
    build_heading(page, run);
    if (!page->wide) {
        part_counts_line(page, run, PANE_F);
    }
    build_criteria(page, run);
    build_accepted(page, run);
    build_signatures(page, run);
    build_files(page, run, ui);
    if (page->wide) {
        part_counts(page, run, PANE_F, PANE_RIGHT);
    }
    build_text(page, run, ui);
    log_pane(page, ui, PANE_BOTTOM);
}
