/* SPDX-License-Identifier: PostgreSQL */
/*
 * Throw-away PostgreSQL servers for C tests: the shared one that tests/support/
 * with-server started (or, without it, one of our own), and private ones that a
 * test may stop, kill and start again. Superuser postgres, ordinary role app_owner,
 * trust on a private unix socket, no TCP unless a setting asks for it.
 *
 * These helpers use libpq directly and blocking, apart from the code under test, so
 * that they can be the witness. Whatever fails here ends the program with "Bail out!".
 */
#ifndef GONOGO_TEST_SERVER_H
#define GONOGO_TEST_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

struct test_server;

/* The shared server; the same on each call. An own one is stopped when the program ends. */
struct test_server *test_server_get(void);
/* A second server of this test alone. `settings` is NULL or a NULL-terminated list of
 * "name=value". Free it with test_server_free(). */
struct test_server *test_server_private(const char *const *settings);
/* Stops a private server by its pid and waits: SIGTERM smart, SIGINT fast, SIGQUIT immediate,
 * SIGKILL crash. */
void test_server_stop(struct test_server *server, int signal_number);
/* Starts a stopped private server again, on the same data and socket. */
void test_server_start(struct test_server *server);
void test_server_free(struct test_server *server); /* stops it and removes its folder */

const char *test_server_socket_dir(const struct test_server *server); /* "host" for libpq */
const char *test_server_port(const struct test_server *server);
const char *test_server_data_dir(const struct test_server *server);
pid_t test_server_pid(const struct test_server *server); /* of the postmaster */
const char *test_server_bindir(void);                    /* where postgres and pg_dump are */

/* Databases belong to app_owner. An existing one of that name is dropped first, with its
 * sessions. */
void test_database_create(const struct test_server *server, const char *name);
void test_database_drop(const struct test_server *server, const char *name);

/* Runs SQL as superuser (any number of statements) and expects success. */
void test_execute(const struct test_server *server, const char *database, const char *sql);
/* The first value of the last result, on the heap; NULL is "". */
char *test_query(const struct test_server *server, const char *database, const char *sql);
long test_query_number(const struct test_server *server, const char *database, const char *sql);
/* Asks until the answer is `expected`, at most ten seconds; false when it never was. For
 * things that the server does on its own time, such as a backend's end. */
bool test_query_becomes(const struct test_server *server, const char *database, const char *sql,
                        const char *expected);

#endif
