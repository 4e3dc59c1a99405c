/* SPDX-License-Identifier: PostgreSQL */
/*
 * The clipboard of whoever sits at the terminal, asked for by an escape sequence (OSC 52).
 * No terminal says whether it did it.
 */
#ifndef GONOGO_TUI_CLIPBOARD_H
#define GONOGO_TUI_CLIPBOARD_H

#include "base.h"

enum {
    CLIPBOARD_MAX = 74994, /* bytes of text; its base64 is what common terminals take at most */
};
/* The bytes to send; within GNU screen they are handed on in pieces of a DCS string. */
void clipboard_bytes(struct strbuf *out, struct str text, bool within_screen);

#endif
