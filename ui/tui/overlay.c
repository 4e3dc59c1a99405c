/* SPDX-License-Identifier: PostgreSQL */
/*
 * What lies over the body: the help, and the whole text of one thing. An overlay is a
 * page with one pane, so moving, search, filter and copying work in it as everywhere.
 */
#include "ui_private.h"

#include <string.h>

bool overlay_is_open(const struct ui *ui)
{
    bool typing = ui->mode == MODE_SEARCH || ui->mode == MODE_FILTER;
    enum ui_mode mode = typing ? ui->under : ui->mode;
    return ui->overlay.count > 0 && (mode == MODE_HELP || mode == MODE_TEXT);
}

struct placed overlay_placed(const struct ui *ui)
{
    return (struct placed){&ui->overlay.panes[0], 0, 0, ui->rows - CHROME_ROWS, ui->columns};
}

/* An empty page in the size of the window, with one pane. */
static struct pane *begin(struct page *page, const struct ui *ui, const char *title)
{
    page_begin(page, ui->glyphs, ui->columns, ui->rows);
    page->wide = false; /* it has the whole width */
    struct pane *pane = page_pane(page, PANE_A, PANE_MAIN, title);
    pane->grows = true;
    return pane;
}

/* Every line can be stood on: search, copying and "5 of 41" count lines. */
static void end(struct pane *pane)
{
    for (size_t i = 0; i < pane->count; i++) {
        if (!pane->lines[i].pinned && pane->lines[i].subject.kind == SUBJECT_NONE) {
            pane->lines[i].subject = (struct subject){SUBJECT_TEXT, (int64_t)i, 0};
        }
    }
}

static void show(struct ui *ui, enum ui_mode mode)
{
    ui->mode = mode;
    ui->under = MODE_BROWSE;
    ui->overlay_state = (struct pane_state){0};
}

/* --------------------------------------------------------------------- help */

static void put_key(struct pane *pane, size_t index)
{
    enum {
        HELP_COLUMN = 22
    };
    const struct key_row *row = &key_rows[index];
    struct strbuf names = {0};
    for (size_t i = 0; i < COUNT_OF(row->keys) && row->keys[i] != 0; i++) {
        strbuf_text(&names, i > 0 ? "  " : "");
        key_name(&names, row->keys[i]);
    }
    struct line *line = pane_row(pane, SUBJECT_KEY, (int64_t)index, 0);
    line_at(line, 2, STYLE_KEY, "%s", names.ptr);
    pane_beside(pane, line, HELP_COLUMN, STYLE_NORMAL, str_from(row->help));
    strbuf_release(&names);
}

static void put_keys(struct pane *pane, unsigned own, bool here)
{
    for (size_t i = 0; i < key_row_count; i++) {
        const struct key_row *row = &key_rows[i];
        bool meant = here ? (row->screens & own) != 0 : (row->screens & own) == 0;
        if (row->help && meant) {
            put_key(pane, i);
        }
    }
}

static void put_signs(struct pane *pane)
{
    static const struct {
        enum glyph glyph;
        const char *meaning;
    } signs[] = {
        {GLYPH_GOOD, "GO, passed, done"},
        {GLYPH_BAD, "NO-GO, failed"},
        {GLYPH_HOLD, "HOLD: a person is needed"},
        {GLYPH_WARN, "a warning, a finding"},
        {GLYPH_RUNNING, "at work now"},
        {GLYPH_NOT_YET, "not yet"},
        {GLYPH_UNKNOWN, "claimed, not proven, no data"},
    };
    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        struct line *line = pane_line(pane);
        line_glyph(line, 2, signs[i].glyph);
        line_at(line, 6, STYLE_NORMAL, "%s", signs[i].meaning);
    }
}

static void put_heading(struct pane *pane, const char *text)
{
    if (pane->count > 0) {
        (void)pane_line(pane);
    }
    line_at(pane_line(pane), 0, STYLE_BOLD, "%s", text);
}

static void build_help(struct ui *ui)
{
    struct pane *pane = begin(&ui->overlay, ui, "HELP");
    unsigned here = 1u << ui->screen;
    pane_note(pane, "/ finds, Esc closes");
    put_heading(pane, screens[ui->screen].title);
    size_t before = pane->count;
    put_keys(pane, here, true);
    if (pane->count == before) {
        line_at(pane_line(pane), 2, STYLE_DIM, "no keys of its own");
    }
    put_heading(pane, "KEYS");
    put_keys(pane, here, false);
    put_heading(pane, "COMMANDS  behind :");
    command_help(pane);
    put_heading(pane, "SIGNS");
    put_signs(pane);
    end(pane);
}

void overlay_help(struct ui *ui, const struct run *run)
{
    (void)run;
    build_help(ui);
    show(ui, MODE_HELP);
}

void overlay_troubles(struct ui *ui)
{
    struct pane *pane = begin(&ui->overlay, ui, "BREAK SOMETHING");
    pane_note(pane, ":break NAME does it, Esc closes");
    for (size_t i = 0; i < ui->sources.trouble_count; i++) {
        struct line *line = pane_line(pane);
        line_at(line, 2, STYLE_KEY, "%s", ui->sources.troubles[i].name);
        line_at(line, 22, STYLE_NORMAL, "%s", ui->sources.troubles[i].help);
    }
    end(pane);
    show(ui, MODE_HELP);
}

void overlay_files(struct ui *ui, const struct run *run)
{
    struct strbuf text = {0};
    if (run->report_folder.len == 0 || !ui->sources.report_files) {
        ui_say(ui, STYLE_NORMAL, "no file of the report is written yet: that comes at the end");
        return;
    }
    ui->sources.report_files(ui->sources.ctx, &text);
    struct pane *pane = begin(&ui->overlay, ui, "FILES OF THE REPORT");
    pane_note(pane, "Esc closes");
    pane_text(pane, 2, STYLE_BOLD, run->report_folder);
    struct str rest = strbuf_str(&text);
    struct str one;
    while (str_cut(&rest, '\n', &one)) {
        line_fit(pane_line(pane), 2, pane->width - 3, STYLE_NORMAL, one);
    }
    strbuf_release(&text);
    end(pane);
    show(ui, MODE_HELP);
}

/* --------------------------------------------------------------- whole texts */

static const char *title_of(enum subject_kind kind)
{
    static const char *const titles[] = {
        [SUBJECT_ASK] = "QUESTION",
        [SUBJECT_ITEM] = "CHECKLIST ITEM",
        [SUBJECT_BACKUP] = "BACKUP",
        [SUBJECT_ROLE] = "ROLE",
        [SUBJECT_VOTE] = "VOTE",
        [SUBJECT_SCRIPT] = "STEP",
        [SUBJECT_STATEMENT] = "STATEMENT",
        [SUBJECT_CHECK] = "CHECK",
        [SUBJECT_SET] = "SET OF CHECKS",
        [SUBJECT_COUNT] = "COUNT",
        [SUBJECT_CHANGE] = "CHANGE",
        [SUBJECT_MEMBER] = "MEMBER",
        [SUBJECT_PROBE] = "PROBE",
        [SUBJECT_NEWS] = "NEW SINCE MIGRATION",
        [SUBJECT_LOAD] = "STATEMENT",
        [SUBJECT_BLOCKER] = "SESSION",
        [SUBJECT_OPTION] = "WAY BACK",
        [SUBJECT_CARD] = "EMERGENCY",
        [SUBJECT_CRITERION] = "CRITERION",
        [SUBJECT_SLOT] = "SLOT",
        [SUBJECT_LOG] = "LOG",
    };
    bool known = kind < COUNT_OF(titles) && titles[kind];
    return known ? titles[kind] : "TEXT";
}

/* What `y` takes of a statement is its SQL, whatever line the cursor stands on. */
static void copy_sql(struct pane *pane, const struct run *run, struct subject subject)
{
    struct strbuf text = {0};
    front_statement_whole(&text, run->scripts[subject.a].sql, (size_t)subject.b);
    struct str copy = str_dup(&pane->page->arena, strbuf_str(&text));
    for (size_t i = 0; i < pane->count; i++) {
        pane->lines[i].copy = copy;
    }
    strbuf_release(&text);
}

static bool build_about(struct page *page, const struct ui *ui, const struct run *run,
                        struct subject subject)
{
    struct pane *pane = begin(page, ui, title_of(subject.kind));
    pane_note(pane, "Esc closes");
    if (!about_subject(pane, run, ui, subject)) {
        return false;
    }
    if (subject.kind == SUBJECT_STATEMENT) {
        copy_sql(pane, run, subject);
    }
    end(pane);
    return true;
}

/* A line that is about nothing is still longer than the screen sometimes. */
static bool build_line(struct page *page, const struct ui *ui, struct subject subject)
{
    for (size_t i = 0; i < ui->page.count; i++) {
        const struct pane *from = &ui->page.panes[i];
        for (size_t k = 0; k < from->count && from->id == ui->overlay_pane; k++) {
            if (!subject_same(from->lines[k].subject, subject)) {
                continue;
            }
            struct pane *pane = begin(page, ui, title_of(SUBJECT_TEXT));
            struct str text = line_plain(&from->lines[k], &page->arena);
            pane_text(pane, 0, STYLE_NORMAL, text);
            end(pane);
            return text.len > 0;
        }
    }
    return false;
}

/* What is there is kept when there is nothing to take its place. */
static bool build_text(struct ui *ui, const struct run *run, struct subject subject)
{
    struct page fresh = {0};
    bool built = ui->overlay_is_line ? build_line(&fresh, ui, subject)
                                     : build_about(&fresh, ui, run, subject);
    if (built) {
        page_move(&ui->overlay, &fresh);
        ui->overlay_of = subject;
        ui->overlay_us = run->now_us;
        ui->overlay_gone = false;
    }
    ui->overlay_events = run->events;
    page_release(&fresh);
    return built;
}

bool overlay_subject(struct ui *ui, const struct run *run, struct subject subject)
{
    ui->overlay_is_line = false;
    if (!build_text(ui, run, subject)) {
        return false;
    }
    show(ui, MODE_TEXT);
    return true;
}

static bool show_line(struct ui *ui, const struct run *run, struct subject subject)
{
    ui->overlay_is_line = true;
    ui->overlay_pane = ui->focus[ui->screen];
    if (subject.kind == SUBJECT_NONE || !build_text(ui, run, subject)) {
        return false;
    }
    show(ui, MODE_TEXT);
    return true;
}

void overlay_open(struct ui *ui, const struct run *run)
{
    struct subject subject = ui_cursor(ui, ui->focus[ui->screen]);
    const struct ask *ask = ask_of_subject(ui, run, subject);
    if (ask) {
        dialog_ask(ui, run, ask);
    } else if (!overlay_subject(ui, run, subject) && !show_line(ui, run, subject)) {
        ui_say(ui, STYLE_NORMAL, "nothing to open here");
    }
}

/* The text stays to be read, and says that it is no longer true. */
static void note_gone(struct ui *ui)
{
    struct strbuf clock = {0};
    time_to_clock(&clock, ui->overlay_us);
    pane_note(&ui->overlay.panes[0], "as it was at %s: not there any more   Esc closes",
              clock.ptr);
    strbuf_release(&clock);
    ui->overlay_gone = true;
}

static void settle(struct ui *ui)
{
    struct placed placed;
    struct arena arena = {0};
    if (ui_focused(ui, &placed)) {
        struct sight sight = sight_of(&placed, &ui->overlay_state, &arena);
        sight_settle(&sight, &ui->overlay_state);
    }
    arena_release(&arena);
}

/* The window has another size, or the model moved on under the text: it is made anew, and
 * where one reads stays. */
void overlay_check(struct ui *ui, const struct run *run)
{
    bool fits = ui->overlay.columns == ui->columns && ui->overlay.rows == ui->rows;
    bool help = ui->mode == MODE_HELP || ui->under == MODE_HELP;
    bool old = !help && !ui->paused && ui->overlay_events != run->events;
    if (!overlay_is_open(ui) || (fits && !old)) {
        return;
    }
    bool built = !help && build_text(ui, run, ui->overlay_of);
    if (help) {
        build_help(ui);
    } else if (!built && !fits) { /* what was kept was wrapped for another width */
        ui->mode = MODE_BROWSE;
    } else if (!built && !ui->overlay_gone) {
        note_gone(ui);
    }
    settle(ui);
}

/* ---------------------------------------------------------------------- keys */

static void close_overlay(struct ui *ui)
{
    struct pane_state *state = &ui->overlay_state;
    if (state->filter[0] != '\0') {
        state->filter[0] = '\0';
    } else {
        ui->mode = MODE_BROWSE;
        ui->overlay.count = 0;
        ui->search[0] = '\0';
    }
}

void overlay_key(const struct press *press)
{
    struct ui *ui = press->ui;
    const struct key_row *row = key_find(ui, press->run, press->key);
    enum intent intent = row ? row->intent : INTENT_NONE;
    if (intent != INTENT_NONE && intent <= INTENT_RIGHT) {
        ui_move(ui, intent);
        return;
    }
    if (ui_look_at_pane(press, intent)) {
        return;
    }
    switch ((int)intent) {
    case INTENT_BACK:
        close_overlay(ui);
        break;
    case INTENT_INTERRUPT:
        press_interrupt(press);
        break;
    default:
        press_unknown(press);
        break;
    }
}

bool view_overlay(struct area body, const struct ui *ui)
{
    if (!overlay_is_open(ui)) {
        return false;
    }
    struct placed placed = overlay_placed(ui);
    view_pane(body, ui, &placed, &ui->overlay_state, true);
    return true;
}
