/* SPDX-License-Identifier: PostgreSQL */
/*
 * What happens by accident in the middle of a window: Esc, Enter, q, ^C and a pasted page, at
 * the stop after a file, at the findings and in the watch. Nothing starts, nothing ends, and
 * the database stays as it is.
 */
#include "base.h"
#include "operator.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define WHO "who says so (name)"

static const char plan_text[] =
    "version: 1\n"
    "name: accidents\n"
    "targets: [{ id: scratch, environment: scratch }]\n"
    "ledger: { table: schema_migrations, style: plain, create: true }\n"
    "roles: [{ id: dba, title: Database Admin, people: [anna] }]\n"
    "checklist: [{ id: c1, gate: prep, ask: \"Ready?\", proof: note, role: dba }]\n"
    "steps:\n"
    "  - { migration: \"001\", file: 001.sql, undo: 001_down.sql }\n"
    "  - { migration: \"002\", file: 002.sql, undo: none }\n"
    "verification: { sets: [{ name: rows, checks: [{ id: Q1, sql: select count(*) from notes, "
    "equals: 0 }] }] }\n"
    "monitoring: { slot: \"10:00 + 2h\", every: 10s, probes: [{ id: conns, builtin: "
    "connections, at_most: 120 }] }\n"
    "window: { date: \"2024-01-31\", weekday: wed, timezone: UTC, opens: \"08:00\", closes: "
    "\"12:30\" }\n"
    "rollback: [{ id: down, title: Undo 001, kind: down, to: \"000\" }]\n";

static const char applied_sql[] = "select count(*) from schema_migrations";
static const char tables_sql[] = "select count(*) from pg_class where relkind = 'r' and "
                                 "relnamespace = 'public'::regnamespace";

/* Every key that people hit without meaning it; `station` is still there after each. */
static void by_accident(struct operator* me, const char *station, long applied)
{
    long tables = operator_number(me, tables_sql);
    operator_press(me, "\033\033\033");
    SEE(me, station);
    operator_press(me, "\r\r\r"); /* opens what the cursor stands on, at most a question */
    operator_press_for(me, "\033", station);
    operator_press(me, "\033[200~");
    for (int i = 0; i < 40; i++) {
        operator_press(me, "q:quit\r\003a1234567 H K C yes GO go window ROLLBACK\r\n");
    }
    operator_press(me, "\033[201~");
    SEE(me, "pasted text is ignored");
    SEE(me, station);
    operator_press(me, "q");
    SEE(me, "A run is open");
    operator_press_for(me, "\r", "still here; the run goes on");
    SEE_GONE(me, "A run is open");
    operator_press(me, "q");
    SEE(me, "A run is open");
    operator_press_for(me, "\033", "nothing was done");
    SEE_GONE(me, "A run is open");
    operator_press_for(me, "\003", "nothing of ours runs");
    operator_press_for(me, "\033[2~", "Ins does nothing here; keys: ?");
    operator_press_for(me, "\033[15~", "F5 does nothing here; keys: ?");
    SEE(me, station);
    assert_int_equal(operator_number(me, applied_sql), applied);
    assert_int_equal(operator_number(me, tables_sql), tables);
}

/* A paste into the box that waits for a word is no word. */
static void paste_into_the_box(struct operator* me, const char *question, const char *prompt,
                               const char *word)
{
    operator_ask(me, question);
    SEE(me, prompt);
    operator_press(me, "\033[200~");
    operator_press(me, word);
    operator_press(me, "\r\033[201~");
    SEE(me, "pasted text is ignored");
    SEE(me, prompt);
    operator_press_for(me, "\033", "nothing was done");
    SEE_GONE(me, prompt);
}

static void nothing_happens_by_accident_from_migrate_to_monitor(void **state)
{
    struct operator* me = * state;
    operator_file(me, "001_down.sql", "drop table notes;\n");
    operator_file(me, "002.sql", "create table more (id int primary key);\n");
    operator_run_plan(me, plan_text, "create table orders (id int primary key)",
                      "create table notes (id int primary key);\n", 80, 24);
    operator_ask(me, "Ready?");
    FILL(me, "what is true now", "yes", WHO, "anna");
    SEE_GONE(me, WHO);
    operator_go_on(me, "The checklist of PREP is closed");
    operator_go_on(me, "Nobody votes in this plan");
    SEE(me, " NEXT  The point of no return");
    paste_into_the_box(me, "point of no return", "name of the database:", "window");
    operator_ask(me, "point of no return");
    FILL(me, "name of the database", "window");
    SEE(me, " NEXT  Go on to 002?");
    by_accident(me, " NEXT  Go on to 002?", 1);
    paste_into_the_box(me, "Go on to 002?", "type go to go on:", "go");
    assert_int_equal(operator_number(me, applied_sql), 1);
    operator_go_on(me, "Go on to 002?");
    SEE(me, " NEXT  All steps are done");
    operator_go_on(me, "All steps are done");
    SEE(me, " NEXT  Verified");
    by_accident(me, " NEXT  Verified", 2);
    paste_into_the_box(me, "Verified", "type go to go on:", "go");
    operator_go_on(me, "Verified");
    SEE(me, " NEXT  nothing to do: watching");
    by_accident(me, " NEXT  nothing to do: watching", 2);
    operator_command(me, "quit");
    SEE(me, "A run is open");
    operator_press_for(me, "j", "►  leave");
    operator_press(me, "\r");
    FILL(me, "type leave to stop at the next safe point; it can be resumed", "leave");
    assert_int_equal(operator_exit(me), 6);
    assert_int_equal(operator_number(me, applied_sql), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, operator_set_up, operator_tear_down)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TEST(nothing_happens_by_accident_from_migrate_to_monitor),
    };
    cmocka_set_test_filter(getenv("GONOGO_TEST")); /* one of them, by its name */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
