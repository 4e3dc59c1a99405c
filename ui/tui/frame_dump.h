/* SPDX-License-Identifier: PostgreSQL */
/*
 * A frame as text, for golden files, and as an SVG picture.
 */
#ifndef GONOGO_TUI_FRAME_DUMP_H
#define GONOGO_TUI_FRAME_DUMP_H

#include "grid.h"
#include "theme.h"

/* One line a row, blanks at the end cut off. */
void frame_text(const struct grid *grid, struct strbuf *out);
/* The same rows with a letter for each cell's style: '.' normal, 'd' dim … upper case:
 * selected. */
void frame_styles(const struct grid *grid, struct strbuf *out);
/* On a dark ground, or a light one for the light theme. */
void frame_svg(const struct grid *grid, const struct theme *theme, struct strbuf *out);

#endif
