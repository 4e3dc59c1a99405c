/* SPDX-License-Identifier: PostgreSQL */
/*
 * Reads the tokens of one statement. The statement was cut by the lexer, so
 * literals are known to end; a literal that does not is simply the last token.
 */
#include "words.h"
#include "lexer.h"

static char byte_at(const struct word_reader *reader, size_t ahead)
{
    size_t at = reader->position + ahead;
    return at < reader->text.len ? reader->text.ptr[at] : '\0';
}

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
           (unsigned char)byte >= 0x80;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

static void skip_comment(struct word_reader *reader)
{
    int depth = 0;
    while (reader->position < reader->text.len) {
        if (byte_at(reader, 0) == '/' && byte_at(reader, 1) == '*') {
            depth++;
            reader->position += 2;
            reader->comment_depth =
                depth > reader->comment_depth ? depth : reader->comment_depth;
        } else if (byte_at(reader, 0) == '*' && byte_at(reader, 1) == '/') {
            reader->position += 2;
            if (--depth == 0) {
                return;
            }
        } else {
            reader->position++;
        }
    }
}

static void skip_blank(struct word_reader *reader)
{
    while (reader->position < reader->text.len) {
        char byte = byte_at(reader, 0);
        if (byte == ' ' || (byte >= '\t' && byte <= '\r')) {
            reader->position++;
        } else if (byte == '-' && byte_at(reader, 1) == '-') {
            while (reader->position < reader->text.len && byte_at(reader, 0) != '\n' &&
                   byte_at(reader, 0) != '\r') {
                reader->position++;
            }
        } else if (byte == '/' && byte_at(reader, 1) == '*') {
            skip_comment(reader);
        } else {
            return;
        }
    }
}

/* From the opening quote to behind the closing one; a doubled quote does not close. */
static void skip_quoted(struct word_reader *reader, char quote, bool escapes)
{
    reader->position++;
    while (reader->position < reader->text.len) {
        char byte = byte_at(reader, 0);
        reader->position++;
        if (escapes && byte == '\\') {
            reader->position += reader->position < reader->text.len;
        } else if (byte == quote) {
            if (byte_at(reader, 0) != quote) {
                return;
            }
            reader->position++;
        }
    }
}

/* True when a string with a prefix letter starts here; it is then skipped. */
static bool skip_prefixed(struct word_reader *reader, enum word_kind *kind)
{
    char letter = lower(byte_at(reader, 0));
    bool unicode = letter == 'u' && byte_at(reader, 1) == '&';
    size_t prefix = unicode ? 2 : 1;
    char quote = byte_at(reader, prefix);
    if (unicode && quote == '"') {
        *kind = WORD_QUOTED;
    } else if (quote == '\'' && (unicode || strchr("ebxn", letter) != NULL)) {
        *kind = WORD_STRING;
    } else {
        return false;
    }
    reader->position += prefix;
    skip_quoted(reader, quote, letter == 'e' || (letter == 'n' && !reader->strings_on));
    return true;
}

/* True when a dollar quote starts here; it is then skipped. */
static bool skip_dollar(struct word_reader *reader)
{
    size_t length = 1;
    if (is_digit(byte_at(reader, 1))) {
        return false;
    }
    while (is_letter(byte_at(reader, length)) || is_digit(byte_at(reader, length))) {
        length++;
    }
    if (byte_at(reader, length) != '$') {
        return false;
    }
    struct str tag = str_slice(reader->text, reader->position, length + 1);
    reader->position += tag.len;
    while (reader->position < reader->text.len) {
        if (str_is(str_slice(reader->text, reader->position, tag.len), tag)) {
            reader->position += tag.len;
            return true;
        }
        size_t next = str_find_byte(reader->text, '$', reader->position + 1);
        reader->position = next;
    }
    return true;
}

static enum word_kind skip_token(struct word_reader *reader)
{
    enum word_kind kind = WORD_OPERATOR;
    char byte = byte_at(reader, 0);
    if (is_letter(byte)) {
        if (skip_prefixed(reader, &kind)) {
            return kind;
        }
        while (is_letter(byte_at(reader, 0)) || is_digit(byte_at(reader, 0)) ||
               byte_at(reader, 0) == '$') {
            reader->position++;
        }
        return WORD_PLAIN;
    }
    if (is_digit(byte)) {
        while (is_digit(byte_at(reader, 0)) ||
               (byte_at(reader, 0) == '.' && is_digit(byte_at(reader, 1)))) {
            reader->position++;
        }
        return WORD_NUMBER;
    }
    if (byte == '\'' || byte == '"') {
        skip_quoted(reader, byte, byte == '\'' && !reader->strings_on);
        return byte == '"' ? WORD_QUOTED : WORD_STRING;
    }
    if (byte == '$' && skip_dollar(reader)) {
        return WORD_STRING;
    }
    reader->position++;
    return strchr("()[],;.", byte) != NULL ? WORD_SYMBOL : WORD_OPERATOR;
}

struct word word_next(struct word_reader *reader)
{
    skip_blank(reader);
    if (reader->position >= reader->text.len) {
        return (struct word){.kind = WORD_END};
    }
    size_t start = reader->position;
    enum word_kind kind = skip_token(reader);
    return (struct word){kind, str_slice(reader->text, start, reader->position - start)};
}

bool word_equals(struct word word, const char *keyword)
{
    return word.kind == WORD_PLAIN && lexer_is_keyword(word.text, keyword);
}

static bool is_symbol(struct word word, char symbol)
{
    return word.text.len == 1 && word.text.ptr[0] == symbol;
}

/* --------------------------------------------------------- transaction control */

enum {
    HEAD_WORDS = 6 /* ROLLBACK WORK TO SAVEPOINT, COMMIT WORK AND NO CHAIN */
};

/*
 * Words that make a statement control a transaction, as far as they must be there.
 * The first row that fits wins.
 */
static const struct {
    const char *words[3];
    enum sql_control control;
} controls[] = {
    {{"begin"}, SQL_CONTROL_BEGIN},
    {{"start", "transaction"}, SQL_CONTROL_BEGIN},
    {{"commit", "prepared"}, SQL_CONTROL_COMMIT_PREPARED},
    {{"commit"}, SQL_CONTROL_COMMIT},
    {{"end"}, SQL_CONTROL_COMMIT},
    {{"rollback", "prepared"}, SQL_CONTROL_ROLLBACK_PREPARED},
    {{"rollback", "to"}, SQL_CONTROL_ROLLBACK_TO},
    {{"rollback", "work", "to"}, SQL_CONTROL_ROLLBACK_TO},
    {{"rollback", "transaction", "to"}, SQL_CONTROL_ROLLBACK_TO},
    {{"rollback"}, SQL_CONTROL_ROLLBACK},
    {{"abort"}, SQL_CONTROL_ROLLBACK},
    {{"savepoint"}, SQL_CONTROL_SAVEPOINT},
    {{"release"}, SQL_CONTROL_RELEASE},
    {{"prepare", "transaction"}, SQL_CONTROL_PREPARE},
    {{"set", "transaction"}, SQL_CONTROL_SET},
    {{"set", "local", "transaction"}, SQL_CONTROL_SET},
};

static enum sql_control control_of(const struct word *words)
{
    for (size_t row = 0; row < COUNT_OF(controls); row++) {
        size_t matched = 0;
        while (matched < COUNT_OF(controls[row].words) && controls[row].words[matched] &&
               word_equals(words[matched], controls[row].words[matched])) {
            matched++;
        }
        if (matched == COUNT_OF(controls[row].words) || !controls[row].words[matched]) {
            return controls[row].control;
        }
    }
    return SQL_CONTROL_NONE;
}

/* COMMIT ... AND CHAIN, but not AND NO CHAIN. */
static bool chains(const struct word *words)
{
    for (size_t i = 1; i + 1 < HEAD_WORDS; i++) {
        if (word_equals(words[i], "and") && word_equals(words[i + 1], "chain")) {
            return true;
        }
    }
    return false;
}

/*
 * COPY name ... FROM STDIN, behind the word COPY. The grammar takes STDOUT for the
 * same thing. Only words outside of parentheses count.
 */
static bool copies_from_stdin(struct word_reader *reader)
{
    int depth = 0;
    bool after_from = false;
    struct word word;
    while ((word = word_next(reader)).kind != WORD_END) {
        if (after_from) {
            return word_equals(word, "stdin") || word_equals(word, "stdout");
        }
        depth += is_symbol(word, '(') - is_symbol(word, ')');
        if (depth == 0 && word_equals(word, "to")) {
            return false;
        }
        after_from = depth == 0 && word_equals(word, "from");
    }
    return false;
}

void words_classify(struct str text, struct sql_statement *statement)
{
    struct word_reader reader = {.text = text, .strings_on = statement->standard_strings};
    struct word words[HEAD_WORDS] = {{0}};
    words[0] = word_next(&reader);
    if (words[0].kind != WORD_PLAIN) {
        return;
    }
    if (word_equals(words[0], "copy")) {
        statement->copy_from_stdin = copies_from_stdin(&reader);
        return;
    }
    for (size_t i = 1; i < HEAD_WORDS; i++) {
        words[i] = word_next(&reader);
    }
    statement->control = control_of(words);
    statement->chain = (statement->control == SQL_CONTROL_COMMIT ||
                        statement->control == SQL_CONTROL_ROLLBACK) &&
                       chains(words);
}

bool sql_is_query(struct str text)
{
    static const char *const heads[] = {"select", "with", "values", "table"};
    struct word_reader reader = {.text = text, .strings_on = true};
    struct word word = word_next(&reader);
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        if (word_equals(word, heads[i])) {
            return true;
        }
    }
    return false;
}

/* ------------------------------------------------- standard_conforming_strings */

static const char setting_name[] = "standard_conforming_strings";

static bool is_prefix(struct str text, const char *word)
{
    size_t i = 0;
    while (i < text.len && word[i] != '\0' && lower(text.ptr[i]) == word[i]) {
        i++;
    }
    return i == text.len;
}

/* The word's meaning as a value of a boolean setting; PostgreSQL takes any prefix. */
static enum strings_change strings_value(struct word word)
{
    static const struct {
        const char *word;
        size_t least; /* letters that must be there */
        enum strings_change change;
    } values[] = {
        {"on", 2, STRINGS_ON},  {"true", 1, STRINGS_ON}, {"yes", 1, STRINGS_ON},
        {"1", 1, STRINGS_ON},   {"off", 2, STRINGS_OFF}, {"false", 1, STRINGS_OFF},
        {"no", 1, STRINGS_OFF}, {"0", 1, STRINGS_OFF},   {"default", 7, STRINGS_DEFAULT},
    };
    struct str text = word.text;
    if (word.kind == WORD_STRING || word.kind == WORD_QUOTED) {
        text = str_slice(text, 1, text.len < 2 ? 0 : text.len - 2);
    }
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        if (text.len >= values[i].least && is_prefix(text, values[i].word)) {
            return values[i].change;
        }
    }
    return STRINGS_SAME;
}

static bool names_setting(struct word word)
{
    struct str text = word.text;
    if (word.kind == WORD_STRING || word.kind == WORD_QUOTED) {
        text = str_slice(text, 1, text.len < 2 ? 0 : text.len - 2);
    }
    return lexer_is_keyword(text, setting_name);
}

static enum strings_change change_by_set(struct word_reader *reader, bool *local)
{
    struct word word = word_next(reader);
    *local = word_equals(word, "local");
    if (*local || word_equals(word, "session")) {
        word = word_next(reader);
    }
    if (!names_setting(word)) {
        return STRINGS_SAME;
    }
    word = word_next(reader);
    return is_symbol(word, '=') || word_equals(word, "to") ? strings_value(word_next(reader))
                                                           : STRINGS_SAME;
}

/* SELECT [pg_catalog.]set_config('standard_conforming_strings', 'off', is_local) */
static enum strings_change change_by_function(struct word_reader *reader, bool *local)
{
    struct word word = word_next(reader);
    if (word_equals(word, "pg_catalog")) {
        (void)word_next(reader);
        word = word_next(reader);
    }
    if (!word_equals(word, "set_config") || !is_symbol(word_next(reader), '(') ||
        !names_setting(word_next(reader)) || !is_symbol(word_next(reader), ',')) {
        return STRINGS_SAME;
    }
    enum strings_change change = strings_value(word_next(reader));
    (void)word_next(reader);
    *local = strings_value(word_next(reader)) == STRINGS_ON;
    return change;
}

enum strings_change words_strings_change(struct str text, bool strings_on, bool *local)
{
    struct word_reader reader = {.text = text, .strings_on = strings_on};
    struct word first = word_next(&reader);
    *local = false;
    if (word_equals(first, "set")) {
        return change_by_set(&reader, local);
    }
    if (word_equals(first, "select")) {
        return change_by_function(&reader, local);
    }
    if (word_equals(first, "reset") || word_equals(first, "discard")) {
        struct word what = word_next(&reader);
        bool all = word_equals(what, "all");
        bool named = word_equals(first, "reset") && names_setting(what);
        return all || named ? STRINGS_DEFAULT : STRINGS_SAME;
    }
    return STRINGS_SAME;
}
