/* SPDX-License-Identifier: PostgreSQL */
/*
 * SQL that the rules propose instead of a statement, run on a real server on which the
 * statement's objects stand: a proposal that does not run is worse than none.
 */
#include "monitor_ask.h"

#include "lint.h"

static const char *const fixture =
    "DROP SCHEMA IF EXISTS app CASCADE; CREATE SCHEMA app; SET search_path = app;"
    "CREATE TABLE customers (id int PRIMARY KEY, shop int, UNIQUE (id, shop));"
    "CREATE TABLE \"Orders\" (id int NOT NULL, \"At\" timestamptz, note text, customer_id int,"
    "  shop int, price int DEFAULT 1);"
    "CREATE INDEX orders_note ON \"Orders\" (note);"
    "CREATE MATERIALIZED VIEW totals AS SELECT id FROM customers;"
    "CREATE UNIQUE INDEX ON totals (id);"
    "CREATE VIEW open_orders AS SELECT id FROM \"Orders\";"
    "CREATE TABLE parts (k int) PARTITION BY LIST (k);"
    "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);"
    "CREATE FUNCTION total() RETURNS int LANGUAGE sql AS 'SELECT 1';"
    "INSERT INTO customers VALUES (1, 1), (2, 2);"
    "INSERT INTO \"Orders\" VALUES (1, now(), 'a', 1, 1), (2, now(), 'b', 2, 2);";

static const struct {
    const char *rule;
    const char *statement;
} proposals[] = {
    {"L1",
     "CREATE INDEX \"By Shop\" ON app.\"Orders\" (shop) -- all of them\n WHERE shop > 0;"},
    {"L2", "DROP INDEX app.orders_note;"},
    {"L3", "REINDEX INDEX app.orders_note;"},
    {"L3", "REINDEX TABLE app.\"Orders\";"},
    {"L10", "ALTER TABLE app.\"Orders\" ADD COLUMN z int;"},
    {"L11", "UPDATE app.\"Orders\" SET note = upper(note) WHERE id = 1;"},
    {"L15", "LOCK TABLE app.\"Orders\" IN SHARE MODE;"},
    {"L17", "ALTER TABLE app.parts DETACH PARTITION app.parts_1;"},
    {"L19", "CREATE TABLE app.parts_2 PARTITION OF app.parts FOR VALUES IN (2);"},
    {"C5", "ALTER TABLE app.\"Orders\" ALTER COLUMN \"At\" SET NOT NULL;"},
    {"C7", "ALTER TABLE app.\"Orders\" ALTER COLUMN note TYPE varchar(3);"},
    {"C14", "ALTER TABLE app.\"Orders\" ADD COLUMN \"Extra\" json;"},
    {"C15", "ALTER TABLE app.\"Orders\" ADD COLUMN \"Since\" timestamp;"},
    {"C15", "ALTER TABLE app.\"Orders\" ADD COLUMN \"No\" serial;"},
    {"C17", "UPDATE \"Orders\" SET note = '' WHERE id = 1;"},
    {"K1", "ALTER TABLE app.\"Orders\" ADD CONSTRAINT \"Price ok\" CHECK (price > 0);"},
    {"K1", "ALTER TABLE app.\"Orders\" ADD CHECK (price > 0 AND note <> 'a, (b');"},
    {"K2", "ALTER TABLE app.\"Orders\" ADD FOREIGN KEY (customer_id, shop) REFERENCES "
           "app.customers (id, shop) ON DELETE SET NULL DEFERRABLE;"},
    {"K2",
     "ALTER TABLE app.\"Orders\" ADD FOREIGN KEY (customer_id) REFERENCES app.customers;"},
    {"K6",
     "ALTER TABLE app.\"Orders\" ADD UNIQUE (\"At\", shop, id) INCLUDE (note) DEFERRABLE;"},
    {"K6", "ALTER TABLE app.\"Orders\" ADD CONSTRAINT \"The Key\" PRIMARY KEY (id);"},
    {"K8", "ALTER TABLE app.\"Orders\" ADD UNIQUE (\"At\", shop);"},
    {"K8", "ALTER TABLE app.\"Orders\" ADD FOREIGN KEY (customer_id) REFERENCES app.customers "
           "(id);"},
    {"D7", "UPDATE app.\"Orders\" SET note = '' WHERE id = 1;"},
    {"R9", "CREATE OR REPLACE VIEW app.open_orders AS SELECT id FROM app.\"Orders\";"},
    {"R11",
     "CREATE OR REPLACE FUNCTION app.total() RETURNS int LANGUAGE sql SECURITY DEFINER AS "
     "'SELECT 1';"},
};

struct scene {
    struct test_server *server;
    PGconn *work;
    int version;
};

static int open_scene(void **state)
{
    struct scene *scene = mem_zero(1, sizeof *scene);
    scene->server = test_server_get();
    test_database_create(scene->server, "sql_safer");
    scene->work = session(scene->server, "sql_safer", "postgres", "work");
    scene->version = PQserverVersion(scene->work);
    run(scene->work, "SET client_min_messages = error");
    *state = scene;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *scene = *state;
    PQfinish(scene->work);
    test_database_drop(scene->server, "sql_safer");
    free(scene);
    return 0;
}

static const struct lint_column columns[] = {{.name = {"note", 4}, .type = {"text", 4}}};
/* As far as a rule has to know it: who runs the statement, and that policies hold for him. */
static const struct lint_relation relations[] = {
    {.name = {{"app", 3}, {"Orders", 6}},
     .kind = LINT_TABLE,
     .rows = 2000000,
     .bytes = -1,
     .recent_writes = -1,
     .columns = columns,
     .column_count = COUNT_OF(columns),
     .rls_enabled = true,
     .rls_forced = true},
};

static const struct lint_result *judge(const struct scene *scene, const char *sql,
                                       struct arena *arena)
{
    struct sql_script script;
    struct sql_trouble trouble;
    struct lint_context context = {.knows = LINT_NEEDS_ROLE,
                                   .version = scene->version,
                                   .role = STR("deploy"),
                                   .lock_timeout_us = -1,
                                   .statement_timeout_us = -1,
                                   .free_bytes = -1,
                                   .relations = relations,
                                   .relation_count = COUNT_OF(relations)};
    struct lint_file file = {.name = STR("1.sql"),
                             .text = str_from(sql),
                             .lock_timeout_us = -1,
                             .statement_timeout_us = -1};
    assert_true(sql_cut(file.text, NULL, arena, &script, &trouble));
    struct lint *lint = lint_new(arena, &context);
    lint_begin_file(lint, &file);
    sql_study(&script, scene->version / 10000, arena, lint_statement, lint);
    lint_end_file(lint);
    const struct lint_result *result = lint_finish(lint);
    lint_free(lint);
    return result;
}

/* Each statement by itself, as somebody would paste them; what wants a transaction gets one. */
static bool runs(const struct scene *scene, struct str safer, const char *rule)
{
    struct arena arena = {0};
    struct sql_script script;
    struct sql_trouble trouble;
    bool good = true;
    assert_true(sql_cut(safer, NULL, &arena, &script, &trouble));
    for (size_t i = 0; good && i < script.count; i++) {
        struct str text = sql_statement_text(&script, i);
        bool lock = str_starts(text, "LOCK ");
        if (lock) {
            run(scene->work, "BEGIN");
        }
        PGresult *result = PQexec(scene->work, str_text(&arena, text));
        ExecStatusType status = PQresultStatus(result);
        good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
        if (!good) {
            print_message("# %s: %.*s: %s", rule, STR_ARG(text), PQerrorMessage(scene->work));
        }
        PQclear(result);
        if (lock) {
            run(scene->work, "ROLLBACK");
        }
    }
    arena_release(&arena);
    return good;
}

static bool try_one(const struct scene *scene, const char *rule, const char *statement)
{
    struct arena arena = {0};
    const struct lint_result *result = judge(scene, statement, &arena);
    bool said = false;
    bool good = true;
    for (size_t i = 0; i < result->finding_count; i++) {
        const struct lint_finding *finding = &result->findings[i];
        if (strcmp(finding->rule->id, rule) == 0 && finding->safer.len > 0) {
            said = true;
            run(scene->work, fixture);
            good = runs(scene, finding->safer, rule) && good;
        }
    }
    if (!said) {
        print_message("# %s proposes nothing for: %s\n", rule, statement);
    }
    arena_release(&arena);
    return said && good;
}

static void proposals_run(void **state)
{
    const struct scene *scene = *state;
    size_t wrong = 0;
    for (size_t i = 0; i < COUNT_OF(proposals); i++) {
        wrong += !try_one(scene, proposals[i].rule, proposals[i].statement);
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proposals_run),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("sql_safer", tests, open_scene, close_scene);
}
