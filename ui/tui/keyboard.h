/* SPDX-License-Identifier: PostgreSQL */
/*
 * Bytes of a terminal become keys (keys.h). An escape sequence is one key or none: what
 * is not known is swallowed whole, so that a strange key never becomes a row of letters
 * that do things. A character of several bytes is one key; invalid bytes are none.
 *
 * Nothing here waits: where more bytes could follow (Esc alone, half a character),
 * keyboard_deadline() says until when.
 */
#ifndef GONOGO_TUI_KEYBOARD_H
#define GONOGO_TUI_KEYBOARD_H

#include "keys.h"

enum {
    SEQUENCE_MAX = 16,
    SEQUENCES_MAX = 32,
    WHEEL_LINES = 3,
};

/* What this terminal sends for a key, by its description. */
struct sequence {
    char text[SEQUENCE_MAX];
    size_t len;
    uint32_t key;
};

/* `= {0}` plus escape_us is ready. */
struct keyboard {
    int64_t escape_us; /* how long Esc may be the beginning of something */
    struct sequence sequences[SEQUENCES_MAX];
    size_t sequence_count;
    struct strbuf bytes;
    size_t at;        /* bytes before it are used up */
    size_t dropped;   /* a key that begins before it is forgotten */
    int64_t since_us; /* when the newest bytes came */
    bool pasting;     /* between the marks: bytes are text */
    bool endless;     /* a sequence without an end: what comes without a pause is none either */
    uint32_t repeat;  /* a key that is still to be given … */
    int repeats;      /* … so many times */
};

/* One more sequence; too long or too many are left out. */
void keyboard_learn(struct keyboard *keyboard, const char *text, uint32_t key);
/* Bytes as they came; `now_us` is monotonic. */
void keyboard_add(struct keyboard *keyboard, struct str bytes, int64_t now_us);
/* The next key; 0: none yet. */
uint32_t keyboard_next(struct keyboard *keyboard, int64_t now_us);
/* When what came so far must be taken for what it is; INT64_MAX: nothing waits. */
int64_t keyboard_deadline(const struct keyboard *keyboard);
/* Forgets what was typed and not taken. The marks of a paste among it are told all the same:
 * what follows is still text, or no longer. */
void keyboard_drop(struct keyboard *keyboard);
void keyboard_release(struct keyboard *keyboard);

#endif
