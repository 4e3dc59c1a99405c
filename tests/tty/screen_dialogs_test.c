/* SPDX-License-Identifier: PostgreSQL */
/*
 * What an operator decides at the screens of a small window, and what the server then
 * shows: HOLD, leaving and coming back, votes, the typed name, overrides, and the
 * sessions that hold us up, which come and go while a box is open.
 */
#include "base.h"
#include "operator.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char orders[] = "create table orders (id int primary key, note text)";
static const char add_total[] = "alter table orders add column total int;\n";

#define WHO    "who says so (name)"
#define LEAVE  "type leave to stop at the next safe point; it can be resumed"
#define SIGNAL "type the pid again"

static const char columns_sql[] = "select count(*) from pg_attribute where attrelid = "
                                  "'orders'::regclass and attnum > 0 and not attisdropped";
static const char waiting_sql[] =
    "select count(*) from pg_stat_activity where datname = current_database() and "
    "wait_event_type = 'Lock' and query like 'alter table orders%'";
/* Without the ledger there is no row in it. */
static const char applied_sql[] =
    "select (xpath('/row/n/text()', query_to_xml(case when to_regclass('schema_migrations') is "
    "null then 'select 0 as n' else 'select count(*) as n from schema_migrations' end, false, "
    "true, '')))[1]::text::int";

static void nothing_was_applied(struct operator* me)
{
    assert_int_equal(operator_number(me, applied_sql), 0);
    assert_int_equal(operator_number(me, columns_sql), 2);
}

static void close_the_checklist(struct operator* me)
{
    operator_ask(me, "Ready?");
    FILL(me, "what is true now", "yes", WHO, "anna");
    SEE(me, " NEXT  The checklist of PREP is closed");
}

static void walk_to_the_poll(struct operator* me)
{
    close_the_checklist(me);
    operator_go_on(me, "The checklist of PREP is closed");
    SEE(me, " NEXT  2 answers wanted");
}

static void vote(struct operator* me, const char *question, const char *who)
{
    operator_ask(me, question);
    FILL(me, "GO, NO-GO or HOLD", "GO", WHO, who);
    SEE_GONE(me, WHO);
}

static void walk_to_the_name(struct operator* me)
{
    walk_to_the_poll(me);
    vote(me, "Database Admin: GO", "anna");
    vote(me, "Backend Lead: GO", "ben");
    SEE(me, " NEXT  All say GO");
    operator_go_on(me, "All say GO");
    SEE(me, " NEXT  The point of no return");
}

static void type_the_name(struct operator* me)
{
    operator_ask(me, "point of no return");
    FILL(me, "name of the database", "window");
}

static void leave(struct operator* me)
{
    operator_command(me, "quit");
    SEE(me, "A run is open");
    operator_press_for(me, "j", "►  leave");
    operator_press(me, "\r");
    FILL(me, LEAVE, "leave");
    assert_int_equal(operator_exit(me), 6);
}

static void h_holds_with_a_reason_and_goes_on(void **state)
{
    struct operator* me = * state;
    operator_run(me, orders, add_total, 80, 24);
    operator_press(me, "H");
    FILL(me, "reason", "lunch");
    SEE(me, "lunch");
    SEE(me, " NEXT  ");
    operator_press_for(me, "a", "which? a word, or the arrows");
    FILL(me, "which? a word, or the arrows", "go");
    SEE(me, " NEXT  Ready?");
    nothing_was_applied(me);
}

static void q_stays_by_default(void **state)
{
    struct operator* me = * state;
    operator_run(me, orders, add_total, 80, 24);
    operator_press(me, "q");
    SEE(me, "A run is open");
    SEE(me, "►  stay");
    operator_press_for(me, "\r", "still here; the run goes on");
    SEE_GONE(me, "A run is open");
}

static void q_detaches_and_resume_goes_on(void **state)
{
    struct operator* me = * state;
    operator_run(me, orders, add_total, 80, 24);
    close_the_checklist(me);
    leave(me);
    nothing_was_applied(me);
    assert_int_equal(operator_number(me,
                                     "select count(*) from pg_stat_activity where datname = "
                                     "current_database() and pid <> pg_backend_pid()"),
                     0);
    operator_start(me, (const char *const[]){"resume", NULL}, 80, 24);
    SEE(me, " NEXT  ");
    SEE(me, "►PREP");
}

/* Over for good: the database is as it was, the record says who and why, resume refuses. */
static void q_abandons_and_nobody_resumes(void **state)
{
    struct operator* me = * state;
    operator_run(me, orders, add_total, 80, 24);
    close_the_checklist(me);
    operator_press(me, "q");
    SEE(me, "A run is open");
    FILL(me, "which? a word, or the arrows", "abandon");
    SEE(me, "End this run for good, here?");
    FILL(me, "reason", "the window is gone", WHO, "anna",
         "type abandon to end the run for good; it cannot be resumed", "abandon");
    assert_int_equal(operator_exit(me), 6);
    SEE(me, "stopped at a safe point (abandoned by anna at");
    SEE(me, "nogo report ");
    nothing_was_applied(me);
    operator_start(me, (const char *const[]){"resume", NULL}, 80, 24);
    SEE(me, "there is nothing to resume: abandoned");
    assert_int_equal(operator_exit(me), 2);
    nothing_was_applied(me);
    operator_start(me, (const char *const[]){"status", NULL}, 80, 24);
    SEE(me, "is over, abandoned: abandoned by anna");
    assert_int_equal(operator_exit(me), 0);
}

static void no_go_stops_the_poll(void **state)
{
    struct operator* me = * state;
    operator_run(me, orders, add_total, 80, 24);
    walk_to_the_poll(me);
    operator_ask(me, "Backend Lead: GO");
    FILL(me, "GO, NO-GO or HOLD", "NO-GO", WHO, "ben", "reason", "errors rise");
    SEE(me, "errors rise");
    operator_ask(me, "HOLD. Go on");
    SEE(me, "NO-GO by ben: errors rise");
    nothing_was_applied(me);
    FILL(me, "which? a word, or the arrows", "go");
    SEE(me, " NEXT  2 answers wanted");
}

static void the_list_comes_back_after_an_answer(void **state)
{
    struct operator* me = * state;
    operator_run(me, orders, add_total, 80, 24);
    walk_to_the_poll(me);
    vote(me, "Database Admin: GO", "anna");
    SEE(me, "ASKED NOW"); /* nobody pressed a key for it */
    SEE(me, "1 Backend Lead: GO, NO-GO or HOLD?");
    operator_press_for(me, "\r", "Esc leaves everything as it is");
    operator_press(me, "\033");
    SEE_GONE(me, "Esc leaves everything as it is");
    SEE(me, "ASKED NOW");
    operator_press(me, "\033");
    SEE_GONE(me, "ASKED NOW");
    vote(me, "Backend Lead: GO", "ben");
    SEE(me, " NEXT  All say GO");
    SEE_GONE(me, "ASKED NOW");
    nothing_was_applied(me);
}

static void a_vote_is_changed(void **state)
{
    struct operator* me = * state;
    operator_run(me, orders, add_total, 80, 24);
    walk_to_the_poll(me);
    vote(me, "Database Admin: GO", "anna");
    operator_command(me, "vote dba");
    SEE(me, "anna said GO; a new vote replaces it");
    FILL(me, "GO, NO-GO or HOLD", "HOLD", WHO, "anna", "reason", "lag is high");
    SEE(me, "lag is high");
    nothing_was_applied(me);
}

static void who_is_not_of_the_role_cannot_vote_for_it(void **state)
{
    struct operator* me = * state;
    operator_run(me, orders, add_total, 80, 24);
    walk_to_the_poll(me);
    operator_ask(me, "Backend Lead: GO");
    FILL(me, "GO, NO-GO or HOLD", "GO", WHO, "mallory");
    SEE(me, "ben");
    SEE(me, WHO);
    operator_press(me, "\033");
    SEE(me, "nothing was done");
    SEE(me, " NEXT  2 answers wanted");
}

static void an_override_names_who_and_why(void **state)
{
    struct operator* me = * state;
    operator_run(me, orders, add_total, 80, 24);
    operator_command(me, "override c1");
    FILL(me, "reason", "rehearsed yesterday", WHO, "anna");
    SEE(me, " NEXT  The checklist of PREP is closed");
    SEE(me, "rehearsed yesterday");
}

static void another_name_starts_nothing(void **state)
{
    struct operator* me = * state;
    operator_run(me, orders, add_total, 80, 24);
    walk_to_the_name(me);
    operator_ask(me, "point of no return");
    FILL(me, "name of the database", "postgres");
    SEE(me, "that is not the name of this database");
    operator_press(me, "\033[200~window\r\033[201~"); /* and it is typed, not pasted */
    SEE(me, "pasted text is ignored");
    nothing_was_applied(me);
    FILL(me, "name of the database", "window");
    SEE(me, "All steps are done");
    assert_int_equal(operator_number(me, columns_sql), 3);
    assert_int_equal(operator_number(me, applied_sql), 1);
}

/* ---------------------------------------------------------------- held up */

static const char hold_orders[] = "begin; lock table orders in access share mode";

static void start_behind(struct operator* me, int columns, int rows)
{
    operator_run(me, orders, add_total, columns, rows);
    walk_to_the_name(me);
}

static void a_blocker_is_terminated_by_its_typed_pid(void **state)
{
    struct operator* me = * state;
    char pid[16];
    start_behind(me, 80, 24);
    struct pg_conn *blocker = operator_session(me, hold_orders);
    (void)snprintf(pid, sizeof(pid), "%d", operator_session_pid(blocker));
    type_the_name(me);
    operator_becomes(me, waiting_sql, 1);
    operator_see(me, pid, SOON);
    operator_press_for(me, "K", "TERMINATE A SESSION");
    FILL(me, SIGNAL, "1");
    assert_true(operator_session_lives(blocker));
    SEE(me, SIGNAL);
    assert_int_equal(operator_number(me, waiting_sql), 1);
    FILL(me, SIGNAL, pid);
    SEE(me, "All steps are done");
    assert_false(operator_session_lives(blocker));
    assert_int_equal(operator_number(me, columns_sql), 3);
    operator_session_end(blocker);
}

static void esc_spares_the_blocker(void **state)
{
    struct operator* me = * state;
    start_behind(me, 120, 40);
    struct pg_conn *blocker = operator_session(me, hold_orders);
    type_the_name(me);
    operator_becomes(me, waiting_sql, 1);
    SEE(me, "somebody");
    operator_press_for(me, "K", "TERMINATE A SESSION");
    operator_press(me, "\033");
    SEE(me, "nothing was done");
    assert_true(operator_session_lives(blocker));
    operator_session_end(blocker); /* it goes by itself, and we go on */
    SEE(me, "All steps are done");
}

static void c_cancels_the_statement_and_leaves_the_session(void **state)
{
    struct operator* me = * state;
    char pid[16];
    start_behind(me, 80, 24);
    struct pg_conn *blocker =
        operator_session_waiting(me, "select pg_sleep(600), id from orders union all "
                                     "select pg_sleep(600), 1");
    operator_becomes(me, "select count(*) from pg_locks where relation = 'orders'::regclass",
                     1);
    (void)snprintf(pid, sizeof(pid), "%d", operator_session_pid(blocker));
    type_the_name(me);
    operator_becomes(me, waiting_sql, 1);
    SEE(me, pid);
    operator_press_for(me, "C", "CANCEL A BLOCKER");
    FILL(me, SIGNAL, pid);
    SEE(me, "All steps are done");
    assert_int_equal(operator_number(me, columns_sql), 3);
    char lives_sql[96];
    (void)snprintf(lives_sql, sizeof(lives_sql),
                   "select count(*) from pg_stat_activity where pid = %s", pid);
    assert_int_equal(operator_number(me, lives_sql), 1);
    operator_session_end(blocker);
}

/* Others come and go; the box keeps its pid, and that one is hit. */
static void the_box_keeps_its_session_while_others_come_and_go(void **state)
{
    struct operator* me = * state;
    struct pg_conn *others[4];
    char title[64];
    char pid[16];
    start_behind(me, 120, 40);
    struct pg_conn *blocker = operator_session(me, hold_orders);
    (void)snprintf(pid, sizeof(pid), "%d", operator_session_pid(blocker));
    type_the_name(me);
    operator_becomes(me, waiting_sql, 1);
    SEE(me, pid);
    operator_press_for(me, "K", "TERMINATE A SESSION");
    (void)snprintf(title, sizeof(title), "End the session %s?", pid);
    SEE(me, title);
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        others[i] = operator_session_waiting(me, "select count(*) from orders");
    }
    operator_becomes(me,
                     "select count(*) from pg_stat_activity where application_name = "
                     "'somebody' and wait_event_type = 'Lock'",
                     (long)COUNT_OF(others));
    operator_session_end(others[0]);
    SEE(me, title);
    FILL(me, SIGNAL, pid);
    SEE(me, "All steps are done");
    assert_false(operator_session_lives(blocker));
    for (size_t i = 1; i < COUNT_OF(others); i++) {
        operator_session_end(others[i]);
    }
    operator_session_end(blocker);
}

static void a_box_about_a_session_that_left_closes(void **state)
{
    struct operator* me = * state;
    start_behind(me, 80, 24);
    struct pg_conn *blocker = operator_session(me, hold_orders);
    type_the_name(me);
    operator_becomes(me, waiting_sql, 1);
    operator_press_for(me, "K", "TERMINATE A SESSION");
    operator_session_end(blocker);
    SEE_GONE(me, "TERMINATE A SESSION");
    SEE(me, "All steps are done");
}

static void control_c_arms_then_cancels_our_statement_only(void **state)
{
    struct operator* me = * state;
    start_behind(me, 80, 24);
    struct pg_conn *blocker = operator_session(me, hold_orders);
    type_the_name(me);
    operator_becomes(me, waiting_sql, 1);
    SEE(me, "somebody");
    operator_press(me, "\003");
    SEE(me, "once more");
    assert_int_equal(operator_number(me, waiting_sql), 1);
    SEE_GONE(me, "once more"); /* disarmed by itself */
    assert_int_equal(operator_number(me, waiting_sql), 1);
    operator_press(me, "\003\003");
    operator_becomes(me, waiting_sql, 0);
    SEE(me, "57014");
    assert_true(operator_session_lives(blocker));
    nothing_was_applied(me);
    operator_session_end(blocker);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, operator_set_up, operator_tear_down)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TEST(h_holds_with_a_reason_and_goes_on),
        TEST(q_stays_by_default),
        TEST(q_detaches_and_resume_goes_on),
        TEST(q_abandons_and_nobody_resumes),
        TEST(no_go_stops_the_poll),
        TEST(the_list_comes_back_after_an_answer),
        TEST(a_vote_is_changed),
        TEST(who_is_not_of_the_role_cannot_vote_for_it),
        TEST(an_override_names_who_and_why),
        TEST(another_name_starts_nothing),
        TEST(a_blocker_is_terminated_by_its_typed_pid),
        TEST(esc_spares_the_blocker),
        TEST(c_cancels_the_statement_and_leaves_the_session),
        TEST(the_box_keeps_its_session_while_others_come_and_go),
        TEST(a_box_about_a_session_that_left_closes),
        TEST(control_c_arms_then_cancels_our_statement_only),
    };
    cmocka_set_test_filter(getenv("GONOGO_TEST")); /* one of them, by its name */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
