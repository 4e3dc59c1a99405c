/* SPDX-License-Identifier: PostgreSQL */
/*
 * The troubles. Each is made with plain SQL on the week 1 database, by its owner or by
 * demo_report, a reporting role whose session the owner may end.
 */
#include "demo_trouble.h"

#include <string.h>

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
/* 011 fills what is empty; what is filled wrongly stays, and only Q02 looks at that. */
static const char *const one_score_astray[] = {
    "update public.agent_trust_scores s set workspace_id = "
    "(select w.id from public.workspaces w, public.agents a "
    "where a.id = s.agent_id and w.id <> a.workspace_id order by w.id limit 1) "
    "where s.id = (select t.id from public.agent_trust_scores t "
    "where t.workspace_id is not null order by t.id limit 1)",
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

const struct demo_trouble demo_troubles[] = {
    {
        .name = "blocker",
        .comment = "a report holds public.quests, idle in its transaction: 012 cannot have it",
        .exit = 3,
        .when = DEMO_HELD,
        .prepare = grant_report,
        .what = hold_quests,
    },
    {
        .name = "wrong-count",
        .comment = "there is one table more than the plan starts from",
        .exit = 5,
        .when = DEMO_SEEDED,
        .prepare = one_table_more,
    },
    {
        .name = "failing-check",
        .comment = "one trust score carries another workspace than its agent: Q02 fails",
        .exit = 5,
        .when = DEMO_SEEDED,
        .prepare = one_score_astray,
    },
    {
        .name = "slow",
        .comment = "a forgotten trigger makes one statement of 011 take over a second",
        .exit = 0,
        .when = DEMO_SEEDED,
        .prepare = slow_trigger,
    },
    {
        .name = "server-restart",
        .comment = "the server crashes and restarts while 012 runs; `gonogo resume` goes on",
        .exit = 6,
        .keep = true,
        .when = DEMO_WATCHED,
        .prepare = grant_report,
        .what = hold_quests,
    },
};
const size_t demo_trouble_count = COUNT_OF(demo_troubles);

const struct demo_trouble *demo_trouble_find(const char *name)
{
    for (size_t i = 0; name != NULL && i < demo_trouble_count; i++) {
        if (strcmp(demo_troubles[i].name, name) == 0) {
            return &demo_troubles[i];
        }
    }
    return NULL;
}
