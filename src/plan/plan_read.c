/* SPDX-License-Identifier: PostgreSQL */
/*
 * Bytes -> plan, from end to end: tree, walk, judges, and last the second
 * reader. Each pass goes on after problems, so that one call tells all of them;
 * only bytes that are no single YAML mapping end it early.
 *
 * Also here: the lookups, which read a plan and nothing else.
 */
#include "plan_cyaml.h"
#include "plan_judge.h"
#include "plan_read.h"

bool plan_read_root(struct str bytes, struct walk *walk, const struct plan_node **root)
{
    struct plan_diagnostics *diagnostics = walk->diagnostics;
    *root = plan_tree_read(bytes, diagnostics);
    if (*root == NULL) {
        return false;
    }
    if ((*root)->kind != NODE_MAP) {
        plan_diagnose(diagnostics, plan_tree_mark(*root), PLAN_ERROR, "Y006",
                      "the file is not a mapping of keys; write lines of \"key: value\"");
        return false;
    }
    return true;
}

static void judge_all(struct judge *judge)
{
    plan_judge_window(judge);
    plan_judge_state(judge);
    plan_judge_targets(judge);
    plan_judge_fills(judge);
    plan_judge_roles(judge);
    plan_judge_backups(judge);
    plan_judge_checklist(judge);
    plan_judge_steps(judge);
    plan_judge_production(judge);
    plan_judge_rest(judge);
    plan_judge_monitoring(judge);
    plan_judge_rollback(judge);
    plan_judge_criteria(judge);
    plan_judge_slots(judge);
}

static void release_judge(struct judge *judge)
{
    struct name_set *sets[] = {&judge->checks, &judge->counts,  &judge->steps,
                               &judge->roles,  &judge->targets, &judge->backups,
                               &judge->probes, &judge->options, &judge->items};
    for (size_t i = 0; i < COUNT_OF(sets); i++) {
        plan_name_release(sets[i]);
    }
}

static int compare_files(const void *left, const void *right)
{
    const struct plan_file *const *a = left;
    const struct plan_file *const *b = right;
    int order = str_compare((*a)->path, (*b)->path);
    return order != 0 ? order : (*a < *b ? -1 : *a > *b);
}

static int compare_marks(const void *left, const void *right)
{
    const struct plan_file *a = left;
    const struct plan_file *b = right;
    if (a->mark.line != b->mark.line) {
        return a->mark.line < b->mark.line ? -1 : 1;
    }
    return a->mark.column < b->mark.column ? -1 : a->mark.column > b->mark.column;
}

/* Moves what the walk noted into the arena and finds first mentions. */
static void keep_notes(struct plan *plan, const struct walk *walk)
{
    plan->file_count = walk->file_count;
    plan->files = arena_array(walk->arena, walk->file_count, sizeof(*plan->files));
    plan->unbuilt_count = walk->unbuilt_count;
    plan->unbuilt = arena_array(walk->arena, walk->unbuilt_count, sizeof(*plan->unbuilt));
    if (walk->unbuilt_count > 0) {
        memcpy(plan->unbuilt, walk->unbuilt, walk->unbuilt_count * sizeof(*plan->unbuilt));
    }
    if (walk->file_count == 0) {
        return;
    }
    memcpy(plan->files, walk->files, walk->file_count * sizeof(*plan->files));
    qsort(plan->files, plan->file_count, sizeof(*plan->files), compare_marks);
    struct plan_file **sorted = mem_zero(plan->file_count, sizeof(*sorted));
    for (size_t i = 0; i < plan->file_count; i++) {
        sorted[i] = &plan->files[i];
    }
    qsort(sorted, plan->file_count, sizeof(*sorted), compare_files);
    for (size_t i = 0; i < plan->file_count; i++) {
        bool again = i > 0 && str_is(sorted[i]->path, sorted[i - 1]->path);
        sorted[i]->first = again ? sorted[i - 1]->first : (size_t)(sorted[i] - plan->files);
    }
    free(sorted);
}

struct plan *plan_read_all(struct str bytes, struct str file_name, struct arena *arena,
                           struct plan_diagnostics *diagnostics, bool *fine)
{
    diagnostics->arena = arena;
    diagnostics->file = str_dup(arena, file_name);
    struct walk walk = {.diagnostics = diagnostics, .arena = arena};
    struct plan *plan = arena_alloc(arena, sizeof(*plan));
    const struct plan_node *root = NULL;
    size_t errors = diagnostics->errors;
    bool readable = plan_read_root(bytes, &walk, &root);
    if (readable) {
        plan->file = diagnostics->file;
        plan->bytes = str_dup(arena, bytes);
        plan_walk_map(&walk, &plan_root, root, plan);
        struct judge judge = {.plan = plan, .diagnostics = diagnostics, .walk = &walk};
        judge_all(&judge);
        release_judge(&judge);
        keep_notes(plan, &walk);
    }
    *fine = diagnostics->errors == errors;
    if (*fine) {
        *fine = plan_cyaml_agrees(bytes, &plan_root, root, diagnostics);
    }
    plan_walk_release(&walk);
    plan_diagnostics_sort(diagnostics);
    return readable ? plan : NULL;
}

struct plan *plan_read(struct str bytes, struct str file_name, struct arena *arena,
                       struct plan_diagnostics *diagnostics)
{
    bool fine;
    struct plan *plan = plan_read_all(bytes, file_name, arena, diagnostics, &fine);
    return fine ? plan : NULL;
}

const struct plan_file *plan_files(const struct plan *plan, size_t *count)
{
    *count = plan->file_count;
    return plan->files;
}

const struct plan_unbuilt *plan_not_built(const struct plan *plan, size_t *count)
{
    *count = plan->unbuilt_count;
    return plan->unbuilt;
}

const struct plan_target *plan_find_target(const struct plan *plan, struct str id)
{
    for (size_t i = 0; i < plan->targets.count; i++) {
        if (str_is(plan->targets.items[i].id, id)) {
            return &plan->targets.items[i];
        }
    }
    return NULL;
}

bool plan_has_restore(const struct plan *plan)
{
    for (size_t i = 0; i < plan->rollback.count; i++) {
        if (plan->rollback.items[i].kind == PLAN_ROLLBACK_RESTORE) {
            return true;
        }
    }
    return false;
}

const struct plan_role *plan_find_role(const struct plan *plan, struct str id)
{
    for (size_t i = 0; i < plan->roles.count; i++) {
        if (str_is(plan->roles.items[i].id, id)) {
            return &plan->roles.items[i];
        }
    }
    return NULL;
}

bool plan_lists_person(const struct plan *plan, struct str name)
{
    for (size_t i = 0; i < plan->roles.count; i++) {
        const struct plan_texts *people = &plan->roles.items[i].people;
        for (size_t k = 0; k < people->count; k++) {
            if (str_is(people->items[k], name)) {
                return true;
            }
        }
    }
    return false;
}

static const struct plan_check *find_in(const struct plan_checks *checks, struct str id)
{
    for (size_t i = 0; i < checks->count; i++) {
        if (str_is(checks->items[i].id, id)) {
            return &checks->items[i];
        }
    }
    return NULL;
}

const struct plan_check *plan_find_check(const struct plan *plan, struct str id)
{
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct plan_step *step = &plan->steps.items[i];
        const struct plan_checks *lists[] = {&step->before, &step->checks, &step->after};
        for (size_t k = 0; k < COUNT_OF(lists); k++) {
            const struct plan_check *check = find_in(lists[k], id);
            if (check != NULL) {
                return check;
            }
        }
    }
    for (size_t i = 0; i < plan->verification.sets.count; i++) {
        const struct plan_check *check = find_in(&plan->verification.sets.items[i].checks, id);
        if (check != NULL) {
            return check;
        }
    }
    return NULL;
}

const struct plan_count *plan_find_count(const struct plan *plan, struct str id)
{
    for (size_t i = 0; i < plan->state.count.count; i++) {
        if (str_is(plan->state.count.items[i].id, id)) {
            return &plan->state.count.items[i];
        }
    }
    return NULL;
}

int64_t plan_count_before(const struct plan *plan, const struct plan_target *target,
                          const struct plan_count *count)
{
    (void)plan;
    for (size_t i = 0; target != NULL && i < target->before.count; i++) {
        if (str_is(target->before.items[i].id, count->id)) {
            return target->before.items[i].count;
        }
    }
    return count->before;
}

bool plan_fill(struct strbuf *out, struct str text, const struct plan_target *target,
               struct err *err)
{
    size_t copied = 0;
    size_t at = 0;
    size_t begin = 0;
    struct str name;
    while (plan_fill_next(text, &at, &begin, &name)) {
        strbuf_add(out, str_slice(text, copied, begin - copied));
        const struct plan_named_value *found = NULL;
        for (size_t i = 0; i < target->values.count; i++) {
            if (str_is(target->values.items[i].name, name)) {
                found = &target->values.items[i];
            }
        }
        if (found == NULL) {
            err_set(err, ERR_USAGE, "the target \"%.*s\" has no value \"%.*s\"",
                    STR_ARG(target->id), STR_ARG(name));
            err_hint(err, "Add it to the target's values in the plan.");
            return false;
        }
        strbuf_add(out, found->value);
        copied = at;
    }
    strbuf_add(out, str_slice(text, copied, text.len));
    return true;
}
