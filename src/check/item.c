/* SPDX-License-Identifier: PostgreSQL */
/*
 * Checklist items: what state is one in, given what there is to answer it with and
 * what time it is. Age counts from the moment of the measurement, not of the run; a
 * measurement from the future is no better than an old one (somebody's clock lies).
 */
#include "check_private.h"

enum {
    /* two machines may disagree by this much before "from the future" is believed */
    CLOCK_SLACK_US = 2 * 1000 * 1000
};

const char *const item_state_words[ITEM__COUNT] = {
    [ITEM_OPEN] = "open",       [ITEM_FRESH] = "done",      [ITEM_STALE] = "too old",
    [ITEM_CLAIMED] = "claimed", [ITEM_REFUSED] = "refused", [ITEM_OVERRIDDEN] = "overridden",
};

enum item_kind check_item_kind(const struct plan_item *item)
{
    return item->proof == PLAN_PROOF_NOTE || item->proof == PLAN_PROOF_POLL ? ITEM_ATTEST
                                                                            : ITEM_AUTO;
}

/* The level that the item needs of a backup; UNSAID when it needs none. */
static enum plan_backup_level needed_level(const struct plan_item *item)
{
    static const struct {
        enum plan_needs needs;
        enum plan_backup_level level;
    } levels[] = {
        {PLAN_NEEDS_DUMPED, PLAN_LEVEL_DUMPED},
        {PLAN_NEEDS_LISTED, PLAN_LEVEL_LISTED},
        {PLAN_NEEDS_RESTORED, PLAN_LEVEL_RESTORED},
        {PLAN_NEEDS_COMPARED, PLAN_LEVEL_COMPARED},
    };
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        if (levels[i].needs == item->needs) {
            return levels[i].level;
        }
    }
    return PLAN_LEVEL_UNSAID;
}

static bool is_enough(const struct plan_item *item, const struct item_evidence *evidence)
{
    if (!evidence->good) {
        return false;
    }
    if (item->proof == PLAN_PROOF_BACKUP && evidence->level < needed_level(item)) {
        return false;
    }
    if (item->needs == PLAN_NEEDS_TIME && item->at_most_us != PLAN_UNSAID) {
        return evidence->took_us >= 0 && evidence->took_us <= item->at_most_us;
    }
    return true;
}

static bool is_stale(const struct plan_item *item, const struct item_evidence *evidence,
                     int64_t now_us)
{
    if (evidence->at_us > now_us + CLOCK_SLACK_US) {
        return true;
    }
    return item->max_age_us != PLAN_UNSAID && now_us - evidence->at_us > item->max_age_us;
}

enum item_state check_item_state(const struct plan_item *item,
                                 const struct item_evidence *evidence, int64_t now_us)
{
    if (evidence->overridden) {
        return ITEM_OVERRIDDEN;
    }
    if (!evidence->there) {
        return ITEM_OPEN;
    }
    if (!is_enough(item, evidence)) {
        return ITEM_REFUSED;
    }
    if (is_stale(item, evidence, now_us)) {
        return ITEM_STALE;
    }
    return evidence->claim && !evidence->signed_ ? ITEM_CLAIMED : ITEM_FRESH;
}

bool check_item_opens(enum item_state state, bool guarded)
{
    switch (state) {
    case ITEM_FRESH:
    case ITEM_OVERRIDDEN:
        return true;
    case ITEM_CLAIMED:
        return !guarded;
    case ITEM_OPEN:
    case ITEM_STALE:
    case ITEM_REFUSED:
    case ITEM__COUNT:
        break;
    }
    return false;
}

struct str check_item_text(struct arena *arena, const struct plan_item *item,
                           const struct item_evidence *evidence, int64_t now_us)
{
    struct str age = duration_text(arena, now_us - evidence->at_us);
    switch (check_item_state(item, evidence, now_us)) {
    case ITEM_OPEN:
        return check_item_kind(item) == ITEM_ATTEST ? STR("nobody has answered")
                                                    : STR("not measured yet");
    case ITEM_FRESH:
        return str_format(arena, "%.*s old", STR_ARG(age));
    case ITEM_STALE:
        if (evidence->at_us > now_us) {
            return STR("its time lies in the future");
        }
        return str_format(arena, "%.*s old, may be %.*s", STR_ARG(age),
                          STR_ARG(duration_text(arena, item->max_age_us)));
    case ITEM_CLAIMED:
        return STR("by file, no person said so");
    case ITEM_REFUSED:
        return evidence->good ? STR("less than what is needed") : STR("the answer is no");
    case ITEM_OVERRIDDEN:
        return STR("overridden");
    case ITEM__COUNT:
        break;
    }
    return (struct str){0};
}
