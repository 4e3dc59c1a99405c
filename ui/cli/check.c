/* SPDX-License-Identifier: PostgreSQL */
/*
 * check: read a plan with all its files and say everything that is wrong with it.
 * Without --db nothing is contacted. --digest prints what is to be approved,
 * --write-hashes puts the files' hashes into the plan, --policy holds it against a file of
 * the house.
 */
#include "app_lint_world.h"
#include "cli_private.h"

static int verdict_of(const struct app_plan *plan)
{
    if (!plan->good) {
        return CHECK_EXIT_BAD_PLAN;
    }
    return plan->diagnostics.warnings > 0 || cli_worst_serious(plan->lint) ? CHECK_EXIT_FINDINGS
                                                                           : 0;
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

/* Who still writes to what goes: a line each; quiet tables none. */
static void say_writes(const struct lint_result *lint, int seconds, struct strbuf *lines)
{
    for (size_t i = 0; lint && i < lint->destroyed_count; i++) {
        const struct lint_destroyed *gone = &lint->destroyed[i];
        if (run_empties(gone) && gone->recent_writes != 0) {
            strbuf_text(lines, gone->recent_writes > 0 ? "warn    " : "note    ");
            sanitise(lines, gone->name, SANITISE_LINE);
            cli_add_recent_writes(lines, gone, seconds);
            strbuf_byte(lines, '\n');
        }
    }
}

/* Asks the target; what it says waits until all is printed in one format. */
static void ask_target(struct cli *cli, struct app_plan *plan,
                       struct check_preflight *preflight)
{
    struct err err = {0};
    struct app_connection connection;
    const struct plan_target *target = app_plan_target(plan, cli->values[OPTION_TARGET], &err);
    int writes_seconds = 0;
    preflight->asked = true;
    if (!target || !cli_writes_seconds(cli, &writes_seconds, &err) ||
        !cli_connection(cli, &connection, &err)) {
        preflight->exit = cli_fail(&err);
        return;
    }
    preflight->exit = app_preflight(plan, target, &connection, &preflight->lines, &err);
    if (err.kind == ERR_NONE &&
        !app_lint_live(plan, target, &connection, cli->given[OPTION_PROBE], writes_seconds,
                       &err)) {
        preflight->exit = app_exit_code_of(&err);
    }
    if (err.kind == ERR_NONE && writes_seconds > 0) {
        say_writes(plan->lint, writes_seconds, &preflight->lines);
    }
    if (err.kind != ERR_NONE) {
        cli_error(&err);
    } else if (plan->world->unknown.len > 0) {
        strbuf_text(&preflight->lines, "note    ");
        sanitise(&preflight->lines, plan->world->unknown, SANITISE_LINE);
        strbuf_byte(&preflight->lines, '\n');
    }
}

/* The page of the first one that decided. */
static void advise(struct cli *cli, const struct app_plan *plan, enum plan_severity severity)
{
    const struct lint_finding *serious = cli_worst_serious(plan->lint);
    const char *code = severity == PLAN_WARNING && serious ? serious->rule->id : NULL;
    for (size_t i = 0; i < plan->diagnostics.count && !code; i++) {
        if (plan->diagnostics.items[i].severity == severity) {
            code = plan->diagnostics.items[i].code;
        }
    }
    if (code) {
        (void)snprintf(cli->next, sizeof(cli->next), "gonogo help %s", code);
    }
}

static int check_loaded(struct cli *cli, struct app_plan *plan, enum check_format format)
{
    struct check_preflight preflight = {0};
    cli_tell_plan(cli, plan);
    if (plan->good && cli->given[OPTION_DIGEST]) {
        return print_approval(cli, plan);
    }
    if (plan->good && cli->given[OPTION_DB]) {
        ask_target(cli, plan, &preflight);
    }
    int code = preflight.exit != 0 ? preflight.exit : verdict_of(plan);
    if (!plan->good || !cli->given[OPTION_QUIET]) {
        struct strbuf out = {0};
        cli_write_check(&out, format, plan, &preflight, code);
        cli_out(&out);
        strbuf_release(&out);
    }
    if (preflight.exit != 0) {
        if (code == CHECK_EXIT_COUNTS || code == CHECK_EXIT_FINDINGS) {
            (void)snprintf(cli->next, sizeof(cli->next), "settle what is marked NOT OK");
        }
    } else if (code != 0) {
        advise(cli, plan, code == CHECK_EXIT_BAD_PLAN ? PLAN_ERROR : PLAN_WARNING);
    }
    struct strbuf summary = {0};
    cli_write_check_summary(&summary, plan, &preflight);
    cli_step_summary(cli, code, strbuf_str(&summary));
    strbuf_release(&summary);
    strbuf_release(&preflight.lines);
    return code;
}

static bool choose_format(const struct cli *cli, enum check_format *format, struct err *err)
{
    static const char *const words[] = {[CHECK_TEXT] = "text",
                                        [CHECK_JSON] = "json",
                                        [CHECK_GITHUB] = "github",
                                        [CHECK_SARIF] = "sarif"};
    const char *word = cli->values[OPTION_FORMAT];
    *format = cli->given[OPTION_JSON] ? CHECK_JSON : CHECK_TEXT;
    if (!word) {
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (strcmp(word, words[i]) == 0) {
            *format = (enum check_format)i;
            return !cli->given[OPTION_JSON] || *format == CHECK_JSON ||
                   err_set(err, ERR_USAGE, "--json and --format %s contradict each other",
                           word);
        }
    }
    err_set(err, ERR_USAGE, "there is no format \"%s\"", word);
    err_hint(err, "`check` writes text, json, github and sarif. Nothing was contacted.");
    return false;
}

int cli_run_check(struct cli *cli)
{
    struct err err = {0};
    struct app_plan plan;
    enum check_format format;
    const char *path = cli->operands[0];
    if (cli->given[OPTION_TARGET] && !cli->given[OPTION_DIGEST] && !cli->given[OPTION_DB]) {
        return cli_usage("--target belongs to --digest or --db");
    }
    if (cli->given[OPTION_PROBE] && !cli->given[OPTION_DB]) {
        return cli_usage("--probe asks the rows of a target: it belongs to --db");
    }
    if (cli->given[OPTION_WRITES] && !cli->given[OPTION_DB]) {
        return cli_usage("--writes looks at a target: it belongs to --db");
    }
    if (cli->given[OPTION_DIGEST] && (cli->given[OPTION_JSON] || cli->given[OPTION_FORMAT])) {
        return cli_usage("--digest prints one line, without a format; `check --json` has the "
                         "approval of every target");
    }
    if (!choose_format(cli, &format, &err) || !app_plan_load(&plan, path, &err)) {
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
    int code = 0;
    if (cli_hold_against_policy(cli, &plan, &code)) {
        code = check_loaded(cli, &plan, format);
    }
    app_plan_release(&plan);
    return code;
}
