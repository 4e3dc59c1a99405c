/* SPDX-License-Identifier: PostgreSQL */
/*
 * Cells: wide characters, combining marks, edges; themes; frames as text and as a picture.
 */
#include "frame_dump.h"
#include "glyphs.h"
#include "grid.h"
#include "theme.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct strbuf text_of(const struct grid *grid)
{
    struct strbuf out = {0};
    frame_text(grid, &out);
    return out;
}

static void assert_rows(const struct grid *grid, const char *expected)
{
    struct strbuf out = text_of(grid);
    assert_string_equal(out.ptr, expected);
    strbuf_release(&out);
}

static void text_ends_at_the_edge(void **state)
{
    (void)state;
    struct grid grid = {0};
    grid_resize(&grid, 5, 2);
    struct area area = grid_area(&grid);
    assert_int_equal(area_put(area, 0, 2, STYLE_NORMAL, 0, STR("abcdef")), 5);
    (void)area_put(area, 1, -2, STYLE_NORMAL, 0, STR("abcd"));
    (void)area_put(area, 2, 0, STYLE_NORMAL, 0, STR("below"));
    (void)area_put(area, -1, 0, STYLE_NORMAL, 0, STR("above"));
    assert_rows(&grid, "  abc\ncd\n");
    grid_release(&grid);
}

static void half_of_a_wide_character_is_never_drawn(void **state)
{
    (void)state;
    struct grid grid = {0};
    grid_resize(&grid, 5, 3);
    struct area area = grid_area(&grid);
    (void)area_put(area, 0, 0, STYLE_NORMAL, 0, STR("世界世")); /* the third has one column */
    (void)area_put(area, 1, -1, STYLE_NORMAL, 0, STR("世x"));
    (void)area_put(area, 2, 0, STYLE_NORMAL, 0, STR("世界"));
    (void)area_put(area, 2, 1, STYLE_NORMAL, 0, STR("y")); /* over its right half */
    assert_rows(&grid, "世界\n x\n y界\n");
    grid_release(&grid);
}

static void marks_combine_with_the_character_before(void **state)
{
    (void)state;
    struct grid grid = {0};
    grid_resize(&grid, 4, 1);
    assert_int_equal(area_put(grid_area(&grid), 0, 0, STYLE_NORMAL, 0, STR("e\xcc\x81x")), 2);
    assert_int_equal(grid.cells[0].len, 3);
    assert_int_equal(grid.cells[1].len, 1);
    /* a hundred marks on one character find no room, and harm nobody */
    struct strbuf many = {0};
    strbuf_text(&many, "a");
    for (int i = 0; i < 100; i++) {
        strbuf_text(&many, "\xcc\x81");
    }
    (void)area_put(grid_area(&grid), 0, 3, STYLE_NORMAL, 0, strbuf_str(&many));
    assert_true(grid.cells[3].len <= CELL_TEXT_MAX);
    strbuf_release(&many);
    grid_release(&grid);
}

static void a_part_of_an_area_stays_inside(void **state)
{
    (void)state;
    struct grid grid = {0};
    grid_resize(&grid, 6, 3);
    struct area part = area_part(grid_area(&grid), 1, 4, 9, 9);
    assert_int_equal(part.rows, 2);
    assert_int_equal(part.columns, 2);
    (void)area_put(part, 0, 0, STYLE_NORMAL, 0, STR("abc"));
    area_rule(part, 1, 0, STYLE_RULE, STR("-"));
    struct area none = area_part(grid_area(&grid), 5, 9, 1, 1);
    assert_int_equal(none.rows * none.columns, 0);
    assert_rows(&grid, "\n    ab\n    --\n");
    grid_release(&grid);
}

static void signs_keep_their_columns_in_every_set(void **state)
{
    (void)state;
    static const struct glyphs *const sets[] = {&glyphs_full, &glyphs_linux, &glyphs_ascii};
    for (size_t i = 0; i < COUNT_OF(sets); i++) {
        for (int glyph = GLYPH_GOOD; glyph <= GLYPH_UNKNOWN; glyph++) {
            assert_int_equal(str_width(str_from(sets[i]->text[glyph])), sets[i]->sign_columns);
        }
        for (int glyph = 0; glyph < GLYPH__COUNT; glyph++) {
            assert_non_null(sets[i]->text[glyph]);
        }
    }
    for (int glyph = 0; glyph < GLYPH__COUNT; glyph++) {
        for (const char *c = glyphs_ascii.text[glyph]; *c; c++) {
            assert_true(*c >= ' ' && *c < 127);
        }
    }
}

/* Red and green are never the only difference: without any colour states differ still. */
static void states_differ_without_colour(void **state)
{
    (void)state;
    static const struct theme *const themes[] = {&theme_default, &theme_contrast, &theme_light,
                                                 &theme_mono};
    for (size_t i = 0; i < COUNT_OF(themes); i++) {
        struct grid_cell good = {.style = STYLE_GOOD, .width = 1};
        struct grid_cell bad = {.style = STYLE_BAD, .width = 1};
        struct grid_cell hold = {.style = STYLE_HOLD, .width = 1};
        struct shown a = theme_cell(themes[i], &good, 0);
        struct shown b = theme_cell(themes[i], &bad, 0);
        struct shown c = theme_cell(themes[i], &hold, 0);
        assert_int_not_equal(a.attributes, b.attributes);
        assert_int_not_equal(b.attributes, c.attributes);
        assert_int_equal(a.ink, -1);
        assert_int_equal(b.paper, -1);
        assert_ptr_equal(theme_find(themes[i]->word), themes[i]);
    }
    assert_null(theme_find("pink"));
}

/* Brightness of a colour as a grey-scale print shows it, 0 to 255. */
static int grey_of(int colour)
{
    static const int steps[6] = {0, 95, 135, 175, 215, 255};
    if (colour >= 232) {
        return 8 + 10 * (colour - 232);
    }
    int cube = colour - 16;
    return (299 * steps[cube / 36] + 587 * steps[cube / 6 % 6] + 114 * steps[cube % 6]) / 1000;
}

static void colours_stay_readable_as_greys(void **state)
{
    (void)state;
    static const struct {
        const struct theme *theme;
        int paper; /* grey of the ground */
    } grounds[] = {{&theme_default, 22}, {&theme_contrast, 22}, {&theme_light, 250}};
    for (size_t i = 0; i < COUNT_OF(grounds); i++) {
        for (int style = 0; style < STYLE__COUNT; style++) {
            struct grid_cell cell = {.style = (uint8_t)style, .width = 1};
            struct shown shown = theme_cell(grounds[i].theme, &cell, 256);
            int paper = shown.paper >= 0 ? grey_of(shown.paper) : grounds[i].paper;
            if (shown.ink >= 0 && style != STYLE_RULE) {
                int away = grey_of(shown.ink) - paper;
                assert_true(away > 60 || away < -60);
            }
        }
    }
}

static void a_picture_escapes_what_xml_would_take(void **state)
{
    (void)state;
    struct grid grid = {0};
    struct strbuf out = {0};
    grid_resize(&grid, 20, 1);
    (void)area_put(grid_area(&grid), 0, 0, STYLE_BAD, CELL_SELECTED, STR("<a href=\"&\">"));
    frame_svg(&grid, &theme_default, &out);
    assert_non_null(strstr(out.ptr, "&lt;a href"));
    assert_non_null(strstr(out.ptr, "&amp;"));
    assert_null(strstr(out.ptr, "<a "));
    strbuf_clear(&out);
    frame_styles(&grid, &out);
    assert_string_equal(out.ptr, "XXXXXXXXXXXX\n");
    strbuf_release(&out);
    grid_release(&grid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_ends_at_the_edge),
        cmocka_unit_test(half_of_a_wide_character_is_never_drawn),
        cmocka_unit_test(marks_combine_with_the_character_before),
        cmocka_unit_test(a_part_of_an_area_stays_inside),
        cmocka_unit_test(signs_keep_their_columns_in_every_set),
        cmocka_unit_test(states_differ_without_colour),
        cmocka_unit_test(colours_stay_readable_as_greys),
        cmocka_unit_test(a_picture_escapes_what_xml_would_take),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
