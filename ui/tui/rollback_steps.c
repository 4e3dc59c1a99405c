/* SPDX-License-Identifier: PostgreSQL */
/*
 * One way back, whole: its steps, the SQL that it would run, who must confirm it, and what it
 * cannot bring back. Looking at it decides nothing and runs nothing.
 */
#include "review_parts.h"

#include <string.h>

enum {
    TITLE = 4,
    STEPS_LEAST = 8,        /* lines of what it does on a wide screen */
    STATEMENTS_SHOWN = 200, /* of one file */
};

const struct run_backup *part_backup_of(const struct run *run,
                                        const struct plan_rollback_option *option)
{
    for (size_t i = 0; i < run->backup_count; i++) {
        if (str_is(run->backups[i].backup->id, option->from)) {
            return &run->backups[i];
        }
    }
    return NULL;
}

/* ------------------------------------------------------------------ its SQL */

static void add_script(struct pane *pane, struct str file, const struct sql_script *sql)
{
    if (!sql) {
        return;
    }
    struct line *head = pane_line(pane);
    line_fit(head, 1, pane->width - 18, STYLE_BOLD, file);
    line_end(head, pane->width - 1, STYLE_DIM, "%zu statement%s", sql->count,
             sql->count == 1 ? "" : "s");
    for (size_t i = 0; i < sql->count && i < STATEMENTS_SHOWN; i++) {
        struct strbuf text = {0};
        size_t first = pane->count;
        front_statement_whole(&text, sql, i);
        pane_text(pane, TITLE + 2, STYLE_NORMAL, strbuf_str(&text));
        if (first < pane->count) {
            line_end(&pane->lines[first], TITLE + 1, STYLE_DIM, "%zu", i + 1);
        }
        strbuf_release(&text);
    }
    if (sql->count > STATEMENTS_SHOWN) {
        line_at(pane_line(pane), TITLE + 2, STYLE_WARN, "and %zu more, in the file",
                sql->count - STATEMENTS_SHOWN);
    }
}

/* The statements of each file that it would run, in the order in which it would. */
static void add_scripts(struct pane *pane, const struct run *run,
                        const struct plan_rollback_option *option)
{
    const struct run_setup *setup = run->setup;
    if (option->kind == PLAN_ROLLBACK_SQL && setup->option_scripts) {
        add_script(pane, option->file,
                   setup->option_scripts[option - run->plan->rollback.items]);
    }
    for (size_t i = run->plan->steps.count; option->kind == PLAN_ROLLBACK_DOWN && i > 0; i--) {
        if (run_undoes(run, option, i - 1) && setup->undo_scripts) {
            add_script(pane, run->plan->steps.items[i - 1].undo, setup->undo_scripts[i - 1]);
        }
    }
}

/* --------------------------------------------------------------------- its limits */

static void add_limit(struct pane *pane, enum style style, struct str text)
{
    size_t first = pane->count;
    pane_text(pane, TITLE, style, text);
    if (first < pane->count) {
        line_glyph(&pane->lines[first], 1,
                   style == STYLE_GOOD      ? GLYPH_GOOD
                   : style == STYLE_UNKNOWN ? GLYPH_UNKNOWN
                                            : GLYPH_WARN);
    }
}

/* Of a file that was committed; before any was, of each that will be. */
static bool counts_as_done(const struct run *run, const struct run_script *script)
{
    bool ours = script->kind == SCRIPT_MIGRATION || script->kind == SCRIPT_MANUAL;
    bool done = script->state == SCRIPT_COMMITTED || script->state == SCRIPT_UNKNOWN ||
                script->state == SCRIPT_UNDONE;
    return ours && script->state != SCRIPT_APPLIED && (done || !run->changed);
}

/* The name without the schema that is meant anyway. */
static struct str near_name(const struct run *run, struct str name)
{
    const struct plan_texts *path = &run->plan->search_path;
    size_t dot = str_find_byte(name, '.', 0);
    bool near =
        path->count > 0 && dot < name.len && str_is(str_slice(name, 0, dot), path->items[0]);
    return near ? str_slice(name, dot + 1, name.len) : name;
}

static int64_t rows_of_lost(const struct run *run, const struct lint_destroyed *lost)
{
    int64_t rows = rows_counted(run, lost->name);
    return rows >= 0 ? rows : lost->rows;
}

/* The next object from `from` on that the files destroy; SIZE_MAX: there is none. */
static size_t next_lost(const struct run *run, size_t from)
{
    const struct lint_result *lint = run_lint(run);
    for (size_t i = from; lint && i < lint->destroyed_count; i++) {
        int64_t script = script_of_judged(run, lint->destroyed[i].at.file);
        if (script >= 0 && counts_as_done(run, &run->scripts[script])) {
            return i;
        }
    }
    return SIZE_MAX;
}

static void add_lost_object(struct pane *pane, const struct run *run,
                            const struct lint_destroyed *lost)
{
    struct line *line = pane_line(pane);
    int64_t rows = rows_of_lost(run, lost);
    line_glyph(line, 1, GLYPH_WARN);
    line_fit(line, TITLE, pane->width - TITLE - 17, STYLE_NORMAL,
             str_format(&pane->page->arena, "%s %.*s", lost->kind,
                        STR_ARG(near_name(run, lost->name))));
    part_number(line, pane->width - 6, rows > 0 ? STYLE_WARN : STYLE_NORMAL, rows);
    line_end(line, pane->width - 1, STYLE_DIM, "rows");
}

/* What the files destroy, no statement brings back: the data is only in a backup. */
static void add_lost_objects(struct pane *pane, const struct run *run)
{
    const struct lint_result *lint = run_lint(run);
    size_t count = 0;
    size_t unknown = 0; /* how many rows they held */
    int64_t rows = 0;
    for (size_t i = next_lost(run, 0); i != SIZE_MAX; i = next_lost(run, i + 1)) {
        int64_t known = rows_of_lost(run, &lint->destroyed[i]);
        rows += known > 0 ? known : 0;
        unknown += known < 0;
        count++;
        if (pane->page->wide) {
            add_lost_object(pane, run, &lint->destroyed[i]);
        }
    }
    struct strbuf text = {0};
    if (!lint) {
        strbuf_text(&text, "not known: the files were not analysed");
    } else if (count == 0) {
        strbuf_text(&text, "the files destroy nothing that it would have to bring back");
    } else {
        strbuf_format(&text, "the data of %zu destroyed object%s, ", count,
                      count == 1 ? "" : "s");
        strbuf_text(&text, unknown > 0 && unknown < count ? "at least " : "");
        if (unknown < count) {
            number_to_text(&text, rows);
        } else {
            strbuf_text(&text, "?? ");
        }
        strbuf_text(&text, " rows: only a restore has it");
    }
    add_limit(pane,
              !lint       ? STYLE_UNKNOWN
              : count > 0 ? STYLE_WARN
                          : STYLE_GOOD,
              strbuf_str(&text));
    strbuf_release(&text);
}

/* What a restore loses stands in the pane of the rows since the backup. */
static void build_limits(struct pane *pane, const struct run *run,
                         const struct plan_rollback_option *option)
{
    struct arena *arena = &pane->page->arena;
    bool whole =
        option->kind == PLAN_ROLLBACK_RESTORE ||
        (option->kind == PLAN_ROLLBACK_MANUAL && str_eq(option->restores, "everything"));
    pane->least = pane->least > 3 ? pane->least : 3;
    if (!whole) {
        if (option->restores.len > 0) {
            add_limit(pane, STYLE_WARN,
                      str_format(arena, "by the plan it brings back: %.*s",
                                 STR_ARG(option->restores)));
        }
        add_lost_objects(pane, run);
        return;
    }
    bool more;
    int64_t rows = run_rows_written(run, &more);
    struct strbuf text = {0};
    if (rows < 0) {
        strbuf_text(&text, "rows written since the backup: how many is not known");
    } else {
        strbuf_text(&text, more ? "at least " : "");
        number_to_text(&text, rows);
        strbuf_format(&text, " row%s written since the backup", rows == 1 ? "" : "s");
    }
    add_limit(pane,
              rows < 0           ? STYLE_UNKNOWN
              : rows > 0 || more ? STYLE_WARN
                                 : STYLE_GOOD,
              strbuf_str(&text));
    strbuf_release(&text);
}

/* ---------------------------------------------------------------------- its steps */

static void add_steps(struct pane *pane, const struct plan_rollback_option *option)
{
    static const char *const restore[] = {
        "stop the application", "restore the dump into a new database",
        "compare it with \"before\"", "close every session of the database",
        "switch by rename; the old database is kept"};
    for (size_t i = 0; option->kind == PLAN_ROLLBACK_RESTORE && i < COUNT_OF(restore); i++) {
        line_at(pane_line(pane), 1, STYLE_NORMAL, "%zu  %s", i + 1, restore[i]);
    }
    for (size_t i = 0; i < option->steps.count; i++) {
        struct line *line = pane_line(pane);
        line_at(line, 1, STYLE_NORMAL, "%zu", i + 1);
        line_fit(line, TITLE, pane->width - TITLE - 1, STYLE_NORMAL, option->steps.items[i]);
    }
    if (option->file.len > 0) {
        line_at(pane_line(pane), 1, STYLE_NORMAL, "its file is run as a migration is");
    }
}

/* Who must type the word before it begins, and who has. */
static void add_people(struct pane *pane, const struct run *run,
                       const struct plan_rollback_option *option)
{
    for (size_t i = 0; i < option->confirm.count; i++) {
        const struct plan_role *role = plan_find_role(run->plan, option->confirm.items[i]);
        const struct run_signature *found = NULL;
        bool chosen = run->option >= 0 && run->options[run->option].option == option;
        for (size_t k = 0; chosen && role && k < run->confirmation_count; k++) {
            const struct run_signature *one = &run->confirmations[k];
            found = str_is(one->role, role->id) ? one : found;
        }
        struct line *line = pane_line(pane);
        line_glyph(line, 1, !found ? GLYPH_NOT_YET : found->claim ? GLYPH_UNKNOWN : GLYPH_GOOD);
        line_at(line, TITLE, STYLE_NORMAL, "%.*s types ROLLBACK",
                STR_ARG(role ? role->title : option->confirm.items[i]));
        if (found) {
            line_add(line, STYLE_NORMAL, ": %.*s", STR_ARG(found->who));
        }
    }
}

/* What the rules block in the undo file of a step, and who decided of it. */
static void add_blocks(struct pane *pane, const struct run *run, struct str step)
{
    struct arena *arena = &pane->page->arena;
    struct str begin = str_format(arena, "%.*s.undo.", STR_ARG(step));
    for (size_t i = 0; i < run->undo_block_count; i++) {
        const struct run_block *block = &run->undo_blocks[i];
        if (block->id.len != begin.len + block->rule.len ||
            !str_is(str_slice(block->id, 0, begin.len), begin)) {
            continue;
        }
        struct str text =
            block->overridden
                ? str_format(arena, "%.*s is overridden, %.*s: %.*s", STR_ARG(block->rule),
                             STR_ARG(block->who), STR_ARG(block->why))
                : str_format(arena, "%.*s blocks: %.*s", STR_ARG(block->rule),
                             STR_ARG(block->text));
        add_limit(pane, block->overridden ? STYLE_WARN : STYLE_BAD, text);
    }
}

/* What `down` runs, newest first, and what has no way back by a script. */
static void add_downs(struct pane *pane, const struct run *run,
                      const struct plan_rollback_option *option)
{
    for (size_t i = run->plan->steps.count; option->kind == PLAN_ROLLBACK_DOWN && i > 0; i--) {
        const struct plan_step *step = &run->plan->steps.items[i - 1];
        if (!run_undoes(run, option, i - 1)) {
            continue;
        }
        struct line *line = pane_line(pane);
        if (step->undo.len > 0) {
            line_glyph(line, 1, GLYPH_GOOD);
            line_fit(line, TITLE, pane->width - TITLE - 1, STYLE_NORMAL, step->undo);
            add_blocks(pane, run, step->id);
        } else {
            line_glyph(line, 1, GLYPH_BAD);
            line_at(line, TITLE, STYLE_BAD,
                    "%.*s has no undo file: only a restore brings its "
                    "rows back",
                    STR_ARG(step->id));
        }
    }
}

void part_way_back(struct page *page, const struct run *run, const struct run_option *option,
                   enum pane_id steps, enum pane_id limits)
{
    struct pane *pane =
        page_pane(page, steps, page->wide ? PANE_RIGHT : PANE_MAIN, "WHAT IT DOES");
    pane->least = 3;
    pane->grows = true;
    if (!option) {
        return;
    }
    line_fit(pane_line(pane), 1, pane->width - 2, STYLE_BOLD, option->option->title);
    add_steps(pane, option->option);
    add_downs(pane, run, option->option);
    add_people(pane, run, option->option);
    const struct run_backup *backup = part_backup_of(run, option->option);
    if (backup) {
        struct line *line = pane_line(pane);
        bool proven = backup_is_proven(run, backup);
        line_glyph(line, 1, proven ? GLYPH_GOOD : GLYPH_UNKNOWN);
        line_at(line, TITLE, STYLE_NORMAL, "backup %.*s, %s", STR_ARG(backup->backup->id),
                proven ? "restored and compared" : "not proven");
    }
    if (run->state == STATE_RESTORE) {
        struct line *line = pane_line(pane);
        line_fit(line, 1, pane->width - 2, STYLE_RUNNING, run->restore_text);
        if (run->restore_total > 0) {
            line_bar(pane_line(pane), 1, pane->width - 4, run->restore_progress,
                     run->restore_total, -1);
        }
    }
    if (page->wide) {
        pane->least = STEPS_LEAST;
        add_scripts(pane, run, option->option);
        build_limits(page_pane(page, limits, PANE_RIGHT, "WHAT IT CANNOT BRING BACK"), run,
                     option->option);
    } else { /* before the SQL, which may be long */
        build_limits(pane, run, option->option);
        add_scripts(pane, run, option->option);
    }
}
