/* SPDX-License-Identifier: PostgreSQL */
/*
 * F10: the connection is lost around COMMIT, and what the program then says is compared
 * with what is true past the proxy. With a ledger it has to know; without one it has to
 * know what the server can tell it, and otherwise to say that it does not (exit 9).
 *
 * GONOGO_SEED and GONOGO_ROUNDS (default 30).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <unistd.h>

#include "fault_checker.h"
#include "fault_proxy.h"

enum {
    RESUMES_MAX = 6,
    LATE_MS = 600
};

struct commits {
    struct fault_world world;
    uint64_t seed;
    bool ledger;
    bool knows;       /* ledger, or a role that may read what the proof by status needs */
    const char *word; /* in the databases' names */
};

static int group_setup(void **state)
{
    struct commits *commits = mem_zero(1, sizeof(*commits));
    *state = commits;
    commits->seed = (uint64_t)test_number("GONOGO_SEED", 20240131);
    fault_world_open(&commits->world);
    return 0;
}

static int group_teardown(void **state)
{
    struct commits *commits = *state;
    fault_world_close(&commits->world);
    free(commits);
    return 0;
}

static bool cut_a_commit(void *ctx, int item)
{
    const struct commits *commits = ctx;
    struct fault_case c;
    struct fault_dice dice;
    struct fault_proxy proxy;
    char name[32];
    char what[160];
    uint64_t seed = commits->seed + (uint64_t)item;
    fault_dice_seed(&dice, seed);
    enum fault_cut cut = (enum fault_cut)(item % CUT__COUNT);
    int number = 1 + (int)fault_dice_roll(&dice, 2);
    int64_t late_us = (int64_t)fault_dice_roll(&dice, LATE_MS) * US_PER_MS;
    (void)snprintf(name, sizeof(name), "%s%d", commits->word, item);
    (void)snprintf(what, sizeof(what), "%s seed %llu, COMMIT %d, %s (%lld ms)", commits->word,
                   (unsigned long long)seed, number, fault_cut_words[cut],
                   (long long)(late_us / US_PER_MS));
    fault_case_open(&c, &commits->world, name);
    c.ledger = commits->ledger;
    (void)snprintf(c.host, sizeof(c.host), "%s", c.home);
    fault_proxy_start(&proxy, c.home, test_server_socket_dir(commits->world.server), cut,
                      number, late_us);
    pid_t pid = fault_start(&c, "run", NULL);
    int code = fault_wait(&c, pid);
    bool good = fault_verdict(&c, pid, false, what);
    if (code != 0 && code != 6 && code != 9) {
        printf("# %s: ended with %d\n", what, code);
        good = false;
    }
    if (commits->knows && code == 9) {
        printf("# %s: does not know, though the server can tell\n", what);
        good = false;
    }
    if (code != 9) { /* what nobody can know, a person has to say */
        good = (code == 0 || fault_resume_to_end(&c, RESUMES_MAX) == 0) && good;
        good = fault_verdict(&c, pid, true, what) && good;
    }
    if (!fault_proxy_stop(&proxy)) {
        printf("# %s: there was nothing to cut\n", what);
        good = false;
    }
    fault_case_close(&c);
    return good;
}

static void cut_many(struct commits *commits, const char *word, bool ledger, bool knows,
                     long divisor)
{
    int count = (int)(test_number("GONOGO_ROUNDS", 30) / divisor);
    commits->word = word;
    commits->ledger = ledger;
    commits->knows = knows;
    print_message("# %d rounds, seeds from %llu\n", count, (unsigned long long)commits->seed);
    assert_int_equal(fault_in_parallel(count, cut_a_commit, commits), 0);
}

static void fault_F10_lost_at_commit_and_settled_by_the_ledger(void **state)
{
    cut_many(*state, "ledger", true, true, 1);
}

static void fault_F10_lost_at_commit_without_a_ledger_is_never_guessed(void **state)
{
    cut_many(*state, "blind", false, false, 3);
}

static void fault_F10_lost_at_commit_without_a_ledger_is_settled_by_status(void **state)
{
    struct commits *commits = *state;
    test_execute(commits->world.server, "postgres", "grant pg_read_all_stats to app_owner");
    cut_many(commits, "status", false, true, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_F10_lost_at_commit_and_settled_by_the_ledger),
        cmocka_unit_test(fault_F10_lost_at_commit_without_a_ledger_is_never_guessed),
        cmocka_unit_test(fault_F10_lost_at_commit_without_a_ledger_is_settled_by_status),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
