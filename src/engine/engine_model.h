/* SPDX-License-Identifier: PostgreSQL */
/*
 * engine_model: the model of one run, as the screens, the prompts and the report read it.
 */
#ifndef GONOGO_ENGINE_MODEL_H
#define GONOGO_ENGINE_MODEL_H

#include "engine_events.h"
#include "sql.h"

struct run_statement {
    enum outcome outcome;
    bool sent; /* running, or its answer is still out */
    struct str tag;
    struct str sqlstate;
    struct str text; /* error message */
    struct str detail;
    struct str hint;
    int64_t rows; /* -1 when the tag has no count */
    int64_t started_us;
    int64_t us;
};

/* The newest result of one check; history stays in the journal. */
struct run_check {
    const struct plan_check *check;
    enum outcome outcome; /* ok = pass */
    bool running;
    bool accepted;
    struct str accepted_by;
    struct str accepted_why;
    int64_t accepted_us; /* stands as long as the same is found again */
    struct str actual;
    struct str why;
    int64_t us;       /* from when it was asked, if need be with others, to its answer */
    int64_t together; /* so many were asked in one go; 0, 1: it alone */
    int64_t at_us;
    int runs; /* how often it was run */
};

struct run_script {
    enum script_kind kind;
    enum script_state state;
    int step;      /* index into plan->steps; -1 for SCRIPT_SQL */
    struct str id; /* "011" */
    struct str file;
    const struct sql_script *sql; /* NULL for MANUAL */
    enum plan_transaction transaction;
    size_t first,
        last; /* statements that are sent: [first, last), an outer BEGIN/COMMIT left out */
    struct run_statement *statements; /* one per statement of sql */
    int statement;                    /* the one that runs or ran last; -1 before the first */
    struct run_check *checks;         /* the step's checks */
    size_t check_count;
    struct run_check *before; /* the before: list, judged before BEGIN */
    size_t before_count;
    int attempts;
    int notices;
    int warnings;          /* notices of severity WARNING */
    int64_t applied_at_us; /* by the ledger, when APPLIED */
    int64_t started_us;    /* INTENT */
    int64_t ended_us;
    int64_t sql_us; /* sum of statements, BEGIN and COMMIT of the last attempt */
    int64_t wrote;  /* rows in tables that it has not made, when COMMITTED */
    int64_t xid;
    int64_t pid;
    int64_t backend_start_us;
    bool commit_sent;
    bool once_committed; /* UNKNOWN, and it was acknowledged once: failover, or a lost row */
    bool partial;        /* statements of it are committed, others are not (each, file) */
    bool cancelled;      /* a person cancelled it: stopped, not failed */
    bool failed;         /* the last attempt ended with an error of the server or of a check */
    struct str failure;  /* one line, sanitised by whoever shows it */
    struct str failure_state; /* SQLSTATE */
    struct str settled_by;    /* "ledger row", "transaction id", "word of anna" … empty = the
                                 server's answer */
    struct str note;          /* MANUAL: what the person said */
    struct str ledger; /* the ledger that was made in this script's transaction, if it was */
};

/* A checklist item and what answers it. */
struct run_item {
    const struct plan_item *item;
    bool answered; /* a note is there */
    bool denied;   /* … and it says no: its gate stays shut */
    bool overridden;
    bool claim; /* answered or overridden by an answers file */
    struct str who;
    struct str text; /* note or evidence */
    struct str why;  /* reason of the override */
    int64_t at_us;
    struct run_check check; /* proof: sql or run */
    bool passed;            /* its gate was passed: it counted then, whatever its age is now */
};

/* A finding of severity BLOCK: no GO, or no way back, until a person overrides it. */
struct run_block {
    struct str id;     /* "012.D1": the migration and the rule; unique in the run; of an undo
                          file "012.undo.D1" */
    struct str source; /* which look found it: "files", "undo", "sessions" ... */
    struct str rule;   /* "D1" */
    struct str text;   /* what was found */
    int64_t count;     /* how much of it */
    bool overridden;
    bool claim; /* by an answers file */
    struct str who;
    struct str why;
    int64_t at_us;
};

struct run_backup {
    const struct plan_backup *backup;
    enum plan_backup_level level; /* UNSAID = nothing yet */
    bool running;
    bool failed;
    bool attested; /* external */
    bool claim;
    bool passed; /* the poll was passed with it: it counted then, whatever its age is now */
    bool overridden;
    struct str who;
    struct str why;
    struct str name; /* file, or the provider's name for it */
    struct str hash;
    struct str text;   /* what it is doing, or why it failed */
    struct str detail; /* what differs, what is not covered */
    int64_t size;
    int64_t taken_us; /* the moment that a restore would bring back */
    int64_t dump_us;
    int64_t restore_us; /* measured, ANALYZE included: the rollback estimate */
    int64_t progress;
    int64_t total;
    int64_t reached_us[PLAN_LEVEL_COMPARED + 1]; /* when a level was reached; 0 = not */
    int64_t bytes_us;         /* when size and hash were found to be the same once more */
    struct event_item *proof; /* of the newest proof, as EVENT_PROOF has it */
    size_t proof_count;
};

/* WAL archiving, as the server told it. */
struct run_archiver {
    bool out;
    int64_t due_us;
    enum outcome outcome; /* of the newest answer */
    int64_t at_us;        /* of the newest good one */
    struct str text;      /* why it is not known */
    struct str mode;      /* archive_mode: "off", "on", "always" */
    bool commanded;       /* somebody said where to */
    struct str segment;
    int64_t archived_us; /* how long before at_us; -1 = never */
    struct str failed_segment;
    int64_t failed_us; /* how long before at_us the newest failure was; -1 = never */
    int64_t failures;  /* since those statistics began */
};

struct run_vote {
    struct str role;
    struct str who;
    struct str vote; /* GO, NO-GO, HOLD */
    struct str why;
    int64_t at_us;
    bool claim;
    bool replaced; /* a later vote of the same role stands */
};

/* One judged number: before, now, expected. */
struct run_count {
    const struct plan_count *plan; /* NULL: counted, not judged */
    struct str word;               /* count word or "query" */
    struct str id;
    struct str title;
    int64_t expected_before;       /* -1 = not given */
    int64_t expected;              /* after; -1 = not given */
    int64_t values[MOMENT__COUNT]; /* -1 = not known yet */
    bool accepted;                 /* another number than expected was accepted: this one */
    int64_t accepted_value;
    int64_t accepted_us;
    struct str who;
    struct str why;
};

struct run_snapshot {
    bool taken;
    int64_t at_us;
    struct str hash;
    struct event_change *changes; /* against before (for BEFORE: against review) */
    size_t change_count;
    struct event_item *rows; /* per kept table */
    size_t row_count;
};

struct run_sample {
    int64_t at_us;
    enum outcome outcome; /* unknown = gap */
    double number;
    int64_t us;
};

struct run_probe {
    const struct plan_probe *probe;
    struct run_sample *samples; /* ring */
    size_t capacity, count, next;
    double baseline;     /* median before the first change; NAN = none */
    struct str text;     /* newest text (HTTP status, last log line) */
    int misses;          /* gaps in a row */
    int64_t heard;       /* answers during the watch */
    int64_t heard_us;    /* the last answer */
    int64_t observed_us; /* of the watch: without the gaps between answers */
    bool last_out;       /* asked once more at the end of the watch, and not answered yet */
    int64_t next_us;     /* due then; 0 = at once */
    bool in_flight;
    bool breached;     /* latched */
    bool recovered;    /* … and good again since: the next breach is another one */
    bool acknowledged; /* a person took notice: asked once, so it is accepted, too */
    bool accepted;
    struct str who;
    struct str why;
    int64_t accepted_us;
    int64_t breached_us;
    int64_t missed_us;                         /* the first of the misses that go on */
    struct str breach;                         /* value, limit and since when, as it broke */
    int64_t first_failure_us, last_failure_us; /* for downtime */
    int breaches;
};

/* A statement among those that took most of the server's time, as last counted. */
struct run_load {
    struct str id; /* the same statement again */
    struct str text;
    int64_t calls;
    int64_t us;     /* mean of a call */
    int64_t was_us; /* before the migration; 0: never seen then, -1: not known */
    bool news;      /* it became slow, or slower */
};

/* What is there since the migration and was not before. */
struct run_news {
    struct str kind; /* "slow", "slower", "running", "log" */
    struct str id;   /* the same one again: its times are added up */
    struct str text;
    int64_t first_us, last_us;
    int64_t times;
    int64_t us; /* of a statement: as last counted */
    int64_t was_us;
};

enum {
    LOADS_MAX = 16,
    NEWS_MAX = 40, /* the one that was quiet for longest gives way */
};

/* What the application's statements cost, before the migration and since. */
struct run_workload {
    bool out; /* asked, and not answered yet */
    int64_t due_us;
    enum outcome before;    /* of the answer before the migration; NONE: not asked */
    struct str before_hash; /* file of the run directory */
    struct str before_text; /* why it is not known */
    enum outcome outcome;   /* of the newest answer; NONE: none yet */
    struct str text;        /* why it is not known */
    int64_t at_us;
    int64_t us;                       /* for how long it counted; of the newest that is known */
    int64_t from_us;                  /* when that answer came; 0: none is known */
    double ms;                        /* of all statements in that time */
    struct run_load loads[LOADS_MAX]; /* most time first */
    size_t load_count;
    struct run_news *news; /* of NEWS_MAX; in no order */
    size_t news_count;
    int64_t news_told; /* how many there were, those that gave way included */
    struct str *lines; /* kinds of log lines that came before the migration, of NEWS_MAX */
    size_t line_count;
};

struct run_option {
    const struct plan_rollback_option *option;
    int64_t estimate_us; /* measured where it can be, else the plan's */
    bool measured;
    bool possible;
    struct str why_not;
};

struct run_criterion {
    const struct plan_criterion *criterion;
    enum outcome outcome; /* unknown = not known yet */
    bool accepted; /* missed, and a person accepted what it rests on; `actual` says who */
    bool undone;   /* judged before a way back: of now nothing is known by it */
    struct str actual;
    struct str who; /* attested */
    int64_t at_us;
};

struct run_signature {
    struct str role;
    struct str who;
    int64_t at_us;
    bool claim;
};

/* A slot of the schedule, planned against actual. */
struct run_slot {
    struct str title;
    enum phase phase;
    int script;               /* -1 = a whole phase */
    int64_t planned_start_us; /* 0 = no slot of its own */
    int64_t planned_us;
    int64_t started_us; /* 0 = not yet */
    int64_t ended_us;
};

/* What people said that is not kept elsewhere, for the report's first page and the log. */
struct run_remark {
    int64_t at_us;
    struct str who;
    struct str kind; /* "override", "accepted", "hold", "note", "engine" … */
    struct str id;
    struct str text;
    bool claim;
};

/* A hook that was started: on which occasion, and what became of it. */
struct run_notice {
    const struct plan_notification *hook;
    enum plan_occasion occasion;
    struct str why; /* in words, for the team */
    int64_t at_us;
    enum outcome outcome; /* NONE = it runs; UNKNOWN = the run broke off meanwhile */
    int64_t us;
    struct str text;   /* why it failed, or "sent" */
    struct str output; /* what it said, shortened */
};

/* What the rules say of the files by what the target shows. */
struct run_context {
    bool out;             /* asked, and not answered yet */
    enum outcome outcome; /* of the newest answer */
    int64_t at_us;
    struct str hash; /* of the newest verdicts, in the run directory; empty: none */
    struct str text; /* what is not known, and why */
};

/* A session or prepared transaction that our strong locks would wait for, and others behind. */
struct run_obstacle {
    struct str kind; /* "pg_dump", "prepared transaction left" … */
    struct str name; /* the tables that it stands on; empty: not known which */
    struct str text; /* in words */
    int64_t pid;
    int64_t since_us; /* with kind and pid: the same one again */
    bool overridden;  /* a person goes on all the same */
};

/* Asked when the poll opens and anew when GO is asked. */
struct run_obstacles {
    bool out;             /* asked, and not answered yet */
    bool go;              /* asked because GO was: the answer decides */
    enum outcome outcome; /* of the newest answer */
    int64_t at_us;
    struct str text; /* why it is not known */
    struct run_obstacle *items;
    size_t count;
    bool unknown_overridden; /* a person goes on without knowing */
};

enum {
    BLOCKERS_MAX = 32,
    RECENT_STRETCHES = 40, /* of ten seconds: the window, and a little more */
    WRITTEN_STRETCHES = 240,
};

/* Rows that were written to a table between two answers. */
struct run_stretch {
    int64_t from_us, at_us;
    int64_t rows; /* -1 = not known */
};

/* A table that the plan drops or empties, and who still writes to it, until the first file. */
struct run_recent {
    struct str name;     /* as lint_destroyed has it */
    struct str identity; /* of the counter: another one is another table, or a reset */
    int64_t counter;     /* rows inserted, updated and deleted; -1 = not known */
    int64_t since_us;    /* the first answer */
    int64_t at_us;       /* the newest */
    struct run_stretch stretches[RECENT_STRETCHES]; /* ring */
    size_t count, next;
    bool told; /* that it is still written */
};

/* A session that was lost is connected again for ever; people are told when it takes long. */
struct run_patience {
    int attempts;
    int64_t us;      /* for how long it cannot be reached, by the newest failure */
    int64_t from_us; /* … of which was over when this patience began */
    bool told;       /* that it did not come back */
};

struct run_setup;

struct run {
    struct arena *arena; /* the run's own memory */
    const struct run_setup *setup;
    const struct plan *plan;
    const struct plan_target *target;
    enum run_mode mode;
    struct str id;
    struct str digest;
    struct str operator_name; /* OS user at host */
    bool simulated_clock;
    bool window_overridden;  /* a person decided to start outside the window */
    bool counts_overridden;  /* … or with other counts than the plan starts from */
    bool monitor_overridden; /* … or to end the watch early */
    int64_t opens_us, closes_us, day_us; /* window, UTC; day_us = local midnight of its date */

    enum state state;
    enum state back; /* HOLD, CHOOSE: where going on leads to */
    enum phase phase;
    unsigned facts; /* enum fact */
    bool resumed;
    int64_t now_us; /* of the newest event */
    int64_t started_us, ended_us;
    int64_t phase_started_us[PHASE__COUNT];
    int64_t phase_ended_us[PHASE__COUNT];
    uint64_t events;    /* events stepped */
    uint64_t announced; /* announcements so far */

    struct str hold_reason; /* why we stand in HOLD, FAILED, WRONG_COUNTS, IN_DOUBT */
    struct str hold_by;
    enum state left;    /* where the run was left or broke off; resume goes there */
    bool hold_wanted;   /* stop at the next safe point */
    bool file_changed;  /* a file is not what was approved: only a new run can go on */
    bool cancel_wanted; /* a person cancelled: that failure is 6, not 3 */

    bool connected[SESSION__COUNT];
    bool locked; /* the watch session holds the lock: nothing of ours begins without it */
    int64_t session_pid[SESSION__COUNT];
    int64_t session_start_us[SESSION__COUNT];
    struct run_patience patience[SESSION__COUNT];
    int look_attempts;       /* IDENTIFY, SETTLE: how often this look was asked again */
    int64_t retry_us;        /* when to look again in this state; 0 = not */
    enum look look;          /* IDENTIFY, READY, SETTLE: the one that is out */
    struct str moved;        /* a resumed run: to which timeline the server moved; else empty */
    struct str database;     /* current_database(), as the server says */
    struct str server_text;  /* who and where, as the server says */
    struct str server_strip; /* the same on a strip of a screen */
    struct str settings_text;
    struct str
        no_restore; /* why a way back by restore would be refused; empty = nothing known */

    struct run_script *scripts;
    size_t script_count, script_capacity;
    int script;    /* the one at work; -1 = none */
    bool way_back; /* scripts at work belong to a rollback option */
    int way_first; /* first script of the way back */
    int64_t way_started_us, way_ended_us;
    struct str way_text; /* what the check after the way back said; empty: it did not speak */
    bool changed;        /* something of ours was committed */
    uint64_t intent;     /* announcement that covers the open script */
    struct str ledger_made; /* "schema.table": made by this run, so gonogo's own; else empty */

    struct run_context context;
    struct run_obstacles obstacles;
    struct run_item *items;
    size_t item_count;
    struct run_block *blocks;
    size_t block_count;
    struct run_block *undo_blocks; /* of undo files: asked when a way back by them is chosen */
    size_t undo_block_count;
    struct run_backup *backups;
    size_t backup_count;
    struct run_vote *votes;
    size_t vote_count, vote_capacity;
    struct run_count *counts;
    size_t count_count;
    struct run_snapshot snapshots[MOMENT__COUNT];
    struct run_check **sets; /* [set][check], as plan->verification.sets */
    size_t set_count;
    int running_checks; /* checks and snapshots still out */
    struct run_probe *probes;
    size_t probe_count;
    struct run_option *options;
    size_t option_count;
    int option;     /* chosen, -1 = none */
    bool way_named; /* the database's name was typed for it; people confirm now */
    struct run_signature *confirmations; /* of the way back that is chosen */
    size_t confirmation_count, confirmation_capacity;
    struct run_criterion *criteria;
    size_t criterion_count;
    struct run_signature *signatures;
    size_t signature_count, signature_capacity;
    struct run_slot *slots;
    size_t slot_count;
    struct run_remark *remarks;
    size_t remark_count, remark_capacity;
    struct event_item *blockers;
    size_t blocker_count;
    int64_t waited_us;      /* how long our statement has waited for a lock */
    int64_t blockers_at_us; /* when that and the blockers were seen */
    int64_t blockers_due_us;
    bool blockers_out;
    struct event_item *writes;
    size_t write_count;
    int64_t writes_due_us; /* when to count them again */
    bool writes_out;
    int64_t writes_at_us; /* when they were counted */
    bool writes_in_part;  /* counted anew from some later moment: there may be more */
    struct run_stretch written[WRITTEN_STRETCHES]; /* since the backup, all tables together */
    size_t written_count;
    struct run_archiver archiver;
    struct run_recent *recents; /* writes into what the plan destroys */
    size_t recent_count, recent_capacity;
    int64_t recent_due_us; /* when to ask for them again */
    int64_t recent_answers;
    bool recent_out;
    bool counts_out;        /* the counts after a file were asked for */
    bool findings_accepted; /* unlisted changes were accepted */
    struct str findings_by, findings_why;
    int64_t findings_us;
    struct run_workload workload;
    int64_t pace_us; /* how often the probes ask: the plan's, or oftener at a person's wish */
    int64_t monitor_ends_us;
    int64_t probes_heard_us; /* the last answer of any probe */
    int64_t observed_us;     /* of the watch: when any probe answered */
    int64_t last_began_us;   /* LAST: only what is asked after it counts for it */
    struct str restore_text; /* way back by restore: what it is doing */
    int64_t restore_progress, restore_total;
    struct str report_folder, report_hash;
    bool leaving;   /* the report is written because the run is left */
    bool abandoned; /* a person ended it before its end: over, and not to be resumed */
    struct run_notice *notices;
    size_t notice_count, notice_capacity;
    bool report_waits;    /* for the last hook */
    int64_t told_us;      /* `gonogo notify` sent before_open before this run; 0 = not */
    int64_t *notified_us; /* … and this hook of the plan heard it; 0 = not */
    bool untold_accepted; /* a person goes on although nobody was told before */
};

#endif
