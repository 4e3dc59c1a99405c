/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the rules block, in front of a person: at the screens and at the plain prompts the poll
 * does not open before somebody has overridden it, by name and with a reason; both say what is
 * blocked and where, and the journal's report names who decided.
 */
#include "screens_world.h"

static const char plan[] = "version: 1\n"
                           "name: small walk\n"
                           "targets: [{ id: scratch, environment: scratch }]\n"
                           "ledger: { table: schema_migrations, style: plain, create: true }\n"
                           "steps: [{ migration: \"001\", file: 001.sql, undo: none }]\n";

static const char sql[] = "drop table old_orders;\n";

static const char way_plan[] =
    "version: 1\n"
    "name: small walk\n"
    "targets: [{ id: scratch, environment: scratch }]\n"
    "ledger: { table: schema_migrations, style: plain, create: true }\n"
    "steps: [{ migration: \"001\", file: 001.sql, undo: 001_down.sql }]\n"
    "rollback: [{ id: down, title: Undo 001, kind: down, to: \"000\" }]\n";

static int set_up_way(void **state)
{
    int result = world_open(state, way_plan, "create table notes (id int primary key);\n");
    write_file(*state, "001_down.sql", "drop table notes cascade;\n");
    return result;
}

static int set_up(void **state)
{
    int result = world_open(state, plan, sql);
    test_execute(test_server_get(), DATABASE,
                 "set role app_owner; create table old_orders (id int)");
    return result;
}

static int tear_down(void **state)
{
    return world_close(state);
}

static long old_orders(void)
{
    return test_query_number(test_server_get(), DATABASE,
                             "select count(*) from pg_class where relname = 'old_orders'");
}

static void a_block_is_overridden_at_the_screens(void **state)
{
    struct world *world = *state;
    struct pty *pty;
    start_sized(world, "xterm-256color", NULL, NULL, 100, 30);
    pty = screen_pty(world->screen);
    SEE(world->screen, "NEXT  Nothing is on the checklist of PREP");
    pty_type(pty, "a");
    fill(world, "type go to go on", "go");
    SEE(world->screen, "NEXT  Rule D1 blocks: DROP TABLE");
    SEE(world->screen, "1 finding of the rules blocks");
    SEE(world->screen, "001.D1 001.sql:1:1");
    pty_type(pty, "a");
    SEE(world->screen, "001.sql:1:1: DROP TABLE old_orders, about 0 rows");
    fill(world, "which?", "override");
    fill(world, "reason", "it is in the archive");
    fill(world, "who says so", "carla");
    SEE(world->screen, "NEXT  Nobody votes in this plan");
    SEE(world->screen, "it is in the archive");
    assert_int_equal(old_orders(), 1);
    pty_type(pty, "a");
    fill(world, "type go to go on", "go");
    SEE(world->screen, "NEXT  The point of no return");
    pty_type(pty, "a");
    fill(world, "name of the database", DATABASE);
    SEE(world->screen, "NEXT  All steps are done");
    assert_int_equal(old_orders(), 0);
}

static void a_block_is_overridden_at_the_prompts(void **state)
{
    struct world *world = *state;
    start_sized(world, "xterm-256color", NULL, "--plain", 100, 40);
    struct pty *pty = screen_pty(world->screen);
    SEE(world->screen, "Nothing is on the checklist of PREP");
    pty_type(pty, "1\r");
    fill(world, "type go to go on:", "go");
    SEE(world->screen, "Rule D1 blocks: DROP TABLE");
    SEE(world->screen, "001.sql:1:1:");
    pty_type(pty, "override 001.D2\r");
    SEE(world->screen, "there is no \"001.D2\" to override; there are: 001.D1, ");
    pty_type(pty, "override 001.D1\r");
    fill(world, "reason:", "it is in the archive");
    fill(world, "who says so (name):", "carla");
    SEE(world->screen, "override 001.D1: it is in the archive, carla");
    SEE(world->screen, "Nobody votes in this plan");
    assert_int_equal(old_orders(), 1);
    pty_type(pty, "3\r");
    fill(world, "type go to go on:", "go");
    SEE(world->screen, "The point of no return");
    pty_type(pty, "4\r");
    fill(world, "name of the database:", DATABASE);
    SEE(world->screen, "All steps are done");
    assert_int_equal(old_orders(), 0);
}

/* An undo file bars nobody from GO; it is asked with the way back that runs it. */
static void a_way_back_is_blocked_at_the_prompts(void **state)
{
    static const char notes[] = "select count(*) from pg_class where relname = 'notes'";
    struct world *world = *state;
    start_sized(world, "xterm-256color", NULL, "--plain", 100, 70);
    struct pty *pty = screen_pty(world->screen);
    go_to_the_name_at_the_prompts(world);
    pty_type(pty, "3\r");
    fill(world, "name of the database:", DATABASE);
    SEE(world->screen, "All steps are done");
    pty_type(pty, "rollback\r");
    fill(world, "reason:", "errors");
    SEE(world->screen, "5  down  Undo 001");
    pty_type(pty, "5\r");
    fill(world, "type the option's id to choose it:", "down");
    SEE(world->screen, "Rule D2 blocks: CASCADE");
    SEE(world->screen, "001_down.sql:1:1");
    pty_type(pty, "override 001.undo.D2\r");
    fill(world, "reason:", "nothing hangs on it yet");
    fill(world, "who says so (name):", "carla");
    SEE(world->screen, "override 001.undo.D2: nothing hangs on it yet, carla");
    SEE(world->screen, "Undo 001: type the name of the database");
    assert_int_equal(test_query_number(test_server_get(), DATABASE, notes), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TEST(a_block_is_overridden_at_the_screens),
        TEST(a_block_is_overridden_at_the_prompts),
        cmocka_unit_test_setup_teardown(a_way_back_is_blocked_at_the_prompts, set_up_way,
                                        tear_down),
    };
    cmocka_set_test_filter(getenv("GONOGO_TEST")); /* one of them, by its name */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
