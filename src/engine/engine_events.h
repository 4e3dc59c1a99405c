/* SPDX-License-Identifier: PostgreSQL */
/*
 * engine_events: what goes into the engine and what comes out of it: events, effects.
 */
#ifndef GONOGO_ENGINE_EVENTS_H
#define GONOGO_ENGINE_EVENTS_H

#include "engine_words.h"
#include "plan.h"

/* ------------------------------------------------------------------ events */

/*
 * Every event is one flat struct. The comment of each kind names the fields that it
 * carries beside `kind`, `at_us` and `seq`; all others are zero. Strings are borrowed:
 * engine_step() copies what it keeps. EVENT_TICK alone is never journaled.
 */
enum event_kind {
    EVENT_TICK,    /* time passed (at_us); wakes probes that are due. Changes no state */
    EVENT_START,   /* begin. who = OS user@host; value = when `gonogo notify` last sent
                      before_open   for these bytes, 0 = not; name = by whom; items {value = hook,
                      at_us = when   it heard it} */
    EVENT_RESUMED, /* begin again after a fold. who; flag = COMMIT-SENT of the open script is in
                      the journal; detail = evidence noted with it (xid etc. as JSON text);
                      value, name and items as with START */
    EVENT_CONNECTED,      /* session, pid, backend_start_us */
    EVENT_CONNECT_FAILED, /* session, text, value = attempts so far; flag: the server is there,
                             on another timeline than the run knew */
    EVENT_LOST,     /* session, text: the connection is gone; a request in flight on it has no
                       further answer */
    EVENT_LOOKED,   /* look, outcome, id ("waits": it was held up by a lock and asks for another
                       try), text, detail, items {name = migration, kind = "other bytes" when the
                       row   says so, value = applied at}, script; IDENTITY: flag and hint = the
                       server   moved to another timeline since the run knew it */
    EVENT_SNAPSHOT, /* moment, outcome, hash (file name in the run directory), items = counts
                       {kind = count word or "query", name = id, value}, changes (against
                       MOMENT_BEFORE; for MOMENT_BEFORE against MOMENT_REVIEW; for MOMENT_REVIEW
                       none), text on failure */
    EVENT_ROWS,     /* moment, items {name = schema.table, value = rows, flag = exact}: rows per
                       kept table */
    EVENT_DONE, /* query (BEGIN, LEDGER_WRITE, ROLLBACK, SWITCH, CANCEL, TERMINATE), outcome,
                   script, us, sqlstate, text; LEDGER_WRITE: name = the ledger, if it had to be
                   made first */
    EVENT_STATEMENT, /* script, index = statement, outcome, tag, rows, us, sqlstate, text,
                        detail, hint, items = blockers seen at a lock timeout {name, text},
                        id = place in the file, flag = it ended the transaction */
    EVENT_NOTICE,    /* script, index, sqlstate, id = severity, text */
    EVENT_EVIDENCE, /* script, outcome, xid, pid, backend_start_us, detail = checkpointer start:
                       noted before COMMIT */
    EVENT_COMMITTED, /* script, outcome, tag, us, sqlstate, text: the answer to COMMIT */
    EVENT_CHECKED,   /* place, script or set (in index), check, outcome (ok = pass, failed,
                        unknown = could not be   judged), text = actual (as show allows), detail =
                        why, hash, rows, us; value = how many were asked in one go: then us
                        is from when they were sent until this one was answered */
    EVENT_BLOCKERS,  /* items {name = who, text = what, value = pid, at_us = backend_start, flag
                        = is us, depth}: the lock  tree as last seen; empty = nobody waits. value
                        = waited_us */
    EVENT_TASK, /* task, index (backup or option), value of total: progress; text = what it is
                   doing */
    EVENT_TASK_DONE, /* task, index, outcome, level, hash, size, us, text, detail, items (what
                        differs), at_us */
    EVENT_SAMPLE,    /* index = probe, outcome (unknown = gap), number, text, us; flag: a gap
                        though the server answered, for a rate has no former value yet */
    EVENT_WRITES,    /* outcome, items {name = table, value = rows written since "backup", -1 =
                        not known}; flag: counted from a later moment on */
    EVENT_PROOF,     /* index = backup, items: what its newest proof found: {kind = "bytes",
                        at_us}, {"reached", value = level, at_us}, {"entries", value = of the
                        archive's list}, {"counted", name = "tables", value = by snapshot
                        "backup"}, {"listed", name, value = of those in the archive},
                        {"missing", name, text = which one is not}, {"said", text = a line of
                        pg_restore} */
    EVENT_ARCHIVER,  /* outcome, items {kind = "mode", text, flag = there is a command},
                        {"archived", name = segment, value = how long ago in us, -1 = never},
                        {"failed", the same}, {"failures", value}; text = why it is not known */
    EVENT_RECENT,    /* outcome, items {name = table that the plan drops or empties, kind =
                        whose   counter it is, value = rows written into it since those
                        statistics began, -1 = not known}: those that differ from the last
                        answer */
    EVENT_WORKLOAD,  /* moment, outcome, text = why not. BEFORE: hash = what the statements had
                        cost until then (file name in the run directory), value = how many. NOW:
                        us = for how long they were counted, number = ms of all statements,
                        value = microseconds that the look took, items {kind = "slow", "slower",
                        "running" or nothing new, name = which, text = statement, value = calls,
                        us = mean, was_us = mean before; 0: never seen then, -1: not known} */
    EVENT_COUNTED,   /* outcome, items as SNAPSHOT's without queries: the counts now */
    EVENT_FOUND, /* id = which look found it ("files", "undo", "sessions"); items {name = id of
                    the block, kind = rule, text, value = how many}: what the rules block, all
                    that this look finds; the former ones of the same look are over */
    EVENT_CONTEXT,     /* outcome (ok = the files were judged by what the target shows, failed =
                          they   were not), hash = the verdicts (file name in the run directory),
                          text   = what   is not known and why */
    EVENT_DUE_MONITOR, /* raised by the shell when engine_due() says so: the watch is over */
    EVENT_DUE_RETRY,  /* raised by the shell when engine_due() says so: try the connection again
                       */
    EVENT_DUE_NOTICE, /* raised by the shell when engine_due() says so: the clock says that the
                         team is to be told */
    EVENT_RECORD_FAILED, /* text: the journal cannot be written; flag: it was COMMIT-SENT that
                            could not, so that COMMIT was not sent. Not in the journal, of
                            course
                          */
    EVENT_REPORTED,      /* outcome, text = folder, hash */
    /* what people say; who = the person (and, headless, "by file …") , flag = claim (from an
     * answers file) */
    EVENT_NOTE,        /* id = checklist item, manual step or criterion; text; tag "no" = it is
                          not so */
    EVENT_OVERRIDE,    /* id = item, backup, block, "before" or "window"; text = reason;
                          who */
    EVENT_ATTEST,      /* id = external backup; name = snapshot's name; value = taken_us; who */
    EVENT_VOTE,        /* id = role, tag = GO, NO-GO or HOLD, text = reason, who */
    EVENT_NAME,        /* text = what was typed */
    EVENT_GO_ON,       /* go on from here; who */
    EVENT_RERUN,       /* id = check, or empty for all of them; or a backup: taken anew, tag
                          "prove" = only proved anew; who */
    EVENT_ACCEPT,      /* id = check, finding or breach; text = reason; who */
    EVENT_ACKNOWLEDGE, /* id = probe; text; who */
    EVENT_PACE,        /* us = how often the probes ask from now on, at least as often as the
                          plan says; who */
    EVENT_HOLD,        /* text = reason; who: stop at the next safe point */
    EVENT_CANCEL,      /* who: cancel our running statement or task */
    EVENT_TERMINATE,   /* pid, backend_start_us, flag = terminate (else cancel); who: end
                          another's session */
    EVENT_ROLLBACK,    /* text = reason; who: open the rollback decision */
    EVENT_OPTION,      /* id = rollback option; who */
    EVENT_CONFIRM,     /* id = role, who, text = ROLLBACK: one of those whom a way back needs */
    EVENT_BACK,        /* leave the decision, nothing done; who */
    EVENT_SETTLE, /* tag = "committed" or "rolled back", text = how it is known; who: a person's
                     word in doubt */
    EVENT_SIGN_OFF, /* id = role, who */
    EVENT_SCRIBE,   /* text: a note for the record; who */
    EVENT_LEAVE,    /* who: detach; the run can be resumed */
    EVENT_ABANDON,  /* text = reason; who: end the run where it stands; nobody resumes it */
    EVENT__COUNT,
};

/* Where a check stands in the plan. */
enum check_place {
    PLACE_ITEM,   /* checklist item `check` */
    PLACE_BEFORE, /* before: list of script `script` */
    PLACE_STEP,   /* checks: (or inside) list of script `script` */
    PLACE_SET,    /* set `index` of the verification */
    PLACE__COUNT,
};

enum change_kind {
    CHANGE_GONE,
    CHANGE_NEW,
    CHANGE_CHANGED
};

/* One member that differs between two snapshots. */
struct event_change {
    struct str what; /* count word: foreign_keys, rls_policies … */
    struct str name;
    enum change_kind kind;
    bool planned;              /* declared by the plan or implied by a removed table */
    struct str old_definition; /* for CHANGED; may be empty */
    struct str new_definition;
};

/* One line of whatever an event lists; its comment says which fields mean what. */
struct event_item {
    struct str kind;
    struct str name;
    struct str text;
    int64_t value;
    int64_t at_us;
    int depth;
    bool flag;
    int64_t us;
    int64_t was_us;
};

struct event {
    enum event_kind kind;
    uint64_t seq;  /* number in the journal; 0 for a tick */
    int64_t at_us; /* the run's clock, UTC */
    enum outcome outcome;
    enum session session;
    enum look look;
    int query; /* enum query, see below */
    enum moment moment;
    enum task task;
    enum check_place place;
    int script; /* index into run->scripts, -1 = none */
    int index;
    int check;
    struct str id;
    struct str name;
    struct str who;
    struct str tag;
    struct str text;
    struct str detail;
    struct str hint;
    struct str sqlstate;
    struct str hash;
    enum plan_backup_level level;
    int64_t rows;
    int64_t us;   /* how long it took */
    int64_t size; /* bytes */
    int64_t value;
    int64_t total;
    double number;
    int64_t pid;
    int64_t backend_start_us;
    int64_t xid;
    bool flag;
    const struct event_item *items;
    size_t item_count;
    const struct event_change *changes;
    size_t change_count;
};

/* One row per event kind, in order. */
struct event_info {
    const char *word;    /* in the journal, the state table and transcripts */
    bool by_person;      /* a decision: the engine answers with a synced DECISION record */
    const char *comment; /* one clause for people */
};
extern const struct event_info event_infos[EVENT__COUNT];

/* The event as members of a JSON object (fields that are zero or empty are left out), and back.
 */
void event_write(struct strbuf *out, const struct event *event); /* {"event":"statement", …} */
bool event_read(const struct json *object, struct arena *arena, struct event *event,
                struct err *err) MUST_CHECK;

/* ----------------------------------------------------------------- effects */

enum effect_kind {
    EFFECT_CONNECT, /* session; delay_us: wait so long first. → CONNECTED or CONNECT_FAILED */
    EFFECT_DISCONNECT, /* session; no answer */
    EFFECT_QUERY, /* query and its fields. → the event that the query's row names, or LOST */
    EFFECT_SPAWN, /* task, index. → TASK…, TASK_DONE */
    EFFECT_KILL,  /* task, index: stop the child's process group. → TASK_DONE failed */
    EFFECT_JOURNAL, /* record, announced; sync: on disk before the next effect */
    EFFECT_REPORT,  /* write the report files. → REPORTED */
    EFFECT_QUIT,    /* exit_code; nothing comes after it */
    EFFECT__COUNT,
};

enum query {
    QUERY_LOOK,     /* look, script. → LOOKED */
    QUERY_SNAPSHOT, /* moment, on check. → ROWS, then SNAPSHOT */
    QUERY_CHECK, /* place, script/index, check; inside = on work, in the open transaction, else
                    on check. → CHECKED */
    QUERY_BEGIN, /* work: BEGIN, SET LOCAL timeouts. → DONE. Changes the world */
    QUERY_STATEMENT,    /* work: script, index. → NOTICE…, STATEMENT. Changes the world */
    QUERY_LEDGER_WRITE, /* work: script; DOWN removes the row. → DONE. Changes the world */
    QUERY_EVIDENCE,     /* work. → EVIDENCE */
    QUERY_COMMIT,       /* work. → COMMITTED. Changes the world */
    QUERY_ROLLBACK,     /* work. → DONE */
    QUERY_PROBE, /* index = probe, whatever its kind (SQL, endpoint, log, program). → SAMPLE */
    QUERY_BLOCKERS, /* watch, while work is busy. → BLOCKERS */
    QUERY_CANCEL, /* watch: pg_cancel_backend of our own work session, bound to pid and start. →
                     DONE. Changes the world */
    QUERY_TERMINATE, /* watch: pid, backend_start_us, flag. → DONE. Changes the world */
    QUERY_SWITCH,    /* rename of the databases, index = option. → DONE. Changes the world */
    QUERY_COUNTS,    /* check: the counts alone, after a file. → COUNTED */
    QUERY_WRITES,    /* watch: rows written since the backup, per table. → WRITES */
    QUERY_ARCHIVER,  /* watch: pg_stat_archiver. → ARCHIVER */
    QUERY_RECENT,    /* watch: counters of the tables that the plan destroys. → RECENT */
    QUERY_WORKLOAD,  /* a session of its own: moment BEFORE or NOW: what the statements of the
                        application cost. → WORKLOAD */
    QUERY_CONTEXT, /* a child with a connection of its own: what the target shows, and what the
                      rules say of the files by it. → CONTEXT */
    QUERY__COUNT,
};

enum record {
    RECORD_PHASE,       /* a phase begins: phase */
    RECORD_DECISION,    /* a person decided: the event it belongs to is the record before */
    RECORD_INTENT,      /* a script is about to begin: script, attempt */
    RECORD_STATEMENT,   /* transaction: each: a statement is about to be sent: script, index */
    RECORD_COMMIT_SENT, /* script, xid, pid, backend_start_us, ledger key */
    RECORD_TASK,        /* a task is about to start: task, index */
    RECORD_SIGNAL, /* another session, or our own statement, is about to be cancelled or ended
                    */
    RECORD_SWITCH, /* databases are about to be renamed */
    RECORD_END,    /* the run ended or was left: exit_code */
    RECORD__COUNT,
};

struct effect {
    enum effect_kind kind;
    enum session session;
    enum query query;
    enum look look;
    enum moment moment;
    enum task task;
    enum plan_occasion occasion; /* NOTIFY */
    enum record record;
    enum check_place place;
    enum phase phase;
    int script;
    int index;
    int check;
    int attempt;
    bool inside;
    bool sync;
    bool flag;
    int64_t delay_us;
    int64_t pid;
    int64_t backend_start_us;
    int64_t xid;
    int exit_code;
    uint64_t announced; /* JOURNAL: number of this announcement, 1, 2, 3 … */
    uint64_t
        announced_by; /* effects that change the world: the announcement that covers them */
};

struct effects {
    struct effect *items;
    size_t count;
    size_t capacity;
};
void effects_release(struct effects *effects);
void effects_clear(struct effects *effects);
/* Does performing this effect change anything outside gonogo's own files? */
bool effect_changes_world(const struct effect *effect);
/* One line for transcripts: "query statement script=0 index=3 by=4". */
void effect_write(struct strbuf *out, const struct effect *effect);
extern const char *const effect_words[EFFECT__COUNT];
extern const char *const query_words[QUERY__COUNT];
extern const char *const record_words[RECORD__COUNT];
extern const char *const place_words[PLACE__COUNT];

#endif
