/* SPDX-License-Identifier: PostgreSQL */
/*
 * main: read the line, do the one thing that it asks for, say how it ended.
 */
#include "cli_private.h"
#include "loop.h"

#include <errno.h>

int cli_run(int argc, char **argv)
{
    struct cli cli = {.began_us = loop_now_us()};
    struct err err = {0};
    struct strbuf out = {0};
    int code = 0;
    (void)setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
    if (!app_harden(&err)) {
        code = cli_fail(&err);
    } else if (!cli_read_options(&cli, argc, argv, &err)) {
        code = cli_fail(&err);
    } else if (cli.given[OPTION_VERSION]) {
        cli.silent_end = true;
        strbuf_format(&out, "gonogo %s\n", GONOGO_VERSION);
    } else if (cli.given[OPTION_HELP]) {
        cli.silent_end = true;
        cli_write_help(&out, cli.command);
    } else if (!cli.command) {
        cli_write_help(&out, NULL);
        cli_talk("%s", out.ptr);
        strbuf_clear(&out);
        code = cli_usage("no command is given");
    } else if (cli_apply_settings(&cli, &code)) {
        code = cli.command->action(&cli);
    }
    cli_out(&out);
    strbuf_release(&out);
    errno = 0;
    if ((fflush(stdout) != 0 || ferror(stdout)) && errno != EPIPE) {
        code = code == 0 ? 1 : code;
        cli_talk("gonogo: error: the result could not be written to standard output");
    }
    struct strbuf took = {0};
    duration_to_text(&took, loop_now_us() - cli.began_us);
    cli_verbose(&cli, "took %s", took.ptr);
    strbuf_release(&took);
    if (!cli.ended) {
        cli_last_line(&cli, code);
    }
    cli_cast_end(&cli);
    arena_release(&cli.arena);
    return code;
}

int main(int argc, char **argv)
{
    return cli_run(argc, argv);
}
