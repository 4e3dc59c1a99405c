/* SPDX-License-Identifier: PostgreSQL */
/*
 * A program on a terminal that a person would see: a pseudo-terminal (pty.h) whose bytes
 * are drawn by libvterm. What is waited for is text on the screen; the bytes themselves
 * are kept, too.
 */
#ifndef GONOGO_TEST_SCREEN_H
#define GONOGO_TEST_SCREEN_H

#include "pty.h"

#include <stddef.h>
#include <termios.h>

struct screen;
/* See pty_start(); the environment should name a TERM. */
struct screen *screen_start(const char *const *argv, const char *const *environment,
                            int columns, int rows);
void screen_free(struct screen *screen); /* kills what still runs */
/* Its pseudo-terminal: process, typing, the end. */
struct pty *screen_pty(struct screen *screen);

/* Waits until `text` stands on one row of the screen (or, `gone`, on none). */
bool screen_wait(struct screen *screen, const char *text, int seconds);
bool screen_wait_gone(struct screen *screen, const char *text, int seconds);
/* Reads what comes for at most this long; for a test that has nothing to wait for. */
void screen_read(struct screen *screen, int milliseconds);
/* The rows, one a line, blanks at their ends left out. Good until the next call. */
const char *screen_text(struct screen *screen);
void screen_resize(struct screen *screen, int columns, int rows);

/* What the terminal was told. */
bool screen_is_alternate(const struct screen *screen);
bool screen_shows_cursor(const struct screen *screen);
const char *screen_title(const struct screen *screen);
int screen_bells(const struct screen *screen);
/* Does a cell have another colour than the terminal's own? */
bool screen_has_colours(struct screen *screen);
/* The modes of the terminal, as stty(1) would show them. */
struct termios screen_modes(const struct screen *screen);
/* Is a terminal with these modes, not raw, without alternate screen and with its cursor? */
bool screen_is_restored(const struct screen *screen, const struct termios *before);

#endif
