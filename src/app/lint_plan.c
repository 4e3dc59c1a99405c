/* SPDX-License-Identifier: PostgreSQL */
/*
 * From a plan to what the rules want to know of its files: how a file is sent, under which
 * timeouts, how it is taken back, what the plan claims, and what it says will go.
 */
#include "app_lint.h"

static enum lint_claim claim_of(enum plan_tristate said)
{
    return said == PLAN_NOT_SAID ? LINT_NOT_CLAIMED
           : said == PLAN_YES    ? LINT_CLAIMED_YES
                                 : LINT_CLAIMED_NO;
}

static enum lint_transaction transaction_of(enum plan_transaction transaction)
{
    return transaction == PLAN_TRANSACTION_EACH   ? LINT_TRANSACTION_EACH
           : transaction == PLAN_TRANSACTION_FILE ? LINT_TRANSACTION_FILE
                                                  : LINT_TRANSACTION_ONE;
}

/* A step's own timeout, or the one of the whole plan; PLAN_UNSAID becomes "not known". */
static int64_t timeout_of(int64_t step_us, int64_t plan_us)
{
    int64_t us = step_us != PLAN_UNSAID ? step_us : plan_us;
    return us != PLAN_UNSAID ? us : -1;
}

/* What the plan says will be gone: tables, and the members of other counts. */
static const struct str *victims_of(const struct plan *plan, struct arena *arena, size_t *count)
{
    const struct plan_texts *tables = &plan->state.removed_tables;
    size_t room = tables->count;
    for (size_t i = 0; i < plan->state.changes.count; i++) {
        room += plan->state.changes.items[i].gone.count;
    }
    struct str *victims = arena_array(arena, room, sizeof *victims);
    *count = 0;
    for (size_t i = 0; i < tables->count; i++) {
        victims[(*count)++] = tables->items[i];
    }
    for (size_t i = 0; i < plan->state.changes.count; i++) {
        const struct plan_texts *gone = &plan->state.changes.items[i].gone;
        for (size_t j = 0; j < gone->count; j++) {
            victims[(*count)++] = gone->items[j];
        }
    }
    return victims;
}

static void study(struct lint *lint, struct sql_script *script, struct lint_file file,
                  const struct lint_context *context, struct arena *arena)
{
    struct sql_transaction *outer = arena_alloc(arena, sizeof *outer);
    *outer = sql_outer_transaction(script);
    file.outer = outer;
    file.text = script->text;
    int version = context && context->version ? context->version / 10000 : SQL_VERSION_DEFAULT;
    lint_begin_file(lint, &file);
    sql_study(script, version, arena, lint_statement, lint);
    lint_end_file(lint);
}

/* Midnight behind the day, which the plan's reader has found to exist; 0: none is said. */
static int64_t midnight_behind(struct str day, struct arena *arena)
{
    int64_t us = 0;
    struct str midnight = str_format(arena, "%.*sT00:00:00Z", STR_ARG(day));
    return day.ptr && time_from_text(midnight, &us) ? us + US_PER_DAY : 0;
}

static void waive(struct lint *lint, const struct plan_waivers *waivers, struct arena *arena)
{
    for (size_t i = 0; i < waivers->count; i++) {
        const struct plan_waiver *waiver = &waivers->items[i];
        lint_waive(lint, &(struct lint_waiver){
                             .rule = waiver->rule,
                             .file = waiver->file,
                             .statement = waiver->statement > 0 ? (size_t)waiver->statement : 0,
                             .reason = str_trim(waiver->reason),
                             .by = str_trim(waiver->person),
                             .until_us = midnight_behind(waiver->until, arena),
                         });
    }
}

void app_lint_waivers(struct app_plan *plan)
{
    const struct plan_waivers *waivers = &plan->plan->waivers;
    for (size_t i = 0; i < waivers->count; i++) {
        const struct lint_rule *rule = lint_rule_find(waivers->items[i].rule);
        struct plan_mark mark = plan_mark_of(waivers->items[i].mark, "rule");
        if (!rule) {
            plan_diagnose(&plan->diagnostics, mark, PLAN_ERROR, "Y660",
                          "there is no rule \"%.*s\"; gonogo help lists them",
                          STR_ARG(waivers->items[i].rule));
        } else if (strcmp(rule->id, "T12") == 0) {
            plan_diagnose(&plan->diagnostics, mark, PLAN_ERROR, "Y660",
                          "T12 judges waivers, and cannot be waived");
        }
    }
}

const struct lint_result *app_lint(struct app_plan *plan, const struct lint_context *context,
                                   struct arena *arena)
{
    struct lint_context known = {
        .lock_timeout_us = -1, .statement_timeout_us = -1, .free_bytes = -1};
    known = context ? *context : known;
    known.today_us = plan->today_us;
    struct lint *lint = lint_new(arena, &known);
    size_t victim_count;
    const struct str *victims = victims_of(plan->plan, arena, &victim_count);
    for (size_t i = 0; i < plan->plan->steps.count; i++) {
        const struct plan_step *step = &plan->plan->steps.items[i];
        if (!plan->step_scripts[i]) {
            continue;
        }
        struct lint_file file = {
            .name = step->file,
            .transaction = transaction_of(step->transaction),
            .has_undo = step->undo.ptr != NULL,
            .undo_none = step->undo_none,
            .has_rows_expectation =
                step->rows.statement != PLAN_UNSAID && step->rows.statement != 0,
            .lock_timeout_us =
                timeout_of(step->lock_timeout_us, plan->plan->safety.lock_timeout_us),
            .statement_timeout_us =
                timeout_of(step->statement_timeout_us, plan->plan->safety.statement_timeout_us),
            .long_unbounded = step->lock_timeout_us == PLAN_UNSAID,
            .rerun_safe = claim_of(step->rerun_safe),
            .zero_downtime = claim_of(step->zero_downtime),
            .destructive = claim_of(step->destructive),
            .named_victims = victims,
            .named_victim_count = victim_count,
        };
        study(lint, plan->step_scripts[i], file, context, arena);
    }
    for (size_t i = 0; i < plan->plan->steps.count; i++) {
        const struct plan_step *step = &plan->plan->steps.items[i];
        if (plan->undo_scripts[i]) {
            struct lint_file file = {
                .name = step->undo,
                .transaction = LINT_TRANSACTION_ONE,
                .is_undo = true,
                .lock_timeout_us = timeout_of(PLAN_UNSAID, plan->plan->safety.lock_timeout_us),
                .statement_timeout_us =
                    timeout_of(PLAN_UNSAID, plan->plan->safety.statement_timeout_us),
                .long_unbounded = true,
            };
            study(lint, plan->undo_scripts[i], file, context, arena);
        }
    }
    waive(lint, &plan->plan->waivers, arena);
    const struct lint_result *result = lint_finish(lint);
    lint_free(lint);
    return result;
}
