/* SPDX-License-Identifier: PostgreSQL */
/*
 * Places of texts inside of texts. A body between dollar quotes stands in the file as the
 * grammar sees it, and so do most bodies between plain quotes; of one with doubled quotes or
 * escapes only the lines are sure.
 */
#include "facts_source.h"

#include "words.h"

/* ------------------------------------------------------------------ places */

struct sql_place source_place(const struct gathering *gathering, size_t offset)
{
    const struct sql_statement *statement = gathering->statement;
    struct sql_place place = {statement->offset, statement->line, statement->column};
    size_t length = offset - statement->offset;
    for (size_t i = 0; i < length && i < gathering->whole.len;) {
        uint32_t code_point;
        size_t bytes =
            utf8_next(str_slice(gathering->whole, i, gathering->whole.len), &code_point);
        place.column++;
        if (gathering->whole.ptr[i] == '\n') {
            place.line++;
            place.column = 1;
        }
        i += bytes == 0 ? 1 : bytes;
    }
    place.offset = offset;
    return place;
}

/* Where a line of a text begins, from 1; behind the blanks when asked for. */
static size_t line_start(struct str text, int line, bool behind_blanks)
{
    size_t at = 0;
    for (int i = 1; i < line && at < text.len; i++) {
        at = str_find_byte(text, '\n', at) + 1;
    }
    while (behind_blanks && at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\t')) {
        at++;
    }
    return at < text.len ? at : text.len;
}

static int line_of(struct str text, size_t at)
{
    int line = 1;
    for (size_t i = 0; i < at && i < text.len; i++) {
        line += text.ptr[i] == '\n';
    }
    return line;
}

size_t source_offset(const struct gathering *gathering, const struct source *source, size_t at)
{
    if (source->exact) {
        return source->base + at;
    }
    if (!source->lines) {
        return source->head;
    }
    size_t start = source->base - gathering->statement->offset;
    struct str rest = str_slice(gathering->whole, start, gathering->whole.len);
    return source->base + line_start(rest, line_of(source->text, at), true);
}

/* ----------------------------------------------------------------- sources */

/* What stands between the quotes of a literal. */
static struct str inside_quotes(struct str literal)
{
    size_t opening = str_find_byte(literal, '\'', 0) + 1;
    size_t closing = 1;
    if (literal.ptr[0] == '$') {
        opening = str_find_byte(literal, '$', 1) + 1;
        closing = opening;
    }
    return opening + closing <= literal.len
               ? str_slice(literal, opening, literal.len - opening - closing)
               : STR("");
}

struct source source_of_literal(const struct gathering *gathering, struct str body,
                                int location)
{
    const struct source *around = &gathering->source;
    struct source source = {.text = body, .base = around->head, .head = around->head};
    size_t from = location < 0 ? around->text.len : (size_t)location;
    struct word_reader reader = {.text = around->text, .position = from, .strings_on = true};
    struct word word;
    do {
        word = word_next(&reader);
    } while (word.kind != WORD_STRING && word.kind != WORD_END);
    if (word.kind == WORD_STRING) {
        struct str inside = inside_quotes(word.text);
        size_t at = inside.len == 0 ? from : (size_t)(inside.ptr - around->text.ptr);
        source.base = source_offset(gathering, around, at);
        source.head =
            source_offset(gathering, around, (size_t)(word.text.ptr - around->text.ptr));
        source.exact = around->exact && str_is(inside, body);
        source.lines = around->exact && word.text.ptr[0] == '\'';
    }
    return source;
}

/* Where `text` stands at or behind `from`; body.len when nowhere. */
static size_t find(struct str body, size_t from, struct str text)
{
    for (size_t at = from; at + text.len <= body.len; at++) {
        if (memcmp(body.ptr + at, text.ptr, text.len) == 0) {
            return at;
        }
    }
    return body.len;
}

/* The library leaves out INTO and its variables and puts blanks there: up to them is enough. */
static struct str certain_part(struct str text)
{
    struct str blanks = STR("    ");
    size_t end = find(text, 0, blanks);
    return str_slice(text, 0, end < 200 ? end : 200);
}

/* Statements come in the order of their lines: from one to the next it is not far. */
static size_t seek_line(struct source *body, int line)
{
    if (body->line == 0 || line < body->line) {
        body->line = 1;
        body->line_at = 0;
        body->found_at = 0;
    }
    struct str rest = str_slice(body->text, body->line_at, body->text.len);
    body->line_at += line_start(rest, line - body->line + 1, false);
    if (line != body->line) {
        body->found_at = body->line_at;
    }
    body->line = line;
    return body->line_at;
}

/* In a line of several statements the one behind the last that was found; body.len: nowhere. */
static size_t find_in_line(struct source *body, size_t start, struct str text)
{
    size_t line_end = str_find_byte(body->text, '\n', body->found_at);
    size_t at = find(str_slice(body->text, 0, line_end), body->found_at, text);
    if (at == line_end) {
        at = find(body->text, start, text);
    }
    body->found_at = at < body->text.len ? at + text.len : body->found_at;
    return at;
}

struct source source_inside(const struct gathering *gathering, struct source *body, int line,
                            struct str text, size_t skipped)
{
    struct source source = {.text = text};
    size_t start = seek_line(body, line);
    size_t at = find_in_line(body, start, certain_part(str_slice(text, skipped, text.len)));
    bool found = at < body->text.len && text.len > skipped;
    source.exact = body->exact && found;
    if (found) {
        at -= skipped > 0 ? skipped + 1 : 0;
    }
    source.head = source_offset(gathering, body, found ? at : start);
    source.base = source.head + (skipped > 0);
    return source;
}

/* ----------------------------------------------------------------- parsing */

const PgQuery__ParseResult *source_parse(struct gathering *gathering, struct str text)
{
    const PgQueryError *error;
    return sql_nests_too_deep(text, true) ? NULL : tree_read(gathering->shelf, text, &error);
}
