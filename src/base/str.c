/* SPDX-License-Identifier: PostgreSQL */
/*
 * Text to read: a pointer and a length over bytes that somebody else owns. Slices
 * cost nothing, nothing is NUL-terminated unless it says so, and an empty text may
 * have a NULL pointer. Numbers are parsed here and nowhere else: the whole text,
 * with a range check, whatever the locale.
 */
#include "base.h"

#include <locale.h>
#include <math.h>

struct str str_from(const char *text)
{
    return text ? (struct str){text, strlen(text)} : (struct str){0};
}

bool str_is(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool str_eq(struct str a, const char *b)
{
    return str_is(a, str_from(b));
}

int str_compare(struct str a, struct str b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.ptr, b.ptr, common) : 0;

    if (order != 0) {
        return order < 0 ? -1 : 1;
    }
    return a.len == b.len ? 0 : (a.len < b.len ? -1 : 1);
}

bool str_starts(struct str text, const char *prefix)
{
    size_t len = strlen(prefix);
    return text.len >= len && (len == 0 || memcmp(text.ptr, prefix, len) == 0);
}

bool str_ends(struct str text, const char *suffix)
{
    size_t len = strlen(suffix);
    return text.len >= len && (len == 0 || memcmp(text.ptr + text.len - len, suffix, len) == 0);
}

static bool is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

struct str str_trim(struct str text)
{
    while (text.len > 0 && is_space(text.ptr[0])) {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && is_space(text.ptr[text.len - 1])) {
        text.len--;
    }
    return text;
}

struct str str_slice(struct str text, size_t from, size_t len)
{
    if (from >= text.len) {
        return text.ptr ? (struct str){text.ptr + text.len, 0} : text;
    }
    size_t rest = text.len - from;
    return (struct str){text.ptr + from, len < rest ? len : rest};
}

size_t str_find_byte(struct str text, char byte, size_t from)
{
    if (from >= text.len) {
        return text.len;
    }
    const char *found = memchr(text.ptr + from, byte, text.len - from);
    return found ? (size_t)(found - text.ptr) : text.len;
}

bool str_cut(struct str *rest, char byte, struct str *piece)
{
    if (rest->len == 0) {
        *piece = (struct str){0};
        return false;
    }
    size_t end = str_find_byte(*rest, byte, 0);
    *piece = str_slice(*rest, 0, end);
    *rest = str_slice(*rest, end + 1, rest->len);
    return true;
}

struct str str_dup(struct arena *arena, struct str text)
{
    if (text.len == SIZE_MAX) {
        die_no_memory();
    }
    char *copy = arena_bytes(arena, text.len + 1);
    if (text.len > 0) {
        memcpy(copy, text.ptr, text.len);
    }
    copy[text.len] = '\0';
    return (struct str){copy, text.len};
}

const char *str_text(struct arena *arena, struct str text)
{
    return str_dup(arena, text).ptr;
}

struct str str_format(struct arena *arena, const char *format, ...)
{
    va_list values;
    va_list again;

    va_start(values, format);
    va_copy(again, values);
    int wanted = vsnprintf(NULL, 0, format, values);
    va_end(values);
    struct str text = {0};
    if (wanted >= 0) {
        char *copy = arena_bytes(arena, (size_t)wanted + 1);
        (void)vsnprintf(copy, (size_t)wanted + 1, format, again);
        text = (struct str){copy, (size_t)wanted};
    }
    va_end(again);
    return text;
}

/* ----------------------------------------------------------------- numbers */

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

bool str_to_i64(struct str text, int64_t *value)
{
    size_t at = 0;
    bool negative = text.len > 0 && text.ptr[0] == '-';

    if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+')) {
        at = 1;
    }
    if (at == text.len) {
        return false;
    }
    /* Counted downwards, because INT64_MIN has no positive twin. */
    int64_t number = 0;
    for (; at < text.len; at++) {
        if (!is_digit(text.ptr[at])) {
            return false;
        }
        int digit = text.ptr[at] - '0';
        if (number < (INT64_MIN + digit) / 10) {
            return false;
        }
        number = number * 10 - digit;
    }
    if (!negative && number == INT64_MIN) {
        return false;
    }
    *value = negative ? number : -number;
    return true;
}

static size_t skip_digits(struct str text, size_t at)
{
    while (at < text.len && is_digit(text.ptr[at])) {
        at++;
    }
    return at;
}

/* [sign] digits [. digits] [e [sign] digits], at least one digit before the exponent. */
static bool is_decimal(struct str text)
{
    size_t at = 0;

    if (at < text.len && (text.ptr[at] == '-' || text.ptr[at] == '+')) {
        at++;
    }
    size_t whole = at;
    at = skip_digits(text, at);
    size_t digits = at - whole;
    if (at < text.len && text.ptr[at] == '.') {
        size_t fraction = at + 1;
        at = skip_digits(text, fraction);
        digits += at - fraction;
    }
    if (digits == 0) {
        return false;
    }
    if (at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E')) {
        at++;
        if (at < text.len && (text.ptr[at] == '-' || text.ptr[at] == '+')) {
            at++;
        }
        size_t exponent = at;
        at = skip_digits(text, at);
        if (at == exponent) {
            return false;
        }
    }
    return at == text.len;
}

bool str_to_double(struct str text, double *value)
{
    if (!is_decimal(text)) {
        return false;
    }
    /* strtod reads the decimal point of the locale, which may be a comma. */
    const char *point = localeconv()->decimal_point;
    struct strbuf copy = {0};
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '.') {
            strbuf_text(&copy, point);
        } else {
            strbuf_byte(&copy, text.ptr[i]);
        }
    }
    char *end = NULL;
    double number = strtod(copy.ptr, &end);
    bool whole = end == copy.ptr + copy.len;
    strbuf_release(&copy);
    if (!whole || !isfinite(number)) {
        return false;
    }
    *value = number;
    return true;
}

/* ---------------------------------------------------------------- distance */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Fills row `i` of the table from the two rows before it; returns its smallest value. */
static size_t distance_row(struct str a, struct str b, size_t i, const size_t *two_back,
                           const size_t *one_back, size_t *row)
{
    size_t least = i;

    row[0] = i;
    for (size_t j = 1; j <= b.len; j++) {
        size_t change = a.ptr[i - 1] == b.ptr[j - 1] ? 0 : 1;
        row[j] = smaller(one_back[j - 1] + change, smaller(one_back[j], row[j - 1]) + 1);
        if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1]) {
            row[j] = smaller(row[j], two_back[j - 2] + 1);
        }
        least = smaller(least, row[j]);
    }
    return least;
}

size_t str_distance(struct str a, struct str b, size_t limit)
{
    size_t gap = a.len > b.len ? a.len - b.len : b.len - a.len;

    if (gap > limit) {
        return limit + 1;
    }
    size_t width = b.len + 1;
    size_t *table = mem_zero(width, 3 * sizeof(*table));
    size_t *two_back = table;
    size_t *one_back = table + width;
    size_t *row = table + 2 * width;
    for (size_t j = 0; j < width; j++) {
        one_back[j] = j;
    }
    size_t previous_least = 0;
    for (size_t i = 1; i <= a.len; i++) {
        size_t least = distance_row(a, b, i, two_back, one_back, row);
        size_t *oldest = two_back;
        two_back = one_back;
        one_back = row;
        row = oldest;
        /* A swap reaches back two rows, so both must be beyond the limit. */
        if (least > limit && previous_least > limit) {
            free(table);
            return limit + 1;
        }
        previous_least = least;
    }
    size_t distance = one_back[b.len];
    free(table);
    return smaller(distance, limit + 1);
}
