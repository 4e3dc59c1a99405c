/* SPDX-License-Identifier: PostgreSQL */
/*
 * The terminal as a device: its modes, its size, bytes in and bytes out. Nothing here
 * waits for it, except tty_close() for a moment; what it does not take now is kept.
 * Whatever happens to the program, the modes are put back as they were.
 */
#ifndef GONOGO_TUI_TTY_H
#define GONOGO_TUI_TTY_H

#include "base.h"

#include <termios.h>

struct tty {
    int in_fd, out_fd; /* out_fd is ours: the terminal opened again without blocking */
    bool own;          /* out_fd was opened by us */
    bool one;          /* both are the same device: poll() on in_fd tells of room, too */
    bool entered;      /* raw, and the screen is ours */
    bool gone;         /* nobody is there any more */
    struct termios before;
    struct strbuf pending;                      /* not taken yet */
    struct strbuf enter;                        /* written when the screen is taken … */
    struct strbuf leave;                        /* … and when it is given back */
    void (*shown)(void *ctx, struct str bytes); /* told of all that is written; may be NULL */
    void *ctx;
};

/* Both must be a terminal; ERR_USAGE otherwise. Nothing is changed yet. */
bool tty_open(struct tty *tty, int in_fd, int out_fd, struct err *err) MUST_CHECK;
/* Raw, and `enter` written. Not while another job has the terminal: returns false then. */
bool tty_enter(struct tty *tty);
/* `leave` written, the modes as before. */
void tty_leave(struct tty *tty);
/* Gives what is pending a second to go out; leaves. */
void tty_close(struct tty *tty);
/* The same for a signal handler: one write, one tcsetattr. */
void tty_restore(void);

/* Columns and rows now; false when the terminal does not say. */
bool tty_size(const struct tty *tty, int *columns, int *rows);
/* Appends what was typed. False: nobody will type any more. */
bool tty_read(struct tty *tty, struct strbuf *out);
void tty_write(struct tty *tty, struct str bytes);
/* Writes what can be written now; true when nothing is pending. */
bool tty_flush(struct tty *tty);

#endif
