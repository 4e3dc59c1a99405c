/* SPDX-License-Identifier: PostgreSQL */
/*
 * A plan's files judged again, with what its target shows. The files came through the guard
 * when the plan was loaded; the texts of live statements, which are new, go through it here.
 */
#include "app_describe.h"
#include "app_lint.h"
#include "app_lint_world.h"

static void read_traffic(void *world)
{
    static struct sql_watch nobody; /* the child's own: what crashes it is not read at all */
    app_lint_traffic(world, &nobody);
}

void app_lint_traffic_guarded(struct app_lint_world *world)
{
    struct sql_watch watch = {0};
    app_lint_traffic(world, app_survives(read_traffic, world) ? &watch : NULL);
}

void app_lint_names_of_plan(const struct app_plan *plan, struct app_lint_names *names)
{
    for (size_t i = 0; i < plan->plan->steps.count; i++) {
        if (plan->step_scripts[i]) {
            app_lint_names_add(names, plan->step_scripts[i]->text);
        }
        if (plan->undo_scripts[i]) {
            app_lint_names_add(names, plan->undo_scripts[i]->text);
        }
    }
}

bool app_lint_live_at(struct app_plan *plan, struct app_lint_where where, struct err *err)
{
    const struct plan_texts *path = &plan->plan->search_path;
    struct app_lint_names names = {0};
    where.plan = plan;
    where.home = path->count > 0 ? path->items[0] : STR("public");
    app_lint_world_free(plan->world);
    plan->world = mem_zero(1, sizeof *plan->world);
    app_lint_names_of_plan(plan, &names);
    bool ok = app_lint_context(&where, &names, plan->world, err);
    app_lint_names_release(&names);
    if (!ok || !plan->lint) {
        return ok;
    }
    struct lint_context *context = &plan->world->context;
    if (path->count > 0) { /* the run pins it */
        context->search_path = path->items;
        context->search_path_count = path->count;
    }
    app_lint_traffic_guarded(plan->world);
    plan->lint = app_lint(plan, context, &plan->arena);
    if (where.probes) {
        ok = app_lint_probe(&where, plan->lint, plan->world, err);
        plan->lint = ok ? app_lint(plan, context, &plan->arena) : plan->lint;
    }
    if (ok && where.writes_seconds > 0) {
        ok = app_lint_recent(&where, plan->lint, plan->world, err);
        plan->lint = ok ? app_lint(plan, context, &plan->arena) : plan->lint;
    }
    return ok;
}

bool app_lint_live(struct app_plan *plan, const struct plan_target *target,
                   const struct app_connection *connection, bool probes, int writes_seconds,
                   struct err *err)
{
    return app_lint_live_at(plan,
                            (struct app_lint_where){.target = target,
                                                    .connection = connection,
                                                    .probes = probes,
                                                    .writes_seconds = writes_seconds},
                            err);
}
