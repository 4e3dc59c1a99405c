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
    const size_t *found = lint->by_severity;
    if (found[LINT_BLOCK] > 0) {
        line_add(line, STYLE_BAD, " %s %zu block", dot, found[LINT_BLOCK]);
    }
    line_add(line, found[LINT_HIGH] > 0 ? STYLE_WARN : STYLE_GOOD, " %s %zu high", dot,
             found[LINT_HIGH]);
    add_source(pane, run);
}

/* -------------------------------------------------------------- what rules say */

/* The file of the result that a script is; NULL: it was not judged. */
static const struct lint_file_result *judged_file(const struct run *run,
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

/* The script that a finding's file is; -1: it is not among those of the run. */
static int64_t script_of(const struct run *run, size_t file)
{
    for (size_t i = 0; i < run->script_count; i++) {
        if (judged_file(run, &run->scripts[i]) == &run_lint(run)->files[file]) {
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
    const struct lint_result *lint = run_lint(run);
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

/* Rows of the table as a snapshot has them ("public.quests"); -1: it does not say. */
static int64_t rows_in(const struct run_snapshot *snapshot, struct str name)
{
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

static bool drops_tables(const struct sql_statement *statement)
{
    return statement->object_count > 0 && strcmp(statement->tag, "DROP TABLE") == 0;
}

/* Of the tables that the statement drops, as newest counted; -1: nobody knows. */
static int64_t rows_dropped(const struct run *run, const struct sql_statement *statement)
{
    int64_t rows = drops_tables(statement) ? 0 : -1;
    for (size_t i = 0; i < statement->object_count && rows >= 0; i++) {
        struct str name = statement->objects[i].name;
        int64_t before = rows_in(&run->snapshots[MOMENT_BEFORE], name);
        int64_t known = before >= 0 ? before : rows_in(&run->snapshots[MOMENT_REVIEW], name);
        rows = known >= 0 ? rows + known : -1;
    }
    return rows;
}

/* The word stands at the end, before what closes the statement. */
static bool cascades(const struct sql_script *script, size_t number)
{
    static const char word[] = " cascade";
    struct strbuf out = {0};
    front_statement_text(&out, script, number, 0);
    struct str text = strbuf_str(&out);
    while (text.len > 0 && (text.ptr[text.len - 1] == ';' || text.ptr[text.len - 1] == ' ')) {
        text.len--;
    }
    size_t length = strlen(word);
    bool found =
        text.len > length && text_matches(str_slice(text, text.len - length, text.len), word);
    strbuf_release(&out);
    return found;
}

/* What goes, its name first of all: "DROP TABLE quests", however the file writes it. */
static void put_victim(struct strbuf *out, const struct run *run,
                       const struct sql_script *script, size_t number)
{
    const struct sql_statement *statement = &script->statements[number];
    if (!drops_tables(statement)) {
        front_statement_text(out, script, number, 200);
        return;
    }
    const struct plan_texts *path = &run->plan->search_path;
    strbuf_text(out, statement->tag);
    for (size_t i = 0; i < statement->object_count; i++) {
        const struct sql_object *object = &statement->objects[i];
        bool near = path->count > 0 && str_is(object->schema, path->items[0]);
        strbuf_format(out, "%s%.*s", i > 0 ? ", " : " ",
                      STR_ARG(near ? object->name : object->written));
    }
    strbuf_text(out, cascades(script, number) ? " CASCADE" : "");
}

/* Once the file has begun nobody counts them again: the number says what they were. */
static bool has_begun(const struct run_script *script)
{
    return script->state != SCRIPT_PENDING && script->state != SCRIPT_ROLLED_BACK;
}

static void add_victim(struct pane *pane, const struct run *run, size_t index, size_t number)
{
    const struct run_script *script = &run->scripts[index];
    const struct sql_statement *statement = &script->sql->statements[number];
    struct line *line = pane_row(pane, SUBJECT_STATEMENT, (int64_t)index, (int64_t)number);
    struct strbuf text = {0};
    int rows = pane->width - 22;
    line_glyph(line, 1, GLYPH_BAD);
    strbuf_format(&text, "%.*s:%zu", STR_ARG(script->id), number + 1);
    int victim = text.len < 8 ? 12 : (int)text.len + 5; /* an id of many bytes moves it on */
    line_at(line, 4, STYLE_DIM, "%s", text.ptr);
    strbuf_clear(&text);
    put_victim(&text, run, script->sql, number);
    line_fit(line, victim, rows - victim, STYLE_NORMAL, strbuf_str(&text));
    strbuf_release(&text);
    if (script->state == SCRIPT_APPLIED) {
        line_at(line, rows + 10, STYLE_DIM, "applied before");
        return;
    }
    int64_t known = rows_dropped(run, statement);
    if (known >= 0) {
        bool begun = has_begun(script);
        part_number(line, rows + 9, known > 0 && !begun ? STYLE_WARN : STYLE_NORMAL, known);
        line_at(line, rows + 10, STYLE_DIM, "rows %s", begun ? "before" : "now");
    } else if (drops_tables(statement)) {
        line_at(line, rows + 7, STYLE_UNKNOWN, "?? rows");
    }
}

/* Columns of what is destroyed, when the target was asked. */
enum {
    VICTIM = 12,
    VICTIM_ROWS = 50, /* they end there */
    VICTIM_USERS = 52,
};

static void note_rows(struct pane *pane, int64_t rows)
{
    if (rows > 0) {
        struct strbuf text = {0};
        number_to_text(&text, rows);
        pane_note(pane, "%s rows in all", text.ptr);
        strbuf_release(&text);
    }
}

/* As newest counted: exactly where a snapshot did, else as the target estimates it. */
static int64_t rows_lost(const struct run *run, const struct lint_destroyed *victim)
{
    bool whole = strcmp(victim->kind, "table") == 0 || strcmp(victim->kind, "rows of") == 0;
    int64_t before = whole ? rows_in(&run->snapshots[MOMENT_BEFORE], victim->name) : -1;
    int64_t known =
        whole && before < 0 ? rows_in(&run->snapshots[MOMENT_REVIEW], victim->name) : before;
    return known >= 0 ? known : victim->rows;
}

static void put_known_victim(struct strbuf *out, const struct run *run,
                             const struct lint_destroyed *victim)
{
    const struct plan_texts *path = &run->plan->search_path;
    struct str name = victim->name;
    size_t dot = str_find_byte(name, '.', 0);
    if (path->count > 0 && dot < name.len && str_is(str_slice(name, 0, dot), path->items[0])) {
        name = str_slice(name, dot + 1, name.len);
    }
    strbuf_format(out, "%s ", victim->kind);
    sanitise(out, name, SANITISE_LINE);
    strbuf_text(out, victim->by_cascade ? " (CASCADE)" : "");
}

/* A victim with its live numbers; whoever CASCADE takes along stands here by name, too. */
static void add_known_victim(struct pane *pane, const struct run *run, size_t index,
                             const struct lint_destroyed *victim)
{
    const struct run_script *script = &run->scripts[index];
    struct line *line =
        pane_row(pane, SUBJECT_STATEMENT, (int64_t)index, (int64_t)victim->at.statement);
    bool over = has_begun(script);
    int64_t rows = rows_lost(run, victim);
    struct strbuf text = {0};
    put_known_victim(&text, run, victim);
    line_glyph(line, 1, GLYPH_BAD);
    line_at(line, 4, STYLE_DIM, "%.*s:%zu", STR_ARG(script->id), victim->at.statement + 1);
    line_fit(line, VICTIM, VICTIM_ROWS - VICTIM - 11, STYLE_NORMAL, strbuf_str(&text));
    part_number(line, VICTIM_ROWS, rows > 0 && !over ? STYLE_WARN : STYLE_NORMAL, rows);
    strbuf_clear(&text);
    sanitise(&text, victim->referenced_by, SANITISE_LINE);
    if (script->state == SCRIPT_APPLIED) {
        line_at(line, VICTIM_USERS, STYLE_DIM, "applied before");
    } else {
        line_fit(line, VICTIM_USERS, pane->width - VICTIM_USERS - 1,
                 over ? STYLE_DIM : STYLE_NORMAL, strbuf_str(&text));
    }
    strbuf_release(&text);
}

static void build_known_victims(struct page *page, const struct run *run)
{
    const struct lint_result *lint = run_lint(run);
    struct pane *pane = NULL;
    int64_t rows = 0;
    int count = 0;
    for (size_t i = 0; i < lint->destroyed_count; i++) {
        const struct lint_destroyed *victim = &lint->destroyed[i];
        int64_t script = script_of(run, victim->at.file);
        if (script < 0 || run->scripts[script].kind == SCRIPT_DOWN) {
            continue;
        }
        if (!pane) {
            pane = page_pane(page, PANE_B, PANE_MAIN, "DESTROYS");
            struct line *head = pane_head(pane);
            line_end(head, VICTIM_ROWS, STYLE_DIM,
                     has_begun(&run->scripts[script]) ? "rows before" : "rows now");
            line_at(head, VICTIM_USERS, STYLE_DIM, "still used by");
        }
        int64_t lost = rows_lost(run, victim);
        bool goes =
            run->scripts[script].state != SCRIPT_APPLIED && strcmp(victim->kind, "column") != 0;
        rows += goes && lost > 0 ? lost : 0;
        add_known_victim(pane, run, (size_t)script, victim);
        count++;
    }
    if (pane) {
        note_rows(pane, rows);
        pane->least = count < 5 ? count + 1 : 6;
    }
}

static void build_destroys(struct page *page, const struct run *run,
                           const struct totals *totals)
{
    if (run->setup->live) {
        build_known_victims(page, run);
        return;
    }
    if (totals->drops == 0) {
        return;
    }
    struct pane *pane = page_pane(page, PANE_B, PANE_MAIN, "DESTROYS");
    int64_t rows = 0;
    pane->least = totals->drops < 5 ? (int)totals->drops : 5;
    for (size_t i = 0; i < run->script_count; i++) {
        const struct run_script *script = &run->scripts[i];
        for (size_t k = script->first; script->sql && k < script->last; k++) {
            if (front_statement_destroys(script->sql, k)) {
                int64_t known = rows_dropped(run, &script->sql->statements[k]);
                rows += known > 0 && script->state != SCRIPT_APPLIED ? known : 0;
                add_victim(pane, run, i, k);
            }
        }
    }
    note_rows(pane, rows);
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
    if (file && index < file->statement_count) {
        line_at(pane_line(pane), 1, STYLE_NORMAL, "%s", "");
        add_cost(pane, &file->verdicts[index]);
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
