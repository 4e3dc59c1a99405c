/* SPDX-License-Identifier: PostgreSQL */
/*
 * MIGRATE: which file, which statement, how long against what was expected, who holds us
 * up. Where several files are done, each is one line; the one at work is spread out.
 */
#include "review_parts.h"

#include <string.h>

enum {
    NUMBER_END = 7,
    SQL_COLUMN = 9,
    TIME_COLUMNS = 24,
    FAILURE_LINES = 2, /* of 80x24 */
};

/* What is older than this carries its age. */
#define STALE_US (5 * US_PER_SECOND)

static const struct run_script *script_at_work(const struct run *run, size_t *index)
{
    *index = run->script >= 0 ? (size_t)run->script : 0;
    return run->script_count > 0 ? &run->scripts[*index] : NULL;
}

static int64_t expected_us(const struct run *run, const struct run_script *script)
{
    int64_t expected =
        script->step >= 0 ? run->plan->steps.items[script->step].expect.time_us : 0;
    return expected > 0 ? expected : 0; /* PLAN_UNSAID is below zero */
}

/* ------------------------------------------------------------------- heading */

/* More than its statements: the way to the server and back, checks inside, the ledger's row. */
static const char *whole_words(const struct run_script *script)
{
    bool one = script->transaction != PLAN_TRANSACTION_EACH &&
               script->transaction != PLAN_TRANSACTION_FILE;
    return script->ended_us == 0                 ? "open"
           : !one                                ? "first to last"
           : script->state == SCRIPT_ROLLED_BACK ? "BEGIN to ROLLBACK"
           : script->state == SCRIPT_UNKNOWN     ? "BEGIN to the loss"
                                                 : "BEGIN to COMMIT";
}

static void add_transaction(struct line *line, const struct run *run,
                            const struct run_script *script)
{
    static const char *const words[] = {
        [PLAN_TRANSACTION_UNSAID] = "one transaction",
        [PLAN_TRANSACTION_ONE] = "one transaction",
        [PLAN_TRANSACTION_EACH] = "each statement by itself",
        [PLAN_TRANSACTION_FILE] = "as the file says",
    };
    line_at(line, 1, STYLE_NORMAL, "%s", words[script->transaction]);
    if (script->started_us > 0) {
        int64_t until_us = script->ended_us > 0 ? script->ended_us : run->now_us;
        struct strbuf text = {0};
        duration_to_text(&text, until_us - script->started_us);
        line_add(line, STYLE_NORMAL, " %s %s %s", line->page->glyphs->text[GLYPH_DOT],
                 whole_words(script), text.ptr);
        strbuf_release(&text);
    }
    if (script->xid > 0) {
        line_add(line, STYLE_DIM, " %s xid %lld", line->page->glyphs->text[GLYPH_DOT],
                 (long long)script->xid);
    }
    struct strbuf text = {0};
    duration_to_text(&text, run->plan->safety.lock_timeout_us);
    line_add(line, STYLE_DIM, " %s lock_timeout %s", line->page->glyphs->text[GLYPH_DOT],
             text.ptr);
    strbuf_release(&text);
}

static void build_heading(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_A, PANE_MAIN, NULL);
    size_t index;
    const struct run_script *script = script_at_work(run, &index);
    struct line *line = pane_line(pane);
    if (!script) {
        line_at(line, 1, STYLE_BOLD, "MIGRATE");
        line_add(line, STYLE_DIM, "   nothing to apply");
        return;
    }
    line_at(line, 1, STYLE_BOLD, "%s  %zu of %zu", run->way_back ? "WAY BACK" : "MIGRATE",
            index + 1, run->script_count);
    const char *word = script_state_words[script->state];
    int room = pane->width - line->end - 3 - (int)strlen(word) - 3;
    line_fit(line, line->end + 3, room, STYLE_NORMAL, script->file);
    line_end(line, pane->width - 1, glyph_style(script_glyph(script)), "%s", word);
    add_transaction(pane_line(pane), run, script);
    size_t before = pane->count;
    if (script->failed) {
        pane_text(pane, 1, STYLE_BAD, script->failure);
    }
    /* On a small screen the log needs its lines; `a` and Enter show the whole. */
    if (!page->wide && pane->count > before + FAILURE_LINES) {
        pane->count = before + FAILURE_LINES;
    }
    pane->least = (int)pane->count;
}

/* ---------------------------------------------------------------- statements */

static void add_script(struct pane *pane, const struct run *run, size_t index)
{
    const struct run_script *script = &run->scripts[index];
    struct line *line = pane_row(pane, SUBJECT_SCRIPT, (int64_t)index, 0);
    bool here = (int)index == run->script;
    int end = pane->width - 1;
    line_glyph(line, 1, script_glyph(script));
    line_fit(line, 4, end - TIME_COLUMNS - 4, here ? STYLE_BOLD : STYLE_NORMAL,
             script->file.len > 0 ? script->file : script->id);
    if (script->state == SCRIPT_APPLIED) {
        line_end(line, end, STYLE_DIM, "applied before");
        return;
    }
    int64_t expected = expected_us(run, script);
    if (script->sql_us > 0) {
        bool late = expected > 0 && script->sql_us > expected;
        struct str sql = duration_text(&pane->page->arena, script->sql_us);
        line_end(line, end - 11, late ? STYLE_WARN : STYLE_NORMAL, "SQL %.*s", STR_ARG(sql));
    }
    if (expected > 0) {
        struct strbuf text = {0};
        duration_to_text(&text, expected);
        line_end(line, end, STYLE_DIM, "exp %s", text.ptr);
        strbuf_release(&text);
    }
}

static void add_statement(struct pane *pane, const struct run *run, size_t index, size_t number)
{
    const struct run_script *script = &run->scripts[index];
    const struct run_statement *statement = &script->statements[number];
    struct line *line = pane_row(pane, SUBJECT_STATEMENT, (int64_t)index, (int64_t)number);
    enum glyph glyph = statement_glyph(script, number);
    enum style style = glyph == GLYPH_RUNNING ? STYLE_BOLD
                       : glyph == GLYPH_BAD   ? STYLE_BAD
                                              : STYLE_DIM;
    int end = pane->width - 1;
    struct strbuf sql = {0};
    front_statement_text(&sql, script->sql, number, 200);
    line_glyph(line, 3, glyph);
    line_end(line, NUMBER_END + 1, style, "%zu", number + 1);
    line_fit(line, SQL_COLUMN, end - TIME_COLUMNS - SQL_COLUMN, style, strbuf_str(&sql));
    strbuf_release(&sql);
    if (statement->outcome != OUTCOME_NONE) {
        part_duration(line, end - 11, style, statement->us);
        if (statement->outcome == OUTCOME_OK && statement->rows >= 0) {
            struct strbuf rows = {0};
            number_to_text(&rows, statement->rows);
            line_end(line, end, STYLE_DIM, "%s row%s", rows.ptr,
                     statement->rows == 1 ? "" : "s");
            strbuf_release(&rows);
        } else if (statement->outcome == OUTCOME_FAILED) {
            line_end(line, end, STYLE_BAD, "%.*s", STR_ARG(statement->sqlstate));
        }
    } else if (statement->sent && statement->started_us > 0) {
        part_duration(line, end - 11, STYLE_BOLD, run->now_us - statement->started_us);
        if (run->waited_us > 0) {
            line_end(line, end, STYLE_WARN, "waits");
        }
    }
}

static void build_statements(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_B, PANE_MAIN, "STATEMENTS");
    pane->grows = true;
    pane->least = 5;
    for (size_t i = 0; i < run->script_count; i++) {
        const struct run_script *script = &run->scripts[i];
        bool here = (int)i == run->script || (run->script < 0 && i == 0);
        add_script(pane, run, i);
        for (size_t k = script->first; here && script->sql && k < script->last; k++) {
            if ((int)k == script->statement) {
                pane->wanted = (int)pane->count;
            }
            add_statement(pane, run, i, k);
        }
        for (size_t k = 0; here && k < script->check_count; k++) {
            const struct run_check *check = &script->checks[k];
            struct line *line = pane_row(pane, SUBJECT_CHECK,
                                         (int64_t)PLACE_STEP << 16 | (int64_t)i, (int64_t)k);
            enum glyph glyph = check_glyph(check);
            line_glyph(line, 3, glyph);
            line_fit(line, 6, pane->width - 26, glyph == GLYPH_BAD ? STYLE_BAD : STYLE_DIM,
                     check->check->name.len > 0 ? check->check->name : check->check->id);
            line_end(line, pane->width - 1, glyph_style(glyph), "check %s", check_word(check));
        }
    }
}

/* -------------------------------------------------------------- time and locks */

/* "136 ms expected 390 ms limit 500 ms"; beside its bar, or above it where panes are narrow. */
static void add_budget(struct pane *pane, const char *title, int64_t used_us, int64_t expected,
                       int64_t limit_us)
{
    enum {
        BAR = 14,
        WORDS = 42,
    };
    bool narrow = pane->page->wide;
    struct arena *arena = &pane->page->arena;
    int64_t total = limit_us > 0 ? limit_us : expected * 2;
    struct line *line = pane_line(pane);
    line_at(line, 1, STYLE_NORMAL, "%s", title);
    if (!narrow) {
        line_bar(line, BAR, pane->width - BAR - WORDS, used_us, total,
                 expected > 0 ? expected : -1);
    }
    line->end = line->end < BAR - 1 ? BAR - 1 : line->end;
    line_add(line, used_us > total && total > 0 ? STYLE_BAD : STYLE_BOLD, " %.*s",
             STR_ARG(duration_text(arena, used_us)));
    if (expected > 0) {
        line_add(line, STYLE_DIM, narrow ? " exp %.*s" : " expected %.*s",
                 STR_ARG(duration_text(arena, expected)));
    }
    if (limit_us > 0) {
        line_add(line, STYLE_DIM, " limit %.*s", STR_ARG(duration_text(arena, limit_us)));
    }
    if (narrow) {
        line_bar(pane_line(pane), 1, pane->width - 2, used_us, total,
                 expected > 0 ? expected : -1);
    }
}

/* Only probes that the plan calls downtime probes know of one. */
static bool downtime_is_probed(const struct run *run)
{
    for (size_t i = 0; i < run->probe_count; i++) {
        if (run->probes[i].probe->downtime) {
            return true;
        }
    }
    return false;
}

static void add_downtime(struct pane *pane, const struct run *run)
{
    int64_t down_us = run_downtime_us(run);
    int64_t limit_us = run->plan->limits.downtime_us;
    struct line *line = pane_line(pane);
    line_at(line, 1, STYLE_NORMAL, "downtime so far");
    if (!downtime_is_probed(run)) {
        line_add(line, STYLE_UNKNOWN, "  ?? no probe tells");
    } else {
        line_add(line, limit_us > 0 && down_us > limit_us ? STYLE_BAD : STYLE_BOLD, "  %.*s",
                 STR_ARG(duration_text(&pane->page->arena, down_us)));
    }
    if (limit_us > 0) {
        line_add(line, STYLE_DIM, " limit %.*s",
                 STR_ARG(duration_text(&pane->page->arena, limit_us)));
    }
}

static void build_budget(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_D, page->wide ? PANE_RIGHT : PANE_MAIN,
                                  page->wide ? "BUDGET" : NULL);
    size_t index;
    const struct run_script *script = script_at_work(run, &index);
    int64_t all_us = run_sql_us(run);
    int64_t expected = 0;
    for (size_t i = 0; i < run->script_count; i++) {
        expected += expected_us(run, &run->scripts[i]);
    }
    if (script) {
        int64_t open_us = script->state == SCRIPT_OPEN ? script->sql_us : 0;
        add_budget(pane, "this file", script->sql_us, expected_us(run, script), 0);
        add_budget(pane, "all files", all_us + open_us, expected,
                   run->plan->limits.sql_total_us);
    }
    if (page->wide) {
        add_downtime(pane, run);
    }
    pane->least = page->wide ? (int)pane->count : 1;
}

static void build_locks(struct page *page, const struct run *run)
{
    bool waits = run->blocker_count > 0;
    struct pane *pane =
        page_pane(page, PANE_C, page->wide || !waits ? PANE_RIGHT : PANE_MAIN, "LOCKS");
    pane->least = waits ? 4 : 1;
    if (!waits) {
        line_at(pane_line(pane), 1, STYLE_DIM, "nobody holds us up");
        return;
    }
    struct strbuf waited = {0};
    struct strbuf most = {0};
    duration_to_text(&waited, run->waited_us);
    duration_to_text(&most, run->plan->safety.lock_timeout_us);
    int64_t age_us = run->now_us - run->blockers_at_us;
    if (age_us > STALE_US) {
        struct str age = duration_text(&page->arena, age_us);
        pane_note(pane, "as seen %.*s ago", STR_ARG(age));
    } else {
        pane_note(pane, "waited %s of %s", waited.ptr, most.ptr);
    }
    for (size_t i = 0; i < run->blocker_count; i++) {
        const struct event_item *item = &run->blockers[i];
        struct line *line = item->flag
                                ? pane_line(pane)
                                : pane_row(pane, SUBJECT_BLOCKER, item->value, item->at_us);
        int column = 1 + 3 * item->depth;
        if (item->depth > 0) {
            line_glyph(line, column - 3, GLYPH_BRANCH);
        }
        if (item->flag) {
            line_at(line, column, STYLE_BOLD, "us  ");
            line_fit(line, line->end, pane->width - line->end - 1, STYLE_DIM, item->text);
            continue;
        }
        line_glyph(line, column, GLYPH_WARN);
        line_add(line, STYLE_BOLD, " %lld  ", (long long)item->value);
        line_fit(line, line->end, pane->width - line->end - 1, STYLE_BOLD, item->name);
        /* What it does and holds: whole, since a person decides by it. */
        pane_text(pane, column + 2, STYLE_NORMAL, item->text);
    }
    strbuf_release(&waited);
    strbuf_release(&most);
}

void build_migrate(struct page *page, const struct run *run, const struct ui *ui)
{
    build_heading(page, run);
    build_statements(page, run);
    part_statement(page, run, ui, PANE_B, PANE_G, PANE_H);
    build_budget(page, run);
    build_locks(page, run);
    part_probes(page, run, PANE_E, PANE_RIGHT, "SERVER");
    part_roster(page, run, PANE_F);
    log_pane(page, ui, page->wide ? PANE_BOTTOM : PANE_MAIN);
}
