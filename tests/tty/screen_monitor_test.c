/* SPDX-License-Identifier: PostgreSQL */
/*
 * The watch at its screen, on a real server: a statement that becomes slow after the
 * migration is named with what it took before, in the journal too, and again after a resume;
 * without pg_stat_statements the screen says what it does not know, and still sees what runs.
 */
#include "base.h"
#include "files.h"
#include "operator.h"
#include "server.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define WHO   "who says so (name)"
#define LEAVE "type leave to stop at the next safe point; it can be resumed"

/* Looks at the statements every five seconds; slow is what takes a quarter of a second. */
static const char watched_plan[] =
    "version: 1\n"
    "name: watched plan\n"
    "window: { date: \"2024-01-31\", weekday: wed, timezone: UTC, opens: \"08:00\", "
    "closes: \"12:00\" }\n"
    "targets: [{ id: scratch, environment: scratch }]\n"
    "ledger: { table: schema_migrations, style: plain, create: true }\n"
    "roles:\n"
    "  - { id: dba, title: Database Admin, people: [anna], votes: true }\n"
    "checklist:\n"
    "  - { id: c1, gate: prep, phase: before, ask: \"Ready?\", proof: note, role: dba, "
    "max_age: 4h }\n"
    "steps: [{ migration: \"001\", file: 001.sql, undo: none }]\n"
    "monitoring:\n"
    "  slot: \"08:30 + 2h\"\n"
    "  every: 1s\n"
    "  probes:\n"
    "    - { id: conns, builtin: connections, at_most: 120 }\n"
    "    - { id: slow, builtin: slow_statements, over: 250ms, at_most: 90 }\n";
static const char preparation[] = "create table job (id int primary key, pause float8);"
                                  "insert into job values (1, 0);"
                                  "select pg_sleep(pause) from job where id = 1;";
static const char migration[] = "alter table job add note text;\n";

/* All of the run's journal, on the heap. */
static struct strbuf journal_of(struct operator* me)
{
    struct strbuf text = {0};
    struct err err = {0};
    const char *runs = operator_path(me, "state/gonogo/runs");
    char path[512];
    DIR *folder = opendir(runs);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] != '.') {
            (void)snprintf(path, sizeof(path), "%s/%s/journal.jsonl", runs, entry->d_name);
        }
    }
    closedir(folder);
    if (!files_read(AT_FDCWD, path, 64 << 20, &text, NULL, &err)) {
        fail_msg("%s", err.message);
    }
    return text;
}

static void is_in_journal(struct operator* me, const char *wanted)
{
    struct strbuf text = journal_of(me);
    if (!strstr(text.ptr, wanted)) {
        fail_msg("the journal does not say %s", wanted);
    }
    strbuf_release(&text);
}

static void walk_to_monitor(struct operator* me)
{
    operator_ask(me, "Ready?");
    FILL(me, "what is true now", "yes", WHO, "anna");
    SEE(me, " NEXT  The checklist of PREP is closed");
    operator_go_on(me, "The checklist of PREP is closed");
    operator_ask(me, "Database Admin: GO");
    FILL(me, "GO, NO-GO or HOLD", "GO", WHO, "anna");
    SEE(me, " NEXT  All say GO");
    operator_go_on(me, "All say GO");
    operator_ask(me, "point of no return");
    FILL(me, "name of the database", "window");
    SEE(me, " NEXT  All steps are done");
    operator_go_on(me, "All steps are done");
    SEE(me, " NEXT  This plan verifies nothing");
    operator_go_on(me, "This plan verifies nothing");
    SEE(me, "►MONITOR");
}

static void a_statement_that_became_slow_is_named(void **state)
{
    struct operator* me = * state;
    test_execute(test_server_get(), "postgres", "create extension pg_stat_statements");
    test_execute(test_server_get(), "postgres", "select pg_stat_statements_reset()");
    operator_run_plan(me, watched_plan, preparation, migration, 80, 24);
    walk_to_monitor(me);
    operator_see(me, "no statement became slow", LATER);
    operator_session_end(operator_session(me, "update job set pause = 0.6"));
    operator_session_end(operator_session(me, "select pg_sleep(pause) from job where id = 1"));
    operator_see(me, "slow    select pg_sleep(pause)", LATER);
    SEE(me, "was ");
    SEE_GONE(me, "no statement became slow");
    is_in_journal(me, "\"kind\":\"slow\"");
    is_in_journal(me, "\"text\":\"select pg_sleep(pause) from job where id = $1\"");
    operator_press(me, ">");
    SEE(me, "(500 ms)");
    is_in_journal(me, "\"event\":\"pace\"");
    operator_command(me, "quit");
    SEE(me, "A run is open");
    operator_press_for(me, "j", "►  leave");
    operator_press(me, "\r");
    FILL(me, LEAVE, "leave");
    assert_int_equal(operator_exit(me), 6);
    operator_start(me, (const char *const[]){"resume", NULL}, 80, 24);
    SEE(me, " NEXT  ");
    operator_command(me, "goto monitor");
    SEE(me, "slow    select pg_sleep(pause)"); /* the record brings it back */
    SEE(me, "1x");
    SEE(me, "►MONITOR");
    /* Held against the baseline's file: what it took before is known to the new program. */
    enum {
        CALLS = 150, /* more than two turns of the looks take */
        READ_MS = 50,
    };
    for (int i = 0; i < CALLS && operator_sees(me, " 1x "); i++) {
        operator_session_end(
            operator_session(me, "select pg_sleep(pause) from job where id = 1"));
        screen_read(me->screen, READ_MS);
    }
    operator_see_gone(me, " 1x ", LATER);
    SEE_GONE(me, "was ??");
    test_execute(test_server_get(), "postgres", "drop extension pg_stat_statements");
}

static void without_the_extension_nothing_is_claimed(void **state)
{
    struct operator* me = * state;
    test_execute(test_server_get(), "postgres", "drop extension if exists pg_stat_statements");
    operator_run_plan(me, watched_plan, preparation, migration, 80, 24);
    walk_to_monitor(me);
    SEE(me, "pg_stat_statements is not seen from this session: slower statements");
    SEE_GONE(me, "no statement became slow");
    struct pg_conn *slow = operator_session_waiting(me, "select pg_sleep(300)");
    operator_see(me, "running select pg_sleep(300)", LATER);
    SEE(me, "was ??");
    is_in_journal(me, "\"kind\":\"running\"");
    SEE_GONE(me, "no statement became slow");
    (void)operator_number(me, "select count(pg_cancel_backend(pid)) from pg_stat_activity "
                              "where query = 'select pg_sleep(300)'");
    operator_session_end(slow);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, operator_set_up, operator_tear_down)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TEST(a_statement_that_became_slow_is_named),
        TEST(without_the_extension_nothing_is_claimed),
    };
    cmocka_set_test_filter(getenv("GONOGO_TEST")); /* one of them, by its name */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
