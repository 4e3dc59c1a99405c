/* SPDX-License-Identifier: PostgreSQL */
/*
 * A scratch server made and started with nothing but the argument vectors of pgtools.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pgtools.h"
#include "server.h"
#include "testing.h"

/* Starts argv in `folder`, as postgres when we are root: the programs refuse root. */
static pid_t start(const char **argv, const char *folder)
{
    pid_t child = fork();
    if (child != 0) {
        return child;
    }
    const struct passwd *user = getuid() == 0 ? getpwnam("postgres") : NULL;
    bool ready = !user || (setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0);
    if (ready && chdir(folder) == 0 && freopen("log", "ab", stdout) &&
        freopen("log", "ab", stderr)) {
        execv(argv[0], (char *const *)(uintptr_t)argv);
    }
    _exit(127);
}

static void make_folder(char *folder)
{
    assert_non_null(mkdtemp(folder));
    const struct passwd *user = getuid() == 0 ? getpwnam("postgres") : NULL;
    if (user) {
        assert_int_equal(chown(folder, user->pw_uid, user->pw_gid), 0);
    }
}

static PGconn *connect_when_ready(const char *folder, pid_t server)
{
    const char *const keys[] = {"host", "dbname", "user", "port", NULL};
    const char *const values[] = {folder, "postgres", "boss", "5432", NULL};
    for (;;) {
        PGconn *connection = PQconnectdbParams(keys, values, 0);
        if (PQstatus(connection) == CONNECTION_OK) {
            return connection;
        }
        PQfinish(connection);
        assert_int_equal(waitpid(server, NULL, WNOHANG), 0); /* it lives: ask again */
        test_pause_us(10 * US_PER_MS);
    }
}

static void setting_is(PGconn *connection, const char *name, const char *expected)
{
    PGresult *result = PQexecParams(connection, "select pg_catalog.current_setting($1)", 1,
                                    NULL, &name, NULL, NULL, 0);
    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    assert_string_equal(PQgetvalue(result, 0, 0), expected);
    PQclear(result);
}

static void scratch_server_starts_private_and_ends(void **state)
{
    (void)state;
    struct arena arena = {0};
    char folder[] = "/tmp/gonogo-argv-XXXXXX";
    make_folder(folder);
    struct str data = str_format(&arena, "%s/data", folder);
    struct pgtools_scratch scratch = {.bindir = str_from(test_server_bindir()),
                                      .data = data,
                                      .socket = str_from(folder),
                                      .user = STR("boss"),
                                      .shared_buffers = 16 * 1024 * 1024};
    int status = -1;
    pid_t child = start(pgtools_initdb_argv(&arena, &scratch), folder);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    child = start(pgtools_postgres_argv(&arena, &scratch), folder);
    PGconn *connection = connect_when_ready(folder, child);
    setting_is(connection, "listen_addresses", "");
    setting_is(connection, "fsync", "off");
    setting_is(connection, "shared_buffers", "16MB");
    setting_is(connection, "server_encoding", "UTF8");
    setting_is(connection, "lc_collate", "C");
    setting_is(connection, "is_superuser", "on");
    struct stat socket;
    struct str path = str_format(&arena, "%s/.s.PGSQL.5432", folder);
    assert_int_equal(stat(path.ptr, &socket), 0);
    assert_int_equal(socket.st_mode & 0777, 0700);
    PQfinish(connection);
    assert_int_equal(kill(child, SIGINT), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    const char *sweep[] = {"/bin/rm", "-rf", "--", folder, NULL};
    child = fork();
    if (child == 0) {
        execv(sweep[0], (char *const *)(uintptr_t)sweep);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scratch_server_starts_private_and_ends),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
