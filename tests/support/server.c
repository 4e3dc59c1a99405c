/* SPDX-License-Identifier: PostgreSQL */
/*
 * Starting and stopping throw-away servers from C. A private server copies the
 * pristine cluster that with-server prepared (0.2 s) or runs initdb (0.6 s). As root
 * the server runs as postgres, or as nobody where that user is missing, because
 * PostgreSQL refuses to run as root. The kernel stops it when this program dies.
 */
#include "server.h"

#include "testing.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Hidden by strict POSIX. */
int setgroups(size_t count, const gid_t *groups);

enum {
    PATH_ROOM = 256,
    SETTINGS_MAX = 32,
    READY_TRIES = 3000,
    PAUSE_MS = 10
};

struct test_server {
    char folder[PATH_ROOM]; /* ours to remove; "" for the shared server of with-server */
    char socket_dir[PATH_ROOM];
    char data_dir[PATH_ROOM + 8];
    char *settings[SETTINGS_MAX + 1];
    pid_t pid;   /* 0: not running */
    pid_t owner; /* the process that made it: a forked child must not stop it */
    struct test_server *next;
};

/* The one shared server, and all that live, so that a failed test leaves none behind. */
static struct test_server *shared;
static struct test_server *all;

static void *make(size_t size)
{
    void *memory = calloc(1, size);
    if (memory == NULL) {
        test_bail_out("out of memory");
    }
    return memory;
}

static char *copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(make(size), text, size);
}

const char *test_server_bindir(void)
{
    static const char *const places[] = {
        "/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/18/bin",
        "/usr/lib/postgresql/17/bin", "/usr/lib/postgresql/16/bin",
        "/usr/lib/postgresql/14/bin", "/usr/lib/postgresql/13/bin"};
    const char *given = getenv("GONOGO_TEST_BINDIR");
    if (given != NULL) {
        return given;
    }
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        char program[PATH_ROOM];
        (void)snprintf(program, sizeof(program), "%s/initdb", places[i]);
        if (access(program, X_OK) == 0) {
            return places[i];
        }
    }
    test_bail_out("no PostgreSQL server programs found (package postgresql)");
}

/* ---------------------------------------------------------------- children */

static const struct passwd *server_user(void)
{
    const struct passwd *user = getpwnam("postgres");
    return user != NULL ? user : getpwnam("nobody");
}

/* In the child: another user where needed, quiet, and stopped when the parent dies. */
static void become_server_user(const char *log, const char *folder)
{
    int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (out < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0) {
        _exit(98);
    }
    if (geteuid() == 0) {
        const struct passwd *user = server_user();
        if (user == NULL || setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 ||
            setuid(user->pw_uid) != 0) {
            _exit(98);
        }
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGINT);
    if (chdir(folder) != 0 || setenv("LC_ALL", "C", 1) != 0) {
        _exit(98);
    }
    (void)signal(SIGPIPE, SIG_DFL);
}

static pid_t start_program(const struct test_server *server, char *const *argv)
{
    char log[PATH_ROOM + 8];
    (void)snprintf(log, sizeof(log), "%s/log", server->folder);
    (void)fflush(stdout);
    pid_t pid = fork();
    if (pid < 0) {
        test_bail_out("cannot fork: %s", strerror(errno));
    }
    if (pid == 0) {
        become_server_user(log, server->folder);
        (void)execv(argv[0], argv);
        _exit(98);
    }
    return pid;
}

static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            test_bail_out("cannot wait for a child: %s", strerror(errno));
        }
    }
    return status;
}

static void run_program(const struct test_server *server, char *const *argv)
{
    if (wait_for(start_program(server, argv)) != 0) {
        test_bail_out("%s failed; see %s/log", argv[0], server->folder);
    }
}

/* ------------------------------------------------------------ start, stop */

static void make_cluster(struct test_server *server)
{
    const char *template_dir = getenv("GONOGO_TEST_TEMPLATE");
    if (template_dir != NULL) {
        char *copy[] = {(char[]){"/bin/cp"}, (char[]){"-R"}, copy_text(template_dir),
                        server->data_dir, NULL};
        run_program(server, copy);
        free(copy[2]);
        return;
    }
    char program[PATH_ROOM];
    (void)snprintf(program, sizeof(program), "%s/initdb", test_server_bindir());
    char options[][24] = {"-U",         "postgres", "-A",   "trust",           "--no-sync",
                          "--locale=C", "-E",       "UTF8", "--wal-segsize=1", "-D"};
    char *argv[COUNT_OF(options) + 3] = {program};
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        argv[i + 1] = options[i];
    }
    argv[COUNT_OF(options) + 1] = server->data_dir;
    run_program(server, argv);
}

/* False when the server ended instead. */
static bool becomes_ready(struct test_server *server)
{
    char conninfo[PATH_ROOM + 64];
    (void)snprintf(conninfo, sizeof(conninfo),
                   "host=%s port=5432 user=postgres dbname=postgres", server->socket_dir);
    for (int tries = 0; tries < READY_TRIES; tries++) {
        if (PQping(conninfo) == PQPING_OK) {
            return true;
        }
        if (waitpid(server->pid, NULL, WNOHANG) == server->pid) {
            return false;
        }
        (void)poll(NULL, 0, PAUSE_MS);
    }
    test_bail_out("the server did not start; see %s/log", server->folder);
}

void test_server_start(struct test_server *server)
{
    static const char *const fixed[] = {"listen_addresses=",
                                        "port=5432",
                                        "fsync=off",
                                        "synchronous_commit=off",
                                        "full_page_writes=off",
                                        "dynamic_shared_memory_type=mmap",
                                        "shared_buffers=32MB",
                                        "max_locks_per_transaction=256",
                                        "max_connections=60",
                                        "max_prepared_transactions=4",
                                        "wal_level=logical",
                                        "shared_preload_libraries=pg_stat_statements",
                                        "track_functions=all"};
    char program[PATH_ROOM];
    char socket_setting[PATH_ROOM + 32];
    char *argv[2 * (COUNT_OF(fixed) + SETTINGS_MAX + 1) + 4] = {program, (char[]){"-D"},
                                                                server->data_dir};
    size_t count = 3;
    (void)snprintf(program, sizeof(program), "%s/postgres", test_server_bindir());
    (void)snprintf(socket_setting, sizeof(socket_setting), "unix_socket_directories=%s",
                   server->socket_dir);
    char *owned[COUNT_OF(fixed)];
    char option[] = "-c";
    for (size_t i = 0; i < COUNT_OF(fixed); i++) {
        owned[i] = copy_text(fixed[i]);
        argv[count++] = option;
        argv[count++] = owned[i];
    }
    argv[count++] = option;
    argv[count++] = socket_setting;
    for (size_t i = 0; server->settings[i] != NULL; i++) { /* later ones win */
        argv[count++] = option;
        argv[count++] = server->settings[i];
    }
    bool ready = false;
    for (int tries = 0; !ready && tries < 50; tries++) {
        /* After a crash the orphaned backends may hold the shared memory for a moment. */
        (void)poll(NULL, 0, tries == 0 ? 0 : 10 * PAUSE_MS);
        server->pid = start_program(server, argv);
        ready = becomes_ready(server);
    }
    for (size_t i = 0; i < COUNT_OF(fixed); i++) {
        free(owned[i]);
    }
    if (!ready) {
        test_bail_out("the server did not start; see %s/log", server->folder);
    }
}

void test_server_stop(struct test_server *server, int signal_number)
{
    if (server->pid == 0) {
        return;
    }
    if (kill(server->pid, signal_number) != 0) {
        test_bail_out("cannot stop the server: %s", strerror(errno));
    }
    (void)wait_for(server->pid);
    server->pid = 0;
}

/* A folder whose path is short enough for a socket and which the server's user can enter:
 * beside with-server's, which has chosen well. */
static void make_folder(struct test_server *server)
{
    const char *beside = getenv("GONOGO_TEST_SOCKET_DIR");
    const char *slash = beside != NULL ? strrchr(beside, '/') : NULL;
    int length = slash != NULL ? (int)(slash - beside) : 0;
    (void)snprintf(server->folder, sizeof(server->folder), "%.*s/gonogo-test.XXXXXX",
                   length > 0 ? length : 4, length > 0 ? beside : "/tmp");
    if (mkdtemp(server->folder) == NULL) {
        test_bail_out("cannot make the folder %s: %s", server->folder, strerror(errno));
    }
    char owner[PATH_ROOM + 8];
    (void)snprintf(owner, sizeof(owner), "%s/owner", server->folder);
    FILE *file = fopen(owner, "w"); /* with-server sweeps folders whose owner is gone */
    if (file == NULL || fprintf(file, "%ld\n", (long)getpid()) < 0 || fclose(file) != 0) {
        test_bail_out("cannot write %s", owner);
    }
    if (geteuid() == 0) {
        const struct passwd *user = server_user();
        if (user == NULL || chown(server->folder, user->pw_uid, user->pw_gid) != 0) {
            test_bail_out("cannot give %s to the server's user", server->folder);
        }
    }
    if (chmod(server->folder, 0755) != 0) {
        test_bail_out("cannot open %s: %s", server->folder, strerror(errno));
    }
    (void)snprintf(server->socket_dir, sizeof(server->socket_dir), "%s", server->folder);
    (void)snprintf(server->data_dir, sizeof(server->data_dir), "%s/data", server->folder);
}

static void free_all(void)
{
    shared = NULL;
    while (all != NULL && all->owner == getpid()) {
        test_server_free(all);
    }
}

static void register_server(struct test_server *server)
{
    if (all == NULL) {
        (void)atexit(free_all);
    }
    server->owner = getpid();
    server->next = all;
    all = server;
}

struct test_server *test_server_private(const char *const *settings)
{
    struct test_server *server = make(sizeof(*server));
    register_server(server);
    for (size_t i = 0; settings != NULL && settings[i] != NULL && i < SETTINGS_MAX; i++) {
        server->settings[i] = copy_text(settings[i]);
    }
    make_folder(server);
    make_cluster(server);
    test_server_start(server);
    test_execute(server, "postgres", "CREATE ROLE app_owner LOGIN NOSUPERUSER");
    return server;
}

void test_server_free(struct test_server *server)
{
    if (server == NULL) {
        return;
    }
    if (server->folder[0] != '\0') {
        test_server_stop(server, SIGQUIT);
        pid_t pid = fork();
        if (pid == 0) {
            (void)execl("/bin/rm", "rm", "-rf", server->folder, (char *)NULL);
            _exit(98);
        }
        if (pid > 0) {
            (void)wait_for(pid);
        }
    }
    for (struct test_server **link = &all; *link != NULL; link = &(*link)->next) {
        if (*link == server) {
            *link = server->next;
            break;
        }
    }
    for (size_t i = 0; server->settings[i] != NULL; i++) {
        free(server->settings[i]);
    }
    free(server);
}

struct test_server *test_server_get(void)
{
    const char *socket_dir = getenv("GONOGO_TEST_SOCKET_DIR");
    const char *data_dir = getenv("GONOGO_TEST_PGDATA");
    if (shared != NULL) {
        return shared;
    }
    if (socket_dir != NULL && data_dir != NULL) {
        shared = make(sizeof(*shared));
        register_server(shared);
        (void)snprintf(shared->socket_dir, sizeof(shared->socket_dir), "%s", socket_dir);
        (void)snprintf(shared->data_dir, sizeof(shared->data_dir), "%s", data_dir);
    } else {
        shared = test_server_private(NULL);
    }
    return shared;
}

const char *test_server_socket_dir(const struct test_server *server)
{
    return server->socket_dir;
}

const char *test_server_port(const struct test_server *server)
{
    (void)server;
    return "5432";
}

const char *test_server_data_dir(const struct test_server *server)
{
    return server->data_dir;
}

pid_t test_server_pid(const struct test_server *server)
{
    if (server->pid != 0) {
        return server->pid;
    }
    char path[PATH_ROOM + 32];
    (void)snprintf(path, sizeof(path), "%s/postmaster.pid", server->data_dir);
    FILE *file = fopen(path, "r");
    long pid = 0;
    if (file == NULL || fscanf(file, "%ld", &pid) != 1) {
        test_bail_out("cannot read %s", path);
    }
    (void)fclose(file);
    return (pid_t)pid;
}

/* --------------------------------------------------------------- questions */

static PGresult *ask(const struct test_server *server, const char *database, const char *sql)
{
    const char *const keys[] = {"host", "port", "user", "dbname", "application_name", NULL};
    const char *const values[] = {server->socket_dir, test_server_port(server), "postgres",
                                  database,           "test witness",           NULL};
    PGconn *connection = PQconnectdbParams(keys, values, 0);
    if (PQstatus(connection) != CONNECTION_OK) {
        test_bail_out("no connection: %s", PQerrorMessage(connection));
    }
    PQsetNoticeProcessor(connection, NULL, NULL);
    PGresult *result = PQexec(connection, "SET client_min_messages = error");
    PQclear(result);
    result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        test_bail_out("%s: %s", sql, PQerrorMessage(connection));
    }
    PQfinish(connection);
    return result;
}

void test_execute(const struct test_server *server, const char *database, const char *sql)
{
    PQclear(ask(server, database, sql));
}

char *test_query(const struct test_server *server, const char *database, const char *sql)
{
    PGresult *result = ask(server, database, sql);
    char *value = copy_text(PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return value;
}

long test_query_number(const struct test_server *server, const char *database, const char *sql)
{
    char *value = test_query(server, database, sql);
    char *end = NULL;
    long number = strtol(value, &end, 10);
    if (end == value || *end != '\0') {
        test_bail_out("%s: \"%s\" is no number", sql, value);
    }
    free(value);
    return number;
}

bool test_query_becomes(const struct test_server *server, const char *database, const char *sql,
                        const char *expected)
{
    for (int tries = 0; tries < 1000; tries++) {
        char *value = test_query(server, database, sql);
        bool equal = strcmp(value, expected) == 0;
        free(value);
        if (equal) {
            return true;
        }
        (void)poll(NULL, 0, PAUSE_MS);
    }
    return false;
}

void test_database_drop(const struct test_server *server, const char *name)
{
    char sql[PATH_ROOM];
    (void)snprintf(sql, sizeof(sql), "DROP DATABASE IF EXISTS \"%s\" WITH (FORCE)", name);
    test_execute(server, "postgres", sql);
}

void test_database_create(const struct test_server *server, const char *name)
{
    char sql[PATH_ROOM];
    test_database_drop(server, name);
    (void)snprintf(sql, sizeof(sql),
                   "CREATE DATABASE \"%s\" OWNER app_owner TEMPLATE template0", name);
    test_execute(server, "postgres", sql);
}
