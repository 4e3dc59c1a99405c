/* SPDX-License-Identifier: PostgreSQL */
/*
 * How the command line speaks: results on stdout, talk on stderr, errors in
 * PostgreSQL's manners, and the last line that says what the exit code means, what
 * is certain, what is not, and one next command.
 */
#include "cli_private.h"

const struct cli_exit cli_exits[] = {
    {0, "done", ""},
    {1, "our own fault", "report it with the lines above"},
    {2, "usage or plan invalid, nothing was contacted", "gonogo help"},
    {3, "SQL failed, that file is rolled back", "gonogo resume RUN"},
    {4, "cannot connect, or not the target that the plan means, nothing was changed",
     "gonogo check PLAN --db --target T"},
    {5, "a check or a count is not as planned", "gonogo status RUN"},
    {6, "stopped at a safe point, can be resumed", "gonogo resume RUN"},
    {7, "another run holds the lock, nothing was changed", "gonogo runs"},
    {8, "rolled back, equal to \"before\"", "gonogo report RUN"},
    {9, "partial or unknown: look at the database before anything else", "gonogo status RUN"},
    {10, "differences or findings only", "look at what is told above"},
    {11, "the run's own record cannot be written or read; no further change was made",
     "make room on the disk, then gonogo resume RUN"},
};
const size_t cli_exit_count = COUNT_OF(cli_exits);

void cli_out(struct strbuf *text)
{
    if (text->len > 0) {
        (void)fwrite(text->ptr, 1, text->len, stdout);
    }
    strbuf_clear(text);
}

/* One line of talk, and the same into a recording. */
static void talk(struct front_cast *cast, const char *format, va_list values)
{
    char text[4 * ERR_TEXT_MAX];
    struct strbuf clean = {0};
    (void)vsnprintf(text, sizeof(text), format, values);
    sanitise(&clean, str_from(text), SANITISE_LINES);
    strbuf_byte(&clean, '\n');
    (void)fflush(stdout); /* both may go to one file: a result stays in one piece */
    (void)fwrite(clean.ptr, 1, clean.len, stderr);
    front_cast_add(cast, strbuf_str(&clean));
    strbuf_release(&clean);
}

void cli_talk(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    talk(NULL, format, values);
    va_end(values);
}

void cli_say(const struct cli *cli, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    talk(cli->cast, format, values);
    va_end(values);
}

void cli_verbose(const struct cli *cli, const char *format, ...)
{
    char text[2 * ERR_TEXT_MAX];
    if (!cli->given[OPTION_VERBOSE]) {
        return;
    }
    va_list values;
    va_start(values, format);
    (void)vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    cli_say(cli, "gonogo: %s", text);
}

void cli_error(const struct err *err)
{
    cli_talk("gonogo: error: %s", err->message);
    if (err->detail[0]) {
        cli_talk("  %s", err->detail);
    }
    if (err->hint[0]) {
        cli_talk("  %s", err->hint);
    }
}

int cli_fail(const struct err *err)
{
    cli_error(err);
    return app_exit_code_of(err);
}

int cli_usage(const char *format, ...)
{
    char text[2 * ERR_TEXT_MAX];
    va_list values;
    va_start(values, format);
    (void)vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    cli_talk("gonogo: error: %s", text);
    return 2;
}

const struct cli_exit *cli_exit_of(int code)
{
    for (size_t i = 0; i < cli_exit_count; i++) {
        if (cli_exits[i].code == code) {
            return &cli_exits[i];
        }
    }
    return &cli_exits[1];
}

/* The command that looks at the target of this one; a run that is resumed has a record. */
static void add_target_advice(struct strbuf *line, const struct cli *cli)
{
    bool has_plan =
        cli->command && cli->operand_count > 0 && strstr(cli->command->operands, "PLAN");
    bool looked = cli->given[OPTION_DB] || !has_plan;
    if (looked) {
        strbuf_text(line, "; next: look at host, port, role and pins of the target, and "
                          "whether the server runs");
        return;
    }
    static const enum cli_option same[] = {OPTION_TARGET, OPTION_HOST,   OPTION_PORT,
                                           OPTION_USER,   OPTION_DBNAME, OPTION_SERVICE};
    strbuf_format(line, "; next: gonogo check %s --db", cli->operands[0]);
    for (size_t i = 0; i < COUNT_OF(same); i++) {
        if (cli->given[same[i]]) {
            strbuf_format(line, " --%s %s", cli_options[same[i]].name, cli->values[same[i]]);
        }
    }
}

/* "gonogo resume RUN" with the run's own id in it. */
static void add_advice(struct strbuf *line, const struct cli *cli, const struct cli_exit *exit)
{
    if (cli->next[0]) {
        strbuf_format(line, "; next: %s", cli->next);
        return;
    }
    if (exit->code == 6 && cli->ending.stale) {
        strbuf_text(line, "; next: gonogo check PLAN --write-hashes, then gonogo run PLAN");
        return;
    }
    if (exit->code == 4) {
        add_target_advice(line, cli);
        return;
    }
    if (exit->code == 2 && cli->command) {
        strbuf_format(line, "; next: gonogo help %s", cli->command->name);
        return;
    }
    struct str advice = str_from(exit->advice);
    if (advice.len == 0) {
        return;
    }
    strbuf_text(line, "; next: ");
    if (cli->ending.over && str_starts(advice, "gonogo resume ")) {
        advice = STR("gonogo report RUN"); /* it was abandoned */
    }
    bool of_run = str_ends(advice, " RUN");
    if (of_run && cli->ending.run_id[0]) {
        strbuf_add(line, str_slice(advice, 0, advice.len - 3));
        strbuf_text(line, cli->ending.run_id);
    } else {
        strbuf_add(line, of_run ? STR("look at what is told above") : advice);
    }
}

/* A run that is taken up again may have changed something before. */
static void add_meaning(struct strbuf *out, const struct cli *cli, int code)
{
    struct str meaning = str_from(cli_exit_of(code)->meaning);
    struct str nothing = STR("nothing was changed");
    if (code == 6 && (cli->gone || cli->ending.over)) {
        meaning = STR("stopped at a safe point");
    }
    if (cli->ending.changed && str_ends(meaning, nothing.ptr)) {
        strbuf_add(out, str_slice(meaning, 0, meaning.len - nothing.len));
        meaning = STR("nothing more was changed");
    }
    strbuf_add(out, meaning);
}

void cli_verdict_text(const struct cli *cli, int code, struct strbuf *out)
{
    strbuf_format(out, "exit %d: ", code);
    add_meaning(out, cli, code);
    if (cli->ending.known && code != 0) {
        if (cli->ending.why[0] && code != 8) {
            strbuf_format(out, " (%s)", cli->ending.why);
        }
        strbuf_format(out, "; last certain: %s; unknown: %s", cli->ending.last_certain,
                      cli->ending.unknown);
    }
}

void cli_last_line(const struct cli *cli, int code)
{
    if (cli->silent_end && code == 0) {
        return;
    }
    struct strbuf line = {0};
    strbuf_text(&line, "gonogo: ");
    cli_verdict_text(cli, code, &line);
    add_advice(&line, cli, cli_exit_of(code));
    cli_say(cli, "%s", line.ptr);
    strbuf_release(&line);
}
