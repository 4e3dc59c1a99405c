/* SPDX-License-Identifier: PostgreSQL */
/*
 * One line for people: what we wait for, of whom, or what the run is doing by itself.
 */
#include "engine_private.h"

/* What the run itself is doing when nobody is asked. */
static const char *const busy_texts[STATE__COUNT] = {
    [STATE_CONNECT] = "connecting",
    [STATE_IDENTIFY] = "asking the server who it is",
    [STATE_REVIEW] = "reading the catalog",
    [STATE_BACKUP] = "taking and proving the backup",
    [STATE_POLL] = "waiting for the probes to answer",
    [STATE_BEFORE] = "reading the catalog just before the first change",
    [STATE_READY] = "making the work session ready",
    [STATE_BEGIN] = "beginning the transaction",
    [STATE_RUNNING] = "running a statement",
    [STATE_INSIDE] = "checking inside the transaction",
    [STATE_LEDGER] = "writing the ledger row",
    [STATE_EVIDENCE] = "noting the transaction's marks",
    [STATE_COMMIT] = "waiting for the answer to COMMIT",
    [STATE_UNDOING] = "rolling back",
    [STATE_STEP_CHECKS] = "checking the step",
    [STATE_VERIFY] = "verifying",
    [STATE_MONITOR] = "watching",
    [STATE_LAST] = "verifying once more",
    [STATE_REPORT] = "writing the report",
    [STATE_RESTORE] = "restoring beside the live database",
    [STATE_SWITCH] = "exchanging the names of the databases",
    [STATE_BACK_CHECK] = "comparing with before",
    [STATE_LOST] = "waiting for the server to come back",
    [STATE_SETTLE] = "looking for evidence of what happened",
    [STATE_LEAVING] = "writing the report of what was done",
    [STATE_END] = "over",
};

/* A script is at work: how far it goes by itself. */
static void running_text(const struct run *run, struct strbuf *out)
{
    const struct run_script *script = &run->scripts[run->script];
    strbuf_format(out, "nothing to do: %.*s runs to %s", STR_ARG(script->id),
                  script->transaction == PLAN_TRANSACTION_ONE ? "COMMIT" : "its end");
    strbuf_text(out, run->hold_wanted ? ", then HOLD"
                     : run->plan->safety.stop_after == PLAN_STOP_NEVER
                         ? ", then the next"
                         : ", then waits at its checkpoint");
}

static bool script_runs(const struct run *run)
{
    return run->script >= 0 && !run->way_back && run->state >= STATE_BEGIN &&
           run->state <= STATE_COMMIT;
}

/* A backup that the plan does not require: the gate does not wait for its answer. */
static bool is_optional(const struct run *run, const struct ask *ask)
{
    for (size_t i = 0; i < run->backup_count; i++) {
        const struct plan_backup *backup = run->backups[i].backup;
        if (ask->kind == ASK_ATTEST && str_is(backup->id, ask->id)) {
            return !backup->required;
        }
    }
    return false;
}

/* What is wanted of people; what may be answered comes last. */
static void asked_text(const struct run *run, const struct ask *asks, size_t count,
                       struct strbuf *out)
{
    const struct ask *first = NULL;
    const struct ask *optional = NULL;
    size_t wanted = 0;
    for (size_t i = 0; i < count; i++) {
        bool may = is_optional(run, &asks[i]);
        optional = may && !optional ? &asks[i] : optional;
        first = !may && !first ? &asks[i] : first;
        wanted += !may;
    }
    if (!first) {
        strbuf_format(out, "nothing to do: %s", busy_texts[run->state]);
    } else if (wanted > 1) {
        strbuf_format(out, "%zu answers wanted, first: ", wanted);
    }
    if (first) {
        sanitise(out, first->text, SANITISE_LINE);
    }
    if (optional) {
        strbuf_text(out, first ? "  Optional: " : "; optional: ");
        sanitise(out, optional->text, SANITISE_LINE);
    }
}

void engine_next_text(const struct run *run, struct strbuf *out)
{
    struct arena arena = {0};
    struct ask asks[ASKS_MAX];
    size_t count = engine_asks(run, &arena, asks, COUNT_OF(asks));
    bool waits = run->report_waits || (run->state == STATE_PREP && run_hooks_out(run) > 0);
    if (count == 0 && waits) {
        strbuf_text(out, "nothing to do: waiting for the plan's hooks");
    } else if (count == 0 && script_runs(run)) {
        running_text(run, out);
    } else if (count == 0 && run->state == STATE_POLL && run->context.out) {
        strbuf_text(out, "nothing to do: the files are judged by what the target shows");
    } else if (count == 0 && run->state == STATE_POLL && run->obstacles.out) {
        strbuf_text(out, "nothing to do: asking the server who is in the way");
    } else if (count == 0 && run->state == STATE_POLL && engine_awaits_time(run)) {
        strbuf_text(out, "nothing to do: waiting for the window to open");
    } else if (run->state == STATE_END && run->leaving) {
        strbuf_format(out, "gonogo resume %.*s", STR_ARG(run->id));
    } else if (count == 0) {
        const char *busy = busy_texts[run->state];
        strbuf_format(out, "nothing to do: %s", busy ? busy : state_words[run->state]);
    } else {
        asked_text(run, asks, count, out);
    }
    arena_release(&arena);
}
