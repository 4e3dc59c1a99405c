/* SPDX-License-Identifier: PostgreSQL */
/*
 * A plan held against a policy of the house: what the plan itself says is judged in room
 * plan; here, what its files say. A document is looked for beside its migration, an index in
 * the statements as they were cut and described.
 */
#include "app_private.h"

#include "files.h"

#include <fcntl.h>
#include <unistd.h>

/* "migrations/011_fix.sql" -> "migrations/011_fix.md" */
static struct str document_of(struct arena *arena, struct str file)
{
    size_t length = str_ends(file, ".sql") ? file.len - strlen(".sql") : file.len;
    return str_format(arena, "%.*s.md", (int)length, file.ptr);
}

static void want_document(struct app_plan *plan, int folder_fd, const struct plan_step *step)
{
    enum files_trouble trouble = FILES_OK;
    struct str path = document_of(&plan->arena, step->file);
    int fd = files_open_beneath(folder_fd, path, O_RDONLY, 0, &trouble, NULL);
    if (fd >= 0) {
        close(fd);
        return;
    }
    plan_diagnose(&plan->diagnostics, plan_mark_of(step->mark, "migration"), PLAN_WARNING,
                  "E106", "the policy wants a text beside each migration; write %.*s",
                  STR_ARG(path));
}

static bool is_of(const struct sql_object *object, enum sql_use use, const char *kind)
{
    return object->use == use && strcmp(object->kind, kind) == 0;
}

/* Whether a statement of this file or of a step before makes the table. */
static bool is_made_here(const struct app_plan *plan, size_t last_step, struct str table)
{
    for (size_t i = 0; i <= last_step; i++) {
        const struct sql_script *script = plan->step_scripts[i];
        for (size_t j = 0; script && j < script->count; j++) {
            const struct sql_statement *statement = &script->statements[j];
            for (size_t k = 0; k < statement->object_count; k++) {
                const struct sql_object *object = &statement->objects[k];
                if (is_of(object, SQL_USE_CREATE, "table") && str_is(object->name, table)) {
                    return true;
                }
            }
        }
    }
    return false;
}

static struct str table_of_index(const struct sql_statement *statement)
{
    for (size_t i = 0; i < statement->object_count; i++) {
        if (is_of(&statement->objects[i], SQL_USE_CREATE, "index")) {
            return statement->objects[i].on;
        }
    }
    return STR("");
}

/* A concurrent build is one that cannot stand in a transaction. */
static void want_concurrent(struct app_plan *plan, size_t index, const struct plan_step *step)
{
    const struct sql_script *script = plan->step_scripts[index];
    for (size_t i = 0; script && i < script->count; i++) {
        const struct sql_statement *statement = &script->statements[i];
        if (strcmp(statement->tag, "CREATE INDEX") != 0 || statement->transactional == SQL_NO ||
            is_made_here(plan, index, table_of_index(statement))) {
            continue;
        }
        plan_diagnose(&plan->diagnostics, plan_mark_of(step->mark, "migration"), PLAN_WARNING,
                      "E109",
                      "%.*s:%d:%d: the policy wants CREATE INDEX CONCURRENTLY, in a migration "
                      "with `transaction: each`",
                      STR_ARG(step->file), statement->head.line, statement->head.column);
    }
}

bool app_policy_check(struct app_plan *plan, const struct policy *policy, struct err *err)
{
    bool documents = policy_requires(policy, POLICY_DOCS);
    int folder_fd = documents ? files_open_directory(AT_FDCWD, plan->folder, NULL, err) : -1;
    if (documents && folder_fd < 0) {
        return false;
    }
    policy_check(policy, plan->plan, &plan->diagnostics);
    for (size_t i = 0; i < plan->plan->steps.count; i++) {
        const struct plan_step *step = &plan->plan->steps.items[i];
        if (step->kind == PLAN_STEP_MIGRATION && documents) {
            want_document(plan, folder_fd, step);
        }
        if (step->kind == PLAN_STEP_MIGRATION && policy->index_concurrently) {
            want_concurrent(plan, i, step);
        }
    }
    if (folder_fd >= 0) {
        close(folder_fd);
    }
    plan_diagnostics_sort(&plan->diagnostics);
    return true;
}
