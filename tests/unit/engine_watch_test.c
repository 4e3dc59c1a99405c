/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the watch asks of people: a breach once, and another one after it was noticed and
 * was over. A breach that only went on, also across a lost connection, is the same one.
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_breach_is_asked_again),
        cmocka_unit_test(a_breach_that_goes_on_is_asked_once),
        cmocka_unit_test(no_gate_opens_by_a_probe_beyond_its_limit),
        cmocka_unit_test(a_breach_that_nobody_noticed_stays_one),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
