/* SPDX-License-Identifier: PostgreSQL */
/*
 * The strict readers of numbers, durations, sizes and booleans. libcyaml alone
 * would take 43x for 43, 010 for 8, 1_000 for 1 and flase for true; YAML 1.1
 * reads 10:00 as 600. Each of these is a complaint here, with what to write
 * instead. Dates and other texts are in plan_texts.c.
 */
#include "plan_values.h"

#include <stdarg.h>
#include <stdio.h>

bool plan_value_complain(struct complaint *complaint, const char *code, const char *format, ...)
{
    (void)snprintf(complaint->code, sizeof(complaint->code), "%s", code);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(complaint->text, sizeof(complaint->text), format, args);
    va_end(args);
    return false;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static size_t digits_at(struct str text, size_t from)
{
    size_t count = 0;
    while (from + count < text.len && is_digit(text.ptr[from + count])) {
        count++;
    }
    return count;
}

/* "1_000" without its underscores; empty when there is more than digits and underscores. */
static bool only_digits_and(struct str text, char filler, char *out, size_t size)
{
    size_t used = 0;
    bool filled = false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == filler) {
            filled = true;
        } else if (is_digit(text.ptr[i]) && used + 1 < size) {
            out[used++] = text.ptr[i];
        } else {
            return false;
        }
    }
    out[used] = '\0';
    return filled && used > 0;
}

bool plan_value_integer(struct str text, int64_t minimum, int64_t maximum, int64_t *value,
                        struct complaint *complaint)
{
    char plain[32];
    size_t sign = text.len > 0 && text.ptr[0] == '-' ? 1 : 0;
    size_t digits = digits_at(text, sign);
    if (only_digits_and(text, '_', plain, sizeof(plain)) ||
        only_digits_and(text, ',', plain, sizeof(plain))) {
        return plan_value_complain(
            complaint, "Y010", "\"%.*s\" is not a whole number as it is read here; write %s",
            SHOWN(text), plain);
    }
    if (digits == 0 || sign + digits != text.len) {
        return plan_value_complain(complaint, "Y010",
                                   "\"%.*s\" is not a whole number; write digits only",
                                   SHOWN(text));
    }
    if (digits > 1 && text.ptr[sign] == '0') {
        size_t zeros = sign;
        while (zeros + 1 < text.len && text.ptr[zeros] == '0') {
            zeros++;
        }
        return plan_value_complain(
            complaint, "Y010",
            "\"%.*s\" begins with a zero, which YAML 1.1 reads as octal; write %.*s",
            SHOWN(text), SHOWN(str_slice(text, zeros, text.len)));
    }
    int64_t number = 0;
    if (!str_to_i64(text, &number) || number < minimum || number > maximum) {
        if (maximum == INT64_MAX) {
            return plan_value_complain(complaint, "Y026",
                                       "%.*s is out of range; write %lld or more", SHOWN(text),
                                       (long long)minimum);
        }
        if (minimum == maximum) {
            return plan_value_complain(complaint, "Y026", "%.*s is not known here; write %lld",
                                       SHOWN(text), (long long)minimum);
        }
        return plan_value_complain(complaint, "Y026",
                                   "%.*s is out of range; write %lld to %lld", SHOWN(text),
                                   (long long)minimum, (long long)maximum);
    }
    *value = number;
    return true;
}

bool plan_value_boolean(struct str text, bool *value, struct complaint *complaint)
{
    static const char *const yes[] = {"yes", "on", "True", "TRUE", "Yes", "y", "1"};
    static const char *const no[] = {"no", "off", "False", "FALSE", "No", "n", "0"};
    if (str_eq(text, "true") || str_eq(text, "false")) {
        *value = text.ptr[0] == 't';
        return true;
    }
    const char *meant = NULL;
    for (size_t i = 0; i < COUNT_OF(yes); i++) {
        if (str_eq(text, yes[i])) {
            meant = "true";
        } else if (str_eq(text, no[i])) {
            meant = "false";
        }
    }
    if (meant != NULL) {
        return plan_value_complain(complaint, "Y011", "\"%.*s\" is not true or false; write %s",
                                   SHOWN(text), meant);
    }
    if (str_distance(text, STR("false"), 2) <= 2) {
        meant = "false";
    } else if (str_distance(text, STR("true"), 2) <= 2) {
        meant = "true";
    }
    if (meant != NULL) {
        return plan_value_complain(complaint, "Y011",
                                   "\"%.*s\" is not true or false; did you mean %s?",
                                   SHOWN(text), meant);
    }
    return plan_value_complain(complaint, "Y011", "\"%.*s\" is not true or false", SHOWN(text));
}

/* One unit of a duration or size, longest first where one begins another. */
struct unit {
    const char *name;
    int64_t factor;
};
static const struct unit duration_units[] = {
    {"us", 1},          {"ms", US_PER_MS}, {"s", US_PER_SECOND}, {"m", US_PER_MINUTE},
    {"h", US_PER_HOUR}, {"d", US_PER_DAY},
};
static const struct unit size_units[] = {
    {"B", 1},
    {"kB", INT64_C(1) << 10},
    {"MB", INT64_C(1) << 20},
    {"GB", INT64_C(1) << 30},
    {"TB", INT64_C(1) << 40},
};

static const struct unit *find_unit(const struct unit *units, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(name, units[i].name)) {
            return &units[i];
        }
    }
    return NULL;
}

/* Adds one "12.5h" at *at; false on overflow or when a fraction is finer than the unit's. */
static bool add_amount(struct str number, const struct unit *unit, int64_t *sum)
{
    size_t dot = str_find_byte(number, '.', 0);
    int64_t whole = 0;
    if (!str_to_i64(str_slice(number, 0, dot), &whole) ||
        whole > INT64_MAX / 4 / unit->factor) {
        return false;
    }
    int64_t amount = whole * unit->factor;
    int64_t scale = unit->factor;
    for (size_t i = dot + 1; i < number.len; i++) {
        scale /= 10;
        amount += scale * (number.ptr[i] - '0');
    }
    if (amount > INT64_MAX / 4 - *sum) {
        return false;
    }
    *sum += amount;
    return true;
}

enum amount_trouble {
    AMOUNT_FINE,
    AMOUNT_NO_NUMBER,
    AMOUNT_NO_UNIT,
    AMOUNT_BAD_UNIT,
    AMOUNT_TOO_LARGE,
};

/* "1h30m", "2.5s": numbers with units, each unit smaller than the one before. */
static enum amount_trouble read_amount(struct str text, const struct unit *units, size_t count,
                                       int64_t *sum)
{
    int64_t last = INT64_MAX;
    *sum = 0;
    size_t at = 0;
    do {
        size_t digits = digits_at(text, at);
        size_t end = at + digits;
        if (digits == 0) {
            return AMOUNT_NO_NUMBER;
        }
        if (end < text.len && text.ptr[end] == '.') {
            size_t more = digits_at(text, end + 1);
            if (more == 0) {
                return AMOUNT_NO_NUMBER;
            }
            end += 1 + more;
        }
        size_t unit_end = end;
        while (unit_end < text.len && !is_digit(text.ptr[unit_end])) {
            unit_end++;
        }
        if (unit_end == end) {
            return AMOUNT_NO_UNIT;
        }
        const struct unit *unit = find_unit(units, count, str_slice(text, end, unit_end - end));
        if (unit == NULL || unit->factor >= last) {
            return AMOUNT_BAD_UNIT;
        }
        last = unit->factor;
        if (!add_amount(str_slice(text, at, end - at), unit, sum)) {
            return AMOUNT_TOO_LARGE;
        }
        at = unit_end;
    } while (at < text.len);
    return AMOUNT_FINE;
}

bool plan_value_duration(struct str text, int64_t *value_us, struct complaint *complaint)
{
    switch (read_amount(text, duration_units, COUNT_OF(duration_units), value_us)) {
    case AMOUNT_FINE:
        return true;
    case AMOUNT_NO_UNIT:
        return plan_value_complain(complaint, "Y012",
                                   "\"%.*s\" has no unit; write %.*sms, 5s, 2m or 1h",
                                   SHOWN(text), SHOWN(text));
    case AMOUNT_BAD_UNIT:
        return plan_value_complain(
            complaint, "Y012",
            "\"%.*s\" has no unit that is known; write us, ms, s, m, h or d behind "
            "the number, larger units first",
            SHOWN(text));
    case AMOUNT_TOO_LARGE:
        return plan_value_complain(complaint, "Y026", "\"%.*s\" is too long", SHOWN(text));
    case AMOUNT_NO_NUMBER:
        break;
    }
    return plan_value_complain(
        complaint, "Y012",
        "\"%.*s\" is not a duration; write a number and its unit, as 500ms, 5s, 2m "
        "or 1h",
        SHOWN(text));
}

bool plan_value_size(struct str text, int64_t *bytes, struct complaint *complaint)
{
    switch (read_amount(text, size_units, COUNT_OF(size_units), bytes)) {
    case AMOUNT_FINE:
        return true;
    case AMOUNT_TOO_LARGE:
        return plan_value_complain(complaint, "Y026", "\"%.*s\" is too large", SHOWN(text));
    case AMOUNT_NO_UNIT:
        return plan_value_complain(complaint, "Y013",
                                   "\"%.*s\" has no unit; write 512B, 8kB, 5MB or 10GB",
                                   SHOWN(text));
    case AMOUNT_BAD_UNIT:
    case AMOUNT_NO_NUMBER:
        break;
    }
    return plan_value_complain(complaint, "Y013",
                               "\"%.*s\" is not a size; write a number and B, kB, MB, GB or TB",
                               SHOWN(text));
}

static bool value_decimal(struct str text, double *value)
{
    size_t sign = text.len > 0 && text.ptr[0] == '-' ? 1 : 0;
    size_t whole = digits_at(text, sign);
    size_t dot = sign + whole;
    if (whole == 0 || dot >= text.len || text.ptr[dot] != '.') {
        return false;
    }
    size_t part = digits_at(text, dot + 1);
    return part > 0 && dot + 1 + part == text.len && str_to_double(text, value);
}

/* Quoted: text, but a quoted "43" is the number too, since a server's answer is text. */
bool plan_value_any(struct str text, bool plain, struct plan_value *value,
                    struct complaint *complaint)
{
    struct complaint ignored = {{0}, {0}};
    bool truth = false;
    *value = (struct plan_value){.kind = PLAN_VALUE_TEXT, .text = text};
    if (!plain) {
        return true;
    }
    if (str_eq(text, "before")) {
        value->kind = PLAN_VALUE_BEFORE;
    } else if (plan_value_boolean(text, &truth, &ignored)) {
        value->kind = PLAN_VALUE_BOOL;
        value->number = truth;
    } else if (plan_value_integer(text, INT64_MIN + 1, INT64_MAX, &value->number, &ignored)) {
        value->kind = PLAN_VALUE_NUMBER;
    } else if (value_decimal(text, &value->decimal)) {
        value->kind = PLAN_VALUE_DECIMAL;
    } else if (read_amount(text, duration_units, COUNT_OF(duration_units), &value->number) ==
               AMOUNT_FINE) {
        value->kind = PLAN_VALUE_DURATION;
    } else if (read_amount(text, size_units, COUNT_OF(size_units), &value->number) ==
               AMOUNT_FINE) {
        value->kind = PLAN_VALUE_SIZE;
    } else if (text.len > 0 && (is_digit(text.ptr[0]) || text.ptr[0] == '-') &&
               !plan_value_integer(text, INT64_MIN + 1, INT64_MAX, &value->number, complaint)) {
        size_t used = strlen(complaint->text);
        (void)snprintf(complaint->text + used, sizeof(complaint->text) - used,
                       ", or quote it when it is text");
        return false;
    }
    return true;
}
