/* SPDX-License-Identifier: PostgreSQL */
/*
 * When an item of the checklist is closed: by what was measured, by what a person said, by a
 * reason to go on without it; and what is missing as long as it is not. Evidence ages.
 */
#include "engine_private.h"
#include "monitor.h"

/* Evidence older than its max_age no longer closes an item. */
static bool is_stale(const struct run *run, const struct plan_item *item, int64_t at_us)
{
    return item->max_age_us != PLAN_UNSAID && at_us != 0 &&
           run->now_us - at_us > item->max_age_us;
}

static bool close_by_backup(const struct run *run, const struct plan_item *item,
                            struct str *why)
{
    enum plan_backup_level needs = item->needs == PLAN_NEEDS_DUMPED     ? PLAN_LEVEL_DUMPED
                                   : item->needs == PLAN_NEEDS_LISTED   ? PLAN_LEVEL_LISTED
                                   : item->needs == PLAN_NEEDS_RESTORED ? PLAN_LEVEL_RESTORED
                                                                        : PLAN_LEVEL_COMPARED;
    for (size_t i = 0; i < run->backup_count; i++) {
        const struct run_backup *backup = &run->backups[i];
        if (backup->backup->kind == PLAN_BACKUP_PG_DUMP && backup->level >= needs &&
            !backup->failed && !is_stale(run, item, backup->taken_us)) {
            return true;
        }
    }
    *why = STR("no backup of that level, young enough");
    return false;
}

/* Every probe that has a limit answered lately, and within it. */
static bool close_by_probes(const struct run *run, const struct plan_item *item,
                            struct str *why, struct arena *arena)
{
    for (size_t i = 0; i < run->probe_count; i++) {
        const struct run_probe *probe = &run->probes[i];
        if (probe->count == 0 || newest_sample(probe)->outcome != OUTCOME_OK ||
            is_stale(run, item, newest_sample(probe)->at_us)) {
            if (arena) {
                *why = str_format(arena, "probe %.*s has no answer", STR_ARG(probe->probe->id));
            }
            return false;
        }
        if (breaks_limit(probe, newest_sample(probe)->number)) {
            if (arena) {
                struct strbuf text = {0};
                strbuf_format(&text,
                              "probe %.*s breaks its limit: ", STR_ARG(probe->probe->id));
                monitor_value_text(&text, probe->probe, newest_sample(probe)->number);
                strbuf_text(&text, ", the limit is ");
                monitor_limit_text(&text, probe->probe);
                *why = str_dup(arena, strbuf_str(&text));
                strbuf_release(&text);
            }
            return false;
        }
    }
    if (run->probe_count == 0) {
        *why = STR("the plan has no probes");
    }
    return run->probe_count > 0;
}

/* Twice in a row is no hiccup: then a person is asked. */
bool probes_fail(const struct run *run)
{
    enum {
        HICCUP = 1
    };
    for (size_t i = 0; i < run->probe_count; i++) {
        if (run->probes[i].misses > HICCUP) {
            return true;
        }
    }
    return false;
}

static bool close_by_answer(const struct run *run, const struct run_item *item, struct str *why,
                            struct arena *arena)
{
    if (item->denied) {
        *why = arena ? str_format(arena, "answered no by %.*s: %.*s", STR_ARG(item->who),
                                  STR_ARG(item->text))
                     : STR("answered no");
        return false;
    }
    if (!item->answered) {
        bool measured = item->check.outcome != OUTCOME_NONE;
        *why = measured ? item->check.why : STR("not answered yet");
        return false;
    }
    if (is_stale(run, item->item, item->at_us)) {
        *why = STR("the answer is too old");
        return false;
    }
    return true;
}

bool item_is_closed(const struct run *run, const struct run_item *item, struct str *why_open,
                    struct arena *arena)
{
    struct str unused = {0};
    struct str *why = why_open ? why_open : &unused;
    *why = (struct str){0};
    if (item->overridden || item->passed) {
        return true;
    }
    switch (item->item->proof) {
    case PLAN_PROOF_REHEARSAL:
        *why = STR("not known yet: there is no rehearsal of these bytes");
        return false;
    case PLAN_PROOF_BACKUP:
        return close_by_backup(run, item->item, why);
    case PLAN_PROOF_POLL:
        *why = STR("votes are missing");
        return votes_are_go(run);
    case PLAN_PROOF_PROBES:
        return close_by_probes(run, item->item, why, arena);
    case PLAN_PROOF_NOTE:
    case PLAN_PROOF_SQL:
    case PLAN_PROOF_RUN:
    case PLAN_PROOF_UNSAID:
        return close_by_answer(run, item, why, arena);
    }
    return false;
}
