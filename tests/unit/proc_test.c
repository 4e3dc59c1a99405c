/* SPDX-License-Identifier: PostgreSQL */
/*
 * How a child is started and what goes in and out of it: hostile names, large input, other
 * users, no descriptor and no setting that is not its own. Children for real.
 */
#include "proc_room.h"
#include "testing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

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
    test_write_file(path, STR("#!/bin/sh\necho \"$PWD $1\"\n"));
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
    prepare();
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
        cmocka_unit_test(nothing_of_ours_goes_through_exec),
        cmocka_unit_test(child_runs_as_another_user_or_not_at_all),
        cmocka_unit_test(bare_names_resolve_in_the_fixed_folders_only),
        cmocka_unit_test(no_descriptor_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
