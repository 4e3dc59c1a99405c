/* SPDX-License-Identifier: PostgreSQL */
/*
 * The policy file, and a plan held against it. A policy says what must be there; that what
 * is there is right is the affair of the plan's own judges. A breach is a warning: the plan
 * can be run, and `check` ends with 10.
 */
#include "plan_policy.h"
#include "plan_cyaml.h"
#include "plan_read.h"
#include "plan_values.h"

#include <regex.h>

enum {
    SEQUENCE_DIGITS = 6 /* what is longer is a point in time, and has gaps by nature */
};

/* --------------------------------------------------------------------- reading */

static void judge_pattern(const struct policy *policy, struct plan_diagnostics *diagnostics)
{
    regex_t pattern;
    const char *text = str_text(diagnostics->arena, policy->name_pattern);
    if (policy->name_pattern.ptr == NULL) {
        return;
    }
    int status = regcomp(&pattern, text, REG_EXTENDED | REG_NOSUB);
    if (status == 0) {
        regfree(&pattern);
        return;
    }
    char why[100];
    (void)regerror(status, &pattern, why, sizeof(why));
    plan_diagnose(diagnostics, plan_mark_of(policy->mark, "name_pattern"), PLAN_ERROR, "E100",
                  "\"%.*s\" is no POSIX extended regular expression (%s); write it as "
                  "'^[0-9]{3}_[a-z0-9_]+[.]sql$'",
                  SHOWN(policy->name_pattern), why);
}

static void judge_promotion(const struct policy *policy, struct plan_diagnostics *diagnostics)
{
    for (size_t i = 0; i < policy->promotion.count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (str_is(policy->promotion.items[i], policy->promotion.items[k])) {
                plan_diagnose(diagnostics, plan_mark_of(policy->mark, "promotion"), PLAN_ERROR,
                              "Y104", "\"%.*s\" stands twice in the order; remove one",
                              SHOWN(policy->promotion.items[i]));
            }
        }
    }
}

struct policy *policy_read(struct str bytes, struct str file_name, struct arena *arena,
                           struct plan_diagnostics *diagnostics)
{
    diagnostics->arena = arena;
    diagnostics->file = str_dup(arena, file_name);
    struct walk walk = {.diagnostics = diagnostics, .arena = arena};
    struct policy *policy = arena_alloc(arena, sizeof(*policy));
    const struct plan_node *root = NULL;
    size_t errors = diagnostics->errors;
    if (plan_read_root(bytes, &walk, &root)) {
        plan_walk_map(&walk, &policy_root, root, policy);
        judge_pattern(policy, diagnostics);
        judge_promotion(policy, diagnostics);
    }
    bool fine = diagnostics->errors == errors;
    if (fine) {
        fine = plan_cyaml_agrees(bytes, &policy_root, root, diagnostics);
    }
    plan_walk_release(&walk);
    plan_diagnostics_sort(diagnostics);
    return fine ? policy : NULL;
}

bool policy_requires(const struct policy *policy, enum policy_part part)
{
    for (size_t i = 0; i < policy->require.count; i++) {
        if (policy->require.items[i] == (int)part) {
            return true;
        }
    }
    return false;
}

/* ---------------------------------------------------------------- names and numbers */

static struct str base_name(struct str path)
{
    for (size_t i = path.len; i > 0; i--) {
        if (path.ptr[i - 1] == '/') {
            return str_slice(path, i, path.len);
        }
    }
    return path;
}

static void check_name(const struct policy *policy, const struct plan_step *step,
                       struct plan_diagnostics *diagnostics)
{
    regex_t pattern;
    struct str name = base_name(step->file);
    if (policy->name_pattern.ptr == NULL ||
        regcomp(&pattern, str_text(diagnostics->arena, policy->name_pattern),
                REG_EXTENDED | REG_NOSUB) != 0) {
        return;
    }
    if (regexec(&pattern, str_text(diagnostics->arena, name), 0, NULL, 0) != 0) {
        plan_diagnose(diagnostics, plan_mark_of(step->mark, "file"), PLAN_WARNING, "E101",
                      "the policy wants names like %.*s; rename %.*s",
                      SHOWN(policy->name_pattern), SHOWN(name));
    }
    regfree(&pattern);
}

struct sequence {
    struct str before; /* as written */
    int64_t number;    /* of it; 0: none yet */
};

static bool read_number(struct str version, int64_t *number)
{
    bool digits = version.len > 0 && version.len <= SEQUENCE_DIGITS;
    for (size_t i = 0; i < version.len && digits; i++) {
        digits = version.ptr[i] >= '0' && version.ptr[i] <= '9';
    }
    return digits && str_to_i64(version, number);
}

static void check_number(struct sequence *sequence, struct str version, struct plan_mark mark,
                         struct plan_diagnostics *diagnostics)
{
    int64_t number = 0;
    if (!read_number(version, &number)) {
        return;
    }
    if (sequence->before.len > 0 && number == sequence->number) {
        plan_diagnose(diagnostics, mark, PLAN_WARNING, "E103",
                      "\"%.*s\" and \"%.*s\" are the same number; give one of the two the "
                      "next",
                      SHOWN(sequence->before), SHOWN(version));
    } else if (sequence->before.len > 0 && number < sequence->number) {
        plan_diagnose(diagnostics, mark, PLAN_WARNING, "E102",
                      "\"%.*s\" stands behind \"%.*s\"; put the lower number first",
                      SHOWN(version), SHOWN(sequence->before));
    } else if (sequence->before.len > 0 && number > sequence->number + 1) {
        plan_diagnose(diagnostics, mark, PLAN_WARNING, "E102",
                      "\"%.*s\" follows \"%.*s\": what lies between is missing; number "
                      "without gaps",
                      SHOWN(version), SHOWN(sequence->before));
    }
    sequence->before = version;
    sequence->number = number;
}

static void check_sequence(const struct plan *plan, struct plan_diagnostics *diagnostics)
{
    struct sequence sequence = {.number = 0};
    for (size_t i = 0; i < plan->applied.count; i++) {
        check_number(&sequence, plan->applied.items[i], plan_mark_of(plan->mark, "applied"),
                     diagnostics);
    }
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct plan_step *step = &plan->steps.items[i];
        if (step->kind == PLAN_STEP_MIGRATION) {
            check_number(&sequence, step->id, plan_mark_of(step->mark, "migration"),
                         diagnostics);
        }
    }
}

/* ------------------------------------------------------------------- what is missing */

static void check_parts(const struct policy *policy, const struct plan_step *step,
                        struct plan_diagnostics *diagnostics)
{
    if (policy_requires(policy, POLICY_UNDO) && step->undo.ptr == NULL) {
        plan_diagnose(diagnostics, plan_mark_of(step->mark, step->undo_none ? "undo" : ""),
                      PLAN_WARNING, "E104",
                      "the policy wants an undo file for each migration; write one for "
                      "\"%.*s\" and name it as `undo:`",
                      SHOWN(step->id));
    }
    if (policy_requires(policy, POLICY_CHECKS) && step->checks.count + step->after.count == 0) {
        plan_diagnose(diagnostics, step->mark, PLAN_WARNING, "E105",
                      "the policy wants a check behind each migration; add `checks:` or "
                      "`after:` to \"%.*s\"",
                      SHOWN(step->id));
    }
}

static size_t rank_of(const struct policy *policy, struct str environment)
{
    size_t rank = 0;
    while (rank < policy->promotion.count &&
           !str_is(policy->promotion.items[rank], environment)) {
        rank++;
    }
    return rank;
}

/* Each environment but the first wants the rehearsal of the one before. */
static void check_promotion(const struct policy *policy, const struct plan *plan,
                            struct plan_diagnostics *diagnostics)
{
    for (size_t i = 0; i < plan->targets.count; i++) {
        const struct plan_target *target = &plan->targets.items[i];
        size_t rank = rank_of(policy, target->environment);
        if (rank == 0 || rank == policy->promotion.count) {
            continue;
        }
        struct str wanted = policy->promotion.items[rank - 1];
        const struct plan_target *first = plan_find_target(plan, target->needs_rehearsal_on);
        if (!first || !str_is(first->environment, wanted)) {
            plan_diagnose(diagnostics, plan_mark_of(target->mark, "needs_rehearsal_on"),
                          PLAN_WARNING, "E107",
                          "%.*s comes after %.*s; say `needs_rehearsal_on:` with a target "
                          "whose environment is %.*s",
                          SHOWN(target->environment), SHOWN(wanted), SHOWN(wanted));
        }
    }
}

static void check_recovery(const struct policy *policy, const struct plan *plan,
                           struct plan_diagnostics *diagnostics)
{
    int64_t limit = plan->limits.mark.line == 0 ? PLAN_UNSAID : plan->limits.recovery_us;
    if (policy->recovery_max_us == PLAN_UNSAID) {
        return;
    }
    struct str most = duration_text(diagnostics->arena, policy->recovery_max_us);
    struct plan_mark mark = plan_mark_of(plan->mark, "limits");
    if (limit == PLAN_UNSAID) {
        plan_diagnose(
            diagnostics, mark, PLAN_WARNING, "E108",
            "the policy wants a way back within %.*s; say `limits: { recovery: ... }`",
            STR_ARG(most));
    } else if (limit > policy->recovery_max_us) {
        struct str said = duration_text(diagnostics->arena, limit);
        plan_diagnose(diagnostics, plan_mark_of(plan->limits.mark, "recovery"), PLAN_WARNING,
                      "E108", "the policy wants a way back within %.*s, the plan allows %.*s",
                      STR_ARG(most), STR_ARG(said));
    }
}

void policy_check(const struct policy *policy, const struct plan *plan,
                  struct plan_diagnostics *diagnostics)
{
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct plan_step *step = &plan->steps.items[i];
        if (step->kind == PLAN_STEP_MIGRATION) {
            check_name(policy, step, diagnostics);
            check_parts(policy, step, diagnostics);
        }
    }
    check_sequence(plan, diagnostics);
    check_promotion(policy, plan, diagnostics);
    check_recovery(policy, plan, diagnostics);
    plan_diagnostics_sort(diagnostics);
}
