/* SPDX-License-Identifier: PostgreSQL */
/*
 * What is destroyed: shown before everything else, with its rows as newest counted, who
 * wrote to it meanwhile and what still uses it.
 */
#include "review_parts.h"

#include <string.h>

/* The number of a table ("public.quests") in a list of them; -1: it is not there. */
static int64_t number_of(const struct event_item *items, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++) {
        struct str known = items[i].name;
        size_t dot = str_find_byte(known, '.', 0);
        struct str bare = dot < known.len ? str_slice(known, dot + 1, known.len) : known;
        if (str_is(known, name) || str_is(bare, name)) {
            return items[i].value;
        }
    }
    return -1;
}

static int64_t rows_in(const struct run_snapshot *snapshot, struct str name)
{
    return number_of(snapshot->rows, snapshot->row_count, name);
}

int64_t rows_counted(const struct run *run, struct str name)
{
    int64_t before = rows_in(&run->snapshots[MOMENT_BEFORE], name);
    return before >= 0 ? before : rows_in(&run->snapshots[MOMENT_REVIEW], name);
}

static bool drops_tables(const struct sql_statement *statement)
{
    return statement->object_count > 0 && strcmp(statement->tag, "DROP TABLE") == 0;
}

int64_t rows_dropped(const struct run *run, const struct sql_statement *statement)
{
    int64_t rows = drops_tables(statement) ? 0 : -1;
    for (size_t i = 0; i < statement->object_count && rows >= 0; i++) {
        struct str name = statement->objects[i].name;
        int64_t known = rows_counted(run, name);
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

/* Above the findings on a small screen, below everything on a large one, the whole width. */
static struct pane *begin_victims(struct page *page)
{
    return page_pane(page, PANE_B, page->wide ? PANE_BOTTOM : PANE_MAIN, "DESTROYS");
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
    VICTIM = 4,
};

/*
 * name    columns of the name
 * rows, size, writes  numbers end there; size 0: there is no room for it
 * users   who still uses it begins there
 */
struct victim_columns {
    int name;
    int rows;
    int size;
    int writes; /* "writes, 4m50s" */
    int users;
};

static const struct victim_columns *victim_columns(int width)
{
    static const struct victim_columns narrow = {25, 39, 0, 53, 55};
    static const struct victim_columns wide = {40, 55, 66, 81, 83};
    return width >= WIDE_COLUMNS ? &wide : &narrow;
}

static void note_rows(struct pane *pane, int64_t rows, size_t written)
{
    struct strbuf text = {0};
    if (written > 0) {
        strbuf_format(&text, "%s %zu still written", pane->page->glyphs->text[GLYPH_WARN],
                      written);
    }
    if (rows > 0) {
        strbuf_text(&text, written > 0 ? "  " : "");
        number_to_text(&text, rows);
        strbuf_text(&text, " rows in all");
    }
    pane_note(pane, "%s", text.len > 0 ? text.ptr : "");
    pane->note_warns = written > 0;
    strbuf_release(&text);
}

/* As newest counted: exactly where a snapshot did, else as the target estimates it. */
static int64_t rows_lost(const struct run *run, const struct lint_destroyed *victim)
{
    int64_t known = run_empties(victim) ? rows_counted(run, victim->name) : -1;
    return known >= 0 ? known : victim->rows;
}

/* Names without the schema that is meant anyway. */
static void put_near(struct strbuf *out, const struct run *run, struct str text)
{
    const struct plan_texts *path = &run->plan->search_path;
    struct str home = path->count > 0 ? path->items[0] : (struct str){0};
    struct strbuf near = {0};
    bool begins = true; /* a word */
    for (size_t i = 0; i < text.len;) {
        size_t end = i + home.len;
        if (begins && home.len > 0 && end < text.len && text.ptr[end] == '.' &&
            str_is(str_slice(text, i, home.len), home)) {
            i = end + 1;
        }
        begins = i < text.len && (text.ptr[i] == ' ' || text.ptr[i] == '(');
        if (i < text.len) {
            strbuf_byte(&near, text.ptr[i++]);
        }
    }
    sanitise(out, strbuf_str(&near), SANITISE_LINE);
    strbuf_release(&near);
}

static void put_known_victim(struct strbuf *out, const struct run *run,
                             const struct lint_destroyed *victim)
{
    if (strcmp(victim->kind, "table") != 0) {
        strbuf_format(out, "%s ", victim->kind);
    }
    put_near(out, run, victim->name);
    strbuf_text(out, victim->by_cascade ? " (CASCADE)" : "");
}

static bool is_written(const struct run *run, const struct lint_destroyed *victim)
{
    struct recent_writes writes;
    return run_empties(victim) && run_recent_writes(run, victim->name, &writes) &&
           writes.rows > 0;
}

/* A table that nobody should use any more, and somebody does: the eye lands there. */
static void add_writes(struct line *line, int end, const struct run *run, bool over,
                       const struct lint_destroyed *victim)
{
    struct recent_writes writes;
    if (!run_empties(victim)) {
        line_end(line, end, STYLE_DIM, "-");
    } else if (!run_recent_writes(run, victim->name, &writes)) {
        line_end(line, end, STYLE_UNKNOWN, "??");
    } else if (writes.rows == 0) {
        line_end(line, end, STYLE_DIM, "0");
    } else {
        struct strbuf text = {0};
        strbuf_text(&text, over ? "" : line->page->glyphs->text[GLYPH_WARN]);
        strbuf_text(&text, over ? "" : " ");
        strbuf_text(&text, writes.more ? ">= " : "");
        number_to_text(&text, writes.rows);
        line_end(line, end, over ? STYLE_NORMAL : STYLE_WARN, "%s", text.ptr);
        strbuf_release(&text);
    }
}

/* With its indexes and what is kept out of line, as the server counts it. */
static void add_size(struct line *line, int end, const struct lint_destroyed *victim)
{
    struct strbuf text = {0};
    if (victim->bytes < 0) {
        bool unknown = run_empties(victim);
        line_end(line, end, unknown ? STYLE_UNKNOWN : STYLE_DIM, unknown ? "??" : "-");
        return;
    }
    size_to_text(&text, victim->bytes);
    line_end(line, end, STYLE_NORMAL, "%s", text.ptr);
    strbuf_release(&text);
}

static void add_numbers(struct line *line, const struct victim_columns *at,
                        const struct run *run, bool over, const struct lint_destroyed *victim)
{
    int64_t rows = rows_lost(run, victim);
    if (rows < 0 && !run_empties(victim)) {
        line_end(line, at->rows, STYLE_DIM, "-");
    } else {
        part_number(line, at->rows,
                    is_written(run, victim) && !over ? STYLE_WARN : STYLE_NORMAL, rows);
    }
    if (at->size > 0) {
        add_size(line, at->size, victim);
    }
    add_writes(line, at->writes, run, over, victim);
}

/* A victim with its live numbers; whoever CASCADE takes along stands here by name, too. */
static void add_known_victim(struct pane *pane, const struct run *run, size_t index,
                             const struct lint_destroyed *victim)
{
    const struct run_script *script = &run->scripts[index];
    struct line *line =
        pane_row(pane, SUBJECT_STATEMENT, (int64_t)index, (int64_t)victim->at.statement);
    const struct victim_columns *at = victim_columns(pane->width);
    bool over = has_begun(script);
    struct strbuf text = {0};
    put_known_victim(&text, run, victim);
    line_glyph(line, 1, GLYPH_BAD);
    line_fit(line, VICTIM, at->name, STYLE_NORMAL, strbuf_str(&text));
    add_numbers(line, at, run, over, victim);
    strbuf_clear(&text);
    put_near(&text, run, victim->referenced_by);
    if (script->state == SCRIPT_APPLIED) {
        line_at(line, at->users, STYLE_DIM, "applied before");
    } else {
        line_fit(line, at->users, pane->width - at->users - 1, over ? STYLE_DIM : STYLE_NORMAL,
                 text.len > 0 ? strbuf_str(&text) : STR("-"));
    }
    strbuf_release(&text);
}

/* "writes, 40 s": as long as they were looked at, at most five minutes. */
static void put_span(struct line *head, int end, const struct run *run)
{
    struct strbuf text = {0};
    int64_t span_us = run_recent_span_us(run);
    recent_span_text(&text, span_us > 0 ? span_us : RECENT_WINDOW_US);
    line_end(head, end, STYLE_DIM, "writes, %s", text.ptr);
    strbuf_release(&text);
}

static struct pane *begin_known_victims(struct page *page, const struct run *run, bool over)
{
    struct pane *pane = begin_victims(page);
    const struct victim_columns *at = victim_columns(pane->width);
    struct line *head = pane_head(pane);
    line_at(head, VICTIM, STYLE_DIM, "table");
    line_end(head, at->rows, STYLE_DIM, over ? "rows before" : "rows now");
    if (at->size > 0) {
        line_end(head, at->size, STYLE_DIM, "size");
    }
    put_span(head, at->writes, run);
    line_at(head, at->users, STYLE_DIM, "still used by");
    return pane;
}

/* What goes with the migrations; those that are written to come first. */
static bool is_shown(const struct run *run, const struct lint_destroyed *victim, bool written)
{
    int64_t script = script_of_judged(run, victim->at.file);
    return script >= 0 && run->scripts[script].kind != SCRIPT_DOWN &&
           is_written(run, victim) == written;
}

static int64_t rows_going(const struct run *run, const struct lint_destroyed *victim)
{
    int64_t script = script_of_judged(run, victim->at.file);
    int64_t lost = rows_lost(run, victim);
    bool goes =
        run->scripts[script].state != SCRIPT_APPLIED && strcmp(victim->kind, "column") != 0;
    return goes && lost > 0 ? lost : 0;
}

static void build_known_victims(struct page *page, const struct run *run)
{
    const struct lint_result *lint = run_lint(run);
    struct pane *pane = NULL;
    int64_t rows = 0;
    size_t count = 0;
    size_t written = 0;
    for (size_t i = 0; i < 2 * lint->destroyed_count; i++) {
        bool first = i < lint->destroyed_count;
        const struct lint_destroyed *victim = &lint->destroyed[i % lint->destroyed_count];
        if (!is_shown(run, victim, first)) {
            continue;
        }
        int64_t script = script_of_judged(run, victim->at.file);
        bool over = has_begun(&run->scripts[script]);
        pane = pane ? pane : begin_known_victims(page, run, over);
        rows += rows_going(run, victim);
        written += first && !over;
        add_known_victim(pane, run, (size_t)script, victim);
        count++;
    }
    if (pane) {
        note_rows(pane, rows, written);
        pane->least = count < 5 ? (int)count + 1 : 6;
    }
}

/* Without the target: what the statements themselves say, and the counts of the review. */
static void build_victims(struct page *page, const struct run *run)
{
    struct pane *pane = NULL;
    int64_t rows = 0;
    for (size_t i = 0; i < run->script_count; i++) {
        const struct run_script *script = &run->scripts[i];
        for (size_t k = script->first; script->sql && k < script->last; k++) {
            if (front_statement_destroys(script->sql, k)) {
                pane = pane ? pane : begin_victims(page);
                int64_t known = rows_dropped(run, &script->sql->statements[k]);
                rows += known > 0 && script->state != SCRIPT_APPLIED ? known : 0;
                add_victim(pane, run, i, k);
            }
        }
    }
    if (pane) {
        note_rows(pane, rows, 0);
        pane->least = pane->count < 5 ? (int)pane->count : 5;
    }
}

void review_destroys(struct page *page, const struct run *run)
{
    if (run->setup->live) {
        build_known_victims(page, run);
    } else {
        build_victims(page, run);
    }
}
