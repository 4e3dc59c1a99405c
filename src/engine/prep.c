/* SPDX-License-Identifier: PostgreSQL */
/*
 * PREP: is the database what the plan starts from, and is the checklist answered?
 * Nothing here changes anything; every answer of a person is a decision in the journal.
 */
#include "engine_private.h"

/* -------------------------------------------------------------------- counts */

void keep_numbers(struct run *run, const struct event *event, enum moment moment)
{
    for (size_t i = 0; i < event->item_count; i++) {
        const struct event_item *item = &event->items[i];
        for (size_t k = 0; k < run->count_count; k++) {
            struct run_count *count = &run->counts[k];
            bool query = str_eq(item->kind, "query");
            bool same = query ? str_eq(count->word, "query") && str_is(count->id, item->name)
                              : str_is(count->word, item->kind);
            if (same) {
                count->values[moment] = item->value;
            }
        }
    }
}

void keep_counts(struct run *run, const struct event *event)
{
    struct run_snapshot *snapshot = &run->snapshots[event->moment];
    snapshot->taken = event->outcome == OUTCOME_OK;
    snapshot->at_us = event->at_us;
    snapshot->hash = run_keep(run, event->hash);
    keep_numbers(run, event, event->moment);
    snapshot->change_count = event->change_count;
    snapshot->changes =
        arena_array(run->arena, event->change_count, sizeof(*snapshot->changes));
    for (size_t i = 0; i < event->change_count; i++) {
        struct event_change *change = &snapshot->changes[i];
        *change = event->changes[i];
        change->what = run_keep(run, change->what);
        change->name = run_keep(run, change->name);
        change->old_definition = run_keep(run, change->old_definition);
        change->new_definition = run_keep(run, change->new_definition);
    }
}

bool counts_are(const struct run *run, enum moment moment, bool before)
{
    for (size_t i = 0; i < run->count_count; i++) {
        const struct run_count *count = &run->counts[i];
        int64_t expected = before ? count->expected_before : count->expected;
        if (expected >= 0 && count->values[moment] != expected &&
            (before || !count->accepted)) {
            return false;
        }
    }
    return true;
}

bool is_review(const struct run *run, const struct event *event)
{
    (void)run;
    return event->moment == MOMENT_REVIEW;
}

/* The guard judges the event, not the model: the model learns the numbers in the action. */
bool review_is_right(const struct run *run, const struct event *event)
{
    if (event->moment != MOMENT_REVIEW || event->outcome != OUTCOME_OK) {
        return false;
    }
    for (size_t i = 0; i < run->count_count; i++) {
        const struct run_count *count = &run->counts[i];
        bool found = count->expected_before < 0;
        for (size_t k = 0; k < event->item_count; k++) {
            const struct event_item *item = &event->items[k];
            bool same = str_eq(item->kind, "query")
                            ? str_eq(count->word, "query") && str_is(count->id, item->name)
                            : str_is(count->word, item->kind);
            found = found || (same && item->value == count->expected_before);
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

void on_review(struct run *run, const struct event *event, struct effects *effects)
{
    run->running_checks = 0;
    keep_counts(run, event);
    run_enter(run, effects, STATE_PREP);
}

void on_wrong_counts(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    run->running_checks = 0;
    keep_counts(run, event);
    if (event->outcome != OUTCOME_OK) {
        run->hold_reason = run_keep(run, event->text);
        return;
    }
    for (size_t i = 0; i < run->count_count; i++) {
        const struct run_count *count = &run->counts[i];
        int64_t value = count->values[MOMENT_REVIEW];
        if (count->expected_before >= 0 && value != count->expected_before) {
            run->hold_reason = run_keep_format(
                run, "%.*s: %lld here, the plan starts from %lld", STR_ARG(count->title),
                (long long)value, (long long)count->expected_before);
            return;
        }
    }
}

void on_look_again(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    forget_reason(run);
    run_enter(run, effects, STATE_REVIEW);
}

bool override_is_before(const struct run *run, const struct event *event)
{
    return str_eq(event->id, "before") && event->text.len > 0 &&
           run->snapshots[MOMENT_REVIEW].taken;
}

void on_counts_overridden(struct run *run, const struct event *event, struct effects *effects)
{
    run->counts_overridden = true;
    forget_reason(run);
    run_remark(run, "override", event->who, event->id, event->text, event->flag);
    run_enter(run, effects, STATE_PREP);
}

/* ----------------------------------------------------------------- checklist */

static struct run_item *find_item(const struct run *run, struct str id)
{
    for (size_t i = 0; i < run->item_count; i++) {
        if (str_is(run->items[i].item->id, id)) {
            return &run->items[i];
        }
    }
    return NULL;
}

/* Items that the server or a program answers are asked when their gate opens. */
void ask_items(struct run *run, struct effects *effects, enum plan_gate gate)
{
    for (size_t i = 0; i < run->item_count; i++) {
        struct run_item *item = &run->items[i];
        bool asked = item->item->proof == PLAN_PROOF_SQL || item->item->proof == PLAN_PROOF_RUN;
        if (item->item->gate == gate && asked && !item->check.running) {
            send_check(run, effects, &item->check, PLACE_ITEM, -1, (int)i, false);
            effects->items[effects->count - 1].index = (int)i;
        }
    }
}

void enter_prep(struct run *run, struct effects *effects)
{
    run_go(run, effects, STATE_PREP);
    pass_gate(run, PLAN_GATE_PREP, false);
    run->running_checks = 0;
    ask_context(run, effects);
    ask_items(run, effects, PLAN_GATE_PREP);
}

bool item_check(const struct run *run, const struct event *event)
{
    return event->place == PLACE_ITEM && event->check >= 0 &&
           (size_t)event->check < run->item_count;
}

void on_item_checked(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    struct run_item *item = &run->items[event->check];
    keep_check(run, &item->check, event);
    item->answered = item->check.outcome == OUTCOME_OK;
    item->text = item->check.actual;
    item->at_us = event->at_us;
}

bool note_is_item(const struct run *run, const struct event *event)
{
    const struct run_item *item = find_item(run, event->id);
    return item && event->text.len > 0 && event->who.len > 0 &&
           (item->item->proof == PLAN_PROOF_NOTE || item->item->proof == PLAN_PROOF_UNSAID);
}

void on_note(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    struct run_item *item = find_item(run, event->id);
    item->denied = str_eq(event->tag, "no");
    item->answered = !item->denied;
    item->claim = event->flag;
    item->who = run_keep(run, event->who);
    item->text = run_keep(run, event->text);
    item->at_us = event->at_us;
}

/* An override without a reason or without a person is none. */
bool override_is_known(const struct run *run, const struct event *event)
{
    return event->text.len > 0 && event->who.len > 0 &&
           (find_item(run, event->id) || block_find(run, event->id) ||
            str_eq(event->id, "window") || str_eq(event->id, "before_open") ||
            override_is_obstacles(run, event));
}

void on_override(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    struct run_item *item = find_item(run, event->id);
    struct run_block *block = block_find(run, event->id);
    if (!item && !block && override_is_obstacles(run, event)) {
        override_obstacles(run, event);
        return;
    }
    run_remark(run, "override", event->who, event->id, event->text, event->flag);
    if (!item && block) {
        block_override(run, block, event);
        return;
    }
    if (!item && str_eq(event->id, "before_open")) {
        run->untold_accepted = true;
        return;
    }
    if (!item) {
        run->window_overridden = true;
        return;
    }
    item->overridden = true;
    item->claim = event->flag;
    item->who = run_keep(run, event->who);
    item->why = run_keep(run, event->text);
    item->at_us = event->at_us;
}

/* What counted when a gate was passed goes on to count; whoever comes back is asked again. */
void pass_gate(struct run *run, enum plan_gate gate, bool passed)
{
    for (size_t i = 0; i < run->item_count; i++) {
        if (run->items[i].item->gate == gate) {
            run->items[i].passed = passed;
        }
    }
    for (size_t i = 0; gate == PLAN_GATE_POLL && i < run->backup_count; i++) {
        run->backups[i].passed = passed && backup_is_proven(run, &run->backups[i]);
    }
}

bool gate_is_closed(const struct run *run, enum plan_gate gate)
{
    struct run_tally tally = gate_tally(run, gate);
    return tally.done == tally.all;
}

bool prep_is_closed(const struct run *run, const struct event *event)
{
    (void)event;
    return gate_is_closed(run, PLAN_GATE_PREP) && team_was_told(run);
}

void on_prep_done(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    pass_gate(run, PLAN_GATE_PREP, true);
    run_enter(run, effects, run->backup_count > 0 ? STATE_BACKUP : STATE_POLL);
}
