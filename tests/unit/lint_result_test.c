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
    assert_int_equal(again->files[0].verdicts[0]->rows, result->files[0].verdicts[0]->rows);
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

/* ---------------------------------------------------------------- in a row */

static size_t count_of(struct str text, const char *piece)
{
    struct strbuf copy = {0};
    strbuf_add(&copy, text);
    size_t count = 0;
    for (const char *at = copy.ptr; (at = strstr(at, piece)) != NULL; at++) {
        count++;
    }
    strbuf_release(&copy);
    return count;
}

/* Rows of one table: one verdict, however many; what has a finding has one of its own. */
static void test_what_is_said_again_is_kept_and_written_once(void **state)
{
    (void)state;
    struct room room;
    struct strbuf sql = {0};
    for (int i = 0; i < 50; i++) {
        strbuf_format(&sql, "INSERT INTO orders (id) VALUES (%d);\n", i);
    }
    strbuf_text(&sql, "DELETE FROM orders;\nINSERT INTO orders (id) VALUES (51);\n");
    open_with_server(&room);
    room_study(&room, sql.ptr);
    const struct lint_file_result *judged = room_end(&room);
    assert_int_equal(judged->statement_count, 52);
    assert_ptr_equal(judged->verdicts[1], judged->verdicts[49]);
    assert_int_equal(judged->verdicts[49]->finding_count, 0);
    assert_true(judged->verdicts[50]->finding_count > 0);
    struct str text = written(&room.arena, room.result);
    assert_int_equal(count_of(text, ",\"times\":49}\n"), 1);
    assert_int_equal(count_of(text, "\"times\""), 1);

    const struct lint_result *again = lint_result_read(text, &room.arena, NULL);
    assert_non_null(again);
    assert_int_equal(again->files[0].statement_count, 52);
    assert_ptr_equal(again->files[0].verdicts[1], again->files[0].verdicts[49]);
    assert_words(written(&room.arena, again), str_text(&room.arena, text));
    strbuf_release(&sql);
    room_close(&room);
}

/* Verdicts side by side that have a finding each are no longer one, and say what each has. */
static void test_a_finding_is_of_its_own_statement(void **state)
{
    (void)state;
    struct room room;
    open_with_server(&room);
    room_study(&room, "DELETE FROM orders;\nDELETE FROM orders;\n"
                      "-- gonogo: waive D5, D3 by anna: wanted\nDELETE FROM orders;\n");
    const struct lint_file_result *judged = room_end(&room);
    for (size_t i = 0; i < judged->statement_count; i++) {
        size_t count = 0;
        for (size_t j = 0; j < room.result->finding_count; j++) {
            const struct lint_finding *finding = &room.result->findings[j];
            count += finding->at.statement == i && !finding->waived;
        }
        assert_int_equal(judged->verdicts[i]->finding_count, count);
    }
    assert_true(judged->verdicts[0]->finding_count > judged->verdicts[2]->finding_count);
    room_close(&room);
}

/* ---------------------------------------------------------------- refused */

static void expect_refused(const char *text, const char *why)
{
    struct arena arena = {0};
    struct err err = {0};
    assert_null(lint_result_read(str_from(text), &arena, &err));
    assert_int_equal(err.kind, ERR_RECORD);
    if (!strstr(err.message, why)) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, why);
    }
    arena_release(&arena);
}

#define HEAD(findings, files)                                                                  \
    "{\"v\":3,\"findings\":" #findings ",\"destroyed\":0,\"exclusive\":0,"                     \
    "\"files\":" #files ",\"not_known\":\"\"}\n"
#define RISK "{\"severity\":\"low\"}\n"

static void test_what_is_damaged_is_refused(void **state)
{
    (void)state;
    expect_refused("", "line 1: is missing");
    expect_refused("[]\n", "line 1: is no object");
    expect_refused("{\"v\":1,\"not_known\":\"\"}\n", "another format");
    expect_refused("{\"v\":3}\n", "line 1: findings");
    expect_refused(HEAD(-1, 0), "line 1: findings");
    expect_refused(HEAD(1000000000000, 0), "line 1: findings");
    expect_refused(HEAD(0, 0), "line 2: is missing");
    expect_refused(HEAD(0, 0) "nonsense\n", "line 2: no valid JSON");
    expect_refused(HEAD(0, 0) RISK "{}\n", "line 2: more follows");
    expect_refused(HEAD(1, 0) "{\"rule\":\"L1\",\"severity\":\"grave\"}\n" RISK,
                   "line 2: severity");
    expect_refused(HEAD(1, 0) "{\"rule\":\"L99\"}\n" RISK, "findings");
    expect_refused(HEAD(1, 0) "{\"rule\":\"L1\"}\n" RISK, "findings"); /* of no file */
}

#define FILE_OF(statements)                                                                    \
    HEAD(0, 1)                                                                                 \
    RISK "{\"name\":\"a.sql\",\"counts\":0,\"statements\":" #statements                        \
         "}\n" RISK RISK RISK RISK RISK RISK

static void test_verdicts_are_as_many_as_statements(void **state)
{
    (void)state;
    struct arena arena = {0};
    const struct lint_result *result =
        lint_result_read(STR(FILE_OF(3) "{\"more_locks\":7}\n{\"times\":2}\n"), &arena, NULL);
    assert_non_null(result);
    assert_int_equal(result->files[0].verdicts[0]->more_locks, 7);
    assert_int_equal(result->files[0].verdicts[2]->more_locks, 0);
    assert_ptr_equal(result->files[0].verdicts[1], result->files[0].verdicts[2]);
    arena_release(&arena);

    expect_refused(FILE_OF(3) "{\"times\":2}\n", "line 11: is missing");
    expect_refused(FILE_OF(3) "{\"times\":4}\n", "line 10: times");
    expect_refused(FILE_OF(3) "{\"times\":0}\n", "line 10: times");
    expect_refused(FILE_OF(3) "{\"times\":-3}\n", "line 10: times");
    expect_refused(FILE_OF(3) "{\"times\":3}\n{}\n", "line 10: more follows");
    expect_refused(FILE_OF(-1), "line 3: statements");
    expect_refused(FILE_OF(9999999999999), "line 3: statements");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written_and_read_it_is_the_same),
        cmocka_unit_test(test_what_is_no_number_stays_none),
        cmocka_unit_test(test_what_is_locked_alone_is_listed_once),
        cmocka_unit_test(test_what_is_said_again_is_kept_and_written_once),
        cmocka_unit_test(test_a_finding_is_of_its_own_statement),
        cmocka_unit_test(test_what_is_damaged_is_refused),
        cmocka_unit_test(test_verdicts_are_as_many_as_statements),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
