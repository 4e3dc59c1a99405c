/* SPDX-License-Identifier: PostgreSQL */
/*
 * plan: YAML bytes from the caller -> a checked `struct plan`, and the answers
 * file of a headless run by the same machinery.
 *
 * The room opens no file. The app reads the plan's bytes, calls plan_read(),
 * opens what plan_files() lists, hands the bytes (or the trouble) to
 * plan_check(), and may then ask for the digests. All problems are collected
 * in `struct plan_diagnostics`, sorted by position, never only the first.
 *
 * Conventions for every struct here:
 *  - All memory, and the text that `struct str` members point to, belongs to
 *    the arena that plan_read() was given.
 *  - The first member of what was a mapping in the file is `mark`, where it
 *    began; `mark.line == 0` says that the plan does not have it at all (its
 *    other members then hold the defaults).
 *  - Durations are microseconds and end in _us; sizes are bytes.
 *  - A number, duration or size that the plan does not say is PLAN_UNSAID,
 *    unless a default is noted. A text that it does not say has ptr NULL.
 *  - An enum's value 0 is *_UNSAID, unless a default is noted.
 *  - A list has `items` and `count`.
 */
#ifndef GONOGO_PLAN_H
#define GONOGO_PLAN_H

#include "base.h"

#define PLAN_UNSAID INT64_MIN

/* ------------------------------------------------------------------- marks */

struct plan_node;

/* Where something stands in the file, from 1; columns count characters. */
struct plan_mark {
    int line;
    int column;
    const struct plan_node *node; /* for plan_mark_of() and plan_path() */
};
/* The mark of the value of `key` in the mapping at `mapping`; the mapping's own when absent. */
struct plan_mark plan_mark_of(struct plan_mark mapping, const char *key);
/* Appends the place as "steps[0].checks[1].equals". */
void plan_path(struct strbuf *out, struct plan_mark mark);

/* -------------------------------------------------------------- diagnostics */

enum plan_severity {
    PLAN_ERROR,
    PLAN_WARNING,
    PLAN_NOTE,
};
struct plan_diagnostic {
    int line;
    int column;
    enum plan_severity severity;
    char code[8];       /* "Y003" */
    struct str path;    /* "limits.sql_total"; empty when it is about the whole file */
    struct str message; /* "\"500\" has no unit; write 500ms, 5s, 2m or 1h" */
    size_t order;       /* as found; breaks ties of position */
};
/* `= {0}` is empty; set `arena` (the texts live there) and `file` before use: plan_read() does.
 */
struct plan_diagnostics {
    struct arena *arena;
    struct str file; /* as printed at the start of each line */
    struct plan_diagnostic *items;
    size_t count;
    size_t capacity;
    size_t errors;
    size_t warnings;
};
/* Frees the list (not the arena). */
void plan_diagnostics_release(struct plan_diagnostics *diagnostics);
/* Adds one; other rooms may add theirs with the marks of the plan. */
void plan_diagnose(struct plan_diagnostics *diagnostics, struct plan_mark mark,
                   enum plan_severity severity, const char *code, const char *format, ...)
    PRINTF_LIKE(5, 6);
/* Sorts by line, column, then as found. plan_read(), plan_check(), answers_read() end with it.
 */
void plan_diagnostics_sort(struct plan_diagnostics *diagnostics);
/* Appends "file:line:col: error[Y012] path: message" and a newline. Text is sanitised. */
void plan_diagnostic_text(struct strbuf *out, const struct plan_diagnostics *diagnostics,
                          const struct plan_diagnostic *diagnostic);
/* What a code means, for `gonogo help Y012`. */
struct plan_code {
    const char *code;
    const char *title;
    const char *text; /* one to three sentences */
};
const struct plan_code *plan_codes(size_t *count);

/* ------------------------------------------------------------------- values */

struct plan_texts {
    struct str *items;
    size_t count;
};

enum plan_tristate {
    PLAN_NOT_SAID,
    PLAN_YES,
    PLAN_NO,
};

enum plan_value_kind {
    PLAN_VALUE_UNSAID,
    PLAN_VALUE_NUMBER,   /* number */
    PLAN_VALUE_DECIMAL,  /* decimal */
    PLAN_VALUE_DURATION, /* number, in microseconds */
    PLAN_VALUE_SIZE,     /* number, in bytes */
    PLAN_VALUE_BOOL,     /* number: 0 or 1 */
    PLAN_VALUE_BEFORE,   /* the word `before`: what was measured before the change */
    PLAN_VALUE_TEXT,     /* anything else, or quoted */
};
/* What a comparator compares with. `text` is always as written. */
struct plan_value {
    enum plan_value_kind kind;
    struct str text;
    int64_t number;
    double decimal;
};

enum plan_comparator {
    PLAN_COMPARE_UNSAID,
    PLAN_EQUALS,
    PLAN_AT_LEAST,
    PLAN_AT_MOST,
    PLAN_EMPTY,   /* no row */
    PLAN_EXISTS,  /* at least one row; the object is there */
    PLAN_MATCHES, /* POSIX extended regular expression */
    PLAN_SAME_AS, /* always `before` */
};

struct plan_named_value {
    struct plan_mark mark;
    struct str name;
    struct str value;
};
struct plan_named_values {
    struct plan_named_value *items;
    size_t count;
};

/* A slot of the window: "08:30 + 30m". */
struct plan_slot {
    int64_t start_us; /* since midnight of the window's date, in its zone; PLAN_UNSAID: no slot.
                         Beyond 24 h when the window crosses midnight. */
    int64_t length_us; /* > 0 */
};

/* ------------------------------------------------------------------- window */

struct plan_window {
    struct plan_mark mark;
    int year; /* 0: no date */
    int month;
    int day;
    int weekday;         /* as the date has it, 0 = Monday; -1 without a date */
    struct str date;     /* "2024-01-31" */
    struct str timezone; /* default UTC */
    int64_t opens_us;    /* since local midnight */
    int64_t closes_us;   /* > opens_us; beyond 24 h when the window crosses midnight */
};

/* ------------------------------------------------------------------- ledger */

enum plan_ledger_style {
    PLAN_LEDGER_UNSAID,
    PLAN_LEDGER_PLAIN, /* default */
    PLAN_LEDGER_SUPABASE,
    PLAN_LEDGER_DBMATE,
    PLAN_LEDGER_GOLANG_MIGRATE,
    PLAN_LEDGER_NODE_PG_MIGRATE,
    PLAN_LEDGER_FLYWAY, /* read only */
    PLAN_LEDGER_SQITCH, /* read only */
};
struct plan_ledger {
    struct plan_mark mark; /* line 0: no ledger, nothing is written but the migrations */
    struct str table;      /* as written, perhaps with schema */
    enum plan_ledger_style style;
    bool create; /* default false */
};

/* -------------------------------------------------------------------- counts */

enum plan_what {
    PLAN_WHAT_UNSAID,
    PLAN_WHAT_TABLES, /* ordinary and partitioned tables that are no partition */
    PLAN_WHAT_PARTITIONS,
    PLAN_WHAT_FOREIGN_KEYS,
    PLAN_WHAT_RLS_POLICIES,
    PLAN_WHAT_TABLES_WITH_RLS,
    PLAN_WHAT_INDEXES,
    PLAN_WHAT_VIEWS,
    PLAN_WHAT_MATERIALIZED_VIEWS,
    PLAN_WHAT_FUNCTIONS,
    PLAN_WHAT_TRIGGERS,
    PLAN_WHAT_ENUMS,
    PLAN_WHAT_SEQUENCES,
    PLAN_WHAT_CONSTRAINTS, /* primary key, unique, check, exclusion */
    PLAN_WHAT_COLUMNS,     /* only in changes */
    PLAN_WHAT_QUERY,       /* only in counts: `sql` or `file` gives one number */
    PLAN_WHAT__COUNT,
};
/* The word of the plan for it: "foreign_keys". */
const char *plan_what_word(enum plan_what what);

struct plan_count {
    struct plan_mark mark;
    enum plan_what what;
    struct str id;   /* QUERY: required; else the word of `what` */
    struct str name; /* for people; else the id */
    struct str sql;  /* QUERY: one of the two */
    struct str file;
    int64_t before; /* PLAN_UNSAID: not judged */
    int64_t after;
};
struct plan_counts {
    struct plan_count *items;
    size_t count;
};
struct plan_change {
    struct plan_mark mark;
    enum plan_what what;
    struct plan_texts new; /* "table.policy name" for policies, else object names */
    struct plan_texts gone;
    struct plan_texts changed;
};
struct plan_changes {
    struct plan_change *items;
    size_t count;
};
struct plan_column_change {
    struct plan_mark mark;
    struct str table;
    int64_t added;
    int64_t removed;
};
struct plan_column_changes {
    struct plan_column_change *items;
    size_t count;
};
enum plan_unlisted {
    PLAN_UNLISTED_UNSAID,
    PLAN_UNLISTED_FORBID,
    PLAN_UNLISTED_WARN, /* default */
};
struct plan_state {
    struct plan_mark mark;
    struct plan_texts schemas; /* default [public] */
    struct plan_counts count;
    struct plan_texts removed_tables;
    struct plan_changes changes;
    enum plan_unlisted unlisted_changes;
    struct plan_column_changes columns;
};

/* ------------------------------------------------------------------- targets */

struct plan_target_count {
    struct plan_mark mark;
    enum plan_what what;
    struct str id; /* of a query count; else the word of `what` */
    int64_t count;
};
struct plan_target_counts {
    struct plan_target_count *items;
    size_t count;
};
struct plan_target {
    struct plan_mark mark;
    struct str id;
    struct str environment;
    bool guarded;
    struct str seed; /* SQL file, in the plan's folder */
    /* connection keys, for libpq under libpq's own names but `database` (dbname) */
    struct str conninfo; /* key=value text or URI; the keys below win */
    struct str service;
    struct str host;
    struct str hostaddr;
    struct str port;
    struct str database;
    struct str user;
    struct str sslmode;
    struct str sslrootcert;
    struct str sslcert;
    struct str sslkey;
    struct str passfile;
    struct str channel_binding;
    struct str connect_timeout;
    struct str target_session_attrs;
    /* pins: what the server must say */
    struct str system_identifier;
    struct str expect_database;
    struct str expect_role;
    struct str expect_major;
    enum plan_tristate expect_primary;
    struct str needs_rehearsal_on; /* id of a target */
    struct str checks_as;          /* role for checks */
    struct plan_named_values values;
    struct plan_target_counts before; /* overrides state.count's `before` */
    bool ssl_weak; /* computed: a host over the network and an explicit mode below verify-full:
                      amber */
};
struct plan_targets {
    struct plan_target *items;
    size_t count;
};

/* --------------------------------------------------------------------- roles */

struct plan_role {
    struct plan_mark mark;
    struct str id;
    struct str title;
    struct plan_texts people;
    bool votes; /* default false; a vote is then needed for GO */
    struct str before;
    struct str during;
    struct str after;
};
struct plan_roles {
    struct plan_role *items;
    size_t count;
};

/* --------------------------------------------------------- limits and safety */

struct plan_limits {
    struct plan_mark mark;
    int64_t sql_total_us;
    int64_t migration_total_us;
    int64_t downtime_us;
    int64_t recovery_us;
};
enum plan_on_disconnect {
    PLAN_DISCONNECT_UNSAID,
    PLAN_DISCONNECT_FINISH, /* default */
    PLAN_DISCONNECT_ROLLBACK,
};
enum plan_stop_after {
    PLAN_STOP_UNSAID,
    PLAN_STOP_EVERY_FILE, /* default: the operator continues after each migration */
    PLAN_STOP_NEVER,      /* only when something is not as expected */
};
struct plan_safety {
    struct plan_mark mark;
    int64_t lock_timeout_us;        /* default 2 s */
    int64_t statement_timeout_us;   /* default 60 s */
    int64_t idle_in_transaction_us; /* default 10 s */
    enum plan_on_disconnect on_disconnect;
    enum plan_stop_after stop_after;
};

/* ----------------------------------------------------------------- checklist */

enum plan_gate {
    PLAN_GATE_UNSAID,
    PLAN_GATE_PREP,
    PLAN_GATE_POLL,
    PLAN_GATE_CLOSE, /* default of items with phase during or after */
};
enum plan_phase {
    PLAN_PHASE_UNSAID,
    PLAN_PHASE_BEFORE, /* default */
    PLAN_PHASE_DURING,
    PLAN_PHASE_AFTER,
};
enum plan_proof {
    PLAN_PROOF_UNSAID,
    PLAN_PROOF_REHEARSAL,
    PLAN_PROOF_BACKUP,
    PLAN_PROOF_POLL,
    PLAN_PROOF_PROBES,
    PLAN_PROOF_NOTE,
    PLAN_PROOF_SQL,
    PLAN_PROOF_RUN,
};
enum plan_needs {
    PLAN_NEEDS_UNSAID,
    PLAN_NEEDS_CHECKS, /* of a rehearsal ... */
    PLAN_NEEDS_RERUN,
    PLAN_NEEDS_ROWS,
    PLAN_NEEDS_TIME,
    PLAN_NEEDS_ROLLBACK,
    PLAN_NEEDS_DUMPED, /* of a backup ... */
    PLAN_NEEDS_LISTED,
    PLAN_NEEDS_RESTORED,
    PLAN_NEEDS_COMPARED,
};
struct plan_item {
    struct plan_mark mark;
    struct str id;
    enum plan_gate gate; /* phase before: default prep */
    enum plan_phase phase;
    struct str ask;
    enum plan_proof proof;
    enum plan_needs needs;
    struct str role;    /* id of a role; PLAN_PROOF_NOTE: who answers */
    int64_t at_most_us; /* NEEDS_TIME */
    int64_t max_age_us;
    struct str sql; /* PROOF_SQL: one of the two */
    struct str file;
    struct plan_texts run;           /* PROOF_RUN: argv, exit 0 is a yes */
    enum plan_comparator comparator; /* PROOF_SQL, and of the output of PROOF_RUN */
    struct plan_value expected;
    /* the comparators as written; `comparator` and `expected` say the same */
    struct plan_value equals;
    struct plan_value at_least;
    struct plan_value matches;
    enum plan_tristate empty;
    enum plan_tristate exists;
};
struct plan_checklist {
    struct plan_item *items;
    size_t count;
};

/* -------------------------------------------------------------------- backup */

enum plan_backup_kind {
    PLAN_BACKUP_UNSAID,
    PLAN_BACKUP_PG_DUMP,
    PLAN_BACKUP_COMMAND,
    PLAN_BACKUP_EXTERNAL,
};
enum plan_backup_format {
    PLAN_FORMAT_UNSAID,
    PLAN_FORMAT_CUSTOM, /* default of pg_dump */
    PLAN_FORMAT_DIRECTORY,
    PLAN_FORMAT_TAR,
    PLAN_FORMAT_PLAIN,
};
enum plan_backup_level { /* ordered: a later one includes the earlier ones */
    PLAN_LEVEL_UNSAID,
    PLAN_LEVEL_DUMPED,
    PLAN_LEVEL_LISTED,
    PLAN_LEVEL_RESTORED,
    PLAN_LEVEL_COMPARED, /* default of pg_dump */
};
struct plan_backup {
    struct plan_mark mark;
    struct str id;
    enum plan_backup_kind kind;
    enum plan_backup_format format;
    int64_t jobs;
    enum plan_backup_level level;
    struct str restore_test; /* id of a target, or `scratch` */
    int64_t max_age_us;
    int64_t takes_us;
    bool required;
    struct str ask;        /* external */
    struct plan_texts run; /* command: argv */
    struct str matches;    /* command: what its output must say */
};
struct plan_backups {
    struct plan_backup *items;
    size_t count;
};

/* -------------------------------------------------------------------- checks */

enum plan_source {
    PLAN_SOURCE_UNSAID,
    PLAN_SOURCE_SQL,
    PLAN_SOURCE_FILE,
    PLAN_SOURCE_BUILTIN,
};
enum plan_builtin {
    PLAN_BUILTIN_UNSAID,
    /* numbers, of the plan's schemas */
    PLAN_BUILTIN_TABLES,
    PLAN_BUILTIN_PARTITIONS,
    PLAN_BUILTIN_FOREIGN_KEYS,
    PLAN_BUILTIN_RLS_POLICIES,
    PLAN_BUILTIN_TABLES_WITH_RLS,
    PLAN_BUILTIN_INDEXES,
    PLAN_BUILTIN_VIEWS,
    PLAN_BUILTIN_MATERIALIZED_VIEWS,
    PLAN_BUILTIN_FUNCTIONS,
    PLAN_BUILTIN_TRIGGERS,
    PLAN_BUILTIN_ENUMS,
    PLAN_BUILTIN_SEQUENCES,
    PLAN_BUILTIN_REMOVED_TABLES_PRESENT, /* of state.removed_tables, how many are there */
    PLAN_BUILTIN_CONFLICTS, /* the state.count query whose id is `conflicts` (see count_id) */
    PLAN_BUILTIN_QUERY,     /* the state.count query that `count` names (see count_id) */
    PLAN_BUILTIN_ORPHANS,   /* rows that a foreign key points from into nothing */
    PLAN_BUILTIN_INVALID_INDEXES,
    PLAN_BUILTIN_UNVALIDATED_CONSTRAINTS,
    /* rows */
    PLAN_BUILTIN_ROWS_PER_KEPT_TABLE, /* one row a table: name, rows; at_least or same_as before
                                       */
    PLAN_BUILTIN_POLICIES_ON_TABLES_WITHOUT_RLS, /* one row a policy */
    /* one object, `exists` (the default) or `empty` */
    PLAN_BUILTIN_TABLE,      /* table */
    PLAN_BUILTIN_COLUMN,     /* table, column; type, nullable */
    PLAN_BUILTIN_CONSTRAINT, /* table, object; valid */
    PLAN_BUILTIN_INDEX,      /* object; valid: true is what "is there" means */
    PLAN_BUILTIN_POLICY,     /* table, object; command, roles, using, with_check */
    PLAN_BUILTIN_TRIGGER,    /* table, object */
    PLAN_BUILTIN_FUNCTION,   /* object, as "public.f(integer, text)" or without arguments */
    PLAN_BUILTIN_VIEW,       /* object */
    PLAN_BUILTIN__COUNT,
};
/* The word of the plan for it: "rows_per_kept_table". */
const char *plan_builtin_word(enum plan_builtin builtin);

struct plan_as { /* run the check as another role, with settings */
    struct plan_mark mark;
    struct str role;
    struct plan_named_values set;
};
struct plan_check {
    struct plan_mark mark;
    struct str id;
    struct str name; /* for people; else the id */
    enum plan_source source;
    struct str sql;
    struct str file;
    enum plan_builtin builtin;
    /* arguments of builtins */
    struct str table;  /* "schema.table", or "table" by search_path */
    struct str object; /* name of the constraint, index, policy, trigger, function or view */
    struct str column;
    struct str type; /* as format_type() writes it */
    enum plan_tristate nullable;
    enum plan_tristate valid;
    struct str command; /* ALL, SELECT, INSERT, UPDATE, DELETE */
    struct plan_texts roles;
    struct str using;
    struct str with_check;
    struct str count_id; /* key `count`: id in state.count (`conflicts` for that builtin) */
    /* what is expected */
    enum plan_comparator comparator; /* UNSAID only when `within` alone judges */
    struct plan_value expected;      /* of equals, at_least, at_most, matches, same_as */
    bool show;                       /* row values may be recorded */
    int64_t within_us;
    struct plan_as as;
    /* the comparators as written; `comparator` and `expected` say the same */
    struct plan_value equals;
    struct plan_value at_least;
    struct plan_value at_most;
    struct plan_value matches;
    struct plan_value same_as;
    enum plan_tristate empty;
    enum plan_tristate exists;
};
struct plan_checks {
    struct plan_check *items;
    size_t count;
};

/* --------------------------------------------------------------------- steps */

enum plan_step_kind {
    PLAN_STEP_UNSAID,
    PLAN_STEP_MIGRATION,
    PLAN_STEP_MANUAL,
    PLAN_STEP_COMMAND,
};
enum plan_transaction {
    PLAN_TRANSACTION_UNSAID,
    PLAN_TRANSACTION_ONE, /* default; a single outer BEGIN ... COMMIT is taken over */
    PLAN_TRANSACTION_EACH,
    PLAN_TRANSACTION_FILE,
};
enum plan_verify {
    PLAN_VERIFY_UNSAID,
    PLAN_VERIFY_AFTER,  /* default: checks run after COMMIT */
    PLAN_VERIFY_INSIDE, /* checks run in the open transaction, before COMMIT */
};
struct plan_expect {
    struct plan_mark mark;
    int64_t time_us;
    int64_t errors;
    int64_t warnings;
    int64_t drops;
};
struct plan_retry {
    struct plan_mark mark;
    int64_t times; /* default 0 */
    int64_t wait_us;
};
struct plan_queue_limit {
    struct plan_mark mark;
    int64_t waiters;
    int64_t for_us;
};
struct plan_rows {
    struct plan_mark mark;
    int64_t statement; /* from 1 */
    int64_t at_least;
    int64_t at_most;
};
struct plan_step {
    struct plan_mark mark;
    enum plan_step_kind kind;
    struct str id;        /* migration: its version "011"; others: `id`, else "step3" */
    struct str name;      /* migration: the file's name without folder and ending; manual: its
                             text; command: the program; or the key `name` */
    struct str migration; /* as written; ptr NULL for other kinds */
    struct str manual;
    struct plan_texts command; /* argv */
    struct plan_slot slot;
    /* migration */
    struct str file;
    struct str sha256; /* 64 lower-case hex digits */
    enum plan_transaction transaction;
    struct plan_expect expect;
    struct str undo; /* ptr NULL when not said or none */
    bool undo_none;  /* undo: none */
    struct plan_checks checks;
    struct plan_checks before;
    struct plan_checks after;
    enum plan_verify verify;
    int64_t lock_timeout_us; /* PLAN_UNSAID: safety's */
    int64_t statement_timeout_us;
    struct plan_retry retry;
    struct plan_queue_limit queue_limit;
    struct plan_rows rows;
    struct plan_texts creates_temporary;
    /* claims */
    enum plan_tristate rerun_safe;
    enum plan_tristate zero_downtime;
    enum plan_tristate destructive;
    /* manual and command */
    struct str role;
    int64_t takes_us;
    int64_t within_us;
};
struct plan_steps {
    struct plan_step *items;
    size_t count;
};
enum plan_naming {
    PLAN_NAMING_UNSAID,
    PLAN_NAMING_AUTO, /* default */
    PLAN_NAMING_PLAIN,
    PLAN_NAMING_DBMATE,
    PLAN_NAMING_GOLANG_MIGRATE,
    PLAN_NAMING_FLYWAY,
    PLAN_NAMING_SUPABASE,
    PLAN_NAMING_SQITCH,
};
struct plan_steps_from {
    struct plan_mark mark;
    struct str dir;
    struct str from;
    struct str to;
    enum plan_naming naming;
};

/* -------------------------------------------------------------- verification */

struct plan_set {
    struct plan_mark mark;
    struct str name;
    struct plan_checks checks;
};
struct plan_sets {
    struct plan_set *items;
    size_t count;
};
struct plan_verification {
    struct plan_mark mark;
    struct plan_slot slot;
    struct plan_sets sets;
};

/* ---------------------------------------------------------------- monitoring */

enum plan_probe_source {
    PLAN_PROBE_UNSAID,
    PLAN_PROBE_BUILTIN,
    PLAN_PROBE_SQL,
    PLAN_PROBE_RUN,
    PLAN_PROBE_HTTP,
    PLAN_PROBE_LOG,
};
enum plan_gauge {
    PLAN_GAUGE_UNSAID,
    PLAN_GAUGE_CONNECTIONS,
    PLAN_GAUGE_ACTIVE,
    PLAN_GAUGE_IDLE_IN_TRANSACTION,
    PLAN_GAUGE_COMMITS,
    PLAN_GAUGE_ROLLBACKS,
    PLAN_GAUGE_DEADLOCKS,
    PLAN_GAUGE_CACHE_HIT, /* 0..1 */
    PLAN_GAUGE_TEMP_BYTES,
    PLAN_GAUGE_OLDEST_TRANSACTION,
    PLAN_GAUGE_LOCK_WAITS,
    PLAN_GAUGE_SLOW_STATEMENTS,
    PLAN_GAUGE_DATABASE_SIZE,
    PLAN_GAUGE_REPLICATION_LAG,
    PLAN_GAUGE_HOST_CPU,
    PLAN_GAUGE_HOST_MEMORY,
    PLAN_GAUGE_HOST_DISK,
    PLAN_GAUGE__COUNT,
};
const char *plan_gauge_word(enum plan_gauge gauge);
struct plan_log {
    struct plan_mark mark;
    struct str file;  /* a path on this host; ${name} is filled */
    struct str match; /* POSIX extended regular expression */
};
struct plan_probe {
    struct plan_mark mark;
    struct str id;
    struct str name; /* else the id */
    enum plan_probe_source source;
    enum plan_gauge builtin;
    struct str sql;
    struct plan_texts run;
    struct str http; /* ${name} is filled */
    struct plan_log log;
    int64_t over_us;                 /* slow_statements, oldest_transaction: what counts */
    enum plan_comparator comparator; /* UNSAID: only drawn, no limit */
    struct plan_value expected;
    int64_t timeout_us; /* default 2 s */
    bool downtime;      /* downtime is counted from its first to its last failure */
    struct plan_value equals;
    struct plan_value at_least;
    struct plan_value at_most;
    struct plan_value matches;
};
struct plan_probes {
    struct plan_probe *items;
    size_t count;
};
struct plan_monitoring {
    struct plan_mark mark;
    struct plan_slot slot;
    int64_t every_us; /* default 10 s */
    struct plan_probes probes;
};

/* ------------------------------------------------------------------ rollback */

enum plan_rollback_kind {
    PLAN_ROLLBACK_UNSAID,
    PLAN_ROLLBACK_MANUAL,
    PLAN_ROLLBACK_RESTORE,
    PLAN_ROLLBACK_SQL,
    PLAN_ROLLBACK_DOWN,
};
struct plan_rollback_option {
    struct plan_mark mark;
    struct str id;
    struct str title; /* else the id */
    enum plan_rollback_kind kind;
    int64_t takes_us;
    struct str restores;     /* for people: "everything" */
    struct plan_texts steps; /* manual */
    struct str from;         /* restore: id of a backup */
    struct str file;         /* sql */
    struct str to;           /* down: version that stays applied */
};
struct plan_rollback {
    struct plan_rollback_option *items;
    size_t count;
};

/* ------------------------------------------ criteria, report, notify, the rest */

enum plan_criterion_kind {
    PLAN_CRITERION_UNSAID,
    PLAN_CRITERION_CHECK,
    PLAN_CRITERION_COUNT,
    PLAN_CRITERION_LIMIT,
    PLAN_CRITERION_PROBE,
    PLAN_CRITERION_ATTEST,
};
struct plan_criterion {
    struct plan_mark mark;
    struct str group;
    struct str text;
    enum plan_criterion_kind kind; /* exactly one of the keys below */
    struct str check;              /* id of a check */
    struct str count;              /* id of state.count, or the word of its `what` */
    struct str limit;              /* sql_total, migration_total, downtime, recovery */
    struct str probe;              /* id of a probe */
    struct str attest;             /* id of the role that attests it */
};
struct plan_criteria {
    struct plan_criterion *items;
    size_t count;
};
enum plan_part { /* parts of the report */
    PLAN_PART_UNSAID,
    PLAN_PART_LOG,
    PLAN_PART_VERIFICATION,
    PLAN_PART_PERFORMANCE,
    PLAN_PART_HEALTH,
    PLAN_PART_SIGN_OFF,
};
struct plan_words { /* values of an enum */
    int *items;
    size_t count;
};
struct plan_report {
    struct plan_mark mark;
    struct str name;           /* default REPORT */
    struct plan_words include; /* enum plan_part; empty: all */
};
/* When the team is told. */
enum plan_occasion {
    PLAN_WHEN_UNSAID,
    PLAN_WHEN_BEFORE_OPEN, /* so long before the window opens: `lead` */
    PLAN_WHEN_OPEN,        /* the window opens, or a run begins in it */
    PLAN_WHEN_GO,          /* the poll is GO and the database's name is typed */
    PLAN_WHEN_NO_GO,       /* somebody voted NO-GO */
    PLAN_WHEN_HOLD,        /* people or the program stopped at a safe point; the run is left */
    PLAN_WHEN_FAIL,        /* a step failed, or nobody can know what became of it */
    PLAN_WHEN_ROLLBACK,    /* a way back begins */
    PLAN_WHEN_DONE,        /* everything is signed; the report is about to be written */
    PLAN_WHEN__COUNT,
};
/* The word of the plan for it: "before_open". */
const char *plan_occasion_word(enum plan_occasion occasion);
struct plan_notification {
    struct plan_mark mark;
    struct plan_words when; /* enum plan_occasion */
    int64_t lead_us;        /* before_open: how long before */
    int64_t timeout_us;     /* how long the program may take; default 30 s */
    struct plan_texts run;  /* argv; one JSON event on stdin */
};
/* Is the program wanted on that occasion? */
bool plan_is_told(const struct plan_notification *notification, enum plan_occasion occasion);
struct plan_notify {
    struct plan_notification *items;
    size_t count;
};
enum plan_emergency_kind {
    PLAN_EMERGENCY_UNSAID,
    PLAN_EMERGENCY_MIGRATION_FAILURE,
    PLAN_EMERGENCY_DATA_CORRUPTION,
    PLAN_EMERGENCY_PERFORMANCE,
};
struct plan_card {
    struct plan_mark mark;
    enum plan_emergency_kind kind;
    struct str title;
    struct plan_texts steps;
    struct plan_texts call;
};
struct plan_emergency {
    struct plan_card *items;
    size_t count;
};
struct plan_metadata {
    struct plan_mark mark;
    struct str ticket;
    struct str author;
    struct str approver;
};
struct plan_benchmark {
    struct plan_mark mark;
    struct str sql;
    int64_t runs; /* default 5 */
};

/* ------------------------------------------------------------ files, unbuilt */

enum plan_file_kind {
    PLAN_FILE_MIGRATION,
    PLAN_FILE_UNDO,
    PLAN_FILE_CHECK, /* one query, of a check or a checklist item */
    PLAN_FILE_COUNT, /* one query, of state.count */
    PLAN_FILE_SEED,
    PLAN_FILE_ROLLBACK,
    PLAN_FILE_HOOK, /* a program under the plan's folder, "./..."; not SQL */
};
/* One mention of a path in the plan. */
struct plan_file {
    struct plan_mark mark; /* of the path */
    enum plan_file_kind kind;
    struct str path;   /* relative to the plan's folder, as written without a leading "./" */
    struct str owner;  /* id of the step, check, target, option ... that names it */
    struct str sha256; /* what the plan expects; ptr NULL when nothing */
    size_t first;      /* index of the first mention of the same path */
};
struct plan_unbuilt {
    struct plan_mark mark; /* of the key's value */
    struct str path;       /* "steps[2].queue_limit" */
    bool refuse;           /* `run` refuses the plan; false: it is only told */
};

/* ---------------------------------------------------------------------- plan */

struct plan {
    struct plan_mark mark;
    struct str file;  /* as given to plan_read() */
    struct str bytes; /* a copy, as read */
    int64_t version;
    struct str name;
    struct plan_window window;
    struct plan_texts search_path; /* default [public] */
    struct plan_ledger ledger;
    struct plan_targets targets; /* at least one */
    struct plan_roles roles;
    struct plan_limits limits;
    struct plan_safety safety;
    struct plan_state state;
    struct plan_checklist checklist;
    struct plan_backups backup;
    struct plan_steps steps;
    struct plan_steps_from steps_from;
    struct plan_verification verification;
    struct plan_monitoring monitoring;
    struct plan_rollback rollback;
    struct plan_criteria criteria;
    struct plan_report report;
    struct plan_notify notify;
    struct plan_emergency emergency;
    struct plan_metadata metadata;
    struct plan_benchmark benchmark;
    struct plan_texts applied;
    int64_t rows_exact_below; /* default 10 GB; larger tables are counted by estimate */
    /* computed */
    struct plan_file *files;
    size_t file_count;
    struct plan_unbuilt *unbuilt;
    size_t unbuilt_count;
};

enum {
    PLAN_SIZE_MAX = 1024 * 1024, /* bytes of a plan or answers file */
    PLAN_DEPTH_MAX = 64,
};

/*
 * Reads and judges everything that needs no other file. NULL when there is an error (the
 * diagnostics have at least one); warnings and notes do not stop it. `bytes` may be larger than
 * PLAN_SIZE_MAX: that is a diagnostic. The plan lives in `arena`.
 */
struct plan *plan_read(struct str bytes, struct str file_name, struct arena *arena,
                       struct plan_diagnostics *diagnostics) MUST_CHECK;
/*
 * The same, but a plan with mistakes is handed out too (*fine false), so that its files can
 * be judged along with it; nothing else may be done with it. NULL: not even a mapping.
 */
struct plan *plan_read_all(struct str bytes, struct str file_name, struct arena *arena,
                           struct plan_diagnostics *diagnostics, bool *fine) MUST_CHECK;
/* Each mention of a path, in the order of the file. */
const struct plan_file *plan_files(const struct plan *plan, size_t *count);

enum plan_file_trouble {
    PLAN_FILE_FINE,
    PLAN_FILE_MISSING,
    PLAN_FILE_OUTSIDE,     /* the path leaves the plan's folder */
    PLAN_FILE_SYMLINK_OUT, /* a symbolic link on the way leaves it */
    PLAN_FILE_NOT_REGULAR,
    PLAN_FILE_UNREADABLE,
    PLAN_FILE_TOO_LARGE,
    PLAN_FILE_NOT_EXECUTABLE, /* hooks */
};
struct plan_file_state {
    enum plan_file_trouble trouble;
    struct str bytes; /* when FINE */
};
/* `files` has one element per plan_files(). True when it added no error. */
bool plan_check(const struct plan *plan, const struct plan_file_state *files,
                struct plan_diagnostics *diagnostics) MUST_CHECK;
/* Keys in use whose behaviour is not built. */
const struct plan_unbuilt *plan_not_built(const struct plan *plan, size_t *count);

/* Lookups; NULL when there is none. */
const struct plan_target *plan_find_target(const struct plan *plan, struct str id);
/* Is one of the ways back a restore? */
bool plan_has_restore(const struct plan *plan);
const struct plan_role *plan_find_role(const struct plan *plan, struct str id);
const struct plan_check *plan_find_check(const struct plan *plan, struct str id);
const struct plan_count *plan_find_count(const struct plan *plan, struct str id);
/* The count that a target expects before: its own `before`, else the plan's; PLAN_UNSAID. */
int64_t plan_count_before(const struct plan *plan, const struct plan_target *target,
                          const struct plan_count *count);
/* Appends `text` with each ${name} replaced by the target's value; false when one is unknown.
 */
bool plan_fill(struct strbuf *out, struct str text, const struct plan_target *target,
               struct err *err) MUST_CHECK;

/* ------------------------------------------------------------------- digests */

/*
 * SHA-256 over: "gonogo plan 1\n", "plan HASH LENGTH\n", then for each distinct path in byte
 * order "file HASH LENGTH PATH\n"; HASH is the SHA-256 of the bytes in lower-case hex, LENGTH
 * their number in decimal.
 */
struct sha256_hex plan_digest(const struct plan *plan, const struct plan_file_state *files);
/*
 * What is approved: SHA-256 over "gonogo approval 1\n", "plan DIGEST\n", "target LENGTH ID\n",
 * then for each pin that the target has, in the order environment, system_identifier,
 * expect_database, expect_role, expect_major, expect_primary, sslmode: "KEY LENGTH VALUE\n".
 */
struct sha256_hex plan_approval(const struct sha256_hex *digest,
                                const struct plan_target *target);

/* -------------------------------------------------------------------- window */

/* Offset of UTC, Z, or "+02:00" (microseconds east); false for names, which the server
 * converts.
 */
bool plan_zone_offset(struct str zone, int64_t *offset_us) MUST_CHECK;
/*
 * A time of the window's day (opens_us, a slot's start_us ...) as UTC; false without a window
 * or when its zone is a name: ask the server for
 * `(date + interval) at time zone name` then.
 */
bool plan_window_us(const struct plan *plan, int64_t local_us, int64_t *time_us) MUST_CHECK;

/* ------------------------------------------------------------------- answers */

struct answer_as {
    struct plan_mark mark;
    struct str name;
    struct str role;
};
enum answer_word {
    ANSWER_UNSAID,
    ANSWER_YES,
    ANSWER_NO,
};
struct answer_item {
    struct plan_mark mark;
    struct str id;
    enum answer_word answer;
    struct str note;
    struct str by;
};
struct answer_backup {
    struct plan_mark mark;
    struct str id;
    struct str name;
    int64_t taken_us; /* UTC, since 1970; PLAN_UNSAID */
};
enum answer_vote_word {
    ANSWER_VOTE_UNSAID,
    ANSWER_VOTE_GO,
    ANSWER_VOTE_NO_GO,
    ANSWER_VOTE_HOLD,
};
struct answer_vote {
    struct plan_mark mark;
    struct str role;
    enum answer_vote_word vote;
    struct str name;
    struct str reason;
};
struct answer_reason { /* accept and override */
    struct plan_mark mark;
    struct str id;
    struct str reason;
    struct str by;
};
struct answer_sign_off {
    struct plan_mark mark;
    struct str role;
    struct str name;
};
enum answer_checkpoints {
    ANSWER_CHECKPOINTS_UNSAID,
    ANSWER_CHECKPOINTS_CONTINUE,
    ANSWER_CHECKPOINTS_HOLD,
};
enum answer_on_failure {
    ANSWER_FAILURE_UNSAID, /* reads as hold */
    ANSWER_FAILURE_HOLD,
    ANSWER_FAILURE_ROLLBACK,
};
struct answers {
    struct plan_mark mark;
    struct sha256_hex sha256; /* of the bytes */
    int64_t version;
    struct answer_as as;
    struct answer_items {
        struct answer_item *items;
        size_t count;
    } checklist;
    struct answer_backups {
        struct answer_backup *items;
        size_t count;
    } backup;
    struct answer_votes {
        struct answer_vote *items;
        size_t count;
    } votes;
    struct str database; /* the typed name */
    enum answer_checkpoints checkpoints;
    struct answer_reasons {
        struct answer_reason *items;
        size_t count;
    } accept;
    struct answer_reasons override;
    struct answer_items criteria;      /* id: "criterion N" */
    struct str on_failure_text;        /* as written: "rollback:dump" */
    enum answer_on_failure on_failure; /* computed */
    struct str rollback_option;        /* computed: the id behind "rollback:" */
    struct answer_sign_offs {
        struct answer_sign_off *items;
        size_t count;
    } sign_off;
};
/* NULL when there is an error. The answers live in `arena`. */
struct answers *answers_read(struct str bytes, struct str file_name, struct arena *arena,
                             struct plan_diagnostics *diagnostics) MUST_CHECK;
/* Do the answers speak of things that the plan has (ids, roles, options)? True without error.
 */
bool answers_check(const struct answers *answers, const struct plan *plan,
                   struct plan_diagnostics *diagnostics) MUST_CHECK;

/* -------------------------------------------------- what the one table also gives */

/* JSON Schema (draft 7, which editors read best) for editors; committed as
 * plans/schema/plan-v1.schema.json. */
void plan_json_schema(struct strbuf *out);
/* One entry per key: "path  type  default" and one sentence, as plain Markdown. */
void plan_reference(struct strbuf *out);

#endif
