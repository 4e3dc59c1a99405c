/* SPDX-License-Identifier: PostgreSQL */
/*
 * engine_words: the small words that events, effects and the model are told in, and how each
 * is written.
 */
#ifndef GONOGO_ENGINE_WORDS_H
#define GONOGO_ENGINE_WORDS_H

#include "base.h"

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
    LOOK_IN_THE_WAY,  /* watch: who stands on a table that the plan locks ACCESS EXCLUSIVE, and
                         will not go soon? ok = items {name = tables, kind = what it is, text =
                         in words, value = pid, at_us = since when}; failed = text says why it is
                         not known */
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

extern const char *const look_words[LOOK__COUNT];
extern const char *const moment_words[MOMENT__COUNT];
extern const char *const task_words[TASK__COUNT];
extern const char *const session_words[SESSION__COUNT];
extern const char *const outcome_words[OUTCOME__COUNT];
extern const char *const phase_words[PHASE__COUNT]; /* "PREP" … */
extern const char *const state_words[STATE__COUNT]; /* "prep", "wrong counts" … */
extern const char *const script_state_words[SCRIPT_STATE__COUNT];

#endif
