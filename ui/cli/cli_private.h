/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the files of the command line share: the parsed command line, the two tables,
 * and how results, talk and errors are printed.
 */
#ifndef GONOGO_CLI_PRIVATE_H
#define GONOGO_CLI_PRIVATE_H

#include "app.h"
#include "cli.h"
#include "front_cast.h"
#include "front.h"
#include "plan_answers.h"
#include "plan_policy.h"

/* ------------------------------------------------------------------- options */

enum cli_option {
    OPTION_TARGET,
    OPTION_PLAIN,
    OPTION_HEADLESS,
    OPTION_APPROVE,
    OPTION_AS,
    OPTION_ANSWERS,
    OPTION_REPORT,
    OPTION_CLOCK_AT,
    OPTION_TIME_SCALE,
    OPTION_HOST,
    OPTION_PORT,
    OPTION_USER,
    OPTION_DBNAME,
    OPTION_SERVICE,
    OPTION_NO_PASSWORD,
    OPTION_PASSWORD,
    OPTION_DIGEST,
    OPTION_JSON,
    OPTION_SQL,
    OPTION_DB,
    OPTION_PROBE,
    OPTION_WRITES,
    OPTION_WRITE_HASHES,
    OPTION_FORMAT,
    OPTION_POLICY,
    OPTION_VERIFY,
    OPTION_PLAN,
    OPTION_TROUBLE,
    OPTION_KEEP,
    OPTION_FROM,
    OPTION_CAST,
    OPTION_NO_INPUT,
    OPTION_VERBOSE,
    OPTION_EVENT,
    OPTION_QUIET,
    OPTION_THEME,
    OPTION_COLOR,
    OPTION_GLYPHS,
    OPTION_MOUSE,
    OPTION_REASON,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION__COUNT,
};
#define OPTION_BIT(option) (UINT64_C(1) << (option))

/*
 * name     long name, without dashes
 * letter   short name; 0 = none
 * value    what the argument is called; NULL = a switch
 * help     one line
 * completes  what a shell offers for the value: "file", "folder", "target", "service", or
 *          the words themselves; NULL = nothing
 * is_setting  may a settings file or GONOGO_NAME say it, too? Never what decides about a run.
 */
struct cli_option_row {
    const char *name;
    int letter;
    const char *value;
    const char *help;
    const char *completes;
    bool is_setting;
};
extern const struct cli_option_row cli_options[OPTION__COUNT];

struct cli;
/*
 * name      the verb
 * operands  as printed behind it
 * least     operands that are needed
 * most      operands that are allowed
 * options   OPTION_BIT of each that it knows; --help always
 * summary   one line
 * action    returns the exit code
 */
struct cli_command {
    const char *name;
    const char *operands;
    size_t least;
    size_t most;
    uint64_t options;
    const char *summary;
    int (*action)(struct cli *cli);
};
extern const struct cli_command cli_commands[];
extern const size_t cli_command_count;
const struct cli_command *cli_find_command(const char *name);
bool cli_knows_option(const struct cli_command *command, int option);
/* Is it an option of every command? */
bool cli_is_everywhere(int option);

/* The command line, read. */
struct cli {
    struct arena arena;
    const struct cli_command *command; /* NULL: no verb */
    bool given[OPTION__COUNT];
    const char *values[OPTION__COUNT];
    const char **operands; /* behind the verb */
    size_t operand_count;
    bool ended;                  /* the last line was said already */
    bool silent_end;             /* no last line: the result is all that was asked for */
    struct front_ending ending;  /* of a run */
    struct front_cast *cast;     /* of --cast; NULL: none */
    bool gone;                   /* the run is removed at the end: it cannot be resumed */
    int64_t began_us;            /* loop_now_us() */
    char next[2 * ERR_TEXT_MAX]; /* one next command; empty: chosen by the exit code */
    /* Where an option's value came from, for people; NULL: nobody said it. */
    const char *origins[OPTION__COUNT];
};
/* False with `err` (usage) when the line cannot be understood. */
bool cli_read_options(struct cli *cli, int argc, char **argv, struct err *err) MUST_CHECK;
void cli_write_help(struct strbuf *out, const struct cli_command *command); /* NULL: all */
/* Appends the sample plans of the demo, one a line. */
void cli_write_samples(struct strbuf *out);

/* What flags left open is taken from the environment and from the settings files; with an
 * exit code when one of them is wrong. */
bool cli_apply_settings(struct cli *cli, int *code) MUST_CHECK;
/* Each setting, its value and who says so. */
void cli_write_settings(struct strbuf *out, const struct cli *cli);
/* "GONOGO_THEME" of an option, in `arena`. */
const char *cli_setting_variable(struct arena *arena, int option);
/* The files that are read, nearest first, as people write them. */
struct cli_settings_place {
    const char *path;
    const char *help;
};
extern const struct cli_settings_place cli_settings_places[];
extern const size_t cli_settings_place_count;
/* What `help` knows besides the commands and the codes; one word each, blanks between. */
extern const char cli_topics[];
/* ------------------------------------------------------------------ printing */

/* Results go to stdout, talk to stderr; texts of others must be sanitised before. */
void cli_out(struct strbuf *text); /* prints and clears */
void cli_talk(const char *format, ...) PRINTF_LIKE(1, 2);
/* The same, and into the recording of --cast. */
void cli_say(const struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3);
/* With -v only. */
void cli_verbose(const struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3);
/* "gonogo: error: …", detail and hint, sanitised. */
void cli_error(const struct err *err);
/* Prints it and returns the exit code that it means. */
int cli_fail(const struct err *err);
/* A usage error in our own words; returns 2. */
int cli_usage(const char *format, ...) PRINTF_LIKE(1, 2);
/* What an exit code means, for the last line and for `help exit`. */
struct cli_exit {
    int code;
    const char *meaning;
    const char *advice; /* one next thing to do */
};
extern const struct cli_exit cli_exits[];
extern const size_t cli_exit_count;
const struct cli_exit *cli_exit_of(int code);
void cli_last_line(const struct cli *cli, int code);

/* Variables of the environment that mean something here, for people. */
struct cli_variable {
    const char *name;
    const char *help;
};
extern const struct cli_variable cli_variables[];
extern const size_t cli_variable_count;
extern const struct cli_variable cli_formats[]; /* of check, in the same way */
extern const size_t cli_format_count;
/* The manual pages as roff, the completions as shell text. */
void cli_write_manual(struct strbuf *out);
void cli_write_plan_manual(struct strbuf *out);
void cli_write_policy_manual(struct strbuf *out);
void cli_write_bash(struct strbuf *out);
void cli_write_zsh(struct strbuf *out);
void cli_write_fish(struct strbuf *out);

/* ------------------------------------------------------------------ findings */

struct lint_finding;
struct lint_result;
/* "reason (anna, until 2026-12-31)" of one that is waived. */
void cli_waiver_text(struct strbuf *out, const struct lint_finding *finding);
/* The statements of a file of the plan's lint result; NULL: there are none. */
const struct sql_script *cli_script_of(const struct app_plan *plan, size_t file);
/* Where the statement of a finding ends: the place behind its last byte. `= {0}` at first; it
 * remembers the last one. */
struct cli_end {
    bool known;
    size_t file, statement;
    struct sql_place place;
};
/* False: the finding is of no statement, or begins where that ends. */
bool cli_finding_end(const struct app_plan *plan, const struct lint_finding *finding,
                     struct cli_end *end);
/* Appends the path of a file of the plan as seen from the folder that gonogo was run in; empty:
 * the plan itself. */
void cli_file_path(struct strbuf *out, const struct app_plan *plan, struct str file);
/* One finding of the rules, as `explain --json` and `check --json` have it. */
struct json *cli_finding_json(const struct lint_finding *finding);
/* Does it make the exit code 10? HIGH and BLOCK do, unless waived. */
bool cli_finding_is_serious(const struct lint_finding *finding);
/* The first of the worst; NULL: none is serious. */
const struct lint_finding *cli_worst_serious(const struct lint_result *result);
/* "012.sql:41:1: block: D1: what" and a line feed, sanitised. */
void cli_finding_line(struct strbuf *out, const struct lint_result *result,
                      const struct lint_finding *finding);

/* ------------------------------------------------------------------- helpers */

/* The plan with its diagnostics printed on stderr; exit code in *code when false. */
bool cli_load_plan(struct app_plan *plan, const char *path, int *code) MUST_CHECK;
void cli_print_diagnostics(const struct plan_diagnostics *diagnostics);
/* Reads and judges an answers file; NULL with *code. Lives in the arena. */
const struct answers *cli_load_answers(const char *path, const struct plan *plan,
                                       struct arena *arena, int *code) MUST_CHECK;
/* The same for a policy. */
const struct policy *cli_load_policy(const char *path, struct arena *arena,
                                     int *code) MUST_CHECK;
/* What --policy names is held against the plan: what it finds joins the plan's diagnostics.
 * False with *code: it cannot be used. */
bool cli_hold_against_policy(struct cli *cli, struct app_plan *plan, int *code) MUST_CHECK;
/* Connection flags, with a password asked for when -W is given. */
bool cli_connection(struct cli *cli, struct app_connection *connection,
                    struct err *err) MUST_CHECK;
/* A whole file that the person named; "-" is standard input. */
bool cli_read_file(const char *path, size_t max, struct strbuf *out,
                   struct err *err) MUST_CHECK;
/* Is there somebody at a terminal on both ends? */
bool cli_has_terminal(void);

/* Which front a run gets. */
enum cli_face {
    CLI_FACE_PERSON, /* screens, or plain prompts */
    CLI_FACE_HEADLESS
};
/* What run, resume, rollback and demo have in common. */
struct cli_walk {
    struct cli *cli;
    enum cli_face face;
    const struct answers *answers;
    bool open_rollback;
    struct demo *const *demo; /* NULL: no demo; what it leads to is set when it stands */
    const char *sample;       /* the demo's plan by name, for its troubles; NULL: no demo */
    app_front_open open;      /* filled by cli_face_of() */
    void *ctx;
};
/* Chooses the face by flags and terminal; ERR_USAGE when there is nobody to ask. */
bool cli_face_of(struct cli_walk *walk, struct err *err) MUST_CHECK;
/* The screens; on a terminal that cannot show them, plain prompts. ERR_USAGE: a look that is
 * none. */
bool cli_open_screens(struct cli_walk *walk, struct err *err) MUST_CHECK;
/* Time and speed of a simulated clock from the flags. */
bool cli_clock(struct cli *cli, struct app_run_options *options, struct err *err) MUST_CHECK;
/* The callback that tells where the run is kept. */
void cli_started(void *ctx, const struct app_view *view);
/* --cast: begins the recording; the end tells when it could not be written. */
bool cli_cast_begin(struct cli *cli, struct err *err) MUST_CHECK;
void cli_cast_end(struct cli *cli);
/* -v: the plan's files with size and hash. */
void cli_tell_plan(const struct cli *cli, const struct app_plan *plan);
/* Appends Markdown to the file of GITHUB_STEP_SUMMARY, when it is set, up to its cap. */
void cli_step_summary(const struct cli *cli, int code, struct str markdown);
/* The same with the run's report. */
void cli_run_summary(const struct cli *cli, int code);
/* The report.md of the run that ended; `out` stays empty when there is none. */
void cli_read_report(const struct cli *cli, struct strbuf *out);
/* How the exit code and what is certain are said, without advice. */
void cli_verdict_text(const struct cli *cli, int code, struct strbuf *out);
/* Prints the err of a run that ended without a model to say why; returns the code. */
int cli_run_over(struct cli *cli, int code, const struct err *err);

/* the actions */
int cli_run_run(struct cli *cli);
int cli_run_resume(struct cli *cli);
int cli_run_rollback(struct cli *cli);
int cli_run_abandon(struct cli *cli);
int cli_run_status(struct cli *cli);
int cli_run_runs(struct cli *cli);
int cli_run_check(struct cli *cli);
int cli_run_show(struct cli *cli);
int cli_run_new(struct cli *cli);
int cli_run_explain(struct cli *cli);
int cli_run_report(struct cli *cli);
int cli_run_demo(struct cli *cli);
int cli_run_notify(struct cli *cli);
int cli_run_dev(struct cli *cli);
int cli_run_help(struct cli *cli);

/* 2024-01-31T08:00:00Z */
void cli_add_time(struct strbuf *out, int64_t at_us);
/* Does this word of `status` mean a plan? Else it is a run. */
bool cli_is_plan_word(const char *word);
/* status PLAN: its migrations by the ledger. */
int cli_status_plan(struct cli *cli);
/* check: what is found, in each format. */
enum check_format {
    CHECK_TEXT,
    CHECK_JSON,
    CHECK_GITHUB,
    CHECK_SARIF
};
enum {
    CHECK_EXIT_BAD_PLAN = 2,
    CHECK_EXIT_COUNTS = 5,
    CHECK_EXIT_FINDINGS = 10
};
/* What check --db said; `lines` empty: it was not asked. */
struct check_preflight {
    struct strbuf lines;
    int exit;
    bool asked;
};
/* `code`: the exit code that it will come to. May print a part of `out` already. */
void cli_write_check(struct strbuf *out, enum check_format format, const struct app_plan *plan,
                     const struct check_preflight *preflight, int code);
void cli_write_sarif(struct strbuf *out, const struct app_plan *plan,
                     const struct check_preflight *preflight, int code);
/* Takes "ok", "not ok" or "note" off a line of the preflight. */
struct str cli_cut_verdict(struct str line, const char **word);
/* Diagnostics as a Markdown table, errors first. */
void cli_write_check_summary(struct strbuf *out, const struct app_plan *plan,
                             const struct check_preflight *preflight);
/* check --write-hashes: puts the files' hashes into the plan, in place. */
int cli_write_hashes(const struct app_plan *plan);

/* The seconds of --writes, explain_target.c; stays what it is when it is not given. */
bool cli_writes_seconds(struct cli *cli, int *seconds, struct err *err) MUST_CHECK;
/* ", STILL WRITTEN: 12 rows in 30 s"; 0 seconds: there was one look, and that cannot tell. */
void cli_add_recent_writes(struct strbuf *out, const struct lint_destroyed *gone, int seconds);

#endif
