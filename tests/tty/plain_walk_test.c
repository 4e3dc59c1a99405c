/* SPDX-License-Identifier: PostgreSQL */
/*
 * The whole walk at the plain prompts, typed by a person on a real terminal, against
 * the demo's server: what the screen says and what the database says must agree at
 * every station.
 */
#include "base.h"
#include "pty.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    SOON = 30,  /* seconds: what the program does by itself */
    LATER = 40, /* a first initdb, a dump with its proof, the watch */
};

#define PROMPT "gonogo> "

struct walk {
    struct pty *pty;
    char home[64];
    char cast[96]; /* --cast */
    char socket_dir[256];
};

/* cmocka's own printing cuts at 1024 bytes, so the screen is printed by hand. */
static void tell_screen(struct walk *walk, const char *text)
{
    struct str rest = str_from(pty_screen(walk->pty));
    struct str line;
    printf("# not seen: \"%s\"; the screen:\n", text);
    while (str_cut(&rest, '\n', &line)) {
        printf("#   %.*s\n", STR_ARG(line));
    }
    (void)fflush(stdout);
}

#define SEE(walk, text, seconds)                                                               \
    do {                                                                                       \
        if (!pty_wait((walk)->pty, (text), (seconds))) {                                       \
            tell_screen((walk), (text));                                                       \
            fail();                                                                            \
        }                                                                                      \
    } while (0)

static void answer(struct walk *walk, const char *prompt, const char *line)
{
    SEE(walk, prompt, SOON);
    pty_type(walk->pty, line);
    pty_type(walk->pty, "\n");
}

/* Opens the question whose line begins with `id`: its number stands before it. */
static void open_question(struct walk *walk, const char *id)
{
    struct strbuf number = {0};
    SEE(walk, PROMPT, SOON);
    const char *screen = pty_screen(walk->pty);
    const char *found = NULL;
    struct strbuf line = {0};
    strbuf_format(&line, "  %s  ", id);
    for (const char *at = strstr(screen, line.ptr); at; at = strstr(at + 1, line.ptr)) {
        if (at > screen && at[-1] >= '0' && at[-1] <= '9') {
            found = at;
        }
    }
    assert_non_null(found);
    const char *from = found;
    while (from > screen && from[-1] >= '0' && from[-1] <= '9') {
        from--;
    }
    strbuf_add(&number, (struct str){from, (size_t)(found - from)});
    strbuf_byte(&number, '\n');
    pty_type(walk->pty, number.ptr);
    strbuf_release(&number);
    strbuf_release(&line);
}

/* The same for questions without an id: by their text, where it was printed last. */
static void open_text(struct walk *walk, const char *text)
{
    struct strbuf number = {0};
    SEE(walk, text, LATER);
    SEE(walk, PROMPT, SOON);
    const char *screen = pty_screen(walk->pty);
    const char *at = NULL;
    for (const char *next = strstr(screen, text); next; next = strstr(next + 1, text)) {
        at = next;
    }
    while (at > screen && at[-1] == ' ') {
        at--;
    }
    const char *end = at;
    while (at > screen && at[-1] >= '0' && at[-1] <= '9') {
        at--;
    }
    strbuf_add(&number, (struct str){at, (size_t)(end - at)});
    strbuf_byte(&number, '\n');
    pty_type(walk->pty, number.ptr);
    strbuf_release(&number);
}

static void go_on(struct walk *walk, const char *text)
{
    open_text(walk, text);
    answer(walk, "type go to go on: ", "go");
}

static void override_item(struct walk *walk, const char *id)
{
    open_question(walk, id);
    answer(walk, "which? ", "override");
    answer(walk, "reason: ", "a throw-away server has no rehearsal");
    answer(walk, "who says so (name): ", "carla");
    SEE(walk, "override ", SOON);
}

static void note_item(struct walk *walk, const char *id, const char *who)
{
    open_question(walk, id);
    answer(walk, "what is true now: ", "it is written down");
    answer(walk, "who says so (name): ", who);
    SEE(walk, "\"it is written down\"", SOON);
}

static void vote(struct walk *walk, const char *role, const char *who)
{
    open_question(walk, role);
    answer(walk, "GO, NO-GO or HOLD: ", "GO");
    answer(walk, "who says so (name): ", who);
    SEE(walk, "votes GO", SOON);
}

/* Where the demo's server is stands in the identity strip. */
static void find_server(struct walk *walk)
{
    const char *from = strstr(pty_screen(walk->pty), "/gonogo-scratch-");
    assert_non_null(from);
    const char *end = from;
    while (from > pty_screen(walk->pty) && from[-1] != ' ' && from[-1] != '\n') {
        from--;
    }
    while (*end && *end != ' ' && *end != '\n') {
        end++;
    }
    (void)snprintf(walk->socket_dir, sizeof(walk->socket_dir), "%.*s", (int)(end - from), from);
}

static long database_says(struct walk *walk, const char *sql)
{
    struct strbuf where = {0};
    strbuf_format(&where, "host=%s port=5432 dbname=app user=app_owner", walk->socket_dir);
    PGconn *connection = PQconnectdb(where.ptr);
    strbuf_release(&where);
    if (PQstatus(connection) != CONNECTION_OK) {
        print_message("# %s\n", PQerrorMessage(connection));
        fail();
    }
    PGresult *result = PQexec(connection, sql);
    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    long number = strtol(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    PQfinish(connection);
    return number;
}

static const char tables_sql[] =
    "select count(*) from pg_class where relkind in ('r', 'p') and "
    "not relispartition and relnamespace = 'public'::regnamespace";
static const char ledger_sql[] =
    "select count(*) from schema_migrations where version in ('011', '012')";

static int start(void **state)
{
    struct walk *walk = mem_zero(1, sizeof(*walk));
    (void)snprintf(walk->home, sizeof(walk->home), "/tmp/gonogo-tty.XXXXXX");
    if (!mkdtemp(walk->home)) {
        return -1;
    }
    (void)snprintf(walk->cast, sizeof(walk->cast), "%s/walk.cast", walk->home);
    struct strbuf state_home = {0};
    strbuf_format(&state_home, "XDG_STATE_HOME=%s", walk->home);
    const char *argv[] = {pty_program(), "demo",   "--plain",  "--time-scale",
                          "720",         "--cast", walk->cast, NULL};
    const char *environment[] = {state_home.ptr, "TERM=dumb", NULL};
    walk->pty = pty_start(argv, environment);
    strbuf_release(&state_home);
    *state = walk;
    return 0;
}

static int stop(void **state)
{
    struct walk *walk = *state;
    pty_free(walk->pty);
    (void)unlink(walk->cast);
    (void)rmdir(walk->home);
    free(walk);
    return 0;
}

static void walk_prep(struct walk *walk)
{
    SEE(walk, "[SCRATCH]", LATER);
    find_server(walk);
    SEE(walk, "Team sign-off obtained?", LATER);
    override_item(walk, "c1");
    override_item(walk, "c2");
    override_item(walk, "c3");
    override_item(walk, "c4");
    note_item(walk, "c5", "anna");
    note_item(walk, "c6", "anna");
    note_item(walk, "c7", "anna");
    note_item(walk, "c8", "anna");
    go_on(walk, "The checklist of PREP is closed");
}

static void walk_poll(struct walk *walk)
{
    SEE(walk, "=== POLL", LATER);
    SEE(walk, "devops  DevOps: GO, NO-GO or HOLD?", LATER);
    override_item(walk, "a1");
    override_item(walk, "a3");
    note_item(walk, "a4", "ben");
    vote(walk, "dba", "anna");
    vote(walk, "backend", "ben");
    vote(walk, "devops", "dev");
    go_on(walk, "All say GO. Go on to the point of no return?");
}

/* What was shown and what was typed stand in the recording, one event a line. */
static void recording_has(const struct walk *walk, const char *text)
{
    char line[64 * 1024];
    bool found = false;
    FILE *file = fopen(walk->cast, "r");
    assert_non_null(file);
    for (size_t number = 0; fgets(line, sizeof(line), file); number++) {
        assert_int_equal(line[0], number == 0 ? '{' : '[');
        found = found || strstr(line, text) != NULL;
    }
    assert_int_equal(fclose(file), 0);
    if (!found) {
        print_message("# not recorded: %s\n", text);
    }
    assert_true(found);
}

static void the_whole_walk_is_typed_and_the_database_agrees(void **state)
{
    struct walk *walk = *state;
    walk_prep(walk);
    SEE(walk, "dump: compared", LATER);
    SEE(walk, PROMPT, SOON);
    pty_type(walk->pty, "override c99\n");
    SEE(walk, "there is no \"c99\" to override; there are: c1, c2", SOON);
    SEE(walk, PROMPT, SOON);
    pty_type(walk->pty, "sql 011:99\n");
    SEE(walk, "011 has 15 statements", SOON);
    SEE(walk, PROMPT, SOON);
    pty_type(walk->pty, "questions\n");
    go_on(walk, "The required backups are proven. Go on to the poll?");
    walk_poll(walk);
    assert_int_equal(database_says(walk, tables_sql), 52);

    /* Another name does nothing, and is asked again. */
    open_text(walk, "The point of no return: type the name");
    answer(walk, "name of the database: ", "postgres");
    SEE(walk, "nothing was started", SOON);
    assert_int_equal(database_says(walk, ledger_sql), 0);
    answer(walk, "name of the database: ", "app");

    SEE(walk, "011 committed", SOON);
    assert_int_equal(database_says(walk, ledger_sql), 1);
    go_on(walk, "Go on to 012?");
    SEE(walk, "012 committed", SOON);
    assert_int_equal(database_says(walk, tables_sql), 43);
    go_on(walk, "All steps are done. Go on to verification?");
    SEE(walk, "Q12 ok", SOON);
    go_on(walk, "Verified. Go on to monitoring?");
    SEE(walk, "=== MONITOR", SOON);
    SEE(walk, "UTC; no probe broke its limit", SOON);
    SEE(walk, "=== CLOSE", LATER);

    SEE(walk, "devops  DevOps: sign off?", SOON);
    open_question(walk, "criterion 20");
    answer(walk, "yes or no: ", "yes");
    answer(walk, "what is true now: ", "nobody noticed anything");
    answer(walk, "who says so (name): ", "ben");
    SEE(walk, "User workflows unaffected: ok", SOON);
    open_question(walk, "criterion 25");
    answer(walk, "yes or no: ", "yes");
    answer(walk, "what is true now: ", "graphs are flat");
    answer(walk, "who says so (name): ", "dev");
    SEE(walk, "No production impact: ok", SOON);
    const char *const signers[][2] = {{"dba", "anna"}, {"backend", "ben"}, {"devops", "dev"}};
    for (size_t i = 0; i < COUNT_OF(signers); i++) {
        open_question(walk, signers[i][0]);
        answer(walk, "type sign to sign off: ", "sign");
        answer(walk, "who says so (name): ", signers[i][1]);
        SEE(walk, "signs off", SOON);
    }
    assert_int_equal(database_says(walk, ledger_sql), 2);
    go_on(walk, "Write the report and close the run?");
    SEE(walk, "exit code 0", SOON);
    SEE(walk, "gonogo: exit 0: done", SOON);
    assert_int_equal(pty_end(walk->pty, SOON), 0);
    assert_int_not_equal(access(walk->socket_dir, F_OK), 0);
    recording_has(walk, "\"version\": 2");
    recording_has(walk, "nobody noticed anything\\r\\n\"]");
    recording_has(walk, "012 committed");
    recording_has(walk, "gonogo: exit 0: done");
}

/* No line of what the program writes is wider than the terminal, none has a control byte. */
static void every_line_fits_and_is_plain(void **state)
{
    struct walk *walk = *state;
    SEE(walk, "Team sign-off obtained?", LATER);
    SEE(walk, PROMPT, SOON); /* what is typed before it is echoed before it */
    pty_type(walk->pty, "status\ncounts\nchecks\nlocks\nlog\nhelp\nsql 011:1\n");
    SEE(walk, "add its keys", SOON);
    SEE(walk, PROMPT, SOON);
    struct str rest = str_from(pty_screen(walk->pty));
    struct str line;
    while (str_cut(&rest, '\n', &line)) {
        if (!str_starts(line, "gonogo:") && str_width(line) > 80) {
            print_message("# too wide: %.*s\n", STR_ARG(line));
            fail();
        }
        for (size_t i = 0; i < line.len; i++) {
            assert_true((unsigned char)line.ptr[i] >= 0x20);
        }
    }
    pty_type(walk->pty, "quit\n");
    answer(walk, "it can be resumed: ", "leave");
    assert_int_equal(pty_end(walk->pty, SOON), 6);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_whole_walk_is_typed_and_the_database_agrees, start,
                                        stop),
        cmocka_unit_test_setup_teardown(every_line_fits_and_is_plain, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
