/* SPDX-License-Identifier: PostgreSQL */
/*
 * Completion for bash, zsh and fish, written from the tables of commands and options.
 * Words that the tables cannot know are asked of the program itself when Tab is pressed:
 * runs, targets of the plan on the line, services of libpq's file.
 */
#include "cli_private.h"

/* ---------------------------------------------------------- what the three share */

/* Shell text that prints what completes a value; the shells differ only in the frame. */
static const char runs[] = "gonogo runs 2>/dev/null | cut -d' ' -f1";
static const char services[] = "sed -n 's/^\\[\\(.*\\)\\].*/\\1/p' "
                               "\"${PGSERVICEFILE:-$HOME/.pg_service.conf}\" 2>/dev/null";
static const char targets[] =
    "gonogo check --json \"$plan\" 2>/dev/null | sed -n 's/^ *\"id\": \"\\(.*\\)\".*/\\1/p'";

static bool takes(const struct cli_command *command, const char *word)
{
    return strstr(command->operands, word) != NULL;
}

static void add_commands(struct strbuf *out)
{
    for (size_t i = 0; i < cli_command_count; i++) {
        strbuf_format(out, "%s%s", i > 0 ? " " : "", cli_commands[i].name);
    }
}

/* Single quotes around shell text. */
static void add_quoted(struct strbuf *out, const char *text)
{
    strbuf_byte(out, '\'');
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\'') {
            strbuf_text(out, "'\\''");
        } else {
            strbuf_byte(out, *at);
        }
    }
    strbuf_byte(out, '\'');
}

/* ---------------------------------------------------------------------- bash */

static void bash_values(struct strbuf *out)
{
    strbuf_text(out, "    case $prev in\n");
    for (int i = 0; i < OPTION__COUNT; i++) {
        const struct cli_option_row *row = &cli_options[i];
        if (!row->value) {
            continue;
        }
        strbuf_format(out, "    --%s", row->name);
        if (row->letter) {
            strbuf_format(out, " | -%c", row->letter);
        }
        strbuf_text(out, ") ");
        const char *completes = row->completes ? row->completes : "";
        if (strcmp(completes, "file") == 0) {
            strbuf_text(out, "COMPREPLY=($(compgen -f -- \"$cur\"))");
        } else if (strcmp(completes, "folder") == 0) {
            strbuf_text(out, "COMPREPLY=($(compgen -d -- \"$cur\"))");
        } else if (strcmp(completes, "target") == 0) {
            strbuf_text(out, "COMPREPLY=($(compgen -W \"$(_gonogo_targets)\" -- \"$cur\"))");
        } else if (strcmp(completes, "service") == 0) {
            strbuf_format(out, "COMPREPLY=($(compgen -W \"$(%s)\" -- \"$cur\"))", services);
        } else if (completes[0]) {
            strbuf_format(out, "COMPREPLY=($(compgen -W '%s' -- \"$cur\"))", completes);
        }
        strbuf_text(out, completes[0] ? "; return ;;\n" : "return ;;\n");
    }
    strbuf_text(out, "    esac\n");
}

static void bash_options(struct strbuf *out)
{
    strbuf_text(out, "    if [[ $cur == -* ]]; then\n        case $verb in\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        strbuf_format(out, "        %s) words='", cli_commands[i].name);
        for (int k = 0; k < OPTION__COUNT; k++) {
            if (cli_knows_option(&cli_commands[i], k)) {
                strbuf_format(out, "--%s ", cli_options[k].name);
            }
        }
        strbuf_text(out, "' ;;\n");
    }
    strbuf_text(out, "        *) words='--help --version' ;;\n        esac\n"
                     "        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                     "        return\n    fi\n");
}

static void bash_operands(struct strbuf *out)
{
    strbuf_text(out, "    case $verb in\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct cli_command *command = &cli_commands[i];
        strbuf_format(out, "    %s)\n", command->name);
        if (takes(command, "PLAN")) {
            strbuf_text(out, "        _gonogo_files yaml yml\n");
        }
        if (takes(command, ".sql")) {
            strbuf_text(out, "        _gonogo_files sql\n");
        }
        if (takes(command, "RUN")) {
            strbuf_format(out, "        COMPREPLY+=($(compgen -W \"$(%s)\" -- \"$cur\"))\n",
                          runs);
        }
        if (takes(command, "TOPIC")) {
            strbuf_text(out, "        COMPREPLY=($(compgen -W '");
            add_commands(out);
            strbuf_format(out, " %s' -- \"$cur\"))\n", cli_topics);
        }
        strbuf_text(out, "        ;;\n");
    }
    strbuf_text(out, "    '')\n        COMPREPLY=($(compgen -W '");
    add_commands(out);
    strbuf_text(out, "' -- \"$cur\"))\n        ;;\n    esac\n");
}

void cli_write_bash(struct strbuf *out)
{
    strbuf_text(out, "# bash completion for gonogo, written by `gonogo dev bash`\n"
                     "# shellcheck shell=bash disable=SC2207\n"
                     "_gonogo_targets() {\n    local plan\n"
                     "    for plan in \"${COMP_WORDS[@]}\"; do\n"
                     "        case $plan in *.yaml | *.yml) ");
    strbuf_text(out, targets);
    strbuf_text(out,
                " ;; esac\n    done\n}\n"
                "_gonogo_files() { # ENDING...\n    local ending\n"
                "    for ending in \"$@\"; do\n"
                "        COMPREPLY+=($(compgen -f -X \"!*.$ending\" -- \"$cur\"))\n"
                "    done\n"
                "    COMPREPLY+=($(compgen -d -S / -- \"$cur\"))\n}\n"
                "_gonogo() {\n"
                "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
                "    local verb='' words index\n    COMPREPLY=()\n"
                "    for ((index = 1; index < COMP_CWORD; index++)); do\n"
                "        case ' ");
    add_commands(out);
    strbuf_text(out,
                " ' in\n        *\" ${COMP_WORDS[index]} \"*) verb=${COMP_WORDS[index]} && "
                "break ;;\n        esac\n    done\n");
    bash_values(out);
    bash_options(out);
    bash_operands(out);
    strbuf_text(out, "}\ncomplete -o filenames -F _gonogo gonogo\n");
}

/* ----------------------------------------------------------------------- zsh */

static void zsh_value(struct strbuf *out, const struct cli_option_row *row)
{
    const char *completes = row->completes ? row->completes : "";
    strbuf_format(out, ":%s:", row->value);
    if (strcmp(completes, "file") == 0) {
        strbuf_text(out, "_files");
    } else if (strcmp(completes, "folder") == 0) {
        strbuf_text(out, "_files -/");
    } else if (strcmp(completes, "target") == 0 || strcmp(completes, "service") == 0) {
        strbuf_format(out, "_gonogo_%ss", completes);
    } else if (completes[0]) {
        strbuf_format(out, "(%s)", completes);
    } else {
        strbuf_byte(out, ' ');
    }
}

static void zsh_option(struct strbuf *out, int option)
{
    const struct cli_option_row *row = &cli_options[option];
    struct strbuf spec = {0};
    strbuf_format(&spec, "--%s%s[", row->name, row->value ? "=" : "");
    for (const char *at = row->help; *at != '\0'; at++) {
        strbuf_text(&spec, strchr("[]:\\", *at) ? "\\" : "");
        strbuf_byte(&spec, *at);
    }
    strbuf_byte(&spec, ']');
    if (row->value) {
        zsh_value(&spec, row);
    }
    strbuf_text(out, " \\\n            ");
    add_quoted(out, spec.ptr);
    strbuf_release(&spec);
}

static void zsh_command(struct strbuf *out, const struct cli_command *command)
{
    strbuf_format(out, "    %s)\n        _arguments", command->name);
    for (int k = 0; k < OPTION__COUNT; k++) {
        if (cli_knows_option(command, k)) {
            zsh_option(out, k);
        }
    }
    const char *operands = takes(command, "RUN|PLAN") ? "_gonogo_runs_or_plans"
                           : takes(command, "PLAN")   ? "_files -g \"*.(yaml|yml)\""
                           : takes(command, "RUN")    ? "_gonogo_runs"
                           : takes(command, ".sql")   ? "_files -g \"*.sql\""
                                                      : NULL;
    if (operands) {
        strbuf_format(out, " \\\n            '*:word:%s'", operands);
    }
    strbuf_text(out, "\n        ;;\n");
}

void cli_write_zsh(struct strbuf *out)
{
    strbuf_text(out, "#compdef gonogo\n# zsh completion, written by `gonogo dev zsh`\n"
                     "_gonogo_runs() { compadd -- ${(f)\"$(");
    strbuf_text(out, runs);
    strbuf_text(out, ")\"} }\n_gonogo_services() { compadd -- ${(f)\"$(");
    strbuf_text(out, services);
    strbuf_text(out, ")\"} }\n_gonogo_runs_or_plans() { _gonogo_runs; _files -g "
                     "\"*.(yaml|yml)\" }\n"
                     "_gonogo_targets() {\n    local plan\n    for plan in $words; do\n"
                     "        case $plan in *.yaml | *.yml) compadd -- ${(f)\"$(");
    strbuf_text(out, targets);
    strbuf_text(out, ")\"} ;; esac\n    done\n}\n_gonogo() {\n    local -a commands\n"
                     "    commands=(\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        struct strbuf pair = {0};
        strbuf_format(&pair, "%s:%s", cli_commands[i].name, cli_commands[i].summary);
        strbuf_text(out, "        ");
        add_quoted(out, pair.ptr);
        strbuf_byte(out, '\n');
        strbuf_release(&pair);
    }
    strbuf_text(out, "    )\n    if (( CURRENT == 2 )); then\n"
                     "        _describe command commands\n        return\n    fi\n"
                     "    local verb=$words[2]\n    shift words\n    (( CURRENT-- ))\n"
                     "    case $verb in\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        zsh_command(out, &cli_commands[i]);
    }
    strbuf_text(out, "    esac\n}\n_gonogo \"$@\"\n");
}

/* ---------------------------------------------------------------------- fish */

static void fish_option(struct strbuf *out, const struct cli_command *command, int option)
{
    const struct cli_option_row *row = &cli_options[option];
    const char *completes = row->completes ? row->completes : "";
    strbuf_format(out, "complete -c gonogo -n '__fish_seen_subcommand_from %s' -l %s",
                  command->name, row->name);
    if (row->letter && row->letter != '?') {
        strbuf_format(out, " -s %c", row->letter);
    }
    bool files = strcmp(completes, "file") == 0 || strcmp(completes, "folder") == 0;
    bool asked = strcmp(completes, "target") == 0 || strcmp(completes, "service") == 0;
    strbuf_text(out, !row->value ? "" : files ? " -r -F" : " -x");
    if (row->value && completes[0] && !files && !asked) {
        strbuf_format(out, " -a '%s'", completes);
    }
    strbuf_text(out, " -d ");
    add_quoted(out, row->help);
    strbuf_byte(out, '\n');
}

void cli_write_fish(struct strbuf *out)
{
    strbuf_text(out, "# fish completion for gonogo, written by `gonogo dev fish`\n"
                     "complete -c gonogo -f\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct cli_command *command = &cli_commands[i];
        strbuf_format(out, "complete -c gonogo -n __fish_use_subcommand -a %s -d ",
                      command->name);
        add_quoted(out, command->summary);
        strbuf_byte(out, '\n');
        if (takes(command, "RUN")) {
            strbuf_format(out,
                          "complete -c gonogo -n '__fish_seen_subcommand_from %s' -a '(%s)'\n",
                          command->name, "gonogo runs 2>/dev/null | cut -d\" \" -f1");
        }
        if (takes(command, "PLAN") || takes(command, ".sql")) {
            strbuf_format(out, "complete -c gonogo -n '__fish_seen_subcommand_from %s' -F\n",
                          command->name);
        }
        for (int k = 0; k < OPTION__COUNT; k++) {
            if (cli_knows_option(command, k)) {
                fish_option(out, command, k);
            }
        }
    }
}
