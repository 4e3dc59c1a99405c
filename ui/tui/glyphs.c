/* SPDX-License-Identifier: PostgreSQL */
/*
 * The three sets. Every sign of the full set is one column wide in every terminal that
 * was asked; no emoji, no private-use glyph, no braille.
 */
#include "glyphs.h"

const struct glyphs glyphs_full = {
    .word = "full",
    .sign_columns = 1,
    .text = {[GLYPH_GOOD] = "✓",      [GLYPH_BAD] = "✗",         [GLYPH_HOLD] = "‖",
             [GLYPH_WARN] = "▲",      [GLYPH_RUNNING] = "►",     [GLYPH_NOT_YET] = "○",
             [GLYPH_UNKNOWN] = "?",   [GLYPH_RULE] = "─",        [GLYPH_WALL] = "│",
             [GLYPH_BRANCH] = "└─",   [GLYPH_FULL] = "█",        [GLYPH_EMPTY] = "░",
             [GLYPH_MARK] = "┊",      [GLYPH_MORE] = "▼",        [GLYPH_CUT] = "…",
             [GLYPH_DOT] = "·",       [GLYPH_DASH] = "→",        [GLYPH_TOP_LEFT] = "┌",
             [GLYPH_TOP_RIGHT] = "┐", [GLYPH_BOTTOM_LEFT] = "└", [GLYPH_BOTTOM_RIGHT] = "┘"},
};

const struct glyphs glyphs_linux = {
    .word = "linux",
    .sign_columns = 1,
    .text = {[GLYPH_GOOD] = "√",      [GLYPH_BAD] = "x",         [GLYPH_HOLD] = "║",
             [GLYPH_WARN] = "▲",      [GLYPH_RUNNING] = "►",     [GLYPH_NOT_YET] = "○",
             [GLYPH_UNKNOWN] = "?",   [GLYPH_RULE] = "─",        [GLYPH_WALL] = "│",
             [GLYPH_BRANCH] = "└─",   [GLYPH_FULL] = "█",        [GLYPH_EMPTY] = "░",
             [GLYPH_MARK] = "│",      [GLYPH_MORE] = "▼",        [GLYPH_CUT] = "...",
             [GLYPH_DOT] = "·",       [GLYPH_DASH] = "→",        [GLYPH_TOP_LEFT] = "┌",
             [GLYPH_TOP_RIGHT] = "┐", [GLYPH_BOTTOM_LEFT] = "└", [GLYPH_BOTTOM_RIGHT] = "┘"},
};

const struct glyphs glyphs_ascii = {
    .word = "ascii",
    .ascii = true,
    .sign_columns = 2,
    .text = {[GLYPH_GOOD] = "ok",     [GLYPH_BAD] = "XX",        [GLYPH_HOLD] = "==",
             [GLYPH_WARN] = "!!",     [GLYPH_RUNNING] = "> ",    [GLYPH_NOT_YET] = ". ",
             [GLYPH_UNKNOWN] = "??",  [GLYPH_RULE] = "-",        [GLYPH_WALL] = "|",
             [GLYPH_BRANCH] = "`-",   [GLYPH_FULL] = "#",        [GLYPH_EMPTY] = ".",
             [GLYPH_MARK] = "|",      [GLYPH_MORE] = "v",        [GLYPH_CUT] = "...",
             [GLYPH_DOT] = "-",       [GLYPH_DASH] = "->",       [GLYPH_TOP_LEFT] = "+",
             [GLYPH_TOP_RIGHT] = "+", [GLYPH_BOTTOM_LEFT] = "+", [GLYPH_BOTTOM_RIGHT] = "+"},
};

enum style glyph_style(enum glyph glyph)
{
    static const enum style styles[GLYPH__COUNT] = {
        [GLYPH_GOOD] = STYLE_GOOD,         [GLYPH_BAD] = STYLE_BAD,
        [GLYPH_HOLD] = STYLE_HOLD,         [GLYPH_WARN] = STYLE_WARN,
        [GLYPH_RUNNING] = STYLE_RUNNING,   [GLYPH_NOT_YET] = STYLE_DIM,
        [GLYPH_UNKNOWN] = STYLE_UNKNOWN,   [GLYPH_RULE] = STYLE_RULE,
        [GLYPH_WALL] = STYLE_RULE,         [GLYPH_BRANCH] = STYLE_RULE,
        [GLYPH_FULL] = STYLE_NORMAL,       [GLYPH_EMPTY] = STYLE_DIM,
        [GLYPH_MARK] = STYLE_WARN,         [GLYPH_MORE] = STYLE_DIM,
        [GLYPH_CUT] = STYLE_DIM,           [GLYPH_DOT] = STYLE_DIM,
        [GLYPH_DASH] = STYLE_DIM,          [GLYPH_TOP_LEFT] = STYLE_RULE,
        [GLYPH_TOP_RIGHT] = STYLE_RULE,    [GLYPH_BOTTOM_LEFT] = STYLE_RULE,
        [GLYPH_BOTTOM_RIGHT] = STYLE_RULE,
    };
    return styles[glyph];
}
