/* SPDX-License-Identifier: PostgreSQL */
/*
 * The analysis with a live server: a small world with views, policies, keys, a publication
 * and traffic. What only a server can tell is found with it, and not without.
 */
#include "app_lint_world.h"
#include "server.h"
#include "testing.h"

#include <setjmp.h>
#include <cmocka.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

#define DATABASE "world"

static struct test_server *server;

static const char world_sql[] =
    "create extension pg_stat_statements;"
    "create table customers (id bigint generated always as identity primary key, "
    "state varchar(40), note text not null default '', email text, "
    "constraint email_filled check (email is not null));"
    "create table orders (id bigint primary key, customer bigint references customers, "
    "total int, kind text);"
    "create index orders_customer on orders (customer);"
    "insert into customers (state, email) select 'open', 'x' from generate_series(1, 300);"
    "insert into orders select n, n, n, 'k' from generate_series(1, 300) n;"
    "create view open_customers as select id from customers where state = 'open';"
    "create table notes (id bigint primary key, body text);"
    "alter table notes enable row level security; alter table notes force row level security;"
    "create role limited login; grant select, update on notes to limited;"
    "grant select on customers, orders to limited;"
    "create publication pub for table orders;"
    "analyze customers; analyze orders;"
    "create schema other; create table other.orders (id int);";

static PGconn *connect_as(const char *user)
{
    const char *const keys[] = {"host", "port", "dbname", "user", NULL};
    const char *const values[] = {test_server_socket_dir(server), test_server_port(server),
                                  DATABASE, user, NULL};
    PGconn *session = PQconnectdbParams(keys, values, 0);
    assert_int_equal(PQstatus(session), CONNECTION_OK);
    return session;
}

static void do_sql(PGconn *session, const char *sql)
{
    PGresult *result = PQexec(session, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fail_msg("%s: %s", sql, PQerrorMessage(session));
    }
    PQclear(result);
}

static int build(void **state)
{
    (void)state;
    static const char *const settings[] = {"shared_preload_libraries=pg_stat_statements",
                                           "max_prepared_transactions=2", NULL};
    server = test_server_private(settings);
    test_database_create(server, DATABASE);
    test_execute(server, DATABASE, world_sql);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    test_server_free(server);
    return 0;
}

/* ------------------------------------------------------------------ helpers */

static bool look_as(const char *user, const char *sql, struct app_lint_world *world,
                    struct err *err)
{
    static struct sql_watch watch;
    struct app_connection connection = {.host = test_server_socket_dir(server),
                                        .port = test_server_port(server),
                                        .user = user,
                                        .database = DATABASE};
    struct app_lint_where where = {.connection = &connection};
    struct app_lint_names names = {0};
    if (sql) {
        app_lint_names_add(&names, str_from(sql));
    }
    bool ok = app_lint_context(&where, &names, world, err);
    watch = (struct sql_watch){0};
    app_lint_traffic(world, &watch);
    app_lint_names_release(&names);
    return ok;
}

static void look(const char *user, const char *sql, struct app_lint_world *world)
{
    struct err err = {0};
    if (!look_as(user, sql, world, &err)) {
        fail_msg("%s: %s", err.message, err.detail);
    }
}

static const struct lint_result *judge(const char *sql, const struct lint_context *context,
                                       struct arena *arena)
{
    struct sql_script script;
    struct sql_trouble trouble;
    assert_true(sql_cut(str_from(sql), NULL, arena, &script, &trouble));
    struct lint_file file = {.name = STR("a.sql"),
                             .text = str_from(sql),
                             .alone = true,
                             .lock_timeout_us = -1,
                             .statement_timeout_us = -1};
    struct lint *lint = lint_new(arena, context);
    lint_begin_file(lint, &file);
    sql_study(&script, 15, arena, lint_statement, lint);
    lint_end_file(lint);
    const struct lint_result *result = lint_finish(lint);
    lint_free(lint);
    return result;
}

/* The message of the rule's first finding; NULL: it found nothing. */
static const char *message_of(const struct lint_result *result, const char *rule,
                              struct arena *arena)
{
    for (size_t i = 0; i < result->finding_count; i++) {
        if (strcmp(result->findings[i].rule->id, rule) == 0) {
            return str_text(arena, result->findings[i].message);
        }
    }
    return NULL;
}

static const struct lint_traffic *traffic_of(const struct lint_context *context,
                                             const char *table, const char *begins)
{
    for (size_t i = 0; i < context->traffic_count; i++) {
        if (str_eq(context->traffic[i].relation.name, table) &&
            str_starts(context->traffic[i].text, begins)) {
            return &context->traffic[i];
        }
    }
    return NULL;
}

static bool names_column(const struct lint_traffic *traffic, const char *column)
{
    for (size_t i = 0; i < traffic->column_count; i++) {
        if (str_eq(traffic->columns[i], column)) {
            return true;
        }
    }
    return false;
}

/* -------------------------------------------------------------------- tests */

/* One statement, the rule, what its message says with the server, who looks. */
struct live_case {
    const char *sql;
    const char *rule;
    const char *says;
    const char *user;
};

static void rules_know_more_with_a_server(void **state)
{
    (void)state;
    static const struct live_case cases[] = {
        {"ALTER TABLE customers ALTER COLUMN state TYPE text;", "C9", "view open_customers",
         "postgres"},
        {"ALTER TABLE orders ADD COLUMN a int;", "K18", "published", "postgres"},
        {"UPDATE notes SET body = 'x' WHERE id = 1;", "D7", "limited", "limited"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena arena = {0};
        struct app_lint_world world;
        look(cases[i].user, cases[i].sql, &world);
        const char *with =
            message_of(judge(cases[i].sql, &world.context, &arena), cases[i].rule, &arena);
        const char *without =
            message_of(judge(cases[i].sql, NULL, &arena), cases[i].rule, &arena);
        if (!with || !strstr(with, cases[i].says)) {
            fail_msg("%s: %s", cases[i].rule, with ? with : "not found");
        }
        assert_null(without);
        app_lint_world_release(&world);
        arena_release(&arena);
    }
}

static void cascade_names_its_victims(void **state)
{
    (void)state;
    static const char sql[] = "DROP TABLE customers CASCADE;";
    struct arena arena = {0};
    struct app_lint_world world;
    look("postgres", sql, &world);
    assert_string_equal(
        message_of(judge(sql, &world.context, &arena), "D2", &arena),
        "CASCADE drops foreign key orders.orders_customer_fkey, view open_customers as well");
    assert_non_null(
        strstr(message_of(judge(sql, NULL, &arena), "D2", &arena), "whatever depends on it"));
    app_lint_world_release(&world);
    arena_release(&arena);
}

/* What the server proves is not found any more. */
static void rules_are_silent_where_the_server_proves(void **state)
{
    (void)state;
    static const char proved[] = "ALTER TABLE customers ALTER COLUMN email SET NOT NULL;";
    static const char filled[] = "ALTER TABLE customers ALTER COLUMN note SET NOT NULL;";
    static const char open[] = "ALTER TABLE customers ALTER COLUMN state SET NOT NULL;";
    static const char key[] = "ALTER TABLE orders ADD CONSTRAINT k FOREIGN KEY (customer) "
                              "REFERENCES customers NOT VALID;";
    static const char bare[] = "ALTER TABLE orders ADD CONSTRAINT k FOREIGN KEY (total) "
                               "REFERENCES customers NOT VALID;";
    static const struct {
        const char *sql;
        const char *rule;
        bool with;
        bool without; /* K10 is silent of a table that it does not know */
    } cases[] = {
        {proved, "C5", false, true}, {filled, "C5", false, true}, {open, "C5", true, true},
        {key, "K10", false, false},  {bare, "K10", true, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena arena = {0};
        struct app_lint_world world;
        look("postgres", cases[i].sql, &world);
        const char *with =
            message_of(judge(cases[i].sql, &world.context, &arena), cases[i].rule, &arena);
        if ((with != NULL) != cases[i].with ||
            (message_of(judge(cases[i].sql, NULL, &arena), cases[i].rule, &arena) != NULL) !=
                cases[i].without) {
            fail_msg("%s: %s", cases[i].sql, with ? with : "not found");
        }
        app_lint_world_release(&world);
        arena_release(&arena);
    }
}

static void live_statements_are_read(void **state)
{
    (void)state;
    static const char sql[] = "ALTER TABLE orders DROP COLUMN kind;";
    struct arena arena = {0};
    struct app_lint_world world;
    PGconn *session = connect_as("postgres");
    do_sql(session, "select pg_stat_statements_reset()");
    do_sql(session, "select kind, count(*) from orders where total > 3 group by kind");
    do_sql(session, "select * from orders o join customers c on c.id = o.customer limit 1");
    do_sql(session, "update public.orders set total = total * 2 where id = 7");
    do_sql(session, "insert into other.orders values (1)");
    do_sql(session, "select count(*) from other.orders");
    /* Before 14 nobody tells since when statements are counted: how often is not known. */
    bool since = PQserverVersion(session) >= 140000;
    PQfinish(session);
    look("postgres", NULL, &world);
    assert_true(world.context.knows & LINT_NEEDS_TRAFFIC);
    const struct lint_traffic *named = traffic_of(&world.context, "orders", "select kind");
    assert_non_null(named);
    assert_true(names_column(named, "kind") && names_column(named, "total"));
    assert_false(names_column(named, "id") || named->all_columns || named->writes);
    assert_true(since ? named->calls_per_second > 0 : named->calls_per_second < 0);
    assert_true(str_eq(named->relation.schema, "public"));
    assert_true(traffic_of(&world.context, "customers", "select *")->all_columns);
    const struct lint_traffic *written = traffic_of(&world.context, "orders", "update");
    assert_true(written->writes && !written->all_columns && !names_column(written, "kind"));
    const struct lint_traffic *other =
        traffic_of(&world.context, "orders", "insert into other");
    assert_true(str_eq(other->relation.schema, "other") && other->all_columns);
    assert_false(traffic_of(&world.context, "orders", "select count")->all_columns);
    assert_true(since ? world.unknown.len == 0
                      : str_starts(world.unknown, "This version does not tell since when"));
    const char *message = message_of(judge(sql, &world.context, &arena), "C10", &arena);
    assert_non_null(
        strstr(message, since ? "; 2 live statements (" : "; 2 live statements name"));
    app_lint_world_release(&world);
    arena_release(&arena);
}

static void a_role_that_sees_little_says_so(void **state)
{
    (void)state;
    struct app_lint_world world;
    look("limited", "select from orders", &world);
    assert_false(world.context.knows & (LINT_NEEDS_TRAFFIC | LINT_NEEDS_ACTIVITY));
    assert_int_equal(world.context.traffic_count, 0);
    assert_non_null(strstr(world.unknown.ptr, "pg_monitor"));
    assert_true(str_eq(world.context.role, "limited"));
    app_lint_world_release(&world);
    test_execute(server, DATABASE, "drop extension pg_stat_statements");
    look("postgres", "select from orders", &world);
    assert_false(world.context.knows & LINT_NEEDS_TRAFFIC);
    assert_non_null(strstr(world.unknown.ptr, "installed neither in this database nor in "));
    app_lint_world_release(&world);
    /* It counts for the whole server: seen in postgres, it tells of this database. */
    PGconn *session = connect_as("postgres");
    do_sql(session, "select kind, count(*) from orders where total > 3 group by kind");
    PQfinish(session);
    test_execute(server, "postgres", "create extension pg_stat_statements");
    look("postgres", "select from orders", &world);
    assert_true(world.context.knows & LINT_NEEDS_TRAFFIC);
    assert_non_null(traffic_of(&world.context, "orders", "select kind"));
    app_lint_world_release(&world);
    test_execute(server, "postgres", "drop extension pg_stat_statements");
    test_execute(server, DATABASE, "create extension pg_stat_statements schema other");
    look("postgres", "select from orders", &world);
    assert_true(world.context.knows & LINT_NEEDS_TRAFFIC);
    app_lint_world_release(&world);
}

static void whoever_is_in_the_way_is_named(void **state)
{
    (void)state;
    static const char sql[] = "ALTER TABLE orders ADD COLUMN a int;";
    struct arena arena = {0};
    struct app_lint_world world;
    look("postgres", sql, &world);
    assert_null(message_of(judge(sql, &world.context, &arena), "L23", &arena));
    app_lint_world_release(&world);
    PGconn *dump = connect_as("postgres");
    do_sql(dump, "set application_name = 'pg_dump'; begin; lock table orders in access share "
                 "mode");
    look("postgres", sql, &world);
    const char *message = message_of(judge(sql, &world.context, &arena), "L23", &arena);
    assert_non_null(strstr(message, "(pg_dump, for "));
    app_lint_world_release(&world);
    do_sql(dump, "rollback; set application_name = ''; begin; delete from orders where id = 1; "
                 "prepare transaction 'left'");
    look("postgres", sql, &world);
    message = message_of(judge(sql, &world.context, &arena), "L23", &arena);
    assert_non_null(strstr(message, "prepared transaction left"));
    app_lint_world_release(&world);
    do_sql(dump, "rollback prepared 'left'");
    PQfinish(dump);
    arena_release(&arena);
}

/* Only what the text may mean is asked for, and everything when a schema goes. */
static void names_narrow_the_question(void **state)
{
    (void)state;
    struct app_lint_world world;
    look("postgres", "ALTER TABLE \"orders\" ADD a int", &world);
    assert_int_equal(world.context.relation_count, 2); /* in two schemas */
    app_lint_world_release(&world);
    look("postgres", "DROP SCHEMA other CASCADE", &world);
    size_t all = world.context.relation_count;
    assert_true(all >= 5);
    app_lint_world_release(&world);
    look("postgres", NULL, &world);
    assert_int_equal(world.context.relation_count, all);
    app_lint_world_release(&world);
}

static bool has_name(const struct app_lint_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (str_eq(names->items[i], name)) {
            return true;
        }
    }
    return false;
}

static void names_of_any_text(void **state)
{
    (void)state;
    static const char *const found[] = {"orders",      "we\"ird one", "in_body",
                                        "\303\274ber", "after",       "x"};
    struct app_lint_names names = {0};
    app_lint_names_add(&names,
                       STR("ALTER TABLE Orders; -- don\"t\n \"we\"\"ird one\" $$ in_body $$ "
                           "\303\274ber 'after' x.x \xff \"never ends"));
    for (size_t i = 0; i < COUNT_OF(found); i++) {
        if (!has_name(&names, found[i])) {
            fail_msg("no %s", found[i]);
        }
    }
    assert_false(names.wide || has_name(&names, "*"));
    app_lint_names_add(&names, STR("drop type t"));
    assert_true(names.wide && has_name(&names, "*"));
    assert_false(app_lint_names_mean_all(&names));
    app_lint_names_add(&names, STR("alter table u&\"d\\0061t\" add column b int"));
    assert_true(app_lint_names_mean_all(&names));
    app_lint_names_release(&names);
}

static void a_server_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    struct err err = {0};
    struct app_lint_world world;
    struct app_connection connection = {.host = "/nonexistent", .user = "x", .database = "x"};
    struct app_lint_where where = {.connection = &connection};
    assert_false(app_lint_context(&where, NULL, &world, &err));
    assert_int_equal(err.kind, ERR_CONNECT);
    app_lint_world_release(&world);
    where.word = "host=h password=p";
    assert_false(app_lint_context(&where, NULL, &world, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    app_lint_world_release(&world);
}

/* Nothing is left behind, and nothing was written. */
static void the_look_leaves_nothing(void **state)
{
    (void)state;
    struct app_lint_world world;
    long before = test_query_number(server, DATABASE, "select txid_current()");
    look("postgres", NULL, &world);
    app_lint_world_release(&world);
    assert_int_equal(test_query_number(server, DATABASE, "select txid_current()"), before + 1);
    assert_true(test_query_becomes(server, DATABASE,
                                   "select count(*) from pg_stat_activity where "
                                   "application_name like 'gonogo%'",
                                   "0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_know_more_with_a_server),
        cmocka_unit_test(cascade_names_its_victims),
        cmocka_unit_test(rules_are_silent_where_the_server_proves),
        cmocka_unit_test(live_statements_are_read),
        cmocka_unit_test(a_role_that_sees_little_says_so),
        cmocka_unit_test(whoever_is_in_the_way_is_named),
        cmocka_unit_test(names_narrow_the_question),
        cmocka_unit_test(names_of_any_text),
        cmocka_unit_test(a_server_that_is_not_there_is_an_error),
        cmocka_unit_test(the_look_leaves_nothing),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, build, drop);
}
