/* SPDX-License-Identifier: PostgreSQL */
/*
 * The library's PL/pgSQL parser knows no catalog, takes a row for a scalar and refuses r.a
 * := 1. Such a body is offered a second time with r in the place of r.a, wherever a value is
 * assigned to it: what runs, and on which line, stays the same.
 */
#include "facts_source.h"
#include "words.h"

static bool is_symbol(struct word word, char symbol)
{
    return word.kind == WORD_SYMBOL && word.text.ptr[0] == symbol;
}

static bool is_name(struct word word)
{
    return word.kind == WORD_PLAIN || word.kind == WORD_QUOTED;
}

/* Where a statement may begin, or the target of INTO. */
static bool opens_target(struct word word)
{
    static const char *const words[] = {"begin", "then", "else", "loop", "into", "strict"};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (word_equals(word, words[i])) {
            return true;
        }
    }
    return is_symbol(word, ';');
}

/* r.a, r.b: leaves out .a and .b. The reader stands behind what opens the target. */
static size_t copy_targets(struct strbuf *out, struct word_reader *reader, size_t copied)
{
    struct word_reader ahead = *reader;
    struct word comma;
    do {
        struct word name = word_next(&ahead);
        if (!is_name(name) || !is_symbol(word_next(&ahead), '.') ||
            !is_name(word_next(&ahead))) {
            break;
        }
        size_t end = (size_t)(name.text.ptr - reader->text.ptr) + name.text.len;
        strbuf_add(out, str_slice(reader->text, copied, end - copied));
        copied = ahead.position;
        *reader = ahead;
        comma = word_next(&ahead);
    } while (is_symbol(comma, ','));
    return copied;
}

struct str source_without_fields(const struct gathering *gathering, struct str body,
                                 int location)
{
    struct str text = gathering->source.text;
    size_t from = str_find_byte(text, '$', location < 0 ? text.len : (size_t)location);
    from = str_find_byte(text, '$', from + 1) + 1;
    if (from >= text.len || !str_is(str_slice(text, from, body.len), body)) {
        return STR("");
    }
    struct strbuf out = {0};
    struct word_reader reader = {
        .text = str_slice(text, 0, from + body.len), .position = from, .strings_on = true};
    struct word word;
    size_t copied = 0;
    while ((word = word_next(&reader)).kind != WORD_END) {
        if (opens_target(word)) {
            copied = copy_targets(&out, &reader, copied);
        }
    }
    strbuf_add(&out, str_slice(text, copied, text.len));
    struct str kept = str_dup(gathering->arena, strbuf_str(&out));
    strbuf_release(&out);
    return kept;
}
