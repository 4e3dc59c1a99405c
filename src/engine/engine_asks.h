/* SPDX-License-Identifier: PostgreSQL */
/*
 * engine_asks: what is asked of people now, and the truths that more than one reader derives
 * from the model.
 */
#ifndef GONOGO_ENGINE_ASKS_H
#define GONOGO_ENGINE_ASKS_H

#include "engine_model.h"
#include "lint.h"

enum ask_kind {
    ASK_NOTE,     /* EVENT_NOTE id: a checklist item, by its role */
    ASK_OVERRIDE, /* EVENT_OVERRIDE id: item or backup that is not proven, what the rules block;
                     reason */
    ASK_ATTEST,   /* EVENT_ATTEST id: external backup, name and time */
    ASK_VOTE,     /* EVENT_VOTE id */
    ASK_NAME,     /* EVENT_NAME: type the database name */
    ASK_GO_ON,    /* EVENT_GO_ON, or HOLD, ROLLBACK where `may` says so */
    ASK_WRONG_COUNTS, /* EVENT_RERUN, OVERRIDE "before", LEAVE */
    ASK_FAILED,       /* EVENT_GO_ON = try again, ROLLBACK, LEAVE */
    ASK_ACCEPT,       /* EVENT_ACCEPT id, RERUN, ROLLBACK, HOLD: a failed check or finding */
    ASK_MANUAL,       /* EVENT_NOTE id: a manual step is done */
    ASK_ACKNOWLEDGE,  /* EVENT_ACKNOWLEDGE id: a breached probe */
    ASK_OPTION,       /* EVENT_OPTION id, or BACK */
    ASK_CONFIRM,      /* EVENT_CONFIRM id: a role that the way back needs */
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
/* May a person have it taken anew now, or only proved anew? */
bool backup_may_rerun(const struct run *run, const struct run_backup *backup, bool prove);
/* Items of a gate that are closed; backups that are proven or overridden; voters who say GO. */
struct run_tally {
    size_t done, all;
};
struct run_tally gate_tally(const struct run *run, enum plan_gate gate);
struct run_tally backup_tally(const struct run *run, bool required);
struct run_tally block_tally(const struct run *run); /* overridden, of all */
/* "Rule D1 blocks: DROP TABLE ... Go on all the same?" */
struct str block_question(const struct run_block *block, struct arena *arena);
struct run_block *block_find(const struct run *run, struct str id); /* NULL: there is none */
/* One of an undo file, which a way back asks for. */
struct run_block *undo_block_find(const struct run *run, struct str id);
/* Does the way back that is chosen run the undo file that it was found in? */
bool undo_block_counts(const struct run *run, const struct run_block *block);
struct run_tally vote_tally(const struct run *run);
/* Has everybody who can say GO said so, is every item closed and every block overridden? The
 * window may be shut yet.
 */
bool poll_is_settled(const struct run *run);
/* Does somebody stand in the way of our locks, or is it not known, and nobody overrode it? */
bool way_is_barred(const struct run *run);
/* Who: in words, all of them; or why it is not known. */
struct str obstacles_text(const struct run *run, struct arena *arena);
bool verification_passed(const struct run *run, size_t *passed, size_t *accepted,
                         size_t *total);
/* The watch is over, and the probe never answered in it: not known is not healthy. */
bool probe_was_silent(const struct run *run, const struct run_probe *probe);
/* How long it took: "12 ms", or "together 12 ms" when it was asked in one go with others and
 * has no time of its own. */
struct str check_time_text(const struct run_check *check, struct arena *arena);
/* Its newest sample is too old to speak of now; `age_us`: how old. False without a sample. */
bool probe_is_stale(const struct run *run, const struct run_probe *probe, int64_t *age_us);
/* "46 of 120 min observed": when a part of the watch, up to now, was not; else empty. */
struct str watch_observed_text(const struct run *run, struct arena *arena);
struct str probe_observed_text(const struct run *run, const struct run_probe *probe,
                               struct arena *arena);
size_t run_hooks_out(const struct run *run); /* hooks that still run */
size_t unplanned_changes(const struct run *run, enum moment moment);
/*
 * Appends the first ten of them: "new public.b (tables), gone b.fk (foreign_keys) and 3
 * more: see the report". `what` is a count word, "tables": only those, without the word in
 * parentheses; empty: all.
 */
void unplanned_text(const struct run *run, enum moment moment, struct str what,
                    struct strbuf *out);
/* What people call it: "011", on the way back "undo of 011" or "way back recreate". */
struct str script_name(const struct run_script *script, struct arena *arena);
/* Rows written since the backup, as far as is known; `more`: there may be more. -1 = not known.
 */
int64_t run_rows_written(const struct run *run, bool *more);
/* The state that the newest dump would bring back; 0: there is none. */
int64_t run_newest_dump_us(const struct run *run);
/* Rows of that table of run->writes that this run's own files wrote: at least so many. */
int64_t run_own_writes(const struct run *run, const struct event_item *table);
int64_t run_own_rows(const struct run *run); /* of all tables, by the server's answers */
/* What the server's answers say that the script wrote in tables that it has not made itself: at
 * least so many rows, in statements that name one table. */
int64_t script_rows_answered(const struct run_script *script);
/* WAL archiving: does it work, and the same in words: "last segment 00:00:31 ago, archiver
 * failures 0", "archive_mode is off: ..." */
enum archiving {
    ARCHIVING_UNKNOWN, /* not asked yet, or not visible */
    ARCHIVING_OFF,
    ARCHIVING_NEVER, /* on, and nothing was archived yet */
    ARCHIVING_FAILS, /* the newest try failed, or nothing says where to */
    ARCHIVING_WORKS,
};
enum archiving run_archiving(const struct run *run);
void archiving_text(struct strbuf *out, const struct run *run);
/* Is it a table, or all rows of one, that goes? */
bool run_empties(const struct lint_destroyed *gone);
/* The tables that the plan's files drop or empty, at most `capacity`, as lint names them. */
size_t run_recent_tables(const struct run *run, struct str *names, size_t capacity);
/*
 * Rows that were written into such a table in the last five minutes, or since the first look at
 * it; before the first file begins. A reset of the statistics within that time hides some.
 */
#define RECENT_WINDOW_US (5 * US_PER_MINUTE)
struct recent_writes {
    int64_t rows;
    bool more;       /* there may be more */
    int64_t span_us; /* in the last so many, the same for all tables */
};
/* False: not known, or too old to be called now. */
bool run_recent_writes(const struct run *run, struct str name, struct recent_writes *writes);
int64_t run_recent_span_us(const struct run *run);          /* 0: nothing is known yet */
void recent_span_text(struct strbuf *out, int64_t span_us); /* "40 s", "5 min", "1h11m" */
/* Appends "\"notifications\" is still written: 12 rows in 5 min, and 1 other table"; nothing,
 * and 0, when nobody is known to write to what goes, or the files have begun. */
size_t still_written_text(struct strbuf *out, const struct run *run);
/* "12 rows in 40 s", "at least 12 rows in 5 min". */
void recent_writes_text(struct strbuf *out, const struct recent_writes *writes);
/* " (at least 5 by this run)", or nothing. */
void add_own_writes(struct strbuf *out, const struct run *run, const struct event_item *table);
/* How long a way back takes and how that is known: "takes 1.0 s: so long its restore took when
 * it was proved". */
struct str way_time_text(const struct run *run, const struct run_option *option,
                         struct arena *arena);
/* What it loses, by table where that is known: "loses 212 rows written since the backup of
 * 08:04: public.campaigns 200, public.moves 12". */
struct str way_loss_text(const struct run *run, const struct run_option *option,
                         struct arena *arena);
/* "accepted by anna 09:41: reason", by the UTC clock. */
struct str accepted_text(struct arena *arena, struct str who, int64_t at_us, struct str why);
/* Decisions of people that belong on a report's first page: overrides, what was accepted,
 * acknowledged, ended or settled; the same about the same thing counts once. */
bool remark_is_decision(const struct run_remark *remark);
size_t run_decisions(const struct run *run);
int64_t run_sql_us(const struct run *run);      /* all committed scripts */
int64_t run_downtime_us(const struct run *run); /* first to last failure of downtime probes */
/* How long a way back takes: the longer of the plan's word and what was measured; 0: unknown.
 */
int64_t run_option_us(const struct run_option *option);
/*
 * The way back that sets the turn-back deadline: the chosen one; before a choice the fastest of
 * those that bring back everything (a restore, or `restores: everything`), for a way that
 * brings back less is no reason to turn back later; else the fastest. NULL: none with a known
 * time.
 */
const struct run_option *run_turn_back_option(const struct run *run);
/* The newest moment at which that way back still fits into the window; 0: not known. */
int64_t run_turn_back_us(const struct run *run);
/*
 * Would a signal free what that session holds? `end`: its session ends (pg_terminate_backend);
 * else only what it runs now is cancelled (pg_cancel_backend), which does nothing to a session
 * that runs no statement. Never one of ours, and no prepared transaction: it has no process.
 */
bool blocker_can_be_signalled(const struct event_item *blocker, bool end);
const struct run_vote *vote_of(const struct run *run,
                               struct str role); /* the standing one, or NULL */

#endif
