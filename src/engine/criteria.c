/* SPDX-License-Identifier: PostgreSQL */
/*
 * The success criteria, one by one: what holds now. After a way back a check that was fine
 * before it says nothing about the database any more: it is told as what it was, and undone.
 */
#include "engine_private.h"

static enum moment newest_moment(const struct run *run)
{
    return run->snapshots[MOMENT_LAST].taken ? MOMENT_LAST : MOMENT_NOW;
}

/* Was the way back taken and looked at? Then what was judged before it is over. */
static bool is_back_now(const struct run *run)
{
    return run->snapshots[MOMENT_BACK].at_us != 0;
}

/* "09:41", as people say it. */
static void add_minute(struct strbuf *out, int64_t at_us)
{
    enum {
        HH_MM = 5
    };
    struct strbuf clock = {0};
    time_to_clock(&clock, at_us);
    strbuf_add(out, str_slice(strbuf_str(&clock), 0, HH_MM));
    strbuf_release(&clock);
}

struct str accepted_text(struct arena *arena, struct str who, int64_t at_us, struct str why)
{
    struct strbuf text = {0};
    strbuf_format(&text, "accepted by %.*s ", STR_ARG(who));
    add_minute(&text, at_us);
    strbuf_format(&text, ": %.*s", STR_ARG(why));
    struct str kept = str_dup(arena, strbuf_str(&text));
    strbuf_release(&text);
    return kept;
}

static void accept_criterion(struct run *run, struct run_criterion *criterion, struct str who,
                             int64_t at_us, struct str why)
{
    criterion->accepted = true;
    criterion->actual = accepted_text(run->arena, who, at_us, why);
}

/* "met 09:31, then undone": of now it says nothing. */
static void undo_criterion(struct run *run, struct run_criterion *criterion, int64_t at_us)
{
    struct strbuf text = {0};
    strbuf_text(&text, criterion->outcome == OUTCOME_OK       ? "met"
                       : criterion->outcome == OUTCOME_FAILED ? "missed"
                                                              : "not known");
    if (criterion->outcome != OUTCOME_NONE && criterion->outcome != OUTCOME_UNKNOWN) {
        strbuf_byte(&text, ' ');
        add_minute(&text, at_us);
    }
    strbuf_text(&text, (run->facts & FACT_ROLLED_BACK) != 0 ? ", then undone"
                                                            : ", before the way back");
    criterion->actual = run_keep(run, strbuf_str(&text));
    criterion->outcome = OUTCOME_NONE;
    criterion->accepted = false;
    criterion->undone = true;
    strbuf_release(&text);
}

static void judge_check(struct run *run, struct run_criterion *criterion)
{
    const struct run_check *check = find_check(run, criterion->criterion->check);
    if (!check || check->outcome == OUTCOME_NONE) {
        return;
    }
    criterion->outcome = check->outcome == OUTCOME_OK ? OUTCOME_OK : OUTCOME_FAILED;
    criterion->actual = check->outcome == OUTCOME_OK ? check->actual : check->why;
    if (is_back_now(run)) {
        undo_criterion(run, criterion, check->at_us);
    } else if (check->accepted && check->outcome != OUTCOME_OK) {
        accept_criterion(run, criterion, check->accepted_by, check->accepted_us,
                         check->accepted_why);
    }
}

/* After a way back the number of "before" is the right one, whatever the plan wants. */
static void judge_count_back(struct run *run, struct run_criterion *criterion,
                             const struct run_count *count)
{
    int64_t back = count->values[MOMENT_BACK];
    int64_t before = count->values[MOMENT_BEFORE];
    bool same = back >= 0 && back == before;
    criterion->undone = same;
    criterion->outcome = same ? OUTCOME_NONE : back < 0 ? OUTCOME_UNKNOWN : OUTCOME_FAILED;
    criterion->actual =
        same ? run_keep_format(run, "%lld, as before", (long long)back)
             : run_keep_format(run, "%lld, before %lld", (long long)back, (long long)before);
}

static void judge_count(struct run *run, struct run_criterion *criterion)
{
    for (size_t i = 0; i < run->count_count; i++) {
        const struct run_count *count = &run->counts[i];
        int64_t value = count->values[newest_moment(run)];
        bool named = str_is(count->id, criterion->criterion->count);
        if (named && is_back_now(run)) {
            judge_count_back(run, criterion, count);
            continue;
        }
        if (!named || value < 0) {
            continue;
        }
        criterion->outcome = value == count->expected ? OUTCOME_OK : OUTCOME_FAILED;
        criterion->actual = run_keep_format(run, "%lld", (long long)value);
        if (count->accepted && value != count->expected) {
            accept_criterion(run, criterion, count->who, count->accepted_us, count->why);
        }
    }
}

int64_t run_sql_us(const struct run *run)
{
    int64_t total = 0;
    for (size_t i = 0; i < run->script_count; i++) {
        if (run->scripts[i].state == SCRIPT_COMMITTED ||
            run->scripts[i].state == SCRIPT_UNDONE) {
            total += run->scripts[i].sql_us;
        }
    }
    return total;
}

/* From the first INTENT to the last end, pauses at checkpoints included: what users feel. */
static int64_t migration_us(const struct run *run)
{
    int64_t total = 0;
    for (size_t i = 0; i < run->script_count; i++) {
        const struct run_script *script = &run->scripts[i];
        if (script->ended_us > script->started_us && script->started_us > 0) {
            total += script->ended_us - script->started_us;
        }
    }
    return total;
}

static void judge_limit(struct run *run, struct run_criterion *criterion)
{
    const struct plan_limits *limits = &run->plan->limits;
    struct str limit = criterion->criterion->limit;
    int64_t most = PLAN_UNSAID;
    int64_t value = -1;
    if (str_eq(limit, "sql_total")) {
        most = limits->sql_total_us;
        value = run_sql_us(run);
    } else if (str_eq(limit, "migration_total")) {
        most = limits->migration_total_us;
        value = migration_us(run);
    } else if (str_eq(limit, "downtime")) {
        most = limits->downtime_us;
        value = run_downtime_us(run);
    } else if (str_eq(limit, "recovery")) {
        most = limits->recovery_us;
        bool taken = run->way_started_us > 0 && run->way_ended_us > run->way_started_us;
        value = taken ? run->way_ended_us - run->way_started_us : value;
        for (size_t i = 0; i < run->backup_count && !taken; i++) {
            value = run->backups[i].restore_us > value ? run->backups[i].restore_us : value;
        }
    }
    if (most == PLAN_UNSAID || value < 0 || (value == 0 && str_eq(limit, "recovery"))) {
        return;
    }
    criterion->outcome = value <= most ? OUTCOME_OK : OUTCOME_FAILED;
    criterion->actual = duration_text(run->arena, value);
}

static void judge_probe(struct run *run, struct run_criterion *criterion)
{
    for (size_t i = 0; i < run->probe_count; i++) {
        const struct run_probe *probe = &run->probes[i];
        if (!str_is(probe->probe->id, criterion->criterion->probe) || probe->count == 0) {
            continue;
        }
        bool good = !probe->breached && newest_sample(probe)->outcome == OUTCOME_OK;
        criterion->outcome = good ? OUTCOME_OK : OUTCOME_FAILED;
        criterion->actual = probe->breached ? probe->breach : probe->text;
        struct str seen = probe_observed_text(run, probe, run->arena);
        if (good && seen.len > 0) { /* fine while somebody looked is not fine all the time */
            criterion->outcome = OUTCOME_UNKNOWN;
            criterion->actual = seen;
        }
        if (!good && probe->accepted) {
            accept_criterion(run, criterion, probe->who, probe->accepted_us, probe->why);
        }
    }
}

void run_judge_criteria(struct run *run)
{
    for (size_t i = 0; i < run->criterion_count; i++) {
        struct run_criterion *criterion = &run->criteria[i];
        bool attested = criterion->criterion->kind == PLAN_CRITERION_ATTEST;
        if (!attested) {
            criterion->outcome = OUTCOME_UNKNOWN;
            criterion->accepted = criterion->undone = false;
            criterion->actual = (struct str){0};
            criterion->at_us = run->now_us;
        } else if (is_back_now(run) && !criterion->undone) {
            undo_criterion(run, criterion, criterion->at_us);
        }
        switch (criterion->criterion->kind) {
        case PLAN_CRITERION_CHECK:
            judge_check(run, criterion);
            break;
        case PLAN_CRITERION_COUNT:
            judge_count(run, criterion);
            break;
        case PLAN_CRITERION_LIMIT:
            judge_limit(run, criterion);
            break;
        case PLAN_CRITERION_PROBE:
            judge_probe(run, criterion);
            break;
        case PLAN_CRITERION_ATTEST:
        case PLAN_CRITERION_UNSAID:
            break;
        }
    }
}

/* The attested criteria are known to people as "criterion 1" … in the order of the plan. */
struct str criterion_id(const struct run *run, size_t index, struct arena *arena)
{
    (void)run;
    return str_format(arena, "criterion %zu", index + 1);
}

static int find_criterion(const struct run *run, struct str id)
{
    struct str prefix = STR("criterion ");
    int64_t number = 0;
    if (!str_starts(id, prefix.ptr) ||
        !str_to_i64(str_slice(id, prefix.len, id.len), &number) || number < 1 ||
        (size_t)number > run->criterion_count ||
        run->criteria[number - 1].criterion->kind != PLAN_CRITERION_ATTEST) {
        return -1;
    }
    return (int)number - 1;
}

bool criterion_is_known(const struct run *run, const struct event *event)
{
    return find_criterion(run, event->id) >= 0 && event->text.len > 0 && event->who.len > 0;
}

void on_criterion(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    struct run_criterion *criterion = &run->criteria[find_criterion(run, event->id)];
    criterion->outcome = str_eq(event->tag, "no") ? OUTCOME_FAILED : OUTCOME_OK;
    criterion->actual = run_keep(run, event->text);
    criterion->who = run_keep(run, event->who);
    criterion->at_us = event->at_us;
}
