/* SPDX-License-Identifier: PostgreSQL */
/*
 * The ledger in its five styles on a real server: made, filled, read, found,
 * removed; a table that somebody else made is used as it is. The session's
 * search_path is the application's, with a shadow operator in it.
 */
#include "catalog_driver.h"

#define DATABASE "catalog_ledger"

struct setting {
    PGconn *session;
    struct arena arena;
    struct catalog_ledger ledger;
    struct catalog_ledger_list list;
    struct strbuf sql;
    struct catalog_params params;
};

static struct setting *begin(enum catalog_ledger_style style, const char *table)
{
    struct setting *setting = mem_zero(1, sizeof(*setting));
    setting->session = driver_connect(DATABASE, "postgres");
    driver_do(setting->session, "set search_path = public; begin");
    catalog_ledger_init(&setting->ledger, style, str_from(table), STR("public"),
                        &setting->arena);
    return setting;
}

static void end(struct setting *setting)
{
    driver_do(setting->session, "rollback");
    PQfinish(setting->session);
    strbuf_release(&setting->sql);
    arena_release(&setting->arena);
    free(setting);
}

static void send(struct setting *setting)
{
    struct str params[CATALOG_PARAMS_MAX] = {{0}};
    struct rows rows;
    for (size_t i = 0; i < setting->params.count; i++) {
        params[i] = setting->params.values[i].is_null ? (struct str){0}
                                                      : setting->params.values[i].text;
    }
    driver_ask(setting->session, &setting->arena, setting->sql.ptr, params,
               setting->params.count, &rows);
    strbuf_clear(&setting->sql);
    if (rows.column_count > 0) {
        struct err err = {0};
        assert_true(catalog_ledger_read(&setting->ledger, &rows, &setting->arena,
                                        &setting->list, &err));
    }
}

static bool look(struct setting *setting, struct err *err)
{
    struct str params[] = {setting->ledger.schema, setting->ledger.table};
    struct rows rows;
    driver_ask(setting->session, &setting->arena, catalog_ledger_columns_query(), params, 2,
               &rows);
    return catalog_ledger_columns_read(&setting->ledger, &rows, &setting->arena, err);
}

static const struct catalog_ledger_entry *find(struct setting *setting,
                                               const struct catalog_ledger_entry *entry)
{
    setting->params.count = 0;
    catalog_ledger_all(&setting->ledger, &setting->sql);
    send(setting);
    return catalog_ledger_find(&setting->ledger, &setting->list, entry);
}

static struct catalog_ledger_entry entry_of(const char *version, const char *name)
{
    return (struct catalog_ledger_entry){
        .version = str_from(version),
        .name = str_from(name),
        .description = STR("fix it's \"all\""),
        .checksum = STR("abc"),
        .duration_ms = 234,
        .run_id = STR("run-1"),
        .journal_head = STR("head"),
    };
}

static void row_D1_every_style_is_made_written_and_read(void **state)
{
    (void)state;
    for (size_t style = 0; style < CATALOG_LEDGER__COUNT; style++) {
        struct setting *setting = begin((enum catalog_ledger_style)style, "");
        struct err err = {0};
        struct str statements[] = {STR("select 'a,b'"), STR("{\"x\\y\"}")};
        struct catalog_ledger_entry first = entry_of("010", "010_first");
        struct catalog_ledger_entry second = entry_of("011", "011_second");
        second.statements = statements;
        second.statement_count = 2;
        assert_true(look(setting, &err));
        assert_false(setting->ledger.exists);
        if (catalog_ledger_create_schema(&setting->ledger, &setting->sql)) {
            send(setting);
        }
        catalog_ledger_create(&setting->ledger, &setting->sql);
        send(setting);
        catalog_ledger_created(&setting->ledger);
        size_t columns = setting->ledger.column_count;
        assert_true(look(setting, &err));
        assert_int_equal(setting->ledger.column_count, columns);
        catalog_ledger_insert(&setting->ledger, &first, &setting->arena, &setting->sql,
                              &setting->params);
        send(setting);
        assert_null(find(setting, &second));
        catalog_ledger_insert(&setting->ledger, &second, &setting->arena, &setting->sql,
                              &setting->params);
        send(setting);
        assert_non_null(find(setting, &first));
        const struct catalog_ledger_entry *found = find(setting, &second);
        assert_non_null(found);
        assert_false(found->dirty);
        if (style == CATALOG_LEDGER_PLAIN) {
            assert_true(str_eq(found->checksum, "abc"));
            assert_int_equal(found->duration_ms, 234);
            assert_true(found->applied_at_us > 0);
        }
        catalog_ledger_one(&setting->ledger, &second, &setting->sql, &setting->params);
        send(setting);
        assert_non_null(catalog_ledger_find(&setting->ledger, &setting->list, &second));
        catalog_ledger_remove(&setting->ledger, &second, STR("010"), &setting->sql,
                              &setting->params);
        send(setting);
        assert_null(find(setting, &second));
        assert_non_null(find(setting, &first));
        end(setting);
    }
}

/* What is left out of the counts is what was made, in every style. */
static void row_D1_what_is_made_is_what_is_left_out(void **state)
{
    (void)state;
    for (size_t style = 0; style < CATALOG_LEDGER__COUNT; style++) {
        struct setting *setting = begin((enum catalog_ledger_style)style, "");
        struct catalog_counts before = driver_counts(setting->session, &setting->arena, "{}");
        if (catalog_ledger_create_schema(&setting->ledger, &setting->sql)) {
            send(setting);
        }
        catalog_ledger_create(&setting->ledger, &setting->sql);
        send(setting);
        struct catalog_snapshot snapshot =
            driver_snapshot(setting->session, &setting->arena, "{}");
        struct catalog_counts made;
        catalog_ledger_counts(&setting->ledger, &made);
        for (size_t i = 0; i < COUNT__COUNT; i++) {
            assert_int_equal(snapshot.counts.value[i] - before.value[i], made.value[i]);
        }
        catalog_snapshot_leave_out(&snapshot, setting->ledger.schema, setting->ledger.table);
        assert_memory_equal(&snapshot.counts, &before, sizeof(before));
        catalog_snapshot_release(&snapshot);
        end(setting);
    }
}

static void a_table_that_is_there_is_used_as_it_is(void **state)
{
    (void)state;
    struct setting *setting = begin(CATALOG_LEDGER_PLAIN, "odd.\"led\"ger");
    struct err err = {0};
    struct catalog_ledger_entry entry = entry_of("011", "011_x");
    driver_do(setting->session, "create schema odd; create table odd.\"\"\"led\"\"ger\" "
                                "(version bigint primary key, description text, who text)");
    assert_true(look(setting, &err));
    assert_int_equal(setting->ledger.column_count, 3);
    catalog_ledger_insert(&setting->ledger, &entry, &setting->arena, &setting->sql,
                          &setting->params);
    send(setting);
    assert_non_null(find(setting, &entry)); /* the column gives 11 back for 011 */
    end(setting);
}

static void row_B1_a_row_that_the_file_wrote_is_filled(void **state)
{
    (void)state;
    struct setting *setting = begin(CATALOG_LEDGER_PLAIN, "");
    struct catalog_ledger_entry entry = entry_of("011", "011_x");
    catalog_ledger_create(&setting->ledger, &setting->sql);
    send(setting);
    catalog_ledger_created(&setting->ledger);
    driver_do(setting->session, "insert into public.schema_migrations (version, description) "
                                "values ('011', 'by the file')");
    assert_true(catalog_ledger_fill(&setting->ledger, &entry, &setting->sql, &setting->params));
    send(setting);
    const struct catalog_ledger_entry *found = find(setting, &entry);
    assert_true(str_eq(found->description, "by the file"));
    assert_true(str_eq(found->checksum, "abc"));
    setting->ledger.style = CATALOG_LEDGER_DBMATE;
    assert_false(
        catalog_ledger_fill(&setting->ledger, &entry, &setting->sql, &setting->params));
    end(setting);
}

static void a_table_without_the_key_is_refused(void **state)
{
    (void)state;
    struct setting *setting = begin(CATALOG_LEDGER_NODE, "");
    struct err err = {0};
    driver_do(setting->session, "create table public.pgmigrations (id int)");
    assert_false(look(setting, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    end(setting);
}

static void a_shadow_operator_is_not_called(void **state)
{
    (void)state;
    struct setting *setting = begin(CATALOG_LEDGER_PLAIN, "");
    struct catalog_ledger_entry entry = entry_of("011", "011_x");
    driver_do(setting->session,
              "create function public.spring(a text, b text) returns bool language plpgsql as "
              "$$ begin raise 'a shadow was called'; end $$;"
              "create operator public.= (leftarg = text, rightarg = text, "
              "function = public.spring);"
              "set search_path = public, pg_catalog");
    catalog_ledger_create(&setting->ledger, &setting->sql);
    send(setting);
    catalog_ledger_created(&setting->ledger);
    catalog_ledger_insert(&setting->ledger, &entry, &setting->arena, &setting->sql,
                          &setting->params);
    send(setting);
    catalog_ledger_one(&setting->ledger, &entry, &setting->sql, &setting->params);
    send(setting);
    assert_int_equal(setting->list.count, 1);
    catalog_ledger_remove(&setting->ledger, &entry, STR(""), &setting->sql, &setting->params);
    send(setting);
    assert_null(find(setting, &entry));
    end(setting);
}

static int build(void **state)
{
    (void)state;
    test_database_create(test_server_get(), DATABASE);
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
        cmocka_unit_test(row_D1_every_style_is_made_written_and_read),
        cmocka_unit_test(row_D1_what_is_made_is_what_is_left_out),
        cmocka_unit_test(a_table_that_is_there_is_used_as_it_is),
        cmocka_unit_test(row_B1_a_row_that_the_file_wrote_is_filled),
        cmocka_unit_test(a_table_without_the_key_is_refused),
        cmocka_unit_test(a_shadow_operator_is_not_called),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, build, drop);
}
