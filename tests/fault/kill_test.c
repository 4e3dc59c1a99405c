/* SPDX-License-Identifier: PostgreSQL */
/*
 * F01, F02: the real program is killed at every call by which it touches the world while
 * it migrates, at random times, and again while it resumes. After each death `resume`
 * has to bring the run to its end, and the checker judges: every migration exactly once,
 * nothing sent twice, nothing left behind.
 *
 * GONOGO_SEED and GONOGO_KILLS (random kills; default 100) make it longer or different.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <unistd.h>

#include "fault_checker.h"

enum {
    POINTS_MAX = 2000,
    RESUMES_MAX = 6,
    PAIRS = 24
};
/* The first call that counts writes this record. */
static const char from_migrate[] = "\"phase\":\"MIGRATE\"";

/* ------------------------------------------------- which calls there are */

/* One call of a run that was only watched. */
struct call {
    char name[16];
    char note[64];
};

struct kills {
    struct fault_world world;
    struct call calls[POINTS_MAX];
    int call_count; /* from MIGRATE to VERIFY */
    int64_t migrate_us;
    uint64_t seed;
};

static bool take_call(struct kills *kills, struct str line)
{
    struct str number;
    struct str name;
    if (!str_cut(&line, '|', &number) || !str_cut(&line, '|', &name) ||
        kills->call_count >= POINTS_MAX) {
        return false;
    }
    struct call *call = &kills->calls[kills->call_count++];
    (void)snprintf(call->name, sizeof(call->name), "%.*s", STR_ARG(name));
    (void)snprintf(call->note, sizeof(call->note), "%.*s", STR_ARG(line));
    return true;
}

/* A run without a fault, watched: its calls, and how long it migrates. */
static void watch_a_run(struct kills *kills)
{
    struct fault_case c;
    char path[2 * FAULT_PATH];
    struct strbuf text = {0};
    fault_case_open(&c, &kills->world, "watched");
    (void)snprintf(path, sizeof(path), "%s/trace", c.home);
    struct fault_order order = {.act = "trace", .from = from_migrate, .trace = path};
    pid_t pid = fault_start(&c, "run", &order);
    assert_true(fault_journal_says(&c, "\"phase\":\"MIGRATE\"", pid));
    int64_t begin_us = test_now_us();
    assert_true(fault_journal_says(&c, "\"phase\":\"VERIFY\"", pid));
    kills->migrate_us = test_now_us() - begin_us;
    assert_int_equal(fault_wait(&c, pid), 0);
    assert_true(fault_verdict(&c, pid, true, "watched"));
    assert_true(test_read_file(path, 0, &text));
    struct str rest = strbuf_str(&text);
    struct str line;
    int phases = 0;
    while (phases < 2 && str_cut(&rest, '\n', &line) && take_call(kills, line)) {
        phases += strcmp(kills->calls[kills->call_count - 1].note, "phase") == 0;
    }
    assert_int_equal(phases, 2);
    strbuf_release(&text);
    fault_case_close(&c);
}

static int group_setup(void **state)
{
    struct kills *kills = mem_zero(1, sizeof(*kills));
    *state = kills;
    kills->seed = (uint64_t)test_number("GONOGO_SEED", 20240131);
    fault_world_open(&kills->world);
    watch_a_run(kills);
    print_message("# seed %llu, %d calls in MIGRATE, which took %lld ms\n",
                  (unsigned long long)kills->seed, kills->call_count,
                  (long long)(kills->migrate_us / US_PER_MS));
    return 0;
}

static int group_teardown(void **state)
{
    struct kills *kills = *state;
    fault_world_close(&kills->world);
    free(kills);
    return 0;
}

/* ------------------------------------------------------------ every call, F01 */

struct point {
    int call; /* from 1 */
    const char *act;
    bool after;
};

/* Where a migration begins, ends, or is written down: every kind of death is tried there. */
static bool is_keen(const struct call *call)
{
    static const char *const words[] = {"intent", "commit sent", "committed",  "evidence",
                                        "done",   "Q....begin",  "Q....COMMIT"};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (str_starts(str_from(call->note), words[i])) {
            return true;
        }
    }
    return false;
}

/*
 * Killed after a call is the same as killed before the next, with one exception: after a
 * send the server is at work and nobody reads its answer. Of those that only carry one
 * more statement every third is taken (GONOGO_POINTS=1 takes all). A record may be torn.
 */
static int list_points(const struct kills *kills, struct point *points)
{
    long step = test_number("GONOGO_POINTS", 3);
    int count = 0;
    for (int i = 0; i < kills->call_count; i++) {
        const struct call *call = &kills->calls[i];
        bool keen = is_keen(call);
        bool send = strcmp(call->name, "send") == 0;
        points[count++] = (struct point){i + 1, "kill", false};
        if (send && (keen || ((long)kills->seed + i) % step == 0)) {
            points[count++] = (struct point){i + 1, "kill", true};
        }
        if (keen && strcmp(call->name, "write") == 0) {
            points[count++] = (struct point){i + 1, "torn", false};
        }
    }
    return count;
}

struct round {
    const struct kills *kills;
    struct point points[3 * POINTS_MAX];
};

static bool kill_at_point(void *ctx, int item)
{
    const struct round *round = ctx;
    const struct point *point = &round->points[item];
    const struct call *call = &round->kills->calls[point->call - 1];
    struct fault_case c;
    char name[32];
    char what[200];
    (void)snprintf(name, sizeof(name), "point%d", item);
    (void)snprintf(what, sizeof(what), "%s %s call %d, %s \"%s\"", point->act,
                   point->after ? "after" : "before", point->call, call->name, call->note);
    fault_case_open(&c, &round->kills->world, name);
    struct fault_order order = {
        .act = point->act, .after = point->after, .nth = point->call, .from = from_migrate};
    pid_t pid = fault_start(&c, "run", &order);
    int code = fault_wait(&c, pid);
    bool good = fault_verdict(&c, pid, false, what);
    if (code != FAULT_KILLED + SIGKILL) {
        printf("# %s: was not killed but ended with %d\n", what, code);
        good = false;
    }
    if (fault_resume_to_end(&c, RESUMES_MAX) != 0 || c.starts > 2) {
        printf("# %s: needed %d starts\n", what, c.starts);
        good = false;
    }
    good = fault_verdict(&c, pid, true, what) && good;
    fault_case_close(&c);
    return good;
}

static void fault_F01_killed_at_every_call_of_the_migration(void **state)
{
    struct round *round = mem_zero(1, sizeof(*round));
    round->kills = *state;
    int count = list_points(round->kills, round->points);
    print_message("# %d kill points\n", count);
    int failed = fault_in_parallel(count, kill_at_point, round);
    free(round);
    assert_int_equal(failed, 0);
}

/* ----------------------------------------------------------- random kills, F01 */

static bool kill_at_random(void *ctx, int item)
{
    const struct kills *kills = ctx;
    struct fault_case c;
    struct fault_dice dice;
    char name[32];
    char what[120];
    fault_dice_seed(&dice, kills->seed + (uint64_t)item);
    int64_t pause_us =
        (int64_t)fault_dice_roll(&dice, (uint64_t)(kills->migrate_us + kills->migrate_us / 8));
    (void)snprintf(name, sizeof(name), "random%d", item);
    (void)snprintf(what, sizeof(what), "seed %llu, killed %lld us after MIGRATE began",
                   (unsigned long long)(kills->seed + (uint64_t)item), (long long)pause_us);
    fault_case_open(&c, &kills->world, name);
    pid_t pid = fault_start(&c, "run", NULL);
    (void)fault_journal_says(&c, from_migrate, pid);
    test_pause_us(pause_us);
    (void)kill(pid, SIGKILL);
    (void)fault_wait(&c, pid);
    bool good = fault_verdict(&c, pid, false, what);
    if (c.last_code != 0) {
        good = fault_resume_to_end(&c, RESUMES_MAX) == 0 && good;
        good = fault_verdict(&c, pid, true, what) && good;
    }
    fault_case_close(&c);
    return good;
}

static void fault_F01_killed_at_random_times(void **state)
{
    struct kills *kills = *state;
    int count = (int)test_number("GONOGO_KILLS", 100);
    print_message("# %d random kills, seeds %llu to %llu\n", count,
                  (unsigned long long)kills->seed,
                  (unsigned long long)(kills->seed + (uint64_t)count - 1));
    assert_int_equal(fault_in_parallel(count, kill_at_random, kills), 0);
}

/* ------------------------------------------------------ killed while resuming, F02 */

static bool kill_twice(void *ctx, int item)
{
    const struct kills *kills = ctx;
    struct fault_case c;
    struct fault_dice dice;
    char name[32];
    char what[120];
    fault_dice_seed(&dice, kills->seed + 1000000 + (uint64_t)item);
    long first = 1 + (long)fault_dice_roll(&dice, (uint64_t)kills->call_count);
    /* the resume's own calls come first: reading the record, connecting, deciding */
    long second = 1 + (long)fault_dice_roll(&dice, (uint64_t)kills->call_count / 2);
    (void)snprintf(name, sizeof(name), "pair%d", item);
    (void)snprintf(what, sizeof(what), "killed before call %ld, its resume before call %ld",
                   first, second);
    fault_case_open(&c, &kills->world, name);
    struct fault_order order = {.act = "kill", .nth = first, .from = from_migrate};
    pid_t pid = fault_start(&c, "run", &order);
    (void)fault_wait(&c, pid);
    order = (struct fault_order){.act = "kill", .nth = second, .after = item % 2 == 1};
    pid = fault_start(&c, "resume", &order);
    (void)fault_wait(&c, pid);
    bool good = fault_verdict(&c, pid, false, what);
    if (c.last_code != 0) {
        good = fault_resume_to_end(&c, RESUMES_MAX) == 0 && good;
        good = fault_verdict(&c, pid, true, what) && good;
    }
    fault_case_close(&c);
    return good;
}

static void fault_F02_killed_again_while_resuming(void **state)
{
    int count = (int)test_number("GONOGO_PAIRS", PAIRS);
    assert_int_equal(fault_in_parallel(count, kill_twice, *state), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_F01_killed_at_every_call_of_the_migration),
        cmocka_unit_test(fault_F01_killed_at_random_times),
        cmocka_unit_test(fault_F02_killed_again_while_resuming),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
