/* SPDX-License-Identifier: PostgreSQL */
/*
 * Told to end in the middle of each screen and each box: the terminal is as it was, the
 * exit code is that of a stop at a safe point, the record is whole, and nothing was done to
 * the database. A crash gives the terminal back, too, and breaks no record.
 */
#include "screens_world.h"

#include <glob.h>
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

/* Keys that lead to a screen or open something, and words that are seen then. */
static const struct {
    const char *keys, *mark;
} places[] = {
    {"1", "── TIMELINE"},
    {"2", "── BACKUP"},
    {"3", "── GO / NO-GO"},
    {"4", " MIGRATE  "},
    {"5", "── VERIFICATION"},
    {"6", "── PROBES"},
    {"7", "── CRITERIA"},
    {"v", " PLAN REVIEW"},
    {"c", "── BEFORE / AFTER"},
    {"b", " ROLLBACK  "},
    {"?", "── HELP"},
    {"a", "Esc leaves everything as it is"},
    {"q", "A run is open"},
    {"H", "Hold at the next safe point?"},
    {"/some", "find: /some"},
    {":no\t", ":note"},
    {"p", "PAUSED"},
    {"M", "mouse on"},
};

static int set_up(void **state)
{
    return world_open(state, plan_text, "create table orders (id int primary key);\n");
}

static int tear_down(void **state)
{
    return world_close(state);
}

/* The record of the newest run has every link of its chain. */
static void the_record_is_whole(const struct world *world)
{
    glob_t found = {0};
    char pattern[128];
    (void)snprintf(pattern, sizeof(pattern), "%s/state/gonogo/runs/*", world->folder);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    const char *run = strrchr(found.gl_pathv[found.gl_pathc - 1], '/') + 1;
    const char *argv[] = {pty_program(), "report", run, "--verify", NULL};
    const char *environment[] = {world->state, world->home, NULL};
    struct pty *pty = pty_start(argv, environment);
    int code = pty_end(pty, SOON);
    if (code != 0) {
        printf("# the record: %s\n", pty_screen(pty));
    }
    assert_int_equal(code, 0);
    pty_free(pty);
    globfree(&found);
}

/* What stands behind the last frame: paste marks off, the cursor, the other screen. */
static void the_stream_ends_well(struct world *world)
{
    const char *bytes = pty_screen(screen_pty(world->screen));
    const char *off = strstr(bytes, "\033[?2004l");
    assert_non_null(off);
    assert_non_null(strstr(off, "\033[?1049l"));
    assert_null(strstr(strstr(off, "\033[?1049l"), "\033[?1049h"));
    assert_null(strstr(off + 1, "\033[?2004h"));
}

static void end_in_every_place(struct world *world, int number, int code)
{
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        start_sized(world, "xterm-256color", NULL, NULL, 80, 24);
        SEE(world->screen, NEXT);
        pty_type(screen_pty(world->screen), places[i].keys);
        SEE(world->screen, places[i].mark);
        assert_int_equal(kill(pty_pid(screen_pty(world->screen)), number), 0);
        int ended = pty_end(screen_pty(world->screen), SOON);
        if (code < 0 ? ended == 0 : ended != code) {
            printf("# on \"%s\" the exit code was %d\n", places[i].mark, ended);
            fail();
        }
        assert_true(screen_is_restored(world->screen, &world->before));
        the_stream_ends_well(world);
        the_record_is_whole(world);
        screen_free(world->screen);
        world->screen = NULL;
    }
    assert_int_equal(
        test_query_number(test_server_get(), DATABASE,
                          "select count(*) from pg_class where relname = 'orders'"),
        0);
}

static void sigterm_ends_at_a_safe_point(void **state)
{
    end_in_every_place(*state, SIGTERM, 6);
}

static void sighup_ends_at_a_safe_point(void **state)
{
    end_in_every_place(*state, SIGHUP, 6);
}

static void a_crash_gives_the_terminal_back(void **state)
{
    end_in_every_place(*state, SIGSEGV, -1);
}

/* What becomes of a window while it is dragged: a single cell, a wall, and back. */
static void a_window_of_one_cell_comes_back_in_every_place(void **state)
{
    struct world *world = *state;
    start_sized(world, "xterm-256color", NULL, NULL, 80, 24);
    SEE(world->screen, NEXT);
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        static const int sizes[][2] = {{1, 1}, {300, 100}, {2, 40}, {200, 2}};
        pty_type(screen_pty(world->screen), places[i].keys);
        SEE(world->screen, places[i].mark);
        for (size_t k = 0; k < COUNT_OF(sizes); k++) {
            screen_resize(world->screen, sizes[k][0], sizes[k][1]);
            screen_read(world->screen, 60); /* longer than sizes are gathered for */
        }
        screen_resize(world->screen, 80, 24);
        SEE(world->screen, NEXT);
        if (!strstr("pM", places[i].keys)) {
            SEE(world->screen, places[i].mark);
        }
        pty_type(screen_pty(world->screen), "\033");
        screen_read(world->screen, 60);
    }
    assert_int_equal(kill(pty_pid(screen_pty(world->screen)), SIGTERM), 0);
    assert_int_equal(pty_end(screen_pty(world->screen), SOON), 6);
    assert_true(screen_is_restored(world->screen, &world->before));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TEST(sigterm_ends_at_a_safe_point),
        TEST(sighup_ends_at_a_safe_point),
        TEST(a_crash_gives_the_terminal_back),
        TEST(a_window_of_one_cell_comes_back_in_every_place),
    };
    cmocka_set_test_filter(getenv("GONOGO_TEST")); /* one of them, by its name */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
