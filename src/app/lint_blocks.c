/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the rules block, told to a run: one block for each rule in each migration, and apart
 * from them one for each rule in each undo file, which is asked where that way back is chosen.
 * Waived findings are left out.
 */
#include "app_lint.h"

/* The migration that the finding's file belongs to, as its own file or as its undo file; NULL:
 * it is of the other kind. */
static const struct plan_step *step_of(const struct app_plan *plan,
                                       const struct lint_result *lint,
                                       const struct lint_finding *finding, bool undo)
{
    const struct lint_file_result *file = &lint->files[finding->at.file];
    for (size_t i = 0; i < plan->plan->steps.count && file->is_undo == undo; i++) {
        const struct plan_step *step = &plan->plan->steps.items[i];
        if (step->kind == PLAN_STEP_MIGRATION &&
            str_is(undo ? step->undo : step->file, file->name)) {
            return step;
        }
    }
    return NULL;
}

static struct event_item *find(struct event_item *items, size_t count, struct str id)
{
    for (size_t i = 0; i < count; i++) {
        if (str_is(items[i].name, id)) {
            return &items[i];
        }
    }
    return NULL;
}

/* "012.sql:41:1: the table quests goes", or the message alone for the file as a whole. */
static struct str text_of(const struct lint_result *lint, const struct lint_finding *finding,
                          struct arena *arena)
{
    struct str file = lint->files[finding->at.file].name;
    if (finding->at.place.line == 0) {
        return str_format(arena, "%.*s: %.*s", STR_ARG(file), STR_ARG(finding->message));
    }
    return str_format(arena, "%.*s:%d:%d: %.*s", STR_ARG(file), finding->at.place.line,
                      finding->at.place.column, STR_ARG(finding->message));
}

/* The first of its kind says what; how many follow is said behind it. */
static void end_texts(struct event_item *items, size_t count, struct arena *arena)
{
    for (size_t i = 0; i < count; i++) {
        if (items[i].value > 1) {
            items[i].text = str_format(arena, "%.*s; and %lld more of this rule",
                                       STR_ARG(items[i].text), (long long)items[i].value - 1);
        }
    }
}

/* Who is in the way now is no property of the files: it is asked with GO. */
static bool is_asked_with_go(const struct lint_finding *finding)
{
    return strcmp(finding->rule->id, "L23") == 0;
}

bool app_lint_blocks(const struct app_plan *plan, const struct run *run, bool undo,
                     struct arena *arena, struct event *event)
{
    const char *source = undo ? "undo" : "files";
    const struct run_block *before = undo ? run->undo_blocks : run->blocks;
    size_t before_count = undo ? run->undo_block_count : run->block_count;
    const struct lint_result *lint = run_lint(run);
    size_t blocking = lint ? lint->by_severity[LINT_BLOCK] : 0;
    struct event_item *items = arena_array(arena, blocking, sizeof *items);
    size_t count = 0;
    for (size_t i = 0; blocking > 0 && i < lint->finding_count; i++) {
        const struct lint_finding *finding = &lint->findings[i];
        const struct plan_step *step = step_of(plan, lint, finding, undo);
        if (finding->severity != LINT_BLOCK || finding->waived || !step ||
            is_asked_with_go(finding)) {
            continue;
        }
        struct str id = str_format(arena, "%.*s.%s%s", STR_ARG(step->id), undo ? "undo." : "",
                                   finding->rule->id);
        struct event_item *item = find(items, count, id);
        if (!item) {
            item = &items[count++];
            *item = (struct event_item){.name = id,
                                        .kind = str_from(finding->rule->id),
                                        .text = text_of(lint, finding, arena)};
        }
        item->value++;
    }
    end_texts(items, count, arena);
    *event = (struct event){.kind = EVENT_FOUND,
                            .script = -1,
                            .id = str_from(source),
                            .items = items,
                            .item_count = count};
    for (size_t i = 0; i < before_count && count == 0; i++) {
        if (str_eq(before[i].source, source)) {
            return true; /* what was found before is over */
        }
    }
    return count > 0;
}
