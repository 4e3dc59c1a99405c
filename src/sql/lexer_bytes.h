/* SPDX-License-Identifier: PostgreSQL */
/*
 * lexer_bytes: the class of each byte that the scanner meets. Private to the room.
 */
#ifndef GONOGO_SQL_LEXER_BYTES_H
#define GONOGO_SQL_LEXER_BYTES_H

#include "lexer.h"

enum byte_class {
    CLASS_OTHER,
    CLASS_SPACE,
    CLASS_LETTER, /* may start an identifier: ASCII letters, _, all bytes from 0x80 on */
    CLASS_DIGIT,
    CLASS_DOT,
    CLASS_QUOTE,
    CLASS_DOUBLE_QUOTE,
    CLASS_DOLLAR,
    CLASS_COLON,
    CLASS_DASH,
    CLASS_SLASH,
    CLASS_OPEN,
    CLASS_CLOSE,
    CLASS_SEMICOLON,
    CLASS_BACKSLASH,
};

/* Class of each byte below 0x80; all above are letters. */
extern const unsigned char lexer_classes[128];

static inline enum byte_class class_of(char byte)
{
    unsigned char value = (unsigned char)byte;
    return value < COUNT_OF(lexer_classes) ? (enum byte_class)lexer_classes[value]
                                           : CLASS_LETTER;
}

/* The byte `ahead` of the position, 0 behind the end (no line holds a zero byte). */
static inline char peek(const struct lexer *lexer, size_t ahead)
{
    size_t at = lexer->position + ahead;
    return at < lexer->length ? lexer->at[at] : '\0';
}

static inline bool is_letter(char byte)
{
    return class_of(byte) == CLASS_LETTER;
}

static inline bool is_digit(char byte)
{
    return class_of(byte) == CLASS_DIGIT;
}

static inline bool is_name_byte(char byte) /* of a variable or of a dollar tag */
{
    return is_letter(byte) || is_digit(byte);
}

/* Goes on inside of the literal or comment that lexer->state names. */
void lexer_run_literal(struct lexer *lexer);

#endif
