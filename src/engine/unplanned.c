/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the plan does not name, in words: people decide about names, not about a number. The
 * first ten are told wherever a front has one line; the report has all of them.
 */
#include "engine_private.h"

enum {
    NAMES_TOLD = 10
};

size_t unplanned_changes(const struct run *run, enum moment moment)
{
    size_t count = 0;
    const struct run_snapshot *snapshot = &run->snapshots[moment];
    for (size_t i = 0; i < snapshot->change_count; i++) {
        count += snapshot->changes[i].planned ? 0 : 1;
    }
    return count;
}

/* A member that the plan announced and that did not come has nothing that it is now. */
static const char *word_of(const struct event_change *change)
{
    static const char *const words[] = {
        [CHANGE_GONE] = "gone", [CHANGE_NEW] = "new", [CHANGE_CHANGED] = "changed"};
    return str_eq(change->new_definition, "did not happen") ? "missing" : words[change->kind];
}

void unplanned_text(const struct run *run, enum moment moment, struct str what,
                    struct strbuf *out)
{
    const struct run_snapshot *snapshot = &run->snapshots[moment];
    size_t told = 0;
    size_t more = 0;
    for (size_t i = 0; i < snapshot->change_count; i++) {
        const struct event_change *change = &snapshot->changes[i];
        if (change->planned || (what.len > 0 && !str_is(change->what, what))) {
            continue;
        }
        if (told == NAMES_TOLD) {
            more++;
            continue;
        }
        strbuf_format(out, "%s%s %.*s", told > 0 ? ", " : "", word_of(change),
                      STR_ARG(change->name));
        if (what.len == 0) {
            strbuf_format(out, " (%.*s)", STR_ARG(change->what));
        }
        told++;
    }
    if (more > 0) {
        strbuf_format(out, " and %zu more: see the report", more);
    }
}
