/* SPDX-License-Identifier: PostgreSQL */
/*
 * The screens and their terminal: taken and given back on every way out, however large,
 * slow, strange or gone the terminal is. The run is a small one on a real server; it
 * waits at its checklist for an answer that nobody gives.
 */
#include "screens_world.h"

#include <signal.h>

#define NEXT " NEXT  Ready?"

static const char plan_text[] =
    "version: 1\n"
    "name: small plan\n"
    "window: { date: \"2024-01-31\", weekday: wed, timezone: UTC, opens: \"08:00\", "
    "closes: \"12:00\" }\n"
    "targets: [{ id: scratch, environment: scratch }]\n"
    "ledger: { table: schema_migrations, style: plain, create: true }\n"
    "roles: [{ id: dba, title: Database Admin, people: [anna], votes: true }]\n"
    "checklist: [{ id: c1, gate: prep, phase: before, ask: \"Ready?\", proof: note, role: dba, "
    "max_age: 4h }]\n"
    "steps: [{ migration: \"001\", file: 001.sql, undo: none }]\n";

static int set_up(void **state)
{
    return world_open(state, plan_text, "create table orders (id int primary key);\n");
}

static int tear_down(void **state)
{
    return world_close(state);
}

static void start(struct world *world, const char *term, const char *variable)
{
    start_sized(world, term, variable, NULL, 80, 24);
}

static void wait_for_the_screen(struct world *world)
{
    SEE(world->screen, NEXT);
    assert_true(screen_is_alternate(world->screen));
    assert_false(screen_shows_cursor(world->screen));
    struct termios raw = screen_modes(world->screen);
    assert_int_equal(raw.c_lflag & (ECHO | ICANON | ISIG), 0);
}

static const char *bytes_of(struct world *world)
{
    return pty_screen(screen_pty(world->screen));
}

/* Told to end: it leaves at once, with the terminal as it was. */
static void end_by_signal(struct world *world, int code)
{
    assert_int_equal(kill(pty_pid(screen_pty(world->screen)), SIGTERM), 0);
    int ended = pty_end(screen_pty(world->screen), SOON);
    if (ended != code) {
        tell_screen(world->screen, "another exit code");
    }
    assert_int_equal(ended, code);
    assert_true(screen_is_restored(world->screen, &world->before));
}

/* --------------------------------------------------------------------- tests */

static void the_terminal_is_given_back_after_sigterm(void **state)
{
    struct world *world = *state;
    start(world, "xterm-256color", NULL);
    wait_for_the_screen(world);
    assert_non_null(strstr(bytes_of(world), "\033[?2004h"));
    assert_true(screen_has_colours(world->screen));
    end_by_signal(world, 6);
    const char *bytes = bytes_of(world);
    assert_non_null(strstr(bytes, "\033[?2004l"));
    assert_non_null(strstr(strstr(bytes, "\033[?1049l"), "gonogo: exit 6"));
}

static void the_terminal_is_given_back_after_a_crash(void **state)
{
    struct world *world = *state;
    start(world, "xterm-256color", NULL);
    wait_for_the_screen(world);
    assert_int_equal(kill(pty_pid(screen_pty(world->screen)), SIGSEGV), 0);
    assert_int_not_equal(pty_end(screen_pty(world->screen), SOON), 0);
    assert_true(screen_is_restored(world->screen, &world->before));
    assert_non_null(strstr(bytes_of(world), "\033[?2004l"));
}

static void sizes_come_and_go(void **state)
{
    struct world *world = *state;
    start(world, "xterm-256color", NULL);
    wait_for_the_screen(world);
    screen_resize(world->screen, 60, 10);
    SEE(world->screen, "80x24 is needed");
    SEE(world->screen, "PREP");
    screen_resize(world->screen, 300, 100);
    SEE(world->screen, NEXT);
    assert_true(screen_wait_gone(world->screen, "80x24 is needed", SOON));
    screen_resize(world->screen, 1, 1);
    screen_resize(world->screen, 120, 40);
    SEE(world->screen, "window closes in");
    screen_resize(world->screen, 80, 24);
    assert_true(screen_wait_gone(world->screen, "window closes in", SOON));
    SEE(world->screen, NEXT);
    end_by_signal(world, 6);
}

static void a_terminal_without_a_size_is_80_by_24(void **state)
{
    struct world *world = *state;
    start_sized(world, "xterm", NULL, NULL, 80, 24);
    wait_for_the_screen(world);
    pty_resize(screen_pty(world->screen), 0, 0);
    pty_type(screen_pty(world->screen), "\f");
    SEE(world->screen, NEXT);
    end_by_signal(world, 6);
}

static void an_unknown_terminal_is_taken_as_another(void **state)
{
    struct world *world = *state;
    start(world, "no-such-terminal", NULL);
    SEE(world->screen, "TERM=no-such-terminal is not known here: taken as xterm-256color");
    wait_for_the_screen(world);
    end_by_signal(world, 6);
}

static void without_any_description_the_prompts_are_plain(void **state)
{
    struct world *world = *state;
    start(world, "dumb", NULL);
    SEE(world->screen, "TERM is dumb");
    SEE(world->screen, "Ready?");
    assert_false(screen_is_alternate(world->screen));
    assert_null(strchr(bytes_of(world), '\033'));
    assert_int_equal(kill(pty_pid(screen_pty(world->screen)), SIGTERM), 0);
    assert_int_equal(pty_end(screen_pty(world->screen), SOON), 6);
    assert_null(strchr(bytes_of(world), '\033'));
}

/* Every description that Debian installs and that can move its cursor. */
static void common_terminals_show_the_screen(void **state)
{
    static const char *const terms[] = {"xterm", "screen", "screen-256color", "tmux-256color",
                                        "linux", "vt100",  "rxvt-unicode"};
    for (size_t i = 0; i < COUNT_OF(terms); i++) {
        struct world *world = *state;
        start(world, terms[i], NULL);
        SEE(world->screen, NEXT);
        SEE(world->screen, "PREP");
        bool colours = screen_has_colours(world->screen);
        assert_int_equal(colours, strcmp(terms[i], "vt100") != 0);
        assert_int_equal(kill(pty_pid(screen_pty(world->screen)), SIGTERM), 0);
        assert_int_equal(pty_end(screen_pty(world->screen), SOON), 6);
        screen_free(world->screen);
        world->screen = NULL;
    }
}

/* Is there a colour among the attributes that are set (ESC [ … m)? 39 and 49 are none. */
static bool has_colour_bytes(const char *bytes)
{
    for (const char *at = bytes; (at = strstr(at, "\033[")) != NULL; at++) {
        size_t length = strspn(at + 2, "0123456789;");
        struct str rest = {at + 2, at[2 + length] == 'm' ? length : 0};
        struct str word;
        while (rest.len > 0 && str_cut(&rest, ';', &word)) {
            int64_t number = 0;
            if (str_to_i64(word, &number) && number >= 30 && number != 39 && number != 49) {
                return true;
            }
        }
    }
    return false;
}

static void no_color_is_honoured(void **state)
{
    struct world *world = *state;
    start(world, "xterm-256color", "NO_COLOR=1");
    wait_for_the_screen(world);
    end_by_signal(world, 6);
    const char *from = strstr(bytes_of(world), "\033[?2004h");
    struct strbuf frame = {0};
    strbuf_add(&frame, (struct str){from, (size_t)(strstr(from, "\033[?2004l") - from)});
    assert_false(has_colour_bytes(frame.ptr));
    strbuf_release(&frame);
}

static void color_always_beats_no_color(void **state)
{
    struct world *world = *state;
    start_sized(world, "xterm-256color", "NO_COLOR=1", "--color=always", 80, 24);
    wait_for_the_screen(world);
    assert_true(screen_has_colours(world->screen));
    end_by_signal(world, 6);
}

/* Without a UTF-8 locale nothing but ASCII is sent. */
static void a_plain_locale_gets_ascii(void **state)
{
    struct world *world = *state;
    start(world, "xterm-256color", "LC_ALL=C");
    SEE(world->screen, "> PREP");
    for (const char *at = bytes_of(world); *at; at++) {
        assert_true((unsigned char)*at < 0x80);
    }
    end_by_signal(world, 6);
}

static void suspend_stops_and_comes_back(void **state)
{
    struct world *world = *state;
    start(world, "xterm-256color", NULL);
    wait_for_the_screen(world);
    pid_t pid = pty_pid(screen_pty(world->screen));
    assert_int_equal(kill(pid, SIGSTOP), 0);
    screen_resize(world->screen, 120, 40);
    assert_int_equal(kill(pid, SIGCONT), 0);
    SEE(world->screen, "window closes in");
    end_by_signal(world, 6);
}

/* Nothing reads for as long as it takes: the run ends when it is told to, all the same. */
static void fault_F05_a_terminal_that_does_not_read_stops_nothing(void **state)
{
    struct world *world = *state;
    start_sized(world, "xterm-256color", NULL, NULL, 300, 100);
    wait_for_the_screen(world);
    struct pty *pty = screen_pty(world->screen);
    for (int i = 0; i < 200; i++) {
        pty_type(pty, "\f"); /* a whole frame each */
    }
    assert_int_equal(kill(pty_pid(pty), SIGTERM), 0);
    /* Its sessions are gone while nobody has read a byte. */
    assert_true(test_query_becomes(test_server_get(), "postgres",
                                   "select count(*) from pg_stat_activity where datname = "
                                   "'" DATABASE "'",
                                   "0"));
    assert_int_equal(pty_end(pty, SOON), 6);
}

static void a_hangup_leaves_the_run(void **state)
{
    struct world *world = *state;
    start(world, "xterm-256color", NULL);
    wait_for_the_screen(world);
    pty_hang_up(screen_pty(world->screen));
    assert_int_equal(pty_end(screen_pty(world->screen), SOON), 6);
}

/* A page of text with all that could act in it, marked as a paste. */
static void a_paste_does_nothing(void **state)
{
    struct world *world = *state;
    start(world, "xterm-256color", NULL);
    wait_for_the_screen(world);
    struct pty *pty = screen_pty(world->screen);
    pty_type(pty, "\033[200~");
    for (int i = 0; i < 40; i++) {
        pty_type(pty, "q:quit\r\003a1234567 H K C yes GO go app\r\n");
    }
    pty_type(pty, "\033[201~");
    SEE(world->screen, "pasted text is ignored");
    wait_for_the_screen(world);
    end_by_signal(world, 6);
}

/* Sizes and keys as they come, for a while: it draws or it does not, and it goes on. */
static void a_storm_of_sizes_and_keys_is_survived(void **state)
{
    struct world *world = *state;
    const char *given = getenv("GONOGO_SEED");
    int64_t seed = time(NULL);
    (void)(given && str_to_i64(str_from(given), &seed));
    printf("# GONOGO_SEED=%lld\n", (long long)seed);
    srand((unsigned)seed);
    start(world, "xterm-256color", NULL);
    wait_for_the_screen(world);
    for (int i = 0; i < 1000; i++) {
        static const char *const keys[] = {"j", "k",      "\t",       "+", "?", "\033", "/x\r",
                                           "n", "g",      "G",        "1", "4", "7",    "v",
                                           "c", "\033[A", "\033[6~",  "p", "M", "\f",   "f",
                                           "b", "\033[<", "\303\251", "o"};
        screen_resize(world->screen, 1 + rand() % 200, 1 + rand() % 60);
        pty_type(screen_pty(world->screen), keys[(size_t)rand() % COUNT_OF(keys)]);
        if (i % 10 == 0) {
            screen_read(world->screen, 5);
        }
    }
    screen_resize(world->screen, 120, 40);
    SEE(world->screen, NEXT);
    end_by_signal(world, 6);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TEST(the_terminal_is_given_back_after_sigterm),
        TEST(the_terminal_is_given_back_after_a_crash),
        TEST(sizes_come_and_go),
        TEST(a_terminal_without_a_size_is_80_by_24),
        TEST(an_unknown_terminal_is_taken_as_another),
        TEST(without_any_description_the_prompts_are_plain),
        TEST(common_terminals_show_the_screen),
        TEST(no_color_is_honoured),
        TEST(color_always_beats_no_color),
        TEST(a_plain_locale_gets_ascii),
        TEST(suspend_stops_and_comes_back),
        TEST(fault_F05_a_terminal_that_does_not_read_stops_nothing),
        TEST(a_hangup_leaves_the_run),
        TEST(a_paste_does_nothing),
        TEST(a_storm_of_sizes_and_keys_is_survived),
    };
    cmocka_set_test_filter(getenv("GONOGO_TEST")); /* one of them, by its name */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
