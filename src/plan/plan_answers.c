/* SPDX-License-Identifier: PostgreSQL */
/*
 * The answers file of a headless run, by the same machinery as the plan: every
 * key is optional but the version, nothing is guessed. What it says is a claim;
 * whether a claim opens a gate is the engine's affair.
 */
#include "plan_answers.h"
#include "plan_cyaml.h"
#include "plan_judge.h"
#include "plan_read.h"
#include "plan_values.h"

static void judge_on_failure(struct answers *answers, struct plan_diagnostics *diagnostics)
{
    struct str text = answers->on_failure_text;
    if (text.len == 0 || str_eq(text, "hold")) {
        answers->on_failure = text.len == 0 ? ANSWER_FAILURE_UNSAID : ANSWER_FAILURE_HOLD;
    } else if (str_eq(text, "rollback")) {
        answers->on_failure = ANSWER_FAILURE_ROLLBACK;
    } else if (str_starts(text, "rollback:") && text.len > strlen("rollback:")) {
        answers->on_failure = ANSWER_FAILURE_ROLLBACK;
        answers->rollback_option = str_slice(text, strlen("rollback:"), text.len);
    } else {
        plan_diagnose(
            diagnostics, plan_mark_of(answers->mark, "on_failure"), PLAN_ERROR, "Y014",
            "\"%.*s\" is not known here; write hold, rollback or rollback:OPTION", SHOWN(text));
    }
}

/* One answer for one thing: what the mapping at `mark` says of `id`. */
static void judge_once(struct name_set *set, struct plan_mark mark, const char *key,
                       struct str id, struct plan_diagnostics *diagnostics)
{
    if (id.len == 0) {
        return;
    }
    int line = plan_name_add(set, id, mark.line);
    if (line != 0) {
        plan_diagnose(diagnostics, plan_mark_of(mark, key), PLAN_ERROR, "Y104",
                      "\"%.*s\" is answered twice, first in line %d; remove one", SHOWN(id),
                      line);
    }
}

static void judge_answers(struct answers *answers, struct plan_diagnostics *diagnostics)
{
    struct name_set sets[6] = {{0}, {0}, {0}, {0}, {0}, {0}};
    for (size_t i = 0; i < answers->checklist.count; i++) {
        struct answer_item *item = &answers->checklist.items[i];
        judge_once(&sets[0], item->mark, "id", item->id, diagnostics);
    }
    for (size_t i = 0; i < answers->backup.count; i++) {
        struct answer_backup *backup = &answers->backup.items[i];
        judge_once(&sets[1], backup->mark, "id", backup->id, diagnostics);
    }
    for (size_t i = 0; i < answers->votes.count; i++) {
        struct answer_vote *vote = &answers->votes.items[i];
        judge_once(&sets[2], vote->mark, "role", vote->role, diagnostics);
        if ((vote->vote == ANSWER_VOTE_NO_GO || vote->vote == ANSWER_VOTE_HOLD) &&
            vote->reason.len == 0) {
            plan_diagnose(diagnostics, vote->mark, PLAN_ERROR, "Y810",
                          "a NO-GO or HOLD has a reason; add `reason:`");
        }
    }
    for (size_t i = 0; i < answers->accept.count; i++) {
        struct answer_reason *reason = &answers->accept.items[i];
        judge_once(&sets[3], reason->mark, "id", reason->id, diagnostics);
    }
    for (size_t i = 0; i < answers->override.count; i++) {
        struct answer_reason *reason = &answers->override.items[i];
        judge_once(&sets[4], reason->mark, "id", reason->id, diagnostics);
    }
    for (size_t i = 0; i < answers->criteria.count; i++) {
        struct answer_item *item = &answers->criteria.items[i];
        judge_once(&sets[5], item->mark, "id", item->id, diagnostics);
    }
    for (size_t i = 0; i < COUNT_OF(sets); i++) {
        plan_name_release(&sets[i]);
    }
    judge_on_failure(answers, diagnostics);
}

struct answers *answers_read(struct str bytes, struct str file_name, struct arena *arena,
                             struct plan_diagnostics *diagnostics)
{
    diagnostics->arena = arena;
    diagnostics->file = str_dup(arena, file_name);
    struct walk walk = {.diagnostics = diagnostics, .arena = arena};
    struct answers *answers = arena_alloc(arena, sizeof(*answers));
    const struct plan_node *root = NULL;
    size_t errors = diagnostics->errors;
    if (plan_read_root(bytes, &walk, &root)) {
        answers->sha256 = sha256_of(bytes);
        plan_walk_map(&walk, &answers_root, root, answers);
        judge_answers(answers, diagnostics);
    }
    bool fine = diagnostics->errors == errors;
    if (fine) {
        fine = plan_cyaml_agrees(bytes, &answers_root, root, diagnostics);
    }
    plan_walk_release(&walk);
    plan_diagnostics_sort(diagnostics);
    return fine ? answers : NULL;
}

static void want(bool there, struct plan_mark mark, const char *key, struct str name,
                 const char *kind, struct plan_diagnostics *diagnostics)
{
    if (!there && name.len > 0) {
        plan_diagnose(diagnostics, plan_mark_of(mark, key), PLAN_ERROR, "Y801",
                      "the plan has no %s \"%.*s\"", kind, SHOWN(name));
    }
}

static bool has_item(const struct plan *plan, struct str id)
{
    for (size_t i = 0; i < plan->checklist.count; i++) {
        if (str_is(plan->checklist.items[i].id, id)) {
            return true;
        }
    }
    return false;
}

static bool has_backup(const struct plan *plan, struct str id)
{
    for (size_t i = 0; i < plan->backup.count; i++) {
        if (str_is(plan->backup.items[i].id, id)) {
            return true;
        }
    }
    return false;
}

static bool has_option(const struct plan *plan, struct str id)
{
    for (size_t i = 0; i < plan->rollback.count; i++) {
        if (str_is(plan->rollback.items[i].id, id)) {
            return true;
        }
    }
    return false;
}

/* Somebody may only speak for a role whose people list him. */
static void want_person(const struct plan *plan, struct plan_mark mark, struct str role_id,
                        struct str name, struct plan_diagnostics *diagnostics)
{
    const struct plan_role *role = plan_find_role(plan, role_id);
    want(role != NULL, mark, "role", role_id, "role", diagnostics);
    for (size_t i = 0; role != NULL && i < role->people.count; i++) {
        if (str_is(role->people.items[i], name)) {
            return;
        }
    }
    if (role != NULL && name.len > 0) {
        plan_diagnose(diagnostics, plan_mark_of(mark, "name"), PLAN_ERROR, "Y802",
                      "\"%.*s\" is not among the people of the role \"%.*s\"", SHOWN(name),
                      SHOWN(role_id));
    }
}

/* By its text, or "criterion 3" for the third of the plan; and people attest it. */
static const struct plan_criterion *attested(const struct plan *plan, struct str id)
{
    struct str prefix = STR("criterion ");
    int64_t number = 0;
    bool counted =
        str_starts(id, prefix.ptr) && str_to_i64(str_slice(id, prefix.len, id.len), &number);
    for (size_t i = 0; i < plan->criteria.count; i++) {
        const struct plan_criterion *criterion = &plan->criteria.items[i];
        bool meant = counted ? number == (int64_t)i + 1 : str_is(criterion->text, id);
        if (meant && criterion->kind == PLAN_CRITERION_ATTEST) {
            return criterion;
        }
    }
    return NULL;
}

bool answers_check(const struct answers *answers, const struct plan *plan,
                   struct plan_diagnostics *diagnostics)
{
    size_t errors = diagnostics->errors;
    if (answers->as.role.len > 0) {
        want_person(plan, answers->as.mark, answers->as.role, answers->as.name, diagnostics);
    }
    for (size_t i = 0; i < answers->checklist.count; i++) {
        const struct answer_item *item = &answers->checklist.items[i];
        want(has_item(plan, item->id), item->mark, "id", item->id, "checklist item",
             diagnostics);
    }
    for (size_t i = 0; i < answers->backup.count; i++) {
        const struct answer_backup *backup = &answers->backup.items[i];
        want(has_backup(plan, backup->id), backup->mark, "id", backup->id, "backup",
             diagnostics);
    }
    for (size_t i = 0; i < answers->votes.count; i++) {
        const struct answer_vote *vote = &answers->votes.items[i];
        want_person(plan, vote->mark, vote->role, vote->name, diagnostics);
    }
    for (size_t i = 0; i < answers->sign_off.count; i++) {
        const struct answer_sign_off *sign_off = &answers->sign_off.items[i];
        want_person(plan, sign_off->mark, sign_off->role, sign_off->name, diagnostics);
    }
    for (size_t i = 0; i < answers->confirm.count; i++) {
        const struct answer_sign_off *confirm = &answers->confirm.items[i];
        want_person(plan, confirm->mark, confirm->role, confirm->name, diagnostics);
    }
    for (size_t i = 0; i < answers->criteria.count; i++) {
        const struct answer_item *item = &answers->criteria.items[i];
        const struct plan_criterion *criterion = attested(plan, item->id);
        want(criterion != NULL, item->mark, "id", item->id, "attested criterion", diagnostics);
        if (criterion) {
            want_person(plan, item->mark, criterion->attest, item->by, diagnostics);
        }
    }
    want(has_option(plan, answers->rollback_option), answers->mark, "on_failure",
         answers->rollback_option, "rollback option", diagnostics);
    plan_diagnostics_sort(diagnostics);
    return diagnostics->errors == errors;
}
