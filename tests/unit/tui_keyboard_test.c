/* SPDX-License-Identifier: PostgreSQL */
/*
 * Bytes to keys: what terminals send, whole and in pieces, what they send that nobody
 * knows, pastes, and noise. A strange sequence must never become letters that act.
 */
#include "clipboard.h"
#include "keyboard.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ESCAPE_US (25 * US_PER_MS)

static struct keyboard fresh(void)
{
    struct keyboard keyboard = {.escape_us = ESCAPE_US};
    keyboard_learn(&keyboard, "\033[A", KEY_UP_ARROW);
    keyboard_learn(&keyboard, "\033[[A", KEY_F1);
    keyboard_learn(&keyboard, "\033OB", KEY_DOWN_ARROW);
    keyboard_learn(&keyboard, "\b", KEY_LEFT_ARROW); /* a single byte is what it is */
    return keyboard;
}

/* All keys that `bytes` give when they come in pieces of `piece` bytes and nothing follows. */
static size_t keys_of(struct str bytes, size_t piece, uint32_t *keys, size_t max)
{
    struct keyboard keyboard = fresh();
    size_t count = 0;
    int64_t now_us = US_PER_SECOND;
    for (size_t at = 0; at < bytes.len; at += piece) {
        keyboard_add(&keyboard, str_slice(bytes, at, piece), now_us);
        for (uint32_t key; (key = keyboard_next(&keyboard, now_us)) != 0 && count < max;) {
            keys[count++] = key;
        }
    }
    now_us += ESCAPE_US;
    for (uint32_t key; (key = keyboard_next(&keyboard, now_us)) != 0 && count < max;) {
        keys[count++] = key;
    }
    assert_int_equal(keyboard_deadline(&keyboard), INT64_MAX);
    keyboard_release(&keyboard);
    return count;
}

static void check(const char *bytes, size_t length, const uint32_t *wanted, size_t count)
{
    uint32_t keys[256];
    for (size_t piece = 1; piece <= length; piece++) {
        size_t got = keys_of((struct str){bytes, length}, piece, keys, COUNT_OF(keys));
        assert_int_equal(got, count);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(keys[i], wanted[i]);
        }
    }
}
#define CHECK(bytes, ...)                                                                      \
    do {                                                                                       \
        const uint32_t wanted[] = {__VA_ARGS__};                                               \
        check(bytes, sizeof(bytes) - 1, wanted, COUNT_OF(wanted));                             \
    } while (0)
#define CHECK_NOTHING(bytes) check(bytes, sizeof(bytes) - 1, NULL, 0)

static void letters_and_characters(void **state)
{
    (void)state;
    CHECK("qj", 'q', 'j');
    CHECK("\r\t\003\177\b", KEY_RETURN, KEY_TAB, 3, KEY_RUB, 8);
    CHECK("\303\251\342\202\254\360\237\230\200x", 0xe9, 0x20ac, 0x1f600, 'x');
    CHECK("\303(", '(');               /* the half of a character, and a bracket */
    CHECK("a\377\300\200b", 'a', 'b'); /* what is no UTF-8 is no key */
    CHECK("\302\233q", 'q');           /* an 8-bit CSI is none either */
    CHECK_NOTHING("\355\240\200");     /* a surrogate */
    CHECK_NOTHING("\342\202");         /* nothing follows */
    CHECK("a\0b", 'a', 'b');
}

static void keys_with_names(void **state)
{
    (void)state;
    CHECK("\033[A\033[B\033[C\033[D", KEY_UP_ARROW, KEY_DOWN_ARROW, KEY_RIGHT_ARROW,
          KEY_LEFT_ARROW);
    CHECK("\033OA\033OB\033OP\033OH", KEY_UP_ARROW, KEY_DOWN_ARROW, KEY_F1, KEY_HOME_KEY);
    CHECK("\033[5~\033[6~\033[1~\033[4~\033[3~\033[2~", KEY_PAGE_UP, KEY_PAGE_DOWN,
          KEY_HOME_KEY, KEY_END_KEY, KEY_DELETE, KEY_INSERT);
    CHECK("\033[Z\033[[A\033[11~\033[1;5A", KEY_BACK_TAB, KEY_F1, KEY_F1, KEY_UP_ARROW);
}

/* A key that nobody needs is still a key: it is answered, not swallowed. */
static void function_keys_are_known_by_their_numbers(void **state)
{
    (void)state;
    CHECK("\033[11~\033[12~\033[15~\033[17~\033[21~", KEY_F1, KEY_F1 + 1, KEY_F1 + 4,
          KEY_F1 + 5, KEY_F1 + 9);
    CHECK("\033[23~\033[24~\033[24;2~", KEY_F1 + 10, KEY_F12, KEY_F12);
    CHECK("\033OQ\033OR\033OS\033[1;5S", KEY_F1 + 1, KEY_F1 + 2, KEY_F1 + 3, KEY_F1 + 3);
    CHECK("\033[[A\033[[B\033[[Eq", KEY_F1, KEY_F1 + 1, KEY_F1 + 4, 'q');
    CHECK("\033[29~\033[16~", KEY_NAMELESS, KEY_NAMELESS);
    CHECK_NOTHING("\033[24;80R"); /* where the cursor stands, not F3 */
}

static void escape_alone_waits_a_moment(void **state)
{
    (void)state;
    struct keyboard keyboard = fresh();
    keyboard_add(&keyboard, STR("\033"), 100);
    assert_int_equal(keyboard_next(&keyboard, 100), 0);
    assert_int_equal(keyboard_deadline(&keyboard), 100 + ESCAPE_US);
    assert_int_equal(keyboard_next(&keyboard, 100 + ESCAPE_US - 1), 0);
    assert_int_equal(keyboard_next(&keyboard, 100 + ESCAPE_US), KEY_ESCAPE);
    assert_int_equal(keyboard_deadline(&keyboard), INT64_MAX);
    keyboard_release(&keyboard);
    CHECK("\033q", KEY_ESCAPE, 'q');
    CHECK("\033\033\033", KEY_ESCAPE, KEY_ESCAPE, KEY_ESCAPE);
}

/* What leaks out of an unknown sequence would be keys: 6 is a screen, q leaves, K signals. */
static void what_is_not_known_is_swallowed_whole(void **state)
{
    (void)state;
    CHECK("\033[1;2;3Kq", 'q');
    CHECK("\033[?62;22cq", 'q');
    CHECK("\033[K\033Ozq\033[[Z", 'q');
    CHECK("\033]11;rgb:0000/0000/0000\033\\q", 'q');
    CHECK("\033]52;c;aGFsbG8=\aq", 'q');
    CHECK("\033P1$r0m\033\\q", 'q');
    CHECK("\033[12\003", 3); /* a control breaks a sequence off, and counts */
    CHECK_NOTHING("\033[1;2");
    CHECK_NOTHING("\033O");
}

static void the_wheel_and_a_click_are_keys(void **state)
{
    (void)state;
    CHECK("\033[<64;10;5M", KEY_WHEEL_UP, KEY_WHEEL_UP, KEY_WHEEL_UP);
    CHECK("\033[<65;10;5M", KEY_WHEEL_DOWN, KEY_WHEEL_DOWN, KEY_WHEEL_DOWN);
    CHECK("\033[<0;10;5M\033[<0;10;5m", KEY_CLICK_AT(4, 9)); /* the release is none */
    CHECK("\033[<0;4095;4095M", KEY_CLICK_AT(4094, 4094));
    CHECK_NOTHING("\033[<0;0;5M\033[<0;5M\033[<0M\033[<0;9999999;1M"); /* no such place */
    CHECK_NOTHING("\033[<1;10;5M\033[<2;10;5M");                       /* the other buttons */
    CHECK_NOTHING("\033[<4;10;5M\033[<16;10;5M"); /* with Shift, with Control */
    CHECK_NOTHING("\033[<32;10;5M\033[<35;1;1M"); /* it is dragged, it moves */
}

/* What a terminal sends that does not know the newer form. */
static void the_mouse_of_old_terminals_is_understood(void **state)
{
    (void)state;
    CHECK("\033[M !!q", KEY_CLICK_AT(0, 0), 'q');
    CHECK("\033[M *%\033[M#*%", KEY_CLICK_AT(4, 9)); /* the release is none */
    CHECK("\033[M \377\377", KEY_CLICK_AT(222, 222));
    CHECK("\033[M`*%", KEY_WHEEL_UP, KEY_WHEEL_UP, KEY_WHEEL_UP);
    CHECK("\033[Ma*%", KEY_WHEEL_DOWN, KEY_WHEEL_DOWN, KEY_WHEEL_DOWN);
    CHECK("\033[M   q", 'q');          /* no such place */
    CHECK("\033[M!*%\033[M$*%q", 'q'); /* another button; with Shift */
    CHECK("\033[M\001*%q", 'q');       /* below what can be meant */
    CHECK_NOTHING("\033[M !");
}

static void a_paste_is_marked_and_is_only_text(void **state)
{
    (void)state;
    CHECK("\033[200~yes\r\033[201~q", KEY_PASTE_BEGIN, 'y', 'e', 's', KEY_RETURN, KEY_PASTE_END,
          'q');
    CHECK("\033[200~\033[A\033OPx\033[20\033[201~", KEY_PASTE_BEGIN, '[', 'A', 'O', 'P', 'x',
          '[', '2', '0', KEY_PASTE_END);
}

static void what_was_typed_can_be_dropped(void **state)
{
    (void)state;
    struct keyboard keyboard = fresh();
    keyboard_add(&keyboard, STR("\033[<64;1;1Mqqq\033"), 1);
    assert_int_equal(keyboard_next(&keyboard, 1), KEY_WHEEL_UP);
    keyboard_drop(&keyboard);
    assert_int_equal(keyboard_next(&keyboard, US_PER_SECOND), 0);
    assert_int_equal(keyboard_deadline(&keyboard), INT64_MAX);
    keyboard_release(&keyboard);
}

/* What is dropped may hold the beginning of a paste, its end, or half of a mark: the keys
 * behind it are keys, and the rest of the paste is none. */
static void a_paste_survives_the_drop_of_a_part_of_it(void **state)
{
    (void)state;
    static const struct {
        const char *before, *behind;
        uint32_t keys[4];
    } cases[] = {
        {"\033[200~ab\033[201~", "q", {KEY_PASTE_BEGIN, KEY_PASTE_END, 'q'}},
        {"\033[200~ab", "c\033[201~q", {KEY_PASTE_BEGIN, 'c', KEY_PASTE_END, 'q'}},
        {"x\033[200~ab\033[20", "1~q", {KEY_PASTE_BEGIN, KEY_PASTE_END, 'q'}},
        {"x\033[20", "0~q\033[201~k", {KEY_PASTE_BEGIN, 'q', KEY_PASTE_END, 'k'}},
        {"x\033[", "Ak", {'k'}}, /* half an arrow is dropped whole */
        {"x\303", "\251k", {'k'}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct keyboard keyboard = fresh();
        keyboard_add(&keyboard, str_from(cases[i].before), 1);
        keyboard_drop(&keyboard);
        keyboard_add(&keyboard, str_from(cases[i].behind), 2);
        for (size_t k = 0; k < COUNT_OF(cases[i].keys); k++) {
            assert_int_equal(keyboard_next(&keyboard, 2), cases[i].keys[k]);
        }
        keyboard_release(&keyboard);
    }
}

/* A slow line cuts the mark in two: the paste ends all the same. */
static void a_paste_waits_for_its_end(void **state)
{
    (void)state;
    struct keyboard keyboard = fresh();
    keyboard_add(&keyboard, STR("\033[200~a\303"), 0);
    assert_int_equal(keyboard_next(&keyboard, 0), KEY_PASTE_BEGIN);
    assert_int_equal(keyboard_next(&keyboard, 0), 'a');
    assert_int_equal(keyboard_next(&keyboard, 2 * ESCAPE_US), 0);
    keyboard_add(&keyboard, STR("\251\033[20"), 3 * ESCAPE_US);
    assert_int_equal(keyboard_next(&keyboard, 3 * ESCAPE_US), 0xe9);
    assert_int_equal(keyboard_next(&keyboard, US_PER_HOUR), 0);
    assert_int_equal(keyboard_deadline(&keyboard), INT64_MAX);
    keyboard_add(&keyboard, STR("1~q"), US_PER_HOUR);
    assert_int_equal(keyboard_next(&keyboard, US_PER_HOUR), KEY_PASTE_END);
    assert_int_equal(keyboard_next(&keyboard, US_PER_HOUR), 'q');
    keyboard_release(&keyboard);
}

/* Its end never comes: Esc, and nothing behind it for a second, is a person. */
static void escape_ends_a_paste_without_an_end(void **state)
{
    (void)state;
    struct keyboard keyboard = fresh();
    keyboard_add(&keyboard, STR("\033[200~q"), 0);
    assert_int_equal(keyboard_next(&keyboard, 0), KEY_PASTE_BEGIN);
    assert_int_equal(keyboard_next(&keyboard, 0), 'q');
    keyboard_add(&keyboard, STR("\033"), US_PER_SECOND);
    assert_int_equal(keyboard_next(&keyboard, US_PER_SECOND + ESCAPE_US), 0);
    assert_int_equal(keyboard_deadline(&keyboard), 2 * US_PER_SECOND);
    assert_int_equal(keyboard_next(&keyboard, 2 * US_PER_SECOND), KEY_PASTE_END);
    keyboard_add(&keyboard, STR("j"), 3 * US_PER_SECOND);
    assert_int_equal(keyboard_next(&keyboard, 3 * US_PER_SECOND), 'j');
    keyboard_release(&keyboard);
}

/* A sequence without an end is swallowed as long as it comes without a pause. */
static void an_endless_sequence_is_no_keys(void **state)
{
    (void)state;
    static const char *const begins[] = {"\033[", "\033]", "\033P"};
    for (size_t i = 0; i < COUNT_OF(begins); i++) {
        struct keyboard keyboard = fresh();
        int64_t now_us = US_PER_SECOND;
        keyboard_add(&keyboard, str_from(begins[i]), now_us);
        for (int k = 0; k < 3000; k++) {
            now_us += US_PER_MS;
            keyboard_add(&keyboard, STR("1234567;"), now_us);
            assert_int_equal(keyboard_next(&keyboard, now_us), 0);
        }
        assert_true(keyboard.bytes.len < 64 * 1024);
        now_us += ESCAPE_US;
        keyboard_add(&keyboard, STR("j"), now_us);
        assert_int_equal(keyboard_next(&keyboard, now_us), 'j');
        keyboard_release(&keyboard);
    }
}

/* Any bytes, in any pieces: no key but those there are, and an end. */
static void noise_ends(void **state)
{
    (void)state;
    unsigned seed = (unsigned)time(NULL);
    printf("# seed %u\n", seed);
    srand(seed);
    for (int round = 0; round < 2000; round++) {
        char bytes[64];
        uint32_t keys[512];
        size_t length = (size_t)rand() % sizeof(bytes);
        for (size_t i = 0; i < length; i++) {
            static const char likely[] = "\033[O<]MP;~0126\a\\AZ";
            size_t pick = (size_t)rand() % (sizeof(likely) - 1);
            bytes[i] = (char)(rand() % 2 ? likely[pick] : rand() % 256);
        }
        size_t count =
            keys_of((struct str){bytes, length}, 1 + (size_t)rand() % 7, keys, COUNT_OF(keys));
        for (size_t i = 0; i < count; i++) {
            assert_true(keys[i] != 0 && (keys[i] <= KEY_PASTE_END || key_is_click(keys[i])));
            assert_true(keys[i] < 0x80 || keys[i] >= 0xa0);
        }
    }
}

static void the_clipboard_sequence(void **state)
{
    (void)state;
    struct strbuf out = {0};
    clipboard_bytes(&out, STR("hello"), false);
    assert_string_equal(out.ptr, "\033]52;c;aGVsbG8=\a");
    strbuf_clear(&out);
    clipboard_bytes(&out, STR("h\303\251"), false);
    assert_string_equal(out.ptr, "\033]52;c;aMOp\a");
    strbuf_clear(&out);
    struct strbuf text = {0};
    strbuf_repeat(&text, 'x', 100);
    clipboard_bytes(&out, strbuf_str(&text), true);
    assert_true(str_starts(strbuf_str(&out), "\033P\033]52;c;eHh4"));
    assert_true(str_ends(strbuf_str(&out), "\a\033\\"));
    assert_non_null(strstr(out.ptr + 4, "\033\\\033P")); /* more than one piece */
    strbuf_release(&text);
    strbuf_release(&out);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_and_characters),
        cmocka_unit_test(keys_with_names),
        cmocka_unit_test(function_keys_are_known_by_their_numbers),
        cmocka_unit_test(escape_alone_waits_a_moment),
        cmocka_unit_test(what_is_not_known_is_swallowed_whole),
        cmocka_unit_test(the_wheel_and_a_click_are_keys),
        cmocka_unit_test(the_mouse_of_old_terminals_is_understood),
        cmocka_unit_test(a_paste_is_marked_and_is_only_text),
        cmocka_unit_test(what_was_typed_can_be_dropped),
        cmocka_unit_test(a_paste_survives_the_drop_of_a_part_of_it),
        cmocka_unit_test(a_paste_waits_for_its_end),
        cmocka_unit_test(escape_ends_a_paste_without_an_end),
        cmocka_unit_test(an_endless_sequence_is_no_keys),
        cmocka_unit_test(noise_ends),
        cmocka_unit_test(the_clipboard_sequence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
