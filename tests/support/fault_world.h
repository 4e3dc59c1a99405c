/* SPDX-License-Identifier: PostgreSQL */
/*
 * The world of the fault tests: a private server that logs every statement, a small form
 * of the week-1 database as a template (52 tables, 38 keys, 16 policies, few rows), plans
 * over migrations 011 and 012, and the real program, started with or without a fault.
 *
 * A case is one database of its own, one state folder of its own, and any number of
 * starts of the program on it. Whatever fails in here ends the test program.
 */
#ifndef GONOGO_TEST_FAULT_WORLD_H
#define GONOGO_TEST_FAULT_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base.h"
#include "server.h"
#include "testing.h"

enum {
    FAULT_PATH = 256,
    FAULT_TIMED_OUT = 1000, /* an "exit code" that no program has */
    FAULT_KILLED = 128      /* plus the signal */
};

struct fault_world {
    struct test_server *server;
    char folder[FAULT_PATH];  /* plans, answers, state folders, the preload library */
    char program[FAULT_PATH]; /* the release build */
    char killpoint[FAULT_PATH];
};
void fault_world_open(struct fault_world *world);
void fault_world_close(struct fault_world *world);

struct fault_case {
    const struct fault_world *world;
    char name[64];         /* of the database */
    char home[FAULT_PATH]; /* HOME and XDG_STATE_HOME of the program */
    char host[FAULT_PATH]; /* where the program finds its server: a proxy's folder perhaps */
    bool ledger;           /* which of the two plans */
    long log_from;         /* where in the server's log the case begins */
    int starts;
    int last_code;
};
/* A database made from the template. `name` must be new in this world. */
void fault_case_open(struct fault_case *c, const struct fault_world *world, const char *name);
void fault_case_close(struct fault_case *c);

/* What the preload library shall do; see killpoint.c. act NULL: no fault. */
struct fault_order {
    const char *act;
    bool after;
    long nth;
    bool record_only;
    const char *from;
    bool ever;
    const char *trace;
};
/* Starts "gonogo run" or "gonogo resume", headless, in a session of its own. Output goes to
 * HOME/out.N. */
pid_t fault_start(struct fault_case *c, const char *verb, const struct fault_order *order);
/* Waits; exit code, FAULT_KILLED + signal, or FAULT_TIMED_OUT (then it was killed). */
int fault_wait(struct fault_case *c, pid_t pid);
int fault_run(struct fault_case *c, const char *verb, const struct fault_order *order);
/* Resumes until exit 0, at most `most` times; begins anew what never began. The last code. */
int fault_resume_to_end(struct fault_case *c, int most);
/* Stdout of "gonogo status --json"; appended; false when it does not say 0. */
bool fault_status(struct fault_case *c, struct strbuf *out);
/* The run directory whose journal is the newest; false when there is none. */
bool fault_run_directory(const struct fault_case *c, char path[FAULT_PATH]);
/* Waits until the journal holds `text`, at most ten seconds or until the program ended. */
bool fault_journal_says(const struct fault_case *c, const char *text, pid_t pid);
/* The last lines of what the program said, as comments of the test. */
void fault_tell_output(const struct fault_case *c);

/* Numbers that come again: xorshift, from a seed that is printed. */
struct fault_dice {
    uint64_t state;
};
void fault_dice_seed(struct fault_dice *dice, uint64_t seed);
uint64_t fault_dice_roll(struct fault_dice *dice, uint64_t below);

/*
 * Does items 0..count-1 in two processes, because there are two cores: work() returns
 * false when an item failed, having said why on standard output. Returns the number of
 * failed items.
 */
int fault_in_parallel(int count, bool (*work)(void *ctx, int item), void *ctx);

#endif
