/* SPDX-License-Identifier: PostgreSQL */
/*
 * A folder with a small plan, a database, and the program on a terminal that is seen.
 */
#ifndef GONOGO_TEST_SCREENS_WORLD_H
#define GONOGO_TEST_SCREENS_WORLD_H

#include "base.h"
#include "files.h"
#include "screen.h"
#include "server.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    SOON = 20,
    DEAF_MS = 500, /* a dialog takes no answer before it can have been read */
};
#define DATABASE "screens"

/* A folder with a plan, and a database. */
struct world {
    char folder[64];
    char plan[96];
    char state[96], home[96];
    const char *database;
    struct screen *screen;
    struct termios before;
};

static inline void tell_screen(struct screen *screen, const char *text)
{
    struct str rest = str_from(screen_text(screen));
    struct str line;
    printf("# not as wanted: \"%s\"; the screen:\n", text);
    while (str_cut(&rest, '\n', &line)) {
        printf("#   %.*s\n", STR_ARG(line));
    }
    (void)fflush(stdout);
}

#define SEE(screen, text)                                                                      \
    do {                                                                                       \
        if (!screen_wait((screen), (text), SOON)) {                                            \
            tell_screen((screen), (text));                                                     \
            fail();                                                                            \
        }                                                                                      \
    } while (0)

static inline void write_file(const struct world *world, const char *name, const char *text)
{
    struct err err = {0};
    int folder = files_open_directory(AT_FDCWD, world->folder, NULL, &err);
    assert_true(files_write_atomic(folder, name, str_from(text), 0600, NULL, &err));
    close(folder);
}

static inline int world_open(void **state, const char *plan_text, const char *sql)
{
    struct world *world = mem_zero(1, sizeof(*world));
    (void)snprintf(world->folder, sizeof(world->folder), "/tmp/gonogo-screens-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    (void)snprintf(world->plan, sizeof(world->plan), "%s/plan.yaml", world->folder);
    (void)snprintf(world->state, sizeof(world->state), "XDG_STATE_HOME=%s/state",
                   world->folder);
    (void)snprintf(world->home, sizeof(world->home), "HOME=%s", world->folder);
    write_file(world, "plan.yaml", plan_text);
    write_file(world, "001.sql", sql);
    world->database = DATABASE;
    test_database_create(test_server_get(), DATABASE);
    *state = world;
    return 0;
}

static inline int world_close(void **state)
{
    struct world *world = *state;
    struct err err = {0};
    if (world->screen) {
        screen_free(world->screen);
    }
    test_database_drop(test_server_get(), DATABASE);
    int parent = files_open_directory(AT_FDCWD, "/tmp", NULL, &err);
    assert_true(files_remove_tree(parent, strrchr(world->folder, '/') + 1, &err));
    close(parent);
    free(world);
    return 0;
}

/* The run on a terminal of that size, with one more variable and one more option. */
static inline void start_sized(struct world *world, const char *term, const char *variable,
                               const char *option, int columns, int rows)
{
    const struct test_server *server = test_server_get();
    char term_is[64];
    (void)snprintf(term_is, sizeof(term_is), "TERM=%s", term);
    const char *argv[] = {pty_program(),
                          "run",
                          world->plan,
                          "--host",
                          test_server_socket_dir(server),
                          "--port",
                          test_server_port(server),
                          "--username",
                          "app_owner",
                          "--dbname",
                          world->database,
                          "--clock-at",
                          "2024-01-31T08:00Z",
                          option,
                          NULL};
    const char *environment[] = {term_is,    world->state, world->home, "LC_ALL=C.UTF-8",
                                 "TMUX",     "STY",        "NO_COLOR",  "SSH_CONNECTION",
                                 "ESCDELAY", variable,     NULL};
    world->screen = screen_start(argv, environment, columns, rows);
    world->before = screen_modes(world->screen);
}

/* Types into the field that asks, when it can have been read. */
static inline void fill(struct world *world, const char *prompt, const char *text)
{
    struct pty *pty = screen_pty(world->screen);
    SEE(world->screen, prompt);
    screen_read(world->screen, DEAF_MS);
    pty_type(pty, text);
    SEE(world->screen, text);
    pty_type(pty, "\r");
}

/* A plan without a checklist and without roles, at plain prompts: up to the typed name, which
 * is question 3 there. */
static inline void go_to_the_name_at_the_prompts(struct world *world)
{
    struct pty *pty = screen_pty(world->screen);
    SEE(world->screen, "Nothing is on the checklist of PREP");
    pty_type(pty, "1\r");
    fill(world, "type go to go on:", "go");
    SEE(world->screen, "Nobody votes in this plan");
    pty_type(pty, "2\r");
    fill(world, "type go to go on:", "go");
    SEE(world->screen, "The point of no return");
}

#endif
