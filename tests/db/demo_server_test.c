/* SPDX-License-Identifier: PostgreSQL */
/*
 * The demo's world as the walk meets it: the week 1 database, three endpoints that tell
 * the truth, a log, each trouble doing what it is named for, and nothing left afterwards
 * however the end comes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "demo_server.h"
#include "demo_trouble.h"
#include "files.h"
#include "loop.h"
#include "scratch_place.h"
#include "scratch_server.h"

#define PLAN_FOLDER "plans/week1-wednesday"

static struct strbuf seed;
static char cache[64];

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(cache, sizeof cache, "/tmp/gonogo-cache-XXXXXX");
    assert_non_null(mkdtemp(cache));
    assert_true(
        files_read(AT_FDCWD, PLAN_FOLDER "/seed.sql", (size_t)1 << 20, &seed, NULL, NULL));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    strbuf_release(&seed);
    assert_true(scratch_folder_remove(cache, NULL));
    return 0;
}

static void count_progress(void *ctx, const char *text)
{
    (void)text;
    ++*(int *)ctx;
}

static struct demo *start(const char *trouble, bool keep)
{
    int words = 0;
    struct err err = {0};
    struct demo_request request = {.seed = strbuf_str(&seed),
                                   .plan = "week1-wednesday",
                                   .trouble = trouble,
                                   .cache = cache,
                                   .keep = keep,
                                   .progress = count_progress,
                                   .ctx = &words};
    struct demo *demo = demo_start_blocking(&request, &err);
    if (demo == NULL) {
        print_message("# %s\n", err.message);
    }
    assert_non_null(demo);
    assert_true(words > 0);
    return demo;
}

static bool is_there(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

static bool becomes_absent(const char *path)
{
    int64_t limit_us = loop_now_us() + 10 * US_PER_SECOND;
    while (is_there(path) && loop_now_us() < limit_us) {
        (void)poll(NULL, 0, 10);
    }
    return !is_there(path);
}

static bool process_goes(pid_t pid)
{
    int64_t limit_us = loop_now_us() + 10 * US_PER_SECOND;
    while (scratch_process_start(pid) != 0 && loop_now_us() < limit_us) {
        (void)poll(NULL, 0, 10);
    }
    return scratch_process_start(pid) == 0;
}

static pid_t postmaster_of(const char *folder)
{
    char path[256];
    struct strbuf text = {0};
    (void)snprintf(path, sizeof path, "%s/data/postmaster.pid", folder);
    assert_true(files_read(AT_FDCWD, path, 4096, &text, NULL, NULL));
    struct str rest = strbuf_str(&text);
    struct str line;
    int64_t pid = 0;
    assert_true(str_cut(&rest, '\n', &line) && str_to_i64(line, &pid));
    strbuf_release(&text);
    return (pid_t)pid;
}

/* ------------------------------------------------------------------ a client */

static PGconn *try_connect(const struct demo *demo)
{
    struct app_connection connection = {0};
    char conninfo[512];
    demo_connection(demo, &connection);
    (void)snprintf(conninfo, sizeof conninfo, "host=%s port=%s user=%s dbname=%s",
                   connection.host, connection.port, connection.user, connection.database);
    return PQconnectdb(conninfo);
}

static PGconn *client(const struct demo *demo)
{
    PGconn *connection = try_connect(demo);
    if (PQstatus(connection) != CONNECTION_OK) {
        print_message("# %s\n", PQerrorMessage(connection));
    }
    assert_int_equal(PQstatus(connection), CONNECTION_OK);
    return connection;
}

static void run(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        print_message("# %s\n", PQerrorMessage(connection));
    }
    assert_true(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK);
    PQclear(result);
}

static void expect_answer(PGconn *connection, const char *sql, const char *expected)
{
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        print_message("# %s\n", PQerrorMessage(connection));
    }
    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    assert_string_equal(PQgetvalue(result, 0, 0), expected);
    PQclear(result);
}

static void run_file(PGconn *connection, const char *name)
{
    struct strbuf text = {0};
    char path[256];
    (void)snprintf(path, sizeof path, PLAN_FOLDER "/%s", name);
    assert_true(files_read(AT_FDCWD, path, (size_t)1 << 20, &text, NULL, NULL));
    run(connection, text.ptr);
    strbuf_release(&text);
}

static void expect_file_value(PGconn *connection, const char *name, const char *expected)
{
    struct strbuf text = {0};
    char path[256];
    (void)snprintf(path, sizeof path, PLAN_FOLDER "/%s", name);
    assert_true(files_read(AT_FDCWD, path, (size_t)1 << 20, &text, NULL, NULL));
    expect_answer(connection, text.ptr, expected);
    strbuf_release(&text);
}

static const char tables[] = "select count(*) from pg_class where relkind in ('r', 'p') and "
                             "relnamespace = 'public'::regnamespace";

/* The status of one endpoint, over the socket as curl would do it. */
static int fetch(const struct demo *demo, const char *request)
{
    struct app_value values[DEMO_VALUES];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char answer[512] = {0};
    demo_values(demo, values);
    assert_string_equal(values[1].name, "app_socket");
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%.100s", values[1].value);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    for (const char *at = request; *at != '\0'; at++) { /* byte by byte, as a bad day may */
        assert_int_equal(send(fd, at, 1, MSG_NOSIGNAL), 1);
    }
    size_t length = 0;
    ssize_t got = 0;
    while (length < sizeof answer - 1 &&
           (got = read(fd, answer + length, sizeof answer - 1 - length)) > 0) {
        length += (size_t)got;
    }
    close(fd);
    int64_t status = 0;
    assert_true(str_starts(str_from(answer), "HTTP/1.1 "));
    assert_true(str_to_i64(str_slice(str_from(answer), 9, 3), &status));
    return (int)status;
}

/* -------------------------------------------------------------------- the tests */

static void the_demo_has_the_week_1_database(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round++) { /* loaded, then from the template */
        int64_t start_us = loop_now_us();
        struct demo *demo = start(NULL, false);
        print_message("# %s in %lld ms\n", round == 0 ? "loaded" : "from the template",
                      (long long)((loop_now_us() - start_us) / US_PER_MS));
        PGconn *connection = client(demo);
        expect_answer(connection, tables, "52");
        expect_answer(connection,
                      "select rolsuper::text || rolcreatedb || rolbypassrls from "
                      "pg_roles where rolname = current_user",
                      "falsetruefalse");
        expect_answer(connection,
                      "select pg_has_role('pg_monitor', 'member')::text || "
                      "pg_has_role('pg_signal_backend', 'member')",
                      "truetrue");
        expect_answer(connection,
                      "select count(*) from public.notifications where created_at > "
                      "'1970-01-01'",
                      "88310");
        expect_answer(connection, "show listen_addresses", "");
        expect_answer(connection,
                      "select count(*) from pg_stat_activity where usename <> "
                      "current_user and backend_type = 'client backend'",
                      "0");
        PQfinish(connection);
        char *folder = mem_text(demo_folder(demo));
        pid_t postmaster = postmaster_of(folder);
        assert_int_equal(fetch(demo, "GET /health HTTP/1.1\r\nHost: demo\r\n\r\n"), 200);
        demo_stop_blocking(demo);
        assert_false(is_there(folder));
        assert_true(process_goes(postmaster));
        free(folder);
    }
}

static void endpoints_tell_the_truth(void **state)
{
    (void)state;
    struct demo *demo = start(NULL, false);
    struct app_value values[DEMO_VALUES];
    struct strbuf log = {0};
    demo_values(demo, values);
    assert_int_equal(fetch(demo, "GET /health HTTP/1.1\r\nHost: demo\r\n\r\n"), 200);
    assert_int_equal(fetch(demo, "GET /api/campaigns HTTP/1.1\r\n\r\n"), 200);
    assert_int_equal(fetch(demo, "GET /api/moves HTTP/1.1\r\n\r\n"), 200);
    assert_int_equal(fetch(demo, "GET /nothing HTTP/1.1\r\n\r\n"), 404);
    assert_int_equal(fetch(demo, "POST /health HTTP/1.1\r\n\r\n"), 400);
    assert_int_equal(fetch(demo, "\r\n\r\n"), 400);
    assert_true(files_read(AT_FDCWD, values[2].value, 65536, &log, NULL, NULL));
    assert_int_equal(log.len, 0);

    PGconn *connection = client(demo);
    run(connection, "drop table public.moves cascade");
    PQfinish(connection);
    assert_int_equal(fetch(demo, "GET /api/moves HTTP/1.1\r\n\r\n"), 503);
    assert_int_equal(fetch(demo, "GET /api/campaigns HTTP/1.1\r\n\r\n"), 200);
    assert_true(files_read(AT_FDCWD, values[2].value, 65536, &log, NULL, NULL));
    assert_non_null(strstr(log.ptr, "ERROR /api/moves"));
    strbuf_release(&log);
    demo_stop_blocking(demo);
}

/* ------------------------------------------------------------------- the ends */

/* A program that starts a demo, says where it is, and waits to be killed. */
static pid_t start_elsewhere(bool keep, char *folder, size_t size, pid_t *host)
{
    int told[2];
    assert_int_equal(pipe(told), 0);
    pid_t owner = fork();
    if (owner == 0) {
        struct demo *demo = start(NULL, keep);
        dprintf(told[1], "%d %s", (int)demo_host_pid(demo), demo_folder(demo));
        close(told[1]);
        if (keep) {
            demo_stop_blocking(demo);
            _exit(0);
        }
        for (;;) {
            (void)poll(NULL, 0, -1);
        }
    }
    close(told[1]);
    char line[256] = {0};
    size_t length = 0;
    ssize_t got = 0;
    while ((got = read(told[0], line + length, sizeof line - 1 - length)) > 0) {
        length += (size_t)got;
    }
    close(told[0]);
    char *blank = strchr(line, ' ');
    assert_non_null(blank);
    *blank = '\0';
    int64_t pid = 0;
    assert_true(str_to_i64(str_from(line), &pid));
    *host = (pid_t)pid;
    (void)snprintf(folder, size, "%s", blank + 1);
    return owner;
}

static void nothing_survives_the_program(void **state)
{
    (void)state;
    static const int signals[] = {SIGTERM, SIGINT, SIGKILL, SIGABRT};
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        char folder[128];
        pid_t host = 0;
        pid_t owner = start_elsewhere(false, folder, sizeof folder, &host);
        pid_t postmaster = postmaster_of(folder);
        assert_int_equal(kill(owner, signals[i]), 0);
        assert_int_equal(waitpid(owner, NULL, 0), owner);
        assert_true(becomes_absent(folder));
        assert_true(process_goes(postmaster));
        assert_true(process_goes(host));
    }
}

static void a_killed_host_takes_the_server_along(void **state)
{
    (void)state;
    char folder[128];
    pid_t host = 0;
    pid_t owner = start_elsewhere(false, folder, sizeof folder, &host);
    pid_t postmaster = postmaster_of(folder);
    assert_int_equal(kill(host, SIGKILL), 0);
    assert_true(process_goes(postmaster));
    assert_int_equal(kill(owner, SIGKILL), 0);
    assert_int_equal(waitpid(owner, NULL, 0), owner);
    assert_true(is_there(folder));
    scratch_sweep();
    assert_false(is_there(folder));
}

static void a_kept_demo_stays_until_it_is_told(void **state)
{
    (void)state;
    char folder[128];
    pid_t host = 0;
    pid_t owner = start_elsewhere(true, folder, sizeof folder, &host);
    assert_int_equal(waitpid(owner, NULL, 0), owner);
    pid_t postmaster = postmaster_of(folder);
    assert_int_not_equal(scratch_process_start(postmaster), 0);
    scratch_sweep();
    char conninfo[256];
    (void)snprintf(conninfo, sizeof conninfo, "host=%s user=app_owner dbname=app", folder);
    PGconn *connection = PQconnectdb(conninfo);
    assert_int_equal(PQstatus(connection), CONNECTION_OK);
    expect_answer(connection, tables, "52");
    PQfinish(connection);
    assert_int_equal(kill(host, SIGTERM), 0);
    assert_true(becomes_absent(folder));
    assert_true(process_goes(postmaster));
}

/* The roles of the plan are there before its seed, and the owner may act as each. */
static void the_plans_roles_are_made(void **state)
{
    (void)state;
    struct err err = {0};
    struct plan_seed_role roles[] = {
        {.name = STR("web user")},
        {.name = STR("service"), .bypass_rls = true},
    };
    struct demo_request request = {
        .seed = STR("create table t (id int); alter table t enable row level security; "
                    "insert into t values (1); grant select on t to \"web user\", service; "
                    "do $$begin set local role \"web user\"; "
                    "assert (select count(*) from t) = 0, 'bound'; end$$; "
                    "do $$begin set local role service; "
                    "assert (select count(*) from t) = 1, 'not bound'; end$$;"),
        .plan = "own",
        .roles = {roles, COUNT_OF(roles)}};
    struct demo *demo = demo_start_blocking(&request, &err);
    if (demo == NULL) {
        print_message("# %s\n", err.message);
    }
    assert_non_null(demo);
    demo_stop_blocking(demo);
    roles[1].bypass_rls = false;
    assert_null(demo_start_blocking(&request, &err));
    assert_non_null(strstr(err.message, "not bound"));
    roles[1].name = STR("web user");
    assert_null(demo_start_blocking(&request, &err));
    assert_non_null(strstr(err.message, "already exists"));
}

static void a_bad_seed_leaves_nothing(void **state)
{
    (void)state;
    struct err err = {0};
    struct demo_request request = {.seed = STR("select 1; select from nowhere;"),
                                   .plan = "week1-wednesday"};
    assert_null(demo_start_blocking(&request, &err));
    assert_non_null(strstr(err.message, "nowhere"));
    request.seed = STR("select 'open");
    assert_null(demo_start_blocking(&request, &err));
    request.trouble = "no-such";
    assert_null(demo_start_blocking(&request, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.hint, "server-restart"));
}

/* --------------------------------------------------------------- the troubles */

static void trouble_blocker_holds_a_table(void **state)
{
    (void)state;
    struct demo *demo = start("blocker", false);
    PGconn *connection = client(demo);
    expect_answer(connection, tables, "52");
    expect_answer(connection,
                  "select usename || ' ' || state from pg_stat_activity where "
                  "usename = 'demo_report'",
                  "demo_report idle in transaction");
    run(connection, "begin; set local lock_timeout = '200ms'");
    PGresult *result = PQexec(connection, "drop table public.quest_moves");
    assert_string_equal(PQresultErrorField(result, PG_DIAG_SQLSTATE), "55P03");
    PQclear(result);
    run(connection, "rollback");
    /* and its owner may end it */
    expect_answer(connection,
                  "select pg_terminate_backend(pid, 5000)::text from "
                  "pg_stat_activity where usename = 'demo_report'",
                  "true");
    run(connection, "begin; drop table public.quest_moves; rollback");
    PQfinish(connection);
    demo_stop_blocking(demo);
}

static void trouble_wrong_count_is_one_table_more(void **state)
{
    (void)state;
    struct demo *demo = start("wrong-count", false);
    PGconn *connection = client(demo);
    expect_answer(connection, tables, "53");
    PQfinish(connection);
    demo_stop_blocking(demo);
}

static void trouble_failing_check_shows_only_afterwards(void **state)
{
    (void)state;
    struct demo *demo = start("failing-check", false);
    PGconn *connection = client(demo);
    expect_answer(connection, "select count(*) from pg_constraint where contype = 'f'", "38");
    expect_answer(connection, tables, "52");
    expect_file_value(connection, "sql/conflicts.sql", "3");
    run_file(connection, "migrations/011_fix_migration_conflicts.sql");
    run_file(connection, "migrations/012_remove_unused_features.sql");
    expect_file_value(connection, "sql/conflicts.sql", "0");
    expect_file_value(connection, "sql/q01.sql", "3");
    expect_file_value(connection, "sql/q02.sql", "0");
    expect_file_value(connection, "sql/q08.sql", "daily_activity"); /* should be no row */
    expect_file_value(connection, "sql/q03.sql", "1");
    PQfinish(connection);
    demo_stop_blocking(demo);
}

static void trouble_slow_is_slow_and_right(void **state)
{
    (void)state;
    struct demo *demo = start("slow", false);
    PGconn *connection = client(demo);
    expect_answer(connection, tables, "52");
    int64_t start_us = loop_now_us();
    run_file(connection, "migrations/011_fix_migration_conflicts.sql");
    assert_true(loop_now_us() - start_us > 1200 * US_PER_MS);
    expect_file_value(connection, "sql/q02.sql", "0");
    PQfinish(connection);
    demo_stop_blocking(demo);
}

static void trouble_server_restart_hits_the_migration(void **state)
{
    (void)state;
    struct demo *demo = start("server-restart", false);
    assert_true(demo_is_kept(demo));
    pid_t host = demo_host_pid(demo);
    char *folder = mem_text(demo_folder(demo));
    PGconn *connection = client(demo);
    run(connection, "set lock_timeout = '10s'");
    run_file(connection, "migrations/011_fix_migration_conflicts.sql");
    PGresult *result = PQexec(connection, "drop table public.quest_moves");
    assert_int_not_equal(PQresultStatus(result), PGRES_COMMAND_OK);
    PQclear(result);
    assert_int_equal(PQstatus(connection), CONNECTION_BAD);
    PQfinish(connection);

    int64_t limit_us = loop_now_us() + 20 * US_PER_SECOND;
    connection = try_connect(demo);
    while (PQstatus(connection) != CONNECTION_OK && loop_now_us() < limit_us) {
        PQfinish(connection);
        (void)poll(NULL, 0, 20);
        connection = try_connect(demo);
    }
    assert_int_equal(PQstatus(connection), CONNECTION_OK);
    expect_answer(connection, tables, "52");
    expect_file_value(connection, "sql/conflicts.sql", "0"); /* 011 had been committed */
    run_file(connection, "migrations/012_remove_unused_features.sql");
    expect_answer(connection, tables, "43");
    PQfinish(connection);
    assert_int_equal(fetch(demo, "GET /api/moves HTTP/1.1\r\n\r\n"), 200);
    demo_stop_blocking(demo);
    assert_true(is_there(folder));
    assert_int_equal(kill(host, SIGTERM), 0);
    assert_int_equal(waitpid(host, NULL, 0), host);
    assert_false(is_there(folder));
    free(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_demo_has_the_week_1_database),
        cmocka_unit_test(endpoints_tell_the_truth),
        cmocka_unit_test(nothing_survives_the_program),
        cmocka_unit_test(a_killed_host_takes_the_server_along),
        cmocka_unit_test(a_kept_demo_stays_until_it_is_told),
        cmocka_unit_test(a_bad_seed_leaves_nothing),
        cmocka_unit_test(the_plans_roles_are_made),
        cmocka_unit_test(trouble_blocker_holds_a_table),
        cmocka_unit_test(trouble_wrong_count_is_one_table_more),
        cmocka_unit_test(trouble_failing_check_shows_only_afterwards),
        cmocka_unit_test(trouble_slow_is_slow_and_right),
        cmocka_unit_test(trouble_server_restart_hits_the_migration),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("demo_server", tests, set_up, tear_down);
}
