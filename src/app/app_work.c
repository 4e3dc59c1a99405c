/* SPDX-License-Identifier: PostgreSQL */
/*
 * The walk: model, performer, front, and their end in the right order.
 */
#include "app_lint.h"
#include "app_work.h"

#include "files.h"
#include <unistd.h>

bool work_begin(struct work *work, struct err *err)
{
    work->loop = loop_new();
    return loop_signals_open(err);
}

/* The catalog's name for the plan's style; flyway and sqitch are only read. */
static bool ledger_style(enum plan_ledger_style style, enum catalog_ledger_style *out)
{
    static const struct {
        enum plan_ledger_style from;
        enum catalog_ledger_style to;
    } table[] = {
        {PLAN_LEDGER_PLAIN, CATALOG_LEDGER_PLAIN},
        {PLAN_LEDGER_SUPABASE, CATALOG_LEDGER_SUPABASE},
        {PLAN_LEDGER_DBMATE, CATALOG_LEDGER_DBMATE},
        {PLAN_LEDGER_GOLANG_MIGRATE, CATALOG_LEDGER_GOLANG},
        {PLAN_LEDGER_NODE_PG_MIGRATE, CATALOG_LEDGER_NODE},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        if (table[i].from == style) {
            *out = table[i].to;
            return true;
        }
    }
    return false;
}

struct str app_search_path(struct arena *arena, const struct plan *plan)
{
    const struct plan_texts *path = &plan->search_path;
    struct strbuf text = {0};
    for (size_t i = 0; i < path->count; i++) {
        strbuf_text(&text, i > 0 ? ", " : "");
        sql_quote_ident(&text, path->items[i]);
    }
    struct str copy = str_dup(arena, strbuf_str(&text));
    strbuf_release(&text);
    return copy;
}

bool app_ledger(const struct plan *plan, struct arena *arena, struct catalog_ledger *ledger)
{
    enum catalog_ledger_style style;
    if (plan->ledger.mark.line == 0 || !ledger_style(plan->ledger.style, &style)) {
        return false;
    }
    struct str home = plan->search_path.count > 0 ? plan->search_path.items[0] : STR("public");
    catalog_ledger_init(ledger, style, plan->ledger.table, home, arena);
    return true;
}

bool app_ledger_is_apart(const struct plan *plan, const struct catalog_ledger *ledger)
{
    const struct plan_texts *schemas = &plan->state.schemas;
    bool inside = schemas->count == 0;
    for (size_t i = 0; i < schemas->count; i++) {
        inside = inside || str_is(schemas->items[i], ledger->schema);
    }
    return inside && !check_lists_new_table(plan, ledger->schema, ledger->table);
}

static struct str target_value(const struct plan_target *target, const char *name)
{
    for (size_t i = 0; i < target->values.count; i++) {
        if (str_eq(target->values.items[i].name, name)) {
            return target->values.items[i].value;
        }
    }
    return (struct str){0};
}

static const char *own_program(struct arena *arena)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path));
    if (n <= 0 || (size_t)n >= sizeof(path)) {
        return NULL;
    }
    return str_text(arena, (struct str){path, (size_t)n});
}

void work_make(struct work *work, const struct db_params *params, int64_t clock_us)
{
    work->setup = (struct run_setup){
        .plan = work->plan.plan,
        .target = (int)(work->target - work->plan.plan->targets.items),
        .mode = work->head.mode,
        .id = str_from(work->run_id),
        .digest = work->head.digest,
        .simulated_clock = work->head.simulated_clock,
        .opens_us = work->head.opens_us,
        .closes_us = work->head.closes_us,
        .day_us = work->head.day_us,
        .step_scripts = (const struct sql_script *const *)work->plan.step_scripts,
        .undo_scripts = (const struct sql_script *const *)work->plan.undo_scripts,
        .option_scripts = (const struct sql_script *const *)work->plan.option_scripts,
        .lint = work->plan.lint,
    };
    run_init(&work->run, &work->setup, &work->arena);
    work->has_run = true;
    struct performer *performer = &work->performer;
    struct arena *arena = &performer->arena;
    performer->plan = &work->plan;
    performer->target = work->target;
    performer->run = &work->run;
    performer->setup = &work->setup;
    performer->journal = work->journal;
    performer->head = &work->head;
    performer->loop = work->loop;
    performer->run_id = work->run_id;
    performer->program = own_program(arena);
    performer->params = *params;
    performer->time_scale = work->head.time_scale > 0.0 ? work->head.time_scale : 1.0;
    performer->headless = work->headless;
    performer->search_path = app_search_path(arena, work->plan.plan);
    performer->schemas = catalog_array_text(arena, work->plan.plan->state.schemas.items,
                                            work->plan.plan->state.schemas.count);
    performer->app_socket = target_value(work->target, "app_socket");
    performer->probes = arena_array(arena, work->plan.plan->monitoring.probes.count + 1,
                                    sizeof(*performer->probes));
    struct str report = work->head.report;
    performer->report_folder =
        report.len > 0 ? str_text(arena, report)
                       : str_format(arena, "%s/report", journal_directory(work->journal)).ptr;
    performer->has_ledger = app_ledger(work->plan.plan, arena, &performer->ledger);
    app_clock_start(&performer->clock, clock_us, loop_now_us());
    struct strbuf text = {0};
    db_params_redact(params, &text);
    performer->connection = work->connection = str_text(&work->arena, strbuf_str(&text));
    strbuf_release(&text);
}

int work_walk(struct work *work, const struct event *first, struct err *err)
{
    struct performer *performer = &work->performer;
    work->view = (struct app_view){.run = &work->run,
                                   .plan = &work->plan,
                                   .run_id = work->run_id,
                                   .directory = journal_directory(work->journal),
                                   .connection = work->connection,
                                   .loop = work->loop,
                                   .head = &work->head,
                                   .journal = work->journal,
                                   .performer = &work->performer};
    if (work->started) {
        work->started(work->started_ctx, &work->view);
    }
    if (work->front_open &&
        !work->front_open(work->front_ctx, &work->view, &performer->front, err)) {
        return app_exit_code_of(err);
    }
    performer->has_front = work->front_open != NULL;
    work->has_performer = true;
    performer_init(performer);
    performer_emit(performer, first);
    struct event found;
    for (int undo = 0; undo < 2; undo++) {
        if (app_lint_blocks(&work->plan, &work->run, undo, &work->arena, &found)) {
            performer_emit(performer, &found);
        }
    }
    performer_walk(performer);
    if (performer->err.kind != ERR_NONE && err) {
        *err = performer->err;
    }
    return performer->exit_code;
}

void work_release(struct work *work)
{
    struct performer *performer = &work->performer;
    if (work->has_performer) {
        if (performer->has_front) {
            performer->front.close(performer->front.ctx);
        }
        performer_release(performer);
    } else {
        arena_release(&performer->arena);
    }
    if (work->has_run) {
        run_release(&work->run);
    }
    journal_close(work->journal);
    loop_signals_close();
    loop_free(work->loop);
    journal_head_release(&work->head);
    app_plan_release(&work->plan);
    arena_release(&work->arena);
}
