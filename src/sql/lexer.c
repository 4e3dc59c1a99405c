/* SPDX-License-Identifier: PostgreSQL */
/*
 * The scanner behind the cut: psql's rules, one byte class at a time. Operators
 * need no token of their own, because "--" and the start of a C comment end an
 * operator wherever they stand in it; numbers do, because a word glued to a number
 * is swallowed and must not be taken for BEGIN, END or the E of a string.
 */
#include "lexer_bytes.h"

static struct lexer_mark mark_here(const struct lexer *lexer)
{
    return (struct lexer_mark){.offset = lexer->base + lexer->position, .line = lexer->line};
}

/* ------------------------------------------------------------------- code */

static void open_literal(struct lexer *lexer, enum lexer_state state, size_t opening)
{
    lexer->quote = mark_here(lexer);
    lexer->plain = false;
    lexer->position += opening;
    lexer->state = state;
}

static void open_plain_string(struct lexer *lexer)
{
    open_literal(lexer, lexer->strings_on ? LEXER_STANDARD : LEXER_ESCAPE, 1);
    lexer->plain = true;
}

/* E'', B'', X'', N'', U&'', U&"": true when the letter here is such a prefix. */
static bool open_prefixed(struct lexer *lexer)
{
    char letter = lexer->at[lexer->position];
    char next = peek(lexer, 1);
    if (next == '\'') {
        switch (letter) {
        case 'e':
        case 'E':
            open_literal(lexer, LEXER_ESCAPE, 2);
            return true;
        case 'b':
        case 'B':
        case 'x':
        case 'X':
            open_literal(lexer, LEXER_BITS, 2);
            return true;
        case 'n':
        case 'N':
            lexer->position++;
            open_plain_string(lexer);
            return true;
        default:
            return false;
        }
    }
    if ((letter == 'u' || letter == 'U') && next == '&') {
        if (peek(lexer, 2) == '\'') {
            open_literal(lexer, LEXER_STANDARD, 3);
        } else if (peek(lexer, 2) == '"') {
            open_literal(lexer, LEXER_IDENTIFIER, 3);
        } else {
            lexer->position++;
        }
        return true;
    }
    return false;
}

bool lexer_is_keyword(struct str word, const char *keyword)
{
    if (word.len == 0 || (word.ptr[0] | ('a' - 'A')) != keyword[0]) {
        return false; /* most words are told apart by their first letter */
    }
    size_t i = 0;
    for (; i < word.len && keyword[i] != '\0'; i++) {
        char byte = word.ptr[i];
        if (byte >= 'A' && byte <= 'Z') {
            byte = (char)(byte - 'A' + 'a');
        }
        if (byte != keyword[i]) {
            return false;
        }
    }
    return i == word.len && keyword[i] == '\0';
}

/* CREATE [OR REPLACE] FUNCTION or PROCEDURE, by the first letters kept so far. */
static bool in_routine(const struct lexer *lexer)
{
    const char *letters = lexer->identifiers;
    if (letters[0] != 'c') {
        return false;
    }
    return letters[1] == 'f' || letters[1] == 'p' ||
           (letters[1] == 'o' && letters[2] == 'r' && (letters[3] == 'f' || letters[3] == 'p'));
}

static void count_block(struct lexer *lexer, struct str word, struct lexer_mark mark)
{
    if (lexer_is_keyword(word, "begin")) {
        if (lexer->begin_depth++ == 0) {
            lexer->begin = mark;
        }
    } else if (lexer_is_keyword(word, "case")) {
        lexer->begin_depth += lexer->begin_depth >= 1;
    } else if (lexer_is_keyword(word, "end")) {
        lexer->begin_depth -= lexer->begin_depth > 0;
    }
}

/*
 * psql's heuristics for SQL-standard function bodies: among the first four words
 * it keeps the first letter of five keywords, and then counts BEGIN, CASE, END.
 * Words in parentheses are left out, as psql does from 15.19 on.
 */
static void count_word(struct lexer *lexer, struct str word, struct lexer_mark mark)
{
    static const char *const kept[] = {"create", "function", "procedure", "or", "replace"};
    if (lexer->paren_depth > 0) {
        return;
    }
    if (lexer->identifier_count == 0) {
        memset(lexer->identifiers, 0, sizeof lexer->identifiers);
    }
    if (lexer->identifier_count < COUNT_OF(lexer->identifiers)) {
        for (size_t i = 0; i < COUNT_OF(kept); i++) {
            if (lexer_is_keyword(word, kept[i])) {
                lexer->identifiers[lexer->identifier_count] = kept[i][0];
            }
        }
    }
    lexer->identifier_count++;
    if (in_routine(lexer)) {
        count_block(lexer, word, mark);
    }
}

static void skip_word(struct lexer *lexer)
{
    while (lexer->position < lexer->length &&
           (is_name_byte(lexer->at[lexer->position]) || lexer->at[lexer->position] == '$')) {
        lexer->position++;
    }
}

static void run_word(struct lexer *lexer)
{
    if (open_prefixed(lexer)) {
        return;
    }
    struct lexer_mark mark = mark_here(lexer);
    size_t start = lexer->position;
    skip_word(lexer);
    count_word(lexer, (struct str){lexer->at + start, lexer->position - start}, mark);
}

static void skip_digits(struct lexer *lexer)
{
    while (is_digit(peek(lexer, 0))) {
        lexer->position++;
    }
}

/* A word glued to a number belongs to it; the server refuses it later. */
static void skip_glued_word(struct lexer *lexer)
{
    if (is_letter(peek(lexer, 0))) {
        skip_word(lexer);
    }
}

static void run_number(struct lexer *lexer)
{
    skip_digits(lexer);
    if (peek(lexer, 0) == '.') {
        if (peek(lexer, 1) == '.') {
            return;
        }
        lexer->position++;
        skip_digits(lexer);
    }
    char letter = peek(lexer, 0);
    char sign = peek(lexer, 1);
    if ((letter == 'e' || letter == 'E') && (sign == '+' || sign == '-')) {
        lexer->position += 2;
        if (!is_digit(peek(lexer, 0))) {
            return;
        }
        skip_digits(lexer);
    }
    skip_glued_word(lexer);
}

static void run_dollar_sign(struct lexer *lexer)
{
    size_t ahead = 1;
    if (is_digit(peek(lexer, 1))) {
        lexer->position++;
        skip_digits(lexer);
        skip_glued_word(lexer);
        return;
    }
    while (is_name_byte(peek(lexer, ahead))) {
        ahead++;
    }
    if (peek(lexer, ahead) != '$') {
        lexer->position++;
        return;
    }
    strbuf_clear(&lexer->tag);
    strbuf_add(&lexer->tag, (struct str){lexer->at + lexer->position, ahead + 1});
    open_literal(lexer, LEXER_DOLLAR, ahead + 1);
}

/* Length of name bytes that start `ahead` of the position. */
static size_t name_length(const struct lexer *lexer, size_t ahead)
{
    size_t length = 0;
    while (is_name_byte(peek(lexer, ahead + length))) {
        length++;
    }
    return length;
}

/* "::", and psql's variables :name, :'name', :"name", :{?name}, which stay as they are. */
static void run_colon(struct lexer *lexer)
{
    char next = peek(lexer, 1);
    size_t skip = 1;
    if (next == ':') {
        skip = 2;
    } else if (is_name_byte(next)) {
        skip = 1 + name_length(lexer, 1);
    } else if (next == '\'' || next == '"') {
        size_t name = name_length(lexer, 2);
        skip = name > 0 && peek(lexer, 2 + name) == next ? name + 3 : 1;
    } else if (next == '{' && peek(lexer, 2) == '?') {
        size_t name = name_length(lexer, 3);
        skip = name > 0 && peek(lexer, 3 + name) == '}' ? name + 4 : 1;
    }
    lexer->position += skip;
}

static void run_line_comment(struct lexer *lexer)
{
    const char *from = lexer->at + lexer->position;
    const char *end = memchr(from, '\r', lexer->length - lexer->position);
    lexer->position = end ? (size_t)(end - lexer->at) : lexer->length;
}

static void note_start(struct lexer *lexer)
{
    if (!lexer->open) {
        lexer->open = true;
        lexer->start = mark_here(lexer);
    }
}

static void note_head(struct lexer *lexer)
{
    note_start(lexer);
    if (!lexer->has_head) {
        lexer->has_head = true;
        lexer->head = mark_here(lexer);
    }
}

/* True when white space or a comment stood here. */
static bool run_blank(struct lexer *lexer, enum byte_class class)
{
    if (class == CLASS_SPACE) {
        lexer->position++;
        return true;
    }
    if (class == CLASS_DASH && peek(lexer, 1) == '-') {
        run_line_comment(lexer);
        return true;
    }
    if (class == CLASS_SLASH && peek(lexer, 1) == '*') {
        note_start(lexer);
        open_literal(lexer, LEXER_COMMENT, 2);
        lexer->comment_depth = 0;
        return true;
    }
    return false;
}

static void run_token(struct lexer *lexer, enum byte_class class)
{
    switch (class) {
    case CLASS_LETTER:
        run_word(lexer);
        break;
    case CLASS_DIGIT:
        run_number(lexer);
        break;
    case CLASS_DOT:
        if (is_digit(peek(lexer, 1))) {
            run_number(lexer);
        } else {
            lexer->position += peek(lexer, 1) == '.' ? 2 : 1;
        }
        break;
    case CLASS_QUOTE:
        open_plain_string(lexer);
        break;
    case CLASS_DOUBLE_QUOTE:
        open_literal(lexer, LEXER_IDENTIFIER, 1);
        break;
    case CLASS_DOLLAR:
        run_dollar_sign(lexer);
        break;
    case CLASS_COLON:
        run_colon(lexer);
        break;
    case CLASS_OPEN:
        if (lexer->paren_depth++ == 0) {
            lexer->paren = mark_here(lexer);
        }
        lexer->position++;
        break;
    case CLASS_CLOSE:
        lexer->paren_depth -= lexer->paren_depth > 0;
        lexer->position++;
        break;
    case CLASS_SPACE:
    case CLASS_DASH:
    case CLASS_SLASH:
    case CLASS_SEMICOLON:
    case CLASS_BACKSLASH:
    case CLASS_OTHER:
        lexer->position++;
        break;
    }
}

/* ------------------------------------------------------------------ public */

void lexer_line(struct lexer *lexer, struct str line, size_t base, int number)
{
    lexer->at = line.ptr;
    lexer->length = line.len;
    lexer->position = 0;
    lexer->base = base;
    lexer->line = number;
}

enum lexer_stop lexer_run(struct lexer *lexer)
{
    while (lexer->position < lexer->length) {
        if (lexer->state != LEXER_CODE) {
            lexer_run_literal(lexer);
            continue;
        }
        enum byte_class class = class_of(lexer->at[lexer->position]);
        if (run_blank(lexer, class)) {
            continue;
        }
        if (class == CLASS_BACKSLASH) {
            return LEXER_BACKSLASH;
        }
        if (class == CLASS_SEMICOLON && lexer->paren_depth == 0 && lexer->begin_depth == 0) {
            note_start(lexer);
            lexer->position++;
            return LEXER_SEMICOLON;
        }
        note_head(lexer);
        run_token(lexer, class);
    }
    return LEXER_LINE_END;
}

void lexer_next_statement(struct lexer *lexer)
{
    lexer->identifier_count = 0;
    lexer->open = false;
    lexer->has_head = false;
    lexer->backslash_string = false;
}

void lexer_release(struct lexer *lexer)
{
    strbuf_release(&lexer->tag);
    *lexer = (struct lexer){0};
}

bool lexer_in_literal(const struct lexer *lexer)
{
    return lexer->state != LEXER_CODE && lexer->state != LEXER_AFTER_QUOTE;
}
