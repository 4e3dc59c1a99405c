/* SPDX-License-Identifier: PostgreSQL */
/*
 * Snapshots from literals: sorting, hashing, names, the file form and back, and
 * the diff.
 */
#include "catalog.h"

#include <setjmp.h>
#include <cmocka.h>

#include "catalog_private.h"

/* One row per member: kind, schema, table, name, definition, position. */
typedef const char *member_row[6];

static struct catalog_snapshot snapshot_of(const member_row *members, size_t count)
{
    struct arena arena = {0};
    struct rows rows;
    struct catalog_counts counts = {{1, 2, 3}};
    struct catalog_snapshot snapshot;
    struct err err = {0};
    rows_init(&rows, &arena, COUNT_OF(members[0]));
    for (size_t i = 0; i < count; i++) {
        struct cell *cells = rows_add(&rows);
        for (size_t column = 0; column < COUNT_OF(members[0]); column++) {
            cells[column].text = str_from(members[i][column]);
            cells[column].is_null = members[i][column] == NULL;
        }
    }
    if (!catalog_snapshot_read(&snapshot, STR("app"), &counts, &rows, &err)) {
        fail_msg("%s", err.message);
    }
    arena_release(&arena);
    return snapshot;
}

static void the_order_of_rows_does_not_matter(void **state)
{
    (void)state;
    static const member_row one[] = {{"tables", "public", "", "a", "table", "0"},
                                     {"tables", "public", "", "B", "table", "0"}};
    static const member_row two[] = {{"tables", "public", "", "B", "table", "0"},
                                     {"tables", "public", "", "a", "table", "0"}};
    struct catalog_snapshot first = snapshot_of(one, 2);
    struct catalog_snapshot second = snapshot_of(two, 2);
    assert_string_equal(first.hash.text, second.hash.text);
    assert_true(str_eq(first.members[0].name, "B")); /* bytes, not a collation */
    catalog_snapshot_release(&first);
    catalog_snapshot_release(&second);
}

static void a_name_cannot_look_like_two(void **state)
{
    (void)state;
    static const member_row one[] = {{"constraints", "s", "t,1:x", "n", "d", "0"}};
    static const member_row two[] = {{"constraints", "s", "t", "1:x,n", "d", "0"}};
    struct catalog_snapshot first = snapshot_of(one, 1);
    struct catalog_snapshot second = snapshot_of(two, 1);
    assert_string_not_equal(first.hash.text, second.hash.text);
    catalog_snapshot_release(&first);
    catalog_snapshot_release(&second);
}

static void positions_are_hashed_apart(void **state)
{
    (void)state;
    static const member_row one[] = {{"columns", "s", "t", "a", "int", "1"}};
    static const member_row two[] = {{"columns", "s", "t", "a", "int", "2"}};
    struct catalog_snapshot first = snapshot_of(one, 1);
    struct catalog_snapshot second = snapshot_of(two, 1);
    struct catalog_diff diff;
    assert_string_equal(first.hash.text, second.hash.text);
    assert_string_not_equal(first.order_hash.text, second.order_hash.text);
    catalog_diff(&diff, &first, &second);
    assert_int_equal(diff.count, 1);
    assert_int_equal(diff.changes[0].what, CATALOG_REORDERED);
    catalog_diff_release(&diff);
    catalog_snapshot_release(&first);
    catalog_snapshot_release(&second);
}

static void a_definition_that_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct rows rows;
    struct catalog_counts counts = {{0}};
    struct catalog_snapshot snapshot;
    struct err err = {0};
    rows_init(&rows, &arena, 6);
    struct cell *cells = rows_add(&rows);
    cells[0].text = STR("views");
    cells[3].text = STR("v");
    cells[4].is_null = true;
    assert_false(catalog_snapshot_read(&snapshot, STR("app"), &counts, &rows, &err));
    assert_int_equal(err.kind, ERR_CHECK);
    cells[4].is_null = false;
    rows.cut = true; /* half a catalog is no catalog */
    assert_false(catalog_snapshot_read(&snapshot, STR("app"), &counts, &rows, &err));
    arena_release(&arena);
}

static void a_file_that_was_changed_is_refused(void **state)
{
    (void)state;
    static const member_row members[] = {
        {"rls_policies", "public", "orders", "see \"own\"\n", "using (true)", "0"}};
    struct catalog_snapshot snapshot = snapshot_of(members, 1);
    struct catalog_snapshot back;
    struct strbuf text = {0};
    struct err err = {0};
    catalog_snapshot_write(&snapshot, &text);
    assert_true(catalog_snapshot_parse(&back, strbuf_str(&text), &err));
    assert_true(str_is(back.members[0].name, snapshot.members[0].name));
    assert_int_equal(back.counts.value[1], 2);
    catalog_snapshot_release(&back);
    static const char *const edits[][2] = {{"using (true)", "using (null)"},
                                           {"\"v\":1", "\"v\":2"},
                                           {"\"tables\":1", "\"tables\":9"}};
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        char *copy = mem_text(text.ptr);
        char *place = strstr(copy, edits[i][0]);
        assert_non_null(place);
        memcpy(place, edits[i][1], strlen(edits[i][1]));
        assert_false(catalog_snapshot_parse(&back, str_from(copy), &err));
        assert_int_equal(err.kind, ERR_RECORD);
        free(copy);
    }
    strbuf_release(&text);
    catalog_snapshot_release(&snapshot);
}

static void names_as_plans_write_them(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct catalog_member policy = {.kind = COUNT_RLS_POLICIES,
                                    .schema = STR("public"),
                                    .table = STR("or.ders"),
                                    .name = STR("see own")};
    struct catalog_member function = {
        .kind = COUNT_FUNCTIONS, .schema = STR("app"), .name = STR("f(integer, text)")};
    struct catalog_member key = {.kind = COUNT_FOREIGN_KEYS,
                                 .schema = STR("public"),
                                 .table = STR("orders"),
                                 .name = STR("k")};
    struct str home = STR("public");
    assert_true(catalog_member_is(&policy, STR("or.ders.see own"), home));
    assert_true(catalog_member_is(&policy, STR("public.or.ders.see own"), STR("x")));
    assert_false(catalog_member_is(&policy, STR("see own"), home));
    assert_false(catalog_member_is(&policy, STR("or.ders.see own"), STR("x")));
    assert_true(catalog_member_is(&function, STR("app.f"), home));
    assert_true(catalog_member_is(&function, STR("app.f(integer, text)"), home));
    assert_false(catalog_member_is(&function, STR("f"), home));
    assert_false(catalog_member_is(&function, STR("app.f(integer)"), home));
    assert_true(catalog_member_is(&key, STR("k"), home));
    assert_true(catalog_member_is(&key, STR("orders.k"), home));
    assert_true(catalog_member_is(&key, STR("public.orders.k"), home));
    assert_false(catalog_member_is(&key, STR(""), home));
    assert_true(str_eq(catalog_member_label(&arena, &policy, home), "or.ders.see own"));
    assert_true(str_eq(catalog_member_label(&arena, &function, home), "app.f(integer, text)"));
    arena_release(&arena);
}

static void array_texts_are_quoted(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct str items[] = {STR("a b"), STR("q\"\\"), STR("NULL"), STR("")};
    assert_true(
        str_eq(catalog_array_text(&arena, items, 4), "{\"a b\",\"q\\\"\\\\\",\"NULL\",\"\"}"));
    assert_true(str_eq(catalog_array_text(&arena, NULL, 0), "{}"));
    arena_release(&arena);
}

static void tables_of_words_are_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT__COUNT; i++) {
        enum count_kind kind;
        assert_int_equal(catalog_count_infos[i].kind, i);
        assert_true(catalog_count_kind(str_from(catalog_count_infos[i].word), &kind));
        assert_int_equal(kind, i);
    }
    for (size_t i = 0; i < CATALOG_LEDGER__COUNT; i++) {
        enum catalog_ledger_style style;
        assert_int_equal(catalog_ledger_infos[i].style, i);
        assert_true(catalog_ledger_style(str_from(catalog_ledger_infos[i].word), &style));
        assert_int_equal(style, i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_of_rows_does_not_matter),
        cmocka_unit_test(a_name_cannot_look_like_two),
        cmocka_unit_test(positions_are_hashed_apart),
        cmocka_unit_test(a_definition_that_cannot_be_read_is_an_error),
        cmocka_unit_test(a_file_that_was_changed_is_refused),
        cmocka_unit_test(names_as_plans_write_them),
        cmocka_unit_test(array_texts_are_quoted),
        cmocka_unit_test(tables_of_words_are_in_order),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
