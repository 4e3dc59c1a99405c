/* SPDX-License-Identifier: PostgreSQL */
/*
 * ECMA-48 as terminals speak it: CSI and SS3 sequences, strings that they send back, the
 * marks around a paste, mouse reports (SGR, X10). The sequences of the terminal's description
 * come first, because some old ones follow no rule.
 */
#include "keyboard.h"

#include <string.h>

enum {
    ESC = 0x1b,
    BEL = 0x07,
    STRING_MAX = 4096, /* a string that does not end is none */
    WHEEL_BIT = 64,
    LEFT_BUTTON = 0, /* pressed, and neither Shift nor Control is held, nor is it dragged */
};
static const char paste_end[] = "\033[201~";
/* Within a paste half of something is waited for longer: a slow line cuts anywhere. */
#define PASTE_PAUSE_US US_PER_SECOND

/* What was read: its length, 0 = more bytes are needed; the key, 0 = swallowed. */
struct token {
    size_t len;
    uint32_t key;
};

void keyboard_learn(struct keyboard *keyboard, const char *text, uint32_t key)
{
    size_t length = text ? strlen(text) : 0;
    if (length < 2 || length > SEQUENCE_MAX || text[0] != ESC ||
        keyboard->sequence_count == SEQUENCES_MAX) {
        return; /* a single byte is a key of its own already */
    }
    struct sequence *sequence = &keyboard->sequences[keyboard->sequence_count++];
    memcpy(sequence->text, text, length);
    sequence->len = length;
    sequence->key = key;
}

void keyboard_add(struct keyboard *keyboard, struct str bytes, int64_t now_us)
{
    struct strbuf *kept = &keyboard->bytes;
    if (keyboard->at > 0) {
        memmove(kept->ptr, kept->ptr + keyboard->at, kept->len - keyboard->at);
        kept->len -= keyboard->at;
        keyboard->dropped -=
            keyboard->dropped < keyboard->at ? keyboard->dropped : keyboard->at;
        keyboard->at = 0;
    }
    keyboard->endless = keyboard->endless && now_us < keyboard->since_us + keyboard->escape_us;
    keyboard->since_us = now_us;
    if (!keyboard->endless) {
        strbuf_add(kept, bytes);
    }
}

void keyboard_drop(struct keyboard *keyboard)
{
    keyboard->dropped = keyboard->bytes.len;
    keyboard->repeats = 0;
}

void keyboard_release(struct keyboard *keyboard)
{
    strbuf_release(&keyboard->bytes);
}

/* -------------------------------------------------------------------- sequences */

/* "1;5" begins with 1. */
static int first_number(struct str text)
{
    int value = 0;
    for (size_t i = 0; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++) {
        value = value < 10000 ? value * 10 + (text.ptr[i] - '0') : value;
    }
    return value;
}

static uint32_t key_of_letter(char letter)
{
    static const struct {
        char letter;
        uint32_t key;
    } keys[] = {{'A', KEY_UP_ARROW},   {'B', KEY_DOWN_ARROW}, {'C', KEY_RIGHT_ARROW},
                {'D', KEY_LEFT_ARROW}, {'H', KEY_HOME_KEY},   {'F', KEY_END_KEY},
                {'Z', KEY_BACK_TAB},   {'P', KEY_F1},         {'Q', KEY_F1 + 1},
                {'S', KEY_F1 + 3}};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        if (keys[i].letter == letter) {
            return keys[i].key;
        }
    }
    return 0;
}

/* F1 to F12 as a VT220 numbers them: with gaps where its keyboard has some. */
static uint32_t key_of_function(int number)
{
    static const int first[] = {11, 17, 23};
    static const int last[] = {15, 21, 24};
    uint32_t key = KEY_F1;
    for (size_t i = 0; i < COUNT_OF(first); i++) {
        if (number >= first[i] && number <= last[i]) {
            return key + (uint32_t)(number - first[i]);
        }
        key += (uint32_t)(last[i] - first[i] + 1);
    }
    return KEY_NAMELESS;
}

static uint32_t key_of_number(int number)
{
    static const struct {
        int number;
        uint32_t key;
    } keys[] = {{1, KEY_HOME_KEY},   {2, KEY_INSERT},  {3, KEY_DELETE},
                {4, KEY_END_KEY},    {5, KEY_PAGE_UP}, {6, KEY_PAGE_DOWN},
                {7, KEY_HOME_KEY},   {8, KEY_END_KEY}, {200, KEY_PASTE_BEGIN},
                {201, KEY_PASTE_END}};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        if (keys[i].number == number) {
            return keys[i].key;
        }
    }
    return key_of_function(number);
}

/* The wheel, or the left button at a place from 1; all else is no key. */
static uint32_t key_of_button(int button, int column, int row)
{
    if ((button & WHEEL_BIT) != 0) {
        return (button & 1) != 0 ? KEY_WHEEL_DOWN : KEY_WHEEL_UP;
    }
    bool placed = column > 0 && column <= KEY_CLICK_MASK && row > 0 && row <= KEY_CLICK_MASK;
    return placed && button == LEFT_BUTTON ? KEY_CLICK_AT(row - 1, (uint32_t)column - 1) : 0;
}

/* SGR: ESC [ < button ; column ; row M */
static uint32_t key_of_mouse(struct str parameters, char final)
{
    int numbers[3] = {0}; /* button, column, row */
    struct str rest = str_slice(parameters, 1, parameters.len);
    struct str number;
    for (size_t i = 0; i < COUNT_OF(numbers) && str_cut(&rest, ';', &number); i++) {
        numbers[i] = first_number(number);
    }
    return final == 'M' ? key_of_button(numbers[0], numbers[1], numbers[2]) : 0;
}

/* Terminals that know no SGR report as X10 did: three bytes behind ESC [ M, each 32 more than
 * its number, so that nothing beyond column 223 can be told. */
static uint32_t key_of_old_mouse(struct str bytes)
{
    enum {
        OFFSET = 32
    };
    int numbers[3];
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        numbers[i] = (unsigned char)bytes.ptr[i] - OFFSET;
    }
    return numbers[0] >= 0 ? key_of_button(numbers[0], numbers[1], numbers[2]) : 0;
}

static uint32_t key_of_csi(struct str parameters, char final)
{
    if (parameters.len > 0 && parameters.ptr[0] == '<') {
        return key_of_mouse(parameters, final);
    }
    if (parameters.len > 0 && (parameters.ptr[0] < '0' || parameters.ptr[0] > '9')) {
        return 0; /* an answer of the terminal */
    }
    return final == '~' ? key_of_number(first_number(parameters)) : key_of_letter(final);
}

/* ESC [ parameters intermediates final */
static struct token take_csi(struct str text)
{
    enum {
        OLD_MOUSE = 6,  /* ESC [ M and three bytes */
        CONSOLE_KEY = 4 /* ESC [ [ and A to E: F1 to F5 of the Linux console */
    };
    size_t at = 2;
    while (at < text.len && text.ptr[at] >= 0x20 && text.ptr[at] <= 0x3f) {
        at++;
    }
    if (at == text.len) {
        return (struct token){text.len < STRING_MAX ? 0 : text.len, 0};
    }
    char final = text.ptr[at];
    if (final == '[' && at == 2) {
        bool known = text.len >= CONSOLE_KEY && text.ptr[3] >= 'A' && text.ptr[3] <= 'E';
        return text.len < CONSOLE_KEY
                   ? (struct token){0, 0}
                   : (struct token){CONSOLE_KEY,
                                    known ? KEY_F1 + (uint32_t)(text.ptr[3] - 'A') : 0};
    }
    if (final == 'M' && at == 2) {
        return text.len < OLD_MOUSE
                   ? (struct token){0, 0}
                   : (struct token){OLD_MOUSE,
                                    key_of_old_mouse(str_slice(text, at + 1, OLD_MOUSE))};
    }
    bool whole = final >= 0x40 && final <= 0x7e;
    uint32_t key = whole ? key_of_csi(str_slice(text, 2, at - 2), final) : 0;
    return (struct token){whole ? at + 1 : at, key};
}

/* An answer in a string: up to BEL or ESC \. */
static struct token take_string(struct str text)
{
    for (size_t i = 2; i < text.len; i++) {
        if (text.ptr[i] == BEL) {
            return (struct token){i + 1, 0};
        }
        if (text.ptr[i] == ESC && i + 1 < text.len) {
            return (struct token){text.ptr[i + 1] == '\\' ? i + 2 : i, 0};
        }
    }
    return (struct token){text.len < STRING_MAX ? 0 : text.len, 0};
}

/* Of the description; `*part`: it could become one. */
static struct token take_learned(const struct keyboard *keyboard, struct str text, bool *part)
{
    struct token best = {0};
    for (size_t i = 0; i < keyboard->sequence_count; i++) {
        const struct sequence *sequence = &keyboard->sequences[i];
        size_t length = sequence->len < text.len ? sequence->len : text.len;
        if (memcmp(sequence->text, text.ptr, length) != 0) {
            continue;
        }
        if (length < sequence->len) {
            *part = true;
        } else if (length > best.len) {
            best = (struct token){length, sequence->key};
        }
    }
    return best;
}

static struct token take_escape(const struct keyboard *keyboard, struct str text)
{
    bool part = false;
    struct token learned = take_learned(keyboard, text, &part);
    if (learned.len > 0 || part || text.len == 1) {
        return learned;
    }
    switch (text.ptr[1]) {
    case '[':
        return take_csi(text);
    case 'O':
        return (struct token){text.len > 2 ? 3 : 0,
                              text.len <= 2        ? 0
                              : text.ptr[2] == 'R' ? (uint32_t)KEY_F1 + 2 /* no answer here */
                                                   : key_of_letter(text.ptr[2])};
    case ']':
    case 'P':
    case '_':
    case '^':
        return take_string(text);
    default:
        return (struct token){1, KEY_ESCAPE}; /* Esc, and then another key */
    }
}

/* -------------------------------------------------------------------- characters */

static struct token take_character(struct str text)
{
    static const unsigned char leads[] = {0xc2, 0xe0, 0xf0};
    unsigned char lead = (unsigned char)text.ptr[0];
    if (lead < 0x80) {
        return (struct token){1, lead};
    }
    size_t wanted = 1;
    for (size_t i = 0; i < COUNT_OF(leads); i++) {
        wanted = lead >= leads[i] && lead < 0xf5 ? i + 2 : wanted;
    }
    for (size_t i = 1; i < wanted; i++) {
        if (i == text.len) {
            return (struct token){0, 0};
        }
        if (((unsigned char)text.ptr[i] & 0xc0) != 0x80) {
            return (struct token){i, 0};
        }
    }
    uint32_t code_point = 0;
    size_t length = utf8_next(text, &code_point);
    bool good = length == wanted && code_point >= 0xa0;
    return (struct token){wanted, good ? code_point : 0};
}

/* Everything between the marks is text, whatever it looks like. */
static struct token take_pasted(struct str text)
{
    size_t length = text.len < strlen(paste_end) ? text.len : strlen(paste_end);
    if (memcmp(text.ptr, paste_end, length) != 0) {
        struct token token = take_character(text);
        return token.key == ESC ? (struct token){1, 0} : token;
    }
    bool whole = length == strlen(paste_end);
    return (struct token){whole ? length : 0, KEY_PASTE_END};
}

/* Half of the mark that ends a paste: more than Esc, which a person could have pressed. */
static bool is_part_of_end(struct str text)
{
    return text.len > 1 && text.len < strlen(paste_end) &&
           memcmp(text.ptr, paste_end, text.len) == 0;
}

/* Nothing followed in time: Esc was Esc, and half of something is nothing. Esc also ends a
 * paste whose end got lost; without that no key would count any more. */
static struct token take_late(const struct keyboard *keyboard, struct str text)
{
    bool alone = text.len == 1 && text.ptr[0] == ESC;
    return (struct token){text.len, !alone              ? 0
                                    : keyboard->pasting ? KEY_PASTE_END
                                                        : KEY_ESCAPE};
}

static struct token take(struct keyboard *keyboard, int64_t now_us)
{
    struct str text =
        str_slice(strbuf_str(&keyboard->bytes), keyboard->at, keyboard->bytes.len);
    struct token token = keyboard->pasting    ? take_pasted(text)
                         : text.ptr[0] == ESC ? take_escape(keyboard, text)
                                              : take_character(text);
    keyboard->endless = token.len >= STRING_MAX;
    return token.len == 0 && now_us >= keyboard_deadline(keyboard) ? take_late(keyboard, text)
                                                                   : token;
}

uint32_t keyboard_next(struct keyboard *keyboard, int64_t now_us)
{
    if (keyboard->repeats > 0) {
        keyboard->repeats--;
        return keyboard->repeat;
    }
    while (keyboard->at < keyboard->bytes.len) {
        struct token token = take(keyboard, now_us);
        if (token.len == 0) {
            return 0;
        }
        bool mark = token.key == KEY_PASTE_BEGIN || token.key == KEY_PASTE_END;
        bool dropped = keyboard->at < keyboard->dropped && !mark;
        keyboard->at += token.len;
        keyboard->pasting = mark ? token.key == KEY_PASTE_BEGIN : keyboard->pasting;
        if (dropped || token.key == 0) {
            continue;
        }
        if (token.key == KEY_WHEEL_UP || token.key == KEY_WHEEL_DOWN) {
            keyboard->repeat = token.key;
            keyboard->repeats = WHEEL_LINES - 1;
        }
        return token.key;
    }
    return 0;
}

int64_t keyboard_deadline(const struct keyboard *keyboard)
{
    struct str text =
        str_slice(strbuf_str(&keyboard->bytes), keyboard->at, keyboard->bytes.len);
    if (text.len == 0 || (keyboard->pasting && is_part_of_end(text))) {
        return INT64_MAX;
    }
    return keyboard->since_us + (keyboard->pasting ? PASTE_PAUSE_US : keyboard->escape_us);
}
