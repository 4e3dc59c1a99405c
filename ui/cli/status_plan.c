/* SPDX-License-Identifier: PostgreSQL */
/*
 * status PLAN: which migrations of a plan are applied on a target and which are pending,
 * by the ledger that the plan names. Connects read-only.
 */
#include "cli_private.h"

#include <sys/stat.h>

enum {
    EXIT_FINDINGS = 10
};

/* A run is a folder or an id; a plan is a file, or was meant to be one. */
bool cli_is_plan_word(const char *word)
{
    struct stat info;
    struct str text = str_from(word);
    return str_ends(text, ".yaml") || str_ends(text, ".yml") || strcmp(word, "-") == 0 ||
           (stat(word, &info) == 0 && S_ISREG(info.st_mode));
}

/* Hashes that are not the plan's are what this command tells; all else stops it. */
static bool is_readable(const struct app_plan *plan)
{
    for (size_t i = 0; i < plan->diagnostics.count; i++) {
        const struct plan_diagnostic *diagnostic = &plan->diagnostics.items[i];
        if (diagnostic->severity == PLAN_ERROR && strcmp(diagnostic->code, "Y505") != 0) {
            return false;
        }
    }
    return plan->plan && plan->step_scripts;
}

/* ---------------------------------------------------------------------- text */

static void migration_text(struct strbuf *out, const struct app_migration *migration)
{
    struct strbuf line = {0};
    strbuf_format(&line, "  %-8.*s %s", STR_ARG(migration->id),
                  migration->applied ? "applied " : "PENDING ");
    if (migration->applied_at_us != 0) {
        cli_add_time(&line, migration->applied_at_us);
    } else {
        strbuf_format(&line, "%-20s", migration->applied ? "time not told" : "");
    }
    if (migration->in_plan) {
        strbuf_format(&line, "  %.*s  ", STR_ARG(migration->file));
        size_to_text(&line, (int64_t)migration->bytes);
        strbuf_format(&line, "  %zu statements  sha256 %.12s", migration->statements,
                      migration->sha.text);
    } else {
        strbuf_text(&line, "  not in this plan");
    }
    if (migration->in_plan && migration->applied) {
        strbuf_text(&line, migration->changed            ? " CHANGED"
                           : migration->recorded.len > 0 ? " matches"
                                                         : ", the ledger keeps no hash");
    }
    sanitise(out, strbuf_str(&line), SANITISE_LINE);
    strbuf_clear(&line);
    if (migration->finding.len > 0) {
        strbuf_text(out, "\n           ");
        sanitise(out, migration->finding, SANITISE_LINE);
    }
    strbuf_byte(out, '\n');
    strbuf_release(&line);
}

static void status_text(struct strbuf *out, const struct app_plan *plan,
                        const struct plan_target *target,
                        const struct app_ledger_status *status)
{
    struct strbuf line = {0};
    strbuf_format(&line, "%.*s on target %.*s: PostgreSQL %.*s, database %.*s, role %.*s\n",
                  STR_ARG(plan->plan->name), STR_ARG(target->id), STR_ARG(status->version),
                  STR_ARG(status->database), STR_ARG(status->role));
    strbuf_format(&line, "ledger %.*s (%s)%s: %zu applied, %zu pending, %zu findings\n",
                  STR_ARG(status->table), status->style,
                  status->exists ? "" : " is not there yet", status->applied, status->pending,
                  status->findings);
    if (status->finding.len > 0) {
        strbuf_format(&line, "  %.*s\n", STR_ARG(status->finding));
    }
    sanitise(out, strbuf_str(&line), SANITISE_LINES);
    for (size_t i = 0; i < status->count; i++) {
        migration_text(out, &status->items[i]);
    }
    strbuf_release(&line);
}

/* ---------------------------------------------------------------------- json */

static void put_text_or_null(struct json *object, const char *key, struct str text)
{
    json_put_take(object, key, text.len > 0 ? json_make_text(text) : json_make_null());
}

static struct json *migration_json(const struct app_migration *migration)
{
    struct json *one = json_make_object();
    struct strbuf at = {0};
    if (migration->applied_at_us != 0) {
        time_to_text(&at, migration->applied_at_us);
    }
    json_put_text(one, "id", migration->id);
    json_put_text(one, "state", migration->applied ? STR("applied") : STR("pending"));
    json_put_bool(one, "in_plan", migration->in_plan);
    put_text_or_null(one, "applied_at", strbuf_str(&at));
    put_text_or_null(one, "ledger_sha256", migration->recorded);
    put_text_or_null(one, "finding", migration->finding);
    if (migration->in_plan) {
        json_put_text(one, "file", migration->file);
        json_put_i64(one, "bytes", (int64_t)migration->bytes);
        json_put_i64(one, "statements", (int64_t)migration->statements);
        json_put_text(one, "sha256", sha256_str(&migration->sha));
        json_put_take(one, "matches",
                      migration->applied && migration->recorded.len > 0
                          ? json_make_bool(!migration->changed)
                          : json_make_null());
    }
    strbuf_release(&at);
    return one;
}

static void status_json(struct strbuf *out, const struct app_plan *plan,
                        const struct plan_target *target,
                        const struct app_ledger_status *status)
{
    struct json *root = json_make_object();
    struct json *server = json_make_object();
    struct json *ledger = json_make_object();
    struct json *migrations = json_make_array();
    json_put_text(server, "version", status->version);
    json_put_text(server, "database", status->database);
    json_put_text(server, "role", status->role);
    json_put_text(ledger, "table", status->table);
    json_put_text(ledger, "style", str_from(status->style));
    json_put_bool(ledger, "exists", status->exists);
    put_text_or_null(ledger, "finding", status->finding);
    for (size_t i = 0; i < status->count; i++) {
        json_push_take(migrations, migration_json(&status->items[i]));
    }
    json_put_i64(root, "v", 1);
    json_put_text(root, "plan", str_from(plan->path));
    json_put_text(root, "name", plan->plan->name);
    json_put_text(root, "target", target->id);
    json_put_text(root, "digest", sha256_str(&plan->digest));
    json_put_take(root, "server", server);
    json_put_take(root, "ledger", ledger);
    json_put_i64(root, "applied", (int64_t)status->applied);
    json_put_i64(root, "pending", (int64_t)status->pending);
    json_put_i64(root, "findings", (int64_t)status->findings);
    json_put_take(root, "migrations", migrations);
    json_write(out, root, JSON_PRETTY);
    json_free(root);
}

/* -------------------------------------------------------------------- action */

static void choose_next(struct cli *cli, const struct plan_target *target,
                        const struct app_ledger_status *status)
{
    if (status->findings > 0) {
        (void)snprintf(cli->next, sizeof(cli->next), "settle what is marked above");
    } else if (status->pending > 0) {
        (void)snprintf(cli->next, sizeof(cli->next), "gonogo check %s --db --target %.*s",
                       cli->operands[0], STR_ARG(target->id));
    }
    cli->silent_end = cli->given[OPTION_JSON] || status->pending == 0;
}

static int status_of(struct cli *cli, const struct app_plan *plan)
{
    struct err err = {0};
    struct app_connection connection;
    struct app_ledger_status status = {0};
    const struct plan_target *target = app_plan_target(plan, cli->values[OPTION_TARGET], &err);
    if (!target || !cli_connection(cli, &connection, &err) ||
        !app_ledger_look(plan, target, &connection, &status, &err)) {
        app_ledger_status_release(&status);
        return cli_fail(&err);
    }
    struct strbuf out = {0};
    if (cli->given[OPTION_JSON]) {
        status_json(&out, plan, target, &status);
    } else {
        status_text(&out, plan, target, &status);
    }
    cli_out(&out);
    strbuf_release(&out);
    choose_next(cli, target, &status);
    int code = status.findings > 0 ? EXIT_FINDINGS : 0;
    app_ledger_status_release(&status);
    return code;
}

int cli_status_plan(struct cli *cli)
{
    struct err err = {0};
    struct app_plan plan;
    if (!app_plan_load(&plan, cli->operands[0], &err)) {
        return cli_fail(&err);
    }
    int code;
    cli_tell_plan(cli, &plan);
    if (is_readable(&plan)) {
        code = status_of(cli, &plan);
    } else {
        cli_print_diagnostics(&plan.diagnostics);
        code = cli_usage("the plan %s has %zu error%s; nothing was contacted", cli->operands[0],
                         plan.diagnostics.errors, plural(plan.diagnostics.errors));
    }
    app_plan_release(&plan);
    return code;
}
