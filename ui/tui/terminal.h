/* SPDX-License-Identifier: PostgreSQL */
/*
 * A grid on a real terminal: painter.h makes the shortest bytes that lead to the next
 * frame, tty.h brings them to the terminal as fast as it reads, and while it does not, no
 * new frame is made.
 */
#ifndef GONOGO_TUI_TERMINAL_H
#define GONOGO_TUI_TERMINAL_H

#include "glyphs.h"
#include "keyboard.h"
#include "theme.h"
#include "tui.h"

struct terminal;
/* Takes the terminal of `setup`. NULL with ERR_USAGE when no description fits. */
struct terminal *terminal_open(const struct tui_setup *setup, struct err *err) MUST_CHECK;
/* Gives it back as it was. */
void terminal_close(struct terminal *terminal);

/* What it can show. */
const struct glyphs *terminal_glyphs(const struct terminal *terminal);
const struct theme *terminal_theme(const struct terminal *terminal);
/* One line for the operator: what was taken in place of an unknown TERM; empty: nothing. */
const char *terminal_notice(const struct terminal *terminal);

/* Asks for the size again; true when it is another one. */
bool terminal_resize(struct terminal *terminal);
void terminal_size(const struct terminal *terminal, int *columns, int *rows);

/* Brings a frame on its way. Only while nothing is pending. */
void terminal_draw(struct terminal *terminal, const struct grid *grid);
/* The next frame is drawn from scratch. */
void terminal_repaint(struct terminal *terminal);

/* What poll() shall wait for; POLLOUT only while something is pending. `*room_unknown`: the
 * descriptor cannot tell of room to write, try again after a moment. fd -1: nothing. */
void terminal_wants(const struct terminal *terminal, int *fd, short *events,
                    bool *room_unknown);
/* Reads and writes what can be; false when nobody is there any more. */
bool terminal_ready(struct terminal *terminal, int64_t now_us);
bool terminal_is_busy(const struct terminal *terminal); /* bytes are pending */
struct keyboard *terminal_keyboard(struct terminal *terminal);
/* Throws away what was typed and not taken. */
void terminal_drop_input(struct terminal *terminal, int64_t now_us);

void terminal_bell(struct terminal *terminal);
void terminal_mouse(struct terminal *terminal, bool on);
/* Sets the window's title; empty: the one that was there. It is also there again when the
 * terminal is given back, after a crash as well. Any text: it is sanitised. */
void terminal_title(struct terminal *terminal, struct str title);
bool terminal_is_titled(const struct terminal *terminal); /* by us */
/* The clipboard by OSC 52; false: too long, or this terminal has another way. */
bool terminal_clipboard(struct terminal *terminal, struct str text);

/* Gives the terminal back, and takes it again; take is false while another job has it. */
void terminal_give(struct terminal *terminal);
bool terminal_take(struct terminal *terminal);
bool terminal_is_taken(const struct terminal *terminal);

#endif
