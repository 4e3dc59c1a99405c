/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the rules found that nobody may simply pass: findings of severity BLOCK. The shell tells
 * them, whoever found them; each closes the poll until a person overrides it, by name and with
 * a reason. One override speaks for a rule in a migration, not for each of its statements; when
 * a later look finds more of it, the person is asked again.
 */
#include "engine_private.h"

struct run_block *block_find(const struct run *run, struct str id)
{
    for (size_t i = 0; i < run->block_count; i++) {
        if (str_is(run->blocks[i].id, id)) {
            return &run->blocks[i];
        }
    }
    return NULL;
}

struct run_tally block_tally(const struct run *run)
{
    struct run_tally tally = {.all = run->block_count};
    for (size_t i = 0; i < run->block_count; i++) {
        tally.done += run->blocks[i].overridden;
    }
    return tally;
}

struct str block_question(const struct run_block *block, struct arena *arena)
{
    const struct lint_rule *rule = lint_rule_find(block->rule);
    return str_format(arena, "Rule %.*s blocks%s%s. Go on all the same?", STR_ARG(block->rule),
                      rule ? ": " : "", rule ? rule->title : "");
}

/* What was decided of the same thing stands, as long as there is not more of it. */
static void keep_decision(const struct run *run, struct run_block *block)
{
    const struct run_block *old = block_find(run, block->id);
    if (old && old->overridden && block->count <= old->count) {
        block->overridden = true;
        block->claim = old->claim;
        block->who = old->who;
        block->why = old->why;
        block->at_us = old->at_us;
    }
}

void on_found(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    size_t count = 0;
    struct run_block *blocks =
        arena_array(run->arena, run->block_count + event->item_count, sizeof(*blocks));
    for (size_t i = 0; i < run->block_count; i++) {
        if (!str_is(run->blocks[i].source, event->id)) {
            blocks[count++] = run->blocks[i];
        }
    }
    for (size_t i = 0; i < event->item_count; i++) {
        const struct event_item *item = &event->items[i];
        blocks[count] = (struct run_block){.id = run_keep(run, item->name),
                                           .source = run_keep(run, event->id),
                                           .rule = run_keep(run, item->kind),
                                           .text = run_keep(run, item->text),
                                           .count = item->value};
        keep_decision(run, &blocks[count++]);
    }
    run->blocks = blocks;
    run->block_count = count;
}

void block_override(struct run *run, struct run_block *block, const struct event *event)
{
    block->overridden = true;
    block->claim = event->flag;
    block->who = run_keep(run, event->who);
    block->why = run_keep(run, event->text);
    block->at_us = event->at_us;
}
