/* SPDX-License-Identifier: PostgreSQL */
/*
 * The troubles, plan by plan. Each is made with plain SQL on the plan's database, by its
 * owner or by demo_report, a reporting role whose session the owner may end.
 */
#include "demo_trouble.h"

#include <string.h>

static const char week1[] = "week1-wednesday";
static const char mastery[] = "adaptive-mastery";
static const char policy[] = "policy";

static const char *const grant_report[] = {
    "grant select on public.quests to demo_report",
    NULL,
};
static const char *const hold_quests[] = {
    "begin",
    "lock table public.quests in access share mode",
    NULL,
};
static const char *const one_table_more[] = {
    "create table public.left_over (id bigint generated always as identity primary key, "
    "note text)",
    NULL,
};
/* No key leads to it and no migration touches it: only Q08 looks at what it lacks. */
static const char *const no_primary_key[] = {
    "alter table public.daily_activity drop constraint daily_activity_pkey",
    NULL,
};
/* A trigger that somebody forgot: 011 updates this table in one statement. */
static const char *const slow_trigger[] = {
    "create function public.wait_a_little() returns trigger language plpgsql as "
    "$$begin perform pg_catalog.pg_sleep(1.2); return null; end$$",
    "create trigger wait_a_little before update on public.agent_recommendations "
    "for each statement execute function public.wait_a_little()",
    NULL,
};

static const char *const grant_progress[] = {
    "grant select on public.plan_progress to demo_report",
    NULL,
};
static const char *const hold_progress[] = {
    "begin",
    "lock table public.plan_progress in access share mode",
    NULL,
};
/* The same number of policies, and everybody sees everybody's rows. */
static const char *const open_policy[] = {
    "alter policy \"own progress\" on public.plan_progress using (true)",
    NULL,
};
static const char *const slow_progress[] = {
    "create function public.wait_a_little() returns trigger language plpgsql as "
    "$$begin perform pg_catalog.pg_sleep(1.2); return null; end$$",
    "create trigger wait_a_little before update on public.plan_progress "
    "for each statement execute function public.wait_a_little()",
    NULL,
};

static const char *const grant_users[] = {
    "grant select on public.users to demo_report",
    NULL,
};
static const char *const hold_users[] = {
    "begin",
    "lock table public.users in access share mode",
    NULL,
};
static const char *const close_account[] = {
    "update public.users set closed_at = now() where id = 7",
    NULL,
};

const struct demo_trouble demo_troubles[] = {
    {
        .plan = week1,
        .name = "blocker",
        .comment = "a report holds public.quests, idle in its transaction: 012 cannot have it",
        .exit = 3,
        .when = DEMO_HELD,
        .prepare = grant_report,
        .what = hold_quests,
    },
    {
        .plan = week1,
        .name = "wrong-count",
        .comment = "there is one table more than the plan starts from",
        .exit = 5,
        .when = DEMO_SEEDED,
        .prepare = one_table_more,
    },
    {
        .plan = week1,
        .name = "failing-check",
        .comment = "a table that stays has lost its primary key: Q08 fails after the migration",
        .exit = 5,
        .when = DEMO_SEEDED,
        .prepare = no_primary_key,
    },
    {
        .plan = week1,
        .name = "slow",
        .comment = "a forgotten trigger makes one statement of 011 take over a second",
        .exit = 0,
        .when = DEMO_SEEDED,
        .prepare = slow_trigger,
    },
    {
        .plan = week1,
        .name = "server-restart",
        .comment = "the server crashes and restarts while 012 runs; `gonogo resume` goes on",
        .exit = 6,
        .keep = true,
        .when = DEMO_WATCHED,
        .prepare = grant_report,
        .what = hold_quests,
    },
    {
        .plan = mastery,
        .name = "blocker",
        .comment = "a report holds public.plan_progress, idle in its transaction: 008 cannot "
                   "have it",
        .exit = 3,
        .when = DEMO_HELD,
        .prepare = grant_progress,
        .what = hold_progress,
    },
    {
        .plan = mastery,
        .name = "wrong-count",
        .comment = "there is one table more than the plan starts from",
        .exit = 5,
        .when = DEMO_SEEDED,
        .prepare = one_table_more,
    },
    {
        .plan = mastery,
        .name = "failing-check",
        .comment = "somebody opened a policy, as many as before: Q04 and Q13 to Q16 fail",
        .exit = 5,
        .when = DEMO_SEEDED,
        .prepare = open_policy,
    },
    {
        .plan = mastery,
        .name = "slow",
        .comment = "a forgotten trigger makes the UPDATE of 008 take over a second",
        .exit = 0,
        .when = DEMO_SEEDED,
        .prepare = slow_progress,
    },
    {
        .plan = mastery,
        .name = "server-restart",
        .comment = "the server crashes and restarts while 008 runs; `gonogo resume` goes on",
        .exit = 6,
        .keep = true,
        .when = DEMO_WATCHED,
        .prepare = grant_progress,
        .what = hold_progress,
    },
    {
        .plan = policy,
        .name = "blocker",
        .comment = "a report holds public.users, idle in its transaction: 036 cannot have it",
        .exit = 3,
        .when = DEMO_HELD,
        .prepare = grant_users,
        .what = hold_users,
    },
    {
        .plan = policy,
        .name = "wrong-count",
        .comment = "there is one table more than the plan starts from",
        .exit = 5,
        .when = DEMO_SEEDED,
        .prepare = one_table_more,
    },
    {
        .plan = policy,
        .name = "failing-check",
        .comment = "seller 7 has closed the account: V036-3 fails right after 036",
        .exit = 5,
        .when = DEMO_SEEDED,
        .prepare = close_account,
    },
};
const size_t demo_trouble_count = COUNT_OF(demo_troubles);

const struct demo_trouble *demo_trouble_find(const char *plan, const char *name)
{
    for (size_t i = 0; name != NULL && i < demo_trouble_count; i++) {
        if (strcmp(demo_troubles[i].plan, plan) == 0 &&
            strcmp(demo_troubles[i].name, name) == 0) {
            return &demo_troubles[i];
        }
    }
    return NULL;
}
