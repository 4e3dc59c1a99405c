/* SPDX-License-Identifier: PostgreSQL */
/*
 * The risk table: five levels with their reasons, and the worst of them.
 */
#include "lint_room.h"

static void expect(const struct lint_risk_level *level, enum lint_severity severity,
                   const char *part)
{
    struct arena arena = {0};
    const char *why = str_text(&arena, level->why);
    if (level->severity != severity || strstr(why, part) == NULL) {
        fail_msg("%s: %s; wanted %s: %s", lint_severity_name(level->severity), why,
                 lint_severity_name(severity), part);
    }
    arena_release(&arena);
}

static const struct lint_file_result *study(struct room *room, const char *sql)
{
    room_study(room, sql);
    return room_end(room);
}

static void test_nothing_at_risk(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    const struct lint_file_result *file = study(&room, "SELECT 1 AS one;\n");
    expect(&file->risks[LINT_RISK_DATA_LOSS], LINT_NOTE, "no data is dropped");
    expect(&file->risks[LINT_RISK_BREAKING], LINT_NOTE, "nothing goes that running code");
    expect(&file->risks[LINT_RISK_SECURITY], LINT_NOTE, "no right, role or policy");
    expect(&file->risks[LINT_RISK_PERFORMANCE], LINT_NOTE, "no lock stops reads or writes");
    expect(&file->risks[LINT_RISK_ROLLBACK], LINT_NOTE, "nothing to take back");
    expect(&file->overall, LINT_NOTE, "data loss: no data is dropped");
    room_close(&room);
}

/* Facts by hand, so that no rule has its say: the verdicts alone. */
static void test_levels_of_a_drop(void **state)
{
    (void)state;
    static const struct sql_name lines[] = {{{"public", 6}, {"lines", 5}}};
    static const struct lint_relation orders = {.name = {{"public", 6}, {"orders", 6}},
                                                .kind = LINT_TABLE,
                                                .rows = 88310,
                                                .bytes = 100000000,
                                                .referenced_by = lines,
                                                .referenced_by_count = 1};
    struct room room;
    room_open(&room);
    room.context.knows = LINT_NEEDS_TABLES;
    room.context.relations = &orders;
    room.context.relation_count = 1;
    room.file.has_undo = true;
    room_begin(&room);
    room_do(&room, "DROP TABLE", act(SQL_FORM_DROP_TABLE, "orders", ""));
    const struct lint_file_result *file = room_end(&room);
    for (size_t i = 0; i < LINT_RISK__COUNT; i++) {
        assert_true(file->risks[i].why.len > 0);
        assert_true(file->overall.severity >= file->risks[i].severity);
    }
    assert_true(file->risks[LINT_RISK_DATA_LOSS].severity >= LINT_HIGH);
    expect(&file->risks[LINT_RISK_BREAKING], LINT_HIGH, "1 of what goes is still in use");
    expect(&file->risks[LINT_RISK_PERFORMANCE], file->risks[LINT_RISK_PERFORMANCE].severity,
           "");
    assert_true(file->risks[LINT_RISK_ROLLBACK].severity >= LINT_HIGH);
    assert_true(room.result->overall.severity == file->overall.severity);
    expect(&room.result->overall, file->overall.severity, "001.sql: ");
    room_close(&room);
}

static void test_a_finding_lifts_its_question(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    const struct lint_file_result *file =
        study(&room, "SET LOCAL lock_timeout = '2s';\n"
                     "SET LOCAL statement_timeout = '1min';\n"
                     "ALTER TABLE public.orders DISABLE ROW LEVEL SECURITY;\n");
    expect(&file->risks[LINT_RISK_SECURITY], LINT_BLOCK, "(R4)");
    expect(&file->overall, LINT_BLOCK, "security: ");
    room_close(&room);
}

/* The cost that was judged, not the one that the text alone would have. */
static void test_what_is_proved_costs_no_scan(void **state)
{
    (void)state;
    static const char *const ways[] = {
        "ALTER TABLE orders ADD CONSTRAINT filled CHECK (note IS NOT NULL) NOT VALID;\n"
        "COMMIT; BEGIN;\n"
        "ALTER TABLE orders VALIDATE CONSTRAINT filled;\n"
        "COMMIT; BEGIN;\n"
        "ALTER TABLE orders ALTER COLUMN note SET NOT NULL;\n",
        "ALTER TABLE orders ALTER COLUMN note SET NOT NULL;\n"};
    static const enum lint_severity levels[] = {LINT_LOW, LINT_HIGH};
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        struct room room;
        room_open(&room);
        room.file.transaction = LINT_TRANSACTION_FILE;
        const struct lint_file_result *file = study(&room, ways[i]);
        const char *words = levels[i] == LINT_LOW ? "for a moment" : "while every row";
        expect(&file->risks[LINT_RISK_PERFORMANCE], levels[i], words);
        room_close(&room);
    }
}

static void test_way_back_by_undo_file(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    room.file.alone = true; /* T10 is silent: nobody says how the file is taken back */
    room_begin(&room);
    room_do(&room, "ALTER TABLE", act(SQL_FORM_SET_DEFAULT, "orders", "note"));
    expect(&room_end(&room)->risks[LINT_RISK_ROLLBACK], LINT_MEDIUM,
           "only who knows what was there before");
    room_close(&room);
    room_open(&room);
    room.file.has_undo = true;
    room_begin(&room);
    room_do(&room, "ALTER TABLE", act(SQL_FORM_SET_DEFAULT, "orders", "note"));
    expect(&room_end(&room)->risks[LINT_RISK_ROLLBACK], LINT_LOW, "the undo file knows");
    room_close(&room);
}

static void test_what_cannot_be_judged_is_no_small_risk(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    room_begin(&room);
    struct sql_statement newer = {.judgement = SQL_CANNOT_JUDGE, .tag = "", .head = {0, 1, 1}};
    struct sql_facts nothing = {0};
    lint_statement(room.lint, &newer, room.count++, &nothing);
    const struct lint_file_result *file = room_end(&room);
    for (size_t i = 0; i < LINT_RISK__COUNT; i++) {
        assert_true(file->risks[i].severity >= LINT_MEDIUM);
    }
    room_close(&room);
}

/* How a run is taken back is no part of what it risks. */
static void test_undo_files_stand_apart(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    room_study(&room, "SELECT 1 AS one;\n");
    lint_end_file(room.lint);
    room.file.is_undo = true;
    room.file.name = STR("001.undo.sql");
    const struct lint_file_result *undo = study(&room, "DROP TABLE public.orders;\n");
    assert_true(undo->overall.severity >= LINT_HIGH);
    expect(&room.result->overall, LINT_NOTE, "001.sql: data loss: no data");
    room_close(&room);
}

static void test_every_risk_has_a_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < LINT_RISK__COUNT; i++) {
        assert_true(lint_risk_name((enum lint_risk)i)[0] != '\0');
    }
}

/* What is known is not named as missing. */
static void test_not_known(void **state)
{
    (void)state;
    struct room room;
    room_open(&room);
    room.context.knows = LINT_NEEDS_TABLES | LINT_NEEDS_ROLE | LINT_NEEDS_VERSION |
                         LINT_NEEDS_ACTIVITY | LINT_NEEDS_HISTORY;
    (void)study(&room, "SELECT 1;\n");
    assert_words(room.result->not_known, "Not known: which statements run.");
    room_close(&room);
    room_open(&room);
    room.context.knows = ~0U;
    (void)study(&room, "SELECT 1;\n");
    assert_words(room.result->not_known, "");
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_at_risk),
        cmocka_unit_test(test_levels_of_a_drop),
        cmocka_unit_test(test_a_finding_lifts_its_question),
        cmocka_unit_test(test_what_is_proved_costs_no_scan),
        cmocka_unit_test(test_way_back_by_undo_file),
        cmocka_unit_test(test_what_cannot_be_judged_is_no_small_risk),
        cmocka_unit_test(test_undo_files_stand_apart),
        cmocka_unit_test(test_every_risk_has_a_name),
        cmocka_unit_test(test_not_known),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
