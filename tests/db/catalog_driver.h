/* SPDX-License-Identifier: PostgreSQL */
/*
 * For the tests of catalog and check on a real server: a blocking session as the
 * program's own sessions are (search_path pinned), and answers copied into rows.
 * Apart from the db room, so that a fault there cannot hide one here.
 */
#ifndef GONOGO_TEST_CATALOG_DRIVER_H
#define GONOGO_TEST_CATALOG_DRIVER_H

#include "base.h"
#include "catalog.h"
#include "check.h"
#include "server.h"

#include <setjmp.h>
#include <cmocka.h>
#include <libpq-fe.h>

static inline PGconn *driver_connect(const char *database, const char *user)
{
    struct test_server *server = test_server_get();
    const char *const keys[] = {"host", "port", "dbname", "user", "options", NULL};
    const char *const values[] = {test_server_socket_dir(server),
                                  test_server_port(server),
                                  database,
                                  user,
                                  "-c search_path=pg_catalog,pg_temp",
                                  NULL};
    PGconn *session = PQconnectdbParams(keys, values, 0);
    if (PQstatus(session) != CONNECTION_OK) {
        fail_msg("cannot connect: %s", PQerrorMessage(session));
    }
    return session;
}

/* False when the server refused; then `message` (if asked for) has why, in the arena. */
static inline bool driver_try(PGconn *session, struct arena *arena, const char *sql,
                              const struct str *params, size_t param_count, struct rows *rows,
                              struct str *message)
{
    enum {
        PARAMS = 16
    };
    const char *values[PARAMS] = {NULL};
    for (size_t i = 0; i < param_count; i++) {
        values[i] = params[i].ptr == NULL ? NULL : str_text(arena, params[i]);
    }
    PGresult *result =
        PQexecParams(session, sql, (int)param_count, NULL, values, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(result);
    bool ok = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
    if (message != NULL) {
        *message = str_dup(arena, str_from(PQresultErrorMessage(result)));
    }
    if (ok) {
        size_t columns = (size_t)PQnfields(result);
        rows_init(rows, arena, columns);
        for (size_t c = 0; c < columns; c++) {
            rows->names[c] = str_dup(arena, str_from(PQfname(result, (int)c)));
        }
        for (int r = 0; r < PQntuples(result); r++) {
            struct cell *cells = rows_add(rows);
            for (size_t c = 0; c < columns; c++) {
                cells[c].is_null = PQgetisnull(result, r, (int)c) != 0;
                cells[c].text = str_dup(arena, str_from(PQgetvalue(result, r, (int)c)));
            }
        }
    }
    PQclear(result);
    return ok;
}

static inline void driver_ask(PGconn *session, struct arena *arena, const char *sql,
                              const struct str *params, size_t param_count, struct rows *rows)
{
    struct str message = {0};
    if (!driver_try(session, arena, sql, params, param_count, rows, &message)) {
        fail_msg("%.*s\nwas the answer to: %s", STR_ARG(message), sql);
    }
}

static inline void driver_do(PGconn *session, const char *sql)
{
    PGresult *result = PQexec(session, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK &&
        PQresultStatus(result) != PGRES_TUPLES_OK) {
        fail_msg("%s: %s", sql, PQerrorMessage(session));
    }
    PQclear(result);
}

static inline struct catalog_counts driver_counts(PGconn *session, struct arena *arena,
                                                  const char *schemas)
{
    struct str param = str_from(schemas);
    struct rows rows;
    struct catalog_counts counts;
    struct err err = {0};
    driver_ask(session, arena, catalog_counts_query(), &param, 1, &rows);
    if (!catalog_counts_read(&rows, &counts, &err)) {
        fail_msg("%s", err.message);
    }
    return counts;
}

static inline struct catalog_snapshot driver_snapshot(PGconn *session, struct arena *arena,
                                                      const char *schemas)
{
    struct str param = str_from(schemas);
    struct catalog_counts counts = driver_counts(session, arena, schemas);
    struct rows rows;
    struct catalog_snapshot snapshot;
    struct err err = {0};
    driver_ask(session, arena, catalog_members_query(), &param, 1, &rows);
    if (!catalog_snapshot_read(&snapshot, str_from(PQdb(session)), &counts, &rows, &err)) {
        fail_msg("%s", err.message);
    }
    return snapshot;
}

#endif
