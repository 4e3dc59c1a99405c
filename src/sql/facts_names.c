/* SPDX-License-Identifier: PostgreSQL */
/*
 * Identifiers that the server cuts: NAMEDATALEN leaves room for 63 bytes, and what is longer
 * loses its end with no more than a notice ("Identifiers and Key Words" in the manual). The
 * tree has them cut already, so they are looked for in the words of the text.
 */
#include "facts.h"
#include "lexer_bytes.h"
#include "words.h"

enum {
    NAME_BYTES_MAX = 63
};

static unsigned long hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return (unsigned long)(digit - '0');
    }
    return ((unsigned long)digit | 0x20) - 'a' + 10;
}

/* Bytes in UTF-8 of \XXXX (or \+XXXXXX) that stands at `at`; moves behind it. */
static size_t escaped_bytes(struct str text, size_t *at)
{
    size_t first = *at + (*at < text.len && text.ptr[*at] == '+');
    size_t digits = first > *at ? 6 : 4;
    unsigned long code = 0;
    for (size_t i = first; i < first + digits && i < text.len; i++) {
        code = code * 16 + hex_digit(text.ptr[i]);
    }
    *at = first + digits;
    return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/* Bytes of a quoted name without its quotes; U& with a backslash as its escape character. */
static size_t quoted_bytes(struct str word)
{
    size_t at = str_find_byte(word, '"', 0);
    bool unicode = at > 0;
    size_t bytes = 0;
    for (at++; at + 1 < word.len; bytes++) {
        char byte = word.ptr[at++];
        if (byte == '"' || (unicode && byte == '\\' && word.ptr[at] == '\\')) {
            at++;
        } else if (unicode && byte == '\\') {
            bytes += escaped_bytes(word, &at) - 1;
        }
    }
    return bytes;
}

static bool is_long(struct word word)
{
    if (word.text.len <= NAME_BYTES_MAX) {
        return false;
    }
    return word.kind == WORD_PLAIN ||
           (word.kind == WORD_QUOTED && quoted_bytes(word.text) > NAME_BYTES_MAX);
}

static bool is_listed(const struct gathering *gathering, struct str name)
{
    for (size_t i = 0; i < gathering->long_name_count; i++) {
        if (str_is(gathering->long_names[i], name)) {
            return true;
        }
    }
    return false;
}

/* Nearly no text has a long name: one look at its bytes says whether it may have one. */
static bool may_have_long(struct str text)
{
    size_t run = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool name = is_name_byte(text.ptr[i]) || text.ptr[i] == '$';
        run = name ? run + 1 : 0;
        if (run > NAME_BYTES_MAX || (text.ptr[i] == '"' && text.len > NAME_BYTES_MAX)) {
            return true;
        }
    }
    return false;
}

void gather_long_names(struct gathering *gathering, struct str text)
{
    if (!may_have_long(text)) {
        return;
    }
    struct word_reader reader = {.text = text,
                                 .strings_on = gathering->statement->standard_strings};
    struct word word;
    while ((word = word_next(&reader)).kind != WORD_END) {
        if (is_long(word) && !is_listed(gathering, word.text)) {
            *ARRAY_PUSH(gathering->long_names, gathering->long_name_count,
                        gathering->long_name_capacity) = word.text;
        }
    }
}
