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
    CHECK("\033[29~\033[K\033Ozq", 'q');
    CHECK("\033]11;rgb:0000/0000/0000\033\\q", 'q');
    CHECK("\033]52;c;aGFsbG8=\aq", 'q');
    CHECK("\033P1$r0m\033\\q", 'q');
    CHECK("\033[12\003", 3); /* a control breaks a sequence off, and counts */
    CHECK_NOTHING("\033[1;2");
    CHECK_NOTHING("\033O");
}

static void the_mouse_moves_and_nothing_else(void **state)
{
    (void)state;
    CHECK("\033[<64;10;5M", KEY_WHEEL_UP, KEY_WHEEL_UP, KEY_WHEEL_UP);
    CHECK("\033[<65;10;5M", KEY_WHEEL_DOWN, KEY_WHEEL_DOWN, KEY_WHEEL_DOWN);
    CHECK_NOTHING("\033[<0;10;5M\033[<0;10;5m\033[<35;1;1M");
    CHECK("\033[M !!q", 'q'); /* the report of old */
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
            assert_true(keys[i] != 0 && keys[i] <= KEY_PASTE_END);
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
        cmocka_unit_test(escape_alone_waits_a_moment),
        cmocka_unit_test(what_is_not_known_is_swallowed_whole),
        cmocka_unit_test(the_mouse_moves_and_nothing_else),
        cmocka_unit_test(a_paste_is_marked_and_is_only_text),
        cmocka_unit_test(what_was_typed_can_be_dropped),
        cmocka_unit_test(noise_ends),
        cmocka_unit_test(the_clipboard_sequence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
