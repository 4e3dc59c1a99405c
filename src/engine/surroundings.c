/* SPDX-License-Identifier: PostgreSQL */
/*
 * What surrounds the plan on its target. PREP asks for all that the rules want to know; that
 * takes as long as it takes, and bars nobody. POLL asks who stands on the tables that the plan
 * will lock, and GO asks it anew: whoever is there then is a person's decision, by name.
 */
#include "engine_private.h"

/* ------------------------------------------------------------------- verdicts */

const struct lint_result *run_lint(const struct run *run)
{
    return run->setup->live ? run->setup->live : run->setup->lint;
}

void ask_context(struct run *run, struct effects *effects)
{
    if (!run->context.out) {
        run->context.out = true;
        send_query(effects, QUERY_CONTEXT);
    }
}

/* Verdicts of an hour ago are better than none; the text says what became of the newest look.
 */
void on_context(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    struct run_context *context = &run->context;
    context->out = false;
    context->outcome = event->outcome;
    context->at_us = event->at_us;
    context->text = run_keep(run, event->text);
    if (event->outcome == OUTCOME_OK) {
        context->hash = run_keep(run, event->hash);
    }
}

/* ----------------------------------------------------------------- in the way */

void ask_in_the_way(struct run *run, struct effects *effects, bool go)
{
    if (run->connected[SESSION_WATCH]) {
        run->obstacles.out = true;
        run->obstacles.go = go;
        send_look(run, effects, LOOK_IN_THE_WAY);
    }
}

void forget_surroundings(struct run *run)
{
    run->obstacles.out = run->obstacles.go = false;
    run->context.out = false; /* what it was told before stands; nothing waits for more */
}

static bool is_same(const struct run_obstacle *known, const struct event_item *item)
{
    return known->pid == item->value && known->since_us == item->at_us &&
           str_is(known->kind, item->kind);
}

/* Whoever was overridden once is still that one. */
static bool is_overridden(const struct run *run, const struct event_item *item)
{
    for (size_t i = 0; i < run->obstacles.count; i++) {
        if (is_same(&run->obstacles.items[i], item)) {
            return run->obstacles.items[i].overridden;
        }
    }
    return false;
}

bool looked_in_the_way(const struct run *run, const struct event *event)
{
    (void)run;
    return event->look == LOOK_IN_THE_WAY;
}

/* The guard judges the event, not the model: the model learns who it is in the action. */
bool way_is_free(const struct run *run, const struct event *event)
{
    if (event->look != LOOK_IN_THE_WAY || !run->obstacles.go || !poll_is_go(run, event)) {
        return false;
    }
    if (event->outcome != OUTCOME_OK) {
        return run->obstacles.unknown_overridden;
    }
    for (size_t i = 0; i < event->item_count; i++) {
        if (!is_overridden(run, &event->items[i])) {
            return false;
        }
    }
    return true;
}

static void keep_obstacles(struct run *run, const struct event *event)
{
    struct run_obstacles *obstacles = &run->obstacles;
    struct run_obstacle *items = arena_array(run->arena, event->item_count, sizeof *items);
    for (size_t i = 0; i < event->item_count; i++) {
        const struct event_item *item = &event->items[i];
        items[i] = (struct run_obstacle){.kind = run_keep(run, item->kind),
                                         .name = run_keep(run, item->name),
                                         .text = run_keep(run, item->text),
                                         .pid = item->value,
                                         .since_us = item->at_us,
                                         .overridden = is_overridden(run, item)};
    }
    obstacles->items = items;
    obstacles->count = event->item_count;
}

void on_in_the_way(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    struct run_obstacles *obstacles = &run->obstacles;
    obstacles->out = obstacles->go = false;
    obstacles->outcome = event->outcome;
    obstacles->at_us = event->at_us;
    obstacles->text = run_keep(run, event->text);
    if (event->outcome == OUTCOME_OK) {
        keep_obstacles(run, event);
    }
}

void on_go_asked(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    ask_in_the_way(run, effects, true);
}

void on_way_free(struct run *run, const struct event *event, struct effects *effects)
{
    on_in_the_way(run, event, effects);
    pass_gate(run, PLAN_GATE_POLL, true);
}

bool way_is_barred(const struct run *run)
{
    const struct run_obstacles *obstacles = &run->obstacles;
    if (obstacles->outcome != OUTCOME_OK) {
        return obstacles->outcome != OUTCOME_NONE && !obstacles->unknown_overridden;
    }
    for (size_t i = 0; i < obstacles->count; i++) {
        if (!obstacles->items[i].overridden) {
            return true;
        }
    }
    return false;
}

struct str obstacles_text(const struct run *run, struct arena *arena)
{
    const struct run_obstacles *obstacles = &run->obstacles;
    struct strbuf text = {0};
    if (obstacles->outcome == OUTCOME_FAILED) {
        strbuf_text(&text, "not known: ");
        strbuf_add(&text, obstacles->text);
    }
    for (size_t i = 0; obstacles->outcome == OUTCOME_OK && i < obstacles->count; i++) {
        strbuf_text(&text, i > 0 ? "; " : "");
        strbuf_add(&text, obstacles->items[i].text);
    }
    struct str kept = str_dup(arena, strbuf_str(&text));
    strbuf_release(&text);
    return kept;
}

bool override_is_obstacles(const struct run *run, const struct event *event)
{
    return run->state == STATE_POLL && str_eq(event->id, "L23") && way_is_barred(run);
}

/* Of those who are there now, and of nobody who comes later. */
void override_obstacles(struct run *run, const struct event *event)
{
    struct run_obstacles *obstacles = &run->obstacles;
    struct str who = obstacles_text(run, run->arena);
    run_remark(run, "override", event->who, event->id,
               run_keep_format(run, "%.*s (%.*s)", STR_ARG(event->text), STR_ARG(who)),
               event->flag);
    obstacles->unknown_overridden =
        obstacles->unknown_overridden || obstacles->outcome != OUTCOME_OK;
    for (size_t i = 0; obstacles->outcome == OUTCOME_OK && i < obstacles->count; i++) {
        obstacles->items[i].overridden = true;
    }
}
