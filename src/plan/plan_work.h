/* SPDX-License-Identifier: PostgreSQL */
/*
 * plan_work: what is done and how it is told: backup, checks, steps, verification,
 * monitoring, rollback, criteria, report, notify. Part of plan.h, which tells the conventions.
 */
#ifndef GONOGO_PLAN_WORK_H
#define GONOGO_PLAN_WORK_H

#include "plan_basics.h"

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
    /* Roles of which one person each types the word ROLLBACK before it begins, all of them
     * different people; empty: whoever types the database's name. */
    struct plan_texts confirm;
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
/* Somebody takes a finding of a rule upon himself. */
struct plan_waiver {
    struct plan_mark mark;
    struct str rule;   /* "L1"; whether there is such a rule is for those who know the rules */
    struct str file;   /* of a migration or of its undo; ptr NULL: every file */
    int64_t statement; /* of the file, from 1; PLAN_UNSAID: all of them */
    struct str reason;
    struct str person;
    struct str until; /* "2026-12-31", that day included; ptr NULL: it does not expire */
};
struct plan_waivers {
    struct plan_waiver *items;
    size_t count;
};
struct plan_benchmark {
    struct plan_mark mark;
    struct str sql;
    int64_t runs; /* default 5 */
};

#endif
