/* SPDX-License-Identifier: PostgreSQL */
/*
 * The comparators. Numbers are compared as decimal numbers of any length, digit by
 * digit: a numeric of 40 digits does not fit a double, and two different ones must
 * not become equal. What is no plain number is compared as text, and only for
 * equality; "at least" and "at most" of a text cannot be judged.
 */
#include "check.h"

#include <regex.h>

#include "check_private.h"

const char *const verdict_words[VERDICT__COUNT] = {
    [VERDICT_PASS] = "pass",
    [VERDICT_FAIL] = "fail",
    [VERDICT_ERROR] = "error",
    [VERDICT_UNKNOWN] = "unknown",
};

enum {
    SHOWN_MAX = 200,
    UTF8_LONGEST = 4,
};

struct str check_shown(struct arena *arena, struct str text)
{
    if (text.len <= SHOWN_MAX) {
        return sanitise_line(arena, text);
    }
    struct str piece = str_slice(text, 0, SHOWN_MAX);
    size_t sound = utf8_invalid_at(piece);
    if (sound < piece.len && piece.len - sound < UTF8_LONGEST) {
        piece.len = sound; /* the cap cut a character in two */
    }
    struct str clean = sanitise_line(arena, piece);
    return str_format(arena, "%.*s… (%zu bytes)", STR_ARG(clean), text.len);
}

/* A decimal number taken apart: digits without useless zeros. */
struct decimal {
    bool negative;
    struct str whole;
    struct str fraction;
};

static size_t digits_at(struct str text, size_t from)
{
    size_t end = from;
    while (end < text.len && text.ptr[end] >= '0' && text.ptr[end] <= '9') {
        end++;
    }
    return end - from;
}

static bool decimal_read(struct str text, struct decimal *number)
{
    *number = (struct decimal){0};
    text = str_trim(text);
    size_t at = 0;
    if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+')) {
        number->negative = text.ptr[0] == '-';
        at = 1;
    }
    size_t whole = digits_at(text, at);
    number->whole = str_slice(text, at, whole);
    at += whole;
    size_t fraction = 0;
    if (at < text.len && text.ptr[at] == '.') {
        fraction = digits_at(text, at + 1);
        number->fraction = str_slice(text, at + 1, fraction);
        at += 1 + fraction;
    }
    if (at != text.len || whole + fraction == 0) {
        return false;
    }
    while (number->whole.len > 0 && number->whole.ptr[0] == '0') {
        number->whole = str_slice(number->whole, 1, number->whole.len - 1);
    }
    while (number->fraction.len > 0 && number->fraction.ptr[number->fraction.len - 1] == '0') {
        number->fraction.len--;
    }
    if (number->whole.len + number->fraction.len == 0) {
        number->negative = false;
    }
    return true;
}

static int magnitude_order(const struct decimal *a, const struct decimal *b)
{
    if (a->whole.len != b->whole.len) {
        return a->whole.len < b->whole.len ? -1 : 1;
    }
    int order = str_compare(a->whole, b->whole);
    if (order == 0) {
        order = str_compare(a->fraction, b->fraction);
    }
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}

bool check_decimals(struct str a, struct str b, int *order)
{
    struct decimal left;
    struct decimal right;
    if (!decimal_read(a, &left) || !decimal_read(b, &right)) {
        return false;
    }
    if (left.negative != right.negative) {
        *order = left.negative ? -1 : 1;
    } else {
        *order = magnitude_order(&left, &right);
        *order = left.negative ? -*order : *order;
    }
    return true;
}

static bool is_true(struct str text)
{
    return str_eq(text, "t") || str_eq(text, "true");
}

static bool is_false(struct str text)
{
    return str_eq(text, "f") || str_eq(text, "false");
}

static bool equal(const struct plan_value *expected, struct str actual)
{
    int order = 0;
    if (expected->kind == PLAN_VALUE_BOOL && (is_true(actual) || is_false(actual))) {
        return is_true(actual) == (expected->number != 0);
    }
    bool number = expected->kind == PLAN_VALUE_NUMBER || expected->kind == PLAN_VALUE_DECIMAL;
    if (number && check_decimals(expected->text, actual, &order)) {
        return order == 0;
    }
    return str_is(expected->text, actual);
}

static enum verdict ordered(enum plan_comparator comparator, const struct plan_value *expected,
                            struct str actual, struct arena *arena, struct str *why)
{
    int order = 0;
    if (!check_decimals(actual, expected->text, &order)) {
        *why = str_format(arena, "the answer is not a number that can be compared with %.*s",
                          STR_ARG(check_shown(arena, expected->text)));
        return VERDICT_ERROR;
    }
    if (comparator == PLAN_AT_LEAST ? order >= 0 : order <= 0) {
        return VERDICT_PASS;
    }
    *why =
        str_format(arena, "it is %s than %.*s", comparator == PLAN_AT_LEAST ? "less" : "more",
                   STR_ARG(check_shown(arena, expected->text)));
    return VERDICT_FAIL;
}

static enum verdict matches(const struct plan_value *expected, struct str actual,
                            struct arena *arena, struct str *why)
{
    if (memchr(actual.ptr != NULL ? actual.ptr : "", '\0', actual.len) != NULL) {
        *why = STR("the answer holds a NUL byte");
        return VERDICT_ERROR;
    }
    regex_t pattern;
    if (regcomp(&pattern, str_text(arena, expected->text), REG_EXTENDED | REG_NOSUB) != 0) {
        *why = STR("the pattern of `matches` is no regular expression");
        return VERDICT_ERROR;
    }
    int missed = regexec(&pattern, str_text(arena, actual), 0, NULL, 0);
    regfree(&pattern);
    if (missed == REG_NOMATCH) {
        *why = STR("it does not match");
        return VERDICT_FAIL;
    }
    if (missed != 0) {
        *why = STR("the pattern of `matches` could not be tried");
        return VERDICT_ERROR;
    }
    return VERDICT_PASS;
}

enum verdict check_compare(enum plan_comparator comparator, const struct plan_value *expected,
                           struct str actual, struct arena *arena, struct str *why)
{
    *why = (struct str){0};
    switch (comparator) {
    case PLAN_EQUALS:
    case PLAN_SAME_AS:
        if (equal(expected, actual)) {
            return VERDICT_PASS;
        }
        *why = STR("it differs");
        return VERDICT_FAIL;
    case PLAN_AT_LEAST:
    case PLAN_AT_MOST:
        return ordered(comparator, expected, actual, arena, why);
    case PLAN_MATCHES:
        return matches(expected, actual, arena, why);
    case PLAN_EMPTY:
    case PLAN_EXISTS:
    case PLAN_COMPARE_UNSAID:
        break;
    }
    *why = STR("one value cannot be judged by this comparator");
    return VERDICT_ERROR;
}
