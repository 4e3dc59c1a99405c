/* SPDX-License-Identifier: PostgreSQL */
/*
 * The walk: files in the order of the run, statements in the order of the file, actions in
 * the order of the statement. Rules see each action before the history knows it.
 */
#include "outcome.h"

#include <stdlib.h>

static const struct lint_context nothing_known = {
    .lock_timeout_us = -1, .statement_timeout_us = -1, .free_bytes = -1};

static const char *const severity_names[LINT_SEVERITY__COUNT] = {
    [LINT_NOTE] = "note", [LINT_LOW] = "low",     [LINT_MEDIUM] = "medium",
    [LINT_HIGH] = "high", [LINT_BLOCK] = "block",
};

const char *lint_severity_name(enum lint_severity severity)
{
    return severity_names[severity];
}

struct lint *lint_new(struct arena *arena, const struct lint_context *context)
{
    struct lint *lint = mem_zero(1, sizeof *lint);
    lint->arena = arena;
    lint->enum_value = -1;
    lint->context = context ? context : &nothing_known;
    lint->outcome = outcome_new();
    for (size_t i = 0; i < lint->context->relation_count; i++) {
        names_add(&lint->relations, lint->context->relations[i].name);
    }
    return lint;
}

void lint_free(struct lint *lint)
{
    if (lint) {
        history_forget(lint);
        names_release(&lint->relations);
        names_release(&lint->named);
        names_release(&lint->renamed_from);
        names_release(&lint->renamed_to);
        names_release(&lint->held_names);
        free(lint->waiting_keys);
        free(lint->held);
        free(lint->raised);
        free(lint->settings);
        free(lint->marks);
        free(lint->findings);
        names_release(&lint->kept_names);
        free(lint->kept);
        free(lint->probes);
        names_release(&lint->rewritten);
        free(lint->files);
        outcome_free(lint->outcome);
        free(lint);
    }
}

void lint_begin_file(struct lint *lint, const struct lint_file *file)
{
    struct lint_file *copy = arena_alloc(lint->arena, sizeof *copy);
    *copy = *file;
    lint->file = copy;
    lint->file_index = lint->file_count;
    struct lint_file_result *result =
        ARRAY_PUSH(lint->files, lint->file_count, lint->file_capacity);
    *result = (struct lint_file_result){.name = file->name, .is_undo = file->is_undo};
    outcome_begin_file(lint);
    history_begin_file(lint);
    victims_begin_file(lint);
}

static struct step step_of(const struct lint *lint, const struct sql_statement *statement,
                           size_t index, const struct sql_facts *facts,
                           const struct sql_action *action)
{
    struct step step = {
        .statement = statement, .index = index, .facts = facts, .action = action};
    if (action && action->object.name.len > 0) {
        bool made_here = action->temporary && action->object.schema.len == 0;
        step.object = made_here ? (struct sql_name){STR("pg_temp"), action->object.name}
                                : world_resolve(lint, action->object);
        step.part = renames_part_identity(lint, action, step.object);
        step.relation = world_relation(lint, step.object);
        step.is_temporary = str_eq(step.object.schema, "pg_temp");
        step.is_new = step.is_temporary || history_is_new(lint, step.object);
    }
    step.work = action ? work_refined(lint, &step) : SQL_WORK_NONE;
    return step;
}

void lint_statement(void *context, const struct sql_statement *statement, size_t index,
                    const struct sql_facts *facts)
{
    struct lint *lint = context;
    lint->files[lint->file_index].statement_count++;
    waivers_before(lint, statement, index);
    history_before(lint, statement);
    lint->held_before = lint->held_count;
    verdict_begin(lint);
    for (size_t i = 0; i < facts->action_count; i++) {
        struct step step = step_of(lint, statement, index, facts, &facts->actions[i]);
        rules_judge_action(lint, &step);
        verdict_add(lint, &step);
        destroyed_add(lint, &step);
        counts_add(lint, &step);
        history_remember(lint, &step);
    }
    struct step step = step_of(lint, statement, index, facts, NULL);
    rules_judge_statement(lint, &step);
    verdict_end(lint, &step);
    bool names_one = facts->action_count > 0 && facts->actions[0].form == SQL_FORM_TRANSACTION;
    history_after(lint, statement, names_one ? facts->actions[0].part : STR(""));
}

void lint_end_file(struct lint *lint)
{
    rules_judge_file(lint);
    waivers_end_file(lint);
    outcome_end_file(lint);
}

/* By file, then place, then the rules' own order: what a reader of the file meets first. */
static int compare_findings(const void *left, const void *right)
{
    const struct lint_finding *a = left;
    const struct lint_finding *b = right;
    if (a->at.file != b->at.file) {
        return a->at.file < b->at.file ? -1 : 1;
    }
    if (a->at.statement != b->at.statement) { /* those of the file as a whole come first */
        return a->at.statement + 1 < b->at.statement + 1 ? -1 : 1;
    }
    if (a->at.place.offset != b->at.place.offset) {
        return a->at.place.offset < b->at.place.offset ? -1 : 1;
    }
    size_t left_rule = rules_index(a->rule);
    size_t right_rule = rules_index(b->rule);
    return left_rule < right_rule ? -1 : left_rule > right_rule;
}

/* Findings in their order, counted into the result and into the verdicts of their statements.
 */
static void settle_findings(struct lint *lint, struct lint_result *result)
{
    if (lint->finding_count > 0) {
        qsort(lint->findings, lint->finding_count, sizeof *lint->findings, compare_findings);
    }
    struct lint_finding *findings =
        arena_array(lint->arena, lint->finding_count, sizeof *findings);
    for (size_t i = 0; i < lint->finding_count; i++) {
        findings[i] = lint->findings[i];
        if (!findings[i].waived) {
            result->by_severity[findings[i].severity]++;
            outcome_count_finding(lint, &findings[i]);
        }
    }
    result->findings = findings;
    result->finding_count = lint->finding_count;
}

const struct lint_result *lint_finish(struct lint *lint)
{
    struct lint_result *result = arena_alloc(lint->arena, sizeof *result);
    rules_judge_plan(lint);
    history_forget(lint);
    waivers_finish(lint);
    settle_findings(lint, result);
    risks_judge(lint, result);
    outcome_finish(lint, result);
    probes_finish(lint, result);
    result->not_known = not_known_words(lint);
    return result;
}
