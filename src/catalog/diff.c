/* SPDX-License-Identifier: PostgreSQL */
/*
 * What differs between two snapshots, member by member: one walk along the two
 * sorted lists. Whether a difference was wanted is not known here.
 */
#include "catalog.h"
#include "catalog_private.h"

static void add(struct catalog_diff *diff, enum catalog_change_what what, enum count_kind kind,
                const struct catalog_member *before, const struct catalog_member *after)
{
    struct catalog_change *change = ARRAY_PUSH(diff->changes, diff->count, diff->capacity);
    change->what = what;
    change->before = before;
    change->after = after;
    change->kind = kind;
    switch (what) {
    case CATALOG_NEW:
        diff->new_[change->kind]++;
        break;
    case CATALOG_GONE:
        diff->gone[change->kind]++;
        break;
    case CATALOG_CHANGED:
        diff->changed[change->kind]++;
        break;
    case CATALOG_REORDERED:
        diff->reordered++;
        break;
    }
}

void catalog_diff(struct catalog_diff *diff, const struct catalog_snapshot *before,
                  const struct catalog_snapshot *after)
{
    *diff = (struct catalog_diff){0};
    size_t i = 0;
    size_t j = 0;
    while (i < before->member_count || j < after->member_count) {
        const struct catalog_member *old =
            i < before->member_count ? &before->members[i] : NULL;
        const struct catalog_member *new = j < after->member_count ? &after->members[j] : NULL;
        int order = old == NULL ? 1 : new == NULL ? -1 : catalog_member_order(old, new);
        if (order < 0) {
            add(diff, CATALOG_GONE, old->kind, old, NULL);
            i++;
        } else if (order > 0) {
            add(diff, CATALOG_NEW, new->kind, NULL, new);
            j++;
        } else {
            if (!str_is(old->definition, new->definition)) {
                add(diff, CATALOG_CHANGED, new->kind, old, new);
            } else if (old->position != new->position) {
                add(diff, CATALOG_REORDERED, new->kind, old, new);
            }
            i++;
            j++;
        }
    }
}

void catalog_diff_release(struct catalog_diff *diff)
{
    if (diff == NULL) {
        return;
    }
    free(diff->changes);
    *diff = (struct catalog_diff){0};
}

const struct catalog_member *catalog_change_member(const struct catalog_change *change)
{
    return change->after != NULL ? change->after : change->before;
}

const char *catalog_change_word(enum catalog_change_what what)
{
    switch (what) {
    case CATALOG_NEW:
        return "new";
    case CATALOG_GONE:
        return "gone";
    case CATALOG_CHANGED:
        return "changed";
    case CATALOG_REORDERED:
        return "reordered";
    }
    return "";
}
