/* SPDX-License-Identifier: PostgreSQL */
/*
 * The tables of the command line and their reader. Flags work before and after the
 * verb, long names are never abbreviated, and help is made from the tables, so that
 * what is accepted and what is told cannot drift apart.
 */
#include "cli_private.h"

#include <getopt.h>

/* clang-format off */
const struct cli_option_row cli_options[OPTION__COUNT] = {
    [OPTION_TARGET] = {"target", 't', "ID", "which target of the plan", "target", false},
    [OPTION_PLAIN] = {"plain", 0, NULL, "lines and numbered prompts, for any terminal", NULL, true},
    [OPTION_HEADLESS] = {"headless", 0, NULL, "nobody is there: --answers answers, a log tells", NULL, false},
    [OPTION_APPROVE] = {"approve", 0, "DIGEST", "go on only with exactly what was approved", NULL, false},
    [OPTION_AS] = {"as", 0, "NAME", "who is responsible for a headless run, or abandons one", NULL, false},
    [OPTION_ANSWERS] = {"answers", 0, "FILE", "answers of a headless run", "file", false},
    [OPTION_REPORT] = {"report", 0, "DIR", "folder for the report", "folder", true},
    [OPTION_CLOCK_AT] = {"clock-at", 0, "TIME", "simulated clock: where it starts, 2024-01-31T08:00Z", NULL, false},
    [OPTION_TIME_SCALE] = {"time-scale", 0, "N", "how much faster the watch runs", NULL, false},
    [OPTION_HOST] = {"host", 'h', "HOST", "server or socket folder, as in psql", "folder", false},
    [OPTION_PORT] = {"port", 'p', "PORT", "port, as in psql", NULL, false},
    [OPTION_USER] = {"username", 'U', "NAME", "role, as in psql", NULL, false},
    [OPTION_DBNAME] = {"dbname", 'd', "NAME", "database, as in psql", NULL, false},
    [OPTION_SERVICE] = {"service", 0, "NAME", "service of pg_service.conf", "service", false},
    [OPTION_NO_PASSWORD] = {"no-password", 'w', NULL, "never ask for a password", NULL, false},
    [OPTION_PASSWORD] = {"password", 'W', NULL, "ask for the password", NULL, false},
    [OPTION_DIGEST] = {"digest", 0, NULL, "print what is to be approved (with --target)", NULL, false},
    [OPTION_SQL] = {"sql", 0, NULL, "explain: the whole text of each statement", NULL, false},
    [OPTION_JSON] = {"json", 0, NULL, "one JSON document; run: JSON Lines", NULL, false},
    [OPTION_DB] = {"db", 0, NULL, "ask the target too, read-only", NULL, false},
    [OPTION_PROBE] = {"probe", 0, NULL, "count the target's rows that would break a constraint or type", NULL, false},
    [OPTION_WRITES] = {"writes", 0, "SECONDS", "look twice, so far apart, whether what goes is still written; 1 to 600", NULL, false},
    [OPTION_WRITE_HASHES] = {"write-hashes", 0, NULL, "put the files' hashes into the plan", NULL, false},
    [OPTION_FORMAT] = {"format", 0, "FORMAT", "check: text, json, github or sarif; report: md,html,json,junit", "text json github sarif md html junit", false},
    [OPTION_POLICY] = {"policy", 0, "FILE", "what the house asks of every plan: check tells, run refuses; gonogo-policy(5)", "file", false},
    [OPTION_VERIFY] = {"verify", 0, NULL, "check the hash chain of the record", NULL, false},
    [OPTION_PLAN] = {"plan", 0, "NAME", "a sample plan, or the path of a plan with a seed; `list` lists the samples", "list week1-wednesday adaptive-mastery policy", false},
    [OPTION_TROUBLE] = {"trouble", 0, "NAME", "break something on purpose; see: help trouble", "blocker wrong-count failing-check slow server-restart", false},
    [OPTION_KEEP] = {"keep", 0, NULL, "leave server and run directory", NULL, false},
    [OPTION_FROM] = {"from", 0, "DIR", "a folder of migrations, in the order of their versions", "folder", false},
    [OPTION_CAST] = {"cast", 0, "FILE", "record what is shown, as asciicast version 2", "file", false},
    [OPTION_NO_INPUT] = {"no-input", 0, NULL, "ask nobody anything", NULL, false},
    [OPTION_VERBOSE] = {"verbose", 'v', NULL, "say more about what is read and done", NULL, true},
    [OPTION_EVENT] = {"event", 0, "NAME", "what the team is told: before_open, open, hold ...", NULL, false},
    [OPTION_QUIET] = {"quiet", 'q', NULL, "no talk but errors and the last line", NULL, true},
    [OPTION_THEME] = {"theme", 0, "NAME", "colours: default, contrast, light, mono", "default contrast light mono", true},
    [OPTION_COLOR] = {"color", 0, "WHEN", "auto (NO_COLOR, TERM), always, never", "auto always never", true},
    [OPTION_GLYPHS] = {"glyphs", 0, "SET", "signs: full, linux, ascii; default by locale", "full linux ascii", true},
    [OPTION_MOUSE] = {"mouse", 0, NULL, "wheel and click move; M toggles", NULL, true},
    [OPTION_REASON] = {"reason", 0, "TEXT", "abandon: why the run is ended for good", NULL, false},
    [OPTION_HELP] = {"help", '?', NULL, "this help", NULL, false},
    [OPTION_VERSION] = {"version", 'V', NULL, "print the version", NULL, false},
};

#define BIT OPTION_BIT
#define CONNECTION (BIT(OPTION_HOST) | BIT(OPTION_PORT) | BIT(OPTION_USER) | BIT(OPTION_DBNAME) | \
                    BIT(OPTION_SERVICE) | BIT(OPTION_NO_PASSWORD) | BIT(OPTION_PASSWORD))
#define FACE (BIT(OPTION_PLAIN) | BIT(OPTION_HEADLESS) | BIT(OPTION_AS) | BIT(OPTION_ANSWERS) | \
              BIT(OPTION_JSON) | BIT(OPTION_CAST) | BIT(OPTION_THEME) | BIT(OPTION_COLOR) | \
              BIT(OPTION_GLYPHS) | BIT(OPTION_MOUSE))
#define CLOCK (BIT(OPTION_CLOCK_AT) | BIT(OPTION_TIME_SCALE))
enum { MANY = 10000 };

const struct cli_command cli_commands[] = {
    {"demo", "", 0, 0, FACE | CLOCK | BIT(OPTION_PLAN) | BIT(OPTION_TROUBLE) | BIT(OPTION_KEEP) | BIT(OPTION_REPORT),
     "the whole walk on a throw-away server", cli_run_demo},
    {"new", "[FILE.sql...]", 0, MANY, CONNECTION | BIT(OPTION_FROM) | BIT(OPTION_TARGET),
     "write a plan for these files, or for a folder with --from, on standard output", cli_run_new},
    {"check", "PLAN", 1, 1, CONNECTION | BIT(OPTION_TARGET) | BIT(OPTION_DIGEST) | BIT(OPTION_JSON) | BIT(OPTION_FORMAT) | BIT(OPTION_DB) | BIT(OPTION_PROBE) | BIT(OPTION_WRITES) | BIT(OPTION_POLICY) | BIT(OPTION_WRITE_HASHES),
     "read a plan and all its files, and say what is wrong", cli_run_check},
    {"show", "PLAN", 1, 1, 0,
     "the runbook as Markdown, for the change ticket", cli_run_show},
    {"explain", "FILE.sql...", 1, MANY, CONNECTION | BIT(OPTION_TARGET) | BIT(OPTION_PROBE) | BIT(OPTION_WRITES) | BIT(OPTION_JSON) | BIT(OPTION_SQL),
     "every statement of a file: what it does, what it locks, what will go wrong; with a target by what it shows", cli_run_explain},
    {"run", "PLAN", 1, 1, CONNECTION | FACE | CLOCK | BIT(OPTION_TARGET) | BIT(OPTION_APPROVE) | BIT(OPTION_REPORT) | BIT(OPTION_POLICY),
     "walk through the window", cli_run_run},
    {"resume", "[RUN]", 0, 1, CONNECTION | FACE,
     "go on with a run that was left or broke off", cli_run_resume},
    {"rollback", "RUN", 1, 1, CONNECTION | FACE,
     "resume a run at its rollback decision", cli_run_rollback},
    {"abandon", "RUN", 1, 1, BIT(OPTION_REASON) | BIT(OPTION_AS),
     "end a run that was left, for good: nobody resumes it, nothing is undone", cli_run_abandon},
    {"status", "[RUN|PLAN]", 0, 1, CONNECTION | BIT(OPTION_TARGET) | BIT(OPTION_JSON),
     "where a run stands, by its record; a plan's migrations, by its ledger", cli_run_status},
    {"runs", "", 0, 0, BIT(OPTION_JSON),
     "list the runs", cli_run_runs},
    {"report", "RUN", 1, 1, BIT(OPTION_FORMAT) | BIT(OPTION_VERIFY) | BIT(OPTION_REPORT),
     "write the report again, or verify the record", cli_run_report},
    {"notify", "PLAN", 1, 1, BIT(OPTION_EVENT) | BIT(OPTION_TARGET) | BIT(OPTION_CLOCK_AT),
     "tell the team: run the plan's hooks of one event, for cron", cli_run_notify},
    {"dev", "fsm|man|man-plan|schema|bash|zsh|fish", 1, 1, 0,
     "the state table as Mermaid; manual pages; completion for a shell", cli_run_dev},
    {"help", "[TOPIC]", 0, 1, 0,
     "a verb, an error code (Y012), a rule (L1), rules, exit, events, trouble, environment, settings, keys, plan", cli_run_help},
};
/* clang-format on */
#undef BIT
#undef CONNECTION
#undef FACE
#undef CLOCK
const size_t cli_command_count = COUNT_OF(cli_commands);

/* What every command knows. */
static const uint64_t everywhere = OPTION_BIT(OPTION_HELP) | OPTION_BIT(OPTION_VERSION) |
                                   OPTION_BIT(OPTION_QUIET) | OPTION_BIT(OPTION_VERBOSE) |
                                   OPTION_BIT(OPTION_NO_INPUT);

const struct cli_command *cli_find_command(const char *name)
{
    for (size_t i = 0; i < cli_command_count; i++) {
        if (strcmp(cli_commands[i].name, name) == 0) {
            return &cli_commands[i];
        }
    }
    return NULL;
}

bool cli_is_everywhere(int option)
{
    return (everywhere & OPTION_BIT(option)) != 0;
}

bool cli_knows_option(const struct cli_command *command, int option)
{
    return cli_is_everywhere(option) || (command->options & OPTION_BIT(option)) != 0;
}

/* NULL when none of the words is near. */
static const char *nearest_of(const char *word, const char *const *words, size_t count)
{
    enum {
        NEAR = 3
    };
    size_t best = NEAR;
    const char *nearest = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t distance = str_distance(str_from(word), str_from(words[i]), NEAR);
        if (distance < best && distance < strlen(words[i])) {
            best = distance;
            nearest = words[i];
        }
    }
    return nearest;
}

static bool unknown_option(struct cli *cli, const char *argument, size_t length,
                           struct err *err)
{
    const char *names[OPTION__COUNT];
    for (int i = 0; i < OPTION__COUNT; i++) {
        names[i] = cli_options[i].name;
    }
    struct str name = str_slice(str_from(argument), 2, length);
    const char *word = str_text(&cli->arena, name);
    err_set(err, ERR_USAGE, "unknown option --%s", word);
    const char *nearest = nearest_of(word, names, COUNT_OF(names));
    err_hint(err, "%s%s%s`gonogo help` lists the options. Nothing was done.",
             nearest ? "Did you mean --" : "", nearest ? nearest : "", nearest ? "? " : "");
    return false;
}

/*
 * getopt_long takes abbreviations; we do not: a flag that gains a sibling must not change.
 * A value that begins with dashes is written as --option=--value.
 */
static bool names_are_whole(struct cli *cli, int argc, char **argv, struct err *err)
{
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            continue;
        }
        if (argv[i][2] == '\0') {
            return true;
        }
        size_t length = strcspn(argv[i] + 2, "=");
        bool known = false;
        for (int k = 0; k < OPTION__COUNT && !known; k++) {
            known = strlen(cli_options[k].name) == length &&
                    strncmp(argv[i] + 2, cli_options[k].name, length) == 0;
        }
        if (!known) {
            return unknown_option(cli, argv[i], length, err);
        }
    }
    return true;
}

enum {
    LONG_BASE = 256 /* values of options without a letter */
};

static int option_of(int code)
{
    for (int i = 0; i < OPTION__COUNT; i++) {
        if (code == LONG_BASE + i || (cli_options[i].letter && code == cli_options[i].letter)) {
            return i;
        }
    }
    return -1;
}

static bool take_option(struct cli *cli, int code, const char *argument, struct err *err)
{
    int option = option_of(code);
    if (code == ':' && option_of(optopt) >= 0) {
        const struct cli_option_row *row = &cli_options[option_of(optopt)];
        err_set(err, ERR_USAGE, "--%s needs a value: --%s %s", row->name, row->name,
                row->value);
        err_hint(err,
                 "A value that begins with a dash is written as --%s=VALUE. Nothing was "
                 "done.",
                 row->name);
        return false;
    }
    if (option < 0) {
        err_set(err, ERR_USAGE, "unknown option or missing value: \"%s\"",
                argument ? argument : "");
        err_hint(err, "`gonogo help` lists the options. Nothing was done.");
        return false;
    }
    if (cli->given[option] && cli_options[option].value) {
        err_set(err, ERR_USAGE, "--%s is given twice", cli_options[option].name);
        err_hint(err, "Say it once. Nothing was done.");
        return false;
    }
    cli->given[option] = true;
    cli->values[option] = argument;
    cli->origins[option] = "the command line";
    return true;
}

static void take_word(struct cli *cli, const char *word, bool *verb_seen, const char **verb)
{
    if (!*verb_seen) {
        *verb_seen = true;
        *verb = word;
    } else {
        cli->operands[cli->operand_count++] = word;
    }
}

static bool choose_command(struct cli *cli, const char *verb, struct err *err)
{
    cli->command = cli_find_command(verb);
    if (cli->command) {
        return true;
    }
    const char *names[COUNT_OF(cli_commands)];
    for (size_t i = 0; i < cli_command_count; i++) {
        names[i] = cli_commands[i].name;
    }
    err_set(err, ERR_USAGE, "unknown command \"%s\"", verb);
    const char *nearest = nearest_of(verb, names, COUNT_OF(names));
    err_hint(err, "%s%s%s`gonogo help` lists the commands. Nothing was done.",
             nearest ? "Did you mean " : "", nearest ? nearest : "", nearest ? "? " : "");
    return false;
}

static bool fits_command(struct cli *cli, struct err *err)
{
    const struct cli_command *command = cli->command;
    if (cli->given[OPTION_HELP] || cli->given[OPTION_VERSION]) {
        return true;
    }
    for (int i = 0; i < OPTION__COUNT; i++) {
        if (cli->given[i] && !cli_knows_option(command, i)) {
            err_set(err, ERR_USAGE, "`%s` has no option --%s", command->name,
                    cli_options[i].name);
            err_hint(err, "`gonogo help %s` lists them. Nothing was done.", command->name);
            return false;
        }
    }
    if (cli->given[OPTION_QUIET] && cli->given[OPTION_VERBOSE]) {
        return err_set(err, ERR_USAGE, "-q and -v contradict each other");
    }
    if (cli->operand_count < command->least || cli->operand_count > command->most) {
        err_set(err, ERR_USAGE, "`%s` takes %s, and %zu words are given", command->name,
                command->operands[0] ? command->operands : "nothing", cli->operand_count);
        err_hint(err, "Usage: gonogo %s%s%s. Nothing was done.", command->name,
                 command->operands[0] ? " " : "", command->operands);
        return false;
    }
    return true;
}

bool cli_read_options(struct cli *cli, int argc, char **argv, struct err *err)
{
    struct option table[OPTION__COUNT + 1] = {0};
    struct strbuf letters = {0};
    strbuf_text(&letters, "-:"); /* words in their order, whatever POSIXLY_CORRECT says */
    for (int i = 0; i < OPTION__COUNT; i++) {
        const struct cli_option_row *row = &cli_options[i];
        table[i] = (struct option){.name = row->name,
                                   .has_arg = row->value ? required_argument : no_argument,
                                   .val = row->letter ? row->letter : LONG_BASE + i};
        if (row->letter && row->letter != '?') {
            strbuf_byte(&letters, (char)row->letter);
            strbuf_text(&letters, row->value ? ":" : "");
        }
    }
    cli->operands = arena_array(&cli->arena, (size_t)argc + 1, sizeof(*cli->operands));
    bool ok = names_are_whole(cli, argc, argv, err);
    bool verb_seen = false;
    const char *verb = NULL;
    opterr = 0;
    optind = 1;
    for (int code; ok && (code = getopt_long(argc, argv, letters.ptr, table, NULL)) != -1;) {
        bool help = code == '?' && optopt == '?';
        if (code == 1) {
            take_word(cli, optarg, &verb_seen, &verb);
        } else if (code == '?' && !help && optopt != 0) {
            ok = take_option(cli, -1, argv[optind - 1], err);
        } else {
            ok = take_option(cli, code, optarg, err);
        }
    }
    for (; ok && optind < argc; optind++) {
        take_word(cli, argv[optind], &verb_seen, &verb);
    }
    strbuf_release(&letters);
    return ok && (!verb || (choose_command(cli, verb, err) && fits_command(cli, err)));
}

/* ---------------------------------------------------------------------- help */

static void help_option(struct strbuf *out, int option)
{
    const struct cli_option_row *row = &cli_options[option];
    struct strbuf left = {0};
    strbuf_format(&left, "  %c%c%s --%s%s%s", row->letter ? '-' : ' ',
                  row->letter ? row->letter : ' ', row->letter ? "," : " ", row->name,
                  row->value ? " " : "", row->value ? row->value : "");
    strbuf_format(out, "%-28s %s\n", left.ptr, row->help);
    strbuf_release(&left);
}

static void help_all(struct strbuf *out)
{
    strbuf_text(out, "gonogo walks a DBA through a PostgreSQL maintenance window.\n\n"
                     "usage: gonogo COMMAND [WORD...] [OPTION...]\n\ncommands:\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        struct strbuf left = {0};
        strbuf_format(&left, "  %s %s", cli_commands[i].name, cli_commands[i].operands);
        strbuf_format(out, "%-22s %s\n", left.ptr, cli_commands[i].summary);
        strbuf_release(&left);
    }
    strbuf_text(out,
                "\nNo command has a password option: use ~/.pgpass, a service file, or -W.\n"
                "`gonogo help COMMAND` lists its options. First steps: gonogo demo\n");
}

void cli_write_help(struct strbuf *out, const struct cli_command *command)
{
    if (!command) {
        help_all(out);
        return;
    }
    strbuf_format(out, "usage: gonogo %s %s%s[OPTION...]\n\n%s\n\noptions:\n", command->name,
                  command->operands, command->operands[0] ? " " : "", command->summary);
    for (int i = 0; i < OPTION__COUNT; i++) {
        if (cli_knows_option(command, i) && i != OPTION_VERSION) {
            help_option(out, i);
        }
    }
}
