/* SPDX-License-Identifier: PostgreSQL */
/*
 * One line of typed text: whole characters in, whole characters out, and the few
 * movements that every shell knows.
 */
#include "ui_private.h"

#include <string.h>

void input_set(struct input *input, const char *text)
{
    size_t length = strlen(text);
    length = length < INPUT_MAX ? length : INPUT_MAX - 1;
    memcpy(input->text, text, length);
    input->text[length] = '\0';
    input->len = length;
    input->cursor = length;
    input->chosen = false;
}

void input_choose(struct input *input, const char *text)
{
    if (text) {
        input_set(input, text);
    }
    input->cursor = input->len;
    input->chosen = input->len > 0;
}

static size_t before(const struct input *input, size_t at)
{
    while (at > 0 && ((unsigned char)input->text[--at] & 0xc0) == 0x80) {
    }
    return at;
}

static size_t behind(const struct input *input, size_t at)
{
    at += at < input->len;
    while (at < input->len && ((unsigned char)input->text[at] & 0xc0) == 0x80) {
        at++;
    }
    return at;
}

static void cut(struct input *input, size_t from, size_t to)
{
    memmove(input->text + from, input->text + to, input->len - to + 1);
    input->len -= to - from;
    input->cursor = from;
}

static size_t encode(uint32_t code_point, char out[4])
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    size_t length = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code_point & 0x3f));
        code_point >>= 6;
    }
    out[0] = (char)(lead[length] | code_point);
    return length;
}

/* Controls and what a terminal would not show are no text. */
static bool is_text(uint32_t key)
{
    return key >= ' ' && key != KEY_RUB && key < KEY_SPECIAL &&
           (key < 0x80 || utf8_width(key) > 0);
}

static bool insert(struct input *input, uint32_t key)
{
    char bytes[4];
    size_t length = encode(key, bytes);
    if (input->len + length >= INPUT_MAX) {
        return true; /* full: the key is taken and nothing happens */
    }
    memmove(input->text + input->cursor + length, input->text + input->cursor,
            input->len - input->cursor + 1);
    memcpy(input->text + input->cursor, bytes, length);
    input->len += length;
    input->cursor += length;
    return true;
}

static size_t word_start(const struct input *input)
{
    size_t at = input->cursor;
    while (at > 0 && input->text[at - 1] == ' ') {
        at--;
    }
    while (at > 0 && input->text[at - 1] != ' ') {
        at--;
    }
    return at;
}

/* A chosen line gives way to what is typed, and to what takes something away. */
static void leave_choice(struct input *input, uint32_t key)
{
    bool takes_away = key == KEY_RUB || key == KEY_DELETE || key == KEY_CONTROL('h') ||
                      key == KEY_CONTROL('d') || key == KEY_CONTROL('w');
    if (input->chosen && (takes_away || is_text(key))) {
        input_set(input, "");
    }
    input->chosen = false;
}

bool input_key(struct input *input, uint32_t key)
{
    bool chosen = input->chosen;
    leave_choice(input, key);
    switch (key) {
    case KEY_LEFT_ARROW:
    case KEY_CONTROL('b'):
        input->cursor = before(input, input->cursor);
        return true;
    case KEY_RIGHT_ARROW:
    case KEY_CONTROL('f'):
        input->cursor = behind(input, input->cursor);
        return true;
    case KEY_HOME_KEY:
    case KEY_CONTROL('a'):
        input->cursor = 0;
        return true;
    case KEY_END_KEY:
    case KEY_CONTROL('e'):
        input->cursor = input->len;
        return true;
    case KEY_RUB:
    case KEY_CONTROL('h'):
        cut(input, before(input, input->cursor), input->cursor);
        return true;
    case KEY_DELETE:
    case KEY_CONTROL('d'):
        cut(input, input->cursor, behind(input, input->cursor));
        return true;
    case KEY_CONTROL('w'):
        cut(input, word_start(input), input->cursor);
        return true;
    case KEY_CONTROL('u'):
        cut(input, 0, input->cursor);
        return true;
    case KEY_CONTROL('k'):
        cut(input, input->cursor, input->len);
        return true;
    default:
        input->chosen = chosen && !is_text(key); /* a key that means nothing changes nothing */
        return is_text(key) && insert(input, key);
    }
}

void input_draw(struct area area, int row, int column, int columns, const struct input *input)
{
    struct area field = area_part(area, row, column, 1, columns);
    struct str whole = {input->text, input->len};
    struct str left = {input->text, input->cursor};
    int at = str_width(left);
    int hidden = at >= columns ? at - columns + 1 : 0;
    area_rule(field, 0, 0, STYLE_INPUT, STR(" "));
    (void)area_put(field, 0, -hidden, STYLE_INPUT, input->chosen ? CELL_SELECTED : 0, whole);
    area.grid->cursor_row = field.row;
    area.grid->cursor_column = field.column + at - hidden;
}
