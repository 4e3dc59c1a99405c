/* SPDX-License-Identifier: PostgreSQL */
/*
 * WRITES: what was written since the backup, per table: what a restore would lose. The
 * counters of the server are remembered when the dump was taken, or at the first look.
 */
#include "perform.h"

static void copy_rows(struct performer *performer, const struct rows *rows)
{
    arena_clear(&performer->writes_arena);
    rows_init(&performer->writes, &performer->writes_arena, rows->column_count);
    for (size_t i = 0; i < rows->row_count; i++) {
        struct cell *cells = rows_add(&performer->writes);
        for (size_t k = 0; k < rows->column_count; k++) {
            cells[k] = rows_cell(rows, i, k);
            cells[k].text = str_dup(&performer->writes_arena, cells[k].text);
        }
    }
    performer->has_writes = true;
}

/* The tables of the newest snapshot that was taken before the change. */
static size_t list_tables(const struct performer *performer, struct arena *arena,
                          struct monitor_table **out)
{
    enum moment moment = performer->has_snapshot[MOMENT_BEFORE] ? MOMENT_BEFORE : MOMENT_REVIEW;
    size_t count = 0;
    if (!performer->has_snapshot[moment]) {
        *out = NULL;
        return 0;
    }
    const struct catalog_member *members =
        catalog_members_of(&performer->snapshots[moment], COUNT_TABLES, &count);
    struct monitor_table *tables = arena_array(arena, count + 1, sizeof(*tables));
    for (size_t i = 0; i < count; i++) {
        tables[i] = (struct monitor_table){members[i].schema, members[i].name};
    }
    *out = tables;
    return count;
}

static void ask(struct job *job)
{
    struct monitor_table *tables;
    size_t count = list_tables(job->performer, &job->arena, &tables);
    struct strbuf schemas = {0};
    struct strbuf names = {0};
    monitor_array(&schemas, tables, count, true);
    monitor_array(&names, tables, count, false);
    const char *params[] = {str_text(&job->arena, strbuf_str(&schemas)),
                            str_text(&job->arena, strbuf_str(&names))};
    strbuf_release(&schemas);
    strbuf_release(&names);
    job_ask(job, monitor_writes_query(), params, COUNT_OF(params));
}

static void begin_step(struct job *job, const struct db_reply *reply)
{
    if (!reply) {
        ask(job);
        return;
    }
    if (reply->outcome == DB_OK) {
        copy_rows(job->performer, &reply->rows);
    }
    job_end(job);
}

static void nothing(struct job *job)
{
    (void)job;
}

void perform_writes_begin(struct performer *performer)
{
    struct job *job = job_new(performer, SESSION_WATCH, NULL, begin_step);
    job->lost = nothing;
    job_start(job);
}

static void writes_step(struct job *job, const struct db_reply *reply)
{
    struct performer *performer = job->performer;
    if (!reply) {
        ask(job);
        return;
    }
    struct event event = {.kind = EVENT_WRITES, .outcome = outcome_of(reply), .script = -1};
    if (reply->outcome == DB_OK && !performer->has_writes) {
        copy_rows(performer, &reply->rows); /* the run was taken up: counted from here on */
        performer->writes_in_part = true;
    } else if (reply->outcome == DB_OK) {
        size_t count = 0;
        struct monitor_writes *writes =
            monitor_writes_between(&job->arena, &performer->writes, &reply->rows, &count);
        struct event_item *items = arena_array(&job->arena, count + 1, sizeof(*items));
        for (size_t i = 0; i < count; i++) {
            int64_t rows = writes[i].inserted + writes[i].updated + writes[i].deleted;
            if (writes[i].known && rows == 0) {
                continue;
            }
            items[event.item_count++] = (struct event_item){
                .name = str_format(&job->arena, "%.*s.%.*s", STR_ARG(writes[i].table.schema),
                                   STR_ARG(writes[i].table.name)),
                .value = writes[i].known ? rows : -1,
                .flag = writes[i].known};
        }
        event.items = items;
    }
    event.flag = performer->writes_in_part;
    performer_emit(performer, &event);
    job_end(job);
}

void perform_writes(struct performer *performer, const struct effect *effect)
{
    job_start(job_new(performer, SESSION_WATCH, effect, writes_step));
}
