/* SPDX-License-Identifier: PostgreSQL */
/*
 * What is new since the migration, and how closely the probes look.
 *
 * What the statements cost is asked for once before the first change and then in turns of
 * the watch; the shell subtracts and judges, the model keeps what is news: statements that
 * became slow, lines of a log of a kind that did not come before. What nobody could count is
 * not known; it never becomes "nothing new".
 */
#include "engine_private.h"
#include "monitor.h"

enum {
    TURNS = 3,  /* of the probes, between two looks at the statements */
    COST = 100, /* what took so long is asked so many times that apart */
};
/* Between two looks at the statements, and the shortest pace of the probes. */
static const int64_t least_us = 5 * US_PER_SECOND;
static const int64_t most_us = 60 * US_PER_SECOND;
static const int64_t pace_least_us = US_PER_SECOND / 2;

/* ----------------------------------------------------------------- asking */

static void ask(const struct run *run, struct effects *effects, enum moment moment)
{
    if (run->plan->monitoring.mark.line != 0) {
        send_query(effects, QUERY_WORKLOAD)->moment = moment;
    }
}

void ask_workload_before(const struct run *run, struct effects *effects)
{
    if (!run->changed) {
        ask(run, effects, MOMENT_BEFORE);
    }
}

int64_t next_workload_us(const struct run *run)
{
    return run->state == STATE_MONITOR && !run->workload.out ? run->workload.due_us : INT64_MAX;
}

void tick_workload(struct run *run, struct effects *effects)
{
    if (run->now_us >= next_workload_us(run)) {
        run->workload.out = true;
        ask(run, effects, MOMENT_NOW);
    }
}

/* ------------------------------------------------------------------- news */

static struct run_news *find_news(const struct run *run, struct str kind, struct str id)
{
    const struct run_workload *workload = &run->workload;
    for (size_t i = 0; i < workload->news_count; i++) {
        struct run_news *news = &workload->news[i];
        /* A statement is the same whether it runs, is slow, or is slower. */
        bool log = str_eq(kind, "log");
        if (str_is(news->id, id) && log == str_eq(news->kind, "log")) {
            return news;
        }
    }
    return NULL;
}

/* A place for one more: the one that was quiet for longest gives way. */
static struct run_news *place(struct run *run)
{
    struct run_workload *workload = &run->workload;
    if (!workload->news) {
        workload->news = arena_array(run->arena, NEWS_MAX, sizeof(*workload->news));
    }
    workload->news_told++;
    if (workload->news_count < NEWS_MAX) {
        return &workload->news[workload->news_count++];
    }
    struct run_news *oldest = &workload->news[0];
    for (size_t i = 1; i < NEWS_MAX; i++) {
        oldest = workload->news[i].last_us < oldest->last_us ? &workload->news[i] : oldest;
    }
    return oldest;
}

static void add_news(struct run *run, const struct event_item *item)
{
    struct run_news *news = find_news(run, item->kind, item->name);
    bool running = str_eq(item->kind, "running");
    if (!news) {
        news = place(run);
        *news = (struct run_news){.id = run_keep(run, item->name), .first_us = run->now_us};
    } else if (running && !str_eq(news->kind, "running")) {
        return; /* it was counted when it had ended; it runs once more */
    }
    if (!str_is(news->kind, item->kind)) {
        news->kind = run_keep(run, item->kind);
        news->times = 0; /* it ran, and now it is counted */
    }
    if (!str_is(news->text, item->text)) {
        news->text = run_keep(run, item->text);
    }
    news->last_us = run->now_us;
    news->times = running ? 1 : news->times + item->value;
    news->us = item->us;
    news->was_us = item->was_us;
}

/* ------------------------------------------------------------- statements */

/* Texts that the list had before are not kept twice. */
static struct str keep_text(struct run *run, const struct run_load *old, size_t count,
                            struct str text)
{
    for (size_t i = 0; i < count; i++) {
        if (str_is(old[i].text, text)) {
            return old[i].text;
        }
        if (str_is(old[i].id, text)) {
            return old[i].id;
        }
    }
    return run_keep(run, text);
}

static void keep_loads(struct run *run, const struct event *event)
{
    struct run_workload *workload = &run->workload;
    struct run_load old[LOADS_MAX];
    size_t old_count = workload->load_count;
    memcpy(old, workload->loads, sizeof(old));
    workload->load_count = 0;
    for (size_t i = 0; i < event->item_count && workload->load_count < LOADS_MAX; i++) {
        const struct event_item *item = &event->items[i];
        if (str_eq(item->kind, "running")) {
            continue;
        }
        workload->loads[workload->load_count++] =
            (struct run_load){.id = keep_text(run, old, old_count, item->name),
                              .text = keep_text(run, old, old_count, item->text),
                              .calls = item->value,
                              .us = item->us,
                              .was_us = item->was_us,
                              .news = item->kind.len > 0};
    }
    workload->us = event->us;
    workload->ms = event->number;
    workload->from_us = event->at_us;
}

static void keep_before(struct run *run, const struct event *event)
{
    struct run_workload *workload = &run->workload;
    workload->before = event->outcome;
    workload->before_hash = run_keep(run, event->hash);
    workload->before_text = run_keep(run, event->text);
}

void on_workload(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    struct run_workload *workload = &run->workload;
    if (event->moment == MOMENT_BEFORE) {
        keep_before(run, event);
        return;
    }
    int64_t turn_us = TURNS * run->pace_us;
    turn_us = turn_us < event->value * COST ? event->value * COST : turn_us;
    turn_us = turn_us < least_us ? least_us : turn_us > most_us ? most_us : turn_us;
    workload->out = false;
    workload->due_us = event->at_us + turn_us;
    workload->at_us = event->at_us;
    workload->outcome = event->outcome;
    if (!str_is(workload->text, event->text)) {
        workload->text = run_keep(run, event->text);
    }
    for (size_t i = 0; i < event->item_count; i++) {
        if (event->items[i].kind.len > 0) {
            add_news(run, &event->items[i]);
        }
    }
    if (event->outcome == OUTCOME_OK) {
        keep_loads(run, event);
    }
}

/* -------------------------------------------------------------------- logs */

static bool came_before(const struct run_workload *workload, struct str kind)
{
    for (size_t i = 0; i < workload->line_count; i++) {
        if (str_is(workload->lines[i], kind)) {
            return true;
        }
    }
    return false;
}

void keep_log_line(struct run *run, const struct run_probe *probe, const struct event *event)
{
    struct run_workload *workload = &run->workload;
    if (probe->probe->source != PLAN_PROBE_LOG || event->outcome != OUTCOME_OK ||
        event->number < 1 || event->text.len == 0) {
        return;
    }
    struct strbuf kind = {0};
    strbuf_add(&kind, probe->probe->id);
    strbuf_text(&kind, ": ");
    monitor_log_kind(&kind, event->text);
    bool known = came_before(workload, strbuf_str(&kind));
    if (!run->changed && !known && workload->line_count < NEWS_MAX) {
        if (!workload->lines) {
            workload->lines = arena_array(run->arena, NEWS_MAX, sizeof(*workload->lines));
        }
        workload->lines[workload->line_count++] = run_keep(run, strbuf_str(&kind));
    }
    if (run->changed && !known) {
        add_news(run, &(struct event_item){.kind = STR("log"),
                                           .name = strbuf_str(&kind),
                                           .text = event->text,
                                           .value = (int64_t)event->number});
    }
    strbuf_release(&kind);
}

/* -------------------------------------------------------------------- pace */

int64_t run_pace_least_us(const struct run *run)
{
    int64_t plan_us = run->plan->monitoring.every_us;
    return plan_us < pace_least_us ? plan_us : pace_least_us;
}

/* The plan's limits are judged by its own pace: oftener is allowed, less often is not. */
bool pace_fits(const struct run *run, const struct event *event)
{
    return probes_are_on(run) && event->us >= run_pace_least_us(run) &&
           event->us <= run->plan->monitoring.every_us;
}

void on_pace(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    run->pace_us = event->us;
    for (size_t i = 0; i < run->probe_count; i++) {
        struct run_probe *probe = &run->probes[i];
        if (probe->next_us > event->at_us + event->us) {
            probe->next_us = event->at_us + event->us;
        }
    }
}

int64_t probe_pause_us(const struct run *run, int64_t took_us)
{
    int64_t plan_us = run->plan->monitoring.every_us;
    int64_t pause_us = took_us > run->pace_us / COST ? took_us * COST : run->pace_us;
    return pause_us < plan_us ? pause_us : plan_us;
}

int64_t run_next_sample_us(const struct run *run)
{
    int64_t next_us = INT64_MAX;
    for (size_t i = 0; i < run->probe_count; i++) {
        const struct run_probe *probe = &run->probes[i];
        int64_t due_us = probe->in_flight ? run->now_us : probe->next_us;
        next_us = due_us < next_us ? due_us : next_us;
    }
    return next_us;
}
