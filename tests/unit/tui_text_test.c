/* SPDX-License-Identifier: PostgreSQL */
/*
 * What Enter opens and what y, S and w take along: the whole of a thing, and never a
 * password.
 */
#include "tui_room.h"

static struct desk *open_desk(enum state state, int columns, int rows)
{
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, columns, rows);
    desk_reach(desk, state);
    return desk;
}

static void go(struct desk *desk, enum subject_kind kind, int64_t a, int64_t b)
{
    assert_true(ui_go_to(&desk->ui, &desk->run, (struct subject){kind, a, b}));
    desk_see(desk);
}

static int64_t set_check(int set)
{
    return (int64_t)PLACE_SET << 16 | set;
}

static void use_sql(struct desk *desk, struct sql_script *script, const char *text)
{
    struct sql_trouble trouble;
    assert_true(sql_cut(str_from(text), NULL, &desk->said, script, &trouble));
    desk->run.scripts[0].sql = script;
}

/* ------------------------------------------------------------------ whole texts */

static void a_statement_opens_whole_and_is_copied_as_sql(void **state)
{
    (void)state;
    struct desk *desk = open_desk(STATE_JUDGE, 80, 24);
    struct sql_script script;
    use_sql(desk, &script,
            "ALTER TABLE a\n    ADD COLUMN b integer;\n"
            "DROP TABLE c;\n");
    desk_type(desk, ":sql 001:1\n");
    SEES(desk, "STATEMENT");
    SEES(desk, "001:1  001.sql:1");
    SEES(desk, "    ADD COLUMN b integer;");
    desk_key(desk, 'y');
    assert_true(desk->ui.wishes & WISH_COPY);
    assert_string_equal(desk->ui.wish_text.ptr, "ALTER TABLE a\n    ADD COLUMN b integer;");
    SEES(desk, "copied: text of this line");
    desk_key(desk, KEY_ESCAPE);
    assert_int_equal(desk->ui.mode, MODE_BROWSE);
    go(desk, SUBJECT_STATEMENT, 0, 1);
    desk_key(desk, 'y');
    assert_string_equal(desk->ui.wish_text.ptr, "DROP TABLE c;");
    desk_key(desk, KEY_RETURN);
    assert_int_equal(desk->ui.mode, MODE_TEXT);
    SEES(desk, "DROP TABLE c;");
    desk_silent(desk);
    desk_close(desk);
}

static void a_password_is_neither_shown_nor_copied(void **state)
{
    (void)state;
    struct desk *desk = open_desk(STATE_JUDGE, 80, 24);
    struct sql_script script;
    use_sql(desk, &script, "ALTER ROLE web PASSWORD 'tiger';\nSELECT 1;\n");
    desk_type(desk, ":sql 001:1\n");
    SEES(desk, "(text not shown: it says a password)");
    SEES_NOT(desk, "tiger");
    desk_key(desk, 'y');
    assert_null(strstr(desk->ui.wish_text.ptr, "tiger"));
    desk_key(desk, 'w');
    assert_null(strstr(desk->ui.wish_text.ptr, "tiger"));
    desk_close(desk);
}

static struct rows *some_rows(struct desk *desk)
{
    struct rows *rows = arena_alloc(&desk->said, sizeof(*rows));
    rows_init(rows, &desk->said, 4);
    rows->names[0] = STR("table");
    rows->names[1] = STR("rows");
    rows->names[2] = STR("note");
    rows->names[3] = STR("a very long heading that is wider than what stands below it, by far");
    for (int i = 0; i < 40; i++) {
        struct cell *cells = rows_add(rows);
        cells[0].text = str_format(&desk->said, "public.t%d", i);
        cells[1].is_null = i % 2 == 0;
        cells[1].text = STR("17");
        cells[2].text = STR("a note that is not short, either");
        cells[3].text = STR("x\033[2J");
    }
    return rows;
}

static const struct rows *check_rows(void *ctx, enum check_place place, int index, int check)
{
    return place == PLACE_SET && index == 0 && check == 1 ? ctx : NULL;
}

static void a_check_opens_with_its_rows_and_scrolls_both_ways(void **state)
{
    (void)state;
    struct desk *desk = open_desk(STATE_JUDGE, 80, 24);
    desk->ui.sources = (struct ui_sources){.ctx = some_rows(desk), .check_rows = check_rows};
    go(desk, SUBJECT_CHECK, set_check(0), 1);
    desk_key(desk, KEY_RETURN);
    SEES(desk, "CHECK");
    SEES(desk, "Q2");
    SEES(desk, "expected");
    SEES(desk, "public.t3");
    SEES(desk, "NULL");
    SEES_NOT(desk, "\033");
    SEES_NOT(desk, "public.t39");
    desk_key(desk, 'G');
    SEES(desk, "public.t39");
    for (int i = 0; i < 20; i++) {
        desk_key(desk, KEY_RIGHT_ARROW);
    }
    SEES(desk, "x\\x1b[2J");
    SEES_NOT(desk, "public.t39");
    desk_close(desk);
}

static void what_is_asked_about_a_line_opens_as_its_question(void **state)
{
    (void)state;
    struct desk *desk = open_desk(STATE_POLL, 80, 24);
    size_t item = 0;
    while (!str_eq(desk->run.items[item].item->id, "a2")) {
        item++;
    }
    go(desk, SUBJECT_ITEM, (int64_t)item, 0);
    desk_key(desk, KEY_RETURN);
    assert_int_equal(desk->ui.mode, MODE_FORM);
    SEES(desk, "Everybody here?");
    SEES(desk, "a person's word");
    desk_wait(desk);
    desk_type(desk, "all on the call\nanna\n");
    const struct event *event = desk_only(desk, EVENT_NOTE);
    assert_true(str_eq(event->id, "a2") && str_eq(event->text, "all on the call"));
    desk_step(desk, *event);
    desk_see(desk);
    go(desk, SUBJECT_ITEM, (int64_t)item, 0);
    desk_key(desk, KEY_RETURN); /* answered: now its evidence */
    assert_int_equal(desk->ui.mode, MODE_TEXT);
    SEES(desk, "all on the call");
    SEES(desk, "anna");
    desk_close(desk);
}

/* Whatever a line is about, Enter shows something and ends nothing. */
static void every_line_of_every_screen_opens(void **state)
{
    (void)state;
    static const enum state stops[] = {STATE_PREP,  STATE_BACKUP,  STATE_POLL, STATE_CHECKPOINT,
                                       STATE_JUDGE, STATE_MONITOR, STATE_CLOSE};
    for (size_t s = 0; s < COUNT_OF(stops); s++) {
        struct desk *desk = open_desk(stops[s], 120, 40);
        for (int screen = 0; screen < SCREEN__COUNT; screen++) {
            ui_go(&desk->ui, (enum screen)screen);
            desk_see(desk);
            for (size_t p = 0; p < desk->ui.page.count; p++) {
                const struct pane *pane = &desk->ui.page.panes[p];
                for (size_t i = 0; i < pane->count; i++) {
                    struct subject subject = desk->ui.page.panes[p].lines[i].subject;
                    if (subject.kind == SUBJECT_NONE || subject.kind == SUBJECT_TEXT ||
                        subject.kind == SUBJECT_TABLE) {
                        continue;
                    }
                    if (!overlay_subject(&desk->ui, &desk->run, subject)) {
                        fail_msg("nothing is told about kind %d on %s", subject.kind,
                                 screens[screen].name);
                    }
                    (void)desk_frame(desk);
                    desk_key(desk, KEY_ESCAPE);
                }
            }
        }
        desk_silent(desk);
        desk_close(desk);
    }
}

static void a_whole_text_is_wrapped_anew_for_another_window(void **state)
{
    (void)state;
    struct desk *desk = open_desk(STATE_POLL, 80, 24);
    assert_true(overlay_subject(&desk->ui, &desk->run, (struct subject){SUBJECT_ROLE, 0, 0}));
    ui_resize(&desk->ui, 120, 40);
    desk_see(desk);
    assert_int_equal(desk->ui.overlay.columns, 120);
    SEES(desk, "Database Admin: anna");
    desk_close(desk);
}

static void vote(struct desk *desk, const char *word)
{
    desk_step(desk, (struct event){.kind = EVENT_VOTE,
                                   .script = -1,
                                   .id = STR("dba"),
                                   .tag = str_from(word),
                                   .text = STR("because"),
                                   .who = STR("anna")});
    desk_see(desk);
}

static void a_whole_text_tells_what_is_true_now(void **state)
{
    (void)state;
    struct desk *desk = open_desk(STATE_POLL, 80, 24);
    assert_true(overlay_subject(&desk->ui, &desk->run, (struct subject){SUBJECT_ROLE, 0, 0}));
    SEES_NOT(desk, "anna: HOLD because");
    vote(desk, "HOLD");
    SEES(desk, "anna: HOLD because");
    desk_type(desk, "/because"); /* under a line that is typed, too */
    vote(desk, "NO-GO");
    SEES(desk, "anna: NO-GO because");
    desk_close(desk);
}

static void where_one_reads_stays_when_a_text_is_made_anew(void **state)
{
    (void)state;
    struct desk *desk = open_desk(STATE_POLL, 80, 24);
    for (int i = 0; i < 20; i++) {
        vote(desk, i % 2 == 0 ? "HOLD" : "NO-GO");
    }
    assert_true(overlay_subject(&desk->ui, &desk->run, (struct subject){SUBJECT_ROLE, 0, 0}));
    desk_key(desk, KEY_PAGE_DOWN);
    struct pane_state before = desk->ui.overlay_state;
    assert_true(before.top > 0);
    size_t lines = desk->ui.overlay.panes[0].count;
    vote(desk, "HOLD");
    assert_true(desk->ui.overlay.panes[0].count > lines);
    assert_int_equal(desk->ui.overlay_state.top, before.top);
    assert_int_equal(desk->ui.overlay_state.cursor.a, before.cursor.a);
    desk_close(desk);
}

static void a_text_about_what_is_gone_says_so_and_stays(void **state)
{
    (void)state;
    const struct event_item one = {.name = STR("app_web"), .value = 4182, .at_us = 1000};
    struct desk *desk = open_desk(STATE_RUNNING, 80, 24);
    struct event event = {
        .kind = EVENT_BLOCKERS, .script = -1, .items = &one, .item_count = 1, .value = 61000};
    desk_step(desk, event);
    desk_see(desk);
    assert_true(
        overlay_subject(&desk->ui, &desk->run, (struct subject){SUBJECT_BLOCKER, 4182, 1000}));
    SEES(desk, "app_web");
    event.item_count = 0;
    desk_step(desk, event);
    desk_see(desk);
    SEES(desk, "app_web");
    SEES(desk, "not there any more");
    desk_step(desk, event);
    desk_see(desk);
    SEES(desk, "not there any more");
    desk_close(desk);
}

/* -------------------------------------------------------------------- copying */

static void a_check_is_copied_with_its_result(void **state)
{
    (void)state;
    struct desk *desk = open_desk(STATE_JUDGE, 80, 24);
    go(desk, SUBJECT_CHECK, set_check(0), 1);
    desk_key(desk, 'y');
    assert_non_null(strstr(desk->ui.wish_text.ptr, "Q2 "));
    assert_non_null(strstr(desk->ui.wish_text.ptr, ": passed\nactual: "));
    assert_non_null(strstr(desk->ui.wish_text.ptr, "\nexpected: 2\n"));
    assert_true(str_eq(desk->ui.wish_name, "this check"));
    desk_close(desk);
}

static void a_plain_line_is_copied_as_it_is_drawn(void **state)
{
    (void)state;
    struct desk *desk = open_desk(STATE_PREP, 80, 24);
    go(desk, SUBJECT_COUNT, 0, 0);
    desk_key(desk, 'y');
    assert_non_null(strstr(desk->ui.wish_text.ptr, "tables"));
    desk_key(desk, 'w');
    assert_true(desk->ui.wishes & WISH_WRITE);
    desk_close(desk);
}

static void a_status_says_conditions_actions_and_needs(void **state)
{
    (void)state;
    struct desk *desk = open_desk(STATE_CHECKPOINT, 80, 24);
    desk_key(desk, 'S');
    assert_true(desk->ui.wishes & WISH_COPY);
    const char *text = desk->ui.wish_text.ptr;
    assert_non_null(strstr(text, "CONDITIONS  test app"));
    assert_non_null(strstr(text, "phase MIGRATE, checkpoint"));
    assert_non_null(strstr(text, "ACTIONS     001 committed"));
    assert_non_null(strstr(text, "NEEDS       Go on to 002?"));
    desk_close(desk);
    desk = open_desk(STATE_POLL, 80, 24);
    desk_key(desk, 'S');
    assert_non_null(strstr(desk->ui.wish_text.ptr, "nothing was changed yet"));
    assert_non_null(
        strstr(desk->ui.wish_text.ptr, "Backend Lead: GO, NO-GO or HOLD? (Backend"));
    desk_close(desk);
}

/* ---------------------------------------------------------------------- report */

static void intact(void *ctx, struct tui_evidence *evidence)
{
    *evidence = (struct tui_evidence){
        .entries = 1204,
        .verdict = ctx ? "intact" : NULL,
        .tail = "77ab000000000000000000000000000000000000000000000000000000002c9f"};
}

static void two_files(void *ctx, struct strbuf *out)
{
    (void)ctx;
    strbuf_text(out, "report.json   31.0 kB\nreport.md     12.5 kB\n");
}

static void the_report_tells_limits_and_its_evidence(void **state)
{
    (void)state;
    struct desk *desk = open_desk(STATE_END, 80, 24);
    desk_see(desk);
    SEES(desk, "criterion");
    SEES(desk, "limit  actual");
    SEES(desk, "evidence  ?? not known yet");
    desk->ui.sources = (struct ui_sources){.evidence = intact};
    desk_see(desk);
    SEES(desk, "evidence  1,204 entries, ?? hash chain not verified yet");
    desk->ui.sources = (struct ui_sources){.ctx = desk, .evidence = intact};
    desk_see(desk);
    SEES(desk, "evidence  1,204 entries, hash chain intact, tail 77ab\u20262c9f");
    desk_close(desk);
}

static void o_lists_the_files_and_y_copies_the_summary(void **state)
{
    (void)state;
    struct desk *desk = open_desk(STATE_END, 80, 24);
    desk_key(desk, 'o');
    SEES(desk, "no file of the report is written yet");
    desk->ui.sources =
        (struct ui_sources){.ctx = desk, .evidence = intact, .report_files = two_files};
    desk_key(desk, 'o');
    SEES(desk, "FILES OF THE REPORT");
    SEES(desk, "report.md     12.5 kB");
    desk_key(desk, KEY_ESCAPE);
    SEES_NOT(desk, "FILES OF THE REPORT");
    desk_key(desk, 'y');
    assert_true(desk->ui.wishes & WISH_COPY);
    assert_non_null(strstr(desk->ui.wish_text.ptr, "CRITERIA"));
    assert_non_null(strstr(desk->ui.wish_text.ptr, "SIGN-OFF"));
    assert_non_null(strstr(desk->ui.wish_text.ptr, "hash chain intact"));
    desk_close(desk);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_statement_opens_whole_and_is_copied_as_sql),
        cmocka_unit_test(a_password_is_neither_shown_nor_copied),
        cmocka_unit_test(a_check_opens_with_its_rows_and_scrolls_both_ways),
        cmocka_unit_test(what_is_asked_about_a_line_opens_as_its_question),
        cmocka_unit_test(every_line_of_every_screen_opens),
        cmocka_unit_test(a_whole_text_is_wrapped_anew_for_another_window),
        cmocka_unit_test(a_whole_text_tells_what_is_true_now),
        cmocka_unit_test(where_one_reads_stays_when_a_text_is_made_anew),
        cmocka_unit_test(a_text_about_what_is_gone_says_so_and_stays),
        cmocka_unit_test(a_check_is_copied_with_its_result),
        cmocka_unit_test(a_plain_line_is_copied_as_it_is_drawn),
        cmocka_unit_test(the_report_tells_limits_and_its_evidence),
        cmocka_unit_test(o_lists_the_files_and_y_copies_the_summary),
        cmocka_unit_test(a_status_says_conditions_actions_and_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
