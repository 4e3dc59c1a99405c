/* SPDX-License-Identifier: PostgreSQL */
/*
 * What every test program needs, whatever it tests: the files of the tree, whole files in
 * and out, a clock to give up by, and a way to end when the ground itself is missing.
 */
#ifndef GONOGO_TEST_TESTING_H
#define GONOGO_TEST_TESTING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base.h"

/* Ends the program with TAP's "Bail out!": no test of it can say anything. */
NORETURN void test_bail_out(const char *format, ...) PRINTF_LIKE(1, 2);

/* The folder of the sources: GONOGO_ROOT, or the current one. */
const char *test_root(void);
/* Appends the file from byte `from` to its end; false when it cannot be read. */
bool test_read_file(const char *path, long from, struct strbuf *out);
/* The whole file is these bytes; bails out when it cannot be written. */
void test_write_file(const char *path, struct str bytes);

/* Monotonic, for giving up: nothing is judged by it. */
int64_t test_now_us(void);
int64_t test_now_ms(void);
/* For what can be asked for again and nothing tells of. */
void test_pause_us(int64_t us);
/* An environment variable that is a number, for longer runs than make check's. */
long test_number(const char *name, long otherwise);

/* How many processes of this group and session live; 0: of any. One that is dead and that
 * nobody has reaped yet does not count: reaping is not the tests' affair. */
int test_living(pid_t group, pid_t session);
/* Waits for a child; its status as of waitpid(2). */
int test_wait_status(pid_t pid);
/* Runs a program that must end well, found by PATH; bails out when it does not. */
void test_run_tool(const char *const *argv);

#endif
