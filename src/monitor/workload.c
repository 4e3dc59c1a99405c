/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the statements cost: two answers of pg_stat_statements, subtracted, and held against
 * what was counted before the migration.
 *
 * Its counters only grow, until somebody resets them, the server crashes, or a statement is
 * forgotten for want of room and comes back. Then growth is not known: no number is made up
 * for it, and none is negative. A statement that was not there before the migration is called
 * new only when all that were there are known.
 */
#include "monitor.h"

#include <math.h>
#include <stdlib.h>

enum {
    TOP = 16,         /* statements of an interval, by time */
    NEWS = 8,         /* … and what else is news */
    SLOWER_TIMES = 2, /* so many times its former mean, */
    SLOWER_PART = 4,  /* and longer by this part of the limit, */
    SLOWER_LOAD = 10, /* or by this part of one session's whole time */
};

/* By query, then by role. */
static int compare_keys(const void *a, const void *b)
{
    const struct monitor_counted *x = a;
    const struct monitor_counted *y = b;
    if (x->query_id != y->query_id) {
        return x->query_id < y->query_id ? -1 : 1;
    }
    return (x->user_id > y->user_id) - (x->user_id < y->user_id);
}

static const struct monitor_counted *find(const struct monitor_workload *workload,
                                          int64_t query_id, int64_t user_id)
{
    struct monitor_counted key = {.query_id = query_id, .user_id = user_id};
    return workload->count == 0 ? NULL
                                : bsearch(&key, workload->items, workload->count,
                                          sizeof(*workload->items), compare_keys);
}

/* ----------------------------------------------------------------- reading */

bool monitor_workload_begin(struct monitor_workload *workload, struct arena *arena,
                            const struct rows *clock)
{
    enum {
        CLOCK,
        GENERATION,
        EVICTED,
        COLUMNS
    };
    *workload = (struct monitor_workload){0};
    if (clock->row_count != 1 || clock->column_count != COLUMNS) {
        return false;
    }
    workload->clock_us = rows_i64(clock, 0, CLOCK, 0);
    workload->generation = str_dup(arena, rows_text(clock, 0, GENERATION));
    workload->evicted = rows_i64(clock, 0, EVICTED, -1);
    return workload->clock_us > 0;
}

bool monitor_workload_read(struct monitor_workload *workload, struct arena *arena,
                           const struct rows *statements)
{
    enum {
        QUERY,
        USER,
        CALLS,
        MS,
        COLUMNS
    };
    if (statements->column_count != COLUMNS) {
        return false;
    }
    workload->items = arena_array(arena, statements->row_count + 1, sizeof(*workload->items));
    for (size_t i = 0; i < statements->row_count; i++) {
        struct monitor_counted *one = &workload->items[workload->count];
        bool good = str_to_i64(rows_text(statements, i, QUERY), &one->query_id) &&
                    str_to_i64(rows_text(statements, i, USER), &one->user_id) &&
                    str_to_i64(rows_text(statements, i, CALLS), &one->calls) &&
                    str_to_double(rows_text(statements, i, MS), &one->ms) && isfinite(one->ms);
        workload->hidden = workload->hidden || rows_cell(statements, i, QUERY).is_null;
        workload->count += good ? 1 : 0;
    }
    workload->whole =
        !workload->hidden && !statements->cut && statements->row_count < MONITOR_COUNTED_MAX;
    qsort(workload->items, workload->count, sizeof(*workload->items), compare_keys);
    return true;
}

/* -------------------------------------------------------------------- file */

void monitor_workload_write(struct strbuf *out, const struct monitor_workload *workload)
{
    struct json *object = json_make_object();
    struct json *list = json_make_array();
    json_put_i64(object, "clock_us", workload->clock_us);
    json_put_text(object, "generation", workload->generation);
    json_put_i64(object, "evicted", workload->evicted);
    json_put_bool(object, "hidden", workload->hidden);
    json_put_bool(object, "whole", workload->whole);
    for (size_t i = 0; i < workload->count; i++) {
        const struct monitor_counted *one = &workload->items[i];
        struct json *row = json_make_array();
        json_push_take(row, json_make_i64(one->query_id));
        json_push_take(row, json_make_i64(one->user_id));
        json_push_take(row, json_make_i64(one->calls));
        json_push_take(row, json_make_double(one->ms));
        json_push_take(list, row);
    }
    json_put_take(object, "statements", list);
    json_write(out, object, JSON_ONE_LINE);
    json_free(object);
}

bool monitor_workload_load(struct monitor_workload *workload, struct arena *arena,
                           struct str text, struct err *err)
{
    *workload = (struct monitor_workload){0};
    struct json *object = json_read(text, err);
    if (!object) {
        return false;
    }
    const struct json *list = json_find(object, "statements");
    bool good = json_is_array(list);
    workload->clock_us = json_i64(json_find(object, "clock_us"), 0);
    workload->generation = str_dup(arena, json_text(json_find(object, "generation")));
    workload->evicted = json_i64(json_find(object, "evicted"), -1);
    workload->hidden = json_bool(json_find(object, "hidden"), true);
    workload->whole = json_bool(json_find(object, "whole"), false);
    workload->count = good ? json_count(list) : 0;
    workload->items = arena_array(arena, workload->count + 1, sizeof(*workload->items));
    for (size_t i = 0; i < workload->count; i++) {
        const struct json *row = json_at(list, i);
        workload->items[i] = (struct monitor_counted){.query_id = json_i64(json_at(row, 0), 0),
                                                      .user_id = json_i64(json_at(row, 1), 0),
                                                      .calls = json_i64(json_at(row, 2), 0),
                                                      .ms = json_double(json_at(row, 3), 0)};
    }
    qsort(workload->items, workload->count, sizeof(*workload->items), compare_keys);
    json_free(object);
    return good || err_set(err, ERR_RECORD,
                           "the statements before the migration cannot be "
                           "read: no list \"statements\"");
}

/* ----------------------------------------------------------------- between */

static int64_t mean_us(int64_t calls, double ms)
{
    double us = calls > 0 ? ms / (double)calls * (double)US_PER_MS : 0;
    return us < 1 ? 1 : us > (double)US_PER_DAY * 365 ? 365 * US_PER_DAY : (int64_t)us;
}

int64_t monitor_workload_was(const struct monitor_workload *base, int64_t query_id,
                             int64_t user_id)
{
    const struct monitor_counted *was = base ? find(base, query_id, user_id) : NULL;
    if (was && was->calls > 0) {
        return mean_us(was->calls, was->ms);
    }
    return base && base->clock_us != 0 && base->whole && base->evicted == 0 ? 0 : -1;
}

static enum monitor_news judge(const struct monitor_load *load, int64_t over_us,
                               int64_t interval_us)
{
    bool known = load->was_us > 0;
    if (load->us > over_us && (!known || load->was_us <= over_us)) {
        return MONITOR_SLOW;
    }
    int64_t more_us = load->us - load->was_us;
    bool felt = more_us >= over_us / SLOWER_PART ||
                (double)more_us * (double)load->calls * SLOWER_LOAD >= (double)interval_us;
    return known && load->us >= SLOWER_TIMES * load->was_us && felt ? MONITOR_SLOWER
                                                                    : MONITOR_AS_EVER;
}

/* What was counted of it since `last`; false: nothing, or nobody can say. */
static bool grow(const struct monitor_workload *last, const struct monitor_counted *now,
                 struct monitor_counted *more)
{
    const struct monitor_counted *old = find(last, now->query_id, now->user_id);
    *more = *now;
    if (!old) {
        return last->whole && now->calls > 0;
    }
    more->calls -= old->calls;
    more->ms -= old->ms;
    return more->calls > 0 && more->ms >= 0;
}

/* Most time first; the keys make the order the same wherever it is made. */
static int compare_loads(const void *a, const void *b)
{
    const struct monitor_load *x = a;
    const struct monitor_load *y = b;
    if (x->total_ms > y->total_ms || x->total_ms < y->total_ms) {
        return x->total_ms > y->total_ms ? -1 : 1;
    }
    return x->query_id != y->query_id ? (x->query_id < y->query_id ? -1 : 1)
                                      : (x->user_id > y->user_id) - (x->user_id < y->user_id);
}

/* Keeps the first and the news. */
static void choose(struct monitor_interval *interval)
{
    size_t kept = 0;
    size_t news = 0;
    for (size_t i = 0; i < interval->count; i++) {
        bool is_news = interval->items[i].news != MONITOR_AS_EVER && news < NEWS;
        news += is_news ? 1 : 0;
        if (i < TOP || is_news) {
            interval->items[kept++] = interval->items[i];
        }
    }
    interval->count = kept;
}

void monitor_workload_between(struct monitor_interval *interval, struct arena *arena,
                              const struct monitor_workload *base,
                              const struct monitor_workload *last,
                              const struct monitor_workload *now, int64_t over_us)
{
    *interval = (struct monitor_interval){0};
    if (!last || last->clock_us == 0) {
        interval->why = "counted from here on";
        return;
    }
    if (!str_is(last->generation, now->generation) || now->clock_us <= last->clock_us) {
        interval->why = "its counters began anew: counted from here on";
        return;
    }
    interval->us = now->clock_us - last->clock_us;
    interval->items = arena_array(arena, now->count + 1, sizeof(*interval->items));
    for (size_t i = 0; i < now->count; i++) {
        struct monitor_counted more;
        if (!grow(last, &now->items[i], &more)) {
            continue;
        }
        struct monitor_load *load = &interval->items[interval->count++];
        *load = (struct monitor_load){
            .query_id = more.query_id,
            .user_id = more.user_id,
            .calls = more.calls,
            .us = mean_us(more.calls, more.ms),
            .was_us = monitor_workload_was(base, more.query_id, more.user_id),
            .total_ms = more.ms,
        };
        load->news = judge(load, over_us, interval->us);
        interval->total_ms += more.ms;
    }
    qsort(interval->items, interval->count, sizeof(*interval->items), compare_loads);
    choose(interval);
}
