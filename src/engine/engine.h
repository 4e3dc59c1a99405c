/* SPDX-License-Identifier: PostgreSQL */
/*
 * engine: the model of one run and the only thing that changes it.
 *
 *     event → engine_step() → new model + list of effects → the shell → event
 *
 * The engine does no I/O, reads no clock, knows no random number and keeps no
 * state outside `struct run`. What happened arrives as an event; what shall
 * happen leaves as an effect. The screen, the plain prompts, the headless front
 * and the report only read the model (engine_model.h).
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
#include "engine_asks.h"
#include "engine_events.h"
#include "engine_front.h"
#include "engine_model.h"
#include "engine_words.h"
#include "lint.h"
#include "plan.h"
#include "sql.h"

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
        *option_scripts;            /* one per rollback option, NULL = not kind sql */
    const struct lint_result *lint; /* what the rules say of the files; NULL: not judged */
    /* What they say by what the target shows: the verdicts of run->context.hash, which the
     * shell read; NULL until then. For those who show and report: no step reads it. */
    const struct lint_result *live;
};
/* What the rules say of the files, as far as it is known now; NULL: not judged. */
const struct lint_result *run_lint(const struct run *run);
/*
 * `run` is the caller's storage; what it points to comes from `arena`, but for the lists that
 * grow, which run_release() frees.
 */
void run_init(struct run *run, const struct run_setup *setup, struct arena *arena);
void run_release(struct run *run);
/* Would this way back of kind `down` undo that step: was it committed, and is it above `to`? */
bool run_undoes(const struct run *run, const struct plan_rollback_option *option, size_t step);

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
/* The shortest pace of the probes that a person may ask for (EVENT_PACE). */
int64_t run_pace_least_us(const struct run *run);
/* When the next probe is asked; the past: now. INT64_MAX: there is none. */
int64_t run_next_sample_us(const struct run *run);
/* Is nothing waited for but the clock: the watch's end, or the window's opening? */
bool engine_awaits_time(const struct run *run);
/* Is a transaction of ours open, or could it be? (then nobody may suspend or leave) */
bool engine_in_transaction(const struct run *run);
/* Did it come to its end, or did a person end it for good? Not when it was left, to be resumed.
 */
bool engine_is_over(const struct run *run);
/* Why the run cannot be abandoned now, one clause; NULL: it can. */
const char *engine_abandon_trouble(const struct run *run);

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

#endif
