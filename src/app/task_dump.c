/* SPDX-License-Identifier: PostgreSQL */
/*
 * TASK_DUMP: a backup with pg_dump, of exactly the snapshot that was counted.
 *
 *   connect · programs and their versions · export a snapshot and ask everything in it ·
 *   pg_dump into NAME.partial · synced, renamed · hashed · what the source said beside it
 *
 * pg_dump waits for no lock longer than a minute. Whatever goes wrong, no half file is left.
 */
#include "task_private.h"

#include <fcntl.h>
#include <unistd.h>

#include "files.h"

static void connect_source(struct app_task *task)
{
    enum plan_backup_format format = task->backup->format;
    if (format == PLAN_FORMAT_DIRECTORY || format == PLAN_FORMAT_PLAIN) {
        struct err err = {0};
        err_set(&err, ERR_USAGE, "a dump in %s format is not built yet",
                format == PLAN_FORMAT_PLAIN ? "plain" : "directory");
        err_hint(&err, "No backup was taken. Write `format: custom`.");
        task_fail(task, &err);
        return;
    }
    task_tell(task, "connecting", 0, 0, true);
    task_connect_target(task, NULL);
}

static int server_version(struct app_task *task)
{
    return db_server_version(task_session_db(task->session));
}

static void find_programs(struct app_task *task)
{
    struct err err = {0};
    enum {
        MAJOR = 10000
    };
    if (task_find_tools_blocking(task, server_version(task) / MAJOR, &err)) {
        task_next(task);
    } else {
        err_hint(&err, "No backup was taken. Install the client programs of PostgreSQL.");
        task_fail(task, &err);
    }
}

static void judge_versions(struct app_task *task)
{
    struct err err = {0};
    /* Whether a throw-away server of the same major is there is the proof's question. */
    if (pgtools_versions_fit(&task->tools.dump_version, &task->tools.restore_version, 0,
                             server_version(task), &err)) {
        task_next(task);
    } else {
        task_fail(task, &err);
    }
}

static void ask_source(struct app_task *task)
{
    task->done.value = task->context.clock_us(task->context.ctx);
    task_gather_facts(task, &task->source, true);
}

/* The catalog at the moment of the dump becomes the run's snapshot "backup". */
static void tell_snapshot(struct app_task *task)
{
    struct strbuf text = {0};
    struct sha256_hex name = {0};
    struct err err = {0};
    const struct catalog_snapshot *catalog = &task->source.catalog;
    struct event event = {.kind = EVENT_SNAPSHOT,
                          .moment = MOMENT_BACKUP,
                          .outcome = OUTCOME_OK,
                          .script = -1,
                          .check = -1};
    struct event_item counts[COUNT__COUNT] = {0};
    struct event_item *rows =
        arena_array(&task->arena, task->source.tables.count, sizeof *rows);
    for (size_t i = 0; i < task->source.tables.count; i++) {
        const struct catalog_table_rows *table = &task->source.tables.tables[i];
        rows[i].name = str_format(&task->arena, "%.*s.%.*s", STR_ARG(table->schema),
                                  STR_ARG(table->table));
        rows[i].value = table->rows;
        rows[i].flag = table->exact;
    }
    struct event rows_event = event;
    rows_event.kind = EVENT_ROWS;
    rows_event.items = rows;
    rows_event.item_count = task->source.tables.count;
    catalog_snapshot_write(catalog, &text);
    if (journal_store_blob(task->context.journal, strbuf_str(&text), &name, &err)) {
        for (size_t i = 0; i < COUNT__COUNT; i++) {
            counts[i].kind = str_from(catalog_count_infos[i].word);
            counts[i].name = counts[i].kind;
            counts[i].value = catalog->counts.value[i];
        }
        event.hash = sha256_str(&name);
        event.items = counts;
        event.item_count = COUNT_OF(counts);
    } else {
        event.outcome = OUTCOME_FAILED;
        event.text = str_from(err.message);
    }
    task->context.emit(task->context.ctx, &rows_event);
    task->context.emit(task->context.ctx, &event);
    strbuf_release(&text);
}

static void dump_ended(struct app_task *task)
{
    struct err err = {0};
    struct str partial = pgtools_partial_name(&task->arena, str_from(task->file));
    int64_t size = -1;
    int fd = files_open_beneath(task->folder_fd, partial, O_RDONLY, 0, NULL, NULL);
    if (fd >= 0 && !files_size(fd, &size, NULL)) {
        size = -1;
    }
    bool good = pgtools_run_passed(&task->progress, task->program_name, task->program_status,
                                   size, &err) &&
                files_sync(fd, &err);
    if (fd >= 0) {
        close(fd);
    }
    task_disconnect(task); /* the snapshot has served */
    if (!good || !files_rename(task->folder_fd, partial.ptr, task->file, &err)) {
        task_fail(task, &err);
        return;
    }
    task->partial = false;
    task->done.us = loop_now_us() - task->step_us;
    task->done.size = size;
    task_next(task);
}

static void run_dump(struct app_task *task)
{
    struct err err = {0};
    const char **environment = NULL;
    task_name_dump(task);
    struct str partial = pgtools_partial_name(&task->arena, str_from(task->file));
    int fd = files_create_exclusive(task->folder_fd, partial.ptr, 0600, NULL, &err);
    task->partial = fd >= 0;
    if (fd < 0 || !files_close(fd, &err) ||
        !task_target_environment(task, NULL, &environment, &err)) {
        task_fail(task, &err);
        return;
    }
    struct pgtools_dump dump = {
        .program = task->tools.dump,
        .file = str_from(task->path),
        .format = task->backup->format,
        .snapshot = task->source.snapshot,
        .lock_timeout_us = task->context.plan->safety.lock_timeout_us,
    };
    task->progress.total = (int64_t)task->source.tables.count;
    task->step_us = loop_now_us();
    task_tell(task, "pg_dump begins", 0, task->progress.total, true);
    task_run_program(task, pgtools_dump_argv(&task->arena, &dump), environment, false,
                     dump_ended);
}

static void dump_hashed(struct app_task *task, struct sha256_hex hex)
{
    struct err err = {0};
    task->done.hash = str_dup(&task->arena, sha256_str(&hex));
    if (task->hash.size != task->done.size) {
        err_set(&err, ERR_CHECK, "%s changed while it was read", task->file);
        err_hint(&err, "This is no backup. Find out who writes there, and take it again.");
        task_fail(task, &err);
        return;
    }
    if (!task_write_facts(task, task->done.hash, &err)) {
        task_fail(task, &err);
        return;
    }
    task_next(task);
}

static void hash_dump(struct app_task *task)
{
    struct err err = {0};
    task_tell(task, "hashing the dump", 0, 0, true);
    if (!task_hash_file(task, task->file, dump_hashed, &err)) {
        task_fail(task, &err);
    }
}

static void tell_result(struct app_task *task)
{
    tell_snapshot(task);
    task->done.level = PLAN_LEVEL_DUMPED;
    task->done.name = str_from(task->file);
    size_to_text(&task->done_text, task->done.size);
    strbuf_text(&task->done_text, " in ");
    duration_to_text(&task->done_text, task->done.us);
    if (task->progress.warnings > 0) {
        strbuf_format(&task->done_detail, "pg_dump warned %lld times, first: %s",
                      (long long)task->progress.warnings, task->progress.first_warning);
    }
    task_next(task);
}

const task_step task_dump_steps[] = {
    connect_source,
    find_programs,
    task_ask_dump_version,
    task_ask_restore_version,
    judge_versions,
    ask_source,
    run_dump,
    hash_dump,
    tell_result,
    NULL,
};
