/* SPDX-License-Identifier: PostgreSQL */
/*
 * A frame as bytes. This is the only file that knows curses and its description of the
 * terminal: it keeps what was painted last, and makes the shortest bytes that lead from
 * there to the next frame. curses writes them into a file in memory and nowhere else, so
 * that nothing here waits for the terminal. There is one painter at a time.
 */
#ifndef GONOGO_TUI_PAINTER_H
#define GONOGO_TUI_PAINTER_H

#include "glyphs.h"
#include "grid.h"
#include "theme.h"
#include "tui.h"

enum {
    PAINTER_COLUMNS_MAX = 1000, /* larger grids are not painted */
};

struct painter;
/* For the terminal that TERM names. `memory_fd` stays the caller's, is not used by anybody
 * else and outlives the painter. NULL with ERR_USAGE when no description fits. */
struct painter *painter_open(int memory_fd, const struct tui_look *look,
                             struct err *err) MUST_CHECK;
/* Writes nothing to the terminal; NULL is fine. */
void painter_close(struct painter *painter);

/* What the terminal can show. Constants of the program. */
const struct glyphs *painter_glyphs(const struct painter *painter);
const struct theme *painter_theme(const struct painter *painter);
/* One line for the operator: what was taken in place of an unknown TERM; empty: nothing. */
const char *painter_notice(const struct painter *painter);

/* The bytes of a capability by its terminfo name, "" when the terminal has none; while a
 * painter is open. They are the description's, and stay until it is closed. */
const char *painter_capability(const char *name);
/* The bytes for scrolling margins as large as the screen; good until the next call. */
struct str painter_margins(int rows);
bool painter_has_title(const struct painter *painter);

/* The next grid has this size, and is painted from scratch. */
void painter_resize(struct painter *painter, int columns, int rows);
/* The next grid is painted from scratch. */
void painter_repaint(struct painter *painter);
/* Appends what leads from the grid before to this one, which has the painter's size. */
void painter_draw(struct painter *painter, const struct grid *grid, struct strbuf *bytes);

#endif
