/* SPDX-License-Identifier: PostgreSQL */
/*
 * The floor of a run: the shortest libpq program that sends a file of statements, one
 * to a line, each on its own, and reads each answer. loop_bench FILE; where to is said by
 * the environment. Prints the milliseconds from the first send to the last answer. Used by
 * run_bench; not a benchmark of its own.
 */
#include <libpq-fe.h>

#include "bench.h"

static void send_one(PGconn *connection, const char *sql)
{
    if (PQsendQuery(connection, sql) != 1) {
        bench_die("%s", PQerrorMessage(connection));
    }
    for (PGresult *result; (result = PQgetResult(connection)) != NULL; PQclear(result)) {
        ExecStatusType status = PQresultStatus(result);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
            bench_die("%s", PQerrorMessage(connection));
        }
    }
}

int main(int argc, char **argv)
{
    enum {
        LINE = 4096
    };
    char line[LINE];
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (file == NULL) {
        bench_die("usage: loop_bench FILE");
    }
    PGconn *connection = PQconnectdb("");
    if (PQstatus(connection) != CONNECTION_OK) {
        bench_die("%s", PQerrorMessage(connection));
    }
    double start_ms = bench_now_ms();
    while (fgets(line, sizeof(line), file) != NULL) {
        send_one(connection, line);
    }
    (void)printf("%.3f\n", bench_now_ms() - start_ms);
    (void)fclose(file);
    PQfinish(connection);
    return 0;
}
