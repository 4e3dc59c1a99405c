/* SPDX-License-Identifier: PostgreSQL */
/*
 * Text, buffers, numbers out of text, and the distance behind "did you mean".
 */
#include "base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void slices_never_leave_the_text(void **state)
{
    (void)state;
    struct str text = STR("hello");

    assert_true(str_eq(str_slice(text, 1, 3), "ell"));
    assert_true(str_eq(str_slice(text, 3, 99), "lo"));
    assert_true(str_eq(str_slice(text, 9, 1), ""));
    assert_true(str_eq(str_slice((struct str){0}, 3, SIZE_MAX), ""));
    assert_int_equal(str_find_byte(text, 'l', 0), 2);
    assert_int_equal(str_find_byte(text, 'l', 3), 3);
    assert_int_equal(str_find_byte(text, 'x', 0), 5);
    assert_int_equal(str_find_byte(text, 'h', 99), 5);
    assert_true(str_eq(str_trim(STR(" \t\r\n a b \v\f")), "a b"));
    assert_true(str_eq(str_trim(STR("  ")), ""));
}

static void comparison_is_by_bytes(void **state)
{
    (void)state;
    assert_true(str_is(str_from(NULL), STR("")));
    assert_false(str_is(STR("a"), STR("a\0")));
    assert_true(str_compare(STR("a"), STR("b")) < 0);
    assert_true(str_compare(STR("ab"), STR("a")) > 0);
    assert_true(str_compare(STR("a"), STR("\xFF")) < 0);
    assert_int_equal(str_compare(STR("a"), STR("a")), 0);
    assert_true(str_starts(STR("abc"), "ab"));
    assert_false(str_starts(STR("a"), "ab"));
    assert_true(str_ends(STR("abc"), "bc"));
    assert_true(str_ends((struct str){0}, ""));
}

static void cutting_ends_without_an_empty_last_piece(void **state)
{
    (void)state;
    struct str rest = STR("a,,b\nc,");
    struct str piece = {0};

    assert_true(str_cut(&rest, ',', &piece) && str_eq(piece, "a"));
    assert_true(str_cut(&rest, ',', &piece) && str_eq(piece, ""));
    assert_true(str_cut(&rest, ',', &piece) && str_eq(piece, "b\nc"));
    assert_false(str_cut(&rest, ',', &piece));
    assert_int_equal(piece.len, 0);
}

static void copies_end_with_a_nul(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct str copy = str_dup(&arena, str_slice(STR("hello"), 0, 4));

    assert_int_equal(copy.ptr[4], '\0');
    assert_string_equal(str_text(&arena, (struct str){0}), "");
    assert_true(str_eq(str_format(&arena, "%s-%d", "a", 7), "a-7"));
    arena_release(&arena);
}

static void whole_numbers_are_read_whole_or_not_at_all(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        int64_t value;
    } table[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"+7", true, 7},
        {"007", true, 7},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"99999999999999999999", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"+", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1.0", false, 0},
        {"0x1", false, 0},
        {"--1", false, 0},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        int64_t value = 77;
        print_message("# \"%s\"\n", table[i].text);
        assert_int_equal(str_to_i64(str_from(table[i].text), &value), table[i].good);
        assert_int_equal(value, table[i].good ? table[i].value : 77);
    }
}

static void decimals_are_read_whole_or_not_at_all(void **state)
{
    (void)state;
    static const char *const bad[] = {"",    ".",   "-",    "e5",  "1e", "1e+", "1.2.3",
                                      "inf", "nan", "0x10", "1,5", "1 ", " 1",  "1e999"};
    double value = 0;

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        if (str_to_double(str_from(bad[i]), &value)) {
            fail_msg("\"%s\" was taken for a number", bad[i]);
        }
    }
    assert_true(str_to_double(STR("-1.5e2"), &value));
    assert_true(value > -150.5 && value < -149.5);
    assert_true(str_to_double(str_slice(STR("0.25xyz"), 0, 4), &value));
    assert_true(value > 0.24 && value < 0.26);
    assert_true(str_to_double(STR(".5"), &value));
    assert_true(str_to_double(STR("5."), &value));
    assert_true(str_to_double(STR("1e-999"), &value));
}

static void distance_counts_typing_errors(void **state)
{
    (void)state;
    assert_int_equal(str_distance(STR("equals"), STR("equals"), 3), 0);
    assert_int_equal(str_distance(STR("eqauls"), STR("equals"), 3), 1);
    assert_int_equal(str_distance(STR("equal"), STR("equals"), 3), 1);
    assert_int_equal(str_distance(STR("equalls"), STR("equals"), 3), 1);
    assert_int_equal(str_distance(STR("kitten"), STR("sitting"), 9), 3);
    assert_int_equal(str_distance(STR("ca"), STR("abc"), 9), 3);
    assert_int_equal(str_distance(STR(""), STR("abc"), 9), 3);
    assert_int_equal(str_distance(STR("abc"), STR(""), 9), 3);
    assert_int_equal(str_distance(STR("abcdef"), STR("uvwxyz"), 2), 3);
    assert_int_equal(str_distance(STR("a"), STR("abcdef"), 2), 3);
    /* The swap spans two rows: an early end must not miss it. */
    assert_int_equal(str_distance(STR("ba"), STR("ab"), 1), 1);
}

static void buffers_grow_and_stay_terminated(void **state)
{
    (void)state;
    struct strbuf buf = {0};

    strbuf_add(&buf, (struct str){0});
    assert_int_equal(strbuf_str(&buf).len, 0);
    for (int i = 0; i < 1000; i++) {
        strbuf_format(&buf, "%d,", i);
    }
    assert_int_equal(buf.len, 3890);
    assert_int_equal(strlen(buf.ptr), 3890);
    strbuf_clear(&buf);
    strbuf_i64(&buf, INT64_MIN);
    strbuf_byte(&buf, ' ');
    strbuf_i64(&buf, 0);
    strbuf_repeat(&buf, '=', 3);
    strbuf_text(&buf, NULL);
    assert_string_equal(buf.ptr, "-9223372036854775808 0===");
    strbuf_clear(&buf);
    strbuf_format(&buf, "%0200d", 1); /* longer than the room that is kept ready */
    assert_int_equal(buf.len, 200);
    strbuf_release(&buf);
    strbuf_release(&buf);
    strbuf_release(NULL);
}

static void detaching_gives_text_even_when_empty(void **state)
{
    (void)state;
    struct strbuf buf = {0};
    char *text = strbuf_detach(&buf);

    assert_string_equal(text, "");
    assert_null(buf.ptr);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_never_leave_the_text),
        cmocka_unit_test(comparison_is_by_bytes),
        cmocka_unit_test(cutting_ends_without_an_empty_last_piece),
        cmocka_unit_test(copies_end_with_a_nul),
        cmocka_unit_test(whole_numbers_are_read_whole_or_not_at_all),
        cmocka_unit_test(decimals_are_read_whole_or_not_at_all),
        cmocka_unit_test(distance_counts_typing_errors),
        cmocka_unit_test(buffers_grow_and_stay_terminated),
        cmocka_unit_test(detaching_gives_text_even_when_empty),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
