/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the analysis knows of a server, on a real one: each fact where it holds and where it
 * does not, and hostile names. The queries take no lock that would wait. (The role, its
 * settings and who is in the way: catalog_around_test.c.)
 */
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

static int build(void **state)
{
    (void)state;
    struct test_server *server = test_server_get();
    test_database_create(server, DATABASE);
    test_execute(server, DATABASE, tables_sql);
    test_execute(server, DATABASE, rest_sql);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    test_database_drop(test_server_get(), DATABASE);
    test_execute(test_server_get(), "postgres",
                 "drop role lint_anon; drop role anon; drop role authenticated");
    return 0;
}

/* ------------------------------------------------------------------ helpers */

static enum catalog_lint_breadth breadth_of(const char *names)
{
    return strcmp(names, "{}") == 0       ? CATALOG_LINT_ALL
           : strncmp(names, "{*", 2) == 0 ? CATALOG_LINT_OTHERS
                                          : CATALOG_LINT_BY_NAME;
}

static void look(PGconn *session, const char *names, struct arena *arena,
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

static void look_at(const char *names, struct arena *arena, struct lint_context *context)
{
    PGconn *session = driver_connect(DATABASE, "postgres");
    look(session, names, arena, context);
    PQfinish(session);
}

static const struct lint_relation *relation(const struct lint_context *context,
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

static const struct lint_column *column(const struct lint_relation *of, const char *name)
{
    for (size_t i = 0; i < of->column_count; i++) {
        if (str_eq(of->columns[i].name, name)) {
            return &of->columns[i];
        }
    }
    fail_msg("there is no column %s", name);
    return NULL;
}

static const struct lint_constraint *constraint(const struct lint_relation *of,
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

static const struct lint_index *index_of(const struct lint_relation *of, const char *name)
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
static const char *dependents(const struct lint_relation *of, const char *of_column,
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

/* -------------------------------------------------------------------- tests */

static void relations_with_kind_size_and_flags(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context context;
    look_at("{parent,child,v,m,part,empty_one,child_id_seq}", &arena, &context);
    assert_true(context.knows & LINT_NEEDS_TABLES);
    const struct lint_relation *parent = relation(&context, "parent");
    assert_true(str_eq(parent->name.schema, "app"));
    assert_int_equal(parent->kind, LINT_TABLE);
    assert_int_equal(parent->rows, 500);
    assert_int_equal(parent->bytes,
                     test_query_number(test_server_get(), DATABASE,
                                       "select pg_total_relation_size('app.parent')"));
    assert_int_equal(parent->recent_writes, -1);
    assert_true(str_eq(parent->owner, "postgres"));
    assert_true(parent->rls_enabled && !parent->rls_forced);
    assert_true(relation(&context, "child")->rls_forced);
    assert_int_equal(parent->policy_count, 1);
    assert_int_equal(relation(&context, "part")->policy_count, 0);
    assert_int_equal(relation(&context, "empty_one")->rows, 0);
    assert_int_equal(relation(&context, "v")->kind, LINT_VIEW);
    assert_int_equal(relation(&context, "m")->kind, LINT_MATERIALIZED_VIEW);
    assert_int_equal(relation(&context, "child_id_seq")->kind, LINT_SEQUENCE);
    const struct lint_relation *part = relation(&context, "part");
    assert_int_equal(part->kind, LINT_PARTITIONED);
    assert_int_equal(part->rows, 401);
    assert_int_equal(part->bytes,
                     relation(&context, "part_1")->bytes + relation(&context, "part_2")->bytes);
    assert_int_equal(context.relation_count, 9);
    arena_release(&arena);
}

/* Rows that came after the last look of ANALYZE are not "none". */
static void an_estimate_of_no_rows_is_not_an_empty_table(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context context;
    test_execute(test_server_get(), DATABASE,
                 "create table app.later (a int) with (autovacuum_enabled = off); "
                 "analyze app.later; insert into app.later values (1)");
    look_at("{later}", &arena, &context);
    assert_int_equal(relation(&context, "later")->rows, -1);
    assert_true(relation(&context, "later")->bytes > 0);
    test_execute(test_server_get(), DATABASE, "drop table app.later");
    arena_release(&arena);
}

static void published_identity_and_exposed(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context context;
    look_at("{}", &arena, &context);
    static const struct {
        const char *name;
        bool published;
        bool identity;
        bool exposed;
    } rows[] = {
        {"parent", true, true, false},  {"child", false, true, true},
        {"bare", false, false, true},   {"whole", false, true, false},
        {"named", false, true, false},  {"part", true, false, false},
        {"part_1", true, false, false}, {"part_2", false, false, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct lint_relation *of = relation(&context, rows[i].name);
        if (of->published != rows[i].published || of->replica_identity != rows[i].identity ||
            of->exposed != rows[i].exposed) {
            fail_msg("%s: published %d, identity %d, exposed %d", rows[i].name, of->published,
                     of->replica_identity, of->exposed);
        }
    }
    arena_release(&arena);
}

static void a_publication_of_all_tables_and_of_a_schema(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context context;
    PGconn *session = driver_connect(DATABASE, "postgres");
    driver_do(session, "create publication every for all tables");
    look(session, "{bare,v}", &arena, &context);
    assert_true(relation(&context, "bare")->published);
    assert_false(relation(&context, "v")->published);
    driver_do(session, "drop publication every");
    if (PQserverVersion(session) >= 150000) {
        driver_do(session, "create publication space for tables in schema app");
        look(session, "{bare}", &arena, &context);
        assert_true(relation(&context, "bare")->published);
        driver_do(session, "drop publication space");
    }
    look(session, "{bare}", &arena, &context);
    assert_false(relation(&context, "bare")->published);
    PQfinish(session);
    arena_release(&arena);
}

/* Of what nobody named only what VACUUM and ANALYZE saw is told, indexes included. */
static void sizes_that_nobody_measured(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context context;
    look_at("{*,child}", &arena, &context);
    assert_int_equal(relation(&context, "parent")->rows, 500);
    assert_int_equal(
        relation(&context, "parent")->bytes,
        test_query_number(test_server_get(), DATABASE,
                          "select sum(relpages) * current_setting('block_size')::int8 from "
                          "pg_class where oid = 'app.parent'::regclass or oid in (select "
                          "indexrelid from pg_index where indrelid = 'app.parent'::regclass)"));
    assert_int_equal(relation(&context, "child")->bytes,
                     test_query_number(test_server_get(), DATABASE,
                                       "select pg_total_relation_size('app.child')"));
    assert_int_equal(relation(&context, "bare")->bytes, -1);
    arena_release(&arena);
}

static void columns_with_type_and_what_begins_with_them(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context context;
    look_at("{parent,child}", &arena, &context);
    const struct lint_relation *parent = relation(&context, "parent");
    const struct lint_relation *child = relation(&context, "child");
    assert_int_equal(parent->column_count, 5);
    assert_true(str_eq(column(parent, "code")->type, "character varying(40)"));
    assert_true(str_eq(column(parent, "mood")->type, "app.mood"));
    assert_true(column(parent, "id")->not_null && column(parent, "id")->has_default);
    assert_true(column(parent, "mood")->has_default && !column(parent, "mood")->not_null);
    assert_false(column(parent, "note")->has_default);
    assert_true(column(parent, "id")->indexed_first);
    assert_true(column(child, "parent_id")->indexed_first);
    assert_false(column(child, "hot")->indexed_first);
    assert_false(column(child, "cold")->indexed_first);
    arena_release(&arena);
}

static void constraints_and_what_they_prove(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context context;
    look_at("{parent,child}", &arena, &context);
    const struct lint_relation *parent = relation(&context, "parent");
    const struct lint_relation *child = relation(&context, "child");
    assert_true(str_eq(constraint(parent, "filled")->proves_not_null, "note"));
    assert_true(constraint(parent, "filled")->validated);
    assert_true(str_eq(constraint(child, "late")->proves_not_null, "hot"));
    assert_false(constraint(child, "late")->validated);
    assert_int_equal(constraint(parent, "row_filled")->proves_not_null.len, 0);
    assert_int_equal(constraint(parent, "other")->proves_not_null.len, 0);
    assert_int_equal(constraint(parent, "other")->column_count, 2);
    assert_int_equal(constraint(parent, "plain")->proves_not_null.len, 0);
    const struct lint_constraint *key = constraint(child, "by_code");
    assert_int_equal(key->kind, LINT_FOREIGN_KEY);
    assert_true(str_eq(key->references.name, "parent") &&
                str_eq(key->references.schema, "app"));
    assert_true(key->column_count == 1 && str_eq(key->columns[0], "code"));
    assert_int_equal(constraint(parent, "parent_pkey")->kind, LINT_PRIMARY_KEY);
    assert_int_equal(constraint(parent, "parent_code_key")->kind, LINT_UNIQUE);
    arena_release(&arena);
}

/* 18: the column is marked, and nothing is proved yet. */
static void a_not_null_that_is_not_valid_yet_is_none(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context context;
    PGconn *session = driver_connect(DATABASE, "postgres");
    if (PQserverVersion(session) >= 180000) {
        driver_do(session, "alter table app.bare add constraint late not null a not valid");
        look(session, "{bare}", &arena, &context);
        assert_false(column(relation(&context, "bare"), "a")->not_null);
        assert_int_equal(constraint(relation(&context, "bare"), "late")->kind, LINT_NOT_NULL);
        driver_do(session, "alter table app.bare validate constraint late");
        look(session, "{bare}", &arena, &context);
        assert_true(column(relation(&context, "bare"), "a")->not_null);
        driver_do(session, "alter table app.bare drop constraint late");
    }
    PQfinish(session);
    arena_release(&arena);
}

static void indexes_with_their_columns(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context context;
    look_at("{child_partial,parent}", &arena, &context); /* by an index: its table */
    const struct lint_relation *child = relation(&context, "child");
    const struct lint_index *expression = index_of(child, "child_expression");
    assert_int_equal(expression->column_count, 2);
    assert_int_equal(expression->columns[0].len, 0);
    assert_true(str_eq(expression->columns[1], "cold"));
    assert_false(expression->unique || expression->partial || expression->of_constraint);
    assert_true(expression->valid);
    assert_true(index_of(child, "child_partial")->partial);
    assert_int_equal(index_of(child, "child_include")->column_count, 1);
    const struct lint_index *key = index_of(relation(&context, "parent"), "parent_pkey");
    assert_true(key->unique && key->of_constraint && key->scans >= 0);
    test_execute(test_server_get(), DATABASE,
                 "update pg_index set indisvalid = false where indexrelid = "
                 "'app.child_include'::regclass");
    look_at("{child}", &arena, &context);
    assert_false(index_of(relation(&context, "child"), "child_include")->valid);
    assert_false(column(relation(&context, "child"), "parent_id")->indexed_first);
    test_execute(test_server_get(), DATABASE,
                 "update pg_index set indisvalid = true where indexrelid = "
                 "'app.child_include'::regclass");
    arena_release(&arena);
}

static void dependents_with_those_behind_them(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context context;
    look_at("{parent,child,bare,part,v}", &arena, &context);
    const struct lint_relation *parent = relation(&context, "parent");
    const struct lint_relation *child = relation(&context, "child");
    assert_string_equal(dependents(parent, "id", &arena),
                        "foreign key child.child_parent_id_fkey; policy child.by_parent; "
                        "view v; view v2; materialized view m; ");
    assert_string_equal(dependents(parent, "mood", &arena),
                        "policy parent.by_mood own; view v; view v2; materialized view m; ");
    assert_string_equal(
        dependents(parent, "code", &arena),
        "foreign key child.by_code; trigger parent.of_code own; view v; view v2; "
        "materialized view m; ");
    assert_string_equal(dependents(parent, "", &arena),
                        "column uses.p; function takes(one app.parent); ");
    assert_string_equal(dependents(child, "id", &arena), "generated column child.twice own; ");
    assert_string_equal(dependents(child, "code", &arena), "view v dot.\"q; ");
    assert_string_equal(dependents(child, "cold", &arena), "rule bare.noted; ");
    assert_string_equal(dependents(relation(&context, "part"), "", &arena),
                        "partition part_1; partition part_2; ");
    assert_string_equal(dependents(relation(&context, "v"), "id", &arena),
                        "view v2; materialized view m; ");
    assert_int_equal(relation(&context, "bare")->dependent_count, 0);
    assert_int_equal(parent->referenced_by_count, 1);
    assert_true(str_eq(parent->referenced_by[0].name, "child"));
    assert_int_equal(child->referenced_by_count, 0);
    arena_release(&arena);
}

/* All dependents, as text. */
static const char *everything(const struct lint_relation *of, struct arena *arena)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < of->dependent_count; i++) {
        const struct lint_dependent *dependent = &of->dependents[i];
        strbuf_format(&text, "%.*s: %s %.*s%s; ", STR_ARG(dependent->column), dependent->kind,
                      STR_ARG(dependent->name), dependent->own ? " own" : "");
    }
    for (size_t i = 0; i < of->referenced_by_count; i++) {
        strbuf_format(&text, "from %.*s; ", STR_ARG(of->referenced_by[i].name));
    }
    const char *kept = str_text(arena, strbuf_str(&text));
    strbuf_release(&text);
    return kept;
}

/* Dependents are followed from what is asked for by name, and picked out of all otherwise. */
static void each_by_itself_is_as_among_all(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context all;
    PGconn *session = driver_connect(DATABASE, "postgres");
    look(session, "{}", &arena, &all);
    size_t with = 0;
    for (size_t i = 0; i < all.relation_count; i++) {
        const struct lint_relation *of = &all.relations[i];
        struct lint_context one;
        look(session, str_text(&arena, catalog_array_text(&arena, &of->name.name, 1)), &arena,
             &one);
        for (size_t k = 0; k < one.relation_count; k++) {
            const struct lint_relation *alone = &one.relations[k];
            if (str_is(alone->name.schema, of->name.schema) &&
                str_is(alone->name.name, of->name.name)) {
                assert_string_equal(everything(alone, &arena), everything(of, &arena));
                assert_int_equal(alone->published, of->published);
                with += of->dependent_count > 0;
            }
        }
    }
    assert_true(with > 5);
    PQfinish(session);
    arena_release(&arena);
}

/* Of a relation that nobody named: what can be lost, and not what could be done to it. */
static void others_are_told_of_in_short(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context all;
    struct lint_context one;
    struct lint_context both;
    PGconn *session = driver_connect(DATABASE, "postgres");
    look(session, "{}", &arena, &all);
    look(session, "{child}", &arena, &one);
    look(session, "{*,child,mood}", &arena, &both);
    assert_int_equal(both.relation_count, all.relation_count);
    for (size_t i = 0; i < all.relation_count; i++) {
        const struct lint_relation *of = &both.relations[i];
        const struct lint_relation *at_length = &all.relations[i];
        assert_true(sql_name_is(of->name, at_length->name));
        assert_int_equal(of->kind, at_length->kind);
        assert_true(str_is(of->owner, at_length->owner));
        if (str_eq(of->name.name, "child")) {
            continue;
        }
        assert_int_equal(of->rows, at_length->rows);
        assert_int_equal(of->bytes, at_length->bytes);
        assert_int_equal(of->dependent_count, at_length->dependent_count);
        assert_int_equal(of->referenced_by_count, at_length->referenced_by_count);
        assert_int_equal(of->constraint_count + of->index_count, 0);
        for (size_t k = 0; k < of->dependent_count; k++) {
            assert_true(str_is(of->dependents[k].name, at_length->dependents[k].name));
        }
    }
    const struct lint_relation *child = relation(&both, "child");
    const struct lint_relation *alone = relation(&one, "child");
    assert_string_equal(everything(child, &arena), everything(alone, &arena));
    assert_int_equal(child->bytes, alone->bytes);
    assert_int_equal(child->column_count, alone->column_count);
    assert_int_equal(child->constraint_count, alone->constraint_count);
    assert_int_equal(child->index_count, alone->index_count);
    assert_true(child->exposed);
    PQfinish(session);
    arena_release(&arena);
}

/* The type may go, and its columns with it, wherever they are. */
static void columns_of_a_type_that_is_named(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context context;
    look_at("{*,mood,pair,tags}", &arena, &context);
    const struct lint_relation *parent = relation(&context, "parent");
    assert_int_equal(parent->column_count, 2);
    assert_true(str_eq(column(parent, "pair")->type, "app.pair"));
    assert_true(str_eq(column(relation(&context, "bare"), "moods")->type, "app.mood[]"));
    assert_true(str_eq(column(parent, "mood")->type, "app.mood"));
    assert_string_equal(dependents(parent, "mood", &arena),
                        "policy parent.by_mood own; view v; view v2; materialized view m; ");
    assert_true(str_eq(column(relation(&context, "bare"), "tags")->type, "app.tags"));
    assert_int_equal(relation(&context, "child")->column_count, 0);
    look_at("{*,app}", &arena, &context); /* all of its types may go */
    assert_int_equal(relation(&context, "parent")->column_count, 2);
    assert_int_equal(relation(&context, "bare")->column_count, 2);
    assert_int_equal(relation(&context, "child")->column_count, 0);
    arena_release(&arena);
}

/* The list is what the server itself says when it is asked to cascade. */
static void victims_are_those_of_the_server(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context context;
    struct rows rows;
    struct str message;
    PGconn *session = driver_connect(DATABASE, "postgres");
    look(session, "{parent}", &arena, &context);
    const struct lint_relation *parent = relation(&context, "parent");
    assert_false(
        driver_try(session, &arena, "drop table app.parent", NULL, 0, &rows, &message));
    for (size_t i = 0; i < parent->dependent_count; i++) {
        struct str name = parent->dependents[i].name;
        size_t dot = str_find_byte(name, '.', 0);
        struct str bare = dot < name.len ? str_slice(name, dot + 1, name.len) : name;
        if (!parent->dependents[i].own) {
            assert_non_null(
                strstr(message.ptr,
                       str_text(&arena, str_slice(bare, 0, bare.len > 5 ? 5 : bare.len))));
        }
    }
    PQfinish(session);
    arena_release(&arena);
}

static void a_function_with_a_body_of_the_standard(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context context;
    PGconn *session = driver_connect(DATABASE, "postgres");
    if (PQserverVersion(session) >= 140000) {
        driver_do(session,
                  "create function app.atomic() returns int language sql begin atomic; "
                  "select a from app.dropped; end;");
        driver_do(session, "create view app.over as select app.atomic() as n");
        look(session, "{dropped}", &arena, &context);
        assert_string_equal(dependents(relation(&context, "dropped"), "a", &arena),
                            "function atomic(); view over; ");
        driver_do(session, "drop view app.over; drop function app.atomic()");
    }
    PQfinish(session);
    arena_release(&arena);
}

static void hostile_names_come_through(void **state)
{
    (void)state;
    static const char name[] = "we\"ird {a,b} \\ ' \nline";
    struct arena arena = {0};
    struct lint_context context;
    struct str text = str_from(name);
    struct str param = catalog_array_text(&arena, &text, 1);
    struct strbuf sql = {0};
    char longest[64];
    memset(longest, 'n', 63);
    longest[63] = '\0';
    strbuf_text(&sql, "create table app.");
    strbuf_quoted(&sql, text, '"', false);
    strbuf_format(&sql,
                  " (\"c,d\n\" int primary key, \"%s\" int); create view app.hostile as "
                  "select \"%s\" as x from app.",
                  longest, longest);
    strbuf_quoted(&sql, text, '"', false);
    test_execute(test_server_get(), DATABASE, sql.ptr);
    look_at(str_text(&arena, param), &arena, &context);
    assert_int_equal(context.relation_count, 1);
    const struct lint_relation *of = relation(&context, name);
    assert_true(column(of, "c,d\n")->indexed_first);
    assert_string_equal(dependents(of, longest, &arena), "view hostile; ");
    strbuf_clear(&sql);
    strbuf_text(&sql, "drop table app.");
    strbuf_quoted(&sql, text, '"', false);
    strbuf_text(&sql, " cascade");
    test_execute(test_server_get(), DATABASE, sql.ptr);
    strbuf_release(&sql);
    arena_release(&arena);
}

/* Nothing waits behind the lock that it should tell of. */
static void a_locked_table_is_looked_at_all_the_same(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context context;
    PGconn *holder = driver_connect(DATABASE, "postgres");
    PGconn *session = driver_connect(DATABASE, "postgres");
    driver_do(holder, "begin; lock table app.parent; reindex table app.child");
    driver_do(session, "set lock_timeout = '2s'");
    look(session, "{parent,child}", &arena, &context);
    assert_int_equal(relation(&context, "parent")->rows, 500);
    assert_true(relation(&context, "parent")->bytes > 0);
    look(session, "{}", &arena, &context);
    driver_do(holder, "rollback");
    PQfinish(holder);
    PQfinish(session);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(relations_with_kind_size_and_flags),
        cmocka_unit_test(an_estimate_of_no_rows_is_not_an_empty_table),
        cmocka_unit_test(published_identity_and_exposed),
        cmocka_unit_test(a_publication_of_all_tables_and_of_a_schema),
        cmocka_unit_test(sizes_that_nobody_measured),
        cmocka_unit_test(columns_with_type_and_what_begins_with_them),
        cmocka_unit_test(constraints_and_what_they_prove),
        cmocka_unit_test(a_not_null_that_is_not_valid_yet_is_none),
        cmocka_unit_test(indexes_with_their_columns),
        cmocka_unit_test(dependents_with_those_behind_them),
        cmocka_unit_test(each_by_itself_is_as_among_all),
        cmocka_unit_test(others_are_told_of_in_short),
        cmocka_unit_test(columns_of_a_type_that_is_named),
        cmocka_unit_test(victims_are_those_of_the_server),
        cmocka_unit_test(a_function_with_a_body_of_the_standard),
        cmocka_unit_test(hostile_names_come_through),
        cmocka_unit_test(a_locked_table_is_looked_at_all_the_same),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, build, drop);
}
