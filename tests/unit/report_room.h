/* SPDX-License-Identifier: PostgreSQL */
/*
 * Runs to report on: a small plan read from its text, a model born by run_init(), and
 * fields set as the engine would leave them in four endings.
 */
#ifndef GONOGO_REPORT_ROOM_H
#define GONOGO_REPORT_ROOM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "document.h"

struct room {
    struct arena arena;
    struct plan *plan;
    struct sql_script scripts[2];
    const struct sql_script *steps[2];
    const struct sql_script *none[2];
    struct run_setup setup;
    struct run run;
    struct report_context context;
};

#define ROOM_OPENS_US INT64_C(1706688000000000) /* 2024-01-31 08:00 UTC */

static const char room_plan[] =
    "version: 1\n"
    "name: A small window\n"
    "window: { date: \"2024-01-31\", weekday: wed, timezone: UTC, opens: \"08:00\", closes: "
    "\"12:00\" }\n"
    "targets:\n"
    "  - { id: production, environment: production, database: app }\n"
    "roles:\n"
    "  - { id: dba, title: Database Admin, people: [anna], votes: true }\n"
    "  - { id: backend, title: Backend Lead, people: [ben], votes: true }\n"
    "limits: { sql_total: 500ms, downtime: 10m }\n"
    "state:\n"
    "  schemas: [public]\n"
    "  count:\n"
    "    - { what: tables, before: 3, after: 2 }\n"
    "    - { what: foreign_keys, before: 4, after: 4 }\n"
    "checklist:\n"
    "  - { id: c1, gate: prep, ask: \"Documented?\", proof: note, role: dba }\n"
    "backup:\n"
    "  - { id: dump, kind: pg_dump, format: custom, level: compared, restore_test: scratch, "
    "required: true }\n"
    "steps:\n"
    "  - { migration: \"001\", file: 001.sql, slot: \"08:30 + 30m\", undo: none, expect: { "
    "time: 200ms }, checks: [{ id: V1, sql: select 1, equals: 1 }] }\n"
    "  - { migration: \"002\", file: 002.sql, slot: \"09:00 + 30m\", undo: none }\n"
    "verification:\n"
    "  sets:\n"
    "    - { name: First, checks: [{ id: Q1, sql: select 1, equals: 1 }, { id: Q2, builtin: "
    "tables, equals: 2 }] }\n"
    "monitoring:\n"
    "  slot: \"10:00 + 2h\"\n"
    "  every: 10s\n"
    "  probes:\n"
    "    - { id: conns, builtin: connections, at_most: 100 }\n"
    "    - { id: health, http: \"http://localhost/health\", equals: 200 }\n"
    "rollback:\n"
    "  - { id: dump, title: Restore, kind: restore, from: dump, takes: 10m, restores: "
    "everything }\n"
    "criteria:\n"
    "  - { group: execution, text: SQL in half a second, limit: sql_total }\n"
    "  - { group: verify, text: two tables are left, count: tables }\n"
    "report: { name: SMALL_REPORT }\n";

static inline void room_open_with(struct room *room, const char *plan, struct str second)
{
    struct plan_diagnostics diagnostics = {0};
    struct sql_trouble trouble;
    *room = (struct room){0};
    room->plan = plan_read(str_from(plan), STR("plan.yaml"), &room->arena, &diagnostics);
    if (!room->plan) {
        struct strbuf out = {0};
        for (size_t i = 0; i < diagnostics.count; i++) {
            plan_diagnostic_text(&out, &diagnostics, &diagnostics.items[i]);
        }
        fail_msg("%s", out.ptr);
    }
    plan_diagnostics_release(&diagnostics);
    assert_true(sql_cut(STR("ALTER TABLE a ADD b int;\nALTER ROLE app PASSWORD 'canary';\n"),
                        NULL, &room->arena, &room->scripts[0], &trouble));
    assert_true(sql_cut(second, NULL, &room->arena, &room->scripts[1], &trouble));
    room->steps[0] = &room->scripts[0];
    room->steps[1] = &room->scripts[1];
    room->setup = (struct run_setup){.plan = room->plan,
                                     .id = STR("20240131-0800-1"),
                                     .digest = STR("5d41c0"),
                                     .opens_us = ROOM_OPENS_US,
                                     .closes_us = ROOM_OPENS_US + 4 * US_PER_HOUR,
                                     .day_us = ROOM_OPENS_US - 8 * US_PER_HOUR,
                                     .step_scripts = room->steps,
                                     .undo_scripts = room->none,
                                     .option_scripts = room->none};
    run_init(&room->run, &room->setup, &room->arena);
    room->context = (struct report_context){.version = STR("0.1.0"),
                                            .connection = STR("host=/run/pg dbname=app"),
                                            .journal_entries = 214,
                                            .journal_head = STR("77ab02c9"),
                                            .chain = STR("intact")};
}

static inline void room_close(struct room *room)
{
    run_release(&room->run);
    arena_release(&room->arena);
}

static inline void room_remark(struct room *room, const char *kind, const char *id,
                               const char *text, const char *who, bool claim)
{
    struct run *run = &room->run;
    struct run_remark *remark =
        ARRAY_PUSH(run->remarks, run->remark_count, run->remark_capacity);
    *remark = (struct run_remark){.at_us = ROOM_OPENS_US + US_PER_HOUR,
                                  .who = str_from(who),
                                  .kind = str_from(kind),
                                  .id = str_from(id),
                                  .text = str_from(text),
                                  .claim = claim};
}

static inline void room_committed(struct run_script *script, int64_t started_us, int64_t us)
{
    script->state = SCRIPT_COMMITTED;
    script->attempts = 1;
    script->started_us = started_us;
    script->ended_us = started_us + us;
    script->sql_us = us;
    script->xid = 700;
    for (size_t i = script->first; i < script->last; i++) {
        script->statements[i] = (struct run_statement){
            .outcome = OUTCOME_OK, .tag = STR("ALTER TABLE"), .rows = -1, .us = us / 2};
    }
}

static inline void room_samples(struct run_probe *probe, double number, int gap_at)
{
    probe->baseline = number;
    for (int i = 0; i < 12; i++) {
        probe->samples[i] = (struct run_sample){
            .at_us = ROOM_OPENS_US + (2 * US_PER_HOUR) + i * 10 * US_PER_SECOND,
            .outcome = i == gap_at ? OUTCOME_UNKNOWN : OUTCOME_OK,
            .number = i == gap_at ? (double)__builtin_nan("") : number + i % 3};
    }
    probe->count = probe->next = 12;
    probe->heard = gap_at < 0 ? 12 : 11;
}

/* What every ending shares: a server, a vote that was changed, a backup, an answer. */
static inline void room_begin(struct room *room)
{
    static const struct run_vote votes[] = {
        {{"dba", 3}, {"anna", 4}, {"HOLD", 4}, {"wait", 4}, ROOM_OPENS_US + 1, false, true},
        {{"dba", 3}, {"anna", 4}, {"GO", 2}, {0}, ROOM_OPENS_US + 2, false, false},
        {{"backend", 7}, {"ben", 3}, {"GO", 2}, {0}, ROOM_OPENS_US + 3, true, false},
    };
    struct run *run = &room->run;
    run->state = STATE_REPORT;
    run->phase = PHASE_CLOSE;
    run->database = STR("app");
    run->server_text = STR("PostgreSQL 15.6 primary");
    run->operator_name = STR("anna@console");
    run->started_us = ROOM_OPENS_US;
    run->ended_us = ROOM_OPENS_US + 4 * US_PER_HOUR;
    for (size_t i = 0; i < COUNT_OF(votes); i++) {
        *ARRAY_PUSH(run->votes, run->vote_count, run->vote_capacity) = votes[i];
    }
    run->items[0].answered = true;
    run->items[0].who = STR("anna");
    run->items[0].text = STR("see the wiki");
    run->items[0].at_us = ROOM_OPENS_US;
    run->backups[0].level = PLAN_LEVEL_COMPARED;
    run->backups[0].name = STR("app.dump");
    run->backups[0].hash = STR("c0ffee");
    run->backups[0].size = 4096;
    run->backups[0].taken_us = ROOM_OPENS_US + US_PER_MINUTE;
    run->backups[0].dump_us = 3 * US_PER_SECOND;
    run->backups[0].restore_us = 9 * US_PER_SECOND;
    run->counts[0].values[MOMENT_BEFORE] = 3;
    run->counts[1].values[MOMENT_BEFORE] = 4;
    run->snapshots[MOMENT_BEFORE].taken = true;
}

static inline void room_now(struct room *room, enum moment moment, int64_t tables,
                            struct event_change *changes, size_t count)
{
    struct run *run = &room->run;
    run->snapshots[moment].taken = true;
    run->snapshots[moment].changes = changes;
    run->snapshots[moment].change_count = count;
    run->counts[0].values[moment] = tables;
    run->counts[1].values[moment] = 4;
}

static inline void room_completed(struct room *room)
{
    static struct event_change changes[] = {
        {{"tables", 6}, {"public.c", 8}, CHANGE_GONE, true, {0}, {0}},
        {{"rls_policies", 12}, {"public.a.read", 13}, CHANGE_NEW, false, {0}, {0}},
    };
    struct run *run = &room->run;
    room_begin(room);
    run->changed = true;
    room_committed(&run->scripts[0], ROOM_OPENS_US + 30 * US_PER_MINUTE, 234000);
    room_committed(&run->scripts[1], ROOM_OPENS_US + 65 * US_PER_MINUTE, 156000);
    run->scripts[0].checks[0].outcome = OUTCOME_OK;
    run->scripts[0].checks[0].actual = STR("1");
    run->sets[0][0].outcome = run->sets[0][1].outcome = OUTCOME_OK;
    run->sets[0][0].us = 3100;
    room_now(room, MOMENT_LAST, 2, changes, COUNT_OF(changes));
    run->slots[1].started_us = ROOM_OPENS_US + 30 * US_PER_MINUTE;
    run->slots[1].ended_us = run->slots[1].started_us + US_PER_SECOND;
    run->slots[2].started_us = ROOM_OPENS_US + 65 * US_PER_MINUTE;
    run->slots[2].ended_us = run->slots[2].started_us + US_PER_SECOND;
    run->phase_started_us[PHASE_MIGRATE] = ROOM_OPENS_US + 30 * US_PER_MINUTE;
    run->phase_started_us[PHASE_MONITOR] = ROOM_OPENS_US + 2 * US_PER_HOUR;
    run->phase_ended_us[PHASE_MONITOR] = ROOM_OPENS_US + 4 * US_PER_HOUR;
    room_samples(&run->probes[0], 48, 5);
    room_samples(&run->probes[1], 200, -1);
    run->criteria[0].outcome = OUTCOME_OK;
    run->criteria[0].actual = STR("390 ms");
    run->criteria[1].outcome = OUTCOME_OK;
    run->criteria[1].actual = STR("2");
    *ARRAY_PUSH(run->signatures, run->signature_count, run->signature_capacity) =
        (struct run_signature){STR("dba"), STR("anna"), ROOM_OPENS_US + 4 * US_PER_HOUR, false};
    room_remark(room, "override", "a1", "rehearsed on another host", "carla", true);
}

static inline void room_rolled_back(struct room *room)
{
    struct run *run = &room->run;
    room_completed(room);
    run->scripts[0].state = run->scripts[1].state = SCRIPT_UNDONE;
    run->sets[0][1].outcome = OUTCOME_FAILED;
    run->sets[0][1].why = STR("3 is not 2");
    run->facts = FACT_ROLLED_BACK;
    run->way_back = true;
    run->option = 0;
    run->options[0].possible = run->options[0].measured = true;
    run->options[0].estimate_us = 9 * US_PER_SECOND;
    room_now(room, MOMENT_BACK, 3, NULL, 0);
    room_remark(room, "rollback", "dump", "Restore", "anna", false);
}

static inline void room_failed(struct room *room)
{
    static struct event_item blockers[] = {
        {.name = {"app_web", 7}, .text = {"idle in transaction", 19}, .value = 4182}};
    struct run *run = &room->run;
    room_begin(room);
    room_committed(&run->scripts[0], ROOM_OPENS_US + 30 * US_PER_MINUTE, 234000);
    run->changed = true;
    struct run_script *script = &run->scripts[1];
    script->state = SCRIPT_ROLLED_BACK;
    script->failed = true;
    script->attempts = 2;
    script->started_us = ROOM_OPENS_US + 65 * US_PER_MINUTE;
    script->failure = STR("canceling statement due to lock timeout");
    script->failure_state = STR("55P03");
    script->statements[script->first] = (struct run_statement){.outcome = OUTCOME_FAILED,
                                                               .sqlstate = STR("55P03"),
                                                               .text = script->failure,
                                                               .us = 2000000};
    run->blockers = blockers;
    run->blocker_count = COUNT_OF(blockers);
    run->waited_us = 2 * US_PER_SECOND;
    run->hold_reason = STR("002 failed");
    run->state = STATE_LEAVING;
}

static inline void room_stopped(struct room *room)
{
    struct run *run = &room->run;
    room_begin(room);
    run->facts = FACT_STOPPED;
    run->state = STATE_LEAVING;
    run->phase = PHASE_POLL;
    run->simulated_clock = true;
    run->items[0].overridden = run->items[0].claim = true;
    run->items[0].why = STR("written down on paper");
    run->hold_reason = STR("the team asked for another day");
    run->hold_by = STR("ben");
    room_remark(room, "override", "c1", "written down on paper", "anna", true);
    room_remark(room, "hold", "", "the team asked for another day", "ben", false);
}

#endif
