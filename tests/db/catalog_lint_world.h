/* SPDX-License-Identifier: PostgreSQL */
/*
 * A database with one of each that the analysis asks for, and what it says of it. The queries
 * take no lock that would wait.
 */
#ifndef GONOGO_TEST_CATALOG_LINT_WORLD_H
#define GONOGO_TEST_CATALOG_LINT_WORLD_H

#include "catalog_driver.h"
#include "catalog_lint.h"

#define DATABASE "catalog_lint"

static const char tables_sql[] =
    "create schema app; set search_path = app;"
    "create type mood as enum ('low', 'high');"
    "create type pair as (a int, b int);"
    "create table parent (id bigint generated always as identity primary key, code "
    "varchar(40) not null unique, mood mood default 'low', gone int, pair pair, note text, "
    "constraint filled check (note is not null), constraint row_filled check (pair is not "
    "null), "
    "constraint other check (code is not null and note is not null), "
    "constraint plain check (id > 0));"
    "alter table parent drop column gone;"
    "insert into parent (code, note, pair) select 'c' || n, 'x', '(1,2)'::pair "
    "from generate_series(1, 500) n;"
    "create table child (id serial primary key, parent_id bigint references parent, "
    "code varchar(40) constraint by_code references parent (code), "
    "twice int generated always as (id * 2) stored, hot text, cold text);"
    "alter table child add constraint late check (hot is not null) not valid;"
    "create index child_expression on child (lower(hot), cold);"
    "create index child_partial on child (hot) where hot is not null;"
    "create index child_include on child (parent_id) include (cold);"
    "create domain tags as text[]; create table bare (a int, moods mood[], tags tags); create "
    "table empty_one (a int); create table "
    "dropped (a int);"
    "create table whole (a int); alter table whole replica identity full;"
    "create table named (a int not null, b int); create unique index named_a on named (a);"
    "alter table named replica identity using index named_a;"
    "create table part (at date, n int) partition by range (at);"
    "create table part_1 partition of part for values from ('2024-01-01') to ('2025-01-01');"
    "create table part_2 partition of part for values from ('2025-01-01') to ('2026-01-01');"
    "insert into part select date '2024-01-01' + n, n from generate_series(0, 400) n;"
    "analyze parent; analyze child; analyze part_1; analyze part_2;";

static const char rest_sql[] =
    "set search_path = app;"
    "create view v as select id, code from parent where mood = 'high';"
    "create view v2 as select id from v; create materialized view m as select * from v2;"
    "create view \"v dot.\"\"q\" as select code from child;"
    "create function takes(one parent) returns int language sql as 'select 1';"
    "create function reads() returns bigint language sql as 'select 1::bigint';"
    "create view calls as select reads() as n;"
    "create table uses (p parent);"
    "alter table parent enable row level security;"
    "alter table child enable row level security; alter table child force row level security;"
    "create policy by_mood on parent using (mood = 'high');"
    "create policy by_parent on child using (exists (select from parent p where p.id = "
    "parent_id));"
    "create function trig() returns trigger language plpgsql as 'begin return new; end';"
    "create trigger of_code before update of code on parent for each row execute function "
    "trig();"
    "create rule noted as on delete to bare do also delete from child where cold = 'x';"
    "create publication pub for table parent, part_1;"
    "create role lint_anon; create role anon; create role authenticated;"
    "grant usage on schema app to anon; grant select on child to anon;"
    "grant select (a) on bare to anon; grant select on whole to lint_anon;"
    "alter table whole owner to lint_anon;";

static inline int build(void **state)
{
    (void)state;
    struct test_server *server = test_server_get();
    test_database_create(server, DATABASE);
    test_execute(server, DATABASE, tables_sql);
    test_execute(server, DATABASE, rest_sql);
    return 0;
}

static inline int drop(void **state)
{
    (void)state;
    test_database_drop(test_server_get(), DATABASE);
    test_execute(test_server_get(), "postgres",
                 "drop role lint_anon; drop role anon; drop role authenticated");
    return 0;
}

/* ------------------------------------------------------------------ helpers */

static inline enum catalog_lint_breadth breadth_of(const char *names)
{
    return strcmp(names, "{}") == 0       ? CATALOG_LINT_ALL
           : strncmp(names, "{*", 2) == 0 ? CATALOG_LINT_OTHERS
                                          : CATALOG_LINT_BY_NAME;
}

static inline void look(PGconn *session, const char *names, struct arena *arena,
                        struct lint_context *context)
{
    struct rows answers[CATALOG_LINT_QUESTION__COUNT];
    struct str param = str_from(names);
    struct err err = {0};
    int major = PQserverVersion(session) / 10000;
    *context = (struct lint_context){0};
    driver_do(session, "set jit = off"); /* as the program asks */
    for (int i = 0; i < CATALOG_LINT_QUESTION__COUNT; i++) {
        driver_ask(session, arena,
                   catalog_lint_query((enum catalog_lint_question)i, major, breadth_of(names)),
                   &param, 1, &answers[i]);
    }
    if (!catalog_lint_relations_read(answers, STR("app"), arena, context, &err)) {
        fail_msg("%s", err.message);
    }
}

static inline void look_at(const char *names, struct arena *arena, struct lint_context *context)
{
    PGconn *session = driver_connect(DATABASE, "postgres");
    look(session, names, arena, context);
    PQfinish(session);
}

static inline const struct lint_relation *relation(const struct lint_context *context,
                                                   const char *name)
{
    for (size_t i = 0; i < context->relation_count; i++) {
        if (str_eq(context->relations[i].name.name, name)) {
            return &context->relations[i];
        }
    }
    fail_msg("there is no %s", name);
    return NULL;
}

static inline const struct lint_column *column(const struct lint_relation *of, const char *name)
{
    for (size_t i = 0; i < of->column_count; i++) {
        if (str_eq(of->columns[i].name, name)) {
            return &of->columns[i];
        }
    }
    fail_msg("there is no column %s", name);
    return NULL;
}

static inline const struct lint_constraint *constraint(const struct lint_relation *of,
                                                       const char *name)
{
    for (size_t i = 0; i < of->constraint_count; i++) {
        if (str_eq(of->constraints[i].name, name)) {
            return &of->constraints[i];
        }
    }
    fail_msg("there is no constraint %s", name);
    return NULL;
}

static inline const struct lint_index *index_of(const struct lint_relation *of,
                                                const char *name)
{
    for (size_t i = 0; i < of->index_count; i++) {
        if (str_eq(of->indexes[i].name, name)) {
            return &of->indexes[i];
        }
    }
    fail_msg("there is no index %s", name);
    return NULL;
}

/* "view v; policy parent.by_mood own; " of what hangs on the column. */
static inline const char *dependents(const struct lint_relation *of, const char *of_column,
                                     struct arena *arena)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < of->dependent_count; i++) {
        const struct lint_dependent *dependent = &of->dependents[i];
        if (str_eq(dependent->column, of_column)) {
            assert_true(dependent->dropped_by_cascade);
            strbuf_format(&text, "%s %.*s%s; ", dependent->kind, STR_ARG(dependent->name),
                          dependent->own ? " own" : "");
        }
    }
    const char *kept = str_text(arena, strbuf_str(&text));
    strbuf_release(&text);
    return kept;
}

#endif
