/* SPDX-License-Identifier: PostgreSQL */
/*
 * What a person decides by stands on the screen: what is destroyed first of all, what each
 * statement locks and risks and how it is taken back, the words that a finding is about, the
 * statement at work, and the proof of the answer under the cursor.
 */
#include "tui_room.h"

/* STR() in a constant. */
#define TEXT(literal)                                                                          \
    {                                                                                          \
        (literal), sizeof(literal) - 1                                                         \
    }

/* The first file of the run becomes this one. */
static void give_file(struct desk *desk, struct str sql)
{
    struct arena *arena = &desk->fixture->arena;
    struct run_script *script = &desk->run.scripts[0];
    struct sql_script *cut = arena_array(arena, 1, sizeof(*cut));
    struct sql_trouble trouble = {0};
    *cut = (struct sql_script){0};
    assert_true(sql_cut(sql, NULL, arena, cut, &trouble));
    sql_describe(cut, arena);
    script->sql = cut;
    script->first = 0;
    script->last = cut->count;
    script->statements = arena_array(arena, cut->count, sizeof(*script->statements));
    memset(script->statements, 0, cut->count * sizeof(*script->statements));
}

static void one_drop_among_4000_statements_is_on_the_first_screen(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    struct strbuf sql = {0};
    desk_reach(desk, STATE_PREP);
    for (int i = 1; i <= 4000; i++) {
        if (i == 3210) {
            strbuf_text(&sql, "DROP TABLE precious;\n");
        } else {
            strbuf_format(&sql, "INSERT INTO a VALUES (%d);\n", i);
        }
    }
    give_file(desk, strbuf_str(&sql));
    ui_go(&desk->ui, SCREEN_REVIEW);
    desk_see(desk);
    SEES(desk, "DESTROYS");
    SEES(desk, "DROP TABLE precious");
    SEES(desk, "001:3210");
    strbuf_release(&sql);
    desk_close(desk);
}

/* ------------------------------------------------------------------ a judged file */

static const struct lint_rule d1 = {.id = "D1", .title = "DROP TABLE", .severity = LINT_HIGH};

static const struct lint_verdict judged[] = {
    {.lock_on = TEXT("public.keep"),
     .undo_sql = TEXT("ALTER TABLE keep DROP COLUMN c;"),
     .rows = 77,
     .bytes = -1,
     .queued_per_second = -1,
     .lock = SQL_LOCK_SHARE_ROW_EXCLUSIVE,
     .more_locks = 2,
     .severity = LINT_MEDIUM,
     .undo = SQL_UNDO_STATEMENT,
     .judged = true},
    {.lock_on = TEXT("public.gone"),
     .rows = -1,
     .bytes = -1,
     .queued_per_second = -1,
     .lock = SQL_LOCK_ACCESS_EXCLUSIVE,
     .severity = LINT_HIGH,
     .undo = SQL_UNDO_BACKUP,
     .judged = true},
};
static const struct lint_verdict *const verdicts[] = {&judged[0], &judged[1]};
static const struct lint_destroyed destroyed[] = {
    {.at = {.statement = 1},
     .kind = "table",
     .name = TEXT("public.gone"),
     .rows = 1204,
     .bytes = 253952,
     .recent_writes = -1,
     .referenced_by = TEXT("public.keep, view v_keep")},
    {.at = {.statement = 1},
     .kind = "view",
     .name = TEXT("public.v_gone"),
     .by_cascade = true,
     .rows = -1,
     .bytes = -1,
     .recent_writes = -1},
};

/* What the rules say of the first file by what the target shows. */
static void judge(struct desk *desk)
{
    static const char sql[] = "ALTER TABLE keep ADD COLUMN c int;\n"
                              "DROP TABLE gone CASCADE; -- it is not used\n";
    struct arena *arena = &desk->fixture->arena;
    give_file(desk, STR(sql));
    struct lint_finding *finding = arena_array(arena, 1, sizeof(*finding));
    struct lint_file_result *file = arena_array(arena, 1, sizeof(*file));
    struct lint_result *result = arena_array(arena, 1, sizeof(*result));
    const struct sql_script *script = desk->run.scripts[0].sql;
    *finding =
        (struct lint_finding){.rule = &d1,
                              .severity = LINT_HIGH,
                              .at = {.statement = 1, .place = script->statements[1].head},
                              .message = STR("gone for good")};
    *file = (struct lint_file_result){.name = desk->run.scripts[0].file,
                                      .statement_count = COUNT_OF(verdicts),
                                      .verdicts = verdicts,
                                      .overall = {.severity = LINT_HIGH}};
    *result = (struct lint_result){.findings = finding,
                                   .finding_count = 1,
                                   .by_severity = {[LINT_HIGH] = 1},
                                   .destroyed = destroyed,
                                   .destroyed_count = COUNT_OF(destroyed),
                                   .files = file,
                                   .file_count = 1};
    desk->fixture->setup.live = result;
}

static struct desk *open_judged(enum state until, enum screen screen, int columns, int rows)
{
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, columns, rows);
    desk_reach(desk, until);
    judge(desk);
    ui_go(&desk->ui, screen);
    desk_see(desk);
    desk_see(desk); /* the cursor stands on a row of the page that is seen */
    return desk;
}

static void the_list_tells_lock_risk_time_and_undo(void **state)
{
    (void)state;
    static const int sizes[][2] = {{80, 24}, {120, 40}};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct desk *desk = open_judged(STATE_PREP, SCREEN_REVIEW, sizes[i][0], sizes[i][1]);
        SEES(desk, "lock it takes     risk       est. undo");
        SEES(desk, "one transaction   ✗ HIGH        - ✓ file");
        SEES(desk, "SHARE ROW EXCL +2 ▲ MED         - SQL");
        SEES(desk, "ACCESS EXCLUSIVE  ✗ HIGH        - backup");
        desk_close(desk);
    }
}

/* What a file alone is told for, the target may clear: then its lists go. */
static void what_is_gone_to_stays_when_its_list_goes(void **state)
{
    (void)state;
    struct desk *desk = open_judged(STATE_PREP, SCREEN_REVIEW, 80, 24);
    SEES(desk, "── FINDINGS");
    desk_type(desk, ":goto 001:2\n");
    desk_see(desk);
    struct lint_result *cleared =
        arena_array(&desk->fixture->arena, 1, sizeof(struct lint_result));
    *cleared = *desk->fixture->setup.live;
    memset(cleared->by_severity, 0, sizeof(cleared->by_severity));
    cleared->finding_count = 0;
    cleared->destroyed_count = 0;
    desk->fixture->setup.live = cleared;
    desk_see(desk);
    desk_see(desk);
    SEES_NOT(desk, "── FINDINGS");
    struct subject subject = ui_cursor(&desk->ui, desk->ui.focus[SCREEN_REVIEW]);
    assert_int_equal(subject.kind, SUBJECT_STATEMENT);
    assert_int_equal(subject.b, 1);
    desk_close(desk);
}

static void what_is_destroyed_tells_rows_writes_and_who_uses_it(void **state)
{
    (void)state;
    struct desk *desk = open_judged(STATE_PREP, SCREEN_REVIEW, 80, 24);
    desk->run.snapshots[MOMENT_BEFORE].row_count = 0;
    desk->run.snapshots[MOMENT_REVIEW].row_count = 0;
    desk_see(desk);
    SEES(desk, "rows now writes, 5 min  still used by");
    SEES(desk, "gone                          1,204            ??  keep, view v_keep");
    SEES(desk, "view v_gone (CASCADE)             -             -  -");
    desk_close(desk);
}

static void a_large_screen_has_it_below_everything_with_its_size(void **state)
{
    (void)state;
    struct desk *desk = open_judged(STATE_PREP, SCREEN_REVIEW, 120, 40);
    SEES(desk, "rows now       size  writes, 5 min  still used by");
    SEES(desk, "gone                                          1,204     248 kB");
    SEES(desk, "view v_gone (CASCADE)                             -          -");
    SEES(desk, "keep, view v_keep");
    assert_true(strstr(desk->frame.ptr, "── STATEMENTS") <
                strstr(desk->frame.ptr, "── DESTROYS"));
    assert_true(strstr(desk->frame.ptr, "── DESTROYS") < strstr(desk->frame.ptr, "── LOG"));
    desk_close(desk);
}

/* By the manual's table of conflicting lock modes. */
static void what_a_lock_stops_is_said_in_plain_words(void **state)
{
    (void)state;
    struct desk *desk = open_judged(STATE_PREP, SCREEN_REVIEW, 120, 40);
    SEES(desk, "takes ACCESS EXCLUSIVE on public.gone");
    SEES(desk, "meanwhile reads and writes wait");
    assert_true(ui_go_to(&desk->ui, &desk->run, (struct subject){SUBJECT_STATEMENT, 0, 0}));
    desk_see(desk);
    desk_see(desk);
    SEES(desk, "takes SHARE ROW EXCLUSIVE on public.keep");
    SEES(desk, "meanwhile writes wait, reads go on");
    /* The statement stays when its own pane takes the focus, and the log after it. */
    for (int i = 0; i < 4; i++) {
        desk_key(desk, KEY_TAB);
        desk_see(desk);
        SEES(desk, "SHARE ROW EXCLUSIVE on public.keep");
        if (desk->ui.focus[SCREEN_REVIEW] == PANE_D) {
            break;
        }
    }
    assert_int_equal(desk->ui.focus[SCREEN_REVIEW], PANE_D);
    desk_close(desk);
}

static void findings_are_counted_by_how_grave_they_are(void **state)
{
    (void)state;
    struct desk *desk = open_judged(STATE_PREP, SCREEN_REVIEW, 80, 24);
    struct lint_result *result =
        arena_array(&desk->fixture->arena, 1, sizeof(struct lint_result));
    *result = *desk->fixture->setup.live;
    memset(result->by_severity, 0, sizeof(result->by_severity));
    struct lint_finding findings[3];
    for (size_t i = 0; i < COUNT_OF(findings); i++) {
        findings[i] = result->findings[0];
        findings[i].severity = i == 0 ? LINT_LOW : LINT_MEDIUM;
    }
    result->by_severity[LINT_MEDIUM] = 2;
    result->by_severity[LINT_LOW] = 1;
    result->findings = findings;
    result->finding_count = COUNT_OF(findings);
    desk->fixture->setup.live = result;
    desk_see(desk);
    SEES(desk, "· 2 medium · 1 low"); /* no "0 high" that hides them */
    SEES_NOT(desk, "0 high");
    SEES(desk, "2 medium; unlisted 1 low");
    SEES(desk, "001:2"); /* the statement, as :goto takes it */
    memset(result->by_severity, 0, sizeof(result->by_severity));
    result->finding_count = 0;
    desk_see(desk);
    SEES(desk, "no finding");
    desk_close(desk);
}

static void hear_writes(struct desk *desk, int64_t value)
{
    struct event_item item = {.name = STR("public.gone"), .kind = STR("1"), .value = value};
    desk->clock_us += 40 * US_PER_SECOND - 1000;
    desk_step(desk, (struct event){.kind = EVENT_RECENT,
                                   .outcome = OUTCOME_OK,
                                   .items = &item,
                                   .item_count = 1});
    desk_see(desk);
}

/* Twelve writes into a table that nobody should use any more: the alarm of the review. */
static void a_table_that_is_still_written_draws_the_eye(void **state)
{
    (void)state;
    static const int sizes[][2] = {{80, 24}, {120, 40}};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct desk *desk = open_judged(STATE_PREP, SCREEN_REVIEW, sizes[i][0], sizes[i][1]);
        hear_writes(desk, 5000);
        SEES(desk, "writes, 5 min");
        SEES_NOT(desk, "still written");
        hear_writes(desk, 5000);
        SEES(desk, "writes, 40 s  still used by");
        SEES(desk, "           0  keep, view");
        SEES_NOT(desk, "still written");
        hear_writes(desk, 5012);
        SEES(desk, "writes, 1m20s  still used by");
        SEES(desk, "▲ 12  keep, view");
        SEES(desk, "▲ 1 still written");
        ui_go(&desk->ui, SCREEN_OVERVIEW);
        desk_see(desk);
        SEES(desk, "▲  \"gone\" is still written");
        ui_go(&desk->ui, SCREEN_POLL);
        desk_see(desk);
        SEES(desk, "▲  \"gone\" is still written: 12 rows in 1m20s");
        desk_close(desk);
    }
}

static void the_words_that_a_finding_names_are_underlined(void **state)
{
    (void)state;
    struct desk *desk = open_judged(STATE_PREP, SCREEN_REVIEW, 120, 40);
    desk->ui.focus[SCREEN_REVIEW] = PANE_B;
    desk_see(desk);
    assert_true(desk_underlines(desk, "DROP TABLE gone CASCADE"));
    assert_false(desk_underlines(desk, "DROP TABLE gone CASCADE;"));
    SEES(desk, "D1 high");
    desk->ui.focus[SCREEN_REVIEW] = PANE_D;
    desk_type(desk, "/TABLE gone CASCADE;\n"); /* found as one text, marks or not */
    SEES_NOT(desk, "no match");
    desk_close(desk);
}

static void migrate_shows_the_statement_whole(void **state)
{
    (void)state;
    struct desk *desk = open_judged(STATE_RUNNING, SCREEN_MIGRATE, 120, 40);
    struct run_script *script = &desk->run.scripts[0];
    desk->run.script = 0;
    script->statement = 0;
    desk_see(desk);
    SEES(desk, "STATEMENT 1");
    SEES(desk, "001.sql:1");
    SEES(desk, "takes SHARE ROW EXCLUSIVE on public.keep and 2 more · about 77 rows");
    SEES(desk, "expected - · not sent yet");
    SEES(desk, "undo: by SQL (ALTER TABLE keep DROP COLUMN c) · undo file");
    script->statement = 1;
    script->statements[1] = (struct run_statement){
        .sent = true, .rows = -1, .started_us = desk->run.now_us - 75 * US_PER_MS};
    desk->run.waited_us = 61 * US_PER_MS;
    desk_see(desk);
    SEES(desk, "STATEMENT 2");
    SEES(desk, "DROP TABLE gone CASCADE;");
    SEES(desk, "running for 75 ms · waited 61 ms of ");
    SEES(desk, "undo: none here, only a backup brings it back");
    script->statements[1] =
        (struct run_statement){.outcome = OUTCOME_OK, .rows = 3, .us = 18 * US_PER_MS};
    desk_see(desk);
    SEES(desk, "3 rows affected");
    SEES(desk, "took 18 ms");
    SEES(desk, "BUDGET");
    SEES(desk, "downtime so far  ?? no probe tells");
    desk_close(desk);
}

static void a_small_screen_turns_to_the_statement(void **state)
{
    (void)state;
    struct desk *desk = open_judged(STATE_RUNNING, SCREEN_MIGRATE, 80, 24);
    desk->run.script = 0;
    desk->run.scripts[0].statement = 1;
    desk_see(desk);
    SEES_NOT(desk, "STATEMENT 2");
    desk->ui.leaf[SCREEN_MIGRATE] = 1;
    desk_see(desk);
    SEES(desk, "STATEMENT 2");
    SEES(desk, "takes ACCESS EXCLUSIVE on public.gone");
    desk_close(desk);
}

static void the_poll_shows_the_proof_of_the_answer_chosen(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 120, 40);
    desk_reach(desk, STATE_POLL);
    ui_focus(&desk->ui, SCREEN_POLL, PANE_B);
    desk_see(desk);
    SEES(desk, "PROOF");
    SEES(desk, "proof           a proven backup");
    SEES(desk, "FOUND");
    SEES(desk, "backup          dump");
    desk_type(desk, "jj"); /* a3: a query */
    desk_see(desk);
    desk_see(desk);
    SEES(desk, "proof           a query");
    SEES(desk, "select 0");
    SEES(desk, "EVERY VOTE");
    for (int i = 0; i < 6 && desk->ui.focus[SCREEN_POLL] != PANE_G; i++) {
        desk_key(desk, KEY_TAB);
        desk_see(desk);
    }
    SEES(desk, "select 0"); /* it still proves what was chosen */
    ui_focus(&desk->ui, SCREEN_POLL, PANE_A);
    desk_see(desk);
    SEES_NOT(desk, "select 0");
    ui_focus(&desk->ui, SCREEN_POLL, PANE_G);
    desk_see(desk);
    SEES(desk, "Database Admin: anna"); /* the voter now, not the checklist */
    desk_close(desk);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_drop_among_4000_statements_is_on_the_first_screen),
        cmocka_unit_test(the_list_tells_lock_risk_time_and_undo),
        cmocka_unit_test(what_is_gone_to_stays_when_its_list_goes),
        cmocka_unit_test(what_is_destroyed_tells_rows_writes_and_who_uses_it),
        cmocka_unit_test(a_large_screen_has_it_below_everything_with_its_size),
        cmocka_unit_test(what_a_lock_stops_is_said_in_plain_words),
        cmocka_unit_test(findings_are_counted_by_how_grave_they_are),
        cmocka_unit_test(a_table_that_is_still_written_draws_the_eye),
        cmocka_unit_test(the_words_that_a_finding_names_are_underlined),
        cmocka_unit_test(migrate_shows_the_statement_whole),
        cmocka_unit_test(a_small_screen_turns_to_the_statement),
        cmocka_unit_test(the_poll_shows_the_proof_of_the_answer_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
