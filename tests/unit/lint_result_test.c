/* SPDX-License-Identifier: PostgreSQL */
/*
 * A result written and read again is the same result: for files of SQL beside a server that
 * is known, which fill every member that there is.
 */
#include "lint_server.h"

static const char file[] = "-- gonogo: waive C14 by anna: nobody compares them\n"
                           "ALTER TABLE orders ADD COLUMN extra json;\n"
                           "DROP TABLE customers CASCADE;\n"
                           "CREATE INDEX orders_note ON orders (note);\n"
                           "CREATE TABLE fresh (id bigint PRIMARY KEY);\n"
                           "ALTER TABLE fresh ADD COLUMN late text;\n"
                           "UPDATE orders SET note = 'x';\n"
                           "DO $$ BEGIN EXECUTE 'select 1'; END $$;\n"
                           "DROP INDEX orders_note;\n";

static const struct lint_result *study(struct room *room)
{
    open_with_server(room);
    room_study(room, file);
    (void)room_end(room);
    return room->result;
}

static struct str written(struct arena *arena, const struct lint_result *result)
{
    struct strbuf text = {0};
    lint_result_write(result, &text);
    struct str kept = str_dup(arena, strbuf_str(&text));
    strbuf_release(&text);
    return kept;
}

static void test_written_and_read_it_is_the_same(void **state)
{
    (void)state;
    struct room room;
    const struct lint_result *result = study(&room);
    struct str text = written(&room.arena, result);
    const struct lint_result *again = lint_result_read(text, &room.arena, NULL);
    assert_non_null(again);
    assert_words(written(&room.arena, again), str_text(&room.arena, text));
    for (int i = 0; i < LINT_SEVERITY__COUNT; i++) {
        assert_int_equal(again->by_severity[i], result->by_severity[i]);
    }
    assert_int_equal(again->finding_count, result->finding_count);
    assert_ptr_equal(again->findings[0].rule, result->findings[0].rule);
    assert_int_equal(again->files[0].statement_count, result->files[0].statement_count);
    room_close(&room);
}

/* A finding of the file as a whole has no statement, and a verdict that knows no rows has -1.
 */
static void test_what_is_no_number_stays_none(void **state)
{
    (void)state;
    struct room room;
    const struct lint_result *result = study(&room);
    struct lint_finding whole = result->findings[0];
    struct lint_result one = *result;
    whole.at.statement = SIZE_MAX;
    one.findings = &whole;
    one.finding_count = 1;
    const struct lint_result *again =
        lint_result_read(written(&room.arena, &one), &room.arena, NULL);
    assert_non_null(again);
    assert_true(again->findings[0].at.statement == SIZE_MAX);
    assert_int_equal(again->files[0].verdicts[0].rows, result->files[0].verdicts[0].rows);
    room_close(&room);
}

static void test_what_is_locked_alone_is_listed_once(void **state)
{
    (void)state;
    struct room room;
    const struct lint_result *result = study(&room);
    struct strbuf names = {0};
    for (size_t i = 0; i < result->exclusive_count; i++) {
        struct str name = sql_name_written(&room.arena, result->exclusive[i]);
        strbuf_format(&names, "%.*s\n", STR_ARG(name));
    }
    /* `fresh` is this file's own; UPDATE and CREATE INDEX let readers through. */
    assert_non_null(strstr(names.ptr, "public.orders\n"));
    assert_non_null(strstr(names.ptr, "public.customers\n"));
    assert_null(strstr(names.ptr, "fresh"));
    assert_null(strstr(strstr(names.ptr, "public.orders\n") + 1, "public.orders\n"));
    strbuf_release(&names);
    room_close(&room);
}

static void expect_refused(const char *text)
{
    struct arena arena = {0};
    struct err err = {0};
    assert_null(lint_result_read(str_from(text), &arena, &err));
    assert_int_equal(err.kind, ERR_RECORD);
    arena_release(&arena);
}

static void test_what_is_damaged_is_refused(void **state)
{
    (void)state;
    expect_refused("{\"v\":2}");
    expect_refused("{\"v\":1,\"findings\":[]}");
    expect_refused("{\"v\":1,\"findings\":[{\"rule\":\"L99\"}],\"destroyed\":[],"
                   "\"exclusive\":[],\"overall\":[{}],\"files\":[]}");
    expect_refused("{\"v\":1,\"findings\":[{\"rule\":\"L1\",\"severity\":\"grave\"}],"
                   "\"destroyed\":[],\"exclusive\":[],\"overall\":[{}],\"files\":[]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written_and_read_it_is_the_same),
        cmocka_unit_test(test_what_is_no_number_stays_none),
        cmocka_unit_test(test_what_is_locked_alone_is_listed_once),
        cmocka_unit_test(test_what_is_damaged_is_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
