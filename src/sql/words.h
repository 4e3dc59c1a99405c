/* SPDX-License-Identifier: PostgreSQL */
/*
 * words: the tokens of one statement that is already cut, for what can be told
 * without a grammar: transaction control, COPY ... FROM stdin, and settings of
 * standard_conforming_strings. Private to the room.
 */
#ifndef GONOGO_SQL_WORDS_H
#define GONOGO_SQL_WORDS_H

#include "sql.h"

enum word_kind {
    WORD_END,
    WORD_PLAIN,  /* identifier or keyword as written */
    WORD_QUOTED, /* "identifier", quotes included */
    WORD_STRING, /* any string literal, prefix and quotes included */
    WORD_NUMBER,
    WORD_OPERATOR, /* one byte of an operator, or a byte of no other kind */
    WORD_SYMBOL,   /* one of ( ) [ ] , ; . */
};
struct word {
    enum word_kind kind;
    struct str text;
};
struct word_reader {
    struct str text;
    size_t position;
    bool strings_on;
    int comment_depth; /* of the most nested C comment that was skipped */
};
struct word word_next(struct word_reader *reader);
bool word_equals(struct word word, const char *keyword); /* a plain word, any case */

/* Fills control, chain and copy_from_stdin. */
void words_classify(struct str text, struct sql_statement *statement);

/* A statement that sets standard_conforming_strings. */
enum strings_change {
    STRINGS_SAME,
    STRINGS_ON,
    STRINGS_OFF,
    STRINGS_DEFAULT,
};
enum strings_change words_strings_change(struct str text, bool strings_on, bool *local);

#endif
