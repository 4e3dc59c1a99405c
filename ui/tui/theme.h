/* SPDX-License-Identifier: PostgreSQL */
/*
 * How a style looks: colours of 256 and of 16, and attributes. The terminal's own
 * background stays; no pure white, no dark blue; dim is a grey, because some terminals
 * know no dim attribute. Red and green are never the only difference.
 */
#ifndef GONOGO_TUI_THEME_H
#define GONOGO_TUI_THEME_H

#include "grid.h"

enum {
    LOOK_BOLD = 1 << 0,
    LOOK_UNDERLINE = 1 << 1,
    LOOK_REVERSE = 1 << 2,
};

/* -1: the terminal's own. */
struct look_of {
    int16_t ink256, paper256;
    int16_t ink16, paper16;
    unsigned attributes; /* LOOK_… with colours */
    unsigned mono;       /* LOOK_… without */
};

struct theme {
    const char *word; /* "default", "contrast", "light", "mono" */
    bool colours;
    struct look_of looks[STYLE__COUNT];
    struct look_of selected; /* ink -1: the style's own stays */
    /* Of 256, for styles whose own ink is too near the paper of `selected`; 0: it is not. */
    int16_t selected_inks[STYLE__COUNT];
    struct look_of hit;
};
extern const struct theme theme_default;
extern const struct theme theme_contrast;
extern const struct theme theme_light;
extern const struct theme theme_mono;
/* By its word; NULL: there is none. */
const struct theme *theme_find(const char *word);

/* A cell as it is to be shown with 256, 16 or no (0) colours. */
struct shown {
    int ink, paper; /* -1: the terminal's own */
    unsigned attributes;
};
struct shown theme_cell(const struct theme *theme, const struct grid_cell *cell, int colours);

#endif
