/* SPDX-License-Identifier: PostgreSQL */
/*
 * Backups on a real server: a dump that is proved, thirty that are broken and never are,
 * a server that holds a lock, programs that lie, a hand that stops it, and the way back.
 * The database is the one of the week 1 plan.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "scratch_place.h"
#include "server.h"
#include "task_private.h"

#define PLAN_FOLDER "plans/week1-wednesday"

enum {
    LIMIT_SECONDS = 120,
    DUMP_OPTION = 1, /* the plan's second rollback option restores the dump */
};

/* What one task said. */
struct said {
    struct arena arena;
    int done;
    int progress;
    bool snapshot;
    bool rows;
    int64_t tables;     /* as the snapshot counts them */
    struct event event; /* EVENT_TASK_DONE */
    struct str text;
    struct str detail;
};

struct world {
    struct arena arena;
    struct plan_diagnostics diagnostics;
    struct plan *plan;
    struct db_params params;
    struct journal *journal;
    struct loop *loop;
    struct run run;
    struct run_backup backups[2];
    struct task_context context;
    struct said said;
    char root[64];
};
static struct world world;

/* -------------------------------------------------------------------- set-up */

static void run_psql(const char *file)
{
    char program[512];
    (void)snprintf(program, sizeof program, "%s/psql", test_server_bindir());
    pid_t pid = fork();
    if (pid == 0) {
        (void)setenv("PGTZ", "UTC", 1);
        execl(program, "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h",
              test_server_socket_dir(test_server_get()), "-U", "app_owner", "-d", "app", "-f",
              file, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void on_event(void *ctx, const struct event *event)
{
    struct said *said = ctx;
    if (event->kind == EVENT_TASK) {
        said->progress++;
    } else if (event->kind == EVENT_SNAPSHOT) {
        said->snapshot = event->outcome == OUTCOME_OK && event->hash.len == SHA256_HEX;
        for (size_t i = 0; i < event->item_count; i++) {
            if (str_eq(event->items[i].kind, "tables")) {
                said->tables = event->items[i].value;
            }
        }
    } else if (event->kind == EVENT_ROWS) {
        said->rows = event->item_count > 0;
    } else if (event->kind == EVENT_TASK_DONE) {
        said->done++;
        said->event = *event;
        said->text = str_dup(&said->arena, event->text);
        said->detail = str_dup(&said->arena, event->detail);
        said->event.name = str_dup(&said->arena, event->name);
        said->event.hash = str_dup(&said->arena, event->hash);
    }
}

static int64_t clock_us(void *ctx)
{
    (void)ctx;
    return loop_wall_us();
}

static void read_plan(void)
{
    struct strbuf text = {0};
    assert_true(
        files_read(AT_FDCWD, PLAN_FOLDER "/plan.yaml", PLAN_SIZE_MAX, &text, NULL, NULL));
    world.plan =
        plan_read(strbuf_str(&text), STR("plan.yaml"), &world.arena, &world.diagnostics);
    strbuf_release(&text);
    assert_non_null(world.plan);
}

static int set_up(void **state)
{
    (void)state;
    struct err err = {0};
    struct journal_head head = {.format = JOURNAL_FORMAT,
                                .version = STR("test"),
                                .run = STR("20240131-080000-abcdef"),
                                .plan = STR("/plan.yaml"),
                                .name = STR("test"),
                                .target = STR("scratch")};
    (void)snprintf(world.root, sizeof world.root, "/tmp/gonogo-runs-XXXXXX");
    assert_non_null(mkdtemp(world.root));
    assert_int_equal(setenv("XDG_CACHE_HOME", world.root, 1), 0);
    test_database_create(test_server_get(), "app");
    run_psql(PLAN_FOLDER "/seed.sql");
    test_execute(test_server_get(), "postgres", "alter role app_owner createdb");
    read_plan();
    world.loop = loop_new();
    world.journal = journal_open_new(world.root, &head, loop_wall_us(), &err);
    if (world.journal == NULL) {
        print_message("# %s\n", err.message);
    }
    assert_non_null(world.journal);
    struct db_params *params = &world.params;
    db_params_set(params, &world.arena, "host", test_server_socket_dir(test_server_get()));
    db_params_set(params, &world.arena, "port", test_server_port(test_server_get()));
    db_params_set(params, &world.arena, "dbname", "app");
    db_params_set(params, &world.arena, "user", "app_owner");
    world.run.backups = world.backups;
    world.run.backup_count = 2;
    world.backups[0].backup = &world.plan->backup.items[0];
    world.backups[1].backup = &world.plan->backup.items[1];
    world.context = (struct task_context){.plan = world.plan,
                                          .target = &world.plan->targets.items[2],
                                          .run = &world.run,
                                          .run_id = head.run,
                                          .params = &world.params,
                                          .journal = world.journal,
                                          .loop = world.loop,
                                          .clock_us = clock_us,
                                          .emit = on_event,
                                          .ctx = &world.said};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    journal_close(world.journal);
    loop_free(world.loop);
    arena_release(&world.said.arena);
    plan_diagnostics_release(&world.diagnostics);
    arena_release(&world.arena);
    assert_true(scratch_folder_remove(world.root, NULL));
    return 0;
}

/* --------------------------------------------------------------------- tasks */

static struct app_task *begin(enum task kind, int index)
{
    struct err err = {0};
    arena_release(&world.said.arena);
    world.said = (struct said){0};
    struct app_task *task = task_start(kind, index, &world.context, &err);
    if (task == NULL) {
        print_message("# %s\n", err.message);
    }
    assert_non_null(task);
    return task;
}

static void run_rounds_until_done(struct app_task *task)
{
    struct err err = {0};
    int64_t limit_us = loop_now_us() + LIMIT_SECONDS * US_PER_SECOND;
    while (world.said.done == 0 && loop_now_us() < limit_us) {
        assert_true(loop_run_once(world.loop, US_PER_SECOND, &err));
    }
    assert_int_equal(world.said.done, 1);
    assert_true(task_has_ended(task));
}

static void perform(enum task kind, int index)
{
    struct app_task *task = begin(kind, index);
    run_rounds_until_done(task);
    task_free(task);
    assert_int_equal(loop_count(world.loop), 0);
}

static void show(void)
{
    print_message("# %.*s | %.*s\n", STR_ARG(world.said.text), STR_ARG(world.said.detail));
}

static void expect_ok(void)
{
    if (world.said.event.outcome != OUTCOME_OK) {
        show();
    }
    assert_int_equal(world.said.event.outcome, OUTCOME_OK);
}

/* What the engine does with the event of a dump. */
static void note_dump(void)
{
    struct run_backup *backup = &world.backups[0];
    backup->name = str_dup(&world.arena, world.said.event.name);
    backup->hash = str_dup(&world.arena, world.said.event.hash);
    backup->size = world.said.event.size;
    backup->level = world.said.event.level;
}

static void dump_well(void)
{
    perform(TASK_DUMP, 0);
    expect_ok();
    note_dump();
}

static const char *backup_path(const char *name)
{
    return str_format(&world.arena, "%s/backup/%s", journal_directory(world.journal), name).ptr;
}

static int open_backup_folder(void)
{
    int fd = files_open_directory(AT_FDCWD, backup_path("."), NULL, NULL);
    assert_true(fd >= 0);
    return fd;
}

static size_t count_files(const char *ending)
{
    struct arena arena = {0};
    struct files_list list = {0};
    int fd = open_backup_folder();
    size_t count = 0;
    assert_true(files_list(fd, &arena, &list, NULL));
    for (size_t i = 0; i < list.count; i++) {
        count += str_ends(list.entries[i].name, ending);
    }
    close(fd);
    arena_release(&arena);
    return count;
}

/* Of the dump that TASK_DUMP will make next. */
static size_t next_number(void)
{
    size_t number = 1;
    struct stat info;
    while (lstat(backup_path(str_format(&world.arena, "dump-%zu.dump", number).ptr), &info) ==
           0) {
        number++;
    }
    return number;
}

static bool has_children(void)
{
    errno = 0;
    siginfo_t info = {0};
    /* The test server is a child of with-server or of ours and never ends here. */
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

/* --------------------------------------------------------------- a good backup */

static void row_B8_a_dump_is_proved_up_to_compared(void **state)
{
    (void)state;
    dump_well();
    assert_int_equal(world.said.event.level, PLAN_LEVEL_DUMPED);
    assert_true(world.said.snapshot && world.said.rows && world.said.progress > 0);
    assert_int_equal(world.said.tables, 52);
    struct stat info;
    assert_int_equal(stat(backup_path(world.backups[0].name.ptr), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(info.st_size, world.backups[0].size);
    assert_int_equal(count_files(".partial"), 0);

    int64_t start_us = loop_now_us();
    perform(TASK_PROVE, 0);
    expect_ok();
    assert_int_equal(world.said.event.level, PLAN_LEVEL_COMPARED);
    assert_true(world.said.event.us > 0);
    assert_true(world.said.event.us < loop_now_us() - start_us);
    print_message("# %.*s\n", STR_ARG(world.said.text));
    assert_false(has_children());
}

/* ------------------------------------------------------------- broken backups */

struct bytes {
    struct strbuf text;
};

static void write_file(const char *name, struct str bytes)
{
    int fd = open_backup_folder();
    assert_true(files_write_atomic(fd, name, bytes, 0600, NULL, NULL));
    close(fd);
}

static void read_file(const char *name, struct strbuf *out)
{
    int fd = open_backup_folder();
    assert_true(files_read_beneath(fd, str_from(name), (size_t)1 << 30, out, NULL, NULL));
    close(fd);
}

/* As if the damage had been there when the dump was hashed: all records fit, only the bytes
 * are wrong. */
static void record_as_is(struct str bytes)
{
    struct strbuf facts = {0};
    struct strbuf fresh = {0};
    struct sha256_hex hash = sha256_of(bytes);
    const char *name = str_format(&world.arena, "%s.facts", world.backups[0].name.ptr).ptr;
    read_file(name, &facts);
    struct str body = strbuf_str(&facts);
    struct str line;
    assert_true(str_cut(&body, '\n', &line));
    char *at = strstr(facts.ptr, world.backups[0].hash.ptr);
    assert_non_null(at);
    memcpy(at, hash.text, SHA256_HEX);
    struct sha256_hex own = sha256_of(body);
    strbuf_format(&fresh, "%s\n", own.text);
    strbuf_add(&fresh, body);
    write_file(name, strbuf_str(&fresh));
    world.backups[0].hash = str_dup(&world.arena, sha256_str(&hash));
    world.backups[0].size = (int64_t)bytes.len;
    strbuf_release(&facts);
    strbuf_release(&fresh);
}

static void expect_no_proof(const char *what)
{
    perform(TASK_PROVE, 0);
    if (world.said.event.outcome == OUTCOME_OK ||
        world.said.event.level >= PLAN_LEVEL_COMPARED) {
        print_message("# %s: %.*s\n", what, STR_ARG(world.said.text));
    }
    assert_int_equal(world.said.event.outcome, OUTCOME_FAILED);
    assert_true(world.said.event.level < PLAN_LEVEL_COMPARED);
    assert_true(world.said.text.len > 0);
}

/* 24 seeded cuts and flipped bytes after the dump was recorded: none reads as a backup. */
static void fault_F33_damage_after_the_dump_is_seen(void **state)
{
    (void)state;
    struct strbuf good = {0};
    uint64_t random = 20240131;
    dump_well();
    read_file(world.backups[0].name.ptr, &good);
    for (int i = 0; i < 24; i++) {
        random = random * 6364136223846793005U + 1442695040888963407U;
        size_t place = (size_t)(random >> 33) % good.len;
        struct strbuf bad = {0};
        strbuf_add(&bad,
                   i % 2 == 0 ? str_slice(strbuf_str(&good), 0, place) : strbuf_str(&good));
        if (i % 2 == 1) {
            bad.ptr[place] = (char)(bad.ptr[place] ^ (1 << (i % 8)));
        }
        write_file(world.backups[0].name.ptr, strbuf_str(&bad));
        expect_no_proof("damage afterwards");
        assert_int_equal(world.said.event.level, PLAN_LEVEL_UNSAID);
        strbuf_release(&bad);
    }
    strbuf_release(&good);
}

static void make_other_dump(const char *compression, const char *database, struct strbuf *out)
{
    char program[512];
    const char *path = backup_path("other.dump");
    (void)snprintf(program, sizeof program, "%s/pg_dump", test_server_bindir());
    pid_t pid = fork();
    if (pid == 0) {
        execl(program, "pg_dump", "-Fc", compression, "-h",
              test_server_socket_dir(test_server_get()), "-U", "app_owner", "-f", path,
              database, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    read_file("other.dump", out);
}

/* The same before it was recorded, where only reading and restoring can tell. */
static void fault_F33_damage_before_the_hash_is_seen(void **state)
{
    (void)state;
    struct strbuf good = {0};
    struct strbuf plain = {0};
    struct strbuf foreign = {0};
    dump_well();
    read_file(world.backups[0].name.ptr, &good);
    make_other_dump("-Z0", "app", &plain);
    test_database_drop(test_server_get(), "other");
    test_execute(test_server_get(), "postgres", "create database other template app");
    make_other_dump("-Z6", "other", &foreign);
    test_database_drop(test_server_get(), "other");
    struct str whole = strbuf_str(&good);
    struct {
        const char *what;
        struct str bytes;
    } variants[] = {
        {"empty", {"", 0}},
        {"header only", str_slice(whole, 0, 20)},
        {"cut at 60 %", str_slice(whole, 0, whole.len * 6 / 10)},
        {"cut before the last byte of the contents", str_slice(whole, 0, whole.len - 10)},
        {"cut at 60 %, not compressed", str_slice(strbuf_str(&plain), 0, plain.len * 6 / 10)},
        {"another database", strbuf_str(&foreign)},
    };
    for (size_t i = 0; i < COUNT_OF(variants); i++) {
        write_file(world.backups[0].name.ptr, variants[i].bytes);
        record_as_is(variants[i].bytes);
        expect_no_proof(variants[i].what);
        print_message("# %s: %.*s\n", variants[i].what, STR_ARG(world.said.text));
    }
    strbuf_release(&good);
    strbuf_release(&plain);
    strbuf_release(&foreign);
}

/* Nothing in an uncompressed archive notices a flipped byte, and no count does: the rows must
 * be read. */
static void fault_F33_a_flipped_byte_that_restores_is_seen(void **state)
{
    (void)state;
    static const char text[] = "Dark colour theme";
    struct strbuf plain = {0};
    dump_well();
    make_other_dump("-Z0", "app", &plain);
    write_file(world.backups[0].name.ptr, strbuf_str(&plain));
    record_as_is(strbuf_str(&plain));
    perform(TASK_PROVE, 0);
    expect_ok();
    size_t at = 0;
    while (!str_starts(str_slice(strbuf_str(&plain), at, plain.len), text)) {
        at++;
        assert_true(at < plain.len);
    }
    plain.ptr[at] = 'd';
    write_file(world.backups[0].name.ptr, strbuf_str(&plain));
    record_as_is(strbuf_str(&plain));
    expect_no_proof("a flipped byte");
    assert_int_equal(world.said.event.level, PLAN_LEVEL_RESTORED);
    assert_int_equal(world.said.event.item_count, 1);
    strbuf_release(&plain);
}

/* A dump of the same database, taken after somebody wrote to it, is not this backup. */
static void fault_F33_one_row_more_is_a_difference(void **state)
{
    (void)state;
    struct strbuf later = {0};
    dump_well();
    test_execute(test_server_get(), "app",
                 "insert into public.tags select * from public.tags "
                 "where false; create view public.one_more as select 1");
    make_other_dump("-Z6", "app", &later);
    test_execute(test_server_get(), "app", "drop view public.one_more");
    write_file(world.backups[0].name.ptr, strbuf_str(&later));
    record_as_is(strbuf_str(&later));
    expect_no_proof("one view more");
    assert_int_equal(world.said.event.level, PLAN_LEVEL_RESTORED);
    assert_true(world.said.event.item_count > 0);
    strbuf_release(&later);
}

/* --------------------------------------------------------- locks, hands, liars */

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
            assert_int_equal(world.said.event.outcome, OUTCOME_FAILED);
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

/* ---------------------------------------------------------------- the way back */

static char *restored_name(void)
{
    struct arena arena = {0};
    char *name = mem_text(task_restored_name(&arena, STR("app"), world.context.run_id).ptr);
    arena_release(&arena);
    return name;
}

static void row_B9_the_way_back_fills_a_new_database(void **state)
{
    (void)state;
    char *name = restored_name();
    dump_well();
    test_database_drop(test_server_get(), name);
    perform(TASK_RESTORE, DUMP_OPTION);
    expect_ok();
    assert_int_equal(world.said.event.level, PLAN_LEVEL_COMPARED);
    assert_true(str_eq(world.said.event.name, name));
    assert_int_equal(
        test_query_number(test_server_get(), name, "select count(*) from public.notifications"),
        test_query_number(test_server_get(), "app",
                          "select count(*) from public.notifications"));
    char *mark = test_query(test_server_get(), "postgres",
                            "select count(*) from pg_shdescription where objoid = (select oid "
                            "from pg_database where datname like 'app_restored%')");
    assert_string_equal(mark, "0");
    free(mark);

    /* once more: the name is taken, by a database that nobody says is ours to drop */
    perform(TASK_RESTORE, DUMP_OPTION);
    assert_int_equal(world.said.event.outcome, OUTCOME_FAILED);
    assert_non_null(strstr(str_text(&world.arena, world.said.text), "exists already"));
    assert_true(test_query_number(test_server_get(), name,
                                  "select count(*) from public.notifications") > 0);
    test_database_drop(test_server_get(), name);
    free(name);
}

static void fault_F36_a_failed_way_back_leaves_no_half_database(void **state)
{
    (void)state;
    struct strbuf good = {0};
    char sql[256];
    char *name = restored_name();
    dump_well();
    read_file(world.backups[0].name.ptr, &good);
    struct str cut = str_slice(strbuf_str(&good), 0, good.len * 6 / 10);
    write_file(world.backups[0].name.ptr, cut);
    record_as_is(cut);
    perform(TASK_RESTORE, DUMP_OPTION);
    assert_int_equal(world.said.event.outcome, OUTCOME_FAILED);
    (void)snprintf(sql, sizeof sql, "select count(*) from pg_database where datname = '%s'",
                   name);
    assert_int_equal(test_query_number(test_server_get(), "postgres", sql), 0);
    strbuf_release(&good);
    free(name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_B8_a_dump_is_proved_up_to_compared),
        cmocka_unit_test(fault_F33_damage_after_the_dump_is_seen),
        cmocka_unit_test(fault_F33_damage_before_the_hash_is_seen),
        cmocka_unit_test(fault_F33_a_flipped_byte_that_restores_is_seen),
        cmocka_unit_test(fault_F33_one_row_more_is_a_difference),
        cmocka_unit_test(fault_F35_a_held_table_ends_the_dump),
        cmocka_unit_test(fault_F34_a_lying_pg_dump_is_no_backup),
        cmocka_unit_test(fault_F35_a_stopped_dump_leaves_no_child_and_no_file),
        cmocka_unit_test(fault_F35_a_killed_program_leaves_no_child),
        cmocka_unit_test(fault_F35_leftovers_of_a_killed_process_are_swept),
        cmocka_unit_test(a_proof_can_be_stopped_at_any_moment),
        cmocka_unit_test(fault_F43_a_password_leaves_no_trace),
        cmocka_unit_test(row_B9_the_way_back_fills_a_new_database),
        cmocka_unit_test(fault_F36_a_failed_way_back_leaves_no_half_database),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("task_backup", tests, set_up, tear_down);
}
