/* SPDX-License-Identifier: PostgreSQL */
/*
 * tui: the walk on a full screen. A frame is a function of the model and of what the
 * person has done (ui.h); one file knows curses; keys become intents, intents become
 * events. The terminal can be slow, small, strange or gone, and the engine never waits
 * for it.
 */
#ifndef GONOGO_TUI_H
#define GONOGO_TUI_H

#include "base.h"
#include "engine.h"

/* How it shall look; what is AUTO is found out from locale, TERM and environment. */
struct tui_look {
    const char *theme;  /* "default", "contrast", "light", "mono"; NULL: default */
    const char *glyphs; /* "full", "linux", "ascii"; NULL: by locale, TERM and font width */
    const char *colour; /* "always", "never"; NULL or "auto": NO_COLOR and TERM decide */
    bool mouse;         /* on from the beginning */
};

/* Something that a demo can break while one looks on. */
struct tui_trouble {
    const char *name;
    const char *help; /* one line */
};

/* How an earlier run of the same bytes began. */
struct tui_earlier {
    const char *run;
    const char *target;
    int64_t at_us;
    const struct catalog_snapshot *snapshot;
};

/* What stands behind a report: the journal's records, and whether their chain holds. */
struct tui_evidence {
    uint64_t entries;
    const char *verdict; /* "intact" …; NULL: nobody has verified it */
    const char *tail;    /* hash of the newest record, 64 digits; good until asked again */
};

/* What only the shell can do. Any may be NULL; the screen says then that it cannot. */
struct tui_shell {
    void *ctx;
    int64_t (*now_us)(void); /* monotonic; needed */
    /* An open file without a name that forgets what is cut off (memfd); frames are made in it
     * so that a terminal that does not read stops nobody. -1: there is none. */
    int (*memory_file)(void);
    void (*report_text)(void *ctx, struct strbuf *out); /* report.md as it stands */
    void (*evidence)(void *ctx, struct tui_evidence *evidence);
    /* The files of the report, one a line with its size; what cannot be read is said. */
    void (*report_files)(void *ctx, struct strbuf *out);
    /* The bytes of a file of the plan, as they were read; ptr NULL: not at hand. */
    struct str (*file_text)(void *ctx, struct str path);
    /* Rows of the newest result of a check; NULL: none are kept. */
    const struct rows *(*check_rows)(void *ctx, enum check_place place, int index, int check);
    /* The members that were there at that moment of the run; NULL: they are not kept. */
    const struct catalog_snapshot *(*members)(void *ctx, enum moment moment);
    /* False: no earlier run of the same bytes is known here. */
    bool (*earlier)(void *ctx, struct tui_earlier *earlier);
    /* Puts `text` where people can take it (a file in the run directory, tmux's buffer).
     * `how` says in words where it went. */
    bool (*copy)(void *ctx, struct str text, struct strbuf *how);
    const struct tui_trouble *troubles; /* of a demo; none otherwise */
    size_t trouble_count;
    bool (*make_trouble)(void *ctx, const char *name, struct err *err);
    const char
        *leave_text; /* what becomes of an open run that is left; NULL: it can be resumed */
    void (*shown)(void *ctx, struct str bytes); /* what went to the terminal: a recording */
    void (*closed)(void *ctx); /* the terminal is given back; the run is still there */
};

struct tui_setup {
    const struct run *run;
    const char *run_id;
    const char *connection; /* redacted */
    int in_fd, out_fd;      /* both a terminal */
    bool open_rollback;     /* begin with the rollback decision */
    struct tui_look look;
    struct tui_shell shell;
};
/*
 * Takes the terminal; front->close() gives it back as it was. False (ERR_USAGE) when no
 * terminal description fits: `err` says which were tried, and --plain is the way out.
 */
bool tui_open(const struct tui_setup *setup, struct front *front, struct err *err) MUST_CHECK;
/* Gives the terminal back without allocating or waiting: for crashes. */
void tui_restore(void);

/* ------------------------------------------------------------- without a terminal */

/* The screens without a terminal, for tests and pictures: what a person would see. */
struct tui_shot;
struct tui_shot *tui_shot_new(int columns, int rows, const char *connection,
                              struct tui_look look, struct tui_shell shell);
void tui_shot_free(struct tui_shot *shot);
/* The model has moved on: as present() of a front. */
void tui_shot_see(struct tui_shot *shot, const struct run *run);
/* Keys typed one after the other, a key a code point; a second passes before them. */
void tui_shot_type(struct tui_shot *shot, const struct run *run, struct str keys);
bool tui_shot_go(struct tui_shot *shot, const struct run *run, struct str screen);
/* Plain text, one line a row; with `styles` the same again, a letter for each cell's style. */
void tui_shot_text(struct tui_shot *shot, const struct run *run, bool styles,
                   struct strbuf *out);
/* An SVG picture that needs no font beyond a monospaced one. */
void tui_shot_svg(struct tui_shot *shot, const struct run *run, struct strbuf *out);
/* Tells every key and every command behind `:` to `item`, for the manual and the help. */
typedef void (*tui_item)(void *ctx, const char *name, const char *rest, const char *help);
void tui_each_key(tui_item item, void *ctx);
void tui_each_command(tui_item item, void *ctx);

#endif
