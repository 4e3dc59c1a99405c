/* SPDX-License-Identifier: PostgreSQL */
/*
 * What PostgreSQL 16, 17, 18 and 19 can read and 15 cannot. Our grammar is that of 15: where
 * it stops, the statement has a mistake or is younger than the grammar. The words that came
 * with each version (the grammar's changes, gram.y, from release to release) tell the two
 * apart; a statement that holds such words up to where the parser stopped is not called
 * wrong. The list rather errs towards "cannot judge".
 */
#include "newer.h"

#include "words.h"

enum {
    PHRASE_WORDS = 5
};

/* head: first word of the statement, NULL any; words: in a row, "*" is any one token */
static const struct phrase {
    const char *head;
    const char *words[PHRASE_WORDS];
} phrases[] = {
    /* 16 */
    {NULL, {"json_object"}},
    {NULL, {"json_array"}},
    {NULL, {"json_objectagg"}},
    {NULL, {"json_arrayagg"}},
    {NULL, {"is", "json"}},
    {NULL, {"is", "not", "json"}},
    {NULL, {"indent"}},
    {"create", {"storage"}},
    {"create", {"statistics", "on"}},
    {"reindex", {"database"}},
    {"reindex", {"system"}},
    {"grant", {"with", "*"}},
    {"revoke", {"inherit", "option"}},
    {"revoke", {"set", "option"}},
    /* 17 */
    {NULL, {"json", "("}},
    {NULL, {"json_scalar"}},
    {NULL, {"json_serialize"}},
    {NULL, {"json_table"}},
    {NULL, {"json_exists"}},
    {NULL, {"json_query"}},
    {NULL, {"json_value"}},
    {"merge", {"returning"}},
    {"merge", {"by", "source"}},
    {"merge", {"by", "target"}},
    {NULL, {"(", "merge"}},
    {NULL, {"at", "local"}},
    {"alter", {"set", "expression"}},
    {"alter", {"set", "statistics", "default"}},
    {"alter", {"set", "access", "method", "default"}},
    {"cluster", {"("}},
    /* 18 */
    {NULL, {"generated", "always", "as", "("}},
    {NULL, {"without", "overlaps"}},
    {NULL, {"period"}},
    {NULL, {"returning", "with"}},
    {NULL, {"enforced"}},
    {"alter", {"add", "not", "null"}},
    {NULL, {"constraint", "*", "not", "null"}},
    {NULL, {"not", "null", "no", "inherit"}},
    {"alter", {"alter", "constraint"}},
    {"alter", {"large", "objects"}},
    {"vacuum", {"only"}},
    {"analyze", {"only"}},
    {"create", {"foreign", "table", "*", "(", "like"}},
    /* 19 */
    {NULL, {"ignore", "nulls"}},
    {NULL, {"respect", "nulls"}},
    {NULL, {"group", "by", "all"}},
    {NULL, {"for", "portion", "of"}},
    {NULL, {"do", "select"}},
    {NULL, {"graph_table"}},
    {NULL, {"property", "graph"}},
    {NULL, {"all", "sequences"}},
    {"alter", {"merge", "partitions"}},
    {"alter", {"split", "partition"}},
    {"repack", {"repack"}},
    {"wait", {"wait", "for"}},
};

/* Since 16 a query in FROM needs no name. */
static const char *const messages[] = {"subquery in FROM must have an alias",
                                       "VALUES in FROM must have an alias"};

static bool fits(struct word word, const char *wanted)
{
    if (strcmp(wanted, "*") == 0) {
        return word.kind != WORD_END;
    }
    if (strcmp(wanted, "(") == 0) {
        return word.kind == WORD_SYMBOL && word.text.ptr[0] == '(';
    }
    return word_equals(word, wanted);
}

/* The newest tokens, the last one at window[PHRASE_WORDS - 1]. */
static bool ends_with(const struct word *window, const struct phrase *phrase)
{
    size_t count = 0;
    while (count < PHRASE_WORDS && phrase->words[count]) {
        count++;
    }
    for (size_t i = 0; i < count; i++) {
        if (!fits(window[PHRASE_WORDS - count + i], phrase->words[i])) {
            return false;
        }
    }
    return true;
}

static bool is_newer_phrase(const struct word *window, struct word head)
{
    for (size_t i = 0; i < COUNT_OF(phrases); i++) {
        if ((!phrases[i].head || word_equals(head, phrases[i].head)) &&
            ends_with(window, &phrases[i])) {
            return true;
        }
    }
    return false;
}

/* 0xff, 0o17, 0b1 and 1_000 are numbers since 16. */
static bool is_newer_number(struct str text, size_t offset)
{
    struct str rest = str_slice(text, offset, text.len);
    size_t digits = 0;
    while (digits < rest.len && rest.ptr[digits] >= '0' && rest.ptr[digits] <= '9') {
        digits++;
    }
    if (digits == 0 || digits >= rest.len) {
        return false;
    }
    char mark = rest.ptr[digits];
    return mark == '_' || (digits == 1 && rest.ptr[0] == '0' && strchr("xXoObB", mark));
}

bool newer_syntax(struct str text, bool strings_on, size_t offset, const char *message)
{
    for (size_t i = 0; i < COUNT_OF(messages); i++) {
        if (strcmp(message, messages[i]) == 0) {
            return true;
        }
    }
    struct word_reader reader = {.text = text, .strings_on = strings_on};
    struct word window[PHRASE_WORDS] = {0};
    struct word word;
    struct word head = {0};
    /* One phrase beyond the place still counts: the parser stops at its first odd word. */
    for (int beyond = 0; beyond < PHRASE_WORDS; beyond += word.text.ptr >= text.ptr + offset) {
        word = word_next(&reader);
        if (word.kind == WORD_END) {
            break;
        }
        head = head.text.ptr ? head : word;
        memmove(window, window + 1, sizeof(window) - sizeof(window[0]));
        window[PHRASE_WORDS - 1] = word;
        if (is_newer_phrase(window, head)) {
            return true;
        }
    }
    return is_newer_number(text, offset);
}
