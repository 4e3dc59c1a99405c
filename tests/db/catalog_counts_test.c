/* SPDX-License-Identifier: PostgreSQL */
/*
 * Counts and members on a real server: a schema built by hand whose numbers are
 * known, the same numbers for a role that may see nothing, members where counts
 * agree, hostile names, and a database full of objects that lie in wait.
 */
#include "catalog_driver.h"

#define DATABASE "catalog_counts"

static const char schema_sql[] =
    "create extension pg_trgm;"
    "create schema other; create schema \"odd \"\"schema\";"
    "create type mood as enum ('low', 'it''s high');"
    "create table parent (id bigint generated always as identity primary key, code text "
    "unique, "
    "  mood mood, gone int, amount numeric(10,2) default 0 check (amount >= 0));"
    "alter table parent drop column gone;"
    "create table child (id serial primary key, parent_id bigint references parent, "
    "  other_id bigint);"
    "alter table child add constraint named_key foreign key (other_id) "
    "  references parent (id) not valid;"
    "create table part (id int, at date, primary key (id, at)) partition by range (at);"
    "create table part_1 partition of part for values from ('2024-01-01') to ('2025-01-01');"
    "create table part_2 partition of part for values from ('2025-01-01') to ('2026-01-01');"
    "alter table part add foreign key (id) references parent (id);";

static const char rest_sql[] =
    "create index child_parent on child (parent_id);"
    "alter table parent enable row level security;"
    "alter table child enable row level security; alter table child force row level security;"
    "create policy \"read me\" on parent for select to app_owner, postgres using (id > 0);"
    "create policy write on parent for insert with check (amount > 1);"
    "create policy read on child using (true);"
    "create view v as select id from parent; create materialized view mv as select 1 as one;"
    "create index on mv (one);"
    "create function f(a int, b text) returns int language sql as 'select 1';"
    "create procedure p() language sql as 'select 1';"
    "create aggregate total (int) (sfunc = int4pl, stype = int);"
    "create function trig() returns trigger language plpgsql as 'begin return new; end';"
    "create trigger stamp before insert on child for each row execute function trig();"
    "create trigger stamp before insert on part for each row execute function trig();"
    "create sequence loose;"
    "create table other.parent (id int primary key); create table other.twin (id int);"
    "create table \"odd \"\"schema\".\"a.b\nc\" (\"we\\ird\" int);";

static int build(void **state)
{
    (void)state;
    struct test_server *server = test_server_get();
    test_database_create(server, DATABASE);
    test_execute(server, DATABASE, schema_sql);
    test_execute(server, DATABASE, rest_sql);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    test_database_drop(test_server_get(), DATABASE);
    return 0;
}

static void expect_counts(const struct catalog_counts *counts)
{
    static const struct {
        enum count_kind kind;
        int64_t value;
    } expected[] = {
        {COUNT_TABLES, 3},
        {COUNT_PARTITIONS, 2},
        {COUNT_FOREIGN_KEYS, 3},
        {COUNT_RLS_POLICIES, 3},
        {COUNT_TABLES_WITH_RLS, 2},
        {COUNT_INDEXES, 6},
        {COUNT_VIEWS, 1},
        {COUNT_MATERIALIZED_VIEWS, 1},
        {COUNT_FUNCTIONS, 4},
        {COUNT_TRIGGERS, 2},
        {COUNT_ENUMS, 1},
        {COUNT_SEQUENCES, 3},
        {COUNT_UNVALIDATED_KEYS, 1},
        {COUNT_INVALID_INDEXES, 0},
        {COUNT_COLUMNS, 9},
        {COUNT_CONSTRAINTS, 5},
    };
    assert_int_equal(COUNT_OF(expected), COUNT__COUNT);
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        if (counts->value[expected[i].kind] != expected[i].value) {
            fail_msg("%s: %lld, expected %lld", catalog_count_infos[expected[i].kind].word,
                     (long long)counts->value[expected[i].kind], (long long)expected[i].value);
        }
    }
}

static void row_C1_counts_of_a_schema_built_by_hand(void **state)
{
    (void)state;
    struct arena arena = {0};
    PGconn *session = driver_connect(DATABASE, "postgres");
    driver_do(session, "create temp table temporary (id int primary key)");
    struct catalog_counts counts = driver_counts(session, &arena, "{public}");
    expect_counts(&counts);
    struct catalog_counts all = driver_counts(session, &arena, "{}");
    assert_int_equal(all.value[COUNT_TABLES], 3 + 2 + 1);
    struct catalog_counts none =
        driver_counts(session, &arena, "{pg_catalog,pg_toast,nothing}");
    assert_int_equal(none.value[COUNT_TABLES], 0);
    assert_int_equal(none.value[COUNT_FUNCTIONS], 0);
    PQfinish(session);
    arena_release(&arena);
}

static void fault_F39_a_role_without_rights_counts_the_same(void **state)
{
    (void)state;
    struct arena arena = {0};
    test_execute(test_server_get(), DATABASE,
                 "drop role if exists counts_nobody; create role counts_nobody login;"
                 "revoke all on schema public from public");
    PGconn *session = driver_connect(DATABASE, "counts_nobody");
    struct catalog_counts counts = driver_counts(session, &arena, "{public}");
    expect_counts(&counts);
    PGconn *owner = driver_connect(DATABASE, "postgres");
    struct catalog_snapshot small = driver_snapshot(session, &arena, "{}");
    struct catalog_snapshot full = driver_snapshot(owner, &arena, "{}");
    assert_string_equal(small.hash.text, full.hash.text);
    catalog_snapshot_release(&small);
    catalog_snapshot_release(&full);
    PQfinish(session);
    PQfinish(owner);
    arena_release(&arena);
}

/* A count without its members, or members without their count, would be two truths. */
static void members_are_as_many_as_counted(void **state)
{
    (void)state;
    struct arena arena = {0};
    PGconn *session = driver_connect(DATABASE, "postgres");
    struct catalog_snapshot snapshot = driver_snapshot(session, &arena, "{}");
    for (size_t kind = 0; kind < COUNT__COUNT; kind++) {
        size_t count = 0;
        catalog_members_of(&snapshot, (enum count_kind)kind, &count);
        if (!catalog_count_infos[kind].derived &&
            (int64_t)count != snapshot.counts.value[kind]) {
            fail_msg("%s: %zu members, %lld counted", catalog_count_infos[kind].word, count,
                     (long long)snapshot.counts.value[kind]);
        }
    }
    struct strbuf text = {0};
    struct catalog_snapshot back;
    struct err err = {0};
    catalog_snapshot_write(&snapshot, &text);
    assert_true(catalog_snapshot_parse(&back, strbuf_str(&text), &err));
    assert_string_equal(back.hash.text, snapshot.hash.text);
    strbuf_release(&text);
    catalog_snapshot_release(&back);
    catalog_snapshot_release(&snapshot);
    PQfinish(session);
    arena_release(&arena);
}

static void hostile_names_come_back_as_they_are(void **state)
{
    (void)state;
    struct arena arena = {0};
    PGconn *session = driver_connect(DATABASE, "postgres");
    struct str schemas[] = {STR("odd \"schema")};
    struct str param = catalog_array_text(&arena, schemas, 1);
    struct catalog_snapshot snapshot =
        driver_snapshot(session, &arena, str_text(&arena, param));
    size_t count = 0;
    const struct catalog_member *table = catalog_members_of(&snapshot, COUNT_TABLES, &count);
    assert_int_equal(count, 1);
    assert_true(str_eq(table->name, "a.b\nc"));
    assert_true(catalog_member_is(table, STR("odd \"schema.a.b\nc"), STR("public")));
    const struct catalog_member *column = catalog_members_of(&snapshot, COUNT_COLUMNS, &count);
    assert_int_equal(count, 1);
    assert_true(str_eq(column->name, "we\\ird"));
    struct rows rows;
    struct catalog_row_counts list;
    struct err err = {0};
    driver_do(session, "insert into \"odd \"\"schema\".\"a.b\nc\" values (1), (2)");
    driver_ask(session, &arena, catalog_tables_query(), &param, 1, &rows);
    assert_true(catalog_tables_read(&rows, &arena, &list, &err));
    struct strbuf sql = {0};
    size_t next = 0;
    assert_true(catalog_rows_statement(&sql, &list, INT64_MAX, &next));
    driver_ask(session, &arena, sql.ptr, NULL, 0, &rows);
    assert_false(catalog_rows_read(&rows, &list, &err)); /* row_security was on */
    driver_do(session, "set row_security = off");
    driver_ask(session, &arena, sql.ptr, NULL, 0, &rows);
    assert_true(catalog_rows_read(&rows, &list, &err));
    assert_true(list.tables[0].exact);
    assert_int_equal(list.tables[0].rows, 2);
    strbuf_clear(&sql);
    assert_false(catalog_rows_statement(&sql, &list, INT64_MAX, &next));
    next = 0;
    assert_false(catalog_rows_statement(&sql, &list, 1, &next)); /* too large: an estimate */
    strbuf_release(&sql);
    catalog_snapshot_release(&snapshot);
    PQfinish(session);
    arena_release(&arena);
}

static void expect_changes(PGconn *session, const char *sql, size_t gone, size_t came,
                           size_t changed, enum count_kind kind)
{
    struct arena arena = {0};
    struct catalog_snapshot before = driver_snapshot(session, &arena, "{public}");
    driver_do(session, "begin");
    driver_do(session, sql);
    struct catalog_snapshot after = driver_snapshot(session, &arena, "{public}");
    driver_do(session, "rollback");
    struct catalog_diff diff;
    catalog_diff(&diff, &before, &after);
    if (diff.gone[kind] != gone || diff.new_[kind] != came || diff.changed[kind] != changed) {
        fail_msg("%s: %zu gone, %zu new, %zu changed", sql, diff.gone[kind], diff.new_[kind],
                 diff.changed[kind]);
    }
    assert_string_not_equal(before.hash.text, after.hash.text);
    catalog_diff_release(&diff);
    catalog_snapshot_release(&before);
    catalog_snapshot_release(&after);
    arena_release(&arena);
}

static void fault_F39_a_swapped_policy_is_seen(void **state)
{
    (void)state;
    PGconn *session = driver_connect(DATABASE, "postgres");
    expect_changes(session,
                   "drop policy write on public.parent;"
                   "create policy writes on public.parent for insert with check (amount > 1)",
                   1, 1, 0, COUNT_RLS_POLICIES);
    PQfinish(session);
}

static void every_kind_of_change_is_seen(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        size_t gone;
        size_t came;
        size_t changed;
        enum count_kind kind;
    } rows[] = {
        {"alter policy write on public.parent with check (true)", 0, 0, 1, COUNT_RLS_POLICIES},
        {"alter policy \"read me\" on public.parent to public", 0, 0, 1, COUNT_RLS_POLICIES},
        {"alter table public.parent force row level security", 0, 0, 1, COUNT_TABLES_WITH_RLS},
        {"alter table public.child disable row level security", 1, 0, 0, COUNT_TABLES_WITH_RLS},
        {"alter table public.child validate constraint named_key", 0, 0, 1, COUNT_FOREIGN_KEYS},
        {"alter table public.parent alter code set not null", 0, 0, 1, COUNT_COLUMNS},
        {"alter table public.parent alter amount set default 1", 0, 0, 1, COUNT_COLUMNS},
        {"alter table public.parent alter code type varchar(20)", 0, 0, 1, COUNT_COLUMNS},
        {"alter table public.parent drop constraint parent_amount_check", 1, 0, 0,
         COUNT_CONSTRAINTS},
        {"drop index public.child_parent; create index child_parent on public.child (other_id)",
         0, 0, 1, COUNT_INDEXES},
        {"create or replace view public.v as select id + 0 as id from public.parent", 0, 0, 1,
         COUNT_VIEWS},
        {"create or replace function public.f(a int, b text) returns int language sql as "
         "'select 2'",
         0, 0, 1, COUNT_FUNCTIONS},
        {"create function public.f(a bigint) returns int language sql as 'select 2'", 0, 1, 0,
         COUNT_FUNCTIONS},
        {"alter table public.child disable trigger stamp", 0, 0, 1, COUNT_TRIGGERS},
        {"alter type public.mood add value 'middle' before 'low'", 0, 0, 1, COUNT_ENUMS},
        {"alter sequence public.loose increment 2", 0, 0, 1, COUNT_SEQUENCES},
        {"alter table public.part detach partition public.part_2", 1, 0, 0, COUNT_PARTITIONS},
    };
    PGconn *session = driver_connect(DATABASE, "postgres");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        expect_changes(session, rows[i].sql, rows[i].gone, rows[i].came, rows[i].changed,
                       rows[i].kind);
    }
    PQfinish(session);
}

/*
 * Whatever the role's search_path holds, ours is pinned: nothing of the database is called by
 * our own queries.
 */
static void fault_F46_shadow_objects_are_not_called(void **state)
{
    (void)state;
    static const char traps[] =
        "create schema trap;"
        "create function trap.spring() returns int language plpgsql as "
        "  $$ begin raise 'a shadow was called'; end $$;"
        "create function trap.op(a name, b text) returns bool language plpgsql as "
        "  $$ begin raise 'a shadow operator was called'; end $$;"
        "create operator trap.= (leftarg = name, rightarg = text, function = trap.op);"
        "create operator trap.<> (leftarg = name, rightarg = text, function = trap.op);"
        "create function trap.op(a oid, b oid) returns bool language plpgsql as "
        "  $$ begin raise 'a shadow operator was called'; end $$;"
        "create operator trap.= (leftarg = oid, rightarg = oid, function = trap.op);"
        "create function trap.format_type(a oid, b int) returns text language plpgsql as "
        "  $$ begin raise 'a shadow was called'; end $$;"
        "create function trap.count(a bigint) returns bigint language plpgsql as "
        "  $$ begin raise 'a shadow was called'; end $$;"
        "create function trap.current_database() returns name language plpgsql as "
        "  $$ begin raise 'a shadow was called'; end $$;"
        "create view trap.pg_class as select trap.spring();"
        "create view trap.pg_namespace as select trap.spring();"
        "create view trap.pg_constraint as select trap.spring();"
        "grant usage on schema trap to public; grant select on all tables in schema trap to "
        "public;"
        "drop role if exists counts_victim; create role counts_victim login;"
        "alter role counts_victim set search_path = trap, pg_catalog, public;";
    struct arena arena = {0};
    test_execute(test_server_get(), DATABASE, traps);
    PGconn *session = driver_connect(DATABASE, "counts_victim");
    struct rows rows;
    struct str message = {0};
    driver_do(session, "set search_path = trap, pg_catalog");
    assert_false(
        driver_try(session, &arena, "select * from pg_class", NULL, 0, &rows, &message));
    driver_do(session, "reset search_path"); /* the startup packet's, not the role's */
    struct catalog_counts counts = driver_counts(session, &arena, "{public}");
    expect_counts(&counts);
    struct catalog_snapshot snapshot = driver_snapshot(session, &arena, "{public}");
    catalog_snapshot_release(&snapshot);
    struct str none = STR("{}");
    struct str two[] = {none, none};
    driver_ask(session, &arena, catalog_identity_query(), NULL, 0, &rows);
    driver_ask(session, &arena, catalog_lock_query(), NULL, 0, &rows);
    driver_ask(session, &arena, catalog_lock_holder_query(), NULL, 0, &rows);
    driver_ask(session, &arena, catalog_unlock_query(), NULL, 0, &rows);
    driver_ask(session, &arena, catalog_settings_query(), NULL, 0, &rows);
    driver_ask(session, &arena, catalog_tables_query(), &none, 1, &rows);
    driver_ask(session, &arena, catalog_rights_query(), two, 2, &rows);
    PQfinish(session);
    test_execute(test_server_get(), DATABASE, "drop schema trap cascade");
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_C1_counts_of_a_schema_built_by_hand),
        cmocka_unit_test(fault_F39_a_role_without_rights_counts_the_same),
        cmocka_unit_test(members_are_as_many_as_counted),
        cmocka_unit_test(hostile_names_come_back_as_they_are),
        cmocka_unit_test(fault_F39_a_swapped_policy_is_seen),
        cmocka_unit_test(every_kind_of_change_is_seen),
        cmocka_unit_test(fault_F46_shadow_objects_are_not_called),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, build, drop);
}
