/* SPDX-License-Identifier: PostgreSQL */
/*
 * app: the shell around the engine. It performs effects, gathers events, writes
 * both into the journal in the right order, and lets a front show the model.
 *
 * Here is what the command line and the fronts need: a plan loaded with all its
 * files, a run that walks through it, a run that goes on, runs that are only
 * looked at. Nothing in this room prints; texts go to the caller.
 */
#ifndef GONOGO_APP_H
#define GONOGO_APP_H

#include "base.h"
#include "catalog.h"
#include "engine.h"
#include "journal.h"
#include "lint.h"
#include "plan.h"
#include "plan_policy.h"
#include "sql.h"

/* ----------------------------------------------------------- the process itself */

/*
 * First thing in main(): no core files, not dumpable, SIGPIPE and SIGXFSZ ignored, umask
 * 077, large memory given back when it is freed. False only when it could not be done.
 */
bool app_harden(struct err *err) MUST_CHECK;
/* Warnings about the surroundings for people, one line each: PGPASSWORD, a loose passfile. */
size_t app_surroundings(struct arena *arena, struct str *warnings, size_t max);
/* "anna@host" of the account that runs us. */
struct str app_operator(struct arena *arena);
/* XDG_STATE_HOME/gonogo/runs, else ~/.local/state/gonogo/runs; ptr NULL when there is neither.
 */
const char *app_runs_root(struct arena *arena);

/* -------------------------------------------------------------------- a plan */

/* A query of the plan (of a check, a count, an item, a probe), cut and described. */
struct app_query {
    struct plan_mark mark;     /* of its `sql:` or `file:` */
    struct str file;           /* empty: its text stands in the plan */
    struct sql_script *script; /* never NULL */
};

struct app_lint_world;

/*
 * A plan with everything that it names, read once: those bytes are hashed, approved,
 * executed and stored. `= {0}` is empty.
 */
struct app_plan {
    struct arena arena;
    const char *path;   /* as given */
    const char *folder; /* of the plan, full path */
    struct plan_diagnostics diagnostics;
    int64_t today_us;              /* by which waivers expire: now, of a run its day */
    struct plan *plan;             /* NULL when it has errors that leave nothing to look at */
    bool good;                     /* no error at all: it can be run */
    const struct plan_file *files; /* plan_files() */
    size_t file_count;
    struct plan_file_state *states; /* one per file */
    struct sha256_hex digest;       /* when all files are there */
    /* What the files say, cut and described; by step, by step, by rollback option. NULL: none.
     */
    struct sql_script **step_scripts;
    struct sql_script **undo_scripts;
    struct sql_script **option_scripts;
    struct app_query *queries; /* those that could be cut */
    size_t query_count;
    const struct lint_result *lint; /* NULL: the analysis crashed */
    struct app_lint_world *world;   /* what `lint` knows of a server; NULL: nothing */
    bool described; /* false: the analysis crashed; statements are "not analysed" */
};
/*
 * Reads the plan and its files (each opened once, beneath the plan's folder), checks,
 * cuts. True whenever there is something to show: look at `good` and the diagnostics.
 * False when the plan file itself cannot be read.
 */
bool app_plan_load(struct app_plan *plan, const char *path, struct err *err) MUST_CHECK;
void app_plan_release(struct app_plan *plan);
/*
 * Adds what the plan and its files say against the policy to the diagnostics, as warnings.
 * False when the plan's folder cannot be looked into. The plan must have been read.
 */
bool app_policy_check(struct app_plan *plan, const struct policy *policy,
                      struct err *err) MUST_CHECK;
/* The bytes of a file of the plan; ptr NULL when it is not there. */
struct str app_plan_bytes(const struct app_plan *plan, struct str path);
/* The target to use: by id, or the only one. ERR_USAGE names the ones there are. */
const struct plan_target *app_plan_target(const struct app_plan *plan, const char *id,
                                          struct err *err);
/* Digest of what is approved: plan, target and its pins. */
struct sha256_hex app_plan_approval(const struct app_plan *plan,
                                    const struct plan_target *target);

/* --------------------------------------------------------------- connections */

/* What flags say; NULL = nothing. A flag that contradicts the plan is an error. */
struct app_connection {
    const char *host;
    const char *port;
    const char *user;
    const char *database;
    const char *service;
    const char *password; /* typed at a prompt: goes to libpq only */
};

/* --------------------------------------------------------------------- a run */

struct app_value {
    const char *name;
    const char *value;
};

struct loop;
struct performer;

/* What a front gets when it is opened; everything outlives it. */
struct app_view {
    const struct run *run;
    const struct app_plan *plan;
    const char *run_id;
    const char *directory;  /* of the run */
    const char *connection; /* redacted: "host=… dbname=…" */
    struct loop *loop;
    const struct journal_head *head;
    struct journal *journal;
    const struct performer *performer;
};
/* Fills `front`. */
typedef bool (*app_front_open)(void *ctx, const struct app_view *view, struct front *front,
                               struct err *err);

struct app_run_options {
    const char *plan_path;
    struct app_plan *loaded; /* from plan_path, taken and left empty; NULL: loaded here */
    const char *target;      /* NULL: the only one */
    enum run_mode mode;
    const char *approve; /* digest that must be the approval; NULL: not asked */
    struct app_connection connection;
    /*
     * Values for ${name} that the caller knows better than the plan (the demo's
     * server), recorded in the head. The name `app_socket` is special: endpoints are
     * then fetched over that unix socket (curl --unix-socket).
     */
    const struct app_value *values;
    size_t value_count;
    bool simulated_clock; /* the run's clock starts at clock_at_us */
    int64_t clock_at_us;
    double time_scale;          /* of MONITOR; 0 = 1 */
    const char *runs_root;      /* NULL: app_runs_root() */
    const char *answers_sha256; /* of the answers file, for the report; NULL: none */
    const char *report_folder;  /* NULL: "report" in the run directory */
    bool headless; /* no terminal: SIGINT, like SIGTERM and SIGHUP, means hold and leave */
    app_front_open front_open;
    void *front_ctx;
    /* Told once the run has a directory, before anything is contacted. May be NULL. */
    void (*started)(void *ctx, const struct app_view *view);
    void *started_ctx;
};

/*
 * Walks one run to its end or to where it is left. Returns the exit code of the
 * command line; when that is not 0 and no model could say why, `err` does
 * (err->kind is ERR_NONE otherwise).
 */
int app_run(const struct app_run_options *options, struct err *err);
/* The exit code that an error alone means. */
int app_exit_code_of(const struct err *err);

struct app_resume_options {
    const char *run;       /* id, unique beginning of an id, or a path; NULL: the newest */
    const char *runs_root; /* NULL: app_runs_root() */
    struct app_connection
        connection; /* fills only what the head leaves open, and the password */
    bool headless;
    bool rollback; /* for its ways back: a run that is over may be taken up, too */
    app_front_open front_open;
    void *front_ctx;
    void (*started)(void *ctx, const struct app_view *view);
    void *started_ctx;
};
/* Goes on with a run that was left or broke off. */
int app_resume(const struct app_resume_options *options, struct err *err);

struct app_abandon_options {
    const char *run;       /* id, unique beginning of an id, or a path */
    const char *runs_root; /* NULL: app_runs_root() */
    const char *reason;    /* needed */
    const char *who;       /* a claim; NULL: the user of the operating system */
    void (*ended)(void *ctx, const struct run *run); /* before the model goes; may be NULL */
    void *ctx;
};
/*
 * Ends a run that was left or broke off, for good: who, why and the report are written,
 * nothing is contacted but the plan's hooks, nothing is undone. Refused while a process works
 * on it, and when what became of a statement is not known. 0, or the exit code of `err`.
 */
int app_abandon(const struct app_abandon_options *options, struct err *err);

/* ------------------------------------------------------- runs, looked at only */

/* A run folded from its journal: the model as it stands, no connection, no lock. */
struct app_fold {
    struct arena arena;
    const char *directory;
    struct journal_log log;
    struct app_plan plan; /* from the stored bytes */
    struct run_setup setup;
    struct run run;
    bool locked;      /* a process worked on it when it was read */
    bool initialised; /* run_init() was called */
};
bool app_fold(struct app_fold *fold, const char *run, const char *runs_root,
              struct err *err) MUST_CHECK;
void app_fold_release(struct app_fold *fold);
/* Who looks on while a record is replayed. */
struct app_watcher {
    void *ctx;
    void (*seen)(void *ctx, const struct run *run);   /* after each event */
    bool (*enough)(void *ctx, const struct run *run); /* true: the rest is not folded */
};
/* As app_fold(), but no further than the record `until`, and somebody may look on. */
bool app_replay(struct app_fold *fold, const char *run, const char *runs_root, uint64_t until,
                const struct app_watcher *watcher, struct err *err) MUST_CHECK;

/* One line of `gonogo runs`. */
struct app_listed {
    struct str id;
    struct str plan; /* name */
    struct str target;
    struct str digest;
    enum journal_verdict verdict;
    bool readable; /* its journal has a head */
    bool locked;   /* a process works on it now */
    int64_t started_us;
    enum state state;
    bool ended;
    bool abandoned; /* ended by a person before its end */
    int exit_code;
};
struct app_list {
    struct arena arena;
    struct app_listed *items; /* newest first */
    size_t count;
};
bool app_list_runs(struct app_list *list, const char *runs_root, struct err *err) MUST_CHECK;
void app_list_release(struct app_list *list);
/* Full path of the directory of a run; see app_resume_options.run. */
const char *app_find_run(struct arena *arena, const char *run, const char *runs_root,
                         struct err *err);

/* -------------------------------------------------------------------- report */

/*
 * Writes the report of a folded run into `folder` (NULL: "report" in its directory).
 * `formats` is a comma list ("md,html,json,junit"), NULL = all.
 */
bool app_report(const struct app_fold *fold, const char *folder, const char *formats,
                struct err *err) MUST_CHECK;
/*
 * The rows that a check of this process answered last, the first few of them; `index` is the
 * set or the script. NULL: none were kept. Row values may be shown; they belong in no record.
 */
const struct rows *app_check_rows(const struct app_view *view, enum check_place place,
                                  int index, int check);
/* Every member that was there at that moment of this run; NULL: it is not kept. */
const struct catalog_snapshot *app_snapshot(const struct app_view *view, enum moment moment);
/* How an earlier run of the same bytes began, with the counts that the plan starts from. */
struct app_earlier {
    struct arena arena;
    const char *run;
    const char *target;
    int64_t at_us;
    struct catalog_snapshot snapshot;
};
/* False: none of the newest runs beside this one is it. To be released either way. */
bool app_find_earlier(const struct app_view *view, struct app_earlier *earlier) MUST_CHECK;
void app_earlier_release(struct app_earlier *earlier);
/* report.md as it would be written now; of a run that is over, as it was written. */
void app_report_fold_text(const struct app_fold *fold, struct strbuf *out);
void app_report_text(const struct app_view *view, struct strbuf *out);
/* The journal read from the disk, record by record. */
struct app_evidence {
    uint64_t entries;
    const char *verdict; /* of journal_verdict_words; NULL: it cannot be read */
    struct sha256_hex tail;
};
void app_evidence(const struct app_view *view, struct app_evidence *evidence);
/* The files in the folder of the run's report, one a line with its size. */
void app_report_files(const struct app_view *view, struct strbuf *out);
/* Verifies chain and anchors; appends separate verdicts, one a line. True: all is well. */
bool app_report_verify(const char *run, const char *runs_root, struct strbuf *out,
                       struct err *err) MUST_CHECK;

/* ------------------------------------------------------- telling without a run */

struct app_notify_options {
    const struct app_plan *plan; /* good */
    const struct plan_target *target;
    enum plan_occasion occasion;
    bool simulated_clock; /* what is told was at clock_at_us */
    int64_t clock_at_us;
    const char *runs_root; /* NULL: app_runs_root() */
};
/*
 * Runs the plan's hooks of that occasion and waits for them; a line for each into `out`.
 * When before_open was heard by all, a run of the same bytes on the same target knows it.
 * False: nobody was told (ERR_USAGE: the plan has no such hook), or it could not be noted.
 */
bool app_notify(const struct app_notify_options *options, bool *all_heard, struct strbuf *out,
                struct err *err) MUST_CHECK;

/* ------------------------------------------------- questions without a run */

/*
 * The preflight of `check --db`: connects read-only, and appends a line per finding.
 * Exit code as the command line has it: 0, 4, 5 (counts), 10 (findings only).
 */
int app_preflight(const struct app_plan *plan, const struct plan_target *target,
                  const struct app_connection *connection, struct strbuf *out, struct err *err);

/* A migration of the plan or of the ledger, or of both. Texts live with the status. */
struct app_migration {
    struct str id;
    struct str file;       /* empty: the plan does not name it */
    struct sha256_hex sha; /* of the file's bytes as they are now */
    struct str recorded;   /* hash in the ledger's row; empty: it keeps none */
    size_t bytes;          /* of the file */
    size_t statements;
    int64_t applied_at_us; /* 0: the ledger does not say */
    bool in_plan;
    bool applied;
    bool changed;       /* other bytes than those that were applied */
    struct str finding; /* what a person has to look at; empty: nothing */
};
struct app_ledger_status {
    struct arena arena;
    struct str version; /* of the server */
    struct str database;
    struct str role;
    struct str table; /* schema.table */
    const char *style;
    bool exists;
    struct str finding; /* about the ledger itself; empty: nothing */
    struct app_migration *items;
    size_t count; /* what only the ledger knows first, then the plan's in its order */
    size_t applied;
    size_t pending;
    size_t findings;
};
/*
 * Which migrations of the plan are applied, by its ledger: connects read-only. The plan's
 * files must be there; that their hashes are not those of the plan is no hindrance. False
 * with `err`: ERR_USAGE when the plan names no ledger that is read (nothing was contacted),
 * ERR_CONNECT, or ERR_CHECK when the ledger cannot be read.
 */
bool app_ledger_look(const struct app_plan *plan, const struct plan_target *target,
                     const struct app_connection *connection, struct app_ledger_status *status,
                     struct err *err) MUST_CHECK;
void app_ledger_status_release(struct app_ledger_status *status);

/* What a plan that is not written yet takes from a server. Texts live with it. */
struct app_found {
    struct arena arena;
    struct str service;  /* of pg_service.conf, when that was named; else empty */
    struct str conninfo; /* redacted to what may stand in a plan; empty with a service */
    struct catalog_identity identity;
    struct catalog_counts counts; /* of the schema public */
    struct catalog_ledger ledger; /* `exists` false: none of the known tables is there */
    struct catalog_ledger_list list;
};
/*
 * `word` is a service name or a connection string without a password. Read-only; looks
 * for the ledgers of the known tools. Errors as app_ledger_look() has them.
 */
bool app_find(const char *word, const struct app_connection *connection,
              struct app_found *found, struct err *err) MUST_CHECK;
void app_found_release(struct app_found *found);
/* Is this version (of this file) applied there? */
bool app_found_has(const struct app_found *found, struct str version, const char *file);

#endif
