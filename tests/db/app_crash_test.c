/* SPDX-License-Identifier: PostgreSQL */
/*
 * Runs that break off: the process dies in each state, its sessions die, the server
 * dies, somebody tells it to end. Afterwards the run is resumed, and the migration
 * must be there exactly once. The judge is the database, asked by itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "app_small.h"

enum {
    DIED = 99,
    RESUMES_MAX = 4
};

/* --------------------------------------------------------- our own death, F01 */

static void die_in_state(struct walk *walk, const struct run *run)
{
    const enum state *where = walk->ctx;
    if (run->state == *where) {
        _exit(DIED);
    }
}

static int run_in_child(struct walk *walk, enum state where)
{
    pid_t child = fork();
    if (child == 0) {
        walk->watch = die_in_state;
        walk->ctx = &where;
        _exit(walk_run(walk, test_server_get(), SMALL_DATABASE));
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void assert_exactly_once(void)
{
    assert_int_equal(small_number("select count(*) from orders"), 2);
    assert_int_equal(
        small_number("select count(*) from schema_migrations where version = '001'"), 1);
    assert_int_equal(small_number("select count(*) from pg_prepared_xacts"), 0);
    assert_true(small_nothing_is_left());
}

static void fault_F01_killed_in_every_state_and_resumed(void **state)
{
    static const enum state places[] = {
        STATE_CONNECT, STATE_IDENTIFY, STATE_REVIEW,  STATE_PREP,        STATE_POLL,
        STATE_NAME,    STATE_BEFORE,   STATE_READY,   STATE_BEGIN,       STATE_RUNNING,
        STATE_LEDGER,  STATE_EVIDENCE, STATE_COMMIT,  STATE_STEP_CHECKS, STATE_CHECKPOINT,
        STATE_VERIFY,  STATE_JUDGE,    STATE_MONITOR, STATE_LAST,        STATE_CLOSE,
    };
    size_t died = 0;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        struct walk *walk = *state;
        int code = run_in_child(walk, places[i]);
        if (code == 0) {
            print_message("# never seen in \"%s\"\n", state_words[places[i]]);
        } else {
            assert_code(walk, code, DIED);
            died++;
            for (int n = 0; n < RESUMES_MAX && code != 0; n++) {
                walk->err = (struct err){0};
                code = walk_resume(walk);
            }
            if (code != 0) {
                print_message("# died in \"%s\": %s\n", state_words[places[i]],
                              walk->err.message);
            }
            assert_code(walk, code, 0);
        }
        assert_exactly_once();
        small_teardown(state);
        small_setup(state);
    }
    assert_true(died >= COUNT_OF(places) - 6);
}

/*
 * A limit on file size kills the process at that very byte of the journal (or of a file
 * beside it): the last line is torn wherever the byte falls.
 */
static void limit_file_size(void *ctx, const struct app_view *view)
{
    const rlim_t *bytes = ctx;
    struct rlimit limit = {.rlim_cur = *bytes, .rlim_max = *bytes};
    (void)view;
    signal(SIGXFSZ, SIG_DFL);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) {
        _exit(1);
    }
}

static bool killed_at_byte(struct walk *walk, rlim_t bytes)
{
    pid_t child = fork();
    if (child == 0) {
        walk->started = limit_file_size;
        walk->started_ctx = &bytes;
        _exit(walk_run(walk, test_server_get(), SMALL_DATABASE));
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ;
}

static void fault_F01_killed_at_any_byte_of_the_record(void **state)
{
    enum {
        FIRST = 7000,
        STEP = 1741,
        ROUNDS = 16
    };
    int killed = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct walk *walk = *state;
        if (killed_at_byte(walk, (rlim_t)(FIRST + i * STEP))) {
            killed++;
            int code = -1;
            for (int n = 0; n < RESUMES_MAX && code != 0; n++) {
                walk->err = (struct err){0};
                code = walk_resume(walk);
            }
            if (code != 0) {
                print_message("# killed at byte %d: %s\n", FIRST + i * STEP, walk->err.message);
            }
            assert_code(walk, code, 0);
        }
        assert_exactly_once();
        small_teardown(state);
        small_setup(state);
    }
    print_message("# killed %d times\n", killed);
    assert_true(killed > 5);
}

/* --------------------------------------------------------- sessions that die */

static void end_session_once(struct walk *walk, enum state where, const char *which)
{
    bool *done = walk->ctx;
    if (!*done && walk->run->state == where) {
        char sql[256];
        *done = true;
        snprintf(sql, sizeof(sql),
                 "select pg_terminate_backend(pid) from pg_stat_activity where "
                 "application_name like 'gonogo %s %%'",
                 which);
        test_execute(test_server_get(), "postgres", sql);
    }
}

static void end_work_while_running(struct walk *walk, const struct run *run)
{
    (void)run;
    end_session_once(walk, STATE_RUNNING, "work");
}

static void fault_F11_a_killed_backend_is_settled_and_resumed(void **state)
{
    struct walk *walk = *state;
    bool done = false;
    walk_write(walk, "001.sql",
               "create table orders (id int primary key);\nselect pg_sleep(0.5);\n"
               "insert into orders values (1), (2);\n");
    walk->watch = end_work_while_running;
    walk->ctx = &done;
    assert_code(walk, small_run(walk), 6);
    assert_true(done);
    assert_int_equal(small_number("select count(*) from pg_class where relname = 'orders'"), 0);
    assert_true(walk->seen[STATE_SETTLE]);
    assert_code(walk, walk_resume(walk), 0);
    assert_exactly_once();
}

static void end_watch_in_monitor(struct walk *walk, const struct run *run)
{
    (void)run;
    end_session_once(walk, STATE_MONITOR, "watch");
}

static void a_lost_watch_session_is_taken_up_again(void **state)
{
    struct walk *walk = *state;
    bool done = false;
    walk->watch = end_watch_in_monitor;
    walk->ctx = &done;
    assert_code(walk, small_run(walk), 0);
    assert_true(done);
    assert_exactly_once();
}

static void end_check_in_verify(struct walk *walk, const struct run *run)
{
    (void)run;
    end_session_once(walk, STATE_VERIFY, "check");
}

static void a_lost_check_session_asks_everything_again(void **state)
{
    struct walk *walk = *state;
    bool done = false;
    walk->watch = end_check_in_verify;
    walk->ctx = &done;
    assert_code(walk, small_run(walk), 0);
    assert_true(done);
    assert_exactly_once();
}

/* ------------------------------------------------------------ told to end, F04 */

static void tell_to_end(struct walk *walk, const struct run *run)
{
    bool *done = walk->ctx;
    if (!*done && run->state == STATE_RUNNING) {
        *done = true;
        kill(getpid(), SIGTERM);
    }
}

static void fault_F04_a_signal_waits_for_the_fate_and_leaves_with_6(void **state)
{
    struct walk *walk = *state;
    bool done = false;
    walk_write(walk, "001.sql",
               "create table orders (id int primary key);\nselect pg_sleep(0.3);\n"
               "insert into orders values (1), (2);\n");
    walk->watch = tell_to_end;
    walk->ctx = &done;
    assert_code(walk, small_run(walk), 6);
    /* on_disconnect: finish is the default: what was begun is committed */
    assert_int_equal(small_number("select count(*) from orders"), 2);
    assert_true(small_nothing_is_left());
    assert_code(walk, walk_resume(walk), 0);
    assert_exactly_once();
}

/* ------------------------------------------------------------ somebody else, F07 */

static void run_a_second_one(struct walk *walk, const struct run *run)
{
    int *code = walk->ctx;
    if (*code < 0 && run->state == STATE_NAME) {
        pid_t child = fork();
        if (child == 0) {
            loop_signals_close();
            struct walk other = *walk;
            other.watch = NULL;
            _exit(walk_run(&other, test_server_get(), SMALL_DATABASE));
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        *code = WEXITSTATUS(status);
    }
}

static void fault_F07_a_second_run_ends_with_7(void **state)
{
    struct walk *walk = *state;
    int code = -1;
    walk->watch = run_a_second_one;
    walk->ctx = &code;
    assert_code(walk, small_run(walk), 0);
    assert_int_equal(code, 7);
    assert_exactly_once();
}

int main(void)
{
#define WALK(test) cmocka_unit_test_setup_teardown(test, small_setup, small_teardown)
    const struct CMUnitTest tests[] = {
        WALK(fault_F01_killed_in_every_state_and_resumed),
        WALK(fault_F01_killed_at_any_byte_of_the_record),
        WALK(fault_F11_a_killed_backend_is_settled_and_resumed),
        WALK(a_lost_watch_session_is_taken_up_again),
        WALK(a_lost_check_session_asks_everything_again),
        WALK(fault_F04_a_signal_waits_for_the_fate_and_leaves_with_6),
        WALK(fault_F07_a_second_run_ends_with_7),
    };
#undef WALK
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
