/* SPDX-License-Identifier: PostgreSQL */
/*
 * A whole run against a world that obeys: every effect gets the answer that it hopes
 * for, every question its answer. What is tested is the order of the walk, the journal
 * law on every list, and that folding the same events gives the same place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine.h"

static const char plan_text[] =
    "version: 1\n"
    "name: A small window\n"
    "window: { date: \"2024-01-31\", weekday: wed, timezone: UTC, opens: \"08:00\", closes: "
    "\"12:00\" }\n"
    "ledger: { table: schema_migrations, style: plain, create: true }\n"
    "targets:\n"
    "  - { id: test, environment: test, database: app }\n"
    "roles:\n"
    "  - { id: dba, title: Database Admin, people: [anna], votes: true }\n"
    "  - { id: backend, title: Backend Lead, people: [ben], votes: true }\n"
    "state:\n"
    "  schemas: [public]\n"
    "  count:\n"
    "    - { what: tables, before: 3, after: 2 }\n"
    "checklist:\n"
    "  - { id: c1, gate: prep, ask: \"Documented?\", proof: note, role: dba }\n"
    "  - { id: a1, gate: poll, ask: \"Backup verified?\", proof: backup, needs: compared }\n"
    "backup:\n"
    "  - { id: dump, kind: pg_dump, format: custom, level: compared, restore_test: scratch, "
    "required: true }\n"
    "steps:\n"
    "  - migration: \"001\"\n"
    "    file: 001.sql\n"
    "    undo: none\n"
    "    checks:\n"
    "      - { id: V1, sql: select 1, equals: 1 }\n"
    "  - migration: \"002\"\n"
    "    file: 002.sql\n"
    "    undo: none\n"
    "verification:\n"
    "  sets:\n"
    "    - { name: First, checks: [{ id: Q1, sql: select 1, equals: 1 }, { id: Q2, builtin: "
    "tables, equals: 2 }] }\n"
    "monitoring:\n"
    "  slot: \"10:00 + 2h\"\n"
    "  every: 10s\n"
    "  probes:\n"
    "    - { id: conns, builtin: connections, at_most: 100 }\n"
    "rollback:\n"
    "  - { id: dump, title: Restore, kind: restore, from: dump, takes: 10m, restores: "
    "everything }\n";

/* A run with the world that answers it. */
struct world {
    struct arena arena;
    struct plan *plan;
    struct sql_script scripts[2];
    const struct sql_script *steps[2];
    const struct sql_script *none[2];
    struct run_setup setup;
    struct run run;
    struct effects effects;
    struct event queue[4096];
    size_t head, tail;
    uint64_t announced;
    int64_t clock_us;
    bool quit;
    int exit_code;
    struct event history[4096];
    size_t history_count;
};

static void set_up(struct world *world)
{
    struct plan_diagnostics diagnostics = {0};
    world->plan = plan_read(STR(plan_text), STR("plan.yaml"), &world->arena, &diagnostics);
    if (!world->plan) {
        struct strbuf out = {0};
        for (size_t i = 0; i < diagnostics.count; i++) {
            plan_diagnostic_text(&out, &diagnostics, &diagnostics.items[i]);
        }
        fail_msg("%s", out.ptr);
    }
    plan_diagnostics_release(&diagnostics);
    struct sql_trouble trouble;
    assert_true(sql_cut(STR("ALTER TABLE a ADD b int;\nDROP TABLE c;\n"), NULL, &world->arena,
                        &world->scripts[0], &trouble));
    assert_true(sql_cut(STR("BEGIN;\nDROP TABLE d;\nCOMMIT;\n"), NULL, &world->arena,
                        &world->scripts[1], &trouble));
    world->steps[0] = &world->scripts[0];
    world->steps[1] = &world->scripts[1];
    world->setup = (struct run_setup){
        .plan = world->plan,
        .id = STR("r-1"),
        .digest = STR("d"),
        .step_scripts = world->steps,
        .undo_scripts = world->none,
        .option_scripts = world->none,
    };
    world->clock_us = INT64_C(1706688000000000);
    run_init(&world->run, &world->setup, &world->arena);
}

static void tear_down(struct world *world)
{
    run_release(&world->run);
    effects_release(&world->effects);
    arena_release(&world->arena);
    free(world);
}

static void put(struct world *world, struct event event)
{
    assert_true(world->tail < COUNT_OF(world->queue));
    world->queue[world->tail++] = event;
}

static const struct event_item counts_before[] = {{.kind = {"tables", 6}, .value = 3}};
static const struct event_item counts_after[] = {{.kind = {"tables", 6}, .value = 2}};

static void answer_query(struct world *world, const struct effect *effect)
{
    struct event event = {.outcome = OUTCOME_OK, .script = effect->script, .us = 1000};
    event.query = (int)effect->query;
    event.index = effect->index;
    event.check = effect->check;
    event.place = effect->place;
    event.look = effect->look;
    event.moment = effect->moment;
    switch (effect->query) {
    case QUERY_LOOK:
        event.kind = EVENT_LOOKED;
        event.id = STR("app");
        break;
    case QUERY_SNAPSHOT:
        event.kind = EVENT_SNAPSHOT;
        event.items = effect->moment <= MOMENT_BEFORE ? counts_before : counts_after;
        event.item_count = 1;
        break;
    case QUERY_CHECK:
        event.kind = EVENT_CHECKED;
        break;
    case QUERY_STATEMENT:
        event.kind = EVENT_STATEMENT;
        event.tag = STR("DROP TABLE");
        break;
    case QUERY_EVIDENCE:
        event.kind = EVENT_EVIDENCE;
        event.xid = 700;
        break;
    case QUERY_COMMIT:
        event.kind = EVENT_COMMITTED;
        event.tag = STR("COMMIT");
        break;
    case QUERY_PROBE:
        event.kind = EVENT_SAMPLE;
        event.number = 12;
        break;
    case QUERY_BLOCKERS:
        event.kind = EVENT_BLOCKERS;
        break;
    case QUERY_COUNTS:
        event.kind = EVENT_COUNTED;
        break;
    case QUERY_WRITES:
        event.kind = EVENT_WRITES;
        break;
    case QUERY_ARCHIVER:
        event.kind = EVENT_ARCHIVER;
        break;
    case QUERY_RECENT:
        event.kind = EVENT_RECENT;
        break;
    case QUERY_WORKLOAD:
        event.kind = EVENT_WORKLOAD;
        break;
    case QUERY_CONTEXT:
        event.kind = EVENT_CONTEXT;
        break;
    case QUERY_BEGIN:
    case QUERY_LEDGER_WRITE:
    case QUERY_ROLLBACK:
    case QUERY_CANCEL:
    case QUERY_TERMINATE:
    case QUERY_SWITCH:
    case QUERY__COUNT:
        event.kind = EVENT_DONE;
        break;
    }
    put(world, event);
}

static void perform(struct world *world)
{
    for (size_t i = 0; i < world->effects.count; i++) {
        const struct effect *effect = &world->effects.items[i];
        if (effect_changes_world(effect)) {
            assert_true(effect->announced_by > 0 && effect->announced_by <= world->announced);
        }
        switch (effect->kind) {
        case EFFECT_JOURNAL:
            assert_int_equal(effect->announced, world->announced + 1);
            world->announced = effect->announced;
            break;
        case EFFECT_CONNECT:
            put(world,
                (struct event){.kind = EVENT_CONNECTED, .session = effect->session, .pid = 42});
            break;
        case EFFECT_QUERY:
            answer_query(world, effect);
            break;
        case EFFECT_SPAWN:
            put(world, (struct event){.kind = EVENT_TASK_DONE,
                                      .task = effect->task,
                                      .index = effect->index,
                                      .outcome = OUTCOME_OK,
                                      .level = PLAN_LEVEL_COMPARED,
                                      .us = 5000000});
            break;
        case EFFECT_REPORT:
            put(world, (struct event){.kind = EVENT_REPORTED,
                                      .outcome = OUTCOME_OK,
                                      .text = STR("report")});
            break;
        case EFFECT_QUIT:
            world->quit = true;
            world->exit_code = effect->exit_code;
            break;
        case EFFECT_DISCONNECT:
        case EFFECT_KILL:
        case EFFECT__COUNT:
            break;
        }
    }
    effects_clear(&world->effects);
}

static void step(struct world *world, struct event event)
{
    struct err err = {0};
    world->clock_us += 1000;
    event.at_us = world->clock_us;
    if (event.kind != EVENT_TICK) {
        assert_true(world->history_count < COUNT_OF(world->history));
        world->history[world->history_count++] = event;
    }
    if (!engine_step(&world->run, &event, &world->effects, &err)) {
        fail_msg("%s", err.message);
    }
    perform(world);
}

/* Everything that is asked gets the answer that lets the walk go on. */
static struct event answer(const struct ask *ask)
{
    struct event event = {.id = ask->id, .who = STR("anna"), .text = STR("yes")};
    switch (ask->kind) {
    case ASK_NOTE:
    case ASK_CRITERION:
    case ASK_MANUAL:
        event.kind = EVENT_NOTE;
        break;
    case ASK_OVERRIDE:
    case ASK_WRONG_COUNTS:
        event.kind = EVENT_OVERRIDE;
        break;
    case ASK_ATTEST:
        event.kind = EVENT_ATTEST;
        event.name = STR("snap");
        break;
    case ASK_VOTE:
        event.kind = EVENT_VOTE;
        event.tag = STR("GO");
        break;
    case ASK_NAME:
        event.kind = EVENT_NAME;
        event.text = STR("app");
        break;
    case ASK_GO_ON:
    case ASK_FAILED:
    case ASK_HOLD:
        event.kind = EVENT_GO_ON;
        break;
    case ASK_ACCEPT:
        event.kind = EVENT_ACCEPT;
        break;
    case ASK_ACKNOWLEDGE:
        event.kind = EVENT_ACKNOWLEDGE;
        break;
    case ASK_OPTION:
        event.kind = EVENT_OPTION;
        break;
    case ASK_CONFIRM:
        event.kind = EVENT_CONFIRM;
        event.text = STR("ROLLBACK");
        event.who = ask->id;
        break;
    case ASK_SIGN_OFF:
        event.kind = EVENT_SIGN_OFF;
        break;
    case ASK_IN_DOUBT:
    case ASK__COUNT:
        event.kind = EVENT_LEAVE;
        break;
    }
    return event;
}

static void walk(struct world *world)
{
    step(world, (struct event){.kind = EVENT_START, .who = STR("anna@console")});
    for (int round = 0; round < 6000 && !world->quit; round++) {
        struct ask asks[ASKS_MAX];
        if (world->head < world->tail) {
            step(world, world->queue[world->head++]);
            continue;
        }
        step(world, (struct event){.kind = EVENT_TICK});
        if (world->head < world->tail) {
            continue;
        }
        if (engine_asks(&world->run, &world->arena, asks, ASKS_MAX) > 0) {
            step(world, answer(&asks[0]));
            continue;
        }
        int64_t next = engine_next_us(&world->run);
        assert_true(next != INT64_MAX);
        world->clock_us = next > world->clock_us ? next : world->clock_us;
        if (engine_due(&world->run, world->clock_us) != EVENT_TICK) {
            step(world, (struct event){.kind = engine_due(&world->run, world->clock_us)});
        }
    }
}

static void a_run_walks_from_prep_to_close(void **state)
{
    (void)state;
    struct world *world = mem_zero(1, sizeof(*world));
    set_up(world);
    walk(world);
    assert_true(world->quit);
    assert_string_equal(state_words[world->run.state], "end");
    assert_int_equal(world->exit_code, 0);
    assert_int_equal(world->run.scripts[0].state, SCRIPT_COMMITTED);
    assert_int_equal(world->run.scripts[1].state, SCRIPT_COMMITTED);
    assert_int_equal(world->run.probes[0].breached, false);
    assert_true(world->run.probes[0].count > 100);
    assert_true(world->run.writes_due_us > world->run.phase_started_us[PHASE_MONITOR]);
    assert_true(world->run.monitor_ends_us - world->run.phase_started_us[PHASE_MONITOR] ==
                2 * US_PER_HOUR);
    tear_down(world);
}

static void the_outer_transaction_of_a_file_is_taken_over(void **state)
{
    (void)state;
    struct world *world = mem_zero(1, sizeof(*world));
    set_up(world);
    assert_int_equal(world->run.scripts[0].first, 0);
    assert_int_equal(world->run.scripts[0].last, 2);
    assert_int_equal(world->run.scripts[1].first, 1);
    assert_int_equal(world->run.scripts[1].last, 2);
    tear_down(world);
}

static void folding_the_events_again_gives_the_same_place(void **state)
{
    (void)state;
    struct world *world = mem_zero(1, sizeof(*world));
    set_up(world);
    walk(world);
    struct run again;
    run_init(&again, &world->setup, &world->arena);
    struct effects effects = {0};
    for (size_t i = 0; i < world->history_count; i++) {
        struct strbuf line = {0};
        struct err err = {0};
        event_write(&line, &world->history[i]);
        struct json *json = json_read(strbuf_str(&line), &err);
        struct event event;
        assert_non_null(json);
        assert_true(event_read(json, &world->arena, &event, &err));
        assert_true(engine_step(&again, &event, &effects, &err));
        effects_clear(&effects);
        json_free(json);
        strbuf_release(&line);
    }
    assert_int_equal(again.state, world->run.state);
    assert_int_equal(again.announced, world->run.announced);
    assert_int_equal(engine_exit_code(&again), engine_exit_code(&world->run));
    assert_int_equal(again.scripts[1].sql_us, world->run.scripts[1].sql_us);
    effects_release(&effects);
    run_release(&again);
    tear_down(world);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_walks_from_prep_to_close),
        cmocka_unit_test(the_outer_transaction_of_a_file_is_taken_over),
        cmocka_unit_test(folding_the_events_again_gives_the_same_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
