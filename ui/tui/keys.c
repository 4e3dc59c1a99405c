/* SPDX-License-Identifier: PostgreSQL */
/*
 * The table of keys and what reads it. Where two rows share a key, the first that fits
 * the screen and the moment is meant.
 */
#include "ui_private.h"

#include <string.h>

#define ON(screen) (1u << (screen))

static bool is_asked(const struct ui *ui, const struct run *run)
{
    (void)run;
    return ui->ask_count > 0;
}

static bool can_cancel(const struct ui *ui, const struct run *run)
{
    return !ui_blocker_trouble(ui_blocker(ui, run), false);
}

static bool can_terminate(const struct ui *ui, const struct run *run)
{
    return !ui_blocker_trouble(ui_blocker(ui, run), true);
}

static bool can_rerun(const struct ui *ui, const struct run *run)
{
    (void)ui;
    return run->state == STATE_JUDGE || run->state == STATE_WRONG_COUNTS;
}

static bool can_hold(const struct ui *ui, const struct run *run)
{
    (void)ui;
    return run->state != STATE_HOLD && run->state != STATE_END && run->state != STATE_NEW &&
           !run->hold_wanted;
}

static bool is_choosing(const struct ui *ui, const struct run *run)
{
    (void)run;
    return !ui->answer.form;
}

static bool has_more(const struct ui *ui, const struct run *run)
{
    return view_dialog_most(ui, run) > 0;
}

static bool is_away(const struct ui *ui, const struct run *run)
{
    return ui->screen != screen_of(run) || ui->zoomed || ui->leaf[ui->screen] > 0;
}

static bool has_search(const struct ui *ui, const struct run *run)
{
    (void)run;
    return ui->search[0] != '\0';
}

static bool is_busy(const struct ui *ui, const struct run *run)
{
    (void)ui;
    return ui_statement_runs(run);
}

static bool can_ask_more_often(const struct ui *ui, const struct run *run)
{
    (void)ui;
    return ui_next_pace_us(run, -1) != run->pace_us;
}

static bool can_ask_less_often(const struct ui *ui, const struct run *run)
{
    (void)ui;
    return ui_next_pace_us(run, 1) != run->pace_us;
}

/* On the report y takes the whole of it in short; in a text over it again the line. */
static bool copies_lines(const struct ui *ui, const struct run *run)
{
    (void)run;
    return ui->screen != SCREEN_REPORT || ui->mode != MODE_BROWSE;
}

#define IN(mode) (1u << (mode))
enum {
    BROWSE = IN(MODE_BROWSE),
    READING = IN(MODE_HELP) | IN(MODE_TEXT), /* an overlay */
    LISTS = IN(MODE_QUESTIONS) | IN(MODE_QUIT),
    FORM = IN(MODE_FORM),
    COMMAND = IN(MODE_COMMAND),
    TYPING = IN(MODE_SEARCH) | IN(MODE_FILTER) | IN(MODE_COMMAND),
    ANYWHERE = BROWSE | READING | LISTS | FORM | TYPING,
};

/* Columns: see struct key_row. */
/* clang-format off */
const struct key_row key_rows[] = {
    {{'?', KEY_F1, 'h'}, INTENT_HELP, 0, "help", "this list; / searches in it", NULL, 0},
    {{'a'}, INTENT_ANSWER, 0, "answer", "answer what is asked now", is_asked, 0},
    {{'H'}, INTENT_HOLD, 0, "hold", "hold at the next safe point; asks for the reason", can_hold, 0},
    {{KEY_CONTROL('c')}, INTENT_INTERRUPT, 0, "twice: cancel statement", "in a statement: once arms, twice cancels that statement only; else: says the way out", is_busy, BROWSE | READING},
    {{KEY_CONTROL('c')}, INTENT_INTERRUPT, 0, NULL, "says the way out", NULL, BROWSE | READING},
    {{'C'}, INTENT_CANCEL_BLOCKER, ON(SCREEN_MIGRATE), "cancel blocker", "cancel the statement of whoever holds us up; asks", can_cancel, 0},
    {{'K'}, INTENT_TERMINATE_BLOCKER, ON(SCREEN_MIGRATE), "terminate blocker", "end the session that holds us up; asks", can_terminate, 0},
    {{'C'}, INTENT_CANCEL_BLOCKER, ON(SCREEN_MIGRATE), NULL, NULL, NULL, 0},
    {{'K'}, INTENT_TERMINATE_BLOCKER, ON(SCREEN_MIGRATE), NULL, NULL, NULL, 0},
    {{'b'}, INTENT_BACKUP_TAKE, ON(SCREEN_BACKUP), "take backup", "take the backup now, anew; asks", backup_can_take, 0},
    {{'v'}, INTENT_BACKUP_PROVE, ON(SCREEN_BACKUP), "prove again", "prove the dump that is there once more; asks", backup_can_prove, 0},
    {{'e'}, INTENT_BACKUP_ATTEST, ON(SCREEN_BACKUP), "external id", "name the provider's backup and when it was taken", backup_can_attest, 0},
    {{'r'}, INTENT_RERUN, ON(SCREEN_VERIFY) | ON(SCREEN_COUNTS), "run again", "run the check again, or look again", can_rerun, 0},
    {{'>'}, INTENT_MORE_OFTEN, ON(SCREEN_MONITOR), "more often", "the probes ask more often: 10, 5, 2, 1 s, 500 ms", can_ask_more_often, 0},
    {{'<'}, INTENT_LESS_OFTEN, ON(SCREEN_MONITOR), "less often", "the probes ask less often, as far as the plan lets them", can_ask_less_often, 0},
    {{'0'}, INTENT_FOLLOW, 0, "back to the run", "the screen where the run is", is_away, 0},
    {{KEY_TAB}, INTENT_NEXT_PANE, 0, "pane", "the next pane; on a small screen the next page", NULL, 0},
    {{KEY_BACK_TAB}, INTENT_PREVIOUS_PANE, 0, NULL, "the pane before", NULL, 0},
    {{KEY_RETURN, '\n'}, INTENT_OPEN, 0, "open", "the whole of it, or its question", NULL, 0},
    {{'c'}, INTENT_COUNTS, 0, "counts", "tables, foreign keys, policies: before, now, expected", NULL, 0},
    {{'v'}, INTENT_REVIEW, 0, "review", "the plan: every file, every statement", NULL, 0},
    {{'j', KEY_DOWN_ARROW}, INTENT_DOWN, 0, "move", "down", NULL, BROWSE | READING | LISTS},
    {{'k', KEY_UP_ARROW}, INTENT_UP, 0, NULL, "up", NULL, BROWSE | READING | LISTS},
    {{'1'}, INTENT_PHASE, 0, NULL, "1 to 7: the screen of that phase", NULL, 0},
    {{'2'}, INTENT_PHASE, 0, NULL, NULL, NULL, 0},
    {{'3'}, INTENT_PHASE, 0, NULL, NULL, NULL, 0},
    {{'4'}, INTENT_PHASE, 0, NULL, NULL, NULL, 0},
    {{'5'}, INTENT_PHASE, 0, NULL, NULL, NULL, 0},
    {{'6'}, INTENT_PHASE, 0, NULL, NULL, NULL, 0},
    {{'7'}, INTENT_PHASE, 0, NULL, NULL, NULL, 0},
    {{'o'}, INTENT_FILES, ON(SCREEN_REPORT), "files", "the files of the report, with their sizes", NULL, 0},
    {{'o'}, INTENT_OVERVIEW, 0, NULL, "overview", NULL, 0},
    {{'b'}, INTENT_ROLLBACK, 0, NULL, "the ways back (looks only; :rollback decides)", NULL, 0},
    {{'l'}, INTENT_LOCKS, 0, NULL, "who holds us up", NULL, 0},
    {{'/'}, INTENT_SEARCH, 0, "find", "find in this pane", NULL, BROWSE | READING},
    {{'n'}, INTENT_SEARCH_NEXT, 0, NULL, "the next that was found", has_search, BROWSE | READING},
    {{'N'}, INTENT_SEARCH_PREVIOUS, 0, NULL, "the one before", has_search, BROWSE | READING},
    {{'f'}, INTENT_FILTER, 0, NULL, "show only lines with a text; Esc shows all", NULL, BROWSE | READING},
    {{'w'}, INTENT_WRITE, 0, NULL, "write the pane to a file of the run", NULL, BROWSE | READING},
    {{'y'}, INTENT_SUMMARY, ON(SCREEN_REPORT), "copy summary", "copy the report in short: criteria, sign-offs, evidence", NULL, 0},
    {{'y'}, INTENT_COPY, 0, "copy", "copy the line, its SQL or its result", copies_lines, BROWSE | READING},
    {{'S'}, INTENT_STATUS, 0, NULL, "copy a status for the chat", NULL, 0},
    {{'i'}, INTENT_NOTE, 0, NULL, "a note for the record", NULL, 0},
    {{'+', '_'}, INTENT_ZOOM, 0, NULL, "this pane alone, and back", NULL, 0},
    {{'p'}, INTENT_PAUSE, 0, NULL, "freeze the picture; the run goes on", NULL, 0},
    {{'M'}, INTENT_MOUSE, 0, NULL, "mouse on or off: wheel and click move, they never approve; off, the terminal selects text", NULL, 0},
    {{':'}, INTENT_COMMAND, 0, NULL, "command line: note, hold, goto, rollback, quit and others", NULL, 0},
    {{KEY_PAGE_DOWN, ' '}, INTENT_PAGE_DOWN, 0, NULL, "a page down", NULL, BROWSE | READING},
    {{KEY_PAGE_UP}, INTENT_PAGE_UP, 0, NULL, "a page up", NULL, BROWSE | READING},
    {{KEY_CONTROL('d')}, INTENT_HALF_DOWN, 0, NULL, "half a page down", NULL, BROWSE | READING},
    {{KEY_CONTROL('u')}, INTENT_HALF_UP, 0, NULL, "half a page up", NULL, BROWSE | READING},
    {{'g', KEY_HOME_KEY}, INTENT_FIRST, 0, NULL, "the first", NULL, BROWSE | READING},
    {{'G', KEY_END_KEY}, INTENT_LAST, 0, NULL, "the last; the log follows again", NULL, BROWSE | READING},
    {{KEY_LEFT_ARROW}, INTENT_LEFT, 0, NULL, "to the left", NULL, BROWSE | READING},
    {{KEY_RIGHT_ARROW}, INTENT_RIGHT, 0, NULL, "to the right", NULL, BROWSE | READING},
    {{KEY_WHEEL_DOWN}, INTENT_DOWN, 0, NULL, NULL, NULL, BROWSE | READING},
    {{KEY_WHEEL_UP}, INTENT_UP, 0, NULL, NULL, NULL, BROWSE | READING},
    {{KEY_CLICK}, INTENT_CLICK, 0, NULL, "to that pane and row; in a box to an answer, which Enter takes; nothing else is a button", NULL, BROWSE | READING | LISTS | FORM},
    {{KEY_ESCAPE}, INTENT_BACK, 0, NULL, "one level up; never out", NULL, 0},
    {{KEY_RETURN, '\n'}, INTENT_OPEN, 0, "take", NULL, NULL, LISTS | FORM},
    {{KEY_DOWN_ARROW}, INTENT_DOWN, 0, "choose", NULL, is_choosing, FORM},
    {{KEY_UP_ARROW}, INTENT_UP, 0, NULL, NULL, is_choosing, FORM},
    {{KEY_PAGE_DOWN}, INTENT_PAGE_DOWN, 0, "more text", NULL, has_more, FORM},
    {{KEY_PAGE_UP}, INTENT_PAGE_UP, 0, NULL, NULL, has_more, FORM},
    {{KEY_ESCAPE, 'q', KEY_CONTROL('c')}, INTENT_BACK, 0, "close, nothing is done", NULL, NULL, LISTS},
    {{KEY_ESCAPE, KEY_CONTROL('c')}, INTENT_BACK, 0, "close, nothing is done", NULL, NULL, FORM},
    {{KEY_ESCAPE, 'q'}, INTENT_BACK, 0, "close", NULL, NULL, READING},
    {{KEY_RETURN, '\n'}, INTENT_OPEN, 0, "take", NULL, NULL, TYPING},
    {{KEY_TAB, KEY_BACK_TAB}, INTENT_NEXT_PANE, 0, "complete", NULL, NULL, COMMAND},
    {{KEY_UP_ARROW, KEY_DOWN_ARROW}, INTENT_UP, 0, "earlier lines", NULL, NULL, COMMAND},
    {{KEY_ESCAPE, KEY_CONTROL('c')}, INTENT_BACK, 0, "close", NULL, NULL, TYPING},
    {{KEY_CONTROL('z')}, INTENT_SUSPEND, 0, NULL, "suspend; not while a transaction is open", NULL, ANYWHERE},
    {{KEY_CONTROL('l')}, INTENT_REPAINT, 0, NULL, "draw everything again", NULL, ANYWHERE},
    {{'q'}, INTENT_QUIT, 0, "leave", "leave; an open run is asked about", NULL, 0},
};
/* clang-format on */
const size_t key_row_count = COUNT_OF(key_rows);

static bool fits(const struct key_row *row, const struct ui *ui, const struct run *run)
{
    unsigned modes = row->modes != 0 ? row->modes : BROWSE;
    bool here = row->screens == 0 || (row->screens & ON(ui->screen)) != 0;
    return here && (modes & IN(ui->mode)) != 0 && (!row->fits || row->fits(ui, run));
}

static bool has_key(const struct key_row *row, uint32_t key)
{
    for (size_t i = 0; i < COUNT_OF(row->keys) && key != 0; i++) {
        if (row->keys[i] == key) {
            return true;
        }
    }
    return false;
}

const struct key_row *key_find(const struct ui *ui, const struct run *run, uint32_t key)
{
    key = key_is_click(key) ? KEY_CLICK : key;
    for (size_t i = 0; i < key_row_count; i++) {
        if (has_key(&key_rows[i], key) && fits(&key_rows[i], ui, run)) {
            return &key_rows[i];
        }
    }
    return NULL;
}

/* A row further down may have given its key to another of this screen. */
static bool is_reached(const struct key_row *row, const struct ui *ui, const struct run *run)
{
    return key_find(ui, run, row->keys[0]) == row;
}

void key_name(struct strbuf *out, uint32_t key)
{
    static const struct {
        uint32_t key;
        const char *name;
    } names[] = {
        {KEY_UP_ARROW, "Up"},        {KEY_DOWN_ARROW, "Down"},
        {KEY_LEFT_ARROW, "Left"},    {KEY_RIGHT_ARROW, "Right"},
        {KEY_PAGE_UP, "PgUp"},       {KEY_PAGE_DOWN, "PgDn"},
        {KEY_HOME_KEY, "Home"},      {KEY_END_KEY, "End"},
        {KEY_BACK_TAB, "Shift-Tab"}, {KEY_F1, "F1"},
        {KEY_RETURN, "Enter"},       {KEY_TAB, "Tab"},
        {KEY_ESCAPE, "Esc"},         {' ', "Space"},
        {KEY_WHEEL_UP, "wheel"},     {KEY_WHEEL_DOWN, "wheel"},
        {KEY_CLICK, "click"},        {KEY_DELETE, "Del"},
        {KEY_INSERT, "Ins"},         {KEY_RUB, "Backspace"},
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (names[i].key == key) {
            strbuf_text(out, names[i].name);
            return;
        }
    }
    if (key > KEY_F1 && key <= KEY_F12) {
        strbuf_format(out, "F%u", key - KEY_F1 + 1);
    } else if (key < ' ') {
        strbuf_format(out, "^%c", (char)(key + '@'));
    } else if (key < KEY_RUB) {
        strbuf_format(out, "%c", (char)key);
    } else {
        strbuf_text(out, "that key");
    }
}

bool key_say(struct strbuf *out, const struct ui *ui, const struct run *run, enum intent intent)
{
    for (size_t i = 0; i < key_row_count; i++) {
        const struct key_row *row = &key_rows[i];
        if (row->intent == intent && row->footer && fits(row, ui, run)) {
            strbuf_text(out, out->len > 0 ? ", " : "");
            key_name(out, row->keys[0]);
            strbuf_format(out, " %s", row->footer);
            return true;
        }
    }
    return false;
}

/* What it would do at another moment; NULL: nothing, in this mode. */
static const char *word_elsewhere(const struct ui *ui, uint32_t key)
{
    for (size_t i = 0; i < key_row_count; i++) {
        const struct key_row *row = &key_rows[i];
        unsigned modes = row->modes != 0 ? row->modes : BROWSE;
        if ((modes & IN(ui->mode)) != 0 && has_key(row, key)) {
            return row->footer;
        }
    }
    return NULL;
}

void key_refusal(struct strbuf *out, const struct ui *ui, const struct run *run, uint32_t key,
                 int columns)
{
    const char *word = word_elsewhere(ui, key);
    key_name(out, key);
    if (word) {
        strbuf_format(out, " (%s): not now, or not here; keys:", word);
    } else {
        strbuf_text(out, " does nothing here; keys:");
    }
    for (size_t i = 0; i < key_row_count; i++) {
        const struct key_row *row = &key_rows[i];
        if (!(row->footer || row->help) || row->intent == INTENT_CLICK ||
            !is_reached(row, ui, run)) {
            continue;
        }
        struct strbuf name = {0};
        key_name(&name, row->keys[0]);
        strbuf_text(&name, row->intent == INTENT_PHASE ? "-7" : "");
        if ((int)(out->len + 1 + name.len) <= columns) {
            strbuf_format(out, " %s", name.ptr);
        }
        strbuf_release(&name);
    }
}

/* "key TAB word NEWLINE" for each that has room; leaving always has. */
void key_footer(struct strbuf *out, const struct ui *ui, const struct run *run, int columns)
{
    const struct key_row *leave = &key_rows[key_row_count - 1];
    bool may_leave = fits(leave, ui, run);
    int room = columns - (may_leave ? (int)strlen("q leave") + 2 : 0);
    for (size_t i = 0; i < key_row_count; i++) {
        const struct key_row *row = &key_rows[i];
        if (row == leave || !row->footer || !is_reached(row, ui, run)) {
            continue;
        }
        struct strbuf name = {0};
        key_name(&name, row->keys[0]);
        int width = (int)name.len + 1 + (int)strlen(row->footer) + 2;
        if (width <= room) {
            strbuf_format(out, "%s\t%s\n", name.ptr, row->footer);
            room -= width;
        }
        strbuf_release(&name);
    }
    if (may_leave) {
        strbuf_format(out, "q\t%s", leave->footer);
    }
}

void tui_each_key(tui_item item, void *ctx)
{
    for (size_t i = 0; i < key_row_count; i++) {
        const struct key_row *row = &key_rows[i];
        struct strbuf names = {0};
        for (size_t k = 0; k < COUNT_OF(row->keys) && row->keys[k] != 0; k++) {
            strbuf_text(&names, k > 0 ? ", " : "");
            key_name(&names, row->keys[k]);
        }
        if (row->help) {
            item(ctx, names.ptr, "", row->help);
        }
        strbuf_release(&names);
    }
}
