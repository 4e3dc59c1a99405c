/* SPDX-License-Identifier: PostgreSQL */
/*
 * TASK_PROVE: is that file a backup? Each part can only be reached through the one
 * before, and each gives a level by name:
 *
 *   size and hash once more · table of contents against what the source said: LISTED ·
 *   a throw-away server · the roles that the dump names · a new database · pg_restore,
 *   ANALYZE, both timed: RESTORED · the copy asked what the source was asked: COMPARED
 *
 * An extension that the throw-away server does not have caps the level: the rest is
 * restored as far as it goes, the result is "restored in part" and never better.
 */
#include "task_private.h"

#include <string.h>

static const char proof_database[] = "gonogo_proof";

enum {
    MAJOR = 10000
};

/* A level that the plan is content with ends the proof there; what it did not ask for can then
 * not fail it either. */
static bool is_enough(const struct app_task *task, enum plan_backup_level level)
{
    return task->backup->level != PLAN_LEVEL_UNSAID && task->backup->level <= level;
}

static void finish_early(struct app_task *task, const char *word)
{
    strbuf_format(&task->done_text, "%s, as the plan asks; not compared", word);
    task->done.outcome = OUTCOME_OK;
    task_finish(task);
}

static void open_record(struct app_task *task)
{
    struct err err = {0};
    struct str place = task->backup->restore_test;
    if (place.len > 0 && !str_eq(place, "scratch")) {
        err_set(&err, ERR_USAGE, "a restore test on target \"%.*s\" is not built yet",
                STR_ARG(place));
        err_hint(&err, "Nothing was restored. Write `restore_test: scratch`, or override the "
                       "backup with a reason.");
        task_fail(task, &err);
        return;
    }
    const struct run_backup *backup = &task->context.run->backups[task->index];
    if (task_use_dump(task, backup, &err) && task_read_facts(task, backup->hash, &err) &&
        task_find_tools_blocking(task, task->source.server_version / MAJOR, &err)) {
        task->expected_size = backup->size;
        task->expected_hash = str_dup(&task->arena, backup->hash);
        task_next(task);
    } else {
        task_fail(task, &err);
    }
}

/* -------------------------------------------------------------------- bytes */

static void bytes_hashed(struct app_task *task, struct sha256_hex hex)
{
    struct err err = {0};
    if (str_is(task->expected_hash, sha256_str(&hex)) &&
        task->hash.size == task->expected_size) {
        if (task->kind == TASK_PROVE) {
            task_prove_bytes(task);
        }
        task_next(task);
        return;
    }
    err_set(&err, ERR_CHECK, "%s is not the file that was dumped", task->file);
    err_detail(&err, "It has %lld bytes and SHA-256 %.12s; recorded are %lld bytes and %.12s.",
               (long long)task->hash.size, hex.text, (long long)task->expected_size,
               task->expected_hash.ptr);
    err_hint(&err, "Nothing was restored. Find out who changed it, and take the backup again.");
    task_fail(task, &err);
}

void task_check_bytes(struct app_task *task)
{
    struct err err = {0};
    task_tell(task, "size and hash once more", 0, 0, true);
    if (!task_hash_file(task, task->file, bytes_hashed, &err)) {
        task_fail(task, &err);
    }
}

/* ----------------------------------------------------------------- the list */

/* kind of a fact, kind in the list: the list may have more (tables that an extension owns),
 * never less. */
static const struct {
    const char *fact;
    const char *entry;
    const char *title;
} list_table[] = {
    {"rows", "TABLE DATA", "tables with contents"},
    {"sequence", "SEQUENCE SET", "positions of sequences"},
    {"policy", "POLICY", "policies"},
};

static size_t count_facts(const struct pgtools_facts *facts, const char *kind)
{
    size_t count = 0;
    for (size_t i = 0; i < facts->count; i++) {
        count += str_eq(facts->items[i].kind, kind);
    }
    return count;
}

static bool list_fits(struct app_task *task, struct err *err)
{
    if (!str_is(task->list.database, task->source.name)) {
        return err_set(err, ERR_CHECK, "%s is a dump of database \"%.*s\", not of \"%.*s\"",
                       task->file, STR_ARG(task->list.database), STR_ARG(task->source.name));
    }
    for (size_t i = 0; i < COUNT_OF(list_table); i++) {
        size_t wanted = count_facts(&task->source.facts, list_table[i].fact);
        size_t listed = pgtools_list_count(&task->list, list_table[i].entry);
        if (listed < wanted) {
            return err_set(err, ERR_CHECK, "the dump lists %zu %s, the source had %zu", listed,
                           list_table[i].title, wanted);
        }
    }
    return true;
}

static void list_came(struct app_task *task)
{
    struct err err = {0};
    if (task->program_status != 0 || task->progress.errors > 0) {
        err_set(&err, ERR_CHECK, "%s cannot be read by pg_restore", task->file);
        err_detail(&err, "%s", task->progress.first_error);
        err_hint(&err, "This is no backup; nothing was restored. Take the backup again.");
        task_fail(task, &err);
        return;
    }
    if (!pgtools_list_read(&task->list, &task->arena, strbuf_str(&task->output), &err) ||
        !list_fits(task, &err)) {
        err_hint(&err, "This is no backup of the source; nothing was restored. Take it again.");
        task_fail(task, &err);
        return;
    }
    task->done.level = PLAN_LEVEL_LISTED;
    task_prove_reached(task, PLAN_LEVEL_LISTED);
    task_prove_list(task);
    task->progress.total = (int64_t)task->list.count;
    if (is_enough(task, PLAN_LEVEL_LISTED)) {
        finish_early(task, "listed");
        return;
    }
    task_next(task);
}

static const char *const plain_environment[] = {"LC_ALL=C", NULL};

static void read_list(struct app_task *task)
{
    task_tell(task, "reading the table of contents", 0, 0, true);
    task_run_program(task,
                     pgtools_list_argv(&task->arena, task->tools.restore, str_from(task->path)),
                     plain_environment, true, list_came);
}

/* ------------------------------------------------------ roles and extensions */

static void schema_came(struct app_task *task)
{
    struct err err = {0};
    if (task->program_status != 0 || task->progress.errors > 0) {
        err_set(&err, ERR_CHECK, "the schema cannot be read out of %s", task->file);
        err_detail(&err, "%s", task->progress.first_error);
        err_hint(&err, "This is no backup; nothing was restored. Take the backup again.");
        task_fail(task, &err);
        return;
    }
    pgtools_roles_read(&task->roles, &task->arena, strbuf_str(&task->output));
    task_next(task);
}

static void read_schema(struct app_task *task)
{
    task_run_program(
        task, pgtools_schema_argv(&task->arena, task->tools.restore, str_from(task->path)),
        plain_environment, true, schema_came);
}

static void on_scratch_ready(void *ctx)
{
    struct app_task *task = ctx;
    task_next(task);
}

static void start_scratch(struct app_task *task)
{
    struct err err = {0};
    static const struct scratch_hooks hooks = {on_scratch_ready, task_scratch_failed,
                                               task_scratch_stopped};
    struct scratch_spec spec = {.major = task->source.server_version / MAJOR,
                                .exactly = true,
                                .cache = scratch_cache_folder(&task->arena)};
    task_tell(task, "starting a throw-away server", 0, 0, true);
    task->scratch = scratch_server_new(task->context.loop, &spec, &hooks, task, &err);
    if (task->scratch == NULL) {
        task_fail(task, &err);
    }
}

static void connect_scratch(struct app_task *task, const char *database)
{
    struct db_params params = {0};
    scratch_server_params(task->scratch, &params, &task->arena, database,
                          scratch_server_user(task->scratch));
    task_connect(task, &params);
}

static void connect_postgres(struct app_task *task)
{
    connect_scratch(task, "postgres");
}

static bool has_name(const struct pgtools_names *names, struct str name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (str_is(names->items[i], name)) {
            return true;
        }
    }
    return false;
}

static bool take_names(struct app_task *task, size_t index, const struct db_reply *reply,
                       struct err *err)
{
    struct pgtools_names *into = index == 0 ? &task->roles_there : &task->extensions_there;
    (void)err;
    for (size_t i = 0; i < reply->rows.row_count; i++) {
        *ARRAY_PUSH(into->items, into->count, into->capacity) =
            str_dup(&task->arena, rows_text(&reply->rows, i, 0));
    }
    return true;
}

static void ask_roles(struct app_task *task)
{
    struct task_statement *list = arena_array(&task->arena, 2, sizeof *list);
    list[0].sql = pgtools_roles_query();
    list[1].sql = pgtools_extensions_query();
    task_run_statements(task, list, 2, take_names);
}

static void name_missing(struct app_task *task)
{
    pgtools_missing_extensions(&task->missing, &task->arena, &task->list,
                               &task->extensions_there);
    for (size_t i = 0; i < task->missing.count; i++) {
        task_add_item(task, "extension", task->missing.items[i],
                      STR("is not installed for the throw-away server"));
    }
}

static void make_database(struct app_task *task)
{
    struct err err = {0};
    struct strbuf sql = {0};
    name_missing(task);
    size_t count = 0;
    struct task_statement *list =
        arena_array(&task->arena, task->roles.count + 1, sizeof *list);
    for (size_t i = 0; i < task->roles.count; i++) {
        if (!has_name(&task->roles_there, task->roles.items[i])) {
            pgtools_create_role(&sql, task->roles.items[i]);
            list[count++].sql = str_text(&task->arena, strbuf_str(&sql));
            strbuf_clear(&sql);
        }
    }
    bool good =
        pgtools_create_database(&sql, str_from(proof_database), &task->source.database, &err);
    list[count++].sql = str_text(&task->arena, strbuf_str(&sql));
    strbuf_release(&sql);
    if (good) {
        task_run_statements(task, list, count, NULL);
    } else {
        task_fail(task, &err);
    }
}

/* ------------------------------------------------------------------ restore */

static void fail_in_part(struct app_task *task)
{
    struct err err = {0};
    err_set(&err, ERR_CHECK,
            "restored in part: %zu extensions are missing here, first \"%.*s\"",
            task->missing.count, STR_ARG(task->missing.items[0]));
    if (task->progress.errors > 0) {
        err_detail(&err, "pg_restore reported %lld errors, first: %s",
                   (long long)task->progress.errors, task->progress.first_error);
    }
    err_hint(&err, "The dump is not proved. Install the extensions on this host and prove it "
                   "again, or override the backup with a reason.");
    task_fail(task, &err);
}

static void restore_ended(struct app_task *task)
{
    struct err err = {0};
    if (task->missing.count > 0) {
        fail_in_part(task);
        return;
    }
    if (!pgtools_run_passed(&task->progress, task->program_name, task->program_status,
                            task->expected_size, &err)) {
        task_fail(task, &err);
        return;
    }
    task->warnings = task->progress.warnings;
    task_next(task);
}

static const char **without(const char **argv, const char *option)
{
    size_t kept = 0;
    for (size_t i = 0; argv[i] != NULL; i++) {
        if (strcmp(argv[i], option) != 0) {
            argv[kept++] = argv[i];
        }
    }
    argv[kept] = NULL;
    return argv;
}

static void restore(struct app_task *task)
{
    struct pgtools_restore request = {.program = task->tools.restore,
                                      .file = str_from(task->path),
                                      .database = str_from(proof_database)};
    const char **argv = pgtools_restore_argv(&task->arena, &request);
    task_disconnect(task);
    if (task->missing.count > 0) {
        argv = without(argv, "--exit-on-error");
    }
    task->step_us = loop_now_us();
    task_tell(task, "restoring", 0, task->progress.total, true);
    task_run_program(task, argv, task_scratch_environment(task, proof_database), false,
                     restore_ended);
}

static void connect_copy(struct app_task *task)
{
    connect_scratch(task, proof_database);
}

static void analyze(struct app_task *task)
{
    static const struct task_statement statement = {.sql = "analyze"};
    task_tell(task, "ANALYZE", 0, 0, true);
    task_run_statements(task, &statement, 1, NULL);
}

static void ask_copy(struct app_task *task)
{
    task->done.us = loop_now_us() - task->step_us;
    task->done.level = PLAN_LEVEL_RESTORED;
    task_prove_reached(task, PLAN_LEVEL_RESTORED);
    if (is_enough(task, PLAN_LEVEL_RESTORED)) {
        finish_early(task, "restored");
        return;
    }
    task_gather_facts(task, &task->copy, false);
}

static void compare(struct app_task *task)
{
    struct err err = {0};
    if (!task_compare(task)) {
        err_set(&err, ERR_CHECK, "%s", task->done_text.ptr);
        err_hint(&err, "This dump does not give the source back. Look at the differences and "
                       "take the backup again.");
        task_fail(task, &err);
        return;
    }
    task->done.level = PLAN_LEVEL_COMPARED;
    task_prove_reached(task, PLAN_LEVEL_COMPARED);
    strbuf_text(&task->done_text, ", restored in ");
    duration_to_text(&task->done_text, task->done.us);
    if (task->warnings > 0) {
        strbuf_format(&task->done_detail, "pg_restore warned %lld times, first: %s",
                      (long long)task->warnings, task->progress.first_warning);
    }
    task_next(task);
}

const task_step task_prove_steps[] = {
    open_record,      task_check_bytes, read_list,     read_schema, start_scratch,
    connect_postgres, ask_roles,        make_database, restore,     connect_copy,
    analyze,          ask_copy,         compare,       NULL,
};
