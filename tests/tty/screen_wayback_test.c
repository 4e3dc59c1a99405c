/* SPDX-License-Identifier: PostgreSQL */
/*
 * The ways back at the real screens: chosen, named, confirmed by two people, and at their end
 * the screen, the exit code and the database say the same.
 */
#include "base.h"
#include "demo_walk.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define WHICH   "which? a word, or the arrows"
#define WHO     "who says so (name)"
#define CONFIRM "type ROLLBACK to confirm the way back"

static const char tables_sql[] =
    "select count(*) from pg_class where relkind in ('r', 'p') and "
    "not relispartition and relnamespace = 'public'::regnamespace";
static const char keys_sql[] =
    "select count(*) from pg_constraint where contype = 'f' and conparentid = 0 and "
    "connamespace = 'public'::regnamespace";
static const char ledger_sql[] =
    "select count(*) from schema_migrations where version in ('011', '012')";
static const char kept_sql[] =
    "select count(*) from pg_database where datname like 'app_before_gonogo_%'";

static void open_the_decision(struct operator* me)
{
    operator_command(me, "rollback");
    FILL(me, "reason", "the application fails");
    SEE_GONE(me, "reason:");
}

static void choose(struct operator* me, const char *title, const char *id)
{
    operator_ask(me, title);
    FILL(me, "type the option's id to choose it", id);
    SEE_GONE(me, "type the option's id");
}

/* The wrong word and the same person twice are told; nothing begins by them. */
static void confirm_by_two(struct operator* me, const char *first, const char *second)
{
    SEE(me, " NEXT  2 answers wanted");
    operator_ask(me, first);
    FILL(me, CONFIRM, "rollback");
    SEE(me, "type the word ROLLBACK, in capitals");
    operator_press(me, "\025");
    FILL(me, CONFIRM, "ROLLBACK", WHO, "anna");
    SEE_GONE(me, WHO);
    operator_ask(me, second);
    FILL(me, CONFIRM, "ROLLBACK", WHO, "anna");
    SEE(me, "the plan lists ben");
    operator_press(me, "\025");
    FILL(me, WHO, "ben");
    SEE_GONE(me, WHO);
}

static void sign(struct operator* me, const char *question, const char *who)
{
    operator_ask(me, question);
    FILL(me, "type sign to sign off", "sign", WHO, who);
    SEE_GONE(me, WHO);
}

static void close_and_leave(struct operator* me, int code)
{
    operator_go_on(me, "Write the report and close");
    SEE(me, " NEXT  nothing to do: over");
    SEE(me, "ROLLED BACK, EQUAL TO BEFORE");
    operator_press(me, "q");
    assert_int_equal(operator_exit(me), code);
}

static void a_restore_from_the_dump_ends_with_8(void **state)
{
    struct operator* me = * state;
    operator_demo(me, "failing-check", 80, 24);
    demo_walk_prep(me);
    demo_walk_poll(me);
    SEE(me, " NEXT  The point of no return");
    operator_ask(me, "point of no return");
    FILL(me, "name of the database", "app");
    SEE(me, " NEXT  Go on to 012?");
    operator_go_on(me, "Go on to 012?");
    SEE(me, " NEXT  All steps are done");
    operator_go_on(me, "All steps are done");
    SEE(me, " NEXT  all 43 tables by name");
    assert_int_equal(operator_number(me, tables_sql), 43);
    open_the_decision(me);
    choose(me, "Restore the dump", "dump");
    operator_ask(me, "Restore the dump: type the name");
    SEE(me, "takes ");
    SEE(me, "so long the restore took when the backup");
    SEE(me, "brings back everything");
    SEE(me, "loses ");
    FILL(me, "name of the database", "app");
    SEE_GONE(me, "name of the database");
    assert_int_equal(operator_number(me, tables_sql), 43); /* one name is not enough */
    confirm_by_two(me, "Database Admin: type ROLLBACK", "Backend Lead: type ROLLBACK");
    operator_see(me, "ROLLED BACK: EQUAL TO BEFORE", LATER);
    SEE(me, "then undone");
    SEE(me, "▲MIGRATE");
    SEE(me, "▲VERIFY");
    assert_int_equal(operator_number(me, tables_sql), 52);
    assert_int_equal(operator_number(me, keys_sql), 38);
    assert_int_equal(operator_number(me, ledger_sql), 0);
    assert_int_equal(operator_number(me, kept_sql), 1);
    sign(me, "Database Admin: sign off", "anna");
    sign(me, "Backend Lead: sign off", "ben");
    sign(me, "DevOps: sign off", "dev");
    close_and_leave(me, 8);
    assert_non_null(strstr(operator_bytes(me), "gonogo: exit 8: rolled back, equal to"));
}

static const char down_plan[] =
    "version: 1\n"
    "name: a way down\n"
    "targets: [{ id: scratch, environment: scratch }]\n"
    "ledger: { table: schema_migrations, style: plain, create: true }\n"
    "roles:\n"
    "  - { id: dba, title: Database Admin, people: [anna], votes: true }\n"
    "  - { id: lead, title: Backend Lead, people: [ben] }\n"
    "checklist: [{ id: c1, gate: prep, ask: \"Ready?\", proof: note, role: dba }]\n"
    "state:\n"
    "  count: [{ what: tables, before: 1, after: 2 }]\n"
    "  changes: [{ what: tables, new: [notes] }]\n"
    "steps: [{ migration: \"001\", file: 001.sql, undo: 001_down.sql }]\n"
    "rollback: [{ id: down, title: Undo 001, kind: down, to: \"000\", restores: everything, "
    "confirm: [dba, lead] }]\n";

/* One note, one vote, the name: the one migration is committed. */
static void do_the_steps(struct operator* me)
{
    operator_ask(me, "Ready?");
    FILL(me, "what is true now", "yes", WHO, "anna");
    SEE_GONE(me, WHO);
    operator_go_on(me, "The checklist of PREP is closed");
    operator_ask(me, "Database Admin: GO");
    FILL(me, "GO, NO-GO or HOLD", "GO", WHO, "anna");
    SEE_GONE(me, WHO);
    operator_go_on(me, "All say GO");
    SEE(me, " NEXT  The point of no return");
    operator_ask(me, "point of no return");
    FILL(me, "name of the database", "window");
    SEE(me, " NEXT  All steps are done");
}

static void a_down_script_ends_with_8(void **state)
{
    struct operator* me = * state;
    operator_file(me, "001_down.sql", "drop table notes;\n");
    operator_run_plan(me, down_plan, "create table orders (id int primary key)",
                      "create table notes (id int primary key);\n", 80, 24);
    do_the_steps(me);
    assert_int_equal(operator_number(me, tables_sql), 3); /* and the ledger */
    open_the_decision(me);
    choose(me, "Undo 001", "down");
    operator_ask(me, "Undo 001: type the name");
    SEE(me, "how long it takes is not known");
    SEE(me, "loses what its statements take away, and nothing else");
    FILL(me, "name of the database", "window");
    SEE_GONE(me, "name of the database");
    assert_int_equal(operator_number(me, tables_sql), 3);
    confirm_by_two(me, "Database Admin: type ROLLBACK", "Backend Lead: type ROLLBACK");
    SEE(me, "ROLLED BACK: EQUAL TO BEFORE");
    SEE(me, "way back down, ");
    assert_int_equal(
        operator_number(me, "select count(*) from pg_class where relname = 'notes'"), 0);
    assert_int_equal(operator_number(me, "select count(*) from schema_migrations"), 0);
    sign(me, "Database Admin: sign off", "anna");
    close_and_leave(me, 8);
}

static const char blocked_plan[] =
    "version: 1\n"
    "name: a way down that a rule blocks\n"
    "targets: [{ id: scratch, environment: scratch }]\n"
    "ledger: { table: schema_migrations, style: plain, create: true }\n"
    "roles: [{ id: dba, title: Database Admin, people: [anna], votes: true }]\n"
    "checklist: [{ id: c1, gate: prep, ask: \"Ready?\", proof: note, role: dba }]\n"
    "steps: [{ migration: \"001\", file: 001.sql, undo: 001_down.sql }]\n"
    "rollback: [{ id: down, title: Undo 001, kind: down, to: \"000\", restores: everything "
    "}]\n";

/* What the rules block in the undo file is asked before the name, and stands in the record. */
static void a_blocked_undo_file_needs_a_reason(void **state)
{
    struct operator* me = * state;
    operator_file(me, "001_down.sql", "drop table notes cascade;\n");
    operator_run_plan(me, blocked_plan, "create table orders (id int primary key)",
                      "create table notes (id int primary key);\n", 100, 30);
    do_the_steps(me);
    open_the_decision(me);
    choose(me, "Undo 001", "down");
    SEE(me, " NEXT  Rule D2 blocks: CASCADE");
    SEE(me, "D2 blocks: 001_down.sql:1:1: CASCADE drops whatever depends on it");
    operator_ask(me, "Rule D2 blocks");
    SEE(me, "│ 001_down.sql:1:1: CASCADE drops whatever depends on it");
    FILL(me, "which? a word, or the arrows", "override", "reason", "nothing hangs on it yet",
         WHO, "carla");
    SEE(me, " NEXT  Undo 001: type the name");
    SEE(me, "D2 is overridden, carla: nothing hangs on it yet");
    assert_int_equal(operator_number(me, tables_sql), 3);
    operator_ask(me, "Undo 001: type the name");
    FILL(me, "name of the database", "window");
    SEE(me, "ROLLED BACK: EQUAL TO BEFORE");
    sign(me, "Database Admin: sign off", "anna");
    close_and_leave(me, 8);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, operator_set_up, operator_tear_down)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TEST(a_restore_from_the_dump_ends_with_8),
        TEST(a_down_script_ends_with_8),
        TEST(a_blocked_undo_file_needs_a_reason),
    };
    cmocka_set_test_filter(getenv("GONOGO_TEST")); /* one of them, by its name */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
