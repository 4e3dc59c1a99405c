/* SPDX-License-Identifier: PostgreSQL */
/*
 * The books: counts before and after, tables that go, changes that are named.
 * What hangs on a removed table is implied, so only what cannot be is told.
 */
#include "plan_judge.h"

#include "plan_values.h"

static void judge_count(struct judge *judge, struct plan_count *count)
{
    static const char *const sources[] = {"sql", "file"};
    const char *first = NULL;
    size_t said = plan_judge_says_of(count->mark, sources, COUNT_OF(sources), &first);
    if (count->what == PLAN_WHAT_COLUMNS) {
        JUDGE_ERROR(judge, plan_mark_of(count->mark, "what"), "Y703",
                    "columns are not counted as a whole; use state.columns");
    } else if (count->what == PLAN_WHAT_QUERY) {
        if (count->id.len == 0 && !plan_judge_says(count->mark, "id")) {
            JUDGE_ERROR(judge, count->mark, "Y005", "the key \"id\" is missing");
        }
        if (said != 1) {
            JUDGE_ERROR(judge, count->mark, "Y201",
                        "a query is either `sql:` or `file:`; write one of them");
        }
    } else if (count->what != PLAN_WHAT_UNSAID) {
        plan_judge_stray(judge, count->mark, sources, COUNT_OF(sources),
                         "a count that is built in");
        if (count->id.len == 0) {
            count->id = str_from(plan_what_word(count->what));
        }
    }
    if (count->name.len == 0) {
        count->name = count->id;
    }
    if (!plan_judge_says(count->mark, "before") && !plan_judge_says(count->mark, "after")) {
        JUDGE_ERROR(judge, count->mark, "Y005",
                    "neither \"before\" nor \"after\": nothing is expected");
    }
    if (count->id.len > 0) {
        int line = plan_name_add(&judge->counts, count->id, count->mark.line);
        if (line != 0) {
            JUDGE_ERROR(judge, count->mark, "Y104",
                        "the count \"%.*s\" stands here twice, first in line %d; remove one",
                        SHOWN(count->id), line);
        }
    }
}

static int64_t listed(const struct plan_state *state, enum plan_what what, bool new)
{
    int64_t sum = 0;
    for (size_t i = 0; i < state->changes.count; i++) {
        const struct plan_change *change = &state->changes.items[i];
        if (change->what == what) {
            sum += (int64_t)(new ? change->new.count : change->gone.count);
        }
    }
    return sum;
}

/* Tables are the one kind whose loss is never implied; others can at least not rise. */
static void judge_books(struct judge *judge, const struct plan_count *count)
{
    const struct plan_state *state = &judge->plan->state;
    if (count->before == PLAN_UNSAID || count->after == PLAN_UNSAID ||
        count->what == PLAN_WHAT_QUERY || count->what == PLAN_WHAT_UNSAID) {
        return;
    }
    int64_t rise = count->after - count->before;
    int64_t new = listed(state, count->what, true);
    if (count->what == PLAN_WHAT_TABLES) {
        int64_t gone = (int64_t)state->removed_tables.count + listed(state, count->what, false);
        if (rise == new - gone + 1 && judge->plan->ledger.create) {
            JUDGE_WARNING(judge, plan_mark_of(count->mark, "after"), "Y702",
                          "tables go from %lld to %lld, but the plan names %lld new and %lld "
                          "removed ones; the ledger that `create: true` makes is not counted: "
                          "after is %lld, or name the missing one in changes",
                          (long long)count->before, (long long)count->after, (long long)new,
                          (long long)gone, (long long)(count->before + new - gone));
        } else if (rise != new - gone) {
            JUDGE_WARNING(judge, plan_mark_of(count->mark, "after"), "Y702",
                          "tables go from %lld to %lld, but the plan names %lld new and %lld "
                          "removed ones; name them in removed_tables and changes",
                          (long long)count->before, (long long)count->after, (long long)new,
                          (long long)gone);
        }
    } else if (rise > new) {
        JUDGE_WARNING(judge, plan_mark_of(count->mark, "after"), "Y702",
                      "%s rise from %lld to %lld, but `changes` names %lld new ones; a list of "
                      "members makes a swap visible",
                      plan_what_word(count->what), (long long)count->before,
                      (long long)count->after, (long long)new);
    }
}

static void judge_twice(struct judge *judge, struct plan_mark mapping, const char *key,
                        const struct plan_texts *texts)
{
    struct name_set set = {0};
    const struct plan_node *list = plan_tree_find(mapping.node, key);
    for (size_t i = 0; i < texts->count; i++) {
        if (plan_name_add(&set, texts->items[i], 1) != 0) {
            JUDGE_ERROR(judge, plan_tree_mark(list), "Y104",
                        "\"%.*s\" stands in the list twice", SHOWN(texts->items[i]));
        }
    }
    plan_name_release(&set);
}

void plan_judge_state(struct judge *judge)
{
    struct plan_state *state = &judge->plan->state;
    for (size_t i = 0; i < state->count.count; i++) {
        judge_count(judge, &state->count.items[i]);
    }
    for (size_t i = 0; i < state->count.count; i++) {
        judge_books(judge, &state->count.items[i]);
    }
    judge_twice(judge, state->mark, "removed_tables", &state->removed_tables);
    for (size_t i = 0; i < state->changes.count; i++) {
        struct plan_change *change = &state->changes.items[i];
        if (change->what == PLAN_WHAT_QUERY) {
            JUDGE_ERROR(judge, plan_mark_of(change->mark, "what"), "Y703",
                        "a query has no members; name a kind of object");
        }
        if (change->new.count + change->gone.count + change->changed.count == 0) {
            JUDGE_ERROR(judge, change->mark, "Y005",
                        "nothing is named; write `new:`, `gone:` or `changed:`");
        }
        judge_twice(judge, change->mark, "new", &change->new);
        judge_twice(judge, change->mark, "gone", &change->gone);
        judge_twice(judge, change->mark, "changed", &change->changed);
    }
}
