/* SPDX-License-Identifier: PostgreSQL */
/*
 * plan_terms: under which terms the work is done: window, ledger, counts, targets, roles,
 * limits, safety, checklist. Part of plan.h, which tells the conventions.
 */
#ifndef GONOGO_PLAN_TERMS_H
#define GONOGO_PLAN_TERMS_H

#include "plan_basics.h"

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
/* A role that a throw-away server gets beside its owner. */
struct plan_seed_role {
    struct plan_mark mark;
    struct str name;
    bool bypass_rls;
};
struct plan_seed_roles {
    struct plan_seed_role *items;
    size_t count;
};

struct plan_target {
    struct plan_mark mark;
    struct str id;
    struct str environment;
    bool guarded;
    struct str seed; /* SQL file, in the plan's folder */
    struct plan_seed_roles seed_roles;
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
    int64_t old_transaction_us;     /* default 1 h */
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

#endif
