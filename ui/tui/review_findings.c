/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the rules say: of a file, of one statement, and of all of them as a list, the worst
 * first.
 */
#include "review_parts.h"

const struct lint_file_result *judged_file(const struct run *run,
                                           const struct run_script *script)
{
    const struct lint_result *lint = run_lint(run);
    for (size_t i = 0; lint && i < lint->file_count; i++) {
        if (str_is(lint->files[i].name, script->file) &&
            lint->files[i].is_undo == (script->kind == SCRIPT_DOWN)) {
            return &lint->files[i];
        }
    }
    return NULL;
}

const struct lint_verdict *verdict_of(const struct run *run, const struct run_script *script,
                                      size_t index)
{
    const struct lint_file_result *file = judged_file(run, script);
    return file && index < file->statement_count ? file->verdicts[index] : NULL;
}

int64_t script_of_judged(const struct run *run, size_t file)
{
    const struct lint_file_result *judged = &run_lint(run)->files[file];
    for (size_t i = 0; i < run->script_count; i++) {
        /* Names first: this is asked for each finding of each frame. */
        if (str_is(run->scripts[i].file, judged->name) &&
            judged_file(run, &run->scripts[i]) == judged) {
            return (int64_t)i;
        }
    }
    return -1;
}

enum glyph severity_glyph(enum lint_severity severity)
{
    return severity >= LINT_HIGH ? GLYPH_BAD : GLYPH_WARN;
}

static void add_finding(struct pane *pane, const struct run *run,
                        const struct lint_finding *finding)
{
    int64_t script = script_of_judged(run, finding->at.file);
    if (script < 0 || finding->waived || finding->severity < LINT_MEDIUM) {
        return;
    }
    bool whole = finding->at.statement == SIZE_MAX;
    struct line *line = pane_row(pane, whole ? SUBJECT_SCRIPT : SUBJECT_STATEMENT, script,
                                 whole ? 0 : (int64_t)finding->at.statement);
    struct strbuf text = {0};
    line_glyph(line, 1, severity_glyph(finding->severity));
    line_at(line, 4, STYLE_BOLD, "%s", finding->rule->id);
    if (whole) {
        line_fit(line, 9, 8, STYLE_DIM, run->scripts[script].id);
    } else {
        line_at(line, 9, STYLE_DIM, "%.*s:%zu", STR_ARG(run->scripts[script].id),
                finding->at.statement + 1);
    }
    sanitise(&text, finding->message, SANITISE_LINE);
    line_fit(line, 18, pane->width - 19, STYLE_NORMAL, strbuf_str(&text));
    strbuf_release(&text);
}

/* "9 high, 25 medium; unlisted 2 low, 11 undo": nothing is left out silently. */
static void note_severities(struct pane *pane, const struct run *run)
{
    const struct lint_result *lint = run_lint(run);
    size_t found[LINT_SEVERITY__COUNT] = {0};
    size_t of_undo = 0;
    for (size_t i = 0; i < lint->finding_count; i++) {
        const struct lint_finding *finding = &lint->findings[i];
        bool ours = script_of_judged(run, finding->at.file) >= 0;
        found[finding->severity] += !finding->waived && ours;
        of_undo += !finding->waived && !ours && finding->severity >= LINT_MEDIUM;
    }
    struct strbuf text = {0};
    for (int severity = LINT_BLOCK; severity >= LINT_MEDIUM; severity--) {
        if (found[severity] > 0) {
            strbuf_format(&text, "%s%zu %s", text.len > 0 ? ", " : "", found[severity],
                          lint_severity_name((enum lint_severity)severity));
        }
    }
    if (found[LINT_LOW] + of_undo > 0) {
        strbuf_text(&text, "; unlisted ");
    }
    if (found[LINT_LOW] > 0) {
        strbuf_format(&text, "%zu low%s", found[LINT_LOW], of_undo > 0 ? ", " : "");
    }
    if (of_undo > 0) {
        strbuf_format(&text, "%zu undo", of_undo);
    }
    pane_note(pane, "%s", text.len > 0 ? text.ptr : "");
    strbuf_release(&text);
}

/* The worst first; equal ones as they stand in the files. */
void review_findings(struct page *page, const struct run *run)
{
    const struct lint_result *lint = run_lint(run);
    if (!lint || lint->by_severity[LINT_BLOCK] + lint->by_severity[LINT_HIGH] +
                         lint->by_severity[LINT_MEDIUM] ==
                     0) {
        return;
    }
    struct pane *pane = page_pane(page, PANE_E, PANE_MAIN, "FINDINGS");
    note_severities(pane, run);
    pane->least = 3;
    pane->grows = page->wide; /* the left is theirs and the statements' there */
    for (int severity = LINT_BLOCK; severity >= LINT_MEDIUM; severity--) {
        for (size_t i = 0; i < lint->finding_count; i++) {
            if ((int)lint->findings[i].severity == severity) {
                add_finding(pane, run, &lint->findings[i]);
            }
        }
    }
}

/* Who waits while it is held, by the table of conflicting lock modes (manual, 13.3.1). */
static const char *meanwhile(enum sql_lock held)
{
    return sql_lock_conflicts(held, SQL_LOCK_ACCESS_SHARE) ? "reads and writes wait"
           : sql_lock_conflicts(held, SQL_LOCK_ROW_SHARE)
               ? "writes and SELECT FOR UPDATE wait, plain reads go on"
           : sql_lock_conflicts(held, SQL_LOCK_ROW_EXCLUSIVE) ? "writes wait, reads go on"
           : sql_lock_conflicts(held, SQL_LOCK_SHARE_UPDATE_EXCLUSIVE)
               ? "reads and writes go on; VACUUM and changes of the table wait"
           : sql_lock_conflicts(held, SQL_LOCK_SHARE)
               ? "reads and writes go on; CREATE INDEX and changes of the table wait"
               : "reads and writes go on; what needs the table for itself waits";
}

/* What it locks, how much it works on, and who waits meanwhile. */
static void add_cost(struct pane *pane, const struct lint_verdict *verdict)
{
    if (verdict->lock == SQL_LOCK_NONE) {
        return;
    }
    struct arena *arena = &pane->page->arena;
    bool strong = verdict->lock >= SQL_LOCK_SHARE;
    struct str more = verdict->more_locks > 0
                          ? str_format(arena, " and %u more", verdict->more_locks)
                          : STR("");
    pane_text(pane, 1, strong ? STYLE_WARN : STYLE_DIM,
              str_format(arena, "takes %s on %.*s%.*s", sql_lock_words(verdict->lock),
                         STR_ARG(verdict->lock_on), STR_ARG(more)));
    pane_text(pane, 1, strong ? STYLE_WARN : STYLE_DIM,
              str_format(arena, "meanwhile %s", meanwhile(verdict->lock)));
    if (verdict->rows >= 0 || verdict->bytes >= 0) {
        struct strbuf text = {0};
        strbuf_text(&text, "works on ");
        number_to_text(&text, verdict->rows < 0 ? 0 : verdict->rows);
        strbuf_text(&text, " rows");
        if (verdict->bytes >= 0) {
            strbuf_text(&text, ", ");
            size_to_text(&text, verdict->bytes);
        }
        pane_text(pane, 1, STYLE_DIM, str_dup(arena, strbuf_str(&text)));
        strbuf_release(&text);
    }
    if (!strong) {
        return;
    }
    if (verdict->queued_per_second < 0) {
        pane_text(pane, 1, STYLE_UNKNOWN, STR("?? calls that will queue behind it: not known"));
    } else {
        pane_text(pane, 1, STYLE_DIM,
                  str_format(arena, "%.1f calls a second will queue behind it",
                             verdict->queued_per_second));
    }
}

void part_statement_findings(struct pane *pane, const struct run *run,
                             const struct run_script *script, size_t index)
{
    const struct lint_result *lint = run_lint(run);
    const struct lint_file_result *file = judged_file(run, script);
    bool known = rows_dropped(run, &script->sql->statements[index]) >= 0;
    const struct lint_verdict *verdict = verdict_of(run, script, index);
    if (verdict) {
        line_at(pane_line(pane), 1, STYLE_NORMAL, "%s", "");
        add_cost(pane, verdict);
    }
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
        bool besides = known && finding->unknown_besides.len > 0;
        struct str unknown = besides ? finding->unknown_besides : finding->unknown;
        if (unknown.len > 0) {
            pane_text(pane, 1, STYLE_UNKNOWN,
                      str_format(&pane->page->arena, "not known: %.*s", STR_ARG(unknown)));
        }
        if (finding->safer.len > 0) {
            line_at(pane_line(pane), 1, STYLE_DIM, "safer:");
            pane_text(pane, 3, STYLE_GOOD, finding->safer);
        }
    }
}
