/* SPDX-License-Identifier: PostgreSQL */
/*
 * Plan review: what is destroyed first and never scrolled away, then every statement of
 * every file. What no one has measured yet says so.
 */
#include "screen_parts.h"

#include <string.h>

enum {
    NUMBER_END = 7,
    SQL = 9,
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
    const struct lint_result *lint = run->setup->lint;
    if (!lint) {
        line_add(line, STYLE_UNKNOWN, " %s ?? not analysed", dot);
        return;
    }
    const size_t *found = lint->by_severity;
    if (found[LINT_BLOCK] > 0) {
        line_add(line, STYLE_BAD, " %s %zu block", dot, found[LINT_BLOCK]);
    }
    line_add(line, found[LINT_HIGH] > 0 ? STYLE_WARN : STYLE_GOOD, " %s %zu high", dot,
             found[LINT_HIGH]);
}

/* -------------------------------------------------------------- what rules say */

/* The file of the result that a script is; NULL: it was not judged. */
static const struct lint_file_result *judged_file(const struct run *run,
                                                  const struct run_script *script)
{
    const struct lint_result *lint = run->setup->lint;
    for (size_t i = 0; lint && i < lint->file_count; i++) {
        if (str_is(lint->files[i].name, script->file) &&
            lint->files[i].is_undo == (script->kind == SCRIPT_DOWN)) {
            return &lint->files[i];
        }
    }
    return NULL;
}

/* The script that a finding's file is; -1: it is not among those of the run. */
static int64_t script_of(const struct run *run, size_t file)
{
    for (size_t i = 0; i < run->script_count; i++) {
        if (judged_file(run, &run->scripts[i]) == &run->setup->lint->files[file]) {
            return (int64_t)i;
        }
    }
    return -1;
}

static enum glyph severity_glyph(enum lint_severity severity)
{
    return severity >= LINT_HIGH ? GLYPH_BAD : GLYPH_WARN;
}

static void add_finding(struct pane *pane, const struct run *run,
                        const struct lint_finding *finding)
{
    int64_t script = script_of(run, finding->at.file);
    if (script < 0 || finding->waived || finding->severity < LINT_MEDIUM) {
        return;
    }
    bool whole = finding->at.statement == SIZE_MAX;
    struct line *line = pane_row(pane, whole ? SUBJECT_SCRIPT : SUBJECT_STATEMENT, script,
                                 whole ? 0 : (int64_t)finding->at.statement);
    struct strbuf text = {0};
    line_glyph(line, 1, severity_glyph(finding->severity));
    line_at(line, 4, STYLE_BOLD, "%s", finding->rule->id);
    line_at(line, 9, STYLE_DIM, "%.*s:%d", STR_ARG(run->scripts[script].id),
            finding->at.place.line);
    sanitise(&text, finding->message, SANITISE_LINE);
    line_fit(line, 18, pane->width - 19, STYLE_NORMAL, strbuf_str(&text));
    strbuf_release(&text);
}

/* The worst first; equal ones as they stand in the files. */
static void build_findings(struct page *page, const struct run *run)
{
    const struct lint_result *lint = run->setup->lint;
    if (!lint || lint->by_severity[LINT_BLOCK] + lint->by_severity[LINT_HIGH] +
                         lint->by_severity[LINT_MEDIUM] ==
                     0) {
        return;
    }
    struct pane *pane = page_pane(page, PANE_E, PANE_MAIN, "FINDINGS");
    pane_note(pane, "%s", "gonogo help L1 explains a rule");
    pane->least = 3;
    for (int severity = LINT_BLOCK; severity >= LINT_MEDIUM; severity--) {
        for (size_t i = 0; i < lint->finding_count; i++) {
            if ((int)lint->findings[i].severity == severity) {
                add_finding(pane, run, &lint->findings[i]);
            }
        }
    }
}

/* -------------------------------------------------------------- what is destroyed */

/* "public.quests" of a dropped table, to be found among the rows that were counted. */
static int64_t rows_of(const struct run *run, struct str name)
{
    const struct run_snapshot *snapshot = &run->snapshots[MOMENT_REVIEW];
    for (size_t i = 0; i < snapshot->row_count; i++) {
        struct str known = snapshot->rows[i].name;
        size_t dot = str_find_byte(known, '.', 0);
        struct str bare = dot < known.len ? str_slice(known, dot + 1, known.len) : known;
        if (str_is(known, name) || str_is(bare, name)) {
            return snapshot->rows[i].value;
        }
    }
    return -1;
}

static void add_victim(struct pane *pane, const struct run *run, size_t script, size_t index)
{
    const struct sql_script *sql = run->scripts[script].sql;
    const struct sql_statement *statement = &sql->statements[index];
    struct line *line = pane_row(pane, SUBJECT_STATEMENT, (int64_t)script, (int64_t)index);
    struct strbuf text = {0};
    int rows = pane->width - 22;
    line_glyph(line, 1, GLYPH_BAD);
    line_at(line, 4, STYLE_DIM, "%.*s:%zu", STR_ARG(run->scripts[script].id), index + 1);
    front_statement_text(&text, sql, index, 200);
    line_fit(line, 12, rows - 14, STYLE_NORMAL, strbuf_str(&text));
    strbuf_release(&text);
    if (statement->object_count > 0 && strcmp(statement->tag, "DROP TABLE") == 0) {
        int64_t known = rows_of(run, statement->objects[0].name);
        if (known >= 0) {
            part_number(line, rows + 9, known > 0 ? STYLE_WARN : STYLE_NORMAL, known);
            line_at(line, rows + 10, STYLE_DIM, "rows now");
        } else {
            line_end(line, rows + 18, STYLE_UNKNOWN, "?? rows");
        }
    }
}

static void build_destroys(struct page *page, const struct run *run,
                           const struct totals *totals)
{
    if (totals->drops == 0) {
        return;
    }
    struct pane *pane = page_pane(page, PANE_B, PANE_MAIN, "DESTROYS");
    pane_note(pane, "%zu", totals->drops);
    pane->least = totals->drops < 5 ? (int)totals->drops : 5;
    for (size_t i = 0; i < run->script_count; i++) {
        const struct run_script *script = &run->scripts[i];
        for (size_t k = script->first; script->sql && k < script->last; k++) {
            if (front_statement_destroys(script->sql, k)) {
                add_victim(pane, run, i, k);
            }
        }
    }
}

/* ---------------------------------------------------------------- statements */

static void add_file(struct pane *pane, const struct run *run, size_t index)
{
    const struct run_script *script = &run->scripts[index];
    const struct plan_step *step =
        script->step >= 0 ? &run->plan->steps.items[script->step] : NULL;
    struct line *line = pane_row(pane, SUBJECT_SCRIPT, (int64_t)index, 0);
    int end = pane->width - 1;
    line_glyph(line, 1, script_glyph(script));
    line_fit(line, 4, end - 36, STYLE_BOLD, script->file.len > 0 ? script->file : script->id);
    if (step && step->expect.time_us > 0) {
        struct strbuf text = {0};
        duration_to_text(&text, step->expect.time_us);
        line_end(line, end - 12, STYLE_DIM, "exp %s", text.ptr);
        strbuf_release(&text);
    }
    if (script->kind == SCRIPT_MANUAL) {
        line_end(line, end, STYLE_DIM, "by hand");
    } else if (step && step->undo.len > 0) {
        line_end(line, end, STYLE_GOOD, "undo file");
    } else {
        line_end(line, end, STYLE_WARN, "no undo");
    }
}

/* Lock, and how it is taken back: 22 and 8 columns. */
static void add_verdict(struct line *line, int column, const struct lint_verdict *verdict)
{
    static const char *const ways_back[SQL_UNDO__COUNT] = {
        [SQL_UNDO_NOT_NEEDED] = "",       [SQL_UNDO_STATEMENT] = "SQL",
        [SQL_UNDO_KNOWLEDGE] = "by hand", [SQL_UNDO_BACKUP] = "backup",
        [SQL_UNDO_NEVER] = "never",       [SQL_UNDO_UNKNOWN] = "??",
    };
    bool strong = verdict->lock >= SQL_LOCK_SHARE;
    line_fit(line, column, 21, strong ? STYLE_WARN : STYLE_DIM,
             str_from(sql_lock_words(verdict->lock)));
    line_fit(line, column + 23, 8, verdict->undo >= SQL_UNDO_BACKUP ? STYLE_BAD : STYLE_DIM,
             str_from(ways_back[verdict->undo]));
}

static void add_statement(struct pane *pane, const struct run *run, size_t script, size_t index)
{
    const struct sql_script *sql = run->scripts[script].sql;
    const struct sql_statement *statement = &sql->statements[index];
    struct line *line = pane_row(pane, SUBJECT_STATEMENT, (int64_t)script, (int64_t)index);
    struct strbuf text = {0};
    bool danger = front_statement_destroys(sql, index);
    int tag = pane->width - 32;
    const struct lint_file_result *file = judged_file(run, &run->scripts[script]);
    const struct lint_verdict *verdict =
        file && index < file->statement_count ? &file->verdicts[index] : NULL;
    front_statement_text(&text, sql, index, 200);
    if (danger) {
        line_glyph(line, 1, GLYPH_BAD);
    } else if (verdict && verdict->severity >= LINT_MEDIUM) {
        line_glyph(line, 1, severity_glyph(verdict->severity));
    }
    line_end(line, NUMBER_END + 1, STYLE_DIM, "%zu", index + 1);
    line_fit(line, SQL, tag - SQL - 1, danger ? STYLE_BOLD : STYLE_NORMAL, strbuf_str(&text));
    if (statement->judgement == SQL_PARSED && verdict) {
        add_verdict(line, tag, verdict);
    } else {
        line_fit(line, tag, 30, STYLE_UNKNOWN,
                 str_from(sql_judgement_name(statement->judgement)));
    }
    strbuf_release(&text);
}

static void build_statements(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_C, PANE_MAIN, "STATEMENTS");
    pane->grows = true;
    pane->least = 5;
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

void part_statement_findings(struct pane *pane, const struct run *run,
                             const struct run_script *script, size_t index)
{
    const struct lint_result *lint = run->setup->lint;
    const struct lint_file_result *file = judged_file(run, script);
    for (size_t i = 0; file && i < lint->finding_count; i++) {
        const struct lint_finding *finding = &lint->findings[i];
        if (&lint->files[finding->at.file] != file || finding->at.statement != index) {
            continue;
        }
        line_at(pane_line(pane), 1, STYLE_NORMAL, "%s", "");
        struct str head =
            str_format(&pane->page->arena, "%s %s  %s", finding->rule->id,
                       lint_severity_name(finding->severity), finding->rule->title);
        pane_text(pane, 1, finding->severity >= LINT_HIGH ? STYLE_BAD : STYLE_WARN, head);
        pane_text(pane, 1, STYLE_NORMAL, finding->message);
        if (finding->unknown.len > 0) {
            pane_text(
                pane, 1, STYLE_UNKNOWN,
                str_format(&pane->page->arena, "not known: %.*s", STR_ARG(finding->unknown)));
        }
        if (finding->safer.len > 0) {
            line_at(pane_line(pane), 1, STYLE_DIM, "safer:");
            pane_text(pane, 3, STYLE_GOOD, finding->safer);
        }
    }
}

/* The whole text of the statement under the cursor. */
static void build_text(struct page *page, const struct run *run, const struct ui *ui)
{
    struct pane *pane = page_pane(page, PANE_D, PANE_RIGHT, "SQL");
    enum pane_id focus = ui->focus[SCREEN_REVIEW];
    struct subject subject = ui_cursor(ui, focus == PANE_C ? PANE_C : PANE_B);
    if (focus == PANE_E) {
        subject = ui_cursor(ui, PANE_E);
    }
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
    struct strbuf one = {0};
    size_t index = (size_t)subject.b;
    line_at(pane_line(pane), 1, STYLE_BOLD, "%.*s:%d", STR_ARG(script->file),
            script->sql->statements[index].head.line);
    front_statement_text(&one, script->sql, index, 0);
    bool secret = str_ends(strbuf_str(&one), "(text not shown: it says a password)");
    pane_text(pane, 1, STYLE_NORMAL,
              secret ? strbuf_str(&one) : sql_statement_text(script->sql, index));
    strbuf_release(&one);
    part_statement_findings(pane, run, script, index);
}

void build_review(struct page *page, const struct run *run, const struct ui *ui)
{
    struct totals totals = count_all(run);
    build_heading(page, run);
    build_destroys(page, run, &totals);
    build_findings(page, run);
    build_statements(page, run);
    build_text(page, run, ui);
    log_pane(page, ui, PANE_BOTTOM);
}
