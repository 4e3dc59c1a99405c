/* SPDX-License-Identifier: PostgreSQL */
/*
 * Calendar arithmetic, and numbers for people. A point in time is a count of
 * microseconds since 1970-01-01 UTC; the proleptic Gregorian calendar of PostgreSQL
 * and ISO 8601 is computed here and not asked from libc, whose functions read the
 * environment. Nothing in this file reads a clock.
 *
 * The trick of the day count: years are counted from March, so that the leap day
 * is the last of its year and no month before it moves.
 */
#include "base.h"

enum {
    DAYS_PER_400_YEARS = 146097,
    /* Days from 0000-03-01, where the count begins, to 1970-01-01. */
    EPOCH_DAY = 719468,
    EPOCH_WEEKDAY = 3, /* 1970-01-01 was a Thursday */
    MONTHS_JANUARY_FEBRUARY = 2,
    YEAR_MAX = 9999,
    OFFSET_HOURS_MAX = 15, /* as PostgreSQL */
    FRACTION_DIGITS = 6,
    FRACTION_DIGITS_MAX = 9
};

const char *const weekday_names[7] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                      "Friday", "Saturday", "Sunday"};

/* Division that rounds towards minus infinity; the remainder is never negative. */
static int64_t floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0 ? 1 : 0);
}

static int64_t floor_rest(int64_t value, int64_t by)
{
    return value - floor_div(value, by) * by;
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool date_is_valid(int year, int month, int day)
{
    static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (year < 1 || year > YEAR_MAX || month < 1 || month > 12 || day < 1) {
        return false;
    }
    int days = month_days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
    return day <= days;
}

/* Days from the first of March to the first of a month, March being 0. */
static int64_t days_before_month(int64_t month_from_march)
{
    return (153 * month_from_march + 2) / 5;
}

/* Days since 1970-01-01. */
static int64_t day_number(int64_t year, int64_t month, int64_t day)
{
    bool before_march = month <= MONTHS_JANUARY_FEBRUARY;
    int64_t march_year = before_march ? year - 1 : year;
    int64_t march_month = before_march ? month + 9 : month - 3;

    return march_year * 365 + floor_div(march_year, 4) - floor_div(march_year, 100) +
           floor_div(march_year, 400) + days_before_month(march_month) + day - 1 - EPOCH_DAY;
}

static int weekday_of(int64_t days)
{
    return (int)floor_rest(days + EPOCH_WEEKDAY, 7);
}

int date_weekday(int year, int month, int day)
{
    return weekday_of(day_number(year, month, day));
}

int64_t calendar_to_us(const struct calendar *calendar)
{
    return day_number(calendar->year, calendar->month, calendar->day) * US_PER_DAY +
           calendar->hour * US_PER_HOUR + calendar->minute * US_PER_MINUTE +
           calendar->second * US_PER_SECOND;
}

struct calendar calendar_from_us(int64_t time_us)
{
    int64_t days = floor_div(time_us, US_PER_DAY);
    int64_t seconds = floor_rest(time_us, US_PER_DAY) / US_PER_SECOND;

    int64_t era = floor_div(days + EPOCH_DAY, DAYS_PER_400_YEARS);
    int64_t day_of_era = floor_rest(days + EPOCH_DAY, DAYS_PER_400_YEARS);
    /* Leap days that went before are taken out, so that every year has 365 days. */
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year =
        day_of_era - (year_of_era * 365 + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;
    bool after_december = march_month >= 10;

    return (struct calendar){
        .year = (int)(era * 400 + year_of_era + (after_december ? 1 : 0)),
        .month = (int)(after_december ? march_month - 9 : march_month + 3),
        .day = (int)(day_of_year - days_before_month(march_month) + 1),
        .hour = (int)(seconds / 3600),
        .minute = (int)(seconds / 60 % 60),
        .second = (int)(seconds % 60),
        .weekday = weekday_of(days),
    };
}

/* ------------------------------------------------------------- reading time */

/* Takes exactly `count` digits off the front of `rest`. */
static bool take_number(struct str *rest, size_t count, int *value)
{
    int64_t number = 0;

    if (rest->len < count || rest->ptr[0] < '0' || rest->ptr[0] > '9' ||
        !str_to_i64(str_slice(*rest, 0, count), &number)) {
        return false;
    }
    *rest = str_slice(*rest, count, rest->len);
    *value = (int)number;
    return true;
}

static bool take_byte(struct str *rest, char byte)
{
    if (rest->len == 0 || rest->ptr[0] != byte) {
        return false;
    }
    *rest = str_slice(*rest, 1, rest->len);
    return true;
}

/* ".123456": one to nine digits; what is finer than a microsecond is dropped. */
static bool take_fraction(struct str *rest, int64_t *us)
{
    size_t digits = 0;

    *us = 0;
    while (digits < rest->len && rest->ptr[digits] >= '0' && rest->ptr[digits] <= '9') {
        digits++;
    }
    if (digits == 0 || digits > FRACTION_DIGITS_MAX) {
        return false;
    }
    for (size_t i = 0; i < FRACTION_DIGITS; i++) {
        *us = *us * 10 + (i < digits ? rest->ptr[i] - '0' : 0);
    }
    *rest = str_slice(*rest, digits, rest->len);
    return true;
}

/* "Z", "+00", "-0330", "+05:30", "+01:02:03"; it must be the end of the text. */
static bool take_offset(struct str *rest, int64_t *offset_us)
{
    int hours = 0;
    int minutes = 0;
    int seconds = 0;

    *offset_us = 0;
    if (take_byte(rest, 'Z')) {
        return rest->len == 0;
    }
    bool west = take_byte(rest, '-');
    if ((!west && !take_byte(rest, '+')) || !take_number(rest, 2, &hours)) {
        return false;
    }
    bool colon = take_byte(rest, ':');
    if ((colon || rest->len > 0) && !take_number(rest, 2, &minutes)) {
        return false;
    }
    if (colon && rest->len > 0 && (!take_byte(rest, ':') || !take_number(rest, 2, &seconds))) {
        return false;
    }
    if (rest->len > 0 || hours > OFFSET_HOURS_MAX || minutes > 59 || seconds > 59) {
        return false;
    }
    int64_t offset = hours * US_PER_HOUR + minutes * US_PER_MINUTE + seconds * US_PER_SECOND;
    *offset_us = west ? -offset : offset;
    return true;
}

static bool take_date(struct str *rest, struct calendar *calendar)
{
    return take_number(rest, 4, &calendar->year) && take_byte(rest, '-') &&
           take_number(rest, 2, &calendar->month) && take_byte(rest, '-') &&
           take_number(rest, 2, &calendar->day) &&
           date_is_valid(calendar->year, calendar->month, calendar->day);
}

bool time_from_text(struct str text, int64_t *time_us)
{
    struct str rest = text;
    struct calendar calendar = {0};
    int64_t fraction_us = 0;
    int64_t offset_us = 0;

    if (!take_date(&rest, &calendar) || (!take_byte(&rest, 'T') && !take_byte(&rest, ' ')) ||
        !take_number(&rest, 2, &calendar.hour) || !take_byte(&rest, ':') ||
        !take_number(&rest, 2, &calendar.minute)) {
        return false;
    }
    if (take_byte(&rest, ':')) {
        if (!take_number(&rest, 2, &calendar.second) ||
            (take_byte(&rest, '.') && !take_fraction(&rest, &fraction_us))) {
            return false;
        }
    }
    if (calendar.hour > 23 || calendar.minute > 59 || calendar.second > 59 ||
        !take_offset(&rest, &offset_us)) {
        return false;
    }
    int64_t time = calendar_to_us(&calendar) + fraction_us - offset_us;
    int year = calendar_from_us(time).year;
    if (year < 1 || year > YEAR_MAX) { /* the offset led out of the calendar */
        return false;
    }
    *time_us = time;
    return true;
}

/* ------------------------------------------------------------- writing time */

void time_to_text(struct strbuf *out, int64_t time_us)
{
    struct calendar calendar = calendar_from_us(time_us);

    strbuf_format(out, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", calendar.year, calendar.month,
                  calendar.day, calendar.hour, calendar.minute, calendar.second,
                  (int)floor_rest(time_us, US_PER_SECOND));
}

void time_to_clock(struct strbuf *out, int64_t time_us)
{
    struct calendar calendar = calendar_from_us(time_us);

    strbuf_format(out, "%02d:%02d:%02d", calendar.hour, calendar.minute, calendar.second);
}

/* `us` in units of `unit`, rounded half up. */
static uint64_t rounded(uint64_t us, int64_t unit)
{
    uint64_t size = (uint64_t)unit;
    return us / size + (us % size >= size - size / 2 ? 1 : 0);
}

enum {
    HOURS_AS_HOURS = 48 /* from there on days read better */
};

void duration_to_text(struct strbuf *out, int64_t duration_us)
{
    uint64_t us = duration_us < 0 ? 0 - (uint64_t)duration_us : (uint64_t)duration_us;
    /* Each unit is left when rounding would fill it, so "60.0 s" and "1000 ms" never appear. */
    uint64_t tenths_of_ms = rounded(us, US_PER_MS / 10);
    uint64_t ms = rounded(us, US_PER_MS);
    uint64_t tenths_of_s = rounded(us, US_PER_SECOND / 10);
    uint64_t seconds = rounded(us, US_PER_SECOND);
    uint64_t minutes = rounded(us, US_PER_MINUTE);
    uint64_t hours = rounded(us, US_PER_HOUR);

    if (duration_us < 0) {
        strbuf_byte(out, '-');
    }
    if (us == 0) {
        strbuf_text(out, "0 ms");
    } else if (tenths_of_ms < 100) {
        strbuf_format(out, "%d.%d ms", (int)(tenths_of_ms / 10), (int)(tenths_of_ms % 10));
    } else if (ms < 1000) {
        strbuf_format(out, "%d ms", (int)ms);
    } else if (tenths_of_s < 600) {
        strbuf_format(out, "%d.%d s", (int)(tenths_of_s / 10), (int)(tenths_of_s % 10));
    } else if (seconds < 3600) {
        strbuf_format(out, "%dm%02ds", (int)(seconds / 60), (int)(seconds % 60));
    } else if (minutes < HOURS_AS_HOURS * 60) {
        strbuf_format(out, "%dh%02dm", (int)(minutes / 60), (int)(minutes % 60));
    } else {
        strbuf_i64(out, (int64_t)(hours / 24));
        strbuf_byte(out, 'd');
        if (hours % 24 != 0) {
            strbuf_format(out, "%02dh", (int)(hours % 24));
        }
    }
}

struct str duration_text(struct arena *arena, int64_t duration_us)
{
    struct strbuf out = {0};

    duration_to_text(&out, duration_us);
    struct str copy = str_dup(arena, strbuf_str(&out));
    strbuf_release(&out);
    return copy;
}
