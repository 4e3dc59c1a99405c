/* SPDX-License-Identifier: PostgreSQL */
/*
 * The front without a person: an answers file answers, a log tells what happens.
 *
 * It emits the event that an open question asks for when the answers have one, with
 * who = "NAME by file" and flag = claim. A needed answer that is missing, a HOLD, and
 * a guarded target all mean: say so, and leave (exit 6 unless something worse is true).
 * It never goes on from a HOLD and never invents an answer.
 */
#ifndef GONOGO_FRONT_HEADLESS_H
#define GONOGO_FRONT_HEADLESS_H

#include "app.h"
#include "front.h"
#include "plan_answers.h"

struct front_headless_options {
    const struct answers *answers; /* outlives the run; NULL: nothing is answered */
    const char *who;               /* --as; NULL: the answers' `as`, else the operator */
    int log_fd;                    /* text: one line per change; -1: none */
    int json_fd;                   /* JSON Lines; -1: none */
    bool open_rollback;            /* `gonogo rollback`: begin with the rollback decision */
    struct front_cast *cast;       /* of the log; NULL: no recording */
    struct front_ending *ending;   /* filled when the front is closed; may be NULL */
};
/* An app_front_open; `ctx` is a struct front_headless_options. */
bool front_headless_open(void *ctx, const struct app_view *view, struct front *front,
                         struct err *err);

#endif
