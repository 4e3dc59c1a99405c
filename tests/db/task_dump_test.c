/* SPDX-License-Identifier: PostgreSQL */
/*
 * Dumps and proofs that do not go well on a real server: a lock that somebody holds, programs
 * that lie, a hand that stops it, a process that is killed, a password.
 */
#include "task_backup_world.h"

static void fault_F35_a_held_table_ends_the_dump(void **state)
{
    (void)state;
    char conninfo[512];
    (void)snprintf(conninfo, sizeof conninfo, "host=%s port=%s user=app_owner dbname=app",
                   test_server_socket_dir(test_server_get()),
                   test_server_port(test_server_get()));
    PGconn *holder = PQconnectdb(conninfo);
    assert_int_equal(PQstatus(holder), CONNECTION_OK);
    PQclear(PQexec(holder, "begin"));
    PQclear(PQexec(holder, "lock table public.quests in access exclusive mode"));
    size_t dumps = count_files(".dump");
    perform(TASK_DUMP, 0);
    assert_int_equal(world.said.event.outcome, OUTCOME_FAILED);
    assert_non_null(strstr(str_text(&world.arena, world.said.text), "lock"));
    assert_int_equal(count_files(".dump"), dumps);
    assert_int_equal(count_files(".partial"), 0);
    PQfinish(holder);
}

/* A folder with the real programs but for pg_dump, which is this script. */
static void fake_dump(const char *script)
{
    static const char *const real[] = {"initdb", "postgres", "pg_restore"};
    char folder[128];
    char path[512];
    char target[512];
    (void)snprintf(folder, sizeof folder, "%s/bin", world.root);
    if (mkdir(folder, 0755) != 0) {
        assert_int_equal(errno, EEXIST);
    }
    for (size_t i = 0; i < COUNT_OF(real); i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, real[i]);
        (void)snprintf(target, sizeof target, "%s/%s", test_server_bindir(), real[i]);
        if (symlink(target, path) != 0) {
            assert_int_equal(errno, EEXIST);
        }
    }
    (void)snprintf(path, sizeof path, "%s/pg_dump", folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    assert_true(fd >= 0);
    static const char head[] = "#!/bin/sh\nfile=; for a; do case $a in --file=*) "
                               "file=${a#--file=};; esac; done\n"
                               "version() { echo \"pg_dump (PostgreSQL) $1\"; exit 0; }\n";
    assert_int_equal(write(fd, head, sizeof head - 1), sizeof head - 1);
    assert_int_equal(write(fd, script, strlen(script)), strlen(script));
    assert_int_equal(close(fd), 0);
    assert_int_equal(setenv("GONOGO_BINDIR", folder, 1), 0);
}

static void fault_F34_a_lying_pg_dump_is_no_backup(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        const char *script;
    } liars[] = {
        {"too old", "[ \"$1\" = --version ] && version 9.6.1\nexit 0\n"},
        {"no version", "exit 1\n"},
        {"empty file", "[ \"$1\" = --version ] && version 15.1\n: >\"$file\"\nexit 0\n"},
        {"no file", "[ \"$1\" = --version ] && version 15.1\nrm \"$file\"\nexit 0\n"},
        {"status 1 after writing",
         "[ \"$1\" = --version ] && version 15.1\necho PGDMP >\"$file\"\nexit 1\n"},
        {"only complains", "[ \"$1\" = --version ] && version 15.1\n"
                           "echo 'pg_dump: error: no' >&2\nexit 0\n"},
        {"complains and writes", "[ \"$1\" = --version ] && version 15.1\necho x >\"$file\"\n"
                                 "echo 'pg_dump: error: no' >&2\nexit 0\n"},
        {"killed", "[ \"$1\" = --version ] && version 15.1\necho x >\"$file\"\nkill -9 $$\n"},
    };
    size_t dumps = count_files(".dump");
    for (size_t i = 0; i < COUNT_OF(liars); i++) {
        fake_dump(liars[i].script);
        perform(TASK_DUMP, 0);
        if (world.said.event.outcome != OUTCOME_FAILED) {
            print_message("# %s\n", liars[i].what);
        }
        assert_int_equal(world.said.event.outcome, OUTCOME_FAILED);
        assert_int_equal(count_files(".dump"), dumps);
        assert_int_equal(count_files(".partial"), 0);
    }
    assert_int_equal(unsetenv("GONOGO_BINDIR"), 0);
}

static bool process_is_gone(pid_t pid)
{
    int64_t limit_us = loop_now_us() + 5 * US_PER_SECOND;
    while (scratch_process_start(pid) != 0 && loop_now_us() < limit_us) {
        (void)poll(NULL, 0, 10);
    }
    return scratch_process_start(pid) == 0;
}

static void fault_F35_a_stopped_dump_leaves_no_child_and_no_file(void **state)
{
    (void)state;
    struct err err = {0};
    struct strbuf pids = {0};
    fake_dump("[ \"$1\" = --version ] && version 15.1\necho half >\"$file\"\n"
              "trap '' TERM\nsleep 1000 &\necho $! $$ >\"${file%.dump.partial}.pids\"\nwait\n");
    size_t dumps = count_files(".dump");
    struct app_task *task = begin(TASK_DUMP, 0);
    int64_t limit_us = loop_now_us() + 60 * US_PER_SECOND;
    while (count_files(".pids") == 0 && loop_now_us() < limit_us) {
        assert_true(loop_run_once(world.loop, 50 * US_PER_MS, &err));
    }
    task_kill(task);
    run_rounds_until_done(task);
    assert_int_equal(world.said.event.outcome, OUTCOME_FAILED);
    assert_int_equal(count_files(".dump"), dumps);
    assert_int_equal(count_files(".partial"), 0);
    task_free(task);
    struct arena arena = {0};
    struct files_list list = {0};
    int fd = open_backup_folder();
    assert_true(files_list(fd, &arena, &list, NULL));
    for (size_t i = 0; i < list.count; i++) {
        if (str_ends(list.entries[i].name, ".pids")) {
            read_file(list.entries[i].name.ptr, &pids);
            assert_true(files_remove(fd, list.entries[i].name.ptr, NULL));
        }
    }
    close(fd);
    arena_release(&arena);
    struct str rest = str_trim(strbuf_str(&pids));
    struct str piece;
    int seen = 0;
    while (str_cut(&rest, ' ', &piece)) {
        int64_t pid = 0;
        assert_true(str_to_i64(piece, &pid));
        assert_true(process_is_gone((pid_t)pid));
        seen++;
    }
    assert_int_equal(seen, 2);
    strbuf_release(&pids);
    assert_int_equal(unsetenv("GONOGO_BINDIR"), 0);
}

/* The program itself is killed in the middle of a dump: the kernel ends pg_dump. */
static void fault_F35_a_killed_program_leaves_no_child(void **state)
{
    (void)state;
    struct strbuf text = {0};
    fake_dump("[ \"$1\" = --version ] && version 15.1\n"
              "echo $$ >\"${file%.dump.partial}.pids\"\nexec sleep 1000\n");
    pid_t program = fork();
    if (program == 0) {
        struct err err = {0};
        struct app_task *task = task_start(TASK_DUMP, 0, &world.context, &err);
        while (task != NULL && loop_run_once(world.loop, US_PER_SECOND, &err)) {
            continue;
        }
        _exit(1);
    }
    char name[64];
    (void)snprintf(name, sizeof name, "dump-%zu.pids", next_number());
    int64_t limit_us = loop_now_us() + 60 * US_PER_SECOND;
    while (str_find_byte(strbuf_str(&text), '\n', 0) == text.len && loop_now_us() < limit_us) {
        strbuf_clear(&text);
        (void)poll(NULL, 0, 10);
        if (count_files(".pids") > 0) {
            read_file(name, &text);
        }
    }
    int64_t pid = 0;
    assert_true(str_to_i64(str_trim(strbuf_str(&text)), &pid));
    assert_int_equal(kill(program, SIGKILL), 0);
    assert_int_equal(waitpid(program, NULL, 0), program);
    assert_true(process_is_gone((pid_t)pid));
    int fd = open_backup_folder();
    assert_true(files_remove(fd, name, NULL));
    close(fd);
    strbuf_release(&text);
    assert_int_equal(unsetenv("GONOGO_BINDIR"), 0);
}

/* What a killed process left is swept by the next task, and does not stand in its way. */
static void fault_F35_leftovers_of_a_killed_process_are_swept(void **state)
{
    (void)state;
    struct strbuf next = {0};
    strbuf_format(&next, "dump-%zu.dump.partial", next_number());
    write_file(next.ptr, STR("half"));
    write_file("pass-0-0", STR("*:*:*:*:secret"));
    dump_well();
    assert_int_equal(count_files(".partial"), 0);
    assert_int_equal(count_files("pass-0-0"), 0);
    strbuf_release(&next);
}

static void a_proof_can_be_stopped_at_any_moment(void **state)
{
    (void)state;
    struct err err = {0};
    dump_well();
    for (int rounds = 0; rounds < 1500; rounds = rounds * 2 + 5) {
        struct app_task *task = begin(TASK_PROVE, 0);
        for (int i = 0; i < rounds && world.said.done == 0; i++) {
            assert_true(loop_run_once(world.loop, US_PER_SECOND, &err));
        }
        if (world.said.done == 0) {
            task_kill(task);
            run_rounds_until_done(task);
            /* Once the copy was compared and only its server is being ended, the outcome
             * stands. */
            bool proved = world.said.event.outcome == OUTCOME_OK &&
                          world.said.event.level == PLAN_LEVEL_COMPARED;
            assert_true(proved || world.said.event.outcome == OUTCOME_FAILED);
        }
        task_free(task);
        assert_int_equal(loop_count(world.loop), 0);
    }
    assert_false(has_children());
}

static void fault_F43_a_password_leaves_no_trace(void **state)
{
    (void)state;
    static const char secret[] = "c4n4ry:p\\ss";
    struct strbuf seen = {0};
    db_params_set(&world.params, &world.arena, "password", secret);
    fake_dump(
        "[ \"$1\" = --version ] && version 15.1\n"
        "{ cat \"$PGPASSFILE\"; echo \"args $*\"; env; } >\"${file%.dump.partial}.seen\"\n"
        "exit 1\n");
    perform(TASK_DUMP, 0);
    db_params_set(&world.params, &world.arena, "password", NULL);
    assert_int_equal(unsetenv("GONOGO_BINDIR"), 0);
    struct arena arena = {0};
    struct files_list list = {0};
    int fd = open_backup_folder();
    assert_true(files_list(fd, &arena, &list, NULL));
    for (size_t i = 0; i < list.count; i++) {
        assert_false(str_starts(list.entries[i].name, "pass-"));
        if (str_ends(list.entries[i].name, ".seen")) {
            read_file(list.entries[i].name.ptr, &seen);
            assert_true(files_remove(fd, list.entries[i].name.ptr, NULL));
        }
    }
    close(fd);
    arena_release(&arena);
    struct str rest = strbuf_str(&seen);
    struct str line;
    assert_true(str_cut(&rest, '\n', &line));
    assert_true(str_eq(line, "*:*:*:*:c4n4ry\\:p\\\\ss"));
    assert_null(strstr(rest.ptr, "c4n4ry"));
    strbuf_release(&seen);
}

/* The folder of dumps is there, with a good one in it. */
static int set_up_with_a_dump(void **state)
{
    int code = set_up(state);
    dump_well();
    return code;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_F35_a_held_table_ends_the_dump),
        cmocka_unit_test(fault_F34_a_lying_pg_dump_is_no_backup),
        cmocka_unit_test(fault_F35_a_stopped_dump_leaves_no_child_and_no_file),
        cmocka_unit_test(fault_F35_a_killed_program_leaves_no_child),
        cmocka_unit_test(fault_F35_leftovers_of_a_killed_process_are_swept),
        cmocka_unit_test(a_proof_can_be_stopped_at_any_moment),
        cmocka_unit_test(fault_F43_a_password_leaves_no_trace),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("task_dump", tests, set_up_with_a_dump, tear_down);
}
