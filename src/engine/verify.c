/* SPDX-License-Identifier: PostgreSQL */
/*
 * VERIFY, and the same once more at the end of MONITOR: the catalog is read, every
 * set is run, numbers and members are held against the plan. A failed check or an
 * unplanned change waits for a person; accepting takes a reason.
 */
#include "engine_private.h"

static size_t set_size(const struct run *run, size_t set)
{
    return run->plan->verification.sets.items[set].checks.count;
}

struct run_check *find_check(const struct run *run, struct str id)
{
    for (size_t i = 0; i < run->set_count; i++) {
        for (size_t k = 0; k < set_size(run, i); k++) {
            if (str_is(run->sets[i][k].check->id, id)) {
                return &run->sets[i][k];
            }
        }
    }
    for (size_t i = 0; i < run->script_count; i++) {
        for (size_t k = 0; k < run->scripts[i].check_count; k++) {
            if (str_is(run->scripts[i].checks[k].check->id, id)) {
                return &run->scripts[i].checks[k];
            }
        }
    }
    return NULL;
}

void enter_verification(struct run *run, struct effects *effects, enum moment moment)
{
    run_go(run, effects, moment == MOMENT_NOW ? STATE_VERIFY : STATE_LAST);
    run->running_checks = 0;
    bool last = moment == MOMENT_LAST;
    run->last_began_us = last ? run->now_us : run->last_began_us;
    for (size_t i = 0; i < run->probe_count; i++) {
        run->probes[i].next_us = last ? 0 : run->probes[i].next_us;
        run->probes[i].last_out = last;
    }
    send_snapshot(run, effects, moment);
    for (size_t i = 0; i < run->set_count; i++) {
        begin_checks(run->sets[i], set_size(run, i));
        for (size_t k = 0; k < set_size(run, i); k++) {
            send_check(run, effects, &run->sets[i][k], PLACE_SET, (int)i, (int)k, false);
        }
    }
}

bool set_check(const struct run *run, const struct event *event)
{
    return event->place == PLACE_SET && event->index >= 0 &&
           (size_t)event->index < run->set_count && event->check >= 0 &&
           (size_t)event->check < set_size(run, (size_t)event->index);
}

bool set_check_last(const struct run *run, const struct event *event)
{
    return set_check(run, event) && run->running_checks <= 1 && !last_probes_are_out(run, NULL);
}

void on_set_checked(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    keep_check(run, &run->sets[event->index][event->check], event);
}

/* The last answer is in: people look at it (VERIFY), or the books are closed (LAST). */
void verification_over(struct run *run, struct effects *effects)
{
    if (run->state == STATE_LAST) {
        run_enter(run, effects, STATE_CLOSE);
        return;
    }
    run_go(run, effects, STATE_JUDGE);
    if (run->hold_wanted) {
        run_hold(run, effects, STATE_JUDGE, run->hold_by, run->hold_reason);
    }
}

void on_set_last(struct run *run, const struct event *event, struct effects *effects)
{
    on_set_checked(run, event, effects);
    verification_over(run, effects);
}

bool now_snapshot(const struct run *run, const struct event *event)
{
    return event->moment == (run->state == STATE_LAST ? MOMENT_LAST : MOMENT_NOW);
}

bool now_snapshot_last(const struct run *run, const struct event *event)
{
    return now_snapshot(run, event) && run->running_checks <= 1 &&
           !last_probes_are_out(run, NULL);
}

static enum moment newest(const struct run *run)
{
    return run->snapshots[MOMENT_LAST].at_us != 0 ? MOMENT_LAST : MOMENT_NOW;
}

void acceptance_over(struct run *run, struct str id, struct str by, int64_t at_us, bool fine)
{
    struct strbuf text = {0};
    strbuf_format(&text, "what %.*s accepted at ", STR_ARG(by));
    time_to_clock(&text, at_us);
    strbuf_text(&text, fine ? " UTC is not found any more"
                            : " UTC is not what is found now: it is asked again");
    run_remark(run, "engine", STR("gonogo"), id, strbuf_str(&text), false);
    strbuf_release(&text);
}

static bool has_change(const struct run_snapshot *snapshot, const struct event_change *change,
                       size_t hint)
{
    for (size_t i = 0; i < snapshot->change_count; i++) {
        const struct event_change *other =
            &snapshot->changes[(hint + i) % snapshot->change_count];
        if (other->kind == change->kind && str_is(other->what, change->what) &&
            str_is(other->name, change->name) &&
            str_is(other->new_definition, change->new_definition)) {
            return true;
        }
    }
    return false;
}

/* Are all of the newest look's unplanned changes among those of the look before it? */
static bool changes_were_seen(const struct run_snapshot *before, const struct run_snapshot *now)
{
    for (size_t i = 0; i < now->change_count; i++) {
        if (!now->changes[i].planned && !has_change(before, &now->changes[i], i)) {
            return false;
        }
    }
    return true;
}

/* What people accepted holds for what they were shown, not for what came after. */
static void review_findings(struct run *run, const struct run_snapshot *before,
                            enum moment moment)
{
    for (size_t i = 0; i < run->count_count; i++) {
        struct run_count *count = &run->counts[i];
        int64_t value = count->values[moment];
        if (count->accepted && value != count->accepted_value) {
            count->accepted = false;
            acceptance_over(run, count->id, count->who, count->accepted_us,
                            value == count->expected);
        }
    }
    if (run->findings_accepted && !changes_were_seen(before, &run->snapshots[moment])) {
        run->findings_accepted = false;
        acceptance_over(run, STR("changes"), run->findings_by, run->findings_us, false);
    }
}

void on_now_snapshot(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    if (run->running_checks > 0) {
        run->running_checks--;
    }
    struct run_snapshot before = run->snapshots[newest(run)];
    keep_counts(run, event);
    if (event->outcome == OUTCOME_OK) {
        review_findings(run, &before, event->moment);
    }
    if (event->outcome != OUTCOME_OK) {
        run_remark(run, "engine", STR("gonogo"), STR("snapshot"), event->text, false);
    }
}

void on_verified(struct run *run, const struct event *event, struct effects *effects)
{
    on_now_snapshot(run, event, effects);
    verification_over(run, effects);
}

/* ------------------------------------------------------------------- judging */

static struct run_count *find_count(const struct run *run, struct str id)
{
    for (size_t i = 0; i < run->count_count; i++) {
        if (str_is(run->counts[i].id, id) && run->counts[i].expected >= 0) {
            return &run->counts[i];
        }
    }
    return NULL;
}

/* A probe that broke its limit, or that never answered in the whole watch. */
static struct run_probe *find_breach(const struct run *run, struct str id)
{
    for (size_t i = 0; i < run->probe_count; i++) {
        if (str_is(run->probes[i].probe->id, id) &&
            (run->probes[i].breached || probe_was_silent(run, &run->probes[i]))) {
            return &run->probes[i];
        }
    }
    return NULL;
}

bool changes_are_forbidden(const struct run *run)
{
    return run->plan->state.unlisted_changes == PLAN_UNLISTED_FORBID &&
           unplanned_changes(run, newest(run)) > 0 && !run->findings_accepted;
}

bool accept_is_known(const struct run *run, const struct event *event)
{
    if (event->text.len == 0 || event->who.len == 0) {
        return false;
    }
    return find_check(run, event->id) || str_eq(event->id, "changes") ||
           find_count(run, event->id) || find_breach(run, event->id);
}

void on_accept(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_check *check = find_check(run, event->id);
    if (check) {
        on_accept_step(run, event, effects);
        return;
    }
    run_remark(run, "accepted", event->who, event->id, event->text, event->flag);
    struct run_count *count = find_count(run, event->id);
    if (count) {
        count->accepted = true;
        count->accepted_us = event->at_us;
        count->accepted_value = count->values[newest(run)];
        count->who = run_keep(run, event->who);
        count->why = run_keep(run, event->text);
        return;
    }
    struct run_probe *probe = find_breach(run, event->id);
    if (probe) {
        probe->accepted = probe->acknowledged = true;
        probe->accepted_us = event->at_us;
        probe->who = run_keep(run, event->who);
        probe->why = run_keep(run, event->text);
        return;
    }
    run->findings_accepted = true;
    run->findings_us = event->at_us;
    run->findings_by = run_keep(run, event->who);
    run->findings_why = run_keep(run, event->text);
}

bool rerun_is_known(const struct run *run, const struct event *event)
{
    return event->id.len == 0 || find_check(run, event->id);
}

void on_rerun(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    run_enter(run, effects, STATE_VERIFY);
}

bool verification_passed(const struct run *run, size_t *passed, size_t *accepted, size_t *total)
{
    size_t good = 0;
    size_t taken = 0;
    size_t all = 0;
    for (size_t i = 0; i < run->set_count; i++) {
        for (size_t k = 0; k < set_size(run, i); k++) {
            const struct run_check *check = &run->sets[i][k];
            all++;
            good += check->outcome == OUTCOME_OK ? 1 : 0;
            taken += check->outcome != OUTCOME_OK && check->accepted ? 1 : 0;
        }
    }
    if (passed) {
        *passed = good;
    }
    if (accepted) {
        *accepted = taken;
    }
    if (total) {
        *total = all;
    }
    return good + taken == all;
}

bool verification_is_settled(const struct run *run, const struct event *event)
{
    (void)event;
    return verification_passed(run, NULL, NULL, NULL) && run->snapshots[newest(run)].taken &&
           counts_are(run, newest(run), false) && !changes_are_forbidden(run);
}

/* Everything that was looked at and is not as planned and not accepted: exit code 5. */
bool run_has_failed_checks(const struct run *run)
{
    for (size_t i = 0; i < run->script_count; i++) {
        const struct run_script *script = &run->scripts[i];
        if (checks_have_failed(script->checks, script->check_count) ||
            checks_have_failed(script->before, script->before_count)) {
            return true;
        }
    }
    for (size_t i = 0; i < run->set_count; i++) {
        if (checks_have_failed(run->sets[i], set_size(run, i))) {
            return true;
        }
    }
    for (size_t i = 0; i < run->probe_count; i++) {
        const struct run_probe *probe = &run->probes[i];
        if ((probe->breached || probe_was_silent(run, probe)) && !probe->accepted) {
            return true;
        }
    }
    for (size_t i = 0; i < run->criterion_count; i++) {
        bool attested = run->criteria[i].criterion->kind == PLAN_CRITERION_ATTEST;
        if (attested && run->criteria[i].outcome == OUTCOME_FAILED) {
            return true;
        }
    }
    const struct run_snapshot *review = &run->snapshots[MOMENT_REVIEW];
    bool wrong_before =
        review->taken && !run->counts_overridden && !counts_are(run, MOMENT_REVIEW, true);
    const struct run_snapshot *after = &run->snapshots[newest(run)];
    bool wrong_after =
        after->at_us != 0 &&
        (!after->taken || !counts_are(run, newest(run), false) || changes_are_forbidden(run));
    return wrong_before || wrong_after;
}

void on_go_monitor(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    run_enter(run, effects, STATE_MONITOR);
}

bool rerun_is_last(const struct run *run, const struct event *event)
{
    return rerun_is_known(run, event) && !run->way_back;
}

void on_rerun_last(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    run_enter(run, effects, STATE_LAST);
}
