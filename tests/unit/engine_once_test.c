/* SPDX-License-Identifier: PostgreSQL */
/*
 * What people are told, and what is asked of them, once per moment. A breach once, and
 * another one after it was noticed and was over; one that only went on, also across a lost
 * connection, is the same one. A hook once, also when another of its moment failed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine.h"
#include "plan_fixture.h"

struct watch {
    struct plan_fixture *fixture;
    struct run run;
    int64_t at_us;
};

static void step(struct watch *watch, struct event event)
{
    struct effects effects = {0};
    struct err err = {0};
    watch->at_us += 10 * US_PER_SECOND;
    event.at_us = watch->at_us;
    event.script = -1;
    assert_true(engine_step(&watch->run, &event, &effects, &err));
    effects_release(&effects);
}

static void sample(struct watch *watch, double number)
{
    step(watch, (struct event){.kind = EVENT_SAMPLE, .outcome = OUTCOME_OK, .number = number});
}

static void acknowledge(struct watch *watch)
{
    step(watch, (struct event){.kind = EVENT_ACKNOWLEDGE,
                               .id = STR("conns"),
                               .who = STR("anna"),
                               .text = STR("a batch job")});
}

static bool is_asked(const struct watch *watch)
{
    struct arena arena = {0};
    struct ask asks[ASKS_MAX];
    size_t count = engine_asks(&watch->run, &arena, asks, ASKS_MAX);
    bool asked = false;
    for (size_t i = 0; i < count && i < ASKS_MAX; i++) {
        asked = asked || asks[i].kind == ASK_ACKNOWLEDGE;
    }
    arena_release(&arena);
    return asked;
}

/* The limit is 100. */
static void open_watch(struct watch *watch)
{
    *watch = (struct watch){.fixture = plan_fixture_make(PLAN_FIXTURE_WIDE),
                            .at_us = INT64_C(1706688000000000)};
    run_init(&watch->run, &watch->fixture->setup, &watch->fixture->arena);
    watch->run.state = STATE_MONITOR;
    watch->run.phase = PHASE_MONITOR;
    watch->run.connected[SESSION_WATCH] = true;
}

static void close_watch(struct watch *watch)
{
    run_release(&watch->run);
    plan_fixture_free(watch->fixture);
}

static void another_breach_is_asked_again(void **state)
{
    struct watch watch;
    (void)state;
    open_watch(&watch);
    sample(&watch, 120);
    assert_false(is_asked(&watch));
    sample(&watch, 120);
    assert_true(is_asked(&watch));
    acknowledge(&watch);
    assert_false(is_asked(&watch));
    sample(&watch, 12);
    sample(&watch, 130);
    assert_false(is_asked(&watch));
    sample(&watch, 130);
    assert_true(is_asked(&watch));
    assert_int_equal(watch.run.probes[0].breaches, 2);
    close_watch(&watch);
}

/* After one lost answer a rate has no value for a second time: there is nothing to grow from.
 */
static void one_lost_answer_is_one_miss_of_a_rate_too(void **state)
{
    struct event lost = {.kind = EVENT_SAMPLE, .outcome = OUTCOME_UNKNOWN};
    struct event begins = {.kind = EVENT_SAMPLE, .outcome = OUTCOME_UNKNOWN, .flag = true};
    struct watch watch;
    (void)state;
    open_watch(&watch);
    step(&watch, lost);
    step(&watch, begins);
    assert_false(is_asked(&watch));
    assert_int_equal(watch.run.probes[0].heard, 0);
    sample(&watch, 12);
    step(&watch, lost);
    step(&watch, begins);
    step(&watch, lost); /* … and nothing was seen in between */
    assert_true(is_asked(&watch));
    close_watch(&watch);
}

static void a_breach_that_goes_on_is_asked_once(void **state)
{
    struct watch watch;
    (void)state;
    open_watch(&watch);
    sample(&watch, 120);
    sample(&watch, 120);
    acknowledge(&watch);
    sample(&watch, 120);
    step(&watch, (struct event){.kind = EVENT_LOST, .session = SESSION_WATCH});
    sample(&watch, 120);
    step(&watch, (struct event){.kind = EVENT_CONNECTED, .session = SESSION_WATCH});
    sample(&watch, 120);
    sample(&watch, 120);
    assert_false(is_asked(&watch));
    assert_int_equal(watch.run.probes[0].breaches, 1);
    close_watch(&watch);
}

/* A gate by probes, while nobody can say what the database does: its endpoint still speaks. */
static void no_gate_opens_by_a_probe_beyond_its_limit(void **state)
{
    struct watch watch;
    struct str why = {0};
    struct arena arena = {0};
    (void)state;
    open_watch(&watch);
    struct plan_item item = {.id = STR("a9"), .proof = PLAN_PROOF_PROBES};
    struct run_item by_probes = {.item = &item};
    item.max_age_us = PLAN_UNSAID;
    sample(&watch, 12);
    assert_true(item_is_closed(&watch.run, &by_probes, &why, &arena));
    step(&watch, (struct event){.kind = EVENT_LOST, .session = SESSION_WATCH});
    sample(&watch, 120);
    assert_false(item_is_closed(&watch.run, &by_probes, &why, &arena));
    assert_true(str_starts(why, "probe conns breaks its limit: 120"));
    sample(&watch, 12);
    assert_true(item_is_closed(&watch.run, &by_probes, &why, &arena));
    arena_release(&arena);
    close_watch(&watch);
}

/* Nobody noticed the first: that it came back is no news. */
static void a_breach_that_nobody_noticed_stays_one(void **state)
{
    struct watch watch;
    (void)state;
    open_watch(&watch);
    for (int i = 0; i < 3; i++) {
        sample(&watch, 120);
        sample(&watch, 120);
        sample(&watch, 12);
    }
    assert_true(is_asked(&watch));
    assert_int_equal(watch.run.probes[0].breaches, 1);
    close_watch(&watch);
}

static size_t told_again(const struct effects *effects, int hook, const struct run *run)
{
    size_t count = 0;
    for (size_t i = 0; i < effects->count; i++) {
        const struct effect *effect = &effects->items[i];
        count += effect->kind == EFFECT_SPAWN &&
                         run->notices[effect->index].hook == &run->plan->notify.items[hook]
                     ? 1
                     : 0;
    }
    return count;
}

/* Two hooks of before_open: one fails, the other still runs when people say "again". */
static void only_the_hook_that_failed_is_told_again(void **state)
{
    struct plan_fixture *fixture = plan_fixture_make(PLAN_FIXTURE_TOLD);
    struct plan_notification *boss = &fixture->plan->notify.items[1];
    struct effects effects = {0};
    struct err err = {0};
    struct run run;
    (void)state;
    boss->when.items[0] = PLAN_WHEN_BEFORE_OPEN;
    boss->lead_us = fixture->plan->notify.items[0].lead_us;
    run_init(&run, &fixture->setup, &fixture->arena);
    run.state = STATE_PREP;
    struct event event = {.at_us = run.opens_us - US_PER_MINUTE, .script = -1};
    event.kind = EVENT_DUE_NOTICE;
    assert_true(engine_step(&run, &event, &effects, &err));
    assert_int_equal(run.notice_count, 2);
    event = (struct event){.kind = EVENT_TASK_DONE,
                           .at_us = run.opens_us,
                           .script = -1,
                           .task = TASK_NOTIFY,
                           .index = 0,
                           .outcome = OUTCOME_FAILED,
                           .text = STR("exit status 7")};
    assert_true(engine_step(&run, &event, &effects, &err));
    effects_clear(&effects);
    event = (struct event){.kind = EVENT_RERUN,
                           .at_us = run.opens_us,
                           .script = -1,
                           .id = STR("before_open"),
                           .who = STR("anna")};
    assert_true(engine_step(&run, &event, &effects, &err));
    assert_int_equal(told_again(&effects, 0, &run), 1);
    assert_int_equal(told_again(&effects, 1, &run), 0);
    effects_release(&effects);
    run_release(&run);
    plan_fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_breach_is_asked_again),
        cmocka_unit_test(one_lost_answer_is_one_miss_of_a_rate_too),
        cmocka_unit_test(a_breach_that_goes_on_is_asked_once),
        cmocka_unit_test(no_gate_opens_by_a_probe_beyond_its_limit),
        cmocka_unit_test(only_the_hook_that_failed_is_told_again),
        cmocka_unit_test(a_breach_that_nobody_noticed_stays_one),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
