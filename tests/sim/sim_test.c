/* SPDX-License-Identifier: PostgreSQL */
/*
 * Seeded histories of whole runs, judged by a checker that does not know the engine.
 *
 *     GONOGO_SIM_SEED    the first seed; a failed history prints its own
 *     GONOGO_SIM_COUNT   how many histories; 1 prints the log of a failed one in full
 *
 * Beside them: hand-made bad histories that the checker must refuse, and planted
 * mistakes between engine and world that it must find.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sim_world.h"

enum {
    HISTORIES = 10000,
    MUTANT_TRIES = 4000,
};

static int64_t from_environment(const char *name, int64_t otherwise)
{
    const char *text = getenv(name);
    int64_t value = otherwise;
    if (text && !str_to_i64(str_from(text), &value)) {
        fail_msg("%s is no number", name);
    }
    return value;
}

/* Every third history runs the plan without a ledger. */
static bool play_seed(struct plan_fixture *const fixtures[2], uint64_t seed,
                      enum sim_mutant mutant, bool log, struct sim_result *result)
{
    bool bare = seed % 3 == 0;
    sim_play(fixtures[bare ? 1 : 0], !bare, seed, mutant, log, result);
    return result->wrong == NULL;
}

static void make_fixtures(struct plan_fixture *fixtures[2])
{
    fixtures[0] = plan_fixture_make(PLAN_FIXTURE_WIDE);
    fixtures[1] = plan_fixture_make(PLAN_FIXTURE_BARE);
}

static void every_history_is_sound(void **state)
{
    (void)state;
    struct plan_fixture *fixtures[2];
    int64_t first = from_environment("GONOGO_SIM_SEED", 1);
    int64_t count = from_environment("GONOGO_SIM_COUNT", HISTORIES);
    size_t ends[16] = {0};
    size_t events = 0;
    size_t crashes = 0;
    size_t failed = 0;
    make_fixtures(fixtures);
    print_message("# seeds %lld to %lld\n", (long long)first, (long long)(first + count - 1));
    for (int64_t seed = first; seed < first + count; seed++) {
        struct sim_result result;
        bool good = play_seed(fixtures, (uint64_t)seed, MUTANT_NONE, false, &result);
        events += result.events;
        crashes += result.crashes;
        if (result.exit_code >= 0 && result.exit_code < 16) {
            ends[result.exit_code]++;
        }
        if (!good && failed++ < 5) {
            print_error("GONOGO_SIM_SEED=%lld: %s\n", (long long)seed, result.wrong);
            sim_result_release(&result);
            (void)play_seed(fixtures, (uint64_t)seed, MUTANT_NONE, true, &result);
            if (failed == 1) {
                fprintf(stderr, "%s\n", result.log.ptr ? result.log.ptr : "");
            }
        }
        sim_result_release(&result);
    }
    print_message("# %zu events, %zu crashes; exits: 0 %zu, 3 %zu, 4 %zu, 5 %zu, 6 %zu, 7 %zu, "
                  "8 %zu, 9 %zu, 11 %zu\n",
                  events, crashes, ends[0], ends[3], ends[4], ends[5], ends[6], ends[7],
                  ends[8], ends[9], ends[11]);
    plan_fixture_free(fixtures[0]);
    plan_fixture_free(fixtures[1]);
    assert_int_equal(failed, 0);
    /* A simulation that only ever ends in one way tests nothing. */
    assert_true(count < 1000 || (ends[0] > 0 && ends[8] > 0 && ends[9] > 0 && ends[6] > 0));
}

static void the_same_seed_gives_the_same_history(void **state)
{
    (void)state;
    struct plan_fixture *fixtures[2];
    make_fixtures(fixtures);
    for (uint64_t seed = 1; seed < 40; seed++) {
        struct sim_result one;
        struct sim_result two;
        (void)play_seed(fixtures, seed, MUTANT_NONE, true, &one);
        (void)play_seed(fixtures, seed, MUTANT_NONE, true, &two);
        assert_true(str_is(strbuf_str(&one.log), strbuf_str(&two.log)));
        sim_result_release(&one);
        sim_result_release(&two);
    }
    plan_fixture_free(fixtures[0]);
    plan_fixture_free(fixtures[1]);
}

static void every_planted_mistake_is_found(void **state)
{
    (void)state;
    struct plan_fixture *fixtures[2];
    make_fixtures(fixtures);
    for (int mutant = MUTANT_NONE + 1; mutant < MUTANT__COUNT; mutant++) {
        bool found = false;
        for (uint64_t seed = 1; seed <= MUTANT_TRIES && !found; seed++) {
            struct sim_result result;
            found = !play_seed(fixtures, seed, (enum sim_mutant)mutant, false, &result);
            if (found) {
                print_message("# %s: seed %llu: %s\n", sim_mutant_words[mutant],
                              (unsigned long long)seed, result.wrong);
            }
            sim_result_release(&result);
        }
        if (!found) {
            fail_msg("not found: %s", sim_mutant_words[mutant]);
        }
    }
    plan_fixture_free(fixtures[0]);
    plan_fixture_free(fixtures[1]);
}

/* --------------------------------------------------- histories made by hand */

/* Two migrations with a ledger: the first in one transaction, the second one by one. */
static const struct checker_plan two_files = {
    .statements = {1, 2}, .each = {false, true}, .ledger = true};

struct bad_history {
    const char *name;
    const char *wrong; /* what the checker must say; NULL = it is good */
    struct seen facts[16];
};

#define SYNCED(n, what, u, i)                                                                  \
    {                                                                                          \
        .kind = SEEN_SYNCED, .number = (n), .word = (what), .unit = (u), .index = (i)          \
    }
#define SENT(n, what, u, i)                                                                    \
    {                                                                                          \
        .kind = SEEN_SENT, .number = (n), .word = (what), .unit = (u), .index = (i),           \
        .flag = true                                                                           \
    }
#define DURABLE(u, i)                                                                          \
    {                                                                                          \
        .kind = SEEN_DURABLE, .unit = (u), .index = (i), .word = ""                            \
    }
#define ROW(u, there)                                                                          \
    {                                                                                          \
        .kind = SEEN_LEDGER, .unit = (u), .flag = (there), .word = ""                          \
    }
#define CLAIM(u, what)                                                                         \
    {                                                                                          \
        .kind = SEEN_CLAIM, .unit = (u), .word = (what)                                        \
    }
#define EXIT(code)                                                                             \
    {                                                                                          \
        .kind = SEEN_EXIT, .number = (code), .word = ""                                        \
    }

static const struct bad_history histories[] = {
    {"good: the first is committed, then left",
     NULL,
     {SYNCED(1, "intent", 0, 0), SENT(1, "begin", 0, 0), SENT(1, "statement", 0, 0),
      SENT(1, "ledger write", 0, 0), SYNCED(2, "commit sent", 0, 0), SENT(2, "commit", 0, 0),
      DURABLE(0, 0), ROW(0, true), CLAIM(0, "committed"), CLAIM(1, "pending"), EXIT(6)}},
    {"good: nobody knows, and it says so",
     NULL,
     {DURABLE(0, 0), CLAIM(0, "unknown"), CLAIM(1, "pending"), EXIT(9)}},
    {"sent before the announcement is on disk",
     "something was sent before its announcement was on disk",
     {SENT(1, "begin", 0, 0), SYNCED(1, "intent", 0, 0), EXIT(6)}},
    {"COMMIT under the announcement of INTENT",
     "something was sent under an announcement of another kind",
     {SYNCED(1, "intent", 0, 0), SENT(1, "commit", 0, 0), EXIT(6)}},
    {"COMMIT under the announcement of another file",
     "something was sent under the announcement of another file",
     {SYNCED(1, "commit sent", 1, 0), SENT(1, "commit", 0, 0), EXIT(6)}},
    {"a statement under the announcement of another one",
     "a statement was sent under the announcement of another one",
     {DURABLE(0, 0), SYNCED(1, "statement", 1, 0), SENT(1, "statement", 1, 1), EXIT(6)}},
    {"a statement takes effect twice",
     "a statement of a migration took effect twice",
     {DURABLE(0, 0), DURABLE(0, 0), EXIT(6)}},
    {"sent although the row is there",
     "a statement was sent although the migration's ledger row was there",
     {SYNCED(1, "intent", 0, 0), ROW(0, true), SENT(1, "statement", 0, 0), EXIT(6)}},
    {"the second before the first",
     "a migration was sent although an earlier one is not applied",
     {SYNCED(1, "statement", 1, 0), SENT(1, "statement", 1, 0), EXIT(6)}},
    {"a migration after the way back began",
     "a migration was sent after the way back had begun",
     {SYNCED(1, "intent", MODEL_BACK, 0), SENT(1, "statement", MODEL_BACK, 0),
      SYNCED(2, "intent", 0, 0), SENT(2, "statement", 0, 0), EXIT(6)}},
    {"begun without the lock",
     "a file was begun without the lock",
     {SYNCED(1, "intent", 0, 0),
      {.kind = SEEN_SENT, .number = 1, .word = "begin", .unit = 0, .flag = false},
      EXIT(6)}},
    {"a question in a transaction",
     "a person was asked while a transaction was open",
     {{.kind = SEEN_ASKED, .flag = true, .word = ""}, EXIT(6)}},
    {"said committed", "said committed, and it is not", {CLAIM(0, "committed"), EXIT(6)}},
    {"said rolled back",
     "said to be without effect, and it is not",
     {DURABLE(1, 0), CLAIM(1, "rolled back"), EXIT(3)}},
    {"unknown with another exit code",
     "something is unknown, and the exit code is not 9",
     {CLAIM(0, "unknown"), EXIT(3)}},
    {"exit 0 with half of it",
     "exit 0, and not every migration is applied",
     {DURABLE(0, 0), DURABLE(1, 0), EXIT(0)}},
    {"exit 8 with something left",
     "exit 8, and the database is not what it was before",
     {DURABLE(0, 0), EXIT(8)}},
};

static void the_checker_refuses_bad_histories(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(histories); i++) {
        const struct bad_history *made = &histories[i];
        struct history history = {0};
        size_t at = 0;
        for (size_t k = 0; k < COUNT_OF(made->facts); k++) {
            *history_add(&history, SEEN_EXIT) = made->facts[k];
            if (made->facts[k].kind == SEEN_EXIT) {
                break;
            }
        }
        const char *wrong = checker_judge(&two_files, &history, &at);
        history_release(&history);
        if (!str_eq(str_from(made->wrong), wrong ? wrong : "")) {
            fail_msg("%s: \"%s\"", made->name, wrong ? wrong : "nothing is wrong");
        }
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checker_refuses_bad_histories),
        cmocka_unit_test(the_same_seed_gives_the_same_history),
        cmocka_unit_test(every_planted_mistake_is_found),
        cmocka_unit_test(every_history_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
