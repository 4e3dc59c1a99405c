/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the analysis knows of a server, on a real one: each fact where it holds and where it
 * does not, and hostile names. The queries take no lock that would wait. (The role, its
 * settings and who is in the way: catalog_around_test.c; what hangs on what:
 * catalog_dependents_test.c.)
 */
#include "catalog_lint_world.h"

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
        cmocka_unit_test(hostile_names_come_through),
        cmocka_unit_test(a_locked_table_is_looked_at_all_the_same),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, build, drop);
}
