/* SPDX-License-Identifier: PostgreSQL */
/*
 * The judge of simulated histories. It reads facts: what the disk kept, what was sent,
 * what became durable, what the program said at its end. It knows nothing of the engine,
 * so a mistake of the engine cannot be repeated here.
 *
 * Words are compared as text: records "intent", "statement", "commit sent", "task",
 * "signal", "switch"; sent "begin", "statement", "ledger write", "commit", "switch",
 * "spawn", "cancel", "terminate"; claims "pending", "applied before", "open",
 * "committed", "rolled back", "unknown", "undone".
 */
#ifndef GONOGO_TEST_SIM_CHECKER_H
#define GONOGO_TEST_SIM_CHECKER_H

#include "model_server.h"

/* The plan, as far as the judge must know it. */
struct checker_plan {
    size_t statements[MODEL_STEPS]; /* 0 = no migration at that step */
    bool each[MODEL_STEPS];         /* its statements commit one by one */
    bool ledger;
};

/* NULL: nothing is wrong. Else one line that says what, and `*at` the fact. */
const char *checker_judge(const struct checker_plan *plan, const struct history *history,
                          size_t *at);

#endif
