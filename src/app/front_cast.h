/* SPDX-License-Identifier: PostgreSQL */
/*
 * A recording of what was on the terminal, as asciicast version 2: a header line, then
 * one line [seconds, "o", text] a piece of output. What is recorded was sanitised and
 * redacted before it was shown; passwords are asked for on another way and never come
 * here. A recording that cannot be written ends; the run goes on.
 */
#ifndef GONOGO_FRONT_CAST_H
#define GONOGO_FRONT_CAST_H

#include "base.h"

struct front_cast;
/*
 * A new file, mode 0600; one that exists is refused. `columns` and `rows` of the terminal,
 * 0: not known, 80x24 then. `title` as it stands in the header.
 */
struct front_cast *front_cast_open(const char *path, int columns, int rows, const char *title,
                                   struct err *err) MUST_CHECK;
/* Text as it was shown. NULL is no recording. */
void front_cast_add(struct front_cast *cast, struct str text);
/* False when it could not be written to its end; `err` says why. NULL is fine. */
bool front_cast_close(struct front_cast *cast, struct err *err);

#endif
