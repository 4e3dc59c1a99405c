/* SPDX-License-Identifier: PostgreSQL */
/* The judge of simulated histories: one pass over the facts, one rule after another. */
#include <stdlib.h>
#include <string.h>

#include "sim_checker.h"

enum {
    ANNOUNCED_MAX = 1024,
};

struct truth {
    const struct checker_plan *plan;
    struct seen announced[ANNOUNCED_MAX]; /* by number; word "" = not on disk */
    bool durable[MODEL_UNITS][MODEL_STATEMENTS];
    bool ledger[MODEL_STEPS];
    int taken[MODEL_UNITS]; /* files of the way back: how often they took effect */
    int said[MODEL_UNITS];  /* … and how often the program says so */
    bool way_back;
    bool anything_undone;
};

static bool is(const char *word, const char *other)
{
    return strcmp(word, other) == 0;
}

static size_t durable_statements(const struct truth *truth, int unit)
{
    size_t count = 0;
    for (int i = 0; i < MODEL_STATEMENTS; i++) {
        count += truth->durable[unit][i] ? 1 : 0;
    }
    return count;
}

static bool is_whole(const struct truth *truth, int step)
{
    return durable_statements(truth, step) == truth->plan->statements[step];
}

/* Which record must stand on disk before this is sent. */
static const char *record_for(const struct truth *truth, const struct seen *sent)
{
    bool each = sent->unit >= 0 && sent->unit < MODEL_STEPS && truth->plan->each[sent->unit];
    static const struct {
        const char *sent;
        const char *record;
    } records[] = {
        {"begin", "intent"},     {"ledger write", "intent"}, {"commit", "commit sent"},
        {"switch", "switch"},    {"spawn", "task"},          {"cancel", "signal"},
        {"terminate", "signal"},
    };
    if (is(sent->word, "statement")) {
        return each ? "statement" : "intent";
    }
    for (size_t i = 0; i < COUNT_OF(records); i++) {
        if (is(sent->word, records[i].sent)) {
            return records[i].record;
        }
    }
    return "";
}

static const char *judge_announcement(const struct truth *truth, const struct seen *sent)
{
    if (sent->number <= 0 || sent->number >= ANNOUNCED_MAX ||
        is(truth->announced[sent->number].word, "")) {
        return "something was sent before its announcement was on disk";
    }
    const struct seen *record = &truth->announced[sent->number];
    if (!is(record->word, record_for(truth, sent))) {
        return "something was sent under an announcement of another kind";
    }
    bool names_unit = !is(sent->word, "switch") && !is(sent->word, "spawn") &&
                      !is(sent->word, "cancel") && !is(sent->word, "terminate");
    if (names_unit && record->unit != sent->unit) {
        return "something was sent under the announcement of another file";
    }
    if (is(record->word, "statement") && record->index != sent->index) {
        return "a statement was sent under the announcement of another one";
    }
    return NULL;
}

static const char *judge_sent(struct truth *truth, const struct seen *sent)
{
    const char *wrong = judge_announcement(truth, sent);
    if (wrong) {
        return wrong;
    }
    bool statement = is(sent->word, "statement");
    bool each = sent->unit >= 0 && sent->unit < MODEL_STEPS && truth->plan->each[sent->unit];
    bool begins = is(sent->word, "begin") || (each && statement && sent->index == 0);
    if (begins && !sent->flag) {
        return "a file was begun without the lock";
    }
    if (!statement || sent->unit >= MODEL_STEPS) {
        truth->way_back = truth->way_back || sent->unit >= MODEL_STEPS;
        return NULL;
    }
    if (truth->way_back) {
        return "a migration was sent after the way back had begun";
    }
    if (truth->plan->ledger && truth->ledger[sent->unit]) {
        return "a statement was sent although the migration's ledger row was there";
    }
    for (int step = 0; step < sent->unit; step++) {
        if (!is_whole(truth, step)) {
            return "a migration was sent although an earlier one is not applied";
        }
    }
    return NULL;
}

static const char *judge_durable(struct truth *truth, const struct seen *fact)
{
    if (fact->unit < MODEL_STEPS && truth->durable[fact->unit][fact->index]) {
        return "a statement of a migration took effect twice";
    }
    truth->durable[fact->unit][fact->index] = true;
    truth->taken[fact->unit]++;
    return NULL;
}

/* Claims stand before their exit code; an unsure one is remembered until then. */
static const char *judge_claim(struct truth *truth, const struct seen *claim, bool *unsure)
{
    if (is(claim->word, "unknown") || is(claim->word, "open")) {
        *unsure = true;
        return NULL;
    }
    if (claim->unit >= MODEL_STEPS) {
        truth->said[claim->unit] += is(claim->word, "committed") ? 1 : 0;
        return NULL;
    }
    size_t durable = durable_statements(truth, claim->unit);
    if (is(claim->word, "committed") && !is_whole(truth, claim->unit) &&
        !truth->anything_undone) {
        return "said committed, and it is not";
    }
    if (is(claim->word, "applied before") && truth->plan->ledger &&
        !truth->ledger[claim->unit] && !truth->anything_undone) {
        return "said applied before, and the ledger does not have it";
    }
    bool none = is(claim->word, "rolled back") || is(claim->word, "pending") ||
                is(claim->word, "undone");
    return none && durable > 0 ? "said to be without effect, and it is not" : NULL;
}

static const char *judge_exit(struct truth *truth, int64_t code, bool unsure)
{
    if (unsure && code != 9) {
        return "something is unknown, and the exit code is not 9";
    }
    for (int unit = MODEL_STEPS; unit < MODEL_UNITS; unit++) {
        bool same = unsure || truth->said[unit] == truth->taken[unit];
        truth->said[unit] = 0;
        if (!same) {
            return "a file of the way back is not what the program says";
        }
    }
    if (code == 0) {
        for (int step = 0; step < MODEL_STEPS; step++) {
            if (!is_whole(truth, step)) {
                return "exit 0, and not every migration is applied";
            }
        }
    }
    for (int step = 0; code == 8 && step < MODEL_STEPS; step++) {
        if (durable_statements(truth, step) > 0) {
            return "exit 8, and the database is not what it was before";
        }
    }
    return NULL;
}

static const char *judge_fact(struct truth *truth, const struct seen *fact, bool *unsure)
{
    switch (fact->kind) {
    case SEEN_SYNCED:
        if (fact->number > 0 && fact->number < ANNOUNCED_MAX) {
            truth->announced[fact->number] = *fact;
        }
        return NULL;
    case SEEN_SENT:
        return judge_sent(truth, fact);
    case SEEN_DURABLE:
        return judge_durable(truth, fact);
    case SEEN_REVERTED:
        memset(truth->durable[fact->unit], 0, sizeof(truth->durable[fact->unit]));
        truth->anything_undone = true;
        return NULL;
    case SEEN_LEDGER:
        truth->ledger[fact->unit] = fact->flag;
        return NULL;
    case SEEN_ASKED:
        return fact->flag ? "a person was asked while a transaction was open" : NULL;
    case SEEN_CLAIM:
        return judge_claim(truth, fact, unsure);
    case SEEN_EXIT: {
        bool was_unsure = *unsure;
        *unsure = false;
        return judge_exit(truth, fact->number, was_unsure);
    }
    }
    return "a fact of no known kind";
}

const char *checker_judge(const struct checker_plan *plan, const struct history *history,
                          size_t *at)
{
    struct truth *truth = mem_zero(1, sizeof(*truth));
    truth->plan = plan;
    for (size_t i = 0; i < ANNOUNCED_MAX; i++) {
        truth->announced[i].word = "";
    }
    const char *wrong = NULL;
    bool unsure = false;
    for (size_t i = 0; !wrong && i < history->count; i++) {
        wrong = judge_fact(truth, &history->items[i], &unsure);
        *at = i;
    }
    free(truth);
    return wrong;
}
