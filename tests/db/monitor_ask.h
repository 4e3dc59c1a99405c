/* SPDX-License-Identifier: PostgreSQL */
/*
 * Sessions of a test, blocking and plain: the queries of monitor and pgtools are sent
 * with libpq itself and their answers copied into rows, so that these tests need no
 * other room.
 */
#ifndef GONOGO_TEST_MONITOR_ASK_H
#define GONOGO_TEST_MONITOR_ASK_H

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <libpq-fe.h>

#include "base.h"
#include "server.h"

static inline PGconn *session(const struct test_server *server, const char *database,
                              const char *user, const char *name)
{
    const char *const keys[] = {"host", "port", "dbname", "user", "application_name", NULL};
    const char *const values[] = {
        test_server_socket_dir(server), test_server_port(server), database, user, name, NULL};
    PGconn *connection = PQconnectdbParams(keys, values, 0);
    if (PQstatus(connection) != CONNECTION_OK) {
        fail_msg("%s", PQerrorMessage(connection));
    }
    return connection;
}

/* Runs without parameters and expects success. */
static inline void run(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fail_msg("%s: %s", sql, PQerrorMessage(connection));
    }
    PQclear(result);
}

/* One statement with up to three parameters; the answer lives in `arena`. */
static inline struct rows ask(PGconn *connection, struct arena *arena, const char *sql,
                              const char *one, const char *two, const char *three)
{
    const char *const values[] = {one, two, three};
    int count = three ? 3 : two ? 2 : one ? 1 : 0;
    PGresult *result = PQexecParams(connection, sql, count, NULL, values, NULL, NULL, 0);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        fail_msg("%s: %s", sql, PQerrorMessage(connection));
    }
    struct rows rows;
    rows_init(&rows, arena, (size_t)PQnfields(result));
    for (int j = 0; j < PQnfields(result); j++) {
        rows.names[j] = str_dup(arena, str_from(PQfname(result, j)));
    }
    for (int i = 0; i < PQntuples(result); i++) {
        struct cell *cells = rows_add(&rows);
        for (int j = 0; j < PQnfields(result); j++) {
            cells[j].is_null = PQgetisnull(result, i, j);
            cells[j].text = str_dup(arena, str_from(PQgetvalue(result, i, j)));
        }
    }
    PQclear(result);
    return rows;
}

#endif
