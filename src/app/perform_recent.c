/* SPDX-License-Identifier: PostgreSQL */
/*
 * RECENT: the counters of the tables that the plan drops or empties, asked on the watch
 * session. Only what differs from the last answer is told, so that the record of a long wait
 * with quiet tables stays short; a run that is taken up again tells all of them.
 */
#include "perform.h"

enum {
    TABLES_MAX = 256,
};

static const struct monitor_counter *find(const struct monitor_counter *counters, size_t count,
                                          struct str table)
{
    for (size_t i = 0; i < count; i++) {
        if (str_is(counters[i].table, table)) {
            return &counters[i];
        }
    }
    return NULL;
}

static bool is_told(const struct performer *performer, const struct monitor_counter *now)
{
    const struct monitor_counter *told =
        find(performer->recents, performer->recent_count, now->table);
    return told && told->rows == now->rows && str_is(told->identity, now->identity);
}

static void keep(struct performer *performer, const struct rows *rows)
{
    arena_clear(&performer->recent_arena);
    performer->recents = monitor_recent_read(rows, &performer->recent_arena);
    performer->recent_count = rows->row_count;
}

/* A table that has an answer no more is gone: what it was counted to is not known any more. */
static void tell(struct job *job, const struct rows *rows)
{
    struct performer *performer = job->performer;
    struct monitor_counter *now = monitor_recent_read(rows, &job->arena);
    struct event event = {.kind = EVENT_RECENT, .outcome = OUTCOME_OK, .script = -1};
    struct event_item *items =
        arena_array(&job->arena, rows->row_count + performer->recent_count + 1, sizeof(*items));
    for (size_t i = 0; i < rows->row_count; i++) {
        if (!is_told(performer, &now[i])) {
            items[event.item_count++] = (struct event_item){
                .name = now[i].table, .kind = now[i].identity, .value = now[i].rows};
        }
    }
    for (size_t i = 0; i < performer->recent_count; i++) {
        if (!find(now, rows->row_count, performer->recents[i].table)) {
            items[event.item_count++] =
                (struct event_item){.name = performer->recents[i].table, .value = -1};
        }
    }
    event.items = items;
    performer_emit(performer, &event);
    keep(performer, rows);
}

static void ask(struct job *job)
{
    const struct plan_texts *path = &job->performer->plan->plan->search_path;
    struct str home = STR("public");
    struct str *names = arena_array(&job->arena, TABLES_MAX, sizeof(*names));
    size_t count = run_recent_tables(job->performer->run, names, TABLES_MAX);
    const char *params[] = {
        str_text(&job->arena, catalog_array_text(&job->arena, names, count)),
        str_text(&job->arena, path->count > 0
                                  ? catalog_array_text(&job->arena, path->items, path->count)
                                  : catalog_array_text(&job->arena, &home, 1))};
    job_ask(job, monitor_recent_query(), params, COUNT_OF(params));
}

static void recent_step(struct job *job, const struct db_reply *reply)
{
    if (!reply) {
        ask(job);
        return;
    }
    if (reply->outcome == DB_OK) {
        tell(job, &reply->rows);
    } else {
        performer_emit(job->performer, &(struct event){.kind = EVENT_RECENT,
                                                       .outcome = outcome_of(reply),
                                                       .script = -1,
                                                       .text = job_reply_text(job, reply)});
    }
    job_end(job);
}

void perform_recent(struct performer *performer, const struct effect *effect)
{
    job_start(job_new(performer, SESSION_WATCH, effect, recent_step));
}
