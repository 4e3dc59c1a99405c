/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the files of the headless front share: the front, and one question that is put to the
 * answers file.
 */
#ifndef GONOGO_FRONT_HEADLESS_PRIVATE_H
#define GONOGO_FRONT_HEADLESS_PRIVATE_H

#include "front_headless.h"
#include "front_out.h"

struct headless {
    struct front_headless_options options;
    const struct app_view *view;
    struct front_log *log;
    struct front_out text;
    struct front_out json;
    uint64_t seq;
    struct arena arena; /* as long as the front */
    struct arena scratch;
    struct str *tried; /* answers that were given; the key holds the place, too */
    size_t tried_count, tried_capacity;
    uint64_t decided; /* run->events at the last decision */
    bool pending;     /* something may be asked: decide at once */
    bool leaving;
    enum state left_in;
    int64_t idle_since_us; /* monotonic; POLL without a question */
    struct str who;        /* for what the file says */
    struct str operator;   /* for what the command line says */
};

/* What a decision needs. */
struct question {
    struct headless *front;
    const struct run *run;
    const struct ask *ask;
    const struct answers *answers;
    struct event event;
};

/* What became of a question. */
enum reply {
    REPLY_EVENT,   /* `event` answers it */
    REPLY_MISSING, /* it needs an answer that the file does not have */
    REPLY_PASS,    /* it may stay open */
    REPLY_LEAVE,   /* the answers say: stop here; said already */
};

/*
 * answer         what the file says to a question of that kind
 * before, after  how the answer is given, around the question's id, for people
 */
struct headless_answer {
    enum reply (*answer)(struct question *question);
    const char *before;
    const char *after;
};
extern const struct headless_answer headless_answers[ASK__COUNT];

/* A line of the log, about answers. */
void headless_say(struct headless *front, const struct run *run, const char *format, ...)
    PRINTF_LIKE(3, 4);

#endif
