/* SPDX-License-Identifier: PostgreSQL */
/*
 * cli: the program's door. One table of subcommands, one table of options; help,
 * completion of mistakes and usage errors are made from them. The room reads the
 * command line, calls app, prints results on stdout and talk on stderr, and ends
 * with one of the documented exit codes, whose meaning is the last line on stderr.
 */
#ifndef GONOGO_CLI_H
#define GONOGO_CLI_H

/* The whole program but for main() itself; returns the exit code. */
int cli_run(int argc, char **argv);

#endif
