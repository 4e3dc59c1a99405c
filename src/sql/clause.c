/* SPDX-License-Identifier: PostgreSQL */
/*
 * Parts of a statement in its author's own words, for SQL that is proposed instead: on one
 * line, with single blanks where there was white space or a comment.
 */
#include "sql_facts.h"
#include "words.h"

static void put_word(struct strbuf *out, const struct word *word, const char *behind)
{
    if (out->len > 0 && behind != word->text.ptr) {
        strbuf_byte(out, ' ');
    }
    strbuf_add(out, word->text);
}

static bool is_one_of(struct word word, const char *bytes)
{
    return word.kind == WORD_SYMBOL && strchr(bytes, word.text.ptr[0]) != NULL;
}

struct str sql_clause(struct arena *arena, struct str text, size_t at, bool standard_strings)
{
    struct word_reader reader = {.text = text, .position = at, .strings_on = standard_strings};
    struct strbuf out = {0};
    const char *behind = NULL;
    int depth = 0;
    struct word word = word_next(&reader);
    if (word_equals(word, "constraint")) { /* what is proposed instead may need another name */
        (void)word_next(&reader);
        word = word_next(&reader);
    }
    for (; word.kind != WORD_END; word = word_next(&reader)) {
        depth += is_one_of(word, "([") ? 1 : is_one_of(word, ")]") ? -1 : 0;
        if (depth < 0 || (depth == 0 && is_one_of(word, ",;"))) {
            break;
        }
        put_word(&out, &word, behind);
        behind = word.text.ptr + word.text.len;
    }
    struct str kept = str_dup(arena, strbuf_str(&out));
    strbuf_release(&out);
    return kept;
}

struct str sql_with_word(struct arena *arena, struct str statement, bool standard_strings,
                         const char *after, const char *inserted)
{
    struct word_reader reader = {.text = statement, .strings_on = standard_strings};
    struct strbuf out = {0};
    const char *behind = NULL;
    bool put = false;
    for (struct word word = word_next(&reader); word.kind != WORD_END;
         word = word_next(&reader)) {
        put_word(&out, &word, behind);
        behind = word.text.ptr + word.text.len;
        if (!put && word_equals(word, after)) {
            strbuf_format(&out, " %s", inserted);
            put = true;
        }
    }
    struct str kept = put ? str_dup(arena, strbuf_str(&out)) : STR("");
    strbuf_release(&out);
    return kept;
}
