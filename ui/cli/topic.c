/* SPDX-License-Identifier: PostgreSQL */
/*
 * help TOPIC: a verb, a code of the plan's diagnostics, the exit codes, the types of
 * JSON Lines events, the demo's plans and troubles. All of it comes from the tables in use.
 */
#include "cli_private.h"
#include "lint.h"
#include "tui.h"
#include "demo_sample.h"
#include "demo_trouble.h"

#include <strings.h>

const char cli_topics[] =
    "exit events plans trouble environment settings keys plan rules formats";

static bool help_code(struct strbuf *out, const char *topic)
{
    size_t count;
    const struct plan_code *codes = plan_codes(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(codes[i].code, topic) == 0) {
            strbuf_format(out, "%s  %s\n\n%s\n", codes[i].code, codes[i].title, codes[i].text);
            return true;
        }
    }
    return false;
}

/* A rule's page, or the list of all rules. */
static bool help_rule(struct strbuf *out, const char *topic)
{
    const struct lint_rule *rule = lint_rule_find(str_from(topic));
    if (rule) {
        lint_rule_page(rule, out);
        return true;
    }
    for (size_t i = 0; strcmp(topic, "rules") == 0 && i < lint_rule_count(); i++) {
        rule = lint_rule_at(i);
        strbuf_format(out, "%-4s %-7s %s\n", rule->id, lint_severity_name(rule->severity),
                      rule->title);
    }
    return strcmp(topic, "rules") == 0;
}

static bool help_exit(struct strbuf *out, const char *topic)
{
    int64_t code = -1;
    bool all = strcmp(topic, "exit") == 0;
    if (!all && !str_to_i64(str_from(topic), &code)) {
        return false;
    }
    bool found = false;
    for (size_t i = 0; i < cli_exit_count; i++) {
        if (all || cli_exits[i].code == code) {
            found = true;
            strbuf_format(out, "%2d  %s%s%s\n", cli_exits[i].code, cli_exits[i].meaning,
                          cli_exits[i].advice[0] ? "; next: " : "", cli_exits[i].advice);
        }
    }
    if (all) {
        strbuf_text(out, "The worst fact wins, in the order 9, 11, 8, 3, 5, 6.\n");
    }
    return found;
}

static void screen_item(void *ctx, const char *name, const char *rest, const char *help)
{
    struct strbuf left = {0};
    strbuf_format(&left, "%s%s%s", name, rest[0] != '\0' ? " " : "", rest);
    strbuf_format(ctx, "%-22s %s\n", left.ptr, help);
    strbuf_release(&left);
}

static void help_environment(struct strbuf *out)
{
    struct arena arena = {0};
    for (size_t i = 0; i < cli_variable_count; i++) {
        strbuf_format(out, "%-20s %s\n", cli_variables[i].name, cli_variables[i].help);
    }
    for (int i = 0; i < OPTION__COUNT; i++) {
        if (cli_options[i].is_setting) {
            strbuf_format(out, "%-20s as --%s: %s\n", cli_setting_variable(&arena, i),
                          cli_options[i].name, cli_options[i].help);
        }
    }
    arena_release(&arena);
}

static void help_troubles(struct strbuf *out)
{
    const char *plan = "";
    for (size_t i = 0; i < demo_trouble_count; i++) {
        const struct demo_trouble *trouble = &demo_troubles[i];
        if (strcmp(trouble->plan, plan) != 0) {
            plan = trouble->plan;
            strbuf_format(out, "%sdemo --plan %s --trouble\n", i > 0 ? "\n" : "", plan);
        }
        strbuf_format(out, "  %-14s %s (exit %d)\n", trouble->name, trouble->comment,
                      trouble->exit);
    }
}

void cli_write_samples(struct strbuf *out)
{
    for (size_t i = 0; i < demo_sample_count; i++) {
        strbuf_format(out, "%-16s %s%s\n", demo_samples[i].name, demo_samples[i].comment,
                      i == 0 ? " (default)" : "");
    }
}

static void help_formats(struct strbuf *out)
{
    enum {
        WIDTH = 76
    };
    for (size_t i = 0; i < cli_format_count; i++) {
        struct strbuf lines = {0};
        strbuf_format(out, "%s%s\n", i > 0 ? "\n" : "", cli_formats[i].name);
        front_wrap(&lines, str_from(cli_formats[i].help), WIDTH, 0);
        struct str rest = strbuf_str(&lines);
        struct str line;
        while (str_cut(&rest, '\n', &line)) {
            strbuf_format(out, "    %.*s\n", STR_ARG(line));
        }
        strbuf_release(&lines);
    }
}

static bool help_lists(struct strbuf *out, const char *topic)
{
    if (strcmp(topic, "events") == 0) {
        strbuf_text(out, "`run --headless --json` prints one object a line: v, seq, ts, run, "
                         "type, data.\n\n");
        for (size_t i = 0; i < front_log_type_count; i++) {
            strbuf_format(out, "%-10s %s\n", front_log_types[i].type,
                          front_log_types[i].comment);
        }
        return true;
    }
    if (strcmp(topic, "trouble") == 0) {
        help_troubles(out);
        return true;
    }
    if (strcmp(topic, "plans") == 0) {
        cli_write_samples(out);
        return true;
    }
    if (strcmp(topic, "formats") == 0) {
        help_formats(out);
        return true;
    }
    if (strcmp(topic, "environment") == 0) {
        help_environment(out);
        return true;
    }
    if (strcmp(topic, "keys") == 0) {
        tui_each_key(screen_item, out);
        strbuf_byte(out, '\n');
        tui_each_command(screen_item, out);
        return true;
    }
    if (strcmp(topic, "plan") == 0) {
        plan_reference(out);
        return true;
    }
    return false;
}

int cli_run_help(struct cli *cli)
{
    struct strbuf out = {0};
    int code = 0;
    cli->silent_end = true;
    const char *topic = cli->operand_count > 0 ? cli->operands[0] : NULL;
    const struct cli_command *command = topic ? cli_find_command(topic) : NULL;
    if (topic && strcmp(topic, "settings") == 0) {
        if (cli_apply_settings(cli, &code)) {
            cli_write_settings(&out, cli);
        }
    } else if (!topic || command) {
        cli_write_help(&out, command);
    } else if (!help_code(&out, topic) && !help_rule(&out, topic) && !help_exit(&out, topic) &&
               !help_lists(&out, topic)) {
        code =
            cli_usage("there is no help on \"%s\": name a command, a code such as Y012 or L1, "
                      "an exit code, or one of: %s",
                      topic, cli_topics);
    }
    cli_out(&out);
    strbuf_release(&out);
    return code;
}
