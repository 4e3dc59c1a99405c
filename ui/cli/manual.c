/* SPDX-License-Identifier: PostgreSQL */
/*
 * The manual pages gonogo(1), gonogo-plan(5) and gonogo-policy(5), written from the tables that
 * the program itself uses, so that what is told and what is accepted cannot drift apart. `make
 * install` puts them where man(1) looks.
 */
#include "cli_private.h"
#include "demo_sample.h"
#include "tui.h"

const struct cli_variable cli_formats[] = {
    {"text",
     "a line each, as a compiler writes them: FILE:LINE:COLUMN: error[CODE] for the plan, "
     "FILE:LINE:COLUMN: SEVERITY: RULE for its SQL; then digest, totals, risk"},
    {"json",
     "one document, \"v\": 1, keys sorted: plan, good, name, digest, errors, warnings, "
     "diagnostics (line, column, severity, code, path, message), findings (file, line, "
     "column, rule, severity, message, object, safer, not_known, waived_by, waived_why, "
     "waived_until), targets (id, guarded, approval); with --db preflight (exit, lines). "
     "A member may be added; none changes its meaning while v is 1"},
    {"github",
     "workflow commands of GitHub: annotations at the places in plan and SQL files, at "
     "most ten of a kind; paths are relative to the folder that gonogo is run in, so "
     "run it where the checkout is"},
    {"sarif",
     "SARIF 2.1.0 for code scanning and editors: a result for each diagnostic and "
     "finding, with rule pages, regions, fingerprints that outlive a move, and waivers "
     "as suppressions; level is error for BLOCK, warning for HIGH and MEDIUM, and "
     "properties.severity has our own word; what --db found is a notification of the "
     "invocation. Paths are relative to %SRCROOT%, the folder that gonogo is run in"},
};
const size_t cli_format_count = COUNT_OF(cli_formats);

const struct cli_variable cli_variables[] = {
    {"PG*", "libpq's own: PGHOST, PGPORT, PGUSER, PGDATABASE, PGSERVICE, PGPASSFILE and the "
            "others, for what target and flags leave open"},
    {"PGPASSWORD", "works, with a warning: other processes of the account may read it"},
    {"XDG_STATE_HOME", "the records of runs stand in gonogo/runs beneath it; without it in "
                       "~/.local/state"},
    {"XDG_CACHE_HOME", "templates of throw-away servers; without it in ~/.cache"},
    {"XDG_RUNTIME_DIR", "a place for throw-away servers when TMPDIR does not do"},
    {"TMPDIR", "the first place for throw-away servers and the record of a demo"},
    {"GITHUB_STEP_SUMMARY", "check, run, resume, rollback and demo append their verdict and "
                            "report to this file"},
    {"GONOGO_BINDIR", "the folder of pg_dump, pg_restore, initdb and postgres"},
};
const size_t cli_variable_count = COUNT_OF(cli_variables);

/* Roff reads a backslash, and a point or an apostrophe at the start of a line. */
static void add(struct strbuf *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        bool first = out->len == 0 || out->ptr[out->len - 1] == '\n';
        strbuf_text(out, first && (*at == '.' || *at == '\'') ? "\\&" : "");
        strbuf_text(out, *at == '\\' ? "\\e" : *at == '-' ? "\\-" : "");
        if (*at != '\\' && *at != '-') {
            strbuf_byte(out, *at);
        }
    }
}

static void item(struct strbuf *out, const char *name, const char *value, const char *text)
{
    strbuf_text(out, ".TP\n\\fB");
    add(out, name);
    strbuf_text(out, "\\fR");
    if (value && value[0]) {
        strbuf_text(out, " \\fI");
        add(out, value);
        strbuf_text(out, "\\fR");
    }
    strbuf_byte(out, '\n');
    add(out, text);
    strbuf_byte(out, '\n');
}

static void screen_item(void *ctx, const char *name, const char *rest, const char *help)
{
    item(ctx, name, rest, help);
}

static void option_item(struct strbuf *out, int option)
{
    const struct cli_option_row *row = &cli_options[option];
    struct strbuf name = {0};
    if (row->letter) {
        strbuf_format(&name, "-%c, ", row->letter);
    }
    strbuf_format(&name, "--%s", row->name);
    item(out, name.ptr, row->value, row->help);
    strbuf_release(&name);
}

static void commands(struct strbuf *out)
{
    strbuf_text(out, ".SH COMMANDS\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct cli_command *command = &cli_commands[i];
        item(out, command->name, command->operands, command->summary);
        const char *comma = ".br\nOptions: ";
        for (int k = 0; k < OPTION__COUNT; k++) {
            if (cli_knows_option(command, k) && !cli_is_everywhere(k)) {
                strbuf_text(out, comma);
                strbuf_text(out, "\\-\\-");
                add(out, cli_options[k].name);
                comma = ", ";
            }
        }
        strbuf_text(out, comma[0] == ',' ? ".\n" : "");
    }
}

static void exits(struct strbuf *out)
{
    strbuf_text(out, ".SH EXIT STATUS\n");
    for (size_t i = 0; i < cli_exit_count; i++) {
        char number[8];
        (void)snprintf(number, sizeof(number), "%d", cli_exits[i].code);
        item(out, number, NULL, cli_exits[i].meaning);
    }
    strbuf_text(out, ".PP\nThe worst fact wins: 9, 11, 8, 3, 5, 6. The last line on standard "
                     "error says it in words.\n");
}

static void settings(struct strbuf *out)
{
    struct arena arena = {0};
    struct strbuf text = {0};
    for (int i = 0; i < OPTION__COUNT; i++) {
        const struct cli_option_row *row = &cli_options[i];
        if (row->is_setting) {
            strbuf_clear(&text);
            strbuf_format(&text, "as --%s: %s%s", row->name, row->help,
                          row->value ? "" : "; yes or no");
            item(out, cli_setting_variable(&arena, i), NULL, text.ptr);
        }
    }
    strbuf_text(out, ".SH FILES\n");
    for (size_t i = 0; i < cli_settings_place_count; i++) {
        item(out, cli_settings_places[i].path, NULL, cli_settings_places[i].help);
    }
    strbuf_text(out, ".PP\n");
    add(out, "The keys of these YAML files are the options that the environment may say, too:");
    for (int i = 0; i < OPTION__COUNT; i++) {
        if (cli_options[i].is_setting) {
            strbuf_byte(out, ' ');
            add(out, cli_options[i].name);
        }
    }
    strbuf_text(out, ".\n.PP\n");
    add(out, "A flag goes before the environment, that before the files, each file before the "
             "next, and those before what is built in. What decides about a run (target, "
             "approval, answers, clock) is never taken from them. `gonogo help settings` shows "
             "what holds and who says so.\n");
    strbuf_release(&text);
    arena_release(&arena);
}

/* What stands in a run's directory, for those who read it with other programs. */
static void record(struct strbuf *out)
{
    strbuf_text(out, ".SH THE RECORD OF A RUN\n");
    add(out,
        "journal.jsonl in a run's directory holds one JSON object a line, each with the hash "
        "of the one before. The first is the `head`: plan, target, digests. An `event` is "
        "what was answered, measured or decided, written before the program acts on it; an "
        "`announce` is what it is about to do to the target, on disk before it is done. "
        "`gonogo report RUN --verify` checks the chain.\n");
    strbuf_text(out, ".PP\n");
    add(out,
        "The event `context` says that the files were judged by what the target shows: "
        "`outcome`; `hash`, the name of the file beside the journal that holds the verdicts; "
        "`text`, what is not known and why. `found` says what the rules block from then on, "
        "with `id` \"files\" for GO and \"undo\" for the ways back; each of its items has "
        "the name by which it is overridden (012.D1, 012.undo.D1), the rule, the place and "
        "how many there are. An `override` is the decision of a person about one of them, "
        "about an item of the checklist, or, as L23, about who was in the way at GO.\n");
}

static void terminals(struct strbuf *out)
{
    strbuf_text(out, ".SH TERMINALS\n");
    add(out, "The screens want 80 columns and 24 rows; below that four lines stay, and the run "
             "goes on. A terminal that TERM does not name is tried as xterm-256color, then as "
             "vt100; without cursor addressing the plain prompts are used, as with --plain.\n");
    strbuf_text(out, ".PP\n");
    add(out,
        "The title of the window is set at HOLD, failure and gates where the terminal is "
        "known to have one (terminfo flag XT, or a TERM that begins with xterm, tmux or "
        "screen). To put the old one back it must keep a stack of titles (CSI 22 t and "
        "23 t, as xterm, VTE, kitty, iTerm2 and tmux do). Without a stack the last title "
        "stays: the next prompt of the shell, or printf '\\033]2;\\007', takes it away.\n");
    strbuf_text(out, ".PP\n");
    add(out, "The mouse, off unless asked for, is understood as SGR reports (1006) and as the "
             "older X10 reports, which end at column 223. Copying uses OSC 52, within tmux its "
             "own buffer, and always a file of the run as well. Pasted text is known by "
             "bracketed paste (2004); where a terminal has none, a paste is what was typed: "
             "boxes drop what comes in the first 0.4 s, and no single key starts anything.\n");
}

/* What screens and reports take from the server's statistics, and when they say "??". */
static void statistics(struct strbuf *out)
{
    strbuf_text(out, ".SH WHAT THE SERVER COUNTS\n");
    add(out,
        "Who still writes to a table that the plan drops or empties is asked every ten "
        "seconds, from PREP until the first file begins, from the counters of rows inserted, "
        "updated and deleted (track_counts). Shown are the rows of the last five minutes, or "
        "since the first look. A reset of the statistics, a crash of the server, a pause of "
        "the run or a table made anew hides some: then it is ?? or at least so many, never 0. "
        "A session tells its counters up to a second late, and at its end. `explain` and "
        "`check --db` do the same with --writes, over as many seconds as it says.\n");
    strbuf_text(out, ".PP\n");
    add(out, "WAL archiving is what pg_stat_archiver says, by the server's own clock: it works "
             "when the newest try did. Whether the archive can be restored from it does not "
             "say.\n");
}

static void watching(struct strbuf *out)
{
    strbuf_text(out, ".SH WATCHING\n");
    add(out, "MONITOR names what is new since the migration. What statements take is read from "
             "pg_stat_statements, in the target's database or, where that has no such "
             "extension, in the database postgres of the same server: once before the first "
             "change, and every three turns of the probes (five to sixty seconds) in the "
             "watch, later if a look takes long, by a session of its own that only reads and "
             "ends a question after ten seconds. Two answers are subtracted, for the target's "
             "database only. A statement "
             "is slow when its mean is above the plan's slow_statements limit (over; 1 s "
             "without one) and was not before, slower when it takes at least twice as long and "
             "that is felt: a quarter of the limit more, or a tenth of one session's time.\n");
    strbuf_text(out, ".PP\n");
    add(out, "Without the extension, after a reset of its counters or a restart of the server, "
             "for statements that the server forgot (pg_stat_statements.max) and for those of "
             "others that the role may not see (pg_read_all_stats), the screen says that it is "
             "not known. A statement that fails is not counted by the server: only a log that "
             "the plan watches tells of it; of each look its last matching line.\n");
    strbuf_text(out, ".PP\n");
    add(out,
        "The probes ask at the plan's pace. On MONITOR > and <, elsewhere :every, make "
        "them ask more often, down to twice a second; less often than the plan is refused. "
        "A probe whose answer took long is asked again after a hundred times that, at the "
        "plan's pace at the latest.\n");
}

static void head(struct strbuf *out, const char *name, int section, const char *summary)
{
    strbuf_format(out, ".TH %s %d \"\" \"gonogo %s\"\n.SH NAME\n", name, section,
                  GONOGO_VERSION);
    add(out, name);
    strbuf_text(out, " \\- ");
    add(out, summary);
    strbuf_byte(out, '\n');
}

void cli_write_manual(struct strbuf *out)
{
    head(out, "gonogo", 1, "walk a PostgreSQL maintenance window");
    strbuf_text(out, ".SH SYNOPSIS\n\\fBgonogo\\fR \\fICOMMAND\\fR [\\fIWORD\\fR...] "
                     "[\\fIOPTION\\fR...]\n.SH DESCRIPTION\n");
    add(out, "gonogo walks a DBA through a PostgreSQL maintenance window: checklist, backup "
             "proven by a restore, go/no-go poll, migrations statement by statement, "
             "verification, monitoring, a way back, and a report. The plan is a YAML file; see "
             "gonogo-plan(5).\n");
    strbuf_text(out, ".PP\n");
    add(out, "Options stand before or behind the command and are never abbreviated. Results go "
             "to standard output, talk to standard error. No command has a password option: "
             "use ~/.pgpass, a service file, or -W.\n");
    commands(out);
    strbuf_text(out, ".SH OPTIONS\n");
    for (int i = 0; i < OPTION__COUNT; i++) {
        option_item(out, i);
    }
    strbuf_text(out, ".SH FORMATS OF CHECK\n");
    for (size_t i = 0; i < cli_format_count; i++) {
        item(out, cli_formats[i].name, NULL, cli_formats[i].help);
    }
    exits(out);
    strbuf_text(out, ".SH SAMPLE PLANS\n");
    for (size_t i = 0; i < demo_sample_count; i++) {
        item(out, demo_samples[i].name, NULL, demo_samples[i].comment);
    }
    strbuf_text(out, ".SH KEYS OF THE SCREENS\n");
    tui_each_key(screen_item, out);
    strbuf_text(out, ".SH COMMANDS OF THE SCREENS\n");
    tui_each_command(screen_item, out);
    record(out);
    terminals(out);
    statistics(out);
    watching(out);
    strbuf_text(out, ".SH ENVIRONMENT\n");
    for (size_t i = 0; i < cli_variable_count; i++) {
        item(out, cli_variables[i].name, NULL, cli_variables[i].help);
    }
    settings(out);
    strbuf_text(out, ".SH SEE ALSO\n.BR gonogo\\-plan (5),\n.BR gonogo\\-policy (5),\n.BR psql "
                     "(1),\n.BR pg_dump (1)\n");
}

/* A reference gives "**path** (type)", ": text" and an empty line for each key. */
static void keys(struct strbuf *out, const struct strbuf *reference)
{
    struct str rest = strbuf_str(reference);
    struct str line;
    strbuf_text(out, ".SH KEYS\n");
    while (str_cut(&rest, '\n', &line)) {
        struct strbuf text = {0};
        if (str_starts(line, "**")) {
            struct str tail = str_slice(line, 2, line.len);
            size_t end = str_find_byte(tail, '*', 0);
            strbuf_add(&text, str_slice(tail, 0, end));
            strbuf_text(out, ".TP\n\\fB");
            add(out, text.ptr);
            strbuf_text(out, "\\fR");
            strbuf_clear(&text);
            strbuf_add(&text, str_slice(tail, end + 2, tail.len));
            add(out, text.len > 0 ? text.ptr : "");
            strbuf_byte(out, '\n');
        } else if (str_starts(line, ": ")) {
            strbuf_add(&text, str_slice(line, 2, line.len));
            add(out, text.len > 0 ? text.ptr : "");
            strbuf_byte(out, '\n');
        }
        strbuf_release(&text);
    }
}

void cli_write_plan_manual(struct strbuf *out)
{
    struct strbuf reference = {0};
    head(out, "gonogo-plan", 5, "the plan of a maintenance window");
    strbuf_text(out, ".SH DESCRIPTION\n");
    add(out, "A plan is one YAML file beside its SQL, up to 1 MiB. Unknown keys, keys given "
             "twice, a missing unit, files outside of its folder and aliases are errors with "
             "line and column; `gonogo check` tells all of them at once. [] stands for each "
             "item of a list.\n");
    plan_reference(&reference);
    keys(out, &reference);
    strbuf_text(out, ".SH SEE ALSO\n.BR gonogo (1),\n.BR gonogo\\-policy (5)\n");
    strbuf_release(&reference);
}

/* The breaches of a policy: codes that begin with E. */
static void breaches(struct strbuf *out)
{
    size_t count;
    const struct plan_code *codes = plan_codes(&count);
    strbuf_text(out, ".SH FINDINGS\n");
    for (size_t i = 0; i < count; i++) {
        if (codes[i].code[0] == 'E') {
            item(out, codes[i].code, NULL, codes[i].text);
        }
    }
}

static const char policy_example[] = "name_pattern: '^[0-9]{3}_[a-z0-9_]+[.]sql$'\n"
                                     "require: [undo, checks, docs]\n"
                                     "promotion: [development, preview, production]\n"
                                     "recovery_max: 5m\n"
                                     "index_concurrently: true\n";

void cli_write_policy_manual(struct strbuf *out)
{
    struct strbuf reference = {0};
    head(out, "gonogo-policy", 5, "what a house asks of every plan");
    strbuf_text(out, ".SH DESCRIPTION\n");
    add(out,
        "A policy is one YAML file, apart from the plans that `gonogo check --policy FILE "
        "PLAN` holds against it. Every key may be left out. It is read as strictly as a "
        "plan; what a plan lacks is a warning with the place in the plan, and `check` ends "
        "with 10. `gonogo run --policy FILE PLAN` refuses a plan that breaks it, with 2, "
        "before "
        "anything is contacted.\n");
    add(out,
        "A breach is told of the plan, it is no finding of a rule, so that no waiver takes it "
        "away: whoever needs an exception changes the policy.\n");
    add(out, "Numbers of migrations are looked at whenever there is a policy: up to six digits "
             "they follow each other without a gap; longer ones are points in time.\n");
    add(out,
        "All of it is read off plan and files: nothing is contacted for a policy. `promotion` "
        "wants each target to name the rehearsal on the environment before it; no evidence of "
        "that rehearsal is asked for, and a run on such a target says so.\n");
    policy_reference(&reference);
    keys(out, &reference);
    breaches(out);
    strbuf_text(out, ".SH EXAMPLE\n.nf\n");
    add(out, policy_example);
    strbuf_text(out, ".fi\n.SH SEE ALSO\n.BR gonogo (1),\n.BR gonogo\\-plan (5)\n");
    strbuf_release(&reference);
}
