/* SPDX-License-Identifier: PostgreSQL */
/*
 * Is it the server that the plan means? `environment` is only the plan's word; what
 * the server itself must say are the pins. Asked of every new session, since a name may
 * lead elsewhere after a reconnect.
 */
#include "perform.h"

bool identity_has_moved(const struct performer *performer,
                        const struct catalog_identity *identity)
{
    const struct catalog_identity *known = &performer->identity;
    return performer->identified &&
           str_is(known->system_identifier, identity->system_identifier) &&
           known->timeline != identity->timeline;
}

struct str identity_moved_words(const struct performer *performer,
                                const struct catalog_identity *identity, struct arena *arena)
{
    return str_format(arena,
                      "the server is on timeline %lld, it was on %lld: a failover or "
                      "a restore happened",
                      (long long)identity->timeline, (long long)performer->identity.timeline);
}

/* A run that was at work did not see it come; whoever resumes one is told, and decides. */
static bool may_have_moved(const struct performer *performer)
{
    const struct run *run = performer->run;
    return run->resumed && (run->state == STATE_CONNECT || run->state == STATE_IDENTIFY);
}

bool identity_is_same(const struct performer *performer,
                      const struct catalog_identity *identity, struct arena *arena,
                      struct str *why)
{
    const struct catalog_identity *known = &performer->identity;
    if (!performer->identified) {
        return true;
    }
    if (!str_is(known->system_identifier, identity->system_identifier)) {
        *why =
            str_format(arena, "another server answers: system identifier %.*s, it was %.*s",
                       STR_ARG(identity->system_identifier), STR_ARG(known->system_identifier));
        return false;
    }
    if (identity_has_moved(performer, identity) && !may_have_moved(performer)) {
        *why = identity_moved_words(performer, identity, arena);
        return false;
    }
    if (known->database.len > 0 && !str_is(known->database, identity->database)) {
        *why = str_format(arena, "another database answers: %.*s, it was %.*s",
                          STR_ARG(identity->database), STR_ARG(known->database));
        return false;
    }
    return true;
}

static bool pin(struct str wanted, struct str actual, const char *what, struct arena *arena,
                struct str *why)
{
    if (wanted.len == 0 || str_is(wanted, actual)) {
        return true;
    }
    *why = str_format(arena, "wrong target: the plan expects %s %.*s, the server says %.*s",
                      what, STR_ARG(wanted), STR_ARG(actual));
    return false;
}

bool identity_fits(const struct performer *performer, const struct catalog_identity *identity,
                   struct arena *arena, struct str *why)
{
    const struct plan_target *target = performer->target;
    struct str major = str_format(arena, "%lld", (long long)identity->major);
    if (!pin(target->system_identifier, identity->system_identifier, "system identifier", arena,
             why) ||
        !pin(target->expect_database, identity->database, "database", arena, why) ||
        !pin(target->expect_role, identity->current_user, "role", arena, why) ||
        !pin(target->expect_major, major, "major version", arena, why)) {
        return false;
    }
    bool primary = !identity->in_recovery;
    if (target->expect_primary == PLAN_NO && primary) {
        *why = STR("wrong target: the plan expects a standby, this is a primary");
        return false;
    }
    /* Who only looks may look at a standby that the plan names as one. */
    if (!primary && (target->expect_primary != PLAN_NO || performer->run)) {
        *why = STR("this server is a standby (in recovery): nothing can be written to it");
        return false;
    }
    if (identity->read_only) {
        *why = STR("default_transaction_read_only is on here: nothing can be written");
        return false;
    }
    if (identity->superuser && target->guarded && target->checks_as.len == 0) {
        *why = STR("a superuser on a guarded target: name an ordinary role for the checks with "
                   "checks_as");
        return false;
    }
    return true;
}
