/* SPDX-License-Identifier: PostgreSQL */
/*
 * The whole walk of the demo window at its screens, by keys alone, on a small terminal
 * and on a large one: what the screen says and what the database says must agree at
 * every station.
 */
#include "base.h"
#include "operator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static const char tables_sql[] =
    "select count(*) from pg_class where relkind in ('r', 'p') and "
    "not relispartition and relnamespace = 'public'::regnamespace";
static const char keys_sql[] =
    "select count(*) from pg_constraint where contype = 'f' and conparentid = 0 and "
    "connamespace = 'public'::regnamespace";
static const char policies_sql[] =
    "select count(*) from pg_policies where schemaname = 'public'";
static const char ledger_sql[] =
    "select count(*) from schema_migrations where version in ('011', '012')";

static void override_item(struct operator* me, const char *question)
{
    operator_ask(me, question);
    FILL(me, "which? a word, or the arrows", "override", "reason",
         "a throw-away server has no rehearsal", "who says so (name)", "carla");
    SEE_GONE(me, "who says so (name)");
}

static void note_item(struct operator* me, const char *question, const char *who)
{
    operator_ask(me, question);
    FILL(me, "what is true now", "it is written down", "who says so (name)", who);
    SEE_GONE(me, "who says so (name)");
}

static void vote(struct operator* me, const char *question, const char *who)
{
    operator_ask(me, question);
    FILL(me, "GO, NO-GO or HOLD", "GO", "who says so (name)", who);
    SEE_GONE(me, "who says so (name)");
}

static void walk_prep(struct operator* me)
{
    SEE(me, "8 answers wanted");
    override_item(me, "Staging passed all 12");
    override_item(me, "Both migrations safe");
    override_item(me, "No data loss");
    override_item(me, "Execution time");
    note_item(me, "Backup procedure", "anna");
    note_item(me, "Rollback procedure", "anna");
    note_item(me, "Verification queries", "anna");
    note_item(me, "Team sign-off", "anna");
    SEE(me, " NEXT  The checklist is closed");
    operator_go_on(me, "The checklist is closed");
}

static void walk_poll(struct operator* me)
{
    operator_see(me, "2 answers wanted", LATER); /* the provider's word, and going on */
    operator_go_on(me, "The required backups are proven");
    override_item(me, "Staging rehearsal passed");
    override_item(me, "Rollback rehearsed");
    note_item(me, "Application ready", "ben");
    vote(me, "Database Admin: GO", "anna");
    vote(me, "Backend Lead: GO", "ben");
    vote(me, "DevOps: GO", "dev");
    SEE(me, " NEXT  All say GO");
    operator_go_on(me, "All say GO");
}

static void counts_are(struct operator* me, long tables, long keys, long policies, long applied)
{
    assert_int_equal(operator_number(me, tables_sql), tables);
    assert_int_equal(operator_number(me, keys_sql), keys);
    assert_int_equal(operator_number(me, policies_sql), policies);
    if (applied > 0) {
        assert_int_equal(operator_number(me, ledger_sql), applied);
    }
}

static void sign(struct operator* me, const char *question, const char *who)
{
    operator_ask(me, question);
    FILL(me, "type sign to sign off", "sign", "who says so (name)", who);
    SEE_GONE(me, "who says so (name)");
}

static void walk_close(struct operator* me)
{
    operator_see(me, "User workflows unaffected", LATER);
    operator_ask(me, "User workflows unaffected");
    FILL(me, "yes or no", "yes", "what is true now", "nobody noticed", "who says so (name)",
         "ben");
    SEE_GONE(me, "who says so (name)");
    operator_ask(me, "No production impact");
    FILL(me, "yes or no", "yes", "what is true now", "graphs are flat", "who says so (name)",
         "dev");
    SEE_GONE(me, "who says so (name)");
    sign(me, "Database Admin: sign off", "anna");
    sign(me, "Backend Lead: sign off", "ben");
    sign(me, "DevOps: sign off", "dev");
    SEE(me, " NEXT  Write the report");
    operator_go_on(me, "Write the report and close");
    SEE(me, "COMPLETED");
    screen_resize(me->screen, 80, 24); /* the numbers on one line */
    SEE(me, "tables 52→43");
    SEE(me, "foreign keys 38→42");
    SEE(me, "RLS policies 16→18");
}

static void walk(struct operator* me, int columns, int rows)
{
    operator_demo(me, NULL, columns, rows);
    walk_prep(me);
    walk_poll(me);
    counts_are(me, 52, 38, 16, 0);
    SEE(me, " NEXT  The point of no return");
    operator_ask(me, "point of no return");
    FILL(me, "name of the database", "postgres");
    SEE(me, "\"postgres\" is not this database");
    assert_int_equal(operator_number(me, tables_sql), 52);
    FILL(me, "name of the database", "app");
    SEE(me, " NEXT  Go on to 012?");
    operator_go_on(me, "Go on to 012?");
    SEE(me, " NEXT  All steps are done");
    operator_go_on(me, "All steps are done");
    SEE(me, " NEXT  Verified");
    operator_go_on(me, "Verified");
    walk_close(me);
    counts_are(me, 43, 42, 18, 2);
    operator_press(me, "q");
    assert_int_equal(operator_exit(me), 0);
    assert_non_null(strstr(operator_bytes(me), "gonogo: exit 0: done"));
    assert_int_equal(access(operator_path(me, "report/report.md"), R_OK), 0);
    assert_int_equal(access(operator_path(me, "report/report.json"), R_OK), 0);
    assert_int_not_equal(access(me->socket_dir, F_OK), 0);
}

static void the_walk_on_a_small_terminal(void **state)
{
    walk(*state, 80, 24);
}

static void the_walk_on_a_large_terminal(void **state)
{
    walk(*state, 120, 40);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, operator_set_up, operator_tear_down)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TEST(the_walk_on_a_small_terminal),
        TEST(the_walk_on_a_large_terminal),
    };
    cmocka_set_test_filter(getenv("GONOGO_TEST")); /* one of them, by its name */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
