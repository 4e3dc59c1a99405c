/* SPDX-License-Identifier: PostgreSQL */
/*
 * A run walked on the screens by a person who types, and what happens by accident while a
 * statement is at work: ^Z, a terminal that does not read, a terminal that goes away. The
 * server's own words are hostile: none of their control bytes may reach the terminal.
 */
#include "screens_world.h"

#include <signal.h>

static const char walk_plan[] =
    "version: 1\n"
    "name: small walk\n"
    "targets: [{ id: scratch, environment: scratch }]\n"
    "ledger: { table: schema_migrations, style: plain, create: true }\n"
    "steps: [{ migration: \"001\", file: 001.sql, undo: none }]\n";

/* Long enough to be met at work. */
static const char walk_sql[] = "create table orders (id int primary key);\n"
                               "select pg_sleep(3);\n"
                               "insert into orders values (1);\n";

/* An error that would set the title and turn the text. */
static const char hostile_sql[] = "do $$ begin raise exception '%', chr(27) || ']2;owned' || "
                                  "chr(7) || chr(27) || '[31mred' || "
                                  "chr(8238) || chr(155) || 'end'; end $$;\n";

static int set_up(void **state)
{
    int result = world_open(state, walk_plan, walk_sql);
    test_execute(test_server_get(), DATABASE,
                 "set role app_owner; do $$ begin execute format('create table %I ()', "
                 "'odd' || chr(27) || ']2;owned' || chr(7)); end $$");
    return result;
}

static int tear_down(void **state)
{
    return world_close(state);
}

/* Opens the one question that stands there and answers it. */
static void answer(struct world *world, const char *question, const char *prompt,
                   const char *text)
{
    struct pty *pty = screen_pty(world->screen);
    SEE(world->screen, question);
    pty_type(pty, "a");
    fill(world, prompt, text);
}

static void walk_to_the_statement(struct world *world)
{
    start_sized(world, "xterm-256color", NULL, NULL, 100, 30);
    answer(world, "NEXT  Nothing is on the checklist of PREP", "type go to go on", "go");
    answer(world, "NEXT  Nobody votes in this plan", "type go to go on", "go");
    answer(world, "NEXT  The point of no return", "name of the database", DATABASE);
}

static long orders(void)
{
    return test_query_number(test_server_get(), DATABASE, "select count(*) from orders");
}

/* Until the server works at the long statement. */
static void meet_the_statement(struct world *world)
{
    walk_to_the_statement(world);
    assert_true(test_query_becomes(test_server_get(), DATABASE,
                                   "select count(*) from pg_stat_activity where query like "
                                   "'select pg_sleep(3)%' and state = 'active'",
                                   "1"));
    SEE(world->screen, "pg_sleep");
}

static void leave(struct world *world, int code)
{
    struct pty *pty = screen_pty(world->screen);
    pty_type(pty, "q");
    SEE(world->screen, "go on watching");
    screen_read(world->screen, DEAF_MS);
    pty_type(pty, "j\r");
    SEE(world->screen, "type leave to stop");
    screen_read(world->screen, DEAF_MS);
    pty_type(pty, "leave");
    SEE(world->screen, "leave");
    pty_type(pty, "\r");
    assert_int_equal(pty_end(pty, SOON), code);
    assert_true(screen_is_restored(world->screen, &world->before));
}

/* --------------------------------------------------------------------- tests */

static void q_asks_and_leaves(void **state)
{
    struct world *world = *state;
    start_sized(world, "xterm-256color", NULL, NULL, 80, 24);
    SEE(world->screen, "NEXT  Nothing is on the checklist of PREP");
    struct pty *pty = screen_pty(world->screen);
    pty_type(pty, "q\r\rq\033q"); /* in haste: nothing of it leaves */
    SEE(world->screen, "go on watching");
    screen_read(world->screen, DEAF_MS);
    pty_type(pty, "\033");
    assert_true(screen_wait_gone(world->screen, "go on watching", SOON));
    leave(world, 6);
}

static void suspend_is_refused_in_a_transaction(void **state)
{
    struct world *world = *state;
    meet_the_statement(world);
    pty_type(screen_pty(world->screen), "\032");
    SEE(world->screen, "not now: a transaction of ours is open");
    assert_true(screen_is_alternate(world->screen));
    SEE(world->screen, "NEXT  All steps are done");
    leave(world, 6);
}

/* F05: the file is committed although nobody has read a frame since it began. */
static void fault_F05_a_stalled_terminal_does_not_stop_a_file(void **state)
{
    struct world *world = *state;
    meet_the_statement(world);
    struct pty *pty = screen_pty(world->screen);
    for (int i = 0; i < 100; i++) {
        pty_type(pty, "\f"); /* a whole frame each: more than the line holds */
    }
    assert_true(test_query_becomes(test_server_get(), DATABASE,
                                   "select coalesce((select (xpath('/row/n/text()', "
                                   "query_to_xml('select count(*) n from orders', true, true, "
                                   "'')))[1]::text from pg_class where relname = 'orders'), "
                                   "'0')",
                                   "1"));
    screen_read(world->screen, DEAF_MS);
    leave(world, 6);
}

/* F04: the terminal goes in the middle of a statement: its file is finished, then it holds. */
static void fault_F04_a_lost_terminal_lets_the_file_finish(void **state)
{
    struct world *world = *state;
    meet_the_statement(world);
    pty_hang_up(screen_pty(world->screen));
    assert_int_equal(pty_end(screen_pty(world->screen), SOON), 6);
    assert_int_equal(orders(), 1);
}

/* At the end the report stays until it was read; the sessions are gone by then. */
static void the_end_stays_until_q(void **state)
{
    struct world *world = *state;
    write_file(world, "001.sql", "create table orders (id int primary key);\n");
    walk_to_the_statement(world);
    answer(world, "NEXT  All steps are done", "type go to go on", "go");
    answer(world, "NEXT  This plan verifies nothing", "type go to go on", "go");
    answer(world, "NEXT  Write the report and close", "type go to go on", "go");
    SEE(world->screen, "NEXT  nothing to do: over");
    assert_true(test_query_becomes(test_server_get(), DATABASE,
                                   "select count(*) from pg_stat_activity where datname = "
                                   "current_database() and pid <> pg_backend_pid()",
                                   "0"));
    assert_true(screen_is_alternate(world->screen));
    struct pty *pty = screen_pty(world->screen);
    pty_type(pty, "1"); /* one may still look around */
    SEE(world->screen, "TIMELINE");
    pty_type(pty, "q");
    assert_int_equal(pty_end(pty, SOON), 0);
    assert_true(screen_is_restored(world->screen, &world->before));
}

static const char check_plan[] =
    "version: 1\n"
    "name: small walk\n"
    "targets: [{ id: scratch, environment: scratch }]\n"
    "ledger: { table: schema_migrations, style: plain, create: true }\n"
    "steps: [{ migration: \"001\", file: 001.sql, undo: none }]\n"
    "verification: { sets: [{ name: rows, checks: [{ id: Q1, sql: \"select 'sec' || 'ret row' "
    "as word\", empty: true }] }] }\n";

/* Row values are for the eyes of who sits there: no file of the run holds them. */
static void rows_of_a_check_are_shown_and_not_kept(void **state)
{
    struct world *world = *state;
    char command[256];
    write_file(world, "plan.yaml", check_plan);
    write_file(world, "001.sql", "create table orders (id int primary key);\n");
    walk_to_the_statement(world);
    answer(world, "NEXT  All steps are done", "type go to go on", "go");
    SEE(world->screen, "NEXT  Q1 failed");
    pty_type(screen_pty(world->screen), "j\r");
    SEE(world->screen, " ROWS ");
    screen_read(world->screen, DEAF_MS);
    pty_type(screen_pty(world->screen), "\033[6~");
    SEE(world->screen, "secret row");
    pty_type(screen_pty(world->screen), "\033");
    assert_true(screen_wait_gone(world->screen, " ROWS ", SOON));
    (void)snprintf(command, sizeof(command), "%s/state", world->folder);
    const char *argv[] = {"/bin/grep", "-rq", "secret row", command, NULL};
    struct pty *grep = pty_start(argv, NULL);
    assert_int_equal(pty_end(grep, SOON), 1);
    pty_free(grep);
    leave(world, 5);
}

/* F42: what the server says is shown, and none of it is obeyed. */
static void fault_F42_hostile_bytes_stay_out_of_the_terminal(void **state)
{
    struct world *world = *state;
    write_file(world, "001.sql", hostile_sql);
    walk_to_the_statement(world);
    SEE(world->screen, "\\x1b]2;owned");
    pty_type(screen_pty(world->screen), "7");
    screen_read(world->screen, DEAF_MS);
    const char *bytes = pty_screen(screen_pty(world->screen));
    assert_null(strstr(bytes, "\033]2;owned"));
    assert_null(strstr(bytes, "\033[31mred"));
    assert_null(strstr(bytes, "\342\200\256")); /* U+202E */
    assert_null(strstr(bytes, "\302\233"));     /* U+009B, an 8-bit CSI */
    assert_null(strstr(screen_title(world->screen), "owned"));
    leave(world, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TEST(q_asks_and_leaves),
        TEST(suspend_is_refused_in_a_transaction),
        TEST(fault_F05_a_stalled_terminal_does_not_stop_a_file),
        TEST(fault_F04_a_lost_terminal_lets_the_file_finish),
        TEST(the_end_stays_until_q),
        TEST(rows_of_a_check_are_shown_and_not_kept),
        TEST(fault_F42_hostile_bytes_stay_out_of_the_terminal),
    };
    cmocka_set_test_filter(getenv("GONOGO_TEST")); /* one of them, by its name */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
