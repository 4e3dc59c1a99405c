/* SPDX-License-Identifier: PostgreSQL */
/* Plans for tests of the engine. */
#include <stdio.h>
#include <stdlib.h>

#include "plan_fixture.h"

static const char wide_text[] =
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
    "  unlisted_changes: forbid\n"
    "checklist:\n"
    "  - { id: c1, gate: prep, ask: \"Documented?\", proof: note, role: dba }\n"
    "  - { id: c2, gate: prep, ask: \"Nobody at work?\", proof: sql, sql: select 0, equals: 0 "
    "}\n"
    "  - { id: a1, gate: poll, ask: \"Backup verified?\", proof: backup, needs: compared }\n"
    "  - { id: a2, gate: poll, ask: \"Everybody here?\", proof: note, role: dba }\n"
    "  - { id: a3, gate: poll, ask: \"Queue empty?\", proof: sql, sql: select 0, equals: 0 }\n"
    "  - { id: d1, phase: after, ask: \"Written up?\", proof: note, role: dba }\n"
    "backup:\n"
    "  - { id: dump, kind: pg_dump, format: custom, level: compared, restore_test: scratch, "
    "required: true }\n"
    "  - { id: provider, kind: external, ask: \"Snapshot name and time?\", required: true }\n"
    "steps:\n"
    "  - migration: \"001\"\n"
    "    file: 001.sql\n"
    "    undo: 001_down.sql\n"
    "    before:\n"
    "      - { id: B1, sql: select 0, equals: 0 }\n"
    "    checks:\n"
    "      - { id: V1, sql: select 1, equals: 1 }\n"
    "      - { id: V2, sql: select 1, equals: 1 }\n"
    "  - migration: \"002\"\n"
    "    file: 002.sql\n"
    "    undo: 002_down.sql\n"
    "    verify: inside\n"
    "    checks:\n"
    "      - { id: I1, sql: select 1, equals: 1 }\n"
    "      - { id: I2, sql: select 1, equals: 1 }\n"
    "  - { manual: \"Turn the flag\", id: flag, role: dba }\n"
    "  - migration: \"003\"\n"
    "    file: 003.sql\n"
    "    undo: 003_down.sql\n"
    "    transaction: each\n"
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
    "  - { id: hand, title: By hand, kind: manual, takes: 10m, restores: everything, steps: "
    "[Open it, Restore] }\n"
    "  - { id: dump, title: Restore, kind: restore, from: dump, takes: 10m, restores: "
    "everything }\n"
    "  - { id: undo, title: Undo file, kind: sql, file: back.sql }\n"
    "  - { id: to_000, title: Down, kind: down, to: \"000\", takes: 2m }\n"
    "  - { id: agreed, title: Agreed, kind: manual, takes: 20m, restores: everything, steps: "
    "[Restore], confirm: [dba, backend] }\n"
    "criteria:\n"
    "  - { group: execution, text: The column is there, check: V1 }\n"
    "  - { group: application, text: Workflows work, attest: dba }\n";

static const char told_text[] =
    "notify:\n"
    "  - { when: [before_open, open, go, no_go, hold, fail, rollback, done], lead: 30m, "
    "run: [./tell] }\n"
    "  - { when: [hold], run: [./tell-boss] }\n";

/* Behind the probes of the wide one. */
static const char watched_text[] =
    "    - { id: slow, builtin: slow_statements, over: 1s, at_most: 5 }\n"
    "    - { id: health, http: \"http://localhost/health\", equals: 200 }\n"
    "    - { id: app_log, log: { file: /var/log/app.log, match: error }, at_most: 0 }\n";

static const char crowded_text[] =
    "    - { id: p05, sql: select 1, at_most: 9 }\n"
    "    - { id: p06, sql: select 1, at_most: 9 }\n"
    "    - { id: p07, sql: select 1, at_most: 9 }\n"
    "    - { id: p08, sql: select 1, at_most: 9 }\n"
    "    - { id: p09, sql: select 1, at_most: 9 }\n"
    "    - { id: p10, sql: select 1, at_most: 9 }\n"
    "    - { id: p11, sql: select 1, at_most: 9 }\n"
    "    - { id: p12, sql: select 1, at_most: 9 }\n"
    "    - { id: queue_length_of_mail, sql: select 1, at_most: 9 }\n"
    "    - { id: p14, sql: select 1, at_most: 9 }\n";

static const char bare_text[] =
    "version: 1\n"
    "name: Three files\n"
    "targets:\n"
    "  - { id: test, environment: test, database: app }\n"
    "safety: { stop_after: never }\n"
    "steps:\n"
    "  - { migration: \"001\", file: 001.sql, undo: none }\n"
    "  - { migration: \"002\", file: 002.sql, undo: none, transaction: each }\n"
    "  - { migration: \"003\", file: 003.sql, undo: none }\n"
    "rollback:\n"
    "  - { id: undo, title: Undo file, kind: sql, file: back.sql }\n";

NORETURN static void stop(const char *what, const char *why)
{
    fprintf(stderr, "plan fixture: %s: %s\n", what, why);
    abort();
}

static const struct sql_script *cut(struct plan_fixture *fixture, size_t place, struct str text)
{
    struct sql_trouble trouble = {0};
    if (!sql_cut(text, NULL, &fixture->arena, &fixture->scripts[place], &trouble)) {
        stop("a script cannot be cut", "");
    }
    return &fixture->scripts[place];
}

/* The texts are alike, so that a script's statements are known by its number alone. */
static const struct sql_script **cut_steps(struct plan_fixture *fixture, bool down)
{
    size_t count = fixture->plan->steps.count;
    const struct sql_script **list = arena_array(&fixture->arena, count, sizeof(*list));
    for (size_t i = 0; i < count; i++) {
        const struct plan_step *step = &fixture->plan->steps.items[i];
        if (step->kind != PLAN_STEP_MIGRATION || (down && step->undo.len == 0)) {
            continue;
        }
        if (down) {
            list[i] = cut(fixture, 8 + i, STR("CREATE TABLE back (a int);\n"));
        } else if (i == 1 && step->transaction == PLAN_TRANSACTION_ONE) {
            list[i] = cut(fixture, i, STR("BEGIN;\nDROP TABLE d;\nCOMMIT;\n"));
        } else {
            list[i] = cut(fixture, i, STR("ALTER TABLE a ADD b int;\nDROP TABLE c;\n"));
        }
    }
    return list;
}

static struct str watched_plan(struct arena *arena, bool crowded)
{
    const char *rest = strstr(wide_text, "rollback:\n");
    return str_format(arena, "%.*s%s%s%s", (int)(rest - wide_text), wide_text, watched_text,
                      crowded ? crowded_text : "", rest);
}

struct plan_fixture *plan_fixture_make(enum plan_fixture_kind kind)
{
    struct plan_fixture *fixture = mem_zero(1, sizeof(*fixture));
    struct plan_diagnostics diagnostics = {0};
    bool told = kind == PLAN_FIXTURE_TOLD;
    struct str text = kind == PLAN_FIXTURE_BARE ? STR(bare_text)
                      : told ? str_format(&fixture->arena, "%s%s", wide_text, told_text)
                      : kind >= PLAN_FIXTURE_WATCHED
                          ? watched_plan(&fixture->arena, kind == PLAN_FIXTURE_CROWDED)
                          : STR(wide_text);
    fixture->plan = plan_read(text, STR("plan.yaml"), &fixture->arena, &diagnostics);
    if (!fixture->plan) {
        struct strbuf out = {0};
        for (size_t i = 0; i < diagnostics.count; i++) {
            plan_diagnostic_text(&out, &diagnostics, &diagnostics.items[i]);
        }
        stop("the plan", out.ptr);
    }
    plan_diagnostics_release(&diagnostics);
    fixture->scripts = arena_array(&fixture->arena, 24, sizeof(*fixture->scripts));
    const struct plan_rollback *rollback = &fixture->plan->rollback;
    const struct sql_script **options =
        arena_array(&fixture->arena, rollback->count, sizeof(*options));
    for (size_t i = 0; i < rollback->count; i++) {
        if (rollback->items[i].kind == PLAN_ROLLBACK_SQL) {
            options[i] = cut(fixture, 16 + i, STR("CREATE TABLE back (a int);\n"));
        }
    }
    fixture->setup = (struct run_setup){
        .plan = fixture->plan,
        .id = STR("r-1"),
        .digest = STR("d"),
        .step_scripts = cut_steps(fixture, false),
        .undo_scripts = cut_steps(fixture, true),
        .option_scripts = options,
    };
    if (told) { /* the transcripts' clock begins an hour before */
        fixture->setup.opens_us = INT64_C(1706688000000000) + US_PER_HOUR;
        fixture->setup.closes_us = fixture->setup.opens_us + 4 * US_PER_HOUR;
        fixture->setup.day_us = fixture->setup.opens_us - 9 * US_PER_HOUR;
    }
    return fixture;
}

void plan_fixture_free(struct plan_fixture *fixture)
{
    arena_release(&fixture->arena);
    free(fixture);
}

void plan_fixture_commit_writes(struct run *run, struct arena *arena)
{
    static struct sql_script script;
    struct sql_trouble trouble = {0};
    if (!sql_cut(STR("INSERT INTO public.a SELECT 1;\nUPDATE b SET x = 1;\n"), NULL, arena,
                 &script, &trouble) ||
        script.count != run->scripts[0].sql->count) {
        stop("the script that writes", "it must have as many statements as the first file");
    }
    sql_describe(&script, arena);
    struct run_script *first = &run->scripts[0];
    first->sql = &script;
    first->state = SCRIPT_COMMITTED;
    first->started_us = 2 * US_PER_SECOND;
    first->statements[0] =
        (struct run_statement){.outcome = OUTCOME_OK, .tag = STR("INSERT 0 5"), .rows = 5};
    first->statements[1] =
        (struct run_statement){.outcome = OUTCOME_OK, .tag = STR("UPDATE 9"), .rows = 9};
    first->wrote = script_rows_answered(first);
}
