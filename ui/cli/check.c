/* SPDX-License-Identifier: PostgreSQL */
/*
 * check: read a plan with all its files and say everything that is wrong with it.
 * Without --db nothing is contacted. --digest prints what is to be approved,
 * --write-hashes puts the files' hashes into the plan.
 */
#include "cli_private.h"

enum {
    EXIT_BAD_PLAN = 2,
    EXIT_FINDINGS = 10
};

static int verdict_of(const struct app_plan *plan)
{
    if (!plan->good) {
        return EXIT_BAD_PLAN;
    }
    return plan->diagnostics.warnings > 0 ? EXIT_FINDINGS : 0;
}

static struct json *diagnostic_json(const struct plan_diagnostic *diagnostic)
{
    static const char *const severities[] = {
        [PLAN_ERROR] = "error", [PLAN_WARNING] = "warning", [PLAN_NOTE] = "note"};
    struct json *one = json_make_object();
    json_put_i64(one, "line", diagnostic->line);
    json_put_i64(one, "column", diagnostic->column);
    json_put_text(one, "severity", str_from(severities[diagnostic->severity]));
    json_put_text(one, "code", str_from(diagnostic->code));
    json_put_text(one, "path", diagnostic->path);
    json_put_text(one, "message", diagnostic->message);
    return one;
}

static void check_json(struct strbuf *out, const struct app_plan *plan, const char *path)
{
    struct json *root = json_make_object();
    struct json *list = json_make_array();
    struct json *targets = json_make_array();
    for (size_t i = 0; i < plan->diagnostics.count; i++) {
        json_push_take(list, diagnostic_json(&plan->diagnostics.items[i]));
    }
    json_put_i64(root, "v", 1);
    json_put_text(root, "plan", str_from(path));
    json_put_bool(root, "good", plan->good);
    json_put_i64(root, "errors", (int64_t)plan->diagnostics.errors);
    json_put_i64(root, "warnings", (int64_t)plan->diagnostics.warnings);
    json_put_take(root, "diagnostics", list);
    for (size_t i = 0; plan->good && i < plan->plan->targets.count; i++) {
        const struct plan_target *target = &plan->plan->targets.items[i];
        struct sha256_hex approval = app_plan_approval(plan, target);
        struct json *one = json_make_object();
        json_put_text(one, "id", target->id);
        json_put_bool(one, "guarded", target->guarded);
        json_put_text(one, "approval", sha256_str(&approval));
        json_push_take(targets, one);
    }
    if (plan->good) {
        json_put_text(root, "name", plan->plan->name);
        json_put_text(root, "digest", sha256_str(&plan->digest));
    }
    json_put_take(root, "targets", targets);
    json_write(out, root, JSON_PRETTY);
    json_free(root);
}

static void check_text(struct strbuf *out, const struct app_plan *plan, const char *path)
{
    for (size_t i = 0; i < plan->diagnostics.count; i++) {
        plan_diagnostic_text(out, &plan->diagnostics, &plan->diagnostics.items[i]);
    }
    if (!plan->good) {
        sanitise(out, str_from(path), SANITISE_LINE);
        strbuf_format(out, ": %zu errors, %zu warnings\n", plan->diagnostics.errors,
                      plan->diagnostics.warnings);
        return;
    }
    size_t statements = 0;
    for (size_t i = 0; i < plan->plan->steps.count; i++) {
        statements += plan->step_scripts[i] ? plan->step_scripts[i]->count : 0;
    }
    strbuf_format(out, "%s: good, %zu steps, %zu statements, %zu warnings\ndigest %s\n", path,
                  plan->plan->steps.count, statements, plan->diagnostics.warnings,
                  plan->digest.text);
}

/* Only the digest, so that a script can use it. */
static int print_approval(struct cli *cli, const struct app_plan *plan)
{
    struct err err = {0};
    const struct plan_target *target = app_plan_target(plan, cli->values[OPTION_TARGET], &err);
    if (!target) {
        return cli_fail(&err);
    }
    struct strbuf out = {0};
    strbuf_format(&out, "%s\n", app_plan_approval(plan, target).text);
    cli_out(&out);
    strbuf_release(&out);
    return 0;
}

static int preflight(struct cli *cli, const struct app_plan *plan)
{
    struct err err = {0};
    struct app_connection connection;
    const struct plan_target *target = app_plan_target(plan, cli->values[OPTION_TARGET], &err);
    if (!target || !cli_connection(cli, &connection, &err)) {
        return cli_fail(&err);
    }
    struct strbuf out = {0};
    int code = app_preflight(plan, target, &connection, &out, &err);
    cli_out(&out);
    strbuf_release(&out);
    if (err.kind != ERR_NONE) {
        cli_error(&err);
    }
    return code;
}

static int check_loaded(struct cli *cli, const struct app_plan *plan)
{
    const char *path = cli->operands[0];
    if (!plan->good || (!cli->given[OPTION_DIGEST] && !cli->given[OPTION_QUIET])) {
        struct strbuf out = {0};
        if (cli->given[OPTION_JSON]) {
            check_json(&out, plan, path);
        } else {
            check_text(&out, plan, path);
        }
        cli_out(&out);
        strbuf_release(&out);
    }
    int code = verdict_of(plan);
    if (code == EXIT_BAD_PLAN) {
        (void)snprintf(cli->next, sizeof(cli->next), "gonogo help %s",
                       plan->diagnostics.count > 0 ? plan->diagnostics.items[0].code : "check");
        return code;
    }
    if (cli->given[OPTION_DIGEST]) {
        return print_approval(cli, plan);
    }
    if (cli->given[OPTION_DB]) {
        int answer = preflight(cli, plan);
        return answer != 0 ? answer : code;
    }
    if (code == EXIT_FINDINGS) {
        for (size_t i = 0; i < plan->diagnostics.count; i++) {
            if (plan->diagnostics.items[i].severity == PLAN_WARNING) {
                (void)snprintf(cli->next, sizeof(cli->next), "gonogo help %s",
                               plan->diagnostics.items[i].code);
                break;
            }
        }
    }
    return code;
}

int cli_run_check(struct cli *cli)
{
    struct err err = {0};
    struct app_plan plan;
    const char *path = cli->operands[0];
    if (cli->given[OPTION_TARGET] && !cli->given[OPTION_DIGEST] && !cli->given[OPTION_DB]) {
        return cli_usage("--target belongs to --digest or --db");
    }
    if (!app_plan_load(&plan, path, &err)) {
        return cli_fail(&err);
    }
    if (cli->given[OPTION_WRITE_HASHES]) {
        int code = cli_write_hashes(&plan);
        app_plan_release(&plan);
        if (code != 0) {
            return code;
        }
        if (!app_plan_load(&plan, path, &err)) {
            return cli_fail(&err);
        }
    }
    int code = check_loaded(cli, &plan);
    app_plan_release(&plan);
    return code;
}
