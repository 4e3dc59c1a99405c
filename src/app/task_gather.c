/* SPDX-License-Identifier: PostgreSQL */
/*
 * Asking one database everything that a backup is compared by: the facts of pgtools, the
 * catalog's counts and members, the rows of each table and what they say. The source is asked
 * inside one repeatable-read transaction whose snapshot is exported, so that pg_dump sees
 * exactly the same; the transaction stays open until the session is closed.
 *
 * The catalog's questions come first, under the session's search_path of pg_catalog:
 * their texts must be the same as in the run's other snapshots.
 */
#include "task_private.h"

static const int64_t connect_limit_us = 30 * US_PER_SECOND;

enum gather_question {
    GATHER_BEGIN,
    GATHER_EXPORT,
    GATHER_NAME,
    GATHER_DATABASE,
    GATHER_COUNTS,
    GATHER_MEMBERS,
    GATHER_CATALOG_TABLES,
    GATHER_SETTINGS,
    GATHER_TABLES,
    GATHER_SEQUENCES,
    GATHER_OBJECTS,
    GATHER__COUNT
};

/* ---------------------------------------------------------------- sessions */

static void on_connected(void *ctx, const struct err *err)
{
    struct app_task *task = ctx;
    if (task->ending) {
        return;
    }
    if (err == NULL) {
        task_next(task);
        return;
    }
    task_fail(task, err);
}

static bool on_answered(void *ctx, size_t index, const struct db_reply *reply, struct err *err)
{
    struct app_task *task = ctx;
    return task->ending || task->answered == NULL || task->answered(task, index, reply, err);
}

static void on_done(void *ctx, const struct err *err)
{
    struct app_task *task = ctx;
    if (task->ending) {
        return;
    }
    if (err != NULL) {
        task_fail(task, err);
        return;
    }
    task->list_done(task);
}

void task_disconnect(struct app_task *task)
{
    task_session_free(task->session);
    task->session = NULL;
}

void task_connect(struct app_task *task, const struct db_params *params)
{
    /* A backup may take long and wait for nothing else than its own work. */
    int64_t lock_us = task->context.plan->safety.lock_timeout_us;
    struct str lock = str_format(&task->arena, "%lldms", (long long)(lock_us / US_PER_MS));
    const struct db_setting settings[] = {
        {"statement_timeout", "0"}, {"idle_in_transaction_session_timeout", "0"},
        {"lock_timeout", lock.ptr}, {"TimeZone", "UTC"},
        {"DateStyle", "ISO"},       {"extra_float_digits", "1"},
    };
    static const struct task_session_hooks hooks = {on_connected, on_answered, on_done};
    struct err err = {0};
    task_disconnect(task);
    task->session = task_session_new(task->context.loop, &hooks, task);
    if (!task_session_connect(task->session, params, "gonogo backup", settings,
                              COUNT_OF(settings), loop_now_us() + connect_limit_us, &err)) {
        task_fail(task, &err);
    }
}

void task_connect_target(struct app_task *task, const char *database)
{
    struct db_params params = {0};
    const struct db_params *given = task->context.params;
    for (size_t i = 0; i < given->count; i++) {
        db_params_set(&params, &task->arena, given->items[i].key, given->items[i].value);
    }
    if (database != NULL) {
        db_params_set(&params, &task->arena, "dbname", database);
    }
    task_connect(task, &params);
}

static void run_list(struct app_task *task, const struct task_statement *statements,
                     size_t count, task_answer answered, void (*done)(struct app_task *))
{
    task->answered = answered;
    task->list_done = done;
    task_session_run(task->session, statements, count);
}

void task_run_statements(struct app_task *task, const struct task_statement *statements,
                         size_t count, task_answer answered)
{
    run_list(task, statements, count, answered, task_next);
}

/* ------------------------------------------------------------------- facts */

void task_facts_release(struct task_facts *facts)
{
    if (facts->has_catalog) {
        catalog_snapshot_release(&facts->catalog);
    }
    free(facts->facts.items);
    arena_release(&facts->arena);
    *facts = (struct task_facts){0};
}

static struct rows copy_rows(struct arena *arena, const struct rows *rows)
{
    struct rows copy;
    rows_init(&copy, arena, rows->column_count);
    for (size_t row = 0; row < rows->row_count; row++) {
        struct cell *cells = rows_add(&copy);
        for (size_t column = 0; column < rows->column_count; column++) {
            struct cell cell = rows_cell(rows, row, column);
            cells[column].is_null = cell.is_null;
            cells[column].text = str_dup(arena, cell.text);
        }
    }
    return copy;
}

static bool take_answer(struct app_task *task, size_t index, const struct db_reply *reply,
                        struct err *err)
{
    struct task_gather *gather = &task->gather;
    struct task_facts *into = gather->into;
    const struct rows *rows = &reply->rows;
    switch ((enum gather_question)index) {
    case GATHER_BEGIN:
    case GATHER_SETTINGS:
    case GATHER__COUNT:
        return true;
    case GATHER_EXPORT:
        into->snapshot = gather->export_snapshot ? str_dup(&into->arena, rows_text(rows, 0, 0))
                                                 : (struct str){0};
        return true;
    case GATHER_NAME:
        into->name = str_dup(&into->arena, rows_text(rows, 0, 0));
        return true;
    case GATHER_DATABASE:
        into->database = copy_rows(&into->arena, rows);
        return true;
    case GATHER_COUNTS:
        return catalog_counts_read(rows, &gather->counts, err);
    case GATHER_MEMBERS:
        into->has_catalog =
            catalog_snapshot_read(&into->catalog, into->name, &gather->counts, rows, err);
        return into->has_catalog;
    case GATHER_CATALOG_TABLES:
        return catalog_tables_read(rows, &into->arena, &into->tables, err);
    case GATHER_TABLES:
        gather->plain_tables = copy_rows(&into->arena, rows);
        return true;
    case GATHER_SEQUENCES:
    case GATHER_OBJECTS:
        pgtools_facts_take(&into->facts, rows);
        return true;
    }
    return true;
}

static bool take_count(struct app_task *task, size_t index, const struct db_reply *reply,
                       struct err *err)
{
    (void)err;
    pgtools_facts_take(&task->gather.into->facts, &reply->rows);
    task_tell(task, "counting and reading rows", (int64_t)index + 1,
              (int64_t)task->gather.list_count, false);
    return true;
}

/* The rows per table of the catalog's list are the counts that are there already. */
static void fill_table_rows(struct task_facts *into)
{
    for (size_t i = 0; i < into->tables.count; i++) {
        struct catalog_table_rows *table = &into->tables.tables[i];
        struct str name = str_format(&into->arena, "%.*s.%.*s", STR_ARG(table->schema),
                                     STR_ARG(table->table));
        for (size_t k = 0; k < into->facts.count; k++) {
            const struct pgtools_fact *fact = &into->facts.items[k];
            if (str_eq(fact->kind, "rows") && fact->exact && str_is(fact->name, name) &&
                str_to_i64(fact->value, &table->rows)) {
                table->exact = true;
            }
        }
    }
}

static void counted(struct app_task *task)
{
    fill_table_rows(task->gather.into);
    task_next(task);
}

static void add_statements(struct task_gather *gather, const char *const *list)
{
    for (; *list != NULL; list++) {
        gather->list[gather->list_count++].sql = *list;
    }
}

/* Counts, and sums of what the rows say: equal counts do not see a flipped byte. */
static void count_rows(struct app_task *task)
{
    struct task_gather *gather = &task->gather;
    const struct rows *tables = &gather->plain_tables;
    int64_t below = task->context.plan->rows_exact_below;
    const char **counts =
        pgtools_count_statements(&task->arena, tables, below, 0, &gather->into->facts);
    const char **contents = pgtools_content_statements(&task->arena, tables, below, 0);
    /* Each list has at most a statement per table. */
    gather->list = arena_array(&task->arena, 2 * tables->row_count + 1, sizeof *gather->list);
    gather->list_count = 0;
    add_statements(gather, counts);
    add_statements(gather, contents);
    run_list(task, gather->list, gather->list_count, take_count, counted);
}

void task_gather_facts(struct app_task *task, struct task_facts *into, bool export_snapshot)
{
    const struct plan_texts *schemas = &task->context.plan->state.schemas;
    struct str array = catalog_array_text(&task->arena, schemas->items, schemas->count);
    const char *param = str_text(&task->arena, array);
    int version = db_server_version(task_session_db(task->session));
    task->gather = (struct task_gather){.into = into, .export_snapshot = export_snapshot};
    into->facts.arena = &into->arena;
    into->server_version = version;
    struct task_statement *list = arena_array(&task->arena, GATHER__COUNT, sizeof *list);
    list[GATHER_BEGIN].sql = "begin isolation level repeatable read, read only";
    list[GATHER_BEGIN].simple = true;
    list[GATHER_EXPORT].sql =
        export_snapshot ? "select pg_catalog.pg_export_snapshot()" : "select null";
    list[GATHER_NAME].sql = "select pg_catalog.current_database()";
    list[GATHER_DATABASE].sql = pgtools_database_query();
    list[GATHER_COUNTS].sql = catalog_counts_query();
    list[GATHER_MEMBERS].sql = catalog_members_query();
    list[GATHER_CATALOG_TABLES].sql = catalog_tables_query();
    list[GATHER_SETTINGS].sql = pgtools_facts_settings();
    list[GATHER_TABLES].sql = pgtools_tables_query();
    list[GATHER_SEQUENCES].sql = pgtools_sequences_query();
    list[GATHER_OBJECTS].sql = pgtools_objects_query(version);
    static const enum gather_question with_schemas[] = {GATHER_COUNTS, GATHER_MEMBERS,
                                                        GATHER_CATALOG_TABLES};
    for (size_t i = 0; i < COUNT_OF(with_schemas); i++) {
        list[with_schemas[i]].params[0] = param;
        list[with_schemas[i]].param_count = 1;
    }
    task_tell(task, "reading the catalog", 0, 0, true);
    run_list(task, list, GATHER__COUNT, take_answer, count_rows);
}
