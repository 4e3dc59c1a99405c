/* SPDX-License-Identifier: PostgreSQL */
/*
 * The words of the engine: what events, effects, states and outcomes are called in
 * the journal, in transcripts, in the state diagram and on the screen. One table
 * an enum, in the order of the enum; a journal written today must be readable
 * later, so words are added and never changed.
 */
#include "engine.h"

const char *const effect_words[EFFECT__COUNT] = {
    [EFFECT_CONNECT] = "connect", [EFFECT_DISCONNECT] = "disconnect",
    [EFFECT_QUERY] = "query",     [EFFECT_SPAWN] = "spawn",
    [EFFECT_KILL] = "kill",       [EFFECT_JOURNAL] = "journal",
    [EFFECT_REPORT] = "report",   [EFFECT_QUIT] = "quit",
};

const char *const query_words[QUERY__COUNT] = {
    [QUERY_LOOK] = "look",           [QUERY_SNAPSHOT] = "snapshot",
    [QUERY_CHECK] = "check",         [QUERY_BEGIN] = "begin",
    [QUERY_STATEMENT] = "statement", [QUERY_LEDGER_WRITE] = "ledger write",
    [QUERY_EVIDENCE] = "evidence",   [QUERY_COMMIT] = "commit",
    [QUERY_ROLLBACK] = "rollback",   [QUERY_PROBE] = "probe",
    [QUERY_BLOCKERS] = "blockers",   [QUERY_CANCEL] = "cancel",
    [QUERY_TERMINATE] = "terminate", [QUERY_SWITCH] = "switch",
    [QUERY_COUNTS] = "counts",       [QUERY_WRITES] = "writes",
    [QUERY_CONTEXT] = "context",     [QUERY_RECENT] = "recent",
    [QUERY_WORKLOAD] = "workload",   [QUERY_ARCHIVER] = "archiver",
};

const char *const record_words[RECORD__COUNT] = {
    [RECORD_PHASE] = "phase",
    [RECORD_DECISION] = "decision",
    [RECORD_INTENT] = "intent",
    [RECORD_STATEMENT] = "statement",
    [RECORD_COMMIT_SENT] = "commit sent",
    [RECORD_TASK] = "task",
    [RECORD_SIGNAL] = "signal",
    [RECORD_SWITCH] = "switch",
    [RECORD_END] = "end",
};

const char *const look_words[LOOK__COUNT] = {
    [LOOK_IDENTITY] = "identity",
    [LOOK_LOCK] = "lock",
    [LOOK_POOLER] = "pooler",
    [LOOK_SETTINGS] = "settings",
    [LOOK_LEDGER] = "ledger",
    [LOOK_READY] = "ready",
    [LOOK_OLD_BACKEND] = "old backend",
    [LOOK_LEDGER_ROW] = "ledger row",
    [LOOK_XID] = "xid",
    [LOOK_IN_THE_WAY] = "in the way",
};

const char *const moment_words[MOMENT__COUNT] = {
    [MOMENT_REVIEW] = "review", [MOMENT_BACKUP] = "backup", [MOMENT_BEFORE] = "before",
    [MOMENT_NOW] = "now",       [MOMENT_LAST] = "last",     [MOMENT_BACK] = "back",
};

const char *const task_words[TASK__COUNT] = {
    [TASK_DUMP] = "dump",
    [TASK_PROVE] = "prove",
    [TASK_RESTORE] = "restore",
    [TASK_NOTIFY] = "notify",
};

const char *const place_words[PLACE__COUNT] = {
    [PLACE_ITEM] = "item",
    [PLACE_BEFORE] = "before",
    [PLACE_STEP] = "step",
    [PLACE_SET] = "set",
};

const char *const session_words[SESSION__COUNT] = {
    [SESSION_WATCH] = "watch",
    [SESSION_WORK] = "work",
    [SESSION_CHECK] = "check",
};

const char *const outcome_words[OUTCOME__COUNT] = {
    [OUTCOME_NONE] = "none",
    [OUTCOME_OK] = "ok",
    [OUTCOME_FAILED] = "failed",
    [OUTCOME_UNKNOWN] = "unknown",
};

const char *const phase_words[PHASE__COUNT] = {
    [PHASE_PREP] = "PREP",       [PHASE_BACKUP] = "BACKUP", [PHASE_POLL] = "POLL",
    [PHASE_MIGRATE] = "MIGRATE", [PHASE_VERIFY] = "VERIFY", [PHASE_MONITOR] = "MONITOR",
    [PHASE_CLOSE] = "CLOSE",
};

const char *const state_words[STATE__COUNT] = {
    [STATE_NEW] = "new",
    [STATE_CONNECT] = "connect",
    [STATE_IDENTIFY] = "identify",
    [STATE_REVIEW] = "review",
    [STATE_WRONG_COUNTS] = "wrong counts",
    [STATE_PREP] = "prep",
    [STATE_BACKUP] = "backup",
    [STATE_POLL] = "poll",
    [STATE_NAME] = "name",
    [STATE_BEFORE] = "before",
    [STATE_READY] = "ready",
    [STATE_BEGIN] = "begin",
    [STATE_RUNNING] = "running",
    [STATE_INSIDE] = "inside",
    [STATE_LEDGER] = "ledger",
    [STATE_EVIDENCE] = "evidence",
    [STATE_COMMIT] = "commit",
    [STATE_UNDOING] = "undoing",
    [STATE_STEP_CHECKS] = "step checks",
    [STATE_CHECKPOINT] = "checkpoint",
    [STATE_FAILED] = "failed",
    [STATE_MANUAL] = "manual",
    [STATE_VERIFY] = "verify",
    [STATE_JUDGE] = "judge",
    [STATE_MONITOR] = "monitor",
    [STATE_LAST] = "last",
    [STATE_CLOSE] = "close",
    [STATE_REPORT] = "report",
    [STATE_HOLD] = "hold",
    [STATE_CHOOSE] = "choose",
    [STATE_WAY_NAME] = "way name",
    [STATE_WAY_MANUAL] = "way manual",
    [STATE_RESTORE] = "restore",
    [STATE_SWITCH] = "switch",
    [STATE_BACK_CHECK] = "back check",
    [STATE_LOST] = "lost",
    [STATE_SETTLE] = "settle",
    [STATE_IN_DOUBT] = "in doubt",
    [STATE_LEAVING] = "leaving",
    [STATE_END] = "end",
};

const char *const script_state_words[SCRIPT_STATE__COUNT] = {
    [SCRIPT_PENDING] = "pending",
    [SCRIPT_APPLIED] = "applied before",
    [SCRIPT_OPEN] = "open",
    [SCRIPT_COMMITTED] = "committed",
    [SCRIPT_ROLLED_BACK] = "rolled back",
    [SCRIPT_UNKNOWN] = "unknown",
    [SCRIPT_DONE] = "done",
    [SCRIPT_UNDONE] = "undone",
};

struct str script_name(const struct run_script *script, struct arena *arena)
{
    static const char *const before[SCRIPT__COUNT] = {
        [SCRIPT_MIGRATION] = "",
        [SCRIPT_MANUAL] = "",
        [SCRIPT_DOWN] = "undo of ",
        [SCRIPT_SQL] = "way back ",
    };
    return str_format(arena, "%s%.*s", before[script->kind], STR_ARG(script->id));
}

const char *const ask_words[ASK__COUNT] = {
    [ASK_NOTE] = "note",
    [ASK_OVERRIDE] = "override",
    [ASK_ATTEST] = "attest",
    [ASK_VOTE] = "vote",
    [ASK_NAME] = "name",
    [ASK_GO_ON] = "go on",
    [ASK_WRONG_COUNTS] = "wrong counts",
    [ASK_FAILED] = "failed",
    [ASK_ACCEPT] = "accept",
    [ASK_MANUAL] = "manual",
    [ASK_ACKNOWLEDGE] = "acknowledge",
    [ASK_OPTION] = "option",
    [ASK_CONFIRM] = "confirm",
    [ASK_CRITERION] = "criterion",
    [ASK_SIGN_OFF] = "sign off",
    [ASK_HOLD] = "hold",
    [ASK_IN_DOUBT] = "in doubt",
};

/*
 * word       in the journal and in transcripts
 * by_person  a decision: a synced DECISION record precedes what it causes
 * comment    one clause for people
 */
const struct event_info event_infos[EVENT__COUNT] = {
    [EVENT_TICK] = {"tick", false, "time passed"},
    [EVENT_START] = {"start", true, "the run begins"},
    [EVENT_RESUMED] = {"resumed", true, "the run is taken up again"},
    [EVENT_CONNECTED] = {"connected", false, "a session is connected"},
    [EVENT_CONNECT_FAILED] = {"connect failed", false, "a session cannot be connected"},
    [EVENT_LOST] = {"lost", false, "a connection is lost"},
    [EVENT_LOOKED] = {"looked", false, "the server answered a question"},
    [EVENT_SNAPSHOT] = {"snapshot", false, "the catalog was read"},
    [EVENT_ROWS] = {"rows", false, "rows were counted"},
    [EVENT_DONE] = {"done", false, "a command was answered"},
    [EVENT_STATEMENT] = {"statement", false, "a statement was answered"},
    [EVENT_NOTICE] = {"notice", false, "the server said something"},
    [EVENT_EVIDENCE] = {"evidence", false, "the transaction's marks were read"},
    [EVENT_COMMITTED] = {"committed", false, "COMMIT was answered"},
    [EVENT_CHECKED] = {"checked", false, "a check was judged"},
    [EVENT_BLOCKERS] = {"blockers", false, "the lock queue was read"},
    [EVENT_TASK] = {"task", false, "a task moved on"},
    [EVENT_TASK_DONE] = {"task done", false, "a task ended"},
    [EVENT_SAMPLE] = {"sample", false, "a probe answered"},
    [EVENT_COUNTED] = {"counted", false, "what stands in the catalog was counted"},
    [EVENT_WRITES] = {"writes", false, "writes since the backup were counted"},
    [EVENT_PROOF] = {"proof", false, "what the proof of a backup found"},
    [EVENT_ARCHIVER] = {"archiver", false, "the server told of its WAL archiving"},
    [EVENT_RECENT] = {"recent", false, "who still writes to what the plan destroys was asked"},
    [EVENT_WORKLOAD] = {"workload", false, "what the statements cost was counted"},
    [EVENT_FOUND] = {"found", false, "the rules found what blocks GO"},
    [EVENT_CONTEXT] = {"context", false, "the files were judged by what the target shows"},
    [EVENT_DUE_MONITOR] = {"monitor over", false, "the watch is over"},
    [EVENT_DUE_NOTICE] = {"notice due", false, "it is time to tell the team"},
    [EVENT_DUE_RETRY] = {"retry due", false, "it is time to try again"},
    [EVENT_RECORD_FAILED] = {"record failed", false, "the journal cannot be written"},
    [EVENT_REPORTED] = {"reported", false, "the report is written"},
    [EVENT_NOTE] = {"note", true, "a person answered"},
    [EVENT_OVERRIDE] = {"override", true, "a person overrode"},
    [EVENT_ATTEST] = {"attest", true, "a person attested"},
    [EVENT_VOTE] = {"vote", true, "a vote was given"},
    [EVENT_NAME] = {"name", true, "a name was typed"},
    [EVENT_GO_ON] = {"go on", true, "a person went on"},
    [EVENT_RERUN] = {"rerun", true, "a person asked to look again"},
    [EVENT_ACCEPT] = {"accept", true, "a person accepted a finding"},
    [EVENT_ACKNOWLEDGE] = {"acknowledge", true, "a person took notice of a breach"},
    [EVENT_PACE] = {"pace", true, "a person changed how often the probes ask"},
    [EVENT_HOLD] = {"hold", true, "a person called HOLD"},
    [EVENT_CANCEL] = {"cancel", true, "a person cancelled"},
    [EVENT_TERMINATE] = {"terminate", true, "a person ended another session"},
    [EVENT_ROLLBACK] = {"rollback", true, "a person wants to go back"},
    [EVENT_OPTION] = {"option", true, "a way back was chosen"},
    [EVENT_CONFIRM] = {"confirm", true, "a way back was confirmed"},
    [EVENT_BACK] = {"back", true, "the rollback decision was left"},
    [EVENT_SETTLE] = {"settle", true, "a person said what is true"},
    [EVENT_SIGN_OFF] = {"sign off", true, "a role signed off"},
    [EVENT_SCRIBE] = {"scribe", true, "a note for the record"},
    [EVENT_LEAVE] = {"leave", true, "the run is left"},
    [EVENT_ABANDON] = {"abandon", true, "the run is abandoned"},
};
