/* SPDX-License-Identifier: PostgreSQL */
/*
 * A world that obeys: every effect gets the answer that it hopes for, every question
 * the answer that lets the run go on. Tests start from it and spoil what they test.
 */
#include "plan_fixture.h"

static const struct event_item counts_before[] = {{.kind = {"tables", 6}, .value = 3}};
static const struct event_item counts_after[] = {{.kind = {"tables", 6}, .value = 2}};

static struct event answer_to_query(const struct effect *effect)
{
    static const enum event_kind kinds[QUERY__COUNT] = {
        [QUERY_LOOK] = EVENT_LOOKED,         [QUERY_SNAPSHOT] = EVENT_SNAPSHOT,
        [QUERY_CHECK] = EVENT_CHECKED,       [QUERY_BEGIN] = EVENT_DONE,
        [QUERY_STATEMENT] = EVENT_STATEMENT, [QUERY_LEDGER_WRITE] = EVENT_DONE,
        [QUERY_EVIDENCE] = EVENT_EVIDENCE,   [QUERY_COMMIT] = EVENT_COMMITTED,
        [QUERY_ROLLBACK] = EVENT_DONE,       [QUERY_PROBE] = EVENT_SAMPLE,
        [QUERY_BLOCKERS] = EVENT_BLOCKERS,   [QUERY_CANCEL] = EVENT_DONE,
        [QUERY_TERMINATE] = EVENT_DONE,      [QUERY_SWITCH] = EVENT_DONE,
        [QUERY_WRITES] = EVENT_WRITES,       [QUERY_COUNTS] = EVENT_COUNTED,
        [QUERY_CONTEXT] = EVENT_CONTEXT,     [QUERY_RECENT] = EVENT_RECENT,
        [QUERY_WORKLOAD] = EVENT_WORKLOAD,   [QUERY_ARCHIVER] = EVENT_ARCHIVER,
    };
    struct event event = {
        .kind = kinds[effect->query],
        .outcome = OUTCOME_OK,
        .query = (int)effect->query,
        .look = effect->look,
        .moment = effect->moment,
        .place = effect->place,
        .script = effect->script,
        .index = effect->index,
        .check = effect->check,
        .us = 1000,
    };
    if (effect->query == QUERY_LOOK) {
        event.id = effect->look == LOOK_IDENTITY ? STR("app") : (struct str){0};
    }
    if (effect->query == QUERY_SNAPSHOT) {
        bool after = effect->moment == MOMENT_NOW || effect->moment == MOMENT_LAST;
        event.items = after ? counts_after : counts_before;
        event.item_count = 1;
    }
    if (effect->query == QUERY_EVIDENCE) {
        event.xid = 700;
        event.pid = 42;
        event.backend_start_us = 4200;
    }
    if (effect->query == QUERY_COMMIT) {
        event.tag = STR("COMMIT");
    }
    if (effect->query == QUERY_PROBE) {
        event.number = 12;
    }
    return event;
}

bool obedient_answer(const struct effect *effect, struct event *event)
{
    switch (effect->kind) {
    case EFFECT_CONNECT:
        *event = (struct event){.kind = EVENT_CONNECTED,
                                .session = effect->session,
                                .pid = 42,
                                .backend_start_us = 4200};
        return true;
    case EFFECT_QUERY:
        *event = answer_to_query(effect);
        return true;
    case EFFECT_SPAWN:
        *event = (struct event){.kind = EVENT_TASK_DONE,
                                .task = effect->task,
                                .index = effect->index,
                                .outcome = OUTCOME_OK,
                                .level = PLAN_LEVEL_COMPARED,
                                .us = 5000000};
        return true;
    case EFFECT_REPORT:
        *event = (struct event){
            .kind = EVENT_REPORTED, .outcome = OUTCOME_OK, .text = STR("report")};
        return true;
    case EFFECT_DISCONNECT:
    case EFFECT_KILL:
    case EFFECT_JOURNAL:
    case EFFECT_QUIT:
    case EFFECT__COUNT:
        return false;
    }
    return false;
}

struct event obedient_word(const struct ask *ask)
{
    static const enum event_kind kinds[ASK__COUNT] = {
        [ASK_NOTE] = EVENT_NOTE,       [ASK_OVERRIDE] = EVENT_OVERRIDE,
        [ASK_ATTEST] = EVENT_ATTEST,   [ASK_VOTE] = EVENT_VOTE,
        [ASK_NAME] = EVENT_NAME,       [ASK_GO_ON] = EVENT_GO_ON,
        [ASK_FAILED] = EVENT_GO_ON,    [ASK_WRONG_COUNTS] = EVENT_OVERRIDE,
        [ASK_ACCEPT] = EVENT_ACCEPT,   [ASK_MANUAL] = EVENT_NOTE,
        [ASK_OPTION] = EVENT_OPTION,   [ASK_ACKNOWLEDGE] = EVENT_ACKNOWLEDGE,
        [ASK_CRITERION] = EVENT_NOTE,  [ASK_SIGN_OFF] = EVENT_SIGN_OFF,
        [ASK_CONFIRM] = EVENT_CONFIRM, [ASK_HOLD] = EVENT_GO_ON,
        [ASK_IN_DOUBT] = EVENT_LEAVE,
    };
    struct event event = {
        .kind = kinds[ask->kind],
        .id = ask->id,
        .who = STR("anna"),
        .text = ask->kind == ASK_NAME ? STR("app") : STR("yes"),
    };
    if (ask->kind == ASK_CONFIRM) { /* two people: each role by itself */
        event.who = ask->id;
        event.text = STR("ROLLBACK");
    }
    if (ask->kind == ASK_VOTE) {
        event.tag = STR("GO");
    }
    if (ask->kind == ASK_ATTEST) {
        event.name = STR("snap");
    }
    return event;
}
