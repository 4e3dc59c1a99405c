/* SPDX-License-Identifier: PostgreSQL */
/*
 * Children for real: hostile names, floods, sleepers, forkers, other users. Nothing
 * may be left behind alive: each test looks through /proc for members of its group.
 */
#include "proc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct watcher {
    struct proc *proc;
    struct strbuf text[PROC_STREAM__COUNT]; /* lines, each ended by '|' */
    size_t calls[PROC_STREAM__COUNT];
    size_t longest;
    size_t ended;
    struct proc_end end;
    bool stop_at_output;
    bool free_at_end;
};

static int64_t now_us(void)
{
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_BOOTTIME, &now), 0);
    return (int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

static void take_output(void *ctx, enum proc_stream stream, struct str text)
{
    struct watcher *watcher = ctx;
    assert_int_equal(watcher->ended, 0);
    watcher->calls[stream]++;
    watcher->longest = text.len > watcher->longest ? text.len : watcher->longest;
    if (watcher->text[stream].len < 65536) {
        strbuf_add(&watcher->text[stream], text);
        strbuf_byte(&watcher->text[stream], '|');
    }
    if (watcher->stop_at_output) {
        proc_stop(watcher->proc, now_us());
    }
}

static void take_end(void *ctx, const struct proc_end *end)
{
    struct watcher *watcher = ctx;
    watcher->ended++;
    watcher->end = *end;
    if (watcher->free_at_end) {
        proc_free(watcher->proc);
    }
}

static void start(struct watcher *watcher, struct proc_spec spec)
{
    struct err err = {0};
    spec.output = take_output;
    spec.ended = take_end;
    spec.ctx = watcher;
    watcher->proc = proc_start(&spec, now_us(), &err);
    if (watcher->proc == NULL) {
        fail_msg("%s", err.message);
    }
}

static void one_round(struct watcher *watcher)
{
    struct pollfd poll_fd = {0};
    int64_t deadline_us = 0;
    proc_wants(watcher->proc, &poll_fd.fd, &poll_fd.events, &deadline_us);
    int64_t wait_us = deadline_us == PROC_NEVER ? -1 : deadline_us - now_us();
    int wait_ms = deadline_us == PROC_NEVER ? -1
                  : wait_us <= 0            ? 0
                                            : (int)(wait_us / US_PER_MS) + 1;
    (void)poll(&poll_fd, 1, wait_ms);
    proc_ready(watcher->proc, poll_fd.revents, now_us());
}

static void until_end(struct watcher *watcher)
{
    while (watcher->ended == 0) {
        one_round(watcher);
    }
    assert_int_equal(watcher->ended, 1);
}

static void release(struct watcher *watcher)
{
    if (!watcher->free_at_end) {
        proc_free(watcher->proc);
    }
    strbuf_release(&watcher->text[PROC_STDOUT]);
    strbuf_release(&watcher->text[PROC_STDERR]);
}

static struct proc_spec shell(const char *const *argv)
{
    return (struct proc_spec){.path = "/bin/sh", .argv = argv};
}

#define SHELL(script) shell((const char *const[]){"sh", "-c", script, NULL})

/* Members of a process group that are not dead already; who reaps the dead is not our affair.
 */
static int living_members(pid_t group)
{
    int count = 0;
    DIR *folder = opendir("/proc");
    assert_non_null(folder);
    const struct dirent *entry = NULL;
    while ((entry = readdir(folder)) != NULL) {
        char path[300];
        char text[512];
        char process_state = 0;
        long parent = 0;
        long member_of = 0;
        (void)snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
        FILE *file =
            entry->d_name[0] > '0' && entry->d_name[0] <= '9' ? fopen(path, "r") : NULL;
        const char *rest =
            file != NULL && fgets(text, sizeof(text), file) != NULL ? strrchr(text, ')') : NULL;
        if (rest != NULL &&
            sscanf(rest + 1, " %c %ld %ld", &process_state, &parent, &member_of) == 3 &&
            member_of == group && process_state != 'Z' && process_state != 'X') {
            count++;
        }
        if (file != NULL) {
            (void)fclose(file);
        }
    }
    (void)closedir(folder);
    return count;
}

static void no_group_is_left(pid_t pid)
{
    for (int tries = 0; tries < 500 && living_members(pid) > 0; tries++) {
        (void)poll(NULL, 0, 10); /* a death signal takes its moment */
    }
    assert_int_equal(living_members(pid), 0);
}

static int open_descriptors(void)
{
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    while (readdir(folder) != NULL) {
        count++;
    }
    (void)closedir(folder);
    return count;
}

static void output_arrives_line_by_line_from_both_streams(void **state)
{
    (void)state;
    struct watcher watcher = {0};
    start(&watcher, SHELL("echo one; echo; echo bad >&2; printf last; exit 3"));
    assert_true(proc_is_running(watcher.proc));
    until_end(&watcher);
    assert_false(proc_is_running(watcher.proc));
    assert_string_equal(watcher.text[PROC_STDOUT].ptr, "one||last|");
    assert_string_equal(watcher.text[PROC_STDERR].ptr, "bad|");
    assert_int_equal(watcher.end.how, PROC_EXITED);
    assert_int_equal(watcher.end.status, 3);
    assert_false(proc_end_ok(&watcher.end));
    assert_int_equal(watcher.end.bytes[PROC_STDOUT], 9);
    assert_int_equal(watcher.end.dropped[PROC_STDOUT], 0);
    assert_true(watcher.end.elapsed_us > 0);
    struct strbuf text = {0};
    proc_end_text(&watcher.end, &text);
    assert_string_equal(text.ptr, "exit status 3");
    strbuf_release(&text);
    release(&watcher);
}

static void fault_F45_hostile_arguments_reach_the_child_unchanged(void **state)
{
    (void)state;
    const char *const argv[] = {"sh",     "-c",   "for a; do printf '%s\\n' \"$a\"; done",
                                "script", "a b",  "$(touch /tmp/gonogo-owned)",
                                "-rf",    "`id`", "; exit 9",
                                "*",      "\\",   "'\"",
                                "",       NULL};
    struct watcher watcher = {0};
    start(&watcher, shell(argv));
    until_end(&watcher);
    assert_string_equal(watcher.text[PROC_STDOUT].ptr,
                        "a b|$(touch /tmp/gonogo-owned)|-rf|`id`|; exit 9|*|\\|'\"||");
    assert_true(proc_end_ok(&watcher.end));
    assert_int_equal(access("/tmp/gonogo-owned", F_OK), -1);
    release(&watcher);
}

static void fault_F45_program_with_a_hostile_name_is_started_by_path(void **state)
{
    (void)state;
    char folder[] = "/tmp/gonogo-proc.XXXXXX";
    char path[128];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/-a b;$(id) `x`", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs("#!/bin/sh\necho \"$PWD $1\"\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0755), 0);
    struct watcher watcher = {0};
    const char *const argv[] = {path, "x y", NULL};
    start(&watcher, (struct proc_spec){.path = path, .argv = argv, .directory = folder});
    until_end(&watcher);
    struct strbuf expected = {0};
    strbuf_format(&expected, "%s x y|", folder);
    assert_string_equal(watcher.text[PROC_STDOUT].ptr, expected.ptr);
    strbuf_release(&expected);
    release(&watcher);
    (void)unlink(path);
    (void)rmdir(folder);
}

static void environment_is_exactly_the_callers(void **state)
{
    (void)state;
    assert_int_equal(setenv("PGPASSWORD", "canary", 1), 0);
    const char *const argv[] = {"env", NULL};
    const char *const envp[] = {"A=1 2", "LC_ALL=C", NULL};
    struct watcher watcher = {0};
    start(&watcher, (struct proc_spec){.path = "/usr/bin/env", .argv = argv, .envp = envp});
    until_end(&watcher);
    assert_string_equal(watcher.text[PROC_STDOUT].ptr, "A=1 2|LC_ALL=C|");
    release(&watcher);
    watcher = (struct watcher){0};
    start(&watcher, (struct proc_spec){.path = "/usr/bin/env", .argv = argv});
    until_end(&watcher);
    assert_int_equal(watcher.text[PROC_STDOUT].len, 0);
    release(&watcher);
    assert_int_equal(unsetenv("PGPASSWORD"), 0);
}

static void failed_exec_is_told_with_its_reason(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *folder;
        int failure;
    } cases[] = {{"/nonexistent/program", NULL, ENOENT},
                 {"/etc/passwd", NULL, EACCES},
                 {"/bin", NULL, EACCES},
                 {"/bin/sh", "/nonexistent", ENOENT}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct watcher watcher = {0};
        const char *const argv[] = {"x", "-c", ":", NULL};
        start(&watcher, (struct proc_spec){
                            .path = cases[i].path, .argv = argv, .directory = cases[i].folder});
        until_end(&watcher);
        assert_int_equal(watcher.end.how, PROC_NOT_STARTED);
        assert_int_equal(watcher.end.exec_errno, cases[i].failure);
        struct strbuf text = {0};
        proc_end_text(&watcher.end, &text);
        assert_true(str_starts(strbuf_str(&text), "not started: "));
        strbuf_release(&text);
        release(&watcher);
    }
}

static void large_input_is_fed_while_output_is_read(void **state)
{
    (void)state;
    enum {
        SIZE = 3000000
    };
    char *bytes = mem_alloc(SIZE);
    memset(bytes, 'x', SIZE);
    struct watcher watcher = {0};
    struct proc_spec spec = SHELL("exec cat");
    spec.input = (struct str){bytes, SIZE};
    spec.raw = true;
    spec.output_cap = SIZE;
    start(&watcher, spec);
    free(bytes); /* the child's input is a copy */
    until_end(&watcher);
    assert_int_equal(watcher.end.bytes[PROC_STDOUT], SIZE);
    assert_int_equal(watcher.end.dropped[PROC_STDOUT], 0);
    assert_true(proc_end_ok(&watcher.end));
    release(&watcher);
}

static void child_that_ignores_its_input_ends_well(void **state)
{
    (void)state;
    static char bytes[1000000];
    struct watcher watcher = {0};
    struct proc_spec spec = SHELL("exec 0<&-; echo done");
    spec.input = (struct str){bytes, sizeof(bytes)};
    start(&watcher, spec);
    until_end(&watcher);
    assert_string_equal(watcher.text[PROC_STDOUT].ptr, "done|");
    assert_true(proc_end_ok(&watcher.end));
    release(&watcher);
}

static void input_without_bytes_is_empty_or_the_given_descriptor(void **state)
{
    (void)state;
    struct watcher watcher = {0};
    start(&watcher, SHELL("wc -c"));
    until_end(&watcher);
    assert_string_equal(watcher.text[PROC_STDOUT].ptr, "0|");
    release(&watcher);
    int pair[2];
    assert_int_equal(pipe(pair), 0);
    assert_int_equal(write(pair[1], "12345", 5), 5);
    (void)close(pair[1]);
    watcher = (struct watcher){0};
    struct proc_spec spec = SHELL("wc -c");
    spec.input_fd = pair[0];
    start(&watcher, spec);
    (void)close(pair[0]);
    until_end(&watcher);
    assert_string_equal(watcher.text[PROC_STDOUT].ptr, "5|");
    release(&watcher);
}

static void output_goes_to_the_given_file(void **state)
{
    (void)state;
    char path[] = "/tmp/gonogo-out.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd > 2);
    struct watcher watcher = {0};
    struct proc_spec spec = SHELL("echo to file; echo progress >&2");
    spec.output_fd = fd;
    start(&watcher, spec);
    until_end(&watcher);
    assert_string_equal(watcher.text[PROC_STDERR].ptr, "progress|");
    assert_int_equal(watcher.calls[PROC_STDOUT], 0);
    char text[16] = "";
    assert_int_equal(pread(fd, text, sizeof(text), 0), 8);
    assert_string_equal(text, "to file\n");
    release(&watcher);
    (void)close(fd);
    (void)unlink(path);
}

static void long_line_comes_in_pieces(void **state)
{
    (void)state;
    struct watcher watcher = {0};
    start(&watcher, SHELL("head -c 20000 /dev/zero | tr '\\0' x; echo; echo end"));
    until_end(&watcher);
    assert_int_equal(watcher.longest, PROC_LINE_MAX);
    assert_int_equal(watcher.calls[PROC_STDOUT], 4);
    assert_true(str_ends(strbuf_str(&watcher.text[PROC_STDOUT]), "|end|"));
    release(&watcher);
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

static void nothing_of_ours_goes_through_exec(void **state)
{
    (void)state;
    int leaky = open("/dev/null", O_RDONLY); /* somebody forgot O_CLOEXEC */
    int high = fcntl(leaky, F_DUPFD, 700);
    assert_true(leaky > 2 && high >= 700);
    (void)signal(SIGHUP, SIG_IGN);
    struct watcher watcher = {0};
    /*
     * ls itself opens the folder as one more descriptor. Signals 32 and 33 are libc's own:
     * nobody can set them, and they may come ignored from whoever started us. The last seven
     * digits are signals 1 to 28.
     */
    start(&watcher,
          SHELL("ls /proc/self/fd; "
                "awk '/^Sig(Blk|Ign)/ { print $1 substr($2, 10) }' /proc/self/status"));
    until_end(&watcher);
    assert_string_equal(watcher.text[PROC_STDOUT].ptr,
                        "0|1|2|3|SigBlk:0000000|SigIgn:0000000|");
    release(&watcher);
    (void)signal(SIGHUP, SIG_DFL);
    (void)close(leaky);
    (void)close(high);
}

static void child_runs_as_another_user_or_not_at_all(void **state)
{
    (void)state;
    struct watcher watcher = {0};
    struct proc_spec spec = SHELL("id -u; id -g; id -G");
    spec.envp = (const char *const[]){"PATH=/usr/bin:/bin", NULL};
    spec.run_as = true;
    spec.uid = 65534;
    spec.gid = 65533;
    spec.death_signal = SIGKILL;
    start(&watcher, spec);
    until_end(&watcher);
    if (geteuid() == 0) {
        assert_string_equal(watcher.text[PROC_STDOUT].ptr, "65534|65533|65533|");
    } else {
        assert_int_equal(watcher.end.how, PROC_NOT_STARTED);
        assert_int_equal(watcher.end.exec_errno, EPERM);
    }
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

static void bare_names_resolve_in_the_fixed_folders_only(void **state)
{
    (void)state;
    static const char *const folders[] = {"/nonexistent", "/usr/bin", "/bin", NULL};
    static const char *const refused[] = {"no-such-program", "",          ".",       "..",
                                          "/bin/sh",         "../bin/sh", "\x1b[31m"};
    struct arena arena = {0};
    struct err err = {0};
    const char *path = NULL;
    assert_true(proc_find(&arena, "env", folders, &path, &err));
    assert_string_equal(path, "/usr/bin/env");
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        assert_false(proc_find(&arena, refused[i], folders, &path, &err));
        assert_int_equal(err.kind, ERR_USAGE);
        assert_null(strchr(err.message, '\x1b'));
        assert_non_null(strstr(err.hint, "/usr/bin"));
    }
    assert_false(proc_find(&arena, "passwd", (const char *const[]){"/etc", NULL}, &path, &err));
    arena_release(&arena);
}

static void no_descriptor_is_lost(void **state)
{
    (void)state;
    int before = open_descriptors();
    for (int i = 0; i < 20; i++) {
        struct watcher watcher = {0};
        struct proc_spec spec = SHELL("cat");
        spec.path = i % 2 == 0 ? "/bin/sh" : "/nonexistent";
        spec.input = STR("hello");
        start(&watcher, spec);
        until_end(&watcher);
        release(&watcher);
    }
    assert_int_equal(open_descriptors(), before);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    (void)alarm(120);               /* watchdog */
    (void)signal(SIGPIPE, SIG_IGN); /* as the program does; a child may close its input early */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_arrives_line_by_line_from_both_streams),
        cmocka_unit_test(fault_F45_hostile_arguments_reach_the_child_unchanged),
        cmocka_unit_test(fault_F45_program_with_a_hostile_name_is_started_by_path),
        cmocka_unit_test(environment_is_exactly_the_callers),
        cmocka_unit_test(failed_exec_is_told_with_its_reason),
        cmocka_unit_test(large_input_is_fed_while_output_is_read),
        cmocka_unit_test(child_that_ignores_its_input_ends_well),
        cmocka_unit_test(input_without_bytes_is_empty_or_the_given_descriptor),
        cmocka_unit_test(output_goes_to_the_given_file),
        cmocka_unit_test(long_line_comes_in_pieces),
        cmocka_unit_test(fault_F45_flood_is_capped_counted_and_stopped_by_the_timeout),
        cmocka_unit_test(fault_F45_sleeper_that_ignores_sigterm_is_killed),
        cmocka_unit_test(fault_F45_forked_children_go_with_their_leader),
        cmocka_unit_test(descendant_outside_the_group_cannot_hold_us),
        cmocka_unit_test(stopped_child_can_be_stopped_for_good),
        cmocka_unit_test(freeing_a_running_child_kills_its_group),
        cmocka_unit_test(child_may_be_freed_in_its_last_callback),
        cmocka_unit_test(nothing_of_ours_goes_through_exec),
        cmocka_unit_test(child_runs_as_another_user_or_not_at_all),
        cmocka_unit_test(child_dies_with_its_parent_when_asked),
        cmocka_unit_test(bare_names_resolve_in_the_fixed_folders_only),
        cmocka_unit_test(no_descriptor_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
