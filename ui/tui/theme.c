/* SPDX-License-Identifier: PostgreSQL */
/*
 * Four themes. The colours are chosen for people who see red and green alike: blue-green
 * for good, vermilion for bad, amber for a person, sky for running; each also has its
 * sign and its word.
 */
#include "theme.h"

#include <string.h>

enum {
    OWN = -1, /* the terminal's own colour */
    BLACK16 = 0,
    RED16 = 1,
    GREEN16 = 2,
    YELLOW16 = 3,
    BLUE16 = 4,
    CYAN16 = 6,
    WHITE16 = 7,
    GREY16 = 8,
    BRIGHT_BLUE16 = 12,
};

/* Without colours every theme looks alike. */
#define MONO_GOOD    0
#define MONO_BAD     (LOOK_REVERSE | LOOK_BOLD)
#define MONO_HOLD    (LOOK_BOLD | LOOK_UNDERLINE)
#define MONO_WARN    LOOK_BOLD
#define MONO_RUNNING LOOK_BOLD
#define MONO_UNKNOWN LOOK_UNDERLINE

/* clang-format off */
const struct theme theme_default = {
    .word = "default",
    .colours = true,
    .looks = {
        [STYLE_NORMAL]  = {OWN, OWN, OWN, OWN, 0, 0},
        [STYLE_DIM]     = {245, OWN, GREY16, OWN, 0, 0},
        [STYLE_BOLD]    = {OWN, OWN, OWN, OWN, LOOK_BOLD, LOOK_BOLD},
        [STYLE_GOOD]    = {36, OWN, CYAN16, OWN, 0, MONO_GOOD},
        [STYLE_BAD]     = {202, OWN, RED16, OWN, LOOK_BOLD, MONO_BAD},
        [STYLE_HOLD]    = {214, OWN, YELLOW16, OWN, LOOK_BOLD, MONO_HOLD},
        [STYLE_WARN]    = {214, OWN, YELLOW16, OWN, 0, MONO_WARN},
        [STYLE_RUNNING] = {39, OWN, BRIGHT_BLUE16, OWN, LOOK_BOLD, MONO_RUNNING},
        [STYLE_UNKNOWN] = {214, OWN, YELLOW16, OWN, 0, MONO_UNKNOWN},
        [STYLE_RULE]    = {240, OWN, GREY16, OWN, 0, 0},
        [STYLE_KEY]     = {39, OWN, BRIGHT_BLUE16, OWN, LOOK_BOLD, LOOK_BOLD},
        [STYLE_INPUT]   = {OWN, 238, OWN, OWN, LOOK_UNDERLINE, LOOK_UNDERLINE},
        [STYLE_BADGE_PRODUCTION] = {232, 202, BLACK16, RED16, LOOK_BOLD, LOOK_REVERSE | LOOK_BOLD},
        [STYLE_BADGE_STAGING]    = {232, 214, BLACK16, YELLOW16, LOOK_BOLD, LOOK_REVERSE | LOOK_BOLD},
        [STYLE_BADGE_OTHER]      = {232, 36, BLACK16, CYAN16, LOOK_BOLD, LOOK_REVERSE | LOOK_BOLD},
    },
    .selected = {OWN, 237, OWN, OWN, LOOK_REVERSE, LOOK_REVERSE},
    .selected_inks = {[STYLE_GOOD] = 43, [STYLE_BAD] = 208},
    .hit = {232, 214, BLACK16, YELLOW16, 0, LOOK_REVERSE},
};

const struct theme theme_contrast = {
    .word = "contrast",
    .colours = true,
    .looks = {
        [STYLE_NORMAL]  = {OWN, OWN, OWN, OWN, 0, 0},
        [STYLE_DIM]     = {250, OWN, OWN, OWN, 0, 0},
        [STYLE_BOLD]    = {OWN, OWN, OWN, OWN, LOOK_BOLD, LOOK_BOLD},
        [STYLE_GOOD]    = {50, OWN, CYAN16, OWN, LOOK_BOLD, MONO_GOOD},
        [STYLE_BAD]     = {232, 208, BLACK16, RED16, LOOK_BOLD, MONO_BAD},
        [STYLE_HOLD]    = {232, 220, BLACK16, YELLOW16, LOOK_BOLD, MONO_HOLD},
        [STYLE_WARN]    = {220, OWN, YELLOW16, OWN, LOOK_BOLD, MONO_WARN},
        [STYLE_RUNNING] = {81, OWN, BRIGHT_BLUE16, OWN, LOOK_BOLD, MONO_RUNNING},
        [STYLE_UNKNOWN] = {220, OWN, YELLOW16, OWN, LOOK_UNDERLINE, MONO_UNKNOWN},
        [STYLE_RULE]    = {250, OWN, OWN, OWN, 0, 0},
        [STYLE_KEY]     = {81, OWN, BRIGHT_BLUE16, OWN, LOOK_BOLD, LOOK_BOLD},
        [STYLE_INPUT]   = {OWN, OWN, OWN, OWN, LOOK_REVERSE, LOOK_REVERSE},
        [STYLE_BADGE_PRODUCTION] = {232, 208, BLACK16, RED16, LOOK_BOLD, LOOK_REVERSE | LOOK_BOLD},
        [STYLE_BADGE_STAGING]    = {232, 220, BLACK16, YELLOW16, LOOK_BOLD, LOOK_REVERSE | LOOK_BOLD},
        [STYLE_BADGE_OTHER]      = {232, 50, BLACK16, CYAN16, LOOK_BOLD, LOOK_REVERSE | LOOK_BOLD},
    },
    .selected = {OWN, OWN, OWN, OWN, LOOK_REVERSE, LOOK_REVERSE},
    .hit = {232, 220, BLACK16, YELLOW16, LOOK_BOLD, LOOK_REVERSE},
};

const struct theme theme_light = {
    .word = "light",
    .colours = true,
    .looks = {
        [STYLE_NORMAL]  = {OWN, OWN, OWN, OWN, 0, 0},
        [STYLE_DIM]     = {242, OWN, GREY16, OWN, 0, 0},
        [STYLE_BOLD]    = {OWN, OWN, OWN, OWN, LOOK_BOLD, LOOK_BOLD},
        [STYLE_GOOD]    = {23, OWN, CYAN16, OWN, LOOK_BOLD, MONO_GOOD},
        [STYLE_BAD]     = {160, OWN, RED16, OWN, LOOK_BOLD, MONO_BAD},
        [STYLE_HOLD]    = {130, OWN, RED16, OWN, LOOK_BOLD, MONO_HOLD},
        [STYLE_WARN]    = {130, OWN, RED16, OWN, 0, MONO_WARN},
        [STYLE_RUNNING] = {25, OWN, BLUE16, OWN, LOOK_BOLD, MONO_RUNNING},
        [STYLE_UNKNOWN] = {130, OWN, RED16, OWN, 0, MONO_UNKNOWN},
        [STYLE_RULE]    = {247, OWN, GREY16, OWN, 0, 0},
        [STYLE_KEY]     = {25, OWN, BLUE16, OWN, LOOK_BOLD, LOOK_BOLD},
        [STYLE_INPUT]   = {OWN, 253, OWN, OWN, LOOK_UNDERLINE, LOOK_UNDERLINE},
        [STYLE_BADGE_PRODUCTION] = {231, 160, WHITE16, RED16, LOOK_BOLD, LOOK_REVERSE | LOOK_BOLD},
        [STYLE_BADGE_STAGING]    = {232, 214, BLACK16, YELLOW16, LOOK_BOLD, LOOK_REVERSE | LOOK_BOLD},
        [STYLE_BADGE_OTHER]      = {231, 23, WHITE16, CYAN16, LOOK_BOLD, LOOK_REVERSE | LOOK_BOLD},
    },
    .selected = {OWN, 253, OWN, OWN, LOOK_REVERSE, LOOK_REVERSE},
    .selected_inks =
        {[STYLE_BAD] = 124, [STYLE_HOLD] = 58, [STYLE_WARN] = 58, [STYLE_UNKNOWN] = 58},
    .hit = {232, 220, BLACK16, YELLOW16, 0, LOOK_REVERSE},
};

const struct theme theme_mono = {
    .word = "mono",
    .looks = {
        [STYLE_BOLD]    = {OWN, OWN, OWN, OWN, LOOK_BOLD, LOOK_BOLD},
        [STYLE_BAD]     = {OWN, OWN, OWN, OWN, 0, MONO_BAD},
        [STYLE_HOLD]    = {OWN, OWN, OWN, OWN, 0, MONO_HOLD},
        [STYLE_WARN]    = {OWN, OWN, OWN, OWN, 0, MONO_WARN},
        [STYLE_RUNNING] = {OWN, OWN, OWN, OWN, 0, MONO_RUNNING},
        [STYLE_UNKNOWN] = {OWN, OWN, OWN, OWN, 0, MONO_UNKNOWN},
        [STYLE_KEY]     = {OWN, OWN, OWN, OWN, 0, LOOK_BOLD},
        [STYLE_INPUT]   = {OWN, OWN, OWN, OWN, 0, LOOK_UNDERLINE},
        [STYLE_BADGE_PRODUCTION] = {OWN, OWN, OWN, OWN, 0, LOOK_REVERSE | LOOK_BOLD},
        [STYLE_BADGE_STAGING]    = {OWN, OWN, OWN, OWN, 0, LOOK_REVERSE | LOOK_BOLD},
        [STYLE_BADGE_OTHER]      = {OWN, OWN, OWN, OWN, 0, LOOK_REVERSE | LOOK_BOLD},
    },
    .selected = {OWN, OWN, OWN, OWN, 0, LOOK_REVERSE},
    .hit = {OWN, OWN, OWN, OWN, 0, LOOK_REVERSE},
};
/* clang-format on */

const struct theme *theme_find(const char *word)
{
    static const struct theme *const all[] = {&theme_default, &theme_contrast, &theme_light,
                                              &theme_mono};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        if (strcmp(all[i]->word, word) == 0) {
            return all[i];
        }
    }
    return NULL;
}

static struct shown shown_of(const struct look_of *look, int colours)
{
    if (colours >= 256) {
        return (struct shown){look->ink256, look->paper256, look->attributes};
    }
    if (colours >= 8) {
        return (struct shown){look->ink16, look->paper16, look->attributes};
    }
    return (struct shown){OWN, OWN, look->mono};
}

struct shown theme_cell(const struct theme *theme, const struct grid_cell *cell, int colours)
{
    colours = theme->colours ? colours : 0;
    struct shown shown = shown_of(&theme->looks[cell->style], colours);
    if (cell->marks & CELL_RISK) {
        shown.attributes |= LOOK_UNDERLINE;
    }
    if (cell->marks & CELL_HIT) {
        struct shown hit = shown_of(&theme->hit, colours);
        shown = (struct shown){hit.ink, hit.paper, shown.attributes | hit.attributes};
    } else if (cell->marks & CELL_SELECTED) {
        struct shown selected = shown_of(&theme->selected, colours);
        if (selected.paper >= 0) {
            int16_t ink = theme->selected_inks[cell->style];
            shown.ink = ink > 0 ? ink : shown.ink;
            shown.paper = shown.paper >= 0 ? shown.paper : selected.paper;
        } else {
            shown.attributes |= selected.attributes;
        }
    }
    return shown;
}
