/* SPDX-License-Identifier: PostgreSQL */
/*
 * The class of each byte, as psql's scanner has it.
 */
#include "lexer_bytes.h"

const unsigned char lexer_classes[128] = {
    [' '] = CLASS_SPACE,      ['\t'] = CLASS_SPACE,       ['\r'] = CLASS_SPACE,
    ['\f'] = CLASS_SPACE,     ['\n'] = CLASS_SPACE,       ['.'] = CLASS_DOT,
    ['\''] = CLASS_QUOTE,     ['"'] = CLASS_DOUBLE_QUOTE, ['$'] = CLASS_DOLLAR,
    [':'] = CLASS_COLON,      ['-'] = CLASS_DASH,         ['/'] = CLASS_SLASH,
    ['('] = CLASS_OPEN,       [')'] = CLASS_CLOSE,        [';'] = CLASS_SEMICOLON,
    ['\\'] = CLASS_BACKSLASH, ['_'] = CLASS_LETTER,       ['0'] = CLASS_DIGIT,
    ['1'] = CLASS_DIGIT,      ['2'] = CLASS_DIGIT,        ['3'] = CLASS_DIGIT,
    ['4'] = CLASS_DIGIT,      ['5'] = CLASS_DIGIT,        ['6'] = CLASS_DIGIT,
    ['7'] = CLASS_DIGIT,      ['8'] = CLASS_DIGIT,        ['9'] = CLASS_DIGIT,
    ['a'] = CLASS_LETTER,     ['b'] = CLASS_LETTER,       ['c'] = CLASS_LETTER,
    ['d'] = CLASS_LETTER,     ['e'] = CLASS_LETTER,       ['f'] = CLASS_LETTER,
    ['g'] = CLASS_LETTER,     ['h'] = CLASS_LETTER,       ['i'] = CLASS_LETTER,
    ['j'] = CLASS_LETTER,     ['k'] = CLASS_LETTER,       ['l'] = CLASS_LETTER,
    ['m'] = CLASS_LETTER,     ['n'] = CLASS_LETTER,       ['o'] = CLASS_LETTER,
    ['p'] = CLASS_LETTER,     ['q'] = CLASS_LETTER,       ['r'] = CLASS_LETTER,
    ['s'] = CLASS_LETTER,     ['t'] = CLASS_LETTER,       ['u'] = CLASS_LETTER,
    ['v'] = CLASS_LETTER,     ['w'] = CLASS_LETTER,       ['x'] = CLASS_LETTER,
    ['y'] = CLASS_LETTER,     ['z'] = CLASS_LETTER,       ['A'] = CLASS_LETTER,
    ['B'] = CLASS_LETTER,     ['C'] = CLASS_LETTER,       ['D'] = CLASS_LETTER,
    ['E'] = CLASS_LETTER,     ['F'] = CLASS_LETTER,       ['G'] = CLASS_LETTER,
    ['H'] = CLASS_LETTER,     ['I'] = CLASS_LETTER,       ['J'] = CLASS_LETTER,
    ['K'] = CLASS_LETTER,     ['L'] = CLASS_LETTER,       ['M'] = CLASS_LETTER,
    ['N'] = CLASS_LETTER,     ['O'] = CLASS_LETTER,       ['P'] = CLASS_LETTER,
    ['Q'] = CLASS_LETTER,     ['R'] = CLASS_LETTER,       ['S'] = CLASS_LETTER,
    ['T'] = CLASS_LETTER,     ['U'] = CLASS_LETTER,       ['V'] = CLASS_LETTER,
    ['W'] = CLASS_LETTER,     ['X'] = CLASS_LETTER,       ['Y'] = CLASS_LETTER,
    ['Z'] = CLASS_LETTER,
};
