/* SPDX-License-Identifier: PostgreSQL */
/*
 * One simulated history: the engine between a model server, a disk that loses what was
 * not synced, and an operator who answers by dice. Everything is drawn from one seed.
 */
#ifndef GONOGO_TEST_SIM_WORLD_H
#define GONOGO_TEST_SIM_WORLD_H

#include "plan_fixture.h"
#include "sim_checker.h"

/* Mistakes that a program could make, planted between the engine and its world. */
enum sim_mutant {
    MUTANT_NONE,
    MUTANT_NO_SYNC,           /* announcements are written and not synced */
    MUTANT_COMMIT_FIRST,      /* COMMIT goes out before its record */
    MUTANT_UNKNOWN_IS_FAILED, /* no answer to COMMIT is reported as a failure */
    MUTANT_NO_LOOK,           /* the ledger is never asked: it always has no row */
    MUTANT_NO_WAIT,           /* an old backend is said to be gone */
    MUTANT_TRUSTS_XID,        /* a transaction id counts after a crash restart */
    MUTANT_EXIT_ZERO,         /* the exit code is always 0 */
    MUTANT_KEEPS_TRANSACTION, /* ROLLBACK and disconnect are not sent */
    MUTANT_SKIPS_A_FILE,      /* a file is said to be applied already */
    MUTANT_ALWAYS_EQUAL,      /* every comparison with "before" says equal */
    MUTANT__COUNT,
};
extern const char *const sim_mutant_words[MUTANT__COUNT];

struct sim_result {
    const char *wrong; /* NULL = a good history */
    struct strbuf log; /* events and effects, when they were asked for */
    struct history history;
    size_t events;
    size_t crashes;
    int exit_code; /* of the last end; -1 = the run did not end */
};

/* Plays the history of one seed. */
void sim_play(struct plan_fixture *fixture, bool ledger, uint64_t seed, enum sim_mutant mutant,
              bool log, struct sim_result *result);
void sim_result_release(struct sim_result *result);

#endif
