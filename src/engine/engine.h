/* SPDX-License-Identifier: PostgreSQL */
/*
 * engine: the model of one run and the only thing that changes it.
 *
 *     event → engine_step() → new model + list of effects → the shell → event
 *
 * The engine does no I/O, reads no clock, knows no random number and keeps no
 * state outside `struct run`. What happened arrives as an event; what shall
 * happen leaves as an effect. The screen, the plain prompts, the headless front
 * and the report only read the model.
 *
 * The journal law: no effect that changes the world stands in any list before
 * the JOURNAL effect that announces it. The performer syncs that record first
 * and drops the rest of the list if it cannot.
 *
 * Resume: every event but EVENT_TICK is written to the journal before it is
 * stepped; folding the same events through engine_step() again, effects thrown
 * away, gives the same model. EVENT_RESUMED then makes it look for the truth.
 */
#ifndef GONOGO_ENGINE_H
#define GONOGO_ENGINE_H

#include "base.h"
#include "catalog.h"
#include "plan.h"
#include "sql.h"

/* ------------------------------------------------------------- small words */

/* What became of something that the network touched. Never a boolean. */
enum outcome {
    OUTCOME_NONE,    /* not tried yet */
    OUTCOME_OK,      /* certainly happened */
    OUTCOME_FAILED,  /* certainly did not happen */
    OUTCOME_UNKNOWN, /* sent, and no answer tells */
    OUTCOME__COUNT,
};

enum run_mode {
    RUN_LIVE,
    RUN_REHEARSAL
};

/* The seven stations of the rail. */
enum phase {
    PHASE_PREP,
    PHASE_BACKUP,
    PHASE_POLL,
    PHASE_MIGRATE,
    PHASE_VERIFY,
    PHASE_MONITOR,
    PHASE_CLOSE,
    PHASE__COUNT,
};

/* Where a run stands. Each comment: why one is here; what is waited for; where it may go. */
enum state {
    STATE_NEW,      /* nothing happened yet; start or resumed; CONNECT */
    STATE_CONNECT,  /* the watch session connects; its answer; IDENTIFY, END */
    STATE_IDENTIFY, /* is this the server that the plan means, and is it ours? looks in order;
                       REVIEW, SETTLE, END */
    STATE_REVIEW,   /* snapshot "review" is read; its counts; PREP, WRONG_COUNTS */
    STATE_WRONG_COUNTS, /* the database is not what the plan starts from; look again, override,
                           abort; REVIEW, PREP, LEAVING */
    STATE_PREP,         /* checklist gate; notes, overrides, go on; BACKUP, POLL */
    STATE_BACKUP,       /* backups are taken and proved; tasks, attestations, go on; POLL */
    STATE_POLL,         /* go/no-go; answers, votes, go on; NAME */
    STATE_NAME,         /* point of no return; the typed database name; BEFORE */
    STATE_BEFORE,       /* snapshot "before"; equal to review: READY; else HOLD */
    STATE_READY,   /* the work session is made clean for the next script; looks; BEGIN, RUNNING,
                      MANUAL */
    STATE_BEGIN,   /* BEGIN and the settings were sent; their answer; RUNNING */
    STATE_RUNNING, /* a statement runs; its answer; RUNNING, INSIDE, LEDGER, UNDOING, LOST */
    STATE_INSIDE,  /* checks in the open transaction; their verdicts; LEDGER, UNDOING */
    STATE_LEDGER,  /* the ledger row is written; its answer; EVIDENCE, UNDOING */
    STATE_EVIDENCE,    /* xid and backend are read for the journal; COMMIT */
    STATE_COMMIT,      /* COMMIT was sent, COMMIT-SENT is on disk; the command tag; STEP_CHECKS,
                          FAILED, LOST */
    STATE_UNDOING,     /* ROLLBACK was sent after a failure; its answer; FAILED, LOST */
    STATE_STEP_CHECKS, /* the step's own checks run; verdicts; CHECKPOINT */
    STATE_CHECKPOINT,  /* between two steps; go on, accept, hold, roll back; READY, VERIFY,
                          CHOOSE */
    STATE_FAILED,      /* a step failed and is rolled back for certain; retry, roll back, leave;
                          READY, CHOOSE, LEAVING */
    STATE_MANUAL,      /* a step that people do; the done note; CHECKPOINT */
    STATE_VERIFY,      /* snapshot "now" and the verification sets; verdicts; JUDGE */
    STATE_JUDGE,       /* people look at the results; rerun, accept, go on, roll back; VERIFY,
                          MONITOR, CHOOSE */
    STATE_MONITOR,     /* the watch; samples, acknowledgements, time over; LAST, CHOOSE */
    STATE_LAST,        /* verification, counts, endpoints once more; CLOSE */
    STATE_CLOSE,       /* criteria, sign-offs; go on; REPORT */
    STATE_REPORT,      /* the report is written; END */
    STATE_HOLD, /* people stopped it at a safe point; go on, roll back, leave; the state before,
                   CHOOSE, LEAVING */
    STATE_CHOOSE,     /* the rollback decision; an option or back; WAY_NAME */
    STATE_WAY_NAME,   /* the typed database name for the way back; READY, RESTORE, WAY_MANUAL */
    STATE_WAY_MANUAL, /* people bring the old state back; done note; BACK_CHECK */
    STATE_RESTORE, /* the dump is restored into a new database and compared; SWITCH, CHOOSE */
    STATE_SWITCH,  /* rename of the databases; its answer; BACK_CHECK, IN_DOUBT */
    STATE_BACK_CHECK, /* is it equal to "before"? snapshot "back"; CLOSE */
    STATE_LOST,       /* the server went away; reconnect with a pause; SETTLE, LEAVING */
    STATE_SETTLE,     /* what became of the open script? looks at evidence; CHECKPOINT, FAILED,
                         HOLD, IN_DOUBT */
    STATE_IN_DOUBT,   /* nobody can know from evidence; a person says what they saw, or leaves
                         with 9 */
    STATE_LEAVING,    /* the run stops here and can be resumed; report; END */
    STATE_END,        /* over; nothing */
    STATE__COUNT,
};

/* Facts that decide the exit code. The worst wins, in this order of the table in engine.c. */
enum fact {
    FACT_UNKNOWN = 1 << 0,     /* 9: partial or unknown */
    FACT_RECORD = 1 << 1,      /* 11: our own record cannot be written */
    FACT_ROLLED_BACK = 1 << 2, /* 8: rolled back, equal to "before" */
    FACT_SQL = 1 << 3,         /* 3: a statement failed, that file is rolled back */
    FACT_CHECK = 1 << 4,       /* 5: a check or count is not as planned */
    FACT_STOPPED = 1 << 5,     /* 6: stopped at a safe point */
    FACT_CONNECT = 1 << 6,     /* 4: cannot connect or wrong target */
    FACT_LOCKED = 1 << 7,      /* 7: another run holds the lock */
    FACT_INTERNAL = 1 << 8,    /* 1: our own fault */
};

enum session {
    SESSION_WATCH,
    SESSION_WORK,
    SESSION_CHECK,
    SESSION__COUNT
};

/* Snapshots of the catalog by the moment that they show. */
enum moment {
    MOMENT_REVIEW, /* PREP */
    MOMENT_BACKUP, /* the dump's own exported snapshot */
    MOMENT_BEFORE, /* just before the first BEGIN */
    MOMENT_NOW,    /* VERIFY, the newest */
    MOMENT_LAST,   /* the end of MONITOR */
    MOMENT_BACK,   /* after a way back */
    MOMENT__COUNT,
};

/* Questions to the server whose answer is one EVENT_LOOKED. */
enum look {
    LOOK_IDENTITY, /* watch: pins of the target against what the server says; id = database,
                      text = who and where for people, name = the same as a strip; failed =
                      wrong target, text = why */
    LOOK_LOCK, /* watch: the run's advisory lock by try-lock; failed = text says who holds it */
    LOOK_POOLER,   /* watch + check: is a pooler between? failed = yes */
    LOOK_SETTINGS, /* watch: role rights, effective settings; text names what is missing; failed
                      = cannot run; detail = what will be in the way later, for a remark; hint =
                      why no restore could be switched to, if so */
    LOOK_LEDGER, /* watch: which scripts are applied (items: id, value = applied_at_us); failed
                    = no ledger and not to be created */
    LOOK_READY,  /* work: DISCARD ALL, settings set and read back, identity again, file bytes
                    still the approved ones,  ledger has no row of this script. ok; failed with
                    id  "applied" (ledger row is there), "changed" (file),  "identity",
                    "settings"
                  */
    LOOK_OLD_BACKEND, /* watch: is the old work backend (pid, backend_start) gone? ok = gone;
                         failed = still there */
    LOOK_LEDGER_ROW,  /* watch: is this script's row in the ledger? ok = present; failed =
                         absent; unknown = cannot read */
    LOOK_XID,         /* watch: pg_xact_status of the noted xid, where there is no ledger: ok =
                         committed and the server has         not crash-restarted since; failed =
                         aborted;         unknown = anything else */
    LOOK__COUNT,
};

/* Long work outside the connection, each a child process or several. */
enum task {
    TASK_DUMP,    /* pg_dump -Fc of the target in an exported snapshot; gives level dumped */
    TASK_PROVE,   /* list, restore into a scratch server, compare; gives the level reached */
    TASK_RESTORE, /* way back: restore the dump into a new, empty database and compare with
                     "before" */
    TASK_NOTIFY,  /* a hook of the plan; index is that of run->notices */
    TASK__COUNT,
};

/* What a script (one file or one manual step) is. */
enum script_kind {
    SCRIPT_MIGRATION, /* a step of the plan */
    SCRIPT_MANUAL,    /* a step that people do */
    SCRIPT_DOWN,      /* the undo file of a step, on the way back */
    SCRIPT_SQL,       /* the file of a rollback option */
    SCRIPT__COUNT,
};

enum script_state {
    SCRIPT_PENDING,
    SCRIPT_APPLIED, /* the ledger had it before this run */
    SCRIPT_OPEN,    /* INTENT is written; its fate is not read yet */
    SCRIPT_COMMITTED,
    SCRIPT_ROLLED_BACK, /* certainly without effect; it may be tried again */
    SCRIPT_UNKNOWN,     /* in doubt */
    SCRIPT_DONE,        /* a manual step, said done by a person */
    SCRIPT_UNDONE,      /* committed, and undone by a down script later */
    SCRIPT_STATE__COUNT,
};

/* ------------------------------------------------------------------ events */

/*
 * Every event is one flat struct. The comment of each kind names the fields that it
 * carries beside `kind`, `at_us` and `seq`; all others are zero. Strings are borrowed:
 * engine_step() copies what it keeps. EVENT_TICK alone is never journaled.
 */
enum event_kind {
    EVENT_TICK,    /* time passed (at_us); wakes probes that are due. Changes no state */
    EVENT_START,   /* begin. who = OS user@host; value = when `gonogo notify` sent before_open
                      for these bytes, 0 = not; name = by whom */
    EVENT_RESUMED, /* begin again after a fold. who; flag = COMMIT-SENT of the open script is in
                      the journal; detail = evidence noted with it (xid etc. as JSON text);
                      value and name as with START */
    EVENT_CONNECTED,      /* session, pid, backend_start_us */
    EVENT_CONNECT_FAILED, /* session, text, value = attempts so far */
    EVENT_LOST,     /* session, text: the connection is gone; a request in flight on it has no
                       further answer */
    EVENT_LOOKED,   /* look, outcome, id ("waits": it was held up by a lock and asks for another
                       try), text, detail, items, script */
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
                        why, hash, rows, us */
    EVENT_BLOCKERS,  /* items {name = who, text = what, value = pid, at_us = backend_start, flag
                        = is us, depth}: the lock  tree as last seen; empty = nobody waits. value
                        = waited_us */
    EVENT_TASK, /* task, index (backup or option), value of total: progress; text = what it is
                   doing */
    EVENT_TASK_DONE,   /* task, index, outcome, level, hash, size, us, text, detail, items (what
                          differs), at_us */
    EVENT_SAMPLE,      /* index = probe, outcome (unknown = gap), number, text, us */
    EVENT_WRITES,      /* items {name = table, value = rows written since "backup"} */
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
    EVENT_OVERRIDE,    /* id = item, backup, "before" or "window"; text = reason; who */
    EVENT_ATTEST,      /* id = external backup; name = snapshot's name; value = taken_us; who */
    EVENT_VOTE,        /* id = role, tag = GO, NO-GO or HOLD, text = reason, who */
    EVENT_NAME,        /* text = what was typed */
    EVENT_GO_ON,       /* go on from here; who */
    EVENT_RERUN,       /* id = check, or empty for all of them; who */
    EVENT_ACCEPT,      /* id = check, finding or breach; text = reason; who */
    EVENT_ACKNOWLEDGE, /* id = probe; text; who */
    EVENT_HOLD,        /* text = reason; who: stop at the next safe point */
    EVENT_CANCEL,      /* who: cancel our running statement or task */
    EVENT_TERMINATE,   /* pid, backend_start_us, flag = terminate (else cancel); who: end
                          another's session */
    EVENT_ROLLBACK,    /* text = reason; who: open the rollback decision */
    EVENT_OPTION,      /* id = rollback option; who */
    EVENT_BACK,        /* leave the decision, nothing done; who */
    EVENT_SETTLE, /* tag = "committed" or "rolled back", text = how it is known; who: a person's
                     word in doubt */
    EVENT_SIGN_OFF, /* id = role, who */
    EVENT_SCRIBE,   /* text: a note for the record; who */
    EVENT_LEAVE,    /* who: detach; the run can be resumed */
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
    QUERY_WRITES,    /* watch: rows written since the backup, per table. → WRITES */
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
extern const char *const look_words[LOOK__COUNT];
extern const char *const moment_words[MOMENT__COUNT];
extern const char *const task_words[TASK__COUNT];
extern const char *const place_words[PLACE__COUNT];
extern const char *const session_words[SESSION__COUNT];
extern const char *const outcome_words[OUTCOME__COUNT];
extern const char *const phase_words[PHASE__COUNT]; /* "PREP" … */
extern const char *const state_words[STATE__COUNT]; /* "prep", "wrong counts" … */
extern const char *const script_state_words[SCRIPT_STATE__COUNT];

/* ------------------------------------------------------------------- model */

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
    struct str actual;
    struct str why;
    int64_t us;
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
    int64_t xid;
    int64_t pid;
    int64_t backend_start_us;
    bool commit_sent;
    bool partial;       /* statements of it are committed, others are not (each, file) */
    bool cancelled;     /* a person cancelled it: stopped, not failed */
    bool failed;        /* the last attempt ended with an error of the server or of a check */
    struct str failure; /* one line, sanitised by whoever shows it */
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
    bool accepted;                 /* another number than expected was accepted */
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
    double baseline; /* median before the first change; NAN = none */
    struct str text; /* newest text (HTTP status, last log line) */
    int misses;      /* gaps in a row */
    int64_t heard;   /* answers during the watch */
    bool last_out;   /* asked once more at the end of the watch, and not answered yet */
    int64_t next_us; /* due then; 0 = at once */
    bool in_flight;
    bool breached; /* latched */
    bool acknowledged;
    bool accepted;
    struct str who;
    struct str why;
    int64_t breached_us;
    int64_t missed_us;                         /* the first of the misses that go on */
    struct str breach;                         /* value, limit and since when, as it broke */
    int64_t first_failure_us, last_failure_us; /* for downtime */
    int breaches;
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

enum {
    BLOCKERS_MAX = 32
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
    int connect_attempts;
    int64_t unreachable_us;  /* for how long, when that was said last */
    int64_t retry_us;        /* LOST: when to try again */
    enum look look;          /* IDENTIFY, READY, SETTLE: the one that is out */
    struct str database;     /* current_database(), as the server says */
    struct str server_text;  /* who and where, as the server says */
    struct str server_strip; /* the same on a strip of a screen */
    struct str settings_text;
    struct str
        no_restore; /* why a way back by restore would be refused; empty = nothing known */

    struct run_script *scripts;
    size_t script_count, script_capacity;
    int script;             /* the one at work; -1 = none */
    bool way_back;          /* scripts at work belong to a rollback option */
    int way_first;          /* first script of the way back */
    bool changed;           /* something of ours was committed */
    uint64_t intent;        /* announcement that covers the open script */
    struct str ledger_made; /* "schema.table": made by this run, so gonogo's own; else empty */

    struct run_item *items;
    size_t item_count;
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
    int option; /* chosen, -1 = none */
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
    int64_t waited_us; /* how long our statement has waited for a lock */
    int64_t blockers_due_us;
    bool blockers_out;
    struct event_item *writes;
    size_t write_count;
    int64_t writes_due_us; /* when to count them again */
    bool writes_out;
    bool findings_accepted; /* unlisted changes were accepted */
    struct str findings_by, findings_why;
    int64_t monitor_ends_us;
    struct str restore_text; /* way back by restore: what it is doing */
    int64_t restore_progress, restore_total;
    struct str report_folder, report_hash;
    bool leaving; /* the report is written because the run is left */
    struct run_notice *notices;
    size_t notice_count, notice_capacity;
    bool report_waits;    /* for the last hook */
    int64_t told_us;      /* `gonogo notify` sent before_open before this run; 0 = not */
    bool untold_accepted; /* a person goes on although nobody was told before */
};

/* What a run is made of; everything is borrowed and outlives the run. */
struct run_setup {
    const struct plan *plan;
    int target; /* index into plan->targets */
    enum run_mode mode;
    struct str id;
    struct str digest;
    bool simulated_clock;
    int64_t opens_us, closes_us, day_us;
    const struct sql_script *const *step_scripts; /* one per step, NULL for manual */
    const struct sql_script *const *undo_scripts; /* one per step, NULL = none */
    const struct sql_script *const
        *option_scripts; /* one per rollback option, NULL = not kind sql */
};
/*
 * `run` is the caller's storage; what it points to comes from `arena`, but for the lists that
 * grow, which run_release() frees.
 */
void run_init(struct run *run, const struct run_setup *setup, struct arena *arena);
void run_release(struct run *run);

/*
 * One event. Appends the effects. False with `err` (kind INTERNAL) only when the event
 * makes no sense at all (a script index out of range): the model is unchanged then.
 */
bool engine_step(struct run *run, const struct event *event, struct effects *effects,
                 struct err *err) MUST_CHECK;

/* The kind of event that time alone asks for now (EVENT_DUE_…), or EVENT_TICK for none. */
enum event_kind engine_due(const struct run *run, int64_t now_us);
/* The next moment at which engine_due() or a tick could matter; INT64_MAX = none. */
int64_t engine_next_us(const struct run *run);
/* 0..11 as the command line documents them; the worst fact wins. */
int engine_exit_code(const struct run *run);
/* Is nothing waited for but the clock: the watch's end, or the window's opening? */
bool engine_awaits_time(const struct run *run);
/* Is a transaction of ours open, or could it be? (then nobody may suspend or leave) */
bool engine_in_transaction(const struct run *run);

/* --------------------------------------------------------------- state table */

struct fsm_row {
    enum state state;
    enum event_kind event;
    bool (*guard)(const struct run *, const struct event *); /* NULL = always */
    const char *guard_word;
    void (*action)(struct run *, const struct event *, struct effects *); /* NULL = ignored */
    enum state next; /* STATE__COUNT: the action decides (its comment names where) */
    const char *
        comment; /* what the operator sees and the report prints; for ignored rows: because … */
};
extern const struct fsm_row fsm_rows[];
extern const size_t fsm_row_count;
/* The row that an event meets; rows for every state (STATE__COUNT in `state`) come last. NULL =
 * none. */
const struct fsm_row *fsm_find(const struct run *run, const struct event *event);
/* The table as a Mermaid state diagram. */
void fsm_write_mermaid(struct strbuf *out);

/* ------------------------------------------------- what is asked of people now */

enum ask_kind {
    ASK_NOTE,         /* EVENT_NOTE id: a checklist item, by its role */
    ASK_OVERRIDE,     /* EVENT_OVERRIDE id: item or backup that is not proven, reason */
    ASK_ATTEST,       /* EVENT_ATTEST id: external backup, name and time */
    ASK_VOTE,         /* EVENT_VOTE id */
    ASK_NAME,         /* EVENT_NAME: type the database name */
    ASK_GO_ON,        /* EVENT_GO_ON, or HOLD, ROLLBACK where `may` says so */
    ASK_WRONG_COUNTS, /* EVENT_RERUN, OVERRIDE "before", LEAVE */
    ASK_FAILED,       /* EVENT_GO_ON = try again, ROLLBACK, LEAVE */
    ASK_ACCEPT,       /* EVENT_ACCEPT id, RERUN, ROLLBACK, HOLD: a failed check or finding */
    ASK_MANUAL,       /* EVENT_NOTE id: a manual step is done */
    ASK_ACKNOWLEDGE,  /* EVENT_ACKNOWLEDGE id: a breached probe */
    ASK_OPTION,       /* EVENT_OPTION id, or BACK */
    ASK_CRITERION,    /* EVENT_NOTE id: attested criterion */
    ASK_SIGN_OFF,     /* EVENT_SIGN_OFF id */
    ASK_HOLD,         /* EVENT_GO_ON, ROLLBACK, LEAVE */
    ASK_IN_DOUBT,     /* EVENT_SETTLE, LEAVE */
    ASK__COUNT,
};
extern const char *const ask_words[ASK__COUNT];

/* One open question. Texts live in the plan or the run. */
struct ask {
    enum ask_kind kind;
    struct str id;
    struct str text;   /* the question */
    struct str detail; /* why it is asked, what is true now */
    struct str role;   /* who should answer; empty = the operator */
};
enum {
    ASKS_MAX = 64
};
/* Fills `asks` with the open questions, the most pressing first, and returns their number.
 * None: the run is busy, waits for time, or is over. */
size_t engine_asks(const struct run *run, struct arena *arena, struct ask *asks, size_t max);
/* One line: what we wait for and for whom. */
void engine_next_text(const struct run *run, struct strbuf *out);

/* Derived truths that more than one reader needs. */
bool item_is_closed(const struct run *run, const struct run_item *item, struct str *why_open,
                    struct arena *arena);
bool backup_is_proven(const struct run *run, const struct run_backup *backup);
bool verification_passed(const struct run *run, size_t *passed, size_t *accepted,
                         size_t *total);
/* The watch is over, and the probe never answered in it: not known is not healthy. */
bool probe_was_silent(const struct run *run, const struct run_probe *probe);
size_t run_hooks_out(const struct run *run); /* hooks that still run */
size_t unplanned_changes(const struct run *run, enum moment moment);
/* What people call it: "011", on the way back "undo of 011" or "way back recreate". */
struct str script_name(const struct run_script *script, struct arena *arena);
int64_t run_sql_us(const struct run *run);      /* all committed scripts */
int64_t run_downtime_us(const struct run *run); /* first to last failure of downtime probes */
/* The newest moment at which a way back of the chosen or fastest proven kind still fits into
 * the window. */
int64_t run_turn_back_us(const struct run *run);
const struct run_vote *vote_of(const struct run *run,
                               struct str role); /* the standing one, or NULL */

/* ------------------------------------------------------------------- fronts */

/*
 * A front shows the model and turns what people do into events. The same run drives
 * screen, plain prompts and headless. `emit` queues an event; it never steps at once.
 */
struct front_events {
    void *ctx;
    void (*emit)(void *ctx, const struct event *event);
};
struct front {
    void *ctx;
    /* The model changed (or time passed): show it. Must not block. */
    void (*present)(void *ctx, const struct run *run);
    /* What the front waits for: fd -1 = nothing; deadline on the monotonic clock, INT64_MAX =
     * none. */
    void (*wants)(void *ctx, int *fd, short *events, int64_t *deadline_us);
    void (*ready)(void *ctx, const struct run *run, short revents,
                  const struct front_events *events);
    /* A signal that people sent: SIGINT, SIGHUP, SIGTSTP, SIGWINCH. */
    void (*signal)(void *ctx, const struct run *run, int signal,
                   const struct front_events *events);
    /* The run is over: does somebody still look at it? Then the front is presented and asked
     * on until nobody does. NULL: no. */
    bool (*lingers)(void *ctx);
    void (*close)(void *ctx);
};

#endif
