/* SPDX-License-Identifier: PostgreSQL */
/*
 * The scanner inside of strings, quoted identifiers, dollar quotes and comments: how far
 * each goes, and what it leaves behind.
 */
#include "lexer_bytes.h"

/*
 * Behind a closing quote: whether white space with a newline and another quote
 * follow. Only "\r" can be that newline, since "\n" ends the line.
 */
static void run_after_quote(struct lexer *lexer)
{
    size_t at = lexer->position;
    bool newline = false;
    lexer->state = LEXER_CODE;
    while (at < lexer->length) {
        char byte = lexer->at[at];
        if (byte == '\r') {
            newline = true;
            at++;
        } else if (class_of(byte) == CLASS_SPACE) {
            at++;
        } else if (byte == '-' && at + 1 < lexer->length && lexer->at[at + 1] == '-') {
            while (at < lexer->length && lexer->at[at] != '\r') {
                at++;
            }
        } else {
            break;
        }
    }
    if (newline && at < lexer->length && lexer->at[at] == '\'') {
        lexer->position = at + 1;
        lexer->state = lexer->before_quote_end;
    }
}

static void end_string(struct lexer *lexer)
{
    lexer->before_quote_end = lexer->state;
    lexer->state = LEXER_AFTER_QUOTE;
    if (lexer->position < lexer->length) {
        run_after_quote(lexer);
    }
}

static void run_standard(struct lexer *lexer, bool doubled)
{
    const char *from = lexer->at + lexer->position;
    const char *quote = memchr(from, '\'', lexer->length - lexer->position);
    size_t inside = quote ? (size_t)(quote - from) : lexer->length - lexer->position;
    if (lexer->plain && memchr(from, '\\', inside) != NULL) {
        lexer->backslash_string = true;
    }
    lexer->position += inside;
    if (quote == NULL) {
        return;
    }
    lexer->position++;
    if (doubled && peek(lexer, 0) == '\'') {
        lexer->position++;
        return;
    }
    end_string(lexer);
}

static void run_escape(struct lexer *lexer)
{
    while (lexer->position < lexer->length) {
        char byte = lexer->at[lexer->position++];
        if (byte == '\\') {
            lexer->backslash_string = lexer->backslash_string || lexer->plain;
            lexer->position += lexer->position < lexer->length;
        } else if (byte == '\'') {
            if (peek(lexer, 0) != '\'') {
                end_string(lexer);
                return;
            }
            lexer->position++;
        }
    }
}

static void run_identifier(struct lexer *lexer)
{
    const char *from = lexer->at + lexer->position;
    const char *quote = memchr(from, '"', lexer->length - lexer->position);
    if (quote == NULL) {
        lexer->position = lexer->length;
        return;
    }
    lexer->position += (size_t)(quote - from) + 1;
    if (peek(lexer, 0) == '"') {
        lexer->position++;
    } else {
        lexer->state = LEXER_CODE;
    }
}

static void run_dollar(struct lexer *lexer)
{
    while (lexer->position < lexer->length) {
        const char *from = lexer->at + lexer->position;
        size_t left = lexer->length - lexer->position;
        const char *dollar = memchr(from, '$', left);
        if (dollar == NULL) {
            break;
        }
        size_t skipped = (size_t)(dollar - from);
        if (left - skipped >= lexer->tag.len &&
            memcmp(dollar, lexer->tag.ptr, lexer->tag.len) == 0) {
            lexer->position += skipped + lexer->tag.len;
            lexer->state = LEXER_CODE;
            return;
        }
        lexer->position += skipped + 1;
    }
    lexer->position = lexer->length;
}

static void run_comment(struct lexer *lexer)
{
    while (lexer->position < lexer->length) {
        char byte = lexer->at[lexer->position];
        if (byte == '/' && peek(lexer, 1) == '*') {
            lexer->comment_depth++;
            lexer->position += 2;
        } else if (byte == '*' && peek(lexer, 1) == '/') {
            lexer->position += 2;
            if (lexer->comment_depth-- == 0) {
                lexer->comment_depth = 0;
                lexer->state = LEXER_CODE;
                return;
            }
        } else {
            lexer->position++;
        }
    }
}

void lexer_run_literal(struct lexer *lexer)
{
    switch (lexer->state) {
    case LEXER_CODE:
        break;
    case LEXER_AFTER_QUOTE:
        run_after_quote(lexer);
        break;
    case LEXER_STANDARD:
        run_standard(lexer, true);
        break;
    case LEXER_BITS:
        run_standard(lexer, false);
        break;
    case LEXER_ESCAPE:
        run_escape(lexer);
        break;
    case LEXER_IDENTIFIER:
        run_identifier(lexer);
        break;
    case LEXER_DOLLAR:
        run_dollar(lexer);
        break;
    case LEXER_COMMENT:
        run_comment(lexer);
        break;
    }
}
