/* SPDX-License-Identifier: PostgreSQL */
/*
 * F13: the connection becomes a black hole: bytes are taken, nothing comes back, and no
 * socket breaks. Over a unix socket no keepalive helps, as none helps against a server
 * that stands still. Whatever the program waits for, it has to notice by its own
 * deadlines and to say so; killed then, a resume finds each migration done once.
 *
 * All walks wait at the same time: the deadlines are half a minute long.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <unistd.h>

#include "fault_checker.h"
#include "fault_proxy.h"

enum {
    RESUMES_MAX = 6,
    TRIES = 1200, /* times PAUSE_US: two minutes for what takes forty seconds */
    PAUSE_US = 100000
};

/* Where the hole opens, and the words that tell that it was noticed. */
struct hole {
    const char *name; /* of phase and database */
    const char *session;
    const char *text;
    const char *words;
    struct fault_case c;
    struct fault_proxy proxy;
    pid_t pid;
};

static const char lost[] = "no answer before the deadline";
static struct hole holes[] = {
    {.name = "connect", .session = "", .text = "", .words = "no connection within"},
    {.name = "looks", .session = "gonogo watch", .text = "gonogo.probe", .words = lost},
    {.name = "review", .session = "gonogo check", .text = "pg_constraint", .words = lost},
    {.name = "begin", .session = "gonogo work", .text = "begin", .words = lost},
    {.name = "running", .session = "gonogo work", .text = "remaining bigint", .words = lost},
    {.name = "committing", .session = "gonogo work", .text = "COMMIT", .words = lost},
    {.name = "step_check", .session = "gonogo check", .text = "select 0", .words = lost},
    {.name = "verify", .session = "gonogo check", .text = "as r (name)", .words = lost},
};

static bool says(const struct hole *hole)
{
    char path[2 * FAULT_PATH];
    struct strbuf text = {0};
    (void)snprintf(path, sizeof(path), "%s/out.%d", hole->c.home, hole->c.starts);
    bool said = test_read_file(path, 0, &text) && strstr(text.ptr ? text.ptr : "", hole->words);
    strbuf_release(&text);
    return said;
}

static bool waits_until_said(const struct hole *hole)
{
    for (int i = 0; i < TRIES; i++) {
        if (says(hole)) {
            return true;
        }
        test_pause_us(PAUSE_US);
    }
    return false;
}

static void open_hole(const struct fault_world *world, struct hole *hole)
{
    fault_case_open(&hole->c, world, hole->name);
    (void)snprintf(hole->c.host, sizeof(hole->c.host), "%s", hole->c.home);
    fault_hole_start(&hole->proxy, hole->c.home, test_server_socket_dir(world->server),
                     hole->session, hole->text);
    hole->pid = fault_start(&hole->c, "run", NULL);
}

/* Noticed; then the program is killed, the network comes back, and the run goes on. */
static bool judge(const struct fault_world *world, struct hole *hole)
{
    bool good = waits_until_said(hole);
    if (!good) {
        printf("# %s: nothing is said\n", hole->name);
        fault_tell_output(&hole->c);
    }
    (void)kill(hole->pid, SIGKILL);
    (void)fault_wait(&hole->c, hole->pid);
    if (!fault_proxy_stop(&hole->proxy)) {
        printf("# %s: there was no hole\n", hole->name);
        good = false;
    }
    fault_proxy_start(&hole->proxy, hole->c.home, test_server_socket_dir(world->server),
                      CUT_BEFORE, 0, 0); /* at the same address, and it cuts nothing */
    good = fault_resume_to_end(&hole->c, RESUMES_MAX) == 0 && good;
    good = fault_verdict(&hole->c, hole->pid, true, hole->name) && good;
    (void)fault_proxy_stop(&hole->proxy);
    fault_case_close(&hole->c);
    return good;
}

static void fault_F13_a_black_hole_is_noticed_in_every_phase(void **state)
{
    struct fault_world world;
    int failed = 0;
    (void)state;
    fault_world_open(&world);
    for (size_t i = 0; i < COUNT_OF(holes); i++) {
        open_hole(&world, &holes[i]);
    }
    for (size_t i = 0; i < COUNT_OF(holes); i++) {
        failed += !judge(&world, &holes[i]);
    }
    fault_world_close(&world);
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_F13_a_black_hole_is_noticed_in_every_phase),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
