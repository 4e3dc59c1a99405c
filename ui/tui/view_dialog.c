/* SPDX-License-Identifier: PostgreSQL */
/*
 * How a dialog looks: a box over the frozen page. Above, for whom and what: the place,
 * the question, why it is asked, what is true now; this part scrolls when it is long.
 * Below, always in sight: the ways to answer, what was typed so far, the line that is
 * typed now, and why the last one was not taken.
 */
#include "review_parts.h"
#include "ui_private.h"

#include <stdlib.h>
#include <string.h>

enum {
    SMALL_BOX = 64,  /* columns: what is harmless */
    GRAVE_BOX = 100, /* what cannot be taken back */
    BORDER = 2,      /* rule and blank on each side */
    INDENT = 2,
    WORD_COLUMN = 16, /* behind the words of the ways to answer */
    FEW = 8,          /* statements that are named one by one */
};

/* A box before it is drawn. */
struct box {
    struct page page;
    struct pane *text;
    struct pane *fields;
    int input_line; /* of `fields`; -1: nothing is typed */
    enum style style;
    int rows; /* of the text that fit */
};

/* --------------------------------------------------------------------- words */

static void put_place(struct pane *pane, const struct run *run)
{
    struct line *line = pane_line(pane);
    line_at(line, 0, STYLE_BOLD, "%.*s", STR_ARG(run->target->environment));
    line_add(line, STYLE_NORMAL, "  %.*s", STR_ARG(run->database));
    struct str strip = run->server_strip.len > 0 ? run->server_strip : run->server_text;
    line_add(line, STYLE_DIM, "%s%.*s", strip.len > 0 ? " @ " : "", STR_ARG(strip));
}

static void put_role(struct pane *pane, const struct run *run, struct str id)
{
    const struct plan_role *role = plan_find_role(run->plan, id);
    if (!role) {
        return;
    }
    struct line *line = pane_line(pane);
    line_at(line, 0, STYLE_NORMAL, "for %.*s", STR_ARG(role->title));
    for (size_t i = 0; i < role->people.count; i++) {
        line_add(line, STYLE_NORMAL, "%s%.*s", i > 0 ? ", " : ": ",
                 STR_ARG(role->people.items[i]));
    }
}

static bool is_ahead(const struct run_script *script)
{
    return script->state == SCRIPT_PENDING || script->state == SCRIPT_ROLLED_BACK;
}

/* Does the answer set script `index` going? A checkpoint leads to the next one only. */
static bool is_meant(const struct run *run, const struct ask *ask, size_t index)
{
    bool earlier = false;
    for (size_t i = 0; i < index && ask->kind == ASK_GO_ON; i++) {
        earlier = earlier || is_ahead(&run->scripts[i]);
    }
    return is_ahead(&run->scripts[index]) && !earlier;
}

static size_t put_script(struct pane *pane, const struct run_script *script)
{
    static const char *const transactions[] = {
        [PLAN_TRANSACTION_UNSAID] = "",
        [PLAN_TRANSACTION_ONE] = "one transaction",
        [PLAN_TRANSACTION_EACH] = "each statement commits by itself",
        [PLAN_TRANSACTION_FILE] = "as the file says",
    };
    struct line *line = pane_line(pane);
    line_at(line, INDENT, STYLE_BOLD, "%.*s", STR_ARG(script->id));
    if (!script->sql) {
        line_add(line, STYLE_NORMAL, "  a step that people do");
        return 0;
    }
    size_t count = script->last - script->first;
    line_add(line, STYLE_NORMAL, "  %.*s  %zu statement%s", STR_ARG(script->file), count,
             count == 1 ? "" : "s");
    line_add(line, STYLE_DIM, "  %s", transactions[script->transaction]);
    return count;
}

/* A statement that destroys something, and rows of what goes; -1: not known. */
struct drop {
    size_t script, statement;
    int64_t rows;
};

/* The most rows first, what is not known before all; else in the order in which they run. */
static int by_rows(const void *left, const void *right)
{
    const struct drop *a = left;
    const struct drop *b = right;
    if (a->rows != b->rows) {
        return a->rows < 0 || b->rows < 0 ? (a->rows < 0 ? -1 : 1) : a->rows > b->rows ? -1 : 1;
    }
    return a->script != b->script ? (a->script < b->script ? -1 : 1)
                                  : (a->statement < b->statement ? -1 : 1);
}

static struct drop *drop_of(struct drop *drops, size_t count, int64_t script, size_t statement)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct drop *one = &drops[middle];
        bool before = (int64_t)one->script < script ||
                      ((int64_t)one->script == script && one->statement < statement);
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    bool found = low < count && (int64_t)drops[low].script == script &&
                 drops[low].statement == statement;
    return found ? &drops[low] : NULL;
}

/* By what the target showed, or as far as the rules know without it. */
static void add_rows(const struct run *run, struct drop *drops, size_t count)
{
    const struct lint_result *lint = run_lint(run);
    for (size_t i = 0; lint && i < lint->destroyed_count; i++) {
        const struct lint_destroyed *gone = &lint->destroyed[i];
        struct drop *drop =
            drop_of(drops, count, script_of_judged(run, gone->at.file), gone->at.statement);
        if (drop && gone->rows >= 0) {
            drop->rows = (drop->rows < 0 ? 0 : drop->rows) + gone->rows;
        }
    }
}

static void put_drop(struct pane *pane, const struct run *run, const struct drop *drop)
{
    const struct run_script *script = &run->scripts[drop->script];
    struct strbuf text = {0};
    struct strbuf rows = {0};
    front_statement_text(&text, script->sql, drop->statement, 0);
    if (drop->rows >= 0) {
        number_to_text(&rows, drop->rows);
    } else {
        strbuf_text(&rows, "??");
    }
    strbuf_text(&rows, drop->rows == 1 ? " row" : " rows");
    int end = pane->width - 2;
    struct line *line = pane_line(pane);
    line_glyph(line, INDENT, GLYPH_WARN);
    line_at(line, INDENT + 3, STYLE_WARN, "%.*s:%zu", STR_ARG(script->id), drop->statement + 1);
    line_fit(line, line->end + 1, end - (int)rows.len - 2 - line->end, STYLE_NORMAL,
             strbuf_str(&text));
    line_end(line, end, drop->rows != 0 ? STYLE_WARN : STYLE_DIM, "%s", rows.ptr);
    strbuf_release(&text);
    strbuf_release(&rows);
}

static size_t put_drops(struct pane *pane, const struct run *run, const struct ask *ask)
{
    struct drop *drops = NULL;
    size_t count = 0;
    size_t capacity = 0;
    for (size_t i = 0; i < run->script_count; i++) {
        const struct run_script *script = &run->scripts[i];
        bool meant = script->sql && is_meant(run, ask, i);
        for (size_t k = script->first; meant && k < script->last; k++) {
            if (front_statement_destroys(script->sql, k)) {
                *ARRAY_PUSH(drops, count, capacity) = (struct drop){i, k, -1};
            }
        }
    }
    add_rows(run, drops, count);
    if (count > 0) {
        qsort(drops, count, sizeof *drops, by_rows);
    }
    for (size_t i = 0; i < count && i < FEW; i++) {
        put_drop(pane, run, &drops[i]);
    }
    if (count > FEW) {
        line_at(pane_line(pane), INDENT, STYLE_WARN,
                "and %zu more, of fewer rows; the review shows every one", count - FEW);
    }
    free(drops);
    return count;
}

/* "011, 012 and 3 more" */
static void put_ids(struct strbuf *out, const struct run *run, const struct ask *ask)
{
    enum {
        NAMED = 4
    };
    size_t count = 0;
    for (size_t i = 0; i < run->script_count; i++) {
        if (is_meant(run, ask, i) && ++count <= NAMED) {
            strbuf_format(out, "%s%.*s", count > 1 ? ", " : "", STR_ARG(run->scripts[i].id));
        }
    }
    if (count > NAMED) {
        strbuf_format(out, " and %zu more", count - NAMED);
    }
}

/* What the answer sets going: the typed name of the database, or going on to a step. */
static void put_what_runs(struct pane *pane, const struct run *run, const struct ask *ask)
{
    size_t statements = 0;
    if (run->state == STATE_WAY_NAME && run->option >= 0) {
        const struct plan_rollback_option *option = run->options[run->option].option;
        struct arena *arena = &pane->page->arena;
        line_at(pane_line(pane), 0, STYLE_BOLD, "the way back: %.*s", STR_ARG(option->title));
        pane_text(pane, INDENT, STYLE_NORMAL,
                  way_time_text(run, &run->options[run->option], arena));
        line_at(pane_line(pane), INDENT, STYLE_NORMAL, "brings back %.*s",
                STR_ARG(option->restores.len > 0 ? option->restores
                                                 : STR("what the plan does not say")));
        pane_text(pane, INDENT, STYLE_WARN,
                  way_loss_text(run, &run->options[run->option], arena));
        return;
    }
    size_t sum = pane->count; /* said first, known last */
    (void)pane_line(pane);
    size_t drops = put_drops(pane, run, ask);
    for (size_t i = 0; i < run->script_count; i++) {
        if (is_meant(run, ask, i)) {
            statements += put_script(pane, &run->scripts[i]);
        }
    }
    struct strbuf ids = {0};
    put_ids(&ids, run, ask);
    line_at(&pane->lines[sum], 0, drops > 0 ? STYLE_WARN : STYLE_BOLD,
            "runs %s: %zu statement%s, %zu of them destroy%s something",
            ids.ptr ? ids.ptr : "nothing", statements, statements == 1 ? "" : "s", drops,
            drops == 1 ? "s" : "");
    strbuf_release(&ids);
}

static bool has_more_steps(const struct run *run)
{
    for (size_t i = 0; i < run->script_count; i++) {
        if (is_ahead(&run->scripts[i])) {
            return true;
        }
    }
    return false;
}

static void put_question(struct pane *pane, const struct run *run, const struct ui *ui)
{
    const struct ask *ask = &ui->answer.ask;
    if (ui->dialog.grave) {
        put_place(pane, run);
    }
    pane_text(pane, 0, STYLE_BOLD, ask->text);
    struct subject subject = subject_of_ask(run, ask);
    if (subject.kind != SUBJECT_ROLE) {
        put_role(pane, run, ask->role);
    }
    /* A way back is told line by line below. */
    bool on_way_back = run->state == STATE_WAY_NAME && ask->kind != ASK_OVERRIDE;
    if (ask->detail.len > 0 && !on_way_back) {
        pane_text(pane, 0, STYLE_NORMAL, ask->detail);
    }
    bool next_step = ask->kind == ASK_GO_ON && str_eq(ask->id, "checkpoint") &&
                     !run->way_back && has_more_steps(run);
    if (ask->kind == ASK_NAME || ask->kind == ASK_CONFIRM || next_step) {
        put_what_runs(pane, run, ask);
    } else {
        size_t before = pane->count;
        struct line *gap = subject.kind != SUBJECT_NONE ? pane_line(pane) : NULL;
        if (gap && !about_subject(pane, run, ui, subject)) {
            pane->count = before;
        }
    }
}

/* -------------------------------------------------------------------- fields */

static void put_words(struct pane *pane, const struct ui *ui)
{
    const struct dialog *dialog = &ui->dialog;
    for (size_t i = 0; i < dialog->form_count; i++) {
        const struct front_form *form = dialog->forms[i];
        bool offered = strcmp(ui->input.text, form->word) == 0;
        struct line *line = pane_row(pane, SUBJECT_TEXT, (int64_t)i, 0);
        if (offered) {
            line_glyph(line, 0, GLYPH_RUNNING);
        }
        line_at(line, INDENT + 1, STYLE_BOLD, "%s", form->word);
        line_at(line, WORD_COLUMN, offered ? STYLE_BOLD : STYLE_NORMAL, "%s", form->help);
    }
}

static void put_typed(struct pane *pane, const struct ui *ui)
{
    const struct front_answer *answer = &ui->answer;
    if (answer->form->word && answer->ask.kind != ASK__COUNT) {
        line_at(pane_line(pane), 0, STYLE_BOLD, "%s: %s", answer->form->word,
                answer->form->help);
    }
    for (int i = 0; i < answer->field; i++) {
        if (ui->dialog.typed[i].len > 0) {
            struct line *line = pane_line(pane);
            line_at(line, 0, STYLE_DIM, "%s: ", form_field_prompts[answer->form->fields[i]]);
            line_fit(line, line->end, pane->width - line->end, STYLE_NORMAL,
                     ui->dialog.typed[i]);
        }
    }
}

/* The line that is typed, and why the last one was not taken. */
static void put_input(struct box *box, const struct ui *ui, const char *prompt)
{
    struct pane *pane = box->fields;
    line_at(pane_line(pane), 0, STYLE_BOLD, "%s:", prompt);
    box->input_line = (int)pane->count;
    (void)pane_line(pane);
    if (ui->dialog.error[0] != '\0') {
        pane_text(pane, 0, STYLE_BAD, str_from(ui->dialog.error));
    } else if (ui->mode == MODE_FORM && ui->input.chosen && ui->answer.form) {
        line_at(pane_line(pane), 0, STYLE_WARN,
                "typed here before: Enter if that is who says so, or type another");
    }
    line_at(pane_line(pane), 0, STYLE_DIM, "Enter takes it. Esc leaves everything as it is.");
}

static void put_fields(struct box *box, const struct ui *ui)
{
    struct pane *pane = box->fields;
    const char *prompt = "which? a word, or the arrows";
    (void)pane_line(pane);
    if (ui->answer.form) {
        put_typed(pane, ui);
        prompt = form_field_prompts[front_answer_field(&ui->answer)];
    } else {
        put_words(pane, ui);
    }
    put_input(box, ui, prompt);
}

/* ----------------------------------------------------------- list and leaving */

static void put_list(struct box *box, const struct run *run, const struct ui *ui)
{
    struct pane *pane = box->fields;
    for (size_t i = 0; i < ui->ask_count; i++) {
        const struct ask *ask = &ui->asks[i];
        bool here = (int)i == ui->choice;
        const struct plan_role *role = plan_find_role(run->plan, ask->role);
        struct line *line = pane_row(pane, SUBJECT_TEXT, (int64_t)i, 0);
        if (here) {
            line_glyph(line, 0, GLYPH_RUNNING);
        }
        line_end(line, 5, STYLE_DIM, "%zu", i + 1);
        line_fit(line, 6, pane->width - 6, here ? STYLE_BOLD : STYLE_NORMAL, ask->text);
        if (here && (ask->detail.len > 0 || role)) {
            struct str title = role ? role->title : (struct str){0};
            struct str why = str_format(&box->page.arena, "%.*s%s%.*s", STR_ARG(ask->detail),
                                        role && ask->detail.len > 0 ? "; for "
                                        : role                      ? "for "
                                                                    : "",
                                        STR_ARG(title));
            line_fit(pane_line(pane), 6, pane->width - 6, STYLE_DIM, why);
        }
    }
}

static void put_leaving(struct box *box, const struct run *run, const struct ui *ui)
{
    static const char *const words[] = {"stay", "leave", "abandon"};
    static const char *const helps[] = {
        "go on watching (Enter)",
        "hold at the next safe point and stop there",
        "end the run for good: nobody resumes it; asks",
    };
    const char *trouble = engine_abandon_trouble(run);
    pane_text(box->text, 0, STYLE_BOLD, STR("A run is open."));
    pane_text(box->text, 0, STYLE_NORMAL,
              engine_in_transaction(run)
                  ? STR("A transaction of ours is open. It ends before anything stops; no key "
                        "here ends it.")
              : ui->sources.leave_text
                  ? str_from(ui->sources.leave_text)
                  : STR("Nothing is lost by leaving: gonogo resume goes on from there."));
    (void)pane_line(box->fields);
    for (int i = 0; i < (int)COUNT_OF(words); i++) {
        struct line *line = pane_row(box->fields, SUBJECT_TEXT, i, 0);
        if (i == ui->choice) {
            line_glyph(line, 0, GLYPH_RUNNING);
        }
        line_at(line, INDENT + 1, i == ui->choice ? STYLE_BOLD : STYLE_NORMAL, "%s", words[i]);
        line_at(line, WORD_COLUMN, STYLE_NORMAL, "%s", helps[i]);
    }
    if (trouble) {
        pane_text(box->fields, WORD_COLUMN, STYLE_DIM,
                  str_format(&box->page.arena, "not now: %s", trouble));
    }
    put_input(box, ui, "which? a word, or the arrows");
}

/* ------------------------------------------------------------------- the box */

static void build(struct box *box, const struct ui *ui, const struct run *run)
{
    bool grave = ui->mode == MODE_FORM && ui->dialog.grave;
    int room = ui->columns - 4 * BORDER;
    int widest = grave || ui->mode == MODE_QUESTIONS ? GRAVE_BOX : SMALL_BOX;
    *box = (struct box){.input_line = -1, .style = grave ? STYLE_HOLD : STYLE_RULE};
    page_begin(&box->page, ui->glyphs, room < widest ? room : widest, ui->rows);
    box->page.wide = false;
    box->text = page_pane(&box->page, PANE_A, PANE_MAIN, NULL);
    box->fields = page_pane(&box->page, PANE_B, PANE_MAIN, NULL);
    if (ui->mode == MODE_QUESTIONS) {
        put_list(box, run, ui);
    } else if (ui->mode == MODE_QUIT) {
        put_leaving(box, run, ui);
    } else {
        put_question(box->text, run, ui);
        put_fields(box, ui);
        bool last = ui->answer.ask.kind == ASK_NAME || ui->answer.ask.kind == ASK_CONFIRM;
        box->style = last ? STYLE_BAD : box->style;
    }
    int room_rows = ui->rows - CHROME_ROWS - 2 - (int)box->fields->count;
    room_rows = room_rows > 0 ? room_rows : 0;
    box->rows = (int)box->text->count < room_rows ? (int)box->text->count : room_rows;
}

int view_dialog_most(const struct ui *ui, const struct run *run)
{
    struct box box;
    build(&box, ui, run);
    int most = (int)box.text->count - box.rows;
    page_release(&box.page);
    return most;
}

static void draw_edge(struct area area, int row, const struct ui *ui, enum style style,
                      enum glyph left, enum glyph right)
{
    area_rule(area, row, 0, style, str_from(ui->glyphs->text[GLYPH_RULE]));
    (void)area_put(area, row, 0, style, 0, str_from(ui->glyphs->text[left]));
    (void)area_put(area, row, area.columns - 1, style, 0, str_from(ui->glyphs->text[right]));
}

static void draw_frame(struct area area, const struct ui *ui, const struct box *box)
{
    struct str wall = str_from(ui->glyphs->text[GLYPH_WALL]);
    for (int row = 0; row < area.rows; row++) {
        area_rule(area, row, 0, STYLE_NORMAL, STR(" "));
        (void)area_put(area, row, 0, box->style, 0, wall);
        (void)area_put(area, row, area.columns - 1, box->style, 0, wall);
    }
    draw_edge(area, 0, ui, box->style, GLYPH_TOP_LEFT, GLYPH_TOP_RIGHT);
    draw_edge(area, area.rows - 1, ui, box->style, GLYPH_BOTTOM_LEFT, GLYPH_BOTTOM_RIGHT);
    int column = area_put(area, 0, 2, STYLE_NORMAL, 0, STR(" "));
    enum style title = box->style == STYLE_RULE ? STYLE_BOLD : box->style;
    column = area_put(area, 0, column, title, 0, str_from(ui->dialog.title));
    (void)area_put(area, 0, column, STYLE_NORMAL, 0, STR(" "));
}

/* The list keeps its choice in sight. */
static int top_of_list(const struct box *box, const struct ui *ui, int rows)
{
    int most = (int)box->fields->count - rows;
    int top = ui->mode == MODE_QUESTIONS ? ui->choice + 2 - rows : 0;
    return top > most ? most : top < 0 ? 0 : top;
}

/* Where the box and its two parts stand in the body. */
struct box_place {
    struct area area, above, below;
};
static struct box_place place_box(struct area body, const struct box *box)
{
    int wanted = box->rows + (int)box->fields->count + 2;
    int rows = wanted < body.rows ? wanted : body.rows;
    int columns = box->page.columns + 2 * BORDER;
    struct area area =
        area_part(body, (body.rows - rows) / 2, (body.columns - columns) / 2, rows, columns);
    /* The blank before the border is the column that a pane leaves free. */
    struct area inside = area_part(area, 1, BORDER, rows - 2, box->page.columns + 1);
    return (struct box_place){
        area, area_part(inside, 0, 0, box->rows, inside.columns),
        area_part(inside, box->rows, 0, inside.rows - box->rows, inside.columns)};
}

static void draw_box(struct area body, const struct ui *ui, struct box *box)
{
    struct box_place place = place_box(body, box);
    struct area above = place.above;
    struct area below = place.below;
    draw_frame(place.area, ui, box);
    struct pane_state text_state = {.top = ui->dialog.top};
    struct placed text = {box->text, 0, 0, above.rows, above.columns};
    view_pane(above, ui, &text, &text_state, false);
    struct pane_state state = {.top = top_of_list(box, ui, below.rows)};
    struct placed fields = {box->fields, 0, 0, below.rows, below.columns};
    view_pane(below, ui, &fields, &state, false);
    if (box->input_line >= 0) {
        input_draw(below, box->input_line, 0, box->page.columns, &ui->input);
    }
}

int view_dialog_at(const struct ui *ui, const struct run *run, int row, int column)
{
    struct box box;
    struct arena arena = {0};
    struct area body = {
        .row = BODY_ROW, .rows = ui->rows - CHROME_ROWS, .columns = ui->columns};
    build(&box, ui, run);
    struct area below = place_box(body, &box).below;
    struct pane_state state = {.top = top_of_list(&box, ui, below.rows)};
    struct placed fields = {box.fields, 0, 0, below.rows, below.columns};
    struct sight sight = sight_of(&fields, &state, &arena);
    bool within = column >= below.column && column < below.column + below.columns;
    int index = within ? sight_at(&sight, &state, row - below.row) : -1;
    int at = index < 0 ? -1 : (int)sight.pane->lines[sight.lines[index]].subject.a;
    arena_release(&arena);
    page_release(&box.page);
    return at;
}

void view_dialog(struct area body, const struct ui *ui, const struct run *run)
{
    if (!ui_in_dialog(ui)) {
        return;
    }
    struct box box;
    build(&box, ui, run);
    draw_box(body, ui, &box);
    page_release(&box.page);
}
