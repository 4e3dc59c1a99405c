/* SPDX-License-Identifier: PostgreSQL */
/*
 * A page is what one screen has to say, before it is laid out: panes of lines, lines of
 * spans. Each screen only builds its page from the model; layout, scrolling, search,
 * filter, zoom, cursor and painting are the same for all of them (layout.c, paint.c).
 *
 * All text of a page is sanitised and copied into its arena as it enters, so a page
 * stays good while the model moves on: a dialog or a pause freezes it by keeping it.
 */
#ifndef GONOGO_TUI_PAGE_H
#define GONOGO_TUI_PAGE_H

#include "glyphs.h"
#include "grid.h"

/* What a line is about. The cursor stays on its subject, however the lines move. */
enum subject_kind {
    SUBJECT_NONE,
    SUBJECT_ASK,       /* a = enum ask_kind, b = hash of its id */
    SUBJECT_ITEM,      /* a = index into run->items */
    SUBJECT_BACKUP,    /* a = index into run->backups */
    SUBJECT_ROLE,      /* a = index into plan->roles */
    SUBJECT_VOTE,      /* a = index into run->votes */
    SUBJECT_SCRIPT,    /* a = index into run->scripts */
    SUBJECT_STATEMENT, /* a = script, b = statement */
    SUBJECT_CHECK,     /* a = enum check_place << 16 | set or script, b = check */
    SUBJECT_SET,       /* a = index into run->sets */
    SUBJECT_COUNT,     /* a = index into run->counts */
    SUBJECT_CHANGE,    /* a = enum moment, b = index into its changes */
    SUBJECT_MEMBER,    /* a = enum moment, below 0: of the earlier run; b = index */
    SUBJECT_TABLE,     /* a = index: a table with rows or writes */
    SUBJECT_PROBE,     /* a = index into run->probes */
    SUBJECT_NEWS,      /* a = hash of the id of one of run->workload.news */
    SUBJECT_LOAD,      /* a = hash of the id of one of run->workload.loads */
    SUBJECT_BLOCKER,   /* a = pid, b = backend_start_us */
    SUBJECT_OPTION,    /* a = index into run->options */
    SUBJECT_CARD,      /* a = index into plan->emergency */
    SUBJECT_CRITERION, /* a = index into run->criteria */
    SUBJECT_SLOT,      /* a = index into run->slots */
    SUBJECT_LOG,       /* a = number of the entry */
    SUBJECT_TEXT,      /* a = number of a line of text */
    SUBJECT_KEY,       /* a = number of a row of the key table */
};
struct subject {
    enum subject_kind kind;
    int64_t a, b;
};
bool subject_same(struct subject a, struct subject b);

/* Where a pane stands. On a small screen MAIN panes share the body, each other is a page. */
enum pane_place {
    PANE_MAIN,
    PANE_RIGHT,
    PANE_BOTTOM,
};

/* Panes keep their cursor and scroll by their id; ids are unique within a screen. */
enum pane_id {
    PANE_A,
    PANE_B,
    PANE_C,
    PANE_D,
    PANE_E,
    PANE_F,
    PANE_G,
    PANE_H,
    PANE_LOG, /* the log, wherever it stands */
    PANE__COUNT,
};

struct span {
    int column;
    enum style style;
    unsigned marks;
    struct str text;  /* sanitised */
    struct str whole; /* what `text` was cut from; empty: it was not cut */
};

struct page;
struct line {
    struct page *page;
    struct span *spans;
    size_t count, capacity;
    int end; /* column behind the last span */
    struct subject subject;
    bool pinned;     /* a heading: neither scrolled away nor filtered out */
    struct str copy; /* what `y` takes; empty: the line as it is drawn */
};

struct pane {
    struct page *page;
    enum pane_id id;
    enum pane_place place;
    struct str title; /* empty: no rule above it */
    struct str note;  /* at the right end of the rule */
    bool note_warns;  /* a person should read it */
    int width;        /* columns that lines should keep to; the last one stays free */
    int least;        /* lines that it needs to make sense */
    bool grows;       /* takes what room is left */
    bool follows;     /* stays at its end until a person scrolls */
    int wanted;       /* index of the line to keep in sight until a person moves; -1: none */
    struct line *lines;
    size_t count, capacity;
};

enum {
    PANES_MAX = 12,
    WIDE_COLUMNS = 120,
    WIDE_ROWS = 40,
    RIGHT_COLUMNS = 48,
    BOTTOM_ROWS = 8,
    CHROME_ROWS = 6, /* identity, rail, rule, rule, NEXT, keys */
    BODY_ROW = 3,    /* of the screen: the first below the upper three of them */
    SMALL_COLUMNS = 80,
    SMALL_ROWS = 24,
};

/* `= {0}` is empty. */
struct page {
    struct arena arena;
    const struct glyphs *glyphs;
    int columns, rows;  /* of the whole screen */
    bool wide;          /* room for panes beside each other */
    enum pane_id whole; /* it has the width of the screen to itself; PANE__COUNT: none */
    struct pane panes[PANES_MAX];
    size_t count;
};

/* An empty page for a screen of that size; the arena is cleared. */
void page_begin(struct page *page, const struct glyphs *glyphs, int columns, int rows);
void page_release(struct page *page);
/* `to` becomes what `from` is; `from` is empty then. */
void page_move(struct page *to, struct page *from);

/* Columns of the panes at the right of a wide screen: they get half of what is more than 120.
 */
int page_right_columns(const struct page *page);

/* The columns of a list whose numbers belong to words at its left: no more than `most`, so that
 * the eye finds from one to the other on any screen. */
int pane_columns(const struct pane *pane, int most);

/* One more pane; lines of earlier panes stay good. `title` NULL: no rule above it. */
struct pane *page_pane(struct page *page, enum pane_id id, enum pane_place place,
                       const char *title);
void pane_note(struct pane *pane, const char *format, ...) PRINTF_LIKE(2, 3);

/* A line to look at, and a line that the cursor can stand on. Good until the next of the pane.
 */
struct line *pane_line(struct pane *pane);
struct line *pane_row(struct pane *pane, enum subject_kind kind, int64_t a, int64_t b);
/* A pinned heading, dim. */
struct line *pane_head(struct pane *pane);
/* Lines of wrapped text, indented by `column`. */
void pane_text(struct pane *pane, int column, enum style style, struct str text);

/* The same for a text of ours, which begins on the line `first`, the last one of the pane. */
void pane_beside(struct pane *pane, struct line *first, int column, enum style style,
                 struct str text);

/* Text at a column. */
void line_at(struct line *line, int column, enum style style, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* Text that ends before a column: numbers. */
void line_end(struct line *line, int end, enum style style, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* Text behind what is there. */
void line_add(struct line *line, enum style style, const char *format, ...) PRINTF_LIKE(3, 4);
/* Foreign text at a column in at most `width` columns; what is cut ends with "…". */
void line_fit(struct line *line, int column, int width, enum style style, struct str text);
/* A glyph in its style, at a column. */
void line_glyph(struct line *line, int column, enum glyph glyph);
/* A bar of `width` columns: filled up to `value` of `total`, a mark at `mark` (< 0: none). */
void line_bar(struct line *line, int column, int width, int64_t value, int64_t total,
              int64_t mark);
/* What `y` takes of this line. */
void line_copy(struct line *line, struct str text);

/* All text of a line, what was cut off included: search, filter and `y` see it. In `arena`. */
struct str line_plain(const struct line *line, struct arena *arena);

#endif
