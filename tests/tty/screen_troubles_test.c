/* SPDX-License-Identifier: PostgreSQL */
/*
 * The troubles of the demo at its screens: each is seen, decided by keys, and ends as it
 * should, in the database too.
 */
#include "base.h"
#include "demo_walk.h"
#include "files.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define WHICH "which? a word, or the arrows"
#define WHO   "who says so (name)"

static const char tables_sql[] =
    "select count(*) from pg_class where relkind in ('r', 'p') and "
    "not relispartition and relnamespace = 'public'::regnamespace";
static const char ledger_sql[] =
    "select count(*) from schema_migrations where version in ('011', '012')";
static const char report_session_sql[] =
    "select count(*) from pg_stat_activity where usename = 'demo_report'";

static void walk_to_the_name(struct operator* me, const char *trouble)
{
    operator_demo(me, trouble, 80, 24);
    demo_walk_prep(me);
    demo_walk_poll(me);
    SEE(me, " NEXT  The point of no return");
    operator_ask(me, "point of no return");
    FILL(me, "name of the database", "app");
}

static void go_on_to_012(struct operator* me)
{
    SEE(me, " NEXT  Go on to 012?");
    operator_go_on(me, "Go on to 012?");
}

/* A person who knows why goes on with other counts; the report's first page names them. */
static void wrong_counts_are_overridden_by_name(void **state)
{
    struct operator* me = * state;
    operator_demo(me, "wrong-count", 80, 24);
    SEE(me, "53");
    operator_press_for(me, "a", "Esc leaves everything as it is");
    FILL(me, WHICH, "override", "reason", "left_over goes on Friday", WHO, "anna");
    SEE(me, "8 answers wanted");
    SEE(me, "✗ tables");
    assert_int_equal(operator_number(me, tables_sql), 53);
    operator_press(me, "q");
    SEE(me, "A run is open");
    operator_press_for(me, "j", "►  leave");
    operator_press(me, "\r");
    FILL(me, "type leave to stop at the next safe point; it can be resumed", "leave");
    assert_int_equal(operator_exit(me), 6);
    struct strbuf report = {0};
    struct err err = {0};
    assert_true(files_read(AT_FDCWD, operator_path(me, "report/report.md"), 1 << 20, &report,
                           NULL, &err));
    assert_non_null(strstr(report.ptr, "left_over goes on Friday"));
    strbuf_release(&report);
}

static void wrong_counts_stop_before_anything(void **state)
{
    struct operator* me = * state;
    operator_demo(me, "wrong-count", 80, 24);
    SEE(me, "53");
    SEE(me, "which is wrong nobody knows: no earlier run of this plan to compare with");
    operator_press_for(me, "a", "Esc leaves everything as it is");
    FILL(me, WHICH, "leave");
    SEE_GONE(me, "Esc leaves everything as it is");
    assert_int_equal(operator_number(me, tables_sql), 53);
    operator_press_for(me, "q", "gonogo: exit 5");
    assert_int_equal(operator_exit(me), 5);
}

/* A run that was left at PREP has kept what it began with. */
static void a_wrong_count_is_held_against_an_earlier_run(void **state)
{
    struct operator* me = * state;
    const char *right[] = {"demo", "--keep", NULL};
    const char *wrong[] = {"demo", "--keep", "--trouble", "wrong-count", NULL};
    operator_start(me, right, 80, 24);
    operator_see(me, "8 answers wanted", LATER);
    operator_command(me, "quit");
    SEE(me, "A run is open");
    operator_press_for(me, "j", "►  leave");
    operator_press(me, "\r");
    FILL(me, "type leave to stop at the next safe point; it can be resumed", "leave");
    assert_int_equal(operator_exit(me), 6);
    operator_start(me, wrong, 80, 24);
    operator_see(me, "against run ", LATER);
    SEE(me, "not there in that run");
    SEE_GONE(me, "nobody knows");
    operator_press_for(me, "a", "Esc leaves everything as it is");
    FILL(me, WHICH, "leave");
    operator_press_for(me, "q", "gonogo: exit 5");
    assert_int_equal(operator_exit(me), 5);
}

static void a_blocker_rolls_012_back_and_the_next_try_commits(void **state)
{
    struct operator* me = * state;
    walk_to_the_name(me, "blocker");
    go_on_to_012(me);
    SEE(me, "55P03"); /* lock_timeout */
    SEE(me, "demo_report");
    assert_int_equal(operator_number(me, tables_sql), 52);
    assert_int_equal(operator_number(me, ledger_sql), 1);
    assert_int_equal(operator_number(me, report_session_sql), 1);
    (void)operator_number(me, "select pg_terminate_backend(pid)::int from pg_stat_activity "
                              "where usename = 'demo_report'");
    operator_becomes(me, report_session_sql, 0);
    operator_press_for(me, "a", "Esc leaves everything as it is");
    FILL(me, WHICH, "again");
    SEE(me, " NEXT  All steps are done");
    assert_int_equal(operator_number(me, tables_sql), 43);
    assert_int_equal(operator_number(me, ledger_sql), 2);
}

static long report_pid(struct operator* me)
{
    return operator_number(me,
                           "select pid from pg_stat_activity where usename = 'demo_report'");
}

static void try_012_again(struct operator* me)
{
    operator_press_for(me, "a", "Esc leaves everything as it is");
    FILL(me, WHICH, "again");
    SEE(me, " NEXT  All steps are done");
    assert_int_equal(operator_number(me, tables_sql), 43);
    assert_int_equal(operator_number(me, ledger_sql), 2);
}

/* It is idle in its transaction: a cancel would free nothing and is no key; K ends it. */
static void a_blocker_is_ended_by_k(void **state)
{
    struct operator* me = * state;
    char pid[24];
    walk_to_the_name(me, "blocker");
    go_on_to_012(me);
    SEE(me, "55P03");
    operator_press_for(me, "4", "K terminate blocker");
    assert_false(operator_sees(me, "C cancel blocker"));
    operator_press_for(me, "C", "runs no statement: a cancel would free nothing");
    assert_int_equal(operator_number(me, report_session_sql), 1);
    (void)snprintf(pid, sizeof(pid), "%ld", report_pid(me));
    operator_press_for(me, "K", "TERMINATE A SESSION");
    FILL(me, "type the pid again", pid);
    operator_becomes(me, report_session_sql, 0);
    try_012_again(me);
}

/* This one is at work: its statement is cancelled, its session stays. */
static void a_blocker_is_cancelled_by_c(void **state)
{
    struct operator* me = * state;
    char pid[24];
    walk_to_the_name(me, NULL);
    SEE(me, " NEXT  Go on to 012?");
    struct pg_conn *report = operator_session_waiting(
        me, "lock table public.quests in access share mode; select pg_sleep(600)");
    operator_becomes(me, "select count(*) from pg_locks where relation = 'quests'::regclass",
                     1);
    (void)snprintf(pid, sizeof(pid), "%d", operator_session_pid(report));
    operator_go_on(me, "Go on to 012?");
    SEE(me, "55P03");
    operator_press_for(me, "4", "C cancel blocker");
    operator_press_for(me, "C", "CANCEL A BLOCKER");
    SEE(me, "Its statement is cancelled; its session stays.");
    FILL(me, "type the pid again", pid);
    operator_becomes(me, "select count(*) from pg_locks where relation = 'quests'::regclass",
                     0);
    try_012_again(me);
    operator_session_end(report);
}

static void walk_to_the_failed_check(struct operator* me)
{
    walk_to_the_name(me, "failing-check");
    go_on_to_012(me);
    SEE(me, " NEXT  All steps are done");
    operator_go_on(me, "All steps are done");
    SEE(me, "✗ Q08");
    SEE(me, "table_name"); /* the row itself stands below the list */
    SEE(me, "no primary key");
    SEE(me, " NEXT  all 43 tables by name");
    assert_int_equal(operator_number(me, tables_sql), 43);
}

static void a_failed_check_is_accepted_with_a_reason(void **state)
{
    struct operator* me = * state;
    walk_to_the_failed_check(me);
    operator_command(me, "accept Q08");
    FILL(me, WHICH, "accept", "reason", "its key comes back on Thursday", WHO, "ben");
    SEE(me, " NEXT  Verified");
    operator_go_on(me, "Verified");
    SEE(me, "✓VERIFY");
    /* Asked once: CLOSE carries it, and the run ends as one with accepted notes. */
    operator_see(me, "User workflows unaffected", LATER);
    assert_false(operator_sees(me, "all 43 tables by name with primary key and usable indexes "
                                   "failed"));
    SEE(me, "Q08            accepted by ben ");
    demo_walk_close(me);
    SEE(me, "ACCEPTED NOTES");
    assert_int_equal(operator_number(me, tables_sql), 43);
    operator_press(me, "q");
    assert_int_equal(operator_exit(me), 0);
}

static void a_slow_statement_is_seen(void **state)
{
    struct operator* me = * state;
    walk_to_the_name(me, "slow");
    SEE(me, " NEXT  Go on to 012?");
    operator_press_for(me, "4", " MIGRATE  ");
    operator_command(me, "goto 011:3");
    operator_press_for(me, "\r", "took            1."); /* seconds; 234 ms for the whole file */
    assert_int_equal(operator_number(me, ledger_sql), 1);
}

static void after_a_crash_of_the_server_resume_goes_on(void **state)
{
    struct operator* me = * state;
    walk_to_the_name(me, "server-restart");
    go_on_to_012(me);
    operator_see(me, " NEXT  HOLD", LATER);
    operator_ask(me, "HOLD. Go on");
    FILL(me, WHICH, "leave");
    SEE_GONE(me, WHICH);
    operator_press(me, "q");
    operator_see(me, "gonogo: exit 6", LATER);
    assert_int_equal(operator_exit(me), 6);
    assert_int_equal(operator_number(me, tables_sql), 52);
    operator_start(me, (const char *const[]){"resume", NULL}, 80, 24);
    SEE(me, " NEXT  Go on to 012?");
    assert_int_equal(operator_number(me, ledger_sql), 1);
    operator_go_on(me, "Go on to 012?");
    operator_see(me, " NEXT  All steps are done", LATER);
    assert_int_equal(operator_number(me, tables_sql), 43);
    assert_int_equal(operator_number(me, ledger_sql), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, operator_set_up, operator_tear_down)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TEST(wrong_counts_are_overridden_by_name),
        TEST(wrong_counts_stop_before_anything),
        TEST(a_wrong_count_is_held_against_an_earlier_run),
        TEST(a_blocker_rolls_012_back_and_the_next_try_commits),
        TEST(a_blocker_is_ended_by_k),
        TEST(a_blocker_is_cancelled_by_c),
        TEST(a_failed_check_is_accepted_with_a_reason),
        TEST(a_slow_statement_is_seen),
        TEST(after_a_crash_of_the_server_resume_goes_on),
    };
    cmocka_set_test_filter(getenv("GONOGO_TEST")); /* one of them, by its name */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
