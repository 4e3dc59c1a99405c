/* SPDX-License-Identifier: PostgreSQL */
/*
 * Search, filter, the command line and the help: nothing is hidden silently, nothing
 * wraps around, and every key and command can be found.
 */
#include "tui_room.h"

#include "commands.h"

/* A long list of its own, so that every hit is known: 30 lines, seven of them with "fox". */
static void build_list(struct page *page)
{
    struct pane *pane = page_pane(page, PANE_B, PANE_MAIN, "LIST");
    pane->grows = true;
    for (int i = 0; i < 30; i++) {
        line_at(pane_row(pane, SUBJECT_TEXT, i, 0), 0, STYLE_NORMAL, "line %d %s", i,
                i % 4 == 2 ? "Fox" : "goose");
    }
}

/* The picture is paused, so the list stays. */
static struct desk *open_list(void)
{
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_PREP);
    page_begin(&desk->ui.page, desk->ui.glyphs, 80, 24);
    build_list(&desk->ui.page);
    desk->ui.focus[desk->ui.screen] = PANE_B;
    desk->ui.paused = true;
    desk->ui.paused_us = desk->now_us;
    ui_settle(&desk->ui);
    return desk;
}

static int64_t cursor(struct desk *desk)
{
    return ui_cursor(&desk->ui, PANE_B).a;
}

static void a_search_jumps_while_one_types_and_escape_leads_back(void **state)
{
    (void)state;
    struct desk *desk = open_list();
    desk_type(desk, "jjj/fo");
    SEES(desk, "find: /fo");
    SEES(desk, "2 of 7");
    assert_int_equal(cursor(desk), 6);
    desk_type(desk, "g");
    SEES(desk, "no match for \"fog\" ");
    SEES_NOT(desk, "capitals");
    assert_int_equal(cursor(desk), 3); /* where the search began */
    desk_key(desk, KEY_RUB);
    assert_int_equal(cursor(desk), 6);
    desk_key(desk, KEY_ESCAPE);
    assert_int_equal(cursor(desk), 3);
    assert_int_equal(desk->ui.mode, MODE_BROWSE);
    assert_string_equal(desk->ui.search, "");
    desk_close(desk);
}

static void the_last_hit_is_said_and_nothing_wraps(void **state)
{
    (void)state;
    struct desk *desk = open_list();
    desk_type(desk, "/fox\n");
    assert_int_equal(cursor(desk), 2);
    for (int i = 0; i < 6; i++) {
        desk_key(desk, 'n');
    }
    SEES(desk, "7 of 7");
    assert_int_equal(cursor(desk), 26);
    desk_key(desk, 'n');
    SEES(desk, "last one of 7; N goes back");
    assert_int_equal(cursor(desk), 26);
    desk_key(desk, 'N');
    SEES(desk, "6 of 7");
    assert_int_equal(cursor(desk), 22);
    desk_type(desk, "gN");
    SEES(desk, "first one of 7");
    assert_int_equal(cursor(desk), 0);
    desk_type(desk, "G/fox");
    SEES(desk, "none below, 7 above");
    assert_int_equal(cursor(desk), 29);
    desk_type(desk, "\nN");
    assert_int_equal(cursor(desk), 26);
    desk_type(desk, "/Goose\n"); /* capitals are meant */
    desk_key(desk, 'n');
    SEES(desk, "no match for \"Goose\" (capitals are matched exactly)");
    desk_type(desk, "/FOX");
    SEES(desk, "no match for \"FOX\" (capitals are matched exactly)");
    desk_key(desk, KEY_ESCAPE);
    desk_close(desk);
}

static void a_filter_is_live_and_never_silent(void **state)
{
    (void)state;
    struct desk *desk = open_list();
    desk_type(desk, "ffox");
    SEES(desk, "only lines with: fox");
    SEES(desk, "filtered 7 of 30");
    SEES_NOT(desk, "goose");
    desk_key(desk, KEY_RETURN);
    SEES(desk, "filtered 7 of 30");
    desk_type(desk, "f"); /* what was typed is there to be changed */
    assert_string_equal(desk->ui.input.text, "fox");
    desk_type(desk, "es");
    SEES(desk, "filtered 0 of 30");
    SEES(desk, "no match for \"foxes\" ");
    desk_key(desk, KEY_CONTROL('u'));
    SEES_NOT(desk, "no match");
    desk_type(desk, "GOOSE");
    SEES(desk, "filtered 0 of 30");
    SEES(desk, "no match for \"GOOSE\" (capitals are matched exactly)");
    desk_key(desk, KEY_ESCAPE);
    SEES_NOT(desk, "filtered");
    SEES(desk, "goose");
    desk_type(desk, "ffox\n");
    desk_key(desk, KEY_ESCAPE);
    SEES_NOT(desk, "filtered");
    desk_close(desk);
}

static void a_filter_shows_in_a_pane_without_a_title(void **state)
{
    (void)state;
    struct desk *desk = open_list();
    desk->ui.page.panes[0].title = (struct str){0};
    desk_type(desk, "ffox\n");
    SEES(desk, "filtered 7 of 30");
    desk_close(desk);
}

static void what_is_cut_off_is_found_and_copied_all_the_same(void **state)
{
    (void)state;
    struct desk *desk = open_list();
    struct pane *pane = &desk->ui.page.panes[0];
    struct line *line = pane_row(pane, SUBJECT_TEXT, 30, 0);
    line_fit(line, 0, 20, STYLE_NORMAL, STR("drop table if exists public.quests"));
    SEES_NOT(desk, "quests");
    desk_type(desk, "fquests\n");
    SEES(desk, "filtered 1 of 31");
    SEES(desk, "drop table if exist…");
    desk_key(desk, 'j');
    desk_key(desk, 'y');
    assert_string_equal(desk->ui.wish_text.ptr, "drop table if exists public.quests");
    desk_close(desk);
}

static void letters_are_text_while_a_line_is_typed(void **state)
{
    (void)state;
    struct desk *desk = open_list();
    desk_type(desk, "/q");
    assert_int_equal(desk->ui.mode, MODE_SEARCH);
    desk_key(desk, KEY_ESCAPE);
    desk_type(desk, ":q?H");
    assert_string_equal(desk->ui.input.text, "q?H");
    desk_silent(desk);
    desk_close(desk);
}

/* ------------------------------------------------------------------ commands */

static struct desk *open_desk(enum state state)
{
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, state);
    return desk;
}

static void tab_goes_through_what_begins_like_that(void **state)
{
    (void)state;
    struct desk *desk = open_desk(STATE_PREP);
    desk_type(desk, ":a");
    desk_key(desk, KEY_TAB);
    assert_string_equal(desk->ui.input.text, "answer");
    SEES(desk, " answer ─ attest ─ accept ─ acknowledge ─");
    desk_key(desk, KEY_TAB);
    assert_string_equal(desk->ui.input.text, "attest");
    desk_key(desk, KEY_BACK_TAB);
    desk_key(desk, KEY_BACK_TAB); /* round: the list is short and in sight */
    assert_string_equal(desk->ui.input.text, "abandon");
    desk_key(desk, KEY_CONTROL('u'));
    desk_type(desk, "goto mig");
    desk_key(desk, KEY_TAB);
    assert_string_equal(desk->ui.input.text, "goto migrate");
    desk_key(desk, KEY_CONTROL('u'));
    desk_type(desk, "vote b");
    desk_key(desk, KEY_TAB);
    assert_string_equal(desk->ui.input.text, "vote backend");
    desk_key(desk, KEY_CONTROL('u'));
    desk_type(desk, "zz");
    desk_key(desk, KEY_TAB);
    SEES(desk, "nothing begins like that");
    desk_close(desk);
}

static void arrows_bring_back_what_was_typed(void **state)
{
    (void)state;
    struct desk *desk = open_desk(STATE_PREP);
    desk_type(desk, ":note one\n");
    (void)desk_only(desk, EVENT_SCRIBE);
    desk_type(desk, ":note two\n");
    const struct event *event = desk_only(desk, EVENT_SCRIBE);
    assert_true(str_eq(event->text, "two"));
    desk_key(desk, ':');
    desk_key(desk, KEY_UP_ARROW);
    assert_string_equal(desk->ui.input.text, "note two");
    desk_key(desk, KEY_UP_ARROW);
    desk_key(desk, KEY_UP_ARROW);
    assert_string_equal(desk->ui.input.text, "note one");
    desk_key(desk, KEY_DOWN_ARROW);
    assert_string_equal(desk->ui.input.text, "note two");
    desk_key(desk, KEY_DOWN_ARROW);
    assert_string_equal(desk->ui.input.text, "");
    for (int i = 0; i < 3 * HISTORY_MAX; i++) { /* the ring is longer than its room */
        char line[32];
        (void)snprintf(line, sizeof(line), "\033:theme %s\n", i % 2 ? "mono" : "light");
        desk_type(desk, line);
    }
    desk_key(desk, ':');
    for (int i = 0; i < 2 * HISTORY_MAX; i++) {
        desk_key(desk, KEY_UP_ARROW);
    }
    assert_string_equal(desk->ui.input.text, "theme light");
    desk_close(desk);
}

static void an_unknown_word_is_told_what_was_meant(void **state)
{
    (void)state;
    struct desk *desk = open_desk(STATE_PREP);
    desk_type(desk, ":rolback\n");
    SEES(desk, "\"rolback\" is no command; did you mean rollback?");
    assert_string_equal(desk->ui.input.text, "rolback"); /* to be mended */
    desk_key(desk, KEY_CONTROL('u'));
    desk_type(desk, "xyzzyx\n");
    SEES(desk, "\"xyzzyx\" is no command; :help explains them: answer questions note hold");
    desk_key(desk, KEY_CONTROL('u'));
    desk_type(desk, "foo\n"); /* two letters from "goto", and not alike */
    SEES(desk, "\"foo\" is no command; :help explains them:");
    desk_key(desk, KEY_CONTROL('u'));
    desk_type(desk, "roll\n");
    SEES(desk, "\"roll\" is no command; did you mean rollback?");
    desk_key(desk, KEY_CONTROL('u'));
    desk_type(desk, "\n");
    assert_int_equal(desk->ui.mode, MODE_BROWSE);
    desk_silent(desk);
    desk_close(desk);
}

static void what_plain_prompts_know_is_known_here(void **state)
{
    (void)state;
    static const char *const plain[] = {
        "status",    "questions", "counts", "checks",   "sql",  "log",
        "locks",     "note",      "vote",   "override", "hold", "cancel",
        "terminate", "rollback",  "back",   "quit",     "help"};
    for (size_t i = 0; i < COUNT_OF(plain); i++) {
        bool found = false;
        for (size_t k = 0; k < command_count; k++) {
            found = found || strcmp(commands[k].word, plain[i]) == 0;
        }
        if (!found) {
            fail_msg("%s is no command here", plain[i]);
        }
    }
}

/* Alone, each command says how it is used or opens what asks: none acts. */
static void no_command_acts_by_its_word_alone(void **state)
{
    (void)state;
    static const enum state stops[] = {STATE_PREP, STATE_POLL, STATE_RUNNING, STATE_JUDGE};
    for (size_t s = 0; s < COUNT_OF(stops); s++) {
        struct desk *desk = open_desk(stops[s]);
        for (size_t i = 0; i < command_count; i++) {
            desk_key(desk, ':');
            desk_type(desk, commands[i].word);
            desk_key(desk, KEY_RETURN);
            desk_wait(desk);
            desk_key(desk, KEY_RETURN);
            for (int k = 0; k < 3 && desk->ui.mode != MODE_BROWSE; k++) {
                desk_key(desk, KEY_ESCAPE);
            }
            assert_int_equal(desk->ui.mode, MODE_BROWSE);
            desk_wait(desk); /* what was armed is no longer */
            desk_silent(desk);
            assert_int_equal(desk->ui.wishes & WISH_CLOSE, 0);
        }
        desk_close(desk);
    }
}

static void goto_finds_the_screen_and_the_line(void **state)
{
    (void)state;
    struct desk *desk = open_desk(STATE_JUDGE);
    desk_type(desk, ":goto 001:2\n");
    struct subject at = ui_cursor(&desk->ui, desk->ui.focus[desk->ui.screen]);
    assert_int_equal(at.kind, SUBJECT_STATEMENT);
    assert_int_equal(at.a, 0);
    assert_int_equal(at.b, 1);
    desk_type(desk, ":goto 001:1\n");
    desk_type(desk, ":goto 001.sql:2\n"); /* a file's number is a line */
    at = ui_cursor(&desk->ui, desk->ui.focus[desk->ui.screen]);
    assert_int_equal(at.kind, SUBJECT_STATEMENT);
    assert_int_equal(at.b, desk->run.scripts[0].sql->statements[1].head.line <= 2 ? 1 : 0);
    desk_type(desk, ":goto 001:1\n");
    desk_type(desk, ":goto 001:43\n"); /* there is no such statement: a line, too */
    at = ui_cursor(&desk->ui, desk->ui.focus[desk->ui.screen]);
    assert_int_equal(at.kind, SUBJECT_STATEMENT);
    assert_int_equal(at.b, (int64_t)desk->run.scripts[0].sql->count - 1);
    desk_type(desk, ":goto Q2\n");
    at = ui_cursor(&desk->ui, desk->ui.focus[desk->ui.screen]);
    assert_int_equal(at.kind, SUBJECT_CHECK);
    assert_string_equal(check_of_subject(&desk->run, at)->check->id.ptr, "Q2");
    desk_type(desk, ":goto monitor\n");
    assert_int_equal(desk->ui.screen, SCREEN_MONITOR);
    desk_type(desk, ":goto nowhere\n");
    SEES(desk, "goto SCREEN, CHECK, ITEM, PROBE, STEP, STEP:N or FILE:LINE");
    desk_close(desk);
}

static void theme_and_glyphs_change_at_once(void **state)
{
    (void)state;
    struct desk *desk = open_desk(STATE_PREP);
    desk_type(desk, ":glyphs ascii\n");
    SEES(desk, "[TEST]");
    desk_type(desk, ":theme mono\n");
    assert_ptr_equal(desk->ui.theme, &theme_mono);
    desk_type(desk, ":theme pink\n");
    SEES(desk, "theme default, contrast, light or mono");
    desk_close(desk);
}

static void a_pasted_command_is_not_run(void **state)
{
    (void)state;
    struct desk *desk = open_desk(STATE_PREP);
    desk_key(desk, ':');
    desk_key(desk, KEY_PASTE_BEGIN);
    desk_type(desk, "note pasted\nhold now\n");
    desk_key(desk, KEY_PASTE_END);
    desk_silent(desk);
    assert_string_equal(desk->ui.input.text, "note pastedhold now");
    desk_close(desk);
}

/* ---------------------------------------------------------------------- help */

/* Everything that the help has, page after page. */
static struct str whole_help(struct desk *desk, struct arena *arena)
{
    struct strbuf out = {0};
    const struct pane *pane = &desk->ui.overlay.panes[0];
    for (size_t i = 0; i < pane->count; i++) { /* a long one goes on below: one text again */
        struct str line = str_trim(line_plain(&pane->lines[i], arena));
        strbuf_add(&out, line);
        strbuf_byte(&out, ' ');
    }
    struct str text = str_dup(arena, strbuf_str(&out));
    strbuf_release(&out);
    return text;
}

static void help_lists_every_key_command_and_sign_on_every_screen(void **state)
{
    (void)state;
    struct desk *desk = open_desk(STATE_POLL);
    for (int screen = 0; screen < SCREEN__COUNT; screen++) {
        struct arena arena = {0};
        ui_go(&desk->ui, (enum screen)screen);
        desk_see(desk);
        desk_key(desk, screen % 2 == 0 ? '?' : KEY_F1);
        SEES(desk, "HELP");
        SEES(desk, screens[screen].title);
        struct str help = whole_help(desk, &arena);
        for (size_t i = 0; i < key_row_count; i++) {
            if (key_rows[i].help && !strstr(help.ptr, key_rows[i].help)) {
                fail_msg("\"%s\" is not in the help", key_rows[i].help);
            }
        }
        for (size_t i = 0; i < command_count; i++) {
            assert_non_null(strstr(help.ptr, commands[i].help));
        }
        assert_non_null(strstr(help.ptr, "claimed, not proven, no data"));
        desk_key(desk, KEY_ESCAPE);
        assert_int_equal(desk->ui.mode, MODE_BROWSE);
        arena_release(&arena);
    }
    desk_close(desk);
}

static void keys_of_the_screen_come_first_in_the_help(void **state)
{
    (void)state;
    struct desk *desk = open_desk(STATE_RUNNING);
    desk_key(desk, '?');
    const char *frame = desk_frame(desk);
    const char *own = strstr(frame, "end the session that holds us up; asks");
    const char *all = strstr(frame, "KEYS");
    assert_non_null(own);
    assert_non_null(all);
    assert_true(own < all);
    desk_close(desk);
}

static void help_is_searched_like_any_list(void **state)
{
    (void)state;
    struct desk *desk = open_desk(STATE_PREP);
    desk_type(desk, "?/freeze\n");
    assert_int_equal(desk->ui.mode, MODE_HELP);
    SEES(desk, "1 of 1");
    SEES(desk, "freeze the picture");
    desk_type(desk, "fsuspend\n");
    SEES(desk, "filtered 1 of");
    desk_key(desk, KEY_ESCAPE);
    SEES_NOT(desk, "filtered");
    desk_key(desk, 'q');
    assert_int_equal(desk->ui.mode, MODE_BROWSE);
    desk_type(desk, ":help rollback\n");
    assert_int_equal(desk->ui.mode, MODE_HELP);
    SEES(desk, "open the rollback decision; asks");
    SEES(desk, "filtered 4 of");
    desk_close(desk);
}

static void add_help(void *ctx, const char *name, const char *rest, const char *help)
{
    strbuf_format(ctx, "%s %s %s\n", name, rest, help);
}

static void the_manual_has_every_key_and_command(void **state)
{
    (void)state;
    struct strbuf out = {0};
    tui_each_key(add_help, &out);
    tui_each_command(add_help, &out);
    for (size_t i = 0; i < key_row_count; i++) {
        assert_true(!key_rows[i].help || strstr(out.ptr, key_rows[i].help));
    }
    for (size_t i = 0; i < command_count; i++) {
        assert_non_null(strstr(out.ptr, commands[i].help));
    }
    strbuf_release(&out);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_jumps_while_one_types_and_escape_leads_back),
        cmocka_unit_test(the_last_hit_is_said_and_nothing_wraps),
        cmocka_unit_test(a_filter_is_live_and_never_silent),
        cmocka_unit_test(a_filter_shows_in_a_pane_without_a_title),
        cmocka_unit_test(what_is_cut_off_is_found_and_copied_all_the_same),
        cmocka_unit_test(letters_are_text_while_a_line_is_typed),
        cmocka_unit_test(tab_goes_through_what_begins_like_that),
        cmocka_unit_test(arrows_bring_back_what_was_typed),
        cmocka_unit_test(an_unknown_word_is_told_what_was_meant),
        cmocka_unit_test(what_plain_prompts_know_is_known_here),
        cmocka_unit_test(no_command_acts_by_its_word_alone),
        cmocka_unit_test(goto_finds_the_screen_and_the_line),
        cmocka_unit_test(theme_and_glyphs_change_at_once),
        cmocka_unit_test(a_pasted_command_is_not_run),
        cmocka_unit_test(help_lists_every_key_command_and_sign_on_every_screen),
        cmocka_unit_test(keys_of_the_screen_come_first_in_the_help),
        cmocka_unit_test(help_is_searched_like_any_list),
        cmocka_unit_test(the_manual_has_every_key_and_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
