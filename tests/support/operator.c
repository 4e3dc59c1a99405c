/* SPDX-License-Identifier: PostgreSQL */
/*
 * The hands and eyes of the tests of the screens; see operator.h.
 */
#include "operator.h"

#include "files.h"
#include "server.h"
#include "testing.h"

#include <fcntl.h>
#include <glob.h>
#include <libpq-fe.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    AGAIN_MS = 150, /* between two presses of a key that a deaf box did not take */
    ARGUMENTS_MAX = 24,
};
#define SMALL_DATABASE "window"

static const char small_plan[] =
    "version: 1\n"
    "name: small plan\n"
    "window: { date: \"2024-01-31\", weekday: wed, timezone: UTC, opens: \"08:00\", "
    "closes: \"12:00\" }\n"
    "targets: [{ id: scratch, environment: scratch }]\n"
    "safety: { lock_timeout: 60s, statement_timeout: 120s }\n"
    "ledger: { table: schema_migrations, style: plain, create: true }\n"
    "roles:\n"
    "  - { id: dba, title: Database Admin, people: [anna], votes: true }\n"
    "  - { id: lead, title: Backend Lead, people: [ben], votes: true }\n"
    "checklist:\n"
    "  - { id: c1, gate: prep, phase: before, ask: \"Ready?\", proof: note, role: dba, "
    "max_age: 4h }\n"
    "steps: [{ migration: \"001\", file: 001.sql, undo: none }]\n";

/* ----------------------------------------------------------- coming and going */

void operator_begin(struct operator* me)
{
    const char *place = getenv("TMPDIR");
    *me = (struct operator){0};
    (void)snprintf(me->folder, sizeof(me->folder), "%s/gonogo-op.XXXXXX",
                   place && place[0] ? place : "/tmp");
    assert_non_null(mkdtemp(me->folder));
    assert_int_equal(chmod(me->folder, 0755), 0); /* the server's account goes through it */
}

/* A demo that is kept has a host that owns its folder; it goes when it is told to. */
static void stop_kept(const struct operator* me)
{
    glob_t found = {0};
    int64_t until_ms = test_now_ms() + SOON * 1000;
    while (glob(operator_path(me, "gonogo-scratch-*/owner"), 0, NULL, &found) == 0 &&
           test_now_ms() < until_ms) {
        struct strbuf text = {0};
        struct err err = {0};
        if (files_read(AT_FDCWD, found.gl_pathv[0], 64, &text, NULL, &err)) {
            pid_t pid = (pid_t)strtol(text.ptr, NULL, 10);
            (void)(pid > 1 && kill(pid, SIGTERM));
        }
        strbuf_release(&text);
        globfree(&found);
        test_pause_us(AGAIN_MS * US_PER_MS); /* nothing tells us when a folder goes */
    }
}

void operator_end(struct operator* me)
{
    if (me->screen) {
        struct pty *pty = screen_pty(me->screen);
        (void)(pty_pid(pty) > 0 && kill(pty_pid(pty), SIGTERM));
        (void)pty_end(pty, SOON);
        screen_free(me->screen);
    }
    stop_kept(me);
    if (me->database && strcmp(me->database, SMALL_DATABASE) == 0) {
        test_database_drop(test_server_get(), SMALL_DATABASE);
    }
    struct err err = {0};
    char *slash = strrchr(me->folder, '/');
    *slash = '\0';
    int parent = files_open_directory(AT_FDCWD, me->folder, NULL, &err);
    assert_true(files_remove_tree(parent, slash + 1, &err));
    close(parent);
}

int operator_set_up(void **state)
{
    struct operator* me = mem_zero(1, sizeof(*me));
    operator_begin(me);
    *state = me;
    return 0;
}

int operator_tear_down(void **state)
{
    operator_end(*state);
    free(*state);
    return 0;
}

const char *operator_path(const struct operator* me, const char *name)
{
    static char path[256];
    (void)snprintf(path, sizeof(path), "%s/%s", me->folder, name);
    return path;
}

void operator_file(const struct operator* me, const char *name, const char *text)
{
    struct err err = {0};
    int folder = files_open_directory(AT_FDCWD, me->folder, NULL, &err);
    assert_true(files_write_atomic(folder, name, str_from(text), 0600, NULL, &err));
    close(folder);
}

void operator_start(struct operator* me, const char *const *arguments, int columns, int rows)
{
    const char *argv[ARGUMENTS_MAX] = {pty_program()};
    for (size_t i = 0; arguments[i] && i + 2 < ARGUMENTS_MAX; i++) {
        argv[i + 1] = arguments[i];
    }
    char temporary[128];
    char home[128];
    char state_home[128];
    (void)snprintf(temporary, sizeof(temporary), "TMPDIR=%s", me->folder);
    (void)snprintf(home, sizeof(home), "HOME=%s", me->folder);
    (void)snprintf(state_home, sizeof(state_home), "XDG_STATE_HOME=%s/state", me->folder);
    const char *environment[] = {temporary,
                                 home,
                                 state_home,
                                 "TERM=xterm-256color",
                                 "LC_ALL=C.UTF-8",
                                 "TMUX",
                                 "STY",
                                 "SSH_CONNECTION",
                                 NULL};
    if (me->screen) {
        screen_free(me->screen);
    }
    me->screen = screen_start(argv, environment, columns, rows);
}

static void find_demo(struct operator* me)
{
    glob_t found = {0};
    assert_int_equal(glob(operator_path(me, "gonogo-scratch-*"), 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, 1);
    (void)snprintf(me->socket_dir, sizeof(me->socket_dir), "%s", found.gl_pathv[0]);
    globfree(&found);
    me->database = "app";
    me->user = "app_owner";
}

void operator_demo(struct operator* me, const char *trouble, int columns, int rows)
{
    operator_demo_plan(me, "week1-wednesday", trouble, columns, rows);
}

void operator_demo_plan(struct operator* me, const char *plan, const char *trouble, int columns,
                        int rows)
{
    char report[128];
    (void)snprintf(report, sizeof(report), "%s/report", me->folder);
    const char *arguments[] = {"demo",  "--plan",   plan,   "--time-scale",
                               "720",   "--report", report, trouble ? "--trouble" : NULL,
                               trouble, NULL};
    operator_start(me, arguments, columns, rows);
    operator_see(me, " NEXT ", LATER);
    operator_see(me, "SCRATCH", SOON);
    find_demo(me);
}

void operator_run(struct operator* me, const char *preparation, const char *migration,
                  int columns, int rows)
{
    operator_run_plan(me, small_plan, preparation, migration, columns, rows);
}

void operator_run_plan(struct operator* me, const char *plan_text, const char *preparation,
                       const char *migration, int columns, int rows)
{
    const struct test_server *server = test_server_get();
    char plan[128];
    operator_file(me, "plan.yaml", plan_text);
    operator_file(me, "001.sql", migration);
    test_database_create(server, SMALL_DATABASE);
    me->database = SMALL_DATABASE;
    me->user = "app_owner";
    (void)snprintf(me->socket_dir, sizeof(me->socket_dir), "%s",
                   test_server_socket_dir(server));
    operator_session_end(operator_session(me, preparation));
    (void)snprintf(plan, sizeof(plan), "%s/plan.yaml", me->folder);
    const char *arguments[] = {"run",        plan,
                               "--host",     me->socket_dir,
                               "--port",     test_server_port(server),
                               "--username", me->user,
                               "--dbname",   me->database,
                               "--clock-at", "2024-01-31T08:00Z",
                               NULL};
    operator_start(me, arguments, columns, rows);
    SEE(me, " NEXT  Ready?");
}

int operator_exit(struct operator* me)
{
    return pty_end(screen_pty(me->screen), LATER);
}

/* --------------------------------------------------------------------- seeing */

static void tell_screen(struct operator* me, const char *why, const char *text)
{
    struct str rest = str_from(screen_text(me->screen));
    struct str line;
    printf("# %s: \"%s\"; the screen:\n", why, text);
    while (str_cut(&rest, '\n', &line)) {
        printf("#   %.*s\n", STR_ARG(line));
    }
    (void)fflush(stdout);
}

void operator_see(struct operator* me, const char *text, int seconds)
{
    if (!screen_wait(me->screen, text, seconds)) {
        tell_screen(me, "not seen", text);
        fail();
    }
}

void operator_see_gone(struct operator* me, const char *text, int seconds)
{
    if (!screen_wait_gone(me->screen, text, seconds)) {
        tell_screen(me, "still there", text);
        fail();
    }
}

bool operator_sees(struct operator* me, const char *text)
{
    return strstr(screen_text(me->screen), text) != NULL;
}

int operator_rows_with(struct operator* me, const char *text)
{
    struct str rest = str_from(screen_text(me->screen));
    struct str line;
    int rows = 0;
    while (str_cut(&rest, '\n', &line)) {
        char row[1024];
        (void)snprintf(row, sizeof(row), "%.*s", STR_ARG(line));
        rows += strstr(row, text) != NULL;
    }
    return rows;
}

const char *operator_bytes(struct operator* me)
{
    return pty_screen(screen_pty(me->screen));
}

/* --------------------------------------------------------------------- typing */

void operator_press(struct operator* me, const char *keys)
{
    pty_type(screen_pty(me->screen), keys);
}

/* Is it there before a moment is over? */
static bool sees_shortly(struct operator* me, const char *text)
{
    int64_t until_ms = test_now_ms() + AGAIN_MS;
    while (!operator_sees(me, text)) {
        int64_t left_ms = until_ms - test_now_ms();
        if (left_ms <= 0 || !pty_read(screen_pty(me->screen), (int)left_ms)) {
            return operator_sees(me, text);
        }
    }
    return true;
}

void operator_press_for(struct operator* me, const char *keys, const char *text)
{
    int64_t until_ms = test_now_ms() + SOON * 1000;
    do {
        operator_press(me, keys);
        if (sees_shortly(me, text)) {
            return;
        }
    } while (test_now_ms() < until_ms);
    operator_see(me, text, 0);
}

/* The line of a box that has just opened takes nothing for a moment: a mark that nobody
 * types otherwise shows when it does. */
static void wait_until_it_listens(struct operator* me)
{
    operator_press_for(me, "~", "~");
    operator_press(me, "\025");
    SEE_GONE(me, "~");
}

void operator_fill(struct operator* me, const char *const *prompts_and_lines)
{
    for (size_t i = 0; prompts_and_lines[i]; i += 2) {
        char prompt[64];
        (void)snprintf(prompt, sizeof(prompt), "%s:", prompts_and_lines[i]);
        SEE(me, prompt);
        if (i == 0) {
            wait_until_it_listens(me);
        }
        operator_press(me, prompts_and_lines[i + 1]);
        operator_press(me, "\r");
    }
}

/* The digit before the question in the list that is open; '\0': it is not there. */
static char digit_in_list(struct operator* me, const char *text)
{
    const char *screen = screen_text(me->screen);
    for (const char *at = strstr(screen, text); at; at = strstr(at + 1, text)) {
        if (at >= screen + 3 && at[-1] == ' ' && at[-2] > '0' && at[-2] <= '9' &&
            at[-3] == ' ') {
            return at[-2];
        }
    }
    return '\0';
}

static const char form_mark[] = "Esc leaves everything as it is";
static const char list_mark[] = "ASKED NOW";

/* Frames come in pieces: a box is there when its own words are. */
static void open_questions(struct operator* me)
{
    int64_t until_ms = test_now_ms() + SOON * 1000;
    SEE_GONE(me, form_mark);
    if (operator_sees(me, list_mark)) { /* it came back after the last answer */
        return;
    }
    do {
        operator_press(me, "a");
        if (sees_shortly(me, list_mark) || operator_sees(me, form_mark)) {
            return;
        }
    } while (test_now_ms() < until_ms);
    operator_see(me, list_mark, 0);
}

void operator_ask(struct operator* me, const char *text)
{
    open_questions(me);
    if (operator_sees(me, list_mark)) {
        int64_t until_ms = test_now_ms() + SOON * 1000;
        while (digit_in_list(me, text) == '\0' && test_now_ms() < until_ms) {
            screen_read(me->screen, AGAIN_MS);
        }
        operator_press_for(me, (const char[]){digit_in_list(me, text), '\0'}, form_mark);
    }
    SEE(me, text);
}

void operator_command(struct operator* me, const char *line)
{
    if (operator_sees(me, list_mark)) {
        operator_press(me, "\033");
        SEE_GONE(me, list_mark);
    }
    operator_press(me, ":");
    operator_press(me, line);
    operator_press(me, "\r");
}

void operator_go_on(struct operator* me, const char *question)
{
    operator_ask(me, question);
    FILL(me, "type go to go on", "go");
    SEE_GONE(me, "type go to go on");
}

/* -------------------------------------------------------------- the other side */

struct pg_conn *operator_session_waiting(const struct operator* me, const char *sql)
{
    struct strbuf where = {0};
    const char *port = me->database && strcmp(me->database, SMALL_DATABASE) == 0
                           ? test_server_port(test_server_get())
                           : "5432";
    strbuf_format(&where, "host=%s port=%s dbname=%s user=%s application_name=somebody",
                  me->socket_dir, port, me->database, me->user);
    PGconn *connection = PQconnectdb(where.ptr);
    strbuf_release(&where);
    if (PQstatus(connection) != CONNECTION_OK || !PQsendQuery(connection, sql)) {
        printf("# %s\n", PQerrorMessage(connection));
        fail();
    }
    return connection;
}

/* The last answer; an error fails the test. */
static PGresult *last_result(PGconn *connection)
{
    PGresult *last = NULL;
    for (PGresult *next = PQgetResult(connection); next; next = PQgetResult(connection)) {
        PQclear(last);
        last = next;
        if (PQresultStatus(last) == PGRES_FATAL_ERROR) {
            printf("# %s\n", PQresultErrorMessage(last));
            fail();
        }
    }
    return last;
}

struct pg_conn *operator_session(const struct operator* me, const char *sql)
{
    PGconn *connection = operator_session_waiting(me, sql);
    PQclear(last_result(connection));
    return connection;
}

int operator_session_pid(const struct pg_conn *session)
{
    return PQbackendPID(session);
}

bool operator_session_lives(struct pg_conn *session)
{
    PGresult *result = PQexec(session, "select 1");
    bool lives = PQstatus(session) == CONNECTION_OK;
    PQclear(result);
    return lives;
}

void operator_session_end(struct pg_conn *session)
{
    PQfinish(session);
}

char *operator_text(const struct operator* me, const char *sql)
{
    PGconn *connection = operator_session_waiting(me, sql);
    PGresult *result = last_result(connection);
    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    char *text = mem_text(PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    PQfinish(connection);
    return text;
}

long operator_number(const struct operator* me, const char *sql)
{
    char *text = operator_text(me, sql);
    long number = strtol(text, NULL, 10);
    free(text);
    return number;
}

void operator_becomes(struct operator* me, const char *sql, long expected)
{
    int64_t until_ms = test_now_ms() + SOON * 1000;
    long number = operator_number(me, sql);
    while (number != expected && test_now_ms() < until_ms) {
        screen_read(me->screen, AGAIN_MS); /* the program wants to be read, too */
        number = operator_number(me, sql);
    }
    if (number != expected) {
        tell_screen(me, "the database does not say so", sql);
    }
    assert_int_equal(number, expected);
}
