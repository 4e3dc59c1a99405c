/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the compiler is asked to watch, in one place: attributes that every room
 * uses, and the libc calls that nobody may use. The Makefile includes this file
 * ahead of every source file of ours (-include), so that the ban holds without
 * anybody remembering it. GNU extensions live here and nowhere else.
 */
#ifndef GONOGO_COMPILER_H
#define GONOGO_COMPILER_H

/* The result says whether something failed; throwing it away is a bug. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* Argument number `fmt` is a printf format, its values start at `first`. */
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))

#define NORETURN __attribute__((noreturn))

/* Seen by libraries too, which other names of ours are not: it stands in for one of theirs. */
#define EXPORTED __attribute__((visibility("default")))

/* Number of elements of an array (never of a pointer). */
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Banned: no bound, no error, hidden state, or a shell. The system headers that
 * declare them come first, so that the poison hits only our own use.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* Fortified headers define some of them as macros; a macro cannot be poisoned. */
#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef sprintf
#undef vsprintf
#undef gets
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok gets atoi atol
#pragma GCC poison localtime gmtime ctime asctime system popen alloca

#endif
