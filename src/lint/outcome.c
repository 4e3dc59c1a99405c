/* SPDX-License-Identifier: PostgreSQL */
/*
 * What a lint hands back besides findings, from its beginning to the result.
 */
#include "outcome.h"
#include "result_members.h"

#include <stdlib.h>

struct outcome *outcome_new(void)
{
    return mem_zero(1, sizeof(struct outcome));
}

void outcome_free(struct outcome *outcome)
{
    for (size_t i = 0; i < outcome->sum_count; i++) {
        counts_release(&outcome->sums[i].counting);
    }
    names_release(&outcome->destroyed_names);
    names_release(&outcome->exclusive);
    names_release(&outcome->lock_names);
    free(outcome->locks);
    free(outcome->undo);
    free(outcome->verdicts);
    free(outcome->sums);
    free(outcome->destroyed);
    free(outcome->waivers);
    free(outcome);
}

struct file_sum *outcome_sum(struct lint *lint)
{
    return &lint->outcome->sums[lint->file_index];
}

void noted_add(struct noted *noted, const struct sql_statement *statement, size_t index)
{
    if (noted->count++ == 0) {
        noted->statement = index;
        noted->place = statement->head;
        noted->tag = statement->tag;
    }
}

void outcome_begin_file(struct lint *lint)
{
    struct outcome *outcome = lint->outcome;
    *ARRAY_PUSH(outcome->sums, outcome->sum_count, outcome->sum_capacity) =
        (struct file_sum){.file = lint->file};
    outcome->scanned = 0;
}

static struct lint_verdict *own_copy(struct lint *lint, const struct lint_verdict *verdict)
{
    struct lint_verdict *copy = arena_alloc(lint->arena, sizeof *copy);
    *copy = *verdict;
    copy->shared = false;
    return copy;
}

/* A file that fills tables has a hundred thousand statements of which the same is to be said.
 */
void outcome_add_verdict(struct lint *lint, const struct lint_verdict *verdict)
{
    struct outcome *outcome = lint->outcome;
    size_t count = outcome->verdict_count;
    struct lint_verdict *before = count > 0 ? outcome->verdicts[count - 1] : NULL;
    bool again = before && shape_is_same(&verdict_shape, before, verdict);
    if (again) {
        before->shared = true;
    }
    *ARRAY_PUSH(outcome->verdicts, outcome->verdict_count, outcome->verdict_capacity) =
        again ? before : own_copy(lint, verdict);
}

void outcome_end_file(struct lint *lint)
{
    struct outcome *outcome = lint->outcome;
    struct lint_file_result *result = &lint->files[lint->file_index];
    struct lint_verdict **verdicts =
        arena_array(lint->arena, outcome->verdict_count, sizeof *verdicts);
    for (size_t i = 0; i < outcome->verdict_count; i++) {
        verdicts[i] = outcome->verdicts[i];
    }
    free(outcome->verdicts);
    outcome->verdicts = NULL;
    outcome->verdict_count = outcome->verdict_capacity = 0;
    outcome_sum(lint)->verdicts = verdicts;
    result->verdicts = (const struct lint_verdict *const *)verdicts;
    counts_end_file(lint, result);
}

/* Its own: what is counted into it is not its neighbours'. */
static struct lint_verdict *own_verdict(struct lint *lint, const struct lint_place *at)
{
    struct lint_verdict **verdicts = lint->outcome->sums[at->file].verdicts;
    size_t index = at->statement;
    if (verdicts[index]->shared) {
        verdicts[index] = own_copy(lint, verdicts[index]);
    }
    return verdicts[index];
}

void outcome_count_finding(struct lint *lint, const struct lint_finding *finding)
{
    if (finding->at.statement < lint->files[finding->at.file].statement_count) {
        struct lint_verdict *verdict = own_verdict(lint, &finding->at);
        verdict->finding_count++;
        verdict->severity =
            finding->severity > verdict->severity ? finding->severity : verdict->severity;
    }
}

void outcome_finish(struct lint *lint, struct lint_result *result)
{
    const struct outcome *outcome = lint->outcome;
    struct lint_destroyed *destroyed =
        arena_array(lint->arena, outcome->destroyed_count, sizeof *destroyed);
    for (size_t i = 0; i < outcome->destroyed_count; i++) {
        destroyed[i] = outcome->destroyed[i];
    }
    result->destroyed = destroyed;
    result->destroyed_count = outcome->destroyed_count;
    struct sql_name *exclusive =
        arena_array(lint->arena, outcome->exclusive.count, sizeof *exclusive);
    for (size_t i = 0; i < outcome->exclusive.count; i++) {
        exclusive[i] = outcome->exclusive.keys[i];
    }
    result->exclusive = exclusive;
    result->exclusive_count = outcome->exclusive.count;
    struct lint_file_result *files = arena_array(lint->arena, lint->file_count, sizeof *files);
    for (size_t i = 0; i < lint->file_count; i++) {
        files[i] = lint->files[i];
    }
    result->files = files;
    result->file_count = lint->file_count;
}
