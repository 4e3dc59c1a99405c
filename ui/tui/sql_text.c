/* SPDX-License-Identifier: PostgreSQL */
/*
 * A statement as it is written, with the words underlined that a finding is about: from the
 * place that it names to the comma, bracket or semicolon that ends the clause, or the line.
 */
#include "review_parts.h"

#include <string.h>

static bool ends_clause(char byte)
{
    return byte == ',' || byte == ';' || byte == '(' || byte == '\n';
}

/* One flag for each byte of the statement: does a finding name it? NULL: none does. */
static const bool *risky_bytes(struct arena *arena, const struct run *run,
                               const struct run_script *script, size_t index)
{
    const struct lint_result *lint = run_lint(run);
    const struct lint_file_result *file = judged_file(run, script);
    struct str sql = sql_statement_text(script->sql, index);
    size_t begin = script->sql->statements[index].offset;
    bool *risky = NULL;
    for (size_t i = 0; file && i < lint->finding_count; i++) {
        const struct lint_finding *finding = &lint->findings[i];
        size_t at = finding->at.place.offset;
        if (&lint->files[finding->at.file] != file || finding->at.statement != index ||
            finding->waived || finding->severity < LINT_MEDIUM || at < begin ||
            at >= begin + sql.len) {
            continue;
        }
        if (!risky) {
            risky = arena_array(arena, sql.len, sizeof(*risky));
            memset(risky, 0, sql.len * sizeof(*risky));
        }
        for (at -= begin; at < sql.len && !ends_clause(sql.ptr[at]); at++) {
            risky[at] = true;
        }
    }
    return risky;
}

/* Text made harmless, and for each byte of it whether it is risky ('1'). */
struct marked {
    struct strbuf text, flags;
};

static void add_marked(struct marked *marked, struct str sql, const bool *risky)
{
    for (size_t from = 0, to = 0; from < sql.len; from = to) {
        while (to < sql.len && risky[to] == risky[from]) {
            to++;
        }
        size_t before = marked->text.len;
        sanitise(&marked->text, str_slice(sql, from, to - from), SANITISE_LINES);
        strbuf_repeat(&marked->flags, risky[from] ? '1' : '0', marked->text.len - before);
    }
}

static void put_marked_line(struct line *line, int column, struct str text, const char *flags)
{
    for (size_t from = 0, to = 0; from < text.len; from = to) {
        while (to < text.len && flags[to] == flags[from]) {
            to++;
        }
        struct str part = str_slice(text, from, to - from);
        line_at(line, column, STYLE_NORMAL, "%.*s", STR_ARG(part));
        line->spans[line->count - 1].marks |= flags[from] == '1' ? CELL_RISK : 0U;
        column += str_width(part);
    }
}

/* Breaking a text at blanks drops nothing but these blanks. */
void part_marked(struct pane *pane, int column, struct str text, const char *flags)
{
    struct strbuf lines = {0};
    struct str rest = text;
    struct str paragraph;
    while (str_cut(&rest, '\n', &paragraph)) {
        size_t at = (size_t)(paragraph.ptr - text.ptr);
        strbuf_clear(&lines);
        front_wrap(&lines, paragraph, pane->width - column - 1, 0);
        struct str wrapped = strbuf_str(&lines);
        struct str one;
        while (str_cut(&wrapped, '\n', &one)) {
            put_marked_line(pane_line(pane), column, one, flags + at);
            at += one.len;
            while (at < text.len && text.ptr[at] == ' ') {
                at++;
            }
        }
    }
    strbuf_release(&lines);
}

void part_sql(struct pane *pane, int column, const struct run *run,
              const struct run_script *script, size_t index)
{
    struct str sql = sql_statement_text(script->sql, index);
    const bool *risky =
        front_holds_secret(sql) ? NULL : risky_bytes(&pane->page->arena, run, script, index);
    if (!risky) {
        struct strbuf whole = {0};
        front_statement_whole(&whole, script->sql, index);
        pane_text(pane, column, STYLE_NORMAL, strbuf_str(&whole));
        strbuf_release(&whole);
        return;
    }
    struct marked marked = {0};
    add_marked(&marked, sql, risky);
    part_marked(pane, column, strbuf_str(&marked.text), marked.flags.ptr);
    strbuf_release(&marked.text);
    strbuf_release(&marked.flags);
}
