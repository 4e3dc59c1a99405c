/* SPDX-License-Identifier: PostgreSQL */
/*
 * Plan review: what is destroyed first and never scrolled away, then every statement of
 * every file. What no one has measured yet says so.
 */
#include "review_parts.h"

#include <string.h>

enum {
    NUMBER_END = 6,
    SQL = 7,
    NAME = 4,
    /* Columns of the list, counted from its end. */
    LOCK = 42,
    LOCK_COLUMNS = 17,
    RISK = 24,
    TIME_END = 9,
    UNDO = 8,
};

struct totals {
    size_t files, statements, drops;
};

static struct totals count_all(const struct run *run)
{
    struct totals totals = {0};
    for (size_t i = 0; i < run->script_count; i++) {
        const struct run_script *script = &run->scripts[i];
        totals.files += script->sql != NULL;
        for (size_t k = script->first; script->sql && k < script->last; k++) {
            totals.statements++;
            totals.drops += front_statement_destroys(script->sql, k);
        }
    }
    return totals;
}

/* In one line: by what the files were judged, and what that does not tell. */
static void add_source(struct pane *pane, const struct run *run)
{
    const struct run_context *context = &run->context;
    bool live = run->setup->live != NULL;
    struct line *line = pane_line(pane);
    struct strbuf rest = {0};
    if (live) {
        line_at(line, 1, STYLE_DIM, "judged by what %.*s shows", STR_ARG(run->database));
    } else {
        line_at(line, 1, STYLE_UNKNOWN, "judged without a server");
    }
    if (context->out) {
        strbuf_text(&rest, "; the target is being asked");
    } else if (context->outcome == OUTCOME_FAILED) {
        strbuf_text(&rest, "; not known: ");
        sanitise(&rest, context->text, SANITISE_LINE);
    } else if (live) {
        struct strbuf clock = {0};
        time_to_clock(&clock, context->at_us);
        strbuf_format(&rest, ", %.5s%s", clock.ptr, context->text.len > 0 ? ". " : "");
        strbuf_release(&clock);
        sanitise(&rest, context->text, SANITISE_LINE);
    }
    line_fit(line, line->end, pane->width - line->end - 1,
             context->outcome == OUTCOME_FAILED ? STYLE_UNKNOWN : STYLE_DIM, strbuf_str(&rest));
    strbuf_release(&rest);
    pane->least = (int)pane->count;
}

/* The worst first, as far as there is room: the list of findings says them all. */
static void add_severities(struct line *line, int width, const size_t *found)
{
    static const enum style styles[LINT_SEVERITY__COUNT] = {
        [LINT_BLOCK] = STYLE_BAD, [LINT_HIGH] = STYLE_WARN, [LINT_MEDIUM] = STYLE_WARN};
    const char *dot = line->page->glyphs->text[GLYPH_DOT];
    bool fits = true;
    size_t all = 0;
    for (int severity = LINT_BLOCK; severity > LINT_NOTE; severity--) {
        struct str text = str_format(&line->page->arena, " %s %zu %s", dot, found[severity],
                                     lint_severity_name((enum lint_severity)severity));
        fits = fits && (found[severity] == 0 || line->end + str_width(text) < width);
        if (found[severity] > 0 && fits) {
            line_add(line, styles[severity], "%.*s", STR_ARG(text));
        }
        all += found[severity];
    }
    if (all == 0) {
        line_add(line, STYLE_GOOD, " %s no finding", dot);
    }
}

static void build_heading(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_A, PANE_MAIN, NULL);
    struct totals totals = count_all(run);
    const char *dot = page->glyphs->text[GLYPH_DOT];
    struct line *line = pane_line(pane);
    line_at(line, 1, STYLE_BOLD, "PLAN REVIEW");
    line_at(line, 15, STYLE_NORMAL, "%zu file%s %s %zu statement%s", totals.files,
            totals.files == 1 ? "" : "s", dot, totals.statements,
            totals.statements == 1 ? "" : "s");
    if (totals.drops > 0) {
        line_add(line, STYLE_BAD, " %s %zu destroy", dot, totals.drops);
    } else {
        line_add(line, STYLE_GOOD, " %s destroys nothing", dot);
    }
    const struct lint_result *lint = run_lint(run);
    if (!lint) {
        line_add(line, STYLE_UNKNOWN, " %s ?? not analysed", dot);
        return;
    }
    add_severities(line, pane->width, lint->by_severity);
    add_source(pane, run);
}

/* ---------------------------------------------------------------- statements */

/* "3 ALTER TABLE …   SHARE ROW EXCL +1   ▲ MED    38 ms  by hand" */
static void add_head(struct pane *pane)
{
    struct line *head = pane_head(pane);
    line_at(head, NUMBER_END - 1, STYLE_DIM, "#");
    line_at(head, SQL, STYLE_DIM, "statement");
    line_at(head, pane->width - LOCK, STYLE_DIM, "lock it takes");
    line_at(head, pane->width - RISK, STYLE_DIM, "risk");
    line_end(head, pane->width - TIME_END, STYLE_DIM, "est.");
    line_at(head, pane->width - UNDO, STYLE_DIM, "undo");
}

static void add_risk(struct line *line, int column, enum lint_severity severity)
{
    static const char *const words[LINT_SEVERITY__COUNT] = {
        [LINT_NOTE] = "-",    [LINT_LOW] = "low",     [LINT_MEDIUM] = "MED",
        [LINT_HIGH] = "HIGH", [LINT_BLOCK] = "BLOCK",
    };
    if (severity < LINT_MEDIUM) {
        line_at(line, column + 2, STYLE_DIM, "%s", words[severity]);
        return;
    }
    enum glyph glyph = severity_glyph(severity);
    line_glyph(line, column, glyph);
    line_add(line, glyph_style(glyph), " %s", words[severity]);
}

static const char *transaction_words(const struct run_script *script)
{
    return script->kind == SCRIPT_MANUAL                  ? "by hand"
           : script->transaction == PLAN_TRANSACTION_EACH ? "each by itself"
           : script->transaction == PLAN_TRANSACTION_FILE ? "as the file says"
                                                          : "one transaction";
}

static void add_file_undo(struct line *line, int column, const struct run_script *script,
                          const struct plan_step *step)
{
    if (script->kind == SCRIPT_MANUAL) {
        line_at(line, column, STYLE_DIM, "by hand");
    } else if (step && step->undo.len > 0) {
        line_glyph(line, column, GLYPH_GOOD);
        line_add(line, STYLE_GOOD, " file");
    } else {
        line_glyph(line, column, GLYPH_BAD);
        line_add(line, STYLE_BAD, " NONE");
    }
}

/* Without its folders where they do not fit: the SQL pane has them. */
static struct str short_name(struct str file, int room)
{
    while (str_width(file) > room && str_find_byte(file, '/', 0) < file.len) {
        file = str_slice(file, str_find_byte(file, '/', 0) + 1, file.len);
    }
    return file;
}

static void add_file(struct pane *pane, const struct run *run, size_t index)
{
    const struct run_script *script = &run->scripts[index];
    const struct lint_file_result *judged = judged_file(run, script);
    const struct plan_step *step =
        script->step >= 0 ? &run->plan->steps.items[script->step] : NULL;
    struct line *line = pane_row(pane, SUBJECT_SCRIPT, (int64_t)index, 0);
    int room = pane->width - LOCK - NAME - 1;
    line_glyph(line, 1, script_glyph(script));
    line_fit(line, NAME, room, STYLE_BOLD,
             short_name(script->file.len > 0 ? script->file : script->id, room));
    line_at(line, pane->width - LOCK, STYLE_DIM, "%s", transaction_words(script));
    if (judged) {
        add_risk(line, pane->width - RISK, judged->overall.severity);
    }
    if (step && step->expect.time_us > 0) {
        part_duration(line, pane->width - TIME_END, STYLE_NORMAL, step->expect.time_us);
    } else {
        line_end(line, pane->width - TIME_END, STYLE_DIM, "-");
    }
    add_file_undo(line, pane->width - UNDO, script, step);
}

/* "SHARE ROW EXCL +1": the strongest lock, and on how many other tables it takes some. */
static void add_lock(struct line *line, int column, const struct lint_verdict *verdict)
{
    static const char whole[] = "EXCLUSIVE";
    struct arena *arena = &line->page->arena;
    if (!verdict->judged && verdict->lock == SQL_LOCK_NONE) {
        line_at(line, column, STYLE_UNKNOWN, "??");
        return;
    }
    struct str words = str_from(sql_lock_words(verdict->lock));
    struct str more = !verdict->judged          ? STR(" +??")
                      : verdict->more_locks > 0 ? str_format(arena, " +%u", verdict->more_locks)
                                                : (struct str){0};
    if (str_width(words) + str_width(more) > LOCK_COLUMNS && str_ends(words, whole)) {
        words = str_format(arena, "%.*s", (int)(words.len - strlen("USIVE")), words.ptr);
    }
    bool strong = verdict->lock >= SQL_LOCK_SHARE;
    line_fit(line, column, LOCK_COLUMNS, strong ? STYLE_WARN : STYLE_DIM,
             str_format(arena, "%.*s%.*s", STR_ARG(words), STR_ARG(more)));
}

/* Lock, risk, and how it is taken back. A plan expects a time of a file only. */
static void add_verdict(struct line *line, int width, const struct lint_verdict *verdict)
{
    static const char *const ways_back[SQL_UNDO__COUNT] = {
        [SQL_UNDO_NOT_NEEDED] = "-",      [SQL_UNDO_STATEMENT] = "SQL",
        [SQL_UNDO_KNOWLEDGE] = "by hand", [SQL_UNDO_BACKUP] = "backup",
        [SQL_UNDO_NEVER] = "never",       [SQL_UNDO_UNKNOWN] = "??",
    };
    add_lock(line, width - LOCK, verdict);
    add_risk(line, width - RISK, verdict->severity);
    line_at(line, width - UNDO, verdict->undo >= SQL_UNDO_BACKUP ? STYLE_BAD : STYLE_DIM, "%s",
            ways_back[verdict->undo]);
}

static void add_statement(struct pane *pane, const struct run *run, size_t script, size_t index)
{
    const struct sql_script *sql = run->scripts[script].sql;
    const struct sql_statement *statement = &sql->statements[index];
    struct line *line = pane_row(pane, SUBJECT_STATEMENT, (int64_t)script, (int64_t)index);
    struct strbuf text = {0};
    bool danger = front_statement_destroys(sql, index);
    const struct lint_verdict *verdict = verdict_of(run, &run->scripts[script], index);
    front_statement_text(&text, sql, index, 200);
    if (danger) {
        line_glyph(line, 1, GLYPH_BAD);
    }
    line_end(line, NUMBER_END, STYLE_DIM, "%zu", index + 1);
    line_fit(line, SQL, pane->width - LOCK - SQL - 1, danger ? STYLE_BOLD : STYLE_NORMAL,
             strbuf_str(&text));
    if (statement->judgement == SQL_PARSED && verdict) {
        add_verdict(line, pane->width, verdict);
        line_end(line, pane->width - TIME_END, STYLE_DIM, "-");
    } else {
        line_fit(line, pane->width - LOCK, LOCK - 1, STYLE_UNKNOWN,
                 statement->judgement == SQL_PARSED
                     ? STR("?? not judged")
                     : str_from(sql_judgement_name(statement->judgement)));
    }
    strbuf_release(&text);
}

static void build_statements(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_C, PANE_MAIN, "STATEMENTS");
    pane->grows = true;
    pane->least = 5;
    add_head(pane);
    for (size_t i = 0; i < run->script_count; i++) {
        const struct run_script *script = &run->scripts[i];
        if (script->kind != SCRIPT_MIGRATION && script->kind != SCRIPT_MANUAL) {
            continue;
        }
        add_file(pane, run, i);
        for (size_t k = script->first; script->sql && k < script->last; k++) {
            add_statement(pane, run, i, k);
        }
    }
}

/* The whole text of the statement under the cursor. */
static void build_text(struct page *page, const struct run *run, const struct ui *ui)
{
    struct pane *pane = page_pane(page, PANE_D, PANE_RIGHT, "SQL");
    static const enum pane_id lists[] = {PANE_B, PANE_E, PANE_C};
    struct subject subject = ui_cursor(ui, ui_list_of(ui, lists, COUNT_OF(lists)));
    if (subject.kind == SUBJECT_NONE) {
        subject = ui_cursor(ui, PANE_C);
    }
    pane->grows = true;
    if (subject.kind != SUBJECT_STATEMENT || (size_t)subject.a >= run->script_count ||
        !run->scripts[subject.a].sql) {
        line_at(pane_line(pane), 1, STYLE_DIM, "choose a statement at the left");
        return;
    }
    const struct run_script *script = &run->scripts[subject.a];
    size_t index = (size_t)subject.b;
    line_at(pane_line(pane), 1, STYLE_BOLD, "%.*s:%d", STR_ARG(script->file),
            script->sql->statements[index].head.line);
    part_sql(pane, 1, run, script, index);
    part_statement_findings(pane, run, script, index);
}

void build_review(struct page *page, const struct run *run, const struct ui *ui)
{
    build_heading(page, run);
    if (!page->wide) {
        review_destroys(page, run);
    }
    review_findings(page, run);
    build_statements(page, run);
    if (page->wide) {
        review_destroys(page, run);
    }
    build_text(page, run, ui);
    log_pane_below(page, ui);
}
