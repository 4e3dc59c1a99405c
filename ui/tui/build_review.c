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
    line_add(line, STYLE_UNKNOWN, " %s locks ?? not known yet", dot);
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

static void add_statement(struct pane *pane, const struct run *run, size_t script, size_t index)
{
    const struct sql_script *sql = run->scripts[script].sql;
    const struct sql_statement *statement = &sql->statements[index];
    struct line *line = pane_row(pane, SUBJECT_STATEMENT, (int64_t)script, (int64_t)index);
    struct strbuf text = {0};
    bool danger = front_statement_destroys(sql, index);
    int tag = pane->width - 22;
    front_statement_text(&text, sql, index, 200);
    if (danger) {
        line_glyph(line, 1, GLYPH_BAD);
    }
    line_end(line, NUMBER_END + 1, STYLE_DIM, "%zu", index + 1);
    line_fit(line, SQL, tag - SQL - 1, danger ? STYLE_BOLD : STYLE_NORMAL, strbuf_str(&text));
    line_fit(line, tag, 21, danger ? STYLE_BAD : STYLE_DIM,
             statement->judgement == SQL_PARSED
                 ? str_from(statement->tag)
                 : str_from(sql_judgement_name(statement->judgement)));
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

/* The whole text of the statement under the cursor. */
static void build_text(struct page *page, const struct run *run, const struct ui *ui)
{
    struct pane *pane = page_pane(page, PANE_D, PANE_RIGHT, "SQL");
    enum pane_id focus = ui->focus[SCREEN_REVIEW];
    struct subject subject = ui_cursor(ui, focus == PANE_C ? PANE_C : PANE_B);
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
}

void build_review(struct page *page, const struct run *run, const struct ui *ui)
{
    struct totals totals = count_all(run);
    build_heading(page, run);
    build_destroys(page, run, &totals);
    build_statements(page, run);
    build_text(page, run, ui);
    log_pane(page, ui, PANE_BOTTOM);
}
