/* SPDX-License-Identifier: PostgreSQL */
/*
 * TASK_RESTORE: the way back. The dump is restored into a new database beside the live
 * one, which nobody touches; only when the copy equals what was dumped, and its catalog
 * equals what stood there before the first change, may the names be exchanged (that is
 * the performer's).
 *
 * A database of that name which is there already is refused, unless it bears our own mark
 * "not finished" of this very run: then an earlier try broke off, and it is dropped.
 */
#include "task_private.h"

#include <inttypes.h>

enum {
    MAJOR = 10000
};

/* ------------------------------------------------------------------ the dump */

static const struct run_backup *backup_of(const struct app_task *task)
{
    const struct run *run = task->context.run;
    for (size_t i = 0; i < run->backup_count; i++) {
        if (str_is(run->backups[i].backup->id, task->option->from)) {
            return &run->backups[i];
        }
    }
    return NULL;
}

static void open_record(struct app_task *task)
{
    struct err err = {0};
    const struct run_backup *backup = backup_of(task);
    if (backup == NULL) {
        err_set(&err, ERR_USAGE, "the way back names no backup of the plan");
        task_fail(task, &err);
    } else if (task_use_dump(task, backup, &err) && task_read_facts(task, backup->hash, &err) &&
               task_find_tools_blocking(task, task->source.server_version / MAJOR, &err)) {
        task->expected_size = backup->size;
        task->expected_hash = str_dup(&task->arena, backup->hash);
        struct str name =
            task_restored_name(&task->arena, task->source.name, task->context.run_id);
        task->database = str_text(&task->arena, name);
        task_next(task);
    } else {
        task_fail(task, &err);
    }
}

/* -------------------------------------------------------- the new database */

static struct str mark_of(struct app_task *task)
{
    return str_format(&task->arena, "gonogo: restore of run %.*s, not finished",
                      STR_ARG(task->context.run_id));
}

static void connect_live(struct app_task *task)
{
    task_tell(task, "connecting", 0, 0, true);
    task_connect_target(task, NULL);
}

static bool take_existing(struct app_task *task, size_t index, const struct db_reply *reply,
                          struct err *err)
{
    (void)index;
    if (reply->rows.row_count == 0) {
        return true;
    }
    if (str_is(rows_text(&reply->rows, 0, 0), mark_of(task))) {
        task->database_is_ours = true;
        return true;
    }
    err_set(err, ERR_CHECK, "database \"%s\" exists already", task->database);
    err_hint(err, "Nothing was restored. Only a new, empty database is used: look at what it "
                  "is, drop or rename it, and choose the way back again.");
    return false;
}

static void look_for_name(struct app_task *task)
{
    struct task_statement *ask = arena_array(&task->arena, 1, sizeof *ask);
    ask->sql = "select pg_catalog.shobj_description(oid, 'pg_database') "
               "from pg_catalog.pg_database where datname = $1";
    ask->params[0] = task->database;
    ask->param_count = 1;
    task_run_statements(task, ask, 1, take_existing);
}

static struct str drop_sql(struct app_task *task)
{
    struct strbuf sql = {0};
    strbuf_text(&sql, "DROP DATABASE IF EXISTS ");
    pgtools_quote_name(&sql, str_from(task->database));
    struct str text = str_dup(&task->arena, strbuf_str(&sql));
    strbuf_release(&sql);
    return text;
}

static void comment_sql(struct app_task *task, struct strbuf *sql, struct str mark)
{
    strbuf_text(sql, "COMMENT ON DATABASE ");
    pgtools_quote_name(sql, str_from(task->database));
    strbuf_text(sql, " IS ");
    if (mark.len > 0) {
        pgtools_quote_literal(sql, mark);
    } else {
        strbuf_text(sql, "NULL");
    }
}

static bool take_created(struct app_task *task, size_t index, const struct db_reply *reply,
                         struct err *err)
{
    (void)err;
    (void)reply;
    if (index == 1) { /* DROP, CREATE, COMMENT: from here on it has to go on failure */
        task->database_is_ours = true;
    }
    return true;
}

static void make_database(struct app_task *task)
{
    struct err err = {0};
    struct strbuf sql = {0};
    struct task_statement *list = arena_array(&task->arena, 3, sizeof *list);
    /* The name is free, or holds what an earlier try of this run left. */
    list[0].sql = task->database_is_ours ? drop_sql(task).ptr : "select 1";
    bool good =
        pgtools_create_database(&sql, str_from(task->database), &task->source.database, &err);
    list[1].sql = str_text(&task->arena, strbuf_str(&sql));
    strbuf_clear(&sql);
    comment_sql(task, &sql, mark_of(task));
    list[2].sql = str_text(&task->arena, strbuf_str(&sql));
    strbuf_release(&sql);
    if (!good) {
        task_fail(task, &err);
        return;
    }
    task_tell(task, "making a new database", 0, 0, true);
    task_run_statements(task, list, 3, take_created);
}

/* ------------------------------------------------------------------ restore */

static void restore_ended(struct app_task *task)
{
    struct err err = {0};
    if (pgtools_run_passed(&task->progress, task->program_name, task->program_status,
                           task->expected_size, &err)) {
        task_next(task);
    } else {
        task_fail(task, &err);
    }
}

static void restore(struct app_task *task)
{
    struct err err = {0};
    const char **environment = NULL;
    struct pgtools_restore request = {.program = task->tools.restore,
                                      .file = str_from(task->path),
                                      .database = str_from(task->database)};
    task_disconnect(task);
    if (!task_target_environment(task, task->database, &environment, &err)) {
        task_fail(task, &err);
        return;
    }
    task->step_us = loop_now_us();
    task->progress.total = (int64_t)task->source.facts.count;
    task_tell(task, "restoring", 0, 0, true);
    task_run_program(task, pgtools_restore_argv(&task->arena, &request), environment, false,
                     restore_ended);
}

static void connect_copy(struct app_task *task)
{
    task_connect_target(task, task->database);
}

/* Named, not a bare ANALYZE: that would warn about each catalog that the owner may not read. */
static bool take_tables(struct app_task *task, size_t index, const struct db_reply *reply,
                        struct err *err)
{
    (void)index;
    (void)err;
    task->analyze = arena_array(&task->arena, reply->rows.row_count + 1, sizeof *task->analyze);
    task->analyze_count = reply->rows.row_count;
    for (size_t i = 0; i < reply->rows.row_count; i++) {
        task->analyze[i].sql = str_text(&task->arena, rows_text(&reply->rows, i, 0));
    }
    return true;
}

static void list_tables(struct app_task *task)
{
    static const struct task_statement ask = {
        .sql = "select pg_catalog.format('analyze %I.%I', n.nspname, c.relname) "
               "from pg_catalog.pg_class c "
               "join pg_catalog.pg_namespace n on n.oid = c.relnamespace "
               "where c.relkind in ('r', 'm', 'p') and n.nspname !~ '^pg_' "
               "and n.nspname <> 'information_schema' order by 1"};
    task_tell(task, "ANALYZE", 0, 0, true);
    task_run_statements(task, &ask, 1, take_tables);
}

static void analyze(struct app_task *task)
{
    task_run_statements(task, task->analyze, task->analyze_count, NULL);
}

static void ask_copy(struct app_task *task)
{
    task->done.us = loop_now_us() - task->step_us;
    task->done.level = PLAN_LEVEL_RESTORED;
    task_gather_facts(task, &task->copy, false);
}

/* --------------------------------------------------------------- comparison */

/* The catalog against "before": every difference is one too many. */
static size_t compare_catalog(struct app_task *task)
{
    struct catalog_diff diff = {0};
    if (task->context.before == NULL) {
        return 0;
    }
    const struct plan_texts *schemas = &task->context.plan->state.schemas;
    struct str home = schemas->count > 0 ? schemas->items[0] : STR("public");
    catalog_diff(&diff, task->context.before, &task->copy.catalog);
    size_t count = diff.count - diff.reordered;
    for (size_t i = 0; i < diff.count; i++) {
        const struct catalog_change *change = &diff.changes[i];
        const struct catalog_member *member = catalog_change_member(change);
        task_add_item(task, catalog_change_word(change->what),
                      catalog_member_label(&task->arena, member, home),
                      str_from(catalog_count_infos[change->kind].singular));
    }
    catalog_diff_release(&diff);
    return count;
}

/* Rows written between the dump and the first change: a restore loses them, and says so. */
static size_t name_lost_rows(struct app_task *task)
{
    size_t tables = 0;
    for (size_t i = 0;
         task->context.before_rows != NULL && i < task->context.before_rows->count; i++) {
        const struct catalog_table_rows *then = &task->context.before_rows->tables[i];
        const struct catalog_table_rows *now =
            catalog_rows_find(&task->copy.tables, then->schema, then->table);
        if (now == NULL || !now->exact || !then->exact || now->rows == then->rows) {
            continue;
        }
        struct str text =
            str_format(&task->arena, "%" PRId64 " rows before, %" PRId64 " in the dump",
                       then->rows, now->rows);
        task_add_item(
            task, "rows",
            str_format(&task->arena, "%.*s.%.*s", STR_ARG(then->schema), STR_ARG(then->table)),
            text);
        tables++;
    }
    return tables;
}

static void compare(struct app_task *task)
{
    struct err err = {0};
    bool equal = task_compare(task);
    size_t changes = compare_catalog(task);
    if (!equal || changes > 0) {
        if (equal) {
            err_set(&err, ERR_CHECK, "restored, but %zu objects are not as before", changes);
        } else {
            err_set(&err, ERR_CHECK, "%s", task->done_text.ptr);
        }
        err_hint(&err, "The live database was not touched and the copy is dropped. Choose "
                       "another way back.");
        task_fail(task, &err);
        return;
    }
    size_t tables = name_lost_rows(task);
    if (tables > 0) {
        strbuf_format(&task->done_detail,
                      "%zu tables were written to between the dump and the first change.",
                      tables);
    }
    strbuf_text(&task->done_text, ", restored in ");
    duration_to_text(&task->done_text, task->done.us);
    task_next(task);
}

static void take_mark_off(struct app_task *task)
{
    struct strbuf sql = {0};
    struct task_statement *list = arena_array(&task->arena, 2, sizeof *list);
    list[0].sql = "rollback";
    list[0].simple = true;
    comment_sql(task, &sql, (struct str){0});
    list[1].sql = str_text(&task->arena, strbuf_str(&sql));
    strbuf_release(&sql);
    task_run_statements(task, list, 2, NULL);
}

static void tell_result(struct app_task *task)
{
    task->database_is_ours = false;
    task->done.level = PLAN_LEVEL_COMPARED;
    task->done.name = str_from(task->database);
    task_next(task);
}

const task_step task_restore_steps[] = {
    open_record, task_check_bytes, connect_live, look_for_name, make_database,
    restore,     connect_copy,     list_tables,  analyze,       ask_copy,
    compare,     take_mark_off,    tell_result,  NULL,
};

/* --------------------------------------------------------------------- undo */

static void drop_database(struct app_task *task)
{
    struct task_statement *drop = arena_array(&task->arena, 1, sizeof *drop);
    drop->sql = drop_sql(task).ptr;
    task_run_statements(task, drop, 1, NULL);
}

static void finish_failed(struct app_task *task)
{
    task_finish(task);
}

static const task_step undo_steps[] = {connect_live, drop_database, finish_failed, NULL};

void task_restore_undo(struct app_task *task)
{
    task_child_release(&task->child);
    task_disconnect(task);
    task_hash_release(task);
    task->database_is_ours = false; /* one try: if it fails, the mark tells what it is */
    task->undoing = true;
    task->steps = undo_steps;
    task->step = 0;
    task_next(task);
}
