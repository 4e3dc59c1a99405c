/* SPDX-License-Identifier: PostgreSQL */
/*
 * A program on a real pseudo-terminal: what it writes is kept, what a person would
 * type is typed, and waiting is always for something that must appear on the screen.
 */
#ifndef GONOGO_TEST_PTY_H
#define GONOGO_TEST_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct pty;
/*
 * Starts argv[0] (argv ends with NULL) on a terminal of 80 by 24; `environment` is a list
 * of "NAME=value" that is added ("NAME" alone: taken away), or NULL.
 */
struct pty *pty_start(const char *const *argv, const char *const *environment);
/* The same on a terminal of another size. */
struct pty *pty_start_sized(const char *const *argv, const char *const *environment,
                            int columns, int rows);
void pty_resize(struct pty *pty, int columns, int rows);
/* Called with all bytes as they are read. */
void pty_watch(struct pty *pty, void (*bytes)(void *ctx, const char *bytes, size_t length),
               void *ctx);
/* Reads what comes within `wait_ms`; false when the terminal is closed. */
bool pty_read(struct pty *pty, int wait_ms);
int pty_fd(const struct pty *pty); /* the side of the terminal */
pid_t pty_pid(const struct pty *pty);
/* Types text as it is; Enter is "\n". */
void pty_type(struct pty *pty, const char *text);
/*
 * Waits until `text` appears behind the place where the last wait ended, and moves that
 * place behind it. False after `seconds`, or when the program ends without saying it.
 */
bool pty_wait(struct pty *pty, const char *text, int seconds);
/* Everything so far, carriage returns left out. */
const char *pty_screen(struct pty *pty);
/* What stands behind the place where the last wait ended. */
const char *pty_since(struct pty *pty);
/* Takes the terminal away, as a broken line would. */
void pty_hang_up(struct pty *pty);
/* Waits for the end; the exit code, 128 + signal, or -1 when it still runs after `seconds`. */
int pty_end(struct pty *pty, int seconds);
/* Kills what still runs. */
void pty_free(struct pty *pty);

/* The program under test: GONOGO, else build/release/gonogo. */
const char *pty_program(void);

#endif
