/* SPDX-License-Identifier: PostgreSQL */
/*
 * What a person has done to the screens: where they look, what the cursor stands on,
 * what they have typed. The screen is a function of the model and of this.
 *
 * ui_key() turns a key into a change of this state, or into an event for the engine;
 * ui_present() rebuilds the page from the model unless it is frozen; view_draw() draws.
 * None of them waits, reads a clock or knows a terminal: time and keys come in, and
 * what only a terminal or the shell can do leaves as a wish.
 */
#ifndef GONOGO_TUI_UI_H
#define GONOGO_TUI_UI_H

#include "engine.h"
#include "front.h"
#include "keys.h"
#include "page.h"
#include "theme.h"
#include "tui.h"

enum screen {
    SCREEN_OVERVIEW,
    SCREEN_REVIEW,
    SCREEN_BACKUP,
    SCREEN_POLL,
    SCREEN_MIGRATE,
    SCREEN_VERIFY,
    SCREEN_COUNTS, /* before / after */
    SCREEN_MONITOR,
    SCREEN_ROLLBACK,
    SCREEN_REPORT,
    SCREEN_DOUBT,
    SCREEN__COUNT,
};

/* Where keys go. */
enum ui_mode {
    MODE_BROWSE,
    MODE_QUESTIONS, /* a list of what is asked now */
    MODE_FORM,      /* one question or command is being answered */
    MODE_QUIT,      /* stay, detach or abandon */
    MODE_SEARCH,
    MODE_FILTER,
    MODE_COMMAND,
    MODE_HELP,
    MODE_TEXT, /* the whole text of what the cursor stood on */
};

enum {
    INPUT_MAX = 256,
    LOG_MAX = 2000, /* entries kept for the screen; the record keeps all */
};

/* One line of typed text, whole characters only. */
struct input {
    char text[INPUT_MAX];
    size_t len;
    size_t cursor; /* byte offset, at a character */
    bool chosen;   /* all of it: what is typed next replaces it, a movement keeps it */
};

/* A name that was typed here, for which role and in what kind of answer. */
struct typed_name {
    char who[INPUT_MAX];
    char role[INPUT_MAX]; /* empty: for none */
    enum event_kind kind; /* of the answer */
};
enum {
    NAMES_MAX = 8
};

struct pane_state {
    struct subject cursor; /* SUBJECT_NONE: the first row */
    int top;               /* first scrolled line that is drawn */
    int offset;            /* of the cursor below `top`: kept when lines come and go above it */
    int left;              /* columns scrolled to the right */
    bool scrolled;         /* a person moved: the pane no longer follows by itself */
    char filter[INPUT_MAX]; /* empty: none */
};

struct log_entry {
    int64_t at_us;
    const char *source; /* static text, or in `text`'s allocation */
    char *text;         /* owned; sanitised */
};

/* The dialog that is open, beside its answer. */
struct dialog {
    const char *title;
    enum state asked_in; /* the run's state when it opened */
    bool grave;          /* a big box: it cannot be taken back */
    const struct front_form *forms[FORMS_MAX];
    size_t form_count;
    struct str typed[FORM_FIELDS]; /* by field; in the answer's arena */
    char error[ERR_TEXT_MAX];      /* why the last line was not taken; empty: none */
    int top;                       /* first line of its text in sight */
    bool from_list;                /* it was opened from the list, and leads back there */
};

/* The list of questions opens again when the answer has arrived in the model. */
struct again {
    bool wanted;
    uint64_t events;  /* of the model when the answer was sent */
    enum state state; /* … and where it stood: elsewhere other things are asked */
    int choice;
};

enum {
    HISTORY_MAX = 50
};
/* The line behind `:`. */
struct command_line {
    char history[HISTORY_MAX][INPUT_MAX]; /* a ring */
    size_t count;                         /* all that ever came */
    size_t back;                          /* how many lines up one has gone */
    char typed[INPUT_MAX];                /* what Tab completes; empty: it was not pressed */
    int candidate;                        /* the one that is shown */
    bool completing;
};

/* What the shell or the terminal shall do; the front takes them after each key. */
enum wish {
    WISH_NONE = 0,
    WISH_COPY = 1 << 0, /* ui->wish_text to the clipboard and a file */
    WISH_BELL = 1 << 1,
    WISH_SUSPEND = 1 << 2,
    WISH_REPAINT = 1 << 3, /* from scratch */
    WISH_MOUSE = 1 << 4,   /* ui->mouse has changed */
    WISH_CLOSE = 1 << 5,   /* nothing is left to do here */
    WISH_WRITE = 1 << 6,   /* ui->wish_text to a file */
    WISH_DROP = 1 << 7,    /* throw away what was typed and not read yet */
};

/* Things that only the shell knows; any may be NULL: the screen then says so. */
struct ui_sources {
    void *ctx;
    void (*report_text)(void *ctx, struct strbuf *out); /* report.md as it stands */
    void (*evidence)(void *ctx, struct tui_evidence *evidence);
    void (*report_files)(void *ctx, struct strbuf *out);
    /* The bytes of a file of the plan, as they were read; ptr NULL: not at hand. */
    struct str (*file_text)(void *ctx, struct str path);
    /* Rows of the newest result of a check; NULL: none are kept. */
    const struct rows *(*check_rows)(void *ctx, enum check_place place, int index, int check);
    const struct catalog_snapshot *(*members)(void *ctx, enum moment moment);
    bool (*earlier)(void *ctx, struct tui_earlier *earlier);
    const struct tui_trouble *troubles; /* what a demo can break; none otherwise */
    size_t trouble_count;
    bool (*make_trouble)(void *ctx, const char *name, struct err *err);
    const char *leave_text; /* NULL: it can be resumed */
};

struct ui {
    /* what it was opened with */
    const char *connection; /* redacted */
    const char *run_id;
    struct ui_sources sources;
    const struct glyphs *glyphs;
    const struct theme *theme;
    int columns, rows;

    /* where one looks */
    enum screen screen;
    bool follows; /* the screen goes with the phase */
    enum state shown_state;
    enum pane_id focus[SCREEN__COUNT];
    uint64_t focused[SCREEN__COUNT][PANE__COUNT]; /* number of the last time; 0: never */
    uint64_t focus_count;
    int leaf[SCREEN__COUNT]; /* small screen: 0 = MAIN panes, then each other one */
    bool zoomed;
    struct pane_state panes[SCREEN__COUNT][PANE__COUNT];
    struct page page;
    int64_t page_us; /* of the run: when the page was built */
    bool paused;
    int64_t paused_us; /* monotonic: since then */
    bool mouse;

    /* what is being typed */
    enum ui_mode mode;
    enum ui_mode under; /* what a typed line lies over: MODE_BROWSE, MODE_TEXT or MODE_HELP */
    int64_t opened_us;  /* monotonic: when the dialog opened */
    struct input input;
    char search[INPUT_MAX]; /* the last one that was looked for */
    char search_before[INPUT_MAX];
    struct pane_state found_from; /* where the search began: Esc leads back there */
    struct command_line command;
    struct front_answer answer;
    struct dialog dialog;
    struct again again;
    struct typed_name names[NAMES_MAX]; /* newest first */
    size_t name_count;
    struct ask asks[ASKS_MAX]; /* what is asked now; texts in `asked` */
    size_t ask_count;
    struct arena asked;
    int choice; /* of a list in a dialog */
    bool pasting;
    int64_t pasted_us;         /* monotonic: when the last key of it came */
    struct page overlay;       /* MODE_HELP, MODE_TEXT: a page of its own, one pane */
    struct subject overlay_of; /* MODE_TEXT: what it tells about */
    bool overlay_is_line;      /* … and it is only a line of the page, in its whole length */
    enum pane_id overlay_pane; /* … of that pane */
    uint64_t overlay_events;   /* of the model, when it was built */
    int64_t overlay_us;        /* of the run, then */
    bool overlay_gone;         /* what it tells about is not there any more */
    struct pane_state overlay_state;

    /* what is said */
    char message[ERR_TEXT_MAX];
    enum style message_style;
    int64_t message_until_us; /* monotonic */
    int64_t armed_until_us;   /* ^C once more before then cancels */

    /* leaving */
    bool leaving;
    enum state left_in;
    bool hold_sent;
    bool over; /* the run has ended: q closes */

    struct front_log *log;
    struct log_entry entries[LOG_MAX]; /* a ring */
    uint64_t entry_count;              /* all that ever came */

    int64_t now_us; /* monotonic, of the last key or present */
    unsigned wishes;
    struct strbuf wish_text;
    struct str wish_name; /* what is copied, in words */
};

struct ui_sources ui_sources_of(const struct tui_shell *shell);
void ui_init(struct ui *ui, int columns, int rows);
void ui_release(struct ui *ui);
void ui_resize(struct ui *ui, int columns, int rows);

/* The model changed or time passed: questions, log, page. `now_us` is monotonic. */
void ui_present(struct ui *ui, const struct run *run, int64_t now_us);
/* One key; events go to the engine, wishes stay in ui->wishes. */
void ui_key(struct ui *ui, const struct run *run, uint32_t key, int64_t now_us,
            const struct front_events *events);

/* One line for the operator, for some seconds. */
void ui_say(struct ui *ui, enum style style, const char *format, ...) PRINTF_LIKE(3, 4);

/* The screen where a state is worked on, and its digit's word. */
enum screen screen_of(const struct run *run);
/* name   in `:goto`, help and file names
 * title  on the screen
 * build  fills the page from the model; reads `ui` for cursors only */
struct screen_row {
    const char *name;
    const char *title;
    void (*build)(struct page *page, const struct run *run, const struct ui *ui);
};
extern const struct screen_row screens[SCREEN__COUNT];

void build_overview(struct page *page, const struct run *run, const struct ui *ui);
void build_review(struct page *page, const struct run *run, const struct ui *ui);
void build_backup(struct page *page, const struct run *run, const struct ui *ui);
void build_poll(struct page *page, const struct run *run, const struct ui *ui);
void build_migrate(struct page *page, const struct run *run, const struct ui *ui);
void build_verify(struct page *page, const struct run *run, const struct ui *ui);
void build_counts(struct page *page, const struct run *run, const struct ui *ui);
void build_monitor(struct page *page, const struct run *run, const struct ui *ui);
void build_rollback(struct page *page, const struct run *run, const struct ui *ui);
void build_report(struct page *page, const struct run *run, const struct ui *ui);
void build_doubt(struct page *page, const struct run *run, const struct ui *ui);

/* The subject under the cursor of a pane of the screen shown; kind NONE: nothing. */
struct subject ui_cursor(const struct ui *ui, enum pane_id pane);

/* The whole frame, chrome and dialogs included, from ui->page and the model. */
void view_draw(const struct run *run, const struct ui *ui, struct grid *grid);

#endif
