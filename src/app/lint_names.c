/* SPDX-License-Identifier: PostgreSQL */
/*
 * Names that may be relations, out of the bytes of a file. Comments and literals are read
 * like all else: bodies of functions stand in literals, and a word too many costs nothing,
 * while a relation that is not asked for would be judged as if nobody knew it.
 */
#include "app_lint_world.h"

#include <stdlib.h>

enum {
    NAME_BYTES_MAX = 63, /* longer ones are cut by the server */
    NAMES_MAX = 100000,
    FIRST_NOT_ASCII = 0x80
};

static bool begins_word(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
           byte >= FIRST_NOT_ASCII;
}

static bool goes_on(unsigned char byte)
{
    return begins_word(byte) || (byte >= '0' && byte <= '9') || byte == '$';
}

static int compare_names(const void *left, const void *right)
{
    return str_compare(*(const struct str *)left, *(const struct str *)right);
}

static void sort_names(struct app_lint_names *names)
{
    size_t kept = 0;
    if (names->count > 0) {
        qsort(names->items, names->count, sizeof *names->items, compare_names);
    }
    for (size_t i = 0; i < names->count; i++) {
        if (kept == 0 || !str_is(names->items[kept - 1], names->items[i])) {
            names->items[kept++] = names->items[i];
        }
    }
    names->count = kept;
}

/* When there is no room, what is there twice goes; when that helps little, all is asked. */
static void add_name(struct app_lint_names *names, const char *bytes, size_t length)
{
    if (length == 0 || names->too_many) {
        return;
    }
    if (names->count == NAMES_MAX) {
        sort_names(names);
        names->too_many = names->count > NAMES_MAX / 2;
    }
    *ARRAY_PUSH(names->items, names->count, names->capacity) =
        str_dup(&names->arena, (struct str){bytes, length});
}

/* Folded as the server does; returns the position behind it. */
static size_t add_word(struct app_lint_names *names, struct str text, size_t at)
{
    char word[NAME_BYTES_MAX];
    size_t length = 0;
    for (; at < text.len && goes_on((unsigned char)text.ptr[at]); at++) {
        char byte = text.ptr[at];
        if (length < sizeof word) {
            word[length++] = byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
        }
    }
    add_name(names, word, length);
    return at;
}

/* What stands behind a double quote up to the next, as if it were the opening one. */
static void add_quoted(struct app_lint_names *names, struct str text, size_t at)
{
    char name[NAME_BYTES_MAX];
    size_t length = 0;
    for (; at < text.len && length < sizeof name; at++) {
        bool quote = text.ptr[at] == '"';
        if (quote && (at + 1 == text.len || text.ptr[at + 1] != '"')) {
            break;
        }
        at += quote ? 1 : 0;
        name[length++] = text.ptr[at];
    }
    add_name(names, name, length);
}

/* A quote behind U&: the name is written with escapes, and may be any. */
static bool is_escaped(struct str text, size_t quote)
{
    return quote >= 2 && text.ptr[quote - 1] == '&' && (text.ptr[quote - 2] | ' ') == 'u';
}

static bool has_name(const struct app_lint_names *names, const char *name)
{
    struct str key = str_from(name);
    return names->count > 0 && bsearch(&key, names->items, names->count, sizeof *names->items,
                                       compare_names) != NULL;
}

/* DROP of what holds relations or columns that are not named. */
static bool drops_unnamed(const struct app_lint_names *names)
{
    static const char *const words[] = {"schema", "owned", "type", "domain"};
    bool any = false;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        any = any || has_name(names, words[i]);
    }
    return any && has_name(names, "drop");
}

void app_lint_names_add(struct app_lint_names *names, struct str text)
{
    for (size_t at = 0; at < text.len && !names->too_many;) {
        if (begins_word((unsigned char)text.ptr[at])) {
            at = add_word(names, text, at);
        } else {
            if (text.ptr[at] == '"') {
                names->escaped = names->escaped || is_escaped(text, at);
                add_quoted(names, text, at + 1);
            }
            at++;
        }
    }
    sort_names(names);
    if (!names->wide && drops_unnamed(names)) {
        names->wide = true;
        add_name(names, "*", 1);
        sort_names(names);
    }
}

bool app_lint_names_mean_all(const struct app_lint_names *names)
{
    return !names || names->count == 0 || names->too_many || names->escaped;
}

void app_lint_names_release(struct app_lint_names *names)
{
    free(names->items);
    arena_release(&names->arena);
    *names = (struct app_lint_names){0};
}
