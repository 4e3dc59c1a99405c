/* SPDX-License-Identifier: PostgreSQL */
/*
 * F11: while 012 runs, its backend is terminated, or the whole server goes down at once
 * and comes back. Sessions of ours commit synchronously (F12), whatever the server's
 * default: what was acknowledged has to be there afterwards. Then resume, and the judge.
 *
 * GONOGO_SEED and GONOGO_ROUNDS (default 20).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <unistd.h>

#include "fault_checker.h"

enum {
    RESUMES_MAX = 6,
    PAUSE_US = 16000, /* about as long as 012 takes */
    DOWN_MS = 600
};
static const char intent_of_012[] = "\"script\":1,\"attempt\"";

struct servers {
    struct fault_world world;
    uint64_t seed;
};

static int group_setup(void **state)
{
    struct servers *servers = mem_zero(1, sizeof(*servers));
    *state = servers;
    servers->seed = (uint64_t)test_number("GONOGO_SEED", 20240131);
    fault_world_open(&servers->world);
    return 0;
}

static int group_teardown(void **state)
{
    struct servers *servers = *state;
    fault_world_close(&servers->world);
    free(servers);
    return 0;
}

static bool judge_and_resume(struct fault_case *c, pid_t pid, const char *what)
{
    int code = fault_wait(c, pid);
    bool good = fault_verdict(c, pid, false, what);
    if (code != 0 && code != 6) {
        printf("# %s: ended with %d\n", what, code);
        good = false;
    }
    good = (code == 0 || fault_resume_to_end(c, RESUMES_MAX) == 0) && good;
    return fault_verdict(c, pid, true, what) && good;
}

static bool end_backends(void *ctx, int item)
{
    const struct servers *servers = ctx;
    struct fault_case c;
    struct fault_dice dice;
    char name[32];
    char what[120];
    char sql[300];
    uint64_t seed = servers->seed + (uint64_t)item;
    fault_dice_seed(&dice, seed);
    int64_t pause_us = (int64_t)fault_dice_roll(&dice, PAUSE_US);
    const char *which = fault_dice_roll(&dice, 2) ? "gonogo work%" : "gonogo%";
    (void)snprintf(name, sizeof(name), "ended%d", item);
    (void)snprintf(what, sizeof(what), "seed %llu, \"%s\" ended after %lld us",
                   (unsigned long long)seed, which, (long long)pause_us);
    fault_case_open(&c, &servers->world, name);
    pid_t pid = fault_start(&c, "run", NULL);
    (void)fault_journal_says(&c, intent_of_012, pid);
    test_pause_us(pause_us);
    (void)snprintf(sql, sizeof(sql),
                   "select pg_terminate_backend(pid) from pg_stat_activity where datname = "
                   "'%s' and application_name like '%s'",
                   name, which);
    test_execute(servers->world.server, "postgres", sql);
    bool good = judge_and_resume(&c, pid, what);
    fault_case_close(&c);
    return good;
}

static void fault_F11_backends_are_terminated_during_012(void **state)
{
    int count = (int)test_number("GONOGO_ROUNDS", 20) / 2;
    assert_int_equal(fault_in_parallel(count, end_backends, *state), 0);
}

static bool crash_server(struct servers *servers, int item)
{
    struct fault_case c;
    struct fault_dice dice;
    char name[32];
    char what[120];
    uint64_t seed = servers->seed + 5000 + (uint64_t)item;
    fault_dice_seed(&dice, seed);
    int64_t pause_us = (int64_t)fault_dice_roll(&dice, PAUSE_US);
    int64_t down_ms = (int64_t)fault_dice_roll(&dice, DOWN_MS);
    (void)snprintf(name, sizeof(name), "crash%d", item);
    (void)snprintf(what, sizeof(what), "seed %llu, down after %lld us for %lld ms",
                   (unsigned long long)seed, (long long)pause_us, (long long)down_ms);
    fault_case_open(&c, &servers->world, name);
    pid_t pid = fault_start(&c, "run", NULL);
    (void)fault_journal_says(&c, intent_of_012, pid);
    test_pause_us(pause_us);
    test_server_stop(servers->world.server, SIGQUIT);
    test_pause_us(down_ms * US_PER_MS);
    test_server_start(servers->world.server);
    bool good = judge_and_resume(&c, pid, what);
    fault_case_close(&c);
    return good;
}

static void fault_F11_F12_the_server_goes_down_during_012(void **state)
{
    int count = (int)test_number("GONOGO_ROUNDS", 20) / 2;
    int failed = 0;
    for (int i = 0; i < count; i++) {
        failed += !crash_server(*state, i);
    }
    assert_int_equal(failed, 0);
}

/* An archive recovery that finds no archive ends at once, on a new timeline. */
static void fail_over(const struct fault_world *world)
{
    char path[2 * FAULT_PATH];
    test_server_stop(world->server, SIGINT);
    (void)snprintf(path, sizeof(path), "%s/postgresql.auto.conf",
                   test_server_data_dir(world->server));
    FILE *file = fopen(path, "a");
    assert_non_null(file);
    assert_true(fputs("restore_command = 'false'\n", file) >= 0 && fclose(file) == 0);
    (void)snprintf(path, sizeof(path), "%s/recovery.signal",
                   test_server_data_dir(world->server));
    file = fopen(path, "w");
    assert_true(file != NULL && fclose(file) == 0);
    test_server_start(world->server);
    assert_true(
        test_query_becomes(world->server, "postgres", "select pg_is_in_recovery()", "f"));
}

/* Killed with 011 committed and 012 begun; then the server is another timeline's. */
static pid_t open_failover(struct fault_case *c, const struct fault_world *world,
                           const char *name)
{
    struct fault_order order = {.act = "kill", .nth = 1, .from = intent_of_012};
    fault_case_open(c, world, name);
    pid_t pid = fault_start(c, "run", &order);
    (void)fault_wait(c, pid);
    fail_over(world);
    return pid;
}

static void last_output(const struct fault_case *c, struct strbuf *out)
{
    char path[2 * FAULT_PATH];
    (void)snprintf(path, sizeof(path), "%s/out.%d", c->home, c->starts);
    assert_true(test_read_file(path, 0, out));
}

static void fault_F12_rows_on_the_new_timeline_prove_and_people_decide(void **state)
{
    struct servers *servers = *state;
    struct fault_case c;
    struct strbuf out = {0};
    pid_t pid = open_failover(&c, &servers->world, "failover");
    int code = fault_run(&c, "resume", NULL);
    if (code != 6) {
        fault_tell_output(&c);
    }
    assert_int_equal(code, 6);
    last_output(&c, &out);
    assert_non_null(strstr(out.ptr, "the server is on timeline "));
    assert_non_null(strstr(out.ptr, "also by its ledger row"));
    assert_non_null(strstr(out.ptr, "012 is rolled back for certain"));
    assert_null(strstr(out.ptr, "011 is in doubt"));
    strbuf_release(&out);
    assert_int_equal(fault_resume_to_end(&c, RESUMES_MAX), 0);
    assert_true(fault_verdict(&c, pid, true, "after the failover"));
    fault_case_close(&c);
}

static void fault_F12_what_no_row_proves_stays_in_doubt(void **state)
{
    static const char *const losses[] = {
        "delete from schema_migrations where version = '011'",
        "update schema_migrations set checksum = repeat('0', 64) where version = '011'",
    };
    struct servers *servers = *state;
    for (size_t i = 0; i < COUNT_OF(losses); i++) {
        struct fault_case c;
        struct strbuf status = {0};
        struct strbuf out = {0};
        char name[32];
        (void)snprintf(name, sizeof(name), "lost%zu", i);
        (void)open_failover(&c, &servers->world, name);
        test_execute(servers->world.server, name, losses[i]);
        assert_int_equal(fault_run(&c, "resume", NULL), 9);
        last_output(&c, &out);
        assert_non_null(strstr(out.ptr, "011 is in doubt"));
        assert_null(strstr(out.ptr, "last certain: 011 committed"));
        assert_null(strstr(out.ptr, "nothing was changed;"));
        assert_true(fault_status(&c, &status));
        assert_non_null(strstr(status.ptr, "\"unknown\""));
        strbuf_release(&status);
        strbuf_release(&out);
        fault_case_close(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_F11_backends_are_terminated_during_012),
        cmocka_unit_test(fault_F11_F12_the_server_goes_down_during_012),
        cmocka_unit_test(fault_F12_rows_on_the_new_timeline_prove_and_people_decide),
        cmocka_unit_test(fault_F12_what_no_row_proves_stays_in_doubt),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
