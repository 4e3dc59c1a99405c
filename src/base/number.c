/* SPDX-License-Identifier: PostgreSQL */
/*
 * Sizes and counts for people. Units are binary and named as pg_size_pretty names
 * them, so that an operator can compare a screen with psql; unlike there a size
 * keeps about three digits, because "1 GB" for 1.84 GB is no answer to "does the
 * backup fit".
 */
#include "base.h"

/*
 * Digits behind the point by unit, for values below 100; the rest are whole numbers.
 * name: as pg_size_pretty; scale: 10 for one digit, 100 for two.
 */
static const struct unit {
    const char *name;
    uint64_t scale;
} units[] = {
    {"kB", 10}, {"MB", 10}, {"GB", 100}, {"TB", 100}, {"PB", 100}, {"EB", 100},
};

enum {
    UNIT_STEP = 1024,
    UNIT_SHIFT = 10,
    SAFE_SHIFT = 50, /* the rest of a division, times 100, fits into 64 bits */
    WHOLE_FROM = 100
};

/* `bytes` in units of 2^shift, times `scale`, rounded half up. */
static uint64_t scaled(uint64_t bytes, int shift, uint64_t scale)
{
    if (shift > SAFE_SHIFT) { /* the lost bits are far below the last digit shown */
        bytes >>= shift - SAFE_SHIFT;
        shift = SAFE_SHIFT;
    }
    uint64_t rest = bytes & ((UINT64_C(1) << shift) - 1);
    uint64_t half = UINT64_C(1) << (shift - 1);
    return (bytes >> shift) * scale + ((rest * scale + half) >> shift);
}

/* In integers, because printf would take the decimal point of the locale. */
void size_to_text(struct strbuf *out, int64_t bytes)
{
    uint64_t size = bytes < 0 ? 0 - (uint64_t)bytes : (uint64_t)bytes;

    if (bytes < 0) {
        strbuf_byte(out, '-');
    }
    if (size < UNIT_STEP) {
        strbuf_i64(out, (int64_t)size);
        strbuf_text(out, " B");
        return;
    }
    size_t unit = 0;
    int shift = UNIT_SHIFT;
    /* A size that would be rounded to 1024 is one of the next unit. */
    while (scaled(size, shift, 1) >= UNIT_STEP && unit + 1 < COUNT_OF(units)) {
        shift += UNIT_SHIFT;
        unit++;
    }
    uint64_t hundredths = scaled(size, shift, units[unit].scale) * (100 / units[unit].scale);
    if (hundredths >= WHOLE_FROM * 100) {
        hundredths = scaled(size, shift, 1) * 100;
    }
    strbuf_i64(out, (int64_t)(hundredths / 100));
    if (hundredths % 100 != 0) {
        strbuf_byte(out, '.');
        strbuf_byte(out, (char)('0' + hundredths / 10 % 10));
    }
    if (hundredths % 10 != 0) {
        strbuf_byte(out, (char)('0' + hundredths % 10));
    }
    strbuf_byte(out, ' ');
    strbuf_text(out, units[unit].name);
}

void number_to_text(struct strbuf *out, int64_t number)
{
    struct strbuf digits = {0};

    strbuf_i64(&digits, number);
    for (size_t i = 0; i < digits.len; i++) {
        bool first_digit = i == 0 || (i == 1 && digits.ptr[0] == '-');
        if (!first_digit && (digits.len - i) % 3 == 0) {
            strbuf_byte(out, ',');
        }
        strbuf_byte(out, digits.ptr[i]);
    }
    strbuf_release(&digits);
}

const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}
