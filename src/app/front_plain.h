/* SPDX-License-Identifier: PostgreSQL */
/*
 * The front for a person on any terminal: lines and numbered prompts, no redraw, no
 * escape sequences, 80 columns. It reads lines; the terminal stays in canonical mode.
 */
#ifndef GONOGO_FRONT_PLAIN_H
#define GONOGO_FRONT_PLAIN_H

#include "app.h"
#include "front.h"

struct front_plain_options {
    int in_fd;
    int out_fd;
    bool open_rollback;          /* `gonogo rollback`: begin with the rollback decision */
    struct front_cast *cast;     /* NULL: no recording */
    struct front_ending *ending; /* filled when the front is closed; may be NULL */
};
/* An app_front_open; `ctx` is a struct front_plain_options. */
bool front_plain_open(void *ctx, const struct app_view *view, struct front *front,
                      struct err *err);

#endif
