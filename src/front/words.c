/* SPDX-License-Identifier: PostgreSQL */
/*
 * Words for people where the engine has words for programs: what a run does in each state,
 * and what can be overridden.
 */
#include "front.h"

static const char *const state_texts[STATE__COUNT] = {
    [STATE_NEW] = "before anything was contacted",
    [STATE_CONNECT] = "connecting to the target",
    [STATE_IDENTIFY] = "asking the server who it is",
    [STATE_REVIEW] = "reading the catalog for the review",
    [STATE_WRONG_COUNTS] = "the database is not what the plan starts from",
    [STATE_PREP] = "at the checklist",
    [STATE_BACKUP] = "taking and proving the backup",
    [STATE_POLL] = "at the go/no-go poll",
    [STATE_NAME] = "before the name of the database was typed",
    [STATE_BEFORE] = "reading the catalog just before the first change",
    [STATE_READY] = "making the session ready for the next file",
    [STATE_BEGIN] = "beginning a transaction",
    [STATE_RUNNING] = "running a statement",
    [STATE_INSIDE] = "checking inside the transaction",
    [STATE_LEDGER] = "writing the ledger row",
    [STATE_EVIDENCE] = "noting the transaction's marks",
    [STATE_COMMIT] = "waiting for the answer to COMMIT",
    [STATE_UNDOING] = "rolling back a file",
    [STATE_STEP_CHECKS] = "checking a step",
    [STATE_CHECKPOINT] = "at the stop after a file",
    [STATE_FAILED] = "a step failed and is rolled back",
    [STATE_MANUAL] = "at a step that people do",
    [STATE_VERIFY] = "verifying",
    [STATE_JUDGE] = "at the findings of the verification",
    [STATE_MONITOR] = "watching",
    [STATE_LAST] = "verifying once more",
    [STATE_CLOSE] = "at the success criteria and sign-offs",
    [STATE_REPORT] = "writing the report",
    [STATE_HOLD] = "on HOLD",
    [STATE_CHOOSE] = "at the choice of a way back",
    [STATE_WAY_NAME] = "before the name of the database was typed, on the way back",
    [STATE_WAY_MANUAL] = "at a way back that people take",
    [STATE_RESTORE] = "restoring the dump beside the live database",
    [STATE_SWITCH] = "exchanging the names of the databases",
    [STATE_BACK_CHECK] = "comparing with \"before\"",
    [STATE_LOST] = "the connection to the server is lost",
    [STATE_SETTLE] = "looking for evidence of what happened",
    [STATE_IN_DOUBT] = "IN DOUBT: nobody can know from evidence what happened",
    [STATE_LEAVING] = "being left",
    [STATE_END] = "over",
};

const char *front_state_text(enum state state)
{
    return state_texts[state];
}

void front_checklist_text(struct strbuf *out, const struct run *run)
{
    static const struct {
        enum plan_gate gate;
        enum phase phase;
    } gates[] = {{PLAN_GATE_PREP, PHASE_PREP}, {PLAN_GATE_POLL, PHASE_POLL}};
    size_t begun = out->len;
    for (size_t i = 0; i < COUNT_OF(gates); i++) {
        struct run_tally tally = gate_tally(run, gates[i].gate);
        if (tally.all > 0) {
            strbuf_format(out, "%s%s %zu of %zu", out->len > begun ? ", " : "",
                          phase_words[gates[i].phase], tally.done, tally.all);
        }
    }
    strbuf_text(out, out->len > begun ? " closed" : "");
}

bool front_override_is_known(const struct run *run, struct str id, struct strbuf *ids)
{
    bool known = false;
    for (size_t i = 0; i < run->item_count; i++) {
        struct str item = run->items[i].item->id;
        known = known || str_is(item, id);
        strbuf_format(ids, "%.*s, ", STR_ARG(item));
    }
    for (size_t i = 0; i < run->backup_count; i++) {
        struct str backup = run->backups[i].backup->id;
        known = known || str_is(backup, id);
        strbuf_format(ids, "%.*s, ", STR_ARG(backup));
    }
    for (size_t i = 0; i < run->block_count; i++) {
        struct str block = run->blocks[i].id;
        known = known || str_is(block, id);
        strbuf_format(ids, "%.*s, ", STR_ARG(block));
    }
    for (size_t i = 0; i < run->undo_block_count; i++) {
        struct str block = run->undo_blocks[i].id;
        known = known || str_is(block, id);
        strbuf_format(ids, "%.*s, ", STR_ARG(block));
    }
    static const char *const others[] = {"before", "before_open", "window", "L23", "monitor"};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        known = known || str_eq(id, others[i]);
        strbuf_format(ids, "%s%s", i > 0 ? ", " : "", others[i]);
    }
    return known;
}
