/* SPDX-License-Identifier: PostgreSQL */
/*
 * WAL archiving as a real server tells it to a role without any right: off, on with a command
 * that works, then one that fails, then one that works again; on without a command.
 */
#include "monitor_ask.h"

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "monitor.h"
#include "testing.h"

struct scene {
    struct test_server *server;
    struct arena arena;
};

static void open_scene(struct scene *scene, const char *const *settings)
{
    *scene = (struct scene){.server = test_server_private(settings)};
    test_execute(scene->server, "postgres", "create role stranger login");
}

static void close_scene(struct scene *scene)
{
    test_server_free(scene->server);
    arena_release(&scene->arena);
}

static struct monitor_archiver look(struct scene *scene)
{
    PGconn *watch = session(scene->server, "postgres", "stranger", "gonogo watch");
    struct rows rows = ask(watch, &scene->arena, monitor_archiver_query(), NULL, NULL, NULL);
    PQfinish(watch);
    return monitor_archiver_read(&rows);
}

/* The newest try: did it fail? The archiver works on its own time. */
static struct monitor_archiver wait_for(struct scene *scene, bool failed)
{
    struct monitor_archiver found = look(scene);
    for (int i = 0; i < 600; i++) {
        bool last_failed = found.failed_us >= 0 &&
                           (found.archived_us < 0 || found.failed_us < found.archived_us);
        bool tried = found.failed_us >= 0 || found.archived_us >= 0;
        if (tried && last_failed == failed) {
            return found;
        }
        test_pause_us(100 * US_PER_MS);
        found = look(scene);
    }
    fail_msg("the archiver did not %s", failed ? "fail" : "work");
    return found;
}

static void write_a_segment(struct scene *scene)
{
    test_execute(scene->server, "postgres",
                 "create table if not exists t(id int); insert into t values (1); "
                 "select pg_switch_wal()");
}

static void set_command(struct scene *scene, const char *command)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql, "alter system set archive_command = '%s'", command);
    test_execute(scene->server, "postgres", sql);
    test_execute(scene->server, "postgres", "select pg_reload_conf()");
}

static void off_is_told(void **state)
{
    struct scene scene;
    (void)state;
    open_scene(&scene, NULL);
    struct monitor_archiver found = look(&scene);
    assert_true(str_eq(found.mode, "off"));
    assert_false(found.commanded);
    assert_int_equal(found.archived_us, -1);
    assert_int_equal(found.failed_us, -1);
    assert_int_equal(found.failures, 0);
    close_scene(&scene);
}

static void success_failure_and_success_again(void **state)
{
    static const char *const settings[] = {"archive_mode=on", "wal_level=replica", NULL};
    struct scene scene;
    (void)state;
    open_scene(&scene, settings);
    struct monitor_archiver found = look(&scene);
    assert_true(str_eq(found.mode, "on"));
    assert_false(found.commanded); /* and nothing says where to */
    set_command(&scene, "true");
    write_a_segment(&scene);
    found = wait_for(&scene, false);
    assert_true(found.commanded);
    assert_true(found.archived.len >= 24);
    assert_true(found.archived_us >= 0);
    set_command(&scene, "false");
    write_a_segment(&scene);
    found = wait_for(&scene, true);
    assert_true(found.failures > 0);
    assert_true(found.failed.len >= 24);
    set_command(&scene, "true");
    found = wait_for(&scene, false);
    assert_true(found.failures > 0); /* they stay in the books */
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(off_is_told),
        cmocka_unit_test(success_failure_and_success_again),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
