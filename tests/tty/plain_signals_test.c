/* SPDX-License-Identifier: PostgreSQL */
/*
 * What people do by accident or in need at the plain prompts: ^C, ^Z, a broken line, the
 * end of input, lines typed too early. With the demo's blocker, 012 waits two seconds
 * for a lock: long enough to be interrupted inside a transaction.
 */
#include "base.h"
#include "pty.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    SOON = 30,
    LATER = 60
};
#define PROMPT "gonogo> "

static void tell_screen(struct pty *pty, const char *text)
{
    struct str rest = str_from(pty_screen(pty));
    struct str line;
    printf("# not seen: \"%s\"; the screen:\n", text);
    while (str_cut(&rest, '\n', &line)) {
        printf("#   %.*s\n", STR_ARG(line));
    }
    (void)fflush(stdout);
}

#define SEE(pty, text, seconds)                                                                \
    do {                                                                                       \
        if (!pty_wait((pty), (text), (seconds))) {                                             \
            tell_screen((pty), (text));                                                        \
            fail();                                                                            \
        }                                                                                      \
    } while (0)

static struct pty *start_demo(const char *trouble)
{
    const char *argv[] = {pty_program(), "demo", "--plain", "--trouble", trouble, NULL};
    const char *environment[] = {"TERM=dumb", NULL};
    if (!trouble) {
        argv[3] = NULL;
    }
    return pty_start(argv, environment);
}

static void answer(struct pty *pty, const char *prompt, const char *line)
{
    SEE(pty, prompt, SOON);
    pty_type(pty, line);
    pty_type(pty, "\n");
}

static void go_on(struct pty *pty, const char *text)
{
    SEE(pty, text, LATER);
    SEE(pty, PROMPT, SOON);
    pty_type(pty, "questions\n");
    SEE(pty, text, SOON);
    const char *at = pty_since(pty) - strlen(text);
    while (at[-1] == ' ') {
        at--;
    }
    char number[16] = "";
    const char *end = at;
    while (at[-1] >= '0' && at[-1] <= '9') {
        at--;
    }
    (void)snprintf(number, sizeof(number), "%.*s\n", (int)(end - at), at);
    SEE(pty, PROMPT, SOON);
    pty_type(pty, number);
    answer(pty, "type go to go on: ", "go");
}

static void override_by_command(struct pty *pty, const char *id)
{
    struct strbuf line = {0};
    strbuf_format(&line, "override %s", id);
    answer(pty, PROMPT, line.ptr);
    answer(pty, "reason: ", "a throw-away server");
    answer(pty, "who says so (name): ", "carla");
    strbuf_clear(&line);
    strbuf_format(&line, "override %s: ", id);
    SEE(pty, line.ptr, SOON);
    strbuf_release(&line);
}

static void vote_by_command(struct pty *pty, const char *role, const char *who)
{
    struct strbuf line = {0};
    strbuf_format(&line, "vote %s", role);
    answer(pty, PROMPT, line.ptr);
    answer(pty, "GO, NO-GO or HOLD: ", "GO");
    answer(pty, "who says so (name): ", who);
    SEE(pty, "votes GO", SOON);
    strbuf_release(&line);
}

/* From the start to the typed name, which is left to the test. */
static void walk_to_the_name(struct pty *pty)
{
    static const char *const prep[] = {"c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"};
    static const char *const poll[] = {"a1", "a3", "a4"};
    SEE(pty, "Team sign-off obtained?", LATER);
    for (size_t i = 0; i < COUNT_OF(prep); i++) {
        override_by_command(pty, prep[i]);
    }
    go_on(pty, "The checklist of PREP is closed");
    go_on(pty, "The required backups are proven. Go on to the poll?");
    SEE(pty, "DevOps: GO, NO-GO or HOLD?", LATER);
    for (size_t i = 0; i < COUNT_OF(poll); i++) {
        override_by_command(pty, poll[i]);
    }
    vote_by_command(pty, "dba", "anna");
    vote_by_command(pty, "backend", "ben");
    vote_by_command(pty, "devops", "dev");
    go_on(pty, "All say GO. Go on to the point of no return?");
    SEE(pty, "The point of no return: type the name", SOON);
    SEE(pty, "The point of no return: type the name", SOON);
    SEE(pty, PROMPT, SOON);
}

static void type_the_name(struct pty *pty)
{
    pty_type(pty, "questions\n");
    SEE(pty, "The point of no return: type the name", SOON);
    const char *text = "The point of no return: type the name";
    const char *at = pty_since(pty) - strlen(text);
    while (at[-1] == ' ') {
        at--;
    }
    const char *end = at;
    while (at[-1] >= '0' && at[-1] <= '9') {
        at--;
    }
    char number[16];
    (void)snprintf(number, sizeof(number), "%.*s\n", (int)(end - at), at);
    SEE(pty, PROMPT, SOON);
    pty_type(pty, number);
    answer(pty, "name of the database: ", "app");
}

/* F03: the first ^C arms and says what is lost, the second cancels; the server is asked, the
 * file is rolled back for certain, and nothing ends before that is known. */
static void fault_F03_control_c_arms_then_cancels(void **state)
{
    (void)state;
    struct pty *pty = start_demo("blocker");
    walk_to_the_name(pty);
    pty_type(pty, "\003");
    SEE(pty, "nothing of ours runs. The way out: quit", SOON);
    SEE(pty, PROMPT, SOON);
    type_the_name(pty);
    go_on(pty, "Go on to 012?");
    SEE(pty, "waiting", SOON);
    pty_type(pty, "\032"); /* ^Z, in a transaction */
    SEE(pty, "not now: a transaction of ours is open", SOON);
    pty_type(pty, "\003");
    SEE(pty, "once more within 3 s cancels statement", SOON);
    pty_type(pty, "\003");
    SEE(pty, "cancel is sent", SOON);
    SEE(pty, "57014", SOON);
    SEE(pty, "012 ROLLED BACK, nothing of it is left", SOON);
    SEE(pty, PROMPT, SOON);
    pty_type(pty, "quit\n");
    answer(pty, "it can be resumed: ", "leave");
    assert_int_equal(pty_end(pty, SOON), 6);
    SEE(pty, "gonogo: exit 6: stopped at a safe point", 1);
    pty_free(pty);
}

/* What was typed before the question stood there does not answer it. */
static void lines_typed_too_early_are_dropped(void **state)
{
    (void)state;
    struct pty *pty = start_demo(NULL);
    SEE(pty, "throw-away PostgreSQL", LATER);
    pty_type(pty, "1\noverride\nbecause\ncarla\n");
    SEE(pty, "Team sign-off obtained?", LATER);
    SEE(pty, PROMPT, SOON);
    pty_type(pty, "\n\n1\n");
    SEE(pty, "which? ", SOON);
    pty_type(pty, "\n"); /* Enter alone approves nothing */
    SEE(pty, "nothing was done", SOON);
    assert_null(strstr(pty_screen(pty), "override c1"));
    SEE(pty, PROMPT, SOON);
    pty_type(pty, "vote dba\n");
    answer(pty, "GO, NO-GO or HOLD: ", "go");
    SEE(pty, "type GO, NO-GO or HOLD, in capitals", SOON);
    answer(pty, "GO, NO-GO or HOLD: ", "GO");
    answer(pty, "who says so (name): ", "mallory");
    SEE(pty, "the plan lists", SOON);
    pty_type(pty, "\003");
    SEE(pty, "nothing was done", SOON);
    SEE(pty, PROMPT, SOON);
    pty_type(pty, "note caf\351\n"); /* no UTF-8 */
    SEE(pty, "is no UTF-8 text", SOON);
    SEE(pty, PROMPT, SOON);
    pty_type(pty, "note \033[31mred\n");
    SEE(pty, "\\x1b[31mred", SOON);
    assert_null(strstr(pty_screen(pty), "\033[31mred"));
    SEE(pty, PROMPT, SOON);
    pty_type(pty, "\004"); /* the end of input */
    SEE(pty, "the input has ended", SOON);
    assert_int_equal(pty_end(pty, SOON), 6);
    pty_free(pty);
}

/* The lines are as wide as the window, which is asked for its size each time. */
static void a_wide_window_is_used(void **state)
{
    (void)state;
    static const char whole[] = "c1  Staging passed all 12 verification queries?  - not known "
                                "yet: there is no rehearsal";
    const char *argv[] = {pty_program(), "demo", "--plain", NULL};
    const char *environment[] = {"TERM=dumb", NULL};
    struct pty *pty = pty_start_sized(argv, environment, 120, 40);
    SEE(pty, whole, LATER);
    SEE(pty, PROMPT, SOON);
    pty_resize(pty, 80, 24);
    pty_type(pty, "note narrow now\n");
    SEE(pty, "narrow now", SOON);
    SEE(pty, PROMPT, SOON);
    pty_type(pty, "questions\n");
    SEE(pty, "Team sign-off obtained?", SOON);
    const char *asked = strstr(pty_screen(pty), "gonogo> questions");
    assert_non_null(asked);
    assert_null(strstr(asked, whole));
    SEE(pty, PROMPT, SOON);
    pty_type(pty, "leave\n");
    answer(pty, "it can be resumed: ", "leave");
    assert_int_equal(pty_end(pty, SOON), 6);
    SEE(pty, "next: gonogo demo --keep keeps such a run, to be resumed", 1);
    pty_free(pty);
}

/* F04: the line breaks inside a transaction; the statement's fate is read, then it holds. */
static void fault_F04_a_broken_line_is_survived(void **state)
{
    (void)state;
    struct pty *pty = start_demo("blocker");
    walk_to_the_name(pty);
    type_the_name(pty);
    go_on(pty, "Go on to 012?");
    SEE(pty, "waiting", SOON);
    pty_hang_up(pty);
    assert_int_equal(pty_end(pty, SOON), 3);
    pty_free(pty);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_typed_too_early_are_dropped),
        cmocka_unit_test(a_wide_window_is_used),
        cmocka_unit_test(fault_F03_control_c_arms_then_cancels),
        cmocka_unit_test(fault_F04_a_broken_line_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
