/* SPDX-License-Identifier: PostgreSQL */
/*
 * Lines that people type, without ever waiting for one. The terminal stays in canonical
 * mode, so a line arrives whole; a pipe may bring it in pieces.
 */
#ifndef GONOGO_FRONT_LINES_H
#define GONOGO_FRONT_LINES_H

#include "base.h"

enum front_line {
    FRONT_LINE,      /* a line is in `line` */
    FRONT_LINE_NONE, /* nothing whole yet */
    FRONT_LINE_BAD,  /* a line that is no UTF-8, or too long: thrown away */
    FRONT_LINE_END,  /* the end of input, or the terminal is gone */
};
struct front_lines {
    int fd;
    bool ended;
    bool overlong; /* the rest of this line is thrown away */
    struct strbuf buffer;
};
void front_lines_init(struct front_lines *lines, int fd);
void front_lines_release(struct front_lines *lines);
/* Reads what is there without waiting; to be called when poll() says so. */
void front_lines_read(struct front_lines *lines);
/* Is there input that was not read yet? Never waits. */
bool front_lines_waiting(const struct front_lines *lines);
/* The next line, trimmed, in the arena. */
enum front_line front_lines_next(struct front_lines *lines, struct arena *arena,
                                 struct str *line);
/* Throws away what was typed and not taken yet, in our buffer and in the terminal's. */
void front_lines_drop(struct front_lines *lines);

#endif
