/* SPDX-License-Identifier: PostgreSQL */
/*
 * The second half of the runbook: what is done and how it is judged, with every
 * statement and every query in full, because the ticket is what people approve.
 */
#include "show.h"

static void checklist(struct strbuf *out, const struct plan *plan)
{
    static const char *const proofs[] = {
        [PLAN_PROOF_UNSAID] = "an answer",  [PLAN_PROOF_REHEARSAL] = "the rehearsal",
        [PLAN_PROOF_BACKUP] = "the backup", [PLAN_PROOF_POLL] = "the votes",
        [PLAN_PROOF_PROBES] = "the probes", [PLAN_PROOF_NOTE] = "an answer",
        [PLAN_PROOF_SQL] = "a query",       [PLAN_PROOF_RUN] = "a program",
    };
    static const char *const gates[] = {[PLAN_GATE_UNSAID] = "-",
                                        [PLAN_GATE_PREP] = "PREP",
                                        [PLAN_GATE_POLL] = "POLL",
                                        [PLAN_GATE_CLOSE] = "CLOSE"};
    if (plan->checklist.count == 0) {
        return;
    }
    strbuf_text(out,
                "## Checklist\n\n| id | gate | question | proved by | role | no older than "
                "|\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < plan->checklist.count; i++) {
        const struct plan_item *item = &plan->checklist.items[i];
        show_cell(out, item->id);
        show_cell(out, str_from(gates[item->gate]));
        show_cell(out, item->ask);
        show_cell(out, str_from(proofs[item->proof]));
        show_cell(out, item->role.len > 0 ? item->role : STR("-"));
        show_cell_duration(out, item->max_age_us);
        show_row_end(out);
    }
    strbuf_byte(out, '\n');
}

static void backup(struct strbuf *out, const struct plan *plan)
{
    static const char *const kinds[] = {[PLAN_BACKUP_UNSAID] = "-",
                                        [PLAN_BACKUP_PG_DUMP] = "pg_dump",
                                        [PLAN_BACKUP_COMMAND] = "command",
                                        [PLAN_BACKUP_EXTERNAL] = "external"};
    static const char *const levels[] = {[PLAN_LEVEL_UNSAID] = "-",
                                         [PLAN_LEVEL_DUMPED] = "dumped",
                                         [PLAN_LEVEL_LISTED] = "listed",
                                         [PLAN_LEVEL_RESTORED] = "restored",
                                         [PLAN_LEVEL_COMPARED] = "compared"};
    if (plan->backup.count == 0) {
        return;
    }
    strbuf_text(out, "## Backup\n\n| id | kind | proved to | required | no older than | takes "
                     "|\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < plan->backup.count; i++) {
        const struct plan_backup *one = &plan->backup.items[i];
        show_cell(out, one->id);
        show_cell(out, str_from(kinds[one->kind]));
        show_cell(out, str_from(levels[one->level]));
        show_cell(out, one->required ? STR("yes") : STR("no"));
        show_cell_duration(out, one->max_age_us);
        show_cell_duration(out, one->takes_us);
        show_row_end(out);
    }
    strbuf_byte(out, '\n');
}

/* --------------------------------------------------------------------- checks */

static void expectation(struct strbuf *out, enum plan_comparator comparator,
                        const struct plan_value *value)
{
    static const char *const words[] = {
        [PLAN_COMPARE_UNSAID] = "-", [PLAN_EQUALS] = "equals ",   [PLAN_AT_LEAST] = "at least ",
        [PLAN_AT_MOST] = "at most ", [PLAN_EMPTY] = "no row",     [PLAN_EXISTS] = "is there",
        [PLAN_MATCHES] = "matches ", [PLAN_SAME_AS] = "same as ",
    };
    strbuf_text(out, words[comparator]);
    if (comparator != PLAN_EMPTY && comparator != PLAN_EXISTS) {
        show_text(out, value->text);
    }
}

static void one_check(struct strbuf *out, const struct app_plan *app,
                      const struct plan_check *check)
{
    strbuf_text(out, "- **");
    show_text(out, check->id);
    strbuf_text(out, "** ");
    show_text(out, check->name);
    strbuf_text(out, ": ");
    if (check->source == PLAN_SOURCE_BUILTIN) {
        strbuf_text(out, "builtin ");
        show_text(out, str_from(plan_builtin_word(check->builtin)));
        const struct str arguments[] = {check->table, check->object, check->column,
                                        check->count_id};
        for (size_t i = 0; i < COUNT_OF(arguments); i++) {
            if (arguments[i].len > 0) {
                strbuf_byte(out, ' ');
                show_text(out, arguments[i]);
            }
        }
        strbuf_text(out, ", ");
    }
    expectation(out, check->comparator, &check->expected);
    if (check->within_us != PLAN_UNSAID) {
        strbuf_text(out, ", within ");
        show_duration(out, check->within_us);
    }
    strbuf_text(out, "\n");
    struct str sql =
        check->source == PLAN_SOURCE_FILE ? app_plan_bytes(app, check->file) : check->sql;
    if (check->source != PLAN_SOURCE_BUILTIN) {
        strbuf_byte(out, '\n');
        show_code(out, "sql", sql);
    }
}

static void check_list(struct strbuf *out, const struct app_plan *app, const char *title,
                       const struct plan_checks *checks)
{
    if (checks->count > 0) {
        strbuf_format(out, "%s\n\n", title);
        for (size_t i = 0; i < checks->count; i++) {
            one_check(out, app, &checks->items[i]);
        }
        strbuf_byte(out, '\n');
    }
}

/* ---------------------------------------------------------------------- steps */

static bool says_password(const struct sql_script *script, size_t index)
{
    struct strbuf line = {0};
    front_statement_text(&line, script, index, 0);
    bool hidden = str_ends(strbuf_str(&line), "(text not shown: it says a password)");
    strbuf_release(&line);
    return hidden;
}

static void statements(struct strbuf *out, const struct sql_script *script)
{
    struct strbuf text = {0};
    for (size_t i = 0; script && i < script->count; i++) {
        const struct sql_statement *statement = &script->statements[i];
        strbuf_format(&text, "%s-- %zu, line %d\n", i > 0 ? "\n" : "", i + 1,
                      statement->head.line);
        if (says_password(script, i)) {
            strbuf_text(&text, "-- ");
            front_statement_text(&text, script, i, 0);
        } else {
            strbuf_add(&text, sql_statement_text(script, i));
        }
        strbuf_byte(&text, '\n');
    }
    show_code(out, "sql", strbuf_str(&text));
    strbuf_release(&text);
}

/* The rules' sentence about the file, and its overall risk. */
static void judgement(struct strbuf *out, const struct app_plan *app, struct str file)
{
    for (size_t i = 0; app->lint && i < app->lint->file_count; i++) {
        const struct lint_file_result *result = &app->lint->files[i];
        if (!result->is_undo && str_is(result->name, file)) {
            strbuf_text(out, "What it does: ");
            show_text(out, result->summary);
            strbuf_format(out, ".\n\nRisk: **%s**",
                          result->overall.severity == LINT_NOTE
                              ? "none was found"
                              : lint_severity_name(result->overall.severity));
            strbuf_text(out, result->overall.why.len > 0 ? ", " : "");
            show_text(out, result->overall.why);
            strbuf_text(out, ".\n\n");
        }
    }
}

static void migration(struct strbuf *out, const struct app_plan *app,
                      const struct plan_step *step, size_t index)
{
    static const char *const transactions[] = {
        [PLAN_TRANSACTION_UNSAID] = "one transaction",
        [PLAN_TRANSACTION_ONE] = "one transaction",
        [PLAN_TRANSACTION_EACH] = "each statement by itself",
        [PLAN_TRANSACTION_FILE] = "the file's own transactions"};
    strbuf_text(out, "File ");
    show_text(out, step->file);
    strbuf_format(out, ", %s, expected ", transactions[step->transaction]);
    show_duration(out, step->expect.time_us);
    strbuf_text(out, ". SHA-256 `");
    strbuf_add(out, step->sha256.ptr ? step->sha256 : STR("not said"));
    strbuf_text(out, "`. Undo: ");
    show_text(out, step->undo_none  ? STR("NONE, only a restore brings it back")
                   : step->undo.ptr ? step->undo
                                    : STR("not said"));
    strbuf_text(out, ".\n\n");
    judgement(out, app, step->file);
    check_list(out, app, "Before:", &step->before);
    statements(out, app->step_scripts[index]);
    check_list(out, app,
               step->verify == PLAN_VERIFY_INSIDE ? "Checks, before COMMIT:"
                                                  : "Checks, after COMMIT:",
               &step->checks);
    check_list(out, app, "After:", &step->after);
    if (app->undo_scripts[index]) {
        strbuf_text(out, "Undo:\n\n");
        statements(out, app->undo_scripts[index]);
    }
}

static void steps(struct strbuf *out, const struct app_plan *app)
{
    strbuf_text(out, "## Steps\n\n");
    for (size_t i = 0; i < app->plan->steps.count; i++) {
        const struct plan_step *step = &app->plan->steps.items[i];
        strbuf_format(out, "### %zu. ", i + 1);
        show_text(out, step->id);
        strbuf_byte(out, ' ');
        show_text(out, step->name);
        strbuf_text(out, "\n\n");
        switch (step->kind) {
        case PLAN_STEP_MIGRATION:
            migration(out, app, step, i);
            break;
        case PLAN_STEP_MANUAL:
            strbuf_text(out, "By hand: ");
            show_text(out, step->manual);
            strbuf_text(out, step->role.len > 0 ? ", by " : "");
            show_text(out, step->role);
            strbuf_text(out, "\n\n");
            check_list(out, app, "Checks:", &step->checks);
            break;
        case PLAN_STEP_COMMAND:
            strbuf_text(out, "Program: ");
            show_list(out, &step->command);
            strbuf_text(out, "\n\n");
            check_list(out, app, "Checks:", &step->checks);
            break;
        case PLAN_STEP_UNSAID:
            break;
        }
    }
}

static void verification(struct strbuf *out, const struct app_plan *app)
{
    const struct plan_sets *sets = &app->plan->verification.sets;
    if (sets->count == 0) {
        return;
    }
    strbuf_text(out, "## Verification\n\n");
    for (size_t i = 0; i < sets->count; i++) {
        strbuf_format(out, "### Set %zu: ", i + 1);
        show_text(out, sets->items[i].name);
        strbuf_text(out, "\n\n");
        check_list(out, app, "All of:", &sets->items[i].checks);
    }
}

/* -------------------------------------------------------- monitoring and after */

static void probe_source(struct strbuf *out, const struct plan_probe *probe)
{
    strbuf_text(out, "| ");
    switch (probe->source) {
    case PLAN_PROBE_BUILTIN:
        show_text(out, str_from(plan_gauge_word(probe->builtin)));
        break;
    case PLAN_PROBE_SQL:
        show_text(out, probe->sql);
        break;
    case PLAN_PROBE_RUN:
        show_list(out, &probe->run);
        break;
    case PLAN_PROBE_HTTP:
        show_text(out, probe->http);
        break;
    case PLAN_PROBE_LOG:
        show_text(out, probe->log.file);
        strbuf_text(out, " matches ");
        show_text(out, probe->log.match);
        break;
    case PLAN_PROBE_UNSAID:
        break;
    }
    strbuf_byte(out, ' ');
}

static void monitoring(struct strbuf *out, const struct plan *plan)
{
    if (plan->monitoring.mark.line == 0) {
        return;
    }
    strbuf_text(out, "## Monitoring\n\nEvery ");
    show_duration(out, plan->monitoring.every_us);
    strbuf_text(out, ".\n\n| probe | asks | limit | downtime |\n|---|---|---|---|\n");
    for (size_t i = 0; i < plan->monitoring.probes.count; i++) {
        const struct plan_probe *probe = &plan->monitoring.probes.items[i];
        show_cell(out, probe->name.len > 0 ? probe->name : probe->id);
        probe_source(out, probe);
        strbuf_text(out, "| ");
        expectation(out, probe->comparator, &probe->expected);
        strbuf_byte(out, ' ');
        show_cell(out, probe->downtime ? STR("counted") : STR("-"));
        show_row_end(out);
    }
    strbuf_byte(out, '\n');
}

static void rollback(struct strbuf *out, const struct app_plan *app)
{
    const struct plan_rollback *rollback = &app->plan->rollback;
    static const char *const kinds[] = {[PLAN_ROLLBACK_UNSAID] = "-",
                                        [PLAN_ROLLBACK_MANUAL] = "by hand",
                                        [PLAN_ROLLBACK_RESTORE] = "restore",
                                        [PLAN_ROLLBACK_SQL] = "SQL file",
                                        [PLAN_ROLLBACK_DOWN] = "undo files"};
    if (rollback->count == 0) {
        return;
    }
    strbuf_text(out, "## Rollback\n\n");
    for (size_t i = 0; i < rollback->count; i++) {
        const struct plan_rollback_option *option = &rollback->items[i];
        strbuf_format(out, "### Option %zu: ", i + 1);
        show_text(out, option->title);
        strbuf_format(out, "\n\n%s, takes ", kinds[option->kind]);
        show_duration(out, option->takes_us);
        strbuf_text(out, ", brings back ");
        show_text(out, option->restores.len > 0 ? option->restores : STR("what it says"));
        strbuf_text(out, ".\n\n");
        for (size_t k = 0; k < option->confirm.count; k++) {
            const struct plan_role *role = plan_find_role(app->plan, option->confirm.items[k]);
            strbuf_text(out, k == 0 ? "Confirmed with the word ROLLBACK by: " : ", ");
            show_text(out, role ? role->title : option->confirm.items[k]);
            strbuf_text(out, k + 1 == option->confirm.count ? ".\n\n" : "");
        }
        for (size_t k = 0; k < option->steps.count; k++) {
            strbuf_format(out, "%zu. ", k + 1);
            show_text(out, option->steps.items[k]);
            strbuf_text(out, k + 1 == option->steps.count ? "\n\n" : "\n");
        }
        if (app->option_scripts[i]) {
            statements(out, app->option_scripts[i]);
        }
    }
}

static void criteria(struct strbuf *out, const struct plan *plan)
{
    if (plan->criteria.count == 0) {
        return;
    }
    strbuf_text(out, "## Success criteria\n\n| group | criterion | judged by "
                     "|\n|---|---|---|\n");
    for (size_t i = 0; i < plan->criteria.count; i++) {
        const struct plan_criterion *one = &plan->criteria.items[i];
        const struct {
            const char *word;
            struct str id;
        } judges[] = {[PLAN_CRITERION_UNSAID] = {"nobody", {0}},
                      [PLAN_CRITERION_CHECK] = {"check", one->check},
                      [PLAN_CRITERION_COUNT] = {"count", one->count},
                      [PLAN_CRITERION_LIMIT] = {"limit", one->limit},
                      [PLAN_CRITERION_PROBE] = {"probe", one->probe},
                      [PLAN_CRITERION_ATTEST] = {"the word of", one->attest}};
        show_cell(out, one->group);
        show_cell(out, one->text);
        strbuf_format(out, "| %s ", judges[one->kind].word);
        show_text(out, judges[one->kind].id);
        strbuf_byte(out, ' ');
        show_row_end(out);
    }
    strbuf_byte(out, '\n');
}

static void emergency(struct strbuf *out, const struct plan *plan)
{
    if (plan->emergency.count == 0) {
        return;
    }
    strbuf_text(out, "## Emergency\n\n");
    for (size_t i = 0; i < plan->emergency.count; i++) {
        const struct plan_card *card = &plan->emergency.items[i];
        strbuf_text(out, "### ");
        show_text(out, card->title);
        strbuf_text(out, "\n\n");
        for (size_t k = 0; k < card->steps.count; k++) {
            strbuf_format(out, "%zu. ", k + 1);
            show_text(out, card->steps.items[k]);
            strbuf_byte(out, '\n');
        }
        strbuf_text(out, "\nCall: ");
        show_list(out, &card->call);
        strbuf_text(out, "\n\n");
    }
}

void show_work(struct strbuf *out, const struct app_plan *app)
{
    checklist(out, app->plan);
    backup(out, app->plan);
    steps(out, app);
    verification(out, app);
    monitoring(out, app->plan);
    rollback(out, app);
    criteria(out, app->plan);
    emergency(out, app->plan);
}
