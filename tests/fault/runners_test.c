/* SPDX-License-Identifier: PostgreSQL */
/*
 * F07: several people start at once. A lock of ours on a table that 011 changes keeps the
 * first one at work until all others have ended: exactly one may hold, every other one
 * has to say 7 and name the holder. Then the lock goes and the holder comes to its end.
 *
 * GONOGO_SEED and GONOGO_ROUNDS (default 20).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <libpq-fe.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault_checker.h"

enum {
    RUNNERS_MAX = 4,
    LOSE_US = 5 * 1000 * 1000,
    RESUME_ROUNDS = 6
};

struct crowd {
    struct fault_world world;
    uint64_t seed;
    bool resume; /* all resume one run, instead of each beginning its own */
};

static int group_setup(void **state)
{
    struct crowd *crowd = mem_zero(1, sizeof(*crowd));
    *state = crowd;
    crowd->seed = (uint64_t)test_number("GONOGO_SEED", 20240131);
    fault_world_open(&crowd->world);
    return 0;
}

static int group_teardown(void **state)
{
    struct crowd *crowd = *state;
    fault_world_close(&crowd->world);
    free(crowd);
    return 0;
}

/* Readers may read, 011 may not begin. */
static PGconn *lock_a_table(const struct fault_case *c)
{
    const char *const keys[] = {"host", "port", "user", "dbname", NULL};
    const char *const values[] = {test_server_socket_dir(c->world->server), "5432", "postgres",
                                  c->name, NULL};
    PGconn *connection = PQconnectdbParams(keys, values, 0);
    PQclear(PQexec(connection, "begin"));
    PGresult *result =
        PQexec(connection, "lock table public.agent_recommendations in share mode");
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        printf("Bail out! no lock: %s\n", PQerrorMessage(connection));
        exit(99);
    }
    PQclear(result);
    return connection;
}

/* Index of the one that still runs when all others have ended; -1 when that never happens. */
static int wait_for_losers(const pid_t *pids, int *codes, int count)
{
    int64_t until_us = test_now_us() + LOSE_US;
    int left = count;
    int holder = -1;
    while (left > 1 && test_now_us() < until_us) {
        holder = -1;
        for (int i = 0; i < count; i++) {
            int status;
            if (codes[i] < 0 && waitpid(pids[i], &status, WNOHANG) == pids[i]) {
                codes[i] = WIFEXITED(status) ? WEXITSTATUS(status) : FAULT_KILLED;
                left--;
            }
            holder = codes[i] < 0 ? i : holder;
        }
        test_pause_us(1000);
    }
    return left == 1 ? holder : -1;
}

static bool names_holder(const struct fault_case *loser, const char *run)
{
    char path[2 * FAULT_PATH];
    struct strbuf text = {0};
    (void)snprintf(path, sizeof(path), "%s/out.%d", loser->home, loser->starts);
    bool named = test_read_file(path, 0, &text) && text.ptr && strstr(text.ptr, run);
    if (!named) {
        printf("# a loser does not name %s: %s\n", run, text.ptr ? text.ptr : "");
    }
    strbuf_release(&text);
    return named;
}

static bool start_many(void *ctx, int item)
{
    const struct crowd *crowd = ctx;
    struct fault_case cases[RUNNERS_MAX];
    struct fault_dice dice;
    pid_t pids[RUNNERS_MAX];
    int codes[RUNNERS_MAX];
    char what[100];
    char name[32];
    char run[FAULT_PATH];
    uint64_t seed = crowd->seed + (uint64_t)item;
    fault_dice_seed(&dice, seed);
    int count = 2 + (int)fault_dice_roll(&dice, RUNNERS_MAX - 1);
    (void)snprintf(name, sizeof(name), "%s%d", crowd->resume ? "again" : "crowd", item);
    (void)snprintf(what, sizeof(what), "seed %llu, %d at once", (unsigned long long)seed,
                   count);
    fault_case_open(&cases[0], &crowd->world, name);
    if (crowd->resume) {
        struct fault_order order = {.act = "kill", .nth = 1, .from = "\"announce\":\"intent\""};
        (void)fault_run(&cases[0], "run", &order);
        (void)test_query_becomes(crowd->world.server, name,
                                 "select count(*) from pg_stat_activity where datname = "
                                 "current_database() and application_name like 'gonogo%'",
                                 "0");
    }
    PGconn *lock = lock_a_table(&cases[0]);
    for (int i = 0; i < count; i++) {
        cases[i] = cases[0];
        cases[i].starts = crowd->resume ? 1 + i : 0;
        if (!crowd->resume && i > 0) { /* each at a desk of their own */
            (void)snprintf(cases[i].home, sizeof(cases[i].home), "%.200s/%d", cases[0].home, i);
            (void)mkdir(cases[i].home, 0700);
        }
        codes[i] = -1;
    }
    for (int i = 0; i < count; i++) {
        pids[i] = fault_start(&cases[i], crowd->resume ? "resume" : "run", NULL);
    }
    int holder = wait_for_losers(pids, codes, count);
    PQfinish(lock);
    bool good = holder >= 0;
    if (!good) {
        printf("# %s: not exactly one holder\n", what);
        for (int i = 0; i < count; i++) {
            printf("#   %d: %d\n", i, codes[i] < 0 ? fault_wait(&cases[i], pids[i]) : codes[i]);
            fault_tell_output(&cases[i]);
        }
    }
    bool known = holder >= 0 && fault_run_directory(&cases[holder], run);
    for (int i = 0; known && i < count; i++) {
        if (i == holder) {
            good = fault_wait(&cases[i], pids[i]) == 0 && good;
            good = fault_verdict(&cases[i], pids[i], true, what) && good;
        } else {
            good = codes[i] == 7 && good;
            good = names_holder(&cases[i], strrchr(run, '/') + 1) && good;
        }
    }
    if (known && !good) {
        printf("# %s: exit codes", what);
        for (int i = 0; i < count; i++) {
            printf(" %d", i == holder ? cases[i].last_code : codes[i]);
        }
        printf("\n");
    }
    fault_case_close(&cases[0]);
    return good;
}

static void fault_F07_one_of_many_holds_and_the_others_say_who(void **state)
{
    struct crowd *crowd = *state;
    crowd->resume = false;
    int count = (int)test_number("GONOGO_ROUNDS", 20);
    assert_int_equal(fault_in_parallel(count, start_many, crowd), 0);
}

static void fault_F07_one_of_many_resumes_a_run(void **state)
{
    struct crowd *crowd = *state;
    crowd->resume = true;
    assert_int_equal(fault_in_parallel(RESUME_ROUNDS, start_many, crowd), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_F07_one_of_many_holds_and_the_others_say_who),
        cmocka_unit_test(fault_F07_one_of_many_resumes_a_run),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
