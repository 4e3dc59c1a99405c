/* SPDX-License-Identifier: PostgreSQL */
/*
 * Verdicts from facts written by hand: the worst of a statement's actions, corrected by what
 * the server has and by what came before.
 */
#include "lint_server.h"

/* The verdict of one action beside that server. */
static struct lint_verdict judge(struct sql_action action)
{
    struct room room;
    open_with_server(&room);
    room_begin(&room);
    room_do(&room, "ALTER TABLE", action);
    struct lint_verdict verdict = *room_end(&room)->verdicts[0];
    verdict.lock_on = STR("");
    verdict.undo_sql = STR("");
    room_close(&room);
    return verdict;
}

/* ------------------------------------------------------------------------ work */

static void expect_type(const char *column, const char *type, int first, int second,
                        enum sql_work wanted)
{
    struct sql_column details = {
        .type = {.name = {STR(""), str_from(type)}, .modifiers = {first, second}}};
    struct sql_action action = act(SQL_FORM_ALTER_COLUMN_TYPE, "orders", column);
    action.column = &details;
    enum sql_work work = judge(action).work;
    if (work != wanted) {
        fail_msg("%s to %s(%d,%d): %s, wanted %s", column, type, first, second,
                 sql_work_name(work), sql_work_name(wanted));
    }
}

static void test_type_changes(void **state)
{
    (void)state;
    expect_type("note", "varchar", 80, -1, SQL_WORK_NONE);
    expect_type("note", "varchar", -1, -1, SQL_WORK_NONE);
    expect_type("note", "text", -1, -1, SQL_WORK_NONE);
    expect_type("note", "varchar", 20, -1, SQL_WORK_REWRITE);
    expect_type("price", "numeric", 12, 2, SQL_WORK_NONE);
    expect_type("price", "numeric", -1, -1, SQL_WORK_NONE);
    expect_type("price", "numeric", 12, 4, SQL_WORK_REWRITE);
    expect_type("price", "numeric", 8, 2, SQL_WORK_REWRITE);
    expect_type("placed", "timestamptz", -1, -1, SQL_WORK_REWRITE);
    expect_type("proved", "int8", -1, -1, SQL_WORK_REWRITE);
    expect_type("note", "mood", -1, -1, SQL_WORK_UNKNOWN);
    expect_type("nowhere", "text", -1, -1, SQL_WORK_UNKNOWN);
}

/* USING computes a value of its own for each row: the types alone promise nothing. */
static void test_type_change_with_using(void **state)
{
    (void)state;
    struct sql_column details = {
        .type = {.name = {STR(""), STR("text")}, .modifiers = {-1, -1}},
        .using_cast = {.present = true}};
    struct sql_action action = act(SQL_FORM_ALTER_COLUMN_TYPE, "orders", "note");
    action.column = &details;
    assert_int_equal(judge(action).work, SQL_WORK_UNKNOWN);
}

static void test_what_is_proved_is_not_scanned(void **state)
{
    (void)state;
    assert_int_equal(judge(act(SQL_FORM_SET_NOT_NULL, "orders", "note")).work, SQL_WORK_SCAN);
    assert_int_equal(judge(act(SQL_FORM_SET_NOT_NULL, "orders", "id")).work, SQL_WORK_NONE);
    assert_int_equal(judge(act(SQL_FORM_SET_NOT_NULL, "orders", "proved")).work, SQL_WORK_NONE);
    assert_int_equal(judge(act(SQL_FORM_VALIDATE_CONSTRAINT, "orders", "proved_check")).work,
                     SQL_WORK_NONE);
    assert_int_equal(
        judge(act(SQL_FORM_VALIDATE_CONSTRAINT, "orders", "orders_customer_fkey")).work,
        SQL_WORK_SCAN);
}

static void test_primary_key_using_index(void **state)
{
    (void)state;
    struct sql_constraint key = {.kind = SQL_CONSTRAINT_PRIMARY_KEY,
                                 .using_index = STR("orders_id")};
    struct sql_action action = act(SQL_FORM_ADD_CONSTRAINT_USING_INDEX, "orders", "pk");
    action.constraint = &key;
    assert_int_equal(judge(action).work, SQL_WORK_NONE);
    key.using_index = STR("orders_note"); /* its column may hold nulls */
    assert_int_equal(judge(action).work, SQL_WORK_SCAN);
}

static void test_size_of_what_is_worked_on(void **state)
{
    (void)state;
    struct lint_verdict verdict = judge(act(SQL_FORM_SET_NOT_NULL, "orders", "note"));
    assert_int_equal(verdict.rows, 5000000);
    assert_int_equal(verdict.bytes, 1200000000);
    verdict = judge(act(SQL_FORM_SET_NOT_NULL, "orders", "id"));
    assert_int_equal(verdict.rows, -1); /* nothing is read */
    struct sql_action attach = act(SQL_FORM_ATTACH_PARTITION, "orders", "");
    attach.other = (struct sql_name){STR(""), STR("lines")};
    assert_int_equal(judge(attach).rows, 20000000); /* of the partition */
    struct sql_action update = act(SQL_FORM_UPDATE, "orders", "");
    struct sql_change change = {.where = {.present = true}};
    update.change = &change;
    assert_int_equal(judge(update).rows, -1); /* those that it chose */
    change.where.always_true = true;
    assert_int_equal(judge(update).rows, 5000000);
}

/* ----------------------------------------------------------------------- locks */

static void test_strongest_lock(void **state)
{
    (void)state;
    struct room room;
    open_with_server(&room);
    room_begin(&room);
    struct sql_action actions[] = {act(SQL_FORM_SET_STATISTICS, "customers", "name"),
                                   act(SQL_FORM_ADD_FOREIGN_KEY_NOT_VALID, "orders", "fk"),
                                   act(SQL_FORM_SET_STATISTICS, "orders", "note")};
    actions[1].other = (struct sql_name){STR("public"), STR("lines")};
    actions[1].object.schema = STR("public");
    room_say(&room, "ALTER TABLE", actions, 3);
    const struct lint_verdict *verdict = room_end(&room)->verdicts[0];
    assert_int_equal(verdict->lock, SQL_LOCK_SHARE_ROW_EXCLUSIVE);
    assert_words(verdict->lock_on, "public.orders");
    assert_int_equal(verdict->more_locks, 2); /* customers and lines */
    assert_true(verdict->judged);
    room_close(&room);
}

/* However many they are, each relation is locked once, and as hard as anything asks. */
static void test_many_locks(void **state)
{
    (void)state;
    struct room room;
    struct strbuf sql = {0};
    strbuf_text(&sql, "LOCK TABLE ");
    for (int i = 0; i < 60; i++) {
        strbuf_format(&sql, "%sorders%d", i > 0 ? ", " : "", i % 30);
    }
    strbuf_text(&sql, " IN SHARE MODE;\nDROP TABLE orders7;\n");
    open_with_server(&room);
    room_study(&room, sql.ptr);
    const struct lint_file_result *file = room_end(&room);
    assert_int_equal(file->verdicts[0]->lock, SQL_LOCK_SHARE);
    assert_int_equal(file->verdicts[0]->more_locks, 29);
    assert_int_equal(file->verdicts[1]->lock, SQL_LOCK_ACCESS_EXCLUSIVE);
    assert_int_equal(file->verdicts[1]->more_locks, 0); /* those before are forgotten */
    strbuf_release(&sql);
    room_close(&room);
}

/* The new table is locked harder, and nobody waits for it. */
static void test_old_tables_before_new_ones(void **state)
{
    (void)state;
    struct room room;
    open_with_server(&room);
    room_begin(&room);
    room_do(&room, "CREATE TABLE", act(SQL_FORM_CREATE_TABLE, "fresh", ""));
    struct sql_action actions[] = {act(SQL_FORM_ADD_CHECK, "fresh", "c"),
                                   act(SQL_FORM_ADD_FOREIGN_KEY, "fresh", "f")};
    actions[1].other = (struct sql_name){STR(""), STR("orders")};
    room_say(&room, "ALTER TABLE", actions, 2);
    const struct lint_verdict *verdict = room_end(&room)->verdicts[1];
    assert_int_equal(verdict->lock, SQL_LOCK_SHARE_ROW_EXCLUSIVE);
    assert_words(verdict->lock_on, "orders");
    assert_float_equal(verdict->queued_per_second, 2.5, 0.001);
    room_close(&room);
}

static void test_who_queues(void **state)
{
    (void)state;
    assert_float_equal(judge(act(SQL_FORM_SET_NOT_NULL, "orders", "note")).queued_per_second,
                       42.5, 0.001); /* readers and writers behind ACCESS EXCLUSIVE */
    assert_float_equal(judge(act(SQL_FORM_CREATE_INDEX, "orders", "i")).queued_per_second, 2.5,
                       0.001); /* writers behind SHARE */
    assert_float_equal(
        judge(act(SQL_FORM_CREATE_INDEX_CONCURRENTLY, "orders", "i")).queued_per_second, 0,
        0.001);
    assert_float_equal(judge(act(SQL_FORM_UPDATE, "orders", "")).queued_per_second, 0, 0.001);
    struct lint_verdict verdict =
        judge(act(SQL_FORM_DROP_CONSTRAINT, "orders", "orders_customer_fkey"));
    assert_float_equal(verdict.queued_per_second, 49.5, 0.001); /* customers as well */
    assert_int_equal(verdict.more_locks, 1);
}

static void test_traffic_that_nobody_told(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    room_begin(&room);
    room_do(&room, "CREATE INDEX", act(SQL_FORM_CREATE_INDEX, "orders", "i"));
    room_do(&room, "UPDATE", act(SQL_FORM_UPDATE, "orders", ""));
    const struct lint_file_result *file = room_end(&room);
    assert_true(file->verdicts[0]->queued_per_second < 0);
    assert_float_equal(file->verdicts[1]->queued_per_second, 0, 0.001); /* stops nobody */
    assert_words(room.result->not_known,
                 "Not known: sizes, columns and dependents of tables, which statements run, "
                 "the rights of the role, the version of the server, other sessions and what "
                 "was applied before.");
    room_close(&room);
}

static void test_index_locks_its_table(void **state)
{
    (void)state;
    struct room room;
    open_with_server(&room);
    room_begin(&room);
    struct sql_action drop = act(SQL_FORM_DROP_INDEX, "orders_note", "");
    drop.kind = "index";
    drop.other = drop.object;
    room_do(&room, "DROP INDEX", drop);
    const struct lint_verdict *verdict = room_end(&room)->verdicts[0];
    assert_words(verdict->lock_on, "public.orders");
    assert_float_equal(verdict->queued_per_second, 42.5, 0.001);
    room_close(&room);
}

/* What says the same is kept once; a finding is of its statement, and of no other. */
static void test_a_finding_is_of_its_own_statement(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    room_study(&room, "UPDATE t SET a = 0 WHERE id = 0;\n" /* what is told once is told here */
                      "UPDATE t SET a = 1 WHERE id = 1;\n"
                      "UPDATE t SET a = 2;\nUPDATE t SET a = 3;\n");
    const struct lint_file_result *file = room_end(&room);
    const unsigned wanted[] = {0, 1, 1};
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        assert_int_equal(file->verdicts[i + 1]->finding_count, wanted[i]);
    }
    room_close(&room);
}

/* ----------------------------------------------------------------- second run */

static enum sql_rerun again(enum lint_transaction transaction, struct sql_action first,
                            struct sql_action second)
{
    struct room room;
    room_open(&room);
    room.file.transaction = transaction;
    room_begin(&room);
    room_do(&room, "FIRST", first);
    room_do(&room, "SECOND", second);
    const struct lint_verdict *verdict = room_end(&room)->verdicts[1];
    enum sql_rerun rerun = verdict->rerun;
    assert_int_equal(verdict->rerun_in_transaction, rerun == SQL_RERUN_YES);
    room_close(&room);
    return rerun;
}

static void test_second_run_of_pairs(void **state)
{
    (void)state;
    struct sql_action policy = act(SQL_FORM_CREATE_POLICY, "notes", "own");
    struct sql_action drop = guarded(SQL_FORM_DROP_POLICY, "notes", "own");
    assert_int_equal(again(LINT_TRANSACTION_ONE, drop, policy), SQL_RERUN_YES);
    assert_int_equal(again(LINT_TRANSACTION_EACH, drop, policy), SQL_RERUN_FAILS);
    drop.part = STR("other");
    assert_int_equal(again(LINT_TRANSACTION_ONE, drop, policy), SQL_RERUN_FAILS);
    drop = act(SQL_FORM_DROP_POLICY, "notes", "own"); /* it would fail itself */
    assert_int_equal(again(LINT_TRANSACTION_ONE, drop, policy), SQL_RERUN_FAILS);
    drop = guarded(SQL_FORM_DROP_COLUMN, "notes", "own"); /* another kind of thing */
    assert_int_equal(again(LINT_TRANSACTION_ONE, drop, policy), SQL_RERUN_FAILS);
    /* the table is new each time, and so is whatever is put on it */
    drop = guarded(SQL_FORM_DROP_TABLE, "notes", "");
    assert_int_equal(again(LINT_TRANSACTION_ONE, drop, policy), SQL_RERUN_YES);
    assert_int_equal(again(LINT_TRANSACTION_ONE, drop, act(SQL_FORM_INSERT, "notes", "")),
                     SQL_RERUN_YES);
    /* made if it is not there, and dropped at the end */
    assert_int_equal(again(LINT_TRANSACTION_ONE, guarded(SQL_FORM_CREATE_TABLE, "notes", ""),
                           act(SQL_FORM_DROP_TABLE, "notes", "")),
                     SQL_RERUN_YES);
    struct sql_index details = {0};
    struct sql_action index = act(SQL_FORM_CREATE_INDEX, "notes", "notes_mood");
    index.index = &details;
    assert_int_equal(
        again(LINT_TRANSACTION_ONE, guarded(SQL_FORM_DROP_INDEX, "notes_mood", ""), index),
        SQL_RERUN_YES);
}

static void test_worst_second_run_counts(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    room_begin(&room);
    struct sql_action actions[] = {guarded(SQL_FORM_ADD_COLUMN, "notes", "a"),
                                   act(SQL_FORM_ADD_COLUMN, "notes", "b")};
    room_say(&room, "ALTER TABLE", actions, 2);
    actions[1].conditional = true; /* perhaps behind IF NOT EXISTS (SELECT ...) */
    room_say(&room, "DO", actions, 2);
    const struct lint_file_result *file = room_end(&room);
    assert_int_equal(file->verdicts[0]->rerun, SQL_RERUN_FAILS);
    assert_int_equal(file->verdicts[1]->rerun, SQL_RERUN_UNKNOWN);
    room_close(&room);
}

/* ------------------------------------------------------------- loss and way back */

static void test_undo_in_reverse(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    room_begin(&room);
    struct sql_action actions[] = {act(SQL_FORM_ADD_COLUMN, "notes", "a"),
                                   act(SQL_FORM_ADD_CHECK, "notes", "c"),
                                   act(SQL_FORM_DROP_NOT_NULL, "notes", "d")};
    actions[0].undo_sql = STR("ALTER TABLE notes DROP COLUMN a");
    actions[1].undo_sql = STR("ALTER TABLE notes DROP CONSTRAINT c");
    actions[2].undo_sql = STR("ALTER TABLE notes ALTER COLUMN d SET NOT NULL");
    room_say(&room, "ALTER TABLE", actions, 2);
    actions[2].undo = SQL_UNDO_KNOWLEDGE; /* one that text cannot take back spoils it */
    room_say(&room, "ALTER TABLE", actions, 3);
    const struct lint_file_result *file = room_end(&room);
    assert_int_equal(file->verdicts[0]->undo, SQL_UNDO_STATEMENT);
    assert_words(file->verdicts[0]->undo_sql, "ALTER TABLE notes DROP CONSTRAINT c;\n"
                                              "ALTER TABLE notes DROP COLUMN a;");
    assert_int_equal(file->verdicts[1]->undo, SQL_UNDO_KNOWLEDGE);
    assert_words(file->verdicts[1]->undo_sql, "");
    room_close(&room);
}

static void test_own_tables_are_no_loss(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    room_begin(&room);
    room_do(&room, "CREATE TABLE", act(SQL_FORM_CREATE_TABLE, "fresh", ""));
    room_do(&room, "DROP TABLE", act(SQL_FORM_DROP_TABLE, "fresh", ""));
    lint_end_file(room.lint);
    room.file.is_undo = true; /* rows may have come since then */
    room.file.name = STR("001.undo.sql");
    room_begin(&room);
    room_do(&room, "DROP TABLE", act(SQL_FORM_DROP_TABLE, "elsewhere", ""));
    const struct lint_file_result *undo = room_end(&room);
    const struct lint_file_result *up = &room.result->files[0];
    assert_int_equal(up->verdicts[1]->loss, SQL_LOSS_NOTHING);
    assert_int_equal(up->verdicts[1]->undo, SQL_UNDO_KNOWLEDGE);
    assert_int_equal(undo->verdicts[0]->loss, SQL_LOSS_DATA);
    assert_int_equal(room.result->destroyed_count, 0); /* undo files do not run */
    room_close(&room);
}

static void test_what_cannot_be_judged(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    room_begin(&room);
    struct sql_statement newer = {.judgement = SQL_CANNOT_JUDGE, .tag = "", .head = {0, 1, 1}};
    struct sql_facts nothing = {0};
    lint_statement(room.lint, &newer, room.count++, &nothing);
    struct sql_opaque opaque = {.why = "dynamic SQL (EXECUTE)"};
    struct sql_action block = act(SQL_FORM_DO, "", "");
    struct sql_facts dark = {
        .actions = &block, .action_count = 1, .opaque = &opaque, .opaque_count = 1};
    newer.judgement = SQL_PARSED;
    lint_statement(room.lint, &newer, room.count++, &dark);
    struct sql_facts clear = {.actions = &block, .action_count = 1};
    lint_statement(room.lint, &newer, room.count++, &clear);
    const struct lint_file_result *file = room_end(&room);
    for (size_t i = 0; i < 2; i++) {
        const struct lint_verdict *verdict = file->verdicts[i];
        assert_false(verdict->judged);
        assert_int_equal(verdict->rerun, SQL_RERUN_UNKNOWN);
        assert_int_equal(verdict->loss, SQL_LOSS_UNKNOWN);
        assert_int_equal(verdict->undo, SQL_UNDO_UNKNOWN);
        assert_int_equal(verdict->work, SQL_WORK_UNKNOWN);
        assert_true(verdict->queued_per_second < 0);
    }
    assert_true(file->verdicts[2]->judged); /* a block into which everything could be seen */
    assert_int_equal(file->verdicts[2]->loss, SQL_LOSS_NOTHING);
    room_close(&room);
}

/* ------------------------------------------------------------------- many of them */

static void test_findings_in_verdicts(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    room_begin(&room);
    room_do(&room, "CREATE INDEX", act(SQL_FORM_CREATE_INDEX, "orders", "i"));
    room_do(&room, "SELECT", act(SQL_FORM_SELECT, "", ""));
    const struct lint_file_result *file = room_end(&room);
    size_t count = 0;
    for (size_t i = 0; i < room.result->finding_count; i++) {
        count += room.result->findings[i].at.statement == 0;
    }
    assert_true(count > 0);
    assert_int_equal(file->verdicts[0]->finding_count, count);
    assert_true(file->verdicts[0]->severity >= LINT_HIGH); /* L1 */
    assert_int_equal(file->verdicts[1]->finding_count, 0);
    assert_int_equal(file->verdicts[1]->severity, LINT_NOTE);
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_type_changes),
        cmocka_unit_test(test_type_change_with_using),
        cmocka_unit_test(test_what_is_proved_is_not_scanned),
        cmocka_unit_test(test_primary_key_using_index),
        cmocka_unit_test(test_size_of_what_is_worked_on),
        cmocka_unit_test(test_strongest_lock),
        cmocka_unit_test(test_many_locks),
        cmocka_unit_test(test_old_tables_before_new_ones),
        cmocka_unit_test(test_who_queues),
        cmocka_unit_test(test_traffic_that_nobody_told),
        cmocka_unit_test(test_index_locks_its_table),
        cmocka_unit_test(test_a_finding_is_of_its_own_statement),
        cmocka_unit_test(test_second_run_of_pairs),
        cmocka_unit_test(test_worst_second_run_counts),
        cmocka_unit_test(test_undo_in_reverse),
        cmocka_unit_test(test_own_tables_are_no_loss),
        cmocka_unit_test(test_what_cannot_be_judged),
        cmocka_unit_test(test_findings_in_verdicts),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
