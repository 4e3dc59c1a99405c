/* SPDX-License-Identifier: PostgreSQL */
/*
 * The small plan of the walk tests: one table before, two more after, a ledger, checks
 * that compare with before, two probes.
 */
#ifndef GONOGO_TEST_APP_SMALL_H
#define GONOGO_TEST_APP_SMALL_H

#include "app_walk.h"

#define SMALL_DATABASE "walk"

/* target: members of its mapping; step: further members of the one step */
static inline void small_plan(struct walk *walk, const char *target, const char *step)
{
    static const char head[] =
        "version: 1\n"
        "name: small plan\n"
        "window: { date: \"2024-01-31\", weekday: wed, timezone: UTC, opens: \"08:00\", "
        "closes: \"12:00\" }\n"
        "ledger: { table: schema_migrations, style: plain, create: true }\n";
    static const char middle[] =
        "state:\n"
        "  count: [{ what: tables, before: 1, after: 3 },\n"
        "          { what: query, id: rows, sql: select count(*) from customers, before: 3, "
        "after: 3 }]\n"
        "  changes: [{ what: tables, new: [orders, schema_migrations] }]\n"
        "steps:\n"
        "  - migration: \"001\"\n"
        "    file: 001.sql\n"
        "    undo: 001_down.sql\n"
        "    checks: [{ id: A1, sql: select count(*) from orders, equals: 2 }]\n";
    static const char tail[] =
        "verification:\n"
        "  sets:\n"
        "    - name: rows\n"
        "      checks: [{ id: Q1, builtin: rows_per_kept_table, at_least: before },\n"
        "               { id: Q2, sql: select count(*) from customers, same_as: before },\n"
        "               { id: Q3, builtin: tables, equals: 3 }]\n"
        "monitoring:\n"
        "  slot: \"10:00 + 3m\"\n"
        "  every: 10s\n"
        "  probes: [{ id: conns, builtin: connections, at_most: 500 },\n"
        "           { id: one, sql: select 1, equals: 1 }]\n"
        "rollback:\n"
        "  - { id: undo, title: Undo, kind: down, takes: 1m, to: \"000\" }\n"
        "  - { id: empty, title: Empty again, kind: sql, takes: 1m, file: empty.sql }\n";
    struct strbuf text = {0};
    strbuf_format(&text, "%stargets: [{ id: scratch, environment: scratch%s }]\n%s%s%s", head,
                  target, middle, step, tail);
    walk_write(walk, "plan.yaml", text.ptr);
    strbuf_release(&text);
}

static inline int small_setup(void **state)
{
    struct walk *walk = mem_zero(1, sizeof(*walk));
    walk_init(walk);
    small_plan(walk, "", "");
    walk_write(walk, "001.sql",
               "create table orders (id int primary key);\n"
               "insert into orders values (1), (2);\n");
    walk_write(walk, "001_down.sql", "drop table orders;\n");
    walk_write(walk, "empty.sql", "drop table orders; delete from customers;\n");
    test_database_create(test_server_get(), SMALL_DATABASE);
    test_execute(test_server_get(), SMALL_DATABASE,
                 "set role app_owner; create table customers (id int primary key, name text); "
                 "insert into customers values (1, 'a'), (2, 'b'), (3, 'c')");
    *state = walk;
    return 0;
}

static inline int small_teardown(void **state)
{
    struct walk *walk = *state;
    test_database_drop(test_server_get(), SMALL_DATABASE);
    walk_release(walk);
    free(walk);
    return 0;
}

static inline int small_run(struct walk *walk)
{
    int code = walk_run(walk, test_server_get(), SMALL_DATABASE);
    if (walk->err.kind != ERR_NONE) {
        printf("# %s: %s\n", walk->err.message, walk->err.detail);
    }
    return code;
}

static inline long small_number(const char *sql)
{
    return test_query_number(test_server_get(), SMALL_DATABASE, sql);
}

/* F20: whatever happened, nothing of ours is left on the server. */
static inline bool small_nothing_is_left(void)
{
    return test_query_becomes(test_server_get(), SMALL_DATABASE,
                              "select count(*) from pg_stat_activity where application_name "
                              "like 'gonogo%'",
                              "0") &&
           small_number("select count(*) from pg_locks where locktype = 'advisory'") == 0;
}

/* Why a run ended as it did, for a failing test. */
static inline void small_explain(const struct walk *walk)
{
    struct app_fold fold;
    struct err err = {0};
    if (!app_fold(&fold, NULL, walk->runs, &err)) {
        printf("# no fold: %s\n", err.message);
        return;
    }
    printf("# state %s, phase %s, hold \"%.*s\"\n", state_words[fold.run.state],
           phase_words[fold.run.phase], STR_ARG(fold.run.hold_reason));
    for (size_t i = 0; i < fold.run.set_count; i++) {
        size_t count = fold.run.plan->verification.sets.items[i].checks.count;
        for (size_t k = 0; k < count; k++) {
            const struct run_check *check = &fold.run.sets[i][k];
            printf("# %.*s %s \"%.*s\" %.*s\n", STR_ARG(check->check->id),
                   outcome_words[check->outcome], STR_ARG(check->actual), STR_ARG(check->why));
        }
    }
    for (size_t i = 0; i < fold.run.remark_count; i++) {
        printf("# %.*s: %.*s\n", STR_ARG(fold.run.remarks[i].kind),
               STR_ARG(fold.run.remarks[i].text));
    }
    app_fold_release(&fold);
}

#define assert_code(walk, code, wanted)                                                        \
    do {                                                                                       \
        int actual_code = (code);                                                              \
        if (actual_code != (wanted)) {                                                         \
            small_explain(walk);                                                               \
        }                                                                                      \
        assert_int_equal(actual_code, wanted);                                                 \
    } while (0)

#endif
