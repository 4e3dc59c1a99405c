/* SPDX-License-Identifier: PostgreSQL */
/*
 * SQL that a plan holds, judged before anything is contacted. A migration with a slip of the
 * pen would fail in the middle of the window; a check with two statements, or with one that
 * changes data, would be refused by the server after the COMMIT that it was to prove.
 *
 * The judge is the grammar of PostgreSQL 15 (sql.h): what it refuses is an error, but for
 * statements with words of later versions, which nobody here can judge: a warning.
 */
#include "app_queries.h"

/* ---------------------------------------------------------------------- cutting */

struct sql_script *app_cut(struct app_plan *plan, struct plan_mark mark, struct str file,
                           struct str text)
{
    struct sql_script *script = arena_alloc(&plan->arena, sizeof(*script));
    struct sql_trouble trouble;
    if (sql_cut(text, NULL, &plan->arena, script, &trouble)) {
        return script;
    }
    plan_diagnose(&plan->diagnostics, mark, PLAN_ERROR, "Y600", "%.*s%s%d:%d: %s%s%s%s%s",
                  STR_ARG(file), file.len > 0 ? ":" : "SQL:", trouble.place.line,
                  trouble.place.column, trouble.err.message, trouble.err.detail[0] ? ". " : "",
                  trouble.err.detail, trouble.err.hint[0] ? " " : "", trouble.err.hint);
    return NULL;
}

/* A query is a file or a text; neither: another source, or a mistake that is told already. */
static void add(struct app_plan *plan, struct plan_mark mark, struct str file, struct str sql)
{
    struct app_query *query = &plan->queries[plan->query_count];
    struct str text = sql;
    query->mark = plan_mark_of(mark, file.len > 0 ? "file" : "sql");
    query->file = file;
    if (file.len > 0) {
        text = app_plan_bytes(plan, file);
    }
    query->script = text.ptr ? app_cut(plan, query->mark, file, text) : NULL;
    plan->query_count += query->script ? 1 : 0;
}

static void add_checks(struct app_plan *plan, const struct plan_checks *checks)
{
    for (size_t i = 0; i < checks->count; i++) {
        add(plan, checks->items[i].mark, checks->items[i].file, checks->items[i].sql);
    }
}

static size_t most_queries(const struct plan *plan)
{
    size_t count =
        plan->state.count.count + plan->checklist.count + plan->monitoring.probes.count + 1;
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct plan_step *step = &plan->steps.items[i];
        count += step->before.count + step->checks.count + step->after.count;
    }
    for (size_t i = 0; i < plan->verification.sets.count; i++) {
        count += plan->verification.sets.items[i].checks.count;
    }
    return count;
}

void app_queries_cut(struct app_plan *plan)
{
    const struct plan *read = plan->plan;
    plan->queries = arena_array(&plan->arena, most_queries(read), sizeof(*plan->queries));
    for (size_t i = 0; i < read->state.count.count; i++) {
        const struct plan_count *count = &read->state.count.items[i];
        add(plan, count->mark, count->file, count->sql);
    }
    for (size_t i = 0; i < read->checklist.count; i++) {
        const struct plan_item *item = &read->checklist.items[i];
        add(plan, item->mark, item->file, item->sql);
    }
    for (size_t i = 0; i < read->steps.count; i++) {
        add_checks(plan, &read->steps.items[i].before);
        add_checks(plan, &read->steps.items[i].checks);
        add_checks(plan, &read->steps.items[i].after);
    }
    for (size_t i = 0; i < read->verification.sets.count; i++) {
        add_checks(plan, &read->verification.sets.items[i].checks);
    }
    for (size_t i = 0; i < read->monitoring.probes.count; i++) {
        const struct plan_probe *probe = &read->monitoring.probes.items[i];
        add(plan, probe->mark, (struct str){0}, probe->sql);
    }
}

/* ---------------------------------------------------------------------- judging */

/* "sql/q01.sql:3:8" of a file, "SQL:1:8" of a text that stands in the plan. */
static struct str place_text(struct app_plan *plan, struct str file,
                             const struct sql_statement *statement)
{
    struct sql_place where = sql_statement_misread(statement).where;
    bool known = where.line > 0;
    return str_format(&plan->arena, "%.*s:%d:%d", STR_ARG(file.len > 0 ? file : STR("SQL")),
                      known ? where.line : statement->head.line,
                      known ? where.column : statement->head.column);
}

static void judge_statements(struct app_plan *plan, struct plan_mark mark, struct str file,
                             const struct sql_script *script)
{
    for (size_t i = 0; script && i < script->count; i++) {
        const struct sql_statement *statement = &script->statements[i];
        if (statement->judgement == SQL_MISTAKE) {
            plan_diagnose(&plan->diagnostics, mark, PLAN_ERROR, "Y607", "%.*s: %.*s",
                          STR_ARG(place_text(plan, file, statement)),
                          STR_ARG(sql_statement_misread(statement).message));
        } else if (statement->judgement == SQL_CANNOT_JUDGE) {
            plan_diagnose(&plan->diagnostics, mark, PLAN_WARNING, "Y608",
                          "%.*s: cannot judge: %.*s; this looks newer than PostgreSQL 15",
                          STR_ARG(place_text(plan, file, statement)),
                          STR_ARG(sql_statement_misread(statement).message));
        }
    }
}

/* Does the statement only read, as far as its text tells? */
static bool only_reads(const struct sql_statement *statement)
{
    static const char *const reading[] = {"SELECT", "SHOW", "EXPLAIN"};
    for (size_t i = 0; i < statement->object_count; i++) {
        if (statement->objects[i].use != SQL_USE_READ) {
            return false;
        }
    }
    for (size_t i = 0; i < COUNT_OF(reading); i++) {
        if (strcmp(statement->tag, reading[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void judge_query(struct app_plan *plan, const struct app_query *query)
{
    const struct sql_script *script = query->script;
    if (str_trim(script->text).len == 0) {
        return; /* told as an empty file or an empty value */
    }
    if (script->count != 1) {
        plan_diagnose(&plan->diagnostics, query->mark, PLAN_ERROR, "Y609",
                      "%zu statements; exactly one query can be asked and judged",
                      script->count);
        return;
    }
    const struct sql_statement *statement = &script->statements[0];
    if (statement->judgement == SQL_PARSED && !only_reads(statement)) {
        plan_diagnose(&plan->diagnostics, query->mark, PLAN_ERROR, "Y609",
                      "%.*s: %s changes something or is no query, and is asked in a read-only "
                      "transaction; write a SELECT",
                      STR_ARG(place_text(plan, query->file, statement)), statement->tag);
    }
}

void app_queries_judge(struct app_plan *plan)
{
    const struct plan *read = plan->plan;
    for (size_t i = 0; i < read->steps.count; i++) {
        const struct plan_step *step = &read->steps.items[i];
        judge_statements(plan, plan_mark_of(step->mark, "file"), step->file,
                         plan->step_scripts[i]);
        judge_statements(plan, plan_mark_of(step->mark, "undo"), step->undo,
                         plan->undo_scripts[i]);
    }
    for (size_t i = 0; i < read->rollback.count; i++) {
        const struct plan_rollback_option *option = &read->rollback.items[i];
        judge_statements(plan, plan_mark_of(option->mark, "file"), option->file,
                         plan->option_scripts[i]);
    }
    for (size_t i = 0; i < plan->query_count; i++) {
        const struct app_query *query = &plan->queries[i];
        judge_statements(plan, query->mark, query->file, query->script);
        judge_query(plan, query);
    }
}
