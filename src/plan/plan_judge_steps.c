/* SPDX-License-Identifier: PostgreSQL */
/*
 * Steps: one kind each, with the keys of that kind; claims that contradict each
 * other; the ledger that is their proof.
 */
#include "plan_judge.h"

#include "plan_values.h"

static const char *const kind_keys[] = {"migration", "manual", "command"};
static const char *const migration_keys[] = {
    "file",        "sha256",        "transaction",       "expect",
    "rerun_safe",  "zero_downtime", "destructive",       "undo",
    "verify",      "lock_timeout",  "statement_timeout", "retry",
    "queue_limit", "rows",          "creates_temporary", "before",
    "checks",      "after",
};
static const char *const other_keys[] = {"id", "takes", "within", "role"};

/* The file's name without folder and ending. */
static struct str stem_of(struct str path)
{
    size_t begin = path.len;
    while (begin > 0 && path.ptr[begin - 1] != '/') {
        begin--;
    }
    struct str name = str_slice(path, begin, path.len);
    return str_ends(name, ".sql") ? str_slice(name, 0, name.len - 4) : name;
}

static void judge_migration(struct judge *judge, struct plan_step *step)
{
    step->kind = PLAN_STEP_MIGRATION;
    step->id = step->migration;
    if (step->name.len == 0) {
        step->name = step->file.len > 0 ? stem_of(step->file) : step->migration;
    }
    plan_judge_stray(judge, step->mark, other_keys, COUNT_OF(other_keys), "a migration");
    if (!plan_judge_says(step->mark, "file")) {
        JUDGE_ERROR(judge, step->mark, "Y005", "the key \"file\" is missing");
    }
    if (!plan_judge_says(step->mark, "sha256")) {
        JUDGE_WARNING(judge, step->mark, "Y520",
                      "no sha256: a changed file is found only by the approval; `gonogo check "
                      "--write-hashes` fills it in");
    }
    if (step->verify == PLAN_VERIFY_INSIDE && step->transaction != PLAN_TRANSACTION_ONE) {
        JUDGE_ERROR(judge, plan_mark_of(step->mark, "verify"), "Y110",
                    "checks can run inside only with `transaction: one`");
    }
    if (step->retry.mark.line != 0 && step->transaction != PLAN_TRANSACTION_ONE) {
        JUDGE_ERROR(judge, step->retry.mark, "Y110",
                    "only `transaction: one` can be tried again as a whole");
    }
    if (!plan_judge_says(step->mark, "undo")) {
        JUDGE_WARNING(judge, step->mark, "Y640",
                      "no undo is said; name its file, or write `undo: none`");
    } else if (str_eq(step->undo, "none")) {
        step->undo_none = true;
        step->undo = (struct str){0};
        if (judge->plan->rollback.count == 0) {
            JUDGE_WARNING(judge, plan_mark_of(step->mark, "undo"), "Y640",
                          "nothing takes this back: the plan has no rollback option either");
        }
    }
    if (step->rows.mark.line != 0 && step->rows.at_least == PLAN_UNSAID &&
        step->rows.at_most == PLAN_UNSAID) {
        JUDGE_ERROR(judge, step->rows.mark, "Y005", "neither \"at_least\" nor \"at_most\"");
    }
}

static void judge_other(struct judge *judge, struct plan_step *step, size_t index)
{
    bool manual = plan_judge_says(step->mark, "manual");
    step->kind = manual ? PLAN_STEP_MANUAL : PLAN_STEP_COMMAND;
    plan_judge_stray(judge, step->mark, migration_keys, COUNT_OF(migration_keys),
                     manual ? "a manual step" : "a command step");
    if (step->id.len == 0) {
        step->id = str_format(judge->walk->arena, "step%zu", index + 1);
    }
    if (step->name.len == 0 && manual) {
        step->name = step->manual;
    } else if (step->name.len == 0 && step->command.count > 0) {
        step->name = step->command.items[0];
    }
    plan_judge_reference(judge, &judge->roles, step->mark, "role", step->role, "role");
    plan_judge_argv(judge, step->mark, "command", &step->command);
}

static void judge_step(struct judge *judge, size_t index)
{
    struct plan_step *step = &judge->plan->steps.items[index];
    const char *first = NULL;
    size_t said = plan_judge_says_of(step->mark, kind_keys, COUNT_OF(kind_keys), &first);
    if (said > 1) {
        JUDGE_ERROR(judge, step->mark, "Y101",
                    "a step is one thing: make a step each of migration, manual and command");
    } else if (said == 0) {
        JUDGE_ERROR(judge, step->mark, "Y102",
                    "what kind of step? begin it with `migration:`, `manual:` or `command:`");
    } else if (strcmp(first, "migration") == 0) {
        judge_migration(judge, step);
    } else {
        judge_other(judge, step, index);
    }
    if (said == 1) {
        plan_judge_id(judge, &judge->steps, step->mark, step->id, "step");
    }
    plan_judge_checks(judge, &step->before);
    plan_judge_checks(judge, &step->checks);
    plan_judge_checks(judge, &step->after);
}

static void judge_ledger(struct judge *judge, size_t migrations)
{
    const struct plan_ledger *ledger = &judge->plan->ledger;
    if (migrations == 0) {
        return;
    }
    if (ledger->mark.line == 0) {
        JUDGE_WARNING(judge, judge->plan->mark, "Y601",
                      "no ledger is named: a COMMIT has no proof but its transaction id; add "
                      "`ledger: { table: schema_migrations }`");
    } else if (ledger->style == PLAN_LEDGER_FLYWAY || ledger->style == PLAN_LEDGER_SQITCH) {
        JUDGE_ERROR(judge, plan_mark_of(ledger->mark, "style"), "Y610",
                    "the ledger of %s is only read, and this plan has migrations; name another "
                    "ledger",
                    ledger->style == PLAN_LEDGER_FLYWAY ? "flyway" : "sqitch");
    }
}

void plan_judge_steps(struct judge *judge)
{
    struct plan *plan = judge->plan;
    size_t migrations = 0;
    for (size_t i = 0; i < plan->steps.count; i++) {
        judge_step(judge, i);
        migrations += plan->steps.items[i].kind == PLAN_STEP_MIGRATION;
    }
    judge_ledger(judge, migrations);
    if (!plan_judge_says(plan->mark, "steps") && !plan_judge_says(plan->mark, "steps_from")) {
        JUDGE_ERROR(judge, plan->mark, "Y005", "the key \"steps\" is missing");
    } else if (plan->steps.count == 0 && plan->steps_from.mark.line == 0 &&
               plan_tree_find(plan->mark.node, "steps") != NULL &&
               plan_tree_find(plan->mark.node, "steps")->kind == NODE_LIST) {
        JUDGE_ERROR(judge, plan_mark_of(plan->mark, "steps"), "Y019", "no step");
    }
    struct name_set applied = {0};
    for (size_t i = 0; i < plan->applied.count; i++) {
        struct str version = plan->applied.items[i];
        struct plan_mark mark = plan_mark_of(plan->mark, "applied");
        if (plan_name_add(&applied, version, 1) != 0) {
            JUDGE_ERROR(judge, mark, "Y104", "\"%.*s\" stands in the list twice",
                        SHOWN(version));
        }
        if (plan_name_line(&judge->steps, version) != 0) {
            JUDGE_ERROR(judge, mark, "Y112",
                        "\"%.*s\" is a step of this plan and cannot be applied already",
                        SHOWN(version));
        }
    }
    plan_name_release(&applied);
}
