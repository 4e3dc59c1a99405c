/* SPDX-License-Identifier: PostgreSQL */
/*
 * The sanitiser and the width of text. Row F42: nothing that a database holds may
 * reach a terminal as a command, an invisible sign or a change of direction. Each
 * class of harm has a named example, and a seeded loop looks for what was forgotten.
 */
#include "base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void expect_shown(struct str text, enum sanitise_mode mode, const char *wanted)
{
    struct strbuf out = {0};

    sanitise(&out, text, mode);
    assert_string_equal(out.ptr ? out.ptr : "", wanted);
    strbuf_release(&out);
}

static void fault_F42_each_class_becomes_visible(void **state)
{
    (void)state;
    /* name: the class; text: hostile; shown: what the operator reads. */
    static const struct example {
        const char *name;
        struct str text;
        const char *shown;
    } examples[] = {
        {"escape sequence", STR("\x1b[2Jx"), "\\x1b[2Jx"},
        {"bell and backspace", STR("a\a\b"), "a\\x07\\x08"},
        {"NUL", STR("a\0b"), "a\\x00b"},
        {"carriage return", STR("safe\rDROP"), "safe\\x0dDROP"},
        {"newline", STR("a\nb"), "a\\nb"},
        {"tab", STR("a\tb"), "a\\tb"},
        {"DEL", STR("\x7f"), "\\x7f"},
        {"C1 as UTF-8",
         STR("\xC2\x9B"
             "31m"),
         "\\u{009b}31m"},
        {"C1 as a byte",
         STR("\x9b"
             "31m"),
         "\\x9b31m"},
        {"next line", STR("\xC2\x85"), "\\u{0085}"},
        {"right-to-left override",
         STR("\xE2\x80\xAE"
             "txt"),
         "\\u{202e}txt"},
        {"bidirectional isolate", STR("\xE2\x81\xA6"), "\\u{2066}"},
        {"Arabic letter mark", STR("\xD8\x9C"), "\\u{061c}"},
        {"zero-width space",
         STR("a\xE2\x80\x8B"
             "b"),
         "a\\u{200b}b"},
        {"zero-width joiner", STR("\xE2\x80\x8D"), "\\u{200d}"},
        {"byte order mark", STR("\xEF\xBB\xBF"), "\\u{feff}"},
        {"soft hyphen", STR("\xC2\xAD"), "\\u{00ad}"},
        {"line separator", STR("\xE2\x80\xA8"), "\\u{2028}"},
        {"variation selector", STR("\xEF\xB8\x8F"), "\\u{fe0f}"},
        {"tag letter", STR("\xF3\xA0\x81\xA1"), "\\u{e0061}"},
        {"Hangul filler", STR("\xE3\x85\xA4"), "\\u{3164}"},
        {"non-character in the middle", STR("\xEF\xB7\x90"), "\\u{fdd0}"},
        {"non-character at the end of a plane", STR("\xF4\x8F\xBF\xBF"), "\\u{10ffff}"},
        {"overlong slash", STR("\xC0\xAF"), "\\xc0\\xaf"},
        {"surrogate", STR("\xED\xA0\x80"), "\\xed\\xa0\\x80"},
        {"beyond Unicode", STR("\xF4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80"},
        {"cut character", STR("a\xE2\x82"), "a\\xe2\\x82"},
        {"ordinary text stays", STR("caf\xC3\xA9 \xE4\xB8\xAD \xF0\x9F\x9A\x80 e\xCC\x81"),
         "caf\xC3\xA9 \xE4\xB8\xAD \xF0\x9F\x9A\x80 e\xCC\x81"},
        {"backslash stays", STR("C:\\temp \\d+"), "C:\\temp \\d+"},
        {"empty", {NULL, 0}, ""},
    };
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        print_message("# %s\n", examples[i].name);
        expect_shown(examples[i].text, SANITISE_LINE, examples[i].shown);
    }
}

static void fault_F42_lines_keep_newlines_and_expand_tabs(void **state)
{
    (void)state;
    expect_shown(STR("a\nb"), SANITISE_LINES, "a\nb");
    expect_shown(STR("\tx"), SANITISE_LINES, "        x");
    expect_shown(STR("abc\tx\ty"), SANITISE_LINES, "abc     x       y");
    expect_shown(STR("12345678\tx"), SANITISE_LINES, "12345678        x");
    expect_shown(STR("ab\n\xE4\xB8\xAD\tx"), SANITISE_LINES, "ab\n\xE4\xB8\xAD      x");
    expect_shown(STR("a\r\nb"), SANITISE_LINES, "a\\x0d\nb");
}

static void sanitise_appends_and_measures_tabs_from_its_own_text(void **state)
{
    (void)state;
    struct strbuf out = {0};

    strbuf_text(&out, "note: ");
    sanitise(&out, STR("a\tb"), SANITISE_LINES);
    assert_string_equal(out.ptr, "note: a       b");
    strbuf_release(&out);
}

/* xorshift64*: the same sequence everywhere, from a seed that is printed. */
static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * UINT64_C(2685821657736338717);
}

/* Half of the bytes are free, half begin a character that is near a class of harm. */
static size_t fill_hostile(char *bytes, size_t size, uint64_t *seed)
{
    static const char *const pieces[] = {
        "\x1b[",
        "\xC2\x80",
        "\xC2\x9F",
        "\xE2\x80\x8E",
        "\xE2\x80\xAA",
        "\xE2\x81\xA9",
        "\xEF\xBB\xBF",
        "\xEF\xBF\xBF",
        "\xF0\x9F\xBF\xBE",
        "\xF3\xA0\x80\x81",
        "\xCC\x81",
        "\xE4\xB8\xAD",
        "\t",
        "\n",
        "\x7f",
        "\xE2\x80",
        "\xF4\x8F",
        "plain",
    };
    size_t len = 0;
    size_t wanted = (size_t)(next_random(seed) >> 33) % (size - 8);

    while (len < wanted) {
        uint64_t dice = next_random(seed) >> 33;
        if (dice % 2 == 0) {
            bytes[len++] = (char)(dice >> 8);
        } else {
            const char *piece = pieces[(dice >> 8) % COUNT_OF(pieces)];
            memcpy(bytes + len, piece, strlen(piece));
            len += strlen(piece);
        }
    }
    return len;
}

/* What may not appear, said without the tables of the code under test. */
static bool is_harmful(uint32_t c)
{
    return c == 0x7F || (c >= 0x80 && c < 0xA0) || c == 0xAD || c == 0x61C || c == 0x180E ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF ||
           (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF) ||
           (c >= 0xFDD0 && c <= 0xFDEF) || (c % 0x10000) >= 0xFFFE;
}

static void check_harmless(struct str shown, enum sanitise_mode mode)
{
    for (size_t at = 0; at < shown.len;) {
        uint32_t c = 0;
        size_t len = utf8_next(str_slice(shown, at, 4), &c);
        assert_true(len > 0);
        assert_true(c >= 0x20 || (c == '\n' && mode == SANITISE_LINES));
        assert_false(is_harmful(c));
        at += len;
    }
}

static void fault_F42_random_bytes_come_out_harmless(void **state)
{
    (void)state;
    const char *given = getenv("GONOGO_TEST_SEED");
    int64_t chosen = 20260131;
    if (given && !str_to_i64(str_from(given), &chosen)) {
        fail_msg("GONOGO_TEST_SEED is no number: %s", given);
    }
    print_message("# seed %lld (set GONOGO_TEST_SEED to repeat)\n", (long long)chosen);
    uint64_t seed = (uint64_t)chosen | 1;
    char bytes[64];
    struct strbuf out = {0};

    for (int round = 0; round < 100000; round++) {
        struct str text = {bytes, fill_hostile(bytes, sizeof(bytes), &seed)};
        enum sanitise_mode mode = round % 2 ? SANITISE_LINE : SANITISE_LINES;
        strbuf_clear(&out);
        sanitise(&out, text, mode);
        check_harmless(strbuf_str(&out), mode);
        /* What is harmless already must not change: twice is once. */
        struct strbuf again = {0};
        sanitise(&again, strbuf_str(&out), mode);
        assert_true(str_is(strbuf_str(&again), strbuf_str(&out)));
        strbuf_release(&again);
    }
    strbuf_release(&out);
}

static void widths_are_those_of_a_terminal(void **state)
{
    (void)state;
    static const struct {
        uint32_t code_point;
        int width;
    } table[] = {
        {'a', 1},     {0x00, 0},    {0x1B, 0},     {0x7F, 0},    {0x9B, 0},    {0xA0, 1},
        {0xE9, 1},    {0x300, 0},   {0x301, 0},    {0x36F, 0},   {0x370, 1},   {0x488, 0},
        {0x5D0, 1},   {0x5B0, 0},   {0x626, 1},    {0x64B, 0},   {0xE31, 0},   {0x1100, 2},
        {0x1160, 0},  {0x11A8, 0},  {0x200B, 0},   {0x200D, 0},  {0x2014, 1},  {0x20AC, 1},
        {0x20D7, 0},  {0x231A, 2},  {0x2500, 1},   {0x2588, 1},  {0x26A0, 1},  {0x2705, 2},
        {0x2713, 1},  {0x2800, 1},  {0x3000, 2},   {0x3042, 2},  {0x4E2D, 2},  {0x9FFF, 2},
        {0xAC00, 2},  {0xD7A3, 2},  {0xE0A0, 1},   {0xFE0F, 0},  {0xFF01, 2},  {0xFF61, 1},
        {0xFFFD, 1},  {0x1F600, 2}, {0x1F680, 2},  {0x1F9D1, 2}, {0x20000, 2}, {0x2FFFD, 2},
        {0x3FFFD, 2}, {0xE0100, 0}, {0x10FFFF, 1},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        print_message("# U+%04X\n", (unsigned)table[i].code_point);
        assert_int_equal(utf8_width(table[i].code_point), table[i].width);
    }
}

static void text_is_measured_and_cut_by_columns(void **state)
{
    (void)state;
    assert_int_equal(str_width(STR("")), 0);
    assert_int_equal(str_width(STR("caf\xC3\xA9")), 4);
    assert_int_equal(str_width(STR("cafe\xCC\x81")), 4);
    assert_int_equal(str_width(STR("\xE4\xB8\xAD\xE6\x96\x87")), 4);
    assert_int_equal(str_width(STR("\xF0\x9F\x9A\x80!")), 3);

    assert_true(str_eq(str_fit(STR("hello"), 3), "hel"));
    assert_true(str_eq(str_fit(STR("hello"), 9), "hello"));
    assert_true(str_eq(str_fit(STR("hello"), 0), ""));
    assert_true(str_eq(str_fit(STR("hello"), -1), ""));
    /* A wide character that does not fit whole is left out, a mark stays with its letter. */
    assert_true(str_eq(str_fit(STR("a\xE4\xB8\xAD"), 2), "a"));
    assert_true(str_eq(str_fit(STR("cafe\xCC\x81!"), 4), "cafe\xCC\x81"));
}

static void utf8_takes_only_well_formed_sequences(void **state)
{
    (void)state;
    static const struct {
        struct str text;
        size_t len;
        uint32_t code_point;
    } table[] = {
        {STR("a"), 1, 'a'},
        {STR("\0"), 1, 0},
        {STR("\xC2\x80"), 2, 0x80},
        {STR("\xDF\xBF"), 2, 0x7FF},
        {STR("\xE0\xA0\x80"), 3, 0x800},
        {STR("\xED\x9F\xBF"), 3, 0xD7FF},
        {STR("\xEE\x80\x80"), 3, 0xE000},
        {STR("\xF0\x90\x80\x80"), 4, 0x10000},
        {STR("\xF4\x8F\xBF\xBF"), 4, 0x10FFFF},
        {STR(""), 0, 0},
        {STR("\x80"), 0, 0},
        {STR("\xC1\xBF"), 0, 0},
        {STR("\xC3"), 0, 0},
        {STR("\xC3("), 0, 0},
        {STR("\xE0\x9F\xBF"), 0, 0},
        {STR("\xED\xA0\x80"), 0, 0},
        {STR("\xE2\x82("), 0, 0},
        {STR("\xF0\x8F\xBF\xBF"), 0, 0},
        {STR("\xF4\x90\x80\x80"), 0, 0},
        {STR("\xF0\x9F\x9A("), 0, 0},
        {STR("\xF5\x80\x80\x80"), 0, 0},
        {STR("\xFF"), 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        uint32_t code_point = 0;
        assert_int_equal(utf8_next(table[i].text, &code_point), table[i].len);
        assert_int_equal(code_point, table[i].code_point);
    }
    assert_int_equal(utf8_invalid_at(STR("caf\xC3\xA9")), 5);
    assert_int_equal(utf8_invalid_at(STR("caf\xC3")), 3);
    assert_int_equal(utf8_invalid_at(STR("\xFF")), 0);
}

static void sanitise_line_lives_in_the_arena(void **state)
{
    (void)state;
    struct arena arena = {0};

    assert_true(str_eq(sanitise_line(&arena, STR("a\x1b")), "a\\x1b"));
    assert_true(str_eq(sanitise_line(&arena, (struct str){0}), ""));
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_F42_each_class_becomes_visible),
        cmocka_unit_test(fault_F42_lines_keep_newlines_and_expand_tabs),
        cmocka_unit_test(sanitise_appends_and_measures_tabs_from_its_own_text),
        cmocka_unit_test(fault_F42_random_bytes_come_out_harmless),
        cmocka_unit_test(widths_are_those_of_a_terminal),
        cmocka_unit_test(text_is_measured_and_cut_by_columns),
        cmocka_unit_test(utf8_takes_only_well_formed_sequences),
        cmocka_unit_test(sanitise_line_lives_in_the_arena),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
