/* SPDX-License-Identifier: PostgreSQL */
/*
 * Every builtin on a real server: it passes on what is there as the plan says, and
 * fails as soon as the thing is absent or different. The session is the program's
 * own: search_path pinned where the query asks for it.
 */
#include "catalog_driver.h"

#define DATABASE "check_builtin"

static const char schema_sql[] =
    "create schema other;"
    "create type status as enum ('a', 'b');"
    "create table orders (id bigint primary key, note text, total numeric(10,2) not null,"
    "  state status, \"odd\"\"col\nx.y\" int);"
    "create table lines (order_id bigint references orders, n int, primary key (order_id, n));"
    "create table bare (id int primary key);"
    "create table \"a.b'c\" (id int primary key, up int references \"a.b'c\");"
    "create table other.orders (id int);"
    "create table pair (a int, b text, primary key (a, b));"
    "create table full_ref (a int, b text, foreign key (a, b) references pair match full);"
    "create table simple_ref (a bigint, b varchar, foreign key (a, b) references pair);"
    "create index orders_note on orders (note);"
    "alter table orders enable row level security;"
    "create policy \"see own\" on orders for select to app_owner "
    "  using (note = current_setting('app.user') and id > 0);"
    "create policy sleeping on bare using (true);"
    "create function f(a int, b text) returns int language sql as 'select 1';"
    "create function t() returns trigger language plpgsql as 'begin return new; end';"
    "create trigger stamp before insert on orders for each row execute function t();"
    "create view v as select id from orders;"
    "insert into orders (id, note, total) select i, 'n', i from generate_series(1, 10) i;"
    "insert into lines select i, 1 from generate_series(1, 10) i;"
    "alter table orders owner to app_owner; alter table lines owner to app_owner;";

struct setting {
    PGconn *session;
    struct arena arena;
    struct plan plan;
    struct str names[4];
    struct check_result result;
};

static struct setting *begin(void)
{
    struct setting *setting = mem_zero(1, sizeof(*setting));
    setting->session = driver_connect(DATABASE, "postgres");
    setting->names[0] = STR("public");
    setting->plan.search_path.items = setting->names;
    setting->plan.search_path.count = 1;
    setting->plan.state.schemas = setting->plan.search_path;
    setting->plan.rows_exact_below = INT64_MAX;
    driver_do(setting->session, "begin");
    return setting;
}

static void end(struct setting *setting)
{
    driver_do(setting->session, "rollback");
    PQfinish(setting->session);
    arena_release(&setting->arena);
    free(setting);
}

static struct plan_check builtin(enum plan_builtin which, enum plan_comparator comparator,
                                 const char *expected)
{
    struct plan_check check = {
        .id = STR("Q"),
        .source = PLAN_SOURCE_BUILTIN,
        .builtin = which,
        .comparator = comparator,
        .within_us = PLAN_UNSAID,
        .expected = {.kind = PLAN_VALUE_NUMBER, .text = str_from(expected)},
    };
    if (strcmp(expected, "before") == 0) {
        check.expected.kind = PLAN_VALUE_BEFORE;
    }
    return check;
}

static void work(struct setting *setting, struct check_work *work,
                 const struct plan_check *check)
{
    struct err err = {0};
    const struct check_query *query;
    if (!check_begin(work, &setting->plan, check, STR(""), &setting->arena, &err)) {
        fail_msg("%s", err.message);
    }
    while ((query = check_query(work)) != NULL) {
        struct rows rows;
        struct str message = {0};
        assert_true(query->pinned);
        driver_do(setting->session, "savepoint s");
        driver_do(setting->session,
                  query->all_rows ? "set row_security = off" : "set row_security = on");
        if (driver_try(setting->session, &setting->arena, str_text(&setting->arena, query->sql),
                       query->params, query->param_count, &rows, &message)) {
            check_take(work, &rows, 1);
        } else {
            check_refused(work, "XX000", message, 1);
            driver_do(setting->session, "rollback to s");
        }
    }
}

static enum verdict run(struct setting *setting, struct plan_check check,
                        const struct check_before *before)
{
    struct check_work state;
    struct plan_check *kept = arena_alloc(&setting->arena, sizeof(*kept));
    *kept = check;
    work(setting, &state, kept);
    check_judge(&state, before, &setting->result);
    check_release(&state);
    return setting->result.verdict;
}

static struct check_before measure(struct setting *setting, struct plan_check check)
{
    struct check_work state;
    work(setting, &state, &check);
    check_measure(&state, &setting->result);
    check_release(&state);
    assert_int_equal(setting->result.verdict, VERDICT_PASS);
    return check_before_of(&setting->result);
}

static void expect(struct setting *setting, int line, enum verdict wanted,
                   struct plan_check check)
{
    enum verdict got = run(setting, check, NULL);
    if (got != wanted) {
        fail_msg("line %d: %s: %.*s (actual %.*s, expected %.*s)", line, verdict_words[got],
                 STR_ARG(setting->result.why), STR_ARG(setting->result.actual),
                 STR_ARG(setting->result.expected));
    }
}

#define EXPECT(wanted, ...) expect(setting, __LINE__, wanted, __VA_ARGS__)

static struct plan_check object(enum plan_builtin which, const char *table, const char *name)
{
    struct plan_check check = builtin(which, PLAN_EXISTS, "");
    check.table = str_from(table);
    check.object = str_from(name);
    check.column = str_from(name);
    return check;
}

static void row_C4_counts_are_numbers_of_the_plans_schemas(void **state)
{
    (void)state;
    struct setting *setting = begin();
    static const struct {
        enum plan_builtin which;
        const char *right;
        const char *wrong;
        const char *change;
    } rows[] = {
        {PLAN_BUILTIN_TABLES, "7", "8", "create table public.x ()"},
        {PLAN_BUILTIN_FOREIGN_KEYS, "4", "3",
         "alter table public.lines drop constraint lines_order_id_fkey"},
        {PLAN_BUILTIN_RLS_POLICIES, "2", "1", "drop policy sleeping on public.bare"},
        {PLAN_BUILTIN_TABLES_WITH_RLS, "1", "2",
         "alter table public.bare enable row level security"},
        {PLAN_BUILTIN_INDEXES, "6", "5", "drop index public.orders_note"},
        {PLAN_BUILTIN_VIEWS, "1", "0", "drop view public.v"},
        {PLAN_BUILTIN_FUNCTIONS, "2", "1", "drop function public.f"},
        {PLAN_BUILTIN_TRIGGERS, "1", "0", "drop trigger stamp on public.orders"},
        {PLAN_BUILTIN_ENUMS, "1", "2", "create type public.e as enum ()"},
        {PLAN_BUILTIN_SEQUENCES, "0", "1", "create sequence public.s"},
        {PLAN_BUILTIN_PARTITIONS, "0", "1",
         "create table public.y (a int) partition by list (a);"
         "create table public.y1 partition of public.y default"},
        {PLAN_BUILTIN_MATERIALIZED_VIEWS, "0", "1",
         "create materialized view public.m as select 1 as a"},
        {PLAN_BUILTIN_INVALID_INDEXES, "0", "1",
         "update pg_index set indisvalid = false where indexrelid = "
         "'public.orders_pkey'::regclass"},
        {PLAN_BUILTIN_UNVALIDATED_CONSTRAINTS, "0", "1",
         "alter table public.bare add check (id > 0) not valid"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        EXPECT(VERDICT_PASS, builtin(rows[i].which, PLAN_EQUALS, rows[i].right));
        driver_do(setting->session, "savepoint change");
        driver_do(setting->session, rows[i].change);
        EXPECT(VERDICT_FAIL, builtin(rows[i].which, PLAN_EQUALS, rows[i].right));
        EXPECT(VERDICT_PASS, builtin(rows[i].which, PLAN_EQUALS, rows[i].wrong));
        driver_do(setting->session, "rollback to change");
    }
    EXPECT(VERDICT_PASS, builtin(PLAN_BUILTIN_INVALID_INDEXES, PLAN_EMPTY, ""));
    EXPECT(VERDICT_PASS, builtin(PLAN_BUILTIN_UNVALIDATED_CONSTRAINTS, PLAN_EMPTY, ""));
    EXPECT(VERDICT_FAIL, builtin(PLAN_BUILTIN_SEQUENCES, PLAN_EXISTS, ""));
    EXPECT(VERDICT_PASS, builtin(PLAN_BUILTIN_VIEWS, PLAN_EXISTS, ""));
    end(setting);
}

static void row_C4_removed_tables_are_gone(void **state)
{
    (void)state;
    struct setting *setting = begin();
    struct str removed[] = {STR("quests"), STR("a.b'c"), STR("other.orders")};
    setting->plan.state.removed_tables.items = removed;
    setting->plan.state.removed_tables.count = 3;
    EXPECT(VERDICT_FAIL, builtin(PLAN_BUILTIN_REMOVED_TABLES_PRESENT, PLAN_EQUALS, "0"));
    assert_true(str_eq(setting->result.actual, "2"));
    driver_do(setting->session, "drop table public.\"a.b'c\", other.orders cascade");
    EXPECT(VERDICT_PASS, builtin(PLAN_BUILTIN_REMOVED_TABLES_PRESENT, PLAN_EQUALS, "0"));
    EXPECT(VERDICT_PASS, builtin(PLAN_BUILTIN_REMOVED_TABLES_PRESENT, PLAN_EMPTY, ""));
    end(setting);
}

static void row_C4_policies_without_rls_are_listed(void **state)
{
    (void)state;
    struct setting *setting = begin();
    EXPECT(VERDICT_FAIL, builtin(PLAN_BUILTIN_POLICIES_ON_TABLES_WITHOUT_RLS, PLAN_EMPTY, ""));
    assert_true(str_eq(setting->result.evidence, "public.bare.sleeping"));
    driver_do(setting->session, "alter table public.bare enable row level security");
    EXPECT(VERDICT_PASS, builtin(PLAN_BUILTIN_POLICIES_ON_TABLES_WITHOUT_RLS, PLAN_EMPTY, ""));
    end(setting);
}

static void row_B8_tables_columns_and_constraints(void **state)
{
    (void)state;
    struct setting *setting = begin();
    EXPECT(VERDICT_PASS, object(PLAN_BUILTIN_TABLE, "orders", ""));
    EXPECT(VERDICT_PASS, object(PLAN_BUILTIN_TABLE, "public.orders", ""));
    EXPECT(VERDICT_PASS, object(PLAN_BUILTIN_TABLE, "a.b'c", ""));
    EXPECT(VERDICT_FAIL, object(PLAN_BUILTIN_TABLE, "order", ""));
    EXPECT(VERDICT_FAIL, object(PLAN_BUILTIN_TABLE, "v", "")); /* a view is no table */
    struct plan_check none = object(PLAN_BUILTIN_TABLE, "order", "");
    none.comparator = PLAN_EMPTY;
    EXPECT(VERDICT_PASS, none);
    none.table = STR("orders");
    EXPECT(VERDICT_FAIL, none);
    struct plan_check column = object(PLAN_BUILTIN_COLUMN, "orders", "total");
    EXPECT(VERDICT_PASS, column);
    column.type = STR("numeric(10,2)");
    column.nullable = PLAN_NO;
    EXPECT(VERDICT_PASS, column);
    column.type = STR("numeric");
    EXPECT(VERDICT_FAIL, column);
    column.type = STR("numeric(10,2)");
    column.nullable = PLAN_YES;
    EXPECT(VERDICT_FAIL, column);
    column = object(PLAN_BUILTIN_COLUMN, "orders", "id");
    column.type = STR("int8");
    EXPECT(VERDICT_PASS, column);
    column.type = STR("integer");
    EXPECT(VERDICT_FAIL, column);
    column = object(PLAN_BUILTIN_COLUMN, "orders", "state");
    column.type = STR("status");
    EXPECT(VERDICT_PASS, column);
    EXPECT(VERDICT_PASS, object(PLAN_BUILTIN_COLUMN, "orders", "odd\"col\nx.y"));
    EXPECT(VERDICT_FAIL, object(PLAN_BUILTIN_COLUMN, "orders", "gone"));
    EXPECT(VERDICT_FAIL, object(PLAN_BUILTIN_COLUMN, "nothing", "id"));
    struct plan_check key = object(PLAN_BUILTIN_CONSTRAINT, "lines", "lines_order_id_fkey");
    key.valid = PLAN_YES;
    EXPECT(VERDICT_PASS, key);
    driver_do(setting->session,
              "alter table public.lines drop constraint lines_order_id_fkey, add constraint "
              "lines_order_id_fkey foreign key (order_id) references public.orders not valid");
    EXPECT(VERDICT_FAIL, key);
    key.valid = PLAN_NOT_SAID;
    EXPECT(VERDICT_PASS, key);
    EXPECT(VERDICT_FAIL, object(PLAN_BUILTIN_CONSTRAINT, "orders", "lines_order_id_fkey"));
    end(setting);
}

static void row_E3_indexes_policies_triggers_functions_views(void **state)
{
    (void)state;
    struct setting *setting = begin();
    EXPECT(VERDICT_PASS, object(PLAN_BUILTIN_INDEX, "", "orders_note"));
    EXPECT(VERDICT_FAIL, object(PLAN_BUILTIN_INDEX, "", "orders_notes"));
    EXPECT(VERDICT_PASS, object(PLAN_BUILTIN_TRIGGER, "orders", "stamp"));
    EXPECT(VERDICT_FAIL, object(PLAN_BUILTIN_TRIGGER, "lines", "stamp"));
    EXPECT(VERDICT_PASS, object(PLAN_BUILTIN_FUNCTION, "", "f"));
    EXPECT(VERDICT_PASS, object(PLAN_BUILTIN_FUNCTION, "", "public.f(integer, text)"));
    EXPECT(VERDICT_FAIL, object(PLAN_BUILTIN_FUNCTION, "", "public.f(integer)"));
    EXPECT(VERDICT_FAIL, object(PLAN_BUILTIN_FUNCTION, "", "count"));
    EXPECT(VERDICT_PASS, object(PLAN_BUILTIN_VIEW, "", "public.v"));
    EXPECT(VERDICT_FAIL, object(PLAN_BUILTIN_VIEW, "", "orders"));
    driver_do(setting->session, "update pg_index set indisvalid = false where indexrelid = "
                                "'public.orders_note'::regclass");
    EXPECT(VERDICT_FAIL, object(PLAN_BUILTIN_INDEX, "", "orders_note"));
    driver_do(setting->session, "alter table public.orders disable trigger stamp");
    EXPECT(VERDICT_FAIL, object(PLAN_BUILTIN_TRIGGER, "orders", "stamp"));
    end(setting);
}

static void row_A2_a_policy_is_what_the_plan_says(void **state)
{
    (void)state;
    struct setting *setting = begin();
    struct str roles[] = {STR("app_owner"), STR("postgres")};
    struct plan_check policy = object(PLAN_BUILTIN_POLICY, "orders", "see own");
    EXPECT(VERDICT_PASS, policy);
    policy.command = STR("SELECT");
    policy.roles.items = roles;
    policy.roles.count = 1;
    policy.using = STR("note = current_setting('app.user'::text) AND id > 0");
    EXPECT(VERDICT_FAIL, policy); /* the server puts parentheses inside */
    policy.using = STR("(note = current_setting('app.user'::text))\n  AND (id > 0)");
    EXPECT(VERDICT_PASS, policy);
    policy.using = STR("((note = current_setting('app .user'::text)) AND (id > 0))");
    EXPECT(VERDICT_FAIL, policy); /* a blank inside quotes is no white space */
    policy.using = (struct str){0};
    policy.with_check = STR("true");
    EXPECT(VERDICT_FAIL, policy);
    policy.with_check = (struct str){0};
    policy.roles.count = 2;
    EXPECT(VERDICT_FAIL, policy);
    policy.roles.count = 1;
    policy.command = STR("ALL");
    EXPECT(VERDICT_FAIL, policy);
    policy.command = STR("SELECT");
    EXPECT(VERDICT_PASS, policy);
    driver_do(setting->session, "alter table public.orders disable row level security");
    EXPECT(VERDICT_FAIL, policy);
    EXPECT(VERDICT_FAIL, object(PLAN_BUILTIN_POLICY, "orders", "see all"));
    end(setting);
}

static void row_C4_orphans_are_counted_over_every_key(void **state)
{
    (void)state;
    struct setting *setting = begin();
    struct plan_check orphans = builtin(PLAN_BUILTIN_ORPHANS, PLAN_EQUALS, "0");
    EXPECT(VERDICT_PASS, orphans);
    assert_true(str_eq(setting->result.actual, "0 over 4 foreign keys"));
    driver_do(setting->session, "set session_replication_role = replica");
    static const struct {
        const char *sql;
        enum verdict verdict;
    } rows[] = {
        {"insert into public.lines values (99, 1)", VERDICT_FAIL},
        {"insert into public.\"a.b'c\" values (1, 1)", VERDICT_PASS},
        {"insert into public.\"a.b'c\" values (1, 2)", VERDICT_FAIL},
        {"insert into public.simple_ref values (1, null)", VERDICT_PASS},
        {"insert into public.simple_ref values (1, 'x')", VERDICT_FAIL},
        {"insert into public.full_ref values (null, null)", VERDICT_PASS},
        {"insert into public.full_ref values (1, null)", VERDICT_FAIL},
        {"insert into public.pair values (1, 'x'); "
         "insert into public.full_ref values (1, 'x'); "
         "insert into public.simple_ref values (1, 'x')",
         VERDICT_PASS},
        {"alter table public.lines drop constraint lines_order_id_fkey;"
         "insert into public.lines values (98, 1), (99, 1);"
         "alter table public.lines add constraint k foreign key (order_id) "
         "references public.orders not valid",
         VERDICT_FAIL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        driver_do(setting->session, "savepoint change");
        driver_do(setting->session, rows[i].sql);
        EXPECT(rows[i].verdict, orphans);
        if (i + 1 == COUNT_OF(rows)) {
            assert_true(str_eq(setting->result.evidence, "public.lines.k: 2"));
        }
        driver_do(setting->session, "rollback to change");
    }
    end(setting);
}

/* An ordinary role under a policy: the count must be refused, never made smaller. */
static void fault_F39_row_security_cannot_hide_rows(void **state)
{
    (void)state;
    struct setting *setting = begin();
    driver_do(setting->session,
              "create role check_reader; grant usage on schema public to check_reader;"
              "grant select on all tables in schema public to check_reader");
    driver_do(setting->session, "set local role check_reader");
    EXPECT(VERDICT_ERROR, builtin(PLAN_BUILTIN_ORPHANS, PLAN_EQUALS, "0"));
    struct check_before before = {.taken = true};
    (void)run(setting, builtin(PLAN_BUILTIN_ROWS_PER_KEPT_TABLE, PLAN_AT_LEAST, "before"),
              &before);
    assert_int_equal(setting->result.verdict, VERDICT_ERROR);
    end(setting);
}

static void row_C4_rows_per_kept_table(void **state)
{
    (void)state;
    struct setting *setting = begin();
    struct plan_check rows = builtin(PLAN_BUILTIN_ROWS_PER_KEPT_TABLE, PLAN_AT_LEAST, "before");
    EXPECT(VERDICT_ERROR, rows); /* nothing to compare with */
    struct check_before before = measure(setting, rows);
    assert_int_equal(before.rows.count, 7);
    assert_int_equal(run(setting, rows, &before), VERDICT_PASS);
    driver_do(setting->session, "insert into public.bare values (1)");
    assert_int_equal(run(setting, rows, &before), VERDICT_PASS);
    struct plan_check same = rows;
    same.comparator = PLAN_SAME_AS;
    assert_int_equal(run(setting, same, &before), VERDICT_FAIL);
    assert_true(str_eq(setting->result.evidence, "public.bare: 1 rows, before 0"));
    driver_do(setting->session, "delete from public.lines where order_id = 3");
    assert_int_equal(run(setting, rows, &before), VERDICT_FAIL);
    assert_true(str_eq(setting->result.evidence, "public.lines: 9 rows, before 10"));
    driver_do(setting->session, "drop table public.lines");
    assert_int_equal(run(setting, rows, &before), VERDICT_FAIL);
    struct str removed[] = {STR("lines")};
    setting->plan.state.removed_tables.items = removed;
    setting->plan.state.removed_tables.count = 1;
    assert_int_equal(run(setting, rows, &before), VERDICT_PASS);
    setting->plan.rows_exact_below = 0; /* every table too large: nothing is proved */
    assert_int_equal(run(setting, rows, &before), VERDICT_ERROR);
    end(setting);
}

static int build(void **state)
{
    (void)state;
    test_database_create(test_server_get(), DATABASE);
    test_execute(test_server_get(), DATABASE, schema_sql);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    test_database_drop(test_server_get(), DATABASE);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_C4_counts_are_numbers_of_the_plans_schemas),
        cmocka_unit_test(row_C4_removed_tables_are_gone),
        cmocka_unit_test(row_C4_policies_without_rls_are_listed),
        cmocka_unit_test(row_B8_tables_columns_and_constraints),
        cmocka_unit_test(row_E3_indexes_policies_triggers_functions_views),
        cmocka_unit_test(row_A2_a_policy_is_what_the_plan_says),
        cmocka_unit_test(row_C4_orphans_are_counted_over_every_key),
        cmocka_unit_test(fault_F39_row_security_cannot_hide_rows),
        cmocka_unit_test(row_C4_rows_per_kept_table),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, build, drop);
}
