/* SPDX-License-Identifier: PostgreSQL */
/*
 * What every command that walks a run has in common: the choice of the face, the
 * answers file, connection flags and the password prompt, the simulated clock.
 */
#include "cli_private.h"
#include "front_headless.h"
#include "front_plain.h"

#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

bool cli_has_terminal(void)
{
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

bool cli_read_file(const char *path, size_t max, struct strbuf *out, struct err *err)
{
    bool ok = strcmp(path, "-") == 0
                  ? files_read_stream(STDIN_FILENO, "standard input", max, out, NULL, err)
                  : files_read(AT_FDCWD, path, max, out, NULL, err);
    if (!ok && err) {
        err->kind = ERR_USAGE;
    }
    return ok;
}

/* --------------------------------------------------------------- plan, answers */

void cli_print_diagnostics(const struct plan_diagnostics *diagnostics)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < diagnostics->count; i++) {
        plan_diagnostic_text(&text, diagnostics, &diagnostics->items[i]);
    }
    if (text.len > 0) {
        (void)fwrite(text.ptr, 1, text.len, stderr);
    }
    strbuf_release(&text);
}

bool cli_load_plan(struct app_plan *plan, const char *path, int *code)
{
    struct err err = {0};
    if (!app_plan_load(plan, path, &err)) {
        *code = cli_fail(&err);
        return false;
    }
    if (plan->good) {
        return true;
    }
    cli_print_diagnostics(&plan->diagnostics);
    *code = cli_usage("the plan %s has %zu error%s; nothing was contacted", path,
                      plan->diagnostics.errors, plural(plan->diagnostics.errors));
    app_plan_release(plan);
    return false;
}

/* A small YAML file whole, in the arena; ptr NULL with *code. */
static struct str load_yaml(const char *path, struct arena *arena, int *code)
{
    struct err err = {0};
    struct strbuf bytes = {0};
    struct str kept = {0};
    if (cli_read_file(path, PLAN_SIZE_MAX + 1, &bytes, &err)) {
        kept = str_dup(arena, strbuf_str(&bytes));
    } else {
        *code = cli_fail(&err);
    }
    strbuf_release(&bytes);
    return kept;
}

const struct answers *cli_load_answers(const char *path, const struct plan *plan,
                                       struct arena *arena, int *code)
{
    struct plan_diagnostics diagnostics = {0};
    struct str bytes = load_yaml(path, arena, code);
    if (!bytes.ptr) {
        return NULL;
    }
    const struct answers *answers = answers_read(bytes, str_from(path), arena, &diagnostics);
    if (answers && plan && !answers_check(answers, plan, &diagnostics)) {
        answers = NULL;
    }
    cli_print_diagnostics(&diagnostics);
    plan_diagnostics_release(&diagnostics);
    if (!answers) {
        *code = cli_usage("the answers file %s cannot be used; nothing was contacted", path);
    }
    return answers;
}

const struct policy *cli_load_policy(const char *path, struct arena *arena, int *code)
{
    struct plan_diagnostics diagnostics = {0};
    struct str bytes = load_yaml(path, arena, code);
    if (!bytes.ptr) {
        return NULL;
    }
    const struct policy *policy = policy_read(bytes, str_from(path), arena, &diagnostics);
    cli_print_diagnostics(&diagnostics);
    plan_diagnostics_release(&diagnostics);
    if (!policy) {
        *code = cli_usage("the policy %s cannot be used; nothing was contacted", path);
    }
    return policy;
}

bool cli_hold_against_policy(struct cli *cli, struct app_plan *plan, int *code)
{
    struct err err = {0};
    const char *path = cli->values[OPTION_POLICY];
    if (!path || !plan->plan) {
        return true;
    }
    const struct policy *policy = cli_load_policy(path, &cli->arena, code);
    if (policy && !app_policy_check(plan, policy, &err)) {
        *code = cli_fail(&err);
        return false;
    }
    return policy != NULL;
}

/* ------------------------------------------------------------------ connection */

/* Asks on the terminal, without echo. The text goes to libpq and nowhere else. */
static const char *ask_password(struct arena *arena, struct err *err)
{
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios kept;
    if (fd < 0 || tcgetattr(fd, &kept) != 0) {
        err_set(err, ERR_USAGE, "no terminal to ask for the password on");
        err_hint(err, "Use ~/.pgpass or a service file. Nothing was contacted.");
        if (fd >= 0) {
            close(fd);
        }
        return NULL;
    }
    struct termios quiet = kept;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    (void)tcsetattr(fd, TCSAFLUSH, &quiet);
    static const char prompt[] = "Password: ";
    (void)!write(fd, prompt, sizeof(prompt) - 1);
    char text[1024];
    ssize_t length = read(fd, text, sizeof(text) - 1);
    (void)tcsetattr(fd, TCSAFLUSH, &kept);
    (void)!write(fd, "\n", 1);
    close(fd);
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r')) {
        length--;
    }
    return str_text(arena, (struct str){text, length > 0 ? (size_t)length : 0});
}

bool cli_connection(struct cli *cli, struct app_connection *connection, struct err *err)
{
    *connection = (struct app_connection){
        .host = cli->values[OPTION_HOST],
        .port = cli->values[OPTION_PORT],
        .user = cli->values[OPTION_USER],
        .database = cli->values[OPTION_DBNAME],
        .service = cli->values[OPTION_SERVICE],
    };
    if (cli->given[OPTION_PASSWORD] && cli->given[OPTION_NO_PASSWORD]) {
        return err_set(err, ERR_USAGE, "-w and -W contradict each other");
    }
    if (cli->given[OPTION_PASSWORD] && cli->given[OPTION_NO_INPUT]) {
        err_set(err, ERR_USAGE, "-W asks for the password, and --no-input forbids to ask");
        err_hint(err, "Use ~/.pgpass or a service file. Nothing was contacted.");
        return false;
    }
    if (cli->given[OPTION_PASSWORD]) {
        connection->password = ask_password(&cli->arena, err);
        return connection->password != NULL;
    }
    return true;
}

/* ------------------------------------------------------------------------ face */

/* May this walk be walked so? */
static bool is_possible(const struct cli *cli, bool headless, struct err *err)
{
    if (cli->given[OPTION_PLAIN] && cli->given[OPTION_HEADLESS]) {
        return err_set(err, ERR_USAGE, "--plain and --headless contradict each other");
    }
    if (!headless && cli->given[OPTION_NO_INPUT]) {
        err_set(err, ERR_USAGE, "--no-input forbids to ask, and this walk asks");
        err_hint(err, "Add --headless and --answers FILE. Nothing was contacted.");
        return false;
    }
    if (!headless && (cli->given[OPTION_JSON] || cli->given[OPTION_ANSWERS])) {
        err_set(err, ERR_USAGE, "--json and --answers belong to a headless run");
        err_hint(err, "Add --headless. Nothing was contacted.");
        return false;
    }
    if (!headless && !cli->given[OPTION_PLAIN] && !cli_has_terminal()) {
        err_set(err, ERR_USAGE, "there is no terminal, so nobody can be asked");
        err_hint(err, "Use --headless with --answers FILE, or --plain to read answers from "
                      "standard input. Nothing was contacted.");
        return false;
    }
    return true;
}

bool cli_face_of(struct cli_walk *walk, struct err *err)
{
    struct cli *cli = walk->cli;
    bool headless = walk->face == CLI_FACE_HEADLESS;
    if (!is_possible(cli, headless, err) || !cli_cast_begin(cli, err)) {
        return false;
    }
    if (headless) {
        struct front_headless_options *options =
            arena_alloc(&cli->arena, sizeof(struct front_headless_options));
        bool json = cli->given[OPTION_JSON];
        *options = (struct front_headless_options){
            .answers = walk->answers,
            .who = cli->values[OPTION_AS],
            .log_fd = cli->given[OPTION_QUIET] ? -1 : STDERR_FILENO,
            .json_fd = json ? STDOUT_FILENO : -1,
            .open_rollback = walk->open_rollback,
            .cast = cli->cast,
            .ending = &cli->ending,
        };
        walk->open = front_headless_open;
        walk->ctx = options;
        return true;
    }
    if (!cli->given[OPTION_PLAIN]) {
        return cli_open_screens(walk, err);
    }
    struct front_plain_options *options =
        arena_alloc(&cli->arena, sizeof(struct front_plain_options));
    *options = (struct front_plain_options){.in_fd = STDIN_FILENO,
                                            .out_fd = STDOUT_FILENO,
                                            .open_rollback = walk->open_rollback,
                                            .cast = cli->cast,
                                            .ending = &cli->ending};
    walk->open = front_plain_open;
    walk->ctx = options;
    return true;
}

bool cli_clock(struct cli *cli, struct app_run_options *options, struct err *err)
{
    const char *at = cli->values[OPTION_CLOCK_AT];
    const char *scale = cli->values[OPTION_TIME_SCALE];
    if (at) {
        if (!time_from_text(str_from(at), &options->clock_at_us)) {
            err_set(err, ERR_USAGE, "--clock-at \"%s\" is no point in time", at);
            err_hint(err, "Write it as 2024-01-31T08:00Z. Nothing was contacted.");
            return false;
        }
        options->simulated_clock = true;
    }
    if (scale && (!str_to_double(str_from(scale), &options->time_scale) ||
                  !(options->time_scale >= 1.0) || options->time_scale > 1e6)) {
        err_set(err, ERR_USAGE, "--time-scale \"%s\" is no number from 1 to 1000000", scale);
        err_hint(err, "720 makes two hours of watching ten seconds. Nothing was contacted.");
        return false;
    }
    return true;
}

void cli_started(void *ctx, const struct app_view *view)
{
    const struct cli *cli = ctx;
    if (!cli->given[OPTION_QUIET]) {
        cli_say(cli, "gonogo: run %s, recorded in %s", view->run_id, view->directory);
        cli_verbose(cli, "connection %s", view->connection);
    }
}

int cli_run_over(struct cli *cli, int code, const struct err *err)
{
    cli_run_summary(cli, code);
    if (code != 0 && err->kind != ERR_NONE) {
        cli_error(err);
    }
    if (code == 11 && cli->ending.over) {
        /* Only the report is missing; it is made again from the record. */
        (void)snprintf(cli->next, sizeof(cli->next),
                       "make room on the disk, then gonogo report %s", cli->ending.run_id);
    }
    if (code == 11 && !cli->ending.known) {
        /* There is no run to resume: not even its beginning could be written. */
        (void)snprintf(cli->next, sizeof(cli->next),
                       "make room on the disk, or set XDG_STATE_HOME to a folder that can be "
                       "written, and begin again");
    }
    if (code != 0 && !cli->ending.known) {
        (void)snprintf(cli->ending.last_certain, sizeof(cli->ending.last_certain),
                       "nothing was changed");
    }
    return code;
}
