/* SPDX-License-Identifier: PostgreSQL */
/*
 * WORKLOAD: what the application's statements cost. pg_stat_statements shows the statements
 * of every database of a server wherever the extension stands, so it is looked for in the
 * target's database and, when it is not there, in the database postgres beside it. A session
 * of its own asks, read only and with a short timeout: a slow answer delays no probe.
 *
 * Before the first change what was counted goes into the run directory under its hash; each
 * look of the watch is subtracted from the one before it and held against that file. The
 * event says which statements take the time and which are news; without the extension it
 * says that nobody knows.
 */
#include "perform_workload.h"

#define PAUSE_US   (US_PER_SECOND / 2) /* of real time, whatever a simulated clock says */
#define CONNECT_US (10 * US_PER_SECOND)

static const char unseen[] =
    "pg_stat_statements is not seen from this session: slower statements are not known";

static void begin(struct workload *workload);

void workload_look_over(struct workload *workload)
{
    workload->busy = false;
    if (workload->waiting >= 0) {
        workload->moment = (enum moment)workload->waiting;
        workload->waiting = -1;
        workload->busy = true;
        workload->begin_at_us = loop_now_us();
    }
}

void workload_close(struct workload *workload)
{
    task_session_free(workload->session);
    task_session_free(workload->target);
    workload->session = workload->target = NULL;
}

static void tell_lost(struct workload *workload, const struct err *err)
{
    workload_close(workload);
    workload->placed = false;
    workload_tell_unknown(workload, err->message);
}

/* ------------------------------------------------------------------- asking */

static const char *built(struct workload *workload, struct strbuf *sql)
{
    const char *text = str_text(&workload->arena, strbuf_str(sql));
    strbuf_release(sql);
    return text;
}

static struct task_statement *statement(struct workload *workload, const char *sql)
{
    struct task_statement *one = &workload->list[workload->list_count++];
    *one = (struct task_statement){
        .sql = sql,
        .params = {str_text(&workload->arena, workload->performer->run->database)},
        .param_count = 1};
    return one;
}

/* The counters, and before the watch nothing else. */
static void ask_counters(struct workload *workload)
{
    struct strbuf sql = {0};
    monitor_workload_clock_query(&sql, workload->schema, workload->has_info);
    statement(workload, built(workload, &sql))->param_count = 0;
    monitor_workload_query(&sql, workload->schema);
    statement(workload, built(workload, &sql));
}

static void ask(struct workload *workload)
{
    int version = db_server_version(task_session_db(workload->session));
    workload->began_us = loop_now_us();
    workload->list_count = 0;
    workload->texts = false;
    if (workload->moment == MOMENT_NOW) {
        struct task_statement *running = statement(workload, monitor_running_query(version));
        running->params[1] = str_format(&workload->arena, "%.3f",
                                        (double)workload_slow_us(workload) / (double)US_PER_MS)
                                 .ptr;
        running->param_count = 2;
    }
    if (workload->place != PLACE_NOWHERE) {
        ask_counters(workload);
    }
    if (workload->list_count == 0) {
        workload_close(workload);
        workload_tell_unknown(workload, unseen);
        return;
    }
    task_session_run(workload->session, workload->list, workload->list_count);
}

static void ask_texts(struct workload *workload)
{
    const struct monitor_interval *interval = &workload->interval;
    struct strbuf sql = {0};
    workload->list_count = 0;
    workload->texts = true;
    monitor_load_text_query(&sql, workload->schema);
    struct task_statement *texts = statement(workload, built(workload, &sql));
    monitor_load_array(&sql, interval->items, interval->count, false);
    texts->params[1] = built(workload, &sql);
    monitor_load_array(&sql, interval->items, interval->count, true);
    texts->params[2] = built(workload, &sql);
    texts->param_count = 3;
    task_session_run(workload->session, workload->list, workload->list_count);
}

/* The counters are there: what came since the last ones? */
static void subtract(struct workload *workload)
{
    monitor_workload_between(&workload->interval, &workload->arena,
                             workload->base.clock_us != 0 ? &workload->base : NULL,
                             &workload->last, &workload->now, workload_slow_us(workload));
    workload->last = workload->now;
    workload->turn = !workload->turn;
    if (workload->interval.us == 0) {
        workload_tell_unknown(workload, workload->interval.why);
    } else if (workload->interval.count == 0) {
        workload_tell_interval(workload);
    } else {
        ask_texts(workload);
    }
}

/* --------------------------------------------------------------- the place */

static void connect_to(struct workload *workload, bool beside);

static void place_found(struct workload *workload, enum place place)
{
    workload->placed = true;
    workload->place = place;
    if (place == PLACE_NOWHERE && workload->target) {
        task_session_free(workload->session);
        workload->session = workload->target;
    } else {
        task_session_free(workload->target);
    }
    workload->target = NULL;
    ask(workload);
}

static void take_place(struct workload *workload, const struct rows *rows)
{
    arena_clear(&workload->place_arena);
    workload->schema = str_dup(&workload->place_arena, rows_text(rows, 0, 0));
    workload->has_info = rows_bool(rows, 0, 1);
}

static void place_asked(struct workload *workload)
{
    bool beside = workload->place == PLACE_BESIDE;
    if (workload->schema.len > 0) {
        place_found(workload, workload->place);
    } else if (beside || str_eq(workload->performer->run->database, "postgres")) {
        place_found(workload, PLACE_NOWHERE);
    } else {
        workload->target = workload->session;
        workload->session = NULL;
        connect_to(workload, true);
    }
}

/* ------------------------------------------------------------------- hooks */

static void on_connected(void *ctx, const struct err *err)
{
    struct workload *workload = ctx;
    if (err && workload->target) {
        place_found(workload, PLACE_NOWHERE); /* nobody lets us in beside it */
        return;
    }
    if (err) {
        tell_lost(workload, err);
        return;
    }
    if (workload->placed) {
        ask(workload);
        return;
    }
    workload->list_count = 0;
    workload->schema = (struct str){0};
    statement(workload,
              monitor_query_text(MONITOR_QUERY_SLOW,
                                 db_server_version(task_session_db(workload->session))))
        ->param_count = 0;
    task_session_run(workload->session, workload->list, workload->list_count);
}

static void keep_names(struct workload *workload, const struct rows *rows)
{
    rows_init(&workload->names, &workload->arena, rows->column_count);
    for (size_t i = 0; i < rows->row_count; i++) {
        struct cell *cells = rows_add(&workload->names);
        for (size_t k = 0; k < rows->column_count; k++) {
            cells[k] = rows_cell(rows, i, k);
            cells[k].text = str_dup(&workload->arena, cells[k].text);
        }
    }
}

static bool on_answered(void *ctx, size_t index, const struct db_reply *reply, struct err *err)
{
    struct workload *workload = ctx;
    const struct rows *rows = &reply->rows;
    struct arena *arena = &workload->arenas[workload->turn];
    if (!workload->placed) {
        take_place(workload, rows);
        return true;
    }
    if (workload->texts) {
        keep_names(workload, rows);
        return true;
    }
    bool good = true;
    size_t counters = workload->moment == MOMENT_NOW ? 1 : 0;
    if (index < counters) {
        workload_keep_running(workload, rows);
    } else if (index == counters) {
        arena_clear(arena);
        good = monitor_workload_begin(&workload->now, arena, rows);
    } else {
        good = monitor_workload_read(&workload->now, arena, rows);
    }
    return good || err_set(err, ERR_CHECK, "pg_stat_statements answers in another form");
}

static void on_done(void *ctx, const struct err *err)
{
    struct workload *workload = ctx;
    if (err) {
        tell_lost(workload, err);
    } else if (!workload->placed) {
        place_asked(workload);
    } else if (workload->texts) {
        workload_tell_interval(workload);
    } else if (workload->place == PLACE_NOWHERE) {
        workload_tell_unknown(workload, unseen);
    } else if (workload->moment == MOMENT_BEFORE) {
        workload_tell_before(workload);
    } else {
        subtract(workload);
    }
}

/* -------------------------------------------------------------------- begin */

static void connect_to(struct workload *workload, bool beside)
{
    static const struct task_session_hooks hooks = {on_connected, on_answered, on_done};
    static const struct db_setting settings[] = {{"default_transaction_read_only", "on"},
                                                 {"statement_timeout", "10s"},
                                                 {"lock_timeout", "2s"}};
    const struct performer *performer = workload->performer;
    struct arena *arena = &workload->arena;
    struct db_params params = {0};
    struct err err = {0};
    for (size_t i = 0; i < performer->resolved.count; i++) {
        db_params_set(&params, arena, performer->resolved.items[i].key,
                      performer->resolved.items[i].value);
    }
    db_params_set(&params, arena, "dbname",
                  beside ? "postgres" : str_text(arena, performer->run->database));
    workload->place = workload->placed ? workload->place : beside ? PLACE_BESIDE : PLACE_TARGET;
    workload->session = task_session_new(performer->loop, &hooks, workload);
    if (!task_session_connect(workload->session, &params,
                              str_format(arena, "gonogo statements %s", performer->run_id).ptr,
                              settings, COUNT_OF(settings), loop_now_us() + CONNECT_US, &err)) {
        tell_lost(workload, &err);
    }
}

static void begin(struct workload *workload)
{
    enum {
        STATEMENTS = 4 /* of the longest list */
    };
    arena_clear(&workload->arena);
    workload->names = (struct rows){0};
    workload->list = arena_array(&workload->arena, STATEMENTS, sizeof(*workload->list));
    workload->items = arena_array(&workload->arena, MONITOR_LOADS_MAX + MONITOR_RUNNING_MAX + 1,
                                  sizeof(*workload->items));
    workload->item_count = 0;
    workload_find_base(workload);
    if (workload->session) {
        ask(workload);
    } else {
        connect_to(workload, workload->placed && workload->place == PLACE_BESIDE);
    }
}

static void wants(void *ctx, struct loop_want *want)
{
    const struct workload *workload = ctx;
    want->deadline_us = workload->begin_at_us;
}

static void ready(void *ctx, short revents, int64_t now_us)
{
    struct workload *workload = ctx;
    (void)revents;
    if (now_us >= workload->begin_at_us) {
        workload->begin_at_us = LOOP_NEVER;
        begin(workload);
    }
}

static struct workload *workload_of(struct performer *performer)
{
    if (!performer->workload) {
        struct workload *workload = mem_zero(1, sizeof(*workload));
        workload->performer = performer;
        workload->waiting = -1;
        workload->begin_at_us = LOOP_NEVER;
        workload->source =
            loop_add(performer->loop, &(struct loop_source){wants, ready, workload});
        performer->workload = workload;
    }
    return performer->workload;
}

void perform_workload(struct performer *performer, const struct effect *effect)
{
    struct workload *workload = workload_of(performer);
    if (workload->busy) {
        workload->waiting = (int)effect->moment;
        return;
    }
    workload->busy = true;
    workload->moment = effect->moment;
    workload->begin_at_us =
        loop_now_us() + (effect->moment == MOMENT_NOW && workload->session ? PAUSE_US : 0);
}

void workload_disconnect(struct performer *performer)
{
    struct workload *workload = performer->workload;
    if (workload && !workload->busy) {
        workload_close(workload);
    }
}

void workload_release(struct performer *performer)
{
    struct workload *workload = performer->workload;
    if (workload) {
        loop_remove(performer->loop, workload->source);
        workload_close(workload);
        arena_release(&workload->arena);
        arena_release(&workload->arenas[0]);
        arena_release(&workload->arenas[1]);
        arena_release(&workload->base_arena);
        arena_release(&workload->place_arena);
        free(workload);
        performer->workload = NULL;
    }
}
