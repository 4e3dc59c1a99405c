/* SPDX-License-Identifier: PostgreSQL */
/*
 * lexer: psql's reading of one line of SQL. It knows where a statement ends and
 * nothing else. psql hands its scanner one line at a time without the line end,
 * and so do we: two of psql's habits hang on that (a string is not continued over
 * "\n" with the rules of its first part, and standard_conforming_strings is asked
 * once per line). Private to the room.
 */
#ifndef GONOGO_SQL_LEXER_H
#define GONOGO_SQL_LEXER_H

#include "sql.h"

enum lexer_state {
    LEXER_CODE,
    LEXER_AFTER_QUOTE, /* behind a closing ': a continuation may follow */
    LEXER_STANDARD,    /* '...', U&'...' : only '' is special */
    LEXER_ESCAPE,      /* E'...', and '...' while standard_conforming_strings is off */
    LEXER_BITS,        /* B'...', X'...' */
    LEXER_IDENTIFIER,  /* "..." and U&"..." */
    LEXER_DOLLAR,      /* $tag$...$tag$ */
    LEXER_COMMENT,     /* C comment, nested */
};

/* Where something was opened; `column` 0 until the end of its line. */
struct lexer_mark {
    size_t offset;
    int line;
    int column;
};

struct lexer {
    enum lexer_state state;
    enum lexer_state before_quote_end; /* what AFTER_QUOTE continues */
    bool plain;                        /* the open string has no prefix */
    bool strings_on;                   /* standard_conforming_strings for this line */
    int comment_depth;
    int paren_depth;
    int begin_depth;
    unsigned identifier_count;
    char identifiers[4]; /* first letters of CREATE, OR, REPLACE, FUNCTION, PROCEDURE */
    struct strbuf tag;   /* of the open dollar quote, both $ included */

    struct lexer_mark quote; /* string, identifier, dollar quote or comment */
    struct lexer_mark paren;
    struct lexer_mark begin;

    bool open;               /* something of a statement was seen */
    bool has_head;           /* a word of it was seen */
    bool backslash_string;   /* a plain string of it held a backslash */
    struct lexer_mark start; /* its first byte in the file */
    struct lexer_mark head;  /* its first word */

    /* The line at hand. */
    const char *at;
    size_t length;
    size_t position;
    size_t base; /* offset of the line in the file */
    int line;
};

enum lexer_stop {
    LEXER_LINE_END,
    LEXER_SEMICOLON, /* position is behind it */
    LEXER_BACKSLASH, /* position is on it */
};

void lexer_line(struct lexer *lexer, struct str line, size_t base, int number);
enum lexer_stop lexer_run(struct lexer *lexer);
/* The statement is over: forgets all but what belongs to the line. */
void lexer_next_statement(struct lexer *lexer);
void lexer_release(struct lexer *lexer);
/* Compares with a lower-case ASCII keyword, ignoring the case of ASCII letters in any locale.
 */
bool lexer_is_keyword(struct str word, const char *keyword);
/* Whether psql keeps an empty line here. */
bool lexer_in_literal(const struct lexer *lexer);

#endif
