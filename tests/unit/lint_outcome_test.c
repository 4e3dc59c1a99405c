/* SPDX-License-Identifier: PostgreSQL */
/*
 * What is destroyed, by whom and how much of it, and the counts that become the summary of a
 * file, from facts written by hand.
 */
#include "lint_server.h"

/* ------------------------------------------------------------------- destroyed */

static void expect_destroyed(const struct room *room, const char *wanted)
{
    struct strbuf out = {0};
    for (size_t i = 0; i < room->result->destroyed_count; i++) {
        const struct lint_destroyed *entry = &room->result->destroyed[i];
        strbuf_format(&out, "%d %s %.*s%s%s", entry->at.place.line, entry->kind,
                      STR_ARG(entry->name), entry->by_cascade ? " by cascade" : "",
                      entry->named_by_plan ? " named" : "");
        if (entry->rows >= 0) {
            strbuf_format(&out, " rows=%lld", (long long)entry->rows);
        }
        if (entry->recent_writes > 0) {
            strbuf_format(&out, " writes=%lld", (long long)entry->recent_writes);
        }
        if (entry->referenced_by.len > 0) {
            strbuf_format(&out, " by: %.*s", STR_ARG(entry->referenced_by));
        }
        strbuf_byte(&out, '\n');
    }
    struct arena arena = {0};
    assert_string_equal(str_text(&arena, strbuf_str(&out)), wanted);
    arena_release(&arena);
    strbuf_release(&out);
}

static struct sql_action cascade(enum sql_form form, const char *object, const char *part)
{
    struct sql_action action = act(form, object, part);
    action.cascade = true;
    return action;
}

static void test_destroyed_with_cascade(void **state)
{
    (void)state;
    static const struct str victims[] = {{"orders", 6}, {"view v_orders", 13}};
    struct room room;
    open_with_server(&room);
    room.file.named_victims = victims;
    room.file.named_victim_count = COUNT_OF(victims);
    room_begin(&room);
    room_do(&room, "DROP TABLE", cascade(SQL_FORM_DROP_TABLE, "orders", ""));
    room_do(&room, "DROP TABLE", guarded(SQL_FORM_DROP_TABLE, "orders", "")); /* again */
    room_do(&room, "DROP TABLE", guarded(SQL_FORM_DROP_TABLE, "never_was", ""));
    room_do(&room, "DROP TABLE", cascade(SQL_FORM_DROP_TABLE, "lines", ""));
    (void)room_end(&room);
    expect_destroyed(&room,
                     "1 table orders named rows=5000000 writes=12 by: public.lines, view "
                     "v_orders, policy orders.own\n"
                     "1 view v_orders by cascade named\n"
                     "1 view v_top by cascade\n"
                     "1 policy orders.own by cascade\n"
                     "1 foreign key of public.lines by cascade\n"
                     "4 table lines rows=20000000\n");
    room_close(&room);
}

static void test_destroyed_columns_and_rows(void **state)
{
    (void)state;
    struct room room;
    open_with_server(&room);
    room_begin(&room);
    room_do(&room, "ALTER TABLE", cascade(SQL_FORM_DROP_COLUMN, "orders", "note"));
    room_do(&room, "TRUNCATE", cascade(SQL_FORM_TRUNCATE, "orders", ""));
    struct sql_change some = {.where = {.present = true}};
    struct sql_action delete = act(SQL_FORM_DELETE, "customers", "");
    delete.change = &some;
    room_do(&room, "DELETE", delete);
    room_do(&room, "DELETE", delete);
    struct sql_action own = act(SQL_FORM_ADD_COLUMN, "orders", "fresh");
    room_do(&room, "ALTER TABLE", own);
    room_do(&room, "ALTER TABLE", act(SQL_FORM_DROP_COLUMN, "orders", "fresh"));
    (void)room_end(&room);
    expect_destroyed(&room,
                     "1 column orders.note rows=5000000 writes=12 by: policy orders.own\n"
                     "1 policy orders.own by cascade\n"
                     "2 rows of orders rows=5000000 writes=12 by: public.lines, view v_orders, "
                     "policy orders.own\n"
                     "2 rows of public.lines by cascade rows=20000000\n"
                     "3 some rows of customers rows=10\n");
    room_close(&room);
}

static void test_destroyed_schema(void **state)
{
    (void)state;
    struct room room;
    open_with_server(&room);
    room_begin(&room);
    struct sql_action first = act(SQL_FORM_DROP_TABLE, "lines", "");
    room_do(&room, "DROP TABLE", first);
    room_do(&room, "DROP SCHEMA", cascade(SQL_FORM_DROP_SCHEMA, "public", ""));
    (void)room_end(&room);
    expect_destroyed(&room, "1 table lines rows=20000000\n"
                            "2 schema public\n"
                            "2 table public.orders by cascade rows=5000000 writes=12 by: "
                            "public.lines (dropped first), view v_orders, policy orders.own\n"
                            "2 view public.v_orders by cascade by: view v_top\n"
                            "2 table public.customers by cascade rows=10\n");
    room_close(&room);
}

static const struct lint_dependent old_dependents[] = {
    {.kind = "foreign key", .name = {"old.lines.lines_fkey", 20}, .dropped_by_cascade = true},
    {.kind = "foreign key", .name = {"bills.bills_fkey", 16}, .dropped_by_cascade = true},
    {.kind = "view", .name = {"v_old", 5}, .dropped_by_cascade = true},
    {.kind = "view", .name = {"old.v_own", 9}, .dropped_by_cascade = true},
    {.kind = "function", .name = {"old.f(a old.orders)", 19}, .dropped_by_cascade = true},
    {.kind = "function", .name = {"g(a old.orders)", 15}, .dropped_by_cascade = true},
};
static const struct sql_name old_references[] = {{{"old", 3}, {"lines", 5}},
                                                 {{"public", 6}, {"bills", 5}}};
static const struct lint_column bill_columns[] = {
    {.name = {"mood", 4}, .type = {"old.mood", 8}},
    {.name = {"older", 5}, .type = {"older.mood", 10}},
};
static const struct lint_relation two_schemas[] = {
    {.name = {{"old", 3}, {"lines", 5}}, .kind = LINT_TABLE, .rows = 1, .bytes = -1},
    {.name = {{"old", 3}, {"orders", 6}},
     .kind = LINT_TABLE,
     .rows = 3,
     .bytes = -1,
     .dependents = old_dependents,
     .dependent_count = COUNT_OF(old_dependents),
     .referenced_by = old_references,
     .referenced_by_count = COUNT_OF(old_references)},
    {.name = {{"old", 3}, {"v_own", 5}}, .kind = LINT_VIEW, .rows = -1, .bytes = -1},
    {.name = {{"public", 6}, {"bills", 5}},
     .kind = LINT_TABLE,
     .rows = 2,
     .bytes = -1,
     .columns = bill_columns,
     .column_count = COUNT_OF(bill_columns)},
    {.name = {{"public", 6}, {"v_old", 5}}, .kind = LINT_VIEW, .rows = -1, .bytes = -1},
};

static void open_with_two_schemas(struct room *room)
{
    open_with_server(room);
    room->context.relations = two_schemas;
    room->context.relation_count = COUNT_OF(two_schemas);
    room_begin(room);
}

/* Whatever stands in other schemas, and goes along. */
static void test_destroyed_beyond_the_schema(void **state)
{
    (void)state;
    struct room room;
    open_with_two_schemas(&room);
    room_do(&room, "DROP SCHEMA", cascade(SQL_FORM_DROP_SCHEMA, "old", ""));
    (void)room_end(&room);
    expect_destroyed(&room, "1 schema old\n"
                            "1 table old.lines by cascade rows=1\n"
                            "1 table old.orders by cascade rows=3 by: old.lines, "
                            "public.bills, view v_old and 3 more\n"
                            "1 view old.v_own by cascade\n"
                            "1 foreign key bills.bills_fkey by cascade\n"
                            "1 view v_old by cascade\n"
                            "1 function g(a old.orders) by cascade\n"
                            "1 column public.bills.mood by cascade rows=2\n");
    room_close(&room);
}

/* A key whose name is known is told once, in whatever schema its table is. */
static void test_destroyed_keys_of_another_schema(void **state)
{
    (void)state;
    struct room room;
    open_with_two_schemas(&room);
    struct sql_action drop = cascade(SQL_FORM_DROP_TABLE, "orders", "");
    drop.object.schema = STR("old");
    room_do(&room, "DROP TABLE", drop);
    (void)room_end(&room);
    expect_destroyed(&room, "1 table old.orders rows=3 by: old.lines, public.bills, view "
                            "v_old and 3 more\n"
                            "1 foreign key old.lines.lines_fkey by cascade\n"
                            "1 foreign key bills.bills_fkey by cascade\n"
                            "1 view v_old by cascade\n"
                            "1 view old.v_own by cascade\n"
                            "1 function old.f(a old.orders) by cascade\n"
                            "1 function g(a old.orders) by cascade\n");
    room_close(&room);
}

/* --------------------------------------------------------------------- counts */

static void test_summary_of_an_additive_file(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    room_begin(&room);
    struct sql_action table[] = {guarded(SQL_FORM_CREATE_TABLE, "plans", ""),
                                 guarded(SQL_FORM_ADD_COLUMN, "plans", "id")};
    table[1].inside = true;
    room_say(&room, "CREATE TABLE", table, 2);
    struct sql_action columns[] = {guarded(SQL_FORM_ADD_COLUMN, "progress", "a"),
                                   guarded(SQL_FORM_ADD_COLUMN, "progress", "b")};
    room_say(&room, "ALTER TABLE", columns, 2);
    room_do(&room, "CREATE INDEX", guarded(SQL_FORM_CREATE_INDEX, "plans", "i"));
    room_do(&room, "CREATE INDEX", guarded(SQL_FORM_CREATE_INDEX, "progress", "j"));
    room_do(&room, "ALTER TABLE", act(SQL_FORM_ENABLE_RLS, "plans", ""));
    room_do(&room, "CREATE POLICY", act(SQL_FORM_CREATE_POLICY, "plans", "own"));
    const struct lint_file_result *file = room_end(&room);
    assert_words(file->summary,
                 "drops nothing, alters nothing existing, adds 1 table, 2 columns, 2 indexes, "
                 "1 policy; rerun-safe except CREATE POLICY at 6:1");
    room_close(&room);
}

static void test_summary_of_a_destructive_file(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    room_begin(&room);
    room_do(&room, "DROP TABLE", act(SQL_FORM_DROP_TABLE, "a", ""));
    room_do(&room, "DROP TABLE", act(SQL_FORM_DROP_TABLE, "b", ""));
    room_do(&room, "ALTER TABLE", act(SQL_FORM_SET_NOT_NULL, "c", "x"));
    room_do(&room, "ALTER TABLE", act(SQL_FORM_SET_DEFAULT, "c", "x"));
    room_do(&room, "UPDATE", act(SQL_FORM_UPDATE, "c", ""));
    room_do(&room, "UPDATE", act(SQL_FORM_UPDATE, "c", ""));
    struct sql_action keys[] = {guarded(SQL_FORM_ADD_FOREIGN_KEY, "c", "k"),
                                guarded(SQL_FORM_ADD_FOREIGN_KEY, "c", "l")};
    room_say(&room, "ALTER TABLE", keys, 2);
    room_do(&room, "INSERT", act(SQL_FORM_INSERT, "d", ""));
    room_do(&room, "CREATE TABLE", act(SQL_FORM_CREATE_TABLE, "e", ""));
    room_do(&room, "DROP TABLE", act(SQL_FORM_DROP_TABLE, "e", ""));
    const struct lint_file_result *file = room_end(&room);
    assert_words(file->summary,
                 "drops 2 tables, alters 1 column, adds 2 foreign keys, adds rows to 1 table, "
                 "changes rows of 1 table; not rerun-safe: 5 of 10 statements, the first DROP "
                 "TABLE at 1:1; a "
                 "second run of 2 statements is not known, the first UPDATE at 5:1");
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_destroyed_with_cascade),
        cmocka_unit_test(test_destroyed_columns_and_rows),
        cmocka_unit_test(test_destroyed_schema),
        cmocka_unit_test(test_destroyed_beyond_the_schema),
        cmocka_unit_test(test_destroyed_keys_of_another_schema),
        cmocka_unit_test(test_summary_of_an_additive_file),
        cmocka_unit_test(test_summary_of_a_destructive_file),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
