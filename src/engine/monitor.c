/* SPDX-License-Identifier: PostgreSQL */
/*
 * Probes and the watch. Probes run from PREP on, so that there is a baseline. A gap
 * stays a gap: an unknown sample is never a number and never healthy. A breached
 * limit latches until a person takes notice, and it stays a finding until accepted.
 *
 * Ticks wake what is due (probes, the look at who blocks us); they change no state,
 * so that a fold without ticks gives the same model.
 */
#include <math.h>

#include "engine_private.h"
#include "monitor.h"

enum {
    MISSES_TO_BREACH = 2, /* two in a row ask the operator (plan format, monitoring) */
    BLOCKERS_EVERY_US = 250000,
    WRITES_EVERY_US = 30000000,
};

bool probes_are_on(const struct run *run)
{
    switch (run->state) {
    case STATE_PREP:
    case STATE_BACKUP:
    case STATE_POLL:
    case STATE_NAME:
    case STATE_BEFORE:
    case STATE_READY:
    case STATE_BEGIN:
    case STATE_RUNNING:
    case STATE_INSIDE:
    case STATE_LEDGER:
    case STATE_EVIDENCE:
    case STATE_COMMIT:
    case STATE_UNDOING:
    case STATE_STEP_CHECKS:
    case STATE_CHECKPOINT:
    case STATE_FAILED:
    case STATE_MANUAL:
    case STATE_VERIFY:
    case STATE_JUDGE:
    case STATE_MONITOR:
    case STATE_LAST:
    case STATE_HOLD:
    case STATE_CHOOSE:
    case STATE_WAY_NAME:
    case STATE_WAY_MANUAL:
    case STATE_RESTORE:
    case STATE_SWITCH:
    case STATE_BACK_CHECK:
    case STATE_LOST:
    case STATE_SETTLE:
    case STATE_IN_DOUBT:
        return true;
    case STATE_NEW:
    case STATE_CONNECT:
    case STATE_IDENTIFY:
    case STATE_REVIEW:
    case STATE_WRONG_COUNTS:
    case STATE_CLOSE:
    case STATE_REPORT:
    case STATE_LEAVING:
    case STATE_END:
    case STATE__COUNT:
        return false;
    }
    return false;
}

int64_t next_writes_us(const struct run *run)
{
    bool taken = false;
    for (size_t i = 0; i < run->backup_count; i++) {
        taken = taken || run->backups[i].level >= PLAN_LEVEL_DUMPED;
    }
    bool wanted =
        taken && probes_are_on(run) && run->connected[SESSION_WATCH] && !run->writes_out;
    return wanted ? run->writes_due_us : INT64_MAX;
}

/* Who writes what a restore would lose: known from the backup on. */
static void count_writes(struct run *run, struct effects *effects)
{
    if (run->now_us < next_writes_us(run)) {
        return;
    }
    run->writes_out = true;
    send_query(effects, QUERY_WRITES)->session = SESSION_WATCH;
}

void tick(struct run *run, struct effects *effects)
{
    if (!probes_are_on(run)) {
        return;
    }
    for (size_t i = 0; i < run->probe_count; i++) {
        struct run_probe *probe = &run->probes[i];
        if (!probe->in_flight && run->now_us >= probe->next_us) {
            probe->in_flight = true;
            struct effect *effect = send_query(effects, QUERY_PROBE);
            effect->session = SESSION_WATCH;
            effect->index = (int)i;
        }
    }
    count_writes(run, effects);
    ask_recent(run, effects);
    tick_workload(run, effects);
    ask_archiver(run, effects);
    bool busy = run->state == STATE_RUNNING || run->state == STATE_COMMIT;
    if (busy && run->connected[SESSION_WATCH] && !run->blockers_out &&
        run->now_us >= run->blockers_due_us) {
        run->blockers_out = true;
        run->blockers_due_us = run->now_us + BLOCKERS_EVERY_US;
        struct effect *effect = send_query(effects, QUERY_BLOCKERS);
        effect->session = SESSION_WATCH;
        effect->pid = run->session_pid[SESSION_WORK];
    }
}

bool breaks_limit(const struct run_probe *probe, double number)
{
    const struct plan_probe *plan = probe->probe;
    double limit = plan->expected.kind == PLAN_VALUE_DECIMAL ? plan->expected.decimal
                                                             : (double)plan->expected.number;
    if (plan->expected.kind == PLAN_VALUE_DURATION) {
        limit /= (double)US_PER_SECOND; /* samples of durations are seconds */
    }
    switch (plan->comparator) {
    case PLAN_AT_MOST:
        return number > limit;
    case PLAN_AT_LEAST:
        return number < limit;
    case PLAN_EQUALS:
        return fabs(number - limit) > 1e-9;
    case PLAN_MATCHES:
    case PLAN_SAME_AS:
        return number < 1;
    case PLAN_COMPARE_UNSAID:
    case PLAN_EMPTY:
    case PLAN_EXISTS:
        return false;
    }
    return false;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* The median of what was good before the first change. */
static double median(const struct run_probe *probe)
{
    double *values = mem_zero(probe->count + 1, sizeof(*values));
    size_t count = 0;
    for (size_t i = 0; i < probe->count; i++) {
        if (probe->samples[i].outcome == OUTCOME_OK) {
            values[count++] = probe->samples[i].number;
        }
    }
    qsort(values, count, sizeof(*values), compare_doubles);
    double middle = count > 0 ? values[count / 2] : (double)NAN;
    free(values);
    return middle;
}

const struct run_sample *newest_sample(const struct run_probe *probe)
{
    return &probe->samples[(probe->next + probe->capacity - 1) % probe->capacity];
}

static struct run_sample *sample_before(const struct run_probe *probe, size_t back)
{
    return &probe->samples[(probe->next + probe->capacity - back) % probe->capacity];
}

static bool is_worse(const struct run_probe *probe, const struct run_sample *a,
                     const struct run_sample *b)
{
    bool a_gap = a->outcome != OUTCOME_OK;
    bool b_gap = b->outcome != OUTCOME_OK;
    if (a_gap || b_gap) {
        return a_gap && !b_gap;
    }
    bool low = probe->probe->comparator == PLAN_AT_LEAST;
    return low ? a->number < b->number : a->number > b->number;
}

/*
 * At a person's wish a probe is asked oftener than the plan says. The ring holds the plan's
 * pace: of two answers in half a turn the worse one stays, once there is a newer one.
 */
static void thin_samples(struct run_probe *probe, int64_t every_us)
{
    if (probe->count < 2) {
        return;
    }
    struct run_sample *last = sample_before(probe, 1);
    struct run_sample *former = sample_before(probe, 2);
    if (last->at_us - former->at_us >= every_us / 2) {
        return;
    }
    if (is_worse(probe, last, former)) {
        int64_t at_us = former->at_us;
        *former = *last;
        former->at_us = at_us;
    }
    probe->next = (probe->next + probe->capacity - 1) % probe->capacity;
    probe->count--;
}

static void add_sample(const struct run *run, struct run_probe *probe,
                       const struct event *event)
{
    if (run->pace_us < run->plan->monitoring.every_us) {
        thin_samples(probe, run->plan->monitoring.every_us);
    }
    struct run_sample *sample = &probe->samples[probe->next];
    *sample = (struct run_sample){
        .at_us = event->at_us,
        .outcome = event->outcome,
        .number = event->outcome == OUTCOME_OK ? event->number : (double)NAN,
        .us = event->us,
    };
    probe->next = (probe->next + 1) % probe->capacity;
    if (probe->count < probe->capacity) {
        probe->count++;
    }
}

/* What a probe that misses says, what it should say, and since when; for people. */
static struct str miss_text(struct run *run, const struct run_probe *probe)
{
    struct strbuf out = {0};
    const struct run_sample *newest = newest_sample(probe);
    bool gap = newest->outcome != OUTCOME_OK;
    bool text = probe->probe->comparator == PLAN_MATCHES;
    if (gap) {
        strbuf_text(&out, "no answer");
    } else if (!text) {
        monitor_value_text(&out, probe->probe, newest->number);
    }
    if (probe->text.len > 0 && (gap || text)) {
        strbuf_format(&out, "%s%.*s%s", gap ? " (" : "\"", STR_ARG(probe->text),
                      gap ? ")" : "\"");
    } else if (!gap && text) {
        strbuf_text(&out, "something else");
    }
    strbuf_text(&out, ", the limit is ");
    monitor_limit_text(&out, probe->probe);
    strbuf_text(&out, ", since ");
    time_to_clock(&out, probe->missed_us);
    strbuf_text(&out, " UTC");
    struct str kept = run_keep(run, strbuf_str(&out));
    strbuf_release(&out);
    return kept;
}

bool sample_fits(const struct run *run, const struct event *event)
{
    return event->index >= 0 && (size_t)event->index < run->probe_count;
}

/* A sample that was under way when LAST began is older than what it would be held against. */
static bool is_asked_in_last(const struct run *run, const struct event *event)
{
    return event->at_us - event->us >= run->last_began_us;
}

static int64_t next_sample_us(const struct run *run, const struct run_probe *probe,
                              const struct event *event)
{
    int64_t every_us = probe_pause_us(run, event->us);
    /* A rate has no first value: the second is asked for soon, people may wait for it. */
    bool first_gap = probe->count == 1 && event->outcome != OUTCOME_OK;
    if (probe->last_out) {
        return 0;
    }
    return event->at_us + (first_gap && every_us > US_PER_SECOND ? US_PER_SECOND : every_us);
}

/* Told once; again when it was noticed, was over, and begins anew. */
static bool breach_is_new(const struct run_probe *probe)
{
    bool seen = probe->acknowledged || probe->accepted;
    return probe->misses >= MISSES_TO_BREACH &&
           (!probe->breached || (seen && probe->recovered));
}

static void keep_breach(struct run *run, struct run_probe *probe, int64_t at_us)
{
    probe->breached = true;
    probe->acknowledged = probe->accepted = probe->recovered = false;
    probe->who = probe->why = (struct str){0};
    probe->breached_us = at_us;
    probe->breaches++;
    probe->breach = miss_text(run, probe);
    run_remark(run, "breach", STR("gonogo"), probe->probe->id, probe->breach, false);
}

void on_sample(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    struct run_probe *probe = &run->probes[event->index];
    add_sample(run, probe, event);
    watch_sample(run, probe, event);
    probe->in_flight = false;
    probe->last_out = probe->last_out && !is_asked_in_last(run, event);
    probe->heard += run->phase == PHASE_MONITOR && event->outcome == OUTCOME_OK ? 1 : 0;
    probe->next_us = next_sample_us(run, probe, event);
    if (!str_is(probe->text, event->text)) {
        probe->text = run_keep(run, event->text);
    }
    keep_log_line(run, probe, event);
    if (!run->changed) {
        probe->baseline = median(probe);
    }
    bool gap = event->outcome != OUTCOME_OK;
    bool bad = gap || breaks_limit(probe, event->number);
    /* While the connection is known to be lost a sample tells nothing new. */
    bool missed = bad && run->connected[SESSION_WATCH];
    /* A rate after one lost answer: that is one miss, as for every other probe, not two. */
    if (!(gap && event->flag)) {
        probe->missed_us = missed && probe->misses == 0 ? event->at_us : probe->missed_us;
        probe->misses = missed ? probe->misses + 1 : 0;
    }
    probe->recovered = probe->recovered || !bad;
    if (bad && probe->probe->downtime && run->phase >= PHASE_MIGRATE) {
        probe->first_failure_us =
            probe->first_failure_us == 0 ? event->at_us : probe->first_failure_us;
        probe->last_failure_us = event->at_us;
    }
    if (bad && probe->probe->comparator != PLAN_COMPARE_UNSAID && run->phase >= PHASE_MIGRATE &&
        breach_is_new(probe)) {
        keep_breach(run, probe, event->at_us);
    }
}

bool probe_was_silent(const struct run *run, const struct run_probe *probe)
{
    return run->phase_ended_us[PHASE_MONITOR] != 0 && run->phase == PHASE_CLOSE &&
           !run->way_back && probe->heard == 0;
}

/* Is a probe, other than this one, still to answer before the watch is closed? */
bool last_probes_are_out(const struct run *run, const struct run_probe *but)
{
    for (size_t i = 0; i < run->probe_count; i++) {
        if (run->probes[i].last_out && &run->probes[i] != but) {
            return true;
        }
    }
    return false;
}

/* The last probe answers after the last check: the books are closed with it. */
bool sample_last(const struct run *run, const struct event *event)
{
    return sample_fits(run, event) && run->probes[event->index].last_out &&
           is_asked_in_last(run, event) && run->running_checks == 0 &&
           run->connected[SESSION_CHECK] &&
           !last_probes_are_out(run, &run->probes[event->index]);
}

void on_sample_last(struct run *run, const struct event *event, struct effects *effects)
{
    on_sample(run, event, effects);
    verification_over(run, effects);
}

static struct run_probe *find_probe(const struct run *run, struct str id)
{
    for (size_t i = 0; i < run->probe_count; i++) {
        if (str_is(run->probes[i].probe->id, id)) {
            return &run->probes[i];
        }
    }
    return NULL;
}

bool acknowledge_is_known(const struct run *run, const struct event *event)
{
    const struct run_probe *probe = find_probe(run, event->id);
    return probe && probe->breached && event->who.len > 0;
}

void on_acknowledge(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    struct run_probe *probe = find_probe(run, event->id);
    probe->acknowledged = probe->accepted = true;
    probe->accepted_us = event->at_us;
    probe->who = run_keep(run, event->who);
    probe->why = run_keep(run, event->text);
    run_remark(run, "acknowledged", event->who, event->id, event->text, event->flag);
}

void enter_monitor(struct run *run, struct effects *effects)
{
    if (run->plan->monitoring.mark.line == 0) {
        run_enter(run, effects, STATE_LAST);
        return;
    }
    run_go(run, effects, STATE_MONITOR);
    int64_t length = run->plan->monitoring.slot.length_us;
    if (run->monitor_ends_us == 0) {
        run->monitor_ends_us = run->now_us + (length > 0 ? length : 0);
    }
}

/* A person may end the watch early only by an override with a reason. */
bool monitor_may_end(const struct run *run, const struct event *event)
{
    (void)run;
    return str_eq(event->id, "monitor") && event->text.len > 0 && event->who.len > 0;
}

void on_monitor_over(struct run *run, const struct event *event, struct effects *effects)
{
    if (event->kind == EVENT_OVERRIDE) {
        run->monitor_overridden = true;
        run_remark(run, "override", event->who, event->id, event->text, event->flag);
    }
    run_enter(run, effects, STATE_LAST);
}

/* Counted anew after a break: what was known before the break is not less true for it. */
static void keep_larger(struct run *run, const struct event_item *old, size_t old_count)
{
    for (size_t i = 0; i < old_count; i++) {
        struct event_item *found = NULL;
        for (size_t k = 0; k < run->write_count && !found; k++) {
            found = str_is(run->writes[k].name, old[i].name) ? &run->writes[k] : NULL;
        }
        if (!found) {
            run->writes[run->write_count++] = old[i];
        } else if (found->value < old[i].value) {
            found->value = old[i].value;
        }
    }
}

/* Half as many stretches, each twice as long: a long wait keeps its shape. */
static void join_stretches(struct run *run)
{
    for (size_t i = 0; i < WRITTEN_STRETCHES / 2; i++) {
        const struct run_stretch *a = &run->written[2 * i];
        const struct run_stretch *b = &run->written[2 * i + 1];
        bool known = a->rows >= 0 && b->rows >= 0;
        run->written[i] =
            (struct run_stretch){a->from_us, b->at_us, known ? a->rows + b->rows : -1};
    }
    run->written_count = WRITTEN_STRETCHES / 2;
}

/* What was written since the look before; a count that began anew is not known. */
static void add_written(struct run *run, const struct event *event, int64_t before)
{
    bool more = false;
    int64_t rows = run_rows_written(run, &more);
    bool known = event->outcome == OUTCOME_OK && !event->flag && before >= 0 && rows >= before;
    if (run->written_count == WRITTEN_STRETCHES) {
        join_stretches(run);
    }
    int64_t from_us = run->written_count > 0 ? run->written[run->written_count - 1].at_us
                                             : run_newest_dump_us(run);
    run->written[run->written_count++] =
        (struct run_stretch){from_us, event->at_us, known ? rows - before : -1};
}

void on_writes(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    bool more = false;
    int64_t before = run->written_count > 0 ? run_rows_written(run, &more) : 0;
    run->writes_out = false;
    run->writes_due_us = event->at_us + WRITES_EVERY_US;
    if (event->outcome != OUTCOME_OK) {
        run->writes_in_part = run->writes_in_part || run->write_count == 0;
        add_written(run, event, before);
        return;
    }
    const struct event_item *old = run->writes;
    size_t old_count = event->flag ? run->write_count : 0;
    run->writes_in_part = event->flag;
    run->writes_at_us = event->at_us;
    run->writes = arena_array(run->arena, event->item_count + old_count, sizeof(*run->writes));
    run->write_count = event->item_count;
    for (size_t i = 0; i < event->item_count; i++) {
        run->writes[i] = event->items[i];
        run->writes[i].name = run_keep(run, event->items[i].name);
        run->writes[i].kind = run_keep(run, event->items[i].kind);
        run->writes[i].text = run_keep(run, event->items[i].text);
    }
    keep_larger(run, old, old_count);
    add_written(run, event, before);
}

int64_t run_downtime_us(const struct run *run)
{
    int64_t longest = 0;
    for (size_t i = 0; i < run->probe_count; i++) {
        const struct run_probe *probe = &run->probes[i];
        if (probe->probe->downtime && probe->first_failure_us != 0) {
            int64_t length = probe->last_failure_us - probe->first_failure_us +
                             run->plan->monitoring.every_us;
            longest = length > longest ? length : longest;
        }
    }
    return longest;
}
