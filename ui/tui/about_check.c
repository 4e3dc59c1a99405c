/* SPDX-License-Identifier: PostgreSQL */
/*
 * All that is known about a check: what it asks, what is expected, what came, and the rows
 * of its newest result as a table.
 */
#include "about_private.h"

#include "check.h"

const char *about_outcome_word(enum outcome outcome)
{
    static const char *const words[OUTCOME__COUNT] = {
        [OUTCOME_NONE] = "not yet",
        [OUTCOME_OK] = "passed",
        [OUTCOME_FAILED] = "FAILED",
        [OUTCOME_UNKNOWN] = "CANNOT BE JUDGED",
    };
    return words[outcome];
}

static enum style outcome_style(enum outcome outcome)
{
    static const enum style styles[OUTCOME__COUNT] = {
        [OUTCOME_NONE] = STYLE_DIM,
        [OUTCOME_OK] = STYLE_GOOD,
        [OUTCOME_FAILED] = STYLE_BAD,
        [OUTCOME_UNKNOWN] = STYLE_UNKNOWN,
    };
    return styles[outcome];
}

enum {
    CELL_COLUMNS_MAX = 60, /* of one column of a result */
};

static int column_width(const struct rows *rows, size_t column, struct arena *arena)
{
    int widest = str_width(sanitise_line(arena, rows->names[column]));
    for (size_t i = 0; i < rows->row_count; i++) {
        int width = str_width(sanitise_line(arena, rows_text(rows, i, column)));
        widest = width > widest ? width : widest;
    }
    return widest < CELL_COLUMNS_MAX ? widest : CELL_COLUMNS_MAX;
}

/* Is everything in a column of a result a number, so that it ends where its heading ends? */
static bool is_numeric(const struct rows *rows, size_t column)
{
    bool found = false;
    for (size_t i = 0; i < rows->row_count; i++) {
        struct cell cell = rows_cell(rows, i, column);
        size_t digits = 0;
        for (size_t k = 0; k < cell.text.len && !cell.is_null; k++) {
            bool digit = cell.text.ptr[k] >= '0' && cell.text.ptr[k] <= '9';
            bool sign = k == 0 && cell.text.ptr[k] == '-';
            digits += digit;
            if (!digit && !sign && cell.text.ptr[k] != '.') {
                return false;
            }
        }
        found = found || digits > 0;
    }
    return found;
}

/* `end` above 0: it ends there, as numbers do. */
static void put_cell(struct line *line, int at, int end, int width, enum style style,
                     struct str text)
{
    if (end > 0 && str_width(text) <= width) {
        line_end(line, end, style, "%.*s", STR_ARG(text));
    } else {
        line_fit(line, at, width, style, text);
    }
}

/* A result as a table, wider than the pane when it must be: it scrolls both ways. */
void about_rows(struct pane *pane, const struct rows *rows)
{
    struct arena *arena = &pane->page->arena;
    size_t first = pane->count;
    int at = 2;
    for (size_t i = 0; i <= rows->row_count; i++) {
        (void)pane_line(pane);
    }
    for (size_t column = 0; column < rows->column_count; column++) {
        int width = column_width(rows, column, arena);
        int end = is_numeric(rows, column) ? at + width : 0;
        put_cell(&pane->lines[first], at, end, width, STYLE_BOLD, rows->names[column]);
        for (size_t i = 0; i < rows->row_count; i++) {
            struct cell cell = rows_cell(rows, i, column);
            put_cell(&pane->lines[first + 1 + i], at, end, width,
                     cell.is_null ? STYLE_DIM : STYLE_NORMAL,
                     cell.is_null ? STR("NULL") : cell.text);
        }
        at += width + 2;
    }
    if (rows->cut) {
        line_at(pane_line(pane), 2, STYLE_WARN, "there are more rows than are kept");
    }
}

static void put_check_rows(struct pane *pane, const struct ui *ui, struct subject subject)
{
    if (!ui->sources.check_rows) {
        return;
    }
    const struct rows *rows =
        ui->sources.check_rows(ui->sources.ctx, (enum check_place)(subject.a >> 16),
                               (int)(subject.a & 0xffff), (int)subject.b);
    if (rows && rows->column_count > 0) {
        about_heading(pane, "ROWS");
        about_rows(pane, rows);
    }
}

void about_result(struct pane *pane, const struct run *run, const struct run_check *check)
{
    struct line *line = pane_line(pane);
    line_at(line, 0, outcome_style(check->outcome), "%s",
            check->running ? "running" : about_outcome_word(check->outcome));
    if (check->accepted) {
        line_add(line, STYLE_WARN, "   accepted by %.*s: %.*s", STR_ARG(check->accepted_by),
                 STR_ARG(check->accepted_why));
    }
    about_fact(pane, "actual", check->actual);
    about_fact(pane, "why", check->why);
    about_time(pane, "judged", run, check->at_us);
    if (check->runs > 0) {
        about_format(pane, "took", "%.*s, run %d time%s",
                     STR_ARG(check_time_text(check, &pane->page->arena)), check->runs,
                     check->runs == 1 ? "" : "s");
    }
}

bool about_check(struct pane *pane, const struct run *run, const struct ui *ui,
                 struct subject subject)
{
    const struct run_check *check = check_of_subject(run, subject);
    if (!check || !check->check) {
        return false;
    }
    const struct plan_check *plan = check->check;
    struct arena *arena = &pane->page->arena;
    about_format(pane, "check", "%.*s  %.*s", STR_ARG(plan->id), STR_ARG(plan->name));
    about_result(pane, run, check);
    about_fact(pane, "expected", check_expected(arena, plan, NULL));
    if (plan->source == PLAN_SOURCE_BUILTIN) {
        about_fact(pane, "asks for", str_from(plan_builtin_word(plan->builtin)));
    }
    about_fact(pane, "file", plan->file);
    put_check_rows(pane, ui, subject); /* what a person looks for first */
    if (plan->sql.len > 0) {
        about_heading(pane, "SQL");
        about_sql(pane, 2, plan->sql);
    } else if (plan->file.len > 0 && ui->sources.file_text) {
        about_heading(pane, "SQL");
        about_sql(pane, 2, ui->sources.file_text(ui->sources.ctx, plan->file));
    }
    return true;
}

bool about_set(struct pane *pane, const struct run *run, const struct ui *ui,
               struct subject subject)
{
    (void)ui;
    const struct plan_set *set = &run->plan->verification.sets.items[subject.a];
    about_fact(pane, "set", set->name);
    for (size_t i = 0; i < set->checks.count; i++) {
        const struct run_check *check = &run->sets[subject.a][i];
        struct line *line = pane_line(pane);
        line_at(line, 2, outcome_style(check->outcome), "%s",
                about_outcome_word(check->outcome));
        line_at(line, 20, STYLE_NORMAL, "%.*s  %.*s", STR_ARG(check->check->id),
                STR_ARG(check->check->name));
    }
    return true;
}
