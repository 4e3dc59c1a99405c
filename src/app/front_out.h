/* SPDX-License-Identifier: PostgreSQL */
/*
 * Lines for people or programs on a descriptor that may be slow: a terminal whose
 * reader has stopped must never stop the engine. What cannot be written now is
 * kept and tried again; beyond a cap the oldest lines are dropped, and it is said so.
 */
#ifndef GONOGO_FRONT_OUT_H
#define GONOGO_FRONT_OUT_H

#include "base.h"
#include "front_cast.h"

struct front_out {
    int fd;   /* -1: nothing is written any more */
    bool own; /* fd was opened by us: a terminal, opened again without blocking */
    struct strbuf pending;
    size_t dropped;          /* bytes */
    struct front_cast *cast; /* gets what is added; NULL: none. Borrowed */
};
/* Borrows `fd`; a terminal is opened a second time, so that its own state stays as it is. */
void front_out_init(struct front_out *out, int fd, struct front_cast *cast);
void front_out_add(struct front_out *out, struct str text);
void front_out_format(struct front_out *out, const char *format, ...) PRINTF_LIKE(2, 3);
/* Writes what can be written without waiting; true when nothing is left. */
bool front_out_flush(struct front_out *out);
/* Nobody reads any more: what is kept and what comes is thrown away. */
void front_out_abandon(struct front_out *out);
/* Waits at most a second for a slow reader, then lets go. */
void front_out_release_blocking(struct front_out *out);

#endif
