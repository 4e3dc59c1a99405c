/* SPDX-License-Identifier: PostgreSQL */
/*
 * How a child ends: floods, sleepers, forkers, and a parent that dies first. Nothing may be
 * left behind alive: each test looks for members of its process group.
 */
#include "proc_room.h"
#include "testing.h"

#include <string.h>
#include <sys/wait.h>

static void no_group_is_left(pid_t pid)
{
    for (int tries = 0; tries < 500 && test_living(pid, 0) > 0; tries++) {
        (void)poll(NULL, 0, 10); /* a death signal takes its moment */
    }
    assert_int_equal(test_living(pid, 0), 0);
}

static void fault_F45_flood_is_capped_counted_and_stopped_by_the_timeout(void **state)
{
    (void)state;
    struct watcher watcher = {0};
    struct proc_spec spec = SHELL("exec yes flood");
    spec.output_cap = 60000;
    spec.timeout_us = 300 * US_PER_MS;
    start(&watcher, spec);
    pid_t pid = proc_pid(watcher.proc);
    until_end(&watcher);
    assert_int_equal(watcher.calls[PROC_STDOUT], 12000); /* 5 bytes each, without newlines */
    assert_true(watcher.end.dropped[PROC_STDOUT] > 0);
    assert_true(watcher.end.timed_out);
    assert_int_equal(watcher.end.how, PROC_SIGNALLED);
    assert_int_equal(watcher.end.signal_number, SIGTERM);
    no_group_is_left(pid);
    release(&watcher);
}

static void fault_F45_sleeper_that_ignores_sigterm_is_killed(void **state)
{
    (void)state;
    struct watcher watcher = {.stop_at_output = true};
    struct proc_spec spec = SHELL("trap '' TERM; echo ready; while :; do sleep 100; done");
    spec.grace_us = 50 * US_PER_MS;
    start(&watcher, spec);
    pid_t pid = proc_pid(watcher.proc);
    until_end(&watcher);
    assert_int_equal(watcher.end.how, PROC_SIGNALLED);
    assert_int_equal(watcher.end.signal_number, SIGKILL);
    assert_true(watcher.end.stopped);
    assert_false(watcher.end.timed_out);
    assert_true(watcher.end.elapsed_us >= 50 * US_PER_MS);
    struct strbuf text = {0};
    proc_end_text(&watcher.end, &text);
    assert_true(str_starts(strbuf_str(&text), "stopped after "));
    assert_true(str_ends(strbuf_str(&text), ", killed by signal 9"));
    strbuf_release(&text);
    no_group_is_left(pid);
    release(&watcher);
}

static void fault_F45_forked_children_go_with_their_leader(void **state)
{
    (void)state;
    struct watcher watcher = {0};
    /* They hold our pipes, ignore what they can, and outlive the leader. */
    start(&watcher, SHELL("for i in 1 2 3; do (trap '' TERM HUP; sleep 100; sleep 100) & done; "
                          "echo started; exit 0"));
    pid_t pid = proc_pid(watcher.proc);
    int64_t start_us = now_us();
    until_end(&watcher);
    assert_true(now_us() - start_us < 5 * US_PER_SECOND);
    assert_true(proc_end_ok(&watcher.end));
    assert_string_equal(watcher.text[PROC_STDOUT].ptr, "started|");
    no_group_is_left(pid);
    release(&watcher);
}

static void descendant_outside_the_group_cannot_hold_us(void **state)
{
    (void)state;
    struct watcher watcher = {0};
    start(&watcher, SHELL("setsid sleep 3 & exit 0"));
    int64_t start_us = now_us();
    until_end(&watcher);
    assert_true(now_us() - start_us < 2 * US_PER_SECOND);
    assert_true(proc_end_ok(&watcher.end));
    release(&watcher);
}

static void stopped_child_can_be_stopped_for_good(void **state)
{
    (void)state;
    struct watcher watcher = {0};
    struct proc_spec spec = SHELL("kill -STOP $$; sleep 100");
    spec.timeout_us = 100 * US_PER_MS;
    start(&watcher, spec);
    until_end(&watcher);
    assert_true(watcher.end.timed_out);
    assert_int_equal(watcher.end.signal_number, SIGTERM);
    release(&watcher);
}

static void freeing_a_running_child_kills_its_group(void **state)
{
    (void)state;
    struct watcher watcher = {0};
    start(&watcher, SHELL("trap '' TERM; (trap '' TERM; sleep 100) & echo up; sleep 100"));
    while (watcher.calls[PROC_STDOUT] == 0) {
        one_round(&watcher);
    }
    pid_t pid = proc_pid(watcher.proc);
    release(&watcher);
    assert_int_equal(watcher.ended, 0);
    no_group_is_left(pid);
}

static void child_may_be_freed_in_its_last_callback(void **state)
{
    (void)state;
    struct watcher watcher = {.free_at_end = true};
    start(&watcher, SHELL(":"));
    until_end(&watcher);
    assert_true(proc_end_ok(&watcher.end));
    release(&watcher);
}

/* A program like ours is killed with -9: the child must not go on. */
static void child_dies_with_its_parent_when_asked(void **state)
{
    (void)state;
    int pair[2];
    assert_int_equal(pipe(pair), 0);
    pid_t parent = fork();
    assert_true(parent >= 0);
    if (parent == 0) {
        struct proc_spec spec = SHELL("exec sleep 1000");
        spec.death_signal = SIGKILL;
        struct err err = {0};
        struct proc *proc = proc_start(&spec, now_us(), &err);
        pid_t pid = proc != NULL ? proc_pid(proc) : -1;
        if (write(pair[1], &pid, sizeof(pid)) != (ssize_t)sizeof(pid)) {
            _exit(1);
        }
        (void)pause();
        _exit(1);
    }
    pid_t child = 0;
    assert_int_equal(read(pair[0], &child, sizeof(child)), (ssize_t)sizeof(child));
    assert_true(child > 0);
    /* Wait until its exec is over: before, the death signal may not be set yet. */
    char path[64];
    char name[16] = "";
    (void)snprintf(path, sizeof(path), "/proc/%ld/comm", (long)child);
    for (int tries = 0; tries < 500 && strncmp(name, "s", 1) != 0; tries++) {
        FILE *file = fopen(path, "r");
        if (file != NULL) {
            (void)!fgets(name, sizeof(name), file);
            (void)fclose(file);
        }
        (void)poll(NULL, 0, 10);
    }
    assert_int_equal(kill(parent, SIGKILL), 0);
    assert_int_equal(waitpid(parent, NULL, 0), parent);
    no_group_is_left(child);
    (void)close(pair[0]);
    (void)close(pair[1]);
}

int main(void)
{
    prepare();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_F45_flood_is_capped_counted_and_stopped_by_the_timeout),
        cmocka_unit_test(fault_F45_sleeper_that_ignores_sigterm_is_killed),
        cmocka_unit_test(fault_F45_forked_children_go_with_their_leader),
        cmocka_unit_test(descendant_outside_the_group_cannot_hold_us),
        cmocka_unit_test(stopped_child_can_be_stopped_for_good),
        cmocka_unit_test(freeing_a_running_child_kills_its_group),
        cmocka_unit_test(child_may_be_freed_in_its_last_callback),
        cmocka_unit_test(child_dies_with_its_parent_when_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
