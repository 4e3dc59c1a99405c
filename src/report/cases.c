/* SPDX-License-Identifier: PostgreSQL */
/*
 * The report as a list of cases, for the formats that test tools read: each migration
 * and its checks, each verification set, each criterion.
 */
#include "document.h"

static struct report_case *add_case(struct report *report, struct report_cases *cases,
                                    struct str suite, struct str name)
{
    if (cases->count == cases->capacity) {
        size_t capacity = cases->capacity > 0 ? 2 * cases->capacity : 64;
        struct report_case *items = arena_array(report->arena, capacity, sizeof(*items));
        if (cases->count > 0) {
            memcpy(items, cases->items, cases->count * sizeof(*items));
        }
        cases->items = items;
        cases->capacity = capacity;
    }
    struct report_case *entry = &cases->items[cases->count++];
    *entry = (struct report_case){.suite = sanitise_line(report->arena, suite),
                                  .name = sanitise_line(report->arena, name)};
    return entry;
}

static enum case_state state_of(enum outcome outcome)
{
    static const enum case_state states[OUTCOME__COUNT] = {
        [OUTCOME_NONE] = CASE_SKIPPED,
        [OUTCOME_OK] = CASE_PASSED,
        [OUTCOME_FAILED] = CASE_FAILED,
        [OUTCOME_UNKNOWN] = CASE_ERROR,
    };
    return states[outcome];
}

static void add_checks(struct report *report, struct report_cases *cases, struct str suite,
                       const struct run_check *checks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct run_check *check = &checks[i];
        const struct plan_check *plan = check->check;
        struct str name =
            plan->name.len > 0 && !str_is(plan->name, plan->id)
                ? doc_text(report, "%.*s: %.*s", STR_ARG(plan->id), STR_ARG(plan->name))
                : plan->id;
        struct report_case *entry = add_case(report, cases, suite, name);
        entry->state = state_of(check->outcome);
        entry->us = check->together > 1 ? 0 : check->us; /* a shared time is nobody's own */
        if (check->accepted && check->outcome != OUTCOME_OK) {
            entry->state = CASE_ACCEPTED;
            entry->message = doc_text(report, "accepted by %.*s: %.*s; was: %.*s",
                                      STR_ARG(check->accepted_by), STR_ARG(check->accepted_why),
                                      STR_ARG(text_or(check->why, "not known")));
        } else if (check->outcome != OUTCOME_OK) {
            entry->message = doc_text(
                report, "%.*s",
                STR_ARG(text_or(check->why,
                                check->outcome == OUTCOME_NONE ? "was not run" : "not known")));
        }
    }
}

static enum case_state script_case(const struct run_script *script)
{
    static const enum case_state states[SCRIPT_STATE__COUNT] = {
        [SCRIPT_PENDING] = CASE_SKIPPED,    [SCRIPT_APPLIED] = CASE_SKIPPED,
        [SCRIPT_OPEN] = CASE_ERROR,         [SCRIPT_COMMITTED] = CASE_PASSED,
        [SCRIPT_ROLLED_BACK] = CASE_FAILED, [SCRIPT_UNKNOWN] = CASE_ERROR,
        [SCRIPT_DONE] = CASE_PASSED,        [SCRIPT_UNDONE] = CASE_FAILED,
    };
    return script->partial ? CASE_ERROR : states[script->state];
}

static void add_script(struct report *report, struct report_cases *cases,
                       const struct run_script *script)
{
    struct str suite =
        doc_text(report, "%s %.*s", script->kind == SCRIPT_MANUAL ? "step" : "migration",
                 STR_ARG(script->id));
    if (script->kind == SCRIPT_DOWN || script->kind == SCRIPT_SQL) {
        suite = doc_text(report, "way back %.*s", STR_ARG(script->id));
    }
    struct report_case *entry = add_case(report, cases, suite, STR("run"));
    entry->state = script_case(script);
    entry->us = script->sql_us;
    if (entry->state != CASE_PASSED) {
        entry->message =
            doc_text(report, "%s%s%.*s", script_state_words[script->state],
                     script->failure.len > 0 ? ": " : "", STR_ARG(script->failure));
    }
    add_checks(report, cases, suite, script->before, script->before_count);
    add_checks(report, cases, suite, script->checks, script->check_count);
}

static void add_criteria(struct report *report, struct report_cases *cases)
{
    const struct run *run = report->run;
    for (size_t i = 0; i < run->criterion_count; i++) {
        const struct run_criterion *criterion = &run->criteria[i];
        struct str suite =
            doc_text(report, "criteria %.*s", STR_ARG(criterion->criterion->group));
        struct report_case *entry = add_case(report, cases, suite, criterion->criterion->text);
        entry->state = state_of(criterion->outcome);
        entry->state = criterion->accepted ? CASE_ACCEPTED : entry->state;
        if (criterion->outcome != OUTCOME_OK) {
            entry->message =
                doc_text(report, "%.*s", STR_ARG(text_or(criterion->actual, "not known")));
        }
    }
}

/* The cases live in the report's arena; printers have it const for everything else. */
struct report_cases report_cases(const struct report *report)
{
    struct report scratch = {
        .arena = report->arena, .run = report->run, .context = report->context};
    struct report_cases cases = {0};
    const struct run *run = report->run;
    for (size_t i = 0; i < run->script_count; i++) {
        add_script(&scratch, &cases, &run->scripts[i]);
    }
    for (size_t i = 0; i < run->set_count; i++) {
        add_checks(&scratch, &cases, run->plan->verification.sets.items[i].name, run->sets[i],
                   set_count_of(run, i));
    }
    add_criteria(&scratch, &cases);
    return cases;
}
