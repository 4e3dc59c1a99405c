/* SPDX-License-Identifier: PostgreSQL */
/*
 * Which literals of SQL text carry secrets. The text is read token by token (words,
 * literals, comments, dollar quotes); a literal is masked when the word before it
 * speaks of a secret (PASSWORD '…', OPTIONS (password '…')) or of a connection
 * (CREATE SUBSCRIPTION … CONNECTION '…'), and, wherever it stands, when its own content
 * is a connection string with a password or SQL that sets one. Bodies in dollar quotes
 * are read the same way. Too much is masked rather than too little.
 */
#include "report.h"

enum {
    BODY_DEPTH_MAX = 8
};

struct reader {
    struct str text;
    size_t at;
    bool secret; /* the word before the literal asks for a mask */
    bool filled; /* a literal before this one in the statement sets a password */
    int depth;
    struct strbuf *out;
};

static bool is_word_byte(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte >= 0x80;
}

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

/* Position of `word` (lower case) in `text` at or after `from`; text.len when absent. */
static size_t find_word(struct str text, const char *word, size_t from)
{
    size_t len = strlen(word);
    for (size_t i = from; i + len <= text.len; i++) {
        size_t k = 0;
        while (k < len && lower(text.ptr[i + k]) == word[k]) {
            k++;
        }
        if (k == len) {
            return i;
        }
    }
    return text.len;
}

static bool has_word(struct str text, const char *word)
{
    return find_word(text, word, 0) < text.len;
}

static bool word_is_secret(struct str word)
{
    static const char *const parts[] = {"password", "passwd",     "passphrase", "secret",
                                        "token",    "credential", "access_key", "api_key",
                                        "apikey",   "private_key"};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (has_word(word, parts[i])) {
            return true;
        }
    }
    return word.len == 10 && has_word(word, "connection");
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' || byte == '\f';
}

/* "password=…", "password ''…''", "scheme://user:secret@host" inside a literal. */
static bool content_is_secret(struct str content)
{
    static const char *const words[] = {"password", "passwd"};
    for (size_t w = 0; w < COUNT_OF(words); w++) {
        size_t at = find_word(content, words[w], 0);
        while (at < content.len) {
            at += strlen(words[w]);
            while (at < content.len && is_space(content.ptr[at])) {
                at++;
            }
            if (at < content.len && strchr("='\\$%E", content.ptr[at])) {
                return true;
            }
            at = find_word(content, words[w], at);
        }
    }
    size_t scheme = find_word(content, "://", 0);
    if (scheme == content.len) {
        return false;
    }
    size_t host = str_find_byte(content, '@', scheme + 3);
    return host < content.len && str_find_byte(content, ':', scheme + 3) < host;
}

static void copy(struct reader *reader, size_t until)
{
    strbuf_add(reader->out, str_slice(reader->text, reader->at, until - reader->at));
    reader->at = until;
}

static size_t end_of_quoted(struct str text, size_t from, char quote, bool backslash)
{
    size_t at = from;
    while (at < text.len) {
        if (backslash && text.ptr[at] == '\\' && at + 1 < text.len) {
            at += 2;
        } else if (text.ptr[at] == quote) {
            if (at + 1 < text.len && text.ptr[at + 1] == quote) {
                at += 2;
            } else {
                return at + 1;
            }
        } else {
            at++;
        }
    }
    return text.len;
}

/* After a literal only white space with a newline may continue it with another one. */
static bool literal_goes_on(struct str text, size_t at, size_t *next)
{
    bool newline = false;
    while (at < text.len && is_space(text.ptr[at])) {
        newline = newline || text.ptr[at] == '\n' || text.ptr[at] == '\r';
        at++;
    }
    *next = at;
    return newline && at < text.len && text.ptr[at] == '\'';
}

static void read_literal(struct reader *reader, bool backslash)
{
    size_t open = reader->at;
    size_t end = end_of_quoted(reader->text, open + 1, '\'', backslash);
    size_t next = 0;
    while (literal_goes_on(reader->text, end, &next)) {
        end = end_of_quoted(reader->text, next + 1, '\'', backslash);
    }
    bool tells = content_is_secret(str_slice(reader->text, open, end - open));
    /* format('… password %L', 'secret'): what follows such a text in the statement fills it. */
    reader->filled = reader->filled || tells;
    if (reader->secret || reader->filled) {
        strbuf_text(reader->out, "'***'");
        reader->at = end;
    } else {
        copy(reader, end);
    }
    reader->secret = false;
}

static void read_sql(struct reader *reader);

/* False when the '$' at hand begins no dollar quote. */
static bool read_dollar(struct reader *reader)
{
    size_t tag_end = reader->at + 1;
    while (tag_end < reader->text.len &&
           is_word_byte((unsigned char)reader->text.ptr[tag_end])) {
        tag_end++;
    }
    if (tag_end >= reader->text.len || reader->text.ptr[tag_end] != '$') {
        return false;
    }
    struct str tag = str_slice(reader->text, reader->at, tag_end + 1 - reader->at);
    size_t body = tag_end + 1;
    size_t end = body;
    while (end + tag.len <= reader->text.len &&
           !str_is(str_slice(reader->text, end, tag.len), tag)) {
        end++;
    }
    if (end + tag.len > reader->text.len) {
        end = reader->text.len;
    }
    struct str content = str_slice(reader->text, body, end - body);
    if (reader->secret || reader->depth >= BODY_DEPTH_MAX) {
        strbuf_text(reader->out, "'***'");
    } else {
        struct reader inner = {.text = content, .depth = reader->depth + 1, .out = reader->out};
        strbuf_add(reader->out, tag);
        read_sql(&inner);
        strbuf_add(reader->out, str_slice(reader->text, end, tag.len));
    }
    reader->at = end + tag.len < reader->text.len ? end + tag.len : reader->text.len;
    reader->secret = false;
    return true;
}

static size_t end_of_comment(struct str text, size_t at)
{
    if (text.ptr[at] == '-') {
        return str_find_byte(text, '\n', at);
    }
    int depth = 0;
    while (at < text.len) {
        struct str pair = str_slice(text, at, 2);
        depth += str_eq(pair, "/*") ? 1 : str_eq(pair, "*/") ? -1 : 0;
        at += str_eq(pair, "/*") || str_eq(pair, "*/") ? 2 : 1;
        if (depth == 0) {
            return at;
        }
    }
    return text.len;
}

/* A word, and whether it opens an E'…' literal or names a secret. */
static void read_word(struct reader *reader)
{
    size_t end = reader->at;
    while (end < reader->text.len && (is_word_byte((unsigned char)reader->text.ptr[end]) ||
                                      (end > reader->at && reader->text.ptr[end] == '$'))) {
        end++;
    }
    struct str word = str_slice(reader->text, reader->at, end - reader->at);
    bool quote = end < reader->text.len && reader->text.ptr[end] == '\'';
    bool escape = word.len == 1 && lower(word.ptr[0]) == 'e' && quote;
    bool prefix = escape || (word.len == 1 && quote && strchr("bBxXnN", word.ptr[0]));
    if (prefix) {
        copy(reader, end);
        read_literal(reader, escape);
        return;
    }
    copy(reader, end);
    reader->secret = word_is_secret(word);
}

static void read_token(struct reader *reader)
{
    char byte = reader->text.ptr[reader->at];
    struct str pair = str_slice(reader->text, reader->at, 2);
    if (str_eq(pair, "--") || str_eq(pair, "/*")) {
        copy(reader, end_of_comment(reader->text, reader->at));
    } else if (str_eq(pair, "U&") || str_eq(pair, "u&")) {
        copy(reader, reader->at + 2);
    } else if (byte == '\'') {
        read_literal(reader, false);
    } else if (byte == '"') {
        size_t end = end_of_quoted(reader->text, reader->at + 1, '"', false);
        struct str name = str_slice(reader->text, reader->at, end - reader->at);
        copy(reader, end);
        reader->secret = word_is_secret(name);
    } else if (is_word_byte((unsigned char)byte)) {
        read_word(reader);
    } else if (byte != '$' || !read_dollar(reader)) {
        reader->secret = reader->secret && is_space(byte);
        reader->filled = reader->filled && byte != ';';
        copy(reader, reader->at + 1);
    }
}

static void read_sql(struct reader *reader)
{
    while (reader->at < reader->text.len) {
        read_token(reader);
    }
}

void report_sql_text(struct strbuf *out, struct str sql)
{
    struct reader reader = {.text = sql, .out = out};
    read_sql(&reader);
}
