/* SPDX-License-Identifier: PostgreSQL */
/*
 * Who sees no colours, or has a grey copy of a screen, reads the same: every text keeps its
 * distance in brightness from its ground, and no two meanings differ by their colour alone.
 */
#include "frame_dump.h"
#include "front.h"
#include "glyphs.h"
#include "theme.h"

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const double least_text = 4.5; /* WCAG 2.1, 1.4.3 */
static const double least_dim = 3.0;

/* Relative luminance as WCAG 2.1 defines it. */
static double part_of(unsigned byte)
{
    double part = byte / 255.0;
    return part <= 0.03928 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4);
}

static double luminance(unsigned rgb)
{
    return 0.2126 * part_of(rgb >> 16 & 0xff) + 0.7152 * part_of(rgb >> 8 & 0xff) +
           0.0722 * part_of(rgb & 0xff);
}

static double contrast(unsigned a, unsigned b)
{
    double high = fmax(luminance(a), luminance(b));
    double low = fmin(luminance(a), luminance(b));
    return (high + 0.05) / (low + 0.05);
}

/* A picture line by line: a rectangle lies under the texts that follow it in its row. */
struct picture {
    const char *name;
    unsigned ground;
    struct {
        int x, y, width;
        unsigned paper;
    } papers[4096];
    size_t paper_count;
    size_t texts;
    unsigned dim;
};

enum {
    TEXT_BELOW = 14, /* a text's line below the upper edge of its row */
};

static unsigned paper_under(const struct picture *picture, int x, int y)
{
    for (size_t i = 0; i < picture->paper_count; i++) {
        int from = picture->papers[i].x;
        if (picture->papers[i].y == y - TEXT_BELOW && from <= x &&
            x < from + picture->papers[i].width) {
            return picture->papers[i].paper;
        }
    }
    return picture->ground;
}

/* Lines, bars and blanks say nothing by themselves. */
static bool says_something(const char *text)
{
    static const char *const drawn[] = {"─", "│", "└", "┌", "┐", "┘", "┊",
                                        "█", "░", "-", "|", "#", ":", " "};
    while (*text && *text != '<') {
        size_t length = 0;
        for (size_t i = 0; i < COUNT_OF(drawn) && length == 0; i++) {
            length = strncmp(text, drawn[i], strlen(drawn[i])) == 0 ? strlen(drawn[i]) : 0;
        }
        if (length == 0) {
            return true;
        }
        text += length;
    }
    return false;
}

static void read_line(struct picture *picture, const char *line)
{
    int x = 0;
    int y = 0;
    int width = 0;
    int height = 0;
    unsigned colour = 0;
    const char *text = strchr(line, '>');
    if (sscanf(line, "<rect width=\"100%%\" height=\"100%%\" fill=\"#%x", &colour) == 1) {
        picture->ground = colour;
    } else if (sscanf(line, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#%x", &x,
                      &y, &width, &height, &colour) == 5) {
        assert_true(picture->paper_count < COUNT_OF(picture->papers));
        picture->papers[picture->paper_count].x = x;
        picture->papers[picture->paper_count].y = y;
        picture->papers[picture->paper_count].width = width;
        picture->papers[picture->paper_count++].paper = colour;
    } else if (sscanf(line, "<text x=\"%d\" y=\"%d\" textLength=\"%d\" fill=\"#%x", &x, &y,
                      &width, &colour) == 4 &&
               text && says_something(text + 1)) {
        unsigned paper = paper_under(picture, x, y);
        double least = colour == picture->dim ? least_dim : least_text;
        picture->texts++;
        if (contrast(colour, paper) < least) {
            fail_msg("%s: #%06x on #%06x is %.2f : 1, wanted %.1f: %s", picture->name, colour,
                     paper, contrast(colour, paper), least, line);
        }
    }
}

/* Everything in it can be read; returns how many texts there were. */
static size_t assert_readable(const char *name, struct str svg, unsigned dim)
{
    struct picture *picture = mem_zero(1, sizeof(*picture));
    struct str line;
    picture->name = name;
    picture->dim = dim;
    while (str_cut(&svg, '\n', &line)) {
        char text[1024];
        (void)snprintf(text, sizeof(text), "%.*s", STR_ARG(line));
        read_line(picture, text);
    }
    size_t texts = picture->texts;
    free(picture);
    return texts;
}

static void every_picture_can_be_read_in_grey(void **state)
{
    (void)state;
    const char *root = getenv("GONOGO_ROOT");
    char path[4096];
    (void)snprintf(path, sizeof(path), "%s/screenshots", root ? root : ".");
    DIR *folder = opendir(path);
    assert_non_null(folder);
    size_t pictures = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (!str_ends(str_from(entry->d_name), ".svg")) {
            continue;
        }
        static char svg[1 << 20];
        char file[8192];
        (void)snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
        FILE *stream = fopen(file, "r");
        assert_non_null(stream);
        size_t length = fread(svg, 1, sizeof(svg), stream);
        assert_true(length < sizeof(svg));
        (void)fclose(stream);
        assert_true(assert_readable(entry->d_name, (struct str){svg, length}, 0x8a8a8a) > 20);
        pictures++;
    }
    (void)closedir(folder);
    assert_true(pictures >= 20);
}

/* Each style by itself, on the cursor's row, as a hit, and as both. */
static void every_theme_can_be_read_in_grey(void **state)
{
    (void)state;
    static const struct {
        const struct theme *theme;
        unsigned dim;
    } themes[] = {{&theme_default, 0x8a8a8a},
                  {&theme_contrast, 0},
                  {&theme_light, 0x6c6c6c},
                  {&theme_mono, 0}};
    for (size_t i = 0; i < COUNT_OF(themes); i++) {
        struct grid grid = {0};
        struct strbuf svg = {0};
        grid_resize(&grid, 40, STYLE__COUNT);
        for (int style = 0; style < STYLE__COUNT; style++) {
            struct area area = grid_area(&grid);
            bool text = style != STYLE_RULE; /* lines between parts, and nothing else */
            for (unsigned marks = 0; text && marks < 4; marks++) {
                (void)area_put(area, style, 2 + 9 * (int)marks, (enum style)style,
                               (marks & 1 ? CELL_SELECTED : 0) | (marks & 2 ? CELL_HIT : 0),
                               STR("words"));
            }
        }
        frame_svg(&grid, themes[i].theme, &svg);
        assert_true(assert_readable(themes[i].theme->word, strbuf_str(&svg), themes[i].dim) >=
                    STYLE__COUNT - 1);
        strbuf_release(&svg);
        grid_release(&grid);
    }
}

static void no_two_meanings_differ_by_colour_alone(void **state)
{
    (void)state;
    static const enum glyph meanings[] = {GLYPH_GOOD,   GLYPH_BAD,     GLYPH_HOLD,
                                          GLYPH_WARN,   GLYPH_RUNNING, GLYPH_NOT_YET,
                                          GLYPH_UNKNOWN};
    static const struct glyphs *const sets[] = {&glyphs_full, &glyphs_linux, &glyphs_ascii};
    for (size_t set = 0; set < COUNT_OF(sets); set++) {
        for (size_t i = 0; i < COUNT_OF(meanings); i++) {
            for (size_t k = 0; k < i; k++) {
                assert_string_not_equal(sets[set]->text[meanings[i]],
                                        sets[set]->text[meanings[k]]);
            }
        }
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_picture_can_be_read_in_grey),
        cmocka_unit_test(every_theme_can_be_read_in_grey),
        cmocka_unit_test(no_two_meanings_differ_by_colour_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
