/* SPDX-License-Identifier: PostgreSQL */
/*
 * The signs of the screens in three sets: full, Linux console, ASCII. A sign never
 * stands alone: beside it is a word and a colour, so that none of the three has to be
 * seen to be understood.
 */
#ifndef GONOGO_TUI_GLYPHS_H
#define GONOGO_TUI_GLYPHS_H

#include "grid.h"

enum glyph {
    GLYPH_GOOD,    /* GO, pass, done */
    GLYPH_BAD,     /* NO-GO, fail */
    GLYPH_HOLD,    /* HOLD, a person is needed */
    GLYPH_WARN,    /* a warning, a finding */
    GLYPH_RUNNING, /* at work */
    GLYPH_NOT_YET,
    GLYPH_UNKNOWN,  /* claimed, unproven, no data */
    GLYPH_RULE,     /* horizontal line */
    GLYPH_WALL,     /* vertical line */
    GLYPH_BRANCH,   /* a tree's last child: "└─" */
    GLYPH_FULL,     /* filled part of a bar */
    GLYPH_EMPTY,    /* the rest of it */
    GLYPH_MARK,     /* planned point on a bar */
    GLYPH_MORE,     /* "more below" */
    GLYPH_CUT,      /* end of a text that was cut */
    GLYPH_DOT,      /* between two facts: " · " */
    GLYPH_DASH,     /* a range, a pause: "→" */
    GLYPH_TOP_LEFT, /* corners of a box */
    GLYPH_TOP_RIGHT,
    GLYPH_BOTTOM_LEFT,
    GLYPH_BOTTOM_RIGHT,
    GLYPH__COUNT,
};

struct glyphs {
    const char *word; /* "full", "linux", "ascii" */
    bool ascii;       /* sparklines, too */
    int sign_columns; /* width of the seven state signs: 1, ASCII 2 */
    const char *text[GLYPH__COUNT];
};
extern const struct glyphs glyphs_full;
extern const struct glyphs glyphs_linux;
extern const struct glyphs glyphs_ascii;

/* The style that goes with a state sign. */
enum style glyph_style(enum glyph glyph);

#endif
