/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the terminal is told beside the frames: the title of its window, the bell, the
 * clipboard, the mouse. The bytes themselves are read, because a screen that looks right
 * may still leave a title, a mouse mode or half of a name behind.
 */
#include "screens_world.h"

#include "testing.h"

#include <signal.h>

#define NEXT      " NEXT  Ready?"
#define KEEP      "\033[22;2t" /* the terminal keeps the title … */
#define TAKE_BACK "\033[23;2t" /* … and takes it back */

static const char plan_form[] =
    "version: 1\n"
    "name: small plan\n"
    "window: { date: \"2024-01-31\", weekday: wed, timezone: UTC, opens: \"07:00\", "
    "closes: \"%s\" }\n"
    "targets: [{ id: scratch, environment: scratch }]\n"
    "ledger: { table: schema_migrations, style: plain, create: true }\n"
    "roles: [{ id: dba, title: Database Admin, people: [anna], votes: true }]\n"
    "checklist: [{ id: c1, gate: prep, phase: before, ask: \"Ready?\", proof: note, role: dba, "
    "max_age: 4h }]\n"
    "steps: [{ migration: \"001\", file: 001.sql, undo: none }]\n";
static const char migration[] = "create table orders (\n    id int primary key,\n    name text "
                                "default 'Z\xc3\xbcrich \xe2\x82\xac'\n);\n";

static int open_until(void **state, const char *closes)
{
    struct strbuf plan = {0};
    strbuf_format(&plan, plan_form, closes);
    int done = world_open(state, plan.ptr, migration);
    strbuf_release(&plan);
    return done;
}

static int set_up(void **state)
{
    return open_until(state, "12:00");
}

/* The clock begins at 08:00. */
static int set_up_late(void **state)
{
    return open_until(state, "08:05");
}

static int tear_down(void **state)
{
    return world_close(state);
}

static const char *bytes_of(struct world *world)
{
    return pty_screen(screen_pty(world->screen));
}

static void press(struct world *world, const char *keys)
{
    pty_type(screen_pty(world->screen), keys);
}

static void start(struct world *world, const char *term, const char *variable)
{
    start_sized(world, term, variable, NULL, 80, 24);
    SEE(world->screen, NEXT);
}

static void end(struct world *world)
{
    assert_int_equal(kill(pty_pid(screen_pty(world->screen)), SIGTERM), 0);
    assert_int_equal(pty_end(screen_pty(world->screen), SOON), 6);
    assert_true(screen_is_restored(world->screen, &world->before));
}

static void type_when(struct world *world, const char *prompt, const char *line)
{
    SEE(world->screen, prompt);
    screen_read(world->screen, DEAF_MS);
    press(world, line);
}

/* Until the window's title has a word. */
static void see_title(struct world *world, const char *word)
{
    int64_t until_ms = test_now_ms() + SOON * 1000;
    while (!strstr(screen_title(world->screen), word) && test_now_ms() < until_ms) {
        screen_read(world->screen, 20);
    }
    if (!strstr(screen_title(world->screen), word)) {
        printf("# the title is \"%s\", not \"%s\"\n", screen_title(world->screen), word);
        fail();
    }
}

static void hold(struct world *world)
{
    press(world, "H");
    type_when(world, "Hold at the next safe point?", "lunch\r");
    SEE(world->screen, "‖PREP");
}

static size_t times(const char *bytes, const char *wanted)
{
    size_t count = 0;
    for (const char *at = bytes; (at = strstr(at, wanted)) != NULL; at++) {
        count++;
    }
    return count;
}

/* --------------------------------------------------------------------- title */

static void a_hold_rings_and_names_the_window(void **state)
{
    struct world *world = *state;
    start(world, "xterm-256color", NULL);
    int bells = screen_bells(world->screen);
    hold(world);
    see_title(world, "HOLD " DATABASE "@[local]");
    assert_int_equal(screen_bells(world->screen), bells + 1);
    assert_int_equal(times(bytes_of(world), KEEP), 1);
    assert_int_equal(times(bytes_of(world), TAKE_BACK), 0);
    end(world);
    const char *last = strstr(bytes_of(world), TAKE_BACK);
    assert_non_null(last);
    assert_null(strstr(last, "\033]2;"));
    assert_int_equal(times(bytes_of(world), KEEP), times(bytes_of(world), TAKE_BACK));
}

static void a_title_that_is_no_longer_true_goes(void **state)
{
    struct world *world = *state;
    start(world, "xterm-256color", NULL);
    hold(world);
    see_title(world, "HOLD");
    press(world, "a");
    type_when(world, "which? a word", "go\r");
    SEE(world->screen, NEXT);
    screen_read(world->screen, 500);
    assert_null(strstr(screen_title(world->screen), "HOLD"));
    end(world);
}

static void after_a_crash_the_title_is_the_old_one(void **state)
{
    struct world *world = *state;
    start(world, "xterm-256color", NULL);
    hold(world);
    see_title(world, "HOLD");
    assert_int_equal(kill(pty_pid(screen_pty(world->screen)), SIGSEGV), 0);
    assert_int_not_equal(pty_end(screen_pty(world->screen), SOON), 0);
    assert_true(screen_is_restored(world->screen, &world->before));
    assert_int_equal(times(bytes_of(world), KEEP), times(bytes_of(world), TAKE_BACK));
}

static void a_terminal_without_a_title_is_told_none(void **state)
{
    struct world *world = *state;
    start(world, "vt100", NULL);
    hold(world);
    end(world);
    assert_null(strstr(bytes_of(world), "\033]"));
    assert_null(strstr(bytes_of(world), KEEP));
    assert_null(strstr(bytes_of(world), TAKE_BACK));
}

/* Five minutes before the end it rings once, says so, and is seen from another window. */
static void the_end_of_the_window_is_told_once(void **state)
{
    struct world *world = *state;
    start_sized(world, "xterm-256color", NULL, NULL, 80, 24);
    SEE(world->screen, "the window closes in 5 minutes");
    see_title(world, "CLOSING " DATABASE);
    int bells = screen_bells(world->screen);
    assert_int_equal(bells, 1);
    press(world, "vcj\f");
    SEE(world->screen, "BEFORE / AFTER");
    assert_int_equal(screen_bells(world->screen), bells);
    end(world);
}

/* A name that would end the title and begin another sequence is text in it. */
static void a_hostile_name_is_text_in_the_title(void **state)
{
    static const char name[] = "x\033]0;owned\007\033[31m\xc2\x9d\xc2\x9cy";
    struct world *world = *state;
    test_database_create(test_server_get(), name);
    world->database = name;
    start(world, "xterm-256color", NULL);
    hold(world);
    see_title(world, "HOLD x\\x1b]0;owned");
    end(world);
    const char *bytes = bytes_of(world);
    assert_null(strstr(bytes, "\033]0;owned"));
    assert_null(strstr(bytes, "\xc2\x9d"));
    assert_null(strstr(bytes, "\xc2\x9c"));
    test_database_drop(test_server_get(), name);
}

/* ----------------------------------------------------------------- clipboard */

static void add_decoded(struct strbuf *out, const char *text)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    int count = 0;
    for (const char *digit; *text && (digit = strchr(digits, *text)) != NULL; text++) {
        bits = bits << 6 | (uint32_t)(digit - digits);
        count += 6;
        if (count >= 8) {
            count -= 8;
            strbuf_byte(out, (char)(bits >> count & 0xff));
        }
    }
}

/* What the last OSC 52 of the stream carries, DCS pieces of screen put together. */
static void read_clipboard(struct world *world, struct strbuf *out)
{
    const char *last = NULL;
    for (const char *at = bytes_of(world); (at = strstr(at, "\033]52;c;")) != NULL; at++) {
        last = at + strlen("\033]52;c;");
    }
    assert_non_null(last);
    struct strbuf digits = {0};
    while (*last && *last != '\a') {
        if (str_starts(str_from(last), "\033\\\033P")) {
            last += strlen("\033\\\033P");
        } else {
            strbuf_byte(&digits, *last++);
        }
    }
    assert_int_equal(*last, '\a');
    add_decoded(out, digits.ptr);
    strbuf_release(&digits);
}

static void the_statement_is_copied(struct world *world)
{
    press(world, "v");
    SEE(world->screen, "judged by what"); /* the target has been asked: nothing moves now */
    press(world, ":goto 001:1\r");
    screen_read(world->screen, 300);
    press(world, "y");
    SEE(world->screen, "copied: copied.txt");
}

static void what_is_copied_comes_back_byte_by_byte(void **state)
{
    static const char *const within[] = {NULL, "STY=1.screen"};
    for (size_t i = 0; i < COUNT_OF(within); i++) {
        struct world *world = *state;
        struct strbuf copied = {0};
        start(world, i == 0 ? "xterm-256color" : "screen-256color", within[i]);
        the_statement_is_copied(world);
        SEE(world->screen, "copied.txt of the run, offered to the clipboard");
        read_clipboard(world, &copied);
        assert_true(str_is(str_trim(strbuf_str(&copied)),
                           (struct str){migration, strlen(migration) - 1}));
        strbuf_release(&copied);
        end(world);
        screen_free(world->screen);
        world->screen = NULL;
    }
}

/* tmux has a buffer of its own and takes no OSC 52 by itself: none is sent through it. */
static void within_tmux_no_sequence_is_sent(void **state)
{
    struct world *world = *state;
    start(world, "tmux-256color", "TMUX=/nowhere/socket,1,0");
    the_statement_is_copied(world);
    end(world);
    assert_null(strstr(bytes_of(world), "\033]52"));
}

/* --------------------------------------------------------------------- mouse */

/* The row, from 1, on which a text stands. */
static int row_of(struct world *world, const char *text)
{
    struct str rest = str_from(screen_text(world->screen));
    struct str line;
    for (int row = 1; str_cut(&rest, '\n', &line); row++) {
        for (size_t at = 0; at < line.len; at++) {
            if (str_starts(str_slice(line, at, line.len), text)) {
                return row;
            }
        }
    }
    fail();
    return 0;
}

static void click(struct world *world, const char *text)
{
    char report[64];
    int row = row_of(world, text);
    (void)snprintf(report, sizeof(report), "\033[<0;20;%dM\033[<0;20;%dm", row, row);
    press(world, report);
}

static void m_gives_the_mouse_and_takes_it_back(void **state)
{
    struct world *world = *state;
    start(world, "xterm-256color", NULL);
    assert_null(strstr(bytes_of(world), "\033[?1000h")); /* the terminal selects text */
    press(world, "M");
    SEE(world->screen, "mouse on");
    assert_non_null(strstr(bytes_of(world), "\033[?1000h\033[?1006h"));
    press(world, "q");
    SEE(world->screen, "►  stay");
    screen_read(world->screen, 500);
    click(world, "hold at the next safe point");
    SEE(world->screen, "►  leave");
    click(world, "hold at the next safe point"); /* twice is not Enter */
    click(world, "go on watching");
    SEE(world->screen, "►  stay");
    press(world, "\033");
    SEE(world->screen, "nothing was done");
    press(world, "M");
    SEE(world->screen, "mouse off");
    assert_non_null(strstr(bytes_of(world), "\033[?1006l\033[?1000l"));
    end(world);
}

static void a_mouse_that_is_on_is_given_back_at_the_end(void **state)
{
    static const int signals[] = {SIGTERM, SIGSEGV};
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        struct world *world = *state;
        start_sized(world, "xterm-256color", NULL, "--mouse", 80, 24);
        SEE(world->screen, NEXT);
        assert_non_null(strstr(bytes_of(world), "\033[?1000h\033[?1006h"));
        assert_int_equal(kill(pty_pid(screen_pty(world->screen)), signals[i]), 0);
        (void)pty_end(screen_pty(world->screen), SOON);
        assert_true(screen_is_restored(world->screen, &world->before));
        const char *on = strstr(bytes_of(world), "\033[?1000h");
        assert_non_null(strstr(on, "\033[?1006l\033[?1000l"));
        screen_free(world->screen);
        world->screen = NULL;
    }
}

/* --------------------------------------------------------------------- paste */

/* A box opens, and what was typed too early is dropped, the beginning of a paste with it:
 * the rest of the paste is no answer, and what is typed behind it is one. */
static void the_rest_of_a_paste_is_not_typed_into_a_box(void **state)
{
    struct world *world = *state;
    start(world, "xterm-256color", NULL);
    press(world, "a\033[200~early");
    SEE(world->screen, "Esc leaves everything as it is");
    screen_read(world->screen, 500);
    press(world, "late\r\033[201~");
    SEE(world->screen, "pasted text is ignored here");
    assert_null(strstr(screen_text(world->screen), "late"));
    press(world, "typed");
    SEE(world->screen, "typed");
    press(world, "\033");
    SEE(world->screen, "nothing was done");
    end(world);
}

/* The end never comes: Esc is the way out, and it is said. */
static void escape_ends_a_paste_that_has_no_end(void **state)
{
    struct world *world = *state;
    start(world, "xterm-256color", NULL);
    press(world, "\033[200~v");
    SEE(world->screen, "pasted text is ignored here");
    screen_read(world->screen, 1200);
    press(world, "v");
    SEE(world->screen, "Esc ends it");
    press(world, "\033");
    screen_read(world->screen, 1200);
    press(world, "v");
    SEE(world->screen, "PLAN REVIEW");
    end(world);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define LATE(name) cmocka_unit_test_setup_teardown(name, set_up_late, tear_down)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TEST(a_hold_rings_and_names_the_window),
        TEST(a_title_that_is_no_longer_true_goes),
        TEST(after_a_crash_the_title_is_the_old_one),
        TEST(a_terminal_without_a_title_is_told_none),
        LATE(the_end_of_the_window_is_told_once),
        TEST(a_hostile_name_is_text_in_the_title),
        TEST(what_is_copied_comes_back_byte_by_byte),
        TEST(within_tmux_no_sequence_is_sent),
        TEST(m_gives_the_mouse_and_takes_it_back),
        TEST(a_mouse_that_is_on_is_given_back_at_the_end),
        TEST(the_rest_of_a_paste_is_not_typed_into_a_box),
        TEST(escape_ends_a_paste_that_has_no_end),
    };
    cmocka_set_test_filter(getenv("GONOGO_TEST")); /* one of them, by its name */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
