/* SPDX-License-Identifier: PostgreSQL */
/*
 * The strict readers of text: names, words, paths, hashes, dates and clock times.
 * What other YAML readers would take for a number, a date or nothing must be
 * quoted where that matters, so that every tool reads the same plan.
 */
#include "plan_values.h"

#include <stdio.h>

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool is_one_of(struct str text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(text, words[i])) {
            return true;
        }
    }
    return false;
}

bool plan_value_is_null(struct str text)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    return is_one_of(text, nulls, COUNT_OF(nulls));
}

/* Would a YAML 1.1 reader take the plain scalar for something else than text? */
static bool reads_as_number(struct str text)
{
    if (text.len == 0 || !(is_digit(text.ptr[0]) || text.ptr[0] == '+' || text.ptr[0] == '-' ||
                           text.ptr[0] == '.')) {
        return false;
    }
    bool digit = false;
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.ptr[i];
        digit = digit || is_digit(byte);
        bool exponent = byte == 'e' && i > 0 && is_digit(text.ptr[i - 1]);
        bool hexadecimal = byte == 'x' && i == 1 && text.ptr[0] == '0';
        if (!is_digit(byte) && byte != '_' && byte != '.' && byte != ':' && byte != '+' &&
            byte != '-' && !exponent && !hexadecimal) {
            return false;
        }
    }
    return digit;
}

static bool reads_as_word(struct str text)
{
    static const char *const words[] = {
        "true", "false", "yes",   "no",  "on", "off", "True", "False", "Yes", "No", "On",
        "Off",  "TRUE",  "FALSE", "YES", "NO", "ON",  "OFF",  "y",     "n",   "Y",  "N"};
    return is_one_of(text, words, COUNT_OF(words));
}

bool plan_value_text(struct str text, bool must_quote, bool plain, struct complaint *complaint)
{
    if (must_quote && plain && reads_as_number(text)) {
        return plan_value_complain(
            complaint, "Y018",
            "%.*s without quotes is a number to other YAML readers; write \"%.*s\"",
            SHOWN(text), SHOWN(text));
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F) {
            return plan_value_complain(complaint, "Y029",
                                       "a control character (0x%02x) in the text; remove it",
                                       (unsigned)byte);
        }
    }
    return true;
}

bool plan_value_name(struct str text, bool plain, struct complaint *complaint)
{
    enum {
        NAME_MAX_LENGTH = 100
    };
    if (plain && reads_as_number(text)) {
        return plan_value_complain(complaint, "Y018",
                                   "%.*s without quotes is a number to YAML; write \"%.*s\"",
                                   SHOWN(text), SHOWN(text));
    }
    if (plain && reads_as_word(text)) {
        return plan_value_complain(
            complaint, "Y018", "%.*s without quotes is true or false to YAML; write \"%.*s\"",
            SHOWN(text), SHOWN(text));
    }
    bool good = text.len > 0 && text.len <= NAME_MAX_LENGTH &&
                (is_letter(text.ptr[0]) || is_digit(text.ptr[0]) || text.ptr[0] == '_');
    for (size_t i = 0; good && i < text.len; i++) {
        char byte = text.ptr[i];
        good = is_letter(byte) || is_digit(byte) || byte == '_' || byte == '-' || byte == '.';
    }
    if (!good) {
        return plan_value_complain(
            complaint, "Y028",
            "\"%.*s\" is not a name; use up to %d letters, digits, dots, hyphens and "
            "underscores",
            SHOWN(text), NAME_MAX_LENGTH);
    }
    return true;
}

void plan_words_list(struct strbuf *out, const struct plan_wordlist *words)
{
    for (size_t i = 0; i < words->count; i++) {
        if (i > 0) {
            strbuf_text(out, i + 1 == words->count ? " or " : ", ");
        }
        strbuf_text(out, words->items[i].name);
    }
}

bool plan_value_word(struct str text, const struct plan_wordlist *words, int *value,
                     struct complaint *complaint)
{
    enum {
        NEAR = 3,
        LIST_SHORT = 8, /* a longer list would hide the suggestion */
    };
    const char *nearest = NULL;
    size_t best = NEAR + 1;
    for (size_t i = 0; i < words->count; i++) {
        const char *name = words->items[i].name;
        if (str_eq(text, name)) {
            *value = words->items[i].value;
            return true;
        }
        size_t distance = str_distance(text, str_from(name), NEAR);
        if (distance < best && distance < strlen(name)) {
            best = distance;
            nearest = name;
        }
    }
    struct strbuf list = {0};
    plan_words_list(&list, words);
    if (nearest != NULL && words->count > LIST_SHORT) {
        plan_value_complain(complaint, "Y014",
                            "\"%.*s\" is not known here; did you mean \"%s\"?", SHOWN(text),
                            nearest);
    } else if (nearest != NULL) {
        plan_value_complain(complaint, "Y014",
                            "\"%.*s\" is not known here; did you mean \"%s\"? (%s)",
                            SHOWN(text), nearest, list.ptr);
    } else {
        plan_value_complain(complaint, "Y014", "\"%.*s\" is not known here; write %s",
                            SHOWN(text), list.ptr);
    }
    strbuf_release(&list);
    return false;
}

/* Two digits at `at`. */
static bool two_digits(struct str text, size_t at, int *value)
{
    if (at + 2 > text.len || !is_digit(text.ptr[at]) || !is_digit(text.ptr[at + 1])) {
        return false;
    }
    *value = (text.ptr[at] - '0') * 10 + (text.ptr[at + 1] - '0');
    return true;
}

bool plan_value_clock(struct str text, bool plain, int64_t *value_us,
                      struct complaint *complaint)
{
    int hour = 0;
    int minute = 0;
    int second = 0;
    bool good = (text.len == 5 || text.len == 8) && two_digits(text, 0, &hour) &&
                text.ptr[2] == ':' && two_digits(text, 3, &minute);
    if (good && text.len == 8) {
        good = text.ptr[5] == ':' && two_digits(text, 6, &second);
    }
    if (plain && reads_as_number(text)) {
        return plan_value_complain(
            complaint, "Y018",
            "%.*s without quotes is a number to YAML 1.1 (10:00 is 600); write "
            "\"%.*s\"",
            SHOWN(text), SHOWN(text));
    }
    int64_t time_us = hour * US_PER_HOUR + minute * US_PER_MINUTE + second * US_PER_SECOND;
    if (!good || minute > 59 || second > 59 || time_us > US_PER_DAY) {
        return plan_value_complain(
            complaint, "Y015", "\"%.*s\" is not a time of day; write \"08:30\"", SHOWN(text));
    }
    *value_us = time_us;
    return true;
}

bool plan_value_date(struct str text, int *year, int *month, int *day,
                     struct complaint *complaint)
{
    int century = 0;
    int rest = 0;
    bool good = text.len == 10 && two_digits(text, 0, &century) && two_digits(text, 2, &rest) &&
                text.ptr[4] == '-' && two_digits(text, 5, month) && text.ptr[7] == '-' &&
                two_digits(text, 8, day);
    if (!good) {
        return plan_value_complain(complaint, "Y016",
                                   "\"%.*s\" is not a date; write \"2024-01-31\"", SHOWN(text));
    }
    *year = century * 100 + rest;
    if (date_is_valid(*year, *month, *day)) {
        return true;
    }
    int last = *day;
    while (last > 27 && !date_is_valid(*year, *month, last)) {
        last--;
    }
    if (last > 27) {
        return plan_value_complain(
            complaint, "Y016", "there is no %.*s; the last day of that month is %04d-%02d-%02d",
            SHOWN(text), *year, *month, last);
    }
    return plan_value_complain(complaint, "Y016",
                               "there is no %.*s; write year, month and day as "
                               "\"2024-01-31\"",
                               SHOWN(text));
}

bool plan_value_time(struct str text, int64_t *time_us, struct complaint *complaint)
{
    if (!time_from_text(text, time_us)) {
        return plan_value_complain(
            complaint, "Y024", "\"%.*s\" is not a point in time; write \"2024-01-31T08:00Z\"",
            SHOWN(text));
    }
    return true;
}

bool plan_value_slot(struct str text, struct plan_slot *slot, struct complaint *complaint)
{
    size_t plus = str_find_byte(text, '+', 0);
    struct complaint inner = {{0}, {0}};
    if (plus == text.len ||
        !plan_value_clock(str_trim(str_slice(text, 0, plus)), false, &slot->start_us, &inner)) {
        return plan_value_complain(
            complaint, "Y017",
            "\"%.*s\" is not a slot; write its begin and length as \"08:30 + 30m\"",
            SHOWN(text));
    }
    struct str length = str_trim(str_slice(text, plus + 1, text.len));
    if (!plan_value_duration(length, &slot->length_us, &inner)) {
        return plan_value_complain(complaint, "Y017", "the slot's length: %s", inner.text);
    }
    if (slot->length_us == 0) {
        return plan_value_complain(complaint, "Y017",
                                   "the slot has no length; write \"08:30 + 30m\"");
    }
    return true;
}

bool plan_value_sha256(struct str text, bool plain, struct complaint *complaint)
{
    bool good = text.len == SHA256_HEX;
    for (size_t i = 0; good && i < text.len; i++) {
        good = is_digit(text.ptr[i]) || (text.ptr[i] >= 'a' && text.ptr[i] <= 'f');
    }
    if (!good) {
        return plan_value_complain(
            complaint, "Y023",
            "not a SHA-256: 64 lower-case hexadecimal digits are wanted, here are %zu "
            "bytes; `gonogo check --write-hashes` fills it in",
            text.len);
    }
    if (plain) {
        return plan_value_complain(complaint, "Y018",
                                   "quote the hash: one of digits only would be a number "
                                   "to YAML");
    }
    return true;
}

bool plan_value_path(struct str text, struct str *clean, struct complaint *complaint)
{
    if (!plan_value_text(text, false, false, complaint)) {
        return false;
    }
    while (str_starts(text, "./")) {
        text = str_slice(text, 2, text.len);
    }
    if (text.len == 0 || str_ends(text, "/")) {
        return plan_value_complain(complaint, "Y022", "this names no file");
    }
    if (text.ptr[0] == '/' || text.ptr[0] == '~') {
        return plan_value_complain(
            complaint, "Y502",
            "\"%.*s\" is outside the plan's folder; copy the file beside the plan and "
            "name it from there",
            SHOWN(text));
    }
    struct str rest = text;
    struct str part;
    while (str_cut(&rest, '/', &part)) {
        if (str_eq(part, "..")) {
            return plan_value_complain(
                complaint, "Y502",
                "\"%.*s\" leaves the plan's folder; copy the file beside the plan and "
                "name it from there",
                SHOWN(text));
        }
    }
    if (str_find_byte(text, '\n', 0) < text.len) {
        return plan_value_complain(complaint, "Y022", "a path has no line break");
    }
    *clean = text;
    return true;
}
