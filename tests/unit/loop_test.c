/* SPDX-License-Identifier: PostgreSQL */
/*
 * The loop with real pipes, real signals and real deadlines. No test waits for
 * "long enough": each waits for an event, and the watchdog ends a hung program.
 */
#include "loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct probe {
    struct loop *loop;
    int fd;
    short events;
    int64_t deadline_us;
    size_t asked;
    size_t called;
    short revents;
    uint32_t remove[2]; /* ids that its callback removes */
    const struct loop_source *add;
    uint32_t added;
};

static void probe_wants(void *ctx, struct loop_want *want)
{
    struct probe *probe = ctx;
    probe->asked++;
    assert_int_equal(want->fd, -1);
    assert_true(want->deadline_us == LOOP_NEVER);
    want->fd = probe->fd;
    want->events = probe->events;
    want->deadline_us = probe->deadline_us;
}

static void probe_ready(void *ctx, short revents, int64_t now_us)
{
    struct probe *probe = ctx;
    probe->called++;
    probe->revents = revents;
    if (probe->deadline_us <= now_us) {
        probe->deadline_us = LOOP_NEVER;
    }
    loop_remove(probe->loop, probe->remove[0]);
    loop_remove(probe->loop, probe->remove[1]);
    if (probe->add != NULL) {
        probe->added = loop_add(probe->loop, probe->add);
        probe->add = NULL;
    }
}

static struct probe probe_make(struct loop *loop, int fd)
{
    return (struct probe){.loop = loop, .fd = fd, .events = POLLIN, .deadline_us = LOOP_NEVER};
}

static uint32_t probe_add(struct probe *probe)
{
    return loop_add(probe->loop, &(struct loop_source){probe_wants, probe_ready, probe});
}

static void run(struct loop *loop, int64_t max_wait_us)
{
    struct err err = {0};
    assert_true(loop_run_once(loop, max_wait_us, &err));
}

static void ready_descriptor_is_told_and_idle_one_is_not(void **state)
{
    (void)state;
    int busy[2];
    int idle[2];
    assert_int_equal(pipe(busy), 0);
    assert_int_equal(pipe(idle), 0);
    struct loop *loop = loop_new();
    struct probe one = probe_make(loop, busy[0]);
    struct probe two = probe_make(loop, idle[0]);
    (void)probe_add(&one);
    (void)probe_add(&two);
    assert_int_equal(loop_count(loop), 2);
    assert_int_equal(write(busy[1], "x", 1), 1);
    run(loop, LOOP_NEVER);
    assert_int_equal(one.called, 1);
    assert_int_equal(one.revents, POLLIN);
    assert_int_equal(two.called, 0);
    assert_int_equal(two.asked, 1);
    loop_free(loop);
    for (int i = 0; i < 2; i++) {
        (void)close(busy[i]);
        (void)close(idle[i]);
    }
}

static void descriptor_may_change_between_rounds(void **state)
{
    (void)state;
    int first[2];
    int second[2];
    assert_int_equal(pipe(first), 0);
    assert_int_equal(pipe(second), 0);
    struct loop *loop = loop_new();
    struct probe probe = probe_make(loop, first[0]);
    (void)probe_add(&probe);
    assert_int_equal(write(second[1], "x", 1), 1);
    run(loop, 0);
    assert_int_equal(probe.called, 0);
    probe.fd = second[0];
    run(loop, LOOP_NEVER);
    assert_int_equal(probe.called, 1);
    (void)close(second[1]);
    assert_int_equal(read(second[0], &(char){0}, 1), 1);
    probe.events = 0;
    run(loop, LOOP_NEVER); /* a hang-up is told even when nothing was asked for */
    assert_int_equal(probe.called, 2);
    assert_true((probe.revents & POLLHUP) != 0);
    loop_free(loop);
    (void)close(first[0]);
    (void)close(first[1]);
    (void)close(second[0]);
}

static void deadline_wakes_a_source_without_descriptor_and_not_early(void **state)
{
    (void)state;
    struct loop *loop = loop_new();
    struct probe timer = probe_make(loop, -1);
    struct probe later = probe_make(loop, -1);
    int64_t start_us = loop_now_us();
    timer.deadline_us = start_us + 3500;
    later.deadline_us = start_us + US_PER_HOUR;
    (void)probe_add(&timer);
    (void)probe_add(&later);
    size_t rounds = 0;
    while (timer.called == 0) {
        run(loop, LOOP_NEVER);
        rounds++;
    }
    assert_true(loop_now_us() - start_us >= 3500);
    assert_true(rounds <= 2); /* it slept, it did not spin */
    assert_int_equal(timer.revents, 0);
    assert_int_equal(later.called, 0);
    loop_free(loop);
}

static void passed_deadline_does_not_sleep(void **state)
{
    (void)state;
    struct loop *loop = loop_new();
    struct probe timer = probe_make(loop, -1);
    timer.deadline_us = 0;
    (void)probe_add(&timer);
    run(loop, LOOP_NEVER);
    assert_int_equal(timer.called, 1);
    loop_free(loop);
}

static void wait_is_bounded_by_the_caller(void **state)
{
    (void)state;
    struct loop *loop = loop_new();
    int64_t start_us = loop_now_us();
    run(loop, 2000);
    assert_true(loop_now_us() - start_us >= 1900);
    loop_free(loop);
}

static void removal_during_dispatch_silences_the_removed(void **state)
{
    (void)state;
    int pair[2];
    assert_int_equal(pipe(pair), 0);
    assert_int_equal(write(pair[1], "x", 1), 1);
    struct loop *loop = loop_new();
    struct probe probes[4];
    uint32_t ids[4];
    for (size_t i = 0; i < COUNT_OF(probes); i++) {
        probes[i] = probe_make(loop, pair[0]);
        ids[i] = probe_add(&probes[i]);
    }
    probes[1].remove[0] = ids[1]; /* itself */
    probes[1].remove[1] = ids[2]; /* one that is ready and not told yet */
    run(loop, LOOP_NEVER);
    assert_int_equal(probes[0].called, 1);
    assert_int_equal(probes[1].called, 1);
    assert_int_equal(probes[2].called, 0);
    assert_int_equal(probes[3].called, 1);
    assert_int_equal(loop_count(loop), 2);
    run(loop, LOOP_NEVER);
    assert_int_equal(probes[0].called, 2);
    assert_int_equal(probes[1].called, 1);
    assert_int_equal(probes[3].called, 2);
    loop_remove(loop, 0);
    loop_remove(loop, 4711);
    assert_int_equal(loop_count(loop), 2);
    loop_free(loop);
    (void)close(pair[0]);
    (void)close(pair[1]);
}

static void source_added_during_dispatch_joins_the_next_round(void **state)
{
    (void)state;
    int pair[2];
    assert_int_equal(pipe(pair), 0);
    assert_int_equal(write(pair[1], "x", 1), 1);
    struct loop *loop = loop_new();
    struct probe child = probe_make(loop, pair[0]);
    struct loop_source source = {probe_wants, probe_ready, &child};
    struct probe parents[20]; /* enough to make the array move while it is walked */
    for (size_t i = 0; i < COUNT_OF(parents); i++) {
        parents[i] = probe_make(loop, pair[0]);
        parents[i].add = &source;
        (void)probe_add(&parents[i]);
    }
    run(loop, LOOP_NEVER);
    for (size_t i = 0; i < COUNT_OF(parents); i++) {
        assert_int_equal(parents[i].called, 1);
        assert_int_not_equal(parents[i].added, 0);
    }
    assert_int_equal(child.called, 0);
    run(loop, LOOP_NEVER);
    assert_int_equal(child.called, COUNT_OF(parents));
    loop_free(loop);
    (void)close(pair[0]);
    (void)close(pair[1]);
}

static void poll_failure_is_an_error_and_dispatches_nothing(void **state)
{
    (void)state;
    struct rlimit saved;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &saved), 0);
    struct loop *loop = loop_new();
    struct probe probes[64];
    for (size_t i = 0; i < COUNT_OF(probes); i++) {
        probes[i] = probe_make(loop, -1);
        probes[i].deadline_us = 0;
        (void)probe_add(&probes[i]);
    }
    struct rlimit tight = {16, saved.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    struct err err = {0};
    bool good = loop_run_once(loop, 0, &err);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &saved), 0);
    assert_false(good);
    assert_int_equal(err.kind, ERR_INTERNAL);
    assert_int_equal(probes[0].called, 0);
    run(loop, 0);
    assert_int_equal(probes[0].called, 1);
    loop_free(loop);
}

static void fault_F08_duration_clock_is_not_the_wall_clock(void **state)
{
    (void)state;
    struct timespec boot;
    assert_int_equal(clock_gettime(CLOCK_BOOTTIME, &boot), 0);
    int64_t boot_us = (int64_t)boot.tv_sec * US_PER_SECOND + boot.tv_nsec / 1000;
    int64_t now_us = loop_now_us();
    assert_true(now_us >= boot_us && now_us - boot_us < US_PER_MINUTE);
    int64_t wall_us = (int64_t)time(NULL) * US_PER_SECOND;
    assert_true(loop_wall_us() >= wall_us - US_PER_SECOND);
    assert_true(loop_wall_us() < wall_us + US_PER_MINUTE);
}

static void signals_become_bytes_in_order_and_end_the_sleep(void **state)
{
    (void)state;
    static const int kinds[] = {SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGWINCH, SIGCHLD, SIGCONT};
    struct err err = {0};
    assert_true(loop_signals_open(&err));
    struct loop *loop = loop_new();
    struct probe pipe_probe = probe_make(loop, loop_signals_fd());
    (void)probe_add(&pipe_probe);
    int got = 0;
    assert_false(loop_signal_next(&got));
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        assert_int_equal(raise(kinds[i]), 0);
        run(loop, LOOP_NEVER);
        assert_true(loop_signal_next(&got));
        assert_int_equal(got, kinds[i]);
        assert_false(loop_signal_next(&got));
    }
    assert_int_equal(pipe_probe.called, COUNT_OF(kinds));
    loop_free(loop);
    loop_signals_close();
}

static void signal_from_outside_interrupts_a_long_sleep(void **state)
{
    (void)state;
    struct err err = {0};
    assert_true(loop_signals_open(&err));
    struct loop *loop = loop_new();
    struct probe pipe_probe = probe_make(loop, loop_signals_fd());
    (void)probe_add(&pipe_probe);
    pid_t parent = getpid();
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)kill(parent, SIGWINCH);
        _exit(0);
    }
    bool resized = false;
    bool ended = false;
    while (!resized || !ended) {
        run(loop, LOOP_NEVER);
        int got = 0;
        while (loop_signal_next(&got)) {
            resized = resized || got == SIGWINCH;
            ended = ended || got == SIGCHLD;
        }
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    loop_free(loop);
    loop_signals_close();
}

static void flood_of_signals_never_blocks_and_keeps_errno(void **state)
{
    (void)state;
    struct err err = {0};
    assert_true(loop_signals_open(&err));
    errno = E2BIG;
    for (int i = 0; i < 70000; i++) {
        (void)raise(SIGWINCH);
    }
    assert_int_equal(errno, E2BIG);
    int got = 0;
    size_t count = 0;
    while (loop_signal_next(&got)) {
        count++;
    }
    assert_true(count >= 4096 && count < 70000);
    loop_signals_close();
}

static void closing_restores_every_handler_and_child_inherits_no_pipe(void **state)
{
    (void)state;
    struct sigaction action = {.sa_handler = SIG_IGN};
    struct sigaction old;
    assert_int_equal(sigaction(SIGHUP, &action, &old), 0);
    struct err err = {0};
    assert_true(loop_signals_open(&err));
    assert_true((fcntl(loop_signals_fd(), F_GETFD) & FD_CLOEXEC) != 0);
    int broken[2];
    assert_int_equal(pipe(broken), 0);
    (void)close(broken[0]);
    assert_int_equal(write(broken[1], "x", 1), -1); /* SIGPIPE would have ended the program */
    assert_int_equal(errno, EPIPE);
    (void)close(broken[1]);
    loop_signals_close();
    assert_int_equal(loop_signals_fd(), -1);
    loop_signals_close();
    assert_int_equal(sigaction(SIGHUP, NULL, &action), 0);
    assert_true(action.sa_handler == SIG_IGN);
    assert_int_equal(sigaction(SIGHUP, &old, NULL), 0);
    assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
    assert_true(action.sa_handler == SIG_DFL);
    assert_int_equal(sigaction(SIGTERM, NULL, &action), 0);
    assert_true(action.sa_handler == SIG_DFL);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    (void)alarm(60); /* watchdog: a loop that never wakes must fail, not hang */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ready_descriptor_is_told_and_idle_one_is_not),
        cmocka_unit_test(descriptor_may_change_between_rounds),
        cmocka_unit_test(deadline_wakes_a_source_without_descriptor_and_not_early),
        cmocka_unit_test(passed_deadline_does_not_sleep),
        cmocka_unit_test(wait_is_bounded_by_the_caller),
        cmocka_unit_test(removal_during_dispatch_silences_the_removed),
        cmocka_unit_test(source_added_during_dispatch_joins_the_next_round),
        cmocka_unit_test(poll_failure_is_an_error_and_dispatches_nothing),
        cmocka_unit_test(fault_F08_duration_clock_is_not_the_wall_clock),
        cmocka_unit_test(signals_become_bytes_in_order_and_end_the_sleep),
        cmocka_unit_test(signal_from_outside_interrupts_a_long_sleep),
        cmocka_unit_test(flood_of_signals_never_blocks_and_keeps_errno),
        cmocka_unit_test(closing_restores_every_handler_and_child_inherits_no_pipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
