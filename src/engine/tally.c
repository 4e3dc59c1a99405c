/* SPDX-License-Identifier: PostgreSQL */
/*
 * How many of the checklist and of the backups are done: counted in one place, so that a
 * number on one screen and a word on another cannot contradict each other.
 */
#include "engine_private.h"

struct run_tally gate_tally(const struct run *run, enum plan_gate gate)
{
    struct run_tally tally = {0};
    for (size_t i = 0; i < run->item_count; i++) {
        const struct run_item *item = &run->items[i];
        if (item->item->gate == gate) {
            tally.all++;
            tally.done += item_is_closed(run, item, NULL, NULL);
        }
    }
    return tally;
}

struct run_tally backup_tally(const struct run *run, bool required)
{
    struct run_tally tally = {0};
    for (size_t i = 0; i < run->backup_count; i++) {
        const struct run_backup *backup = &run->backups[i];
        if (backup->backup->required == required) {
            tally.all++;
            tally.done += backup->overridden || backup_is_proven(run, backup);
        }
    }
    return tally;
}

struct run_tally vote_tally(const struct run *run)
{
    struct run_tally tally = {0};
    for (size_t i = 0; i < run->plan->roles.count; i++) {
        const struct plan_role *role = &run->plan->roles.items[i];
        const struct run_vote *vote = vote_of(run, role->id);
        if (role->votes) {
            tally.all++;
            tally.done += vote && str_eq(vote->vote, "GO");
        }
    }
    return tally;
}
