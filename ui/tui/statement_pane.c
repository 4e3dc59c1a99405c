/* SPDX-License-Identifier: PostgreSQL */
/*
 * One statement of MIGRATE, whole: its SQL, which scrolls, and below it what it locks, how
 * many rows it works on, how long it took, and how it is taken back. What nobody measured is
 * not told: a plan expects a time of a file, never of a statement.
 */
#include "review_parts.h"

#include <stdio.h>

enum {
    SQL_LEAST = 4, /* lines of SQL in sight on a wide screen */
};

/* The one under the cursor when a person moved it there, else the one at work or the last. */
static struct subject statement_shown(const struct run *run, const struct ui *ui,
                                      enum pane_id list)
{
    struct subject subject = ui_cursor(ui, list);
    bool chosen = ui->panes[ui->screen][list].scrolled && subject.kind == SUBJECT_STATEMENT &&
                  (size_t)subject.a < run->script_count && run->scripts[subject.a].sql &&
                  (size_t)subject.b < run->scripts[subject.a].sql->count;
    if (chosen) {
        return subject;
    }
    int index = run->script >= 0 ? run->script : 0;
    if ((size_t)index >= run->script_count || !run->scripts[index].sql ||
        run->scripts[index].first >= run->scripts[index].last) {
        return (struct subject){0};
    }
    const struct run_script *script = &run->scripts[index];
    int64_t number = script->statement >= 0 ? script->statement : (int64_t)script->first;
    return (struct subject){SUBJECT_STATEMENT, index, number};
}

/* ------------------------------------------------------------------- its facts */

/* "takes ACCESS EXCLUSIVE on public.quests and 1 more" */
static void put_lock(struct strbuf *out, const struct lint_verdict *verdict)
{
    if (!verdict || !verdict->judged) {
        strbuf_text(out, "?? not known which locks it takes");
    } else if (verdict->lock == SQL_LOCK_NONE) {
        strbuf_text(out, "takes no lock on a table");
    } else {
        strbuf_format(out, "takes %s on %.*s", sql_lock_words(verdict->lock),
                      STR_ARG(verdict->lock_on));
    }
    if (verdict && verdict->more_locks > 0) {
        strbuf_format(out, " and %u more", verdict->more_locks);
    }
}

static void put_count(struct strbuf *out, int64_t rows, const char *words)
{
    number_to_text(out, rows);
    strbuf_format(out, " row%s%s", rows == 1 ? "" : "s", words);
}

/* Rows of what it touches, by the newest count before the change or by the server's estimate;
 * then those that it changed. */
static void put_rows(struct strbuf *out, const struct run *run,
                     const struct lint_verdict *verdict, const struct run_statement *statement,
                     const char *dot)
{
    int64_t counted = verdict ? rows_counted(run, verdict->lock_on) : -1;
    if (counted >= 0) {
        strbuf_format(out, " %s ", dot);
        put_count(out, counted, statement->outcome == OUTCOME_OK ? " before" : "");
    } else if (verdict && verdict->rows >= 0) {
        strbuf_format(out, " %s about ", dot);
        put_count(out, verdict->rows, "");
    }
    if (statement->outcome == OUTCOME_OK && statement->rows >= 0) {
        strbuf_format(out, " %s ", dot);
        put_count(out, statement->rows, " affected");
    }
}

static void put_duration(struct strbuf *out, const char *word, int64_t us)
{
    strbuf_text(out, word);
    duration_to_text(out, us);
}

/* "expected 234 ms for the whole file · running for 75 ms · waited 61 ms of 2.0 s" */
static void put_times(struct strbuf *out, const struct run *run,
                      const struct run_script *script, const struct run_statement *statement,
                      const char *dot)
{
    int64_t expected =
        script->step >= 0 ? run->plan->steps.items[script->step].expect.time_us : 0;
    bool runs = statement->sent && statement->outcome == OUTCOME_NONE;
    if (expected > 0) {
        put_duration(out, "expected ", expected);
        strbuf_text(out, " for the whole file");
    } else {
        strbuf_text(out, "expected -");
    }
    strbuf_format(out, " %s ", dot);
    if (runs && statement->started_us > 0) {
        put_duration(out, "running for ", run->now_us - statement->started_us);
    } else if (statement->outcome == OUTCOME_NONE) {
        strbuf_text(out, "not sent yet");
    } else {
        put_duration(out, "took ", statement->us);
    }
    if (runs && run->waited_us > 0) {
        strbuf_format(out, " %s ", dot);
        put_duration(out, "waited ", run->waited_us);
        put_duration(out, " of ", run->plan->safety.lock_timeout_us);
    }
}

/* How it is taken back, once it is committed. */
static void put_undo(struct strbuf *out, const struct run *run, const struct run_script *script,
                     const struct lint_verdict *verdict, const char *dot)
{
    static const char *const words[SQL_UNDO__COUNT] = {
        [SQL_UNDO_NOT_NEEDED] = "nothing is to be undone",
        [SQL_UNDO_STATEMENT] = "by SQL",
        [SQL_UNDO_KNOWLEDGE] = "by hand, by who knows what was there",
        [SQL_UNDO_BACKUP] = "none here, only a backup brings it back",
        [SQL_UNDO_NEVER] = "none, it cannot be taken back",
        [SQL_UNDO_UNKNOWN] = "?? not known",
    };
    const struct plan_step *step =
        script->step >= 0 ? &run->plan->steps.items[script->step] : NULL;
    strbuf_format(out, "undo: %s",
                  words[verdict && verdict->judged ? verdict->undo : SQL_UNDO_UNKNOWN]);
    if (verdict && verdict->undo == SQL_UNDO_STATEMENT && verdict->undo_sql.len > 0) {
        struct str sql = verdict->undo_sql;
        sql.len -= str_ends(sql, ";") ? 1 : 0;
        strbuf_format(out, " (%.*s)", STR_ARG(sql));
    }
    if (step && step->undo.len > 0) {
        strbuf_format(out, " %s undo file %.*s", dot, STR_ARG(step->undo));
    } else if (step) {
        strbuf_format(out, " %s no undo file", dot);
    }
}

static void add_facts(struct pane *pane, const struct run *run, const struct run_script *script,
                      size_t index)
{
    const struct lint_verdict *verdict = verdict_of(run, script, index);
    const struct run_statement *statement = &script->statements[index];
    const char *dot = pane->page->glyphs->text[GLYPH_DOT];
    bool strong = verdict && verdict->lock >= SQL_LOCK_SHARE;
    struct strbuf text = {0};
    put_lock(&text, verdict);
    put_rows(&text, run, verdict, statement, dot);
    pane_text(pane, 1, strong ? STYLE_WARN : STYLE_NORMAL, strbuf_str(&text));
    strbuf_clear(&text);
    put_times(&text, run, script, statement, dot);
    pane_text(pane, 1, STYLE_DIM, strbuf_str(&text));
    strbuf_clear(&text);
    put_undo(&text, run, script, verdict, dot);
    pane_text(pane, 1, STYLE_DIM, strbuf_str(&text));
    strbuf_release(&text);
}

void part_statement(struct page *page, const struct run *run, const struct ui *ui,
                    enum pane_id list, enum pane_id id, enum pane_id facts)
{
    enum pane_place place = page->wide ? PANE_MAIN : PANE_RIGHT;
    struct subject subject = statement_shown(run, ui, list);
    if (subject.kind == SUBJECT_NONE) {
        return;
    }
    const struct run_script *script = &run->scripts[subject.a];
    size_t index = (size_t)subject.b;
    char title[32];
    (void)snprintf(title, sizeof(title), "STATEMENT %zu", index + 1);
    struct pane *pane = page_pane(page, id, place, NULL);
    pane->title = str_dup(&page->arena, str_from(title));
    pane_note(pane, "%.*s:%d", STR_ARG(script->file), script->sql->statements[index].head.line);
    part_sql(pane, 1, run, script, index);
    pane->grows = pane->count > SQL_LEAST;
    pane->least = pane->count < SQL_LEAST ? (int)pane->count : SQL_LEAST;
    /* Beside the list they stay in sight, however long the SQL is. */
    struct pane *below = page->wide ? page_pane(page, facts, place, NULL) : pane;
    add_facts(below, run, script, index);
    below->least = page->wide ? (int)below->count : below->least;
}
