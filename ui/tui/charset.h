/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the locale's character set can show, and how wide the C library, and with it
 * curses, thinks that it is. LC_CTYPE is the program's only locale category.
 */
#ifndef GONOGO_TUI_CHARSET_H
#define GONOGO_TUI_CHARSET_H

#include "glyphs.h"

#include <wchar.h>

enum {
    CELL_CHARACTERS = 6, /* a character, its marks, and the end: what a curses cell holds */
};

/*
 * Takes LC_CTYPE from the environment and the set of signs that fits it. `wish` NULL: found
 * out; a wish for signs beyond ASCII brings a UTF-8 locale with it. A set of which one sign
 * is not one column wide here is not taken.
 */
const struct glyphs *charset_glyphs(const char *wish, bool linux_console);
/*
 * The characters of a cell, ended by 0. False when they cannot be shown here, or the C
 * library counts other columns for them than we do.
 */
bool charset_cell(const struct grid_cell *cell, wchar_t text[CELL_CHARACTERS]);

#endif
