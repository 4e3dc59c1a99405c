/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the rules found that nobody may simply pass: findings of severity BLOCK. The shell tells
 * them, whoever found them; each closes the poll until a person overrides it, by name and with
 * a reason. One override speaks for a rule in a migration, not for each of its statements; when
 * a later look finds more of it, the person is asked again. Those of undo files bar nobody from
 * GO: they are asked when a way back is chosen that runs the file.
 */
#include "engine_private.h"

static struct run_block *find(struct run_block *blocks, size_t count, struct str id)
{
    for (size_t i = 0; i < count; i++) {
        if (str_is(blocks[i].id, id)) {
            return &blocks[i];
        }
    }
    return NULL;
}

struct run_block *block_find(const struct run *run, struct str id)
{
    return find(run->blocks, run->block_count, id);
}

struct run_block *undo_block_find(const struct run *run, struct str id)
{
    return find(run->undo_blocks, run->undo_block_count, id);
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
static void keep_decision(const struct run_block *old, struct run_block *block)
{
    if (old && old->overridden && block->count <= old->count) {
        block->overridden = true;
        block->claim = old->claim;
        block->who = old->who;
        block->why = old->why;
        block->at_us = old->at_us;
    }
}

/* What other looks found, and then what this one did. */
static size_t renew(struct run *run, struct run_block **list, size_t old_count,
                    const struct event *event)
{
    size_t count = 0;
    struct run_block *old = *list;
    struct run_block *blocks =
        arena_array(run->arena, old_count + event->item_count, sizeof(*blocks));
    for (size_t i = 0; i < old_count; i++) {
        if (!str_is(old[i].source, event->id)) {
            blocks[count++] = old[i];
        }
    }
    for (size_t i = 0; i < event->item_count; i++) {
        const struct event_item *item = &event->items[i];
        blocks[count] = (struct run_block){.id = run_keep(run, item->name),
                                           .source = run_keep(run, event->id),
                                           .rule = run_keep(run, item->kind),
                                           .text = run_keep(run, item->text),
                                           .count = item->value};
        keep_decision(find(old, old_count, item->name), &blocks[count]);
        count++;
    }
    *list = blocks;
    return count;
}

void on_found(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    if (str_eq(event->id, "undo")) {
        run->undo_block_count = renew(run, &run->undo_blocks, run->undo_block_count, event);
    } else {
        run->block_count = renew(run, &run->blocks, run->block_count, event);
    }
}

/* ------------------------------------------------------------------- undo files */

bool undo_block_counts(const struct run *run, const struct run_block *block)
{
    static const char mark[] = ".undo.";
    const struct plan_rollback_option *option =
        run->option >= 0 ? run->options[run->option].option : NULL;
    size_t tail = strlen(mark) + block->rule.len;
    for (size_t i = 0; option && option->kind == PLAN_ROLLBACK_DOWN && block->id.len > tail &&
                       i < run->plan->steps.count;
         i++) {
        if (run_undoes(run, option, i) &&
            str_is(run->scripts[i].id, str_slice(block->id, 0, block->id.len - tail))) {
            return true;
        }
    }
    return false;
}

bool undo_is_blocked(const struct run *run, const struct event *event)
{
    (void)event;
    for (size_t i = 0; i < run->undo_block_count; i++) {
        const struct run_block *block = &run->undo_blocks[i];
        if (!block->overridden && undo_block_counts(run, block)) {
            return true;
        }
    }
    return false;
}

bool override_is_of_undo(const struct run *run, const struct event *event)
{
    const struct run_block *block = undo_block_find(run, event->id);
    return block && undo_block_counts(run, block) && event->text.len > 0 && event->who.len > 0;
}

void on_undo_override(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    run_remark(run, "override", event->who, event->id, event->text, event->flag);
    block_override(run, undo_block_find(run, event->id), event);
}

void block_override(struct run *run, struct run_block *block, const struct event *event)
{
    block->overridden = true;
    block->claim = event->flag;
    block->who = run_keep(run, event->who);
    block->why = run_keep(run, event->text);
    block->at_us = event->at_us;
}
