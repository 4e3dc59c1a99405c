/* SPDX-License-Identifier: PostgreSQL */
/*
 * One table of keys. Dispatch, the footer, the help overlay and the manual read it, so
 * they cannot tell different stories.
 */
#ifndef GONOGO_TUI_KEYS_H
#define GONOGO_TUI_KEYS_H

#include "base.h"

/* A key is a Unicode code point, or one of these. */
enum {
    KEY_SPECIAL = 0x110000,
    KEY_UP_ARROW,
    KEY_DOWN_ARROW,
    KEY_LEFT_ARROW,
    KEY_RIGHT_ARROW,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    KEY_HOME_KEY,
    KEY_END_KEY,
    KEY_DELETE,
    KEY_INSERT,
    KEY_BACK_TAB,
    KEY_F1,
    KEY_F12 = KEY_F1 + 11, /* those between them by their number */
    KEY_NAMELESS,          /* a key that a terminal has and we know no name of */
    KEY_WHEEL_UP,
    KEY_WHEEL_DOWN,
    KEY_PASTE_BEGIN,
    KEY_PASTE_END,
    KEY_ESCAPE = 27,
    KEY_RETURN = 13,
    KEY_TAB = 9,
    KEY_RUB = 127,
};
#define KEY_CONTROL(letter) ((letter)&31u)

/* A click of the left button; its place on the screen rides on the key, both from 0. */
#define KEY_CLICK 0x80000000u
enum {
    KEY_CLICK_BITS = 12,
    KEY_CLICK_MASK = (1 << KEY_CLICK_BITS) - 1,
};
#define KEY_CLICK_AT(row, column) (KEY_CLICK | (uint32_t)(row) << KEY_CLICK_BITS | (column))
static inline bool key_is_click(uint32_t key)
{
    return (key & KEY_CLICK) != 0;
}
static inline int key_click_row(uint32_t key)
{
    return (int)(key >> KEY_CLICK_BITS & KEY_CLICK_MASK);
}
static inline int key_click_column(uint32_t key)
{
    return (int)(key & KEY_CLICK_MASK);
}

enum intent {
    INTENT_NONE,
    /* moving */
    INTENT_DOWN,
    INTENT_UP,
    INTENT_PAGE_DOWN,
    INTENT_PAGE_UP,
    INTENT_HALF_DOWN,
    INTENT_HALF_UP,
    INTENT_FIRST,
    INTENT_LAST,
    INTENT_LEFT,
    INTENT_RIGHT,
    INTENT_NEXT_PANE,
    INTENT_PREVIOUS_PANE,
    INTENT_ZOOM,
    INTENT_CLICK, /* to the pane, the row, the answer under the pointer; takes none */
    /* where */
    INTENT_PHASE, /* digits: the screen of that phase */
    INTENT_OVERVIEW,
    INTENT_REVIEW,
    INTENT_COUNTS,
    INTENT_ROLLBACK,
    INTENT_FOLLOW, /* back to where the run is */
    /* looking */
    INTENT_OPEN, /* Enter: the whole of what the cursor stands on, or its question */
    INTENT_SEARCH,
    INTENT_SEARCH_NEXT,
    INTENT_SEARCH_PREVIOUS,
    INTENT_FILTER,
    INTENT_COPY,
    INTENT_WRITE,
    INTENT_PAUSE,
    INTENT_MOUSE,
    INTENT_HELP,
    INTENT_LOCKS,
    INTENT_MORE_OFTEN, /* the probes ask at a shorter pace; never below what is allowed */
    INTENT_LESS_OFTEN,
    INTENT_STATUS,  /* a status for chat, copied */
    INTENT_SUMMARY, /* the report in short, copied */
    INTENT_FILES,   /* of the report, with their sizes */
    /* doing */
    INTENT_ANSWER, /* what is asked now */
    INTENT_RERUN,
    INTENT_HOLD,
    INTENT_NOTE,
    INTENT_BACKUP_TAKE,
    INTENT_BACKUP_PROVE,
    INTENT_BACKUP_ATTEST,
    INTENT_CANCEL_BLOCKER,
    INTENT_TERMINATE_BLOCKER,
    INTENT_COMMAND,
    INTENT_BACK, /* Esc */
    INTENT_QUIT,
    INTENT_INTERRUPT, /* ^C */
    INTENT_SUSPEND,   /* ^Z */
    INTENT_REPAINT,
    INTENT__COUNT,
};

struct run;
struct ui;
/*
 * keys    up to three keys that do the same
 * intent
 * screens bits of enum screen where it is valid; 0 = everywhere
 * footer  word in the footer; NULL: only in help
 * help    one clause
 * fits    is it valid now; NULL: always
 * modes   bits of enum ui_mode where it is valid; 0 = MODE_BROWSE alone
 */
struct key_row {
    uint32_t keys[3];
    enum intent intent;
    unsigned screens;
    const char *footer;
    const char *help;
    bool (*fits)(const struct ui *ui, const struct run *run);
    unsigned modes;
};
extern const struct key_row key_rows[];
extern const size_t key_row_count;

/* The row that a key meets on the screen shown; NULL: it does nothing there. */
const struct key_row *key_find(const struct ui *ui, const struct run *run, uint32_t key);
/* "j", "^C", "PgDn", "Enter" … */
void key_name(struct strbuf *out, uint32_t key);
/* One line about a key that has no row now: what it is elsewhere, and which are valid here. */
void key_refusal(struct strbuf *out, const struct ui *ui, const struct run *run, uint32_t key,
                 int columns);
/* Appends ", H hold" as the footer has it, when that is valid now; false: it is not. */
bool key_say(struct strbuf *out, const struct ui *ui, const struct run *run,
             enum intent intent);
/* The keys valid now, for the last row. */
void key_footer(struct strbuf *out, const struct ui *ui, const struct run *run, int columns);

#endif
