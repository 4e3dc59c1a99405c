/* SPDX-License-Identifier: PostgreSQL */
/*
 * notify: runs the plan's hooks of one occasion, for cron. Nothing is contacted but what
 * the hooks contact.
 */
#include "cli_private.h"

static enum plan_occasion occasion_of(const char *word)
{
    for (int i = 1; i < PLAN_WHEN__COUNT; i++) {
        if (strcmp(plan_occasion_word((enum plan_occasion)i), word) == 0) {
            return (enum plan_occasion)i;
        }
    }
    return PLAN_WHEN_UNSAID;
}

static int no_such_event(const char *word)
{
    struct strbuf words = {0};
    for (int i = 1; i < PLAN_WHEN__COUNT; i++) {
        strbuf_format(&words, "%s%s", i > 1 ? ", " : "",
                      plan_occasion_word((enum plan_occasion)i));
    }
    int code = word ? cli_usage("no event \"%s\"; there are: %s", word, words.ptr)
                    : cli_usage("which event? --event is one of: %s", words.ptr);
    strbuf_release(&words);
    return code;
}

/* The clock of a plan whose target is guarded is the real one, here too. */
static bool clock_of(struct cli *cli, struct app_notify_options *options, int *code)
{
    struct app_run_options clock = {0};
    struct err err = {0};
    if (!cli_clock(cli, &clock, &err)) {
        *code = cli_fail(&err);
        return false;
    }
    if (clock.simulated_clock && options->target->guarded) {
        *code = cli_usage("target %.*s is guarded: no simulated clock; nobody was told",
                          STR_ARG(options->target->id));
        return false;
    }
    options->simulated_clock = clock.simulated_clock;
    options->clock_at_us = clock.clock_at_us;
    return true;
}

static int tell(const struct app_notify_options *options)
{
    struct strbuf out = {0};
    struct err err = {0};
    bool all_heard = false;
    bool ok = app_notify(options, &all_heard, &out, &err);
    cli_out(&out);
    strbuf_release(&out);
    return !ok ? cli_fail(&err) : all_heard ? 0 : 5;
}

int cli_run_notify(struct cli *cli)
{
    const char *word = cli->values[OPTION_EVENT];
    struct app_notify_options options = {.occasion =
                                             word ? occasion_of(word) : PLAN_WHEN_UNSAID};
    if (options.occasion == PLAN_WHEN_UNSAID) {
        return no_such_event(word);
    }
    struct app_plan plan;
    struct err err = {0};
    int code = 0;
    if (!cli_load_plan(&plan, cli->operands[0], &code)) {
        return code;
    }
    options.plan = &plan;
    options.target = app_plan_target(&plan, cli->values[OPTION_TARGET], &err);
    if (!options.target) {
        code = cli_fail(&err);
    } else if (clock_of(cli, &options, &code)) {
        code = tell(&options);
    }
    app_plan_release(&plan);
    return code;
}
