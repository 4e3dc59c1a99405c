/* SPDX-License-Identifier: PostgreSQL */
/*
 * UTF-8 without a locale: decoding that takes nothing but well-formed sequences,
 * and the width of text on a terminal from our own table, so that a screen is the
 * same on every machine. Widths are of sanitised text: controls count nothing.
 */
#include "base.h"

#include "width_table.h"

/*
 * Well-formed sequences by their first byte, after table 3-7 of the Unicode standard.
 * first..last: the lead bytes of the row; length: bytes in all; low..high: what the
 * second byte may be (here overlong forms, surrogates and values beyond the end fall).
 */
static const struct lead {
    unsigned char first;
    unsigned char last;
    unsigned char length;
    unsigned char low;
    unsigned char high;
} leads[] = {
    {0xC2, 0xDF, 2, 0x80, 0xBF}, {0xE0, 0xE0, 3, 0xA0, 0xBF}, {0xE1, 0xEC, 3, 0x80, 0xBF},
    {0xED, 0xED, 3, 0x80, 0x9F}, {0xEE, 0xEF, 3, 0x80, 0xBF}, {0xF0, 0xF0, 4, 0x90, 0xBF},
    {0xF1, 0xF3, 4, 0x80, 0xBF}, {0xF4, 0xF4, 4, 0x80, 0x8F},
};

size_t utf8_next(struct str text, uint32_t *code_point)
{
    if (text.len == 0) {
        return 0;
    }
    const unsigned char *bytes = (const unsigned char *)text.ptr;
    if (bytes[0] < 0x80) {
        *code_point = bytes[0];
        return 1;
    }
    for (size_t i = 0; i < COUNT_OF(leads); i++) {
        const struct lead *lead = &leads[i];
        if (bytes[0] < lead->first || bytes[0] > lead->last) {
            continue;
        }
        if (text.len < lead->length || bytes[1] < lead->low || bytes[1] > lead->high) {
            return 0;
        }
        uint32_t value = bytes[0] & (0x7FU >> lead->length);
        for (size_t k = 1; k < lead->length; k++) {
            if ((bytes[k] & 0xC0) != 0x80) {
                return 0;
            }
            value = value << 6 | (bytes[k] & 0x3FU);
        }
        *code_point = value;
        return lead->length;
    }
    return 0;
}

size_t utf8_invalid_at(struct str text)
{
    size_t at = 0;

    while (at < text.len) {
        if ((unsigned char)text.ptr[at] < 0x80) {
            at++;
            continue;
        }
        uint32_t code_point = 0;
        size_t len = utf8_next(str_slice(text, at, 4), &code_point);
        if (len == 0) {
            return at;
        }
        at += len;
    }
    return text.len;
}

static bool in_ranges(const struct code_range *ranges, size_t count, uint32_t code_point)
{
    size_t low = 0;
    size_t high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (code_point > ranges[middle].last) {
            low = middle + 1;
        } else if (code_point < ranges[middle].first) {
            high = middle;
        } else {
            return true;
        }
    }
    return false;
}

/*
 * Code points that a terminal draws as nothing or that rearrange what is drawn:
 * the default-ignorable ones (zero-width, bidirectional, variation selectors, tags,
 * fillers), C1, line and paragraph separators, interlinear annotation, and the
 * non-characters that do not end a plane.
 */
static const struct code_range hidden_ranges[] = {
    {0x0080, 0x009F},   {0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x061C, 0x061C},
    {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},
    {0x2028, 0x202E},   {0x2060, 0x206F},   {0x3164, 0x3164},   {0xFDD0, 0xFDEF},
    {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},
    {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
};

bool utf8_is_hidden(uint32_t code_point)
{
    bool ends_a_plane = (code_point & 0xFFFE) == 0xFFFE; /* the last two of every plane */
    return ends_a_plane || in_ranges(hidden_ranges, COUNT_OF(hidden_ranges), code_point);
}

int utf8_width(uint32_t code_point)
{
    if (code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0)) {
        return 0;
    }
    if (code_point < zero_ranges[0].first) {
        return 1;
    }
    if (in_ranges(zero_ranges, COUNT_OF(zero_ranges), code_point)) {
        return 0;
    }
    return in_ranges(wide_ranges, COUNT_OF(wide_ranges), code_point) ? 2 : 1;
}

/* Length in bytes and width of the next character; a byte that is no UTF-8 is one column. */
static size_t next_width(struct str text, size_t at, int *width)
{
    uint32_t code_point = 0;
    size_t len = utf8_next(str_slice(text, at, 4), &code_point);

    *width = len > 0 ? utf8_width(code_point) : 1;
    return len > 0 ? len : 1;
}

int str_width(struct str text)
{
    int columns = 0;

    for (size_t at = 0; at < text.len;) {
        int width = 0;
        at += next_width(text, at, &width);
        columns += width;
    }
    return columns;
}

struct str str_fit(struct str text, int columns)
{
    size_t at = 0;

    while (at < text.len) {
        int width = 0;
        size_t len = next_width(text, at, &width);
        if (width > columns) {
            break;
        }
        columns -= width;
        at += len;
    }
    return str_slice(text, 0, at);
}
