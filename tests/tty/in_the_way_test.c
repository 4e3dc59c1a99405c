/* SPDX-License-Identifier: PostgreSQL */
/*
 * L23 in front of a person, with a real session that sits in an old transaction: GO asks who
 * is in the way, and asks it again after a HOLD at the typed name. Only an override by name and
 * with a reason leads past it, and the record says who decided about whom.
 */
#include "screens_world.h"

#include <glob.h>
#include <libpq-fe.h>

static const char plan[] = "version: 1\n"
                           "name: small walk\n"
                           "targets: [{ id: scratch, environment: scratch }]\n"
                           "ledger: { table: schema_migrations, style: plain, create: true }\n"
                           "safety: { old_transaction: 1ms }\n"
                           "steps: [{ migration: \"001\", file: 001.sql, undo: none }]\n";

static const char sql[] = "alter table orders add column note text;\n";

static const char columns_sql[] =
    "select count(*) from pg_attribute where attrelid = 'orders'::regclass and attnum > 0";

static int set_up(void **state)
{
    int result = world_open(state, plan, sql);
    test_execute(test_server_get(), DATABASE,
                 "set role app_owner; create table orders (id int)");
    return result;
}

static int tear_down(void **state)
{
    return world_close(state);
}

/* Somebody who looked at the table, and then went for lunch without COMMIT. */
static PGconn *sit_down(void)
{
    const struct test_server *server = test_server_get();
    const char *const keys[] = {"host", "port", "dbname", "user", NULL};
    const char *const values[] = {test_server_socket_dir(server), test_server_port(server),
                                  DATABASE, "app_owner", NULL};
    PGconn *somebody = PQconnectdbParams(keys, values, 0);
    PGresult *result = PQexec(somebody, "begin; select * from orders");
    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    PQclear(result);
    return somebody;
}

static void nothing_was_done(void)
{
    assert_int_equal(test_query_number(test_server_get(), DATABASE, columns_sql), 1);
}

static void the_record_says(const struct world *world, const char *text)
{
    char pattern[128];
    glob_t found = {0};
    bool said = false;
    (void)snprintf(pattern, sizeof(pattern), "%s/state/gonogo/runs/*/journal.jsonl",
                   world->folder);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char line[16 * 1024];
        FILE *file = fopen(found.gl_pathv[i], "r");
        assert_non_null(file);
        while (fgets(line, sizeof(line), file)) {
            said = said || strstr(line, text) != NULL;
        }
        fclose(file);
    }
    globfree(&found);
    assert_true(said);
}

static void after_a_hold_at_the_screens(void **state)
{
    struct world *world = *state;
    start_sized(world, "xterm-256color", NULL, NULL, 100, 30);
    struct pty *pty = screen_pty(world->screen);
    SEE(world->screen, "NEXT  Nothing is on the checklist of PREP");
    pty_type(pty, "a");
    fill(world, "type go to go on", "go");
    SEE(world->screen, "NEXT  Nobody votes in this plan");
    pty_type(pty, "a");
    fill(world, "type go to go on", "go");
    SEE(world->screen, "NEXT  The point of no return");
    pty_type(pty, "H");
    fill(world, "reason", "the pager");
    SEE(world->screen, "HOLD");
    PGconn *somebody = sit_down();
    pty_type(pty, "a");
    fill(world, "which?", "go");
    SEE(world->screen, "NEXT  2 answers wanted, first: Somebody is in the way");
    SEE(world->screen, "(open transaction, for ");
    nothing_was_done();
    pty_type(pty, "a");
    SEE(world->screen, "Look again who is in the way?");
    screen_read(world->screen, DEAF_MS);
    pty_type(pty, "\r");
    fill(world, "which?", "override");
    fill(world, "reason", "lunch is over soon");
    fill(world, "who says so", "carla");
    SEE(world->screen, "NEXT  Nobody votes in this plan");
    pty_type(pty, "a");
    fill(world, "type go to go on", "go");
    SEE(world->screen, "NEXT  The point of no return");
    the_record_says(world, "lunch is over soon");
    nothing_was_done();
    PQfinish(somebody);
    pty_type(pty, "a");
    fill(world, "name of the database", DATABASE);
    SEE(world->screen, "NEXT  All steps are done");
}

static void after_a_hold_at_the_prompts(void **state)
{
    struct world *world = *state;
    start_sized(world, "xterm-256color", NULL, "--plain", 100, 60);
    struct pty *pty = screen_pty(world->screen);
    go_to_the_name_at_the_prompts(world);
    pty_type(pty, "hold the pager\r");
    SEE(world->screen, "HOLD. Go on, roll back, or leave?");
    PGconn *somebody = sit_down();
    pty_type(pty, "4\r");
    fill(world, "which?", "go");
    SEE(world->screen, "Somebody is in the way of our locks");
    nothing_was_done();
    pty_type(pty, "override L23\r");
    fill(world, "reason:", "lunch is over soon");
    fill(world, "who says so (name):", "carla");
    SEE(world->screen, "override L23: lunch is over soon");
    the_record_says(world, "open transaction");
    nothing_was_done();
    PQfinish(somebody);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TEST(after_a_hold_at_the_screens),
        TEST(after_a_hold_at_the_prompts),
    };
    cmocka_set_test_filter(getenv("GONOGO_TEST")); /* one of them, by its name */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
