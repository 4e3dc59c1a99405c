/* SPDX-License-Identifier: PostgreSQL */
/*
 * run, resume, rollback: judge the command line against the plan before anything is
 * contacted, choose the face, walk. abandon: end a run without a walk.
 */
#include "cli_private.h"

static void tell_surroundings(struct cli *cli)
{
    enum {
        WARNINGS_MAX = 8
    };
    struct str warnings[WARNINGS_MAX];
    size_t count = app_surroundings(&cli->arena, warnings, WARNINGS_MAX);
    for (size_t i = 0; i < count; i++) {
        cli_say(cli, "gonogo: warning: %.*s", STR_ARG(warnings[i]));
    }
}

/* A key that does nothing yet must not be believed to do something. */
static bool is_built(const struct app_plan *plan)
{
    size_t count;
    const struct plan_unbuilt *unbuilt = plan_not_built(plan->plan, &count);
    bool built = true;
    for (size_t i = 0; i < count; i++) {
        if (unbuilt[i].refuse) {
            built = false;
            cli_talk("gonogo: error: the plan uses %.*s (line %d), which is not built yet",
                     STR_ARG(unbuilt[i].path), unbuilt[i].mark.line);
        }
    }
    return built;
}

/* Whoever names the policy wants it kept: a run of a plan that breaks it does not begin. */
static bool keeps_policy(struct cli *cli, struct app_plan *plan, int *code)
{
    size_t before = plan->diagnostics.count;
    struct strbuf text = {0};
    if (!cli_hold_against_policy(cli, plan, code)) {
        return false;
    }
    size_t breaches = plan->diagnostics.count - before;
    for (size_t i = 0; breaches > 0 && i < plan->diagnostics.count; i++) {
        if (plan->diagnostics.items[i].code[0] == 'E') { /* the rest was told by check */
            plan_diagnostic_text(&text, &plan->diagnostics, &plan->diagnostics.items[i]);
        }
    }
    if (breaches > 0) {
        cli_talk("%.*s", STR_ARG(str_trim(strbuf_str(&text))));
        *code =
            cli_usage("the plan %s breaks the policy %s in %zu place%s; nothing was contacted",
                      plan->path, cli->values[OPTION_POLICY], breaches, plural(breaches));
    }
    strbuf_release(&text);
    return breaches == 0;
}

/* The plan's own wish, which nothing enforces yet, is not passed over in silence. */
static void tell_rehearsal(struct cli *cli, const struct plan_target *target)
{
    if (target->needs_rehearsal_on.len > 0) {
        cli_say(
            cli,
            "gonogo: warning: the plan wants a rehearsal on %.*s before %.*s; no evidence of "
            "it is asked for",
            STR_ARG(target->needs_rehearsal_on), STR_ARG(target->id));
    }
}

/* Approved is plan, target and pins together; any other digest is another thing. */
static bool is_approved(struct cli *cli, const struct app_plan *plan,
                        const struct plan_target *target, int *code)
{
    const char *approve = cli->values[OPTION_APPROVE];
    struct sha256_hex approval = app_plan_approval(plan, target);
    if (approve && !str_is(str_from(approve), sha256_str(&approval))) {
        cli_talk("gonogo: error: --approve names another plan, file or target: this is %s",
                 approval.text);
        cli_talk("  Nothing was contacted. Look at what changed, then approve it again.");
        (void)snprintf(cli->next, sizeof(cli->next), "gonogo check %s --digest --target %.*s",
                       cli->operands[0], STR_ARG(target->id));
        *code = 6;
        return false;
    }
    if (!approve && target->guarded && cli->given[OPTION_HEADLESS]) {
        *code = cli_usage("target %.*s is guarded: a headless run needs --approve DIGEST "
                          "(`gonogo check PLAN --digest --target %.*s` prints it)",
                          STR_ARG(target->id), STR_ARG(target->id));
        return false;
    }
    return true;
}

/* Claims of a file never open the gate of a guarded target. */
static bool may_be_headless(struct cli *cli, const struct plan_target *target, int *code)
{
    if (!target->guarded || !cli->given[OPTION_HEADLESS]) {
        return true;
    }
    cli_talk("gonogo: error: target %.*s is guarded: answers of a file open its gates only "
             "when each is signed by its person, and this version reads no signatures",
             STR_ARG(target->id));
    cli_talk("  Nothing was contacted. Run it with people at the prompts: --plain.");
    (void)snprintf(cli->next, sizeof(cli->next), "gonogo run %s --target %.*s --plain",
                   cli->operands[0], STR_ARG(target->id));
    *code = 6;
    return false;
}

/* The result of a headless run is its report: where it is goes to standard output. */
static int walked(struct cli *cli, int code, const struct err *err)
{
    if (cli->given[OPTION_HEADLESS] && !cli->given[OPTION_JSON] && cli->ending.report[0]) {
        struct strbuf out = {0};
        strbuf_format(&out, "%s\n", cli->ending.report);
        cli_out(&out);
        strbuf_release(&out);
    }
    return cli_run_over(cli, code, err);
}

static bool judge_run(struct cli *cli, const struct app_plan *plan, struct cli_walk *walk,
                      const struct plan_target **target, int *code)
{
    struct err err = {0};
    *target = app_plan_target(plan, cli->values[OPTION_TARGET], &err);
    if (!*target) {
        *code = cli_fail(&err);
        return false;
    }
    if (!is_built(plan)) {
        *code = cli_usage("nothing was contacted");
        return false;
    }
    if (!is_approved(cli, plan, *target, code) || !may_be_headless(cli, *target, code)) {
        return false;
    }
    if ((*target)->guarded && cli->given[OPTION_CLOCK_AT]) {
        *code = cli_usage("target %.*s is guarded: no simulated clock; nothing was contacted",
                          STR_ARG((*target)->id));
        return false;
    }
    const char *answers = cli->values[OPTION_ANSWERS];
    if (answers) {
        walk->answers = cli_load_answers(answers, plan->plan, &cli->arena, code);
        return walk->answers != NULL;
    }
    return true;
}

int cli_run_run(struct cli *cli)
{
    struct err err = {0};
    struct app_run_options options = {
        .plan_path = cli->operands[0],
        .target = cli->values[OPTION_TARGET],
        .mode = RUN_LIVE,
        .approve = cli->values[OPTION_APPROVE],
        .report_folder = cli->values[OPTION_REPORT],
        .headless = cli->given[OPTION_HEADLESS],
        .started = cli_started,
        .started_ctx = cli,
    };
    struct cli_walk walk = {.cli = cli,
                            .face = options.headless ? CLI_FACE_HEADLESS : CLI_FACE_PERSON};
    struct app_plan plan;
    int code = 0;
    if (!cli_clock(cli, &options, &err)) {
        return cli_fail(&err);
    }
    if (!cli_load_plan(&plan, cli->operands[0], &code)) {
        return code;
    }
    cli_tell_plan(cli, &plan);
    const struct plan_target *target;
    if (keeps_policy(cli, &plan, &code) && judge_run(cli, &plan, &walk, &target, &code)) {
        tell_rehearsal(cli, target);
        if (!cli_face_of(&walk, &err) || !cli_connection(cli, &options.connection, &err)) {
            code = cli_fail(&err);
        } else {
            tell_surroundings(cli);
            options.front_open = walk.open;
            options.front_ctx = walk.ctx;
            options.loaded = &plan;
            code = walked(cli, app_run(&options, &err), &err);
        }
    }
    app_plan_release(&plan);
    return code;
}

/* A way back without a person is one that the answers name; the program has no favourite. */
static bool is_way_named(const struct cli_walk *walk, const struct plan *plan, int *code)
{
    if (walk->face != CLI_FACE_HEADLESS || !walk->open_rollback ||
        (walk->answers && walk->answers->rollback_option.len > 0)) {
        return true;
    }
    cli_talk("gonogo: error: no way back is named; nothing was contacted");
    cli_talk("  The answers file would need: on_failure: \"rollback:ID\", with one of these:");
    for (size_t i = 0; i < plan->rollback.count; i++) {
        const struct plan_rollback_option *option = &plan->rollback.items[i];
        cli_talk("  %.*s: %.*s, brings back %.*s", STR_ARG(option->id), STR_ARG(option->title),
                 STR_ARG(option->restores.len > 0 ? option->restores : STR("what it can")));
    }
    *code = 6;
    return false;
}

/* The stored plan judges the answers; it is read without touching the run. */
static bool judge_resume(struct cli *cli, struct cli_walk *walk, const char *run, int *code)
{
    struct err err = {0};
    struct app_fold fold;
    const char *answers = cli->values[OPTION_ANSWERS];
    if (!answers && !walk->open_rollback) {
        return true;
    }
    if (!app_fold(&fold, run, NULL, &err)) {
        *code = cli_fail(&err);
        return false;
    }
    bool good = true;
    if (answers) {
        walk->answers = cli_load_answers(answers, fold.plan.plan, &cli->arena, code);
        good = walk->answers != NULL;
    }
    good = good && is_way_named(walk, fold.plan.plan, code);
    app_fold_release(&fold);
    return good;
}

static bool is_open_run(const struct app_listed *item)
{
    return item->readable && !item->ended && !item->locked;
}

/*
 * Without a RUN the only open one is meant; which of several is nobody's guess. `run` stays
 * NULL when none is open: the newest then says why it cannot be resumed.
 */
static bool choose_run(struct cli *cli, const char **run, int *code)
{
    struct err err = {0};
    struct app_list list = {0};
    size_t open = 0;
    if (cli->operand_count > 0) {
        *run = cli->operands[0];
        return true;
    }
    if (!app_list_runs(&list, NULL, &err)) {
        *code = cli_fail(&err);
        return false;
    }
    for (size_t i = 0; i < list.count; i++) {
        if (is_open_run(&list.items[i])) {
            open++;
            *run = str_text(&cli->arena, list.items[i].id);
        }
    }
    if (open > 1) {
        *code = cli_usage("%zu runs are open; nothing was contacted. Say which:", open);
        for (size_t i = 0; i < list.count; i++) {
            const struct app_listed *item = &list.items[i];
            if (is_open_run(item)) {
                cli_talk("  gonogo resume %.*s   %.*s on %.*s, %s", STR_ARG(item->id),
                         STR_ARG(item->plan), STR_ARG(item->target),
                         front_state_text(item->state));
            }
        }
        (void)snprintf(cli->next, sizeof(cli->next), "one of the commands above");
    }
    app_list_release(&list);
    return open <= 1;
}

static int resume(struct cli *cli, bool open_rollback)
{
    struct err err = {0};
    const char *run = NULL;
    int code = 0;
    if (!choose_run(cli, &run, &code)) {
        return code;
    }
    struct app_resume_options options = {
        .run = run,
        .headless = cli->given[OPTION_HEADLESS],
        .rollback = open_rollback,
        .started = cli_started,
        .started_ctx = cli,
    };
    struct cli_walk walk = {.cli = cli,
                            .face = options.headless ? CLI_FACE_HEADLESS : CLI_FACE_PERSON,
                            .open_rollback = open_rollback};
    if (!judge_resume(cli, &walk, run, &code)) {
        return code;
    }
    if (!cli_face_of(&walk, &err) || !cli_connection(cli, &options.connection, &err)) {
        return cli_fail(&err);
    }
    tell_surroundings(cli);
    options.front_open = walk.open;
    options.front_ctx = walk.ctx;
    return walked(cli, app_resume(&options, &err), &err);
}

int cli_run_resume(struct cli *cli)
{
    return resume(cli, false);
}

int cli_run_rollback(struct cli *cli)
{
    return resume(cli, true);
}

/* ------------------------------------------------------------------ abandoning */

/* Where the report is goes to standard output: it is what is left of the run. */
static void tell_abandoned(void *ctx, const struct run *run)
{
    struct cli *cli = ctx;
    struct strbuf out = {0};
    struct strbuf why = {0};
    sanitise(&why, run->hold_reason, SANITISE_LINE);
    cli_talk("gonogo: run %.*s is over: %.*s", STR_ARG(run->id), STR_ARG(strbuf_str(&why)));
    if (run->changed) {
        cli_talk("  What it committed stands in the database; `gonogo rollback %.*s` opens its "
                 "ways back.",
                 STR_ARG(run->id));
    } else {
        cli_talk("  It committed nothing.");
    }
    sanitise(&out, run->report_folder, SANITISE_LINE);
    strbuf_byte(&out, '\n');
    cli_out(&out);
    strbuf_release(&why);
    strbuf_release(&out);
    cli->silent_end = true;
}

int cli_run_abandon(struct cli *cli)
{
    struct err err = {0};
    const char *reason = cli->values[OPTION_REASON];
    if (!reason || reason[0] == '\0') {
        return cli_usage("abandon needs --reason TEXT: it stands in the record and on the "
                         "report's first page. Nothing was done");
    }
    struct app_abandon_options options = {.run = cli->operands[0],
                                          .reason = reason,
                                          .who = cli->values[OPTION_AS],
                                          .ended = tell_abandoned,
                                          .ctx = cli};
    int code = app_abandon(&options, &err);
    if (err.kind == ERR_STOPPED) {
        (void)snprintf(cli->next, sizeof(cli->next), "gonogo resume %s", cli->operands[0]);
    }
    return code == 0 ? 0 : cli_fail(&err);
}
