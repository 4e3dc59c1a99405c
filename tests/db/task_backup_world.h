/* SPDX-License-Identifier: PostgreSQL */
/*
 * For tests of dump, proof and restore: a server with the database of the week 1 plan, a run
 * directory, and one task after another performed to its end.
 */
#ifndef GONOGO_TEST_TASK_BACKUP_WORLD_H
#define GONOGO_TEST_TASK_BACKUP_WORLD_H

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
    int64_t tables;           /* as the snapshot counts them */
    struct event event;       /* EVENT_TASK_DONE */
    struct event_item *proof; /* EVENT_PROOF */
    size_t proof_count;
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

static inline void run_psql(const char *file)
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

static inline void keep_proof(struct said *said, const struct event *event)
{
    said->proof = arena_array(&said->arena, event->item_count + 1, sizeof *said->proof);
    said->proof_count = event->item_count;
    for (size_t i = 0; i < event->item_count; i++) {
        said->proof[i] = event->items[i];
        said->proof[i].name = str_dup(&said->arena, event->items[i].name);
        said->proof[i].text = str_dup(&said->arena, event->items[i].text);
    }
}

static inline void on_event(void *ctx, const struct event *event)
{
    struct said *said = ctx;
    if (event->kind == EVENT_TASK) {
        said->progress++;
    } else if (event->kind == EVENT_SNAPSHOT) {
        said->snapshot = event->outcome == OUTCOME_OK && event->hash.len == SHA256_HEX;
        world.run.snapshots[MOMENT_BACKUP].hash = str_dup(&world.arena, event->hash);
        for (size_t i = 0; i < event->item_count; i++) {
            if (str_eq(event->items[i].kind, "tables")) {
                said->tables = event->items[i].value;
            }
        }
    } else if (event->kind == EVENT_ROWS) {
        said->rows = event->item_count > 0;
    } else if (event->kind == EVENT_PROOF) {
        assert_int_equal(said->done, 0); /* before the end is told */
        keep_proof(said, event);
    } else if (event->kind == EVENT_TASK_DONE) {
        said->done++;
        said->event = *event;
        said->text = str_dup(&said->arena, event->text);
        said->detail = str_dup(&said->arena, event->detail);
        said->event.name = str_dup(&said->arena, event->name);
        said->event.hash = str_dup(&said->arena, event->hash);
    }
}

static inline int64_t clock_us(void *ctx)
{
    (void)ctx;
    return loop_wall_us();
}

static inline void read_plan(void)
{
    struct strbuf text = {0};
    assert_true(
        files_read(AT_FDCWD, PLAN_FOLDER "/plan.yaml", PLAN_SIZE_MAX, &text, NULL, NULL));
    world.plan =
        plan_read(strbuf_str(&text), STR("plan.yaml"), &world.arena, &world.diagnostics);
    strbuf_release(&text);
    assert_non_null(world.plan);
}

static inline int set_up(void **state)
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

static inline int tear_down(void **state)
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

static inline struct app_task *begin(enum task kind, int index)
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

static inline void run_rounds_until_done(struct app_task *task)
{
    struct err err = {0};
    int64_t limit_us = loop_now_us() + LIMIT_SECONDS * US_PER_SECOND;
    while (world.said.done == 0 && loop_now_us() < limit_us) {
        assert_true(loop_run_once(world.loop, US_PER_SECOND, &err));
    }
    assert_int_equal(world.said.done, 1);
    assert_true(task_has_ended(task));
}

static inline void perform(enum task kind, int index)
{
    struct app_task *task = begin(kind, index);
    run_rounds_until_done(task);
    task_free(task);
    assert_int_equal(loop_count(world.loop), 0);
}

static inline void show(void)
{
    print_message("# %.*s | %.*s\n", STR_ARG(world.said.text), STR_ARG(world.said.detail));
}

static inline void expect_ok(void)
{
    if (world.said.event.outcome != OUTCOME_OK) {
        show();
    }
    assert_int_equal(world.said.event.outcome, OUTCOME_OK);
}

/* What the engine does with the event of a dump. */
static inline void note_dump(void)
{
    struct run_backup *backup = &world.backups[0];
    backup->name = str_dup(&world.arena, world.said.event.name);
    backup->hash = str_dup(&world.arena, world.said.event.hash);
    backup->size = world.said.event.size;
    backup->level = world.said.event.level;
}

static inline void dump_well(void)
{
    perform(TASK_DUMP, 0);
    expect_ok();
    note_dump();
}

static const char *backup_path(const char *name)
{
    return str_format(&world.arena, "%s/backup/%s", journal_directory(world.journal), name).ptr;
}

static inline int open_backup_folder(void)
{
    int fd = files_open_directory(AT_FDCWD, backup_path("."), NULL, NULL);
    assert_true(fd >= 0);
    return fd;
}

static inline size_t count_files(const char *ending)
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
static inline size_t next_number(void)
{
    size_t number = 1;
    struct stat info;
    while (lstat(backup_path(str_format(&world.arena, "dump-%zu.dump", number).ptr), &info) ==
           0) {
        number++;
    }
    return number;
}

static inline bool has_children(void)
{
    errno = 0;
    siginfo_t info = {0};
    /* The test server is a child of with-server or of ours and never ends here. */
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

static inline void write_file(const char *name, struct str bytes)
{
    int fd = open_backup_folder();
    assert_true(files_write_atomic(fd, name, bytes, 0600, NULL, NULL));
    close(fd);
}

static inline void read_file(const char *name, struct strbuf *out)
{
    int fd = open_backup_folder();
    assert_true(files_read_beneath(fd, str_from(name), (size_t)1 << 30, out, NULL, NULL));
    close(fd);
}

#endif
