/* SPDX-License-Identifier: PostgreSQL */
/*
 * What a screen of 120x40 has beside its list: the check's query and rows, the report as it
 * will be written, the steps of a way back and how its deadline was computed. No terminal, no
 * clock.
 */
#include "tui_room.h"

/* What the shell has at hand. */
struct shell {
    struct rows rows;
    struct str report;
    struct catalog_snapshot before;
};

/* STR() in a constant. */
#define TEXT(literal)                                                                          \
    {                                                                                          \
        (literal), sizeof(literal) - 1                                                         \
    }

static struct rows rows_of_two(struct arena *arena)
{
    struct rows rows;
    rows_init(&rows, arena, 3);
    rows.names[0] = STR("table");
    rows.names[1] = STR("before");
    rows.names[2] = STR("a heading that begins far to the right, so that it scrolls");
    struct cell *cells = rows_add(&rows);
    cells[0].text = STR("campaigns");
    cells[1].text = STR("4410");
    cells[2].text = STR("and ends here");
    cells = rows_add(&rows);
    cells[0].text = STR("moves");
    cells[1].text = STR("9");
    cells[2].is_null = true;
    return rows;
}

static const struct rows *check_rows(void *ctx, enum check_place place, int index, int check)
{
    const struct shell *shell = ctx;
    return place == PLACE_SET && index == 0 && check == 0 ? &shell->rows : NULL;
}

static struct str file_text(void *ctx, struct str path)
{
    (void)ctx;
    return str_eq(path, "sql/lower.sql") ? STR("select \"from the file\"\nfrom kept")
                                         : (struct str){0};
}

static void report_text(void *ctx, struct strbuf *out)
{
    const struct shell *shell = ctx;
    strbuf_add(out, shell->report);
}

static struct desk *open_desk(struct shell *shell, enum state state, int columns, int rows)
{
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, columns, rows);
    shell->rows = rows_of_two(&desk->said);
    desk->ui.sources = (struct ui_sources){.ctx = shell,
                                           .check_rows = check_rows,
                                           .file_text = file_text,
                                           .report_text = report_text};
    desk_reach(desk, state);
    return desk;
}

static void show(struct desk *desk, enum screen screen)
{
    ui_go(&desk->ui, screen);
    desk_see(desk);
}

static void focus(struct desk *desk, enum pane_id pane)
{
    for (int i = 0; i < 8 && desk->ui.focus[desk->ui.screen] != pane; i++) {
        desk_key(desk, KEY_TAB);
        desk_see(desk);
    }
    assert_int_equal(desk->ui.focus[desk->ui.screen], pane);
}

/* ------------------------------------------------------------------------ a check */

static void a_check_stands_beside_the_list_with_its_query_and_its_rows(void **state)
{
    (void)state;
    struct shell shell = {0};
    struct desk *desk = open_desk(&shell, STATE_JUDGE, 120, 40);
    struct plan_check check = *desk->run.sets[0][0].check;
    check.file = STR("sql/lower.sql");
    check.sql = (struct str){0};
    check.source = PLAN_SOURCE_FILE;
    desk->run.sets[0][0].check = &check;
    show(desk, SCREEN_VERIFY);
    SEES(desk, "sql/lower.sql");
    SEES(desk, "select \"from the file\"");
    SEES(desk, "from kept");
    SEES(desk, "expected ");
    SEES(desk, " ago");
    SEES(desk, "staging   ?? not rehearsed");
    SEES(desk, "── ROWS ");
    SEES(desk, "2 rows");
    SEES(desk, "table      before");
    SEES(desk, "campaigns    4410"); /* numbers end under their heading */
    SEES(desk, "moves           9");
    check.file = STR("sql/other.sql");
    desk_see(desk);
    SEES(desk, "?? its text is not at hand");
    check.file = STR("sql/lower.sql");
    assert_true(overlay_subject(&desk->ui, &desk->run,
                                (struct subject){SUBJECT_CHECK, (int64_t)PLACE_SET << 16, 0}));
    assert_true(
        strstr(desk_frame(desk), "campaigns    4410") <
        strstr(desk->frame.ptr, "from kept")); /* rows before a query that may be long */
    desk_key(desk, KEY_ESCAPE);
    focus(desk, PANE_E);
    SEES_NOT(desk, "so that it scrolls");
    for (int i = 0; i < 6; i++) {
        desk_key(desk, KEY_RIGHT_ARROW);
    }
    desk_see(desk);
    SEES(desk, "so that it scrolls"); /* the heading moves with the rows */
    SEES_NOT(desk, "campaigns    4410");
    desk_silent(desk);
    desk_close(desk);
}

static void rows_that_nobody_kept_are_said_to_be_gone(void **state)
{
    (void)state;
    struct shell shell = {0};
    struct desk *desk = open_desk(&shell, STATE_JUDGE, 120, 40);
    assert_true(ui_go_to(&desk->ui, &desk->run,
                         (struct subject){SUBJECT_CHECK, (int64_t)PLACE_SET << 16, 1}));
    desk_see(desk);
    SEES(desk, "?? rows: only the process that asked keeps");
    SEES(desk, "builtin ");
    desk_close(desk);
}

static void a_small_screen_has_the_rows_below_the_list(void **state)
{
    (void)state;
    struct shell shell = {0};
    struct desk *desk = open_desk(&shell, STATE_JUDGE, 80, 24);
    show(desk, SCREEN_VERIFY);
    SEES(desk, "campaigns    4410");
    SEES_NOT(desk, "staging");
    focus(desk, PANE_B);
    desk_key(desk, 'G');
    SEES(desk, "moves           9");
    desk_close(desk);
}

static void the_query_of_a_check_never_shows_a_password(void **state)
{
    (void)state;
    struct shell shell = {0};
    struct desk *desk = open_desk(&shell, STATE_JUDGE, 120, 40);
    struct plan_check check = *desk->run.sets[0][0].check;
    check.sql = STR("alter role web password 'tiger'");
    desk->run.sets[0][0].check = &check;
    show(desk, SCREEN_VERIFY);
    SEES(desk, "(text not shown: it says a password)");
    SEES_NOT(desk, "tiger");
    desk_close(desk);
}

/* ----------------------------------------------------------------------- the report */

static void the_report_stands_beside_the_criteria_as_it_would_be_written(void **state)
{
    (void)state;
    struct shell shell = {
        .report =
            STR("# A report\n\nA line that is so long that it goes on where the pane ends\n"
                "| a table | is never broken, however long its rows become | last |\n")};
    struct desk *desk = open_desk(&shell, STATE_CLOSE, 120, 40);
    show(desk, SCREEN_REPORT);
    SEES(desk, "report.md");
    SEES(desk, "as of now");
    SEES(desk, "# A report");
    SEES_NOT(desk, "it goes on where the pane ends"); /* wrapped */
    SEES_NOT(desk, "| last |");
    focus(desk, PANE_E);
    for (int i = 0; i < 3; i++) {
        desk_key(desk, KEY_RIGHT_ARROW);
    }
    SEES(desk, "| last |");
    desk_key(desk, '+');
    desk_see(desk);
    desk_key(desk, KEY_HOME_KEY);
    SEES(desk, "A line that is so long that it goes on where the pane ends"); /* not wrapped */
    desk_key(desk, '_');
    desk->ui.sources.report_text = NULL;
    desk_see(desk);
    SEES(desk, "?? not known yet");
    SEES_NOT(desk, "written at the end\n");
    desk_close(desk);
}

/* Six hundred lines are told to the last letter; what the pane notes gives way to that. */
static void a_rule_says_where_one_stands_within_its_edge(void **state)
{
    (void)state;
    struct strbuf lines = {0};
    for (int i = 0; i < 634; i++) {
        strbuf_text(&lines, "a line\n");
    }
    struct shell shell = {.report = strbuf_str(&lines)};
    struct desk *desk = open_desk(&shell, STATE_CLOSE, 120, 40);
    show(desk, SCREEN_REPORT);
    SEES(desk, "report.md");
    SEES(desk, " of 634 lines ──\n");
    SEES_NOT(desk, "as it would be now");
    strbuf_release(&lines);
    desk_close(desk);
}

static void the_report_of_a_run_that_is_over_is_the_one_that_was_written(void **state)
{
    (void)state;
    struct shell shell = {.report = STR("# A report\n")};
    struct desk *desk = open_desk(&shell, STATE_END, 120, 40);
    desk->run.report_folder =
        STR("/home/somebody/.local/state/gonogo/runs/20260131-080000-abcdef0/report");
    show(desk, SCREEN_REPORT);
    SEES(desk, "as written");
    SEES(desk, "/runs/20260131-080000-abcdef0/rep"); /* on a line of its own */
    SEES_NOT(desk, "as of now");
    desk_close(desk);
}

/* ---------------------------------------------------------------------- ways back */

static void choose_way(struct desk *desk, int option)
{
    assert_true(ui_go_to(&desk->ui, &desk->run, (struct subject){SUBJECT_OPTION, option, 0}));
    desk_see(desk);
}

static void a_way_back_shows_the_sql_that_it_would_run(void **state)
{
    (void)state;
    struct shell shell = {0};
    struct desk *desk = open_desk(&shell, STATE_JUDGE, 120, 40);
    show(desk, SCREEN_ROLLBACK);
    choose_way(desk, 2);
    SEES(desk, "its file is run as a migration is");
    SEES(desk, "back.sql");
    SEES(desk, "1 statement");
    SEES(desk, "1 CREATE TABLE back (a int);");
    choose_way(desk, 3);
    SEES(desk, "003_down.sql"); /* newest first, as it would be run */
    assert_true(strstr(desk->frame.ptr, "003_down.sql") <
                strstr(desk->frame.ptr, "001_down.sql"));
    focus(desk, PANE_C);
    desk_key(desk, 'G');
    SEES(desk, "1 CREATE TABLE back (a int);");
    desk_silent(desk);
    desk_close(desk);
}

static void a_way_back_never_shows_a_password(void **state)
{
    (void)state;
    struct shell shell = {0};
    struct desk *desk = open_desk(&shell, STATE_JUDGE, 120, 40);
    struct sql_script script;
    struct sql_trouble trouble;
    const struct sql_script *scripts[] = {NULL, NULL, &script, NULL, NULL};
    assert_true(
        sql_cut(STR("ALTER ROLE web PASSWORD 'tiger';"), NULL, &desk->said, &script, &trouble));
    desk->fixture->setup.option_scripts = scripts;
    show(desk, SCREEN_ROLLBACK);
    choose_way(desk, 2);
    SEES(desk, "(text not shown: it says a");
    SEES_NOT(desk, "tiger");
    desk_close(desk);
}

static void a_way_back_names_what_it_cannot_bring_back(void **state)
{
    (void)state;
    static const struct lint_destroyed lost[] = {
        {.at = {.statement = 1}, .kind = "table", .rows = 88310, .recent_writes = -1}};
    struct lint_file_result file = {.name = STR("001.sql")};
    struct lint_destroyed named = lost[0];
    named.name = STR("public.notifications");
    struct lint_result lint = {
        .files = &file, .file_count = 1, .destroyed = &named, .destroyed_count = 1};
    struct shell shell = {0};
    struct desk *desk = open_desk(&shell, STATE_JUDGE, 120, 40);
    desk->fixture->setup.lint = &lint;
    show(desk, SCREEN_ROLLBACK);
    choose_way(desk, 2);
    SEES(desk, "── WHAT IT CANNOT BRING BACK");
    SEES(desk, "table notifications ");
    SEES(desk, "88,310 rows");
    SEES(desk, "only a restore has it");
    choose_way(desk, 1);
    SEES_NOT(desk, "only a restore has it");
    SEES(desk, "written since the backup");
    ui_resize(&desk->ui, 80, 24);
    choose_way(desk, 2);
    SEES(desk, "the data of 1 destroyed object, 88,310 rows: only a restore has it");
    desk->fixture->setup.lint = NULL;
    desk_see(desk);
    SEES(desk, "?  not known: the files were not analysed");
    desk_close(desk);
}

static void the_turn_back_deadline_is_computed_before_ones_eyes(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_TOLD, 120, 40);
    desk_reach(desk, STATE_JUDGE);
    show(desk, SCREEN_ROLLBACK);
    SEES(desk, "── TURN-BACK DEADLINE");
    SEES(desk, "of the fastest that brings back the most");
    SEES(desk, "window closes                      13:00:00   by the plan");
    SEES(desk,
         "- way back hand                      10m00s   By hand: the plan says so, nobody");
    SEES(desk, "- margin                               none");
    SEES(desk, "= last moment to turn back         12:50:00   4h");
    SEES(desk, "turn-back deadline 12:50:00   left 4h");
    SEES_NOT(desk, "(13:00:00 less"); /* the line of the small screen */
    desk->run.options[0].why_not = STR("nobody has the key");
    desk->run.options[1].estimate_us = 4 * US_PER_MINUTE;
    desk->run.options[1].measured = true;
    desk_see(desk);
    SEES(desk,
         "- way back dump                       4m00s   Restore: measured when the backup");
    SEES(desk, "- margin                              6m00s   the plan grants it 10m00s");
    SEES(desk, "= last moment to turn back         12:50:00");
    desk->run.options[1].estimate_us = 15 * US_PER_MINUTE;
    desk->run.now_us = desk->run.closes_us;
    desk_see(desk);
    SEES(desk, "the plan grants it no more than was measured");
    SEES(desk, "= last moment to turn back         12:45:00   passed 15m00s ago");
    desk->run.closes_us = 0;
    desk_see(desk);
    SEES(desk, "?? the plan has no window");
    desk_close(desk);
}

/* --------------------------------------------------------------------- definitions */

static const struct catalog_snapshot *members_before(void *ctx, enum moment moment)
{
    const struct shell *shell = ctx;
    return moment == MOMENT_BEFORE ? &shell->before : NULL;
}

/* A table with two columns, a key, a policy; and another one with a column of its own. */
static void fill_before(struct catalog_snapshot *snapshot)
{
    static const char *const cells[][6] = {
        {"tables", "public", "", "quests", "table", "0"},
        {"tables", "public", "", "moves", "table", "0"},
        {"columns", "public", "quests", "title", "text not null", "2"},
        {"columns", "public", "quests", "id", "bigint not null", "1"},
        {"columns", "public", "moves", "elsewhere", "text", "1"},
        {"constraints", "public", "quests", "quests_pkey", "PRIMARY KEY (id)", "0"},
        {"rls_policies", "public", "quests", "own rows", "permissive for all to public", "0"},
        {"tables_with_rls", "public", "", "quests", "enabled, forced", "0"},
    };
    struct arena arena = {0};
    struct rows rows;
    struct catalog_counts counts = {0};
    struct err err = {0};
    rows_init(&rows, &arena, 6);
    for (size_t i = 0; i < COUNT_OF(cells); i++) {
        struct cell *row = rows_add(&rows);
        for (size_t k = 0; k < 6; k++) {
            row[k].text = str_from(cells[i][k]);
        }
    }
    *snapshot = (struct catalog_snapshot){0};
    if (!catalog_snapshot_read(snapshot, STR("app"), &counts, &rows, &err)) {
        fail_msg("%s", err.message);
    }
    arena_release(&arena);
}

static struct event_change changes[] = {
    {.what = TEXT("tables"), .name = TEXT("quests"), .kind = CHANGE_GONE, .planned = true},
    {.what = TEXT("rls_policies"),
     .name = TEXT("moves.own rows"),
     .kind = CHANGE_CHANGED,
     .old_definition = TEXT("permissive for select to public using (owner = 1)"),
     .new_definition = TEXT("restrictive for select to public using (owner = 2)")},
};

static void a_table_that_is_gone_shows_what_stood_on_it(void **state)
{
    (void)state;
    struct shell shell = {0};
    struct desk *desk = open_desk(&shell, STATE_JUDGE, 120, 40);
    fill_before(&shell.before);
    desk->ui.sources.members = members_before;
    desk->run.snapshots[MOMENT_NOW].changes = changes;
    desk->run.snapshots[MOMENT_NOW].change_count = COUNT_OF(changes);
    show(desk, SCREEN_COUNTS);
    assert_true(strstr(desk_frame(desk), "── BEFORE / AFTER") <
                strstr(desk->frame.ptr, "── MEMBERS")); /* below everything, whole width */
    assert_true(
        ui_go_to(&desk->ui, &desk->run, (struct subject){SUBJECT_CHANGE, MOMENT_NOW, 0}));
    desk_see(desk);
    SEES(desk, "before; it is gone");
    SEES(desk, "row level security enabled, forced");
    SEES(desk, "id                    bigint not null");
    SEES(desk, "title                 text not null");
    assert_true(strstr(desk->frame.ptr, "bigint not null") <
                strstr(desk->frame.ptr, "text not null")); /* in the table's order */
    SEES(desk, "quests_pkey");
    SEES(desk, "PRIMARY KEY (id)");
    SEES(desk, "permissive for all to public");
    SEES_NOT(desk, "elsewhere");
    desk_key(desk, KEY_RETURN);
    SEES(desk, "PRIMARY KEY (id)"); /* the whole text has it, too */
    desk_key(desk, KEY_ESCAPE);
    assert_true(overlay_subject(&desk->ui, &desk->run,
                                (struct subject){SUBJECT_MEMBER, MOMENT_BEFORE, 1}));
    SEES(desk, "quests_pkey"); /* and so has a table that is nothing but there */
    desk_key(desk, KEY_ESCAPE);
    desk->ui.sources.members = NULL;
    desk_see(desk);
    SEES(desk, "?? the snapshot is not at hand");
    catalog_snapshot_release(&shell.before);
    desk_close(desk);
}

static void changed_words_are_underlined_in_both_definitions(void **state)
{
    (void)state;
    struct shell shell = {0};
    struct desk *desk = open_desk(&shell, STATE_JUDGE, 120, 40);
    desk->run.snapshots[MOMENT_NOW].changes = changes;
    desk->run.snapshots[MOMENT_NOW].change_count = COUNT_OF(changes);
    show(desk, SCREEN_COUNTS);
    assert_true(
        ui_go_to(&desk->ui, &desk->run, (struct subject){SUBJECT_CHANGE, MOMENT_NOW, 1}));
    desk_see(desk);
    assert_true(desk_underlines(desk, "permissive"));
    assert_true(desk_underlines(desk, "restrictive"));
    assert_false(desk_underlines(desk, "for select to public"));
    assert_false(desk_underlines(desk, "owner ="));
    SEES(desk, "permissive for select to public using");
    desk_close(desk);
}

/* ------------------------------------------------------------------------ the size */

static void a_larger_screen_gives_the_right_side_its_half(void **state)
{
    (void)state;
    static const int sizes[][3] = {{120, 40, 70}, {200, 60, 110}, {300, 100, 160}};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct shell shell = {0};
        struct desk *desk = open_desk(&shell, STATE_JUDGE, sizes[i][0], sizes[i][1]);
        for (int screen = 0; screen < SCREEN__COUNT; screen++) {
            show(desk, (enum screen)screen);
            struct layout layout;
            layout_page(&desk->ui, &desk->ui.page, &layout);
            assert_true(layout.wall == sizes[i][2] || layout.wall == -1);
            (void)desk_frame(desk);
        }
        show(desk, SCREEN_REVIEW);
        SEES(desk, "── LOG"); /* where what is destroyed leaves it room */
        show(desk, SCREEN_REPORT);
        /* A number stays near the words that it belongs to. */
        SEES(desk,
             i == 0 ? "✓ tables                       3      2      2"
                    : "✓ tables                                             3      2      2");
        desk_close(desk);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_check_stands_beside_the_list_with_its_query_and_its_rows),
        cmocka_unit_test(rows_that_nobody_kept_are_said_to_be_gone),
        cmocka_unit_test(a_small_screen_has_the_rows_below_the_list),
        cmocka_unit_test(the_query_of_a_check_never_shows_a_password),
        cmocka_unit_test(the_report_stands_beside_the_criteria_as_it_would_be_written),
        cmocka_unit_test(a_rule_says_where_one_stands_within_its_edge),
        cmocka_unit_test(the_report_of_a_run_that_is_over_is_the_one_that_was_written),
        cmocka_unit_test(a_way_back_shows_the_sql_that_it_would_run),
        cmocka_unit_test(a_way_back_never_shows_a_password),
        cmocka_unit_test(a_way_back_names_what_it_cannot_bring_back),
        cmocka_unit_test(the_turn_back_deadline_is_computed_before_ones_eyes),
        cmocka_unit_test(a_table_that_is_gone_shows_what_stood_on_it),
        cmocka_unit_test(changed_words_are_underlined_in_both_definitions),
        cmocka_unit_test(a_larger_screen_gives_the_right_side_its_half),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
