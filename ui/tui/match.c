/* SPDX-License-Identifier: PostgreSQL */
/*
 * Does a line hold what somebody looks for? Small letters stand for both cases, a capital
 * for itself. Letters are those of Latin, Greek and Cyrillic names, by a table of our own,
 * so that a plain locale finds the same lines.
 */
#include "layout.h"

/* Capitals in rows of the code table: each `step` code points there is one, its small letter
 * `distance` behind it. Source: UnicodeData.txt, column 14. */
static const struct {
    uint32_t first, last;
    int step, distance;
} capitals[] = {
    {'A', 'Z', 1, 32},     {0xc0, 0xd6, 1, 32},     {0xd8, 0xde, 1, 32},
    {0x100, 0x12e, 2, 1},  {0x132, 0x136, 2, 1},    {0x139, 0x147, 2, 1},
    {0x14a, 0x176, 2, 1},  {0x178, 0x178, 1, -121}, {0x179, 0x17d, 2, 1},
    {0x391, 0x3a1, 1, 32}, {0x3a3, 0x3ab, 1, 32},   {0x400, 0x40f, 1, 80},
    {0x410, 0x42f, 1, 32},
};

static uint32_t small_letter(uint32_t letter)
{
    for (size_t i = 0; i < COUNT_OF(capitals); i++) {
        if (letter >= capitals[i].first && letter <= capitals[i].last &&
            (letter - capitals[i].first) % (uint32_t)capitals[i].step == 0) {
            return letter + (uint32_t)capitals[i].distance;
        }
    }
    return letter;
}

bool match_is_exact(const char *wanted)
{
    struct str rest = str_from(wanted);
    while (rest.len > 0) {
        uint32_t letter = 0;
        size_t length = utf8_next(rest, &letter);
        if (small_letter(letter) != letter) {
            return true;
        }
        rest = str_slice(rest, length, rest.len);
    }
    return false;
}

/* Does `text` begin with `wanted`, which has no capitals? */
static bool begins_with(struct str text, struct str wanted)
{
    while (wanted.len > 0) {
        uint32_t letter = 0;
        uint32_t asked = 0;
        size_t asked_length = utf8_next(wanted, &asked);
        size_t length = text.len > 0 ? utf8_next(text, &letter) : 0;
        if (length == 0 || small_letter(letter) != asked) {
            return false;
        }
        text = str_slice(text, length, text.len);
        wanted = str_slice(wanted, asked_length, wanted.len);
    }
    return true;
}

bool text_matches(struct str text, const char *wanted)
{
    bool exact = match_is_exact(wanted);
    struct str asked = str_from(wanted);
    for (size_t at = 0; at <= text.len; at++) {
        struct str rest = str_slice(text, at, text.len);
        if (exact ? str_starts(rest, wanted) : begins_with(rest, asked)) {
            return true;
        }
    }
    return false;
}
