/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the three files of the plain prompts share: the front itself, its dialog, and
 * the tables of forms and commands.
 */
#ifndef GONOGO_FRONT_PLAIN_PRIVATE_H
#define GONOGO_FRONT_PLAIN_PRIVATE_H

#include "front_lines.h"
#include "front_out.h"
#include "front_plain.h"

enum {
    PLAIN_COLUMNS = 80, /* where the width is not known */
    PLAIN_COLUMNS_MIN = 40,
    PLAIN_COLUMNS_MAX = 120, /* longer lines are not read */
    LOG_KEPT = 40,
};

/* An open question with a number that is never used again: a list that changes under the
 * fingers must not change what a number means. */
struct numbered {
    int number;
    struct ask ask;
};

struct dialog {
    bool open;
    int number; /* of the question; 0 = a command */
    struct front_answer answer;
};

struct plain {
    struct front_plain_options options;
    const struct app_view *view;
    struct front_log *log;
    struct front_out out;
    struct front_lines lines;
    int64_t watch_due_us; /* monotonic: when the watch is told of again */
    int columns;          /* of the terminal, as it is now */
    bool echoes;          /* what is typed stands on the terminal */
    struct arena scratch;
    struct arena asked; /* texts of `questions` */
    struct numbered questions[ASKS_MAX];
    size_t question_count;
    int numbers; /* the newest number */
    enum state shown_state;
    enum phase shown_phase;
    struct dialog dialog;
    struct strbuf kept[LOG_KEPT]; /* newest log lines, a ring */
    size_t kept_count;
    bool at_prompt; /* the cursor stands behind a prompt */
    bool prompt_due;
    bool sent; /* an event is on its way: what it changes comes before the next prompt */
    int64_t armed_until_us; /* monotonic; ^C or cancel once more before then cancels */
    bool leaving;
    bool hold_sent;
    enum state left_in;
    bool rollback_wanted;
    bool pending; /* call ready() at once */
};

/* Appends to the screen; begins a new line when a prompt stands there. */
void plain_add(struct plain *plain, struct str text);
/* One sanitised line, wrapped. */
void plain_say(struct plain *plain, const char *format, ...) PRINTF_LIKE(2, 3);
void plain_questions(struct plain *plain, bool all);
void plain_status(struct plain *plain, const struct run *run);

/* forms */
void plain_dialog_begin(struct plain *plain, const struct run *run, int number,
                        const struct ask *ask);
/* A command's form by its word; `id` and pid go into the event. */
void plain_dialog_command(struct plain *plain, const char *word, struct str id,
                          const struct event *event);
void plain_dialog_line(struct plain *plain, const struct run *run, struct str line,
                       const struct front_events *events);
void plain_dialog_cancel(struct plain *plain, const char *why);
/* "name of the database: " */
void plain_dialog_prompt(struct plain *plain, struct strbuf *out);

/* commands */
void plain_command(struct plain *plain, const struct run *run, struct str line,
                   const struct front_events *events);
void plain_cancel(struct plain *plain, const struct run *run,
                  const struct front_events *events);

#endif
