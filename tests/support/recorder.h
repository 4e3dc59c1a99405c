/* SPDX-License-Identifier: PostgreSQL */
/*
 * A server that only writes down: it speaks enough of PostgreSQL's protocol for
 * psql to run scripts against it, over a socket in a private folder, and keeps
 * the bytes of every Query message and of every COPY. With it a test asks the
 * real psql what it would send, without a database and in milliseconds.
 *
 * It answers every query with success, an empty one as empty, COPY ... FROM
 * stdin with a request for data, and follows literal SET, RESET of
 * standard_conforming_strings, which psql's reading depends on.
 */
#ifndef GONOGO_TESTS_RECORDER_H
#define GONOGO_TESTS_RECORDER_H

#include "base.h"

struct recorded {
    bool is_data; /* what a COPY brought; else a query */
    struct str text;
};
struct recorder {
    struct arena arena;
    struct recorded *messages;
    size_t count;
    size_t capacity;
    int listener;
    bool strings_on;
    struct strbuf data;
    char folder[64];
};

/* The psql to ask: $GONOGO_PSQL, else Debian's, else the first in PATH. */
const char *recorder_psql_path(void);
bool recorder_init(struct recorder *recorder);
void recorder_release(struct recorder *recorder);
/* Forgets the messages. */
void recorder_clear(struct recorder *recorder);
/*
 * Runs psql with these words (up to a NULL) behind its connection options until it
 * ends, and keeps what it sent. Its standard input, output and errors are
 * /dev/null. False when psql could not be run or never connected.
 */
bool recorder_run_psql(struct recorder *recorder, const char *const *words);

#endif
