/* SPDX-License-Identifier: PostgreSQL */
/*
 * What was counted, judged and told: the file of the baseline, the statements of an interval
 * with their texts, what runs too long. Texts are on one line, clean and short; what no part
 * of the application is stands in one row.
 */
#include "perform_workload.h"

enum {
    SHOWN = 8,          /* statements by time, and those that are news */
    TEXT_COLUMNS = 160, /* of a statement's text that are kept */
};

static const char hidden[] =
    "statements of other roles are hidden from ours (pg_read_all_stats): they are not known";

static void tell(struct workload *workload, struct event *event)
{
    event->kind = EVENT_WORKLOAD;
    event->moment = workload->moment;
    event->script = -1;
    if (workload->moment == MOMENT_NOW) {
        event->value = workload->began_us > 0 ? loop_now_us() - workload->began_us : 0;
        workload->began_us = 0; /* what could not even connect took nothing of the server */
    }
    performer_emit(workload->performer, event);
    workload_look_over(workload);
}

/* What is known of it is told all the same: what runs right now needs no extension. */
void workload_tell_unknown(struct workload *workload, const char *why)
{
    tell(workload, &(struct event){.outcome = OUTCOME_UNKNOWN,
                                   .text = str_from(why),
                                   .items = workload->items,
                                   .item_count = workload->item_count});
}

void workload_tell_before(struct workload *workload)
{
    struct strbuf text = {0};
    struct sha256_hex name;
    struct err err = {0};
    arena_clear(&workload->base_arena);
    monitor_workload_write(&text, &workload->now);
    bool ok = monitor_workload_load(&workload->base, &workload->base_arena, strbuf_str(&text),
                                    &err) &&
              journal_store_blob(workload->performer->journal, strbuf_str(&text), &name, &err);
    strbuf_release(&text);
    workload_close(workload);
    if (!ok) {
        workload_tell_unknown(workload, err.message);
        return;
    }
    tell(workload, &(struct event){.outcome = OUTCOME_OK,
                                   .hash = sha256_str(&name),
                                   .value = (int64_t)workload->base.count,
                                   .text = str_from(workload->base.hidden ? hidden : "")});
}

/* ------------------------------------------------------------------ judging */

static struct str shown_text(struct workload *workload, struct str text)
{
    struct strbuf line = {0};
    monitor_statement_line(&line, text);
    struct str clean = sanitise_line(&workload->arena, strbuf_str(&line));
    struct str fit = str_fit(clean, TEXT_COLUMNS);
    strbuf_release(&line);
    return fit.len < clean.len ? str_format(&workload->arena, "%.*s\xe2\x80\xa6", STR_ARG(fit))
                               : clean;
}

/* "queryid/userid": the same statement again, whether it runs or is counted. */
static struct str load_key(struct workload *workload, int64_t query_id, int64_t user_id)
{
    return str_format(&workload->arena, "%lld/%lld", (long long)query_id, (long long)user_id);
}

static struct str text_of(const struct workload *workload, const struct monitor_load *load)
{
    for (size_t i = 0; i < workload->names.row_count; i++) {
        if (rows_i64(&workload->names, i, 0, 0) == load->query_id &&
            rows_i64(&workload->names, i, 1, 0) == load->user_id) {
            return rows_text(&workload->names, i, 3);
        }
    }
    return (struct str){0};
}

static void add_load(struct workload *workload, const struct monitor_load *load,
                     struct str text)
{
    static const struct str kinds[] = {[MONITOR_AS_EVER] = {0},
                                       [MONITOR_SLOW] = {"slow", 4},
                                       [MONITOR_SLOWER] = {"slower", 6}};
    workload->items[workload->item_count++] = (struct event_item){
        .kind = kinds[load->news],
        .name = load_key(workload, load->query_id, load->user_id),
        .text = text.len > 0 ? shown_text(workload, text) : STR("(its text is not known)"),
        .value = load->calls,
        .us = load->us,
        .was_us = load->was_us};
}

/* Ours and those of other observers, together: they are no part of the application. */
static void add_housekeeping(struct workload *workload, int64_t calls, double ms)
{
    if (calls > 0) {
        workload->items[workload->item_count++] = (struct event_item){
            .name = STR("housekeeping"),
            .text = STR("(settings, questions to the catalogs; gonogo's own among them)"),
            .value = calls,
            .us = (int64_t)(ms / (double)calls * (double)US_PER_MS),
            .was_us = -1};
    }
}

void workload_tell_interval(struct workload *workload)
{
    const struct monitor_interval *interval = &workload->interval;
    int64_t house_calls = 0;
    double house_ms = 0;
    size_t shown = 0;
    for (size_t i = 0; i < interval->count; i++) {
        const struct monitor_load *load = &interval->items[i];
        struct str text = text_of(workload, load);
        if (monitor_is_housekeeping(text)) {
            house_calls += load->calls;
            house_ms += load->total_ms;
        } else if (shown < SHOWN || load->news != MONITOR_AS_EVER) {
            add_load(workload, load, text);
            shown++;
        }
    }
    add_housekeeping(workload, house_calls, house_ms);
    tell(workload, &(struct event){.outcome = OUTCOME_OK,
                                   .us = interval->us,
                                   .number = interval->total_ms,
                                   .text = str_from(workload->now.hidden ? hidden : ""),
                                   .items = workload->items,
                                   .item_count = workload->item_count});
}

/* From when a statement is slow: as the plan's own probe has it. */
int64_t workload_slow_us(const struct workload *workload)
{
    const struct plan_probes *probes = &workload->performer->plan->plan->monitoring.probes;
    for (size_t i = 0; i < probes->count; i++) {
        if (probes->items[i].builtin == PLAN_GAUGE_SLOW_STATEMENTS &&
            probes->items[i].over_us != PLAN_UNSAID) {
            return probes->items[i].over_us;
        }
    }
    return US_PER_SECOND;
}

/* A run that was taken up again has the file only. */
void workload_find_base(struct workload *workload)
{
    const struct run_workload *known = &workload->performer->run->workload;
    struct strbuf text = {0};
    struct err err = {0};
    if (workload->base.clock_us == 0 && known->before_hash.len > 0 &&
        journal_load_blob(journal_directory_fd(workload->performer->journal),
                          known->before_hash, &text, &err) &&
        !monitor_workload_load(&workload->base, &workload->base_arena, strbuf_str(&text),
                               &err)) {
        workload->base = (struct monitor_workload){0};
    }
    strbuf_release(&text);
}

void workload_keep_running(struct workload *workload, const struct rows *rows)
{
    enum {
        QUERY,
        USER,
        ROLE,
        MS,
        PID,
        TEXT
    };
    for (size_t i = 0; i < rows->row_count && i < MONITOR_RUNNING_MAX; i++) {
        struct str text = shown_text(workload, rows_text(rows, i, TEXT));
        int64_t query_id = rows_i64(rows, i, QUERY, 0);
        int64_t user_id = rows_i64(rows, i, USER, 0);
        double ms = 0;
        if (!str_to_double(rows_text(rows, i, MS), &ms) ||
            monitor_is_housekeeping(rows_text(rows, i, TEXT))) {
            continue;
        }
        workload->items[workload->item_count++] = (struct event_item){
            .kind = STR("running"),
            .name = query_id != 0
                        ? load_key(workload, query_id, user_id)
                        : str_format(&workload->arena, "pid %lld: %.*s",
                                     (long long)rows_i64(rows, i, PID, 0), STR_ARG(text)),
            .text = text,
            .value = 1,
            .us = (int64_t)(ms * (double)US_PER_MS),
            .was_us =
                query_id != 0 ? monitor_workload_was(&workload->base, query_id, user_id) : -1};
    }
}
